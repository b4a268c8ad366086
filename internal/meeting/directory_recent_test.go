package meeting

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// An answer that is kept is the one that would be found anew.
func TestRecentAnswersAreNotOld(t *testing.T) {
	b := newShelfBuilder()
	for i := range recentLeast {
		m := listed{
			ID: fmt.Sprintf("m%d", i), Name: fmt.Sprintf("Meeting %d", i%100), Fellowship: []string{"aa", "na"}[i%2],
			Day: i % 7, Start: i % 1440, End: (i + 60) % 1440, Zone: "America/New_York", Attendance: "in_person",
		}
		item, err := newShelfItem(&m, "List", newCardReader())
		if err != nil {
			t.Fatal(err)
		}
		b.add(&item)
	}
	shelf, segment := b.done()
	kept := newDirectory(shelf, segment, 1, nil)
	for _, now := range []time.Time{directoryNow, directoryNow.Add(20 * time.Second), directoryNow.Add(time.Minute), directoryNow.Add(7 * time.Hour), directoryNow} {
		for _, query := range []string{"limit=50", "limit=50&fellowship=na", "limit=50&offset=50", "when=now&limit=20", "day=mon&limit=10", "limit=50"} {
			f, err := ParseFilter(asValues(t, query), nil)
			if err != nil {
				t.Fatal(err)
			}
			anew := newDirectory(shelf, segment, 1, nil)
			for range 2 {
				if diff := cmp.Diff(anew.Find(f, now), kept.Find(f, now), cmpopts.IgnoreUnexported(Hit{})); diff != "" {
					t.Fatalf("%s at %v (-anew +kept)\n%s", query, now, diff)
				}
				_, chipsAnew := anew.FindWithChips(f, now)
				_, chipsKept := kept.FindWithChips(f, now)
				if chipsAnew != chipsKept || anew.Count(f, now) != kept.Find(f, now).Total {
					t.Fatalf("%s at %v: counts differ", query, now)
				}
			}
		}
	}
	if len(kept.recent.answers) == 0 {
		t.Error("nothing was kept")
	}
}
