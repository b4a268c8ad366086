package meeting

import (
	"strings"
	"testing"
	"time"

	"hearth/internal/civil"
	"hearth/internal/fault"
	"hearth/internal/meeting/welcome"
)

func decision(meetingID string, on string, answers welcome.Answers) Statement {
	d, err := civil.ParseDate(on)
	if err != nil {
		panic(err)
	}
	return Statement{MeetingID: meetingID, Answers: answers, Voice: welcome.Conscience, Speaker: "two members, after the group decided", On: d, Link: "https://example.org/minutes"}
}

func TestTheGroupsWordAnswersAloneAndIsHeardBesideVisits(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		st, err := w.AddStatement(t.Context(), "editor", decision("m", "2026-03-02", welcome.Answers{welcome.Speak: no, welcome.TimeCounts: yes}))
		if err != nil {
			t.Fatal(err)
		}
		if v := w.speak("m"); v.Answer != no || v.Basis != welcome.BasisStatement || v.AsOf != "2026-03" || v.GroupOn != "2026-03-02" {
			t.Errorf("the group alone: %+v", v)
		}
		w.reportWeekly("m", yes, yes, yes, yes)
		if v := w.speak("m"); v.Answer != depends || !v.Contradiction || v.Group != no || v.Visits != yes {
			t.Errorf("visits say the opposite: %+v", v)
		}
		// The group changes its mind; the newer word counts.
		if _, err := w.AddStatement(t.Context(), "editor", decision("m", "2026-06-01", welcome.Answers{welcome.Speak: yes})); err != nil {
			t.Fatal(err)
		}
		if v := w.speak("m"); v.Answer != yes || v.Basis != welcome.BasisBoth || v.Contradiction {
			t.Errorf("after the group changed its mind: %+v", v)
		}
		all, err := w.Statements(t.Context(), "m")
		if err != nil || len(all) != 2 || all[1].ID != st.ID || all[1].Speaker != st.Speaker || all[1].Link != st.Link {
			t.Fatalf("%+v, %v", all, err)
		}
		if err := w.WithdrawStatement(t.Context(), "editor", all[0].ID); err != nil {
			t.Fatal(err)
		}
		if v := w.speak("m"); v.Answer != depends || !v.Contradiction {
			t.Errorf("after the newer word was withdrawn: %+v", v)
		}
		if err := w.WithdrawStatement(t.Context(), "editor", all[0].ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("withdrawn twice: %v", err)
		}
		if n := w.count(`SELECT count(*) FROM audit_entry WHERE action IN ('statement.add', 'statement.withdraw')`); n != 3 {
			t.Errorf("%d entries in the audit record, want 3", n)
		}
		w.now = w.now.AddDate(1, 0, 0)
		if err := w.AgeCards(t.Context()); err != nil {
			t.Fatal(err)
		}
		if v := w.speak("m"); v.Group != welcome.Unknown || v.Answer == yes {
			t.Errorf("a year later: %+v", v)
		}
	})
}

// Of the words that hold today the newest counts: one that has run out, or begins tomorrow, hides none.
func TestTheNewestWordThatHolds(t *testing.T) {
	t.Parallel()
	statements := func(on string, a welcome.Answer, v welcome.Voice) Statement {
		st := decision("m", on, welcome.Answers{welcome.Speak: a})
		st.Voice = v
		return st
	}
	both := []Statement{ // newest first
		statements("2026-03-01", no, welcome.Secretary),
		statements("2026-02-01", yes, welcome.Conscience),
	}
	for day, want := range map[string]welcome.Answer{
		"2026-02-10": yes, // the secretary's word is still to come
		"2026-03-01": no,  // newer, though only the secretary's
		"2026-08-27": no,
		"2026-08-28": yes, // after its 180 days the decision stands
		"2027-01-31": yes,
		"2027-02-01": no, // nothing holds: the newest, for Judge to leave out
	} {
		on, err := civil.ParseDate(day)
		if err != nil {
			t.Fatal(err)
		}
		if got := wordOf(both, welcome.Speak, on); got.Answer != want {
			t.Errorf("on %s: %+v, want %v", day, got, want)
		}
	}
	if got := wordOf(both, welcome.Lead, civil.Date{Year: 2026, Month: 4, Day: 1}); got.Answer != welcome.Unknown {
		t.Errorf("nobody spoke of leading: %+v", got)
	}
}

func TestAnExpiredWordHidesNoDecision(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		newer := decision("m", "2026-03-01", welcome.Answers{welcome.Speak: no})
		newer.Voice = welcome.Secretary
		for _, st := range []Statement{decision("m", "2026-02-01", welcome.Answers{welcome.Speak: yes}), newer} {
			if _, err := w.AddStatement(t.Context(), "editor", st); err != nil {
				t.Fatal(err)
			}
		}
		if v := w.speak("m"); v.Answer != no || v.GroupVoice != welcome.Secretary {
			t.Errorf("while both hold: %+v", v)
		}
		w.now = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
		if err := w.AgeCards(t.Context()); err != nil {
			t.Fatal(err)
		}
		if v := w.speak("m"); v.Answer != yes || v.GroupVoice != welcome.Conscience {
			t.Errorf("when the secretary's word has run out: %+v", v)
		}
	})
}

func TestStatementsMustBeComplete(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		for field, change := range map[string]func(*Statement){
			"answers": func(s *Statement) { s.Answers = welcome.Answers{} },
			"voice":   func(s *Statement) { s.Voice = "somebody" },
			"speaker": func(s *Statement) { s.Speaker = " " },
			"on":      func(s *Statement) { s.On = civil.Date{Year: 2026, Month: 8, Day: 1} },
			"link":    func(s *Statement) { s.Link = "javascript:alert(1)" },
			"words":   func(s *Statement) { s.Words = strings.Repeat("w", WordsLimit+1) },
		} {
			st := decision("m", "2026-03-02", welcome.Answers{welcome.Speak: no})
			change(&st)
			_, err := w.AddStatement(t.Context(), "editor", st)
			if f := fault.As(err); f == nil || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Name != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		if _, err := w.AddStatement(t.Context(), "editor", decision("nowhere", "2026-03-02", welcome.Answers{welcome.Speak: no})); !fault.Is(err, fault.NotFound) {
			t.Errorf("a meeting that is not there: %v", err)
		}
	})
}

func TestPositionsAreSourcedAndNeverAnswer(t *testing.T) {
	n := 0
	for fellowship, all := range positions {
		if !KnownFellowship(fellowship) {
			t.Errorf("%s is no fellowship of the list", fellowship)
		}
		for _, p := range all {
			n++
			if p.Document == "" || p.By == "" || p.Link != "" && !strings.HasPrefix(p.Link, "http") || p.Words == "" || p.WordsES == "" {
				t.Errorf("%s: something is missing in %+v", fellowship, p)
			}
			for _, telling := range []string{"form", "survey", "_mat_"} { // a document to read, at an address that says nothing
				if strings.Contains(p.Link, telling) && p.Fellowship != "mara" {
					t.Errorf("%s: %s leads to a form, or says why one looks", fellowship, p.Link)
				}
			}
		}
	}
	if n == 0 {
		t.Fatal("no position was read")
	}
	w := Welcome{}
	for r, a := range positionOf("na") {
		w.Card[r] = welcome.Judge(welcome.Right(r), welcome.Score{Wait: welcome.WaitReports}, welcome.Word{}, a, civil.Date{})
		if w.Card[r].Answer != welcome.Unknown {
			t.Errorf("the position answers %v", welcome.Right(r))
		}
	}
	if w.Card[welcome.Attend].Position != yes || w.Card[welcome.Attend].Basis != welcome.BasisPosition {
		t.Errorf("the position is not shown: %+v", w.Card[welcome.Attend])
	}
}
