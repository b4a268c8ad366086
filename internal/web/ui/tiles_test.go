package ui_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"hearth/internal/web/ui"
)

func TestTiles(t *testing.T) {
	folder := t.TempDir()
	get := func(dir, ranges string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/map.pmtiles", nil)
		if ranges != "" {
			r.Header.Set("Range", ranges)
		}
		w := httptest.NewRecorder()
		ui.Tiles(dir).ServeHTTP(w, r)
		return w
	}
	if ui.HasTiles("") || ui.HasTiles(folder) || get(folder, "").Code != http.StatusNotFound || get("", "").Code != http.StatusNotFound {
		t.Error("there is an archive where none is")
	}
	if err := os.WriteFile(filepath.Join(folder, ui.TilesFile), []byte("PMTiles, invented"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := get(folder, "bytes=0-6")
	if !ui.HasTiles(folder) || w.Code != http.StatusPartialContent || w.Body.String() != "PMTiles" || w.Header().Get("ETag") == "" {
		t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
	}
}
