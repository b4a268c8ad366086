package meeting

import (
	"cmp"
	"slices"
	"strings"

	"hearth/internal/meeting/welcome"
)

// kind reads the codes of a filter: what sort of meeting is wanted.
func (p *parser) kind(f *Filter) {
	for _, s := range p.list(paramAttendance) {
		a := Attendance(strings.ReplaceAll(strings.ToLower(s), "-", "_"))
		switch {
		case s == "any":
		case !a.Valid() || a == Inactive:
			p.faults.Add(paramAttendance, "Please use in_person, online or hybrid.")
		default:
			f.Attendance = append(f.Attendance, a)
		}
	}
	for _, s := range p.list(paramFellowship) {
		switch s = strings.ToLower(s); {
		case !isCode(s):
			p.faults.Add(paramFellowship, "A fellowship is named by its code, such as na or aa.")
		case !p.known.hasFellowship(s):
			p.faults.Add(paramFellowship, "We do not know the fellowship “%s”. Here there are: %s.", clip(s), p.known.someFellowships())
		default:
			f.Fellowships = append(f.Fellowships, s)
		}
	}
	for _, s := range p.list(paramKind) {
		if k, ok := ParseKind(strings.ReplaceAll(strings.ToLower(s), "-", "_")); ok {
			f.Kinds = append(f.Kinds, k)
		} else {
			p.faults.Add(paramKind, "We do not know the kind “%s”. There are: %s.", clip(s), someKinds())
		}
	}
	for _, s := range p.list(paramType) {
		switch code := strings.ToUpper(s); {
		case len(s) > 60:
			p.faults.Add(paramType, "A type is named by its code, such as O or BEG.")
		case !p.known.hasType(code):
			p.faults.Add(paramType, "No list here has the type “%s”. A type is named by its code, such as O or BEG.", clip(s))
		default:
			f.Types = append(f.Types, code)
		}
	}
	for _, s := range p.list(paramLanguage) {
		switch s = strings.ToLower(s); {
		case len(s) > 8 || !isCode(s):
			p.faults.Add(paramLanguage, "A language is named by its code, such as en or es.")
		case !p.known.hasLanguage(s):
			p.faults.Add(paramLanguage, "We do not know the language “%s”. A language is named by its code, such as en or es.", clip(s))
		default:
			f.Languages = append(f.Languages, s)
		}
	}
	for _, s := range p.list(paramNeed) {
		if need, ok := ParseNeed(strings.ToLower(s)); ok {
			f.Needs |= need
		} else {
			p.faults.Add(paramNeed, "We do not know the need “%s”. There are: %s.", clip(s), strings.Join(Flags(^uint64(0)).Words(), ", "))
		}
	}
	f.Attendance = distinct(f.Attendance)
	f.Fellowships = distinct(f.Fellowships)
	f.Kinds = distinct(f.Kinds)
	f.Types = distinct(f.Types)
	f.Languages = distinct(f.Languages)
}

// welcome reads what people want to be able to do there, and whether the place may be unknown.
func (p *parser) welcome(f *Filter) {
	for _, s := range p.list(paramMay) {
		r, ok := welcome.ParseRight(strings.ToLower(s))
		switch {
		case !ok:
			p.faults.Add(paramMay, "Please use speak, lead, serve or count.")
		case !slices.Contains(f.May, r):
			f.May = append(f.May, r)
		}
	}
	slices.Sort(f.May)
	for _, s := range p.list(paramAnswer) {
		a, ok := welcome.ParseAnswer(strings.ToLower(s))
		switch {
		case !ok:
			p.faults.Add(paramAnswer, "Please use yes, depends, no or unknown.")
		case len(f.May) == 0 && p.form: // what is left of a link when the right was taken out
		case len(f.May) == 0:
			p.faults.Add(paramAnswer, "The answer to what? Please say may=speak, or another right.")
		default:
			f.Answers = append(f.Answers, a)
		}
	}
	f.Answers = distinct(f.Answers)
	switch p.one(paramUnplaced) {
	case "":
	case "yes":
		f.Unplaced = true
	default:
		p.faults.Add(paramUnplaced, "Please use yes, or leave it out.")
	}
}

func someKinds() string {
	var names []string
	for _, k := range Kinds {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

// hasFellowship tells whether there is such a fellowship, here or anywhere.
func (d *Directory) hasFellowship(code string) bool {
	return d == nil || KnownFellowship(code) || slices.Contains(d.index.Fellowships(), code)
}

// someFellowships names those that have meetings here.
func (d *Directory) someFellowships() string {
	codes := d.index.Fellowships()
	slices.Sort(codes)
	if len(codes) > 12 {
		codes = append(codes[:12], "…")
	}
	return strings.Join(codes, ", ")
}

// hasType tells whether a type means something somewhere, or is at least on a list here.
func (d *Directory) hasType(code string) bool {
	if d == nil || d.index.HasLabel(labelType(code)) {
		return true
	}
	for _, words := range vocabularies {
		if _, ok := words[code]; ok {
			return true
		}
	}
	return false
}

func (d *Directory) hasLanguage(code string) bool {
	_, ok := languageNames[code]
	return ok || d == nil || d.index.HasLabel(labelLanguage(code))
}

func distinct[S ~[]E, E cmp.Ordered](s S) S {
	slices.Sort(s)
	return slices.Compact(s)
}

// isCode tells whether s is made of a-z, 0-9, _ and - and neither empty nor long.
func isCode(s string) bool {
	for _, c := range []byte(s) {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return len(s) > 0 && len(s) <= 60
}
