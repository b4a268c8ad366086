package meeting

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hearth/internal/meeting/welcome"
	"hearth/internal/web/ui/uitest"
)

var allYes = welcome.Answers{welcome.Yes, welcome.Yes, welcome.Yes, welcome.Yes, welcome.Yes, welcome.Yes, welcome.Yes}

func TestFinder(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		d := h.get("/?q=Harlow&when=tonight&within=10mi")
		if d.Status != http.StatusOK {
			t.Fatalf("status %d", d.Status)
		}
		d.has("3 meetings tonight within 10 miles of Harlow, PA.", "Tonight, Tuesday 19 May", "Sorted by when", "Starts in 25 min",
			"St Brigid’s Hall, 12 Mill Street", "Not known: nobody has told us about this meeting yet.")
		if diff := cmp.Diff([]string{"Tuesday Open Door", "Riverside Steps", "Night Owls"}, d.rows()); diff != "" {
			t.Error(diff)
		}
		if got, want := d.link("Wed"), "/?place=Harlow&within=10mi&day=wed"; got != want {
			t.Errorf("the chip for Wednesday leads to %s, want %s", got, want)
		}
		if got, want := d.link("Harlow, KY"), "/?when=tonight&within=10mi&place=Harlow%2C+KY"; strings.ReplaceAll(got, "%2C", ",") != strings.ReplaceAll(want, "%2C", ",") {
			t.Errorf("the other Harlow: %s, want %s", got, want)
		}
		if got := d.fields("/"); got.Get("q") != "Harlow" || got.Get("when") != "tonight" || got.Get("within") != "10mi" || got.Has("place") {
			t.Errorf("the form would send %v", got)
		}
	})
}

func TestFinderWishes(t *testing.T) {
	h := inSmallHouse(t)
	for range 5 {
		h.told("open-door", allYes, welcome.Welcomed)
	}
	for range 9 {
		h.told("riverside", welcome.Answers{welcome.Speak: welcome.No}, welcome.ToldNotToSpeak)
	}
	h.told("late", allYes, 0)
	h.refresh()
	d := h.get("/?place=Harlow&day=tue&may=speak&within=10mi")
	d.has("1 meeting today within 10 miles of Harlow, PA, where you may usually speak. In 1 you may not; about 1 we do not know.", "Not known yet", "Night Owls",
		"You can go to these too.", "1 of the 3 visits we need.", "5 visits, latest in")
	if got := d.rows(); !slices.Equal(got, []string{"Tuesday Open Door", "Night Owls"}) {
		t.Errorf("rows %q: a meeting where one may not speak must be in neither list", got)
	}
	d = h.get("/?place=Harlow&day=tue&within=10mi")
	d.has("People on medication do not speak here; the rest is not known.")
}

func TestFinderElsewhere(t *testing.T) {
	h := inSmallHouse(t)
	d := h.get("/?attendance=online,hybrid&place=Harlow")
	d.has("Pacific Evening", "Pacific Time", "Online")
	d.hasNot("within 25 miles of Harlow, PA. You asked for: online. Nothing")
	row := ""
	for _, n := range d.all("li", "row") {
		if strings.Contains(text(n), "Pacific Evening") {
			row = text(n)
		}
	}
	if strings.Contains(row, " mi ") || !strings.HasPrefix(row, "18:00") {
		t.Errorf("an online meeting shows its own clock and no distance: %q", row)
	}
}

func TestFinderEmptyHanded(t *testing.T) {
	h := inSmallHouse(t)
	for path, want := range map[string][]string{
		"/?place=Harlow,+KY":                       {"No meetings within 25 miles of Harlow, KY", "online"},
		"/?place=Harlow&day=sun&within=10mi":       {"No meetings on Sundays", "on Tuesday"},
		"/?q=Zzyzx":                                {"We know no place called “Zzyzx”", "Clear filters"},
		"/?place=Harlow&may=lead":                  {"Show 4 meetings whatever is known of their welcome"},
		"/?place=Harlow&need=sign":                 {"without those wishes"},
		"/?offset=100":                             {"This page of the list is past its end.", "Back to the beginning"},
		"/?place=Harlow&from=03:00&until=04:00":    {"No meetings from 03:00 to 04:00, within 25 miles of Harlow, PA", "Clear filters"},
		"/?text=nothing+like+it&attendance=hybrid": {"with the words “nothing like it”", "Clear filters"},
	} {
		d := h.get(path)
		d.has("Nothing found here yet")
		d.has(want...)
		if n := len(d.all("a", "button-primary")); n != 1 {
			t.Errorf("%s offers %d first actions, not one", path, n)
		}
	}
}

// What is a town and a word in a meeting's name finds the meeting too: first where the town has none.
func TestFinderTownOrWords(t *testing.T) {
	h := inSmallHouse(t)
	for path, want := range map[string]struct{ label, href string }{
		"/?q=Evening":                      {"1 meeting with the word “Evening”", "/?text=Evening"},
		"/?place=pacific+evening&lang=es":  {"1 reunión con las palabras «pacific evening»", "/?text=pacific+evening"},
		"/?q=Evening&day=tue&within=100mi": {"1 meeting with the word “Evening”", "/?day=tue&text=Evening"},
	} {
		d := h.get(path)
		first := d.all("a", "button-primary")
		if len(first) != 1 || text(first[0]) != want.label || attr(first[0], "href") != want.href {
			t.Errorf("%s: the first action is %q", path, d.said())
		}
		if n := strings.Count(d.said(), want.label); n != 1 {
			t.Errorf("%s says it %d times", path, n)
		}
		if rows := h.get(want.href).rows(); !slices.Equal(rows, []string{"Pacific Evening"}) {
			t.Errorf("%s leads to %q", path, rows)
		}
	}
	d := h.get("/?q=Evening&within=2500mi")
	if href := d.link("1 meeting with the word “Evening”"); href != "/?text=Evening" || len(d.rows()) == 0 {
		t.Errorf("beside %d meetings the words lead to %q", len(d.rows()), href)
	}
	d = h.get("/?q=Night&within=10mi&attendance=in_person")
	d.hasNot("with the word") // Night Owls is around that place, so the list has it
	if !slices.Contains(d.rows(), "Night Owls") {
		t.Errorf("rows %q", d.rows())
	}
	d = h.get("/?q=Evening&day=sun")
	d.hasNot("with the word")
}

func TestFinderMisspelt(t *testing.T) {
	h := inSmallHouse(t)
	d := h.get("/?q=harlwo&day=tue")
	d.has("We know no place called “harlwo”", "Did you mean Harlow, PA · Harlow, KY ?")
	if href := d.link("Harlow, PA"); href != "/?day=tue&place=Harlow,+PA" && href != "/?day=tue&place=Harlow%2C+PA" {
		t.Errorf("the place leads to %s", href)
	}
	h.get("/?q=Zzyzx").hasNot("Did you mean")
	h.get("/?q=Owls").hasNot("Did you mean") // there is a meeting of that name
}

// What is wrong is said beside what was typed, and the rest of the filter still works.
func TestFinderWrongInput(t *testing.T) {
	h := inSmallHouse(t)
	d := h.get("/?q=Harlow&from=25:99&need=gold")
	if d.Status != http.StatusUnprocessableEntity {
		t.Errorf("status %d", d.Status)
	}
	d.has("Something here needs another look.", "Please give a time such as 17:30", "Tuesday Open Door")
	for _, n := range d.all("a", "") {
		if href := attr(n, "href"); strings.HasPrefix(href, "#f-") && !strings.Contains(d.Body, `id="`+href[1:]+`"`) {
			t.Errorf("the summary leads to %s, which is not there", href)
		}
	}
	if got := d.fields("/"); got.Get("q") != "Harlow" || got.Get("from") != "25:99" {
		t.Errorf("what was typed is lost: %v", got)
	}
}

func TestMapPoints(t *testing.T) {
	h := inSmallHouse(t)
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/map.geojson?lang=es", nil))
	var got struct {
		Type     string
		Features []struct {
			Geometry   struct{ Coordinates [2]float64 }
			Properties map[string]string
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, f := range got.Features {
		names[f.Properties["name"]] = f.Properties["time"]
		if f.Geometry.Coordinates[0] > -74 || f.Geometry.Coordinates[1] < 39 {
			t.Errorf("%v is not longitude, latitude", f.Geometry.Coordinates)
		}
	}
	if len(names) != 4 || names["Tuesday Open Door"] != "Mar 19:00" || names["Somewhere Near"] != "" || names["Pacific Evening"] != "" {
		t.Errorf("points: %v", names)
	}
}

// The limit is on points: what has no place takes none of it, and is not left out either.
func TestMapPointsLimit(t *testing.T) {
	h := inSmallHouse(t)
	for limit, want := range map[int]struct{ shown, left int }{2: {2, 2}, 3: {3, 1}, 4: {4, 0}, 5: {4, 0}} {
		h.pages.points = limit
		w := httptest.NewRecorder()
		h.clock.Add(time.Minute.Milliseconds()) // within a minute the same points are given again
		h.mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/map.geojson?offset=1&limit=1", nil))
		var got struct {
			Features []any
			LeftOut  int `json:"left_out"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if len(got.Features) != want.shown || got.LeftOut != want.left {
			t.Errorf("with room for %d: %d points, %d left out, want %+v", limit, len(got.Features), got.LeftOut, want)
		}
	}
}

// Every page of the area in the pseudo language: nothing that people read bypasses the catalogue.
func TestWordsComeFromTheCatalogue(t *testing.T) {
	h := inSmallHouse(t)
	for range 4 {
		h.told("open-door", allYes, welcome.Welcomed)
	}
	h.drop("late")
	h.refresh()
	id := "/m/" + h.ids["open-door"]
	for _, path := range []string{
		"/", "/?place=Harlow&when=tonight", "/?place=Harlow&day=tue,wed&may=speak,lead&need=women&from=17:00&until=21:00", "/?q=Zzyzx", "/?place=Harlow,+KY",
		"/?attendance=online&kind=twelve_step&fellowship=na&language=es", "/?from=25:99", "/?near=40.00,-75.00&when=now&within=any",
		id, id + "?tz=Europe/Berlin", id + "/visit", id + "/problem", id + "/before", "/m/" + h.ids["pacific"], "/m/" + h.ids["pacific"] + "/before", "/m/" + h.ids["somewhere"], "/m/" + h.ids["stranger"], "/m/" + h.ids["late"],
	} {
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		for _, w := range uitest.Unwrapped(h.get(path + sep + "lang=en-XA").Body) {
			t.Errorf("%s: %s", path, w)
		}
	}
}

// Late in the evening it is already tomorrow in UTC; the chips must not think so where nothing is found.
func TestFinderTodayIsTodayThere(t *testing.T) {
	h := inSmallHouse(t)
	h.clock.Store(tuesday.Add(4 * time.Hour).UnixMilli()) // 22:35 in Harlow
	for _, path := range []string{"/", "/?q=Zzyzx", "/?place=Harlow", "/?place=Harlow&day=sun"} {
		chips := h.get(path).all("ul", "chips")[0]
		if got := text(chips); !strings.Contains(got, "Today") || strings.Index(got, "Wed") > strings.Index(got, "Thu") || strings.Contains(got, "Tue") {
			t.Errorf("%s: %s", path, got)
		}
	}
}
