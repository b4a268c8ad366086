// Package meeting owns the public pages about meetings: the finder, a meeting's page with its welcome
// card, the report of a visit, the report of a problem, and the page to read before going.
//
// It turns what the directory answers into words and drawings. It must never decide a rule of the
// directory, hold SQL, or put into a title or an address anything that says why somebody looks.
package meeting

import (
	"strings"
	"time"

	"hearth/internal/civil"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
	"hearth/internal/web/ui"
)

// Options is what the pages need from the house.
type Options struct {
	Meetings *meeting.Service
	Places   meeting.Places
	BaseURL  string // for the printed QR code and the link to share; "" leaves both to the browser
	Now      func() time.Time
	Streets  bool // the installation has an archive with streets for the map
}

// Pages are the handlers. They are safe for concurrent use.
type Pages struct {
	meetings *meeting.Service
	places   meeting.Places
	base     string
	now      func() time.Time
	streets  bool
	voices   map[string]*voice
	kept     keptPages
	maps     keptPages // their points
	points   int       // most on one map
}

// New returns the pages.
func New(o Options) *Pages {
	p := &Pages{meetings: o.Meetings, places: o.Places, base: strings.TrimSuffix(o.BaseURL, "/"), now: o.Now, streets: o.Streets, voices: map[string]*voice{}, points: maxPoints}
	for _, code := range append(ui.Languages(), ui.Pseudo) {
		p.voices[code] = newVoice(ui.Language(code))
	}
	return p
}

// voice is how the pages speak in one language. What a page of the finder says again and again is made
// once: the finder is the page that everybody opens.
type voice struct {
	sentences
	rows keptRows
	none *sentence // nobody has told us
	few  *sentence // not enough reports yet
	own  *sentence // a group made by people on medication, where every part is open

	tell        string            // asks for the visit report
	mapWords    string            // what the map says
	until       [24 * 60]string   // "to 20:00"
	tenths      [100]string       // "0.4 mi", up to ten miles
	miles       [400]string       // "12 mi"
	fellowships map[string]string // names by code
	needs       map[string]string // labels by word
	kinds       map[meeting.Kind]string
	spoken      []string // names of languages, as they are offered
	distances   []string // "10 miles", as they are offered
}

func newVoice(t ui.T) *voice {
	v := &voice{tell: t.S("Been there? Tell us"), mapWords: ui.MapWords(t), fellowships: map[string]string{}, needs: map[string]string{}, kinds: map[meeting.Kind]string{}}
	v.grammar, v.wrap = english, func(s string) string { return s }
	switch t.Lang() {
	case "es":
		v.grammar = spanish
	case ui.Pseudo:
		v.wrap = func(s string) string { return "⟦" + s + "⟧" }
	}
	whole := func(a welcome.Answer, text string) *sentence {
		return &sentence{Text: text, row: v.rowHTML([]clause{{a, strings.TrimSuffix(strings.Trim(text, "⟦⟧"), ".")}})}
	}
	v.none = whole(welcome.Unknown, t.S("Not known: nobody has told us about this meeting yet."))
	v.few = whole(welcome.Unknown, t.S("Not enough reports yet to say."))
	v.own = whole(welcome.Yes, t.S("Made by people on medication: every part is open to you."))

	for i := range v.until {
		v.until[i] = t.S("to %s", civil.Clock(i).String())
	}
	for i := range v.tenths {
		v.tenths[i] = t.Miles(float64(i) / 10)
	}
	for i := range v.miles {
		v.miles[i] = t.Miles(float64(max(i, 10)))
	}
	for _, f := range meeting.Fellowships() {
		v.fellowships[f.Code] = fellowshipName(t, f.Code)
	}
	for _, n := range meeting.Needs() {
		v.needs[n.Word] = t.S(n.Label)
	}
	for _, k := range meeting.Kinds {
		v.kinds[k] = t.S(k.Name())
	}
	for _, l := range languages {
		v.spoken = append(v.spoken, t.S(l.name))
	}
	for _, miles := range distances {
		v.distances = append(v.distances, t.S("%d miles", miles))
	}
	return v
}

// far is a distance in words.
func (v *voice) far(t ui.T, miles float64) string {
	switch {
	case miles < 0:
		return ""
	case miles < 9.95:
		return v.tenths[int(miles*10+0.5)]
	case miles < float64(len(v.miles))-1:
		return v.miles[int(miles+0.5)]
	}
	return t.Miles(miles)
}

// fellowship names a fellowship.
func (v *voice) fellowship(t ui.T, code string) string {
	if name, ok := v.fellowships[code]; ok {
		return name
	}
	return fellowshipName(t, code)
}

// voice returns the voice of a language.
func (p *Pages) voice(t ui.T) *voice {
	if v := p.voices[t.Lang()]; v != nil {
		return v
	}
	return p.voices["en"]
}

// say puts a card into a sentence.
func (v *voice) say(a answers, sure bool, reports int, kind meeting.Kind) *sentence {
	switch {
	case !a.known() && reports > 0:
		return v.few
	case !a.known():
		return v.none
	case kind == meeting.KindMedication && sure && a.open():
		return v.own
	}
	return v.of(a, sure)
}

// open tells whether speaking, leading, serving and one's time are all a yes, and nothing is less.
func (a answers) open() bool {
	for _, r := range []welcome.Right{welcome.Speak, welcome.Lead, welcome.Serve, welcome.TimeCounts} {
		if a[r] != welcome.Yes {
			return false
		}
	}
	return len(a.pick(welcome.No, welcome.Rights[:]...)) == 0 && len(a.pick(welcome.Depends, welcome.Rights[:]...)) == 0
}
