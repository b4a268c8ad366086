package db

import "strings"

// kind is the sort of a token of SQL.
type kind int

const (
	space  kind = iota // white space and comments
	word               // keywords and plain names
	name               // "quoted name"
	text               // 'string'
	number             // digits and what sticks to them
	param              // $1
	punct              // one byte of anything else
)

type token struct {
	kind kind
	text string
}

// is tells whether the token is this keyword or sign.
func (t token) is(s string) bool {
	return (t.kind == word || t.kind == punct) && strings.EqualFold(t.text, s)
}

// tokens cuts SQL into tokens that joined give the same text again. What does not end, ends with the text.
func tokens(sql string) []token {
	var all []token
	for len(sql) > 0 {
		k, n := next(sql)
		all = append(all, token{k, sql[:n]})
		sql = sql[n:]
	}
	return all
}

// next returns the kind and the length of the first token.
func next(s string) (kind, int) {
	c := s[0]
	switch {
	case c == ' ' || c == '\t' || c == '\n' || c == '\r':
		return space, while(s, 1, func(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' })
	case strings.HasPrefix(s, "--"):
		return space, through(s, 2, "\n")
	case strings.HasPrefix(s, "/*"):
		return space, through(s, 2, "*/")
	case c == '\'':
		return text, quoted(s, "'")
	case c == '"':
		return name, quoted(s, `"`)
	case letter(c):
		return word, while(s, 1, func(c byte) bool { return letter(c) || digit(c) || c == '$' })
	case digit(c):
		return number, while(s, 1, func(c byte) bool { return letter(c) || digit(c) || c == '.' })
	case c == '$' && len(s) > 1 && digit(s[1]):
		return param, while(s, 1, digit)
	}
	return punct, 1
}

func letter(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func while(s string, n int, ok func(byte) bool) int {
	for n < len(s) && ok(s[n]) {
		n++
	}
	return n
}

func through(s string, from int, end string) int {
	if i := strings.Index(s[from:], end); i >= 0 {
		return from + i + len(end)
	}
	return len(s)
}

// quoted is the length of a quoted token; a doubled quote is part of it.
func quoted(s, quote string) int {
	n := 1
	for {
		n = through(s, n, quote)
		if n == len(s) || s[n] != quote[0] {
			return n
		}
		n++
	}
}

// rebind turns $1 into ?1, which every SQLite driver numbers as PostgreSQL numbers $1.
func rebind(sql string) string {
	if strings.IndexByte(sql, '$') < 0 {
		return sql
	}
	var b strings.Builder
	b.Grow(len(sql))
	for rest := sql; len(rest) > 0; {
		k, n := next(rest)
		if k == param {
			b.WriteByte('?')
			b.WriteString(rest[1:n])
		} else {
			b.WriteString(rest[:n])
		}
		rest = rest[n:]
	}
	return b.String()
}
