package meeting

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"hearth/internal/civil"
)

// RawRow is a row of a feed in the feed's own words: what a codec fills in and an Intake turns into
// occurrences. Texts may hold anything.
type RawRow struct {
	Row  int    // from 1
	ID   string // the feed's own id or slug
	Name string

	Days     []Day // none or only ByAppointment: by appointment
	Split    bool  // the row may give several days, so that days beyond one get an id of their own
	Start    string
	End      string
	Minutes  int // how long, where the source says that instead of an end
	Zone     string
	Stated   string // attendance in the source's word, "" where it says none
	Closed   bool   // the source says by other means than type TC that the place is closed for now
	Place    Place
	Line     string // address in one line, where rule N3 is not the one of Meeting Guide
	Approx   string // yes, no, true, false; else rule N4 decides
	Lat, Lng string

	Regions       []string
	LocationNotes string

	ConferenceURL, ConferenceURLNotes     string
	ConferencePhone, ConferencePhoneNotes string

	Notes, Group, GroupNotes string
	Types                    []string // codes or labels
	Languages                []string // ISO 639-1

	URL, Website                                string
	Entity, EntityURL, EntityPhone, EntityEmail string
	Venmo, Square, Paypal, HomegroupURL         string
	DataSource                                  string
	Via                                         []string
	Updated                                     int64

	Raw json.RawMessage
}

// Intake applies the rules to the rows of one payload and collects the batch.
type Intake struct {
	feed       FeedContext
	zone       string
	batch      Batch
	same       map[string]int32 // identity of an occurrence (N9) → index in batch.Occurrences
	keys       map[string]int32 // key → index
	kinds      map[string]int   // warnings of one kind, to end a flood
	last       map[string]int
	types      map[string]typeSeen
	langs      map[string][]string
	tags       map[string][]string
	places     map[placed]string // zones, "" where the feed's is kept
	elsewhere  map[string]int    // rows in another zone than the feed's, by zone
	buf        []byte
	quietTypes bool
}

type typeSeen struct {
	code  string
	known bool
}

// NewIntake prepares for the rows of one payload. rows is a guess at how many.
func NewIntake(feed FeedContext, rows int) *Intake {
	rows = min(rows, 1<<14) // a guess from a hostile payload must not cost memory
	n := &Intake{
		feed: feed,
		same: make(map[string]int32, rows), keys: make(map[string]int32, rows), kinds: map[string]int{}, last: map[string]int{},
		types: map[string]typeSeen{}, langs: map[string][]string{}, tags: map[string][]string{},
		places: map[placed]string{}, elsewhere: map[string]int{},
	}
	n.batch.Occurrences = make([]Occurrence, 0, rows)
	zone, err := ParseZone(feed.Zone)
	if err != nil {
		n.Warn(0, "zone", "the feed's own "+err.Error()+": times have no zone")
	}
	n.zone = zone
	return n
}

// Add applies the rules to one row. It is the one place where an Occurrence is made.
func (n *Intake) Add(r *RawRow) {
	o := Occurrence{Row: r.Row, Updated: r.Updated}
	if len(r.Raw) <= maxRaw && utf8.Valid(r.Raw) && bytes.IndexByte(r.Raw, 0) < 0 {
		o.Raw = r.Raw
	}
	for _, id := range r.Via {
		if id, _ = CleanLine(id, 100); id != "" {
			o.Via = append(o.Via, id)
		}
	}
	o.Name = n.line(r.Row, "name", r.Name, MaxName, r.ConferencePhone)
	o.Group = n.line(r.Row, "group", r.Group, MaxName, r.ConferencePhone)
	o.Location = n.line(r.Row, "location", r.Place.Location, MaxName)
	if o.Name == "" {
		if o.Name = firstOf(o.Group, o.Location); o.Name == "" {
			n.Skip(r.Row, "no name, no group and no place name: left out")
			return
		}
		n.Warn(r.Row, "name", fmt.Sprintf("no name: called %q after its group or place", excerpt(o.Name)))
	}
	p := n.setPlace(&o, r)
	n.setTimes(&o, r)
	n.setTypes(&o, r)
	n.setJoining(&o, r)
	n.setAttendance(&o, r)
	n.setPoint(&o, r)
	n.setZone(&o, r, p)
	n.setTexts(&o, r)
	n.split(&o, r)
}

// setPlace returns the place in tidy words.
func (n *Intake) setPlace(o *Occurrence, r *RawRow) Place {
	p := r.Place
	for _, f := range []*string{&p.Formatted, &p.Address} {
		*f = n.line(r.Row, "address", *f, MaxPlace)
	}
	for _, f := range []*string{&p.City, &p.State, &p.PostalCode, &p.Country} {
		*f = n.line(r.Row, "address", *f, 120)
	}
	p.Location = o.Location
	o.Address = n.line(r.Row, "address", r.Line, MaxPlace)
	if o.Address == "" {
		o.Address = p.Line()
	}
	switch strings.ToLower(strings.TrimSpace(r.Approx)) {
	case "yes", "true", "1", "y":
		o.Approximate = true
	case "no", "false", "0", "n":
	case "":
		o.Approximate = p.Approximate()
	default:
		o.Approximate = p.Approximate()
		n.Warn(r.Row, "approximate", fmt.Sprintf("approximate %q is not yes or no: worked out from the address", excerpt(r.Approx)))
	}
	p = p.fill()
	o.City, o.State, o.PostalCode, o.Country = p.City, p.State, p.PostalCode, p.Country
	for _, region := range r.Regions {
		if region = n.line(r.Row, "region", region, 120); region != "" && len(o.Regions) < 8 {
			o.Regions = append(o.Regions, region)
		}
	}
	o.LocationNotes = n.text(r.Row, "location notes", r.LocationNotes, r.ConferencePhone)
	return p
}

// longNight is the length in minutes from which an end before the start is doubted: an end typed an hour too
// early makes a meeting of 23 hours.
const longNight = 12 * 60

func (n *Intake) setTimes(o *Occurrence, r *RawRow) {
	var err error
	o.Start, err = ParseStart(r.Start)
	switch {
	case err != nil:
		n.Warn(r.Row, "start", err.Error()+": kept without a time")
	case !o.Start.Valid() && slices.ContainsFunc(r.Days, func(d Day) bool { return d != ByAppointment }):
		n.Warn(r.Row, "no time", "gives a day but no time: kept without one")
	}
	if endOfDay(r.Start) {
		n.nextDay(r)
	}
	o.End = civil.NoClock
	if o.Start.Valid() {
		o.End = EndOf(o.Start, DefaultMinutes)
		if r.Minutes > 0 && r.Minutes <= 24*60 {
			o.End = EndOf(o.Start, r.Minutes)
		}
		if r.End != "" {
			end, err := ParseStart(r.End)
			switch {
			case err != nil:
				n.Warn(r.Row, "end", "end "+err.Error()+": taken as one hour after the start")
			case end.Valid():
				o.End = end
				if end < o.Start && !endOfDay(r.End) {
					said := "taken as the next day"
					if hours := (int(end) + 24*60 - int(o.Start)) / 60; hours >= longNight/60 {
						said = fmt.Sprintf("taken as the next day, %d hours later, which is more often a mistake: please look at it", hours)
					}
					n.Warn(r.Row, "end before start", fmt.Sprintf("ends at %s, before its start at %s: %s", end, o.Start, said))
				}
			}
		}
	}
}

// nextDay moves a row that starts at 24:00 to 00:00 of the day after, which is the same moment.
func (n *Intake) nextDay(r *RawRow) {
	days := make([]Day, 0, len(r.Days))
	for _, d := range r.Days {
		if d != ByAppointment {
			d = (d + 1) % 7
		}
		days = append(days, d)
	}
	r.Days = days
	n.Warn(r.Row, "start 24", "starts at 24:00: taken as 00:00 of the next day")
}

func (n *Intake) setTypes(o *Occurrence, r *RawRow) {
	n.buf = n.buf[:0]
	for _, raw := range r.Types {
		seen, ok := n.types[raw]
		if !ok {
			seen.code, seen.known = n.typeCode(raw)
			n.types[strings.Clone(raw)] = seen
		}
		if seen.code == "" {
			continue
		}
		if !seen.known && !n.quietTypes {
			n.Warn(r.Row, "type "+seen.code, fmt.Sprintf("type %q is not known at %s: kept as it is", seen.code, n.feed.Fellowship))
		}
		n.buf = append(append(n.buf, seen.code...), ' ')
	}
	if len(n.buf) > 0 {
		// Feeds repeat a few sets of types over and over: one slice for each is enough.
		tags, ok := n.tags[string(n.buf)]
		if !ok {
			key := string(n.buf)
			for code := range strings.FieldsSeq(key) {
				if !slices.Contains(tags, code) && len(tags) < 40 {
					tags = append(tags, code)
				}
			}
			n.tags[key] = tags
			n.langs[key] = LanguagesOf(n.feed.Fellowship, tags)
		}
		o.Types, o.Languages = slices.Clip(tags), slices.Clip(n.langs[string(n.buf)])
	}
	for _, l := range r.Languages {
		l = strings.ToLower(strings.TrimSpace(l))
		if _, known := languageNames[l]; (known || len(l) == 2) && !slices.Contains(o.Languages, l) && len(o.Languages) < 12 {
			o.Languages = append(slices.Clone(o.Languages), l)
			slices.Sort(o.Languages)
		}
	}
}

// typeCode reads a code or a label. A code has no white space: what is neither known nor one word keeps
// its words with hyphens between them.
func (n *Intake) typeCode(raw string) (code string, known bool) {
	line, _ := CleanLine(strings.Trim(strings.TrimSpace(raw), "[]\"'"), MaxCode)
	if line = WithholdContacts(line); line == "" || line == withheld {
		return "", true
	}
	if c, ok := TypeCode(n.feed.Fellowship, line); ok {
		return c, true
	}
	return strings.ToUpper(strings.Join(strings.Fields(line), "-")), false
}

func (n *Intake) setJoining(o *Occurrence, r *RawRow) {
	o.ConferenceURLNotes = n.joining(r.Row, r.ConferenceURLNotes)
	o.ConferencePhoneNotes = n.joining(r.Row, r.ConferencePhoneNotes)
	if raw := strings.TrimSpace(r.ConferenceURL); raw != "" {
		var ok bool
		o.ConferenceURL, ok = CleanURL(raw)
		public := withoutPersons(o.ConferenceURL)
		switch {
		case public != o.ConferenceURL:
			o.ConferenceURL = public
			n.Warn(r.Row, "conference_url person", "conference link names a person: "+whatIsLeft(public))
		case !ok && strings.Contains(raw, ":") && !strings.Contains(raw, " "):
			n.Warn(r.Row, "conference_url", fmt.Sprintf("conference link %q is not a web address: left out", excerpt(WithholdContacts(raw))))
		case !ok:
			note := n.line(r.Row, "conference notes", raw, MaxPlace, r.ConferencePhone)
			o.ConferenceURLNotes = strings.TrimSpace(note + "\n" + o.ConferenceURLNotes)
			n.Warn(r.Row, "conference_url", fmt.Sprintf("conference link %q is not a web address: kept as a note on joining", excerpt(note)))
		case strings.ContainsAny(raw, " \t\n"):
			n.Warn(r.Row, "conference_url two", "conference link holds white space: its first address is used")
		}
	}
	if raw := strings.TrimSpace(r.ConferencePhone); raw != "" {
		if o.ConferencePhone = CleanPhone(raw); o.ConferencePhone == "" {
			n.Warn(r.Row, "conference_phone", "conference phone is not a number to dial: left out")
		}
	}
}

func (n *Intake) setAttendance(o *Occurrence, r *RawRow) {
	// N5 asks whether a link or number was given, not whether we could use it: somebody who gives "ask the
	// group for the link" meets online all the same.
	online := strings.TrimSpace(r.ConferenceURL) != "" || strings.TrimSpace(r.ConferencePhone) != ""
	closed := r.Closed || slices.Contains(o.Types, "TC")
	if a, ok := ParseAttendance(r.Stated); ok {
		o.Attendance, o.Stated = a, true
		if a == InPerson && closed {
			n.Warn(r.Row, "closed", "said to be in person, and its place to be closed for now (TC): the first is believed")
		}
		return
	}
	if r.Stated != "" {
		n.Warn(r.Row, "attendance", fmt.Sprintf("attendance %q is not known: worked out from the rest", excerpt(r.Stated)))
	}
	o.Attendance = WorkOutAttendance(closed, online, o.Approximate)
	if o.Attendance == Online && o.ConferenceURL+o.ConferenceURLNotes+o.ConferencePhone+o.ConferencePhoneNotes == "" {
		o.Attendance = Inactive // what was given had to be left out, so there is neither a place nor a way in
		n.Warn(r.Row, "no way in", "gives no place, and no link or number that can be used: kept as inactive")
	}
	if !online && o.Attendance == InPerson && slices.Contains(o.Types, "ONL") {
		n.Warn(r.Row, "onl", "said to be online (ONL) but gives no link and no number: kept as in person")
	}
}

func (n *Intake) setPoint(o *Occurrence, r *RawRow) {
	if !o.Attendance.WalkIn() || o.Approximate || (strings.TrimSpace(r.Lat) == "" && strings.TrimSpace(r.Lng) == "") {
		return
	}
	lat, lng, err := ParsePoint(r.Lat, r.Lng)
	if err != nil {
		n.Warn(r.Row, "coordinates", err.Error()+": kept without a point on the map")
		return
	}
	o.Lat, o.Lng, o.HasPoint = lat, lng, true
}

func (n *Intake) setTexts(o *Occurrence, r *RawRow) {
	o.Notes = n.text(r.Row, "notes", r.Notes, r.ConferencePhone)
	o.GroupNotes = n.text(r.Row, "group notes", r.GroupNotes, r.ConferencePhone)
	o.URL = n.link(r.Row, "url", r.URL)
	o.Website = n.link(r.Row, "website", r.Website)
	o.EntityURL = n.link(r.Row, "entity_url", r.EntityURL)
	o.HomegroupURL = n.line(r.Row, "handle", r.HomegroupURL, MaxName)
	o.Entity = n.line(r.Row, "entity", r.Entity, MaxName)
	o.EntityPhone = CleanPhone(r.EntityPhone)
	o.EntityEmail = cleanEmail(r.EntityEmail)
	o.Venmo, o.Square, o.Paypal = handle(r.Venmo), handle(r.Square), handle(r.Paypal)
	o.DataSource = n.line(r.Row, "data source", r.DataSource, MaxName)
}

func (n *Intake) link(row int, what, raw string) string {
	address, ok := CleanURL(raw)
	if !ok {
		n.Warn(row, what, fmt.Sprintf("%s %q is not a web address: left out", what, excerpt(WithholdContacts(raw))))
	}
	// A service body's own pages may name its office.
	if public := withoutPersons(address); public != address && what != "entity_url" {
		n.Warn(row, what+" person", what+" names a person: "+whatIsLeft(public))
		return public
	}
	return address
}

func whatIsLeft(link string) string {
	if link == "" {
		return "left out"
	}
	return "kept without that part"
}

// split makes one occurrence per day (rules N1 and N9) and joins repeats.
func (n *Intake) split(o *Occurrence, r *RawRow) {
	id := n.identity(o, r)
	days := r.Days
	if len(days) == 0 {
		days = []Day{ByAppointment}
	}
	several := false
	for _, d := range days[1:] {
		several = several || d != days[0]
	}
	var done [8]bool
	for _, day := range days {
		if day < ByAppointment || day > 6 || done[day+1] || (several && day == ByAppointment) {
			continue
		}
		done[day+1] = true
		one := *o
		one.Day, one.SourceID = day, id
		if several {
			one.SourceID = id + "-" + strconv.Itoa(int(day))
		}
		n.put(&one)
	}
}

func (n *Intake) put(o *Occurrence) {
	b := n.buf[:0]
	b = foldInto(b, o.Name)
	b = append(b, 0, byte('0'+o.Day), byte(o.Start>>8), byte(o.Start), 0)
	b = foldInto(b, o.Address)
	n.buf = b
	if first, ok := n.same[string(b)]; ok {
		n.Warn(o.Row, "repeat", fmt.Sprintf("same name, day, time and place as row %d: joined with it", n.batch.Occurrences[first].Row))
		if kept := &n.batch.Occurrences[first]; o.SourceID != kept.SourceID && !slices.Contains(kept.Repeats, o.SourceID) {
			kept.Repeats = append(kept.Repeats, o.SourceID)
		}
		return
	}
	at := int32(len(n.batch.Occurrences))
	n.same[string(b)] = at
	o.Key = o.SourceID
	if first, taken := n.keys[o.Key]; taken {
		n.Warn(o.Row, "id", fmt.Sprintf("id %q is already the one of row %d: kept as a meeting of its own", excerpt(o.Key), n.batch.Occurrences[first].Row))
		// Day and time make the key stable when the feed is sorted anew.
		o.Key = fmt.Sprintf("%s~%d-%s", o.SourceID, o.Day, o.Start)
		for i := 2; ; i++ {
			if _, taken := n.keys[o.Key]; !taken {
				break
			}
			o.Key = fmt.Sprintf("%s~%d-%s~%d", o.SourceID, o.Day, o.Start, i)
		}
	}
	n.keys[o.Key] = at
	n.batch.Occurrences = append(n.batch.Occurrences, *o)
}

// identity is the feed's own id; where there is none, one that stays the same as long as name, place and
// time do.
func (n *Intake) identity(o *Occurrence, r *RawRow) string {
	id, _ := CleanLine(r.ID, 200)
	if id = strings.ReplaceAll(id, "\n", " "); id != "" {
		return id
	}
	h := fnv.New64a()
	b := append(foldInto(nil, o.Name), byte(o.Start>>8), byte(o.Start))
	b = foldInto(b, o.Address)
	for _, d := range r.Days {
		b = append(b, byte('0'+d))
	}
	h.Write(b)
	id = fmt.Sprintf("x%016x", h.Sum64())
	n.Warn(r.Row, "no id", "no id: known by its name, place and time as "+id)
	return id
}

// foldInto appends s in lower case with white space collapsed, which is how repeats are compared (N9).
func foldInto(b []byte, s string) []byte {
	ascii := true
	for i := range len(s) {
		ascii = ascii && s[i] < 0x80
	}
	if !ascii {
		return append(b, strings.Join(strings.Fields(strings.ToLower(strings.Map(simpleFold, s))), " ")...)
	}
	from := len(b)
	for i := range len(s) {
		c := s[i]
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' {
			if len(b) > from && b[len(b)-1] != ' ' {
				b = append(b, ' ')
			}
			continue
		}
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		b = append(b, c)
	}
	if len(b) > from && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// simpleFold takes the least of the runes that differ only in case.
func simpleFold(r rune) rune {
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	return least
}
