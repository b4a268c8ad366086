package meeting

import (
	"fmt"
	"testing"

	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/meeting/welcome"
)

func TestAFloodFromOneNetworkStops(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		for i := range 20 {
			w.meeting(fmt.Sprint("m", i), "na", "x")
		}
		counted, queued, refused := 0, 0, 0
		for i := range 1000 {
			id := fmt.Sprint("m", i%20)
			from := Submission{Network: "203.0.113.9"}
			if i < 100 { // solving a thousand would only warm the room
				from = w.proven(id)
				from.Network = "203.0.113.9"
			}
			r, err := w.ReportVisit(t.Context(), speaking(id, no), from)
			switch {
			case fault.Is(err, fault.TooMany):
				refused++
			case err != nil:
				t.Fatal(err)
			case r.Counted:
				counted++
			default:
				queued++
			}
		}
		if counted != directPerNetwork || queued != queuedPerNetwork-directPerNetwork || refused != 1000-queuedPerNetwork {
			t.Errorf("%d counted, %d queued, %d refused", counted, queued, refused)
		}
		w.now = w.now.AddDate(0, 0, 1)
		from := w.proven("m0")
		from.Network = "203.0.113.9"
		if r, err := w.ReportVisit(t.Context(), speaking("m0", yes), from); err != nil || !r.Counted {
			t.Errorf("the next day: %+v, %v", r, err)
		}
	})
}

// A community behind one address that has told of all its visits can still say that a meeting has moved.
func TestVisitsDoNotUseUpSuggestions(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		const network = "203.0.113.9"
		for i := range queuedPerNetwork + 2 {
			w.meeting(fmt.Sprint("m", i), "na", "x")
		}
		var err error
		for i := range queuedPerNetwork + 1 {
			id := fmt.Sprint("m", i)
			_, err = w.ReportVisit(t.Context(), speaking(id, yes), Submission{Network: network})
		}
		if !fault.Is(err, fault.TooMany) {
			t.Fatalf("the last visit: %v", err)
		}
		for i := range queuedPerNetwork {
			if _, err := w.SuggestChange(t.Context(), Suggestion{MeetingID: fmt.Sprint("m", i), Note: "It moved.", Remote: network}); err != nil {
				t.Fatalf("suggestion %d after the visits: %v", i+1, err)
			}
		}
		if _, err := w.SuggestChange(t.Context(), Suggestion{MeetingID: "m31", Note: "It moved.", Remote: network}); !fault.Is(err, fault.TooMany) {
			t.Errorf("one suggestion too many: %v", err)
		}
	})
}

func TestOneNetworkCountsOnceADayOnAMeeting(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		for i := range 2 {
			from := w.proven("m")
			from.Network = "203.0.113.9"
			r, err := w.ReportVisit(t.Context(), speaking("m", yes), from)
			if err != nil || r.Counted != (i == 0) {
				t.Errorf("report %d: %+v, %v", i+1, r, err)
			}
		}
	})
}

func TestACampaignFromManyNetworksWaits(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		for range 30 {
			w.report(speaking("m", no))
		}
		if n := w.count(`SELECT count(*) FROM visit_report WHERE state = 'accepted'`); n != 0 {
			t.Errorf("%d reports of the campaign count", n)
		}
		if v := w.speak("m"); v.Reports != 0 || v.Answer != welcome.Unknown {
			t.Errorf("the card: %+v", v)
		}
		queue, err := w.QueuedVisits(t.Context())
		if err != nil || len(queue) != 30 {
			t.Errorf("%d wait, %v", len(queue), err)
		}
		// What an editor has accepted is not taken back by the next rush.
		for _, v := range queue[:3] {
			if err := w.DecideVisit(t.Context(), "editor", v.ID, true); err != nil {
				t.Fatal(err)
			}
		}
		w.report(speaking("m", no))
		if n := w.count(`SELECT count(*) FROM visit_report WHERE state = 'accepted'`); n != 3 {
			t.Errorf("%d accepted, want the editor's 3", n)
		}
	})
}

func TestALongQueueIsShownInPart(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		const waiting = MostQueuedVisits + 3
		err := w.db.WithTx(t.Context(), func(tx *db.Tx) error {
			for i := range waiting {
				when := w.now.AddDate(0, 0, 7)
				if i == waiting-1 { // came last, waits longest
					when = w.now
				}
				if err := insertVisit(t.Context(), tx, speaking("m", no), visitQueued, nil, when, vouched{}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		queue, err := w.QueuedVisits(t.Context())
		n, countErr := w.CountQueuedVisits(t.Context())
		if err != nil || countErr != nil || len(queue) != MostQueuedVisits || n != waiting || queue[0].Week != isoWeek(w.now) {
			t.Errorf("%d of %d, %v, %v", len(queue), n, err, countErr)
		}
	})
}

func TestABusyMeetingIsNoCampaign(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		for range usualWeeks {
			for range 4 {
				w.report(speaking("m", yes))
			}
			w.now = w.now.AddDate(0, 0, 7)
		}
		for i := range 8 {
			if r := w.report(speaking("m", yes)); !r.Counted {
				t.Errorf("report %d of a week in which 4 are usual: %+v", i+1, r)
			}
		}
	})
}

func TestNearlyTheSameReportWaits(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		w.meeting("n", "aa", "y")
		r := speaking("m", no)
		r.Note = "They told me at the door that I would have to sit in the back and keep quiet."
		if got := w.report(r); !got.Counted {
			t.Fatalf("%+v", got)
		}
		r.MeetingID, r.Note = "n", "they told me at the door, that I would have to sit in the back & keep quiet!!"
		if got := w.report(r); !got.Queued {
			t.Errorf("the same words on another meeting: %+v", got)
		}
		r.Note = "Nobody spoke to me in the break, but I could share."
		if got := w.report(r); !got.Counted {
			t.Errorf("other words: %+v", got)
		}
		full := VisitReport{MeetingID: "n", Month: "2026-05", Answers: welcome.Answers{yes, yes, no, depends}, Happened: welcome.Welcomed | welcome.OthersSpoke}
		if got := w.report(full); !got.Counted {
			t.Errorf("the first full report: %+v", got)
		}
		if got := w.report(full); !got.Queued {
			t.Errorf("a full report again: %+v", got)
		}
	})
}

// Notes are compared before the transaction; what comes in between is compared in it.
func TestTheSameNoteAtTheSameMomentWaits(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		w.meeting("n", "aa", "y")
		const words = "They told me at the door that I would have to sit in the back and keep quiet."
		said, err := compareNotes(t.Context(), w.db, words, w.now)
		if err != nil || said.alike {
			t.Fatal(said.alike, err)
		}
		r := speaking("m", no)
		r.Note = words + "!"
		w.report(r)
		for range 2 { // a transaction may have to run again
			err = w.db.WithTx(t.Context(), func(tx *db.Tx) error {
				alike, err := said.again(t.Context(), tx, w.now)
				if !alike {
					t.Error("the note that came in between was not seen")
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
	})
}
