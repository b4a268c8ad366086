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
