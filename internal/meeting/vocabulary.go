package meeting

import (
	"sort"
	"strings"
)

// Flags are what the types of a meeting say, in words that hold across fellowships, so that the finder can
// ask for women's meetings without knowing how each fellowship spells that.
type Flags uint64

// The flags.
const (
	Open Flags = 1 << iota
	Closed
	Women
	Men
	LGBTQ
	YoungPeople
	Beginners
	ChildCare
	Wheelchair
	ProofOfAttendance
	Secular
	Speaker
	Discussion
	StepStudy
	Literature
	Meditation
	SignLanguage
	FragranceFree
	Outdoor
	PeopleOfColor
	Seniors
	DualDiagnosis
	CrossTalk
	Transgender
	NonBinary
	Indigenous
	Professionals
	Veterans
	SmokingPermitted
)

// Has tells whether f has every flag of g.
func (f Flags) Has(g Flags) bool { return f&g == g }

// Need is a flag that a person can ask for.
type Need struct {
	Word  string // in addresses and on the command line
	Flag  Flags
	Label string // in English, the key of the catalogue
}

var needs = []Need{
	{"women", Women, "Women"},
	{"men", Men, "Men"},
	{"lgbtq", LGBTQ, "LGBTQ+"},
	{"young", YoungPeople, "Young people"},
	{"children", ChildCare, "Children welcome"},
	{"wheelchair", Wheelchair, "Wheelchair access"},
	{"proof", ProofOfAttendance, "Proof of attendance"},
	{"beginners", Beginners, "Good for a first time"},
	{"secular", Secular, "Secular"},
	{"open", Open, "Open to everyone"},
	{"closed", Closed, "Only for members"},
	{"sign", SignLanguage, "Sign language"},
	{"fragrance-free", FragranceFree, "Fragrance free"},
	{"outdoor", Outdoor, "Outdoors"},
	{"poc", PeopleOfColor, "People of color"},
	{"seniors", Seniors, "Seniors"},
	{"dual", DualDiagnosis, "Mental health too"},
	{"transgender", Transgender, "Transgender"},
	{"nonbinary", NonBinary, "Non-binary"},
	{"indigenous", Indigenous, "Indigenous"},
	{"professionals", Professionals, "Professionals"},
	{"veterans", Veterans, "Veterans"},
	{"speaker", Speaker, "Speaker"},
	{"discussion", Discussion, "Discussion"},
	{"steps", StepStudy, "Step study"},
	{"literature", Literature, "Literature"},
	{"meditation", Meditation, "Meditation"},
	{"crosstalk", CrossTalk, "Cross talk permitted"},
	{"smoking", SmokingPermitted, "Smoking permitted"},
}

// needAliases are other words that people type for the same.
var needAliases = map[string]string{
	"woman": "women", "man": "men", "lgbt": "lgbtq", "lgbtq+": "lgbtq", "youth": "young", "young_people": "young",
	"young-people": "young", "childcare": "children", "child-care": "children", "child_care": "children", "kids": "children",
	"access": "wheelchair", "poa": "proof", "proof-of-attendance": "proof", "proof_of_attendance": "proof",
	"newcomer": "beginners", "newcomers": "beginners", "beginner": "beginners", "asl": "sign", "trans": "transgender",
}

// Needs lists what can be asked for, in the order in which a form offers it.
func Needs() []Need { return append([]Need(nil), needs...) }

// ParseNeed reads the word of a need.
func ParseNeed(word string) (Flags, bool) {
	word = strings.ToLower(strings.TrimSpace(word))
	if w, ok := needAliases[word]; ok {
		word = w
	}
	for _, n := range needs {
		if n.Word == word {
			return n.Flag, true
		}
	}
	return 0, false
}

// Words returns the words of the flags in f that can be asked for, in the order of Needs.
func (f Flags) Words() []string {
	var out []string
	for _, n := range needs {
		if f.Has(n.Flag) {
			out = append(out, n.Word)
		}
	}
	return out
}

// typeWord is what one code means in one vocabulary.
type typeWord struct {
	en, es   string
	flags    Flags
	language string // ISO 639-1
}

// word finds what a code means at a fellowship: its own meaning first, then the one of the Meeting Guide
// specification. A code may be without meaning at a fellowship though it has one elsewhere.
func word(fellowship, code string) (typeWord, bool) {
	if own, ok := vocabularies[fellowship]; ok {
		if w, ok := own[code]; ok {
			return w, w.en != ""
		}
	}
	w, ok := vocabularies[""][code]
	return w, ok
}

// FlagsOf returns what the types say together. Codes are scoped by fellowship: A is Secular in one and
// 18+ in another. A code that nobody knows says nothing.
func FlagsOf(fellowship string, types []string) Flags {
	var f Flags
	for _, t := range types {
		if w, ok := word(fellowship, t); ok {
			f |= w.flags
		}
	}
	return f
}

// LanguagesOf returns the ISO 639-1 codes of the languages among the types, sorted.
func LanguagesOf(fellowship string, types []string) []string {
	var out []string
	for _, t := range types {
		w, ok := word(fellowship, t)
		if !ok || w.language == "" {
			continue
		}
		at := sort.SearchStrings(out, w.language)
		if at == len(out) || out[at] != w.language {
			out = append(out, "")
			copy(out[at+1:], out[at:])
			out[at] = w.language
		}
	}
	return out
}

// TypeKnown tells whether there is a word for a code at a fellowship. One without is kept for programs to
// read, and is no word to put before people.
func TypeKnown(fellowship, code string) bool {
	_, ok := word(fellowship, code)
	return ok
}

// TypeLabel returns what a code is called, in Spanish for "es" and else in English. An unknown code is
// shown as it is.
func TypeLabel(fellowship, code, lang string) string {
	w, ok := word(fellowship, code)
	switch {
	case !ok:
		return code
	case lang == "es" && w.es != "":
		return w.es
	}
	return w.en
}

// TypeCode returns the code that a label stands for at a fellowship ("Wheelchair Access" is X), for tables
// that hold labels. A code stands for itself; case does not matter.
func TypeCode(fellowship, label string) (string, bool) {
	code := strings.ToUpper(strings.TrimSpace(label))
	if _, ok := word(fellowship, code); ok {
		return code, true
	}
	key := strings.ToLower(strings.TrimSpace(label))
	if c, ok := labelCodes[fellowship][key]; ok {
		return c, true
	}
	own := vocabularies[fellowship]
	for _, c := range labelAliases[key] {
		if _, ok := own[c]; ok {
			return c, true
		}
	}
	if c, ok := labelCodes[""][key]; ok {
		if _, ok := word(fellowship, c); ok {
			return c, true
		}
		return strings.ToUpper(vocabularies[""][c].language), vocabularies[""][c].language != ""
	}
	for _, c := range labelAliases[key] {
		if _, ok := word(fellowship, c); ok {
			return c, true
		}
	}
	return "", false
}

// LanguageName returns the name of a language of the directory, in Spanish for "es" and else in English;
// the code itself where it is not known.
func LanguageName(iso, lang string) string {
	l, ok := languageNames[iso]
	switch {
	case !ok:
		return iso
	case lang == "es":
		return l[1]
	}
	return l[0]
}
