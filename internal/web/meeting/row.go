package meeting

import (
	"strings"
	"time"

	"hearth/internal/civil"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
	"hearth/internal/web/ui"
)

// row is what a list says of one meeting whoever asks, and whenever.
type row struct {
	Start  string    // 19:00, or – where there is no time
	Until  string    // "to 20:00"
	Place  string    // people's own words, with the town
	InTown string    // the same for who asked for that town
	Notes  [4]string // "" where there is none
	Said   *sentence
	How    string // how we know
	Seen   bool   // nobody has told us: How is when its list was last read, which changes by the day
	Ask    bool   // offers the visit report
	Got    int    // of the reports needed, while too few
}

// reportsNeeded is how many visits it takes before a card says anything.
const reportsNeeded = 3

// drawer puts hits into words for one page: what a row says, and what it says to who asks here and now.
type drawer struct {
	t     ui.T
	voice *voice
	now   time.Time
	home  *time.Location
	near  *meeting.Near
	seq   int64 // of the directory

	seenDays int    // what seen said last: a list's meetings were seen at the same time
	seenWord string // "" at first
}

// groups puts hits, sorted as they are, under the days on which they are listed, each there where it is.
func (d *drawer) groups(hits []meeting.Hit, today civil.Date, tonight bool) []group {
	var out []group
	var last civil.Date
	from := 0
	for i := range hits {
		h := &hits[i]
		if len(out) == 0 || h.Date != last {
			out = append(out, group{Heading: heading(d.t, h.Date, today, tonight)})
			last, from = h.Date, i
		}
		out[len(out)-1].Rows = listing{d, hits[from : i+1], false}
	}
	return out
}

// Undated says when a meeting without a next start is: by appointment, or on a day for which no time is
// known.
func Undated(t ui.T, day meeting.Day) string {
	if day < 0 {
		return t.S("By appointment")
	}
	return ui.Capital(t.S("%s; the list gives no time", t.Weekdays(int(day))))
}

// heading is over the meetings of one date; today is where most of the list is.
func heading(t ui.T, date, today civil.Date, tonight bool) string {
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

// row says what lasts.
func (d *drawer) row(h *meeting.Hit) row {
	r := row{Start: "–", Place: placeWords(h.Summary, true), InTown: placeWords(h.Summary, false)}
	if !h.Next.IsZero() {
		r.Start = clockText(h.Start)
		if h.End.Valid() && h.End != h.Start {
			r.Until = d.voice.until[h.End]
		}
	}
	d.notes(&r, h)
	d.welcome(&r, h)
	return r
}

// soon says when a meeting is, where its time does not say enough. withDay names the day, for lists that
// are not grouped by it.
func (d *drawer) soon(h *meeting.Hit, zone *time.Location, withDay bool) string {
	t := d.t
	switch {
	case h.Running:
		return t.S("Going on now")
	case h.Next.IsZero() && h.Day >= 0:
		return t.S("The list gives no time")
	case h.Next.IsZero():
		return ""
	case h.Next.Sub(d.now) <= soonest:
		return t.S("Starts %s", t.Soon(h.Next.Sub(d.now)))
	case withDay:
		return ui.Capital(t.Date(h.Date))
	}
	return ""
}

// zone is that of a meeting, and its name where clocks there differ from those at home.
func (d *drawer) zone(h *meeting.Hit) (zone *time.Location, name string) {
	zone = d.home
	if h.Zone != "" {
		zone = location(h.Zone)
	}
	if !h.Next.IsZero() && zone != d.home && !sameClock(h.Next, zone, d.home) {
		name = zoneName(d.t, h.Zone)
	}
	return zone, name
}

// seen says when the list that has a meeting was last read.
func (d *drawer) seen(h *meeting.Hit) string {
	if days := int(d.now.Sub(h.SeenAt) / (24 * time.Hour)); days != d.seenDays || d.seenWord == "" {
		d.seenDays, d.seenWord = days, d.t.S("On its fellowship’s list, seen %s.", d.t.Ago(days))
	}
	return d.seenWord
}

// inTown tells whether who asks named the town in which a meeting is.
func (d *drawer) inTown(h *meeting.Hit) bool {
	if d.near == nil {
		return false
	}
	rest, ok := strings.CutPrefix(d.near.Label, h.City)
	return ok && (rest == "" || rest[0] == ',')
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

// notes are what one wants to know before opening the page: how one takes part, whose meeting it is, and
// what it has.
func (d *drawer) notes(r *row, h *meeting.Hit) {
	t := d.t
	n := 0
	add := func(s string) {
		if n < len(r.Notes) && s != "" {
			r.Notes[n] = s
			n++
		}
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
	c := summarise(h.Summary)
	r.Said = d.voice.say(c.answers, c.sure, c.reports, c.kind)
	r.How = howWords(t, c)
	switch {
	case c.answers.known():
	case c.reports == 1:
		r.How, r.Got, r.Ask = waitingWords(t, c.reports), c.reports, true
	case c.reports > 0:
		r.How, r.Ask = "", true // the sentence says it
	default:
		r.Seen, r.Ask = true, true
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
// the town unless that is the one that was asked for.
func placeWords(s *meeting.Summary, town bool) string {
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
	if town {
		add(s.City)
	}
	if len(parts) == 0 {
		add(s.Address)
	}
	return strings.Join(parts, ", ")
}
