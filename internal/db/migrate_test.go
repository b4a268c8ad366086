package db_test

import (
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"hearth/internal/db"
	"hearth/internal/db/dbtest"
)

// source makes a source of name, text, name, text …
func source(files ...string) db.Source {
	fs := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		fs["migrations/"+files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return db.Source{Name: "test", FS: fs}
}

const one = "CREATE TABLE a (id TEXT NOT NULL PRIMARY KEY, n BIGINT);"

func TestMigrateAddsOnlyWhatIsNew(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		steps := []struct {
			what   string
			source db.Source
			want   string // "" none, or part of the error
		}{
			{"first", source("001_a.sql", one), ""},
			{"again", source("001_a.sql", one), ""},
			{"other space and comments", source("001_a.sql", "-- about a\n"+strings.ReplaceAll(one, "(", "(\n\t")), ""},
			{"changed afterwards", source("001_a.sql", strings.Replace(one, "n BIGINT", "n TEXT", 1)), "changed after it had been applied"},
			{"third", source("001_a.sql", one, "003_c.sql", "CREATE TABLE c (id TEXT NOT NULL PRIMARY KEY)"), ""},
			{"an older program", source("001_a.sql", one), ""},
			{"second comes late", source("001_a.sql", one, "002_b.sql", "CREATE TABLE b (id TEXT NOT NULL PRIMARY KEY)"), "number 3 was applied before"},
			{"fails in the middle", source("004_d.sql", "CREATE TABLE d (id TEXT NOT NULL PRIMARY KEY); INSERT INTO d (id) VALUES (NULL)"), "INSERT INTO d"},
			{"no type of ours", source("005_e.sql", "CREATE TABLE e (at TIMESTAMPTZ)"), "TIMESTAMPTZ is not portable"},
			{"bad name", source("five.sql", one), "not named like 001_name.sql"},
			{"same number", source("006_a.sql", one, "006_b.sql", one), "have one number"},
			{"lonely twin", source("006_a.sqlite.sql", one), "no 006_a.sql beside it"},
		}
		for _, step := range steps {
			err := db.Migrate(t.Context(), d, step.source)
			if step.want == "" && err != nil || step.want != "" && (err == nil || !strings.Contains(err.Error(), step.want)) {
				t.Errorf("%s: got %v, want %q", step.what, err, step.want)
			}
		}
		schema, err := db.Schema(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		want := `a
  id TEXT NOT NULL
  n INTEGER
  primary key (id)
c
  id TEXT NOT NULL
  primary key (id)
`
		if got, _, _ := strings.Cut(schema, "schema_migration"); got != want {
			t.Errorf("tables that are there: %s", cmp.Diff(want, got))
		}
	})
}

func TestSchemaIsTheSameOnBoth(t *testing.T) {
	s := source("001_all.sql", `
CREATE TABLE a (
	id TEXT NOT NULL PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	x DOUBLE PRECISION, y BYTEA, z BOOLEAN NOT NULL DEFAULT TRUE,
	"order" BIGINT,
	UNIQUE (name, x)
);
CREATE TABLE b (a_id TEXT NOT NULL REFERENCES a (id), n BIGINT NOT NULL, PRIMARY KEY (a_id, n));
CREATE INDEX b_n ON b (n DESC) WHERE n > 3;
CREATE UNIQUE INDEX a_lower ON a (lower(name), "order");`)
	want := `a
  id TEXT NOT NULL
  name TEXT NOT NULL
  x REAL
  y BLOB
  z INTEGER NOT NULL
  order INTEGER
  index a_lower unique (expression, order)
  primary key (id)
  unique (name)
  unique (name, x)
b
  a_id TEXT NOT NULL
  n INTEGER NOT NULL
  index b_n (n) partial
  primary key (a_id, n)
schema_migration
  source TEXT NOT NULL
  number INTEGER NOT NULL
  name TEXT NOT NULL
  sum TEXT NOT NULL
  primary key (source, number)
`
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		got, err := db.Schema(t.Context(), d)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
	}, s)
}

// A table that others refer to is rebuilt, and nothing of theirs is lost.
func TestTwinRebuildsATable(t *testing.T) {
	before := `CREATE TABLE a (id TEXT NOT NULL PRIMARY KEY, n BIGINT);
CREATE TABLE b (id TEXT NOT NULL PRIMARY KEY, a_id TEXT NOT NULL REFERENCES a (id) ON DELETE CASCADE);
INSERT INTO a (id, n) VALUES ('a1', 7); INSERT INTO b (id, a_id) VALUES ('b1', 'a1');`
	after := "ALTER TABLE a ALTER COLUMN n TYPE TEXT;"
	twin := `CREATE TABLE a_new (id TEXT NOT NULL PRIMARY KEY, n TEXT) STRICT;
INSERT INTO a_new SELECT id, n FROM a; DROP TABLE a; ALTER TABLE a_new RENAME TO a;`
	careless := strings.Replace(twin, "FROM a;", "FROM a WHERE id = 'x';", 1)
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		if err := db.Migrate(t.Context(), d, source("001_a.sql", before)); err != nil {
			t.Fatal(err)
		}
		if d.Engine() == db.SQLite {
			err := db.Migrate(t.Context(), d, source("001_a.sql", before, "002_b.sql", after, "002_b.sqlite.sql", careless))
			if err == nil || !strings.Contains(err.Error(), "references that lead nowhere in b") {
				t.Errorf("got %v, want a refusal", err)
			}
		}
		if err := db.Migrate(t.Context(), d, source("001_a.sql", before, "002_b.sql", after, "002_b.sqlite.sql", twin)); err != nil {
			t.Fatal(err)
		}
		got, err := db.One(t.Context(), d, db.Column[string], `SELECT a.n FROM a JOIN b ON b.a_id = a.id`)
		if got != "7" || err != nil {
			t.Errorf("got %q, %v; want the row as text", got, err)
		}
		// References are kept again afterwards.
		if _, err := d.Exec(t.Context(), `INSERT INTO b (id, a_id) VALUES ('b2', 'nobody')`); !errors.Is(err, db.ErrReference) {
			t.Errorf("got %v, want ErrReference", err)
		}
	})
}

func TestManyMigrateAtOnce(t *testing.T) {
	slow := source("001_a.sql", one, "002_b.sql", "ALTER TABLE a ADD COLUMN b TEXT; INSERT INTO a (id) VALUES ('only once')", "003_c.sql", "CREATE INDEX a_b ON a (b)")
	configs := map[string]db.Config{
		"sqlite":   {Path: filepath.Join(t.TempDir(), "new", "test.db")},
		"postgres": {URL: dbtest.PostgresURL(t)},
	}
	for name, config := range configs {
		t.Run(name, func(t *testing.T) {
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() { // each with connections of its own, as another process
					d, err := db.Open(t.Context(), config)
					if err != nil {
						t.Error(err)
						return
					}
					defer d.Close()
					if err := db.Migrate(t.Context(), d, slow); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		})
	}
}
