package open_test

import (
	"fmt"
	"strings"
	"testing"

	"hearth/internal/app"
	"hearth/internal/app/apptest"
	"hearth/internal/db/dbtest"
)

// One request cannot ask for everything at once, nor for something that nobody knows.
func TestWhatProgramsMayAsk(t *testing.T) {
	s := apptest.On(t, dbtest.SQLite(t, app.Sources...))
	load(t, s, "town", "aa", town())
	p := s.Person(t)
	for path, want := range map[string]struct {
		status int
		says   string
	}{
		"/api/v1/meetings?limit=1000":            {200, ""},
		"/api/v1/meetings?limit=1001":            {422, "limit"},
		"/api/v1/meetings?offset=10000":          {200, ""},
		"/api/v1/meetings?offset=10001":          {422, "offset"},
		"/api/v1/meetings?fellowship=zz":         {422, "aa"},
		"/api/v1/meetings?type=ZZZ":              {422, "ZZZ"},
		"/api/v1/meetings?type=XX-OURS":          {200, "Morning Light"},
		"/api/v1/meetings?language=xx":           {422, "xx"},
		"/api/v1/meetings?within=10mi":           {422, "place"},
		"/api/v1/meetings?dya=mon":               {422, "dya"},
		"/api/v1/meetings?day=7":                 {200, "marks"},
		"/api/v1/meetings?text=%25ff%ff":         {422, "letters"},
		"/api/v1/meetings?text='":                {422, "letters or numbers"},
		"/api/v1/meetings?answer=no":             {422, "answer"},
		"/feeds/meetings.json?limit=10":          {422, "limit"},
		"/feeds/meetings.ics?offset=10":          {422, "offset"},
		"/feeds/meetings.ics?day=mon&lang=es":    {200, ""},
		"/api/v1/meetings?unplaced=yes":          {200, `"count":0`},
		"/api/v1/meetings?may=speak&answer=no":   {200, `"count":0`},
		"/api/v1/meetings?kind=cult":             {422, "twelve_step"},
		"/api/v1/meetings?need=gold&limit=99999": {422, "wheelchair"},
	} {
		d := p.Get(path)
		if d.Status != want.status || !strings.Contains(d.Body, want.says) {
			t.Errorf("%s: %d %.200s, want %d %q", path, d.Status, d.Body, want.status, want.says)
		}
	}
	if n := strings.Count(p.Get("/print?limit=1&fellowship=aa").Body, `class="sheet-when"`); n != 1 {
		t.Errorf("print: %s", fmt.Sprint(n))
	}
}
