package meeting

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
)

func TestNamesThatAreAlike(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Happy Hour", "Happy Hour Group (HYBRID)", true},
		{"Nueva Vida", "Grupo Nueva Vida", true},
		{"Serenity on Sundays", "Sunday Serenity", true},
		{"Women's Meeting", "Men's Meeting", false},
		{"Women's Step Study", "Step Study (Women)", true},
		{"Primary Purpose", "Primary Purpose Group", true},
		{"Primary Purpose", "Early Risers", false},
		{"The Group", "The Meeting", false},
		{"", "", false},
	} {
		if _, got := alikeNames(nameWordsOf(c.a), nameWordsOf(c.b)); got != c.want {
			t.Errorf("%q and %q: alike %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestConferenceKey(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		"https://zoom.us/j/123456789?pwd=abc":          "zoom.us/123456789",
		"https://us02web.zoom.us/j/123456789":          "zoom.us/123456789",
		"https://us02web.zoom.us/wc/join/123456789":    "zoom.us/123456789",
		"http://www.zoom.us/my/Serenity":               "zoom.us/serenity",
		"https://evilzoom.us/j/123456789":              "evilzoom.us/j/123456789",
		"https://zoom.us/":                             "",
		"https://meet.google.com/abc-defg-hij?authu=0": "meet.google.com/abc-defg-hij",
		"https://meet.example.org/?room=7":             "meet.example.org?room=7",
		"not a link":                                   "",
		"":                                             "",
	} {
		if got := conferenceKey(link); got != want {
			t.Errorf("conferenceKey(%q) = %q, want %q", link, got, want)
		}
	}
}

func TestDuplicatesAcrossFeedsAreOneMeeting(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.feed("region")
		w.feed("town")
		noon := row{ID: "r1", Name: "High Noon", Lat: 40, Lng: -75, Source: "https://town.example.org"}
		zoom := row{ID: "r2", Name: "Night Owls", URL: "https://zoom.us/j/111"}
		w.sync("region", []row{noon, zoom, {ID: "r3", Name: "Elsewhere", Lat: 41, Lng: -75}})
		ids := w.meetings()

		here := row{ID: "t1", Name: "High Noon Group", Lat: 40.001, Lng: -75.0005, Notes: "ring twice"} // 119 m away
		w.sync("town", []row{here, {ID: "t2", Name: "Night Owls", URL: "https://us02web.zoom.us/j/111?pwd=x"}})
		w.wantStates("High Noon Group active 2", "Night Owls active 2", "Elsewhere active 1")
		for i, m := range w.meetings() {
			if m.ID != ids[i].ID {
				t.Error("joined meetings should keep the older id")
			}
		}
		d, err := w.Details(t.Context(), ids[0].ID)
		if err != nil || d.Feed != "town" || d.Meeting.Notes != "ring twice" || len(d.Sources) != 2 || d.Sources[0].Feed != "town" {
			t.Errorf("the original should speak for the meeting, both should be named: %+v %v", d, err)
		}

		here.Lat = 40.01 // the group has moved a kilometre, says the town; the region does not know
		w.sync("town", []row{here, {ID: "t2", Name: "Night Owls", URL: "https://zoom.us/j/111"}})
		w.wantStates("High Noon active 1", "Night Owls active 2", "Elsewhere active 1", "High Noon Group active 1")

		noon.Lat = 40.01
		w.sync("region", []row{noon, zoom})
		w.wantStates("High Noon Group active 2", "Night Owls active 2", "Elsewhere gone 0", "High Noon Group merged 0")
		d, err = w.Details(t.Context(), w.meetings()[3].ID)
		if err != nil || d.ID != ids[0].ID {
			t.Errorf("a merged meeting's page should lead to the one it became: %v %v", d, err)
		}

		w.sync("town", []row{{ID: "t3", Name: "Other"}})
		w.wantStates("High Noon active 1", "Night Owls active 1", "Elsewhere gone 0", "High Noon Group merged 0", "Other active 1")
	})
}

func TestNotJoined(t *testing.T) {
	base := row{ID: "a", Name: "Noon", Lat: 40, Lng: -75}
	for name, other := range map[string]row{
		"farther than 150 m": {ID: "b", Name: "Noon", Lat: 40.0014, Lng: -75},
		"another day":        {ID: "b", Name: "Noon", Lat: 40, Lng: -75, Day: 1},
		"another time":       {ID: "b", Name: "Noon", Lat: 40, Lng: -75, Time: "19:30"},
		"another name":       {ID: "b", Name: "Early Risers", Lat: 40, Lng: -75},
		"another zone":       {ID: "b", Name: "Noon", Lat: 40, Lng: -75, Zone: "America/Chicago"},
		"no place":           {ID: "b", Name: "Noon"},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *world) {
				w.feed("one")
				w.feed("two")
				w.sync("one", []row{base})
				w.sync("two", []row{other})
				w.wantStates(base.Name+" active 1", other.Name+" active 1")
			})
		})
	}
}

func TestTwoOfOneFeedAreNeverOne(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.feed("one")
		w.feed("two")
		w.sync("one", []row{{ID: "a", Name: "Noon", Lat: 40, Lng: -75}, {ID: "b", Name: "Noon Upstairs", Lat: 40, Lng: -75}})
		w.sync("two", []row{{ID: "y", Name: "Noon (Upstairs)", Lat: 40, Lng: -75}, {ID: "x", Name: "Noon", Lat: 40, Lng: -75}})
		w.wantStates("Noon active 2", "Noon Upstairs active 2")
	})
}

func TestARenamedRowKeepsItsMeeting(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.feed("town")
		w.sync("town", []row{{ID: "old", Name: "Noon", Lat: 40, Lng: -75}, {ID: "b", Name: "Late"}})
		before := w.meetings()[0].ID
		y := w.sync("town", []row{{ID: "new", Name: "Noon", Lat: 40, Lng: -75}, {ID: "b", Name: "Late"}})
		wantCounts(t, y, "applied rows 2 occurrences 2 added 1 changed 0 unchanged 1 gone 1")
		w.wantStates("Noon active 1", "Late active 1")
		if w.meetings()[0].ID != before {
			t.Error("the same meeting under a new id in its feed should keep what is known of its welcome")
		}
	})
}

// A feed that puts thousands of meetings into one room at one time is nonsense, and must be quick nonsense.
func TestACrowdedRoomIsNotCompared(t *testing.T) {
	t.Parallel()
	const n = 40_000
	ls := make([]*listing, n)
	for i := range ls {
		ls[i] = &listing{
			ID: fmt.Sprintf("%06d", i), FeedID: fmt.Sprint(i % 2), Slot: "aa/1/60", Name: fmt.Sprint("Group ", i),
			Lat: 40, Lng: -75, HasPoint: true, Conference: "zoom.us/1", Place: "1 main st",
		}
	}
	asked := 0
	j := &joiner{now: time.Unix(0, 0)}
	j.pairs(ls, func(a, b *listing) bool { asked++; return false })
	if asked > n*crowdedBand {
		t.Errorf("%d comparisons of %d listings", asked, n)
	}
}

// A codec joins rows that say the same and keeps their ids: they must not look gone, nor change with the
// order of the rows.
func TestRowsThatRepeatEachOther(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.feed("town")
		w.sync("town", []row{{ID: "a", Name: "Noon"}, {ID: "b", Name: "Midday"}, {ID: "c", Name: "Late"}})
		ids := w.meetings()
		y := w.sync("town", []row{{ID: "x", Name: "Noon", Repeats: []string{"a"}}, {ID: "c", Name: "Late", Repeats: []string{"b", "y"}}})
		wantCounts(t, y, "applied rows 2 occurrences 2 added 2 changed 3 unchanged 0 gone 0")
		w.wantStates("Noon active 1", "Midday merged 0", "Late active 1")
		if d := w.details(ids[1].ID); d.ID != ids[2].ID || len(d.Sources) != 1 {
			t.Errorf("the page of a meeting that is now listed once: %+v", d)
		}
		y = w.sync("town", []row{{ID: "y", Name: "Late", Repeats: []string{"b", "c"}}, {ID: "a", Name: "Noon", Repeats: []string{"x"}}})
		wantCounts(t, y, "applied rows 2 occurrences 2 added 0 changed 0 unchanged 2 gone 0")
		y = w.sync("town", []row{{ID: "a", Name: "Noon"}, {ID: "b", Name: "Midday"}, {ID: "c", Name: "Late"}})
		wantCounts(t, y, "applied rows 3 occurrences 3 added 1 changed 2 unchanged 0 gone 0")
		w.wantStates("Noon active 1", "Midday active 1", "Late active 1")
		for i, m := range w.meetings() {
			if m.ID != ids[i].ID {
				t.Error("each should be the meeting that it was")
			}
		}
	})
}

// Whatever feeds say in whatever order, every active listing has exactly one meeting, meetings do not mix
// slots or repeat a feed, and the outcome is the same as if everything had been said at once.
func TestJoinsHoldWhateverHappens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, dbtest.SQLite(t, Migrations, audit.Migrations))
		names := []string{"one", "two", "three"}
		for _, name := range names {
			w.feed(name)
		}
		for range rapid.IntRange(2, 6).Draw(rt, "syncs") {
			name := rapid.SampledFrom(names).Draw(rt, "feed")
			w.put(name, drawRows(rt))
			w.later(time.Minute)
			if _, err := w.SyncFeed(t.Context(), name, SyncOptions{AcceptShrink: true}); err != nil {
				rt.Fatal(err)
			}
			checkJoins(rt, t, w)
		}
	})
}

func drawRows(rt *rapid.T) []row {
	return rapid.SliceOfNDistinct(rapid.Custom(func(rt *rapid.T) row {
		return row{
			ID:   fmt.Sprint(rapid.IntRange(0, 4).Draw(rt, "id")),
			Name: rapid.SampledFrom([]string{"Noon", "Noon Group", "Early"}).Draw(rt, "name"),
			Lat:  40 + float64(rapid.IntRange(0, 2).Draw(rt, "lat"))/1000, Lng: -75,
			Day: rapid.IntRange(0, 1).Draw(rt, "day"),
		}
	}), 1, 5, func(r row) string { return r.ID }).Draw(rt, "rows")
}

func checkJoins(rt *rapid.T, t *testing.T, w *world) {
	ls, err := listingsIn(t.Context(), w.d, "state", []string{"active"})
	if err != nil {
		rt.Fatal(err)
	}
	by := map[string][]*listing{}
	for _, l := range ls {
		by[l.Meeting] = append(by[l.Meeting], l)
	}
	var joined [][]string
	for id, g := range by {
		feeds := map[string]bool{}
		var ids []string
		for _, l := range g {
			if l.Slot != g[0].Slot {
				rt.Errorf("meeting %s mixes %s and %s", id, l.Slot, g[0].Slot)
			}
			if feeds[l.FeedID] {
				rt.Errorf("meeting %s has two listings of one feed", id)
			}
			feeds[l.FeedID] = true
			ids = append(ids, l.ID)
		}
		slices.Sort(ids)
		joined = append(joined, ids)
	}
	var afresh [][]string
	bySlot := map[string][]*listing{}
	for _, l := range ls {
		bySlot[l.Slot] = append(bySlot[l.Slot], l)
	}
	j := &joiner{now: w.now}
	for _, ls := range bySlot {
		for _, g := range j.groups(ls) {
			var ids []string
			for _, l := range g {
				ids = append(ids, l.ID)
			}
			slices.Sort(ids)
			afresh = append(afresh, ids)
		}
	}
	order := func(a, b []string) int { return slices.Compare(a, b) }
	slices.SortFunc(joined, order)
	slices.SortFunc(afresh, order)
	if diff := cmp.Diff(afresh, joined); diff != "" {
		rt.Errorf("joins differ from what they would be afresh:\n%s", diff)
	}
	type state struct{ id, state, into string }
	ms, err := db.All(t.Context(), w.d, func(scan db.Scan) (s state, err error) {
		err = scan(&s.id, &s.state, &s.into)
		return s, err
	}, `SELECT id, state, merged_into FROM meeting`)
	if err != nil {
		rt.Fatal(err)
	}
	for _, m := range ms {
		if (m.state == "active") != (len(by[m.id]) > 0) {
			rt.Errorf("meeting %s is %s with %d active listings", m.id, m.state, len(by[m.id]))
		}
		if (m.state == "merged") != (m.into != "") {
			rt.Errorf("meeting %s is %s, merged into %q", m.id, m.state, m.into)
		}
	}
}
