package scenario

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/internal/access"
	"hearth/internal/account/accounttest"
	"hearth/internal/app/apptest"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
)

// device is a phone with a passkey, in the hands of somebody who is on this site.
func device(s *apptest.Site) *accounttest.Authenticator {
	return &accounttest.Authenticator{Origin: s.Server.URL}
}

// options asks for a challenge, as the page's script does.
func options(t *testing.T, p *apptest.Person, path string, form url.Values) json.RawMessage {
	t.Helper()
	got := p.Post(path, form)
	var said struct {
		Options json.RawMessage
		Error   string
	}
	if err := json.Unmarshal([]byte(got.Body), &said); err != nil || len(said.Options) == 0 {
		t.Fatalf("%s: %d %s", path, got.Status, got.Body)
	}
	return said.Options
}

// create makes a passkey and sends it, get uses one.
func create(t *testing.T, p *apptest.Person, phone *accounttest.Authenticator, begin, finish string, form url.Values) *apptest.Page {
	t.Helper()
	answer, err := phone.Create(options(t, p, begin, form))
	if err != nil {
		t.Fatal(err)
	}
	return p.Post(finish, url.Values{"answer": {string(answer)}})
}

func get(t *testing.T, p *apptest.Person, phone *accounttest.Authenticator, begin, finish string, form url.Values) *apptest.Page {
	t.Helper()
	answer, err := phone.Get(options(t, p, begin, form))
	if err != nil {
		t.Fatal(err)
	}
	return p.Post(finish, url.Values{"answer": {string(answer)}})
}

func text(t *testing.T, p *apptest.Page, status int, want ...string) string {
	t.Helper()
	got := p.Text()
	if p.Status != status {
		t.Errorf("%s: %d, want %d\n%s", p.URL, p.Status, status, got)
	}
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%s does not say %q:\n%s", p.URL, w, got)
		}
	}
	return got
}

// values returns what stands in elements of a page, such as the codes of a sheet.
func values(p *apptest.Page, element string) (out []string) {
	for _, n := range p.All(element, "", "") {
		if n.FirstChild != nil {
			out = append(out, strings.TrimSpace(n.FirstChild.Data))
		}
	}
	return out
}

var inviteLink = regexp.MustCompile(`/invite/[A-Z0-9]+`)

// invited has an administrator invite somebody by the page, and returns the path of the link.
func invited(t *testing.T, admin *apptest.Person, form url.Values) string {
	t.Helper()
	made := admin.Post("/desk/people/invite", form)
	text(t, made, http.StatusOK, "The invitation is ready")
	link := inviteLink.FindString(made.Body)
	if link == "" || len(made.All("svg", "class", "qr")) != 1 {
		t.Fatalf("an invitation without a link or a drawing:\n%s", made.Text())
	}
	return link
}

// TestFromAnInvitationToTheDoor: invited, a passkey, ten codes on paper, out, in again, the phone lost, in with a
// code; and the link opens nothing a second time.
func TestFromAnInvitationToTheDoor(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		admin, _ := s.SignedIn(t, "Sam", access.Grant{Role: access.Administrator})
		link := invited(t, admin, url.Values{"name": {"Juniper"}, "role": {"peer", "host"}, "until": {"2027-05-01"}})
		text(t, admin.Get("/desk/people"), http.StatusOK, "Juniper")

		preview := s.Person(t)
		for range 3 {
			text(t, preview.Get(link), http.StatusOK, "You are invited", "Peer specialist")
		}
		june, phone := s.Person(t), device(s)
		first := create(t, june, phone, link+"/begin", link+"/passkey", url.Values{"name": {"June"}})
		text(t, first, http.StatusOK, "One way in is not enough")
		if first.URL.Path != "/account/safe" {
			t.Errorf("after the first passkey one is led to %s", first.URL.Path)
		}
		sheet := june.Post("/account/codes", nil)
		codes := slices.DeleteFunc(values(sheet, "code"), func(c string) bool { return len(c) != 14 })
		signIn := values(sheet, "code")[0]
		if len(codes) != 10 || !strings.HasPrefix(signIn, "june-") {
			t.Fatalf("the sheet has %v", values(sheet, "code"))
		}
		if again := june.Get("/account/codes"); strings.Contains(again.Body, codes[0]) {
			t.Error("the codes are shown twice")
		}
		text(t, june.Get("/account"), http.StatusOK, "10 codes are left", "Passkeys", signIn, "here")

		replay := s.Person(t)
		text(t, replay.Get(link), http.StatusGone, "This invitation does not open anything any more")
		if got := replay.Post(link+"/begin", url.Values{"name": {"Mallory"}}); got.Status != http.StatusGone {
			t.Errorf("a used invitation: %d %s", got.Status, got.Body)
		}

		june.Post("/signout", nil)
		if got := june.Get("/account"); got.URL.Path != "/signin" {
			t.Errorf("after signing out /account is open at %s", got.URL)
		}
		back := get(t, june, phone, "/signin/passkey/begin", "/signin/passkey", url.Values{"next": {"/account"}})
		text(t, back, http.StatusOK, "My sign-in")
		if back.URL.Path != "/account" {
			t.Errorf("signing in leads to %s", back.URL)
		}

		lost := s.Person(t)
		for _, try := range []url.Values{{"name": {signIn}, "code": {"2222-2222-2222"}}, {"name": {"nobody-2222"}, "code": {codes[0]}}} {
			text(t, lost.Post("/signin/recover", try), http.StatusUnprocessableEntity, "do not belong together")
		}
		text(t, lost.Post("/signin/recover", url.Values{"name": {signIn}, "code": {codes[7]}}), http.StatusOK, "9 codes are left")
		text(t, s.Person(t).Post("/signin/recover", url.Values{"name": {signIn}, "code": {codes[7]}}), http.StatusUnprocessableEntity, "was used before")
	})
}

// TestWithoutPasskeysAndWithoutScripts: a password and codes from an app, by plain forms alone.
func TestWithoutPasskeysAndWithoutScripts(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		admin, _ := s.SignedIn(t, "Sam", access.Grant{Role: access.Administrator})
		link := invited(t, admin, url.Values{"role": {"host"}})
		p := s.Person(t)
		text(t, p.Post(link+"/password", url.Values{"name": {"Old Phone"}, "password": {"short"}}), http.StatusUnprocessableEntity, "at least 12 characters")
		page := p.Post(link+"/password", url.Values{"name": {"Old Phone"}, "password": {password}})
		text(t, page, http.StatusOK, "Codes from an app")
		secret := values(page, "code")[0]
		text(t, p.Post(link+"/code", url.Values{"code": {"000000"}}), http.StatusUnprocessableEntity, "This code does not fit", secret)
		text(t, p.Post(link+"/code", url.Values{"code": {accounttest.Code(secret, s.Clock.Now())}}), http.StatusOK, "One way in is not enough")
		signIn := ""
		for _, c := range values(p.Get("/account"), "code") {
			if strings.HasPrefix(c, "old-") {
				signIn = c
			}
		}
		s.Clock.Add(time.Minute)
		other := s.Person(t)
		step := other.Post("/signin", url.Values{"name": {signIn}, "password": {password}, "next": {"/help"}})
		text(t, step, http.StatusOK, "Second step")
		if got := other.Get("/account"); got.URL.Path != "/signin" {
			t.Error("a password alone opens the door")
		}
		code := accounttest.Code(secret, s.Clock.Now())
		if in := other.Post("/signin/code", url.Values{"code": {code}}); in.URL.Path != "/help" {
			t.Errorf("the second step leads to %s\n%s", in.URL, in.Text())
		}
		third := s.Person(t)
		third.Post("/signin", url.Values{"name": {signIn}, "password": {password}})
		text(t, third.Post("/signin/code", url.Values{"code": {code}}), http.StatusUnprocessableEntity, "This code does not fit")
	})
}

// TestNoPageTellsWhoHasAnAccount: the same status and the same bytes, whether the name exists, is disabled, has a
// password or none.
func TestNoPageTellsWhoHasAnAccount(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		ctx := t.Context()
		_, peer := s.SignedIn(t, "Juniper", access.Grant{Role: access.Peer})
		for _, name := range []string{"sam-aaaa", "lee-bbbb"} {
			if err := s.House.Accounts.CreateAdministrator(ctx, name, password); err != nil {
				t.Fatal(err)
			}
		}
		lee, err := s.House.Accounts.Find(ctx, "lee-bbbb")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.House.Accounts.Disable(ctx, "system", lee.ID); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/signin", "/signin/recover"} {
			var first string
			for _, name := range []string{"nobody-zz", "sam-aaaa", "lee-bbbb", peer.SignIn} {
				got := s.Person(t).Post(path, url.Values{"name": {name}, "password": {"not the password"}, "code": {"2222-2222-2222"}})
				body := strings.ReplaceAll(got.Body, name, "NAME")
				if first == "" {
					first = body
				}
				if got.Status != http.StatusUnprocessableEntity || body != first {
					t.Errorf("%s of %s differs: %d\n%s", path, name, got.Status, got.Text())
				}
			}
		}
		// A passkey's challenge names nobody, and an unknown passkey is as unknown as a removed one.
		if o := string(options(t, s.Person(t), "/signin/passkey/begin", nil)); strings.Contains(o, "allowCredentials") {
			t.Errorf("the challenge lists passkeys: %s", o)
		}
	})
}

// TestADeviceThatIsNotMine: a session cookie alone, nothing stored, twenty minutes, and nothing left.
func TestADeviceThatIsNotMine(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		if err := s.House.Accounts.CreateAdministrator(t.Context(), "Sam", password); err != nil {
			t.Fatal(err)
		}
		send := func(form url.Values) *http.Response {
			t.Helper()
			r, err := http.NewRequest(http.MethodPost, s.Server.URL+"/signin", strings.NewReader(form.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			resp, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			return resp
		}
		cookie := func(resp *http.Response, name string) *http.Cookie {
			for _, c := range resp.Cookies() {
				if c.Name == name {
					return c
				}
			}
			return nil
		}
		own := send(url.Values{"name": {"Sam"}, "password": {password}})
		if c := cookie(own, "hearth_session"); c == nil || c.MaxAge < 86400 || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || cookie(own, "hearth_known") == nil {
			t.Errorf("on her own device: %v", own.Cookies())
		}
		short := send(url.Values{"name": {"Sam"}, "password": {password}, "short": {"yes"}})
		c := cookie(short, "hearth_session")
		if c == nil || c.MaxAge != 0 || !c.Expires.IsZero() || cookie(short, "hearth_known") != nil {
			t.Fatalf("on somebody else's device: %v", short.Cookies())
		}
		open := func(path string) *http.Response {
			t.Helper()
			r, err := http.NewRequest(http.MethodGet, s.Server.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.AddCookie(&http.Cookie{Name: "hearth_session", Value: c.Value})
			resp, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			return resp
		}
		for _, path := range []string{"/", "/account", "/help", "/desk"} {
			resp := open(path)
			if resp.StatusCode != http.StatusOK || resp.Header.Get("Cache-Control") != "no-store" || !strings.Contains(resp.Header.Get("Refresh"), "/signin?ended=yes") {
				t.Errorf("%s: %d, Cache-Control %q, Refresh %q", path, resp.StatusCode, resp.Header.Get("Cache-Control"), resp.Header.Get("Refresh"))
			}
		}
		s.Clock.Add(21 * time.Minute)
		resp := open("/account")
		if resp.StatusCode != http.StatusSeeOther || !strings.Contains(resp.Header.Get("Clear-Site-Data"), `"storage"`) || cookie(resp, "hearth_session") == nil || cookie(resp, "hearth_session").MaxAge >= 0 {
			t.Errorf("after twenty minutes: %d %v", resp.StatusCode, resp.Header)
		}
	})
}

// TestOnesOwnSessions: the list, ending one, ending all others, and nobody else's.
func TestOnesOwnSessions(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		if err := s.House.Accounts.CreateAdministrator(t.Context(), "Sam", password); err != nil {
			t.Fatal(err)
		}
		var people []*apptest.Person
		for range 3 {
			p := s.Person(t)
			p.Post("/signin", url.Values{"name": {"Sam"}, "password": {password}})
			people = append(people, p)
		}
		text(t, people[0].Get("/account"), http.StatusOK, "3 places", "Records of participants stay closed")
		stranger, _ := s.SignedIn(t, "Mallory", access.Grant{Role: access.Peer})
		end := ""
		for _, f := range people[0].Get("/account").All("form", "", "") {
			if a := apptest.Attr(f, "action"); strings.HasPrefix(a, "/account/sessions/") && strings.HasSuffix(a, "/end") && strings.Count(a, "/") == 4 {
				end = a
			}
		}
		if got := stranger.Post(end, nil); got.Status != http.StatusNotFound {
			t.Errorf("somebody else's session: %d", got.Status)
		}
		people[0].Post(end, nil)
		text(t, people[0].Get("/account"), http.StatusOK, "2 places")
		people[0].Post("/account/sessions/end", nil)
		in := 0
		for _, p := range people {
			if p.Get("/account").URL.Path == "/account" {
				in++
			}
		}
		if in != 1 {
			t.Errorf("%d of three are still signed in, want the one that ended the others", in)
		}
	})
}

// TestDangerousThingsAskOnceMore: ten minutes after signing in, roles and ways in ask who one is; and a
// participant's account is not the administrator's.
func TestDangerousThingsAskOnceMore(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		admin, sam := s.SignedIn(t, "Sam", access.Grant{Role: access.Administrator})
		_, peer := s.SignedIn(t, "Juniper", access.Grant{Role: access.Peer})
		_, someone := s.SignedIn(t, "Wren", access.Grant{Role: access.Participant})
		phone := device(s)
		create(t, admin, phone, "/account/passkeys/begin", "/account/passkeys", url.Values{"label": {"Key ring"}})
		text(t, admin.Get("/account"), http.StatusOK, "Key ring")
		text(t, admin.Post("/desk/people/"+peer.ID+"/roles", url.Values{"role": {"host"}, "until": {"2026-12-31"}}), http.StatusOK, "Host", "last day")
		s.Clock.Add(11 * time.Minute)
		for _, path := range []string{"/desk/people/" + peer.ID + "/roles", "/desk/people/" + peer.ID + "/disable", "/account/codes", "/account/password", "/account/password/remove"} {
			if got := admin.Post(path, url.Values{"role": {"editor"}, "password": {password}}); got.URL.Path != "/signin/again" {
				t.Errorf("%s, unasked after eleven minutes: %d at %s", path, got.Status, got.URL)
			}
		}
		got := get(t, admin, phone, "/signin/again/begin", "/signin/again/passkey", url.Values{"next": {"/desk/people"}})
		if got.URL.Path != "/desk/people" {
			t.Errorf("proved again, at %s\n%s", got.URL, got.Text())
		}
		if body := got.Text(); strings.Contains(body, "Wren") || !strings.Contains(body, "Juniper") {
			t.Errorf("the list of people:\n%s", body)
		}
		for _, path := range []string{"/desk/people/" + someone.ID, "/desk/people/none"} {
			if got := admin.Get(path); got.Status != http.StatusNotFound {
				t.Errorf("a participant's account: %d", got.Status)
			}
		}
		if got := admin.Post("/desk/people/"+sam.ID+"/roles", url.Values{"role": {"peer"}}); got.Status < 400 {
			t.Errorf("a role for oneself: %d", got.Status)
		}
		text(t, admin.Post("/desk/people/"+peer.ID+"/disable", nil), http.StatusOK, "This account cannot sign in")
		if a, err := s.House.Accounts.Account(t.Context(), peer.ID); err != nil || !a.Disabled {
			t.Error(err)
		}
		for _, role := range []access.Role{access.Participant, access.Peer, access.Host, access.Evaluator, access.Editor, access.Dispatcher} {
			p, _ := s.SignedIn(t, "Somebody", access.Grant{Role: role})
			for _, path := range []string{"/desk/people", "/desk/people/" + peer.ID, "/desk/people/invite"} {
				if got := p.Get(path); got.Status != http.StatusForbidden && got.Status != http.StatusNotFound {
					t.Errorf("%s opens %s: %d", role, path, got.Status)
				}
			}
		}
	})
}

// TestThroughAnOrganisation: nobody gets in whom nobody invited; an invitation links; then it opens the door; and
// another browser's answer does not.
func TestThroughAnOrganisation(t *testing.T) {
	t.Parallel()
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		org, err := accounttest.NewIssuer(func() time.Time { return apptest.Monday })
		if err != nil {
			t.Fatal(err)
		}
		defer org.Close()
		org.Subject = "june@clinic"
		s := apptest.On(t, d, "HEARTH_OIDC_ISSUER", org.URL, "HEARTH_OIDC_CLIENT_ID", "hearth", "HEARTH_OIDC_CLIENT_SECRET", "ember")
		admin, _ := s.SignedIn(t, "Sam", access.Grant{Role: access.Administrator})
		send := func(p *apptest.Person, path string, form url.Values) string {
			t.Helper()
			page := p.Post(path, form)
			text(t, page, http.StatusOK, "One moment")
			_, to, _ := strings.Cut(page.Header.Get("Refresh"), "url=")
			answer, err := org.Answer(to)
			if err != nil || !strings.HasPrefix(to, org.URL+"/authorize?") {
				t.Fatalf("sent to %q: %v", to, err)
			}
			return "/signin/oidc/back?" + answer.Encode()
		}
		stranger := s.Person(t)
		text(t, stranger.Get("/signin"), http.StatusOK, "Sign in through my organisation")
		text(t, stranger.Get(send(stranger, "/signin/oidc", nil)), http.StatusUnprocessableEntity, "opens nothing here")
		link := invited(t, admin, url.Values{"role": {"peer"}})
		june := s.Person(t)
		text(t, june.Get(send(june, link+"/oidc", url.Values{"name": {"June"}})), http.StatusOK, "My sign-in")
		text(t, s.Person(t).Get(link), http.StatusGone)
		again, thief := s.Person(t), s.Person(t)
		back := send(again, "/signin/oidc", url.Values{"next": {"/account"}})
		if got := thief.Get(back); got.Status != http.StatusGone || thief.Get("/account").URL.Path != "/signin" {
			t.Errorf("the answer in another browser: %d\n%s", got.Status, got.Text())
		}
		text(t, again.Get(back), http.StatusOK, "through the organisation")
	})
}

// TestAPlantedSession: whoever put a session of their own into somebody's browser has nothing of what that browser
// signs in with; a form from another site signs nobody in; and an address of another site is not gone to.
func TestAPlantedSession(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		if err := s.House.Accounts.CreateAdministrator(t.Context(), "Sam", password); err != nil {
			t.Fatal(err)
		}
		victim, _ := s.SignedIn(t, "Mallory", access.Grant{Role: access.Peer})
		text(t, victim.Post("/signin", url.Values{"name": {"Sam"}, "password": {password}, "next": {"//evil.example/"}}), http.StatusOK, "What waits")
		r, err := http.NewRequest(http.MethodPost, s.Server.URL+"/signin", strings.NewReader(url.Values{"name": {"Sam"}, "password": {password}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "https://evil.example")
		p := s.Person(t)
		if got := p.Send(r); got.Status != http.StatusForbidden || p.Get("/account").URL.Path != "/signin" {
			t.Errorf("a form from another site: %d", got.Status)
		}
		// A password alone gives no roles.
		text(t, victim.Get("/desk/people/invite"), http.StatusForbidden, "A password alone is not enough")
	})
}
