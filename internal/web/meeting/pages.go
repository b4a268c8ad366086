// Package meeting owns the public pages about meetings: the finder, a meeting's page with its welcome
// card, the report of a visit, the report of a problem, and the page to read before going.
//
// It turns what the directory answers into words and drawings. It must never decide a rule of the
// directory, hold SQL, or put into a title or an address anything that says why somebody looks.
package meeting

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/a-h/templ"

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
}

// New returns the pages.
func New(o Options) *Pages {
	p := &Pages{meetings: o.Meetings, places: o.Places, base: strings.TrimSuffix(o.BaseURL, "/"), now: o.Now, streets: o.Streets, voices: map[string]*voice{}}
	for _, code := range append(ui.Languages(), ui.Pseudo) {
		p.voices[code] = newVoice(ui.Language(code))
	}
	return p
}

// voice is how the pages speak of a welcome in one language.
type voice struct {
	sentences
	none *sentence // nobody has told us
	few  *sentence // not enough reports yet
	own  *sentence // a group made by people on medication, where every part is open

	mapWords string // what the map says, made once
}

func newVoice(t ui.T) *voice {
	v := &voice{mapWords: ui.MapWords(t)}
	v.grammar, v.wrap = english, func(s string) string { return s }
	switch t.Lang() {
	case "es":
		v.grammar = spanish
	case ui.Pseudo:
		v.wrap = func(s string) string { return "⟦" + s + "⟧" }
	}
	for _, a := range []welcome.Answer{welcome.Unknown, welcome.No, welcome.Depends, welcome.Yes} {
		v.shapes[a] = markup(ui.Shape(a.String(), "line"))
	}
	whole := func(a welcome.Answer, text string) *sentence {
		return &sentence{Text: text, row: v.rowHTML([]clause{{a, strings.TrimSuffix(strings.Trim(text, "⟦⟧"), ".")}})}
	}
	v.none = whole(welcome.Unknown, t.S("Not known: nobody has told us about this meeting yet."))
	v.few = whole(welcome.Unknown, t.S("Not enough reports yet to say."))
	v.own = whole(welcome.Yes, t.S("Made by people on medication: every part is open to you."))
	return v
}

// markup renders a component that needs no request.
func markup(c templ.Component) string {
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		panic(err) // writing to memory does not fail
	}
	return b.String()
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
