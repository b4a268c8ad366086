package app_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/internal/access"
	"hearth/internal/account"
	"hearth/internal/app"
	"hearth/internal/audit"
	"hearth/internal/casework"
	"hearth/internal/config"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
)

// cellar is a house in a folder, and its commands.
type cellar struct {
	t      *testing.T
	now    time.Time
	env    map[string]string
	stdout bytes.Buffer
}

func (c *cellar) outside() app.Outside {
	return app.Outside{
		Env:   func(name string) (string, bool) { v, ok := c.env[name]; return v, ok },
		Stdin: &bytes.Buffer{}, Stdout: &c.stdout, Stderr: &bytes.Buffer{}, Now: func() time.Time { return c.now },
	}
}

func (c *cellar) hearth(args ...string) (string, error) {
	c.stdout.Reset()
	err := app.Run(c.t.Context(), args, c.outside())
	return c.stdout.String(), err
}

func (c *cellar) must(args ...string) string {
	c.t.Helper()
	out, err := c.hearth(args...)
	if err != nil {
		c.t.Fatalf("hearth %s: %v", strings.Join(args, " "), err)
	}
	return out
}

// in opens the house of a data folder for as long as f runs.
func (c *cellar) in(data string, f func(h *app.House)) {
	c.t.Helper()
	conf, err := config.Load(func(name string) (string, bool) { return data, name == "data" }, c.outside().Env)
	if err != nil {
		c.t.Fatal(err)
	}
	h, err := app.Open(c.t.Context(), conf, c.outside())
	if err != nil {
		c.t.Fatal(err)
	}
	f(h)
	if err := h.Close(); err != nil {
		c.t.Fatal(err)
	}
}

// herself is a participant who signs in.
func herself(p casework.Participant) access.Actor {
	return access.Actor{ID: "self", Participant: p.ID, Grants: []access.Grant{{Role: access.Participant}}}
}

// TestAnOlderStatePutBack: a life goes on after a backup; then that backup is restored. Whoever was erased is
// erased, nobody is signed in, no invitation opens, the record says so, and the archives show nothing.
func TestAnOlderStatePutBack(t *testing.T) {
	ctx := t.Context()
	c := &cellar{t: t, now: time.Date(2026, 5, 18, 22, 35, 0, 0, time.UTC), env: map[string]string{"HEARTH_LOG_LEVEL": "error"}}
	data, to, elsewhere := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "to"), filepath.Join(t.TempDir(), "elsewhere")
	may := []access.Grant{{Role: access.Peer, Program: "house-on-the-hill"}}
	officer := access.Actor{ID: "o1", Grants: []access.Grant{{Role: access.PrivacyOfficer}}}
	var peer access.Actor
	var stays, goes casework.Participant
	var signedIn, invited, closed string
	c.in(data, func(h *app.House) {
		a, err := h.Accounts.Create(ctx, account.CommandLine, account.NewAccount{Name: planted["account"], Password: planted["password"], Grants: may})
		if err != nil {
			t.Fatal(err)
		}
		peer = access.Actor{ID: a.ID, Grants: may}
		for _, p := range []*casework.Participant{&stays, &goes} {
			if *p, err = h.Casework.OpenRecord(ctx, peer, casework.Participant{Program: may[0].Program, Called: planted["chosen name"], LegalName: planted["legal name"], BirthMonth: planted["month of birth"]}); err != nil {
				t.Fatal(err)
			}
			if _, err := h.Casework.AddNote(ctx, peer, p.ID, "She "+planted["note"]+"."); err != nil {
				t.Fatal(err)
			}
		}
		in, _, err := h.Accounts.InviteAs(ctx, account.CommandLine, account.Invitation{Name: "Marigold", Grants: may})
		if err != nil {
			t.Fatal(err)
		}
		open, err := h.Accounts.Claim(ctx, in, account.Joining{Name: "Marigold", Device: account.Device{Label: "test"}})
		if err != nil {
			t.Fatal(err)
		}
		signedIn, closed = open.Token, open.Account.ID
		if invited, _, err = h.Accounts.InviteAs(ctx, account.CommandLine, account.Invitation{Name: "Tansy", Grants: may}); err != nil {
			t.Fatal(err)
		}
	})
	if out := c.must("backup", "--data", data, "--to", to); !strings.Contains(out, "Wrote and proved") || !strings.Contains(out, "you also need the key file") {
		t.Errorf("backup: %s", out)
	}
	archives, err := filepath.Glob(filepath.Join(to, "*.backup"))
	if err != nil || len(archives) != 1 {
		t.Fatal(archives, err)
	}
	c.now = c.now.Add(24 * time.Hour)
	c.in(data, func(h *app.House) {
		if _, err := h.Accounts.Claim(ctx, invited, account.Joining{Name: "Tansy", Device: account.Device{Label: "test"}}); err != nil {
			t.Fatal(err)
		}
		if err := h.Casework.Leave(ctx, herself(goes), goes.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.Casework.Erase(ctx, officer, goes.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.DB.WithTx(ctx, func(tx *db.Tx) error { return h.Accounts.Close(ctx, tx, account.CommandLine, closed) }); err != nil {
			t.Fatal(err)
		}
	})
	kept := filepath.Join(t.TempDir(), "checkpoint")
	if err := os.WriteFile(kept, []byte(c.must("audit", "checkpoint", "--data", data)), 0o600); err != nil {
		t.Fatal(err)
	}
	passphrase := filepath.Join(t.TempDir(), "passphrase")
	if err := os.WriteFile(passphrase, []byte("five words nobody put together\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.must("backup", "--data", data, "--to", to)
	c.must("backup", "--data", data, "--keys", "--to", elsewhere, "--passphrase-file", passphrase)
	locked := filepath.Join(elsewhere, "hearth-locked.keys")

	for _, folder := range []string{to, elsewhere} {
		err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			if found := shows(b); found != nil || bytes.Contains(b, []byte("house-on-the-hill")) || bytes.Contains(b, []byte(stays.ID)) {
				t.Errorf("%s shows %v", path, found)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}

	c.now = c.now.Add(time.Hour)
	if _, err := c.hearth("restore", archives[0], "--data", data); err == nil || !strings.Contains(err.Error(), "Nothing is overwritten") {
		t.Errorf("over the house itself: %v", err)
	}
	restored := filepath.Join(t.TempDir(), "restored")
	if _, err := c.hearth("restore", archives[0], "--data", restored); err == nil || !strings.Contains(err.Error(), "there is no key file") {
		t.Errorf("without the key file: %v", err)
	}
	out := c.must("restore", archives[0], "--data", restored, "--keys", locked, "--passphrase-file", passphrase)
	for _, want := range []string{"THIS IS AN OLDER STATE", "18 May 2026, 22:35 UTC", "There are 1 newer archives", "permissions that were taken back", "1 of them were still in it", "accounts closed (1)", "no longer fit"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	c.in(restored, func(h *app.House) {
		r, err := h.Casework.ReadRecord(ctx, peer, stays.ID)
		if err != nil || r.LegalName != planted["legal name"] || len(r.Notes) != 1 || !strings.Contains(r.Notes[0].Words, planted["note"]) {
			t.Errorf("who stayed: %+v, %v", r, err)
		}
		if r, err := h.Casework.ReadRecord(ctx, officer, goes.ID); err == nil && (r.State != casework.Erased || r.LegalName != "" || len(r.Notes) != 0) {
			t.Errorf("who was erased is back: %+v", r)
		}
		n, err := db.One(ctx, h.DB, db.Column[int64], `SELECT count(*) FROM case_note WHERE participant = $1`, goes.ID)
		if err != nil || n != 0 {
			t.Errorf("%d notes about who was erased, %v", n, err)
		}
		ways, err := db.One(ctx, h.DB, db.Column[int64], `SELECT (SELECT count(*) FROM account WHERE id = $1 AND sign_in_index IS NOT NULL) + (SELECT count(*) FROM account_grant WHERE account_id = $1)`, closed)
		if err != nil || ways != 0 {
			t.Errorf("an account that was closed for good is open again: %d, %v", ways, err)
		}
		if _, err := h.Accounts.Session(ctx, signedIn); err == nil {
			t.Error("a session from before still opens")
		}
		if _, err := h.Accounts.Invited(ctx, invited); err == nil {
			t.Error("an invitation that was taken up since opens again")
		}
		entries, err := audit.List(ctx, h.DB, 3)
		if err != nil || !slices.ContainsFunc(entries, func(e audit.Entry) bool {
			return e.Action == "backup.restore" && e.Detail == "archive of 2026-05-18T22:35:00Z"
		}) {
			t.Errorf("the record ends with %+v, %v", entries, err)
		}
	})
	if out := c.must("audit", "verify", "--data", restored); !strings.Contains(out, "as they were recorded") {
		t.Errorf("the record: %s", out)
	}
	if _, err := c.hearth("audit", "verify", "--data", restored, "--since", kept); err == nil {
		t.Error("a checkpoint from after the archive fits")
	}

	// A restoring that fails takes the key file away again, which it had put there.
	b, err := os.ReadFile(archives[0])
	if err != nil {
		t.Fatal(err)
	}
	spoilt := filepath.Join(to, "spoilt.backup")
	if err := os.WriteFile(spoilt, b[:len(b)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	again := filepath.Join(t.TempDir(), "again")
	if _, err := c.hearth("restore", spoilt, "--data", again, "--keys", filepath.Join(data, "keys", "hearth.keys")); err == nil || !strings.Contains(err.Error(), "changed or cut off") {
		t.Errorf("a spoilt archive: %v", err)
	}
	for _, path := range []string{"hearth.db", "keys/hearth.keys"} {
		if _, err := os.Stat(filepath.Join(again, path)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s was left: %v", path, err)
		}
	}
}

// TestPostgresAfterItsOwnRestore: the commands there archive keys alone, and take them in again.
func TestPostgresAfterItsOwnRestore(t *testing.T) {
	ctx := t.Context()
	data, to := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "to")
	c := &cellar{t: t, now: time.Date(2026, 5, 18, 22, 35, 0, 0, time.UTC), env: map[string]string{"HEARTH_LOG_LEVEL": "error", "HEARTH_DATABASE_URL": dbtest.PostgresURL(t)}}
	may := []access.Grant{{Role: access.Peer, Program: "p"}}
	var goes casework.Participant
	var before [2][]byte
	c.in(data, func(h *app.House) {
		var err error
		if goes, err = h.Casework.OpenRecord(ctx, access.Actor{ID: "a1", Grants: may}, casework.Participant{Program: "p", Called: "Perpetua"}); err != nil {
			t.Fatal(err)
		}
		one := func(sql string) []byte {
			b, err := db.One(ctx, h.DB, db.Column[[]byte], sql, goes.ID)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		before = [2][]byte{one(`SELECT wrapped FROM vault_person WHERE person = $1`), one(`SELECT called FROM participant WHERE id = $1`)}
		officer := access.Actor{ID: "o1", Grants: []access.Grant{{Role: access.PrivacyOfficer}}}
		if err := errors.Join(h.Casework.Leave(ctx, herself(goes), goes.ID), h.Casework.Erase(ctx, officer, goes.ID)); err != nil {
			t.Fatal(err)
		}
	})
	if out := c.must("backup", "--data", data, "--to", to); !strings.Contains(out, "people's keys alone") || !strings.Contains(out, "docs/operations.md") {
		t.Errorf("backup: %s", out)
	}
	// What PostgreSQL's own tools would bring back: a moment before the erasing.
	c.in(data, func(h *app.House) {
		for _, err := range []error{
			func() error {
				_, err := h.DB.Exec(ctx, `UPDATE vault_person SET wrapped = $2, erased_at = 0, generation = 1, key_id = (SELECT key_id FROM vault_state) WHERE person = $1`, goes.ID, before[0])
				return err
			}(),
			func() error {
				_, err := h.DB.Exec(ctx, `UPDATE participant SET state = 'open', called = $2 WHERE id = $1`, goes.ID, before[1])
				return err
			}(),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	if _, err := c.hearth("restore", filepath.Join(to, "hearth-people.keys"), "--data", data); err == nil || !strings.Contains(err.Error(), "its own tools") {
		t.Errorf("an archive into PostgreSQL: %v", err)
	}
	out := c.must("restore", "--keys", filepath.Join(to, "hearth-people.keys"), "--data", data)
	if !strings.Contains(out, "AN OLDER STATE") || !strings.Contains(out, "1 of them were still in it") {
		t.Errorf("restore: %s", out)
	}
	c.in(data, func(h *app.House) {
		state, err := db.One(ctx, h.DB, db.Column[string], `SELECT state FROM participant WHERE called IS NULL AND id = $1`, goes.ID)
		if err != nil || state != "erased" {
			t.Errorf("state %q, %v", state, err)
		}
	})
}
