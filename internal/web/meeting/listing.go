package meeting

import (
	"context"
	"errors"
	"io"
	"strconv"
	"sync"
	"time"

	"hearth/internal/meeting"
	"hearth/internal/web/ui"
)

// The rows and the chips of the finder are written by hand and not by templ, which takes every value
// through fmt: fifty rows and sixty chips are most of the page, and the page is the one that everybody
// opens. Nothing else is. Every value goes through pen.text, which escapes it.

// pen writes HTML.
type pen struct{ b []byte }

var pens = sync.Pool{New: func() any { return &pen{b: make([]byte, 0, 64<<10)} }}

// write gives w what draw writes.
func write(w io.Writer, draw func(*pen)) error {
	p := pens.Get().(*pen)
	defer pens.Put(p)
	p.b = p.b[:0]
	draw(p)
	_, err := w.Write(p.b)
	return err
}

// raw writes markup of ours.
func (p *pen) raw(s string) { p.b = append(p.b, s...) }

// Write writes what a component of templ draws.
func (p *pen) Write(b []byte) (int, error) {
	p.b = append(p.b, b...)
	return len(b), nil
}

// text writes a value as text or inside a quoted attribute, escaped as html.EscapeString does it.
func (p *pen) text(s string) {
	from := 0
	for i := 0; i < len(s); i++ {
		escaped := ""
		switch s[i] {
		case '<':
			escaped = "&lt;"
		case '>':
			escaped = "&gt;"
		case '&':
			escaped = "&amp;"
		case '"':
			escaped = "&#34;"
		case '\'':
			escaped = "&#39;"
		default:
			continue
		}
		p.b = append(append(p.b, s[from:i]...), escaped...)
		from = i + 1
	}
	p.b = append(p.b, s[from:]...)
}

// element writes a value between its tags, and nothing where there is no value.
func (p *pen) element(open, value, end string) {
	if value != "" {
		p.raw(open)
		p.text(value)
		p.raw(end)
	}
}

// listing is a list of meetings.
type listing struct {
	d       *drawer
	hits    []meeting.Hit
	withDay bool // each row names its day
}

// Render writes the list.
func (l listing) Render(_ context.Context, w io.Writer) error {
	return write(w, func(p *pen) {
		p.raw(`<ol class="rows">`)
		for i := range l.hits {
			l.d.write(p, &l.hits[i], l.withDay)
		}
		p.raw(`</ol>`)
	})
}

// write writes the row of a meeting: what lasts as it is kept, and between that what depends on who asks.
func (d *drawer) write(p *pen, h *meeting.Hit, withDay bool) {
	r := d.voice.rows.of(d, h)
	zone, zoneName := d.zone(h)
	p.raw(`<li class="row"><p class="row-when">`)
	if !h.Next.IsZero() {
		p.raw(`<time datetime="`)
		p.b = h.Next.In(zone).AppendFormat(p.b, time.RFC3339)
		p.raw(`">`)
	}
	p.raw(r.start)
	p.element(`<b class="row-soon">`, d.soon(h, zone, withDay), `</b> `)
	if d.inTown(h) {
		p.raw(r.inTown)
	} else {
		p.raw(r.place)
	}
	p.element(`<span>`, d.voice.far(d.t, h.Miles), `</span> `)
	if zoneName != "" {
		p.element(`<span>`, zoneName, `</span> `)
		p.raw(r.notes[:r.three])
	} else {
		p.raw(r.notes)
	}
	p.raw(r.says)
	if r.seen {
		p.text(d.seen(h))
	}
	p.raw(r.end)
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
func (l *chipList) Render(ctx context.Context, w io.Writer) (err error) {
	return errors.Join(write(w, func(p *pen) {
		p.raw(`<ul class="` + l.class + `" aria-label="`)
		p.text(l.label)
		p.raw(`">`)
		for i := range l.chips {
			c := &l.chips[i]
			p.raw(`<li>`)
			if c.On {
				err = errors.Join(err, ui.Chip(*c).Render(ctx, p))
			} else {
				p.raw(`<a class="chip" href="`)
				p.text(c.Href)
				p.raw(`">`)
				p.text(c.Label)
				if c.Count > 0 {
					p.raw(` <span class="chip-count">`)
					p.b = strconv.AppendInt(p.b, int64(c.Count), 10)
					p.raw(`</span>`)
				}
				p.raw(`</a>`)
			}
			p.raw(`</li>`)
		}
		p.raw(`</ul>`)
	}), err)
}
