// Package ui owns how Hearth looks and speaks: the layout around every page, the typed components that
// pages are made of, the tokens and styles, the small scripts, and the catalogue of words.
//
// It must never know an area, a database or a route's handler: it is handed plain values and draws them.
// No component writes a style attribute, an inline script, or an address on another host except the one
// that Leave quickly goes to.
//
// # Words
//
// Every string that people read goes through T.S with its English text as the key. Spanish stands in
// catalogue/es*.json, all files merged: {"Find": "Buscar"}. Where a number changes the sentence, both
// languages have an object, English in catalogue/en*.json:
//
//	{"%d visits": {"one": "%d visit", "other": "%d visits"}}
//
// The first argument that is a number chooses; "arg": 2 chooses by the second. People's own words and the
// values of fields stand in an element with the attribute data-own, so that the bypass test leaves them
// alone. A key that is not written at the call itself is announced with Key.
package ui

import (
	"strings"

	"hearth/internal/fault"
)

// Shell is what stands around the content of every page.
type Shell struct {
	T         T
	Community string   // the community's name, as its people write it
	Languages []string // offered here; none: all
	Path      string   // path of this page, for the language link
	Query     string   // its raw query
	Nav       string   // the place in the navigation that this page is: find, about, or a Place's Key
	Account   *Signed
	Places    []Place // where somebody signed in may go; a second row of the header
	LeaveURL  string  // where Leave quickly goes; "" is a search engine's plain page
	Short     bool    // the device is not the reader's own: nothing may stay behind on it
	Flash     string  // said once in a live region, already in the reader's language
}

// Signed is who is signed in, as far as the shell shows it.
type Signed struct {
	Name  string
	Roles []string
}

// Place is somewhere in the house that a signed-in person may go.
type Place struct {
	Key   string // compared with Shell.Nav
	Label string // already in the reader's language
	Href  string
	Icon  string
}

// Page is one page: its shell and what its head says.
type Page struct {
	Shell       Shell
	Title       string // without the community's name; never a diagnosis, a medication or a person
	Description string
	NoIndex     bool
	Scripts     []string // further modules by asset name, such as pow.js; app.js is always there
	Styles      []string // further stylesheets by asset name
	Feed        string   // address of the same meetings as a feed, by which other programs discover it
	Wide        bool     // the whole width instead of a text column
	Map         bool     // the page holds a map
}

// defaultLeave is a page that everybody might have open.
const defaultLeave = "https://www.google.com/"

// Leave is where Leave quickly goes.
func (s Shell) Leave() string {
	if s.LeaveURL != "" {
		return s.LeaveURL
	}
	return defaultLeave
}

// desk is the first place of whoever is signed in.
func (s Shell) desk() string {
	if len(s.Places) > 0 {
		return s.Places[0].Href
	}
	return "/desk"
}

// inLanguage is the address of this page in another language.
func (s Shell) inLanguage(code string) string {
	var kept []string
	for _, p := range strings.Split(s.Query, "&") {
		if p != "" && !strings.HasPrefix(p, "lang=") {
			kept = append(kept, p)
		}
	}
	return s.Path + "?" + strings.Join(append(kept, "lang="+code), "&")
}

// offered are the languages that a reader may choose here.
func (s Shell) offered() []string {
	if len(s.Languages) == 0 {
		return Languages()
	}
	return s.Languages
}

// other is the language that the language link offers.
func (s Shell) other() string {
	if s.T.Lang() == "es" {
		return "en"
	}
	return "es"
}

// FieldError is the message that err has for a field, in the reader's language, or "".
func FieldError(t T, err *fault.Error, name string) string {
	if err == nil {
		return ""
	}
	for _, f := range err.Fields {
		if f.Name == name {
			return t.S(f.Message, f.Args...)
		}
	}
	return ""
}

// FieldID is the id of the input with that name; an error summary links to it.
func FieldID(name string) string { return "f-" + name }
