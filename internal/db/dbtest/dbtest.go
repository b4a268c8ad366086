// Package dbtest runs a test on both engines, each time on a fresh database: a SQLite file, and a database on
// PostgreSQL, which it starts itself when no server is given.
//
// It must never be imported by anything but tests.
package dbtest

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"hearth/internal/db"
)

// Run runs f on SQLite and on PostgreSQL, as subtests, with the sources' migrations applied. The server
// that HEARTH_TEST_POSTGRES names is used if it is set (an address of a role that may create databases);
// otherwise all tests of this machine share a private server that ends when nobody has used it for a while.
func Run(t *testing.T, f func(t *testing.T, d *db.DB), sources ...db.Source) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t, sources...)) })
	t.Run("postgres", func(t *testing.T) { f(t, Postgres(t, sources...)) })
}

// SQLite opens a fresh SQLite database for the test.
func SQLite(t testing.TB, sources ...db.Source) *db.DB {
	t.Helper()
	d := open(t, db.Config{Path: filepath.Join(t.TempDir(), "test.db")})
	// No test cuts the power: waiting for the disk would only be slow.
	if _, err := d.Exec(t.Context(), "PRAGMA synchronous = 0"); err != nil {
		t.Fatal(err)
	}
	migrate(t, d, sources)
	return d
}

// Postgres opens a fresh PostgreSQL database for the test.
func Postgres(t testing.TB, sources ...db.Source) *db.DB {
	t.Helper()
	d := open(t, db.Config{URL: PostgresURL(t)})
	migrate(t, d, sources)
	return d
}

// PostgresURL makes an empty PostgreSQL database for the test and returns its address.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server, err := server()
	if err != nil {
		t.Fatalf("PostgreSQL is not to be had, and every store is tested on it: %v\n"+
			"./check installs it; or set HEARTH_TEST_POSTGRES to the address of a server.", err)
	}
	name := "hearth_test_" + strings.ReplaceAll(db.NewID(), "-", "")
	admin(t, server, "CREATE DATABASE "+name+" TEMPLATE template0")
	t.Cleanup(func() { admin(t, server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

var server = sync.OnceValues(func() (string, error) {
	if u := os.Getenv("HEARTH_TEST_POSTGRES"); u != "" {
		return u, nil
	}
	return startServer()
})

func admin(t testing.TB, server, sql string) {
	t.Helper()
	ctx := context.Background() // also after the test's own context has ended
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("connect to the test server: %v", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, c db.Config) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func migrate(t testing.TB, d *db.DB, sources []db.Source) {
	t.Helper()
	if err := db.Migrate(t.Context(), d, sources...); err != nil {
		t.Fatal(err)
	}
}
