package open

import (
	"slices"
	"strings"
	"unicode"

	"hearth/internal/web/ui"
	"hearth/internal/wire"
)

// telling are the beginnings of words by which a calendar on a locked telephone, or on a table at work, would
// say why somebody goes there, in English and Spanish, in small letters.
var telling = []string{
	"recover", "recupera", "medicat", "medicac", "methadon", "metadon", "suboxon", "bupreno", "naloxon", "naltrex", "vivitrol", "opioid",
	"opiace", "opiáce", "overdos", "sobredosis", "anonymou", "anonim", "anónim", "sober", "sobri", "12 step", "12-step", "12step",
	"twelve step", "twelve-step", "12 pasos", "doce pasos", "alcohol", "narcotic", "narcótic", "heroin", "cocain", "addict", "adicc", "rehab", "detox",
}

// initials are those by which fellowships call themselves. In the name of a place they may be anything.
var initials = []string{"AA", "NA", "CA", "CMA", "HA", "MA", "DRA", "PRA", "MARA", "MAT", "MAR", "MOUD", "SMART"}

// tells finds a telling word.
func tells(s string) bool {
	if s == "" {
		return false
	}
	s = strings.ToLower(s)
	return slices.ContainsFunc(telling, func(word string) bool { return strings.Contains(s, word) })
}

// named tells whether initials stand in a name.
func named(s string) bool {
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if slices.Contains(initials, word) {
			return true
		}
	}
	return false
}

// discreet is a meeting as a calendar may show it: the group's name and place, unless they say what it is
// for; then the place alone, or just that it is a meeting.
func discreet(i wire.Item, t ui.T) wire.Item {
	for _, s := range []*string{&i.Location, &i.LocationNotes, &i.ConferenceURLNotes, &i.ConferencePhoneNotes} {
		if tells(*s) {
			*s = ""
		}
	}
	if tells(i.Name) || named(i.Name) {
		i.Name = i.Location
	}
	if i.Name == "" {
		i.Name = t.S("Meeting")
	}
	return i
}
