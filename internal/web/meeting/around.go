package meeting

import (
	"context"
	"io"
	"math"
	"strconv"

	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
	"hearth/internal/web/ui"
)

// around is a drawing of where the meetings of a list are, as seen from its middle: rings of distance and
// the shapes of the welcome. It needs no script and no map, and names no street; the map itself is one
// press away. It adds nothing that the list does not say.
type around struct {
	drawing string
	Label   string // what it shows, in words
	Note    string // what the rings are
}

// Measures of the drawing. The middle is at 0,0.
const (
	aroundHalf = 270.0 // half a side
	aroundRing = 236.0 // the outer ring
	aroundWide = 44.0  // shapes nearer than this, sideways and up, share a pill
	aroundHigh = 27.0
)

// ringMiles are the distances that a ring may stand for.
var ringMiles = []float64{1, 2, 3, 5, 7, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 250, 500, 1000, 2500, 6000}

// spot is one place in the drawing, with every answer that is found there.
type spot struct {
	x, y    float64
	answers [4]int
	n       int
}

// Render writes the drawing.
func (a *around) Render(_ context.Context, w io.Writer) error {
	_, err := io.WriteString(w, a.drawing)
	return err
}

// drawAround draws the hits that have a place, nil where fewer than two do.
func drawAround(t ui.T, near *meeting.Near, hits []meeting.Hit, right welcome.Right) *around {
	spots := make([]spot, 0, len(hits))
	placed := 0
	lat, lng := middle(near, hits)
	stretch := math.Cos(lat * math.Pi / 180)
	const milesPerDegree = 69.09
	farthest := 0.0
	for i := range hits {
		h := &hits[i]
		if !h.HasPoint || h.Approximate || h.Attendance == meeting.Online {
			continue
		}
		placed++
		s := spot{x: math.Remainder(h.Lng-lng, 360) * stretch * milesPerDegree, y: (lat - h.Lat) * milesPerDegree, n: 1}
		s.answers[h.Welcome[right].Answer] = 1
		farthest = max(farthest, math.Hypot(s.x, s.y))
		spots = append(spots, s)
	}
	if placed < 2 {
		return nil
	}
	inner, outer := rings(farthest)
	spots = gather(spots, aroundRing/outer)

	place := t.S("where you are")
	if near == nil {
		place = t.S("their middle")
	} else if near.Label != "" {
		place = near.Label
	}
	a := &around{
		Note:  t.S("Around %s; rings at %s and %s.", place, t.S("%d miles", int(inner)), t.S("%d miles", int(outer))),
		Label: t.S("Where %d of these meetings are, around %s. The list says how far each one is.", placed, place),
	}
	if inner == 0 {
		a.Note = t.S("Around %s; ring at %s.", place, t.S("%d miles", int(outer)))
	}
	a.drawing = drawSpots(t, spots, near != nil, inner, outer)
	return a
}

// rings chooses the outer ring so that it holds the farthest meeting, and one about half way in; no inner
// one within a mile.
func rings(farthest float64) (inner, outer float64) {
	outer = ringMiles[len(ringMiles)-1]
	for i := len(ringMiles) - 1; i >= 0 && ringMiles[i] >= farthest*0.98; i-- {
		outer = ringMiles[i]
	}
	for _, miles := range ringMiles {
		if miles <= outer*0.6 {
			inner = miles
		}
	}
	return inner, outer
}

// middle is what the drawing is drawn around.
func middle(near *meeting.Near, hits []meeting.Hit) (lat, lng float64) {
	if near != nil {
		return near.Lat, near.Lng
	}
	n := 0.0
	for i := range hits {
		if hits[i].HasPoint && !hits[i].Approximate {
			lat, lng, n = lat+hits[i].Lat, lng+hits[i].Lng, n+1
		}
	}
	if n == 0 {
		return 0, 0
	}
	return lat / n, lng / n
}

// gather joins spots that would lie on each other, and turns miles into the drawing's units.
func gather(spots []spot, scale float64) []spot {
	out := make([]spot, 0, len(spots))
next:
	for _, s := range spots {
		s.x, s.y = s.x*scale, s.y*scale
		for i := range out {
			o := &out[i]
			if math.Abs(o.x-s.x) < aroundWide && math.Abs(o.y-s.y) < aroundHigh {
				for a := range o.answers {
					o.answers[a] += s.answers[a]
				}
				o.n += s.n
				continue next
			}
		}
		out = append(out, s)
	}
	return out
}

func drawSpots(t ui.T, spots []spot, centre bool, inner, outer float64) string {
	p := pens.Get().(*pen)
	defer pens.Put(p)
	p.b = p.b[:0]
	num := func(v float64) { p.b = strconv.AppendInt(p.b, int64(math.Round(v)), 10) }
	circle := func(class string, r float64) {
		p.raw(`<circle class="`)
		p.raw(class)
		p.raw(`" r="`)
		num(r)
		p.raw(`"/>`)
	}
	p.raw(`<svg class="around-drawing" viewBox="-270 -270 540 540" aria-hidden="true"><defs>`)
	for _, s := range []struct{ id, body string }{
		{"yes", `<circle r="10" fill="currentColor"/>`},
		{"depends", `<circle r="9" fill="none" stroke="currentColor" stroke-width="2"/><path d="M0-9a9 9 0 0 0 0 18z" fill="currentColor"/>`},
		{"no", `<circle r="9" fill="none" stroke="currentColor" stroke-width="2"/><path d="M-5 0h10" stroke="currentColor" stroke-width="3" stroke-linecap="round"/>`},
		{"unknown", `<circle r="9" fill="none" stroke="currentColor" stroke-width="2.7" stroke-linecap="round" stroke-dasharray="0 5.655"/>`},
	} {
		p.raw(`<g id="a-`)
		p.raw(s.id)
		p.raw(`">`)
		p.raw(s.body)
		p.raw(`</g>`)
	}
	p.raw(`</defs>`)
	circle("around-ring", aroundRing)
	if inner > 0 {
		circle("around-ring", aroundRing*inner/outer)
	}
	for _, miles := range []float64{inner, outer} {
		if miles == 0 {
			continue
		}
		p.raw(`<text class="around-miles" y="`)
		num(aroundRing*miles/outer + 16)
		p.element(`">`, t.S("%s mi", t.Number(int(miles))), `</text>`)
	}
	if centre {
		circle("around-you", 6)
	}
	for i := range spots {
		s := &spots[i]
		p.raw(`<g transform="translate(`)
		num(min(max(s.x, -aroundHalf+16), aroundHalf-16))
		p.raw(` `)
		num(min(max(s.y, -aroundHalf+16), aroundHalf-16))
		p.raw(`)">`)
		shown := 0
		for _, n := range s.answers {
			if n > 0 {
				shown++
			}
		}
		width := 26.0 + 22*float64(shown-1)
		if s.n > shown {
			width += 18
		}
		p.raw(`<rect class="around-pill" x="`)
		num(-width / 2)
		p.raw(`" y="-13" width="`)
		num(width)
		p.raw(`" height="26" rx="13"/>`)
		x := -width/2 + 13
		for _, a := range [...]welcome.Answer{welcome.Yes, welcome.Depends, welcome.No, welcome.Unknown} {
			if s.answers[a] == 0 {
				continue
			}
			p.raw(`<use class="shape-`)
			p.raw(a.String())
			p.raw(`" href="#a-`)
			p.raw(a.String())
			p.raw(`" transform="translate(`)
			num(x)
			p.raw(`) scale(.82)"/>`)
			x += 22
		}
		if s.n > shown {
			p.raw(`<text class="around-count" y="5" x="`)
			num(x - 2)
			p.raw(`">`)
			num(float64(s.n))
			p.raw(`</text>`)
		}
		p.raw(`</g>`)
	}
	p.raw(`</svg>`)
	return string(p.b)
}
