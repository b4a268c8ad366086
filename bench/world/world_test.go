package world_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"hearth/bench/world"
	"hearth/internal/meeting"
)

func TestAWorldIsTheSameEachTime(t *testing.T) {
	a, b := world.Make(7, 5000), world.Make(7, 5000)
	online, mondays := 0, 0
	ids := map[string]bool{}
	for i := range a.Size {
		m := a.Meeting(i)
		if i%97 == 0 {
			if d := cmp.Diff(m, b.Meeting(i)); d != "" {
				t.Fatal(d)
			}
		}
		if m.Attendance == meeting.Online {
			online++
		}
		if m.Day == 1 {
			mondays++
		}
		ids[m.SourceID] = true
	}
	if share := float64(online) / float64(a.Size); share < 0.13 || share > 0.17 {
		t.Errorf("%.2f are online", share)
	}
	if mondays < a.Size/8 || len(ids) != a.Size {
		t.Errorf("%d mondays, %d ids", mondays, len(ids))
	}
}

func TestALargerWorldHasMoreAndLargerTowns(t *testing.T) {
	small, large := world.Make(1, 10_000), world.Make(1, 300_000)
	if len(large.Towns) < 20*len(small.Towns) || large.Towns[0].Meetings <= small.Towns[0].Meetings {
		t.Errorf("%d towns up to %d, and %d up to %d", len(small.Towns), small.Towns[0].Meetings, len(large.Towns), large.Towns[0].Meetings)
	}
	names := map[string]bool{}
	for _, town := range large.Towns {
		if names[town.Name] {
			t.Fatalf("%s twice", town.Name)
		}
		names[town.Name] = true
	}
}
