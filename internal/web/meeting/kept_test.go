package meeting

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// A page that is kept says what a page made anew would say: not for another minute, another language,
// another directory, and never to somebody who has signed in.
func TestKeptPagesAreNotOld(t *testing.T) {
	h := inSmallHouse(t)
	read := func(path, language string) string {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Accept-Language", language)
		w := httptest.NewRecorder()
		h.mux.ServeHTTP(w, r)
		return w.Body.String()
	}
	const path = "/?q=Harlow&when=tonight&within=10mi"
	first := read(path, "en")
	for range 3 {
		if read(path, "en") != first {
			t.Fatal("the page changed by itself")
		}
	}
	if len(h.pages.kept.pages) != 1 {
		t.Fatalf("%d pages kept", len(h.pages.kept.pages))
	}
	if read(path, "es") == first || read(path+"&attendance=online", "en") == first {
		t.Error("another page is the same")
	}
	h.clock.Add(time.Minute.Milliseconds())
	if body := read(path, "en"); !strings.Contains(body, "Starts in 24 min") {
		t.Error("a minute later the page is as old")
	}
	for range 3 {
		read(path, "en")
	}
	for range 5 {
		h.told("open-door", allYes, 0)
	}
	h.refresh()
	if body := read(path, "en"); !strings.Contains(body, "5 visits") {
		t.Error("visits do not show")
	}
}

func TestNoPageOfSomebodyIsKept(t *testing.T) {
	var k keptPages
	for name, v := range map[string]*page.Visit{
		"who":     {Who: &page.Who{ID: "1"}},
		"account": {Shell: ui.Shell{Account: &ui.Signed{Name: "Jo"}}},
		"flash":   {Shell: ui.Shell{Flash: "Sent."}},
	} {
		v.Shell.T = ui.Language("en")
		r := httptest.NewRequest("GET", "/", nil)
		if key := k.keyOf(r.WithContext(page.With(r.Context(), v))); key != "" {
			t.Errorf("%s: kept under %q", name, key)
		}
	}
}
