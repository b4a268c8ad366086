package meeting

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"hearth/internal/db"
	"hearth/internal/db/dbtest"
)

// The id that other communities know this one by must outlive a restart, and no two may share one.
func TestACommunityKeepsItsID(t *testing.T) {
	t.Parallel()
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		first, err := InstanceID(t.Context(), d)
		if err != nil || len(first) < 16 {
			t.Fatalf("id %q, %v", first, err)
		}
		again, err := InstanceID(t.Context(), d)
		if err != nil || again != first {
			t.Errorf("asked again it is %q (%v), was %q", again, err, first)
		}
	}, Migrations)
}

func TestPublishShowsWhatThePublicSees(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.feed("town")
		w.sync("town", []row{{ID: "a", Name: "Noon"}, {ID: "b", Name: "Evening", Source: "county"}, {ID: "c", Name: "Gone soon"}})
		w.sync("town", []row{{ID: "a", Name: "Noon"}, {ID: "b", Name: "Evening", Source: "county"}})
		var all []Published
		collect := func(p *Published) error {
			all = append(all, *p)
			return nil
		}
		if err := w.Publish(t.Context(), nil, collect); err != nil {
			t.Fatal(err)
		}
		if len(all) != 2 || !slices.IsSortedFunc(all, func(a, b Published) int { return strings.Compare(a.ID, b.ID) }) {
			t.Fatalf("published %+v, want the two that are listed, by id", all)
		}
		for _, p := range all {
			var card map[string]any
			if err := json.Unmarshal(p.Welcome, &card); err != nil || len(card) != 7 {
				t.Errorf("%s: welcome %s: %v", p.Meeting.Name, p.Welcome, err)
			}
			if p.Feed != "town" || p.Changed.IsZero() || p.Fellowship == "" {
				t.Errorf("published %+v", p)
			}
		}
		want := all[1]
		all = nil
		if err := w.Publish(t.Context(), []string{want.ID, "unknown", want.ID}, collect); err != nil {
			t.Fatal(err)
		}
		if len(all) != 1 || all[0].ID != want.ID {
			t.Errorf("asked for one meeting, got %+v", all)
		}
		all = nil
		if err := w.Publish(t.Context(), []string{}, collect); err != nil || len(all) != 0 {
			t.Errorf("asked for none, got %+v, %v", all, err)
		}
	})
}
