// Package hsds owns the JSON of the Human Services Data Specification 3.0, in and out: services at
// locations with their schedules, which is what a weekly meeting is there.
//
// It is a codec: bytes to meeting's own types and back. It must never read a file, a network or a clock.
package hsds

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"hearth/internal/civil"
	"hearth/internal/fault"
	"hearth/internal/meeting"
	"hearth/internal/wire/private"
	"hearth/internal/wire/rowjson"
)

// The taxonomies under which types and zones travel.
const (
	typeTaxonomy = "Meeting Guide types"
	zoneTaxonomy = "IANA time zone"
)

// Decode reads a list of services at locations, services or organizations, a page of one, or a single
// object, each in its full shape. It is a meeting.Decoder.
func Decode(payload []byte, feed meeting.FeedContext) (*meeting.Batch, error) {
	doc, err := rowjson.Parse(payload)
	if err != nil {
		return nil, err
	}
	list := doc
	if doc.Kind() == '{' && doc.Get("name").Kind() == 0 {
		for _, key := range []string{"contents", "items", "data", "service_at_locations", "services"} {
			if v := doc.Get(key); v.Kind() == '[' {
				list = v
				break
			}
		}
	}
	d := decoder{in: meeting.NewIntake(feed, 64), feed: feed}
	switch {
	case list.Kind() == '[':
		for v := range list.Elements() {
			d.object(v)
		}
	case doc.Kind() == '{':
		d.object(doc)
	default:
		return nil, fault.New(fault.Invalid, "Line 1: this is JSON, but not a list of services.")
	}
	if d.offsets > 0 {
		d.in.Warn(0, "timezone", fmt.Sprintf("%d schedules give a number for a zone, which is only an offset and loses summer time: the feed's zone is used", d.offsets))
	}
	b := d.in.Batch(d.rows)
	if d.rows > 0 && d.services == 0 {
		return nil, fault.New(fault.Invalid, "None of the %d objects is a service or a service at a location. Is the format of this feed right?", d.rows)
	}
	return b, nil
}

type decoder struct {
	in       *meeting.Intake
	feed     meeting.FeedContext
	rows     int // a service at a location is a row
	services int
	offsets  int
}

// object finds out by its fields what an object is.
func (d *decoder) object(v rowjson.Value) {
	has := func(key string, kind byte) bool { return v.Get(key).Kind() == kind }
	switch {
	case has("service", '{'):
		d.add(v, v.Get("service"), v.Get("location"), v)
	case has("services", '[') && !has("schedules", '['):
		for s := range v.Get("services").Elements() {
			d.service(s)
		}
	case has("service_at_locations", '['), has("status", '"'), has("schedules", '[') && !has("location_type", '"'):
		d.service(v)
	default:
		d.rows++
		d.in.Skip(d.rows, "neither a service nor a service at a location: left out")
	}
}

// service adds a service at each of its locations, or by itself where it names none.
func (d *decoder) service(s rowjson.Value) {
	n := 0
	for at := range s.Get("service_at_locations").Elements() {
		n++
		d.add(at, s, at.Get("location"), s)
	}
	if n == 0 {
		d.add(s, s, rowjson.Value{}, s)
	}
}

// add takes one service at one location. raw is the object that the row came in.
func (d *decoder) add(at, service, location, raw rowjson.Value) {
	d.rows++
	d.in.WarnRepeated(d.rows, raw.Repeated())
	if service.Kind() != '{' {
		d.in.Skip(d.rows, "no service: left out")
		return
	}
	d.services++
	w := meeting.RawRow{Row: d.rows, ID: at.Get("id").Text(), Name: service.Get("name").Text()}
	switch strings.ToLower(service.Get("status").Text()) {
	case "defunct":
		line, _ := meeting.CleanLine(meeting.WithholdContacts(w.Name), 60)
		d.in.Skip(d.rows, fmt.Sprintf("defunct at its source (%q): left out", line))
		return
	case "inactive":
		w.Stated = string(meeting.Inactive)
	case "temporarily closed":
		w.Closed = true
	}
	w.Notes = joinLines(at.Get("description").Text(), service.Get("description").Text(), service.Get("alert").Text())
	w.URL = service.Get("url").Text()
	w.Updated, _, _ = meeting.ParseUpdated(service.Get("last_modified").Text())
	organization := service.Get("organization")
	w.Entity, w.EntityURL = organization.Get("name").Text(), organization.Get("website").Text()
	for l := range service.Get("languages").Elements() {
		w.Languages = append(w.Languages, l.Get("code").Text())
	}
	d.attributes(&w, service)
	if at.Get("service").Kind() != 0 || location.Kind() != 0 {
		d.attributes(&w, at)
	}
	d.place(&w, location)
	w.Raw = private.Row(raw, w.ConferencePhone)
	d.schedules(&w, at, service, location)
}

// attributes takes the taxonomy terms that this fellowship's vocabulary knows. Services carry other
// taxonomies too, which say nothing about a meeting.
func (d *decoder) attributes(w *meeting.RawRow, v rowjson.Value) {
	for a := range v.Get("attributes").Elements() {
		term := a.Get("taxonomy_term")
		code, kind := term.Get("code").Text(), term.Get("taxonomy").Text()
		switch {
		case kind == zoneTaxonomy:
			w.Zone = a.Get("value").Text()
		case kind == typeTaxonomy && code != "":
			w.Types = append(w.Types, code)
		default:
			for _, label := range []string{code, term.Get("name").Text()} {
				if c, ok := meeting.TypeCode(d.feed.Fellowship, label); ok && label != "" {
					w.Types = append(w.Types, c)
					break
				}
			}
		}
	}
}

func (d *decoder) place(w *meeting.RawRow, location rowjson.Value) {
	w.Place.Location = location.Get("name").Text()
	w.LocationNotes = joinLines(location.Get("description").Text(), location.Get("transportation").Text())
	w.Lat, w.Lng = location.Get("latitude").Text(), location.Get("longitude").Text()
	if location.Get("location_type").Text() == "virtual" {
		w.ConferenceURL = location.Get("url").Text()
		if w.Stated == "" && !w.Closed {
			w.Stated = string(meeting.Online)
		}
	} else {
		w.Website = location.Get("url").Text()
	}
	var address rowjson.Value
	for a := range location.Get("addresses").Elements() {
		if address.Kind() == 0 || a.Get("address_type").Text() == "physical" && address.Get("address_type").Text() != "physical" {
			address = a
		}
	}
	w.Place.Address, w.Place.City = address.Get("address_1").Text(), address.Get("city").Text()
	w.Place.State, w.Place.PostalCode = address.Get("state_province").Text(), address.Get("postal_code").Text()
	w.Place.Country = address.Get("country").Text()
	w.LocationNotes = joinLines(address.Get("address_2").Text(), w.LocationNotes)
	if region := address.Get("region").Text(); region != "" {
		w.Regions = []string{region}
	}
}

// weekly is one day of one schedule.
type weekly struct {
	day meeting.Day
	row meeting.RawRow
}

// schedules hands over a row for each day of each weekly schedule.
func (d *decoder) schedules(w *meeting.RawRow, at, service, location rowjson.Value) {
	list := at.Get("schedules")
	for _, v := range []rowjson.Value{service, location} {
		if list.Len() == 0 {
			list = v.Get("schedules")
		}
	}
	var found []weekly
	for s := range list.Elements() {
		found = append(found, d.schedule(w, s)...)
	}
	switch {
	case len(found) == 0 && list.Len() > 0:
		d.in.Skip(w.Row, "no weekly schedule: left out")
		return
	case len(found) == 0:
		d.in.Add(w) // by appointment
		return
	}
	for i := range found {
		one := &found[i].row
		one.Days = []meeting.Day{found[i].day}
		if len(found) > 1 && one.ID != "" && found[i].day != meeting.ByAppointment {
			one.ID += "-" + strconv.Itoa(int(found[i].day))
		}
		d.in.Add(one)
	}
}

// schedule reads one schedule.
func (d *decoder) schedule(w *meeting.RawRow, s rowjson.Value) []weekly {
	one := *w
	if freq := strings.ToUpper(s.Get("freq").Text()); freq != "" && freq != "WEEKLY" {
		d.in.Warn(w.Row, "freq", fmt.Sprintf("a schedule repeats %.20q: only weekly ones can be shown, so it is left out", freq))
		return nil
	}
	one.Notes = joinLines(w.Notes, s.Get("description").Text(), s.Get("notes").Text())
	one.Start, one.End = s.Get("opens_at").Text(), s.Get("closes_at").Text()
	if zone := s.Get("timezone"); zone.Kind() == '"' && strings.Contains(zone.Text(), "/") {
		one.Zone = zone.Text()
	} else if !zone.IsNull() && one.Zone == "" {
		d.offsets++
	}
	if a, ok := meeting.ParseAttendance(s.Get("attending_type").Text()); ok && one.Stated != string(meeting.Inactive) {
		one.Stated = string(a)
	}
	// The specification has no field for joining from afar. A link beside a schedule is one where the
	// schedule is said to be more than in person.
	if a, ok := meeting.ParseAttendance(one.Stated); ok && a != meeting.InPerson && one.ConferenceURL == "" {
		one.ConferenceURL = s.Get("schedule_link").Text()
	}
	if n, _ := strconv.Atoi(s.Get("interval").Text()); n > 1 {
		one.Notes = joinLines(fmt.Sprintf("Every %d weeks.", n), one.Notes)
		d.in.Warn(w.Row, "interval", fmt.Sprintf("a schedule repeats every %d weeks: shown each week, with a note", n))
	}
	if end, ended := d.ends(s); ended {
		one.Stated = string(meeting.Inactive)
		d.in.Warn(w.Row, "until", fmt.Sprintf("a schedule ended on %.20q: kept, and not shown in the finder", end))
	} else if end != "" {
		d.in.Warn(w.Row, "until", fmt.Sprintf("a schedule ends on %.20q: shown until the list is read after that day", end))
	}
	var found []weekly
	for _, day := range d.days(w.Row, s) {
		found = append(found, weekly{day, one})
	}
	return found
}

// ends says on which day a schedule ends, as it is written, and whether that day is over. A day that cannot
// be read ends nothing.
func (d *decoder) ends(s rowjson.Value) (end string, ended bool) {
	for _, key := range []string{"until", "valid_to"} {
		text := s.Get(key).Text()
		if text == "" {
			continue
		}
		end = text
		if day, err := civil.ParseDate(text[:min(len(text), len("2006-01-02"))]); err == nil && day.Before(d.feed.Today) {
			return text, true
		}
	}
	return end, false
}

// days reads "TU,TH"; without it the day of the first date is meant.
func (d *decoder) days(row int, s rowjson.Value) []meeting.Day {
	if text := s.Get("byday").Text(); text != "" {
		var days []meeting.Day
		for part := range strings.SplitSeq(text, ",") {
			day, err := meeting.ParseFeedDay(strings.TrimLeft(strings.TrimSpace(part), "+-0123456789"))
			if err != nil || day == meeting.ByAppointment {
				d.in.Warn(row, "byday", fmt.Sprintf("day %.20q is not a day of the week: left out", part))
				continue
			}
			days = append(days, day)
		}
		return days
	}
	for _, key := range []string{"dtstart", "valid_from"} {
		text := s.Get(key).Text()
		if t, err := time.Parse("2006-01-02", text[:min(10, len(text))]); err == nil {
			return []meeting.Day{meeting.Day(t.Weekday())}
		}
	}
	return []meeting.Day{meeting.ByAppointment}
}

func joinLines(texts ...string) string {
	var kept []string
	for _, t := range texts {
		if t = strings.TrimSpace(t); t != "" && (len(kept) == 0 || kept[len(kept)-1] != t) {
			kept = append(kept, t)
		}
	}
	return strings.Join(kept, "\n")
}
