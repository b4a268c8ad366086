// Parts shows every component of internal/web/ui in its states on one page, for whoever works on them:
//
//	go run ./tools/parts -addr 127.0.0.1:8099
package main

import (
	"flag"
	"log"
	"net/http"
	"time"

	"hearth/internal/web/house"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8099", "address to listen on")
	flag.Parse()
	mux := http.NewServeMux()
	mux.Handle("GET /assets/", ui.Assets())
	mux.Handle("GET /sw.js", ui.ServiceWorker())
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'self'; script-src 'self'; style-src 'self'; frame-ancestors 'none'")
		shell := ui.Shell{T: ui.Pick(r), Community: "Millbrook Commons", Path: r.URL.Path, Query: r.URL.RawQuery, Nav: "find"}
		if r.URL.Query().Has("in") {
			shell.Account = &ui.Signed{Name: "Jo"}
			shell.Places = []ui.Place{{Key: "feeds", Label: "Feeds", Href: "/feeds", Icon: "rss"}, {Key: "find", Label: "Suggestions", Href: "/s", Icon: "inbox"}}
			shell.Flash = "Saved."
		}
		if err := parts(shell).Render(r.Context(), w); err != nil {
			log.Print(err)
		}
	})
	pages := house.New(house.Options{Contact: func() string { return "hello@example.org" }, Local: func() []house.Line {
		return []house.Line{{Name: "Millbrook warm line", More: "Peers who have been there, 17:00 to 23:00", Call: "+15550100199", Text: "5550100199"}}
	}})
	for path, h := range map[string]page.Handler{"/help": pages.Help, "/privacy": pages.Privacy, "/about": pages.About} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			s := ui.Shell{T: ui.Pick(r), Community: "Millbrook Commons", Path: path, Query: r.URL.RawQuery}
			if err := h(w, r.WithContext(page.With(r.Context(), &page.Visit{Shell: s}))); err != nil {
				log.Print(err)
			}
		})
	}
	server := &http.Server{Addr: *addr, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	log.Print("parts on http://", *addr)
	log.Fatal(server.ListenAndServe())
}
