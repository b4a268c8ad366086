package vault_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"hearth/internal/db"
	"hearth/internal/db/dbtest"
	"hearth/internal/vault"
)

// notes is a table with sealed columns: one about people, one that belongs to the house.
var notes = db.Source{Name: "notes", FS: fstest.MapFS{"001_note.sql": {Data: []byte(
	`CREATE TABLE note (id TEXT NOT NULL PRIMARY KEY, person TEXT, body BYTEA, house BYTEA);`)}}}

var noteColumns = []vault.Column{{Table: "note", Column: "body", ID: "id", Person: "person"}, {Table: "note", Column: "house", ID: "id"}}

// world is a database with notes, and the key file it was sealed with.
type world struct {
	t     *testing.T
	d     *db.DB
	where vault.Where
	clock atomic.Int64 // Unix seconds
	plain map[string]string
}

func newWorld(t *testing.T, d *db.DB) *world {
	w := &world{t: t, d: d, where: vault.Where{File: filepath.Join(t.TempDir(), "keys", "hearth.keys")}, plain: map[string]string{}}
	w.clock.Store(noon.Unix())
	if _, err := create(t).SaveNew(t.Context(), w.where); err != nil {
		t.Fatal(err)
	}
	return w
}

// process opens the vault as another process would.
func (w *world) process() *vault.Vault {
	w.t.Helper()
	k, err := vault.LoadKeys(w.t.Context(), w.where)
	if err != nil {
		w.t.Fatal(err)
	}
	v, err := vault.Open(w.t.Context(), w.d, k, vault.Options{
		Where: w.where, Columns: noteColumns, Now: func() time.Time { return time.Unix(w.clock.Load(), 0) },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	v.Batch(20)
	return v
}

// write adds a note about a person, who gets a key if they have none.
func (w *world) write(v *vault.Vault, id, person string) {
	w.t.Helper()
	ctx := w.t.Context()
	text := "what " + person + " said, " + id
	err := w.d.WithTx(ctx, func(tx *db.Tx) error {
		if err := v.AddPerson(ctx, tx, person); err != nil {
			return err
		}
		body, err := v.Seal(ctx, tx, vault.Place{Person: person, Table: "note", Column: "body", Row: id}, text)
		if err != nil {
			return err
		}
		house, err := v.Seal(ctx, tx, vault.Place{Table: "note", Column: "house", Row: id}, "house "+text)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO note (id, person, body, house) VALUES ($1, $2, $3, $4)
			ON CONFLICT (id) DO UPDATE SET body = excluded.body, house = excluded.house`, id, person, body, house)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.plain[id] = text
}

type note struct {
	id, person  string
	body, house []byte
}

func (w *world) rows() []note {
	w.t.Helper()
	all, err := db.All(w.t.Context(), w.d, func(s db.Scan) (n note, err error) { return n, s(&n.id, &n.person, &n.body, &n.house) },
		`SELECT id, person, body, house FROM note ORDER BY id`)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// read opens every note and holds it against what was written.
func (w *world) read(who string, v *vault.Vault) {
	w.t.Helper()
	if err := w.wrong(v); err != nil {
		w.t.Fatalf("%s: %v", who, err)
	}
}

func (w *world) wrong(v *vault.Vault) error {
	return w.d.Read(w.t.Context(), func(tx *db.Tx) error {
		all, err := db.All(w.t.Context(), tx, func(s db.Scan) (n note, err error) { return n, s(&n.id, &n.person, &n.body, &n.house) },
			`SELECT id, person, body, house FROM note ORDER BY id`)
		if err != nil {
			return err
		}
		var people []string
		for _, n := range all {
			people = append(people, n.person)
		}
		ring, err := v.Ring(w.t.Context(), tx, people)
		if err != nil {
			return err
		}
		for _, n := range all {
			body, err := ring.Open(vault.Place{Person: n.person, Table: "note", Column: "body", Row: n.id}, n.body)
			if err != nil {
				return fmt.Errorf("note %s: %w", n.id, err)
			}
			house, err := ring.Open(vault.Place{Table: "note", Column: "house", Row: n.id}, n.house)
			if err != nil || house != "house "+body {
				return fmt.Errorf("note %s: %q, %w", n.id, house, err)
			}
		}
		return nil
	})
}

// TestRotationAtEveryInterruption: killed at any step, everything can be read by every process, the next
// rotation goes on, and in the end there is one program key, every ring is wrapped by it, and every value is
// sealed anew.
func TestRotationAtEveryInterruption(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		w := newWorld(t, d)
		running := w.process() // a process that runs throughout
		for i := range 50 {    // three batches
			w.write(running, fmt.Sprintf("n%04d", i), fmt.Sprintf("p%d", i))
		}
		killed := errors.New("killed")
		for kill := 0; ; kill++ {
			before := w.rows()
			v := w.process()
			step, where := 0, ""
			v.StopAt(func(s string) error {
				if where = s; step == kill {
					return killed
				}
				step++
				return nil
			})
			done, err := v.Rotate(ctx, nil)
			if err == nil {
				if kill < 10 {
					t.Fatalf("it has only %d steps", kill)
				}
				break
			}
			if !errors.Is(err, killed) {
				t.Fatal(err)
			}
			during := fmt.Sprintf("killed at step %d, %s", kill, where)
			w.read(during+": the running process", running)
			w.read(during+": a new process", w.process())
			w.write(running, fmt.Sprintf("k%02d", kill), fmt.Sprintf("new%d", kill))
			w.write(running, "n0001", "p1")
			w.clock.Add(300) // the lease of the dead is over
			var last, total int64
			if done, err = w.process().Rotate(ctx, func(n, of int64) {
				if n < last || n > of {
					t.Errorf("progress went from %d to %d of %d", last, n, of)
				}
				last, total = n, of
			}); err != nil {
				t.Fatalf("%s: going on: %v", during, err)
			}
			if done.Unreadable > 0 || last != total {
				t.Fatalf("%s: %+v, progress %d of %d", during, done, last, total)
			}
			w.read(during+", gone on: the running process", running)
			fresh := w.process()
			w.read(during+", gone on: a new process", fresh)
			if n := fresh.Keys().ProgramKeys(); n != 1 {
				t.Fatalf("%s: the file holds %d program keys", during, n)
			}
			left, err := db.One(ctx, d, db.Column[int64], `SELECT count(*) FROM vault_person p, vault_state s WHERE p.key_id <> s.key_id OR s.phase <> ''`)
			if err != nil || left != 0 {
				t.Fatalf("%s: %d rings are not rewrapped, %v", during, left, err)
			}
			after := map[string]note{}
			for _, n := range w.rows() {
				after[n.id] = n
			}
			for _, n := range before {
				if bytes.Equal(n.body, after[n.id].body) || bytes.Equal(n.house, after[n.id].house) || bytes.Equal(n.body[:5], after[n.id].body[:5]) {
					t.Fatalf("%s: %s was not sealed anew", during, n.id)
				}
			}
		}
	}, vault.Migrations, notes)
}

// TestNobodyFailsDuringARotation: other processes read and write while two rotations go by.
func TestNobodyFailsDuringARotation(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx, stop := context.WithCancel(t.Context())
		w := newWorld(t, d)
		first := w.process()
		for i := range 100 {
			w.write(first, fmt.Sprintf("n%04d", i), fmt.Sprintf("p%d", i))
		}
		var others sync.WaitGroup
		for i := range 3 {
			v := w.process()
			others.Go(func() {
				for n := 0; ctx.Err() == nil; n++ {
					if err := w.wrong(v); err != nil && ctx.Err() == nil {
						t.Errorf("a reader failed: %v", err)
						return
					}
					person := fmt.Sprintf("late%d-%d", i, n)
					err := d.WithTx(ctx, func(tx *db.Tx) error {
						if err := v.AddPerson(ctx, tx, person); err != nil {
							return err
						}
						body, err := v.Seal(ctx, tx, vault.Place{Person: person, Table: "note", Column: "body", Row: person}, "late")
						if err != nil {
							return err
						}
						house, err := v.Seal(ctx, tx, vault.Place{Table: "note", Column: "house", Row: person}, "house late")
						if err != nil {
							return err
						}
						_, err = tx.Exec(ctx, `INSERT INTO note (id, person, body, house) VALUES ($1, $1, $2, $3)`, person, body, house)
						return err
					})
					if err != nil && ctx.Err() == nil {
						t.Errorf("a writer failed: %v", err)
						return
					}
				}
			})
		}
		for range 2 {
			if done, err := first.Rotate(ctx, nil); err != nil || done.Fields < 200 || done.Unreadable > 0 {
				t.Errorf("%+v, %v", done, err)
			}
		}
		stop()
		others.Wait()
		w.read("a new process", w.process())
	}, vault.Migrations, notes)
}

// TestRotationLeavesTheErasedErased, and says how much it could not read.
func TestRotationLeavesTheErasedErased(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		v := w.process()
		w.write(v, "n1", "p1")
		w.write(v, "n2", "p2")
		erase(t, v, d, "p1")
		done, err := v.Rotate(t.Context(), nil)
		if err != nil || done != (vault.Rotation{People: 2, Fields: 3, Unreadable: 1}) {
			t.Errorf("%+v, %v", done, err)
		}
		at := vault.Place{Person: "p1", Table: "note", Column: "body", Row: "n1"}
		if _, err := w.process().Open(t.Context(), d, at, w.rows()[0].body); !errors.Is(err, vault.ErrErased) {
			t.Errorf("got %v", err)
		}
	}, vault.Migrations, notes)
}

// TestOneRotatesAtATime, until its lease is over.
func TestOneRotatesAtATime(t *testing.T) {
	d := dbtest.SQLite(t, vault.Migrations, notes)
	w := newWorld(t, d)
	v := w.process()
	v.StopAt(func(string) error {
		if _, err := w.process().Rotate(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "another process") {
			t.Errorf("a second rotation: %v", err)
		}
		return nil
	})
	if _, err := v.Rotate(t.Context(), nil); err != nil {
		t.Error(err)
	}
	// One that was overtaken stops, and takes nothing away from the other.
	late := w.process()
	late.StopAt(func(step string) error {
		late.StopAt(nil)
		w.clock.Add(600)
		_, err := w.process().Rotate(t.Context(), nil)
		return err
	})
	if _, err := late.Rotate(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("it went on without its lease: %v", err)
	}
	// A process died while the clock was a year ahead.
	if _, err := d.Exec(t.Context(), `UPDATE vault_state SET holder = 'dead', lease_until = $1`, db.Millis(noon.AddDate(1, 0, 0))); err != nil {
		t.Fatal(err)
	}
	if _, err := w.process().Rotate(t.Context(), nil); err != nil {
		t.Errorf("it waits for the dead: %v", err)
	}
	if r, err := vault.Rotating(t.Context(), d); r || err != nil {
		t.Errorf("%v, %v", r, err)
	}
}

// TestTheFileAlone: a key that was put into the file and copied about is what the next rotation takes.
func TestTheFileAlone(t *testing.T) {
	d := dbtest.SQLite(t, vault.Migrations, notes)
	w := newWorld(t, d)
	v := w.process()
	for range 2 {
		if k, err := v.AddKey(t.Context()); err != nil || k.ProgramKeys() != 2 {
			t.Fatalf("%d, %v", k.ProgramKeys(), err)
		}
	}
	w.write(w.process(), "n1", "p1") // the new key is not used yet
	if done, err := v.Rotate(t.Context(), nil); err != nil || done.Fields != 2 {
		t.Fatalf("%+v, %v", done, err)
	}
	if n := w.process().Keys().ProgramKeys(); n != 1 {
		t.Errorf("the file holds %d program keys", n)
	}
}

func BenchmarkRotate(b *testing.B) {
	for name, open := range map[string]func(testing.TB, ...db.Source) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			ctx := b.Context()
			d := open(b, vault.Migrations, notes)
			v, err := vault.Open(ctx, d, create(b), vault.Options{Now: now, Columns: noteColumns})
			if err != nil {
				b.Fatal(err)
			}
			const n = 20_000
			var people []string
			for i := range n / 10 {
				people = append(people, fmt.Sprintf("p%d", i))
			}
			add(b, v, d, people...)
			ring, err := v.Ring(ctx, d, people)
			if err != nil {
				b.Fatal(err)
			}
			var rows [][]any
			for i := range n {
				id, person := db.NewID(), people[i%len(people)]
				sealed, err := ring.Seal(vault.Place{Person: person, Table: "note", Column: "body", Row: id}, strings.Repeat("word ", 10))
				if err != nil {
					b.Fatal(err)
				}
				rows = append(rows, []any{id, person, sealed})
			}
			if err := d.WithTx(ctx, func(tx *db.Tx) error {
				return db.Insert(ctx, tx, "note", []string{"id", "person", "body"}, rows, "")
			}); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if done, err := v.Rotate(ctx, nil); err != nil || done.Fields != n {
					b.Fatal(done, err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "fields/s")
		})
	}
}

// BenchmarkPageOfNames is what a page of fifty people costs.
func BenchmarkPageOfNames(b *testing.B) {
	d := dbtest.SQLite(b, vault.Migrations, notes)
	v, err := vault.Open(b.Context(), d, create(b), vault.Options{Now: now})
	if err != nil {
		b.Fatal(err)
	}
	var people []string
	for range 20_000 {
		people = append(people, db.NewID())
	}
	add(b, v, d, people...)
	ring, err := v.Ring(b.Context(), d, people)
	if err != nil {
		b.Fatal(err)
	}
	sealed := map[string][]byte{}
	at := func(p string) vault.Place { return vault.Place{Person: p, Table: "note", Column: "body", Row: p} }
	for _, p := range people {
		if sealed[p], err = ring.Seal(at(p), "Zephyrine Quillfeather"); err != nil {
			b.Fatal(err)
		}
	}
	for i := 0; b.Loop(); i += 50 {
		i %= len(people)
		ring, err := v.Ring(b.Context(), d, people[i:i+50])
		if err != nil {
			b.Fatal(err)
		}
		for _, p := range people[i : i+50] {
			if _, err := ring.Open(at(p), sealed[p]); err != nil {
				b.Fatal(err)
			}
		}
	}
}
