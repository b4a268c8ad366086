package rowjson

import (
	"bytes"
	"unicode/utf8"

	"hearth/internal/fault"
)

type parser struct {
	data   []byte
	at     int
	why    string
	names  [][]byte // of the objects that are open
	repeat bool     // an object holds a name twice
}

// manyNames is how many names of an object are compared one by one.
const manyNames = 100

// name notes the name of a field, in its quotes, of the object whose names begin at first.
func (p *parser) name(first int, quoted []byte) {
	if p.repeat {
		return
	}
	name := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(name, '\\') >= 0 {
		name = []byte(unquote(quoted))
	}
	if len(p.names)-first >= manyNames {
		p.repeat = true // no feed has rows of so many fields: look closely when it is read
		return
	}
	for _, n := range p.names[first:] {
		if bytes.Equal(n, name) {
			p.repeat = true
			return
		}
	}
	p.names = append(p.names, name)
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
	first := len(p.names)
	defer func() { p.names = p.names[:first] }()
	for {
		p.space()
		if p.at >= len(p.data) || p.data[p.at] != '"' {
			p.why = "the name of a field in double quotes is missing"
			return false
		}
		from := p.at
		if !p.str() {
			return false
		}
		p.name(first, p.data[from:p.at])
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
