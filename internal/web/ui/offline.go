package ui

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
)

// ServiceWorker serves /sw.js, which keeps the help page readable without a network: that page in each
// language as somebody unknown sees it, and the few files it needs. Browsers ask for it anew each time;
// another set of files makes another version.
func ServiceWorker() http.Handler {
	config := struct {
		Version string   `json:"version"`
		Pages   []string `json:"pages"`
		Files   []string `json:"files"`
	}{}
	for _, lang := range Languages() {
		config.Pages = append(config.Pages, "/help?lang="+lang)
	}
	for _, name := range []string{"hearth.css", "app.js", "text.woff2", "display.woff2", "mark.svg"} {
		config.Files = append(config.Files, Asset(name))
	}
	sum := sha256.Sum256(fmt.Append(nil, config.Files))
	config.Version = hex.EncodeToString(sum[:4])
	head, err := json.Marshal(config)
	if err != nil {
		panic(err) // strings always marshal
	}
	script, _ := dist.ReadFile("dist/" + assets()["sw.js"]) // a test looks that it is there
	body := fmt.Appendf(nil, "self.hearth=%s;\n%s", head, script)
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/javascript; charset=utf-8")
		h.Set("Cache-Control", "no-cache")
		h.Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(body) // a reader who has left needs no answer
	})
}
