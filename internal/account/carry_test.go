package account_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"hearth/internal/access"
	"hearth/internal/account"
	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
	"hearth/internal/vault"
)

// before is the database as it was before names were sealed.
func before(t *testing.T) db.Source {
	t.Helper()
	b, err := fs.ReadFile(account.Migrations.FS, "migrations/001_account.sql")
	if err != nil {
		t.Fatal(err)
	}
	return db.Source{Name: "account", FS: fstest.MapFS{"001_account.sql": {Data: b}}}
}

const oldAccounts = `INSERT INTO account (id, name, name_key, role, password, disabled, created_at) VALUES
	('0190-a', 'Wrenfield Ashdown', 'wrenfield ashdown', 'administrator', $1, FALSE, 1), ('0190-b', 'Bo Larkspur', 'bo larkspur', 'editor', $1, TRUE, 2)`

// An account of an earlier Hearth signs in as before, and its name is in the database no more.
func TestNamesAreSealedAtTheFirstStart(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		made := service(t, dbtest.SQLite(t, sources...), newClock())
		if err := made.CreateAdministrator(ctx, "x", password); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Exec(ctx, oldAccounts, "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"); err != nil {
			t.Fatal(err)
		}
		if err := db.Migrate(ctx, d, vault.Migrations, account.Migrations); err != nil {
			t.Fatal(err)
		}
		s := service(t, d, newClock())
		for range 2 { // the second start finds nothing to do
			if err := s.CarryOver(ctx); err != nil {
				t.Fatal(err)
			}
		}
		all, err := s.Accounts(ctx)
		if err != nil || len(all) != 2 {
			t.Fatal(all, err)
		}
		bo, wren := all[0], all[1]
		if wren.Name != "Wrenfield Ashdown" || wren.SignIn != wren.Name || !wren.Has(access.Administrator) || wren.Disabled || bo.Name != "Bo Larkspur" || !bo.Has(access.Editor) || !bo.Disabled {
			t.Errorf("carried over as %+v", all)
		}
		if a, err := s.Find(ctx, " wrenfield  ASHDOWN"); err != nil || a.ID != wren.ID {
			t.Errorf("found %+v, %v", a, err)
		}
		if err := s.SetPassword(ctx, "system", wren.ID, password); err != nil {
			t.Fatal(err)
		}
		signIn(t, s, "Wrenfield Ashdown")
	}, audit.Migrations, before(t))
}

// On SQLite the file itself is searched: neither it nor its log holds a name any more.
func TestNothingPlainIsLeftInTheFile(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	d, err := db.Open(ctx, db.Config{Path: filepath.Join(dir, "hearth.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := db.Migrate(ctx, d, audit.Migrations, before(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Exec(ctx, oldAccounts, "x"); err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(ctx, d, vault.Migrations, account.Migrations); err != nil {
		t.Fatal(err)
	}
	s := service(t, d, newClock())
	if err := s.CarryOver(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Create(ctx, "system", account.NewAccount{Name: "Marigold Thistlewood", Grants: []access.Grant{{Role: access.Peer}}}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.InviteAs(ctx, "system", account.Invitation{Name: "Juniper Hollybrook", Grants: []access.Grant{{Role: access.Participant}}}); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"wrenfield", "ashdown", "larkspur", "marigold", "thistlewood", "juniper", "hollybrook"} {
			if strings.Contains(strings.ToLower(string(b)), name) {
				t.Errorf("%s holds %q", filepath.Base(f), name)
			}
		}
	}
}
