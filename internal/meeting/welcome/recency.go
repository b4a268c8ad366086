package welcome

import (
	"cmp"
	"math"
	"slices"
	"time"

	"hearth/internal/civil"
)

// HalfLife is the age in days at which a report weighs half of what it weighed when it was new.
const HalfLife = 180.0

// Spacing is how many days lie between two reports of one person on one meeting that both count.
const Spacing = 90.0

// Report is one visitor's word on one right of one meeting.
type Report struct {
	Reporter string  // who reported, where that is known; "" makes every report a person of its own
	Age      float64 // days since the visit
	Answer   Answer
	Month    string // of the visit, 2026-05
	Week     string // ISO week in which the report came, 2026-W21
}

// Weight is what a report of that age counts: 2^(-age/180).
func Weight(age float64) float64 { return math.Exp2(-max(age, 0) / HalfLife) }

// AgeOf is the age in days of a visit of which only the month is kept: from the middle of that month to
// today, never negative. An unreadable month is so old that it weighs nothing.
func AgeOf(month string, today civil.Date) float64 {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return math.MaxFloat64
	}
	now := time.Date(today.Year, today.Month, today.Day, 0, 0, 0, 0, time.UTC)
	return max(0, now.Sub(t.AddDate(0, 0, 14)).Hours()/24)
}

// Keep returns the reports that count, newest first: those with an answer, and of one known reporter
// only those at least Spacing days older than the last one kept.
func Keep(reports []Report) []Report {
	sorted := slices.Clone(reports)
	// The order among equals is fixed by everything a report holds, so that it never matters in which
	// order reports come in.
	slices.SortStableFunc(sorted, func(a, b Report) int {
		return cmp.Or(cmp.Compare(a.Age, b.Age), cmp.Compare(a.Reporter, b.Reporter),
			cmp.Compare(a.Answer, b.Answer), cmp.Compare(a.Week, b.Week), cmp.Compare(a.Month, b.Month))
	})
	last := map[string]float64{}
	kept := sorted[:0]
	for _, r := range sorted {
		if r.Answer == Unknown {
			continue
		}
		if r.Reporter != "" {
			if age, seen := last[r.Reporter]; seen && r.Age-age < Spacing {
				continue
			}
			last[r.Reporter] = r.Age
		}
		kept = append(kept, r)
	}
	return kept
}

// Tally is what the reports on one right of one meeting come to.
type Tally struct {
	Reports   int     // reports that count
	Reporters int     // people they come from
	Yes, No   float64 // plain counts; "depends" is half of each
	S, F      float64 // the same, each report weighed by its age
	SumW      float64 // S + F
	NEff      float64 // how many reports of equal weight would be as much
	NoReports int     // reports that say no
	NoPeople  int     // people they come from
	NoWeeks   int     // different weeks in which they came
	Latest    string  // month of the latest visit
}

// Count sums up reports that Keep has kept.
func Count(kept []Report) Tally {
	var t Tally
	var squares float64
	people, noPeople, noWeeks := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, r := range kept {
		w, yes := Weight(r.Age), share(r.Answer)
		t.Reports++
		t.Yes += yes
		t.No += 1 - yes
		t.S += w * yes
		t.F += w * (1 - yes)
		t.SumW += w
		squares += w * w
		t.Latest = max(t.Latest, r.Month)
		if r.Reporter == "" {
			t.Reporters++
		}
		people[r.Reporter] = true
		if r.Answer == No {
			t.NoReports++
			if r.Reporter == "" {
				t.NoPeople++
			}
			noPeople[r.Reporter] = true
			noWeeks[r.Week] = true
		}
	}
	delete(people, "")
	delete(noPeople, "")
	t.Reporters += len(people)
	t.NoPeople += len(noPeople)
	t.NoWeeks = len(noWeeks)
	if squares > 0 {
		t.NEff = t.SumW * t.SumW / squares
	}
	return t
}

// share is how much of a yes an answer is.
func share(a Answer) float64 {
	switch a {
	case Yes:
		return 1
	case Depends:
		return 0.5
	default:
		return 0
	}
}
