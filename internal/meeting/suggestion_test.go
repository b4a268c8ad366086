package meeting

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hearth/internal/audit"
	"hearth/internal/civil"
	"hearth/internal/db"
	"hearth/internal/fault"
)

// oneMeeting is a world with one meeting of one feed, and its id.
func oneMeeting(w *world) string {
	w.t.Helper()
	w.feed("town")
	w.sync("town", []row{{ID: "a", Name: "Noon", Address: "1 Main St", Lat: 40, Lng: -75, Time: "12:00"}})
	return w.meetings()[0].ID
}

func (w *world) details(id string) *Details {
	w.t.Helper()
	d, err := w.Details(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

func (w *world) deeds() []string {
	w.t.Helper()
	es, err := audit.List(w.t.Context(), w.d, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	var all []string
	for _, e := range es {
		all = append(all, strings.TrimSpace(e.Actor+" "+e.Action+" "+e.Detail))
	}
	return all
}

func TestASuggestionIsAcceptedFieldByField(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		id := oneMeeting(w)
		x, err := w.SuggestChange(t.Context(), Suggestion{
			MeetingID: id, Note: "I went there\x00 \u202etwice", Remote: "192.0.2.7:4711",
			Fields: map[string]string{"start": "12:30 PM", "name": "Noon", "notes": "Ring the bell"},
		})
		if err != nil {
			t.Fatal(err)
		}
		xs, err := w.Suggestions(t.Context())
		if err != nil || len(xs) != 1 {
			t.Fatalf("queue %v %v", xs, err)
		}
		want := []Change{{"a", "Noon", "start", "12:00", "12:30"}, {"a", "Noon", "notes", "", "Ring the bell"}}
		if diff := cmp.Diff(want, xs[0].Changes); diff != "" || xs[0].Note != "I went there twice" {
			t.Errorf("changes (-want +got):\n%s\nnote %q", diff, xs[0].Note)
		}
		if w.details(id).Meeting.Start != 720 {
			t.Error("nothing should change before an editor agrees")
		}
		if err := w.DecideSuggestionInPart(t.Context(), "ed", x.ID, true, []string{"start"}, "thanks"); err != nil {
			t.Fatal(err)
		}
		d := w.details(id)
		if d.Meeting.Start != 750 || d.Meeting.Notes != "" || len(d.Overrides) != 1 || d.Overrides[0].By != "ed" {
			t.Errorf("meeting %+v, overrides %v", d.Meeting, d.Overrides)
		}
		if err := w.DecideSuggestion(t.Context(), "ed", x.ID, false, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("deciding twice: %v", err)
		}
		if !slices.Contains(w.deeds(), "ed suggestion.accept start") || !slices.Contains(w.deeds(), "ed meeting.override start") {
			t.Errorf("audit record: %q", w.deeds())
		}
	})
}

func TestWhatPeopleHereWroteOutlivesTheFeed(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		id := oneMeeting(w)
		if err := w.SetOverrides(t.Context(), "ed", id, map[string]string{"name": "Our Noon", "address": "2 Main St"}); err != nil {
			t.Fatal(err)
		}
		if d := w.details(id); d.Meeting.HasPoint {
			t.Error("a pin at the old address would lead to the wrong door")
		}
		y := w.sync("town", []row{{ID: "a", Name: "Feed's Noon", Notes: "new", Lat: 40, Lng: -75}})
		wantCounts(t, y, "applied rows 1 occurrences 1 added 0 changed 1 unchanged 0 gone 0")
		d := w.details(id)
		if d.Meeting.Name != "Our Noon" || d.Meeting.Address != "2 Main St" || d.Meeting.Notes != "new" {
			t.Errorf("overrides should stand, the rest follow the feed: %+v", d.Meeting)
		}
		if err := w.ClearOverride(t.Context(), "ed", id, "name"); err != nil {
			t.Fatal(err)
		}
		if d := w.details(id); d.Meeting.Name != "Feed's Noon" {
			t.Errorf("without the override the feed speaks: %q", d.Meeting.Name)
		}

		w.sync("town", []row{{ID: "z", Name: "Another"}})
		if err := w.SetOverrides(t.Context(), "ed", id, map[string]string{"notes": "written while it was gone"}); err != nil {
			t.Fatal(err)
		}
		w.sync("town", []row{{ID: "z", Name: "Another"}, {ID: "a", Name: "Feed's Noon", Lat: 40, Lng: -75}})
		if d := w.details(id); d.Meeting.Notes != "written while it was gone" || d.Gone() {
			t.Errorf("back with what was written: %+v", d)
		}
	})
}

func TestOverridesOfAMergedMeetingStand(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.feed("one")
		w.feed("two")
		w.sync("one", []row{{ID: "a", Name: "Noon", Lat: 40, Lng: -75}})
		w.sync("two", []row{{ID: "b", Name: "Noon", Lat: 41, Lng: -75}})
		second := w.meetings()[1].ID
		if err := w.SetOverrides(t.Context(), "ed", second, map[string]string{"notes": "Ring twice"}); err != nil {
			t.Fatal(err)
		}
		w.sync("two", []row{{ID: "b", Name: "Noon", Lat: 40, Lng: -75}})
		d := w.details(second)
		if d.ID != w.meetings()[0].ID || d.Meeting.Notes != "Ring twice" || len(d.Overrides) != 1 {
			t.Errorf("joined: %+v", d)
		}
		w.sync("two", []row{{ID: "b", Name: "Noon", Lat: 41, Lng: -75}})
		if d := w.details(second); d.ID != second || d.Meeting.Notes != "Ring twice" || len(w.details(w.meetings()[0].ID).Overrides) != 0 {
			t.Errorf("parted: %+v", d)
		}
	})
}

func TestBadSuggestionsAreRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		id := oneMeeting(w)
		for name, c := range map[string]struct {
			x     Suggestion
			field string
		}{
			"nothing said":       {Suggestion{}, "note"},
			"nothing new":        {Suggestion{Fields: map[string]string{"name": " Noon "}}, "note"},
			"no such field":      {Suggestion{Fields: map[string]string{"welcome": "yes"}}, "welcome"},
			"the source's alone": {Suggestion{Fields: map[string]string{"entity": "us"}}, "entity"},
			"no name":            {Suggestion{Fields: map[string]string{"name": ""}}, "name"},
			"no time":            {Suggestion{Fields: map[string]string{"start": "noonish"}}, "start"},
			"no day":             {Suggestion{Fields: map[string]string{"day": "8"}}, "day"},
			"a script":           {Suggestion{Fields: map[string]string{"conference_url": "javascript:alert(1)"}}, "conference_url"},
			"too long":           {Suggestion{Fields: map[string]string{"notes": strings.Repeat("x", maxFieldText+1)}}, "notes"},
			"a long note":        {Suggestion{Note: strings.Repeat("x", maxFieldText+1)}, "note"},
		} {
			c.x.MeetingID = id
			for _, send := range []func() error{
				func() error { return w.CheckSuggestion(t.Context(), c.x) },
				func() error { _, err := w.SuggestChange(t.Context(), c.x); return err },
			} {
				f := fault.As(send())
				if f == nil || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Name != c.field {
					t.Errorf("%s: got %v, want a message for %s", name, f, c.field)
				}
			}
		}
		if _, err := w.SuggestChange(t.Context(), Suggestion{MeetingID: "nope", Note: "x"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("unknown meeting: %v", err)
		}
	})
}

func TestAFloodOfSuggestionsIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		id := oneMeeting(w)
		send := func(remote string) error {
			_, err := w.SuggestChange(t.Context(), Suggestion{MeetingID: id, Note: "x", Remote: remote})
			return err
		}
		for range suggestionsPerNetwork {
			if err := send("192.0.2.1:1"); err != nil {
				t.Fatal(err)
			}
		}
		if err := send("192.0.2.1:2"); !fault.Is(err, fault.TooMany) {
			t.Errorf("one network too much: %v", err)
		}
		if err := send("192.0.2.2:2"); err != nil {
			t.Errorf("another network: %v", err)
		}
	})
}

func TestAClosedMeetingIsHidden(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		id := oneMeeting(w)
		x, err := w.SuggestChange(t.Context(), Suggestion{MeetingID: id, Closed: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.DecideSuggestion(t.Context(), "ed", x.ID, true, ""); err != nil {
			t.Fatal(err)
		}
		w.wantStates("Noon hidden 1")
		w.sync("town", []row{{ID: "a", Name: "Noon!", Lat: 40, Lng: -75}})
		w.wantStates("Noon! hidden 1")
		if err := w.ShowMeeting(t.Context(), "ed", id); err != nil {
			t.Fatal(err)
		}
		w.wantStates("Noon! active 1")
		if err := w.HideMeeting(t.Context(), "ed", id, "the house burnt down"); err != nil {
			t.Fatal(err)
		}
		w.wantStates("Noon! hidden 1")
	})
}

// The page of a meeting that is gone still says what it was, so it can be taken down too.
func TestAMeetingThatIsGoneCanBeHidden(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		id := oneMeeting(w)
		w.sync("town", []row{{ID: "b", Name: "Dusk", Time: "18:00"}})
		w.wantStates("Noon gone 0", "Dusk active 1")
		if err := w.HideMeeting(t.Context(), "ed", id, "somebody's house"); err != nil {
			t.Fatal(err)
		}
		w.wantStates("Noon hidden 0", "Dusk active 1")
		if err := w.ShowMeeting(t.Context(), "ed", id); err != nil {
			t.Fatal(err)
		}
		w.wantStates("Noon gone 0", "Dusk active 1")

		// One that was hidden while it stood stays so when its feed drops it, and when it comes back.
		if err := w.HideMeeting(t.Context(), "ed", id, ""); err != nil {
			t.Fatal(err)
		}
		noon := row{ID: "a", Name: "Noon", Address: "1 Main St", Lat: 40, Lng: -75, Time: "12:00"}
		w.sync("town", []row{noon})
		w.wantStates("Noon hidden 1", "Dusk gone 0")
		w.sync("town", []row{{ID: "b", Name: "Dusk", Time: "18:00"}})
		w.wantStates("Noon hidden 0", "Dusk active 1")
	})
}

func TestAStaleSuggestionSaysSo(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		id := oneMeeting(w)
		if _, err := w.SuggestChange(t.Context(), Suggestion{MeetingID: id, Fields: map[string]string{"name": "Midday"}}); err != nil {
			t.Fatal(err)
		}
		w.sync("town", []row{{ID: "a", Name: "High Noon", Lat: 40, Lng: -75, Time: "12:00"}})
		xs, err := w.Suggestions(t.Context())
		if err != nil || len(xs) != 1 || !cmp.Equal(xs[0].Stale, []string{"name"}) {
			t.Errorf("%+v %v", xs, err)
		}
	})
}

func TestAMeetingThatNoFeedHas(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		o := Occurrence{
			Name: "Kitchen Table", Day: 3, Start: 1140, End: civil.NoClock, Zone: "America/New_York",
			Attendance: InPerson, Address: "7 Elm St, Milltown, PA", Lat: 40, Lng: -75, HasPoint: true,
		}
		id, err := w.AddMeeting(t.Context(), "ed", "mara", o)
		if err != nil {
			t.Fatal(err)
		}
		d := w.details(id)
		if d.Meeting.Name != "Kitchen Table" || d.Meeting.End != 1200 || d.Fellowship != "mara" || len(d.Sources) != 1 || d.Feed != "local" {
			t.Errorf("%+v", d)
		}
		if err := w.SetOverrides(t.Context(), "ed", id, map[string]string{"name": "Kitchen"}); err != nil {
			t.Fatal(err)
		}
		w.put("mara", []row{{ID: "k", Name: "Kitchen Table", Day: 3, Lat: 40, Lng: -75, Notes: "theirs"}})
		if _, err := w.AddFeed(t.Context(), "ed", Feed{Name: "mara", Format: FormatMeetingGuide, Fellowship: "mara", Zone: "America/New_York", File: w.path("mara")}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.SyncFeed(t.Context(), "mara", SyncOptions{}); err != nil {
			t.Fatal(err)
		}
		w.wantStates("Kitchen active 2")
		if d := w.details(id); d.Feed != "local" || d.Meeting.Notes != "" {
			t.Errorf("what an editor here added speaks first: %+v", d)
		}
		if fs, err := w.Feeds(t.Context()); err != nil || len(fs) != 1 {
			t.Errorf("the built-in source is no feed: %v %v", fs, err)
		}
		if _, err := w.SyncFeed(t.Context(), "local", SyncOptions{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("nor can it be synced: %v", err)
		}
		if err := w.RemoveFeed(t.Context(), "ed", "local"); !fault.Is(err, fault.NotFound) {
			t.Errorf("nor removed: %v", err)
		}
	})
}

func TestAMeetingMustBeWhole(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		_, err := w.AddMeeting(t.Context(), "ed", "AA!", Occurrence{Day: 1, Start: civil.NoClock, End: civil.NoClock, Attendance: Hybrid})
		f := fault.As(err)
		if f == nil {
			t.Fatal("it was taken")
		}
		var fields []string
		for _, x := range f.Fields {
			fields = append(fields, x.Name)
		}
		if want := []string{"fellowship", "name", "start", "address", "conference_url", "zone"}; !cmp.Equal(fields, want) {
			t.Errorf("fields %q, want %q", fields, want)
		}
		if n, err := db.One(t.Context(), w.d, db.Column[int64], `SELECT count(*) FROM meeting`); err != nil || n != 0 {
			t.Errorf("%d meetings, %v", n, err)
		}
	})
}

// What strangers wrote to editors goes by its age, whether anybody has read it or not.
func TestWordsToEditorsAreErased(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		id := oneMeeting(w)
		suggest := func() string {
			t.Helper()
			x, err := w.SuggestChange(t.Context(), Suggestion{MeetingID: id, Note: "I was turned away", Fields: map[string]string{"notes": "Ask for Jane Doe"}})
			if err != nil {
				t.Fatal(err)
			}
			return x.ID
		}
		open, decided := suggest(), suggest()
		if err := w.DecideSuggestion(t.Context(), "ed", decided, false, "It was Jane herself"); err != nil {
			t.Fatal(err)
		}
		after := func(id string, d time.Duration) Suggestion {
			t.Helper()
			w.later(d)
			if err := w.forgetSuggestions(t.Context()); err != nil {
				t.Fatal(err)
			}
			found, err := suggestionsWhere(t.Context(), w.d, `s.id = $1`, id)
			if err != nil || len(found) != 1 {
				t.Fatal(found, err)
			}
			return found[0]
		}
		for _, x := range []Suggestion{after(open, notesKept-time.Second), after(decided, 0)} {
			if x.Note == "" || len(x.Changes) != 1 {
				t.Errorf("words are gone within half a year: %+v", x)
			}
		}
		for _, x := range []Suggestion{after(open, 2*time.Second), after(decided, 0)} {
			if x.Note+x.Answer != "" || len(x.Changes) != 0 || x.State != SuggestionDeclined {
				t.Errorf("half a year later it is %+v", x)
			}
		}
		if at := after(open, time.Hour).DecidedAt; !at.Equal(w.now.Add(-time.Hour)) {
			t.Errorf("the one that nobody decided was declined at %v", at)
		}
	})
}

func TestTheHistoryOfAMeeting(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		id := oneMeeting(w)
		w.sync("town", []row{{ID: "a", Name: "High Noon", Address: "1 Main St", Lat: 40, Lng: -75, Time: "12:00"}})
		hs, err := w.History(t.Context(), id, 10)
		if want := []Happened{{w.now, "town", "name", "Noon", "High Noon"}}; err != nil || !cmp.Equal(hs, want) {
			t.Errorf("got %v %v, want %v", hs, err, want)
		}
		if _, err := w.History(t.Context(), "nope", 10); !fault.Is(err, fault.NotFound) {
			t.Errorf("unknown meeting: %v", err)
		}
	})
}
