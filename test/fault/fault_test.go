// Package fault owns the bad days: the real program killed, starved and cut off, and what stands after.
//
// It must never reach outside this machine.
package fault

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hearth/internal/db/dbtest"
)

var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "hearth-fault-")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "hearth")
	build := exec.Command("go", "build", "-o", program, "hearth/cmd/hearth")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(dir) // the folder is temporary anyway
	os.Exit(code)
}

// writeFeed writes a Meeting Guide feed of n meetings whose names end in word.
func writeFeed(t *testing.T, path string, n int, word string) {
	t.Helper()
	rows := make([]map[string]any, n)
	for i := range rows {
		rows[i] = map[string]any{
			"name": fmt.Sprintf("Group %d %s", i, word), "slug": fmt.Sprintf("g-%d", i), "day": i % 7, "time": fmt.Sprintf("%02d:%02d", 6+i%16, i%4*15), "types": []string{"O"},
			"formatted_address": fmt.Sprintf("%d Mill Street, Philadelphia, PA 19104, USA", 1+i), "latitude": 39.9 + float64(i%1000)/10000, "longitude": -75.2 + float64(i/1000)/1000,
		}
	}
	b, err := json.Marshal(rows)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// run runs a command of the program and returns what it printed.
func run(t *testing.T, env []string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func must(t *testing.T, env []string, args ...string) string {
	t.Helper()
	out, err := run(t, env, args...)
	if err != nil {
		t.Fatalf("hearth %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// names counts the meetings whose names end in a word.
func names(t *testing.T, env []string, word string) int {
	t.Helper()
	var found struct {
		Count    int
		Meetings []struct{ Name string }
	}
	if err := json.Unmarshal([]byte(must(t, env, "find", "--json")), &found); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, m := range found.Meetings {
		if strings.HasSuffix(m.Name, word) {
			n++
		}
	}
	if n != 0 && n != found.Count {
		t.Errorf("half-saved: %d of %d meetings are %s", n, found.Count, word)
	}
	return n
}

// TestKilledInTheMiddleOfASync: whatever the moment, all of the old or all of the new stands, and the next
// start is clean.
func TestKilledInTheMiddleOfASync(t *testing.T) {
	const rows = 4000
	env := []string{"HEARTH_DATA=" + filepath.Join(t.TempDir(), "data"), "HEARTH_LOG_LEVEL=error"}
	file := filepath.Join(t.TempDir(), "feed.json")
	writeFeed(t, file, rows, "before")
	must(t, env, "feed", "add", "list", "--format", "meetingguide", "--fellowship", "aa", "--zone", "America/New_York", "--file", file)
	began := time.Now()
	must(t, env, "feed", "sync", "list")
	whole := time.Since(began)
	if n := names(t, env, "before"); n != rows {
		t.Fatalf("%d of %d meetings after the first sync", n, rows)
	}
	writeFeed(t, file, rows, "after")
	killed := 0
	for i := 1; i <= 8; i++ {
		cmd := exec.Command(program, "feed", "sync", "list")
		cmd.Env = append(os.Environ(), env...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case <-ended:
		case <-time.After(whole * time.Duration(i) / 9):
			_ = cmd.Process.Kill() // it may just have ended
			<-ended
			killed++
		}
		if before, after := names(t, env, "before"), names(t, env, "after"); before+after != rows || before*after != 0 {
			t.Fatalf("after kill %d: %d old, %d new", i, before, after)
		}
	}
	if killed == 0 {
		t.Error("no sync was killed: the test proved nothing")
	}
	must(t, env, "feed", "sync", "list")
	if n := names(t, env, "after"); n != rows {
		t.Errorf("%d of %d new meetings in the end", n, rows)
	}
}

// server is the program serving.
type server struct {
	cmd   *exec.Cmd
	base  string
	ended chan error
}

var address = regexp.MustCompile(`address=(\S+)`)

func serve(t *testing.T, env []string) *server {
	t.Helper()
	cmd := exec.Command(program, "serve", "--addr", "127.0.0.1:0")
	cmd.Env = append(append(os.Environ(), env...), "HEARTH_LOG_LEVEL=info")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &server{cmd: cmd, ended: make(chan error, 1)}
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if m := address.FindStringSubmatch(lines.Text()); m != nil && strings.Contains(lines.Text(), "serving") {
			s.base = "http://" + m[1]
			break
		}
	}
	go func() {
		_, _ = io.Copy(io.Discard, stderr)
		s.ended <- cmd.Wait()
	}()
	if s.base == "" {
		t.Fatal("the server did not start")
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return s
}

func status(t *testing.T, url string) int {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

// TestGracefulStop: SIGTERM ends the server with 0, and it starts again on the same folder.
func TestGracefulStop(t *testing.T) {
	env := []string{"HEARTH_DATA=" + filepath.Join(t.TempDir(), "data")}
	for range 2 {
		s := serve(t, env)
		for _, path := range []string{"/", "/healthz", "/readyz"} {
			if got := status(t, s.base+path); got != http.StatusOK {
				t.Errorf("%s: %d", path, got)
			}
		}
		if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-s.ended:
			if err != nil {
				t.Errorf("stopped with %v", err)
			}
		case <-time.After(45 * time.Second):
			t.Fatal("it does not stop")
		}
	}
}

// TestServerSeesWhatACommandDid: on SQLite a command may change the directory beside the server.
func TestServerSeesWhatACommandDid(t *testing.T) {
	env := []string{"HEARTH_DATA=" + filepath.Join(t.TempDir(), "data"), "HEARTH_LOG_LEVEL=error"}
	s := serve(t, env)
	file := filepath.Join(t.TempDir(), "feed.json")
	writeFeed(t, file, 50, "seen")
	must(t, env, "feed", "add", "list", "--format", "meetingguide", "--fellowship", "aa", "--zone", "America/New_York", "--file", file)
	must(t, env, "feed", "sync", "list")
	waitFor(t, func() bool {
		resp, err := http.Get(s.base + "/api/v1/meetings?limit=1")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		var found struct{ Count int }
		return json.NewDecoder(resp.Body).Decode(&found) == nil && found.Count == 50
	})
}

// waitFor asks until the answer is yes, for at most twenty seconds.
func waitFor(t *testing.T, yes func() bool) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	late := time.After(20 * time.Second)
	for !yes() {
		select {
		case <-late:
			t.Fatal("it did not happen within twenty seconds")
		case <-tick.C:
		}
	}
}

// TestDatabaseGone: with PostgreSQL cut off, the finder still answers from its snapshot, the server says
// that it is not ready, and it recovers by itself.
func TestDatabaseGone(t *testing.T) {
	database := dbtest.PostgresURL(t)
	env := []string{"HEARTH_DATABASE_URL=" + database, "HEARTH_DATA=" + filepath.Join(t.TempDir(), "data")}
	file := filepath.Join(t.TempDir(), "feed.json")
	writeFeed(t, file, 20, "kept")
	must(t, append(env, "HEARTH_LOG_LEVEL=error"), "feed", "add", "list", "--format", "meetingguide", "--fellowship", "na", "--zone", "America/New_York", "--file", file)
	must(t, append(env, "HEARTH_LOG_LEVEL=error"), "feed", "sync", "list")
	var found struct{ Meetings []struct{ ID string } }
	if err := json.Unmarshal([]byte(must(t, append(env, "HEARTH_LOG_LEVEL=error"), "find", "--limit", "1", "--json")), &found); err != nil || len(found.Meetings) != 1 {
		t.Fatal(found, err)
	}
	id := found.Meetings[0].ID
	s := serve(t, env)
	ctx := context.Background()
	c, err := pgx.ParseConfig(database)
	if err != nil {
		t.Fatal(err)
	}
	name := c.Database
	c.Database = "postgres"
	admin, err := pgx.ConnectConfig(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(ctx)
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := admin.Exec(ctx, sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec("ALTER DATABASE " + pgx.Identifier{name}.Sanitize() + " WITH ALLOW_CONNECTIONS false")
	exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
	waitFor(t, func() bool { return status(t, s.base+"/readyz") == http.StatusServiceUnavailable })
	if got := status(t, s.base+"/api/v1/meetings"); got != http.StatusOK {
		t.Errorf("without the database the finder answers %d", got)
	}
	page := "/m/" + id
	if got := status(t, s.base+page); got != http.StatusServiceUnavailable {
		t.Errorf("without the database a meeting's page answers %d", got)
	}
	resp, err := http.PostForm(s.base+page+"/visit", url.Values{"month": {"2026-05"}, "speak": {"yes"}, "note": {"Words that took a while."}})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(body), "Words that took a while.") || !strings.Contains(string(body), "</form>") {
		t.Errorf("without the database a report answers %d without its form and words", resp.StatusCode)
	}
	if got := status(t, s.base+"/healthz"); got != http.StatusOK {
		t.Errorf("without the database the process says %d of its health", got)
	}
	exec("ALTER DATABASE " + pgx.Identifier{name}.Sanitize() + " WITH ALLOW_CONNECTIONS true")
	waitFor(t, func() bool { return status(t, s.base+"/readyz") == http.StatusOK })
}
