package welcome

import (
	"fmt"
	"strings"
)

// Step is one sentence of an explanation: an English format, which is also the key of its translation,
// and what fills it. Words among the arguments that are translated too are of type Term.
type Step struct {
	Key  string `json:"key"`
	Args []any  `json:"args,omitempty"`
}

// Term is an argument that is a word of ours and needs a translation.
type Term string

// String gives the step in English.
func (s Step) String() string { return fmt.Sprintf(s.Key, s.Args...) }

// RightExplained is how one right's answer came about.
type RightExplained struct {
	Right   Right   `json:"right"`
	Verdict Verdict `json:"verdict"`
	Steps   []Step  `json:"steps"`
}

// Explanation is how a meeting's card came about, step by step. It shows what the card leaves out
// because it is too little, and is for editors only.
type Explanation struct {
	MeetingID  string           `json:"meeting_id"`
	Name       string           `json:"name"`
	Fellowship string           `json:"fellowship"`
	Area       string           `json:"area"`
	Day        string           `json:"day"`
	FitVersion int64            `json:"fit_version"` // 0: none yet, the starting values
	Intro      []Step           `json:"intro"`
	Rights     []RightExplained `json:"rights"`
}

// Intro says what the numbers of every right have in common.
func Intro(fitVersion int64, day string) []Step {
	steps := []Step{
		{"This is the card as of %s.", []any{day}},
		{"A visit counts less as it ages: half after %d days.", []any{int(HalfLife)}},
	}
	if fitVersion == 0 {
		return append(steps, Step{Key: "No parameters have been fitted yet; the starting values are used."})
	}
	return append(steps, Step{"The parameters are version %d.", []any{fitVersion}})
}

// Explain says in plain words how a verdict came about.
func Explain(s Score, word Word, v Verdict) []Step {
	var steps []Step
	say := func(key string, args ...any) { steps = append(steps, Step{key, args}) }

	t := s.Tally
	if t.Reports == 0 {
		say("Nobody has told us about this right yet.")
	} else {
		say("Visits that count: %d. People who told us: %d.", t.Reports, t.Reporters)
	}
	if s.Dropped > 0 {
		say("Left out: %d, because the same person told us again within %d days.", s.Dropped, int(Spacing))
	}
	for _, r := range s.Kept {
		say("Visit in %s (age in days: %d): %s. It counts %s.", r.Month, int(r.Age), term(r.Answer), decimals(Weight(r.Age), 3))
	}
	if t.Reports > 0 {
		say("Together they count %s: %s for yes and %s for no. That is as much as %s reports of equal weight.",
			decimals(t.SumW, 3), decimals(t.S, 3), decimals(t.F, 3), decimals(t.NEff, 2))
	}
	if s.Fit.Kappa > 0 {
		say("Before any visit, the chance of a yes in a meeting of this fellowship, wherever it is, is taken as %s.", decimals(s.FellowshipMean, 3))
		switch {
		case v.Position != Unknown && s.PositionOut:
			say("The fellowship's written position (%s) would have changed the answer, so it is left out. It never decides.", term(v.Position))
		case v.Position != Unknown:
			say("The fellowship's written position (%s) is counted in there as %s of a visit. It never decides.",
				term(v.Position), decimals(PositionWeight, 1))
		}
		say("Meetings of this fellowship in this area with visits: %d. With them, the chance in the area is %s.", s.GroupMeetings, decimals(s.GroupMean, 3))
		say("That counts as much as %s visits to this meeting.", decimals(s.Fit.Kappa, 1))
		say("With this meeting's own visits, its chance of a yes is %s. We are 80 in 100 sure that it lies between %s and %s.",
			decimals(s.Mean, 3), decimals(s.Low, 3), decimals(s.High, 3))
	}
	switch s.Wait {
	case WaitReports:
		say("Visits do not answer: we need %d people, and have %d.", MinReporters, t.Reporters)
	case WaitWeight:
		say("Visits do not answer: they must count as much as %s equal reports, and count as much as %s.", decimals(MinNEff, 0), decimals(t.NEff, 2))
	case WaitRecent:
		say("Visits do not answer: they are too old. Together they must count %s, and count %s.", decimals(MinSumW, 0), decimals(t.SumW, 3))
	case WaitWeeks:
		say("Visits point to no, but a no is shown only when %d people said so in %d different weeks. So far people: %d, weeks: %d.",
			MinReporters, MinNoWeeks, t.NoPeople, t.NoWeeks)
	default:
		switch s.Visits {
		case Yes:
			say("The whole interval lies above one half: visits say yes.")
		case No:
			say("The whole interval lies below one half: visits say no.")
		default:
			say("The interval lies across one half: visits say it depends.")
		}
	}
	switch {
	case v.Group != Unknown && word.Voice == Secretary:
		say("The group's secretary said on %s: %s. That holds for %d days.", word.On.String(), term(v.Group), word.Voice.Days())
	case v.Group != Unknown:
		say("The group decided on %s: %s. That holds for %d days.", word.On.String(), term(v.Group), word.Voice.Days())
	case word.Answer != Unknown:
		say("The group's word of %s (%s) does not hold on this day.", word.On.String(), term(word.Answer))
	}
	switch {
	case v.Contradiction:
		say("Visits and the group say opposite things, so the card shows both.")
	case v.Basis == BasisBoth:
		say("There are enough visits, so they decide; the group's word is shown beside them.")
	case v.Basis == BasisStatement:
		say("Visits say nothing yet, so the group's word answers.")
	}
	say("The card says: %s.", term(v.Answer))
	return steps
}

func term(a Answer) Term {
	switch a {
	case Yes:
		return "yes"
	case No:
		return "no"
	case Depends:
		return "it depends"
	default:
		return "not known"
	}
}

func decimals(v float64, n int) string { return fmt.Sprintf("%.*f", n, v) }

// Text gives the whole explanation in English, for a terminal.
func (e Explanation) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", e.Name)
	for _, s := range e.Intro {
		fmt.Fprintf(&b, "  %s\n", s)
	}
	for _, r := range e.Rights {
		fmt.Fprintf(&b, "\n%s\n", rightTitles[r.Right])
		for i, s := range r.Steps {
			fmt.Fprintf(&b, "  %2d. %s\n", i+1, s)
		}
	}
	return b.String()
}

var rightTitles = [NumRights]string{
	"Attend", "Speak", "Lead the meeting", "Serve", "Have a sponsor", "Be a sponsor", "Have my time counted",
}
