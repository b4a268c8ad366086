// Package ical owns calendars on their way out (RFC 5545): weekly meetings with their zone spelled out, so
// that they stay at their hour by the clocks of their place.
//
// It is a codec: it must never read a file, a network or a clock. What it writes may lie open on a shared
// telephone: a title is the group's own name and place, and nothing is said about what a meeting is for.
package ical

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"hearth/internal/civil"
	"hearth/internal/meeting"
	"hearth/internal/wire"
)

// Event is one entry, once or every week.
type Event struct {
	UID         string
	Summary     string
	Location    string
	Description string
	URL         string
	Zone        string // IANA; "" for the reader's own
	Date        civil.Date
	Start, End  civil.Clock // End at or before Start: the next day
	Weekly      bool
	Lat, Lng    float64
	HasPoint    bool
	Changed     time.Time // when it was last edited; zero where not known
}

// Of makes the entry of a meeting, beginning with the first time that it is held at or after now. A meeting
// by appointment, or one that is not held now, has none.
func Of(item wire.Item, now time.Time) (Event, bool) {
	if item.Day < 0 || !item.Start.Valid() || item.Attendance == meeting.Inactive {
		return Event{}, false
	}
	zone := time.UTC
	if z, err := civil.Zone(item.Zone); err == nil {
		zone = z
	}
	first := civil.NextWeekly(now, time.Weekday(item.Day), item.Start, zone).In(zone)
	date := civil.DateOf(first)
	if date.Weekday() != time.Weekday(item.Day) { // a gap of the clocks moved it past midnight
		date = date.AddDays(-1)
	}
	e := Event{
		UID: item.ID + "@hearth", Summary: item.Name, Location: joined(item.Location, item.Address()), URL: item.Page, Zone: item.Zone,
		Date: date, Start: item.Start, End: item.End, Weekly: true, Lat: item.Lat, Lng: item.Lng, HasPoint: item.HasPoint, Changed: item.Changed,
	}
	if item.Location != "" && !strings.Contains(item.Name, item.Location) {
		e.Summary += ", " + item.Location
	}
	if item.Attendance == meeting.Online {
		e.Location = item.ConferenceURL
	}
	page := item.Page
	if page == item.ConferenceURL {
		page = "" // once is enough
	}
	e.Description = lines(item.ConferenceURL, item.ConferenceURLNotes, item.ConferencePhone, item.ConferencePhoneNotes, item.LocationNotes, page)
	return e, true
}

func joined(name, address string) string {
	if name == "" || strings.HasPrefix(address, name) {
		return address
	}
	if address == "" {
		return name
	}
	return name + ", " + address
}

func lines(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "\n")
}

// Encode writes a calendar. events is walked twice: first for the zones, which stand before the entries.
// stamp is when the calendar was made.
func Encode(w io.Writer, name string, events iter.Seq[Event], stamp time.Time) error {
	out := &writer{w: bufio.NewWriterSize(w, 64<<10)}
	out.line("BEGIN:VCALENDAR")
	out.line("VERSION:2.0")
	out.line("PRODID:-//Hearth//Meetings//EN")
	out.line("CALSCALE:GREGORIAN")
	out.line("METHOD:PUBLISH")
	if name != "" {
		out.text("NAME", name)
		out.text("X-WR-CALNAME", name)
	}
	out.line("REFRESH-INTERVAL;VALUE=DURATION:P1D")
	first := map[string]civil.Date{}
	for e := range events {
		if d, ok := first[e.Zone]; e.Zone != "" && (!ok || e.Date.String() < d.String()) {
			first[e.Zone] = e.Date
		}
	}
	for _, zone := range slices.Sorted(keys(first)) {
		if loc, err := civil.Zone(zone); err == nil {
			out.zone(zone, loc, first[zone])
		}
	}
	for e := range events {
		out.event(e, stamp)
	}
	out.line("END:VCALENDAR")
	if out.err != nil {
		return out.err
	}
	return out.w.Flush()
}

func keys(m map[string]civil.Date) iter.Seq[string] {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

type writer struct {
	w   *bufio.Writer
	err error
}

var bydays = [...]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

func (w *writer) event(e Event, stamp time.Time) {
	zone := ""
	if _, err := civil.Zone(e.Zone); err == nil && e.Zone != "" {
		zone = ";TZID=" + e.Zone
		if e.Zone == "UTC" {
			zone = ";TZID=UTC"
		}
	}
	end, day := e.End, e.Date
	if !end.Valid() {
		end = meeting.EndOf(e.Start, meeting.DefaultMinutes)
	}
	if end <= e.Start {
		day = day.AddDays(1)
	}
	w.line("BEGIN:VEVENT")
	w.text("UID", e.UID)
	w.line("DTSTAMP:" + stamp.UTC().Format("20060102T150405Z"))
	if !e.Changed.IsZero() {
		w.line("LAST-MODIFIED:" + e.Changed.UTC().Format("20060102T150405Z"))
	}
	w.line("DTSTART" + zone + ":" + local(e.Date, e.Start))
	w.line("DTEND" + zone + ":" + local(day, end))
	if e.Weekly {
		w.line("RRULE:FREQ=WEEKLY;BYDAY=" + bydays[e.Date.Weekday()])
	}
	w.text("SUMMARY", e.Summary)
	w.text("LOCATION", e.Location)
	w.text("DESCRIPTION", e.Description)
	if u, ok := meeting.CleanURL(e.URL); ok && u != "" {
		w.line("URL:" + u)
	}
	if e.HasPoint {
		w.line(fmt.Sprintf("GEO:%.5f;%.5f", e.Lat, e.Lng))
	}
	w.line("END:VEVENT")
}

func local(d civil.Date, c civil.Clock) string {
	return fmt.Sprintf("%04d%02d%02dT%02d%02d00", d.Year, int(d.Month), d.Day, int(c)/60, int(c)%60)
}

var escaper = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)

// text writes a property whose value is free text, unless that is empty.
func (w *writer) text(name, value string) {
	if value == "" {
		return
	}
	value = strings.Map(func(r rune) rune {
		if (r < ' ' && r != '\n' && r != '\r') || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(value, ""))
	w.line(name + ":" + escaper.Replace(value))
}

// line writes one line of content, folded at 75 octets between two runes.
func (w *writer) line(s string) {
	const most = 75
	room := most
	for len(s) > room {
		cut := room
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		w.put(s[:cut], "\r\n ")
		s, room = s[cut:], most-1
	}
	w.put(s, "\r\n")
}

func (w *writer) put(parts ...string) {
	for _, p := range parts {
		if _, err := w.w.WriteString(p); err != nil && w.err == nil {
			w.err = err
		}
	}
}
