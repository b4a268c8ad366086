package meeting

import (
	"testing"

	"hearth/internal/fault"
)

// An editor vouches for what they import: a rush of strangers on the page does not take it back.
func TestImportedReportsAreNotTakenBack(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, w *town) {
		w.meeting("m", "na", "x")
		var gathered []GatheredVisit
		for range 4 {
			gathered = append(gathered, GatheredVisit{speaking("m", yes), w.now})
		}
		if err := w.ImportVisits(t.Context(), "ed", gathered); err != nil {
			t.Fatal(err)
		}
		w.report(speaking("m", no))
		if n := w.count(`SELECT count(*) FROM visit_report WHERE state = 'queued' AND reasons LIKE '%burst%'`); n != 1 {
			t.Fatalf("this test wants a rush, and %d wait for one", n)
		}
		if n := w.count(`SELECT count(*) FROM visit_report WHERE state = 'accepted' AND decided_by = 'ed'`); n != 4 {
			t.Errorf("%d of the 4 imported reports count", n)
		}
		if err := w.ImportVisits(t.Context(), "ed", []GatheredVisit{{speaking("m", yes), w.now}, {speaking("nowhere", yes), w.now}}); !fault.Is(err, fault.NotFound) {
			t.Errorf("a meeting that is not there: %v", err)
		}
	})
}
