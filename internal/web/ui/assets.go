package ui

import (
	"bytes"
	"embed"
	"encoding/json"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed all:dist
var dist embed.FS

// assets is what tools/assets wrote: for each name its hashed file.
var assets = sync.OnceValue(func() map[string]string {
	b, err := dist.ReadFile("dist/manifest.json")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	names := map[string]string{}
	if err := json.Unmarshal(b, &names); err != nil {
		panic(err)
	}
	return names
})

// Asset is the address of an asset: its name with a hash of its content, so that it may be kept for ever.
// A name that does not exist gives an address that answers 404; a test looks for those.
func Asset(name string) string {
	if file, ok := assets()[name]; ok {
		return "/assets/" + file
	}
	return "/assets/missing/" + name
}

// HasAsset tells whether there is an asset of that name.
func HasAsset(name string) bool {
	_, ok := assets()[name]
	return ok
}

var mediaTypes = map[string]string{
	".css":     "text/css; charset=utf-8",
	".js":      "text/javascript; charset=utf-8",
	".mjs":     "text/javascript; charset=utf-8",
	".json":    "application/json",
	".geojson": "application/geo+json",
	".svg":     "image/svg+xml",
	".woff2":   "font/woff2",
	".png":     "image/png",
	".pbf":     "application/x-protobuf",
	".txt":     "text/plain; charset=utf-8",
}

// Assets serves /assets/: compressed beforehand, kept by browsers for a year, since another content has
// another name. Only names of the manifest are served.
func Assets() http.Handler {
	known := map[string]bool{}
	for _, file := range assets() {
		known[file] = true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file := strings.TrimPrefix(r.URL.Path, "/assets/")
		if !known[file] {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", mediaTypes[path.Ext(file)])
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("Vary", "Accept-Encoding")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		body, encoding := pick("dist/"+file, r.Header.Get("Accept-Encoding"))
		etag := `"` + path.Base(file) + `"`
		if encoding != "" {
			h.Set("Content-Encoding", encoding)
			etag = `"` + path.Base(file) + "." + encoding + `"`
		}
		h.Set("ETag", etag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	})
}

// pick returns the smallest form of a file that the reader accepts.
func pick(file, accept string) ([]byte, string) {
	for _, c := range [...]struct{ encoding, suffix string }{{"br", ".br"}, {"gzip", ".gz"}} {
		if !accepts(accept, c.encoding) {
			continue
		}
		if b, err := dist.ReadFile(file + c.suffix); err == nil {
			return b, c.encoding
		}
	}
	b, _ := dist.ReadFile(file) // the manifest names only files that are there
	return b, ""
}

// accepts reads an Accept-Encoding header as far as it matters here.
func accepts(header, encoding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.TrimSpace(name) != encoding {
			continue
		}
		q, ok := strings.CutPrefix(strings.TrimSpace(params), "q=")
		if !ok {
			return true
		}
		weight, err := strconv.ParseFloat(q, 64)
		return err == nil && weight > 0
	}
	return false
}
