// Package text owns how words are made comparable: folding of case, accents and width, splitting into
// tokens, and how alike two texts are.
//
// It is pure and knows no language: it must never drop a word because of what it means.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold makes s plain: lower case, without accents, of one width, with straight quotes, and without marks
// that nobody sees (zero-width, direction, control). Folding twice changes nothing. What is not a mark on
// a letter stays: Fold keeps spaces and punctuation.
func Fold(s string) string {
	plain := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf || c-'A' < 26 || c < ' ' || c == 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	return string(AppendFold(make([]byte, 0, len(s)+8), s))
}

// AppendFold appends Fold(s) to dst.
func AppendFold(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			return appendFoldWide(dst, s[i:])
		}
		dst = appendFoldRune(dst, rune(c))
		i++
	}
	return dst
}

// appendFoldWide folds a text that has more than ASCII in it: decomposed first, so that an accent is a
// rune of its own and can be left out.
func appendFoldWide(dst []byte, s string) []byte {
	var it norm.Iter
	it.InitString(norm.NFKD, s)
	for !it.Done() {
		seg := it.Next()
		for len(seg) > 0 {
			r, n := utf8.DecodeRune(seg)
			seg = seg[n:]
			if r == utf8.RuneError && n == 1 {
				continue // not UTF-8: nothing that anybody could have typed
			}
			dst = appendFoldRune(dst, r)
		}
	}
	return dst
}

func appendFoldRune(dst []byte, r rune) []byte {
	if r < utf8.RuneSelf {
		switch {
		case r >= 'A' && r <= 'Z':
			r += 'a' - 'A'
		case r == '\t' || r == '\n' || r == '\r' || r == '\v' || r == '\f':
			r = ' '
		case r < ' ' || r == 0x7f:
			return dst
		}
		return append(dst, byte(r))
	}
	if isAccent(r) || unicode.In(r, unicode.Cf, unicode.Cc) || (r >= 0xfe00 && r <= 0xfe0f) {
		return dst
	}
	if plain, ok := special[r]; ok {
		return append(dst, plain...)
	}
	if unicode.IsSpace(r) {
		return append(dst, ' ')
	}
	low := unicode.ToLower(r)
	if plain, ok := special[low]; ok {
		return append(dst, plain...)
	}
	return utf8.AppendRune(dst, low)
}

// isAccent tells marks that sit on a letter which means the same to a searcher without them. The vowel
// signs of Indic and other scripts are letters in all but name, and stay.
func isAccent(r rune) bool {
	switch {
	case r < 0x300:
		return false
	case r <= 0x36f, // combining diacritical marks
		r >= 0x483 && r <= 0x487,
		r >= 0x591 && r <= 0x5bd, r == 0x5bf, r == 0x5c1, r == 0x5c2, r == 0x5c4, r == 0x5c5, r == 0x5c7, // Hebrew points
		r >= 0x610 && r <= 0x61a, r >= 0x64b && r <= 0x65f, r == 0x670, // Arabic vowels
		r >= 0x1ab0 && r <= 0x1aff,
		r >= 0x1dc0 && r <= 0x1dff,
		r >= 0x20d0 && r <= 0x20f0,
		r >= 0xfe20 && r <= 0xfe2f:
		return true
	}
	return false
}

// special holds the letters that decompose into nothing plain, and the punctuation that telephones and
// word processors put in place of what the keyboard has.
var special = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ħ': "h", 'ı': "i",
	'ŋ': "n", 'ŧ': "t", 'ς': "σ", 'ə': "e", 'ƒ': "f", 'ɨ': "i", 'ƶ': "z",
	'‘': "'", '’': "'", '‚': "'", '‛': "'", 'ʼ': "'", 'ʻ': "'", 'ʹ': "'", '′': "'", '´': "'", '`': "'",
	'“': `"`, '”': `"`, '„': `"`, '‟': `"`, '«': `"`, '»': `"`, '″': `"`,
	'‐': "-", '‑': "-", '‒': "-", '–': "-", '—': "-", '―': "-", '−': "-",
	'⁄': "/", '…': "...", '×': "x",
}

// Tokens splits s into folded words: runs of letters and digits. An apostrophe inside a word is left out
// ("Brigid's" is brigids), as is a full stop between single letters ("A.A." is aa).
func Tokens(s string) []string { return AppendTokens(nil, s) }

// AppendTokens appends the tokens of s to dst.
func AppendTokens(dst []string, s string) []string {
	f := Fold(s)
	// Most words need no rewriting, and are then parts of the folded text.
	for i := 0; i < len(f); {
		r, n := utf8.DecodeRuneInString(f[i:])
		if !isWord(r) {
			i += n
			continue
		}
		start, joined := i, false
		for i < len(f) {
			r, n = utf8.DecodeRuneInString(f[i:])
			if isWord(r) {
				i += n
				continue
			}
			if (r == '\'' || (r == '.' && initials(f[start:i]))) && i+1 < len(f) {
				if next, _ := utf8.DecodeRuneInString(f[i+1:]); isWord(next) && (r == '\'' || initialAt(f, i+1)) {
					i, joined = i+1, true
					continue
				}
			}
			break
		}
		word := f[start:i]
		if joined {
			word = strings.Map(func(r rune) rune {
				if r == '\'' || r == '.' {
					return -1
				}
				return r
			}, word)
		}
		dst = append(dst, word)
	}
	return dst
}

func isWord(r rune) bool {
	if r < utf8.RuneSelf {
		return r-'a' < 26 && r >= 'a' || r >= '0' && r <= '9'
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r))
}

// initials tells whether w is one letter, or letters each followed by a full stop ("a", "a.a").
func initials(w string) bool {
	for i := 0; i < len(w); i++ {
		if i%2 == 0 && (w[i] < 'a' || w[i] > 'z') || i%2 == 1 && w[i] != '.' {
			return false
		}
	}
	return len(w)%2 == 1
}

// initialAt tells whether the letter at i stands alone.
func initialAt(f string, i int) bool {
	if f[i] < 'a' || f[i] > 'z' {
		return false
	}
	if i+1 == len(f) {
		return true
	}
	r, _ := utf8.DecodeRuneInString(f[i+1:])
	return !isWord(r) && r != '\''
}
