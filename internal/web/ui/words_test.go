package ui

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/feature/plural"

	"hearth/internal/civil"
)

func TestSpeaksBothLanguages(t *testing.T) {
	en, es := Language("en"), Language("es")
	for _, c := range []struct{ got, want string }{
		{en.S("Find a meeting"), "Find a meeting"},
		{es.S("Find a meeting"), "Encuentra una reunión"},
		{en.S("%d days ago", 1), "1 day ago"},
		{en.S("%d days ago", 5), "5 days ago"},
		{es.S("%d days ago", 1), "hace 1 día"},
		{es.S("%d days ago", 5), "hace 5 días"},
		{en.S("%d days ago", 1234), "1,234 days ago"},
		{es.S("%d days ago", 1234), "hace 1,234 días"},
		{es.S("a key nobody translated"), "a key nobody translated"},
		{en.S("100 %"), "100 %"},
		{T{}.S("Yes"), "Yes"},
		{Language("de").S("Yes"), "Yes"},
		{Language(Pseudo).S("Yes"), "⟦Yes⟧"},
		{Language(Pseudo).S("in %d min", 5), "⟦in 5 min⟧"},
		{en.Number(1234567), "1,234,567"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestTellsTimesAsPeopleDo(t *testing.T) {
	en, es := Language("en"), Language("es")
	day := civil.Date{Year: 2026, Month: time.May, Day: 19}
	for _, c := range []struct{ got, want string }{
		{en.Date(day), "Tuesday 19 May"},
		{es.Date(day), "martes 19 de mayo"},
		{en.DateYear(day), "19 May 2026"},
		{es.DateYear(day), "19 de mayo de 2026"},
		{en.Date(civil.Date{}), ""},
		{en.Month("2026-05"), "May 2026"},
		{es.Month("2026-05"), "mayo de 2026"},
		{en.Month("soon"), "soon"},
		{en.Month("2026-13"), "2026-13"},
		{en.Weekday(0), "Sunday"},
		{es.Weekday(3), "miércoles"},
		{es.WeekdayShort(6), "Sáb"},
		{en.Weekdays(2), "Tuesdays"},
		{es.Weekdays(2), "los martes"},
		{es.Weekdays(6), "los sábados"},
		{es.Weekday(-1), "Con cita"},
		{Capital(es.Date(day)), "Martes 19 de mayo"},
		{Capital("⟦martes⟧"), "⟦Martes⟧"},
		{Capital("ávila"), "Ávila"},
		{Capital(""), ""},
		{en.Clock(19 * 60), "19:00"},
		{en.Clock(civil.NoClock), ""},
		{en.Ago(0), "today"},
		{en.Ago(1), "yesterday"},
		{en.Ago(13), "13 days ago"},
		{en.Ago(21), "3 weeks ago"},
		{en.Ago(90), "2 months ago"},
		{en.Ago(364), "11 months ago"},
		{en.Ago(400), "over a year ago"},
		{en.Ago(800), "2 years ago"},
		{es.Ago(21), "hace 3 semanas"},
		{en.Soon(0), "now"},
		{en.Soon(25 * time.Minute), "in 25 min"},
		{en.Soon(24*time.Minute + time.Second), "in 25 min"},
		{en.Soon(2 * time.Hour), "in 2 h"},
		{en.Soon(130 * time.Minute), "in 2 h 10 min"},
		{es.Soon(30 * time.Hour), "mañana"},
		{en.Soon(73 * time.Hour), "in 3 days"},
		{en.Miles(0.42), "0.4 mi"},
		{en.Miles(12.5), "13 mi"},
		{en.Miles(-1), ""},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestPicksTheLanguageOfARequest(t *testing.T) {
	for _, c := range []struct{ query, cookie, accept, want string }{
		{"", "", "", "en"},
		{"", "", "es-MX,es;q=0.9,en;q=0.8", "es"},
		{"", "", "de,fr;q=0.9", "en"},
		{"", "", "en-US,es;q=0.5", "en"},
		{"", "", "\x00nonsense;;q", "en"},
		{"", "es", "en", "es"},
		{"lang=en", "es", "es", "en"},
		{"lang=xx", "es", "en", "es"},
		{"lang=en-XA", "", "es", "en-XA"},
		{"", "en-XA", "es", "es"},
	} {
		r := httptest.NewRequest("GET", "/?"+c.query, nil)
		if c.cookie != "" {
			r.Header.Set("Cookie", "lang="+c.cookie)
		}
		r.Header.Set("Accept-Language", c.accept)
		if got := Pick(r).Lang(); got != c.want {
			t.Errorf("query %q, cookie %q, accept %q: got %s, want %s", c.query, c.cookie, c.accept, got, c.want)
		}
	}
}

func TestRefusesABrokenCatalogue(t *testing.T) {
	for _, bad := range []string{`[]`, `{"a": 5}`, `{"a": {"one": "x"}}`, `{"a": {"other": "x", "often": "y"}}`, `{"a": {"other": 5}}`} {
		if err := readCatalogue([]byte(bad), map[string]entry{}); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

var verb = regexp.MustCompile(`%(\[\d+\])?[a-z]`)

// A translation that drops or adds an argument prints %!s(MISSING) to somebody at 11 at night.
func TestTranslationsTakeTheSameArguments(t *testing.T) {
	for _, lang := range []string{"en", "es"} {
		for key, e := range Language(lang).v.messages {
			texts := e.forms
			if e.arg == 0 {
				texts = map[plural.Form]string{plural.Other: e.text}
			}
			for form, text := range texts {
				want, got := verbs(key), verbs(text)
				if form != plural.Other && got < want && !strings.Contains(text, "%[") {
					continue // "one" may say it in words
				}
				if got != want && !strings.Contains(text, "%[") {
					t.Errorf("%s: %q has %d arguments, %q has %d", lang, key, want, text, got)
				}
			}
		}
	}
}

func verbs(s string) int { return len(verb.FindAllString(strings.ReplaceAll(s, "%%", ""), -1)) }

func BenchmarkS(b *testing.B) {
	es := Language("es")
	b.ReportAllocs()
	for b.Loop() {
		_ = es.S("Find a meeting")
		_ = es.S("%d weeks ago", 3)
	}
}
