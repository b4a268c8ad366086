package open

import (
	"embed"
	"fmt"
	"io"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	qrcode "github.com/skip2/go-qrcode"
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

// Booklet is what a printed list says. All words are in the reader's language already.
type Booklet struct {
	Paper     Paper
	Fold      bool // two pages beside each other on a sheet, in the order for folding in the middle
	Title     string
	Lines     []string // under the title: what is listed, when it was printed
	Link      string   // address of the same list, drawn as a QR code
	LinkNote  string
	Days      []BookletDay
	Note      []string // last page: how to read it
	PageLabel string   // format with one number, such as "Page %d"
	Blank     string   // heading of pages that only fill the sheet
	Printed   time.Time
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
	Welcome string
	Answer  welcome.Answer // of the right to speak; drawn as its shape
}

// block is something that is drawn as a whole at the height where it falls.
type block struct {
	height float64
	keep   bool // must not stand last on a page: a heading
	draw   func(x, y, width float64)
}

// press lays blocks out on pages and the pages on sheets.
type press struct {
	pdf           *fpdf.Fpdf
	width, height float64 // of one page
	margin        float64
	pages         [][]placed
	y             float64
}

type placed struct {
	y float64
	b block
}

const (
	bodySize = 8.6
	leading  = 1.32
)

// Write lays the booklet out, writes the PDF and returns how many pages a reader turns and how many
// sides of paper the printer makes. A folded booklet has a multiple of four pages.
func (b Booklet) Write(w io.Writer) (pages, sides int, err error) {
	pdf := fpdf.NewCustom(&fpdf.InitType{OrientationStr: "P", UnitStr: "pt", Size: fpdf.SizeType{Wd: b.Paper.Width, Ht: b.Paper.Height}})
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(0, 0, 0)
	pdf.SetTitle(b.Title, true)
	pdf.SetCreator("Hearth", true)
	pdf.SetCreationDate(b.Printed)
	pdf.SetModificationDate(b.Printed)
	for _, f := range []struct{ family, style, file string }{{"text", "", "atkinson-400.ttf"}, {"text", "B", "atkinson-700.ttf"}, {"display", "", "fraunces-600.ttf"}} {
		data, err := fonts.ReadFile("fonts/" + f.file)
		if err != nil {
			return 0, 0, fmt.Errorf("booklet font: %w", err)
		}
		pdf.AddUTF8FontFromBytes(f.family, f.style, data)
	}
	p := &press{pdf: pdf, width: b.Paper.Width, height: b.Paper.Height, margin: 45}
	if b.Fold {
		p.width, p.height, p.margin = b.Paper.Height/2, b.Paper.Width, 30
	}
	b.cover(p)
	b.list(p)
	b.last(p)
	if b.Fold {
		for len(p.pages)%4 != 0 { // the note stays on the back cover
			end := p.pages[len(p.pages)-1]
			p.pages = append(p.pages[:len(p.pages)-1], []placed{{y: p.margin, b: p.paragraph(b.Blank, "text", "", bodySize, 120)}}, end)
		}
		p.fold(b)
	} else {
		for i := range p.pages {
			pdf.AddPageFormat("P", fpdf.SizeType{Wd: b.Paper.Width, Ht: b.Paper.Height})
			p.put(i, 0, b.PageLabel)
		}
	}
	if err := pdf.Output(w); err != nil {
		return 0, 0, fmt.Errorf("write booklet: %w", err)
	}
	return len(p.pages), pdf.PageCount(), nil
}

// fold puts two pages on each side so that the stack, folded in the middle, reads in order.
func (p *press) fold(b Booklet) {
	n := len(p.pages)
	for side := range n / 2 {
		left, right := n-1-side, side
		if side%2 == 1 {
			left, right = right, left
		}
		p.pdf.AddPageFormat("L", fpdf.SizeType{Wd: b.Paper.Width, Ht: b.Paper.Height})
		p.put(left, 0, b.PageLabel)
		p.put(right, p.width, b.PageLabel)
	}
}

// put draws page i with its left edge at x.
func (p *press) put(i int, x float64, label string) {
	for _, pl := range p.pages[i] {
		pl.b.draw(x+p.margin, pl.y, p.width-2*p.margin)
	}
	if i == 0 {
		return
	}
	p.pdf.SetFont("text", "", 7.5)
	p.pdf.SetTextColor(90, 84, 75)
	s := fmt.Sprintf(label, i+1)
	p.pdf.Text(x+p.width/2-p.pdf.GetStringWidth(s)/2, p.height-p.margin*.55, s)
}

func (p *press) newPage() {
	p.pages = append(p.pages, nil)
	p.y = p.margin
}

// add places blocks that belong together; what must not be parted stands on one page.
func (p *press) add(bs ...block) {
	for i := 0; i < len(bs); i++ {
		need := bs[i].height
		for j := i; bs[j].keep && j+1 < len(bs); j++ {
			need += bs[j+1].height
		}
		if p.y+need > p.height-p.margin*1.25 && p.y > p.margin {
			p.newPage()
		}
		last := len(p.pages) - 1
		p.pages[last] = append(p.pages[last], placed{p.y, bs[i]})
		p.y += bs[i].height
	}
}

// paragraph is a block of running text with space behind it.
func (p *press) paragraph(s, family, style string, size, after float64) block {
	p.pdf.SetFont(family, style, size)
	lines := p.wrap(s, p.width-2*p.margin)
	return block{height: float64(len(lines))*size*leading + after, draw: func(x, y, _ float64) {
		p.pdf.SetFont(family, style, size)
		p.pdf.SetTextColor(33, 30, 26)
		for i, l := range lines {
			p.pdf.Text(x, y+size+float64(i)*size*leading, l)
		}
	}}
}

// wrap breaks s into lines no wider than width in the font that is set.
func (p *press) wrap(s string, width float64) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(printable(s)) {
		for p.pdf.GetStringWidth(word) > width { // a word longer than a line, such as an address
			cut := len([]rune(word))
			for cut > 1 && p.pdf.GetStringWidth(string([]rune(word)[:cut])) > width {
				cut--
			}
			if line != "" {
				lines, line = append(lines, line), ""
			}
			lines, word = append(lines, string([]rune(word)[:cut])), string([]rune(word)[cut:])
		}
		next := word
		if line != "" {
			next = line + " " + word
		}
		if p.pdf.GetStringWidth(next) > width && line != "" {
			lines, line = append(lines, line), word
		} else {
			line = next
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// printable replaces what the booklet's fonts do not have: accents beyond western Europe are taken off,
// other scripts become a middle dot, so that nobody takes an empty box for a name.
func printable(s string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(s) {
		switch {
		case r >= 0x20 && r < 0x7f, r >= 0xa0 && r <= 0xff, strings.ContainsRune("ŒœŠšŽžŸ–—‘’‚“”„•…€™", r):
			b.WriteRune(r)
		case r == '\n' || r == '\t':
			b.WriteByte(' ')
		default:
			base := []rune(norm.NFD.String(string(r)))[0]
			if base != r && base < 0x7f {
				b.WriteRune(base)
			} else if norm.NFKC.String(string(r)) != string(r) && len(norm.NFKC.String(string(r))) == 1 {
				b.WriteString(norm.NFKC.String(string(r)))
			} else if r > 0xff {
				b.WriteRune('·')
			}
		}
	}
	return b.String()
}

func (b Booklet) cover(p *press) {
	p.newPage()
	p.y = p.height * .22
	p.add(p.paragraph(b.Title, "display", "", 26, 14))
	for _, l := range b.Lines {
		p.add(p.paragraph(l, "text", "", 11, 4))
	}
	if b.Link == "" {
		return
	}
	code, err := qrcode.New(b.Link, qrcode.Medium)
	if err != nil {
		return // too long for a code: the cover goes without
	}
	code.DisableBorder = true
	dots := code.Bitmap()
	const side = 92.0
	p.y = p.height - p.margin*1.25 - side - 40
	p.add(block{height: side + 8, draw: func(x, y, _ float64) {
		p.pdf.SetFillColor(33, 30, 26)
		step := side / float64(len(dots))
		for i, row := range dots {
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
	}}, p.paragraph(b.LinkNote, "text", "", bodySize, 0))
}

func (b Booklet) list(p *press) {
	p.newPage()
	for _, d := range b.Days {
		heading := p.paragraph(d.Heading, "display", "", 13, 4)
		heading.keep = true
		for i, item := range d.Items {
			if i == 0 {
				p.add(heading, b.item(p, item))
			} else {
				p.add(b.item(p, item))
			}
		}
		p.y += 6
	}
}

// item is one meeting: time on the left, the rest beside it.
func (b Booklet) item(p *press, m BookletItem) block {
	const gutter = 44.0
	width := p.width - 2*p.margin - gutter
	p.pdf.SetFont("text", "B", bodySize+.6)
	name := p.wrap(m.Name, width)
	p.pdf.SetFont("text", "", bodySize)
	where, details := p.wrap(m.Where, width), p.wrap(m.Details, width)
	says := p.wrap(m.Welcome, width-11)
	lines := len(name) + len(where) + len(details) + len(says)
	step := bodySize * leading
	return block{height: float64(lines)*step + 6.5, draw: func(x, y, _ float64) {
		p.pdf.SetTextColor(33, 30, 26)
		p.pdf.SetFont("display", "", 11)
		p.pdf.Text(x, y+bodySize+.8, m.Time)
		at := y + bodySize
		line := func(style string, size float64, grey bool, indent float64, ls []string) {
			p.pdf.SetFont("text", style, size)
			if grey {
				p.pdf.SetTextColor(70, 65, 58)
			} else {
				p.pdf.SetTextColor(33, 30, 26)
			}
			for _, l := range ls {
				p.pdf.Text(x+gutter+indent, at, l)
				at += step
			}
		}
		line("B", bodySize+.6, false, 0, name)
		line("", bodySize, true, 0, where)
		line("", bodySize, true, 0, details)
		if len(says) > 0 {
			p.shape(m.Answer, x+gutter+3.4, at-3, 3.1)
		}
		line("", bodySize, false, 11, says)
	}}
}

// shape draws the sign of an answer, the same four as on the pages, in ink only.
func (p *press) shape(a welcome.Answer, x, y, r float64) {
	p.pdf.SetDrawColor(33, 30, 26)
	p.pdf.SetFillColor(33, 30, 26)
	p.pdf.SetLineWidth(.8)
	switch a {
	case welcome.Yes:
		p.pdf.Circle(x, y, r, "F")
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

func (b Booklet) last(p *press) {
	p.newPage()
	for i, l := range b.Note {
		if i == 0 {
			p.add(p.paragraph(l, "display", "", 13, 6))
			continue
		}
		p.add(p.paragraph(l, "text", "", bodySize+.4, 6))
	}
}
