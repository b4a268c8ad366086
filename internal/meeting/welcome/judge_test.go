package welcome

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"hearth/internal/civil"
)

var today = civil.Date{Year: 2026, Month: 5, Day: 19}

// visits makes one report for each letter: y, n or d, each from a week of its own.
func visits(letters string) []Report {
	var out []Report
	for i, l := range letters {
		a := map[rune]Answer{'y': Yes, 'n': No, 'd': Depends}[l]
		out = append(out, Report{Age: 20, Answer: a, Month: "2026-04", Week: fmt.Sprintf("2026-W%02d", i+1)})
	}
	return out
}

func judge(reports []Report, word Word, position Answer) Verdict {
	g := StartingFit(Speak).Group("na", position, []Tally{Count(Keep(reports))})
	return Judge(Speak, g.Score(reports), word, position, today)
}

func TestJudge(t *testing.T) {
	word := func(a Answer) Word { return Word{a, Conscience, civil.Date{Year: 2026, Month: 3, Day: 2}} }
	sameWeek := visits("nnnnnnnn")
	for i := range sameWeek {
		sameWeek[i].Week = []string{"2026-W10", "2026-W11"}[i%2]
	}
	for _, c := range []struct {
		name     string
		reports  []Report
		word     Word
		position Answer
		want     Answer
		basis    Basis
		against  bool
	}{
		{"nothing at all", nil, Word{}, Unknown, Unknown, BasisNone, false},
		{"a fellowship's position alone answers nothing", nil, Word{}, Yes, Unknown, BasisPosition, false},
		{"two visits are not enough", visits("yy"), Word{}, Yes, Unknown, BasisPosition, false},
		{"one bad visit says nothing", visits("n"), Word{}, Unknown, Unknown, BasisNone, false},
		{"three agree", visits("yyy"), Word{}, Unknown, Yes, BasisVisits, false},
		{"mixed", visits("yyynn"), Word{}, Unknown, Depends, BasisVisits, false},
		{"no, from enough weeks", visits("nnnnn"), Word{}, Unknown, No, BasisVisits, false},
		{"no, from two weeks only", sameWeek, Word{}, Unknown, Unknown, BasisNone, false},
		{"no, hidden, and the group says yes", sameWeek, word(Yes), Unknown, Yes, BasisStatement, false},
		{"the group alone", nil, word(No), Unknown, No, BasisStatement, false},
		{"the group and a few", visits("nn"), word(Yes), Unknown, Yes, BasisStatement, false},
		{"both agree", visits("yyyy"), word(Yes), Unknown, Yes, BasisBoth, false},
		{"visits decide beside a depends", visits("yyyy"), word(Depends), Unknown, Yes, BasisBoth, false},
		{"they contradict", visits("yyyy"), word(No), Unknown, Depends, BasisBoth, true},
		{"they contradict the other way", visits("nnnnn"), word(Yes), Unknown, Depends, BasisBoth, true},
		{"an old word does not hold", nil, Word{Yes, Conscience, civil.Date{Year: 2025, Month: 5, Day: 19}}, Unknown, Unknown, BasisNone, false},
		{"one day before a year is over it does", nil, Word{Yes, Conscience, civil.Date{Year: 2025, Month: 5, Day: 20}}, Unknown, Yes, BasisStatement, false},
		{"a secretary's holds half as long", nil, Word{Yes, Secretary, civil.Date{Year: 2025, Month: 11, Day: 1}}, Unknown, Unknown, BasisNone, false},
		{"a word from the future does not hold", nil, Word{Yes, Conscience, civil.Date{Year: 2026, Month: 5, Day: 20}}, Unknown, Unknown, BasisNone, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := judge(c.reports, c.word, c.position)
			if v.Answer != c.want || v.Basis != c.basis || v.Contradiction != c.against {
				t.Errorf("got %v on %v, contradiction %v; want %v on %v, %v", v.Answer, v.Basis, v.Contradiction, c.want, c.basis, c.against)
			}
			if !v.Enough && (v.Mean != 0 || v.Low != 0 || v.High != 0 || v.Yes != 0) {
				t.Errorf("numbers of too few visits are on the card: %+v", v)
			}
		})
	}
}

func TestOldReportsAreNotEnough(t *testing.T) {
	old := visits("yyyy")
	for i := range old {
		old[i].Age = 5 * 365
	}
	g := StartingFit(Speak).Group("na", Unknown, []Tally{Count(Keep(old))})
	s := g.Score(old)
	near(t, "n_eff ignores age", s.Tally.NEff, 4, 1e-9)
	if s.Wait != WaitRecent {
		t.Errorf("four five-year-old reports: wait %q, want %q", s.Wait, WaitRecent)
	}
}

func TestFewBadReportsLandNearTheGroup(t *testing.T) {
	var group []Tally
	for range 6 {
		group = append(group, Count(Keep(visits("yyyynyy"))))
	}
	two := Count(Keep(visits("nn")))
	g := Fit{Kappa: 10, Kappa1: 10, Mu: 0.7}.Group("na", Unknown, append(group, two))
	if m := g.Posterior(two).Mean(); m < 0.5 || m > g.Mean() {
		t.Errorf("0 of 2 gives %.3f with a group mean of %.3f", m, g.Mean())
	}
}

func TestTell(t *testing.T) {
	told := Tell([]Happened{
		{Welcomed | NegativeRemark | ToldToStop, Warm, "2026-W01"},
		{Welcomed | NegativeRemark | ToldToStop, Mixed, "2026-W02"},
		{Welcomed | NegativeRemark | ToldToStop, Hostile, "2026-W02"},
		{ToldNotToSpeak | NegativeRemark, Hostile, "2026-W03"},
	})
	want := []Told{{NegativeRemark, 4, 4}, {Welcomed, 3, 4}}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("a hard thing is told from three weeks on, a good one from three reports on (-want +got):\n%s", diff)
	}
}

func anyReports(t *rapid.T) []Report {
	n := rapid.IntRange(0, 12).Draw(t, "reports")
	out := make([]Report, n)
	for i := range out {
		out[i] = Report{
			Reporter: rapid.SampledFrom([]string{"", "", "a", "b"}).Draw(t, "reporter"),
			Age:      float64(rapid.IntRange(0, 900).Draw(t, "age")),
			Answer:   rapid.SampledFrom([]Answer{Yes, No, Depends, Unknown}).Draw(t, "answer"),
			Month:    "2026-04",
			Week:     rapid.SampledFrom([]string{"2026-W01", "2026-W02", "2026-W03"}).Draw(t, "week"),
		}
	}
	return out
}

func anyFit(t *rapid.T) Fit {
	return Fit{
		Right: Speak, Mu: rapid.Float64Range(0.05, 0.95).Draw(t, "mu"),
		Kappa:  rapid.Float64Range(2, 200).Draw(t, "kappa"),
		Kappa1: rapid.Float64Range(2, 200).Draw(t, "kappa1"),
	}
}

func scoreOf(f Fit, position Answer, reports []Report) Score {
	return f.Group("x", position, []Tally{Count(Keep(reports))}).Score(reports)
}

func TestOneMoreYesNeverLowersTheMean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, reports := anyFit(t), anyReports(t)
		more := append(slices.Clone(reports), Report{Age: float64(rapid.IntRange(0, 900).Draw(t, "new age")), Answer: Yes})
		if a, b := scoreOf(f, Unknown, reports).Mean, scoreOf(f, Unknown, more).Mean; b < a-1e-9 {
			t.Fatalf("mean fell from %v to %v", a, b)
		}
	})
}

func TestOlderReportsWeighLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Float64Range(0, 2000).Draw(t, "age")
		b := a + rapid.Float64Range(0.5, 2000).Draw(t, "older by")
		if !(Weight(b) < Weight(a)) {
			t.Fatalf("weight at %v is %v, at %v %v", a, Weight(a), b, Weight(b))
		}
	})
}

func TestOrderOfReportsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, reports := anyFit(t), anyReports(t)
		mixed := rapid.Permutation(reports).Draw(t, "order")
		if diff := cmp.Diff(scoreOf(f, Unknown, reports), scoreOf(f, Unknown, mixed), cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestWordAndBarNeverDisagree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := scoreOf(anyFit(t), rapid.SampledFrom([]Answer{Unknown, Yes, No, Depends}).Draw(t, "position"), anyReports(t))
		v := Judge(Speak, s, Word{}, Unknown, today)
		if s.Low > s.Mean+0.5 || s.Low >= s.High || math.IsNaN(s.Mean) {
			t.Fatalf("odd interval: %v", s)
		}
		switch v.Answer {
		case Yes:
			if v.Low <= 0.5 || s.Tally.Reporters < 3 {
				t.Fatalf("yes: %+v", v)
			}
		case No:
			if v.High >= 0.5 || s.Tally.NoPeople < 3 || s.Tally.NoWeeks < 3 {
				t.Fatalf("no: %+v", v)
			}
		case Depends:
			if v.Low > 0.5 || v.High < 0.5 {
				t.Fatalf("depends: %+v", v)
			}
		}
	})
}

func TestNoIsNeverPublicFromFewerThanThreeWeeks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		reports := anyReports(t)
		for i := range reports {
			reports[i].Week = []string{"2026-W01", "2026-W02"}[i%2]
		}
		s := scoreOf(anyFit(t), Unknown, reports)
		word := Word{rapid.SampledFrom([]Answer{Unknown, Yes, Depends}).Draw(t, "word"), Conscience, today}
		if v := Judge(Speak, s, word, Unknown, today); v.Answer == No || v.Visits == No {
			t.Fatalf("a no is public: %+v", v)
		}
	})
}

func TestZeroReportsAreUnknown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		position := rapid.SampledFrom([]Answer{Unknown, Yes, No, Depends}).Draw(t, "position")
		others := []Tally{Count(Keep(anyReports(t))), Count(Keep(anyReports(t)))}
		s := anyFit(t).Group("x", position, others).Score(nil)
		if v := Judge(Speak, s, Word{}, position, today); v.Answer != Unknown || v.Enough {
			t.Fatalf("nobody reported and the card says %+v", v)
		}
	})
}

func TestPositionNeverDecides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, reports := anyFit(t), anyReports(t)
		with := scoreOf(f, rapid.SampledFrom([]Answer{Yes, No, Depends}).Draw(t, "position"), reports)
		without := scoreOf(f, Unknown, reports)
		if with.Visits != without.Visits {
			t.Fatalf("with the position %v, without %v", with.Visits, without.Visits)
		}
	})
}

func TestExplainTellsTheNumbersOfTheScore(t *testing.T) {
	reports := visits("yyyyn")
	reports[1].Reporter, reports[2].Reporter = "a", "a"
	s := scoreOf(StartingFit(Speak), Depends, reports)
	word := Word{No, Conscience, civil.Date{Year: 2026, Month: 3, Day: 2}}
	v := Judge(Speak, s, word, Depends, today)
	text := Explanation{
		Name: "Tuesday Open Door", Intro: Intro(3, today.String()),
		Rights: []RightExplained{{Speak, v, Explain(s, word, v)}},
	}.Text()
	for _, want := range []string{
		"Tuesday Open Door", "version 3", "Visits that count: 4. People who told us: 4.", "Left out: 1",
		"Visit in 2026-04 (age in days: 20): no. It counts 0.926.", "written position (it depends) is counted in there as 0.5 of a visit",
		fmt.Sprintf("its chance of a yes is %.3f. We are 80 in 100 sure that it lies between %.3f and %.3f", s.Mean, s.Low, s.High),
		"The group decided on 2026-03-02: no.", "The card says: it depends.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in:\n%s", want, text)
		}
	}
	if strings.Contains(text, "%!") {
		t.Errorf("a format does not fit its arguments:\n%s", text)
	}
}

func TestAnswersAsJSON(t *testing.T) {
	a := Answers{Speak: Yes, TimeCounts: No}
	b, err := json.Marshal(a)
	if err != nil || string(b) != `{"count":"no","speak":"yes"}` {
		t.Fatalf("%s, %v", b, err)
	}
	var back Answers
	if err := json.Unmarshal(b, &back); err != nil || back != a {
		t.Fatalf("%v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"dance":"yes"}`), &back); err == nil {
		t.Error("a right that does not exist was taken")
	}
	var card Card
	doc, err := json.Marshal(Blank())
	if err != nil || json.Unmarshal(doc, &card) != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Blank(), card); diff != "" {
		t.Error(diff)
	}
}

func TestAgeOfAMonth(t *testing.T) {
	for month, want := range map[string]float64{"2026-05": 4, "2026-04": 34, "2026-06": 0, "2025-05": 369} {
		if got := AgeOf(month, today); got != want {
			t.Errorf("%s: %v days, want %v", month, got, want)
		}
	}
	if w := Weight(AgeOf("May", today)); w != 0 {
		t.Errorf("an unreadable month weighs %v", w)
	}
}
