package scenario

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hearth/internal/app/apptest"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
	"hearth/internal/web/ui/uitest"
)

// begin is a house on its first day, and the link that its start printed.
func begin(t *testing.T, test func(t *testing.T, s *apptest.Site, link string)) {
	t.Helper()
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := apptest.First(t, d)
		link, err := s.House.SetUpLink(t.Context())
		if err != nil || !strings.HasPrefix(link, s.Server.URL+"/setup/") {
			t.Fatal(link, err)
		}
		test(t, s, strings.TrimPrefix(link, s.Server.URL))
	})
}

// carried is the value of a hidden field of a page.
func carried(t *testing.T, p *apptest.Page, name string) string {
	t.Helper()
	for _, n := range p.All("input", "name", name) {
		return apptest.Attr(n, "value")
	}
	t.Fatalf("%s has no field %s:\n%s", p.URL, name, p.Text())
	return ""
}

func h1(p *apptest.Page) string {
	for _, n := range p.All("h1", "", "") {
		if n.FirstChild != nil {
			return strings.TrimSpace(n.FirstChild.Data)
		}
	}
	return ""
}

// says the answers of each step, as a person types them.
var steps = map[string]url.Values{
	"name":    {"name": {"Erie Hearth"}, "region": {"Erie, Pennsylvania"}, "zone": {"America/New_York"}, "languages": {"en", "es"}, "contact": {"hello@erie.example"}},
	"program": {"name": {"Erie Peers"}, "kind": {"recovery_community"}, "part2": {"yes"}, "contact": {"12 Sassafras Street, Erie"}, "adult_at": {"18"}},
	"help":    {"help0_name": {"Warm line"}, "help0_more": {"evenings"}, "help0_call": {"(814) 555-0100"}, "help0_text": {""}, "help1_name": {""}, "help1_more": {""}, "help1_call": {""}, "help1_text": {""}},
	"keys":    {"copied": {"yes"}, "backup_to": {""}},
}

// take sends a step from the page that shows it.
func take(t *testing.T, p *apptest.Person, at, step string) *apptest.Page {
	t.Helper()
	form := url.Values{}
	for k, v := range steps[step] {
		form[k] = v
	}
	page := p.Get(at + "?step=" + step)
	form.Set("revision", carried(t, page, "revision"))
	if step == "program" {
		form.Set("program_revision", carried(t, page, "program_revision"))
	}
	return p.Post(at+"/"+step, form)
}

// TestAHouseFromNothing: the link, each step, a stop in the middle, the first administrator with a passkey and
// printed codes, the end; and what the pages of the house say from then on.
func TestAHouseFromNothing(t *testing.T) {
	t.Parallel()
	begin(t, func(t *testing.T, s *apptest.Site, link string) {
		p := s.Person(t)
		text(t, p.Get(link), http.StatusOK, "Setting up, step 1 of 5", "Your community")
		if got := take(t, p, link, "name"); h1(got) != "Your program" {
			t.Fatalf("after the name comes %q:\n%s", h1(got), got.Text())
		}
		later := s.Person(t) // another day, another browser
		if got := later.Get(link); h1(got) != "Your program" || !strings.Contains(got.Text(), "Erie Hearth") {
			t.Fatalf("the link resumes at %q\n%s", h1(got), got.Text())
		}
		off := url.Values{"revision": {"1"}, "program_revision": {"0"}, "name": {"Erie Peers"}, "kind": {"recovery_community"}, "part2": {"no"}, "contact": {"here"}, "adult_at": {"eighteen"}}
		text(t, later.Post(link+"/program", off), http.StatusUnprocessableEntity, "Please write an age in years")
		off.Set("adult_at", "18")
		text(t, later.Post(link+"/program", off), http.StatusUnprocessableEntity, "Please write down who decided that Part 2 does not apply")
		take(t, later, link, "program")
		if got := take(t, later, link, "help"); h1(got) != "Your way in" {
			t.Fatalf("after the numbers comes %q:\n%s", h1(got), got.Text())
		}
		if got := later.Get(link + "?step=keys"); h1(got) != "Your way in" {
			t.Errorf("a step too far shows %q", h1(got))
		}
		got := create(t, later, device(s), link+"/begin", link+"/passkey", url.Values{"name": {"Ana"}})
		text(t, got, http.StatusOK, "One way in is not enough")
		text(t, later.Post("/account/codes", nil), http.StatusOK, "Each code works once")
		if got := later.Get("/setup"); h1(got) != "Keys and backups" {
			t.Fatalf("the administrator goes on at %q", h1(got))
		}
		text(t, p.Get(link), http.StatusGone, "This link opens nothing, or nothing any more.")
		if got := later.Get(link); got.URL.Path != "/setup" {
			t.Errorf("the administrator's link leads to %s", got.URL)
		}
		text(t, later.Post("/setup/keys", url.Values{"revision": {carried(t, later.Get("/setup"), "revision")}, "backup_to": {"/no/such/folder"}}), http.StatusUnprocessableEntity, "There is no folder /no/such/folder on the server")
		got = take(t, later, "/setup", "keys")
		text(t, got, http.StatusOK, "The house is open", "Nothing is backed up.")
		if got.URL.Path != "/setup/done" || strings.Contains(got.Text(), "has no copy yet") {
			t.Errorf("%s: %s", got.URL, got.Text())
		}
		if got := later.Get("/setup"); got.URL.Path != "/desk/settings" {
			t.Errorf("afterwards /setup leads to %s", got.URL)
		}
		for _, path := range []string{link, link + "?step=name", "/setup/anything"} {
			text(t, p.Get(path), http.StatusGone, "This link opens nothing, or nothing any more.")
		}
		text(t, p.Post(link+"/name", steps["name"]), http.StatusGone)
		text(t, later.Get("/desk/doctor"), http.StatusOK, "The record is as it was written.", "Nothing is backed up.", "The keys in use have a copy elsewhere.", "Administrators who can come in also when a phone is lost: 1.", "Erie Peers has a contact")
		// What was said stands where people look.
		for path, want := range map[string]string{"/": "Erie Hearth", "/help": "(814) 555-0100", "/about": "hello@erie.example"} {
			if got := p.Get(path); !strings.Contains(got.Text(), want) || !strings.Contains(got.Body, "· Erie Hearth</title>") && !strings.Contains(got.Body, "<title>Erie Hearth") {
				t.Errorf("%s does not say %q:\n%s", path, want, got.Text())
			}
		}
	})
}

// TestLinksThatOpenNothing: a wrong link, one of an invitation and an old one say the same.
func TestLinksThatOpenNothing(t *testing.T) {
	t.Parallel()
	begin(t, func(t *testing.T, s *apptest.Site, old string) {
		link, err := s.House.SetUpLink(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		p := s.Person(t)
		wrong := p.Get("/setup/NEVERMADE").Text()
		if got := p.Get(old); got.Status != http.StatusGone || got.Text() != wrong {
			t.Errorf("an old link: %d\n%s", got.Status, got.Text())
		}
		for _, step := range []string{"name", "program", "help", "keys", "begin", "passkey", "password"} {
			if got := p.Post(old+"/"+step, steps["name"]); got.Status != http.StatusGone {
				t.Errorf("%s by an old link: %d", step, got.Status)
			}
		}
		link = strings.TrimPrefix(link, s.Server.URL)
		if got := p.Post(link+"/password", url.Values{"name": {"Ana"}, "password": {"two words and a river"}}); h1(got) != "Your community" {
			t.Errorf("an administrator before the first step: %d %q", got.Status, h1(got))
		}
		for _, path := range []string{"/setup", "/setup/done", "/desk/settings"} {
			if got := p.Get(path); !strings.Contains(got.URL.Path, "/signin") && got.Status != http.StatusGone {
				t.Errorf("%s without a link: %d at %s", path, got.Status, got.URL)
			}
		}
	})
}

// TestTwoWithTheLink: the second to send a step sees what the first one said; the second to join finds nothing.
func TestTwoWithTheLink(t *testing.T) {
	t.Parallel()
	begin(t, func(t *testing.T, s *apptest.Site, link string) {
		one, two := s.Person(t), s.Person(t)
		revision := carried(t, two.Get(link), "revision")
		take(t, one, link, "name")
		form := url.Values{"revision": {revision}, "name": {"Another House"}, "zone": {"America/Chicago"}, "languages": {"en"}}
		got := two.Post(link+"/name", form)
		text(t, got, http.StatusConflict, "Somebody else sent this in the meantime. This is how it stands now.")
		if name := carried(t, got, "name"); name != "Erie Hearth" {
			t.Errorf("the page shows %q, not what stands", name)
		}
		again := url.Values{"revision": {revision}}
		for k, v := range steps["name"] {
			again[k] = v
		}
		if got := two.Post(link+"/name", again); h1(got) != "Your program" {
			t.Errorf("the same step twice: %d %q", got.Status, h1(got))
		}
		take(t, one, link, "program")
		take(t, one, link, "help")
		phone := device(s)
		answer, err := phone.Create(options(t, two, link+"/begin", url.Values{"name": {"Bo"}}))
		if err != nil {
			t.Fatal(err)
		}
		create(t, one, device(s), link+"/begin", link+"/passkey", url.Values{"name": {"Ana"}})
		text(t, two.Post(link+"/passkey", url.Values{"answer": {string(answer)}}), http.StatusGone, "This link opens nothing, or nothing any more.")
		if got := two.Get("/setup"); got.URL.Path != "/signin" {
			t.Errorf("the second goes on at %s", got.URL)
		}
	})
}

// TestNoWordOfTheSetUpBypassesTheCatalogue: every step in the pseudo language, also with wrong values.
func TestNoWordOfTheSetUpBypassesTheCatalogue(t *testing.T) {
	t.Parallel()
	begin(t, func(t *testing.T, s *apptest.Site, link string) {
		look := func(p *apptest.Page, status int) {
			t.Helper()
			if p.Status != status {
				t.Errorf("%s: %d", p.URL, p.Status)
			}
			for _, words := range uitest.Unwrapped(p.Body) {
				t.Errorf("%s: %s", p.URL, words)
			}
		}
		const xa = "?lang=en-XA"
		p := s.Person(t)
		p.Get("/?lang=en")
		look(p.Get("/setup/none"+xa), http.StatusGone)
		for _, step := range []string{"name", "program", "help"} {
			look(p.Get(link+xa), http.StatusOK)
			revision := carried(t, p.Get(link), "revision")
			look(p.Post(link+"/"+step+xa, url.Values{"revision": {revision}, "part2": {"no"}, "alone_at": {"many"}, "help0_name": {""}, "help0_call": {"call me"}, "zone": {"Mars/Base"}}), http.StatusUnprocessableEntity)
			look(p.Post(link+"/"+step+xa, url.Values{"revision": {"77"}, "name": {"X"}, "zone": {"UTC"}, "languages": {"en"}, "kind": {"hospital"}, "contact": {"x"}, "adult_at": {"18"}}), http.StatusConflict)
			take(t, p, link, step)
		}
		look(p.Get(link+xa), http.StatusOK)
		create(t, p, device(s), link+"/begin", link+"/passkey", url.Values{"name": {"Ana"}})
		look(p.Get("/setup"+xa), http.StatusOK)
		take(t, p, "/setup", "keys")
		for _, path := range []string{"/setup/done", "/desk/settings", "/desk/settings/name", "/desk/settings/help", "/desk/settings/keys", "/desk/settings/program/new", "/desk/doctor"} {
			look(p.Get(path+xa), http.StatusOK)
		}
	})
}
