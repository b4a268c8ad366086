// Package vaulttest opens a vault with keys of its own over a test's database.
//
// It must never be imported by anything but tests.
package vaulttest

import (
	"path/filepath"
	"testing"
	"time"

	"hearth/internal/db"
	"hearth/internal/vault"
)

// New opens the vault of a database that was made with vault.Migrations; its keys are gone with the test.
// With columns, it refuses to seal into any other, as the whole house does.
func New(t testing.TB, d *db.DB, columns ...vault.Column) *vault.Vault {
	t.Helper()
	now := func() time.Time { return time.Date(2026, 5, 18, 22, 35, 0, 0, time.UTC) }
	k, err := vault.CreateKeys(now())
	if err != nil {
		t.Fatal(err)
	}
	w := vault.Where{File: filepath.Join(t.TempDir(), "keys", "hearth.keys")}
	if k, err = k.SaveNew(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.Context(), d, k, vault.Options{Where: w, Now: now, Columns: columns})
	if err != nil {
		t.Fatal(err)
	}
	return v
}
