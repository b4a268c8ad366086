package meeting

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
)

// killedEnv is set in the process that is to be killed: where its database and its feed are.
const killedEnv = "HEARTH_TEST_SYNC_KILLED"

// TestSyncToBeKilled is not a test of its own: it is the process that TestKilledInTheMiddleOfASync kills.
func TestSyncToBeKilled(t *testing.T) {
	path := os.Getenv(killedEnv)
	if path == "" {
		return
	}
	d, err := db.Open(t.Context(), db.Config{Path: path, URL: os.Getenv(killedEnv + "_URL")})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, d)
	w.dir = filepath.Dir(path)
	w.o.Area = func(lat, lng float64) string {
		fmt.Println("in the middle") // some meetings are closed already, others not yet written
		<-t.Context().Done()
		return ""
	}
	_, err = w.SyncFeed(context.Background(), "town", SyncOptions{})
	t.Fatal("the sync was not killed:", err)
}

func TestKilledInTheMiddleOfASync(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			path, url := filepath.Join(t.TempDir(), "hearth.db"), ""
			if engine == "postgres" {
				url = dbtest.PostgresURL(t)
			}
			d, err := db.Open(t.Context(), db.Config{Path: path, URL: url})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if err := db.Migrate(t.Context(), d, Migrations, audit.Migrations); err != nil {
				t.Fatal(err)
			}
			w := newWorld(t, d)
			w.dir = filepath.Dir(path)
			w.feed("town")
			all := many(12)
			w.sync("town", all)
			before := w.meetings()
			all[3].Name = "Another Name"
			w.put("town", all[:11])

			child := exec.Command(os.Args[0], "-test.run=^TestSyncToBeKilled$")
			child.Env = append(os.Environ(), killedEnv+"="+path, killedEnv+"_URL="+url)
			out, err := child.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			child.Stderr = os.Stderr
			if err := child.Start(); err != nil {
				t.Fatal(err)
			}
			lines, there := bufio.NewScanner(out), false
			for !there && lines.Scan() {
				if there = lines.Text() == "in the middle"; !there {
					t.Log(lines.Text())
				}
			}
			if !there {
				t.Error("the sync ended before it could be killed")
			}
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = child.Wait() // it was killed: that is no news

			if diff := cmp.Diff(before, w.meetings()); diff != "" {
				t.Errorf("the old data should stand (-before +after):\n%s", diff)
			}
			w.later(2 * leaseTime) // the lease of the dead runs out
			y, err := w.SyncFeed(t.Context(), "town", SyncOptions{})
			if err != nil {
				t.Fatal(err)
			}
			wantCounts(t, y, "applied rows 11 occurrences 11 added 0 changed 1 unchanged 10 gone 1")
		})
	}
}
