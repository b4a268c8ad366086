package open

import (
	"embed"
	"fmt"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/text/unicode/norm"

	"hearth/internal/meeting/welcome"
)

//go:embed fonts/*.ttf
var fonts embed.FS

// Paper is a sheet of paper, in points, upright.
type Paper struct {
	Name          string
	Width, Height float64
}

// The papers that a booklet may be printed on.
var (
	Letter = Paper{"letter", 612, 792}
	A4     = Paper{"a4", 595.28, 841.89}
)

// ink is a colour. A booklet is made to be copied: everything that means something is ink, the one colour
// is an ornament.
type ink struct{ r, g, b int }

var (
	black = ink{33, 30, 26}
	grey  = ink{84, 78, 70}
	faint = ink{196, 188, 176}
	ember = ink{168, 64, 31}
)

// block is something that is drawn as a whole at the height where it falls.
type block struct {
	height float64
	keep   bool // must not stand last in a column: a heading
	draw   func(x, y float64)
}

// placed is a block where it has fallen.
type placed struct {
	x, y float64
	b    block
}

// pageOf is a page with what stands in its head.
type pageOf struct {
	blocks []placed
	head   string // "" for none
	bare   bool   // neither head nor number: a cover
}

// press lays blocks out in columns on pages, and the pages on sheets.
type press struct {
	pdf           *fpdf.Fpdf
	width, height float64 // of one page
	margin        float64
	top, bottom   float64 // where columns begin and end
	columns       int
	gap           float64
	pages         []*pageOf
	column        int
	y             float64
	floor         float64 // where columns begin on this page, below what spans them
	head          string  // of pages that begin from now on
}

const (
	bodySize = 8.6
	leading  = 1.32
)

func newPress(b *Booklet) (*press, error) {
	pdf := fpdf.NewCustom(&fpdf.InitType{OrientationStr: "P", UnitStr: "pt", Size: fpdf.SizeType{Wd: b.Paper.Width, Ht: b.Paper.Height}})
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(0, 0, 0)
	pdf.SetTitle(b.Title, true)
	pdf.SetCreator("Hearth", true)
	pdf.SetLang(b.Lang)
	pdf.SetCreationDate(b.Printed)
	pdf.SetModificationDate(b.Printed)
	pdf.SetCatalogSort(true) // the same list gives the same bytes
	for _, f := range []struct{ family, style, file string }{{"text", "", "atkinson-400.ttf"}, {"text", "B", "atkinson-700.ttf"}, {"display", "", "fraunces-600.ttf"}} {
		data, err := fonts.ReadFile("fonts/" + f.file)
		if err != nil {
			return nil, fmt.Errorf("booklet font: %w", err)
		}
		pdf.AddUTF8FontFromBytes(f.family, f.style, data)
	}
	p := &press{pdf: pdf, width: b.Paper.Width, height: b.Paper.Height, margin: 46, columns: 2, gap: 22}
	if b.Fold {
		p.width, p.height, p.margin, p.columns = b.Paper.Height/2, b.Paper.Width, 32, 1
	}
	p.top, p.bottom = p.margin+18, p.height-p.margin-8
	return p, nil
}

// measure is the width of a column.
func (p *press) measure() float64 {
	return (p.width - 2*p.margin - float64(p.columns-1)*p.gap) / float64(p.columns)
}

// page begins a page.
func (p *press) page(bare bool) {
	p.pages = append(p.pages, &pageOf{head: p.head, bare: bare})
	p.column, p.floor = 0, p.top
	if bare {
		p.floor = p.margin
	}
	p.y = p.floor
}

// next goes to the next column, or the next page.
func (p *press) next() {
	if p.column+1 < p.columns {
		p.column++
		p.y = p.floor
		return
	}
	p.page(false)
}

// across lets columns begin below what has been put on the page so far.
func (p *press) across() { p.floor = p.y }

// x is the left edge of the column.
func (p *press) x() float64 {
	return p.margin + float64(p.column)*(p.measure()+p.gap)
}

// add places blocks that belong together: what must not be parted stands in one column.
func (p *press) add(bs ...block) {
	for i := range bs {
		need := bs[i].height
		for j := i; bs[j].keep && j+1 < len(bs); j++ {
			need += bs[j+1].height
		}
		last := p.pages[len(p.pages)-1]
		if p.y+need > p.bottom && p.y > p.floor && !last.bare { // a cover is one page, whatever is on it
			p.next()
			last = p.pages[len(p.pages)-1]
		}
		last.blocks = append(last.blocks, placed{p.x(), p.y, bs[i]})
		p.y += bs[i].height
	}
}

// space leaves room, but none at the head of a column.
func (p *press) space(h float64) {
	if p.y > p.floor {
		p.y += h
	}
}

// put draws page i with its left edge at x.
func (p *press) put(i int, x float64, label string) {
	page := p.pages[i]
	for _, pl := range page.blocks {
		pl.b.draw(x+pl.x, pl.y)
	}
	if page.bare {
		return
	}
	right := x + p.width - p.margin
	if page.head != "" {
		p.font("text", "", 7.5, grey)
		p.pdf.Text(x+p.margin, p.margin, p.fit(page.head, p.width-2*p.margin))
		p.rule(x+p.margin, p.margin+5, right, .5, faint)
	}
	p.font("text", "", 7.5, grey)
	s := fmt.Sprintf(label, i+1)
	p.pdf.Text(x+p.width/2-p.pdf.GetStringWidth(s)/2, p.height-p.margin*.55, s)
}

// flat prints one page on each side.
func (p *press) flat(b *Booklet) {
	for i := range p.pages {
		p.pdf.AddPageFormat("P", fpdf.SizeType{Wd: b.Paper.Width, Ht: b.Paper.Height})
		p.put(i, 0, b.Words.Page)
	}
}

// fold puts two pages on each side so that the stack, folded in the middle, reads in order.
func (p *press) fold(b *Booklet) {
	n := len(p.pages)
	for side := range n / 2 {
		left, right := n-1-side, side
		if side%2 == 1 {
			left, right = right, left
		}
		p.pdf.AddPageFormat("L", fpdf.SizeType{Wd: b.Paper.Width, Ht: b.Paper.Height})
		p.put(left, 0, b.Words.Page)
		p.put(right, p.width, b.Words.Page)
	}
}

func (p *press) font(family, style string, size float64, c ink) {
	p.pdf.SetFont(family, style, size)
	p.pdf.SetTextColor(c.r, c.g, c.b)
}

func (p *press) rule(x, y, to, width float64, c ink) {
	p.pdf.SetDrawColor(c.r, c.g, c.b)
	p.pdf.SetLineWidth(width)
	p.pdf.Line(x, y, to, y)
}

// paragraph is a block of running text with space behind it.
func (p *press) paragraph(s, family, style string, size float64, c ink, after float64) block {
	p.pdf.SetFont(family, style, size)
	lines := p.wrap(s, p.measure())
	return block{height: float64(len(lines))*size*leading + after, draw: func(x, y float64) {
		p.font(family, style, size, c)
		for i, l := range lines {
			p.pdf.Text(x, y+size+float64(i)*size*leading, l)
		}
	}}
}

// fit cuts a line to a width.
func (p *press) fit(s string, width float64) string {
	s = printable(s)
	if p.pdf.GetStringWidth(s) <= width {
		return s
	}
	runes := []rune(s)
	for len(runes) > 1 && p.pdf.GetStringWidth(string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimRight(string(runes), " ,·") + "…"
}

// wrap breaks s into lines no wider than width in the font that is set. A word longer than a line, such as an
// address, is broken where the line ends.
func (p *press) wrap(s string, width float64) []string {
	var lines []string
	line, used := "", 0.0
	end := func() {
		if line != "" {
			lines = append(lines, line)
		}
		line, used = "", 0
	}
	space := p.pdf.GetStringWidth(" ")
	for _, word := range wordsOf(s) {
		w := p.pdf.GetStringWidth(word)
		if w > width {
			end()
			from, part := 0, 0.0
			for i, r := range word {
				step := p.pdf.GetStringWidth(string(r))
				if part+step > width && i > from {
					lines = append(lines, word[from:i])
					from, part = i, 0
				}
				part += step
			}
			line, used = word[from:], part
			continue
		}
		if line != "" && used+space+w > width {
			end()
		}
		if line != "" {
			line += " "
			used += space
		}
		line += word
		used += w
	}
	end()
	return lines
}

// wordsOf are the parts of a text between which a line may end.
func wordsOf(s string) []string {
	return strings.FieldsFunc(printable(s), func(r rune) bool { return r == ' ' }) // a space that does not break is no end
}

// printable replaces what the booklet's fonts do not have: accents beyond western Europe are taken off, and
// a word in another script becomes a dot, so that nobody takes an empty box for a name.
func printable(s string) string {
	var b strings.Builder
	foreign := false
	for _, r := range norm.NFC.String(s) {
		out := string(r)
		switch {
		case r >= 0x20 && r < 0x7f, r >= 0xa0 && r <= 0xff && r != 0xad, strings.ContainsRune("ŒœŠšŽžŸ–—‘’‚“”„•…€™", r):
		case r == '\n' || r == '\t':
			out = " "
		case r < 0xff, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0xfeff, r == 0xfffd:
			continue // what has no width, turns the direction or is no letter
		default:
			if out = plainLetters(r); out == "" && !foreign {
				out = "·"
				foreign = true
				b.WriteString(out)
				continue
			}
		}
		foreign = foreign && out == ""
		b.WriteString(out)
	}
	return b.String()
}

// plainLetters are the letters of the booklet's fonts that are nearest to r, "" where there are none.
func plainLetters(r rune) string {
	var out strings.Builder
	for _, part := range norm.NFKD.String(string(r)) {
		if part >= 0x20 && part < 0x7f {
			out.WriteRune(part)
		}
	}
	if out.Len() > 0 {
		return out.String()
	}
	const strokes, plain = "ŁłĐđĦħŦŧıȷŊŋƏə", "LlDdHhTtijNnEe"
	if i := strings.IndexRune(strokes, r); i >= 0 {
		return string(plain[len([]rune(strokes[:i]))])
	}
	return ""
}

// shape draws the sign of an answer, the same four as on the pages, in ink only.
func (p *press) shape(a welcome.Answer, x, y, r float64) {
	p.pdf.SetDrawColor(black.r, black.g, black.b)
	p.pdf.SetFillColor(black.r, black.g, black.b)
	p.pdf.SetLineWidth(.8)
	switch a {
	case welcome.Yes:
		p.pdf.Circle(x, y, r, "FD")
	case welcome.Depends:
		p.pdf.Circle(x, y, r, "D")
		p.pdf.MoveTo(x, y-r)
		p.pdf.ArcTo(x, y, r, r, 0, 90, 270)
		p.pdf.ClosePath()
		p.pdf.DrawPath("F")
	case welcome.No:
		p.pdf.Circle(x, y, r, "D")
		p.pdf.SetLineWidth(1.3)
		p.pdf.Line(x-r*.55, y, x+r*.55, y)
	default:
		p.pdf.SetDashPattern([]float64{.9, 1.3}, 0)
		p.pdf.Circle(x, y, r, "D")
		p.pdf.SetDashPattern(nil, 0)
	}
}

// mark draws the arch with the fire in it, the sign on every page, so many points wide.
func (p *press) mark(x, y, side float64) {
	s := side / 32
	p.pdf.SetFillColor(black.r, black.g, black.b)
	p.pdf.MoveTo(x+4*s, y+28*s)
	p.pdf.LineTo(x+4*s, y+15*s)
	p.pdf.ArcTo(x+16*s, y+15*s, 12*s, 12*s, 0, 180, 0)
	p.pdf.LineTo(x+28*s, y+28*s)
	p.pdf.ClosePath()
	p.pdf.DrawPath("F")
	p.pdf.SetFillColor(ember.r, ember.g, ember.b)
	p.pdf.MoveTo(x+9*s, y+28*s)
	p.pdf.ArcTo(x+16*s, y+28*s, 7*s, 7*s, 0, 180, 0)
	p.pdf.ClosePath()
	p.pdf.DrawPath("F")
}

// dots draws a QR code.
func (p *press) dots(code [][]bool, x, y, side float64) {
	p.pdf.SetFillColor(black.r, black.g, black.b)
	step := side / float64(len(code))
	for i, row := range code {
		for j := 0; j < len(row); j++ {
			run := j
			for run < len(row) && row[run] {
				run++
			}
			if run > j {
				p.pdf.Rect(x+float64(j)*step, y+float64(i)*step, float64(run-j)*step, step, "F")
				j = run
			}
		}
	}
}
