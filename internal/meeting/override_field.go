package meeting

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"hearth/internal/civil"
	"hearth/internal/fault"
)

// occurrenceField is one field of an occurrence as text: what a sync compares, what a person may suggest
// and what an editor may write. The order is the one in which changes are shown.
type occurrenceField struct {
	name string
	get  func(*Occurrence) string
	set  func(*Occurrence, string) error // nil: only its source may say it
}

var occurrenceFields = []occurrenceField{
	{"name", func(o *Occurrence) string { return o.Name }, func(o *Occurrence, v string) error {
		if v == "" {
			return fault.New(fault.Invalid, "A meeting needs a name.")
		}
		o.Name = v
		return nil
	}},
	{"day", func(o *Occurrence) string { return dayText(o.Day) }, setDay},
	{"start", func(o *Occurrence) string { return o.Start.String() }, func(o *Occurrence, v string) error { return setClock(&o.Start, v) }},
	{"end", func(o *Occurrence) string { return o.End.String() }, func(o *Occurrence, v string) error { return setClock(&o.End, v) }},
	{"zone", func(o *Occurrence) string { return o.Zone }, func(o *Occurrence, v string) error {
		if v != "" {
			if _, err := civil.Zone(v); err != nil {
				return fault.New(fault.Invalid, "This is not a time zone such as America/New_York.")
			}
		}
		o.Zone = v
		return nil
	}},
	{"attendance", func(o *Occurrence) string { return string(o.Attendance) }, func(o *Occurrence, v string) error {
		if !Attendance(v).Valid() {
			return fault.New(fault.Invalid, "Choose in person, hybrid, online or inactive.")
		}
		o.Attendance, o.Stated = Attendance(v), true
		return nil
	}},
	textField("location", func(o *Occurrence) *string { return &o.Location }),
	textField("address", func(o *Occurrence) *string { return &o.Address }),
	textField("city", func(o *Occurrence) *string { return &o.City }),
	textField("state", func(o *Occurrence) *string { return &o.State }),
	textField("postal_code", func(o *Occurrence) *string { return &o.PostalCode }),
	textField("country", func(o *Occurrence) *string { return &o.Country }),
	{"regions", func(o *Occurrence) string { return strings.Join(o.Regions, " > ") }, nil},
	textField("location_notes", func(o *Occurrence) *string { return &o.LocationNotes }),
	{"point", pointText, setPoint},
	{"approximate", func(o *Occurrence) string { return yesNo(o.Approximate) }, func(o *Occurrence, v string) error {
		o.Approximate = v == "yes"
		if o.Approximate { // rule N7: no pin, no distance
			o.HasPoint, o.Lat, o.Lng = false, 0, 0
		}
		return nil
	}},
	linkField("conference_url", func(o *Occurrence) *string { return &o.ConferenceURL }),
	textField("conference_url_notes", func(o *Occurrence) *string { return &o.ConferenceURLNotes }),
	textField("conference_phone", func(o *Occurrence) *string { return &o.ConferencePhone }),
	textField("conference_phone_notes", func(o *Occurrence) *string { return &o.ConferencePhoneNotes }),
	textField("notes", func(o *Occurrence) *string { return &o.Notes }),
	textField("group", func(o *Occurrence) *string { return &o.Group }),
	textField("group_notes", func(o *Occurrence) *string { return &o.GroupNotes }),
	{"types", func(o *Occurrence) string { return strings.Join(o.Types, " ") }, func(o *Occurrence, v string) error {
		o.Types = strings.Fields(strings.ToUpper(v))
		return nil
	}},
	{"languages", func(o *Occurrence) string { return strings.Join(o.Languages, " ") }, func(o *Occurrence, v string) error {
		o.Languages = strings.Fields(strings.ToLower(v))
		return nil
	}},
	linkField("url", func(o *Occurrence) *string { return &o.URL }),
	linkField("website", func(o *Occurrence) *string { return &o.Website }),
	{"entity", func(o *Occurrence) string { return o.Entity }, nil},
	{"entity_url", func(o *Occurrence) string { return o.EntityURL }, nil},
	{"entity_phone", func(o *Occurrence) string { return o.EntityPhone }, nil},
	{"entity_email", func(o *Occurrence) string { return o.EntityEmail }, nil},
	textField("venmo", func(o *Occurrence) *string { return &o.Venmo }),
	textField("square", func(o *Occurrence) *string { return &o.Square }),
	textField("paypal", func(o *Occurrence) *string { return &o.Paypal }),
	textField("homegroup_online", func(o *Occurrence) *string { return &o.HomegroupURL }),
	{"repeats", func(o *Occurrence) string { return strings.Join(o.Repeats, " ") }, nil},
	{"data_source", func(o *Occurrence) string { return o.DataSource }, nil},
	{"via", func(o *Occurrence) string { return strings.Join(o.Via, " ") }, nil},
}

// EditableFields are the names of the fields that SetOverride and SuggestChange take, in the order of a
// form.
func EditableFields() []string {
	var names []string
	for _, f := range occurrenceFields {
		if f.set != nil {
			names = append(names, f.name)
		}
	}
	return names
}

// FieldText returns a field of o as EditableFields names it, "" for an unknown one.
func FieldText(o *Occurrence, field string) string {
	if f := fieldByName(field); f != nil {
		return f.get(o)
	}
	return ""
}

func fieldByName(name string) *occurrenceField {
	for i := range occurrenceFields {
		if occurrenceFields[i].name == name {
			return &occurrenceFields[i]
		}
	}
	return nil
}

// differences lists the fields in which two occurrences differ.
func differences(from, to *Occurrence) []Change {
	var cs []Change
	for _, f := range occurrenceFields {
		if a, b := f.get(from), f.get(to); a != b {
			cs = append(cs, Change{SourceID: to.SourceID, Name: to.Name, Field: f.name, From: a, To: b})
		}
	}
	return cs
}

func textField(name string, at func(*Occurrence) *string) occurrenceField {
	return occurrenceField{name, func(o *Occurrence) string { return *at(o) }, func(o *Occurrence, v string) error {
		*at(o) = v
		return nil
	}}
}

func linkField(name string, at func(*Occurrence) *string) occurrenceField {
	f := textField(name, at)
	f.set = func(o *Occurrence, v string) error {
		if v != "" && !strings.HasPrefix(v, "https://") && !strings.HasPrefix(v, "http://") {
			return fault.New(fault.Invalid, "The address must begin with https:// or http://.")
		}
		*at(o) = v
		return nil
	}
	return f
}

func dayText(d Day) string {
	if d == ByAppointment {
		return ""
	}
	return strconv.Itoa(int(d))
}

func setDay(o *Occurrence, v string) error {
	if v == "" {
		o.Day = ByAppointment
		return nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 || n > 6 {
		return fault.New(fault.Invalid, "The day is a number from 0 (Sunday) to 6 (Saturday), or empty.")
	}
	o.Day = Day(n)
	return nil
}

func setClock(c *civil.Clock, v string) error {
	if v == "" {
		*c = civil.NoClock
		return nil
	}
	got, err := civil.ParseClock(v)
	if err != nil {
		return fault.New(fault.Invalid, "A time looks like 19:30 or 7:30 PM.")
	}
	*c = got
	return nil
}

func pointText(o *Occurrence) string {
	if !o.HasPoint {
		return ""
	}
	return strconv.FormatFloat(o.Lat, 'f', -1, 64) + "," + strconv.FormatFloat(o.Lng, 'f', -1, 64)
}

func setPoint(o *Occurrence, v string) error {
	if v == "" {
		o.HasPoint, o.Lat, o.Lng = false, 0, 0
		return nil
	}
	a, b, _ := strings.Cut(v, ",")
	lat, err1 := strconv.ParseFloat(strings.TrimSpace(a), 64)
	lng, err2 := strconv.ParseFloat(strings.TrimSpace(b), 64)
	if err1 != nil || err2 != nil || !(lat >= -90 && lat <= 90) || !(lng >= -180 && lng <= 180) || lat == 0 || lng == 0 {
		return fault.New(fault.Invalid, "A point is latitude and longitude, such as 39.9526,-75.1652.")
	}
	o.HasPoint, o.Lat, o.Lng = true, lat, lng
	return nil
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// maxFieldText is how long a field may be that a person types.
const maxFieldText = 4000

// tidy makes typed text storable: trimmed, valid, without control characters and without marks that turn
// the direction of what follows.
func tidy(v string) string {
	v = strings.ToValidUTF8(v, "")
	v = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, v)
	return strings.TrimSpace(v)
}

func tooLong(v string) bool { return utf8.RuneCountInString(v) > maxFieldText }
