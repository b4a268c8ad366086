package meeting

import (
	"strings"
	"unicode"
)

// withheld stands where a personal e-mail address or telephone number stood.
const withheld = "[…]"

// WithholdContacts takes e-mail addresses and telephone numbers of persons out of a text, with the name
// that stands before them ("call Alex A 202-555-0150"). What dials into a meeting stays: numbers among
// keep, and numbers that the text itself calls a dial-in. Meeting ids are not telephone numbers.
func WithholdContacts(text string, keep ...string) string {
	return withholdIn(text, func(s string) string {
		s = withholdMail(s)
		if digits(s) >= 7 {
			s = withholdPhones(s, keep)
		}
		return s
	})
}

// WithholdEmails takes only the e-mail addresses out, for the fields that hold the numbers of a meeting.
func WithholdEmails(text string) string { return withholdIn(text, withholdMail) }

// HasContact tells whether WithholdContacts would change the text.
func HasContact(text string, keep ...string) bool { return WithholdContacts(text, keep...) != text }

func digits(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			n++
		}
	}
	return n
}

func withholdEmails(s string) string {
	var b strings.Builder
	for {
		at := strings.IndexByte(s, '@')
		if at < 0 {
			b.WriteString(s)
			return b.String()
		}
		from := at
		for from > 0 && mailByte(s[from-1]) {
			from--
		}
		to := at + 1
		for to < len(s) && (mailByte(s[to]) && s[to] != '_' || s[to] >= 0x80) {
			to++
		}
		for to > at+1 && (s[to-1] == '.' || s[to-1] == '-') {
			to--
		}
		if from == at || !strings.Contains(s[at:to], ".") || notAPerson(s[at+1:to]) { // a handle, or "@126th St"
			b.WriteString(s[:at+1])
			s = s[at+1:]
			continue
		}
		if rest := s[:from]; len(rest) >= 7 && strings.EqualFold(rest[len(rest)-7:], "mailto:") {
			from -= 7
		}
		b.WriteString(withoutName(s[:from]))
		b.WriteString(withheld)
		s = s[to:]
	}
}

func mailByte(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '.' || c == '_' || c == '-' || c == '+' || c == '%' || c == '\''
}

func withholdPhones(s string, keep []string) string {
	var b strings.Builder
	done := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '+' && c != '(' && (c < '0' || c > '9') {
			continue
		}
		if i > 0 && joinsWord(s[i-1]) {
			i = skipWord(s, i)
			continue
		}
		end, kind := phoneAt(s, i)
		if kind == notPhone {
			if c != '(' && c != '+' {
				i = skipWord(s, i)
			}
			continue
		}
		before := strings.ToLower(s[max(done, i-48):i])
		if kept(s[i:end], keep) || dialIn(before[max(0, len(before)-28):]) || (kind == maybePhone && !callsPerson(before)) {
			i = end - 1
			continue
		}
		b.WriteString(withoutName(s[done:i]))
		b.WriteString(withheld)
		done, i = end, end-1
	}
	if done == 0 {
		return s
	}
	b.WriteString(s[done:])
	return b.String()
}

// joinsWord tells whether a digit after c belongs to a longer word or a link, not to a number of its own.
func joinsWord(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '/' || c == '=' || c == '&' || c == '_' || c == '?' || c == '#'
}

func skipWord(s string, i int) int {
	for i+1 < len(s) && (joinsWord(s[i+1]) || s[i+1] == '-' || s[i+1] == '.') {
		i++
	}
	return i
}

type phoneKind int

const (
	notPhone   phoneKind = iota
	maybePhone           // ten digits that may as well be a meeting id
	surePhone            // written as telephone numbers are
)

// phoneAt reads a telephone number at the start of s[i:] and says where it ends.
func phoneAt(s string, i int) (end int, kind phoneKind) {
	var groups [8]int
	n, total, at := 0, 0, i
	separators := ""
	for at < len(s) && n < len(groups) {
		from := at
		for at < len(s) && s[at] >= '0' && s[at] <= '9' {
			at++
		}
		if at > from {
			groups[n] = at - from
			total += at - from
			n++
			end = at
		}
		sep := at
		for at < len(s) && strings.IndexByte(" ().-/+", s[at]) >= 0 && at-sep < 3 {
			at++
		}
		if at == sep || at >= len(s) || s[at] < '0' || s[at] > '9' {
			break
		}
		if n > 0 || sep == i {
			separators += s[sep:at]
		}
	}
	if at < len(s) && end == at && (s[at]|0x20 >= 'a' && s[at]|0x20 <= 'z') {
		return i, notPhone // 100 Example St, 12th
	}
	if s[i] == '+' {
		if total >= 8 && total <= 15 {
			return end, surePhone
		}
		return i, notPhone
	}
	g := groups[:n]
	if n > 0 && g[0] == 1 && s[i] == '1' {
		g = g[1:]
	}
	switch {
	case len(g) == 3 && g[0] == 3 && g[1] == 3 && g[2] == 4:
		if strings.ContainsAny(separators, "().-/") {
			return end, surePhone
		}
		return end, maybePhone
	case len(g) == 2 && g[0] == 3 && g[1] == 4, len(g) == 1 && g[0] == 7:
		return end, maybePhone // without its area code
	case len(g) == 2 && g[0] == 3 && g[1] == 7, len(g) == 1 && (g[0] == 10 || g[0] == 11 && s[i] == '1'):
		return end, maybePhone
	case s[i] == '0' && total >= 9 && total <= 12 && len(g) >= 2 && strings.ContainsAny(separators, "/-"):
		return end, maybePhone // 030 / 123456, as written in Europe
	}
	return i, notPhone
}

func kept(number string, keep []string) bool {
	want := onlyDigits(number)
	if public(want) {
		return true
	}
	for _, k := range keep {
		if have := onlyDigits(k); len(want) >= 7 && strings.Contains(have, strings.TrimPrefix(want, "1")) {
			return true
		}
	}
	return false
}

// dialIns are the numbers by which anybody dials into Zoom from the USA.
const dialIns = " 2532158782 2532050468 3017158592 3052241968 3092053325 3126266799 3462487799 3602095623 3863475053 4086380968 5074734847 5642172000 " +
	"6465588656 6468769923 6469313860 6694449171 6699006833 6699009128 6892781000 7193594580 7207072699 9292056099 9294362866 "

// public tells whether a number cannot be a person's: one that is free to call, or a door to a provider.
func public(digits string) bool {
	digits = strings.TrimPrefix(digits, "1")
	if len(digits) != 10 {
		return false
	}
	switch digits[:3] {
	case "800", "833", "844", "855", "866", "877", "888":
		return true
	}
	return strings.Contains(dialIns, " "+digits+" ")
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// dialIn tells whether the words before a number call it a way into the meeting.
func dialIn(before string) bool {
	for _, w := range []string{"dial", "one tap", "conference call", "phone audio", "join by phone", "einwahl"} {
		if strings.Contains(before, w) {
			return true
		}
	}
	return false
}

// callsPerson tells whether the words before digits make them a telephone number: one of getting in touch,
// with none behind it or right before it that makes them an id or a password ("ID/phone", "text passcode").
func callsPerson(before string) bool {
	calls, secret := false, false
	for word := range strings.FieldsFuncSeq(before, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		switch {
		case word == "id" || word == "ids" || word == "pw" || word == "pwd" || word == "pin" || strings.HasPrefix(word, "pass") || strings.HasPrefix(word, "code"):
			calls, secret = false, true
		case hasAnyPrefix(word, callWords):
			calls, secret = !secret, false
		default:
			secret = false
		}
	}
	return calls
}

var callWords = []string{
	"call", "ring", "text", "txt", "sms", "phone", "tel", "cell", "mobile", "contact", "whatsapp", "llam", "contacto", "móvil", "handy", "info",
}

func hasAnyPrefix(word string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(word, p) {
			return true
		}
	}
	return false
}

// withoutName cuts one to three capitalised words off the end of s where a word of getting in touch stands
// before them: they are whom one would have called.
func withoutName(s string) string {
	trimmed := strings.TrimRight(s, " (:,-–")
	if w := strings.ToLower(lastWord(trimmed)); w == "at" || w == "on" || w == "via" || w == "@" {
		trimmed = strings.TrimRight(trimmed[:len(trimmed)-len(w)], " (:,-–")
	}
	end := len(trimmed)
	for range 3 {
		word := lastWord(trimmed[:end])
		if word == "" || !capitalised(word) || touchWord(word) {
			break
		}
		end = len(strings.TrimRight(trimmed[:end-len(word)], " "))
	}
	if end == len(trimmed) || !touchWord(lastWord(strings.TrimRight(trimmed[:end], ": "))) {
		return s
	}
	return trimmed[:end] + " "
}

func lastWord(s string) string {
	return s[strings.LastIndexAny(s, " \n\t:(")+1:]
}

func capitalised(word string) bool {
	first := true
	for _, r := range word {
		switch {
		case first && !unicode.IsUpper(r):
			return false
		case !first && !unicode.IsLetter(r) && r != '.' && r != '\'' && r != '-':
			return false
		}
		first = false
	}
	return !first && len(word) <= 20
}

func touchWord(word string) bool {
	switch strings.ToLower(strings.Trim(word, ":.,;()")) {
	case "call", "ring", "text", "txt", "sms", "whatsapp", "telephone", "mobile", "contact", "email", "e-mail", "phone", "tel", "cell", "ask", "or", "and", "to", "with", "at", "llame", "llamar", "contacto", "info", "kontakt", "host", "gsr", "secretary":
		return true
	}
	return false
}
