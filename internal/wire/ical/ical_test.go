package ical

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"hearth/internal/civil"
	"hearth/internal/meeting"
	"hearth/internal/wire"
	"hearth/internal/wire/wiretest"
)

var stamp = time.Date(2026, 2, 20, 12, 0, 0, 0, time.UTC)

func encode(t testing.TB, events ...Event) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Encode(&b, "Meetings", slices.Values(events), stamp); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func weeklyEvent(zone string, d civil.Date, start, end civil.Clock) Event {
	return Event{UID: "1@hearth", Summary: "Evening", Zone: zone, Date: d, Start: start, End: end, Weekly: true}
}

// The rule's weeks by the clocks of the place are the weeks that are shown, through both changes of the
// clocks: the spelled-out zone puts each at the right instant.
func TestWeeksFollowTheClocks(t *testing.T) {
	for _, zone := range []string{"America/New_York", "Europe/Berlin", "Australia/Sydney", "Asia/Kolkata", "America/Phoenix", "Asia/Jerusalem", "Africa/Casablanca"} {
		loc, err := civil.Zone(zone)
		if err != nil {
			t.Fatal(err)
		}
		date := civil.Date{Year: 2026, Month: 3, Day: 1}
		c := read(t, encode(t, weeklyEvent(zone, date, 19*60, 20*60)))
		event := c.all("VEVENT")[0]
		if event.get("RRULE") != "FREQ=WEEKLY;BYDAY=SU" || event.params["DTSTART"] != "TZID="+zone {
			t.Fatalf("%+v", event)
		}
		offsetAt := offsets(t, c)
		wall := clock(t, event.get("DTSTART"))
		for week := range 60 {
			want := civil.At(date.AddDays(7*week), 19*60, loc)
			if got := wall.AddDate(0, 0, 7*week).Unix() - int64(offsetAt(want)); got != want.Unix() {
				t.Fatalf("%s: week %d is at %v, want %v", zone, week, time.Unix(got, 0).UTC(), want)
			}
		}
	}
}

// The zone that is spelled out gives the same offsets as the zone itself, hour by hour around every change.
func TestZonesAreTheirTransitions(t *testing.T) {
	for _, zone := range []string{
		"America/New_York", "America/St_Johns", "America/Phoenix", "America/Havana", "America/Asuncion", "America/Nuuk", "America/Sao_Paulo",
		"Europe/London", "Europe/Dublin", "Europe/Kiev", "Asia/Kolkata", "Asia/Jerusalem", "Asia/Tehran", "Asia/Kathmandu", "Asia/Gaza",
		"Africa/Casablanca", "Africa/Cairo", "Australia/Lord_Howe", "Australia/Sydney", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Honolulu", "UTC",
	} {
		loc, err := civil.Zone(zone)
		if err != nil {
			t.Fatal(err)
		}
		c := read(t, encode(t, weeklyEvent(zone, civil.Date{Year: 2026, Month: 1, Day: 5}, 60, 120)))
		offsetAt := offsets(t, c)
		var times []time.Time
		for _, ch := range changes(loc, 2026) {
			if ch.at.Year() < 2035 {
				times = append(times, ch.at.Add(-time.Hour), ch.at.Add(-time.Second), ch.at, ch.at.Add(time.Hour))
			}
		}
		for d := range 9 * 52 {
			times = append(times, time.Date(2026, 1, 1, 6, 0, 0, 0, time.UTC).AddDate(0, 0, 7*d))
		}
		for _, at := range times {
			if _, want := at.In(loc).Zone(); offsetAt(at) != want {
				t.Fatalf("%s at %v: offset %d, want %d", zone, at, offsetAt(at), want)
			}
		}
	}
}

// offsets reads the VTIMEZONE as a calendar program would.
func offsets(t *testing.T, c *component) func(time.Time) int {
	t.Helper()
	type onset struct {
		at int64
		to int
	}
	var list []onset
	for _, zone := range c.all("VTIMEZONE") {
		for _, part := range zone.children {
			from, to := seconds(t, part.get("TZOFFSETFROM")), seconds(t, part.get("TZOFFSETTO"))
			start := clock(t, part.get("DTSTART"))
			walls := []time.Time{start}
			for _, d := range part.props["RDATE"] {
				walls = append(walls, clock(t, d))
			}
			if rule := part.get("RRULE"); rule != "" {
				walls = yearlyDates(t, rule, start, 20)
			}
			for _, w := range walls {
				list = append(list, onset{w.Unix() - int64(from), to})
			}
		}
	}
	slices.SortFunc(list, func(a, b onset) int { return int(a.at - b.at) })
	return func(at time.Time) int {
		best, found := 0, false
		for _, o := range list {
			if o.at <= at.Unix() {
				best, found = o.to, true
			}
		}
		if !found {
			t.Fatalf("no part of the zone covers %v", at)
		}
		return best
	}
}

func seconds(t *testing.T, s string) int {
	t.Helper()
	form := "-0700"
	if len(s) == 7 {
		form = "-070000"
	}
	at, err := time.Parse(form, s)
	if err != nil {
		t.Fatal(err)
	}
	_, n := at.Zone()
	return n
}

func TestNightsAndGaps(t *testing.T) {
	// 02:30 does not exist in New York on 8 March 2026; the entry says 02:30 all the same, every week.
	item := wire.Item{ID: "m1", Occurrence: meeting.Occurrence{
		Name: "Night", Day: 0, Start: 150, End: 210, Zone: "America/New_York", Attendance: meeting.InPerson, Location: "Hall", Address: "1 Elm St, Salem, NY", State: "NY",
	}}
	e, ok := Of(item, time.Date(2026, 3, 7, 12, 0, 0, 0, time.UTC))
	if !ok || e.Date.String() != "2026-03-08" || e.Start != 150 || e.Summary != "Night, Hall" || e.Location != "Hall, 1 Elm St, Salem, NY, USA" {
		t.Errorf("%+v", e)
	}
	if out := string(encode(t, e)); !strings.Contains(out, "DTSTART;TZID=America/New_York:20260308T023000\r\n") || !strings.Contains(out, "RRULE:FREQ=WEEKLY;BYDAY=SU\r\n") {
		t.Error(out)
	}
	late := encode(t, weeklyEvent("America/Chicago", civil.Date{Year: 2026, Month: 12, Day: 31}, 23*60+30, 30))
	if !strings.Contains(string(late), "DTEND;TZID=America/Chicago:20270101T003000\r\n") {
		t.Errorf("%s", late)
	}
	for _, change := range []func(*wire.Item){
		func(i *wire.Item) { i.Day = meeting.ByAppointment },
		func(i *wire.Item) { i.Start = civil.NoClock },
		func(i *wire.Item) { i.Attendance = meeting.Inactive },
	} {
		none := item
		change(&none)
		if _, ok := Of(none, stamp); ok {
			t.Errorf("%+v became an entry", none)
		}
	}
}

func TestSaysNothingOfItsOwn(t *testing.T) {
	item := wire.Item{ID: "m1", Fellowship: "mtha", Page: "https://hearth.example/m/1", Occurrence: meeting.Occurrence{
		Name: "Tuesday circle", Day: 2, Start: 600, End: 660, Zone: "America/New_York", Attendance: meeting.Online, ConferenceURL: "https://zoom.us/j/1",
		Notes: "For people on methadone in recovery", Types: []string{"DD"},
	}}
	e, _ := Of(item, stamp)
	out := strings.ToLower(string(encode(t, e)))
	for _, word := range []string{"methadone", "recovery", "medication", "anonymous", "diagnosis"} {
		if strings.Contains(out, word) {
			t.Errorf("the entry says %q: %s", word, out)
		}
	}
	if !strings.Contains(out, "location:https://zoom.us/j/1") {
		t.Error(out)
	}
}

// Whatever the texts: lines end with CRLF, none is longer than 75 octets, no rune is cut, and the same
// texts read back.
func TestAnyTextReadsBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		item := wiretest.Item().Draw(rt, "item")
		item.Day, item.Start, item.End = 3, 600, 660
		if item.Attendance == meeting.Inactive {
			item.Attendance = meeting.Hybrid
		}
		item.LocationNotes = rapid.StringOfN(rapid.RuneFrom([]rune("aé朝😀;,\\\n\":^ ")), 0, 200, -1).Draw(rt, "notes")
		e, ok := Of(item, stamp)
		if !ok {
			rt.Fatal("no entry")
		}
		out := encode(t, e)
		for line := range strings.SplitSeq(strings.TrimSuffix(string(out), "\r\n"), "\r\n") {
			if len(line) > 75 || strings.ContainsAny(line, "\r\n") || !utf8.ValidString(line) {
				rt.Fatalf("bad line %q", line)
			}
		}
		ev := read(t, out).all("VEVENT")[0]
		for name, want := range map[string]string{"SUMMARY": e.Summary, "LOCATION": e.Location, "DESCRIPTION": e.Description, "UID": e.UID} {
			if got := unescape(ev.get(name)); got != want {
				rt.Fatalf("%s is %q, want %q", name, got, want)
			}
		}
	})
}

func FuzzText(f *testing.F) {
	f.Add("Hope; and, \\n more", "America/New_York")
	f.Add(strings.Repeat("朝", 60), "Nowhere")
	f.Fuzz(func(t *testing.T, text, zone string) {
		out := encode(t, Event{UID: "u", Summary: text, Description: text, URL: text, Zone: zone, Date: civil.Date{Year: 2026, Month: 5, Day: 4}, Start: 1, End: 2, Weekly: true})
		for line := range strings.SplitSeq(string(out), "\r\n") {
			if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
				t.Fatalf("bad line %q", line)
			}
		}
		if n := strings.Count(string(out), "BEGIN:VEVENT\r\n"); n != 1 {
			t.Fatalf("%d entries", n)
		}
		if c := read(t, out); len(c.all("VEVENT")) != 1 || len(c.all("VTIMEZONE")) > 1 {
			t.Fatalf("%q", out)
		}
	})
}
