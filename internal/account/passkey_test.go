package account_test

import (
	"strings"
	"testing"
	"time"

	"hearth/internal/access"
	"hearth/internal/account"
	"hearth/internal/account/accounttest"
	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/fault"
)

// joined invites somebody as a peer, who joins with a passkey on a phone of their own.
func joined(t *testing.T, s *account.Service, name string) (*accounttest.Authenticator, account.Account) {
	t.Helper()
	token, _, err := s.InviteAs(t.Context(), "system", account.Invitation{Grants: []access.Grant{{Role: access.Peer}}})
	if err != nil {
		t.Fatal(err)
	}
	phone := &accounttest.Authenticator{Origin: house}
	in, err := joinWith(t, s, token, name, phone)
	if err != nil {
		t.Fatal(err)
	}
	return phone, at(t, s, in)
}

func joinWith(t *testing.T, s *account.Service, token, name string, phone *accounttest.Authenticator) (account.Opened, error) {
	t.Helper()
	c, err := s.BeginJoin(t.Context(), token, account.Joining{Name: name, Label: "My phone", Device: account.Device{Label: "Safari, iPhone"}})
	if err != nil {
		return account.Opened{}, err
	}
	answer, err := phone.Create(c.Options)
	if err != nil {
		t.Fatal(err)
	}
	return s.FinishJoin(t.Context(), c.Step, answer)
}

// at is the account as its session sees it.
func at(t *testing.T, s *account.Service, in account.Opened) account.Account {
	t.Helper()
	a, err := s.Session(t.Context(), in.Token)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func come(t *testing.T, s *account.Service, phone *accounttest.Authenticator) (account.Opened, error) {
	t.Helper()
	c, err := s.BeginPasskey(t.Context(), account.Device{}, "/next")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := phone.Get(c.Options)
	if err != nil {
		t.Fatal(err)
	}
	in, next, err := s.FinishPasskey(t.Context(), c.Step, answer)
	if err == nil && next != "/next" {
		t.Errorf("goes on to %q", next)
	}
	return in, err
}

func TestPasskeyOpensTheDoor(t *testing.T) {
	run(t, func(t *testing.T, d *db.DB, s *account.Service, c *clock) {
		ctx := t.Context()
		phone, a := joined(t, s, "Río")
		if a.Name != "Río" || !strings.HasPrefix(a.SignIn, "rio-") || !a.Has(access.Peer) || a.Session.How != account.ByPasskey {
			t.Errorf("joined as %+v", a)
		}
		in, err := come(t, s, phone)
		if err != nil || in.Account.ID != a.ID {
			t.Fatalf("%+v, %v", in.Account, err)
		}
		// An answer is good for one challenge, and a challenge for one answer.
		ch, err := s.BeginPasskey(ctx, account.Device{}, "")
		if err != nil {
			t.Fatal(err)
		}
		answer, err := phone.Get(ch.Options)
		if err != nil {
			t.Fatal(err)
		}
		other, err := s.BeginPasskey(ctx, account.Device{}, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.FinishPasskey(ctx, other.Step, answer); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the answer to another challenge: %v", err)
		}
		if _, _, err := s.FinishPasskey(ctx, ch.Step, answer); err != nil {
			t.Errorf("its own: %v", err)
		}
		if _, _, err := s.FinishPasskey(ctx, ch.Step, answer); !fault.Is(err, fault.Gone) {
			t.Errorf("once more: %v", err)
		}
		late, err := s.BeginPasskey(ctx, account.Device{}, "")
		if err != nil {
			t.Fatal(err)
		}
		if answer, err = phone.Get(late.Options); err != nil {
			t.Fatal(err)
		}
		c.pass(11 * time.Minute)
		if _, _, err := s.FinishPasskey(ctx, late.Step, answer); !fault.Is(err, fault.Gone) {
			t.Errorf("too late: %v", err)
		}
		elsewhere := phone.Copy()
		elsewhere.Origin = "http://localhost.evil.example"
		if _, err := come(t, s, elsewhere); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a page that only looks like this one: %v", err)
		}
		if err := s.Disable(ctx, "system", a.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := come(t, s, phone); !fault.Is(err, fault.Forbidden) {
			t.Errorf("disabled: %v", err)
		}
	})
}

// A passkey whose count goes backwards exists twice: it opens nothing, and the record and its owner's page
// say so.
func TestACopiedPasskeyIsFoundOut(t *testing.T) {
	run(t, func(t *testing.T, d *db.DB, s *account.Service, c *clock) {
		ctx := t.Context()
		phone := &accounttest.Authenticator{Origin: house, Count: 1}
		token, _, err := s.InviteAs(ctx, "system", account.Invitation{Grants: []access.Grant{{Role: access.Peer}}})
		if err != nil {
			t.Fatal(err)
		}
		in, err := joinWith(t, s, token, "Río", phone)
		if err != nil {
			t.Fatal(err)
		}
		thief := phone.Copy()
		for range 2 {
			if _, err := come(t, s, phone); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := come(t, s, thief); !fault.Is(err, fault.Forbidden) || !strings.Contains(err.Error(), "copied") {
			t.Errorf("the copy: %v", err)
		}
		all, err := s.PasskeysOf(ctx, in.Account.ID)
		if err != nil || len(all) != 1 || all[0].Label != "My phone" || !all[0].CopiedAt.Equal(c.Now()) {
			t.Errorf("%+v, %v", all, err)
		}
		entries, err := audit.List(ctx, d, 1)
		if err != nil || entries[0].Action != "account.passkey_copied" {
			t.Errorf("%+v, %v", entries, err)
		}
	})
}

func TestASecondPasskeyAndPrintedCodes(t *testing.T) {
	run(t, func(t *testing.T, d *db.DB, s *account.Service, c *clock) {
		ctx := t.Context()
		phone, a := joined(t, s, "Río")
		if w, err := s.WaysOf(ctx, a.ID); err != nil || w.Safe() {
			t.Errorf("one passkey alone is called safe: %+v, %v", w, err)
		}
		codes, err := s.MakeRecoveryCodes(ctx, a)
		if err != nil || len(codes) != 10 || len(codes[0]) != 14 {
			t.Fatal(codes, err)
		}
		kept, err := db.All(ctx, d, db.Column[string], `SELECT code FROM account_recovery`)
		if err != nil || len(kept) != 10 || strings.Contains(strings.Join(kept, " "), strings.ReplaceAll(codes[0], "-", "")) {
			t.Errorf("kept %v, %v", kept, err)
		}
		if _, err := s.Recover(ctx, strings.ToUpper(a.SignIn), strings.ToUpper(strings.ReplaceAll(codes[3], "-", " ")), account.Device{}); err != nil {
			t.Errorf("a printed code: %v", err)
		}
		for what, err := range map[string]error{
			"once more":       second(s.Recover(ctx, a.SignIn, codes[3], account.Device{})),
			"somebody else's": second(s.Recover(ctx, "Ana", codes[4], account.Device{})),
			"nobody's":        second(s.Recover(ctx, "nobody", codes[4], account.Device{})),
			"nonsense":        second(s.Recover(ctx, a.SignIn, "\xff", account.Device{})),
			"empty":           second(s.Recover(ctx, a.SignIn, "", account.Device{})),
		} {
			if !fault.Is(err, fault.Forbidden) || err.Error() != "This name and this code do not belong together, or the code was used before." {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := s.RemovePasskey(ctx, a, mine(t, s, a)[0].ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("the only passkey: %v", err)
		}
		key := &accounttest.Authenticator{Origin: house}
		ch, err := s.BeginNewPasskey(ctx, a, "Key ring", "/account")
		if err != nil {
			t.Fatal(err)
		}
		answer, err := key.Create(ch.Options)
		if err != nil {
			t.Fatal(err)
		}
		if next, err := s.FinishNewPasskey(ctx, a, ch.Step, answer); err != nil || next != "/account" {
			t.Fatal(next, err)
		}
		if in, err := come(t, s, key); err != nil || in.Account.ID != a.ID {
			t.Errorf("the second passkey: %v", err)
		}
		if err := s.RemovePasskey(ctx, a, mine(t, s, a)[0].ID); err != nil {
			t.Error(err)
		}
		if _, err := come(t, s, phone); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a passkey that was removed: %v", err)
		}
		c.pass(11 * time.Minute)
		for what, err := range map[string]error{
			"codes":    second(s.MakeRecoveryCodes(ctx, a)),
			"passkey":  second(s.BeginNewPasskey(ctx, a, "", "")),
			"password": s.ChangePassword(ctx, a, password),
			"remove":   s.RemovePasskey(ctx, a, "x"),
			"one-time": second(s.BeginOneTime(ctx, a)),
		} {
			if !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s, after a while and unasked: %v", what, err)
			}
		}
		again, err := s.BeginAgain(ctx, a, "/account")
		if err != nil {
			t.Fatal(err)
		}
		if answer, err = key.Get(again.Options); err != nil {
			t.Fatal(err)
		}
		if _, err := s.FinishAgain(ctx, a, again.Step, answer); err != nil {
			t.Fatal(err)
		}
		sessions, err := s.Sessions(ctx, a.ID, a.Session.ID)
		if err != nil || len(sessions) != 3 {
			t.Fatal(sessions, err)
		}
		a.Session = sessions[len(sessions)-1]
		for _, x := range sessions {
			if x.Here {
				a.Session = x
			}
		}
		if !account.Fresh(a, c.Now()) {
			t.Error("a proof that proves nothing")
		}
	})
}

func mine(t *testing.T, s *account.Service, a account.Account) []account.Passkey {
	t.Helper()
	all, err := s.PasskeysOf(t.Context(), a.ID)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func second[T any](_ T, err error) error { return err }
