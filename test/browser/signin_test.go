package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"hearth/internal/access"
	"hearth/internal/account"
	"hearth/internal/app"
	"hearth/internal/app/apptest"
	"hearth/internal/db/dbtest"
)

// phone gives the window an authenticator of its own, whose owner always agrees.
func phone(t *testing.T, w *Window) webauthn.AuthenticatorID {
	t.Helper()
	ctx, cancel := w.Context()
	defer cancel()
	_, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{})
	must(t, err)
	got, err := chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	must(t, err)
	return got.AuthenticatorID
}

// invite makes an invitation at the machine and returns the path of its link.
func invite(t *testing.T, s *apptest.Site, grants ...access.Grant) string {
	t.Helper()
	token, _, err := s.House.Accounts.InviteAs(t.Context(), account.CommandLine, account.Invitation{Name: "Juniper", Grants: grants})
	must(t, err)
	return "/invite/" + token
}

func press(t *testing.T, w *Window, form string) {
	t.Helper()
	must(t, w.Do(chromedp.Click(form+` button[type="submit"]`)))
}

// TestAPasskeyOnAPhone: an invitation opened on a phone, a passkey, ten codes, out, in again; and what came between
// is free of script errors, of requests to elsewhere and of violations of the policy.
func TestAPasskeyOnAPhone(t *testing.T) {
	s := apptest.On(t, dbtest.SQLite(t, app.Sources...))
	w := open(t, s.Server.URL)
	must(t, w.As(Look{Width: 360}))
	phone(t, w)
	must(t, w.Go(invite(t, s, access.Grant{Role: access.Administrator})+"?lang=en"))
	press(t, w, `form[data-passkey="create"]`)
	waitText(t, w, "One way in is not enough")
	must(t, w.Do(chromedp.Click(`a[href="/account/codes"]`)))
	waitText(t, w, "Have a printer")
	press(t, w, `form[action="/account/codes"]`)
	sheet := waitText(t, w, "cross it out")
	if strings.Count(sheet, "-") < 21 {
		t.Errorf("the sheet:\n%s", sheet)
	}
	must(t, w.Go("/account"))
	waitText(t, w, "10 codes are left")
	must(t, w.Do(chromedp.SendKeys(`input[name="label"]`, "once more")))
	press(t, w, `form[data-passkey="create"]`)
	waitText(t, w, "This device has a passkey for you already.")
	press(t, w, `form[action="/signout"]`)
	waitText(t, w, "Sign in")
	must(t, w.Go("/signin?lang=en&next=/account"))
	press(t, w, `form[data-passkey="get"]`)
	waitText(t, w, "My sign-in")
	if path, err := w.Path(); err != nil || path != "/account" {
		t.Errorf("signed in at %s, %v", path, err)
	}
	for _, trouble := range w.Troubles() {
		t.Error(trouble)
	}
}

// TestADeviceOfSomebodyElse keeps nothing: no worker, no cache, no cookie that outlives the browser.
func TestADeviceOfSomebodyElse(t *testing.T) {
	s := apptest.On(t, dbtest.SQLite(t, app.Sources...))
	w := open(t, s.Server.URL)
	const password = "a lamp in the window"
	must(t, s.House.Accounts.CreateAdministrator(t.Context(), "Sam", password))
	must(t, w.Go("/?lang=en"))
	kept := `navigator.serviceWorker.getRegistrations().then(async r => r.length + (await caches.keys()).length)`
	becomes(t, w, "the help page is kept for everybody", kept+`.then(n => n > 1)`)
	must(t, w.Go("/signin"))
	must(t, w.Do(chromedp.SendKeys(`form[action="/signin"] input[name="name"]`, "Sam"), chromedp.SendKeys(`form[action="/signin"] input[name="password"]`, password), chromedp.Click(`#short`)))
	press(t, w, `form[action="/signin"]`)
	waitText(t, w, "What waits")
	becomes(t, w, "on somebody else's device nothing is kept", kept+`.then(n => n === 0)`)
	must(t, w.Go("/account"))
	press(t, w, `form[action="/signout"]`)
	waitText(t, w, "Sign in")
	if left, err := Eval[string](w, `cookieStore.getAll().then(all => JSON.stringify(all.map(c => c.name)))`); err != nil || left != "[]" {
		t.Errorf("cookies that are left: %s, %v", left, err)
	}
}

// becomes waits until a script gives true.
func becomes(t *testing.T, w *Window, what, script string) {
	t.Helper()
	ctx, cancel := w.Context()
	defer cancel()
	for {
		if ok, err := Eval[bool](w, script); err == nil && ok {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("%s: never true: %s", what, script)
		}
		must(t, pause(ctx))
	}
}

// TestPagesOfPeople opens the pages around signing in as people see them, with the rules of TestEveryPage.
func TestPagesOfPeople(t *testing.T) {
	s := apptest.On(t, dbtest.SQLite(t, app.Sources...))
	w := open(t, s.Server.URL)
	phone(t, w)
	must(t, w.Go(invite(t, s, access.Grant{Role: access.Administrator})+"?lang=en"))
	press(t, w, `form[data-passkey="create"]`)
	waitText(t, w, "One way in is not enough")
	_, peer := s.SignedIn(t, "Wren", access.Grant{Role: access.Peer}, access.Grant{Role: access.Host, Until: s.House.Accounts.Today().AddDays(40)})
	waiting := invite(t, s, access.Grant{Role: access.Peer})
	in := []string{"/account", "/account/safe", "/account/codes", "/account/password", "/account/one-time", "/desk/people", "/desk/people/invite", "/desk/people/" + peer.ID}
	out := []string{waiting, "/signin?ended=yes", "/signin/recover", "/invite/none"}
	look := func(pages []string) {
		for _, look := range []Look{{Width: 360}, {Width: 1280, Dark: true}, {Width: 320, Dark: true}, {Width: 1280}} {
			must(t, w.As(look))
			for i, page := range pages {
				path := page + map[bool]string{true: "&", false: "?"}[strings.Contains(page, "?")] + "lang=" + []string{"en", "es"}[(i+look.Width)%2]
				must(t, w.Go(path))
				name := fmt.Sprintf("%s at %d", path, look.Width)
				if at, err := w.Path(); err != nil || at != path {
					t.Errorf("%s leads to %s, %v", name, at, err)
				}
				found, err := w.Accessibility()
				must(t, err)
				for _, v := range found {
					t.Errorf("%s: %s", name, v)
				}
				if over, err := w.Overflow(); err != nil || over > 0 {
					t.Errorf("%s: scrolls sideways by %d (%v)", name, over, err)
				}
				for _, trouble := range w.Troubles() {
					if !strings.Contains(page, "none") {
						t.Errorf("%s: %s", name, trouble)
					}
				}
			}
		}
	}
	look(in)
	ctx, cancel := w.Context()
	defer cancel()
	_, err := chromedp.Call(ctx, network.ClearBrowserCookies, cdp.Empty{})
	must(t, err)
	look(out)
}
