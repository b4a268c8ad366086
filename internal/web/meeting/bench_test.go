package meeting

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"hearth/internal/audit"
	"hearth/internal/civil"
	"hearth/internal/db/dbtest"
	"hearth/internal/job"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
	"hearth/internal/web/ui"
	"hearth/internal/wire/meetingguide"
)

// BenchmarkFinder makes and renders a page of 50 rows, most of them with a card.
func BenchmarkFinder(b *testing.B) {
	d := dbtest.SQLite(b, job.Migrations, audit.Migrations, meeting.Migrations)
	h := &house{}
	h.clock.Store(tuesday.UnixMilli())
	s := meeting.New(d, meeting.Options{Now: h.now, Decoders: map[meeting.Format]meeting.Decoder{meeting.FormatMeetingGuide: meetingguide.Decode}})
	var rows []map[string]any
	for i := range 300 {
		rows = append(rows, map[string]any{
			"slug": fmt.Sprint("m", i), "name": fmt.Sprintf("Group %d by the River", i), "day": i % 7, "time": fmt.Sprintf("%02d:%02d", 6+i%16, i*15%60), "end_time": "22:30",
			"timezone": "America/New_York", "location": "St Brigid’s Hall", "formatted_address": fmt.Sprintf("%d Mill Street, Harlow, PA 19000, USA", i),
			"latitude": 40 + float64(i%20)/400, "longitude": -75 + float64(i%17)/400, "types": []string{"O", "X", "W"},
		})
	}
	feed, err := json.Marshal(rows)
	if err != nil {
		b.Fatal(err)
	}
	file := filepath.Join(b.TempDir(), "feed.json")
	if err := os.WriteFile(file, feed, 0o600); err != nil {
		b.Fatal(err)
	}
	if _, err := s.AddFeed(b.Context(), "bench", meeting.Feed{Name: "bench", Format: meeting.FormatMeetingGuide, Fellowship: "na", File: file}); err != nil {
		b.Fatal(err)
	}
	if _, err := s.SyncFeed(b.Context(), "bench", meeting.SyncOptions{}); err != nil {
		b.Fatal(err)
	}
	if err := s.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	for i, hit := range s.Directory().Find(meeting.Any(), tuesday).Hits {
		if i%3 == 0 {
			continue
		}
		a := welcome.Answers{welcome.Yes, welcome.Yes, welcome.Answer(i % 4), welcome.Answer(i / 4 % 4), welcome.Yes, welcome.Answer(i / 16 % 4), welcome.Yes}
		if _, err := s.AddStatement(b.Context(), "bench", meeting.Statement{MeetingID: hit.ID, Answers: a, Voice: welcome.Conscience, Speaker: "secretary", On: civil.DateOf(tuesday)}); err != nil {
			b.Fatal(err)
		}
	}
	s.Stop()
	if err := s.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	defer s.Stop()
	p := New(Options{Meetings: s, Places: places{}, Now: h.now})
	f, err := meeting.ParseFilter(url.Values{"q": {"Harlow"}, "within": {"10mi"}}, places{})
	if err != nil {
		b.Fatal(err)
	}
	shell := ui.Shell{T: ui.Language("en"), Community: "Harlow Commons", Path: "/"}
	var page bytes.Buffer
	for _, part := range []struct {
		name string
		run  func(*finderView) error
	}{
		{"view", func(*finderView) error { return nil }},
		{"page", func(v *finderView) error { return finder(v).Render(b.Context(), &page) }},
	} {
		b.Run(part.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				page.Reset()
				if err := part.run(p.finder(shell, f, tuesday)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(page.Len()), "bytes")
		})
	}
}
