package apptest

import (
	"net/http"
	"net/url"
	"testing"

	"hearth/internal/access"
	"hearth/internal/account"
)

// SignedIn makes an account with grants, and returns somebody who is signed in with it, as by a passkey, and
// fresh. The name is theirs to be called by; several may have the same.
func (s *Site) SignedIn(t *testing.T, name string, grants ...access.Grant) (*Person, account.Account) {
	t.Helper()
	if len(grants) == 0 {
		grants = []access.Grant{{Role: access.Participant}}
	}
	ctx := t.Context()
	token, _, err := s.House.Accounts.InviteAs(ctx, account.CommandLine, account.Invitation{Grants: grants})
	if err != nil {
		t.Fatal(err)
	}
	in, err := s.House.Accounts.Claim(ctx, token, account.Joining{Name: name, Device: account.Device{Label: "apptest"}})
	if err != nil {
		t.Fatal(err)
	}
	p := s.Person(t)
	p.carry(in.Token)
	return p, in.Account
}

func (p *Person) carry(token string) {
	u, err := url.Parse(p.site.Server.URL)
	if err != nil {
		p.t.Fatal(err)
	}
	p.client.Jar.SetCookies(u, []*http.Cookie{{Name: "hearth_session", Value: token, Path: "/"}})
}
