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
type Value struct{ raw []byte }

// Parse checks a document and returns its value. Errors are safe to show and name the line.
func Parse(data []byte) (Value, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	p := parser{data: data}
	p.space()
	switch {
	case p.at == len(data):
		return Value{}, fault.New(fault.Invalid, "The list is empty: not a single character came.")
	case data[p.at] == '<':
		return Value{}, fault.New(fault.Invalid, "Line 1: this is a web page, not a list of meetings.")
	}
	from := p.at
	if !p.value(0) {
		return Value{}, p.fail()
	}
	v := Value{data[from:p.at]}
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
			if !yield(Value{p.data[from:p.at]}) {
				return
			}
			p.space()
			if p.data[p.at] == ',' {
				p.at++
			}
		}
	}
}

// Fields walks an object. Keys come as they are written, without quotes. A value that is no object has
// none.
func (v Value) Fields() func(func([]byte, Value) bool) {
	return func(yield func([]byte, Value) bool) {
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
			if !yield(key, Value{p.data[from:p.at]}) {
				return
			}
			p.space()
			if p.data[p.at] == ',' {
				p.at++
			}
		}
	}
}

// Get returns the first field of an object with that key; the zero Value where there is none.
func (v Value) Get(key string) Value {
	for k, f := range v.Fields() {
		if string(k) == key {
			return f
		}
	}
	return Value{}
}

// Len is the number of elements of a list.
func (v Value) Len() int {
	n := 0
	for range v.Elements() {
		n++
	}
	return n
}

type parser struct {
	data []byte
	at   int
	why  string
}

func (p *parser) fail() error {
	at := min(p.at, len(p.data))
	line := 1 + bytes.Count(p.data[:at], []byte("\n"))
	column := utf8.RuneCount(p.data[bytes.LastIndexByte(p.data[:at], '\n')+1:at]) + 1
	why := p.why
	if p.at >= len(p.data) {
		why = "the list breaks off"
	}
	return fault.New(fault.Invalid, "Line %d, character %d: %s.", line, column, why)
}

func (p *parser) space() {
	for p.at < len(p.data) {
		switch p.data[p.at] {
		case ' ', '\n', '\r', '\t':
			p.at++
		default:
			return
		}
	}
}

// value checks a value and stands behind it afterwards.
func (p *parser) value(depth int) bool {
	if p.at >= len(p.data) {
		return false
	}
	if depth > MaxDepth {
		p.why = "lists and objects nest too deep"
		return false
	}
	switch c := p.data[p.at]; c {
	case '{':
		return p.object(depth)
	case '[':
		return p.list(depth)
	case '"':
		return p.str()
	case 't':
		return p.word("true")
	case 'f':
		return p.word("false")
	case 'n':
		return p.word("null")
	default:
		if c == '-' || (c >= '0' && c <= '9') {
			return p.number()
		}
	}
	p.why = "this is not JSON"
	return false
}

func (p *parser) object(depth int) bool {
	p.at++
	p.space()
	if p.at < len(p.data) && p.data[p.at] == '}' {
		p.at++
		return true
	}
	for {
		p.space()
		if p.at >= len(p.data) || p.data[p.at] != '"' {
			p.why = "the name of a field in double quotes is missing"
			return false
		}
		if !p.str() {
			return false
		}
		p.space()
		if p.at >= len(p.data) || p.data[p.at] != ':' {
			p.why = "a colon after the name of a field is missing"
			return false
		}
		p.at++
		p.space()
		if !p.value(depth + 1) {
			return false
		}
		p.space()
		switch {
		case p.at < len(p.data) && p.data[p.at] == ',':
			p.at++
		case p.at < len(p.data) && p.data[p.at] == '}':
			p.at++
			return true
		default:
			p.why = "a comma or a closing brace is missing"
			return false
		}
	}
}

func (p *parser) list(depth int) bool {
	p.at++
	p.space()
	if p.at < len(p.data) && p.data[p.at] == ']' {
		p.at++
		return true
	}
	for {
		p.space()
		if !p.value(depth + 1) {
			return false
		}
		p.space()
		switch {
		case p.at < len(p.data) && p.data[p.at] == ',':
			p.at++
		case p.at < len(p.data) && p.data[p.at] == ']':
			p.at++
			return true
		default:
			p.why = "a comma or a closing bracket is missing"
			return false
		}
	}
}

func (p *parser) str() bool {
	p.at++
	for p.at < len(p.data) {
		switch c := p.data[p.at]; {
		case c == '"':
			p.at++
			return true
		case c == '\\':
			if !p.escape() {
				return false
			}
		case c < ' ':
			p.why = "a text holds a control character or is not closed"
			return false
		default:
			p.at++
		}
	}
	return false
}

func (p *parser) escape() bool {
	if p.at+1 >= len(p.data) {
		p.at = len(p.data)
		return false
	}
	switch p.data[p.at+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		p.at += 2
		return true
	case 'u':
		for i := p.at + 2; i < p.at+6; i++ {
			if i >= len(p.data) {
				p.at = len(p.data)
				return false
			}
			if _, ok := hex(p.data[i]); !ok {
				p.why = "an escape \\u is not four hexadecimal digits"
				return false
			}
		}
		p.at += 6
		return true
	}
	p.why = "an escape with a backslash is not one of JSON's"
	return false
}

func (p *parser) word(w string) bool {
	if rest := p.data[p.at:]; len(rest) < len(w) && w[:len(rest)] == string(rest) {
		p.at = len(p.data)
		return false
	}
	if !bytes.HasPrefix(p.data[p.at:], []byte(w)) {
		p.why = "this is not JSON"
		return false
	}
	p.at += len(w)
	return true
}

func (p *parser) number() bool {
	if p.data[p.at] == '-' {
		p.at++
	}
	from := p.at
	whole := p.digits()
	if whole == 0 || (whole > 1 && p.data[from] == '0') {
		p.why = "this is not a number of JSON"
		return false
	}
	if p.at < len(p.data) && p.data[p.at] == '.' {
		p.at++
		if p.digits() == 0 {
			p.why = "this is not a number of JSON"
			return false
		}
	}
	if p.at < len(p.data) && p.data[p.at]|0x20 == 'e' {
		p.at++
		if p.at < len(p.data) && (p.data[p.at] == '+' || p.data[p.at] == '-') {
			p.at++
		}
		if p.digits() == 0 {
			p.why = "this is not a number of JSON"
			return false
		}
	}
	return true
}

func (p *parser) digits() int {
	from := p.at
	for p.at < len(p.data) && p.data[p.at] >= '0' && p.data[p.at] <= '9' {
		p.at++
	}
	return p.at - from
}

// skip moves behind a value that was checked before.
func (p *parser) skip() {
	switch p.data[p.at] {
	case '"':
		p.skipString()
	case '{', '[':
		depth := 0
		for {
			switch p.data[p.at] {
			case '"':
				p.skipString()
				continue
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			}
			p.at++
			if depth == 0 {
				return
			}
		}
	default:
		for p.at < len(p.data) {
			switch p.data[p.at] {
			case ',', '}', ']', ' ', '\n', '\r', '\t':
				return
			}
			p.at++
		}
	}
}

func (p *parser) skipString() {
	p.at++
	for {
		n := bytes.IndexByte(p.data[p.at:], '"')
		end := p.at + n
		slashes := 0
		for end-slashes-1 >= p.at && p.data[end-slashes-1] == '\\' {
			slashes++
		}
		p.at = end + 1
		if slashes%2 == 0 {
			return
		}
	}
}

func hex(c byte) (rune, bool) {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0'), true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10, true
	}
	return 0, false
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

// Quote appends s as a JSON string, with < > & escaped so that it may stand in a page.
func Quote(dst []byte, s string) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' && c != 0x7f {
				i++
				continue
			}
			dst = append(dst, s[from:i]...)
			switch c {
			case '"', '\\':
				dst = append(dst, '\\', c)
			case '\n':
				dst = append(dst, '\\', 'n')
			case '\r':
				dst = append(dst, '\\', 'r')
			case '\t':
				dst = append(dst, '\\', 't')
			default:
				dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
			}
			i++
			from = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 || r == '\u2028' || r == '\u2029' {
			dst = append(dst, s[from:i]...)
			switch r {
			case '\u2028':
				dst = append(dst, `\u2028`...)
			case '\u2029':
				dst = append(dst, `\u2029`...)
			default:
				dst = append(dst, "\uFFFD"...)
			}
			from = i + size
		}
		i += size
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}
