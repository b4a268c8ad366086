package db_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"hearth/internal/db"
	"hearth/internal/db/dbtest"
)

// TestMain makes this program also the one that a test kills or runs as somebody else.
func TestMain(m *testing.M) {
	config := db.Config{URL: os.Getenv("DB_TEST_URL"), Path: os.Getenv("DB_TEST_PATH")}
	switch os.Getenv("DB_TEST_CHILD") {
	case "":
		os.Exit(m.Run())
	case "write and wait":
		writeAndWait(config)
	case "open and write":
		fmt.Println(openAndWrite(config))
	}
}

// child is this program once more, as one of the cases of TestMain.
func child(t *testing.T, what string, c db.Config) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "DB_TEST_CHILD="+what, "DB_TEST_URL="+c.URL, "DB_TEST_PATH="+c.Path)
	cmd.Stderr = os.Stderr
	return cmd
}

func openAndWrite(c db.Config) error {
	d, err := db.Open(context.Background(), c)
	if err != nil {
		return err
	}
	defer d.Close()
	return add(context.Background(), d, "Bo")
}

// writeAndWait is in the middle of a large transaction until somebody kills it.
func writeAndWait(c db.Config) {
	ctx := context.Background()
	d, err := db.Open(ctx, c)
	if err != nil {
		panic(err)
	}
	if d.Engine() == db.SQLite { // so that pages reach the disk before the end
		if _, err := d.Exec(ctx, `PRAGMA cache_size = 10`); err != nil {
			panic(err)
		}
	}
	err = d.WithTx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM person`); err != nil {
			return err
		}
		for i := range 1000 {
			if _, err := tx.Exec(ctx, `INSERT INTO person (id, name) VALUES ($1, $2)`, db.NewID(), fmt.Sprint(i, strings.Repeat("x", 2000))); err != nil {
				return err
			}
			if i == 500 {
				fmt.Println("in the middle")
			}
		}
		fmt.Println("before the end")
		select {}
	})
	panic(err)
}

func TestKilledInTheMiddle(t *testing.T) {
	configs := map[string]db.Config{
		"sqlite":   {Path: filepath.Join(t.TempDir(), "test.db")},
		"postgres": {URL: dbtest.PostgresURL(t)},
	}
	for name, config := range configs {
		for _, when := range []string{"in the middle", "before the end"} {
			t.Run(name+" "+when, func(t *testing.T) {
				ctx := t.Context()
				d, err := db.Open(ctx, config)
				if err != nil {
					t.Fatal(err)
				}
				if err := db.Migrate(ctx, d, people); err != nil {
					t.Fatal(err)
				}
				if _, err := d.Exec(ctx, `INSERT INTO person (id, name) VALUES ('p1', 'Ana') ON CONFLICT DO NOTHING`); err != nil {
					t.Fatal(err)
				}
				if err := d.Close(); err != nil {
					t.Fatal(err)
				}
				cmd := child(t, "write and wait", config)
				out, err := cmd.StdoutPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != when; {
				}
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, out)
				_ = cmd.Wait()

				d, err = db.Open(ctx, config)
				if err != nil {
					t.Fatal(err)
				}
				defer d.Close()
				if got := names(t, d); len(got) != 1 || got[0] != "Ana" {
					t.Errorf("found %d people, want Ana alone", len(got))
				}
				if _, err := d.Exec(ctx, `UPDATE person SET age = 1`); err != nil {
					t.Errorf("cannot go on: %v", err)
				}
				if d.Engine() == db.SQLite {
					if ok, err := db.One(ctx, d, db.Column[string], `PRAGMA integrity_check`); ok != "ok" || err != nil {
						t.Errorf("the file is damaged: %s, %v", ok, err)
					}
				}
			})
		}
	}
}

func TestDiskFull(t *testing.T) {
	d := dbtest.SQLite(t, people)
	ctx := t.Context()
	if err := add(ctx, d, "Ana"); err != nil {
		t.Fatal(err)
	}
	limit := func(pages int) {
		t.Helper()
		if _, err := d.Exec(ctx, fmt.Sprintf(`PRAGMA max_page_count = %d`, pages)); err != nil {
			t.Fatal(err)
		}
	}
	limit(40)
	err := d.WithTx(ctx, func(tx *db.Tx) error {
		for i := range 1000 {
			if err := add(ctx, tx, fmt.Sprint(i, strings.Repeat("x", 1000))); err != nil {
				return err
			}
		}
		return nil
	})
	if !errors.Is(err, db.ErrFull) || !strings.HasPrefix(err.Error(), "the disk is full") {
		t.Errorf("got %v, want ErrFull", err)
	}
	if got := names(t, d); len(got) != 1 {
		t.Errorf("found %d people, want Ana alone", len(got))
	}
	limit(1_000_000)
	if err := add(ctx, d, "Bo"); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// TestReadOnly opens what may not be written. Nothing stops root, so as root it runs as nobody.
func TestReadOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	config := db.Config{Path: filepath.Join(dir, "test.db")}
	d, err := db.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Migrate(t.Context(), d, people), add(t.Context(), d, "Ana"), d.Close()); err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(filepath.Dir(dir), "program") // go test keeps the original where only root may look
	if err := os.WriteFile(copied, program, 0o755); err != nil {
		t.Fatal(err)
	}
	modes := map[string][2]os.FileMode{"file": {0o777, 0o444}, "directory": {0o555, 0o666}, "both": {0o555, 0o444}, "unreadable": {0o777, 0o000}}
	for what, mode := range modes {
		t.Run(what, func(t *testing.T) {
			for path, m := range map[string]os.FileMode{filepath.Dir(filepath.Dir(dir)): 0o755, filepath.Dir(dir): 0o755, dir: mode[0], config.Path: mode[1]} {
				if err := os.Chmod(path, m); err != nil {
					t.Fatal(err)
				}
			}
			t.Cleanup(func() { os.Chmod(dir, 0o777) })
			cmd := child(t, "open and write", config)
			cmd.Path = copied
			cmd.Dir = "/"
			if os.Getuid() == 0 {
				cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
			}
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(out), config.Path) || !strings.Contains(string(out), "the database can only be read: ") || !strings.Contains(string(out), "permission denied") {
				t.Errorf("got %s, want the file and that it may not be written", out)
			}
		})
	}
	d, err = db.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if got := names(t, d); len(got) != 1 {
		t.Errorf("found %v, want Ana alone", got)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage.db")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("this is no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		config db.Config
		want   string
	}{
		{db.Config{}, "neither"},
		{db.Config{URL: "mysql://x/y"}, "must begin with postgres://"},
		{db.Config{URL: "postgres://user:geheim@localhost:1/x?connect_timeout=2"}, "does not answer"},
		{db.Config{URL: "postgres://user:geheim@[::1/x"}, "parse"},
		{db.Config{Path: dir}, dir},
		{db.Config{Path: garbage}, "garbage.db"},
		{db.Config{Path: filepath.Join(garbage, "below.db")}, "not a directory"},
	}
	for _, test := range tests {
		d, err := db.Open(t.Context(), test.config)
		if err == nil {
			d.Close()
		}
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%+v: got %v, want %q and no password", test.config, err, test.want)
		}
	}
	odd := filepath.Join(dir, "a?b#c%41 d.db")
	d, err := db.Open(t.Context(), db.Config{Path: odd})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := os.Stat(odd); err != nil {
		t.Error(err)
	}
}

func TestServerGone(t *testing.T) {
	d := dbtest.Postgres(t, people)
	ctx := t.Context()
	runs := 0
	err := d.WithTx(ctx, func(tx *db.Tx) error {
		runs++
		if err := add(ctx, tx, "Ana"); err != nil {
			return err
		}
		pid, err := db.One(ctx, tx, db.Column[int], `SELECT pg_backend_pid()`)
		if err != nil {
			return err
		}
		if _, err := db.One(ctx, d, db.Column[bool], `SELECT pg_terminate_backend($1, 5000)`, pid); err != nil {
			return err
		}
		return add(ctx, tx, "Bo")
	})
	if !errors.Is(err, db.ErrUnavailable) || runs != 1 {
		t.Errorf("got %v after %d runs, want ErrUnavailable", err, runs)
	}
	if got := names(t, d); len(got) != 0 {
		t.Errorf("found %v, want nobody", got)
	}
	if err := add(ctx, d, "Cy"); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// Two transactions that want the same two rows in another order: PostgreSQL ends one, and it runs again.
func TestDeadlockRunsAgain(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		for _, name := range []string{"Ana", "Bo"} {
			if err := add(ctx, d, name); err != nil {
				t.Fatal(err)
			}
		}
		var runs atomic.Int32
		var all, both sync.WaitGroup
		both.Add(2)
		for _, order := range [][]string{{"Ana", "Bo"}, {"Bo", "Ana"}} {
			all.Go(func() {
				met := d.Engine() == db.SQLite // where there is one writer, nobody meets
				err := d.WithTx(ctx, func(tx *db.Tx) error {
					runs.Add(1)
					for i, name := range order {
						if _, err := tx.Exec(ctx, `UPDATE person SET age = age + 1 WHERE name = $1`, name); err != nil {
							return err
						}
						if i == 0 && !met {
							met = true
							both.Done()
							both.Wait()
						}
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n, err := db.One(ctx, d, db.Column[int], `SELECT CAST(sum(age) AS BIGINT) FROM person`); n != 64 || err != nil {
			t.Errorf("got %d, %v; want each transaction once", n, err)
		}
		if d.Engine() == db.Postgres && runs.Load() != 3 {
			t.Errorf("ran %d times, want 3", runs.Load())
		}
	}, people)
}

// A read-modify-write of many at once loses nothing when it is locked.
func TestForUpdate(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if err := add(ctx, d, "Ana"); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 10 {
					err := d.WithTx(ctx, func(tx *db.Tx) error {
						age, err := db.One(ctx, tx, db.Column[int], `SELECT age FROM person WHERE name = 'Ana'`+tx.ForUpdate())
						if err != nil {
							return err
						}
						_, err = tx.Exec(ctx, `UPDATE person SET age = $1 WHERE name = 'Ana'`, age+1)
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if age, err := db.One(ctx, d, db.Column[int], `SELECT age FROM person`); age != 110 || err != nil {
			t.Errorf("got %d, %v; want 110", age, err)
		}
	}, people)
}

// Writing on the DB inside a transaction waits for itself on SQLite: it must end with the context.
func TestWaitingForOneself(t *testing.T) {
	d := dbtest.SQLite(t, people)
	err := d.WithTx(t.Context(), func(tx *db.Tx) error {
		short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		return add(short, d, "Ana")
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the end of the context", err)
	}
}

func TestPanicRollsBack(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		func() {
			defer func() { _ = recover() }()
			_ = d.WithTx(t.Context(), func(tx *db.Tx) error {
				if err := add(t.Context(), tx, "Ana"); err != nil {
					t.Error(err)
				}
				panic("oh")
			})
		}()
		if err := add(t.Context(), d, "Ana"); err != nil {
			t.Errorf("after a panic: %v", err)
		}
	}, people)
}

func TestRangesHoldEveryRow(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		for rows := range 23 {
			for n := range 5 {
				ranges, err := db.Ranges(ctx, d, "person", "id", n)
				if err != nil {
					t.Fatal(err)
				}
				var found atomic.Int32
				err = db.EachParallel(ctx, d, ranges, func(_ int, scan db.Scan) error {
					found.Add(1)
					var id string
					return scan(&id)
				}, `SELECT id FROM person WHERE id >= $1 AND id < $2`)
				if err != nil || int(found.Load()) != rows || len(ranges) > max(1, n) {
					t.Errorf("%d ranges: found %d of %d rows, %v", n, found.Load(), rows, err)
				}
			}
			if err := add(ctx, d, fmt.Sprint(rows)); err != nil {
				t.Fatal(err)
			}
		}
	}, people)
}
