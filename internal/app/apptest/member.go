package apptest

import (
	"net/http"
	"net/url"
	"testing"

	"hearth/internal/access"
	"hearth/internal/account"
	"hearth/internal/account/accounttest"
)

// Member makes somebody who holds these grants, with a password and one-time codes, and returns them signed
// in, with the browser they did it in.
func (s *Site) Member(t *testing.T, name string, grants ...access.Grant) *Person {
	t.Helper()
	ctx := t.Context()
	token, _, err := s.House.Accounts.InviteAs(ctx, account.CommandLine, account.Invitation{Name: name, Grants: grants})
	if err != nil {
		t.Fatal(err)
	}
	begun, err := s.House.Accounts.BeginJoinByPassword(ctx, token, account.Joining{Name: name}, "two words and a river")
	if err != nil {
		t.Fatal(err)
	}
	opened, err := s.House.Accounts.FinishJoinByPassword(ctx, begun.Step, accounttest.Code(begun.Secret, s.Clock.Now()))
	if err != nil {
		t.Fatal(err)
	}
	p := s.Person(t)
	at, err := url.Parse(s.Server.URL)
	if err != nil {
		t.Fatal(err)
	}
	p.client.Jar.SetCookies(at, []*http.Cookie{{Name: sessionCookie, Value: opened.Token, Path: "/"}})
	return p
}

// Token is the session of somebody who signed in, for a browser that shows the same site.
func (p *Person) Token() string {
	p.t.Helper()
	at, err := url.Parse(p.site.Server.URL)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, c := range p.client.Jar.Cookies(at) {
		if c.Name == sessionCookie {
			return c.Value
		}
	}
	p.t.Fatal("nobody is signed in")
	return ""
}

const sessionCookie = "hearth_session"
