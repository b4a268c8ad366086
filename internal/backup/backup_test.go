package backup_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"hearth/internal/audit"
	"hearth/internal/backup"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
	"hearth/internal/job"
	"hearth/internal/vault"
)

// notes is a room with something sealed in it, and pairs that are only ever written together.
var notes = db.Source{Name: "notes", FS: fstest.MapFS{"001_note.sql": {Data: []byte(
	`CREATE TABLE note (id TEXT NOT NULL PRIMARY KEY, person TEXT NOT NULL, body BYTEA);
	 CREATE TABLE pair (id BIGINT NOT NULL, side TEXT NOT NULL, filler TEXT NOT NULL, PRIMARY KEY (id, side));`)}}}

var (
	sources = []db.Source{audit.Migrations, vault.Migrations, job.Migrations, backup.Migrations, notes}
	columns = []vault.Column{{Table: "note", Column: "body", ID: "id", Person: "person"}}
)

// world is a house that is backed up.
type world struct {
	*backup.Service
	t     *testing.T
	d     *db.DB
	v     *vault.Vault
	house backup.House
	clock atomic.Int64 // Unix seconds
	to    string
}

func newWorld(t *testing.T, d *db.DB) *world {
	w := &world{t: t, d: d, to: filepath.Join(t.TempDir(), "to")}
	w.clock.Store(time.Date(2026, 5, 19, 12, 0, 0, 0, time.UTC).Unix())
	now := func() time.Time { return time.Unix(w.clock.Load(), 0) }
	w.house = backup.House{Sources: sources, Columns: columns, Where: vault.Where{File: filepath.Join(t.TempDir(), "keys", "hearth.keys")}, Scratch: filepath.Join(t.TempDir(), "scratch"), Now: now}
	k, err := vault.CreateKeys(now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.SaveNew(t.Context(), w.house.Where); err != nil {
		t.Fatal(err)
	}
	if w.v, err = vault.Open(t.Context(), d, k, vault.Options{Where: w.house.Where, Now: now, Columns: columns}); err != nil {
		t.Fatal(err)
	}
	w.Service = backup.New(w.house, d, w.v)
	return w
}

// write notes what a person said.
func (w *world) write(person, words string) {
	w.t.Helper()
	ctx := w.t.Context()
	err := w.d.WithTx(ctx, func(tx *db.Tx) error {
		if err := w.v.AddPerson(ctx, tx, person); err != nil {
			return err
		}
		body, err := w.v.Seal(ctx, tx, vault.Place{Person: person, Table: "note", Column: "body", Row: person}, words)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO note (id, person, body) VALUES ($1, $1, $2)`, person, body); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{At: w.house.Now(), Actor: "a1", Action: "note.write", Subject: "note:" + person, Person: person})
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) erase(person string) {
	w.t.Helper()
	if err := w.d.WithTx(w.t.Context(), func(tx *db.Tx) error { return w.v.Erase(w.t.Context(), tx, person) }); err != nil {
		w.t.Fatal(err)
	}
}

// backUp makes a backup a minute later.
func (w *world) backUp() backup.Made {
	w.t.Helper()
	w.clock.Add(60)
	made, err := w.Make(w.t.Context(), w.to, "command line", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return made
}

func (w *world) restoring(archive string, people ...string) backup.Restoring {
	data := w.t.TempDir()
	h := w.house
	h.Scratch = filepath.Join(data, "scratch")
	return backup.Restoring{House: h, Keys: w.v.Keys(), Archive: archive, People: people, Path: filepath.Join(data, "hearth.db")}
}

// restore puts an archive back elsewhere and returns what people said, and of whom nothing can be read.
func (w *world) restore(r backup.Restoring) (d *db.DB, said map[string]string, erased []string) {
	w.t.Helper()
	ctx := w.t.Context()
	if _, err := backup.Restore(ctx, r); err != nil {
		w.t.Fatal(err)
	}
	d, err := db.Open(ctx, db.Config{Path: r.Path})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { d.Close() })
	v, err := vault.Open(ctx, d, r.Keys, vault.Options{Now: r.Now, Columns: columns})
	if err != nil {
		w.t.Fatal(err)
	}
	type row struct {
		id   string
		body []byte
	}
	rows, err := db.All(ctx, d, func(s db.Scan) (x row, err error) { return x, s(&x.id, &x.body) }, `SELECT id, body FROM note ORDER BY id`)
	if err != nil {
		w.t.Fatal(err)
	}
	said = map[string]string{}
	for _, x := range rows {
		words, err := v.Open(ctx, d, vault.Place{Person: x.id, Table: "note", Column: "body", Row: x.id}, x.body)
		switch {
		case errors.Is(err, vault.ErrErased):
			erased = append(erased, x.id)
		case err != nil:
			w.t.Fatal(err)
		default:
			said[x.id] = words
		}
	}
	return d, said, erased
}

// files returns what is in a folder, by name.
func files(t *testing.T, folder string) map[string]string {
	t.Helper()
	out := map[string]string{}
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name()] = string(b)
	}
	return out
}

// TestThereAndBack: what was archived is restored, and the archives show nothing to who lacks the keys.
func TestThereAndBack(t *testing.T) {
	d := dbtest.SQLite(t, sources...)
	w := newWorld(t, d)
	w.write("p1", "the blue house on Larkspur Lane")
	w.write("p2", "my sister Ottoline")
	made := w.backUp()
	if made.Rows < 6 || made.Bytes == 0 || made.At != w.house.Now().UTC() {
		t.Errorf("made %+v", made)
	}
	rings, err := db.All(t.Context(), d, db.Column[[]byte], `SELECT wrapped FROM vault_person`)
	if err != nil || len(rings) != 3 {
		t.Fatal(len(rings), err)
	}
	raw := filepath.Join(t.TempDir(), "raw.db")
	if err := backup.Unpacked(t.Context(), made.Path, w.v.Keys(), raw); err != nil {
		t.Fatal(err)
	}
	plain, err := os.ReadFile(raw)
	if err != nil || !bytes.Contains(plain, []byte("note.write")) {
		t.Fatalf("the archive does not hold what it should: %v", err)
	}
	for _, ring := range rings {
		if bytes.Contains(plain, ring) || bytes.Contains(plain, ring[8:24]) {
			t.Error("the data of an archive holds a person's key")
		}
	}
	all := files(t, w.to)
	if len(all) != 2 {
		t.Errorf("in the folder: %d files", len(all))
	}
	for name, b := range all {
		for _, secret := range []string{"Larkspur", "Ottoline", "SQLite format", "note.write", "note:p1", string(rings[0])} {
			if strings.Contains(b, secret) {
				t.Errorf("%s shows %q", name, secret)
			}
		}
		if s, err := os.Stat(filepath.Join(w.to, name)); err != nil || s.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, s.Mode(), err)
		}
	}
	if left := files(t, w.house.Scratch); len(left) != 1 {
		t.Errorf("left in the scratch folder: %d files", len(left))
	}
	d2, said, erased := w.restore(w.restoring(made.Path, made.Keys))
	if diff := cmp.Diff(map[string]string{"p1": "the blue house on Larkspur Lane", "p2": "my sister Ottoline"}, said); diff != "" || erased != nil {
		t.Error(diff, erased)
	}
	last, err := w.Last(t.Context())
	if err != nil || last.Data.Problem != "" || last.Data.Made != made.At || last.Data.File != made.Path || last.Data.Bytes != made.Bytes {
		t.Errorf("last: %+v, %v", last, err)
	}
	if last, err := backup.New(w.house, d2, w.v).Last(t.Context()); err != nil || last.Restored.Made != made.At || last.Restored.Tried.IsZero() {
		t.Errorf("the restored house knows of it: %+v, %v", last, err)
	}
}

// TestErasedStaysErased: whichever archive is restored, with whichever keys beside the newest, also after a rotation.
func TestErasedStaysErased(t *testing.T) {
	d := dbtest.SQLite(t, sources...)
	w := newWorld(t, d)
	w.write("p1", "one")
	w.write("p2", "two")
	old := w.backUp()
	oldKeys := filepath.Join(t.TempDir(), "old.keys")
	b, err := os.ReadFile(old.Keys)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(oldKeys, b, 0o600); err != nil {
		t.Fatal(err)
	}
	w.erase("p1")
	w.write("p3", "three")
	newest := w.backUp()
	if found, err := backup.Restore(t.Context(), w.restoring(newest.Path, oldKeys)); err != nil || found.Proof.NoKey != 1 {
		t.Errorf("keys older than the data: %+v, %v", found.Proof, err)
	}
	for _, people := range [][]string{{newest.Keys}, {oldKeys, newest.Keys}, {newest.Keys, oldKeys}} {
		_, said, erased := w.restore(w.restoring(old.Path, people...))
		if !cmp.Equal(said, map[string]string{"p2": "two"}) || !cmp.Equal(erased, []string{"p1"}) {
			t.Errorf("with %v: %v, erased %v", people, said, erased)
		}
	}
	if _, err := w.v.Rotate(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := tryRestore(w, w.restoring(old.Path, newest.Keys)); err == nil || !strings.Contains(err.Error(), "key file does not hold the key") {
		t.Errorf("people's keys from before a rotation: %v", err)
	}
	newest = w.backUp()
	_, said, erased := w.restore(w.restoring(old.Path, newest.Keys))
	if !cmp.Equal(said, map[string]string{"p2": "two"}) || !cmp.Equal(erased, []string{"p1"}) {
		t.Errorf("after a rotation: %v, erased %v", said, erased)
	}
}

func tryRestore(w *world, r backup.Restoring) error {
	_, err := backup.Restore(w.t.Context(), r)
	if _, gone := os.Lstat(r.Path); gone == nil {
		w.t.Errorf("a database stands there after: %v", err)
	}
	return err
}

// TestWhileOthersWrite: a backup is one moment, and nobody waits for it.
func TestWhileOthersWrite(t *testing.T) {
	d := dbtest.SQLite(t, sources...)
	w := newWorld(t, d)
	w.write("p0", "zero")
	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	var n atomic.Int64
	pair := func() error {
		id := n.Add(1)
		return d.WithTx(t.Context(), func(tx *db.Tx) error {
			for _, side := range []string{"a", "b"} {
				if _, err := tx.Exec(t.Context(), `INSERT INTO pair (id, side, filler) VALUES ($1, $2, $3)`, id, side, strings.Repeat(side, 3000)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for range 500 {
		if err := pair(); err != nil {
			t.Fatal(err)
		}
	}
	writers.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			if err := pair(); err != nil {
				t.Error(err)
				return
			}
			w.write("w"+strconv.Itoa(i), "word")
		}
	})
	before := n.Load()
	made := w.backUp()
	during := n.Load() - before
	stop()
	writers.Wait()
	if during < 5 {
		t.Errorf("only %d writes while the backup was made", during)
	}
	d2, said, _ := w.restore(w.restoring(made.Path, made.Keys))
	halves, err := db.One(t.Context(), d2, db.Column[int64], `SELECT count(*) FROM (SELECT id FROM pair GROUP BY id HAVING count(*) <> 2) AS half`)
	whole, err2 := db.One(t.Context(), d2, db.Column[int64], `SELECT count(*) FROM pair`)
	if err != nil || err2 != nil || halves != 0 || whole < 1000 {
		t.Errorf("%d halves of %d: %v %v", halves, whole, err, err2)
	}
	entries, err := audit.Verify(t.Context(), d2)
	if err != nil || int(entries) < len(said) {
		t.Errorf("%d entries for %d notes, %v", entries, len(said), err)
	}
}

// fullAt is a disk that is full after so many bytes.
type fullAt struct {
	w    io.Writer
	left *int
}

// Write writes what there is room for.
func (f fullAt) Write(b []byte) (int, error) {
	if len(b) > *f.left {
		n, _ := f.w.Write(b[:*f.left])
		*f.left = 0
		return n, &os.PathError{Op: "write", Path: "there", Err: syscall.ENOSPC}
	}
	*f.left -= len(b)
	return f.w.Write(b)
}

// TestFullDisk: nothing half is left, what stood there stands, and it is said.
func TestFullDisk(t *testing.T) {
	d := dbtest.SQLite(t, sources...)
	w := newWorld(t, d)
	w.write("p1", "one")
	first := w.backUp()
	before := files(t, w.to)
	for _, room := range []int{0, 100, 5000, int(first.Bytes) - 1, int(first.Bytes) + 300} {
		left := room
		w.Wrap(func(to io.Writer) io.Writer { return fullAt{to, &left} })
		w.clock.Add(60)
		_, err := w.Make(t.Context(), w.to, "command line", nil)
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "a disk is full") {
			t.Errorf("with room for %d bytes: %v", room, err)
		}
		if diff := cmp.Diff(before, files(t, w.to)); diff != "" {
			t.Errorf("with room for %d bytes the folder changed", room)
		}
		if left := files(t, w.house.Scratch); len(left) != 1 {
			t.Errorf("left in the scratch folder: %d files", len(left))
		}
		last, err := w.Last(t.Context())
		if err != nil || last.Data.Made != first.At || !strings.Contains(last.Data.Problem, "a disk is full") || !last.Data.Tried.After(first.At) {
			t.Errorf("last: %+v, %v", last.Data, err)
		}
	}
	w.Wrap(func(to io.Writer) io.Writer { return to })
	w.backUp()
	if last, err := w.Last(t.Context()); err != nil || last.Data.Problem != "" || !last.Data.Made.After(first.At) {
		t.Errorf("last: %+v, %v", last.Data, err)
	}
}

// TestRefused: what cannot be trusted is not restored, and the reason is plain.
func TestRefused(t *testing.T) {
	d := dbtest.SQLite(t, sources...)
	w := newWorld(t, d)
	w.write("p1", "one")
	made := w.backUp()
	whole, err := os.ReadFile(made.Path)
	if err != nil {
		t.Fatal(err)
	}
	spoilt := filepath.Join(t.TempDir(), "spoilt.backup")
	refused := func(what string, b []byte, want string) {
		t.Helper()
		if err := os.WriteFile(spoilt, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := tryRestore(w, w.restoring(spoilt, made.Keys)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	const changed = "was changed or cut off"
	body := bytes.IndexByte(whole, '\n') + 1
	for _, n := range []int{body, body + 10, body + 100, len(whole) / 2, len(whole) - 1} {
		refused("cut at "+strconv.Itoa(n), whole[:n], changed)
	}
	for _, n := range []int{body, body + 50, len(whole) / 3, len(whole) / 2, len(whole) - 1} {
		b := bytes.Clone(whole)
		b[n] ^= 1
		refused("changed at "+strconv.Itoa(n), b, changed)
	}
	refused("longer", append(bytes.Clone(whole), 0), changed)
	refused("of another day", bytes.Replace(whole, []byte(`"at":1`), []byte(`"at":2`), 1), changed)
	refused("something else", []byte("a letter\n"), "it is no archive of a Hearth")
	refused("nothing", nil, "it is no archive of a Hearth")

	if err := tryRestore(w, w.restoring(made.Keys, made.Keys)); err == nil || !strings.Contains(err.Error(), "is of another kind") {
		t.Errorf("keys for data: %v", err)
	}
	r := w.restoring(made.Path, made.Path)
	if err := tryRestore(w, r); err == nil || !strings.Contains(err.Error(), "is of another kind") {
		t.Errorf("data for keys: %v", err)
	}
	if err := tryRestore(w, w.restoring(made.Path)); err == nil || !strings.Contains(err.Error(), "without its people's keys") {
		t.Errorf("no people's keys: %v", err)
	}
	other := newWorld(t, dbtest.SQLite(t, sources...))
	r = w.restoring(made.Path, made.Keys)
	r.Keys = other.v.Keys()
	if err := tryRestore(w, r); err == nil || !strings.Contains(err.Error(), "the keys do not fit") {
		t.Errorf("the keys of another house: %v", err)
	}
	if _, err := other.Make(t.Context(), w.to, "command line", nil); err == nil || !strings.Contains(err.Error(), "another house") {
		t.Errorf("two houses in one folder: %v", err)
	}
	if _, err := w.Make(t.Context(), filepath.Dir(w.house.Where.File), "command line", nil); err == nil || !strings.Contains(err.Error(), "the key file lies in") {
		t.Errorf("beside the key file: %v", err)
	}
	if left := len(files(t, w.to)); left != 2 {
		t.Errorf("%d files in the folder", left)
	}

	r = w.restoring(made.Path, made.Keys)
	if err := os.WriteFile(r.Path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(t.Context(), r); err == nil || !strings.Contains(err.Error(), "Nothing is overwritten") {
		t.Errorf("over a database: %v", err)
	}
	if b, err := os.ReadFile(r.Path); err != nil || string(b) != "mine" {
		t.Errorf("it was overwritten: %q, %v", b, err)
	}
	r = w.restoring(made.Path, made.Keys)
	r.Then = func(context.Context, *db.DB, backup.Found) error { return errors.New("not like this") }
	if err := tryRestore(w, r); err == nil || !strings.Contains(err.Error(), "not like this") {
		t.Errorf("what comes after fails: %v", err)
	}
}

// TestOneAtATime: two would spoil each other's scratch.
func TestOneAtATime(t *testing.T) {
	d := dbtest.SQLite(t, sources...)
	w := newWorld(t, d)
	w.write("p1", "one")
	var second error
	w.Wrap(func(to io.Writer) io.Writer {
		_, second = w.MakeKeys(t.Context(), w.to, "command line", "")
		return to
	})
	w.backUp()
	if !errors.Is(second, backup.ErrBusy) {
		t.Errorf("the second: %v", second)
	}
	// What a killed one left is removed by the next, and by a start.
	left := filepath.Join(w.house.Scratch, "copy.db")
	half := filepath.Join(w.to, "hearth-20260101T000000Z.backup.partial")
	for _, path := range []string{left, half} {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); err == nil {
		t.Error("the start left a copy of people's keys in the scratch folder")
	}
	w.Wrap(func(to io.Writer) io.Writer { return to })
	w.backUp()
	if _, err := os.Stat(half); err == nil {
		t.Error("half an archive was left")
	}
}

// TestKeysAlone: with a passphrase they bring the key file too; a database restored by other means takes them in.
func TestKeysAlone(t *testing.T) {
	const passphrase = "seventeen marmalade lanterns"
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		w := newWorld(t, d)
		w.write("p1", "one")
		w.write("p2", "two")
		was, err := db.All(ctx, d, func(s db.Scan) (x [2][]byte, err error) {
			var person string
			err = s(&person, &x[1])
			x[0] = []byte(person)
			return x, err
		}, `SELECT person, wrapped FROM vault_person WHERE person = 'p1'`)
		if err != nil || len(was) != 1 {
			t.Fatal(err)
		}
		w.erase("p1")
		if d.Engine() == db.Postgres {
			if _, err := w.Make(ctx, w.to, "command line", nil); !errors.Is(err, backup.ErrPostgres) {
				t.Errorf("an archive of PostgreSQL's data: %v", err)
			}
		}
		if _, err := w.MakeKeys(ctx, w.to, "command line", "short"); err == nil || !strings.Contains(err.Error(), "too short") {
			t.Errorf("a short passphrase: %v", err)
		}
		made, err := w.MakeKeys(ctx, w.to, "command line", passphrase)
		if err != nil {
			t.Fatal(err)
		}
		if kind, at, err := backup.Look(made.Path); kind != backup.LockedPeople || !at.Equal(made.At) || err != nil {
			t.Errorf("it is %v of %v, %v", kind, at, err)
		}
		for _, wrong := range []string{"", "seventeen marmalade lantern"} {
			if _, err := backup.Unlock(made.Path, wrong); !errors.Is(err, vault.ErrPassphrase) {
				t.Errorf("passphrase %q: %v", wrong, err)
			}
		}
		k, err := backup.Unlock(made.Path, passphrase)
		if err != nil || k.ID != w.v.Keys().ID {
			t.Fatal(err)
		}
		b, err := os.ReadFile(made.Path)
		if err != nil || bytes.Contains(b, []byte(passphrase)) || bytes.Contains(b, []byte("PRIVATE+KEY")) || bytes.Contains(b, []byte("program")) {
			t.Errorf("it shows what it should not: %v", err)
		}
		// PostgreSQL's own tools bring back a state from before p1 was erased.
		if _, err := d.Exec(ctx, `UPDATE vault_person SET wrapped = $1, erased_at = 0, generation = 1, key_id = (SELECT key_id FROM vault_state) WHERE person = 'p1'`, was[0][1]); err != nil {
			t.Fatal(err)
		}
		if err := backup.RestoreKeys(ctx, d, k, []string{made.Path}); err != nil {
			t.Fatal(err)
		}
		if gone, err := vault.Erased(ctx, d); err != nil || !cmp.Equal(gone, []string{"p1"}) {
			t.Errorf("erased: %v, %v", gone, err)
		}
		if last, err := w.Last(ctx); err != nil || last.Keys.Made != made.At || !last.Data.Tried.IsZero() {
			t.Errorf("last: %+v, %v", last, err)
		}
	}, sources...)
}
