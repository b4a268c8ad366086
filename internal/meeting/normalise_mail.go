package meeting

import (
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// How people and programs write an e-mail address so that no machine finds it, and where else one hides.

var (
	// mailtoLink takes whatever stands behind the word.
	mailtoLink = regexp.MustCompile(`(?i)\bmailto:[^\s<>"')\]]+`)
	// mailSpelt is john [at] example.com, john(at)example [dot] com.
	mailSpelt = regexp.MustCompile(`(?i)[a-z0-9._%+'-]+\s*[\[({]\s*(?:at|@|arroba)\s*[\])}]\s*[a-z0-9-]+(?:(?:\.|\s*[\[({]\s*(?:dot|punto|punkt|\.)\s*[\])}]\s*|\s+dot\s+)[a-z0-9-]+)+`)
	// mailSaid is john at example dot com.
	mailSaid = regexp.MustCompile(`(?i)[a-z0-9._%+'-]+\s+at\s+[a-z0-9-]+(?:(?:\.[a-z0-9-]+)*\s+dot\s+[a-z0-9-]+)+`)
	// mailEscaped is john%40example.com.
	mailEscaped = regexp.MustCompile(`(?i)[a-z0-9._+'-]+%(?:25)*40[a-z0-9-]+(?:\.[a-z0-9-]+)+`)
)

// withholdMail takes e-mail addresses out in every way of writing them that needs no second reading.
func withholdMail(s string) string {
	if strings.IndexByte(s, ':') >= 0 {
		s = withholdMatches(s, mailtoLink)
	}
	if strings.IndexByte(s, '@') >= 0 {
		s = withholdEmails(s)
	}
	if strings.IndexByte(s, '%') >= 0 {
		s = withholdMatches(s, mailEscaped)
	}
	if bracketed(s) {
		s = withholdMatches(s, mailSpelt)
	}
	if strings.Contains(s, " dot ") || strings.Contains(s, " DOT ") {
		s = withholdMatches(s, mailSaid)
	}
	return s
}

// bracketed tells whether a bracket opens before an a or an @, which is cheap to ask of every text.
func bracketed(s string) bool {
	for i := range len(s) {
		if c := s[i]; c != '[' && c != '(' && c != '{' {
			continue
		}
		if rest := strings.TrimLeft(s[i+1:min(len(s), i+8)], " \t\n"); rest != "" && (rest[0]|0x20 == 'a' || rest[0] == '@') {
			return true
		}
	}
	return false
}

func withholdMatches(s string, form *regexp.Regexp) string {
	found := form.FindAllStringIndex(s, -1)
	if found == nil {
		return s
	}
	var b strings.Builder
	done := 0
	for _, at := range found {
		if strings.HasSuffix(strings.TrimRight(s[at[0]:at[1]], ".,;"), withheld) {
			continue
		}
		end := at[0] + len(strings.TrimRight(s[at[0]:at[1]], ".,;-"))
		if _, domain, ok := strings.Cut(s[at[0]:end], "40"); ok && form == mailEscaped && notAPerson(domain) {
			continue
		}
		b.WriteString(withoutName(s[done:at[0]]))
		b.WriteString(withheld)
		done = end
	}
	b.WriteString(s[done:])
	return b.String()
}

// notAPerson tells whether what stands behind an @ is no mail server: rooms and calendars have such names.
func notAPerson(domain string) bool {
	domain = strings.ToLower(domain)
	for _, d := range []string{"thread.v2", "thread.skype", "thread.tacv2", "group.calendar.google.com"} {
		if strings.HasPrefix(domain, d) {
			return true
		}
	}
	return false
}

// needsReading tells whether a text may show people something else than its bytes.
func needsReading(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c == '&' || c == '<' {
			return true
		}
	}
	return false
}

// reading is a text as people will see it: without markup and unseen characters, full-width letters,
// digits and signs as plain ones, every dash a hyphen.
func reading(s string) string {
	parts := strings.Split(stripMarkup(s), "…") // which stands for what was withheld, and would be folded too
	for i, part := range parts {
		parts[i] = norm.NFKC.String(part)
	}
	s = dropUnseen(strings.Join(parts, "…"))
	return strings.Map(func(r rune) rune {
		if r >= '\u2010' && r <= '\u2015' || r == '\u2212' {
			return '-'
		}
		return r
	}, s)
}

// withholdIn takes contacts out of a text, and out of what the text looks like where that shows more.
func withholdIn(s string, take func(string) string) string {
	s = take(s)
	if !needsReading(s) {
		return s
	}
	seen := reading(s)
	if out := take(seen); out != seen {
		return out
	}
	return s
}

// withoutPersons takes e-mail addresses out of a link: the fields of its query that hold one, or else the
// whole link. Links that open a talk with a telephone number go whole.
func withoutPersons(link string) string {
	u, err := url.Parse(link)
	if err != nil || link == "" {
		return link
	}
	switch host := strings.ToLower(u.Hostname()); {
	case (host == "wa.me" || host == "api.whatsapp.com") && digits(u.Path+u.RawQuery) >= 7:
		return ""
	case namesPerson(u.EscapedPath()):
		return ""
	}
	if namesPerson(u.RawQuery) {
		var kept []string
		for field := range strings.SplitSeq(u.RawQuery, "&") {
			if !namesPerson(field) {
				kept = append(kept, field)
			}
		}
		u.RawQuery = strings.Join(kept, "&")
	}
	if namesPerson(u.EscapedFragment()) {
		u.Fragment, u.RawFragment = "", ""
	}
	if u.RawQuery == "" {
		u.ForceQuery = false
	}
	if namesPerson(u.RawQuery) || namesPerson(link) && u.String() == link {
		return ""
	}
	if !namesPerson(link) {
		return link // as it was written
	}
	return u.String()
}

// namesPerson tells whether a part of a link holds an e-mail address, however often it was escaped.
func namesPerson(part string) bool {
	for range 4 {
		if WithholdEmails(part) != part {
			return true
		}
		plain, err := url.PathUnescape(part)
		if err != nil || plain == part {
			return false
		}
		part = plain
	}
	return false
}
