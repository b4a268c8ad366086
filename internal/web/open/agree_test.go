package open_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/internal/app"
	"hearth/internal/app/apptest"
	"hearth/internal/db/dbtest"
)

var (
	linked  = regexp.MustCompile(`href="[^"]*/m/([0-9a-f-]{36})"`)
	counted = regexp.MustCompile(`(\d+|No) meetings?`)
)

// The same question has the same answer on the page, in a frame, on paper, on the map, for programs and in feeds.
func TestTheSameAnswerEverywhere(t *testing.T) {
	s := apptest.On(t, dbtest.SQLite(t, app.Sources...))
	load(t, s, "town", "aa", town())
	p := s.Person(t)
	for _, query := range []string{"day=mon", "day=tue,wed", "attendance=online", "attendance=hybrid", "may=speak", "may=speak&answer=unknown", "text=stones", "fellowship=aa&from=18:00&until=02:00", "near=41.78,-73.69&within=5mi", "unplaced=yes", "kind=twelve_step"} {
		var api struct {
			Count    int
			Meetings []struct {
				ID  string
				Lat *float64
			}
		}
		if err := json.Unmarshal([]byte(p.Get("/api/v1/meetings?"+query).Body), &api); err != nil {
			t.Fatal(err)
		}
		var inOrder, sorted []string
		for _, m := range api.Meetings {
			inOrder = append(inOrder, m.ID)
		}
		sorted = slices.Sorted(slices.Values(inOrder))
		if api.Count != len(inOrder) {
			t.Errorf("%s: the API counts %d and gives %d", query, api.Count, len(inOrder))
		}
		page, _, _ := strings.Cut(p.Get("/?"+query).Body, "Not known yet</h2>") // the list itself, without what is beside it
		frame := p.Get("/embed?" + query).Body
		paper := p.Get("/print?" + query).Body
		for where, body := range map[string]string{"page": page, "frame": frame, "paper": paper} {
			var got []string
			for _, m := range linked.FindAllStringSubmatch(body, -1) {
				if !slices.Contains(got, m[1]) {
					got = append(got, m[1])
				}
			}
			if where == "paper" { // is in the order of the week
				slices.Sort(got)
				if !slices.Equal(got, sorted) {
					t.Errorf("%s, %s: %v, want %v", query, where, got, sorted)
				}
			} else if !slices.Equal(got, inOrder) {
				t.Errorf("%s, %s: %v, want %v", query, where, got, inOrder)
			}
			want := fmt.Sprint(api.Count)
			if api.Count == 0 {
				continue // each says in its own words that there is none
			}
			if m := counted.FindStringSubmatch(body); m == nil || m[1] != want {
				t.Errorf("%s, %s: says %q, want %s", query, where, m, want)
			}
		}
		if n := strings.Count(p.Get("/feeds/meetings.json?"+query).Body, `"slug"`); n != api.Count {
			t.Errorf("%s: %d in the feed, want %d", query, n, api.Count)
		}
	}
}

// A list is dated by the clocks of its place: in the evening it is tomorrow in UTC.
func TestPaperIsDatedWhereItIsRead(t *testing.T) {
	s := apptest.On(t, dbtest.SQLite(t, app.Sources...))
	load(t, s, "town", "aa", town())
	s.Clock.Set(time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC))
	if body := s.Person(t).Get("/print?day=mon").Body; !strings.Contains(body, "As of 21 November 2026") {
		t.Error(body[strings.Index(body, "As of"):][:40])
	}
}
