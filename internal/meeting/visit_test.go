package meeting

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
	"hearth/internal/fault"
	"hearth/internal/meeting/welcome"
)

// town is a directory with a clock that the test moves.
type town struct {
	*Service
	t     *testing.T
	now   time.Time
	onNow func() // called when the service asks for the time
	n     int    // networks handed out
}

func inTown(t *testing.T, f func(t *testing.T, w *town)) {
	t.Helper()
	dbtest.Run(t, func(t *testing.T, d *db.DB) { f(t, newTown(t, d)) }, Migrations, audit.Migrations)
}

func newTown(t *testing.T, d *db.DB) *town {
	w := &town{t: t, now: time.Date(2026, 5, 19, 20, 0, 0, 0, time.UTC)}
	w.Service = New(d, Options{Now: func() time.Time {
		if w.onNow != nil {
			w.onNow()
		}
		return w.now
	}})
	return w
}

func (w *town) meeting(id, fellowship, area string) {
	w.t.Helper()
	w.write(meetingRow{ID: id, State: stateActive, Fellowship: fellowship, Area: area, Occurrence: Occurrence{Name: "Meeting " + id, Day: 2, Start: 19 * 60, End: 20 * 60, Zone: "America/New_York", Attendance: InPerson}})
}

func (w *town) write(m meetingRow) {
	w.t.Helper()
	if err := w.db.WithTx(w.t.Context(), func(tx *db.Tx) error {
		return writeMeetings(w.t.Context(), tx, 0, []meetingRow{m}, meetingUpsert)
	}); err != nil {
		w.t.Fatal(err)
	}
}

// proven is a submission with a solved challenge, from a network of its own.
func (w *town) proven(meetingID string) Submission {
	w.t.Helper()
	c, err := w.NewChallenge(w.t.Context(), meetingID)
	if err != nil {
		w.t.Fatal(err)
	}
	w.n++
	return Submission{Network: fmt.Sprintf("198.51.%d.%d", w.n/250, w.n%250), Challenge: c, Solution: Solve(c)}
}

func speaking(meetingID string, a welcome.Answer) VisitReport {
	return VisitReport{MeetingID: meetingID, Month: "2026-05", Answers: welcome.Answers{welcome.Speak: a}}
}

func (w *town) report(r VisitReport) Receipt {
	w.t.Helper()
	receipt, err := w.ReportVisit(w.t.Context(), r, w.proven(r.MeetingID))
	if err != nil {
		w.t.Fatal(err)
	}
	return receipt
}

// reportWeekly reports each answer in a week of its own and ends a week after the last.
func (w *town) reportWeekly(meetingID string, answers ...welcome.Answer) {
	w.t.Helper()
	for _, a := range answers {
		r := speaking(meetingID, a)
		r.Month = w.now.Format("2006-01")
		w.report(r)
		w.now = w.now.AddDate(0, 0, 7)
	}
}

func (w *town) speak(meetingID string) welcome.Verdict {
	w.t.Helper()
	card, err := w.Welcome(w.t.Context(), meetingID)
	if err != nil {
		w.t.Fatal(err)
	}
	return card.Card[welcome.Speak]
}

func (w *town) count(sql string, args ...any) int {
	w.t.Helper()
	n, err := db.One(w.t.Context(), w.db, db.Column[int64], sql, args...)
	if err != nil {
		w.t.Fatal(err)
	}
	return int(n)
}

const yes, no, depends = welcome.Yes, welcome.No, welcome.Depends

func TestThreeVisitsMakeACard(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		w.report(speaking("m", yes))
		w.report(speaking("m", yes))
		if v := w.speak("m"); v.Answer != welcome.Unknown || v.Enough || v.Reports != 2 || v.Mean != 0 {
			t.Errorf("after two visits: %+v", v)
		}
		before := w.count(`SELECT changed_seq FROM meeting WHERE id = 'm'`)
		if r := w.report(speaking("m", yes)); !r.Counted || r.Queued {
			t.Errorf("receipt %+v", r)
		}
		v := w.speak("m")
		if v.Answer != yes || v.Basis != welcome.BasisVisits || v.Reports != 3 || v.AsOf != "2026-05" || v.Low <= 0.5 {
			t.Errorf("after three visits: %+v", v)
		}
		if after := w.count(`SELECT changed_seq FROM meeting WHERE id = 'm'`); after <= before {
			t.Errorf("the directory was not told: %d, then %d", before, after)
		}
		dir, err := LoadDirectory(t.Context(), w.db)
		if err != nil {
			t.Fatal(err)
		}
		short, found := dir.Summary("m")
		want := RightAnswer{Answer: yes, Mean: float32(v.Mean), Low: float32(v.Low), High: float32(v.High), Reports: 3, AsOf: "2026-05", Basis: "visits"}
		if diff := cmp.Diff(want, short.Welcome[welcome.Speak]); diff != "" || !found {
			t.Errorf("what the finder shows (-want +got):\n%s", diff)
		}
	})
}

func TestWhatIsStoredTellsNobody(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		from := w.proven("m")
		from.Network = "203.0.113.77:4711"
		if _, err := w.ReportVisit(t.Context(), speaking("m", yes), from); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"visit_report", "visit_network", "challenge_used", "welcome_verdict"} {
			if all := dump(t, w.db, table); strings.Contains(all, "203.0.113") || strings.Contains(all, "2026-05-19") && table != "visit_network" ||
				strings.Contains(all, fmt.Sprint(w.now.UnixMilli())) {
				t.Errorf("%s tells too much: %s", table, all)
			}
		}
		w.now = w.now.AddDate(0, 0, 1)
		if err := w.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"visit_network", "network_key", "challenge_used"} {
			if n := w.count(`SELECT count(*) FROM ` + table); n != 0 {
				t.Errorf("%d rows of %s are left when the day is over", n, table)
			}
		}
	})
}

func dump(t *testing.T, d *db.DB, table string) string {
	t.Helper()
	rows, err := d.Query(t.Context(), `SELECT * FROM `+table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for rows.Next() {
		values := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, values...)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestBadReportsAreRefusedWithAReason(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		for name, tt := range map[string]struct {
			change func(*VisitReport)
			kind   fault.Kind
			field  string
		}{
			"nothing said":    {func(r *VisitReport) { r.Answers = welcome.Answers{} }, fault.Invalid, "answers"},
			"no month":        {func(r *VisitReport) { r.Month = "" }, fault.Invalid, "month"},
			"a day":           {func(r *VisitReport) { r.Month = "2026-05-19" }, fault.Invalid, "month"},
			"next month":      {func(r *VisitReport) { r.Month = "2026-06" }, fault.Invalid, "month"},
			"long ago":        {func(r *VisitReport) { r.Month = "2023-01" }, fault.Invalid, "month"},
			"an odd tone":     {func(r *VisitReport) { r.Tone = "loud" }, fault.Invalid, "tone"},
			"an odd answer":   {func(r *VisitReport) { r.Answers[welcome.Lead] = 9 }, fault.Invalid, "answers"},
			"a long note":     {func(r *VisitReport) { r.Note = strings.Repeat("é", NoteLimit+1) }, fault.Invalid, "note"},
			"another meeting": {func(r *VisitReport) { r.MeetingID = "nowhere" }, fault.NotFound, ""},
		} {
			r := speaking("m", yes)
			tt.change(&r)
			_, err := w.ReportVisit(t.Context(), r, w.proven(r.MeetingID))
			f := fault.As(err)
			if f == nil || f.Kind != tt.kind || tt.field != "" && (len(f.Fields) != 1 || f.Fields[0].Name != tt.field) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := w.count(`SELECT count(*) FROM visit_report`); n != 0 {
			t.Errorf("%d reports were stored", n)
		}
	})
}

func TestNotesLoseWhatNobodyCanSee(t *testing.T) {
	if got := tidyNote(" a\u202eb\u200b\x00c\r\nd\xff "); got != "abc\nd" {
		t.Errorf("%q", got)
	}
}

func TestThePlainFormWaitsForAnEditor(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		r := speaking("m", yes)
		r.Note = "The chair asked everybody to stay."
		r.Happened, r.Tone = welcome.Welcomed|welcome.OthersSpoke, welcome.Warm
		receipt, err := w.ReportVisit(t.Context(), r, Submission{Network: "192.0.2.1"})
		if err != nil || !receipt.Queued || receipt.Counted {
			t.Fatalf("%+v, %v", receipt, err)
		}
		queue, err := w.QueuedVisits(t.Context())
		if err != nil || len(queue) != 1 {
			t.Fatalf("%v, %v", queue, err)
		}
		if diff := cmp.Diff(r, queue[0].VisitReport); diff != "" || queue[0].Week != "2026-W21" || queue[0].MeetingName != "Meeting m" {
			t.Errorf("%+v\n%s", queue[0], diff)
		}
		if v := w.speak("m"); v.Reports != 0 {
			t.Errorf("it counts before it is accepted: %+v", v)
		}
		if err := w.DecideVisit(t.Context(), "editor", queue[0].ID, true); err != nil {
			t.Fatal(err)
		}
		if v := w.speak("m"); v.Reports != 1 {
			t.Errorf("it does not count after it was accepted: %+v", v)
		}
		if err := w.DecideVisit(t.Context(), "editor", queue[0].ID, false); err != nil {
			t.Fatal(err)
		}
		if v := w.speak("m"); v.Reports != 0 {
			t.Errorf("it counts after it was refused: %+v", v)
		}
		if n := w.count(`SELECT count(*) FROM audit_entry WHERE action IN ('visit.accept', 'visit.refuse') AND actor = 'editor'`); n != 2 {
			t.Errorf("%d entries in the audit record, want 2", n)
		}
		if err := w.DecideVisit(t.Context(), "editor", "nothing", true); !fault.Is(err, fault.NotFound) {
			t.Errorf("a report that is not there: %v", err)
		}
		all, err := w.Visits(t.Context(), "m")
		if err != nil || len(all) != 1 || all[0].State != "refused" {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

func TestChallenges(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		w.meeting("n", "na", "x")
		from := w.proven("m")
		send := func(s Submission) (Receipt, error) { return w.ReportVisit(t.Context(), speaking("m", yes), s) }
		if r, err := send(from); err != nil || !r.Counted {
			t.Fatalf("%+v, %v", r, err)
		}
		if _, err := send(from); !fault.Is(err, fault.Conflict) {
			t.Errorf("sent twice: %v", err)
		}
		if _, err := send(w.proven("n")); !fault.Is(err, fault.Invalid) {
			t.Errorf("a challenge of another meeting: %v", err)
		}
		unsolved := w.proven("m")
		unsolved.Solution = ""
		if r, err := send(unsolved); err != nil || !r.Queued {
			t.Errorf("not solved: %+v, %v", r, err)
		}
		late := w.proven("m")
		w.now = w.now.Add(ChallengeLife + time.Second)
		if r, err := send(late); err != nil || !r.Queued {
			t.Errorf("expired: %+v, %v; it should wait for an editor, not be lost", r, err)
		}
		if n := w.count(`SELECT count(*) FROM visit_report`); n != 3 {
			t.Errorf("%d reports, want 3", n)
		}
	})
}

func TestANoIsPublicOnlyFromThreeWeeks(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		for week := range 3 {
			for range 2 {
				w.report(speaking("m", no))
			}
			v := w.speak("m")
			if week < 2 && (v.Answer == no || v.Visits == no) {
				t.Errorf("a no is public after %d weeks: %+v", week+1, v)
			}
			if week == 2 && v.Answer != no {
				t.Errorf("six people in three weeks said no, and the card says %+v", v)
			}
			w.now = w.now.AddDate(0, 0, 7)
		}
	})
}

func TestEvidenceFollowsAMergedMeeting(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("a", "na", "x")
		w.meeting("b", "na", "x")
		w.reportWeekly("a", yes, yes, yes)
		w.reportWeekly("b", yes, yes, yes)
		w.write(meetingRow{ID: "b", State: stateMerged, MergedInto: "a", Fellowship: "na", Area: "x", Occurrence: Occurrence{Name: "b"}})
		if err := w.AgeCards(t.Context()); err != nil {
			t.Fatal(err)
		}
		if v := w.speak("a"); v.Reports != 6 || v.Answer != yes {
			t.Errorf("joined: %+v", v)
		}
		r := speaking("b", yes)
		r.Month = w.now.Format("2006-01")
		w.report(r)
		if v := w.speak("b"); v.Reports != 7 {
			t.Errorf("a report on the merged meeting: %+v", v)
		}
		w.meeting("b", "na", "x")
		if err := w.AgeCards(t.Context()); err != nil {
			t.Fatal(err)
		}
		if a, b := w.speak("a").Reports, w.speak("b").Reports; a != 4 || b != 3 {
			t.Errorf("parted again: %d and %d reports, want 4 and 3", a, b)
		}
	})
}

func TestAMeetingWithoutAFeedKeepsItsEvidence(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		w.reportWeekly("m", yes, yes, yes)
		if _, err := w.ReportVisit(t.Context(), speaking("m", yes), Submission{Network: "192.0.2.1"}); err != nil {
			t.Fatal(err)
		}
		w.write(meetingRow{ID: "m", State: stateRemoved, Fellowship: "na", Area: "x", Occurrence: Occurrence{Name: "m"}})
		if _, err := w.ReportVisit(t.Context(), speaking("m", yes), w.proven("m")); !fault.Is(err, fault.NotFound) {
			t.Errorf("a report on a meeting that is not listed: %v", err)
		}
		queue, err := w.QueuedVisits(t.Context())
		if err != nil || len(queue) != 1 {
			t.Fatalf("%v, %v", queue, err)
		}
		if err := w.DecideVisit(t.Context(), "editor", queue[0].ID, true); err != nil {
			t.Errorf("an editor cannot decide what came before: %v", err)
		}
		if err := w.Nightly(t.Context()); err != nil {
			t.Fatal(err)
		}
		if v := w.speak("m"); v.Reports != 4 {
			t.Errorf("the card forgets: %+v", v)
		}
	})
}

func TestAReportThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		from := w.proven("m")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := w.ReportVisit(ctx, speaking("m", yes), from); !errors.Is(err, context.Canceled) {
			t.Fatalf("%v", err)
		}
		if r, err := w.ReportVisit(t.Context(), speaking("m", yes), from); err != nil || !r.Counted {
			t.Errorf("sent again after a failure: %+v, %v", r, err)
		}
	})
}

func TestReportsAtTheSameMomentAllCount(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		const people = burst - 1
		var group sync.WaitGroup
		errs := make([]error, people)
		for i := range people {
			from := w.proven("m")
			group.Go(func() { _, errs[i] = w.ReportVisit(t.Context(), speaking("m", yes), from) })
		}
		group.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if v := w.speak("m"); v.Reports != people || v.Answer != yes {
			t.Errorf("%d people reported at once, and the card says %+v", people, v)
		}
	})
}

func TestOneReportSentTwiceAtTheSameMomentCountsOnce(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		from := w.proven("m")
		var group sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			group.Go(func() { _, errs[i] = w.ReportVisit(t.Context(), speaking("m", yes), from) })
		}
		group.Wait()
		taken := 0
		for _, err := range errs {
			if err == nil {
				taken++
			} else if !fault.Is(err, fault.Conflict) {
				t.Error(err)
			}
		}
		if n := w.count(`SELECT count(*) FROM visit_report`); taken != 1 || n != 1 {
			t.Errorf("%d taken, %d stored", taken, n)
		}
	})
}
