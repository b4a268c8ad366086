package scenario

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hearth/internal/app/apptest"
	"hearth/internal/web/ui/uitest"
)

// TestNoWordBypassesTheCatalogue opens every page of the desk and the house in the pseudo language: what is
// not marked as translated, and is nobody's own words, has bypassed the catalogue. The public pages about
// meetings are held by their own package.
func TestNoWordBypassesTheCatalogue(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		neighbour(t, s, list)
		stranger := s.Person(t)
		id := api(t, stranger, "text=monday").Meetings[0].ID
		stranger.Post("/m/"+id+"/visit", url.Values{"month": {s.Clock.Now().Format("2006-01")}, "speak": {"no"}, "what": {"negative_remark"}, "note": {"A word for the next person."}})
		editor := signIn(t, s)
		editor.Post("/desk/m/"+id+"/word", url.Values{"voice": {"secretary"}, "speaker": {"secretary"}, "on": {"2026-05-01"}, "answer_speak": {"yes"}, "words": {"Come as you are."}})
		editor.Post("/desk/m/"+id, url.Values{"location_notes": {"Ring twice."}})
		for path, who := range map[string]*apptest.Person{
			"/signin": stranger, "/help": stranger, "/privacy": stranger, "/about": stranger, "/nowhere": stranger,
			"/desk": editor, "/desk/m/" + id: editor, "/desk/scores": editor, "/desk/record": editor, "/desk/feeds": editor, "/desk/feeds/Neighbours": editor, "/desk/feeds/Neighbours/edit": editor,
		} {
			page := who.Get(path + "?lang=en-XA")
			if page.Status != http.StatusOK && path != "/nowhere" {
				t.Errorf("%s: %d", path, page.Status)
			}
			for _, words := range uitest.Unwrapped(page.Body) {
				t.Errorf("%s: %s", path, words)
			}
		}
		for _, form := range []struct {
			path string
			form url.Values
		}{
			{"/desk/feeds", url.Values{"name": {""}, "url": {"ftp://x"}, "format": {"csv"}, "fellowship": {"!"}, "zone": {"Mars/Base"}, "every": {"often"}}},
			{"/desk/m/" + id, url.Values{"name": {""}, "start": {"late"}, "attendance": {"sometimes"}}},
			{"/desk/m/" + id + "/word", url.Values{"on": {"never"}, "words": {strings.Repeat("x", 400)}}},
			{"/desk/feeds/Neighbours/edit", url.Values{"version": {"old"}, "every": {"12h"}}},
			{"/desk/feeds/Neighbours/refuse", nil},
			{"/desk/feeds/Neighbours/remove", url.Values{"name": {"Neighbors"}}},
			{"/signin", url.Values{"name": {"Sam"}, "password": {"no"}}},
		} {
			page := editor.Post(form.path+"?lang=en-XA", form.form)
			if page.Status < 400 || page.Status >= 500 {
				t.Errorf("%s with wrong values: %d at %s", form.path, page.Status, page.URL)
			}
			for _, words := range uitest.Unwrapped(page.Body) {
				t.Errorf("%s with wrong values: %s", form.path, words)
			}
		}
	})
}

// TestStrangersAtTheDesk: nothing of the desk opens or changes without an account, nor from another site.
func TestStrangersAtTheDesk(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		neighbour(t, s, list)
		p := s.Person(t)
		id := api(t, p, "text=monday").Meetings[0].ID
		for _, path := range []string{"/desk", "/desk/feeds", "/desk/feeds/Neighbours", "/desk/feeds/Neighbours/edit", "/desk/m/" + id, "/desk/scores", "/desk/record"} {
			if got := p.Get(path); got.URL.Path != "/signin" {
				t.Errorf("GET %s leads to %s", path, got.URL)
			}
		}
		for _, path := range []string{"/desk/feeds", "/desk/feeds/Neighbours/sync", "/desk/feeds/Neighbours/edit", "/desk/feeds/Neighbours/refuse", "/desk/feeds/Neighbours/remove", "/desk/m/" + id, "/desk/m/" + id + "/hide", "/desk/m/" + id + "/word", "/desk/visits/x", "/desk/problems/x", "/desk/scores/1"} {
			if got := p.Post(path, url.Values{"decide": {"yes"}, "name": {"Neighbours"}}); got.Status != http.StatusForbidden {
				t.Errorf("POST %s: %d", path, got.Status)
			}
		}
		if got := api(t, p, "").Count; got != 4 {
			t.Errorf("%d meetings are left", got)
		}
		editor := signIn(t, s)
		req, err := http.NewRequest(http.MethodPost, s.Server.URL+"/desk/feeds/Neighbours/remove", strings.NewReader("name=Neighbours"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", "https://elsewhere.example")
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		if got := editor.Send(req); got.Status != http.StatusForbidden {
			t.Errorf("a form from another site: %d", got.Status)
		}
	})
}
