package open_test

import (
	"net/http"
	"strings"
	"testing"

	"hearth/internal/app/apptest"
)

// A list that is too long for print is printed from its beginning, and says so.
func TestPrintTooMany(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		load(t, s, "many", "aa", many(2150))
		p := s.Person(t)
		page := p.Get("/print")
		if n := strings.Count(page.Body, `class="sheet-when"`); page.Status != 200 || n != 2000 {
			t.Errorf("%d, %d meetings", page.Status, n)
		}
		for _, want := range []string{"The first 2,000 of 2,150 meetings", "Choose a town or a day"} {
			if !strings.Contains(page.Text(), want) {
				t.Errorf("the page does not say %q", want)
			}
		}
		if page := p.Get("/print?limit=7"); strings.Contains(page.Text(), "The first") || !strings.Contains(page.Text(), "7 meetings") {
			t.Error("seven meetings were asked for, and they are the first of something")
		}
		if pdf := p.Get("/booklet.pdf?fold=0"); pdf.Status != 200 || !strings.HasPrefix(pdf.Body, "%PDF-") {
			t.Errorf("booklet: %d", pdf.Status)
		}
	})
}

// What may be kept on the way is in the language that its address names, whoever asks.
func TestExportsSpeakTheLanguageOfTheirAddress(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		load(t, s, "town", "aa", town())
		ask := func(path, language string) (tag, speaks string) {
			t.Helper()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Server.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Accept-Language", language)
			resp, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != 200 || !strings.Contains(resp.Header.Get("Cache-Control"), "public") {
				t.Errorf("%s: %d %v", path, resp.StatusCode, resp.Header)
			}
			return resp.Header.Get("ETag"), resp.Header.Get("Content-Language")
		}
		for _, path := range []string{"/booklet.pdf?paper=a4", "/feeds/meetings.ics?day=fri", "/m/" + idOf(t, s, "telling") + "/calendar.ics?"} {
			plain, _ := ask(path, "en")
			other, _ := ask(path, "es")
			spanish, speaks := ask(path+"&lang=es", "en")
			if plain == "" || other != plain || spanish == plain || strings.HasPrefix(path, "/booklet") && speaks != "es" {
				t.Errorf("%s: %s in English, %s to a Spanish browser, %s asked for in Spanish", path, plain, other, spanish)
			}
		}
		page := s.Person(t).Get("/print?lang=es")
		for _, want := range []string{"/booklet.pdf?lang=es&amp;paper=letter", "/feeds/meetings.ics?lang=es"} {
			if !strings.Contains(page.Body, want) {
				t.Errorf("the Spanish page does not lead to %s", want)
			}
		}
	})
}
