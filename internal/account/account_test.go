package account_test

import (
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hearth/internal/access"
	"hearth/internal/account"
	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
	"hearth/internal/fault"
	"hearth/internal/vault"
	"hearth/internal/vault/vaulttest"
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

// house is where these tests' browsers believe to be.
const house = "http://localhost:8080"

func service(t *testing.T, d *db.DB, c *clock) *account.Service {
	t.Helper()
	policies, err := access.Load(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return account.New(d, account.Options{Now: c.Now, Policies: policies, Vault: vaulttest.New(t, d, account.Sealed...), BaseURL: house, Community: func() string { return "Millbrook" }})
}

var sources = []db.Source{audit.Migrations, vault.Migrations, account.Migrations}

// run runs f with an administrator named Ana.
func run(t *testing.T, f func(t *testing.T, d *db.DB, s *account.Service, c *clock)) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		c := newClock()
		s := service(t, d, c)
		if err := s.CreateAdministrator(t.Context(), "Ana", password); err != nil {
			t.Fatal(err)
		}
		f(t, d, s, c)
	}, sources...)
}

// signIn signs in with a password and returns the session's token and account.
func signIn(t *testing.T, s *account.Service, name string) (string, account.Account) {
	t.Helper()
	in, err := s.SignIn(t.Context(), name, password, account.Device{Label: "Firefox, Android"})
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Session(t.Context(), in.Token)
	if err != nil {
		t.Fatal(err)
	}
	return in.Token, a
}

func editor(name, password string) account.NewAccount {
	return account.NewAccount{Name: name, Password: password, Grants: []access.Grant{{Role: access.Editor}}}
}

func TestSignInAndOut(t *testing.T) {
	run(t, func(t *testing.T, d *db.DB, s *account.Service, c *clock) {
		ctx := t.Context()
		in, err := s.SignIn(ctx, " ana ", password, account.Device{Network: "192.0.2.0/24", Label: "Firefox, Android"})
		if err != nil {
			t.Fatal(err)
		}
		token := in.Token
		got, err := s.Session(ctx, token)
		if err != nil {
			t.Fatal(err)
		}
		if got.Name != "Ana" || got.SignIn != "Ana" || !got.CreatedAt.Equal(c.Now()) || !cmp.Equal(got.Roles(), []string{"administrator"}) || got.ID != in.Account.ID {
			t.Errorf("signed in: %+v", got)
		}
		if x := got.Session; x.How != account.ByPassword || x.Device != "Firefox, Android" || !account.Fresh(got, c.Now()) || account.Fresh(got, c.Now().Add(11*time.Minute)) {
			t.Errorf("session %+v", x)
		}
		if diff := cmp.Diff(access.Actor{ID: got.ID, Grants: []access.Grant{{Role: access.Administrator}}}, got.Actor()); diff != "" {
			t.Error(diff)
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
		if entries[0].Actor != got.ID {
			t.Errorf("signing in is recorded of %q, want the account's id", entries[0].Actor)
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	run(t, func(t *testing.T, _ *db.DB, s *account.Service, c *clock) {
		ctx := t.Context()
		signIn := func() string {
			t.Helper()
			token, _ := signIn(t, s, "Ana")
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
		a, err := s.Find(ctx, "Ana")
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
		gone, err := s.Create(ctx, "system", editor("Bo", password))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Disable(ctx, "system", gone.ID); err != nil {
			t.Fatal(err)
		}
		var said string
		for _, try := range [][2]string{{"Ana", "not the password"}, {"Nobody", password}, {"Bo", password}, {"", ""}, {"Ana\x00", password}, {"\xff", password}, {"Ana", "\xff\x00"}, {"Ana", strings.Repeat("x", 5000)}} {
			in, err := s.SignIn(ctx, try[0], try[1], account.Device{})
			if !fault.Is(err, fault.Forbidden) || in.Token != "" || in.Account.ID != "" {
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
	s := service(t, dbtest.SQLite(t, sources...), c)
	ctx := t.Context()
	if err := s.CreateAdministrator(ctx, "Ana", password); err != nil {
		t.Fatal(err)
	}
	from := func(network string) account.Device { return account.Device{Network: network} }
	for range 5 {
		if _, err := s.SignIn(ctx, "Ana", "a wrong guess", from("198.51.100.1")); !fault.Is(err, fault.Forbidden) {
			t.Fatal(err)
		}
	}
	if _, err := s.SignIn(ctx, "Ana", password, from("198.51.100.1")); !fault.Is(err, fault.TooMany) {
		t.Errorf("got %v, want even the right password to wait there", err)
	}
	if _, err := s.SignIn(ctx, "Ana", password, from("192.0.2.1")); err != nil {
		t.Errorf("somebody else's guesses keep Ana out: %v", err)
	}
	c.pass(30 * time.Second)
	if _, err := s.SignIn(ctx, "Ana", password, from("198.51.100.1")); err != nil {
		t.Errorf("after waiting: %v", err)
	}
}

// Ten thousand guesses from as many networks: few are looked at, nobody learns whether the name exists, and
// Ana's own phone signs her in all the while.
func TestTenThousandGuesses(t *testing.T) {
	c := newClock()
	s := service(t, dbtest.SQLite(t, sources...), c)
	ctx := t.Context()
	if err := s.CreateAdministrator(ctx, "Ana", password); err != nil {
		t.Fatal(err)
	}
	phone := account.Device{Network: "192.0.2.9"}
	in, err := s.SignIn(ctx, "Ana", password, phone)
	if err != nil || in.Known == "" {
		t.Fatal(in, err)
	}
	phone.Known = in.Known
	said := map[string]map[fault.Kind]int{}
	for _, name := range []string{"Ana", "Nobody"} {
		said[name] = map[fault.Kind]int{}
		for i := range 5_000 {
			_, err := s.SignIn(ctx, name, "guess "+strconv.Itoa(i), account.Device{Network: "net " + strconv.Itoa(i)})
			said[name][fault.As(err).Kind]++
		}
	}
	if diff := cmp.Diff(said["Ana"], said["Nobody"]); diff != "" {
		t.Errorf("the answers tell who has an account:\n%s", diff)
	}
	if n := said["Ana"][fault.Forbidden]; n > 50 {
		t.Errorf("%d guesses were looked at", n)
	}
	if _, err := s.SignIn(ctx, "Ana", password, account.Device{Network: "203.0.113.5"}); !fault.Is(err, fault.TooMany) {
		t.Errorf("a browser that nobody knows: %v", err)
	}
	for range 3 {
		if _, err := s.SignIn(ctx, "Ana", password, phone); err != nil {
			t.Errorf("Ana's own phone is kept out: %v", err)
		}
	}
	forged := phone
	forged.Known = strings.Replace(phone.Known, ".", ".0", 1)
	if _, err := s.SignIn(ctx, "Ana", password, forged); !fault.Is(err, fault.TooMany) {
		t.Errorf("a mark that was made up: %v", err)
	}
}

func TestCreateRefuses(t *testing.T) {
	run(t, func(t *testing.T, _ *db.DB, s *account.Service, _ *clock) {
		tests := []struct {
			name, password string
			role           access.Role
			kind           fault.Kind
			field          string
		}{
			{"", password, access.Editor, fault.Invalid, "name"},
			{strings.Repeat("x", 81), password, access.Editor, fault.Invalid, "name"},
			{"Bo", "short", access.Editor, fault.Invalid, "password"},
			{"Bo", strings.Repeat("x", 20), access.Editor, fault.Invalid, "password"},
			{"Bartholomew", "bartholomew1", access.Editor, fault.Invalid, "password"},
			{"Bo", password, "king", fault.Invalid, "role"},
			{" ANA", password, access.Editor, fault.Conflict, "name"},
		}
		for _, test := range tests {
			_, err := s.Create(t.Context(), "system", account.NewAccount{Name: test.name, Password: test.password, Grants: []access.Grant{{Role: test.role}}})
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

// An answer takes as long whether the name exists, is disabled, or has no password. The quickest of several is
// compared: it has waited for nothing else.
func TestTimeTellsNothing(t *testing.T) {
	c := newClock()
	s := service(t, dbtest.SQLite(t, sources...), c)
	ctx := t.Context()
	for _, n := range []account.NewAccount{editor("Ana", password), editor("Bo", password), editor("Cy", "")} {
		a, err := s.Create(ctx, "system", n)
		if err != nil {
			t.Fatal(err)
		}
		if a.Name == "Bo" {
			if err := s.Disable(ctx, "system", a.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	quickest := map[string]time.Duration{}
	for range 10 {
		for _, name := range []string{"Ana", "Bo", "Cy", "Nobody"} {
			c.pass(time.Hour)
			start := time.Now()
			if _, err := s.SignIn(ctx, name, "not the password", account.Device{Network: "x"}); !fault.Is(err, fault.Forbidden) {
				t.Fatal(err)
			}
			if took := time.Since(start); quickest[name] == 0 || took < quickest[name] {
				quickest[name] = took
			}
		}
	}
	for name, took := range quickest {
		if ratio := float64(took) / float64(quickest["Ana"]); ratio < 0.5 || ratio > 2 {
			t.Errorf("%s takes %s, Ana %s", name, took, quickest["Ana"])
		}
	}
}

// A closed account has no way in, and nobody can read what its person was called.
func TestCloseForGood(t *testing.T) {
	run(t, func(t *testing.T, d *db.DB, s *account.Service, c *clock) {
		ctx := t.Context()
		phone, a := joined(t, s, "Wren")
		if err := d.WithTx(ctx, func(tx *db.Tx) error { return s.Close(ctx, tx, a.ID, a.ID) }); err != nil {
			t.Fatal(err)
		}
		if _, err := come(t, s, phone); !fault.Is(err, fault.Forbidden) {
			t.Errorf("its passkey: %v", err)
		}
		if _, err := s.Find(ctx, a.SignIn); !fault.Is(err, fault.NotFound) {
			t.Errorf("its sign-in name: %v", err)
		}
		names, err := s.Names(ctx, d, []string{a.ID})
		if err != nil || len(names) != 0 {
			t.Errorf("its name: %v, %v", names, err)
		}
		if gone, err := s.Account(ctx, a.ID); err != nil || gone.Name != "" || len(gone.Grants) != 0 || !gone.Disabled {
			t.Errorf("%+v, %v", gone, err)
		}
	})
}
