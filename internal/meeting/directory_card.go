package meeting

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"hearth/internal/meeting/index"
	"hearth/internal/meeting/welcome"
)

// newCard reads a stored card; "" is the card of a meeting of which nothing is known.
func newCard(doc string) (card, error) {
	full := welcome.Blank()
	if doc != "" {
		if err := json.Unmarshal([]byte(doc), &full); err != nil {
			return card{}, fmt.Errorf("read welcome card: %w", err)
		}
	}
	c := card{low: sortBound(full[welcome.Speak])}
	b := []byte{'{'}
	for i, v := range full {
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
		b = appendVerdict(b, &v)
	}
	c.json = string(append(b, '}'))
	return c, nil
}

// sortBound is the number by which meetings are sorted: the lower end of the interval where visits say
// something. Where only the group's word answers, its yes stands just below what visits call a yes (whose
// lower end is above a half), its "depends" and its no below that. Unknown is negative: last.
func sortBound(v welcome.Verdict) float64 {
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
