package meeting

import (
	"strings"
	"testing"

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
			if p.Document == "" || p.By == "" || !strings.HasPrefix(p.Link, "http") || p.Words == "" || p.WordsES == "" {
				t.Errorf("%s: something is missing in %+v", fellowship, p)
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
