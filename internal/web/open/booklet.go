package open

import (
	"fmt"
	"io"
	"strings"
	"time"

	qrcode "github.com/skip2/go-qrcode"

	"hearth/internal/meeting/welcome"
)

// Booklet is what a printed list says. All words are in the reader's language already.
type Booklet struct {
	Paper     Paper
	Fold      bool // two pages beside each other on a side, in the order for folding in the middle
	Lang      string
	Community string
	Title     string
	Lines     []string // under the title: what is listed, when it was printed
	Link      string   // address of the same list, drawn as a QR code
	Days      []BookletDay
	Signs     []Sign    // what each sign means
	Notes     []Note    // how to read the list
	Back      []Note    // on the back, beside the code
	Printed   time.Time // for the file; the reader's date is among Lines
	Words     BookletWords
}

// BookletWords are the few words of its own that a booklet has.
type BookletWords struct {
	Page      string // a format with one number: "Page %d"
	Continued string // a format with one heading: "%s, continued"
	Own       string // heading of empty pages: "Your own notes"
	HowToRead string
	Today     string // beside the code: "This list as it is today"
	Empty     string // instead of a list
}

// BookletDay is one day with its meetings.
type BookletDay struct {
	Heading string
	Items   []BookletItem
}

// BookletItem is one meeting.
type BookletItem struct {
	Time    string
	Name    string
	Where   string
	Details string
	Signs   []Sign // what is known of its welcome, right by right; none where nothing is known
	How     string // how that is known
}

// Sign is a shape with its word.
type Sign struct {
	Answer welcome.Answer
	Word   string
}

// Note is a heading with a text.
type Note struct{ Heading, Text string }

// Write lays the booklet out, writes the PDF and returns how many pages a reader turns and how many
// sides of paper the printer makes. A folded booklet has a multiple of four pages: a cover, how to read it,
// the list, empty pages for notes where there is room, and the back. A flat one begins at once.
func (b *Booklet) Write(w io.Writer) (pages, sides int, err error) {
	p, err := newPress(b)
	if err != nil {
		return 0, 0, err
	}
	code := b.code()
	if b.Fold {
		b.cover(p)
		p.page(false)
		b.legend(p)
		p.page(false)
		b.list(p)
		for len(p.pages)%4 != 3 {
			b.own(p)
		}
		b.back(p, code)
		p.fold(b)
	} else {
		p.page(false)
		b.masthead(p, code)
		b.list(p)
		p.space(14)
		b.legend(p)
		p.flat(b)
	}
	if err := p.pdf.Output(w); err != nil {
		return 0, 0, fmt.Errorf("write booklet: %w", err)
	}
	return len(p.pages), p.pdf.PageCount(), nil
}

// code is the QR code of the link; nil where there is none, or it is too long for one.
func (b *Booklet) code() [][]bool {
	if b.Link == "" {
		return nil
	}
	code, err := qrcode.New(b.Link, qrcode.Low)
	if err != nil {
		return nil
	}
	code.DisableBorder = true
	return code.Bitmap()
}

// cover is the front of a folded booklet.
func (b *Booklet) cover(p *press) {
	p.page(true)
	p.add(block{height: 34, draw: func(x, y float64) {
		p.mark(x-3, y, 30)
		p.font("text", "B", 10.5, black)
		p.pdf.Text(x+33, y+20, p.fit(b.Community, p.measure()-33))
	}})
	p.y = p.height * .3
	p.add(p.paragraph(b.Title, "display", "", 30, black, 12))
	p.add(block{height: 16, draw: func(x, y float64) {
		p.pdf.SetFillColor(ember.r, ember.g, ember.b)
		p.pdf.Rect(x, y, 44, 2.4, "F")
	}})
	for _, l := range b.Lines {
		p.add(p.paragraph(l, "text", "", 11, black, 4))
	}
	if b.Link != "" {
		host, _, _ := strings.Cut(shortLink(b.Link), "/")
		p.y = p.height - p.margin - 12
		p.add(block{height: 12, draw: func(x, y float64) {
			p.font("text", "", 9.6, grey)
			p.pdf.Text(x, y+10, p.fit(host, p.measure()))
		}})
	}
}

// back is the last page of a folded booklet.
func (b *Booklet) back(p *press, code [][]bool) {
	p.page(true)
	for _, n := range b.Back {
		p.add(p.paragraph(n.Heading, "display", "", 13, black, 3), p.paragraph(n.Text, "text", "", 9.6, black, 14))
	}
	const side = 96.0
	if code == nil {
		return
	}
	p.y = p.height - p.margin - side
	p.add(block{height: side, draw: func(x, y float64) {
		p.dots(code, x, y, side)
		b.today(p, x+side+14, y, p.measure()-side-14)
	}})
}

// today says beside a code where it leads.
func (b *Booklet) today(p *press, x, y, width float64) {
	p.font("display", "", 11, black)
	y += 10
	for _, l := range p.wrap(b.Words.Today, width) {
		p.pdf.Text(x, y, l)
		y += 14
	}
	p.font("text", "", bodySize, grey)
	for _, l := range p.wrap(shortLink(b.Link), width) {
		p.pdf.Text(x, y, l)
		y += bodySize * leading
	}
}

// shortLink is an address as one would type it.
func shortLink(link string) string {
	_, rest, _ := strings.Cut(link, "://")
	short, _, long := strings.Cut(rest, "?")
	if short = strings.TrimSuffix(short, "/"); long && len(rest) <= 60 {
		return rest
	}
	return short
}

// masthead is the head of a flat list, across its columns.
func (b *Booklet) masthead(p *press, code [][]bool) {
	const side = 64.0
	columns := p.columns
	p.columns, p.y = 1, p.margin-8
	width := p.measure() - side - 24
	p.pdf.SetFont("display", "", 25)
	title := p.wrap(b.Title, width)
	p.pdf.SetFont("text", "", 9.6)
	var lines []string
	for _, l := range b.Lines {
		lines = append(lines, p.wrap(l, width)...)
	}
	height := max(24+float64(len(title))*29+float64(len(lines))*13.4, side+20) + 12
	p.add(block{height: height, draw: func(x, y float64) {
		right := x + p.width - 2*p.margin
		p.mark(x-2, y-3, 18)
		p.font("text", "B", 9.4, black)
		p.pdf.Text(x+20, y+9.6, p.fit(b.Community, width-20))
		at := y + 44.0
		p.font("display", "", 25, black)
		for _, l := range title {
			p.pdf.Text(x, at, l)
			at += 29
		}
		at -= 9
		p.font("text", "", 9.6, grey)
		for _, l := range lines {
			p.pdf.Text(x, at, l)
			at += 13.4
		}
		if code != nil {
			p.dots(code, right-side, y, side)
			p.font("text", "", 7, grey)
			for i, l := range p.wrap(b.Words.Today, side+14) {
				p.pdf.Text(right-side, y+side+9+float64(i)*8.6, l)
			}
		}
		p.rule(x, y+height-9, right, 1, black)
	}})
	p.columns = columns
	p.across()
}

func (b *Booklet) list(p *press) {
	p.head = b.Community + " · " + b.Title
	if len(b.Days) == 0 {
		p.add(p.paragraph(b.Words.Empty, "text", "", 11, black, 0))
	}
	for _, d := range b.Days {
		p.space(9)
		heading := b.heading(p, d.Heading)
		for i, item := range d.Items {
			one := b.item(p, item)
			switch {
			case i == 0:
				p.add(heading, one)
			case p.y+one.height > p.bottom:
				p.add(b.heading(p, fmt.Sprintf(b.Words.Continued, d.Heading)), one)
			default:
				p.add(one)
			}
		}
	}
}

// heading is the name of a day, on a line that its column hangs from.
func (b *Booklet) heading(p *press, s string) block {
	width := p.measure()
	return block{height: 25, keep: true, draw: func(x, y float64) {
		p.font("display", "", 13.5, black)
		p.pdf.Text(x, y+13, p.fit(s, width))
		p.rule(x, y+18, x+width, .8, black)
	}}
}

// item is one meeting: time on the left, the rest beside it.
func (b *Booklet) item(p *press, m BookletItem) block {
	const gutter = 40.0
	width := p.measure() - gutter
	p.pdf.SetFont("text", "B", bodySize+.6)
	name := p.wrap(m.Name, width)
	p.pdf.SetFont("text", "", bodySize)
	where := p.wrap(m.Where, width)
	details := p.wrap(m.Details, width)
	step := bodySize * leading
	signs := p.flow(m.Signs, m.How, width, step)
	height := float64(len(name)+len(where)+len(details))*step + signs.height + 6.6
	return block{height: height, draw: func(x, y float64) {
		p.font("display", "", 11, black)
		p.pdf.Text(x, y+bodySize+.8, m.Time)
		at := y + bodySize
		for _, part := range []struct {
			style string
			size  float64
			c     ink
			lines []string
		}{{"B", bodySize + .6, black, name}, {"", bodySize, black, where}, {"", bodySize, grey, details}} {
			p.font("text", part.style, part.size, part.c)
			for _, l := range part.lines {
				p.pdf.Text(x+gutter, at, l)
				at += step
			}
		}
		signs.draw(x+gutter, at)
	}}
}

// flow sets signs with their words one after another, then how they are known, over as many lines as that
// takes.
func (p *press) flow(signs []Sign, how string, width, step float64) block {
	type piece struct {
		x, y float64
		sign *Sign
		word string
	}
	const radius, indent = 2.9, 8.4
	var pieces []piece
	x, y := 0.0, 0.0
	place := func(w float64, s *Sign, word string, after float64) {
		if x+w > width && x > 0 {
			x, y = 0, y+step
		}
		pieces = append(pieces, piece{x, y, s, word})
		x += w + after
	}
	p.pdf.SetFont("text", "", bodySize)
	space := p.pdf.GetStringWidth(" ")
	for i := range signs {
		word := printable(signs[i].Word)
		place(indent+p.pdf.GetStringWidth(word), &signs[i], word, 2.4*space)
	}
	for _, word := range wordsOf(how) {
		place(p.pdf.GetStringWidth(word), nil, word, space)
	}
	if len(pieces) == 0 {
		return block{draw: func(float64, float64) {}}
	}
	return block{height: y + step, draw: func(left, top float64) {
		for _, c := range pieces {
			if c.sign == nil {
				p.font("text", "", bodySize, grey)
				p.pdf.Text(left+c.x, top+c.y, c.word)
				continue
			}
			p.shape(c.sign.Answer, left+c.x+radius, top+c.y-bodySize*.34, radius)
			p.font("text", "", bodySize, black)
			p.pdf.Text(left+c.x+indent, top+c.y, c.word)
		}
	}}
}

// legend says how to read the list.
func (b *Booklet) legend(p *press) {
	blocks := []block{b.heading(p, b.Words.HowToRead)}
	for _, s := range b.Signs {
		p.pdf.SetFont("text", "", bodySize+.4)
		lines := p.wrap(s.Word, p.measure()-16)
		step := (bodySize + .4) * leading
		blocks = append(blocks, block{height: float64(len(lines))*step + 3, keep: true, draw: func(x, y float64) {
			p.shape(s.Answer, x+4, y+bodySize*.68, 3.6)
			p.font("text", "", bodySize+.4, black)
			for i, l := range lines {
				p.pdf.Text(x+16, y+bodySize+float64(i)*step, l)
			}
		}})
	}
	if n := len(blocks); n > 0 {
		blocks[n-1].keep = false
	}
	p.add(blocks...)
	for _, n := range b.Notes {
		p.space(7)
		text := p.paragraph(n.Text, "text", "", bodySize+.4, black, 0)
		if n.Heading == "" {
			p.add(text)
			continue
		}
		heading := p.paragraph(n.Heading, "text", "B", bodySize+.6, black, 1)
		heading.keep = true
		p.add(heading, text)
	}
}

// own is a page with lines to write on.
func (b *Booklet) own(p *press) {
	p.head = ""
	p.page(false)
	p.add(b.heading(p, b.Words.Own))
	for y := p.y + 22; y < p.bottom; y += 22 {
		p.y = y
		width := p.measure()
		p.add(block{draw: func(x, y float64) { p.rule(x, y, x+width, .5, faint) }})
	}
}
