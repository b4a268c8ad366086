package welcome

import (
	"encoding/json"

	"hearth/internal/civil"
)

// What visits must come to before they say anything, and before they say a "no" in public.
const (
	MinReporters = 3   // independent reports
	MinNEff      = 3.0 // as much as three equal reports
	MinSumW      = 1.0 // not all of them old
	MinNoWeeks   = 3   // different weeks in which the reports behind a "no" came
)

// Low and high ends of the interval that is shown: it holds the truth with 80 % probability.
const (
	LowQuantile  = 0.1
	HighQuantile = 0.9
)

// Basis says what an answer rests on.
type Basis string

// The bases. With BasisPosition only the fellowship has written something, which answers nothing; with
// BasisNone there is nothing that may be shown.
const (
	BasisVisits    Basis = "visits"
	BasisStatement Basis = "statement"
	BasisBoth      Basis = "both"
	BasisPosition  Basis = "position"
	BasisNone      Basis = "none"
)

// Voice says who in a group gave its word.
type Voice string

// A decision of the group as a whole holds for a year, a secretary's word for half of one.
const (
	Conscience Voice = "group_conscience"
	Secretary  Voice = "secretary"
)

// Valid tells whether v is one of the two.
func (v Voice) Valid() bool { return v == Conscience || v == Secretary }

// Days is for how many days after its date such a word holds.
func (v Voice) Days() int {
	if v == Secretary {
		return 180
	}
	return 365
}

// Word is what a group itself says about one right.
type Word struct {
	Answer Answer
	Voice  Voice
	On     civil.Date
}

// ValidOn tells whether the word holds on a day: from its date for as long as its voice says.
func (w Word) ValidOn(day civil.Date) bool {
	return w.Answer != Unknown && !w.On.IsZero() && w.On.String() <= day.String() &&
		day.String() < w.On.AddDays(w.Voice.Days()).String()
}

// Score is what visits come to for one right of one meeting: everything that an editor may see.
type Score struct {
	Tally          Tally
	Kept           []Report
	Dropped        int // reports that do not count because the same person reported again
	Mean           float64
	Low, High      float64
	GroupMean      float64 // of the fellowship in this area, with all visits there
	FellowshipMean float64
	Fit            Fit
	GroupMeetings  int    // meetings of the group with visits
	Visits         Answer // what visits alone say in public
	Wait           Wait   // why they say nothing
	PositionOut    bool   // the fellowship's position would have changed that, so it is left out
}

// Wait says why visits do not answer.
type Wait string

// The reasons, for editors. The public is told only that there are not enough reports: a reason that is
// given for a "no" alone would tell that it is one.
const (
	WaitNothing Wait = ""
	WaitReports Wait = "reports" // fewer than three people
	WaitWeight  Wait = "weight"  // they weigh less than three equal reports
	WaitRecent  Wait = "recent"  // all of them are old
	WaitWeeks   Wait = "weeks"   // a "no" from fewer than three people or weeks
)

// Score scores the reports on one meeting of the group. Where the fellowship's position would tip what
// visits say, it is left out: it may make an expectation, never an answer.
func (g Group) Score(reports []Report) Score {
	s := g.score(reports)
	if g.plain == nil {
		return s
	}
	if p := g.plain.score(reports); p.Visits != s.Visits || p.Wait != s.Wait {
		p.PositionOut = true
		return p
	}
	return s
}

func (g Group) score(reports []Report) Score {
	kept := Keep(reports)
	said := 0
	for _, r := range reports {
		if r.Answer != Unknown {
			said++
		}
	}
	t := Count(kept)
	p := g.Posterior(t)
	s := Score{
		Tally: t, Kept: kept, Dropped: said - len(kept), Mean: p.Mean(),
		Low: p.Quantile(LowQuantile), High: p.Quantile(HighQuantile),
		GroupMean: g.Mean(), FellowshipMean: g.FellowshipMean(), GroupMeetings: g.Seen, Fit: g.fit,
	}
	s.Visits, s.Wait = visitsSay(s)
	return s
}

// visitsSay gives the answer of the interval: right of the middle is yes, left of it no, across it
// depends; and nothing while there is too little, or while a "no" rests on too few people and weeks.
func visitsSay(s Score) (Answer, Wait) {
	t := s.Tally
	switch {
	case t.Reporters < MinReporters:
		return Unknown, WaitReports
	case t.NEff < MinNEff-1e-9:
		return Unknown, WaitWeight
	case t.SumW < MinSumW-1e-9:
		return Unknown, WaitRecent
	case s.Low > 0.5:
		return Yes, WaitNothing
	case s.High >= 0.5:
		return Depends, WaitNothing
	case t.NoPeople < MinReporters || t.NoWeeks < MinNoWeeks:
		return Unknown, WaitWeeks
	default:
		return No, WaitNothing
	}
}

// MostWaiting is the highest number of visits that a card tells while visits say nothing. Four fresh visits
// that say nothing can only be a "no" that waits for more weeks, so from three on the number would tell.
const MostWaiting = MinReporters - 1

// Verdict is one row of the welcome card. Everything in it may be public: while visits say nothing it is the
// same whatever they say, so that neither a single report nor a "no" that waits can be read off it.
type Verdict struct {
	Right         Right   `json:"right"`
	Answer        Answer  `json:"answer"`
	Basis         Basis   `json:"basis"`
	Enough        bool    `json:"enough"`         // visits are enough to say something
	Reports       int     `json:"reports"`        // visits that told about this right and count; at most MostWaiting unless Enough
	Yes           float64 `json:"yes,omitempty"`  // of them, with half for each "depends"; 0 unless Enough
	Mean          float64 `json:"mean,omitempty"` // 0 unless Enough, as are the four below
	Low           float64 `json:"low,omitempty"`
	High          float64 `json:"high,omitempty"`
	NEff          float64 `json:"n_eff,omitempty"`
	SumW          float64 `json:"sum_w,omitempty"`
	AsOf          string  `json:"as_of,omitempty"` // month of the latest visit, or of the group's word where visits do not count
	Visits        Answer  `json:"visits"`          // what visits alone say
	Group         Answer  `json:"group"`           // what the group says, while its word holds
	GroupVoice    Voice   `json:"group_voice,omitempty"`
	GroupOn       string  `json:"group_on,omitempty"` // date of the group's word
	Position      Answer  `json:"position"`           // what the fellowship has written; never decides
	Contradiction bool    `json:"contradiction,omitempty"`
}

// Card has a verdict for each right.
type Card [NumRights]Verdict

// storedVerdict is a verdict as it is stored: in short, without what is unknown, because an index reads
// hundreds of thousands of them.
type storedVerdict struct {
	Answer        Answer  `json:"a,omitempty"`
	Basis         Basis   `json:"b,omitempty"`
	Enough        bool    `json:"e,omitempty"`
	Reports       int     `json:"n,omitempty"`
	Yes           float64 `json:"y,omitempty"`
	Mean          float64 `json:"m,omitempty"`
	Low           float64 `json:"l,omitempty"`
	High          float64 `json:"h,omitempty"`
	NEff          float64 `json:"ne,omitempty"`
	SumW          float64 `json:"sw,omitempty"`
	AsOf          string  `json:"t,omitempty"`
	Visits        Answer  `json:"v,omitempty"`
	Group         Answer  `json:"g,omitempty"`
	GroupVoice    Voice   `json:"gv,omitempty"`
	GroupOn       string  `json:"go,omitempty"`
	Position      Answer  `json:"p,omitempty"`
	Contradiction bool    `json:"c,omitempty"`
}

// MarshalJSON gives the card in the short form in which it is stored: a list in the order of the rights.
func (c Card) MarshalJSON() ([]byte, error) {
	var out [NumRights]storedVerdict
	for i, v := range c {
		out[i] = storedVerdict{
			v.Answer, v.Basis, v.Enough, v.Reports, v.Yes, v.Mean, v.Low, v.High, v.NEff, v.SumW, v.AsOf,
			v.Visits, v.Group, v.GroupVoice, v.GroupOn, v.Position, v.Contradiction,
		}
		if v.Basis == BasisNone {
			out[i].Basis = ""
		}
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads the short form.
func (c *Card) UnmarshalJSON(b []byte) error {
	var in [NumRights]storedVerdict
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	for i, v := range in {
		c[i] = Verdict{
			Right(i), v.Answer, v.Basis, v.Enough, v.Reports, v.Yes, v.Mean, v.Low, v.High, v.NEff, v.SumW, v.AsOf,
			v.Visits, v.Group, v.GroupVoice, v.GroupOn, v.Position, v.Contradiction,
		}
		if v.Basis == "" {
			c[i].Basis = BasisNone
		}
	}
	return nil
}

// Blank is the card of a meeting about which nobody has said anything.
func Blank() Card {
	var c Card
	for _, r := range Rights {
		c[r] = Judge(r, Score{Wait: WaitReports}, Word{}, Unknown, civil.Date{})
	}
	return c
}

// Judge joins the three kinds of evidence for one right. Visits decide when there are enough of them; the
// group's word, while it holds, answers where they do not; a yes against a no is "depends", with both
// shown. A fellowship's position never decides.
func Judge(r Right, s Score, word Word, position Answer, today civil.Date) Verdict {
	v := Verdict{Right: r, Basis: BasisNone, Reports: min(s.Tally.Reports, MostWaiting), Visits: s.Visits, Position: position}
	if word.ValidOn(today) {
		v.Group, v.GroupVoice, v.GroupOn = word.Answer, word.Voice, word.On.String()
	}
	if s.Visits != Unknown {
		v.Enough, v.Reports = true, s.Tally.Reports
		v.Yes, v.Mean, v.Low, v.High = s.Tally.Yes, s.Mean, s.Low, s.High
		v.NEff, v.SumW, v.AsOf = s.Tally.NEff, s.Tally.SumW, s.Tally.Latest
	}
	switch {
	case v.Enough && v.Group != Unknown:
		v.Answer, v.Basis = v.Visits, BasisBoth
		if v.Visits != Depends && v.Group != Depends && v.Visits != v.Group {
			v.Answer, v.Contradiction = Depends, true
		}
	case v.Enough:
		v.Answer, v.Basis = v.Visits, BasisVisits
	case v.Group != Unknown:
		v.Answer, v.Basis, v.AsOf = v.Group, BasisStatement, v.GroupOn[:7]
	case position != Unknown:
		v.Basis = BasisPosition
	}
	return v
}
