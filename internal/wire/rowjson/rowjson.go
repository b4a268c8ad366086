// Package rowjson reads big lists of small JSON objects without turning them into maps: a document is
// checked once from end to end, and then walked row by row over the bytes as they came.
//
// It owns JSON as feeds write it, and messages that say on which line it broke. It must never know what a
// meeting is. It is stricter than encoding/json in nothing and looser in one thing: bytes that are not
// UTF-8 are taken as the replacement character.
package rowjson

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"hearth/internal/fault"
)

// MaxDepth is how deep objects and lists may nest. No feed comes near it.
const MaxDepth = 64

// Value is a JSON value in the bytes of a document that Parse has checked. The zero Value is absent.
type Value struct {
	raw    []byte
	repeat bool // an object in the document may hold a name twice
}

// Parse checks a document and returns its value. Errors are safe to show and name the line.
func Parse(data []byte) (Value, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	p := parser{data: data}
	p.space()
	switch {
	case p.at == len(data):
		return Value{}, fault.New(fault.Invalid, "The list is empty: not a single character came.")
	case len(data) > 1 && (data[0] >= 0xfe && data[1] >= 0xfe || data[0] == 0 || data[1] == 0):
		return Value{}, fault.New(fault.Invalid, "Line 1: this list is in UTF-16. Save it as UTF-8.")
	case data[p.at] == '<':
		return Value{}, fault.New(fault.Invalid, "Line 1: this is a web page, not a list of meetings.")
	}
	from := p.at
	if !p.value(0) {
		return Value{}, p.fail()
	}
	v := Value{data[from:p.at], p.repeat}
	p.space()
	if p.at < len(data) {
		p.why = "there is text after the end of the list"
		return Value{}, p.fail()
	}
	return v, nil
}

// Kind is the first byte of the value: { [ " t f n - or a digit; 0 where absent.
func (v Value) Kind() byte {
	if len(v.raw) == 0 {
		return 0
	}
	return v.raw[0]
}

// Raw is the value's JSON, as it came.
func (v Value) Raw() []byte { return v.raw }

// IsNull tells whether the value is null or absent.
func (v Value) IsNull() bool { k := v.Kind(); return k == 0 || k == 'n' }

// Text is the value as a text: strings without quotes, numbers and booleans as written, null, lists and
// objects as "".
func (v Value) Text() string {
	switch v.Kind() {
	case '"':
		return unquote(v.raw)
	case '{', '[', 'n', 0:
		return ""
	}
	return string(v.raw)
}

// Texts is a list's elements as texts, without the blank ones; a value that is no list is a list of one.
func (v Value) Texts() []string {
	var out []string
	if v.Kind() != '[' {
		if s := v.Text(); s != "" {
			out = append(out, s)
		}
		return out
	}
	for e := range v.Elements() {
		if s := e.Text(); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// Number is the value as a number; a text that holds a number counts.
func (v Value) Number() (float64, bool) {
	f, err := strconv.ParseFloat(v.Text(), 64)
	return f, err == nil
}

// Elements walks a list. A value that is no list has none.
func (v Value) Elements() func(func(Value) bool) {
	return func(yield func(Value) bool) {
		if v.Kind() != '[' {
			return
		}
		p := parser{data: v.raw, at: 1}
		for {
			p.space()
			if p.data[p.at] == ']' {
				return
			}
			from := p.at
			p.skip()
			if !yield(Value{p.data[from:p.at], v.repeat}) {
				return
			}
			p.space()
			if p.data[p.at] == ',' {
				p.at++
			}
		}
	}
}

// Fields walks an object. Keys come as they are meant, without quotes and escapes. Of several fields with
// one key only the last comes, as other readers of JSON have it. A value that is no object has none.
func (v Value) Fields() func(func([]byte, Value) bool) {
	if !v.repeat {
		return v.fields
	}
	return func(yield func([]byte, Value) bool) {
		at, last := 0, v.last()
		for key, f := range v.fields {
			if at++; last[string(key)] == at && !yield(key, f) {
				return
			}
		}
	}
}

// last gives for each key of an object which of its fields is the last with it, from 1.
func (v Value) last() map[string]int {
	at, last := 0, map[string]int{}
	for key := range v.fields {
		at++
		last[string(key)] = at
	}
	return last
}

// Repeated returns a key that an object, or one within it, holds more than once; "" when there is none.
func (v Value) Repeated() string {
	if !v.repeat {
		return ""
	}
	for e := range v.Elements() {
		if key := e.Repeated(); key != "" {
			return key
		}
	}
	at, last := 0, v.last()
	for key, f := range v.fields {
		if at++; last[string(key)] != at {
			return string(key)
		}
		if key := f.Repeated(); key != "" {
			return key
		}
	}
	return ""
}

func (v Value) fields(yield func([]byte, Value) bool) {
	if v.Kind() != '{' {
		return
	}
	p := parser{data: v.raw, at: 1}
	for {
		p.space()
		if p.data[p.at] == '}' {
			return
		}
		from := p.at
		p.skipString()
		key := p.data[from+1 : p.at-1]
		if bytes.IndexByte(key, '\\') >= 0 || !utf8.Valid(key) {
			key = []byte(unquote(p.data[from:p.at]))
		}
		p.space()
		p.at++ // ':'
		p.space()
		from = p.at
		p.skip()
		if !yield(key, Value{p.data[from:p.at], v.repeat}) {
			return
		}
		p.space()
		if p.data[p.at] == ',' {
			p.at++
		}
	}
}

// Get returns the last field of an object with that key; the zero Value where there is none.
func (v Value) Get(key string) Value {
	var found Value
	for k, f := range v.fields {
		if string(k) == key {
			if found = f; !v.repeat {
				break
			}
		}
	}
	return found
}

// Len is the number of elements of a list.
func (v Value) Len() int {
	n := 0
	for range v.Elements() {
		n++
	}
	return n
}

// unquote turns a checked JSON string into the text that it stands for.
func unquote(raw []byte) string {
	in := raw[1 : len(raw)-1]
	if bytes.IndexByte(in, '\\') < 0 {
		if utf8.Valid(in) {
			return string(in)
		}
		return string(bytes.ToValidUTF8(in, []byte("\uFFFD")))
	}
	out := make([]byte, 0, len(in))
	for i := 0; i < len(in); {
		if in[i] != '\\' {
			out = append(out, in[i])
			i++
			continue
		}
		switch c := in[i+1]; c {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r := rune4(in[i+2:])
			i += 4
			if utf16.IsSurrogate(r) {
				low := rune(utf8.RuneError)
				if i+7 < len(in) && in[i+2] == '\\' && in[i+3] == 'u' {
					low = rune4(in[i+4:])
				}
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					r = pair
					i += 6
				} else {
					r = utf8.RuneError
				}
			}
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, c)
		}
		i += 2
	}
	if !utf8.Valid(out) {
		out = bytes.ToValidUTF8(out, []byte("\uFFFD"))
	}
	return string(out)
}

func rune4(b []byte) rune {
	var r rune
	for _, c := range b[:4] {
		d, _ := hex(c)
		r = r<<4 | d
	}
	return r
}
