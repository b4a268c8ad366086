// Package bmlt owns the lists of BMLT servers: the semantic API's list of meetings, its object of
// meetings and formats, and the shape of the administration API.
//
// It is a codec: bytes to meeting's own types. It must never read a file, a network or a clock. Formats are
// taken only from the payload itself.
package bmlt

import (
	"fmt"
	"strconv"
	"strings"

	"hearth/internal/fault"
	"hearth/internal/meeting"
	"hearth/internal/wire/private"
	"hearth/internal/wire/rowjson"
)

// Decode reads a payload in any of the three shapes. It is a meeting.Decoder.
func Decode(payload []byte, feed meeting.FeedContext) (*meeting.Batch, error) {
	doc, err := rowjson.Parse(payload)
	if err != nil {
		return nil, err
	}
	list, defs := doc, rowjson.Value{}
	if doc.Kind() == '{' {
		if list = doc.Get("meetings"); list.IsNull() {
			list = doc.Get("data")
		}
		defs = doc.Get("formats")
	}
	if list.Kind() != '[' {
		return nil, fault.New(fault.Invalid, "Line 1: this is JSON, but not a list of meetings as BMLT servers give it.")
	}
	formats := readFormats(defs)
	in := meeting.NewIntake(feed, list.Len())
	in.KeepTypes(true) // local keys are no news
	rows, bare, bareIDs, unpublished := 0, 0, 0, 0
	names := keyNames{}
	for v := range list.Elements() {
		rows++
		if v.Kind() != '{' {
			in.Skip(rows, "not an object with fields: left out")
			continue
		}
		in.WarnRepeated(rows, v.Repeated())
		r := names.read(rows, v)
		if !r.seen {
			in.Skip(rows, "none of BMLT's fields: left out")
			continue
		}
		if r.get("published") != "" && !truth(r.get("published")) {
			in.Skip(rows, fmt.Sprintf("not published at its source (%q, id %s): left out", r.name(), r.get("id_bigint")))
			unpublished++
			continue
		}
		switch {
		case formats != nil:
		case r.get("formats") != "":
			bare++
		case len(r.ids) > 0:
			bareIDs++
		}
		in.Add(r.raw(in, formats))
	}
	if bare > 0 {
		in.Warn(0, "formats", fmt.Sprintf("%d rows have formats by key only, and keys are local to a server: kept as they are. "+
			"With get_used_formats=1 in the address the payload says what they mean.", bare))
	}
	if bareIDs > 0 {
		in.Warn(0, "format ids", fmt.Sprintf("%d rows have formats by id only, and nothing in the payload says what the ids mean: kept without types", bareIDs))
	}
	b := in.Batch(rows)
	if rows > unpublished && len(b.Occurrences) == 0 {
		return nil, fault.New(fault.Invalid, "None of the %d rows is a meeting as BMLT servers give it. Is the format of this feed right?", rows)
	}
	return b, nil
}

// row is one meeting under the keys of the semantic API.
type row struct {
	number int
	parts  []private.Field
	fields map[string]string
	ids    []string // formats, where they are a list
	admin  bool     // days count from 0
	seen   bool     // it has a key of the format
}

// adminKeys are the fields that the administration API calls otherwise.
var adminKeys = map[string]string{
	"id": "id_bigint", "name": "meeting_name", "duration": "duration_time", "service_body_id": "service_body_bigint",
	"world_id": "worldid_mixed",
}

// keyNames remembers what the keys of a payload are called here: the same few come in every row.
type keyNames map[string]string

// of returns the name of a key in the semantic API, "" for one that holds contacts of persons.
func (n keyNames) of(key []byte) string {
	name, ok := n[string(key)]
	if !ok {
		if name = snake(string(key)); private.Key(name) {
			name = ""
		}
		n[string(key)] = name
	}
	return name
}

func (n keyNames) read(number int, v rowjson.Value) *row {
	r := &row{number: number, fields: make(map[string]string, 24), parts: make([]private.Field, 0, 40)}
	for k, f := range v.Fields() {
		r.parts = append(r.parts, private.Field{Key: k, Value: f})
		switch key := n.of(k); key {
		case "custom_fields":
			for k, f := range f.Fields() {
				r.set(n.of(k), f)
			}
		case "format_ids":
			r.ids = f.Texts()
		default:
			r.admin = r.admin || key == "day"
			r.set(key, f)
		}
	}
	if r.admin {
		r.seen = true
		for from, to := range adminKeys {
			if _, ok := r.fields[to]; !ok && r.fields[from] != "" {
				r.fields[to] = r.fields[from]
			}
		}
	}
	return r
}

func (r *row) set(key string, v rowjson.Value) {
	s := v.Text()
	if s == "" || key == "" {
		return
	}
	// Old servers kept the prompt of a form in the value: what was typed stands behind the last mark.
	if at := strings.LastIndex(s, "#@-@#"); at >= 0 {
		s = s[at+len("#@-@#"):]
	}
	if s = strings.TrimSpace(s); s != "" {
		r.fields[key] = s
	}
	switch key {
	case "id_bigint", "weekday_tinyint", "meeting_name":
		r.seen = true
	}
}

// snake turns locationPostalCode1 into location_postal_code_1.
func snake(key string) string {
	if strings.ToLower(key) == key {
		return key
	}
	var b strings.Builder
	before := byte('_')
	for i := range len(key) {
		c := key[i]
		switch {
		case c >= 'A' && c <= 'Z':
			if before != '_' {
				b.WriteByte('_')
			}
			c |= 0x20
		case c >= '0' && c <= '9' && before != '_' && (before < '0' || before > '9'):
			b.WriteByte('_')
		}
		b.WriteByte(c)
		before = c
	}
	return b.String()
}

func (r *row) get(key string) string { return r.fields[key] }

func (r *row) name() string {
	line, _ := meeting.CleanLine(meeting.WithholdContacts(r.get("meeting_name")), 60)
	return line
}

// join puts together what is there.
func (r *row) join(separator string, keys ...string) string {
	var parts []string
	for _, k := range keys {
		if s := r.get(k); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, separator)
}

func truth(s string) bool { return s == "1" || strings.EqualFold(s, "true") }

// raw puts the row into the words of the rules.
func (r *row) raw(in *meeting.Intake, formats map[string]format) *meeting.RawRow {
	w := &meeting.RawRow{
		Row: r.number, ID: r.get("id_bigint"), Name: r.get("meeting_name"),
		Start: r.get("start_time"), Zone: r.get("time_zone"),
		Place: meeting.Place{
			Address: r.get("location_street"), City: r.get("location_municipality"), State: r.get("location_province"),
			PostalCode: r.get("location_postal_code_1"), Country: r.get("location_nation"), Location: r.get("location_text"),
		},
		Line:   r.join(", ", "location_street", "location_municipality", "location_province", "location_postal_code_1"), // rule N3
		Approx: "no", Lat: r.get("latitude"), Lng: r.get("longitude"),
		LocationNotes: r.join("\n", "location_info", "train_lines", "bus_lines", "public_transport"),
		ConferenceURL: r.get("virtual_meeting_link"), ConferenceURLNotes: r.get("virtual_meeting_additional_info"),
		ConferencePhone: r.get("phone_meeting_number"),
		Notes:           r.join("\n", "comments", "format_comments"),
		Entity:          r.get("service_body_name"), DataSource: r.get("root_server_uri"),
		Minutes: r.minutes(in), Stated: r.venue(),
	}
	if w.Line == "" {
		w.Line = r.get("location_text")
	}
	// The editor of a BMLT list sets the point of each meeting, so the parts of the address say nothing about
	// how exact it is (rule N4 is about lists that are geocoded from their addresses). Where neither a street
	// nor a place is named, the place is withheld or unknown, and the point must not give it away.
	if r.get("location_street") == "" && r.get("location_text") == "" {
		w.Approx = "yes"
	}
	for _, key := range []string{"location_sub_province", "location_city_subsection", "location_neighborhood"} {
		if s := r.get(key); s != "" {
			w.Regions = append(w.Regions, s)
		}
	}
	if w.Place.City == "" {
		w.Place.City = r.get("location_city_subsection")
	}
	r.days(in, w)
	w.Types = r.types(in, formats)
	if w.Stated == "" {
		w.Stated = venueOf(w.Types)
	}
	w.Raw = private.Fields(r.parts, w.ConferencePhone)
	return w
}

func (r *row) days(in *meeting.Intake, w *meeting.RawRow) {
	text, least := r.get("weekday_tinyint"), 1
	if r.admin {
		text, least = r.get("day"), 0
	}
	if text == "" {
		return
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > least+6 {
		in.Warn(r.number, "day", fmt.Sprintf("day %.20q is not %d to %d: left out", text, least, least+6))
		return
	}
	w.Days = []meeting.Day{meeting.Day(n - least)}
}

// minutes reads the duration. 00:00 stands for the server's default, which the payload does not say: the
// meeting then lasts as long as any that does not say.
func (r *row) minutes(in *meeting.Intake) int {
	text := r.get("duration_time")
	if text == "" {
		return 0
	}
	parts := strings.Split(text, ":")
	h, errH := strconv.Atoi(parts[0])
	m, errM := 0, error(nil)
	if len(parts) > 1 {
		m, errM = strconv.Atoi(parts[1])
	}
	if n := h*60 + m; errH == nil && errM == nil && len(parts) <= 3 && h >= 0 && m >= 0 && m < 60 && n <= 24*60 {
		return n
	}
	in.Warn(r.number, "duration", fmt.Sprintf("duration %.20q is not hours and minutes: taken as one hour", text))
	return 0
}

// venue is the stated attendance.
func (r *row) venue() string {
	switch v := r.get("venue_type"); v {
	case "", "0":
		return ""
	case "1":
		return string(meeting.InPerson)
	case "2":
		return string(meeting.Online)
	case "3":
		return string(meeting.Hybrid)
	default:
		return v
	}
}

// venueOf reads the attendance from the formats that servers set by it.
func venueOf(types []string) string {
	stated := ""
	for _, t := range types {
		switch strings.ToUpper(t) {
		case "HY", "HYBR":
			return string(meeting.Hybrid)
		case "VM":
			stated = string(meeting.Online)
		}
	}
	return stated
}
