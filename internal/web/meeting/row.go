package meeting

import (
	"strings"
	"time"

	"hearth/internal/civil"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
	"hearth/internal/web/ui"
)

// row is one meeting in a list, in words. It is plain strings: a page has fifty.
type row struct {
	Href  string
	Name  string
	Start string
	Stamp string // RFC 3339
	Until string
	Soon  string // "Starts in 25 min"
	Place string // people's own words
	Far   string
	Notes [4]string // "" where there is none
	Said  *sentence
	How   string
	Ask   bool // offers the visit report
	Got   int  // of the reports needed, while too few
}

// reportsNeeded is how many visits it takes before a card says anything.
const reportsNeeded = 3

// drawer turns hits into rows for one page.
type drawer struct {
	t     ui.T
	voice *voice
	now   time.Time
	home  *time.Location
	near  *meeting.Near
}

// groups puts hits under the day on which they are next, by the clocks of home.
func (d *drawer) groups(hits []meeting.Hit, today civil.Date, tonight bool) []group {
	var out []group
	var last civil.Date
	rows := make([]row, 0, len(hits)) // never grows, so that groups may hold parts of it
	from := 0
	for i := range hits {
		h := &hits[i]
		var date civil.Date
		if !h.Next.IsZero() {
			date = civil.DateOf(h.Next.In(d.home))
		}
		if h.Running && date != today {
			date = today // it began yesterday and goes on
		}
		if len(out) == 0 || date != last {
			out = append(out, group{Heading: d.heading(date, today, tonight)})
			last, from = date, len(rows)
		}
		rows = append(rows, row{})
		d.fill(&rows[len(rows)-1], h, false)
		out[len(out)-1].Rows = rows[from:]
	}
	return out
}

func (d *drawer) heading(date, today civil.Date, tonight bool) string {
	t := d.t
	switch {
	case date.IsZero():
		return t.S("By appointment")
	case date == today && tonight:
		return t.S("Tonight, %s", t.Date(date))
	case date == today:
		return t.S("Today, %s", t.Date(date))
	case date == today.AddDays(1):
		return t.S("Tomorrow, %s", t.Date(date))
	}
	return ui.Capital(t.Date(date))
}

// row draws one meeting. withDay names the day, for lists that are not grouped by it.
func (d *drawer) row(h *meeting.Hit, withDay bool) row {
	var r row
	d.fill(&r, h, withDay)
	return r
}

func (d *drawer) fill(r *row, h *meeting.Hit, withDay bool) {
	t := d.t
	r.Href, r.Name, r.Start, r.Place = "/m/"+h.ID, h.Name, clockText(h.Start), placeWords(&h.Summary, d.near)
	zone := d.home
	if h.Zone != "" {
		zone = location(h.Zone)
	}
	switch {
	case h.Running:
		r.Soon = t.S("Going on now")
	case h.Next.IsZero():
		r.Start = "–"
	case h.Next.Sub(d.now) <= soonest:
		r.Soon = t.S("Starts %s", t.Soon(h.Next.Sub(d.now)))
	case withDay:
		r.Soon = ui.Capital(t.Date(civil.DateOf(h.Next.In(zone))))
	}
	if !h.Next.IsZero() {
		r.Stamp = h.Next.In(zone).Format(time.RFC3339)
		if h.End.Valid() && h.End != h.Start {
			r.Until = d.voice.until[h.End]
		}
	}
	r.Far = d.voice.far(t, h.Miles)
	d.notes(r, h, zone)
	d.welcome(r, h)
}

// clockText is the time of day from a table: a page asks for fifty.
func clockText(c civil.Clock) string {
	if c.Valid() {
		return clockTexts[c]
	}
	return ""
}

var clockTexts = func() (texts [24 * 60]string) {
	for i := range texts {
		texts[i] = civil.Clock(i).String()
	}
	return texts
}()

// notes are what one wants to know before opening the page: the zone where it differs, how one takes
// part, whose meeting it is, and what it has.
func (d *drawer) notes(r *row, h *meeting.Hit, zone *time.Location) {
	t := d.t
	n := 0
	add := func(s string) {
		if n < len(r.Notes) && s != "" {
			r.Notes[n] = s
			n++
		}
	}
	if !h.Next.IsZero() && !sameClock(h.Next, zone, d.home) {
		add(zoneName(t, h.Zone))
	}
	switch h.Attendance {
	case meeting.Online:
		add(t.S("Online"))
	case meeting.Hybrid:
		add(t.S("also online"))
	case meeting.Inactive:
		add(t.S("Closed for now"))
	}
	add(d.voice.fellowship(t, h.Fellowship))
	for _, f := range [...]struct {
		flag meeting.Flags
		word string
	}{{meeting.Women, "women"}, {meeting.Wheelchair, "wheelchair"}, {meeting.ChildCare, "children"}, {meeting.LGBTQ, "lgbtq"}} {
		if h.Flags.Has(f.flag) {
			add(d.voice.needs[f.word])
		}
	}
}

// welcome puts the card into the row: the sentence, and how we know.
func (d *drawer) welcome(r *row, h *meeting.Hit) {
	t := d.t
	c := summarise(&h.Summary)
	r.Said = d.voice.say(c.answers, c.sure, c.reports, c.kind)
	r.How = howWords(t, c)
	switch {
	case c.answers.known():
	case c.reports >= reportsNeeded:
		r.How, r.Ask = "", true // and no word why they do not suffice: that could tell what they say
	case c.reports > 0:
		r.Got = c.reports
		r.How = t.S("%d of the %d visits we need.", r.Got, reportsNeeded)
		r.Ask = true
	default:
		r.How = t.S("On its fellowship’s list, seen %s.", t.Ago(int(d.now.Sub(h.SeenAt)/(24*time.Hour))))
		r.Ask = true
	}
}

// cardSummary is what a list says about a card.
type cardSummary struct {
	answers   answers
	sure      bool // each yes rests on the group's own word
	reports   int  // visits that told us something
	latest    string
	statement string // month of the group's decision, "" where there is none
	position  bool   // nothing but the fellowship's written position
	kind      meeting.Kind
}

func summarise(s *meeting.Summary) cardSummary {
	c := cardSummary{sure: true, position: true, kind: meeting.FellowshipByCode(s.Fellowship).Kind}
	for i := range s.Welcome {
		w := &s.Welcome[i]
		c.answers[i] = w.Answer
		c.reports = max(c.reports, w.Reports)
		own := w.Basis == "statement" || w.Basis == "both"
		if own && w.AsOf > c.statement {
			c.statement = w.AsOf
		}
		if w.Basis != "position" && w.Answer != welcome.Unknown {
			c.position = false
		}
		if w.Basis != "statement" && w.AsOf > c.latest {
			c.latest = w.AsOf
		}
		if w.Answer == welcome.Yes && !own {
			c.sure = false
		}
	}
	return c
}

// howWords says how we know, in one short line.
func howWords(t ui.T, c cardSummary) string {
	switch {
	case c.statement != "" && c.reports > 0:
		return t.S("The group’s written decision, and %d visits", c.reports)
	case c.statement != "":
		return t.S("The group’s written decision, %s", t.Month(c.statement))
	case c.reports > 0 && c.latest != "":
		return t.S("%d visits, latest in %s", c.reports, t.Month(c.latest))
	case c.reports > 0:
		return t.S("%d visits", c.reports)
	case c.answers.known() && c.position:
		return t.S("Only its fellowship’s written position; that says little about one room")
	}
	return ""
}

// placeWords is where a meeting is, as shortly as a row needs it: the name of the place, the street, and
// the town where it is not the one that was asked for.
func placeWords(s *meeting.Summary, near *meeting.Near) string {
	if s.Attendance == meeting.Online {
		return ""
	}
	street, _, _ := strings.Cut(s.Address, ",")
	if s.Approximate {
		street = ""
	}
	parts := make([]string, 0, 3)
	add := func(p string) {
		p = strings.TrimSpace(p)
		if p == "" {
			return
		}
		for _, have := range parts {
			if strings.EqualFold(have, p) {
				return
			}
		}
		parts = append(parts, p)
	}
	add(s.Location)
	add(street)
	if near == nil || !strings.HasPrefix(near.Label, s.City+",") && near.Label != s.City {
		add(s.City)
	}
	if len(parts) == 0 {
		add(s.Address)
	}
	return strings.Join(parts, ", ")
}
