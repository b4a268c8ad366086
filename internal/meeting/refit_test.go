package meeting

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/meeting/welcome"
)

// fill stores accepted reports directly, one week apart: y, n and d, latest last.
func (w *town) fill(meetingID, letters string) {
	w.t.Helper()
	if err := w.db.WithTx(w.t.Context(), func(tx *db.Tx) error {
		for i, l := range letters {
			a := map[rune]welcome.Answer{'y': yes, 'n': no, 'd': depends}[l]
			at := w.now.AddDate(0, 0, -7*(len(letters)-i))
			r := speaking(meetingID, a)
			r.Month = at.Format("2006-01")
			if err := insertVisit(w.t.Context(), tx, r, visitAccepted, nil, at, vouched{}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) fits() []Fit {
	w.t.Helper()
	all, err := w.Fits(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func TestRefit(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		for i := range 12 {
			w.meeting(fmt.Sprint("m", i), "na", fmt.Sprint("area", i%3))
			w.fill(fmt.Sprint("m", i), "yyyyny"[:3+i%4])
		}
		if err := w.AgeCards(t.Context()); err != nil {
			t.Fatal(err)
		}
		f, err := w.Refit(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if f.Version != 1 || f.Meetings != 12 || f.Reports != 54 || f.Rights[welcome.Speak].MeanOf("na") < 0.6 {
			t.Errorf("%+v", f)
		}
		if f.Rights[welcome.Lead].Reports != 0 || f.Rights[welcome.Lead].Mu != 0.5 {
			t.Errorf("a right that nobody reported on: %+v", f.Rights[welcome.Lead])
		}
		again, err := w.Refit(t.Context())
		if err != nil || again.Version != 0 || len(w.fits()) != 1 {
			t.Errorf("with nothing new: %+v, %v, %d versions", again, err, len(w.fits()))
		}
	})
}

// hangInTheBalance makes twenty meetings with three yes and a no, which depend now, and then a few
// others that make their area stand out among all: with new parameters the twenty are a yes.
func (w *town) hangInTheBalance() {
	w.t.Helper()
	for i := range 20 {
		w.meeting(fmt.Sprint("m", i), "na", "x")
		w.fill(fmt.Sprint("m", i), "yyny")
	}
	for i := range 4 {
		w.meeting(fmt.Sprint("o", i), "na", fmt.Sprint("y", i))
		w.fill(fmt.Sprint("o", i), "nnnnnnnn")
	}
	if err := w.AgeCards(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func TestARefitThatMovesManyCardsWaits(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.hangInTheBalance()
		before := w.speak("m0")
		f, err := w.Refit(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if f.State != "waiting" || f.Moved != 20 || f.Decided != 24 || before.Answer != depends {
			t.Fatalf("%s: %d of %d cards would move; the card says %v", f.State, f.Moved, f.Decided, before.Answer)
		}
		if diff := cmp.Diff(before, w.speak("m0")); diff != "" {
			t.Errorf("a fit that waits changed a card:\n%s", diff)
		}
		if again, err := w.Refit(t.Context()); err != nil || again.Version != 0 {
			t.Errorf("the same fit is put before a person twice: %+v, %v", again, err)
		}
		would, err := w.CompareFit(t.Context(), f.Version)
		if err != nil {
			t.Fatal(err)
		}
		if len(would.Moved) != 20 || would.Now[welcome.Speak].Mu != 0.5 {
			t.Errorf("%d answers would move from a mean of %v", len(would.Moved), would.Now[welcome.Speak].Mu)
		}
		if diff := cmp.Diff(MovedAnswer{MeetingID: "m0", Name: would.Moved[0].Name, Right: welcome.Speak, From: depends, To: yes}, would.Moved[0]); diff != "" {
			t.Error(diff)
		}
		if _, err := w.CompareFit(t.Context(), 99); !fault.Is(err, fault.NotFound) {
			t.Errorf("a version that is not there: %v", err)
		}
		if err := w.DecideFit(t.Context(), "editor", f.Version, true); err != nil {
			t.Fatal(err)
		}
		if v := w.speak("m0"); v.Answer != yes {
			t.Errorf("after the fit came into force: %+v", v)
		}
		if all := w.fits(); len(all) != 1 || all[0].State != "active" || all[0].DecidedBy != "editor" {
			t.Errorf("%+v", all)
		}
		if err := w.DecideFit(t.Context(), "editor", f.Version, true); !fault.Is(err, fault.NotFound) {
			t.Errorf("decided twice: %v", err)
		}
		if n := w.count(`SELECT count(*) FROM audit_entry WHERE action = 'fit.accept'`); n != 1 {
			t.Errorf("%d entries in the audit record, want 1", n)
		}
	})
}

func TestARefusedFitStaysAway(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.hangInTheBalance()
		f, err := w.Refit(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := w.DecideFit(t.Context(), "editor", f.Version, false); err != nil {
			t.Fatal(err)
		}
		if err := w.Nightly(t.Context()); err != nil {
			t.Fatal(err)
		}
		if all := w.fits(); len(all) != 1 || all[0].State != "refused" || w.speak("m0").Answer != depends {
			t.Errorf("%+v; the card says %v", all, w.speak("m0").Answer)
		}
	})
}

func TestARefitKilledMidwayLeavesTheOldParameters(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		for i := range 12 {
			w.meeting(fmt.Sprint("m", i), "na", "x")
			w.fill(fmt.Sprint("m", i), "yyyyn")
		}
		if _, err := w.Refit(t.Context()); err != nil {
			t.Fatal(err)
		}
		parameters, card := w.fits(), w.speak("m0")
		w.fill("m1", "yyyyyyyy")
		for stop := 1; stop <= 2; stop++ { // while it loads, and when everything is computed
			ctx, kill := context.WithCancel(t.Context())
			asked := 0
			w.onNow = func() {
				if asked++; asked == stop {
					kill()
				}
			}
			_, err := w.Refit(ctx)
			w.onNow = nil
			kill()
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("killed at %d: %v", stop, err)
			}
			if diff := cmp.Diff(parameters, w.fits()); diff != "" {
				t.Errorf("killed at %d:\n%s", stop, diff)
			}
			if diff := cmp.Diff(card, w.speak("m0")); diff != "" {
				t.Errorf("killed at %d:\n%s", stop, diff)
			}
		}
		if f, err := w.Refit(t.Context()); err != nil || f.Version != 2 || f.State != "active" {
			t.Errorf("started again: %+v, %v", f, err)
		}
	})
}

func TestAReportDuringTheNightIsNotOverwritten(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		w.reportWeekly("m", yes, yes)
		all, err := w.loadEvidence(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r := speaking("m", yes)
		r.Month = w.now.Format("2006-01")
		w.report(r)
		if err := w.db.WithTx(t.Context(), func(tx *db.Tx) error {
			return w.writeCards(t.Context(), tx, []freshCard{{id: "m", doc: "[]", more: "{}", revision: all.written["m"].revision}})
		}); err != nil {
			t.Fatal(err)
		}
		if v := w.speak("m"); v.Reports != welcome.MostWaiting { // it waits, and says the same as before the report
			t.Errorf("the report that came meanwhile is gone from the card: %+v", v)
		}
	})
}

func TestCardsAge(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		w.fill("m", "yyyy")
		if err := w.Nightly(t.Context()); err != nil {
			t.Fatal(err)
		}
		if v := w.speak("m"); v.Answer != yes {
			t.Fatalf("%+v", v)
		}
		w.now = w.now.AddDate(2, 0, 0)
		if err := w.Nightly(t.Context()); err != nil {
			t.Fatal(err)
		}
		if v := w.speak("m"); v.Answer != welcome.Unknown || v.Enough || v.Reports != welcome.MostWaiting || v.Mean != 0 {
			t.Errorf("two years later: %+v", v)
		}
	})
}

func TestNotesAreErasedAfterHalfAYear(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		r := speaking("m", yes)
		r.Note = "The coffee was good."
		w.report(r)
		r.Note = "The chairs were hard."
		if got, err := w.ReportVisit(t.Context(), r, Submission{Network: "203.0.113.9"}); err != nil || !got.Queued {
			t.Fatal(got, err)
		}
		for _, tt := range []struct{ weeks, left int }{{25, 2}, {2, 0}} {
			w.now = w.now.AddDate(0, 0, 7*tt.weeks)
			if err := w.Forget(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := w.count(`SELECT count(*) FROM visit_report WHERE note <> ''`); n != tt.left {
				t.Errorf("%d notes after %d more weeks, want %d", n, tt.weeks, tt.left)
			}
		}
		if n := w.count(`SELECT count(*) FROM visit_report WHERE state = 'queued'`); n != 1 {
			t.Error("the report that nobody has decided on does not wait any more")
		}
	})
}

func TestExplain(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		w.reportWeekly("m", yes, yes, no)
		if _, err := w.AddStatement(t.Context(), "editor", decision("m", "2026-03-02", welcome.Answers{welcome.Speak: yes})); err != nil {
			t.Fatal(err)
		}
		e, err := w.Explain(t.Context(), "m")
		if err != nil {
			t.Fatal(err)
		}
		text := e.Text()
		for _, want := range []string{"Meeting m", "Visit in 2026-05", "The group decided on 2026-03-02: yes.", "The card says: yes."} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is missing in:\n%s", want, text)
			}
		}
		if !slices.ContainsFunc(e.Rights, func(r welcome.RightExplained) bool {
			return r.Right == welcome.Lead && r.Verdict.Answer == welcome.Unknown
		}) {
			t.Error("rights that nobody reported on are not explained")
		}
		w.now = time.Date(2026, 5, 20, 2, 0, 0, 0, time.UTC) // where the meeting is, it is the evening before
		if e, err := w.Explain(t.Context(), "m"); err != nil || e.Day != "2026-05-19" || !strings.Contains(e.Text(), "as of 2026-05-19") {
			t.Errorf("dated %s, %v", e.Day, err)
		}
		if _, err := w.Explain(t.Context(), "nowhere"); !fault.Is(err, fault.NotFound) {
			t.Errorf("a meeting that is not there: %v", err)
		}
	})
}
