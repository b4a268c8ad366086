package ui

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

//go:embed catalogue/*.json
var catalogueFiles embed.FS

// T is the words, dates and numbers of one language. The zero value speaks English. It is a small value
// and safe for many goroutines.
type T struct{ v *voice }

// Pseudo is the language that wraps every string of the catalogue in ⟦ ⟧, so that a test can see which
// words on a page bypass it.
const Pseudo = "en-XA"

// voice is everything T needs for one language; it never changes once made.
type voice struct {
	code     string
	tag      language.Tag
	messages map[string]entry
	printer  *message.Printer // groups the digits of large numbers
	marked   bool
	calendar calendar
}

// entry is a message: one text, or a text for each plural form chosen by an argument.
type entry struct {
	text  string
	arg   int // from 1; 0 means the text stands alone
	forms map[plural.Form]string
}

var formNames = map[string]plural.Form{"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many, "other": plural.Other}

// voices reads the catalogue once. The files are part of the program, so a broken one is a bug that
// every test finds; it panics.
var voices = sync.OnceValue(func() map[string]*voice {
	en := &voice{code: "en", tag: language.AmericanEnglish, messages: mustRead("en"), calendar: english}
	es := &voice{code: "es", tag: language.MustParse("es-US"), messages: mustRead("es"), calendar: spanish}
	xa := &voice{code: Pseudo, tag: en.tag, messages: en.messages, calendar: english, marked: true}
	all := map[string]*voice{}
	for _, v := range []*voice{en, es, xa} {
		v.printer = message.NewPrinter(v.tag)
		all[v.code] = v
	}
	return all
})

func mustRead(lang string) map[string]entry {
	files, err := catalogueFiles.ReadDir("catalogue")
	if err != nil {
		panic(err)
	}
	all := map[string]entry{}
	for _, f := range files {
		if !strings.HasPrefix(f.Name(), lang+".") {
			continue
		}
		b, err := catalogueFiles.ReadFile("catalogue/" + f.Name())
		if err != nil {
			panic(err)
		}
		if err := readCatalogue(b, all); err != nil {
			panic(fmt.Sprintf("catalogue/%s: %v", f.Name(), err))
		}
	}
	return all
}

// readCatalogue adds the messages of one file to all.
func readCatalogue(b []byte, all map[string]entry) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	for key, value := range raw {
		var e entry
		if json.Unmarshal(value, &e.text) != nil {
			var forms map[string]any
			if err := json.Unmarshal(value, &forms); err != nil {
				return fmt.Errorf("%q is neither a text nor plural forms", key)
			}
			e.arg, e.forms = 1, map[plural.Form]string{}
			for name, v := range forms {
				form, known := formNames[name]
				text, isText := v.(string)
				number, isNumber := v.(float64)
				switch {
				case known && isText:
					e.forms[form] = text
				case name == "arg" && isNumber:
					e.arg = int(number)
				default:
					return fmt.Errorf("%q: %q is not a plural form", key, name)
				}
			}
			if e.forms[plural.Other] == "" {
				return fmt.Errorf("%q has no form \"other\"", key)
			}
		}
		all[key] = e
	}
	return nil
}

// Language returns the words of a language: en, es or the pseudo language. Others speak English.
func Language(code string) T {
	if v, ok := voices()[code]; ok {
		return T{v}
	}
	return T{voices()["en"]}
}

// Languages lists the codes that a person may choose, in the order in which they are offered.
func Languages() []string { return []string{"en", "es"} }

var matcher = language.NewMatcher([]language.Tag{language.English, language.Spanish})

// Pick chooses the language of a request: ?lang= wins, then the cookie "lang", then Accept-Language. Only
// what is offered is chosen, its first where nothing else fits; none offered means all. The pseudo language
// is only ever chosen by the query.
func Pick(r *http.Request, offered ...string) T {
	if len(offered) == 0 {
		offered = Languages()
	}
	spoken := func(code string) bool { return slices.Contains(offered, code) }
	if strings.Contains(r.URL.RawQuery, "lang=") { // most requests say nothing: their query need not be read twice
		if q := r.URL.Query().Get("lang"); q == Pseudo || spoken(q) {
			return Language(q)
		}
	}
	if c, err := r.Cookie("lang"); err == nil && spoken(c.Value) {
		return Language(c.Value)
	}
	accept := r.Header.Get("Accept-Language")
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return Language(offered[0])
	}
	_, i, _ := matcher.Match(tags...)
	if found := Languages()[i]; spoken(found) {
		return Language(found)
	}
	return Language(offered[0])
}

// Key announces an English text that is translated later, where it is not written in the call to S.
func Key(english string) string { return english }

func (t T) voice() *voice {
	if t.v == nil {
		return voices()["en"]
	}
	return t.v
}

// Lang is the language's code, as in the lang attribute.
func (t T) Lang() string { return t.voice().code }

// S gives a text in the reader's language. The key is the English text, a format when there are
// arguments. Whole numbers from a thousand are grouped, so a year goes in as text.
func (t T) S(key string, args ...any) string {
	v := t.voice()
	text := key
	if e, ok := v.messages[key]; ok {
		text = e.choose(v.tag, args)
	}
	if len(args) > 0 {
		text = v.format(text, args)
	}
	if v.marked {
		return "⟦" + text + "⟧"
	}
	return text
}

// Has tells whether the language has a text of its own for a key.
func (t T) Has(key string) bool {
	_, ok := t.voice().messages[key]
	return ok
}

func (e entry) choose(tag language.Tag, args []any) string {
	if e.arg == 0 {
		return e.text
	}
	n, seen := 0, 0
	for _, a := range args {
		if i, ok := a.(int); ok {
			if seen++; seen == e.arg {
				n = i
				break
			}
		}
	}
	if text, ok := e.forms[plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0)]; ok {
		return text
	}
	return e.forms[plural.Other]
}

// format fills in the arguments. Most are words and small numbers, which fmt does in a quarter of the
// time that the printer takes.
func (v *voice) format(text string, args []any) string {
	for _, a := range args {
		if i, ok := a.(int); ok && (i >= 1000 || i <= -1000) {
			return v.printer.Sprintf(text, args...)
		}
	}
	// Most texts take one word: no need for a formatter.
	if word, ok := args[0].(string); ok && len(args) == 1 && strings.Count(text, "%") == 1 {
		if before, after, ok := strings.Cut(text, "%s"); ok {
			return before + word + after
		}
	}
	return fmt.Sprintf(text, args...)
}

// Number writes a whole number with its digits grouped.
func (t T) Number(n int) string {
	if n > -1000 && n < 1000 {
		return strconv.Itoa(n)
	}
	return t.voice().printer.Sprintf("%d", n)
}
