package meeting

import (
	"time"

	"github.com/a-h/templ"

	"hearth/internal/civil"
	"hearth/internal/meeting"
	"hearth/internal/web/ui"
)

// Said is a meeting in words, for lists that are read elsewhere: on paper, on another site.
type Said struct {
	Start   string // 19:00, or – where there is no time
	Until   string // "to 20:00"
	Place   string // people's own words; "" online
	Far     string
	Notes   []string        // the zone where it differs, how one takes part, whose meeting it is, what it has
	Welcome templ.Component // the sentence, with its shapes, which the page must hold: Shapes
	How     string          // how we know; "" where there is nothing to know
}

// Shapes draws, out of sight, the shapes that sentences of a page refer to.
func Shapes() templ.Component { return shapeDrawings() }

// Today is the date where a list is read: in the place that was asked for, else where most of it is.
func (p *Pages) Today(f meeting.Filter, hits []meeting.Hit, now time.Time) civil.Date {
	return civil.DateOf(now.In(homeZone(p.named(f.Near), hits)))
}

// Sayer returns what puts the hits of one list into words.
func (p *Pages) Sayer(t ui.T, f meeting.Filter, hits []meeting.Hit, now time.Time) func(*meeting.Hit) Said {
	d := drawer{t: t, voice: p.voice(t), now: now, home: homeZone(p.named(f.Near), hits), near: f.Near}
	return func(h *meeting.Hit) Said {
		// The row's sentence was escaped when it was made.
		r := d.row(h)
		s := Said{Start: r.Start, Until: r.Until, Place: r.Place, Far: d.voice.far(t, h.Miles), Welcome: templ.Raw(r.Said.row)}
		if d.inTown(h) {
			s.Place = r.InTown
		}
		_, zone := d.zone(h)
		for _, n := range append([]string{zone}, r.Notes[:]...) {
			if n != "" && len(s.Notes) < len(r.Notes) {
				s.Notes = append(s.Notes, n)
			}
		}
		if c := summarise(h.Summary); c.answers.known() {
			s.How = howWords(t, c)
		}
		return s
	}
}

// FilterWords says what a filter lets through, part by part: "Mondays", "from 17:00 on", "within 10 miles of
// Salem, OR". None means everything.
func FilterWords(t ui.T, f meeting.Filter) []string {
	var out []string
	switch {
	case f.Now:
		out = append(out, t.S("now or within the hour"))
	case f.Tonight:
		out = append(out, t.S("tonight"))
	case len(f.Days) > 0:
		names := make([]string, len(f.Days))
		for i, d := range f.Days {
			names[i] = t.Weekdays(int(d))
		}
		out = append(out, enumerate(t, names))
	}
	if f.From.Valid() || f.Until.Valid() {
		out = append(out, clockWords(t, f.From, f.Until))
	}
	if f.Near != nil {
		out = append(out, nearWords(t, f.Near, f.WithinMiles))
	}
	if f.Text != "" {
		out = append(out, t.S("with the words “%s”", f.Text))
	}
	out = append(out, askedNames(t, f)...)
	out = append(out, wishWords(t, f)...)
	return out
}

// mayWords say a right that was asked for. A yes is what people usually found: it promises nothing.
var mayWords = map[string]string{
	"attend":     ui.Key("where you may usually come"),
	"speak":      ui.Key("where you may usually speak"),
	"lead":       ui.Key("where you may usually lead"),
	"serve":      ui.Key("where you may usually serve"),
	"sponsor":    ui.Key("where you may usually have a sponsor"),
	"be_sponsor": ui.Key("where you may usually be a sponsor"),
	"count":      ui.Key("where your time usually counts"),
}
