package meeting

import (
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"hearth/internal/meeting"
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

// A reader who began with a directory that has been replaced since, or in the minute before, changes nothing.
func TestSlowReaderWipesNothing(t *testing.T) {
	h := inSmallHouse(t)
	h.refresh()
	old, now := h.service.Directory(), h.now()
	h.told("open-door", allYes, 0)
	h.refresh()
	fresh := h.service.Directory()
	if fresh.Seq() <= old.Seq() {
		t.Fatalf("the directory went from %d to %d", old.Seq(), fresh.Seq())
	}
	var k keptPages
	k.get("/", fresh, now)
	k.keep("/", fresh, now, []byte("new"))
	for name, slow := range map[string]struct {
		dir *meeting.Directory
		now time.Time
	}{"directory": {old, now}, "minute": {fresh, now.Add(-time.Minute)}} {
		if body, worth := k.get("/", slow.dir, slow.now); body != nil || worth {
			t.Errorf("%s: an old reader is given %q, worth %v", name, body, worth)
		}
		k.keep("/", slow.dir, slow.now, []byte("old"))
		if body, _ := k.get("/", fresh, now); string(body) != "new" {
			t.Errorf("%s: after a slow reader the page is %q", name, body)
		}
	}
	if body, _ := k.get("/", fresh, now.Add(time.Minute)); body != nil {
		t.Errorf("a minute later the page is still %q", body)
	}
	k.get("/", fresh, now)
	runtime.KeepAlive(fresh)

	// What is kept holds no directory.
	gone := make(chan struct{})
	func() {
		one := new(meeting.Directory)
		runtime.AddCleanup(one, func(int) { close(gone) }, 0)
		k = keptPages{}
		k.get("/", one, now)
		k.keep("/", one, now, []byte("page"))
	}()
	for range 20 {
		runtime.GC()
		select {
		case <-gone:
			return
		default:
		}
	}
	select {
	case <-gone:
	case <-time.After(5 * time.Second):
		t.Error("a directory that nobody uses any more is held")
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
