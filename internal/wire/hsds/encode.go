package hsds

import (
	"bufio"
	"io"
	"iter"
	"strings"

	"github.com/google/uuid"

	"hearth/internal/meeting"
	"hearth/internal/wire"
	"hearth/internal/wire/rowjson"
)

var bydays = [...]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

// Encode writes a page of services at locations in their full shape. The specification knows only an offset
// for a zone, which is wrong for half the year, so the zone stands as an attribute and the offset nowhere.
// The welcome card has no place in it.
func Encode(w io.Writer, items iter.Seq[wire.Item]) error {
	out := bufio.NewWriterSize(w, 64<<10)
	out.WriteString(`{"contents":[`)
	var b rowjson.Builder
	n := 0
	for item := range items {
		b.Reset()
		encode(&b, &item)
		if n > 0 {
			out.WriteString(",")
		}
		n++
		out.WriteString("\n")
		if _, err := out.Write(b.Bytes()); err != nil {
			return err // the reader went away
		}
	}
	b.Reset()
	b.Open('{')
	b.Int("total_items", n)
	b.Int("total_pages", 1)
	b.Int("page_number", 1)
	b.Int("size", n)
	b.Raw("first_page", []byte("true"))
	b.Raw("last_page", []byte("true"))
	empty := "false"
	if n == 0 {
		empty = "true"
	}
	b.Raw("empty", []byte(empty))
	b.Close('}')
	out.WriteString("\n],")
	out.Write(b.Bytes()[1:])
	out.WriteString("\n")
	return out.Flush()
}

// id derives the ids of the parts from the meeting's own, so that they stay the same from day to day.
func id(i *wire.Item, part string) string {
	space, err := uuid.Parse(i.ID)
	if err != nil {
		space = uuid.NewSHA1(uuid.NameSpaceURL, []byte(i.ID))
	}
	if part == "" {
		return space.String()
	}
	return uuid.NewSHA1(space, []byte(part)).String()
}

func encode(b *rowjson.Builder, i *wire.Item) {
	b.Open('{')
	b.Text("id", id(i, ""))
	encodeSchedule(b, i)
	encodeLocation(b, i)
	b.Key("service")
	b.Open('{')
	b.Text("id", id(i, "service"))
	b.Text("name", i.Name)
	b.Text("description", i.Notes)
	b.Text("url", i.Page)
	b.Text("status", status(i.Attendance))
	if !i.Changed.IsZero() {
		b.Text("last_modified", i.Changed.UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	b.Key("organization")
	b.Open('{')
	fellowship := meeting.FellowshipByCode(i.Fellowship).Name
	name := i.Entity
	if name == "" {
		name = fellowship
	}
	b.Text("id", uuid.NewSHA1(uuid.NameSpaceURL, []byte("organization:"+i.Fellowship+":"+name)).String())
	b.Text("name", name)
	b.Text("description", fellowship)
	b.Text("website", i.EntityURL)
	b.Close('}')
	if len(i.Languages) > 0 {
		b.Key("languages")
		b.Open('[')
		for _, l := range i.Languages {
			b.Next()
			b.Open('{')
			b.Text("id", id(i, "language:"+l))
			b.Text("name", meeting.LanguageName(l, "en"))
			b.Text("code", l)
			b.Close('}')
		}
		b.Close(']')
	}
	b.Key("attributes")
	b.Open('[')
	attribute(b, i, "fellowship", "Fellowship", i.Fellowship, fellowship, "")
	if i.Zone != "" {
		attribute(b, i, "zone", zoneTaxonomy, "timezone", "Time zone", i.Zone)
	}
	for _, code := range i.Types {
		attribute(b, i, "type:"+code, typeTaxonomy, code, meeting.TypeLabel(i.Fellowship, code, "en"), "")
	}
	b.Close(']')
	b.Close('}')
	b.Close('}')
}

func attribute(b *rowjson.Builder, i *wire.Item, part, kind, code, name, value string) {
	b.Next()
	b.Open('{')
	b.Text("id", id(i, "attribute:"+part))
	b.Text("link_entity", "service")
	b.Text("value", value)
	b.Key("taxonomy_term")
	b.Open('{')
	b.Text("id", uuid.NewSHA1(uuid.NameSpaceURL, []byte(kind+":"+i.Fellowship+":"+code)).String())
	b.Text("code", code)
	b.Text("name", name)
	b.Text("description", name)
	b.Text("taxonomy", kind)
	b.Close('}')
	b.Close('}')
}

func encodeSchedule(b *rowjson.Builder, i *wire.Item) {
	b.Key("schedules")
	b.Open('[')
	b.Open('{')
	b.Text("id", id(i, "schedule"))
	if i.Day >= 0 && int(i.Day) < len(bydays) {
		b.Text("freq", "WEEKLY")
		b.Int("interval", 1)
		b.Text("byday", bydays[i.Day])
	}
	if i.Start.Valid() {
		b.Text("opens_at", i.Start.String()+":00")
		b.Text("closes_at", i.End.String()+":00")
	}
	b.Text("attending_type", string(i.Attendance))
	b.Text("schedule_link", i.ConferenceURL)
	b.Close('}')
	b.Close(']')
}

func encodeLocation(b *rowjson.Builder, i *wire.Item) {
	b.Key("location")
	b.Open('{')
	b.Text("id", id(i, "location"))
	kind := "physical"
	if i.Attendance == meeting.Online {
		kind = "virtual"
	}
	b.Text("location_type", kind)
	b.Text("name", i.Location)
	b.Text("description", i.LocationNotes)
	if kind == "virtual" {
		b.Text("url", i.ConferenceURL)
	} else {
		b.Text("url", i.Website)
	}
	if i.HasPoint && i.Attendance.WalkIn() {
		b.Float("latitude", i.Lat, 5)
		b.Float("longitude", i.Lng, 5)
	}
	if i.Occurrence.Address != "" {
		street := i.Occurrence.Address
		// The city and what follows have fields of their own.
		if at := strings.Index(street, ", "+i.City); i.City != "" && at > 0 {
			street = street[:at]
		}
		country := i.Country
		if len(country) != 2 {
			country = meeting.CountryOfState(i.State)
		}
		b.Key("addresses")
		b.Open('[')
		b.Open('{')
		b.Text("id", id(i, "address"))
		b.Text("address_1", street)
		b.Text("city", i.City)
		if len(i.Regions) > 0 {
			b.Text("region", i.Regions[0])
		}
		b.Text("state_province", i.State)
		b.Text("postal_code", i.PostalCode)
		b.Text("country", country)
		b.Text("address_type", "physical")
		b.Close('}')
		b.Close(']')
	}
	b.Close('}')
}

func status(a meeting.Attendance) string {
	if a == meeting.Inactive {
		return "inactive"
	}
	return "active"
}
