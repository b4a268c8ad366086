package account_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"hearth/internal/access"
	"hearth/internal/account"
	"hearth/internal/account/accounttest"
	"hearth/internal/civil"
	"hearth/internal/db"
	"hearth/internal/fault"
)

func TestAnInvitationWorksOnceAndForThreeDays(t *testing.T) {
	run(t, func(t *testing.T, d *db.DB, s *account.Service, c *clock) {
		ctx := t.Context()
		_, ana := signIn(t, s, "Ana")
		grant := access.Grant{Role: access.Host, Program: "north", Group: "tuesday", From: civil.DateOf(c.Now()), Until: civil.DateOf(c.Now()).AddDays(30)}
		invite := func() string {
			t.Helper()
			token, _, err := s.Invite(ctx, ana.Actor(), account.Invitation{Name: "Juniper", Grants: []access.Grant{grant}})
			if err != nil {
				t.Fatal(err)
			}
			return token
		}
		token, late := invite(), invite()
		for range 3 { // a preview of the link, and the person who reads it twice
			if i, err := s.Invited(ctx, token); err != nil || i.Name != "Juniper" || i.Grants[0] != grant {
				t.Fatalf("%+v, %v", i, err)
			}
		}
		if kept, err := db.One(ctx, d, db.Column[string], `SELECT token_hash FROM account_invitation`); err != nil || kept == token {
			t.Errorf("the token is kept as it is: %v", err)
		}
		phone := &accounttest.Authenticator{Origin: house}
		in, err := joinWith(t, s, token, "June", phone)
		if err != nil {
			t.Fatal(err)
		}
		if a := in.Account; a.Name != "June" || len(a.Grants) != 1 || a.Grants[0].Grant != grant || a.Grants[0].By != ana.ID {
			t.Errorf("joined as %+v", a)
		}
		if _, err := joinWith(t, s, token, "June", phone); !fault.Is(err, fault.Gone) {
			t.Errorf("a second time: %v", err)
		}
		c.pass(73 * time.Hour)
		for what, token := range map[string]string{"too late": late, "made up": "xyz", "none": ""} {
			if _, err := s.Invited(ctx, token); !fault.Is(err, fault.Gone) {
				t.Errorf("%s: %v", what, err)
			}
		}
		c.pass(30 * 24 * time.Hour)
		if a, err := s.Account(ctx, in.Account.ID); err != nil || a.Has(access.Host) || len(a.Grants) != 1 {
			t.Errorf("after its last day: %+v, %v", a, err)
		}
	})
}

// Two people open one link at once: one of them joins.
func TestOneInvitationTwoPeople(t *testing.T) {
	run(t, func(t *testing.T, d *db.DB, s *account.Service, c *clock) {
		token, _, err := s.InviteAs(t.Context(), "system", account.Invitation{Grants: []access.Grant{{Role: access.Peer}}})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		results := make([]error, 4)
		for i := range results {
			wg.Go(func() { _, results[i] = joinWith(t, s, token, "Río", &accounttest.Authenticator{Origin: house}) })
		}
		wg.Wait()
		in := 0
		for _, err := range results {
			if err == nil {
				in++
			} else if !fault.Is(err, fault.Gone) {
				t.Error(err)
			}
		}
		all, err := s.Accounts(t.Context())
		if in != 1 || err != nil || len(all) != 2 {
			t.Errorf("%d came in, there are %d accounts, %v", in, len(all), err)
		}
	})
}

func TestWhoMayInviteWhom(t *testing.T) {
	run(t, func(t *testing.T, d *db.DB, s *account.Service, c *clock) {
		of := func(role access.Role, program string) access.Actor {
			return access.Actor{ID: "x", Grants: []access.Grant{{Role: role, Program: program}}}
		}
		for _, test := range []struct {
			by   access.Actor
			give access.Grant
			ok   bool
		}{
			{of(access.Administrator, ""), access.Grant{Role: access.Supervisor}, true},
			{of(access.Supervisor, "north"), access.Grant{Role: access.Peer, Program: "north"}, true},
			{of(access.Supervisor, "north"), access.Grant{Role: access.Participant, Program: "north"}, true},
			{of(access.Supervisor, "north"), access.Grant{Role: access.Peer, Program: "south"}, false},
			{of(access.Supervisor, "north"), access.Grant{Role: access.Peer}, false},
			{of(access.Supervisor, "north"), access.Grant{Role: access.Supervisor, Program: "north"}, false},
			{of(access.Supervisor, ""), access.Grant{Role: access.Administrator}, false},
			{of(access.Peer, ""), access.Grant{Role: access.Participant}, false},
			{access.Actor{ID: "x"}, access.Grant{Role: access.Participant}, false},
		} {
			_, _, err := s.Invite(t.Context(), test.by, account.Invitation{Grants: []access.Grant{test.give}})
			if test.ok && err != nil || !test.ok && !fault.Is(err, fault.Forbidden) {
				t.Errorf("%+v gives %+v: %v", test.by.Grants, test.give, err)
			}
		}
		_, ana := signIn(t, s, "Ana")
		if err := s.Grant(t.Context(), ana.Actor(), ana.ID, access.Grant{Role: access.Peer}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a role for oneself: %v", err)
		}
		if _, _, err := s.Invite(t.Context(), ana.Actor(), account.Invitation{Account: ana.ID}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a way into an account, by a page: %v", err)
		}
	})
}

// A password and one-time codes, for somebody whose phone knows no passkeys; and the same code never twice.
func TestJoiningWithAPassword(t *testing.T) {
	run(t, func(t *testing.T, d *db.DB, s *account.Service, c *clock) {
		ctx := t.Context()
		token, _, err := s.InviteAs(ctx, "system", account.Invitation{Grants: []access.Grant{{Role: access.Peer}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"", "short", "juniperjuniper"} {
			if _, err := s.BeginJoinByPassword(ctx, token, account.Joining{Name: "juniperjuniper"}, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		one, err := s.BeginJoinByPassword(ctx, token, account.Joining{Name: "Juniper"}, password)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.FinishJoinByPassword(ctx, one.Step, "000000"); !fault.Is(err, fault.Invalid) {
			t.Errorf("a wrong code: %v", err)
		}
		in, err := s.FinishJoinByPassword(ctx, one.Step, accounttest.Code(one.Secret, c.Now()))
		if err != nil {
			t.Fatal(err)
		}
		name := in.Account.SignIn
		step := func() string {
			t.Helper()
			in, err := s.SignInTo(ctx, name, password, account.Device{}, "/here")
			if err != nil || in.Token != "" || in.Step == "" {
				t.Fatalf("a password alone opens %+v, %v", in, err)
			}
			return in.Step
		}
		if _, _, err := s.FinishCode(ctx, step(), accounttest.Code(one.Secret, c.Now())); !fault.Is(err, fault.Invalid) {
			t.Errorf("the code that was used to join: %v", err)
		}
		c.pass(30 * time.Second)
		code := accounttest.Code(one.Secret, c.Now())
		first, next := step(), step()
		if in, to, err := s.FinishCode(ctx, first, code); err != nil || to != "/here" || at(t, s, in).Session.How != account.ByCode {
			t.Fatal(err)
		}
		if _, _, err := s.FinishCode(ctx, next, code); !fault.Is(err, fault.Invalid) {
			t.Errorf("the same code on another device: %v", err)
		}
		c.pass(time.Minute)
		for range 4 {
			if _, _, err := s.FinishCode(ctx, next, "123456"); !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooMany) {
				t.Errorf("guessing: %v", err)
			}
		}
		if _, _, err := s.FinishCode(ctx, next, accounttest.Code(one.Secret, c.Now())); err == nil {
			t.Error("after five wrong codes the right one still opens")
		}
		if kept, err := db.One(ctx, d, db.Column[[]byte], `SELECT totp FROM account WHERE totp IS NOT NULL`); err != nil || string(kept) == one.Secret {
			t.Errorf("the secret is kept as it is: %v", err)
		}
	})
}

func TestTheFirstStart(t *testing.T) {
	run(t, func(t *testing.T, d *db.DB, s *account.Service, c *clock) {
		ctx := t.Context()
		if token, err := s.SetupToken(ctx); err != nil || token != "" {
			t.Errorf("a house with an account prints a link: %v", err)
		}
		if _, err := d.Exec(ctx, `DELETE FROM account`); err != nil {
			t.Fatal(err)
		}
		old, err := s.SetupToken(ctx)
		if err != nil {
			t.Fatal(err)
		}
		token, err := s.SetupToken(ctx)
		if err != nil || token == "" {
			t.Fatal(err)
		}
		if err := s.SetupOpen(ctx, old); !fault.Is(err, fault.Gone) {
			t.Errorf("the link of the start before: %v", err)
		}
		for range 2 {
			if err := s.SetupOpen(ctx, token); err != nil {
				t.Error(err)
			}
		}
		in, err := s.ClaimSetup(ctx, token, account.Joining{Name: "River"})
		if err != nil {
			t.Fatal(err)
		}
		if a := at(t, s, in); !a.Has(access.Administrator) || !account.Fresh(a, c.Now()) {
			t.Errorf("%+v", a)
		}
		if _, err := s.ClaimSetup(ctx, token, account.Joining{Name: "Mallory"}); !fault.Is(err, fault.Gone) {
			t.Errorf("a second time: %v", err)
		}
	})
}

func TestOneEndsOtherSessionsAndAShortOneEndsItself(t *testing.T) {
	run(t, func(t *testing.T, d *db.DB, s *account.Service, c *clock) {
		ctx := context.WithoutCancel(t.Context())
		open := func(short bool, previous string) account.Opened {
			t.Helper()
			in, err := s.SignIn(ctx, "Ana", password, account.Device{Short: short, Previous: previous})
			if err != nil {
				t.Fatal(err)
			}
			return in
		}
		own, library := open(false, ""), open(true, "")
		if library.Known != "" {
			t.Error("a device that is not hers is marked as hers")
		}
		here := at(t, s, own)
		for range 12 {
			c.pass(19 * time.Minute)
			if _, err := s.Session(ctx, library.Token); err != nil {
				t.Fatal(err)
			}
		}
		c.pass(21 * time.Minute)
		if _, err := s.Session(ctx, library.Token); !fault.Is(err, fault.Forbidden) {
			t.Errorf("twenty minutes on a device that is not hers: %v", err)
		}
		other := open(false, "")
		all, err := s.Sessions(ctx, here.ID, here.Session.ID)
		if err != nil || len(all) != 2 {
			t.Fatal(all, err)
		}
		if err := s.EndSession(ctx, here.ID, "somebody else", here.Session.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("another's session: %v", err)
		}
		if err := s.EndSessions(ctx, here.ID, here.ID, here.Session.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Session(ctx, other.Token); !fault.Is(err, fault.Forbidden) {
			t.Errorf("an ended session: %v", err)
		}
		// Whoever planted a session in this browser has nothing of what it signs in with next.
		next := open(false, own.Token)
		if _, err := s.Session(ctx, own.Token); !fault.Is(err, fault.Forbidden) || next.Token == own.Token {
			t.Errorf("the session from before the sign-in: %v", err)
		}
	})
}
