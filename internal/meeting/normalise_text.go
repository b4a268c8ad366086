package meeting

import (
	"html"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How long texts may be, in bytes. The Meeting Guide allows 255 for a name.
const (
	MaxName  = 255
	MaxPlace = 400
	MaxNotes = 8000
	MaxURL   = 2000
	MaxCode  = 64

	maxRaw = 64 << 10
)

// keepRune tells whether a rune may stand in a text: no control characters, nothing that turns the writing
// direction around or cannot be seen. Joiners are judged by their neighbours, in dropUnseen.
func keepRune(r rune) bool {
	if r < 0x7f {
		return r >= ' ' || r == '\n'
	}
	switch {
	case r == '\u200c', r == '\u200d':
		return true
	case r == utf8.RuneError, unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Cs, r):
		return false
	case r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0', r == '\u034f', r == '\u17b4', r == '\u17b5':
		return false
	}
	return true
}

// CleanLine makes one line of plain text of what a feed says: no markup, no unseen characters, white space
// collapsed, at most limit bytes. cut tells that something was left out at the end.
func CleanLine(s string, limit int) (line string, cut bool) {
	if plainLine(s) {
		return clamp(s, limit)
	}
	s, long := precut(s, limit)
	s = dropUnseen(stripMarkup(s))
	s, cut = clamp(strings.Join(strings.Fields(s), " "), limit)
	return s, cut || long
}

// CleanText is CleanLine for notes: line breaks stay, blank lines at most one at a time.
func CleanText(s string, limit int) (text string, cut bool) {
	if plainLine(s) {
		return clamp(s, limit)
	}
	s, long := precut(s, limit)
	s = dropUnseen(stripMarkup(s))
	var b strings.Builder
	b.Grow(len(s))
	blank := 0
	for line := range strings.SplitSeq(s, "\n") {
		first := true
		for word := range strings.FieldsSeq(line) {
			switch {
			case !first:
				b.WriteByte(' ')
			case b.Len() > 0:
				b.WriteString("\n\n"[:1+min(blank, 1)])
			}
			b.WriteString(word)
			first, blank = false, 0
		}
		if first {
			blank++
		}
	}
	s, cut = clamp(b.String(), limit)
	return s, cut || long
}

// plainLine is the common case: printable ASCII without markup, single spaces inside, none outside.
func plainLine(s string) bool {
	space := true
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ':
			if space {
				return false
			}
			space = true
			continue
		case c < ' ', c >= 0x7f, c == '<', c == '&':
			return false
		}
		space = false
	}
	return !space || s == ""
}

// precut keeps the work bounded: nobody writes more than this much markup around a text.
func precut(s string, limit int) (string, bool) {
	if most := limit*4 + 1000; len(s) > most {
		return strings.ToValidUTF8(s[:most], ""), true
	}
	return s, false
}

// clamp cuts a text between two runes.
func clamp(s string, limit int) (string, bool) {
	if len(s) <= limit {
		return s, false
	}
	const mark = "…"
	end := max(limit-len(mark), 0)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return strings.TrimRight(s[:end], " \n") + mark, true
}

// dropUnseen removes what keepRune refuses and joiners that join nothing. Tabs and exotic spaces become
// plain ones.
func dropUnseen(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	var before rune
	for i, r := range s {
		switch {
		case r == '\u200c' || r == '\u200d':
			after, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
			// They shape Persian and Indic words and emoji; beside ASCII they only hide.
			if before < utf8.RuneSelf || after < utf8.RuneSelf || !joinable(before) || !joinable(after) {
				continue
			}
		case r == '\u2028' || r == '\u2029' || r == '\v' || r == '\f' || r == '\u0085':
			r = '\n'
		case r == '\r':
			if strings.HasPrefix(s[i+1:], "\n") {
				continue
			}
			r = '\n'
		case r == '\n':
		case unicode.IsSpace(r):
			r = ' '
		case !keepRune(r):
			continue
		}
		b.WriteRune(r)
		before = r
	}
	return b.String()
}

func joinable(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsSymbol(r) || r == '\ufe0f'
}

// stripMarkup turns HTML into plain text: tags away, breaks and paragraphs as line ends, entities as the
// characters that they stand for, scripts and styles with all that is in them gone.
func stripMarkup(s string) string {
	for range 2 { // text that was escaped twice is still markup after the first time
		if !strings.ContainsAny(s, "<&") {
			return s
		}
		s = html.UnescapeString(stripTags(s))
	}
	return stripTags(s)
}

func stripTags(s string) string {
	if !strings.Contains(s, "<") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for {
		at := strings.IndexByte(s, '<')
		if at < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:at])
		s = s[at:]
		if rest, ok := strings.CutPrefix(s, "<!--"); ok {
			if _, after, ok := strings.Cut(rest, "-->"); ok {
				s = after
				continue
			}
			return b.String()
		}
		name := tagName(s)
		if name == "" { // a lone "<", as in "< 5 people"
			b.WriteByte('<')
			s = s[1:]
			continue
		}
		end := strings.IndexByte(s, '>')
		if end < 0 { // an unclosed tag hides the rest from a browser, and so from us
			return b.String()
		}
		s = s[end+1:]
		switch name {
		case "script", "style":
			low := strings.ToLower(s)
			if close := strings.Index(low, "</"+name); close >= 0 && len(low) == len(s) {
				s = s[close:]
			} else if close < 0 {
				return b.String()
			}
		case "br", "p", "/p", "div", "/div", "li", "tr", "/tr", "h1", "h2", "h3", "h4", "/ul", "/ol":
			b.WriteByte('\n')
		case "td", "th":
			b.WriteByte(' ')
		}
	}
}

// tagName returns the lower-case name of the tag that s begins with, "/p" for a closing one; "" for none.
func tagName(s string) string {
	i := 1
	if i < len(s) && (s[i] == '/' || s[i] == '!' || s[i] == '?') {
		i++
	}
	from := i
	for i < len(s) && i < from+16 && (s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z' || i > from && s[i] >= '0' && s[i] <= '9') {
		i++
	}
	if i == from {
		return ""
	}
	return strings.ToLower(s[1:i])
}

// CleanURL returns a web address that may be shown: http or https, a host, no user name in it. Of several
// in one value the first is taken. An address without a scheme gets https.
func CleanURL(s string) (address string, ok bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", true
	}
	if strings.ContainsAny(s, " \t\r\n") {
		s = firstURL(s)
	}
	s = strings.TrimRight(s, ",;")
	if len(s) > MaxURL || strings.ContainsAny(s, " \t\r\n\"<>\\^`{|}") {
		return "", false
	}
	switch {
	case hasScheme(s, "http://"), hasScheme(s, "https://"):
	case strings.Contains(s, "://"), !looksHost(s):
		return "", false
	default:
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || u.Opaque != "" || !looksHost(u.Hostname()) {
		return "", false
	}
	if !plainLine(s) {
		for _, r := range s {
			if !keepRune(r) || r == '\n' || r == '\u200c' || r == '\u200d' || unicode.IsSpace(r) {
				return "", false
			}
		}
	}
	if !strings.HasPrefix(s, "http") {
		s = strings.ToLower(u.Scheme) + s[len(u.Scheme):]
	}
	return s, true
}

// firstURL finds the first address in a text. One that breaks off where it cannot end ("…/j/ 123") had a
// space in it by mistake.
func firstURL(s string) string {
	words := strings.Fields(s)
	for i, word := range words {
		if !hasScheme(word, "http://") && !hasScheme(word, "https://") {
			continue
		}
		for i++; i < len(words) && strings.IndexByte("/=?&-", word[len(word)-1]) >= 0 && !strings.Contains(words[i], ":"); i++ {
			word += words[i]
		}
		return word
	}
	return s
}

func hasScheme(s, scheme string) bool {
	return len(s) > len(scheme) && strings.EqualFold(s[:len(scheme)], scheme)
}

// looksHost tells whether s begins with a host name that has a dot in it, such as zoom.us/j/1.
func looksHost(s string) bool {
	host, _, _ := strings.Cut(s, "/")
	host, _, _ = strings.Cut(host, "?")
	host, _, _ = strings.Cut(host, "#")
	if h, port, ok := strings.Cut(host, ":"); ok {
		if port == "" || strings.Trim(port, "0123456789") != "" {
			return false
		}
		host = h
	}
	dot := strings.LastIndexByte(host, '.')
	if dot <= 0 || dot == len(host)-1 || strings.Contains(host, "..") || host[0] == '.' || host[0] == '-' {
		return false
	}
	for _, r := range host {
		if r < utf8.RuneSelf && (r|0x20 >= 'a' && r|0x20 <= 'z' || r >= '0' && r <= '9') {
			continue
		}
		if r != '.' && r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return true
}

// CleanPhone keeps what a telephone can dial: digits, + , * # ; and the punctuation between them.
func CleanPhone(s string) string {
	var b strings.Builder
	digits, words := 0, false
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
			b.WriteRune(r)
		case strings.ContainsRune("+,*#;()-. /", r):
			b.WriteRune(r)
		case r == 'x' || r == 'X':
			b.WriteByte(',')
		default:
			words = true
			b.WriteByte(' ')
		}
		if b.Len() > 80 {
			break
		}
	}
	if digits < 5 {
		return ""
	}
	out := strings.Join(strings.Fields(b.String()), " ")
	if words {
		out = strings.Trim(out, " ,;-./(")
	}
	return out
}
