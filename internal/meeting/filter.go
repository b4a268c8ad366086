package meeting

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"hearth/internal/civil"
	"hearth/internal/fault"
	"hearth/internal/geo"
	"hearth/internal/meeting/welcome"
	"hearth/internal/text"
)

// Filter says which meetings are wanted. The page, the API and the terminal all make theirs with
// ParseFilter, so that the same words mean the same everywhere.
//
// Values of one field are alternatives (monday or tuesday), except Types, Needs and May, where each one
// narrows further.
type Filter struct {
	Near        *Near
	WithinMiles float64 // great-circle, inclusive; 0: however far
	Text        string  // every word must be in the meeting's words; the last may be only begun
	Days        []Day   // nil: any
	From        civil.Clock
	Until       civil.Clock // both on the start, inclusive; Until before From: past midnight
	Now         bool        // running now, or starting within the hour
	Tonight     bool        // starting from 17:00 (or now, if later) until 04:00, by the meeting's clock
	Attendance  []Attendance
	Fellowships []string
	Kinds       []Kind
	Types       []string
	Languages   []string
	Needs       Flags
	May         []welcome.Right  // the answer is yes
	Answers     []welcome.Answer // instead: the answer to the first right of May is one of these
	Unplaced    bool             // one can walk there, but its list does not say exactly where
	Limit       int              // 0: all
	Offset      int
}

// Near is the place around which to look.
type Near struct {
	Lat, Lng float64
	Label    string    // for people; "" where a position was given instead of a name
	Query    string    // what was typed and found in the gazetteer, "" where a position was given
	Place    geo.Place // what was found, the zero value where a position was given
}

// LabelIn is the label for a reader of lang ("en", "es").
func (n *Near) LabelIn(lang string) string {
	if n.Place.Name == "" {
		return n.Label
	}
	return PlaceLabel(n.Place, lang)
}

// Any is the filter that lets everything through.
func Any() Filter { return Filter{From: civil.NoClock, Until: civil.NoClock} }

// DefaultWithinMiles is how far "near" reaches when nothing is said about it.
const DefaultWithinMiles = 25

// farthest is half way round the Earth: no two places are farther apart.
const farthest = 12_451.0

const milesPerKilometre = 1 / 1.609344

// Places finds a place by what people type: a town, a town with its state, a ZIP code. The best match
// comes first.
type Places interface {
	Lookup(query string) []geo.Place
	// Similar returns at most three places whose names are nearly what was typed, the nearest first.
	Similar(query string) []geo.Place
}

// The names of the parameters are the same in a link of the page, in the API and (as flags) in the
// terminal. Two differ from what one might guess: the language of a meeting is "language", because "lang"
// is the language of the page, and "q" is the finder's one field, which holds a place or words.
const (
	paramQuery      = "q"
	paramPlace      = "place"
	paramNear       = "near"
	paramWithin     = "within"
	paramText       = "text"
	paramDay        = "day"
	paramFrom       = "from"
	paramUntil      = "until"
	paramWhen       = "when"
	paramAttendance = "attendance"
	paramFellowship = "fellowship"
	paramKind       = "kind"
	paramType       = "type"
	paramLanguage   = "language"
	paramNeed       = "need"
	paramMay        = "may"
	paramAnswer     = "answer"
	paramUnplaced   = "unplaced"
	paramLimit      = "limit"
	paramOffset     = "offset"
)

const maxText = 200

// FilterParams lists the names of the parameters.
func FilterParams() []string {
	return []string{
		paramQuery, paramPlace, paramNear, paramWithin, paramText, paramDay, paramFrom, paramUntil, paramWhen, paramAttendance,
		paramFellowship, paramKind, paramType, paramLanguage, paramNeed, paramMay, paramAnswer, paramUnplaced, paramLimit, paramOffset,
	}
}

// MaxOffset is how far one may turn the pages of a list: whoever wants all of it reads a feed.
const MaxOffset = 10_000

// ParseFilter reads a filter from parameters. Where several values make sense they may be repeated or
// separated by commas. Empty parameters count as not given, as a form without JavaScript sends them. Codes
// that neither d nor we know are refused. The error is a *fault.Error with a message per parameter; the
// filter is then what the others say.
func (d *Directory) ParseFilter(v url.Values, places Places) (Filter, error) {
	return parseFilter(v, places, d, false)
}

// ParseForm is ParseFilter for a form, which sends its distance also when the place was left empty.
func (d *Directory) ParseForm(v url.Values, places Places) (Filter, error) {
	return parseFilter(v, places, d, true)
}

// ParseFilter reads a filter, whichever codes there are.
func ParseFilter(v url.Values, places Places) (Filter, error) {
	return parseFilter(v, places, nil, false)
}

func parseFilter(v url.Values, places Places, known *Directory, form bool) (Filter, error) {
	f := Any()
	p := parser{values: v, known: known, form: form}
	p.place(&f, places)
	p.when(&f)
	p.kind(&f)
	p.welcome(&f)
	f.Limit = p.number(paramLimit, 1, 1_000_000)
	f.Offset = p.number(paramOffset, 0, MaxOffset)
	return f, p.faults.Err()
}

type parser struct {
	values url.Values
	known  *Directory // nil: every code may be
	form   bool
	faults fault.Fields
}

// one returns the parameter's first value that is not empty.
func (p *parser) one(name string) string {
	for _, s := range p.values[name] {
		if s = strings.TrimSpace(s); s != "" {
			return s
		}
	}
	return ""
}

// list returns all values, split at commas, without empty and repeated ones.
func (p *parser) list(name string) []string {
	var out []string
	for _, s := range p.values[name] {
		for part := range strings.SplitSeq(s, ",") {
			if part = strings.TrimSpace(part); part != "" && !slices.Contains(out, part) {
				out = append(out, part)
			}
		}
	}
	return out
}

func (p *parser) number(name string, least, most int) int {
	s := p.one(name)
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < least || n > most {
		p.faults.Add(name, "Please give a whole number from %d to %d.", least, most)
		return 0
	}
	return n
}

func (p *parser) place(f *Filter, places Places) {
	if s := p.one(paramNear); s != "" {
		lat, lng, ok := parsePosition(s)
		if ok {
			f.Near = &Near{Lat: lat, Lng: lng, Label: p.one(paramPlace)}
		} else {
			p.faults.Add(paramNear, "Please give a position as latitude,longitude, such as 40.74,-73.99.")
		}
	} else if s := p.one(paramPlace); s != "" {
		if f.Near = lookup(places, s); f.Near == nil {
			p.faults.Add(paramPlace, "We do not know the place “%s”. Try the town with its state, or a ZIP code.", clip(s))
		}
	}
	f.Text = p.text(paramText)
	if s := p.text(paramQuery); s != "" {
		// The one field of the finder: a place if there is such a place, else words.
		if f.Near == nil {
			f.Near = lookup(places, s)
		}
		if f.Near == nil || f.Near.Query != s {
			f.Text = strings.TrimSpace(f.Text + " " + s)
		}
	}
	within := p.one(paramWithin)
	switch {
	case f.Near == nil && within != "" && !p.form && p.one(paramPlace) == "" && p.one(paramNear) == "":
		p.faults.Add(paramWithin, "How far from where? Please name a place too.")
	case f.Near == nil:
	case within == "":
		f.WithinMiles = DefaultWithinMiles
	case within == "any":
	default:
		miles, ok := parseDistance(within)
		if !ok {
			p.faults.Add(paramWithin, "Please give a distance such as 10mi or 15km.")
		}
		f.WithinMiles = miles
	}
}

func (p *parser) text(name string) string {
	s := strings.Join(strings.Fields(p.one(name)), " ")
	switch {
	case !utf8.ValidString(s):
		p.faults.Add(name, "We cannot read these letters. Please type them again.")
	case utf8.RuneCountInString(s) > maxText:
		p.faults.Add(name, "Please use at most %d letters.", maxText)
	case s != "" && len(text.Tokens(s)) == 0:
		p.faults.Add(name, "Please type some letters or numbers.")
	default:
		return s
	}
	return ""
}

func lookup(places Places, query string) *Near {
	if places == nil || utf8.RuneCountInString(query) > maxText {
		return nil
	}
	found := places.Lookup(query)
	if len(found) == 0 {
		return nil
	}
	return &Near{Lat: found[0].Lat, Lng: found[0].Lng, Label: PlaceLabel(found[0], "en"), Query: query, Place: found[0]}
}

// PlaceLabel names a place for a reader of lang ("en", "es"), so that it can be told from its namesakes: Salem,
// OR 97301, or Kraków, Poland. A country is written out, because its code would read as a state: DE is Delaware.
func PlaceLabel(p geo.Place, lang string) string {
	label := p.Name
	region := p.State
	if p.Country != "" && p.Country != "US" && p.Country != "CA" {
		region = geo.World().CountryName(p.Country, lang)
	}
	if region != "" {
		label += ", " + region
	}
	if p.PostalCode != "" {
		label += " " + p.PostalCode
	}
	return label
}

// UnplacedIn is the filter for the meetings that have a town in their words and no exact place: there are whole
// lists without.
func UnplacedIn(f Filter, town geo.Place) Filter {
	words := town.Name
	if town.Country == "US" || town.Country == "CA" {
		words = town.State + " " + words // not those of another state; the last word may be only begun
	}
	f.Near, f.WithinMiles, f.Unplaced = nil, 0, true
	f.Text = strings.TrimSpace(f.Text + " " + words)
	f.Limit, f.Offset = 0, 0
	return f
}

// clip keeps what somebody typed short enough to be said back.
func clip(s string) string {
	r := []rune(strings.ToValidUTF8(s, "?"))
	if len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return string(r)
}

func parsePosition(s string) (lat, lng float64, ok bool) {
	a, b, found := strings.Cut(s, ",")
	if !found {
		return 0, 0, false
	}
	lat, err1 := strconv.ParseFloat(strings.TrimSpace(a), 64)
	lng, err2 := strconv.ParseFloat(strings.TrimSpace(b), 64)
	// Written so that NaN fails.
	ok = err1 == nil && err2 == nil && math.Abs(lat) <= 90 && math.Abs(lng) <= 180
	return lat, lng, ok
}

// parseDistance reads 10, 10mi or 16km as miles.
func parseDistance(s string) (float64, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	scale := 1.0
	for _, unit := range []struct {
		name  string
		scale float64
	}{{"miles", 1}, {"mile", 1}, {"mi", 1}, {"km", milesPerKilometre}} {
		if rest, ok := strings.CutSuffix(s, unit.name); ok {
			s, scale = strings.TrimSpace(rest), unit.scale
			break
		}
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || !(n > 0) || n*scale > farthest {
		return 0, false
	}
	return n * scale, true
}

const byAppointment = "appointment"

// ParseDay reads a day of the week: mon, monday, or 1 (0 and 7 are Sunday), or "appointment".
func ParseDay(s string) (Day, bool) {
	s = strings.ToLower(s)
	if s == byAppointment {
		return ByAppointment, true
	}
	if len(s) == 1 && s[0] >= '0' && s[0] <= '7' {
		return Day(s[0]-'0') % 7, true
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		if len(s) >= 3 && strings.HasPrefix(strings.ToLower(d.String()), s) {
			return Day(d), true
		}
	}
	return 0, false
}

// Param is how a link names the day: sun to sat, or "appointment".
func (d Day) Param() string {
	if d < 0 || d.Weekday() > time.Saturday {
		return byAppointment
	}
	return strings.ToLower(d.Weekday().String()[:3])
}

// Weekday is the day as package time names it. It makes no sense for ByAppointment.
func (d Day) Weekday() time.Weekday { return time.Weekday(d) }

func (p *parser) when(f *Filter) {
	for _, s := range p.list(paramDay) {
		d, ok := ParseDay(s)
		switch {
		case s == "any":
		case !ok:
			p.faults.Add(paramDay, "We do not know the day “%s”. Please use mon, tue, wed, thu, fri, sat or sun.", clip(s))
		case !slices.Contains(f.Days, d):
			f.Days = append(f.Days, d)
		}
	}
	slices.Sort(f.Days)
	f.From = p.clock(paramFrom)
	f.Until = p.clock(paramUntil)
	switch s := p.one(paramWhen); s {
	case "", "any":
	case "now":
		f.Now = true
	case "tonight":
		f.Tonight = true
	default:
		p.faults.Add(paramWhen, "Please use now or tonight.")
	}
}

func (p *parser) clock(name string) civil.Clock {
	s := p.one(name)
	if s == "" {
		return civil.NoClock
	}
	c, err := civil.ParseClock(s)
	if err != nil {
		p.faults.Add(name, "Please give a time such as 17:30 or 5:30 PM.")
		return civil.NoClock
	}
	return c
}

// Values is the filter as parameters, in the one form that links use: reading them again gives the same
// filter. What is usual is left out.
func (f Filter) Values() url.Values {
	v := url.Values{}
	set := func(name string, parts ...string) {
		if s := strings.Join(parts, ","); s != "" {
			v.Set(name, s)
		}
	}
	if n := f.Near; n != nil {
		if n.Query != "" {
			set(paramPlace, n.Query)
		} else {
			set(paramNear, strconv.FormatFloat(n.Lat, 'f', -1, 64), strconv.FormatFloat(n.Lng, 'f', -1, 64))
			set(paramPlace, n.Label)
		}
		switch f.WithinMiles {
		case DefaultWithinMiles:
		case 0:
			set(paramWithin, "any")
		default:
			set(paramWithin, strconv.FormatFloat(f.WithinMiles, 'f', -1, 64)+"mi")
		}
	}
	set(paramText, f.Text)
	var days, ways, kinds, rights, answers []string
	for _, d := range f.Days {
		days = append(days, d.Param())
	}
	for _, a := range f.Attendance {
		ways = append(ways, string(a))
	}
	for _, k := range f.Kinds {
		kinds = append(kinds, string(k))
	}
	for _, r := range f.May {
		rights = append(rights, r.String())
	}
	set(paramDay, days...)
	set(paramFrom, f.From.String())
	set(paramUntil, f.Until.String())
	switch {
	case f.Now:
		set(paramWhen, "now")
	case f.Tonight:
		set(paramWhen, "tonight")
	}
	set(paramAttendance, ways...)
	set(paramFellowship, f.Fellowships...)
	set(paramKind, kinds...)
	set(paramType, f.Types...)
	set(paramLanguage, f.Languages...)
	set(paramNeed, f.Needs.Words()...)
	set(paramMay, rights...)
	for _, a := range f.Answers {
		answers = append(answers, a.String())
	}
	set(paramAnswer, answers...)
	if f.Unplaced {
		set(paramUnplaced, "yes")
	}
	if f.Limit > 0 {
		set(paramLimit, strconv.Itoa(f.Limit))
	}
	if f.Offset > 0 {
		set(paramOffset, strconv.Itoa(f.Offset))
	}
	return v
}
