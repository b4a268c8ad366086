package meeting

import (
	"strings"
	"testing"
	"time"

	"hearth/internal/db"
	"hearth/internal/fault"
)

func TestAFeedIsChangedAndKeepsItsMeetings(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.feed("town")
		w.sync("town", []row{{ID: "a", Name: "Noon", Lat: 40, Lng: -75}, {ID: "b", Name: "Night"}})
		ids := w.meetings()
		f, err := w.FeedByName(t.Context(), "town")
		if err != nil {
			t.Fatal(err)
		}
		version := f.Version()
		f.Zone, f.Fellowship, f.Every = "America/Chicago", "na", time.Hour
		if _, err := w.SetFeed(t.Context(), "ed", version, f); err != nil {
			t.Fatal(err)
		}
		y, err := w.SyncFeed(t.Context(), "town", SyncOptions{})
		if err != nil {
			t.Fatal(err)
		}
		wantCounts(t, y, "applied rows 2 occurrences 2 added 0 changed 2 unchanged 0 gone 0")
		for i, m := range w.meetings() {
			if m.ID != ids[i].ID {
				t.Error("a meeting lost its id")
			}
		}
		type now struct{ zone, fellowship string }
		all, err := db.All(t.Context(), w.d, func(scan db.Scan) (n now, err error) {
			err = scan(&n.zone, &n.fellowship)
			return n, err
		}, `SELECT zone, fellowship FROM meeting`)
		if err != nil || len(all) != 2 || all[0] != (now{"America/Chicago", "na"}) || all[1] != all[0] {
			t.Errorf("meetings %v (%v)", all, err)
		}
		if said := w.audited("feed.set"); len(said) != 1 || said[0] != "town: fellowship, zone, every" {
			t.Errorf("audited %q", said)
		}

		// The second of two who saw the same settings is told.
		f.Zone = "America/Denver"
		if _, err := w.SetFeed(t.Context(), "bo", version, f); !fault.Is(err, fault.Conflict) || !strings.Contains(fault.As(err).Text(), "Somebody else") {
			t.Errorf("got %v", err)
		}
		f.Zone = "Mars/Olympus"
		if _, err := w.SetFeed(t.Context(), "bo", w.version("town"), f); !fault.Is(err, fault.Invalid) {
			t.Errorf("got %v", err)
		}
		f.Name = "no such"
		if _, err := w.SetFeed(t.Context(), "bo", version, f); !fault.Is(err, fault.NotFound) {
			t.Errorf("got %v", err)
		}
		if said := w.audited("feed.set"); len(said) != 1 {
			t.Errorf("audited %q", said)
		}
	})
}

// A sync that is under way reads by the settings that were; it must not write any more.
func TestASyncUnderWayWhenItsFeedIsChanged(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.feed("town")
		usual := w.o.Decoders[FormatMeetingGuide]
		w.o.Decoders[FormatMeetingGuide] = func(payload []byte, feed FeedContext) (*Batch, error) {
			f, err := w.FeedByName(t.Context(), "town")
			if err != nil {
				return nil, err
			}
			version := f.Version()
			f.Zone = "America/Chicago"
			if _, err := w.SetFeed(t.Context(), "ed", version, f); err != nil {
				return nil, err
			}
			return usual(payload, feed)
		}
		w.put("town", []row{{ID: "a", Name: "Noon"}})
		if _, err := w.SyncFeed(t.Context(), "town", SyncOptions{}); !fault.Is(err, fault.Conflict) {
			t.Fatalf("got %v", err)
		}
		w.wantStates()
	})
}

func TestRefusingWhatWasKeptBack(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.feed("town")
		w.sync("town", []row{{ID: "a", Name: "Noon"}, {ID: "b", Name: "Night"}})
		if err := w.RefuseHeld(t.Context(), "ed", "town"); !fault.Is(err, fault.Conflict) {
			t.Errorf("nothing is held: %v", err)
		}
		if y := w.sync("town", []row{}); y.State != SyncHeld {
			t.Fatalf("got %s", y.State)
		}
		if err := w.RefuseHeld(t.Context(), "ed", "town"); err != nil {
			t.Fatal(err)
		}
		f, err := w.FeedByName(t.Context(), "town")
		if err != nil || f.Held || f.Active != 2 {
			t.Errorf("held %v, %d meetings, %v", f.Held, f.Active, err)
		}
		y, err := w.SyncFeed(t.Context(), "town", SyncOptions{})
		if err == nil || y.State != SyncFailed || !strings.Contains(y.Error, "refused") {
			t.Errorf("the same again: %v %v", y, err)
		}
		w.wantStates("Noon active 1", "Night active 1")
		if said := w.audited("feed.refuse"); len(said) != 1 || said[0] != "town" {
			t.Errorf("audited %q", said)
		}
		if y := w.sync("town", []row{{ID: "a", Name: "Noon"}, {ID: "b", Name: "Night"}}); y.State != SyncSame {
			t.Errorf("back to what it was: %s", y.State)
		}
		w.put("town", []row{})
		if y, err := w.SyncFeed(t.Context(), "town", SyncOptions{AcceptShrink: true}); err != nil || y.Gone != 2 {
			t.Errorf("taken after all: %v %v", y, err)
		}
	})
}

func (w *world) version(name string) string {
	f, err := w.FeedByName(w.t.Context(), name)
	if err != nil {
		w.t.Fatal(err)
	}
	return f.Version()
}

// audited are the details of what was recorded of an action.
func (w *world) audited(action string) []string {
	all, err := db.All(w.t.Context(), w.d, db.Column[string], `SELECT detail FROM audit_entry WHERE action = $1 ORDER BY seq`, action)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}
