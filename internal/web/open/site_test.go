package open_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"hearth/internal/app/apptest"
	"hearth/internal/meeting"
)

// row is a meeting as a feed gives it.
type row map[string]any

// town is a small invented list with what makes exports hard: several zones, an appointment, a meeting that
// is closed for now, people's contacts, odd scripts and words of other trades.
func town() []row {
	base := func(slug, name string, day any, time string, more row) row {
		r := row{
			"slug": slug, "name": name, "day": day, "time": time, "timezone": "America/New_York", "location": "St Brigid’s Hall",
			"formatted_address": "12 Mill Street, Millbrook, NY 12545, USA", "latitude": 41.785, "longitude": -73.694, "types": []string{"O", "D"},
		}
		for k, v := range more {
			r[k] = v
		}
		return r
	}
	return []row{
		base("morning", "Morning Light", 1, "07:30", row{"end_time": "08:30", "types": []string{"O", "D", "X", "XX-OURS"}, "notes": "Ring the side bell."}),
		base("night", "Night Owls", 6, "23:30", row{"end_time": "00:30", "website": "https://example.org/owls"}),
		base("hybrid", "Stepping Stones", 2, "19:00", row{"conference_url": "https://zoom.us/j/123456789?pwd=x", "conference_url_notes": "Say hello when you come in", "group": "Stepping Stones", "venmo": "@stones"}),
		base("online", "Harbour Online", 3, "18:00", row{"conference_url": "https://zoom.us/j/987654321", "location": "", "formatted_address": "London, UK", "timezone": "Europe/London", "approximate": "yes", "latitude": nil, "longitude": nil}),
		base("telling", "Recovery on Medication, Friday", 5, "12:00", row{"location": "Hope Recovery Centre", "conference_url_notes": "", "contact_1_name": "Dana Q", "contact_1_email": "dana@example.com", "contact_1_phone": "212-555-0100"}),
		base("appointment", "By Appointment", nil, "", row{"day": nil, "time": nil}),
		base("closed", "Closed For Now", 4, "20:00", row{"types": []string{"TC"}}),
		base("odd", "\u202eשלום <script>alert(1)</script> \"quoted\", with; marks", 0, "02:30", row{"entity": "Hudson Valley", "entity_url": "https://example.org/", "entity_phone": "845-555-0123"}),
	}
}

// load brings rows into a site as a feed and waits until they can be found.
func load(t *testing.T, s *apptest.Site, name, fellowship string, rows any) *meeting.Sync {
	t.Helper()
	b, err := json.Marshal(rows)
	if err != nil {
		t.Fatal(err)
	}
	return loadBytes(t, s, name, fellowship, meeting.FormatMeetingGuide, b)
}

func loadBytes(t *testing.T, s *apptest.Site, name, fellowship string, format meeting.Format, payload []byte) *meeting.Sync {
	t.Helper()
	file := filepath.Join(t.TempDir(), "feed")
	if err := os.WriteFile(file, payload, 0o600); err != nil {
		t.Fatal(err)
	}
	m := s.House.Meetings
	if _, err := m.AddFeed(t.Context(), "test", meeting.Feed{Name: name, Format: format, Fellowship: fellowship, Zone: "America/New_York", File: file}); err != nil {
		t.Fatal(err)
	}
	sync, err := m.SyncFeed(t.Context(), name, meeting.SyncOptions{})
	if err != nil {
		t.Fatal(err)
	}
	again(t, s)
	return sync
}

// again reads the directory anew, as a process does that has just started.
func again(t *testing.T, s *apptest.Site) {
	t.Helper()
	s.House.Meetings.Stop()
	if err := s.House.Meetings.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// idOf finds a meeting by the slug that its feed gave it.
func idOf(t *testing.T, s *apptest.Site, slug string) string {
	t.Helper()
	for _, h := range s.House.Meetings.Directory().Find(meeting.Any(), s.Clock.Now()).Hits {
		if h.SourceID == slug {
			return h.ID
		}
	}
	t.Fatalf("there is no meeting %s", slug)
	return ""
}

// many makes n meetings spread over the week.
func many(n int) []row {
	var rows []row
	for i := range n {
		rows = append(rows, row{
			"slug": fmt.Sprintf("m%d", i), "name": fmt.Sprintf("Group %d", i), "day": i % 7, "time": fmt.Sprintf("%02d:%02d", 7+i%15, i%4*15),
			"location": fmt.Sprintf("Hall %d", i), "formatted_address": fmt.Sprintf("%d Mill Street, Millbrook, NY 12545, USA", i+1), "types": []string{"O"},
		})
	}
	return rows
}
