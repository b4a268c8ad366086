package meeting

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
	"hearth/internal/fault"
)

func TestAFeedsLife(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.feed("town")
		rows := []row{{ID: "a", Name: "Morning"}, {ID: "b", Name: "Noon"}, {ID: "c"}}
		y := w.sync("town", rows)
		wantCounts(t, y, "applied rows 3 occurrences 2 added 2 changed 0 unchanged 0 gone 0")
		if want := []RowIssue{{3, "it has no name"}}; !cmp.Equal(y.Skipped, want) {
			t.Errorf("skipped %v, want %v", y.Skipped, want)
		}
		first := w.meetings()

		y = w.sync("town", rows)
		wantCounts(t, y, "same rows 3 occurrences 2 added 0 changed 0 unchanged 2 gone 0")
		if len(y.Skipped) != 1 {
			t.Errorf("an unchanged feed should repeat what was skipped, got %v", y.Skipped)
		}

		rows[0].Name, rows[0].Address = "Early", "1 Main St"
		y = w.sync("town", rows[:2])
		wantCounts(t, y, "applied rows 2 occurrences 2 added 0 changed 1 unchanged 1 gone 0")
		want := []Change{{"a", "Early", "name", "Morning", "Early"}, {"a", "Early", "address", "", "1 Main St"}}
		if diff := cmp.Diff(want, y.Changes); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
		now := w.meetings()
		if now[0].ID != first[0].ID || now[0].Seq <= first[0].Seq || now[1] != first[1] {
			t.Errorf("only the changed meeting should be written: %v, before %v", now, first)
		}

		y = w.sync("town", rows[:1])
		wantCounts(t, y, "applied rows 1 occurrences 1 added 0 changed 0 unchanged 1 gone 1")
		w.wantStates("Early active 1", "Noon gone 0")

		y = w.sync("town", rows[:2])
		wantCounts(t, y, "applied rows 2 occurrences 2 added 1 changed 0 unchanged 1 gone 0")
		w.wantStates("Early active 1", "Noon active 1")
		if got := w.meetings(); got[1].ID != first[1].ID {
			t.Error("a meeting that comes back should keep its id")
		}

		ys, err := w.Syncs(t.Context(), mustFeed(t, w, "town").ID, 10)
		if err != nil || len(ys) != 5 || ys[0].State != SyncApplied || ys[3].State != SyncSame {
			t.Errorf("reports: %v %v", ys, err)
		}
	})
}

func mustFeed(t *testing.T, w *world, name string) Feed {
	t.Helper()
	f, err := w.FeedByName(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestOnlyADateChanged(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.feed("town")
		w.sync("town", []row{{ID: "a", Name: "Noon", Updated: 1}})
		y := w.sync("town", []row{{ID: "a", Name: "Noon", Updated: 2}})
		wantCounts(t, y, "applied rows 1 occurrences 1 added 0 changed 0 unchanged 1 gone 0")
		if len(y.Changes) != 0 {
			t.Errorf("a new date alone is no change: %v", y.Changes)
		}
	})
}

func TestAFeedThatShrinksWaitsForAPerson(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.feed("town")
		all := many(20)
		w.sync("town", all)

		y := w.sync("town", all[:9])
		wantCounts(t, y, "held rows 9 occurrences 9 added 0 changed 0 unchanged 0 gone 0")
		f := mustFeed(t, w, "town")
		if !f.Held || f.Active != 20 || y.Error == "" || f.LastSync == nil || f.LastSync.State != SyncHeld {
			t.Errorf("held %v, active %d, last %v", f.Held, f.Active, f.LastSync)
		}
		if y = w.sync("town", all[:9]); y.State != SyncHeld {
			t.Errorf("the same payload again is still held, got %s", y.State)
		}
		if n := len(slices.DeleteFunc(w.meetings(), func(m shown) bool { return m.State != "active" })); n != 20 {
			t.Errorf("%d active meetings, want all 20", n)
		}

		y, err := w.AcceptHeld(t.Context(), "ed", "town")
		if err != nil {
			t.Fatal(err)
		}
		wantCounts(t, y, "applied rows 9 occurrences 9 added 0 changed 0 unchanged 9 gone 11")
		if f = mustFeed(t, w, "town"); f.Held || f.Active != 9 {
			t.Errorf("after accepting: held %v, active %d", f.Held, f.Active)
		}
		before := mustFeed(t, w, "town")
		w.later(time.Minute)
		if y, err := w.AcceptHeld(t.Context(), "ed", "town"); !fault.Is(err, fault.Conflict) || y != nil {
			t.Errorf("nothing is held any more: %v %v", y, err)
		}
		if f = mustFeed(t, w, "town"); !cmp.Equal(f, before) {
			t.Errorf("asking for nothing changed the feed: %s", cmp.Diff(before, f))
		}
		if y = w.sync("town", all[:9]); y.State != SyncSame {
			t.Errorf("what was accepted is what stands, got %s", y.State)
		}
	})
}

func TestAHeldFeedThatRecovers(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.feed("town")
		all := many(12)
		w.sync("town", all)
		if y := w.sync("town", nil); y.State != SyncHeld {
			t.Fatalf("an empty feed should be held, got %s", y.State)
		}
		w.sync("town", all)
		if f := mustFeed(t, w, "town"); f.Held || f.Active != 12 {
			t.Errorf("held %v, active %d", f.Held, f.Active)
		}
		w.put("town", all[:2])
		y, err := w.SyncFeed(t.Context(), "town", SyncOptions{AcceptShrink: true})
		if err != nil || y.State != SyncApplied || y.Gone != 10 {
			t.Errorf("with AcceptShrink: %v %v", y, err)
		}
	})
}

func TestAPayloadThatCannotBeReadChangesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.feed("town")
		w.sync("town", []row{{ID: "a", Name: "Noon"}})
		before := w.meetings()
		for payload, want := range map[string]string{
			"[{\"ID\": \"a\",\n \"Name\": oops}]":         "line 2, column 10",
			"[{\"ID\": \"a\"":                             "line 1",
			"<!doctype html><title>Hello</title>":         "web page",
			"\n <html>Just a moment...</html>":            "whether a person is reading",
			"{\"error\": \"rest_no_route\", \"data\": 4}": "cannot be read",
			"": "cannot be read",
		} {
			if err := os.WriteFile(w.path("town"), []byte(payload), 0o600); err != nil {
				t.Fatal(err)
			}
			y, err := w.SyncFeed(t.Context(), "town", SyncOptions{})
			if err == nil || y == nil || y.State != SyncFailed || !strings.Contains(y.Error, want) {
				t.Errorf("%q: report %+v, error %v; want %q in it", payload, y, err, want)
			}
			if b, _ := json.Marshal(y); !strings.Contains(string(b), `"skipped":[],"warnings":[]`) {
				t.Errorf("lists should never be null: %s", b)
			}
		}
		if diff := cmp.Diff(before, w.meetings()); diff != "" {
			t.Errorf("something changed:\n%s", diff)
		}
	})
}

func TestACodecThatPanics(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.feed("town")
		w.o.Decoders = map[Format]Decoder{FormatMeetingGuide: func([]byte, FeedContext) (*Batch, error) { panic("boo") }}
		y, err := w.SyncFeed(t.Context(), "town", SyncOptions{})
		if err == nil || y.State != SyncFailed {
			t.Errorf("got %v %v", y, err)
		}
	})
}

func TestOurOwnRowsAreALoop(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.feed("town")
		y := w.sync("town", []row{{ID: "a", Name: "Noon"}, {ID: "b", Name: "Ours", Via: "us"}, {ID: "c", Name: "Theirs", Via: "them"}})
		wantCounts(t, y, "applied rows 3 occurrences 2 added 2 changed 0 unchanged 0 gone 0")
		if len(y.Skipped) != 1 || y.Skipped[0].Row != 2 || !strings.Contains(y.Skipped[0].Reason, "loop") {
			t.Errorf("skipped %v", y.Skipped)
		}
	})
}

func TestHostileTexts(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.feed("town")
		w.o.Decoders = map[Format]Decoder{FormatMeetingGuide: func(_ []byte, feed FeedContext) (*Batch, error) {
			n := NewIntake(feed, 5)
			for i, r := range []RawRow{
				{ID: "a", Name: "<script>alert(1)</script>Safe"},
				{ID: "b\x00c", Name: strings.Repeat("é", 1<<20), Via: []string{"th\x00em"}, Raw: []byte("{\x00}")},
				{ID: "c", Name: "a\u202eb\u200b"},
				{ID: "c", Name: "Twice"},
				{ID: "'; DROP TABLE meeting; --", Name: "Bob\xffby"},
			} {
				r.Row, r.Start = i+1, "19:00"
				n.Add(&r)
			}
			return n.Batch(5), nil
		}}
		w.put("town", "other bytes")
		y, err := w.SyncFeed(t.Context(), "town", SyncOptions{})
		if err != nil {
			t.Fatal(err)
		}
		wantCounts(t, y, "applied rows 5 occurrences 5 added 5 changed 0 unchanged 0 gone 0")
		for _, m := range w.meetings() {
			if len(m.Name) > MaxName {
				t.Errorf("a name of %d bytes was stored", len(m.Name))
			}
		}
		if len(y.Warnings) != 3 {
			t.Errorf("want a warning for the long name, the repeated id and the byte that is no character, got %v", y.Warnings)
		}
	})
}

// A feed that lost most of its meetings, and was believed, has not changed its ids. One that gives all of
// them another id may have.
func TestWhenAFeedSeemsToHaveNewIDs(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.feed("town")
		rows := func(prefix string, n int) (list []row) {
			for i := range n {
				list = append(list, row{ID: fmt.Sprintf("%s%d", prefix, i), Name: fmt.Sprintf("%s %d", prefix, i), Day: i % 7})
			}
			return list
		}
		w.sync("town", rows("a", 30))
		w.put("town", rows("a", 5))
		y, err := w.SyncFeed(t.Context(), "town", SyncOptions{AcceptShrink: true})
		if err != nil || y.Gone != 25 || y.Added != 0 || len(y.Warnings) != 0 {
			t.Errorf("shrunk: %d gone, %d added, warnings %v, %v", y.Gone, y.Added, y.Warnings, err)
		}
		w.sync("town", rows("a", 30))
		if y := w.sync("town", rows("b", 30)); y.Gone != 30 || len(y.Warnings) != 1 || !strings.Contains(y.Warnings[0].Reason, "changed its ids?") {
			t.Errorf("new ids: %d gone, %d added, warnings %v", y.Gone, y.Added, y.Warnings)
		}
	})
}

func TestTheZoneOfAPlaceReachesTheCodec(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, Migrations, audit.Migrations))
	w.feed("town")
	w.o.Zone = func(float64, float64, string, string) string { return "America/Chicago" }
	w.o.Decoders = map[Format]Decoder{FormatMeetingGuide: func(_ []byte, feed FeedContext) (*Batch, error) {
		n := NewIntake(feed, 1)
		n.Add(&RawRow{Row: 1, ID: "a", Name: "Noon", Start: "12:00", Approx: "no", Lat: "41.9", Lng: "-87.6"})
		return n.Batch(1), nil
	}}
	w.put("town", "other bytes")
	if _, err := w.SyncFeed(t.Context(), "town", SyncOptions{}); err != nil {
		t.Fatal(err)
	}
	zones, err := db.All(t.Context(), w.d, db.Column[string], `SELECT zone FROM meeting`)
	if want := []string{"America/Chicago"}; err != nil || !cmp.Equal(zones, want) {
		t.Errorf("zones %q %v, want %q", zones, err, want)
	}
}

func TestRemovingAFeed(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.feed("town")
		w.feed("county")
		w.sync("town", []row{{ID: "a", Name: "Noon", Lat: 40, Lng: -75}, {ID: "b", Name: "Only Here"}})
		w.sync("county", []row{{ID: "x", Name: "Noon", Lat: 40, Lng: -75}})
		w.wantStates("Noon active 2", "Only Here active 1")
		ids := w.meetings()

		if err := w.RemoveFeed(t.Context(), "ed", "town"); err != nil {
			t.Fatal(err)
		}
		w.wantStates("Noon active 1", "Only Here removed 0")
		if err := w.RemoveFeed(t.Context(), "ed", "town"); !fault.Is(err, fault.NotFound) {
			t.Errorf("removing twice: %v", err)
		}
		if fs, err := w.Feeds(t.Context()); err != nil || len(fs) != 1 {
			t.Errorf("feeds: %v %v", fs, err)
		}

		w.feed("town")
		w.sync("town", []row{{ID: "a", Name: "Noon", Lat: 40, Lng: -75}, {ID: "b", Name: "Only Here"}})
		w.wantStates("Noon active 2", "Only Here active 1")
		for i, m := range w.meetings() {
			if m.ID != ids[i].ID {
				t.Error("a feed that comes back should bring its meetings back, not new ones")
			}
		}
	})
}

func TestTwoSyncsOfOneFeedAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.feed("town")
		w.put("town", many(50))
		var wg sync.WaitGroup
		reports := make([]*Sync, 4)
		for i := range reports {
			wg.Go(func() {
				y, err := w.SyncFeed(t.Context(), "town", SyncOptions{})
				if err != nil {
					t.Error(err)
				}
				reports[i] = y
			})
		}
		wg.Wait()
		applied := 0
		for _, y := range reports {
			if y != nil && y.State == SyncApplied {
				applied++
			}
		}
		if n := len(w.meetings()); applied != 1 || n != 50 {
			t.Errorf("%d of 4 were applied and there are %d meetings, want 1 and 50", applied, n)
		}
	})
}

func TestASyncBesideReaders(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.feed("town")
		w.sync("town", many(30))
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				for ctx.Err() == nil {
					n, err := db.One(t.Context(), w.d, db.Column[int64], `SELECT count(*) FROM meeting WHERE state = 'active'`)
					if err != nil || n%30 != 0 {
						t.Errorf("a reader saw %d active meetings: %v", n, err)
						return
					}
				}
			})
		}
		for range 3 {
			w.sync("town", many(60))
			w.sync("town", many(30))
		}
		stop()
		wg.Wait()
	})
}

// Several feeds that have the same meetings, read at once, while an editor writes: nothing may come out
// twice, and nothing that was written may be lost.
func TestSyncsOfSeveralFeedsAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.feed("first")
		w.sync("first", many(20))
		ids := w.meetings()
		var wg sync.WaitGroup
		for _, name := range []string{"second", "third", "fourth"} {
			w.feed(name)
			w.put(name, many(20))
			wg.Go(func() {
				if _, err := w.SyncFeed(t.Context(), name, SyncOptions{}); err != nil {
					t.Error(err)
				}
			})
		}
		for _, m := range ids {
			wg.Go(func() {
				if err := w.SetOverrides(t.Context(), "ed", m.ID, map[string]string{"notes": "Ring " + m.Name}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for i, m := range w.meetings() {
			if i >= len(ids) || m.ID != ids[i].ID || m.Feeds != 4 {
				t.Errorf("meeting %d is %+v, want 20 meetings that all four feeds have", i, m)
				continue
			}
			if got, want := w.details(m.ID).Meeting.Notes, "Ring "+m.Name; got != want {
				t.Errorf("notes %q, want %q", got, want)
			}
		}
	})
}

func TestAFeedThatIsRemovedWhileItIsRead(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.feed("town")
		w.sync("town", many(3))
		w.put("town", many(5))
		y, err := w.SyncFeed(t.Context(), "town", SyncOptions{Progress: func(p string) {
			if strings.HasPrefix(p, "comparing") {
				if err := w.RemoveFeed(t.Context(), "ed", "town"); err != nil {
					t.Error(err)
				}
			}
		}})
		if !fault.Is(err, fault.Conflict) || y.State != SyncFailed {
			t.Errorf("got %v %v", y, err)
		}
		for _, m := range w.meetings() {
			if m.State != "removed" {
				t.Errorf("meeting %+v of a removed feed", m)
			}
		}
	})
}
