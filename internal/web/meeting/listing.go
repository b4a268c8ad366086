package meeting

import (
	"context"
	"html"
	"io"
	"strconv"

	"hearth/internal/web/ui"
)

// The rows and the chips of the finder are written by hand and not by templ, which takes every value
// through fmt: fifty rows and sixty chips are most of the page, and the page is the one that everybody
// opens. Nothing else is. Every value goes through pen.text, which escapes it.

// pen writes HTML.
type pen struct {
	w   io.Writer
	err error
}

// raw writes markup of ours.
func (p *pen) raw(s string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, s)
	}
}

// text writes a value as text or inside a quoted attribute. Most values need no escape, and to see that is
// quicker than to ask for one.
func (p *pen) text(s string) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '<', '>', '&', '"', '\'':
			p.raw(html.EscapeString(s))
			return
		}
	}
	p.raw(s)
}

// listing is a list of meetings.
type listing struct {
	rows []row
	tell string // "Been there? Tell us"
}

func listed(t ui.T, rows []row) *listing { return &listing{rows, t.S("Been there? Tell us")} }

// Render writes the list.
func (l *listing) Render(ctx context.Context, w io.Writer) error {
	p := &pen{w: w}
	p.raw(`<ol class="rows">`)
	for i := range l.rows {
		r := &l.rows[i]
		p.raw(`<li class="row"><p class="row-when">`)
		if r.Stamp != "" {
			p.raw(`<time datetime="`)
			p.text(r.Stamp)
			p.raw(`">`)
			p.text(r.Start)
			p.raw(`</time>`)
		} else {
			p.raw(`<b>`)
			p.text(r.Start)
			p.raw(`</b>`)
		}
		p.element(`<span>`, r.Until, `</span>`)
		p.raw(`</p><div class="row-body"><h3 data-own><a href="`)
		p.text(r.Href)
		p.raw(`" dir="auto">`)
		p.text(r.Name)
		p.raw(`</a></h3><p class="row-where">`)
		p.element(`<b class="row-soon">`, r.Soon, `</b> `)
		p.element(`<span data-own dir="auto">`, r.Place, `</span> `)
		p.element(`<span>`, r.Far, `</span> `)
		for _, n := range r.Notes {
			p.element(`<span>`, n, `</span> `)
		}
		p.raw(`</p><p class="says">`)
		p.raw(r.Said.row)
		p.raw(`</p>`)
		if r.How != "" || r.Ask {
			p.raw(`<p class="row-how">`)
			if r.Got > 0 {
				if p.err == nil {
					p.err = ui.Pips(r.Got, reportsNeeded).Render(ctx, w)
				}
			}
			p.text(r.How)
			if r.Ask {
				p.raw(` <a href="`)
				p.text(r.Href)
				p.raw(`/visit">`)
				p.text(l.tell)
				p.raw(`</a>`)
			}
			p.raw(`</p>`)
		}
		p.raw(`</div></li>`)
	}
	p.raw(`</ol>`)
	return p.err
}

// element writes a value between its tags, and nothing where there is no value.
func (p *pen) element(open, value, end string) {
	if value != "" {
		p.raw(open)
		p.text(value)
		p.raw(end)
	}
}

// chipList is a row of filters as links.
type chipList struct {
	label string
	chips []ui.ChipData
	class string
}

func chips(label string, list []ui.ChipData) *chipList { return &chipList{label, list, "chips"} }

func foldedChips(s filterSet) *chipList { return &chipList{s.Label, s.Chips, "chips chips-wrap"} }

// Render writes the chips. One that is on is drawn by ui, with its mark.
func (l *chipList) Render(ctx context.Context, w io.Writer) error {
	p := &pen{w: w}
	p.raw(`<ul class="` + l.class + `" aria-label="`)
	p.text(l.label)
	p.raw(`">`)
	for i := range l.chips {
		c := &l.chips[i]
		p.raw(`<li>`)
		switch {
		case c.On && p.err == nil:
			p.err = ui.Chip(*c).Render(ctx, w)
		case !c.On:
			p.raw(`<a class="chip" href="`)
			p.text(c.Href)
			p.raw(`">`)
			p.text(c.Label)
			if c.Count > 0 {
				p.raw(` <span class="chip-count">`)
				p.raw(strconv.Itoa(c.Count))
				p.raw(`</span>`)
			}
			p.raw(`</a>`)
		}
		p.raw(`</li>`)
	}
	p.raw(`</ul>`)
	return p.err
}
