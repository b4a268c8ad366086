package meeting

import (
	"fmt"
	"testing"

	"hearth/internal/db"
	"hearth/internal/meeting/welcome"
)

// A "no" waits until it comes from three people in three weeks. Until then nothing that is public may differ
// from a card on which too few have said yes.
func TestANoThatWaitsCannotBeRead(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		for i, answers := range [][]welcome.Answer{
			{yes, yes}, {depends, depends}, {no, no}, {yes, no}, {no, no, no}, {no, no, no, no}, {no, no, no, no, no, no},
		} {
			id := fmt.Sprint("m", i)
			w.meeting(id, "na", id) // each in an area of its own, so that none lends another
			var gathered []GatheredVisit
			for _, a := range answers {
				gathered = append(gathered, GatheredVisit{speaking(id, a), w.now})
			}
			if err := w.ImportVisits(t.Context(), "ed", gathered); err != nil {
				t.Fatal(err)
			}
		}
		if v := w.speak("m4"); v.Answer != welcome.Unknown || v.Reports != 2 {
			t.Fatalf("this test wants a no that waits: %+v", v)
		}
		stored := func(id string) (text string) {
			t.Helper()
			text, err := db.One(t.Context(), w.db, db.Column[string], `SELECT doc || more FROM welcome_verdict WHERE meeting_id = $1`, id)
			if err != nil {
				t.Fatal(err)
			}
			return text
		}
		for i := range 7 {
			if first, got := stored("m0"), stored(fmt.Sprint("m", i)); got != first {
				t.Errorf("card %d is\n%s\nand not\n%s", i, got, first)
			}
		}
	})
}
