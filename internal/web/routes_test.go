package web_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"hearth/internal/app"
	"hearth/internal/app/apptest"
	"hearth/internal/db/dbtest"
)

func TestWrongMethods(t *testing.T) {
	s := apptest.On(t, dbtest.SQLite(t, app.Sources...))
	for _, test := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"POST", "/", 405, "GET, HEAD"},
		{"DELETE", "/m/none", 405, "GET, HEAD"},
		{"PUT", "/m/none/visit", 405, "GET, HEAD, POST"},
		{"GET", "/signout", 405, "POST"},
		{"BREW", "/help", 405, "GET, HEAD"},
		{"POST", "/robots.txt", 405, "GET, HEAD"},
		{"POST", "/assets/hearth.css", 405, "GET, HEAD"},
		{"POST", "/healthz", 405, "GET, HEAD"},
		{"POST", "/api/v1/meetings", 405, "GET, HEAD, OPTIONS"},
		{"DELETE", "/api/v1/meetings/none", 405, "GET, HEAD, OPTIONS"},
		{"PUT", "/feeds/meetings.csv", 405, "GET, HEAD, OPTIONS"},
		{"GET", "/feeds/nothing.csv", 404, ""},
		{"GET", "/nothing", 404, ""},
		{"POST", "/nothing", 404, ""},
		{"POST", "/api/v1/nothing", 404, ""},
		{"GET", "/help", 200, ""},
		{"OPTIONS", "/api/v1/meetings", 204, ""},
	} {
		r, err := http.NewRequest(test.method, s.Server.URL+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		what := test.method + " " + test.path
		if err != nil || resp.StatusCode != test.status {
			t.Errorf("%s: %v %d, want %d", what, err, resp.StatusCode, test.status)
		}
		if test.status < 400 {
			continue
		}
		if got := resp.Header.Get("Allow"); got != test.allow {
			t.Errorf("%s: Allow %q, want %q", what, got, test.allow)
		}
		program := strings.HasPrefix(test.path, "/api/") || strings.HasPrefix(test.path, "/feeds/")
		var said struct{ Error, Request string }
		if program && (json.Unmarshal(body, &said) != nil || said.Error == "" || said.Request == "") || !program && !strings.Contains(string(body), "</html>") {
			t.Errorf("%s: %s", what, body)
		}
	}
}

func TestVaryOnceOnWhatProgramsRead(t *testing.T) {
	s := apptest.On(t, dbtest.SQLite(t, app.Sources...))
	for _, path := range []string{"/api/v1/meetings", "/api/v1/openapi.json", "/feeds/meetings.json", "/feeds/meetings.csv", "/feeds/meetings.ics", "/feeds/hsds.json"} {
		r, err := http.NewRequest(http.MethodGet, s.Server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Encoding", "gzip, br")
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := strings.Join(resp.Header.Values("Vary"), ", "); resp.StatusCode != 200 || strings.Count(got, "Accept-Encoding") != 1 {
			t.Errorf("%s: %d, Vary %q", path, resp.StatusCode, got)
		}
	}
}

// A language is kept where people choose one, and never beside an answer that others may be given too.
func TestLanguageIsKeptOnlyOnPages(t *testing.T) {
	s := apptest.On(t, dbtest.SQLite(t, app.Sources...))
	for path, kept := range map[string]bool{
		"/?lang=es": true, "/help?lang=es": true, "/print?lang=es": true, "/embed/how?lang=es": true,
		"/embed?lang=es": false, "/embed.js?lang=es": false, "/booklet.pdf?lang=es": false, "/feeds/meetings.ics?lang=en": false, "/feeds/meetings.json?lang=en": false,
		"/api/v1/meetings?lang=es": false, "/api/v1/openapi.json?lang=es": false, "/map.geojson?lang=es": false,
	} {
		r, err := http.NewRequest(http.MethodGet, s.Server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := len(resp.Cookies()) > 0; got != kept || resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %d, cookies %v", path, resp.StatusCode, resp.Cookies())
		}
		if strings.Contains(resp.Header.Get("Cache-Control"), "public") && len(resp.Cookies()) > 0 {
			t.Errorf("%s is public and sets %v", path, resp.Cookies())
		}
	}
}
