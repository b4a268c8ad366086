package meeting

import (
	"slices"
	"strings"
	"unicode"
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

// Telling tells whether words say what a meeting is for.
func Telling(s string) bool {
	if s == "" {
		return false
	}
	s = strings.ToLower(s)
	return slices.ContainsFunc(telling, func(word string) bool { return strings.Contains(s, word) })
}

// calledByInitials tells whether initials stand in a name.
func calledByInitials(s string) bool {
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if slices.Contains(initials, word) {
			return true
		}
	}
	return false
}

// DiscreetName is what a title or a calendar may call a meeting: the group's name, unless it says what the
// meeting is for; then the first of its places that does not; "" where all of them do.
func DiscreetName(name string, places ...string) string {
	if !Telling(name) && !calledByInitials(name) {
		return name
	}
	for _, place := range places {
		if place != "" && !Telling(place) {
			return place
		}
	}
	return ""
}
