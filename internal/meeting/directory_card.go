package meeting

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"hearth/internal/meeting/index"
	"hearth/internal/meeting/welcome"
)

// newCard is what the finder keeps of a card.
func newCard(full *welcome.Card) card {
	c := card{low: sortBound(&full[welcome.Speak])}
	b := append(make([]byte, 0, 768), '{')
	for i := range full {
		v := &full[i]
		c.answers |= index.PackAnswer(i, int(v.Answer))
		row := cardRow{
			mean: float32(v.Mean), low: float32(v.Low), high: float32(v.High),
			reports: uint32(v.Reports), month: monthNumber(v.AsOf), answer: v.Answer,
		}
		for n, basis := range bases {
			if basis == v.Basis {
				row.basis = uint8(n)
			}
		}
		c.rights[i] = row
		if i > 0 {
			b = append(b, ',')
		}
		b = appendVerdict(b, v)
	}
	c.json = string(append(b, '}'))
	return c
}

// cardReader reads stored cards. Many meetings have the same: those of which only their fellowship's
// position is known.
type cardReader struct {
	blank  card
	common map[string]card
}

// A reader remembers this many cards: common ones come up early.
const commonCards = 200

func newCardReader() *cardReader {
	blank := welcome.Blank()
	return &cardReader{blank: newCard(&blank), common: map[string]card{}}
}

func (r *cardReader) read(doc string) (card, error) {
	if doc == "" {
		return r.blank, nil
	}
	if c, ok := r.common[doc]; ok {
		return c, nil
	}
	var full welcome.Card
	if !scanCard(doc, &full) {
		if err := json.Unmarshal([]byte(doc), &full); err != nil {
			return card{}, fmt.Errorf("read welcome card: %w", err)
		}
	}
	c := newCard(&full)
	if len(r.common) < commonCards {
		r.common[doc] = c
	}
	return c, nil
}

// scanCard reads what the finder needs of a stored card many times quicker than encoding/json. It says
// false where the text is not as json.Marshal writes it.
func scanCard(doc string, full *welcome.Card) bool {
	rest, ok := strings.CutPrefix(doc, "[")
	for i := range full {
		if i > 0 && ok {
			rest, ok = strings.CutPrefix(rest, ",")
		}
		if !ok || rest == "" || rest[0] != '{' {
			return false
		}
		end := strings.IndexByte(rest, '}')
		full[i] = welcome.Verdict{Right: welcome.Right(i), Basis: welcome.BasisNone}
		if end < 0 || (end > 1 && !scanVerdict(rest[1:end], &full[i])) {
			return false
		}
		rest = rest[end+1:]
	}
	return rest == "]"
}

// scanVerdict reads the fields of one verdict, in the short form of welcome.Card. No value in it holds a
// comma or a brace.
func scanVerdict(fields string, v *welcome.Verdict) bool {
	for field := range strings.SplitSeq(fields, ",") {
		key, value, ok := strings.Cut(field, ":")
		if !ok || strings.IndexByte(value, '\\') >= 0 {
			return false
		}
		text, isText := "", len(value) >= 2 && value[0] == '"'
		if isText {
			text = value[1 : len(value)-1]
		}
		var err error
		switch key {
		case `"a"`:
			v.Answer, ok = welcome.ParseAnswer(text)
		case `"b"`:
			v.Basis = welcome.Basis(text)
		case `"t"`:
			v.AsOf = text
		case `"e"`:
			v.Enough = value == "true"
		case `"n"`:
			v.Reports, err = strconv.Atoi(value)
		case `"m"`:
			v.Mean, err = strconv.ParseFloat(value, 64)
		case `"l"`:
			v.Low, err = strconv.ParseFloat(value, 64)
		case `"h"`:
			v.High, err = strconv.ParseFloat(value, 64)
		}
		if !ok || err != nil {
			return false
		}
	}
	return true
}

// sortBound is the number by which meetings are sorted: the lower end of the interval where visits say
// something. Where only the group's word answers, its yes stands just below what visits call a yes (whose
// lower end is above a half), its "depends" and its no below that. Unknown is negative: last.
func sortBound(v *welcome.Verdict) float64 {
	switch {
	case v.Enough:
		return v.Low
	case v.Answer == welcome.Yes:
		return 0.5
	case v.Answer == welcome.Depends:
		return 0.25
	case v.Answer == welcome.No:
		return 0
	}
	return -1
}

func appendVerdict(b []byte, v *welcome.Verdict) []byte {
	b = append(append(append(b, '"'), v.Right.String()...), `":{"answer":"`...)
	b = append(append(b, v.Answer.String()...), '"')
	for _, n := range [...]struct {
		key   string
		value float64
	}{{`,"mean":`, v.Mean}, {`,"low":`, v.Low}, {`,"high":`, v.High}} {
		b = append(b, n.key...)
		if v.Enough {
			b = strconv.AppendFloat(b, math.Round(n.value*10000)/10000, 'f', -1, 64)
		} else {
			b = append(b, "null"...)
		}
	}
	b = strconv.AppendInt(append(b, `,"reports":`...), int64(v.Reports), 10)
	b = append(b, `,"as_of":`...)
	if v.AsOf == "" {
		b = append(b, "null"...)
	} else {
		b = appendString(b, v.AsOf)
	}
	return append(b, '}')
}

// monthNumber counts the months of "2026-05" from the year 0; 0 where s is no month.
func monthNumber(s string) uint16 {
	if len(s) != 7 || s[4] != '-' {
		return 0
	}
	year, err1 := strconv.ParseUint(s[:4], 10, 16)
	month, err2 := strconv.ParseUint(s[5:], 10, 16)
	if err1 != nil || err2 != nil || month < 1 || month > 12 || year > 5000 {
		return 0
	}
	return uint16(year*12 + month - 1)
}
