// Package map_test opens the map in a real Chromium, under the policy that the pages have.
package map_test

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"hearth/internal/web/ui"
	"hearth/test/browser"
)

// strict is what the map must live under.
const strict = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; worker-src 'self'; base-uri 'none'; form-action 'self'"

type mapSite struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

// requests returns the paths asked for so far.
func (s *mapSite) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// newMapSite serves a page with a map and the points of an invented city.
func newMapSite(t *testing.T) *mapSite {
	t.Helper()
	s := &mapSite{}
	mux := http.NewServeMux()
	mux.Handle("GET /assets/", ui.Assets())
	page := func(attributes string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", strict)
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, `<!doctype html><html lang="en"><title>Map</title><meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="%s"><script type="module" src="%s"></script>
<main><h1>Map</h1><aside class="results-map" aria-label="Map"><div class="map" id="map" hidden data-map data-words="%s" %s></div></aside></main>`,
				ui.Asset("hearth.css"), ui.Asset("map.js"), html.EscapeString(ui.MapWords(ui.Language(r.URL.Query().Get("lang")))), attributes)
		}
	}
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.Handle("GET /near", page(`data-source="/points.geojson" data-lat="39.9526" data-lng="-75.1652" data-miles="10"`))
	mux.Handle("GET /all", page(`data-source="/points.geojson" data-lat="" data-lng="" data-miles=""`))
	mux.Handle("GET /house", page(`data-source="/points.geojson" data-lat="39.9990" data-lng="-75.2105" data-miles="1"`))
	mux.Handle("GET /streets", page(`data-source="/points.geojson" data-lat="39.9526" data-lng="-75.1652" data-miles="10" data-tiles="/map.pmtiles"`))
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, ui.TilesFile), archive(), 0o600); err != nil {
		t.Fatal(err)
	}
	mux.Handle("GET /map.pmtiles", ui.Tiles(folder))
	mux.Handle("GET /broken", page(`data-source="/no-points" data-lat="39.9526" data-lng="-75.1652" data-miles="10"`))
	mux.HandleFunc("GET /points.geojson", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/geo+json")
		if err := json.NewEncoder(w).Encode(inventedPoints()); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("GET /m/{id}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "<!doctype html><title>One</title><p id=one>meeting %s", r.PathValue("id"))
	})
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.Path)
		s.mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func inventedPoints() any {
	rng := rand.New(rand.NewPCG(7, 7))
	answers := []string{"yes", "yes", "unknown", "unknown", "depends", "no"}
	var features []any
	add := func(lng, lat float64) {
		i := len(features)
		features = append(features, map[string]any{
			"type": "Feature", "geometry": map[string]any{"type": "Point", "coordinates": []float64{lng, lat}},
			"properties": map[string]any{"id": fmt.Sprint(i), "name": fmt.Sprintf("Open Door %d", i), "answer": answers[rng.IntN(len(answers))], "time": "Tue 19:00", "href": fmt.Sprintf("/m/%d", i)},
		})
	}
	for range 60 {
		add(-75.1652+rng.NormFloat64()*0.12, 39.9526+rng.NormFloat64()*0.09)
	}
	for range 4 { // one house
		add(-75.2105, 39.9990)
	}
	for range 30 {
		add(-80+rng.NormFloat64()*1.5, 40.4+rng.NormFloat64())
	}
	return map[string]any{"type": "FeatureCollection", "features": features, "left_out": 12}
}

func window(t *testing.T, base string) *browser.Window {
	t.Helper()
	if _, err := browser.Find(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	w, end, err := browser.Open(ctx, base)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(end)
	return w
}

// openMap presses the button and waits for the list of what is in view.
func openMap(t *testing.T, w *browser.Window, path string) {
	t.Helper()
	must(t, w.Go(path))
	must(t, w.Do(chromedp.WaitVisible(".map > button"), chromedp.Click(".map > button"), chromedp.WaitVisible(".map-foot")))
	wait(t, w, atRest)
}

// atRest holds when everything in view is drawn.
const atRest = "document.querySelector('.map').dataset.rest === 'yes'"

func wait(t *testing.T, w *browser.Window, condition string) {
	t.Helper()
	ctx, cancel := w.Context()
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool]("!!("+condition+")")); err != nil {
		said, _ := w.Text()
		t.Fatalf("waited for %s: %v\nthe page says: %s\ntroubles: %v", condition, err, said, w.Troubles())
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// keep writes a picture where a developer can look at it: HEARTH_SHOTS names the folder.
func keep(t *testing.T, w *browser.Window, name string) {
	t.Helper()
	png, err := w.Shot(false)
	must(t, err)
	if len(png) < 10_000 {
		t.Errorf("%s: a picture of %d bytes shows nothing", name, len(png))
	}
	if dir := os.Getenv("HEARTH_SHOTS"); dir != "" {
		must(t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644))
	}
}

func troubles(t *testing.T, w *browser.Window) {
	t.Helper()
	for _, s := range w.Troubles() {
		t.Error(s)
	}
}

func TestMapFetchesNothingUntilItIsOpened(t *testing.T) {
	s := newMapSite(t)
	w := window(t, s.URL)
	must(t, w.Go("/streets"))
	must(t, w.Do(chromedp.WaitVisible(".map > button")))
	for _, path := range s.requests() {
		if strings.Contains(path, "/map/") || strings.Contains(path, "points") || strings.Contains(path, "pmtiles") || strings.Contains(path, "archive") || strings.Contains(path, "map.") && strings.HasSuffix(path, ".css") {
			t.Errorf("asked for %s", path)
		}
	}
	troubles(t, w)
}

func TestMapUnderAStrictPolicy(t *testing.T) {
	s := newMapSite(t)
	w := window(t, s.URL)
	for _, c := range []struct {
		name, path string
		look       browser.Look
	}{
		{"map-1280-light", "/near", browser.Look{Width: 1280}},
		{"map-360-dark", "/near?lang=es", browser.Look{Width: 360, Height: 740, Dark: true}},
		{"map-streets-light", "/streets", browser.Look{Width: 1280}},
		{"map-all-light", "/all", browser.Look{Width: 1280}},
	} {
		must(t, w.As(c.look))
		openMap(t, w, c.path)
		wait(t, w, "document.querySelector('.map-list summary').textContent.match(/[1-9]/)")
		keep(t, w, c.name)
		if over, err := w.Overflow(); err != nil || over > 0 {
			t.Errorf("%s: %d pixels too wide, %v", c.name, over, err)
		}
		troubles(t, w)
		breaks, err := w.Accessibility()
		must(t, err)
		for _, v := range breaks {
			t.Errorf("%s: %s", c.name, v)
		}
	}
}

func TestMapByKeyboard(t *testing.T) {
	s := newMapSite(t)
	w := window(t, s.URL)
	must(t, w.As(browser.Look{Width: 1280}))
	must(t, w.Go("/near"))
	must(t, w.Do(chromedp.WaitVisible(".map > button"), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(".map-list")))
	wait(t, w, atRest)

	// The map has the focus that its button had; arrows move it, plus comes closer.
	towns := "[...document.querySelectorAll('.map-town')].map(e => e.getBoundingClientRect().x | 0).join()"
	before, err := browser.Eval[string](w, towns)
	must(t, err)
	if focus, _ := browser.Eval[string](w, "document.activeElement.className"); !strings.Contains(focus, "maplibregl-canvas") {
		t.Fatalf("focus went to %q", focus)
	}
	must(t, w.Do(chromedp.KeyEvent(kb.ArrowRight)))
	wait(t, w, fmt.Sprintf("%s !== %q", towns, before))
	wait(t, w, atRest)
	count := "Number(document.querySelector('.map-list summary').textContent.match(/\\d+/)[0])"
	all, err := browser.Eval[int](w, count)
	must(t, err)
	must(t, w.Do(chromedp.KeyEvent("+")))
	wait(t, w, fmt.Sprintf("%s < %d", count, all))
	wait(t, w, atRest)

	// The list opens, its links take focus and ring their pin, Enter opens the meeting.
	must(t, w.Do(chromedp.Focus(".map-list summary"), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(".map-list a"), chromedp.KeyEvent(kb.Tab)))
	wait(t, w, "document.activeElement.matches('.map-list a') && document.querySelector('.map-ring')")
	keep(t, w, "map-keyboard")
	must(t, w.Do(chromedp.KeyEvent(kb.Enter)))
	must(t, w.Do(chromedp.WaitVisible("#one")))
	troubles(t, w)
}

func TestMapWithoutPointsSaysSo(t *testing.T) {
	s := newMapSite(t)
	w := window(t, s.URL)
	openMap(t, w, "/broken")
	if said, err := w.Text(); err != nil || !strings.Contains(said, "could not be fetched") {
		t.Errorf("the page says %q, %v", said, err)
	}
}

// Four meetings in one house cannot be drawn apart: a press shows them all, Escape goes back to the map.
func TestMapOfOneHouse(t *testing.T) {
	s := newMapSite(t)
	w := window(t, s.URL)
	must(t, w.As(browser.Look{Width: 1280}))
	openMap(t, w, "/house")
	must(t, w.Do(chromedp.Click(".map-frame canvas"), chromedp.WaitVisible(".maplibregl-popup a")))
	if n, err := browser.Eval[int](w, "document.querySelectorAll('.maplibregl-popup a').length"); err != nil || n != 4 {
		t.Errorf("%d links, %v", n, err)
	}
	keep(t, w, "map-house")
	must(t, w.Do(chromedp.KeyEvent(kb.Escape)))
	wait(t, w, "!document.querySelector('.maplibregl-popup') && document.activeElement.matches('canvas')")

	// The page goes dark while the map is open.
	must(t, w.As(browser.Look{Width: 1280, Dark: true}))
	wait(t, w, atRest)
	keep(t, w, "map-gone-dark")
	troubles(t, w)
}
