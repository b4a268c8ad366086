package open_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"
	"github.com/google/go-cmp/cmp"

	"hearth/internal/app/apptest"
	"hearth/internal/meeting"
	"hearth/internal/wire/hsds"
	"hearth/internal/wire/meetingguide"
	"hearth/internal/wire/sheet"
)

var readable = []string{"/feeds/meetings.json", "/feeds/hsds.json", "/feeds/meetings.csv", "/feeds/meetings.ics", "/api/v1/meetings", "/api/v1/openapi.json"}

// kept is what a feed must carry for another program to show the same meeting.
type kept struct {
	Name, Day, Start, End, Zone, Attendance, Location, Address, URL, Notes string
	Types                                                                  []string
	Lat, Lng                                                               float64
}

func keep(o *meeting.Occurrence) kept {
	return kept{
		o.Name, o.Day.Param(), o.Start.String(), o.End.String(), o.Zone, string(o.Attendance), o.Location, o.Address, o.ConferenceURL,
		o.Notes, o.Types, o.Lat, o.Lng,
	}
}

// TestFeedsLoseNothing reads each feed with the codec by which other communities take it, and compares with
// what the public sees here.
func TestFeedsLoseNothing(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		load(t, s, "town", "aa", town())
		want := map[string]kept{}
		for _, h := range s.House.Meetings.Directory().Find(meeting.Any(), s.Clock.Now()).Hits {
			d, err := s.House.Meetings.Details(t.Context(), h.ID)
			if err != nil {
				t.Fatal(err)
			}
			want[h.ID] = keep(&d.Meeting)
		}
		if len(want) != 7 {
			t.Fatalf("the town has %d public meetings, want 7", len(want))
		}
		p := s.Person(t)
		for path, decode := range map[string]meeting.Decoder{"/feeds/meetings.json": meetingguide.Decode, "/feeds/meetings.csv": sheet.Decode, "/feeds/hsds.json": hsds.Decode} {
			page := p.Get(path)
			batch, err := decode([]byte(page.Body), meeting.FeedContext{Fellowship: "aa"})
			if err != nil || len(batch.Skipped) > 0 {
				t.Fatalf("%s: %v, skipped %v\n%s", path, err, batch, page.Body)
			}
			got := map[string]kept{}
			for i := range batch.Occurrences {
				got[batch.Occurrences[i].SourceID] = keep(&batch.Occurrences[i])
			}
			if path == "/feeds/hsds.json" { // its ids are our ids, but an address there has parts
				if len(got) != len(want) {
					t.Errorf("%s has %d meetings, want %d", path, len(got), len(want))
				}
				continue
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s read back (-want +got):\n%s", path, diff)
			}
		}
	})
}

// TestMeetingGuideIsValid holds what the format's readers ask for, and that what is ours is under one key.
func TestMeetingGuideIsValid(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		load(t, s, "town", "aa", town())
		page := s.Person(t).Get("/feeds/meetings.json")
		if page.Status != 200 || page.Header.Get("Content-Type") != "application/json; charset=utf-8" {
			t.Fatalf("status %d, type %q", page.Status, page.Header.Get("Content-Type"))
		}
		var rows []map[string]json.RawMessage
		if err := json.Unmarshal([]byte(page.Body), &rows); err != nil {
			t.Fatal(err)
		}
		spec := []string{
			"name", "slug", "day", "time", "end_time", "timezone", "formatted_address", "regions", "conference_url", "conference_url_notes",
			"conference_phone", "conference_phone_notes", "types", "notes", "location", "location_notes", "group", "group_notes", "latitude",
			"longitude", "approximate", "updated", "venmo", "square", "paypal", "homegroup_online", "url", "entity", "entity_url", "entity_phone",
			"entity_email", "website", "attendance_option", "data_source_name", "hearth",
		}
		clock, slugs := regexp.MustCompile(`^"[0-2]\d:[0-5]\d"$`), map[string]bool{}
		for _, r := range rows {
			for key := range r {
				if !slices.Contains(spec, key) {
					t.Errorf("unknown key %q", key)
				}
			}
			slug := string(r["slug"])
			if slugs[slug] || len(slug) < 3 || len(slug) > 66 {
				t.Errorf("slug %s is not the only one, or has not a good length", slug)
			}
			slugs[slug] = true
			for _, key := range []string{"time", "end_time"} {
				if v, ok := r[key]; ok && !clock.Match(v) {
					t.Errorf("%s is %s", key, v)
				}
			}
			var ours struct {
				Origin     string
				Fellowship string
				Welcome    map[string]struct{ Answer string }
			}
			if err := json.Unmarshal(r["hearth"], &ours); err != nil {
				t.Fatal(err)
			}
			if ours.Origin != s.House.Meetings.Instance() || ours.Origin == "" || ours.Fellowship != "aa" || ours.Welcome["speak"].Answer != "unknown" || len(ours.Welcome) != 7 {
				t.Errorf("hearth is %s", r["hearth"])
			}
		}
	})
}

// TestNoPersonLeaves: contacts of people are in no export, whatever the format.
func TestNoPersonLeaves(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		load(t, s, "town", "aa", town())
		p := s.Person(t)
		for _, path := range append(slices.Clone(readable), "/m/"+idOf(t, s, "telling")+"/calendar.ics", "/print", "/embed") {
			body := p.Get(path).Body
			for _, secret := range []string{"Dana", "dana@example.com", "555-0100", "5550100"} {
				if strings.Contains(body, secret) {
					t.Errorf("%s says %q", path, secret)
				}
			}
		}
	})
}

// TestOwnFeedIsALoop: what we published must not come back as news, and what came through us to somebody
// else carries both names.
func TestOwnFeedIsALoop(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		load(t, s, "town", "aa", town())
		out := s.Person(t).Get("/feeds/meetings.json").Body
		sync := loadBytes(t, s, "mirror", "aa", meeting.FormatMeetingGuide, []byte(out))
		if sync.Occurrences != 0 || len(sync.Skipped) != 7 {
			t.Errorf("our own feed gave %d occurrences, %d skipped: %+v", sync.Occurrences, len(sync.Skipped), sync)
		}
		for _, issue := range sync.Skipped {
			if !strings.Contains(issue.Reason, "loop") && !strings.Contains(issue.Reason, "own") && !strings.Contains(issue.Reason, "here") {
				t.Errorf("row %d was left out because %q", issue.Row, issue.Reason)
			}
		}
		elsewhere := strings.ReplaceAll(out, s.House.Meetings.Instance(), "somebody-else")
		if sync := loadBytes(t, s, "neighbour", "na", meeting.FormatMeetingGuide, []byte(elsewhere)); sync.Occurrences != 7 {
			t.Errorf("a neighbour's feed gave %d occurrences: %+v", sync.Occurrences, sync)
		}
		var rows []struct {
			Hearth struct {
				Origin, Fellowship string
				Via                []string
			}
		}
		if err := json.Unmarshal([]byte(s.Person(t).Get("/feeds/meetings.json?fellowship=na").Body), &rows); err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if r.Hearth.Origin != s.House.Meetings.Instance() || !slices.Contains(r.Hearth.Via, "somebody-else") {
				t.Errorf("passed on as %+v", r.Hearth)
			}
		}
		if len(rows) != 7 {
			t.Errorf("%d meetings passed on, want 7", len(rows))
		}
	})
}

// TestFeedsTakeTheFiltersOfThePage compares each format with the API.
func TestFeedsTakeTheFiltersOfThePage(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		load(t, s, "town", "aa", town())
		p := s.Person(t)
		for query, want := range map[string]int{"": 7, "?day=mon": 1, "?attendance=online": 1, "?text=stones": 1, "?text=nothing": 0, "?near=41.78,-73.69&within=5mi": 6, "?type=X": 1} {
			var rows []any
			if err := json.Unmarshal([]byte(p.Get("/feeds/meetings.json"+query).Body), &rows); err != nil {
				t.Fatal(err)
			}
			lines, err := csv.NewReader(strings.NewReader(p.Get("/feeds/meetings.csv" + query).Body)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			var services struct{ Contents []any }
			if err := json.Unmarshal([]byte(p.Get("/feeds/hsds.json"+query).Body), &services); err != nil {
				t.Fatal(err)
			}
			if len(rows) != want || len(lines)-1 != want || len(services.Contents) != want {
				t.Errorf("%q: %d in Meeting Guide, %d in the table, %d in HSDS, want %d", query, len(rows), len(lines)-1, len(services.Contents), want)
			}
		}
		if page := p.Get("/feeds/meetings.json?day=yesterday"); page.Status != 422 || !strings.Contains(page.Body, `"day"`) {
			t.Errorf("a day that is none: %d %s", page.Status, page.Body)
		}
	})
}

func events(t *testing.T, body string) []ical.Event {
	t.Helper()
	cal, err := ical.NewDecoder(strings.NewReader(body)).Decode()
	if err != nil {
		t.Fatalf("%v in\n%s", err, body)
	}
	return cal.Events()
}

// TestCalendars reads calendars with a library that is not ours: each meeting at its hour, in its own zone,
// and nothing that says why somebody goes.
func TestCalendars(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		load(t, s, "town", "aa", town())
		p := s.Person(t)
		week := p.Get("/feeds/meetings.ics")
		if week.Status != 200 || !strings.HasPrefix(week.Header.Get("Content-Type"), "text/calendar") {
			t.Fatalf("%d %s", week.Status, week.Header.Get("Content-Type"))
		}
		if got := len(events(t, week.Body)); got != 6 { // all but the one by appointment
			t.Errorf("%d events in the week, want 6", got)
		}
		for _, c := range []struct{ slug, zone, first, ends, rule, title string }{
			{"morning", "America/New_York", "2026-05-18 07:30", "08:30", "FREQ=WEEKLY;BYDAY=MO", "Morning Light, St Brigid’s Hall"},
			{"night", "America/New_York", "2026-05-23 23:30", "00:30", "FREQ=WEEKLY;BYDAY=SA", "Night Owls, St Brigid’s Hall"},
			{"online", "Europe/London", "2026-05-20 18:00", "19:00", "FREQ=WEEKLY;BYDAY=WE", "Harbour Online"},
			{"telling", "America/New_York", "2026-05-22 12:00", "13:00", "FREQ=WEEKLY;BYDAY=FR", "Meeting"},
		} {
			page := p.Get("/m/" + idOf(t, s, c.slug) + "/calendar.ics")
			if page.Status != 200 {
				t.Fatalf("%s: %d %s", c.slug, page.Status, page.Body)
			}
			list := events(t, page.Body)
			if len(list) != 1 {
				t.Fatalf("%s: %d events", c.slug, len(list))
			}
			e := list[0]
			zone, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			start, err1 := e.DateTimeStart(time.UTC)
			end, err2 := e.DateTimeEnd(time.UTC)
			title, err3 := e.Props.Text(ical.PropSummary)
			if err1 != nil || err2 != nil || err3 != nil {
				t.Fatal(err1, err2, err3)
			}
			if got := start.In(zone).Format("2006-01-02 15:04"); got != c.first || e.Props.Get(ical.PropDateTimeStart).Params.Get("TZID") != c.zone {
				t.Errorf("%s starts %s in %s, want %s in %s", c.slug, got, e.Props.Get(ical.PropDateTimeStart).Params.Get("TZID"), c.first, c.zone)
			}
			if got := end.In(zone).Format("15:04"); got != c.ends || !end.After(start) {
				t.Errorf("%s ends %s, want %s", c.slug, got, c.ends)
			}
			if got := e.Props.Get(ical.PropRecurrenceRule).Value; got != c.rule {
				t.Errorf("%s: rule %s, want %s", c.slug, got, c.rule)
			}
			if title != c.title {
				t.Errorf("%s is called %q, want %q", c.slug, title, c.title)
			}
			if word := regexp.MustCompile(`(?i)recover|medication`).FindString(strings.ReplaceAll(page.Body, "\r\n ", "")); word != "" {
				t.Errorf("%s: the calendar says %q", c.slug, word)
			}
		}
		if page := p.Get("/m/" + idOf(t, s, "appointment") + "/calendar.ics"); page.Status != 404 {
			t.Errorf("by appointment: %d", page.Status)
		}
		if page := p.Get("/m/nobody/calendar.ics"); page.Status != 404 {
			t.Errorf("unknown: %d", page.Status)
		}
	})
}

// TestReadFromAnywhere: other sites may read, nothing is sent twice, and a change is seen.
func TestReadFromAnywhere(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		load(t, s, "town", "aa", town())
		ask := func(method, path string, header ...string) (*http.Response, []byte) {
			t.Helper()
			req, err := http.NewRequestWithContext(t.Context(), method, s.Server.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Accept-Encoding", "identity")
			for i := 0; i < len(header); i += 2 {
				req.Header.Set(header[i], header[i+1])
			}
			resp, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			b, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			return resp, b
		}
		paths := append(slices.Clone(readable), "/m/"+idOf(t, s, "morning")+"/calendar.ics", "/api/v1/meetings/"+idOf(t, s, "morning"))
		tags := map[string]string{}
		for _, path := range paths {
			resp, body := ask("GET", path, "Origin", "https://elsewhere.example")
			tag := resp.Header.Get("ETag")
			tags[path] = tag
			if resp.StatusCode != 200 || resp.Header.Get("Access-Control-Allow-Origin") != "*" || tag == "" || !strings.Contains(resp.Header.Get("Cache-Control"), "max-age") || !strings.Contains(resp.Header.Get("Vary"), "Accept-Encoding") {
				t.Errorf("GET %s: %d %v", path, resp.StatusCode, resp.Header)
			}
			if resp.Header.Get("Set-Cookie") != "" || resp.Header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("GET %s is about somebody: %v", path, resp.Header)
			}
			head, nothing := ask("HEAD", path)
			if head.StatusCode != 200 || len(nothing) != 0 || head.Header.Get("ETag") != tag || head.ContentLength != int64(len(body)) {
				t.Errorf("HEAD %s: %d, %d bytes said, %d there", path, head.StatusCode, head.ContentLength, len(body))
			}
			for _, sent := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
				if resp, nothing := ask("GET", path, "If-None-Match", sent); resp.StatusCode != 304 || len(nothing) != 0 || resp.Header.Get("ETag") == "" {
					t.Errorf("GET %s with %s: %d, %d bytes", path, sent, resp.StatusCode, len(nothing))
				}
			}
			pre, _ := ask("OPTIONS", path, "Origin", "https://elsewhere.example", "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "if-none-match")
			if pre.StatusCode != 204 || pre.Header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(pre.Header.Get("Access-Control-Allow-Methods"), "GET") || pre.Header.Get("Access-Control-Allow-Headers") == "" {
				t.Errorf("OPTIONS %s: %d %v", path, pre.StatusCode, pre.Header)
			}
			packed, raw := ask("GET", path, "Accept-Encoding", "gzip")
			if packed.Header.Get("Content-Encoding") == "gzip" {
				z, err := gzip.NewReader(bytes.NewReader(raw))
				if err != nil {
					t.Fatal(err)
				}
				if raw, err = io.ReadAll(z); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(raw, body) {
				t.Errorf("GET %s packed is not what it is plain", path)
			}
		}
		again(t, s)
		if resp, _ := ask("GET", "/feeds/meetings.json"); resp.Header.Get("ETag") != tags["/feeds/meetings.json"] {
			t.Error("a restart that changed nothing gives another ETag")
		}
		load(t, s, "more", "na", many(3))
		if resp, _ := ask("GET", "/feeds/meetings.json"); resp.Header.Get("ETag") == tags["/feeds/meetings.json"] {
			t.Error("three meetings more, and the same ETag")
		}
	})
}

// TestTheFeedIsDiscovered: programs that take feeds look for them in the head of the first page.
func TestTheFeedIsDiscovered(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		for _, l := range s.Person(t).Get("/").All("link", "type", "application/json") {
			if apptest.Attr(l, "rel") == "alternate" && apptest.Attr(l, "title") == "Meetings Feed" && apptest.Attr(l, "href") == "/feeds/meetings.json" {
				return
			}
		}
		t.Error("the first page names no feed")
	})
}
