package meeting

import (
	"html"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"hearth/internal/meeting/welcome"
)

// answers is what a card says, right by right: all that the sentence depends on, besides whether it
// rests on the group's own word.
type answers [welcome.NumRights]welcome.Answer

// known tells whether there is anything to say.
func (a answers) known() bool { return a != answers{} }

// pick returns the rights of the list that have this answer, in order.
func (a answers) pick(want welcome.Answer, among ...welcome.Right) []welcome.Right {
	var out []welcome.Right
	for _, r := range among {
		if a[r] == want {
			out = append(out, r)
		}
	}
	return out
}

// clause is one part of the sentence, all of one answer, without capital and full stop: joining is the
// last step, because the card and a row of the finder join differently.
type clause struct {
	answer welcome.Answer
	text   string
}

// grammar builds the clauses in one language, yes first, then depends, then no, then not known. A no is
// never left out. sure drops the "usually": the group itself has said so.
type grammar func(a answers, sure, short bool) []clause

// sentence is the welcome in words: Text for the card, and the form with shapes for a row. Made once for each pattern of answers and kept, because a page of the finder has fifty.
type sentence struct {
	Text string
	row  string
}

// sentences holds the made sentences of one language: 4^7 patterns, with and without the group's word.
// Each is built when first asked for.
type sentences struct {
	grammar grammar
	wrap    func(string) string
	made    [2 << (2 * welcome.NumRights)]atomic.Pointer[sentence]
}

// of returns the sentence for a card that says something. For a card without any answer there are
// better words than a sentence; see unsaid.
func (s *sentences) of(a answers, sure bool) *sentence {
	key := 0
	for _, v := range a {
		key = key<<2 | int(v&3)
	}
	if sure {
		key |= 1 << (2 * welcome.NumRights)
	}
	if p := s.made[key].Load(); p != nil {
		return p
	}
	p := &sentence{
		Text: s.wrap(card(s.grammar(a, sure, false))),
		row:  s.rowHTML(s.grammar(a, sure, true)),
	}
	s.made[key].Store(p)
	return p
}

// card joins for the large sentence: what is open stands alone, the rest follows with semicolons.
func card(cs []clause) string {
	var b strings.Builder
	for i, c := range cs {
		text := c.text
		switch {
		case i == 0:
			text = capital(text)
		case i == 1 && cs[0].answer == welcome.Yes:
			b.WriteString(". ")
			text = capital(text)
		default:
			b.WriteString("; ")
		}
		b.WriteString(text)
	}
	b.WriteByte('.')
	return b.String()
}

// rowHTML joins for a row: each clause behind its shape, the shape never parted from its first word.
func (s *sentences) rowHTML(cs []clause) string {
	var b strings.Builder
	for i, c := range cs {
		text, end := c.text, ";"
		if i == 0 {
			text = capital(text)
		}
		if i == len(cs)-1 {
			end = "."
		}
		first, rest, more := strings.Cut(text+end, " ")
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(`<span class="says-part"><span class="says-join">`)
		b.WriteString(shapeMarks[c.answer])
		b.WriteString(html.EscapeString(s.wrap(first)))
		b.WriteString(`</span>`)
		if more {
			b.WriteByte(' ')
			b.WriteString(html.EscapeString(s.wrap(rest)))
		}
		b.WriteString(`</span>`)
	}
	return b.String()
}

// shapeMarks draw the small shapes by reference to the page's shapeDrawings: a page of the finder has two
// hundred of them.
var shapeMarks = func() (marks [4]string) {
	for _, a := range []welcome.Answer{welcome.Unknown, welcome.No, welcome.Depends, welcome.Yes} {
		marks[a] = `<svg class="shape shape-` + a.String() + ` shape-line" viewBox="0 0 24 24" aria-hidden="true"><use href="#s-` + a.String() + `"/></svg>`
	}
	return marks
}()

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// list joins words as a sentence does: "a", "a and b", "a, b and c".
func list(words []string, last string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " " + last + " " + words[n-1]
	}
}

// words looks up one form of each right.
func words(rs []welcome.Right, form *[welcome.NumRights]string) []string {
	out := make([]string, len(rs))
	for i, r := range rs {
		out[i] = form[r]
	}
	return out
}

// parts are the rights that a person exercises beyond coming; TimeCounts has a clause of its own.
var parts = []welcome.Right{welcome.Speak, welcome.Lead, welcome.Serve, welcome.HaveSponsor, welcome.BeSponsor}

// allElseDepends tells whether so much depends that a list would say less than "everything else": four
// rights or more, and nothing that is a no or not known.
func (a answers) allElseDepends(n int) bool {
	return n >= 4 && len(a.pick(welcome.No, welcome.Rights[:]...)) == 0 && len(a.pick(welcome.Unknown, parts...)) == 0 && a[welcome.TimeCounts] != welcome.Unknown
}

// missing lists what to call not known. Coming is left out: where anything else is known it is implied
// or contradicted. A row leaves out sponsoring too, which the card has.
func missing(a answers, short bool) []welcome.Right {
	if short {
		return a.pick(welcome.Unknown, welcome.Speak, welcome.Lead, welcome.Serve)
	}
	return a.pick(welcome.Unknown, parts...)
}
