package vault_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/internal/db"
	"hearth/internal/db/dbtest"
	"hearth/internal/vault"
	"hearth/internal/vault/vaulttest"
)

var noon = time.Date(2026, 5, 19, 12, 0, 0, 0, time.UTC)

func now() time.Time { return noon }

// add gives people keys.
func add(t testing.TB, v *vault.Vault, d *db.DB, people ...string) {
	t.Helper()
	err := d.WithTx(t.Context(), func(tx *db.Tx) error {
		for _, p := range people {
			if err := v.AddPerson(t.Context(), tx, p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func erase(t testing.TB, v *vault.Vault, d *db.DB, person string) {
	t.Helper()
	if err := d.WithTx(t.Context(), func(tx *db.Tx) error { return v.Erase(t.Context(), tx, person) }); err != nil {
		t.Fatal(err)
	}
}

// TestSealedOpensOnlyWhereItBelongs: in its own place, unchanged, and nowhere else.
func TestSealedOpensOnlyWhereItBelongs(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		v := vaulttest.New(t, d)
		people := []string{"", "p1", "p2"}
		add(t, v, d, "p1", "p2")
		ring, err := v.Ring(t.Context(), d, people)
		if err != nil {
			t.Fatal(err)
		}
		word := rapid.SampledFrom([]string{"", "a", "b", "ab", "a.b", "person", "person.name"})
		place := rapid.Custom(func(t *rapid.T) vault.Place {
			return vault.Place{
				Person: rapid.SampledFrom(people).Draw(t, "person"), Table: word.Draw(t, "table"),
				Column: word.Draw(t, "column"), Row: word.Draw(t, "row"),
			}
		})
		rapid.Check(t, func(t *rapid.T) {
			at, elsewhere := place.Draw(t, "at"), place.Draw(t, "elsewhere")
			plain := rapid.String().Draw(t, "plain")
			sealed, err := ring.Seal(at, plain)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := ring.Open(at, sealed); err != nil || got != plain {
				t.Fatalf("got %q, %v; want %q", got, err, plain)
			}
			if plain == "" {
				if sealed != nil {
					t.Fatal("nothing was sealed to something")
				}
				return
			}
			if len(plain) > 4 && bytes.Contains(sealed, []byte(plain)) {
				t.Fatal("the plain text shows")
			}
			if at != elsewhere {
				if got, err := ring.Open(elsewhere, sealed); !errors.Is(err, vault.ErrTampered) {
					t.Fatalf("it opened elsewhere: %q, %v", got, err)
				}
			}
			changed := bytes.Clone(sealed)
			changed[rapid.IntRange(0, len(changed)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
			if got, err := ring.Open(at, changed); !errors.Is(err, vault.ErrTampered) {
				t.Fatalf("a changed value opened: %q, %v", got, err)
			}
			cut := sealed[:rapid.IntRange(0, len(sealed)-1).Draw(t, "length")]
			if got, err := ring.Open(at, cut); !errors.Is(err, vault.ErrTampered) {
				t.Fatalf("a cut value opened: %q, %v", got, err)
			}
		})
	}, vault.Migrations)
}

// TestErasedIsErased for good: nothing opens, nothing can be sealed, and no key comes back.
func TestErasedIsErased(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		v := vaulttest.New(t, d)
		at := vault.Place{Person: "p1", Table: "person", Column: "name", Row: "1"}
		if _, err := v.Seal(ctx, d, at, "Ana"); !errors.Is(err, vault.ErrNoPerson) {
			t.Fatalf("sealed for somebody without a key: %v", err)
		}
		add(t, v, d, "p1", "p2")
		add(t, v, d, "p1")
		sealed, err := v.Seal(ctx, d, at, "Ana")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := v.Open(ctx, d, at, sealed); err != nil || got != "Ana" {
			t.Fatalf("%q, %v", got, err)
		}
		erase(t, v, d, "p1")
		erase(t, v, d, "p1")
		erase(t, v, d, "never had one")
		if got, err := v.Open(ctx, d, at, sealed); !errors.Is(err, vault.ErrErased) || got != "" {
			t.Errorf("%q, %v", got, err)
		}
		if _, err := v.Seal(ctx, d, at, "Ana"); !errors.Is(err, vault.ErrErased) {
			t.Errorf("sealed for an erased person: %v", err)
		}
		for _, p := range []string{"p1", "never had one"} {
			if err := d.WithTx(ctx, func(tx *db.Tx) error { return v.AddPerson(ctx, tx, p) }); !errors.Is(err, vault.ErrErased) {
				t.Errorf("%s got a key again: %v", p, err)
			}
		}
		ring, err := v.Ring(ctx, d, []string{"p1", "p2", "p2"})
		if err != nil || !ring.Erased("p1") || ring.Erased("p2") {
			t.Errorf("%v", err)
		}
	}, vault.Migrations)
}

// TestRingOfMany: more people than one query takes.
func TestRingOfMany(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		v := vaulttest.New(t, d)
		var people []string
		for range 1100 {
			people = append(people, db.NewID())
		}
		add(t, v, d, people...)
		ring, err := v.Ring(t.Context(), d, append(people, people[:50]...))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range append(people, "") {
			at := vault.Place{Person: p, Table: "t", Column: "c", Row: "r"}
			sealed, err := ring.Seal(at, p+"!")
			if err != nil {
				t.Fatal(err)
			}
			if got, err := ring.Open(at, sealed); got != p+"!" || err != nil {
				t.Fatalf("%q, %v", got, err)
			}
		}
	}, vault.Migrations)
}

// TestOnlyDeclaredColumnsAreSealed, so that a rotation misses none.
func TestOnlyDeclaredColumnsAreSealed(t *testing.T) {
	d := dbtest.SQLite(t, vault.Migrations)
	v := vaulttest.New(t, d, vault.Column{Table: "person", Column: "name", ID: "id"})
	if _, err := v.Seal(t.Context(), d, vault.Place{Table: "person", Column: "name", Row: "1"}, "x"); err != nil {
		t.Error(err)
	}
	if _, err := v.Seal(t.Context(), d, vault.Place{Table: "person", Column: "nmae", Row: "1"}, "x"); err == nil {
		t.Error("sealed into a column that nobody declared")
	}
}

// TestIndex: equal for equal, and two fields have nothing to do with each other.
func TestIndex(t *testing.T) {
	d := dbtest.SQLite(t, vault.Migrations)
	v := vaulttest.New(t, d)
	other := vaulttest.New(t, dbtest.SQLite(t, vault.Migrations))
	a := v.Index("account.name", "ana")
	if len(a) != 32 || a != v.Index("account.name", "ana") {
		t.Errorf("got %q", a)
	}
	for what, b := range map[string]string{
		"another value": v.Index("account.name", "anb"), "another field": v.Index("account.mail", "ana"), "other keys": other.Index("account.name", "ana"),
	} {
		if a == b {
			t.Errorf("%s has the same index", what)
		}
	}
	if v.Index("account.name", "") != "" {
		t.Error("nothing has an index")
	}
}

// TestKeysThatDoNotFitAreRefused in words, and nothing is made anew.
func TestKeysThatDoNotFitAreRefused(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if bound, err := vault.Bound(ctx, d); bound || err != nil {
			t.Fatalf("an empty database is bound: %v", err)
		}
		right, wrong := create(t), create(t)
		if _, err := vault.Open(ctx, d, right, vault.Options{Now: now}); err != nil {
			t.Fatal(err)
		}
		if bound, err := vault.Bound(ctx, d); !bound || err != nil {
			t.Fatalf("it is not bound: %v", err)
		}
		_, err := vault.Open(ctx, d, wrong, vault.Options{Now: now})
		if err == nil || !strings.Contains(err.Error(), "do not fit") || !strings.Contains(err.Error(), right.ID) {
			t.Errorf("got %v", err)
		}
		if _, err := vault.Open(ctx, d, right, vault.Options{Now: now}); err != nil {
			t.Errorf("the right keys: %v", err)
		}
	}, vault.Migrations)
}

func create(t testing.TB) *vault.Keys {
	t.Helper()
	k, err := vault.CreateKeys(noon)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestKeyFile: closed to others, whole, and the same keys come back.
func TestKeyFile(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := vault.Where{File: filepath.Join(t.TempDir(), "with a space", "hearth.keys")}
	if _, err := vault.LoadKeys(ctx, w); !errors.Is(err, vault.ErrNoKeys) || !strings.Contains(err.Error(), w.File) {
		t.Fatalf("got %v", err)
	}
	k := create(t)
	if _, err := k.SaveNew(ctx, w); err != nil {
		t.Fatal(err)
	}
	// Another process that starts at the same time gets the same keys.
	if second, err := create(t).SaveNew(ctx, w); err != nil || second.ID != k.ID {
		t.Fatalf("two processes have two keys: %v", err)
	}
	if got, err := vault.LoadKeys(ctx, w); err != nil || got.ID != k.ID || got.VerifierKey() != k.VerifierKey() {
		t.Fatalf("%v", err)
	}
	left, err := os.ReadDir(filepath.Dir(w.File))
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	for path, mode := range map[string]os.FileMode{w.File: 0o640, filepath.Dir(w.File): 0o755} {
		was, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := vault.LoadKeys(ctx, w); err == nil || !strings.Contains(err.Error(), "chmod") || !strings.Contains(err.Error(), "'"+path+"'") {
			t.Errorf("%s is open to others: got %v", path, err)
		}
		if err := os.Chmod(path, was.Mode()); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := os.ReadFile(w.File)
	if err != nil {
		t.Fatal(err)
	}
	for _, broken := range [][]byte{nil, whole[:len(whole)/2], []byte("{}"), bytes.Replace(whole, []byte(`"version": 1`), []byte(`"version": 2`), 1), bytes.Replace(whole, []byte(`"value": "`), []byte(`"value": "x`), 1)} {
		if err := os.WriteFile(w.File, broken, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := vault.LoadKeys(ctx, w); err == nil || !strings.Contains(err.Error(), "cannot be used") {
			t.Errorf("a broken file: %v", err)
		}
	}
}

// TestArchive: what was written comes back, under its own name only, and a cut one is found.
func TestArchive(t *testing.T) {
	t.Parallel()
	k := create(t)
	plain := bytes.Repeat([]byte("all of it "), 300_000)
	var b bytes.Buffer
	w, err := k.Archive(&b, "data")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	read := func(k *vault.Keys, b []byte, what string) ([]byte, error) {
		r, err := k.ReadArchive(bytes.NewReader(b), what)
		if err != nil {
			return nil, err
		}
		return io.ReadAll(r)
	}
	if got, err := read(k, b.Bytes(), "data"); err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	if _, err := read(k, b.Bytes(), "keys"); err == nil {
		t.Error("it opened under another name")
	}
	if _, err := read(create(t), b.Bytes(), "data"); err == nil {
		t.Error("it opened with other keys")
	}
	if _, err := read(k, b.Bytes()[:b.Len()-20], "data"); err == nil {
		t.Error("a cut archive was read")
	}
}
