package ui

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
)

// TilesFile is the name of the optional PMTiles archive in the data folder.
const TilesFile = "map.pmtiles"

// HasTiles tells whether an installation has an archive with streets for its map.
func HasTiles(folder string) bool {
	if folder == "" {
		return false
	}
	info, err := os.Stat(filepath.Join(folder, TilesFile))
	return err == nil && info.Mode().IsRegular()
}

// Tiles serves the archive in parts, as the map asks for them. It is read anew for each request, so that
// it can be put in place or replaced while the server runs; the ETag tells the map that it has changed.
func Tiles(folder string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, err := os.Open(filepath.Join(folder, TilesFile))
		if folder == "" || err != nil {
			http.NotFound(w, r)
			return
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil || !info.Mode().IsRegular() {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "application/vnd.pmtiles")
		h.Set("ETag", fmt.Sprintf(`"%x-%x"`, info.ModTime().UnixNano(), info.Size()))
		h.Set("Cache-Control", "public, max-age=86400")
		http.ServeContent(w, r, "", info.ModTime(), f)
	})
}
