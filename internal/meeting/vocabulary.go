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

// Need is a flag that a person can ask for: its word in addresses and on the command line, and its label.
type Need struct {
	Word    string
	Flag    Flags
	Label   string
	LabelES string
}

var needs = []Need{
	{"women", Women, "Women", "Mujeres"},
	{"men", Men, "Men", "Hombres"},
	{"lgbtq", LGBTQ, "LGBTQ+", "LGBTQ+"},
	{"young", YoungPeople, "Young people", "Gente joven"},
	{"children", ChildCare, "Children welcome", "Se puede venir con niños"},
	{"wheelchair", Wheelchair, "Wheelchair access", "Acceso en silla de ruedas"},
	{"proof", ProofOfAttendance, "Proof of attendance", "Prueba de asistencia"},
	{"beginners", Beginners, "Good for a first time", "Bueno para la primera vez"},
	{"secular", Secular, "Secular", "Laica"},
	{"open", Open, "Open to everyone", "Abierta a todas las personas"},
	{"closed", Closed, "Only for members", "Solo para miembros"},
	{"sign", SignLanguage, "Sign language", "Lengua de señas"},
	{"fragrance-free", FragranceFree, "Fragrance free", "Sin fragancias"},
	{"outdoor", Outdoor, "Outdoors", "Al aire libre"},
	{"poc", PeopleOfColor, "People of color", "Personas de color"},
	{"seniors", Seniors, "Seniors", "Personas mayores"},
	{"dual", DualDiagnosis, "Mental health too", "También salud mental"},
	{"transgender", Transgender, "Transgender", "Transgénero"},
	{"nonbinary", NonBinary, "Non-binary", "No binario"},
	{"indigenous", Indigenous, "Indigenous", "Indígena"},
	{"professionals", Professionals, "Professionals", "Profesionales"},
	{"veterans", Veterans, "Veterans", "Veteranos"},
	{"speaker", Speaker, "Speaker", "Con orador"},
	{"discussion", Discussion, "Discussion", "Conversación"},
	{"steps", StepStudy, "Step study", "Estudio de pasos"},
	{"literature", Literature, "Literature", "Literatura"},
	{"meditation", Meditation, "Meditation", "Meditación"},
	{"crosstalk", CrossTalk, "Cross talk permitted", "Se permite opinar"},
	{"smoking", SmokingPermitted, "Smoking permitted", "Se permite fumar"},
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

// Label is the need in a language, "es" or English.
func (n Need) LabelIn(lang string) string {
	if lang == "es" {
		return n.LabelES
	}
	return n.Label
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
