package consent

import (
	"slices"
	"unicode/utf8"

	"hearth/internal/civil"
	"hearth/internal/fault"
)

// Limits of what people write into a consent, in letters.
const (
	NameLimit  = 120
	WordsLimit = 500
)

// storyDays is how long a story may be told before the person is asked again (R2.9: 12 months).
const storyDays = 366

// check tells which of the elements of 2.31(a) are missing or do not go together. It is asked when a consent
// is saved for signing, when it is signed, and again each time something is to leave because of it.
func (c Consent) check(today civil.Date) error {
	var wrong fault.Fields
	if c.Patient == "" {
		wrong.Add("patient", "Please write the name of the person this is about.")
	} else if utf8.RuneCountInString(c.Patient) > NameLimit {
		wrong.Add("patient", "Please use at most %d letters.", NameLimit)
	}
	if !slices.Contains(Kinds, c.Kind) {
		wrong.Add("kind", "Please choose what this permission is for.")
	}
	for field, words := range map[string]string{"what_else": c.WhatElse, "purpose_else": c.PurposeElse} {
		if utf8.RuneCountInString(words) > WordsLimit {
			wrong.Add(field, "Please use at most %d letters.", WordsLimit)
		}
	}
	c.checkWhat(&wrong)
	c.checkTo(&wrong)
	c.checkPurposes(&wrong)
	c.checkEnd(&wrong, today)
	return wrong.Err()
}

// checkWhat holds element 3: specific and meaningful, and what the law wants apart stays apart.
func (c Consent) checkWhat(wrong *fault.Fields) {
	for _, w := range c.What {
		if !slices.Contains(Categories, w) {
			wrong.Add("what", "Please choose from the list.")
			return
		}
	}
	switch c.Kind {
	case Messages:
		if len(c.What) > 0 {
			wrong.Add("what", "A permission for messages shares nothing.")
		}
		if !slices.Contains([]string{"sms", "voice", "email", "push"}, c.Channel) {
			wrong.Add("channel", "Please choose one way to be reached.")
		}
		return
	case Counseling:
		if len(c.What) != 1 || c.What[0] != Counselled {
			wrong.Add("what", "Counseling notes need a permission of their own, for them alone.")
		}
		return
	}
	if len(c.What) == 0 {
		wrong.Add("what", "Please choose at least one thing that may be shared.")
	}
	if slices.Contains(c.What, Counselled) {
		wrong.Add("what", "Counseling notes need a permission of their own, for them alone.")
	}
}

// checkTo holds element 4.
func (c Consent) checkTo(wrong *fault.Fields) {
	switch {
	case c.Kind == Messages:
		if len(c.To) > 0 || c.Class != "" {
			wrong.Add("to", "A permission for messages shares nothing.")
		}
	case c.Class != "" && (c.Kind != Treatment || c.Class != TreatingProviders):
		wrong.Add("to", "Please name the person or place. A general wording is not enough here.")
	case len(c.To) == 0 && c.Class == "":
		wrong.Add("to", "Please say with whom it may be shared.")
	}
}

// checkPurposes holds element 5.
func (c Consent) checkPurposes(wrong *fault.Fields) {
	for _, p := range c.Purposes {
		if !slices.Contains(Purposes, p) {
			wrong.Add("purposes", "Please choose from the list.")
			return
		}
	}
	has := func(p Purpose) bool { return slices.Contains(c.Purposes, p) }
	only := func(allowed ...Purpose) bool {
		return len(c.Purposes) > 0 && !slices.ContainsFunc(c.Purposes, func(p Purpose) bool { return !slices.Contains(allowed, p) })
	}
	ok := true
	switch c.Kind {
	case Share:
		ok = len(c.Purposes) > 0 && !has(Legal) && !has(ForStory) && !has(ForResearch) && !has(Evaluation) && !has(Reaching)
	case Treatment:
		ok = only(ForTreatment, ForPayment, Operations)
	case Counseling:
		ok = only(AtRequest, ForTreatment)
	case Proceedings:
		ok = only(Legal) // 2.31(d): combines with nothing
	case Justice:
		ok = only(Legal, Coordination)
	case Research:
		ok = only(ForResearch, Evaluation)
	case Story:
		ok = only(ForStory)
	case Messages:
		ok = only(Reaching)
	}
	if !ok {
		wrong.Add("purposes", "Please choose what it is for. Some purposes need a permission of their own.")
	}
}

// checkEnd holds element 7. An ended consent is not wrong here: that it has ended is for the gate to say.
func (c Consent) checkEnd(wrong *fault.Fields, today civil.Date) {
	may := map[Kind][]Ending{
		Share: {OnDate, EndOfTreatment}, Treatment: {OnDate, EndOfTreatment, NoEnding}, Counseling: {OnDate, EndOfTreatment},
		Proceedings: {OnDate, Disposition}, Justice: {OnDate, Disposition}, Research: {OnDate, EndOfStudy},
		Story: {OnDate}, Messages: {OnDate, EndOfTreatment},
	}[c.Kind]
	if may != nil && !slices.Contains(may, c.Ending) {
		wrong.Add("ending", "Please choose when it ends.")
		return
	}
	if c.Ending == OnDate && c.Expires.IsZero() {
		wrong.Add("expires", "Please give the day on which it ends.")
		return
	}
	if c.Ending != OnDate && !c.Expires.IsZero() {
		wrong.Add("expires", "Please choose either a day or an event.")
	}
	if c.State == Draft || c.State == "" {
		if !c.Expires.IsZero() && c.Expires.String() < today.String() {
			wrong.Add("expires", "That day is over. Please choose one to come.")
		}
		if c.Kind == Story && c.Expires.String() > today.AddDays(storyDays).String() {
			wrong.Add("expires", "A story may be told for a year at most; then we ask again.")
		}
	}
	if !c.RevocableOn.IsZero() && !c.Expires.IsZero() && c.Expires.Before(c.RevocableOn) {
		wrong.Add("revocable_on", "It can be taken back by its last day at the latest.")
	}
	if c.Kind == Justice && c.RevocableOn.IsZero() && c.Ending != Disposition {
		wrong.Add("revocable_on", "Please give the day from which it may be taken back.")
	}
	if c.Kind != Justice && !c.RevocableOn.IsZero() {
		wrong.Add("revocable_on", "This permission may be taken back at any time.")
	}
}

// checkSignature holds elements 8 and 9: who signed, in which right, how, and when.
func (s Signature) check(p Profile, program Program, today civil.Date) error {
	var wrong fault.Fields
	if s.Name == "" {
		wrong.Add("name", "Please write the name of the person who signs.")
	} else if utf8.RuneCountInString(s.Name) > NameLimit {
		wrong.Add("name", "Please use at most %d letters.", NameLimit)
	}
	if s.Drawn != "" && !validStrokes(s.Drawn) || s.Drawn != "" && (s.How == Typed || s.How == Paper) {
		wrong.Add("drawn", "Please sign in the field, or type your name instead.")
	}
	switch s.How {
	case Finger:
		if s.Drawn == "" {
			wrong.Add("drawn", "Please sign in the field, or type your name instead.")
		}
	case Typed, Paper:
	case Witnessed:
		if s.Drawn == "" {
			wrong.Add("drawn", "What somebody saw is signed in the field. Without one, please take it on paper.")
		}
		if s.Witness == "" {
			wrong.Add("witness", "Please say who saw it.")
		}
	default:
		wrong.Add("how", "Please choose how it is signed.")
	}
	if s.How == Paper && s.Witness == "" {
		wrong.Add("witness", "Please say who saw the signed paper.")
	}
	switch s.Signer {
	case Self:
		if !p.BirthMonth.IsZero() && !mayAlone(p.BirthMonth, program, today) {
			wrong.Add("signer", "Under the age that the program has set, a parent or guardian signs too.")
		}
	case Guardian, Representative:
		// Whoever signs for another does it before somebody who works here: a word chosen on the person's own
		// telephone is no guardian.
		if s.How != Witnessed && s.How != Paper {
			wrong.Add("signer", "Somebody who signs for another person does it in person, here.")
		}
		if s.Signer == Guardian && !p.BirthMonth.IsZero() && mayAlone(p.BirthMonth, program, today) {
			wrong.Add("signer", "This person signs for themself.")
		}
		if s.Capable == "" {
			wrong.Add("capable", "Please say why you may sign for this person.")
		} else if utf8.RuneCountInString(s.Capable) > WordsLimit {
			wrong.Add("capable", "Please use at most %d letters.", WordsLimit)
		}
	default:
		wrong.Add("signer", "Please say who signs.")
	}
	return wrong.Err()
}

// mayAlone tells whether somebody born in a month is old enough to sign alone. Only the month is known, so
// the age counts from the month's last day: nobody signs alone a day too early.
func mayAlone(month civil.Date, p Program, today civil.Date) bool {
	first := civil.Date{Year: month.Year, Month: month.Month, Day: 1}
	grown := first.AddDays(31)
	grown.Day = 1 // the first day of the next month
	age := today.Year - grown.Year
	if today.Month < grown.Month {
		age--
	}
	return age >= p.AdultAt || p.AloneAt > 0 && age >= p.AloneAt
}

// maxStrokes is the most bytes that a drawn signature may have.
const maxStrokes = 20_000

// validStrokes tells whether a drawn signature is strokes and nothing else: M and L with whole numbers.
func validStrokes(d string) bool {
	if len(d) < 8 || len(d) > maxStrokes || d[0] != 'M' {
		return false
	}
	for _, c := range []byte(d) {
		if c != 'M' && c != 'L' && c != ' ' && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// ended tells whether the consent's own end has come. The day that is given is its last.
func (c Consent) ended(today civil.Date) bool {
	return c.Ending == OnDate && c.Expires.String() < today.String()
}
