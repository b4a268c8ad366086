package account_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hearth/internal/account"
	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
	"hearth/internal/fault"
)

const password = "four words are enough"

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 5, 19, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// run runs f with an administrator named Ana.
func run(t *testing.T, f func(t *testing.T, d *db.DB, s *account.Service, c *clock)) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		c := newClock()
		s := account.New(d, account.Options{Now: c.Now})
		if err := s.CreateAdministrator(t.Context(), "Ana", password); err != nil {
			t.Fatal(err)
		}
		f(t, d, s, c)
	}, audit.Migrations, account.Migrations)
}

func TestSignInAndOut(t *testing.T) {
	run(t, func(t *testing.T, d *db.DB, s *account.Service, c *clock) {
		ctx := t.Context()
		token, a, err := s.SignIn(ctx, " ana ", password, account.From("192.0.2.0/24"))
		if err != nil {
			t.Fatal(err)
		}
		want := account.Account{Name: "Ana", Role: account.Administrator, CreatedAt: c.Now()}
		if diff := cmp.Diff(want, a, cmpopts.IgnoreFields(account.Account{}, "ID")); diff != "" {
			t.Error(diff)
		}
		got, err := s.Session(ctx, token)
		if diff := cmp.Diff(a, got); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
		// Neither the token nor the password is in the database.
		for _, table := range []string{"token_hash FROM account_session", "password FROM account"} {
			kept, err := db.One(ctx, d, db.Column[string], `SELECT `+table)
			if err != nil || strings.Contains(kept, token) || strings.Contains(kept, password) {
				t.Errorf("%s: %q, %v", table, kept, err)
			}
		}
		if err := s.SignOut(ctx, token); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Session(ctx, token); !fault.Is(err, fault.Forbidden) {
			t.Errorf("after signing out got %v, want fault.Forbidden", err)
		}
		entries, err := audit.List(ctx, d, 10)
		if err != nil || len(entries) != 2 || entries[0].Action != "account.sign_in" || entries[1].Action != "account.create" {
			t.Fatalf("recorded %+v, %v", entries, err)
		}
		if entries[0].Actor != "Ana" {
			t.Errorf("signing in is recorded of %q, want the name as everywhere", entries[0].Actor)
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	run(t, func(t *testing.T, _ *db.DB, s *account.Service, c *clock) {
		ctx := t.Context()
		signIn := func() string {
			t.Helper()
			token, _, err := s.SignIn(ctx, "Ana", password)
			if err != nil {
				t.Fatal(err)
			}
			return token
		}
		idle, used := signIn(), signIn()
		for range 29 {
			c.pass(24 * time.Hour)
			if _, err := s.Session(ctx, used); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Session(ctx, idle); !fault.Is(err, fault.Forbidden) {
			t.Errorf("idle for weeks got %v, want fault.Forbidden", err)
		}
		c.pass(25 * time.Hour)
		if _, err := s.Session(ctx, used); !fault.Is(err, fault.Forbidden) {
			t.Errorf("after a month got %v, want fault.Forbidden", err)
		}
		_, a, err := s.SignIn(ctx, "Ana", password)
		if err != nil {
			t.Fatal(err)
		}
		for what, change := range map[string]func() error{
			"a new password": func() error { return s.SetPassword(ctx, "system", a.ID, password) },
			"disabled":       func() error { return s.Disable(ctx, "system", a.ID) },
		} {
			token := signIn()
			if err := change(); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Session(ctx, token); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: the old session gave %v, want fault.Forbidden", what, err)
			}
			if err := s.Enable(ctx, "system", a.ID); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestSameAnswerForEveryWrongSignIn(t *testing.T) {
	run(t, func(t *testing.T, _ *db.DB, s *account.Service, _ *clock) {
		ctx := t.Context()
		gone, err := s.Create(ctx, "system", "Bo", account.Editor, password)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Disable(ctx, "system", gone.ID); err != nil {
			t.Fatal(err)
		}
		var said string
		for _, try := range [][2]string{{"Ana", "not the password"}, {"Nobody", password}, {"Bo", password}, {"", ""}, {"Ana\x00", password}, {"\xff", password}, {"Ana", "\xff\x00"}, {"Ana", strings.Repeat("x", 5000)}} {
			token, a, err := s.SignIn(ctx, try[0], try[1])
			if !fault.Is(err, fault.Forbidden) || token != "" || a.ID != "" {
				t.Errorf("%q: got %v", try, err)
			}
			if said == "" {
				said = err.Error()
			}
			if err.Error() != said {
				t.Errorf("%q: got %q, want %q as for the others", try, err, said)
			}
		}
	})
}

func TestGuessingIsSlowAndKeepsNobodyOut(t *testing.T) {
	c := newClock()
	s := account.New(dbtest.SQLite(t, audit.Migrations, account.Migrations), account.Options{Now: c.Now})
	ctx := t.Context()
	if err := s.CreateAdministrator(ctx, "Ana", password); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if _, _, err := s.SignIn(ctx, "Ana", "a wrong guess", account.From("198.51.100.1")); !fault.Is(err, fault.Forbidden) {
			t.Fatal(err)
		}
	}
	if _, _, err := s.SignIn(ctx, "Ana", password, account.From("198.51.100.1")); !fault.Is(err, fault.TooMany) {
		t.Errorf("got %v, want even the right password to wait there", err)
	}
	if _, _, err := s.SignIn(ctx, "Ana", password, account.From("192.0.2.1")); err != nil {
		t.Errorf("somebody else's guesses keep Ana out: %v", err)
	}
	c.pass(30 * time.Second)
	if _, _, err := s.SignIn(ctx, "Ana", password, account.From("198.51.100.1")); err != nil {
		t.Errorf("after waiting: %v", err)
	}
}

func TestCreateRefuses(t *testing.T) {
	run(t, func(t *testing.T, _ *db.DB, s *account.Service, _ *clock) {
		tests := []struct {
			name, password string
			role           account.Role
			kind           fault.Kind
			field          string
		}{
			{"", password, account.Editor, fault.Invalid, "name"},
			{strings.Repeat("x", 81), password, account.Editor, fault.Invalid, "name"},
			{"Bo", "short", account.Editor, fault.Invalid, "password"},
			{"Bo", strings.Repeat("x", 20), account.Editor, fault.Invalid, "password"},
			{"Bartholomew", "bartholomew1", account.Editor, fault.Invalid, "password"},
			{"Bo", password, "king", fault.Invalid, "role"},
			{" ANA", password, account.Editor, fault.Conflict, "name"},
		}
		for _, test := range tests {
			_, err := s.Create(t.Context(), "system", test.name, test.role, test.password)
			if !fault.Is(err, test.kind) || fault.As(err).Fields[0].Name != test.field {
				t.Errorf("%q %q %q: got %v, want %s at %s", test.name, test.password, test.role, err, test.kind, test.field)
			}
		}
		all, err := s.Accounts(t.Context())
		if err != nil || len(all) != 1 {
			t.Errorf("got %v, %v; want Ana alone", all, err)
		}
		for what, err := range map[string]error{
			"password": s.SetPassword(t.Context(), "system", "nobody", password),
			"disable":  s.Disable(t.Context(), "system", "nobody"),
		} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("%s of nobody: got %v, want fault.NotFound", what, err)
			}
		}
	})
}
