package db_test

import (
	"context"
	"errors"
	"testing"
	"testing/fstest"
	"time"

	"hearth/internal/db"
	"hearth/internal/db/dbtest"
)

var people = db.Source{Name: "people", FS: fstest.MapFS{"migrations/001_people.sql": {Data: []byte(`
-- People; and their things.
CREATE TABLE person (
	id TEXT NOT NULL PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	age BIGINT CHECK (age >= 0),
	ok BOOLEAN NOT NULL DEFAULT TRUE, -- a note; with a semicolon
	weight DOUBLE PRECISION,
	picture BYTEA
);
CREATE TABLE thing (
	id TEXT NOT NULL PRIMARY KEY,
	person_id TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
	what TEXT NOT NULL DEFAULT 'it''s; this'
);
CREATE INDEX thing_person ON thing (person_id, lower(what)) WHERE what <> '';
`)}}}

func names(t *testing.T, q db.Querier) []string {
	t.Helper()
	all, err := db.All(t.Context(), q, db.Column[string], `SELECT name FROM person ORDER BY name COLLATE "C"`)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func add(ctx context.Context, q db.Querier, name string) error {
	_, err := q.Exec(ctx, `INSERT INTO person (id, name, age) VALUES ($1, $2, $3)`, db.NewID(), name, int64(30))
	return err
}

func TestTransactions(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		committed := 0
		err := d.WithTx(ctx, func(tx *db.Tx) error {
			tx.AfterCommit(func() { committed++ })
			return add(ctx, tx, "Ana")
		})
		if err != nil || committed != 1 {
			t.Fatalf("commit: %v, %d calls after it", err, committed)
		}
		stop := errors.New("stop")
		err = d.WithTx(ctx, func(tx *db.Tx) error {
			tx.AfterCommit(func() { t.Error("called after a rollback") })
			if err := add(ctx, tx, "Bo"); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Errorf("got %v, want the error of the function", err)
		}
		err = d.WithTx(ctx, func(tx *db.Tx) error {
			if err := add(ctx, tx, "Ana"); !errors.Is(err, db.ErrUnique) {
				t.Errorf("got %v, want ErrUnique", err)
			}
			if err := add(ctx, tx, "Cy"); !errors.Is(err, db.ErrUnique) {
				t.Errorf("after a failure got %v, want a refusal", err)
			}
			return nil
		})
		if !errors.Is(err, db.ErrUnique) {
			t.Errorf("a spoilt transaction gave %v, want ErrUnique", err)
		}
		if got := names(t, d); len(got) != 1 || got[0] != "Ana" {
			t.Errorf("got %v, want [Ana]", got)
		}
	}, people)
}

func TestReadSeesOneState(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			if got := names(t, tx); len(got) != 0 {
				t.Errorf("got %v before anybody is there", got)
			}
			if err := add(t.Context(), d, "Ana"); err != nil {
				return err
			}
			if got := names(t, tx); len(got) != 0 {
				t.Errorf("got %v, want the state of before", got)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		err = d.Read(t.Context(), func(tx *db.Tx) error { return add(t.Context(), tx, "Bo") })
		if !errors.Is(err, db.ErrReadOnly) {
			t.Errorf("a write in Read gave %v, want ErrReadOnly", err)
		}
	}, people)
}

func TestInsertMany(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		cols := []string{"id", "name", "age", "ok", "weight", "picture"}
		var rows [][]any
		for i := range 2503 {
			rows = append(rows, []any{db.NewID(), db.NewID(), i, i%2 == 0, 1.5, []byte{1, 2}})
		}
		for _, suffix := range []string{"", "ON CONFLICT (id) DO NOTHING"} {
			if err := d.WithTx(ctx, func(tx *db.Tx) error { return db.Insert(ctx, tx, "person", cols, rows, suffix) }); err != nil {
				t.Fatal(err)
			}
		}
		n, err := db.One(ctx, d, db.Column[int], `SELECT count(*) FROM person WHERE NOT ok AND weight = 1.5 AND octet_length(picture) = 2`)
		if err != nil || n != 1251 {
			t.Errorf("got %d odd ones, %v; want 1251", n, err)
		}
		for _, suffix := range []string{"", "ON CONFLICT (id) DO NOTHING"} {
			rows[0][0] = "another"
			err := d.WithTx(ctx, func(tx *db.Tx) error { return db.Insert(ctx, tx, "person", cols, rows, suffix) })
			if !errors.Is(err, db.ErrUnique) {
				t.Errorf("suffix %q: got %v, want ErrUnique", suffix, err)
			}
		}
	}, people)
}

func TestErrors(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		if err := add(t.Context(), d, "Ana"); err != nil {
			t.Fatal(err)
		}
		tests := []struct {
			what string
			want error
			sql  string
			args []any
		}{
			{"unique", db.ErrUnique, `INSERT INTO person (id, name) VALUES ($1, $2)`, []any{"x", "Ana"}},
			{"reference", db.ErrReference, `INSERT INTO thing (id, person_id) VALUES ($1, $2)`, []any{"x", "nobody"}},
			{"check", db.ErrCheck, `INSERT INTO person (id, name, age) VALUES ($1, $2, $3)`, []any{"x", "Bo", -1}},
			{"null", db.ErrCheck, `INSERT INTO person (id, name) VALUES ($1, $2)`, []any{"x", nil}},
			{"zero byte", db.ErrText, `INSERT INTO person (id, name) VALUES ($1, $2)`, []any{"x", "a\x00b"}},
			{"broken text", db.ErrText, `INSERT INTO person (id, name) VALUES ($1, $2)`, []any{"x", "a\xff"}},
			{"time", nil, `INSERT INTO person (id, name, age) VALUES ($1, $2, $3)`, []any{"x", "Bo", time.Unix(0, 0)}},
			{"syntax", nil, `SELEKT 1`, nil},
		}
		for _, test := range tests {
			_, err := d.Exec(t.Context(), test.sql, test.args...)
			if err == nil || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("%s: got %v, want %v", test.what, err, test.want)
			}
		}
		_, err := db.One(t.Context(), d, db.Column[string], `SELECT name FROM person WHERE id = $1`, "nobody")
		if !errors.Is(err, db.ErrNone) {
			t.Errorf("got %v, want ErrNone", err)
		}
	}, people)
}
