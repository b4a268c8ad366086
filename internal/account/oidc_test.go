package account_test

import (
	"net/url"
	"strings"
	"testing"

	"hearth/internal/access"
	"hearth/internal/account"
	"hearth/internal/account/accounttest"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
	"hearth/internal/fault"
	"hearth/internal/vault/vaulttest"
)

func TestAnOrganisationsSignIn(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		c := newClock()
		org, err := accounttest.NewIssuer(c.Now)
		if err != nil {
			t.Fatal(err)
		}
		defer org.Close()
		s := account.New(d, account.Options{
			Now: c.Now, Vault: vaulttest.New(t, d, account.Sealed...), BaseURL: house,
			OIDC: account.OIDC{Issuer: org.URL, ClientID: "hearth", ClientSecret: "ember"},
		})
		// through sends somebody to the organisation and takes its answer, changed by change.
		through := func(invitation string, a *account.Account, change func(url.Values)) (account.Opened, error) {
			t.Helper()
			to, token, err := s.BeginOIDC(ctx, account.Device{}, "/here", invitation, account.Joining{Name: "Juniper"}, a)
			if err != nil {
				return account.Opened{}, err
			}
			if q := strings.ToLower(to); !strings.Contains(q, "code_challenge_method=s256") || strings.Contains(q, "ember") {
				t.Errorf("sent to %s", to)
			}
			answer, err := org.Answer(to)
			if err != nil {
				t.Fatal(err)
			}
			if change != nil {
				change(answer)
			}
			in, _, err := s.FinishOIDC(ctx, token, answer)
			if again, _, err := s.FinishOIDC(ctx, token, answer); !fault.Is(err, fault.Gone) || again.Token != "" {
				t.Errorf("the same answer twice: %v", err)
			}
			return in, err
		}
		org.Subject = "june@clinic"
		if in, err := through("", nil, nil); !fault.Is(err, fault.Forbidden) || in.Token != "" {
			t.Fatalf("somebody whom nobody invited: %v", err)
		}
		link, _, err := s.InviteAs(ctx, "system", account.Invitation{Grants: []access.Grant{{Role: access.Peer}}})
		if err != nil {
			t.Fatal(err)
		}
		in, err := through(link, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		june := at(t, s, in)
		if june.Name != "Juniper" || june.Session.How != account.ByOIDC || !june.Has(access.Peer) {
			t.Errorf("joined as %+v", june)
		}
		if in, err := through("", nil, nil); err != nil || in.Account.ID != june.ID {
			t.Errorf("signing in: %v", err)
		}
		if kept, err := db.One(ctx, d, db.Column[string], `SELECT subject FROM account_oidc`); err != nil || strings.Contains(kept, "june") {
			t.Errorf("kept %q, %v", kept, err)
		}
		for what, change := range map[string]func(url.Values){
			"another browser's state": func(v url.Values) { v.Set("state", "x") },
			"no state":                func(v url.Values) { v.Del("state") },
			"another issuer":          func(v url.Values) { v.Set("iss", "https://evil.example") },
			"a code of its own":       func(v url.Values) { v.Set("code", "x") },
			"an error":                func(v url.Values) { v.Set("error", "access_denied") },
		} {
			if in, err := through("", nil, change); !fault.Is(err, fault.Forbidden) || in.Token != "" {
				t.Errorf("%s: %v", what, err)
			}
		}
		org.Nonce = "another's"
		if in, err := through("", nil, nil); !fault.Is(err, fault.Forbidden) || in.Token != "" {
			t.Errorf("another's nonce: %v", err)
		}
		org.Nonce, org.Audience = "", "another client"
		if in, err := through("", nil, nil); !fault.Is(err, fault.Forbidden) || in.Token != "" {
			t.Errorf("a token for another: %v", err)
		}
		org.Audience = ""

		// Somebody who is signed in links theirs; one that belongs to another account is refused.
		_, a := joined(t, s, "Río")
		if _, err := through("", &a, nil); !fault.Is(err, fault.Conflict) {
			t.Errorf("June's organisation for Río: %v", err)
		}
		org.Subject = "rio@clinic"
		if _, err := through("", &a, nil); err != nil {
			t.Fatal(err)
		}
		if in, err := through("", nil, nil); err != nil || in.Account.ID != a.ID {
			t.Errorf("linked, and signing in: %v", err)
		}
		if err := s.Unlink(ctx, a); err != nil {
			t.Fatal(err)
		}
		if _, err := through("", nil, nil); !fault.Is(err, fault.Forbidden) {
			t.Errorf("after unlinking: %v", err)
		}
		if err := s.Unlink(ctx, june); !fault.Is(err, fault.Conflict) {
			t.Errorf("June's only way in: %v", err)
		}
	}, sources...)
}
