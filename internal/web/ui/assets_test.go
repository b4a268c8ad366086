package ui

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

func get(h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestServesAssets(t *testing.T) {
	h := Assets()
	plain := get(h, Asset("hearth.css"))
	if plain.Code != 200 || plain.Header().Get("Content-Encoding") != "" || !strings.HasPrefix(plain.Header().Get("Content-Type"), "text/css") {
		t.Fatalf("plain: %d %v", plain.Code, plain.Header())
	}
	if c := plain.Header().Get("Cache-Control"); !strings.Contains(c, "immutable") {
		t.Errorf("Cache-Control is %q", c)
	}
	br := get(h, Asset("hearth.css"), "Accept-Encoding", "gzip, br;q=1")
	if br.Header().Get("Content-Encoding") != "br" {
		t.Errorf("brotli was accepted, got %q", br.Header().Get("Content-Encoding"))
	}
	if b, err := io.ReadAll(brotli.NewReader(br.Body)); err != nil || string(b) != plain.Body.String() {
		t.Errorf("brotli differs from the plain file: %v", err)
	}
	gz := get(h, Asset("hearth.css"), "Accept-Encoding", "gzip, br;q=0")
	zr, err := gzip.NewReader(gz.Body)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(zr); err != nil || string(b) != plain.Body.String() {
		t.Errorf("gzip differs from the plain file: %v", err)
	}
	if br.Header().Get("ETag") == plain.Header().Get("ETag") {
		t.Error("two encodings share an ETag")
	}
	if again := get(h, Asset("hearth.css"), "If-None-Match", plain.Header().Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("an unchanged asset answers %d", again.Code)
	}
	for _, path := range []string{"/assets/", "/assets/manifest.json", "/assets/hearth.css", "/assets/../assets.go", Asset("hearth.css") + ".br", Asset("none.js")} {
		if got := get(h, path); got.Code != http.StatusNotFound {
			t.Errorf("%s answers %d", path, got.Code)
		}
	}
}

// Every asset that code or components ask for is there.
func TestAssetsAndIconsExist(t *testing.T) {
	assetCall := regexp.MustCompile(`\bAsset\("([^"]+)"\)`)
	iconCall := regexp.MustCompile(`\bIcon\("([^"]+)"\)`)
	iconField := regexp.MustCompile(`\bIcon:\s*"([^"]+)"`)
	err := filepath.WalkDir(filepath.Join(root(t), "internal"), func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !(strings.HasSuffix(p, ".templ") || strings.HasSuffix(p, ".go") && !strings.HasSuffix(p, "_templ.go") && !strings.HasSuffix(p, "_test.go")) {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		for _, m := range assetCall.FindAllStringSubmatch(string(b), -1) {
			if !HasAsset(m[1]) {
				t.Errorf("%s: there is no asset %s", filepath.Base(p), m[1])
			}
		}
		for _, re := range []*regexp.Regexp{iconCall, iconField} {
			for _, m := range re.FindAllStringSubmatch(string(b), -1) {
				if !HasIcon(m[1]) {
					t.Errorf("%s: there is no icon %s", filepath.Base(p), m[1])
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestServiceWorkerKeepsOnlyWhatIsThere(t *testing.T) {
	w := get(ServiceWorker(), "/sw.js")
	if w.Code != 200 || !strings.Contains(w.Header().Get("Content-Type"), "javascript") || w.Header().Get("Cache-Control") != "no-cache" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	body := w.Body.String()
	if !strings.Contains(body, "/help?lang=es") || !strings.Contains(body, "addEventListener") {
		t.Errorf("the worker is not whole: %.200s", body)
	}
	files := regexp.MustCompile(`"/assets/[^"]+"`).FindAllString(body, -1)
	if len(files) < 4 {
		t.Fatalf("it keeps %v", files)
	}
	for _, f := range files {
		if got := get(Assets(), strings.Trim(f, `"`)); got.Code != 200 {
			t.Errorf("%s answers %d", f, got.Code)
		}
	}
}

// wire is what an asset weighs for a browser that takes brotli.
func wire(t *testing.T, name string) int {
	t.Helper()
	return get(Assets(), Asset(name), "Accept-Encoding", "br").Body.Len()
}

// The budget of a first visit: 40 kB without fonts, 120 kB with them. The page itself may have 25 of the 40.
func TestFirstVisitIsLight(t *testing.T) {
	light := wire(t, "hearth.css") + wire(t, "app.js") + wire(t, "mark.svg")
	fonts := wire(t, "text.woff2") + wire(t, "display.woff2")
	t.Logf("styles and script %d bytes, fonts %d bytes", light, fonts)
	if light > 15_000 {
		t.Errorf("styles and script weigh %d bytes; 15000 are left beside a page", light)
	}
	if fonts > 80_000 {
		t.Errorf("fonts weigh %d bytes", fonts)
	}
	scripts := wire(t, "app.js") + wire(t, "pow.js") + wire(t, "sw.js")
	if scripts > 30_000 {
		t.Errorf("scripts weigh %d bytes", scripts)
	}
}
