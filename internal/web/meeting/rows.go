package meeting

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/cespare/xxhash/v2"

	"hearth/internal/meeting"
	"hearth/internal/web/ui"
)

// keptRows holds rows that were drawn lately in one language: whoever asks, and whenever, most of a row is the
// same, and a page has fifty. It has a fixed number of places, each for all meetings whose ids fall on it; the latest
// stays there. A row is of one state of the directory, known by its number.
type keptRows struct {
	places [1 << 14]atomic.Pointer[drawn]
}

// drawn is what lasts of a row, as markup; what depends on who asks comes between its parts.
type drawn struct {
	seq int64 // of the directory
	id  string

	start         string // behind the start's stamp: the times and the name
	place, inTown string // with the town and, for who asked for that, without
	notes         string
	three         int    // bytes of the notes that stay where the zone is one of the four
	says          string // the sentence, and how we know
	seen          bool   // when its list was last read comes here
	end           string
}

// of returns what is drawn of a meeting, drawing it where that is not kept.
func (k *keptRows) of(d *drawer, h *meeting.Hit) *drawn {
	place := &k.places[xxhash.Sum64String(h.ID)%uint64(len(k.places))]
	if r := place.Load(); r != nil && r.seq == d.seq && r.id == h.ID {
		return r
	}
	r := d.draw(h)
	place.Store(r)
	return r
}

// draw draws what lasts of a row. What it returns holds no memory of the directory.
func (d *drawer) draw(h *meeting.Hit) *drawn {
	words := d.row(h)
	r := &drawn{seq: d.seq, id: strings.Clone(h.ID), seen: words.Seen}
	var p pen
	part := func() string {
		s := string(p.b)
		p.b = p.b[:0]
		return s
	}

	if h.Next.IsZero() {
		p.element(`<b>`, words.Start, `</b>`)
	} else {
		p.text(words.Start)
		p.raw(`</time>`)
	}
	p.element(`<span>`, words.Until, `</span>`)
	p.raw(`</p><div class="row-body"><h3 data-own><a href="/m/`)
	p.text(h.ID)
	p.raw(`" dir="auto">`)
	p.text(h.Name)
	p.raw(`</a></h3><p class="row-where">`)
	r.start = part()

	p.element(`<span data-own dir="auto">`, words.Place, `</span> `)
	r.place = part()
	p.element(`<span data-own dir="auto">`, words.InTown, `</span> `)
	r.inTown = part()

	for i, n := range words.Notes {
		if i == len(words.Notes)-1 {
			r.three = len(p.b)
		}
		p.element(`<span>`, n, `</span> `)
	}
	r.notes = part()

	p.raw(`</p><p class="says">`)
	p.raw(words.Said.row)
	p.raw(`</p>`)
	how := words.How != "" || words.Ask
	if how {
		p.raw(`<p class="row-how">`)
		if words.Got > 0 {
			_ = ui.Pips(words.Got, reportsNeeded).Render(context.Background(), &p) // a pen takes everything
		}
		p.text(words.How)
	}
	r.says = part()

	if words.Ask {
		p.raw(` <a href="/m/`)
		p.text(h.ID)
		p.raw(`/visit">`)
		p.text(d.voice.tell)
		p.raw(`</a>`)
	}
	if how {
		p.raw(`</p>`)
	}
	p.raw(`</div></li>`)
	r.end = part()
	return r
}
