package fault

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestKilledInTheMiddleOfABackup: whatever the moment, what has its name can be restored, what stood there stands,
// and the next backup leaves nothing of the killed ones.
func TestKilledInTheMiddleOfABackup(t *testing.T) {
	const rows = 4000
	data, to := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "to")
	env := []string{"HEARTH_DATA=" + data, "HEARTH_LOG_LEVEL=error"}
	file := filepath.Join(t.TempDir(), "feed.json")
	writeFeed(t, file, rows, "kept")
	must(t, env, "feed", "add", "list", "--format", "meetingguide", "--fellowship", "aa", "--zone", "America/New_York", "--file", file)
	must(t, env, "feed", "sync", "list")
	began := time.Now()
	must(t, env, "backup", "--to", to)
	whole := time.Since(began)
	archives := func() []string {
		found, err := filepath.Glob(filepath.Join(to, "*.backup"))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	first := archives()[0]
	before, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(data, "keys", "hearth.keys")
	restores := func(archive string) {
		t.Helper()
		restored := filepath.Join(t.TempDir(), "restored")
		must(t, []string{"HEARTH_LOG_LEVEL=error"}, "restore", archive, "--data", restored, "--keys", key)
		if n := names(t, []string{"HEARTH_DATA=" + restored, "HEARTH_LOG_LEVEL=error"}, "kept"); n != rows {
			t.Errorf("%d of %d meetings in what was restored", n, rows)
		}
	}
	killed := 0
	for i := 1; i <= 8; i++ {
		cmd := exec.Command(program, "backup", "--to", to)
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
		if after, err := os.ReadFile(first); err != nil || string(after) != string(before) {
			t.Fatalf("after kill %d the first archive is another: %v", i, err)
		}
	}
	if killed == 0 {
		t.Error("no backup was killed: the test proved nothing")
	}
	for _, archive := range archives() {
		restores(archive)
	}
	must(t, env, "backup", "--to", to)
	for _, folder := range []string{to, filepath.Join(data, "scratch")} {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".partial") || strings.HasSuffix(e.Name(), ".db") {
				t.Errorf("left in %s: %s", folder, e.Name())
			}
		}
	}
}
