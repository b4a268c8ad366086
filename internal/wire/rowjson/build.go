package rowjson

import (
	"strconv"
	"unicode/utf8"
)

// Builder writes JSON piece by piece. Empty texts are left out, which is what readers of feeds expect.
type Builder struct{ b []byte }

// Bytes is what was written; Reset forgets it and keeps the space.
func (w *Builder) Bytes() []byte { return w.b }

// Reset forgets what was written.
func (w *Builder) Reset() { w.b = w.b[:0] }

// Open begins an object or a list; Close ends it.
func (w *Builder) Open(bracket byte) { w.b = append(w.b, bracket) }

// Close ends an object or a list.
func (w *Builder) Close(bracket byte) { w.b = append(w.b, bracket) }

// Next puts a comma where one is needed.
func (w *Builder) Next() {
	if n := len(w.b); n > 0 && w.b[n-1] != '{' && w.b[n-1] != '[' && w.b[n-1] != ':' && w.b[n-1] != ',' {
		w.b = append(w.b, ',')
	}
}

// Key writes the name of a field.
func (w *Builder) Key(key string) {
	w.Next()
	w.b = append(Quote(w.b, key), ':')
}

// Text writes a field with a text, unless it is empty.
func (w *Builder) Text(key, s string) {
	if s != "" {
		w.Key(key)
		w.b = Quote(w.b, s)
	}
}

// Texts writes a field with a list of texts, unless it is empty.
func (w *Builder) Texts(key string, list []string) {
	if len(list) == 0 {
		return
	}
	w.Key(key)
	w.Open('[')
	for _, s := range list {
		w.Next()
		w.b = Quote(w.b, s)
	}
	w.Close(']')
}

// Int writes a field with a whole number.
func (w *Builder) Int(key string, n int) {
	w.Key(key)
	w.b = strconv.AppendInt(w.b, int64(n), 10)
}

// Float writes a field with a number of so many decimals.
func (w *Builder) Float(key string, f float64, decimals int) {
	w.Key(key)
	w.b = strconv.AppendFloat(w.b, f, 'f', decimals, 64)
}

// Raw writes a field with JSON that is known to be good, unless it is empty.
func (w *Builder) Raw(key string, raw []byte) {
	if len(raw) > 0 && utf8.Valid(raw) {
		w.Key(key)
		w.b = append(w.b, raw...)
	}
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
