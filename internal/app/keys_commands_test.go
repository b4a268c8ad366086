package app_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hearth/internal/app"
	"hearth/internal/db"
)

// TestKeysAndRecordFromTheCommandLine: what somebody who looks after a house does with them.
func TestKeysAndRecordFromTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	var stdout bytes.Buffer
	hearth := func(args ...string) error {
		stdout.Reset()
		return app.Run(t.Context(), append(args, "--data", dir), app.Outside{
			Env: func(string) (string, bool) { return "", false }, Stdin: &bytes.Buffer{}, Stdout: &stdout, Stderr: &bytes.Buffer{},
		})
	}
	must := func(args ...string) string {
		t.Helper()
		if err := hearth(args...); err != nil {
			t.Fatalf("hearth %s: %v", strings.Join(args, " "), err)
		}
		return stdout.String()
	}
	before := must("keys", "show")
	if !strings.Contains(before, "in use") || !strings.Contains(before, "never") || strings.Contains(before, "PRIVATE") {
		t.Errorf("keys show: %s", before)
	}
	must("keys", "rotate", "--file-only")
	if s := must("keys", "show"); strings.Count(s, "program key") != 2 {
		t.Errorf("a key was added to the file: %s", s)
	}
	if s := must("keys", "rotate"); !strings.Contains(s, "Renewed the keys") {
		t.Errorf("keys rotate: %s", s)
	}
	after := must("keys", "show")
	if strings.Count(after, "program key") != 1 || strings.Contains(after, "never") || strings.Split(after, "\n")[3] == strings.Split(before, "\n")[3] {
		t.Errorf("after the rotation: %s", after)
	}

	kept := filepath.Join(dir, "checkpoint")
	if err := os.WriteFile(kept, []byte(must("audit", "checkpoint")), 0o600); err != nil {
		t.Fatal(err)
	}
	must("keys", "rotate")
	if s := must("audit", "verify", "--since", kept); !strings.Contains(s, "4 entries") || !strings.Contains(s, "2 signed checkpoints") {
		t.Errorf("audit verify: %s", s)
	}
	d, err := db.Open(t.Context(), db.Config{Path: filepath.Join(dir, "hearth.db")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Exec(t.Context(), `UPDATE audit_entry SET actor = 'nobody' WHERE seq = 2`); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := hearth("audit", "verify"); err == nil || !strings.Contains(err.Error(), "entry 2 is not what was recorded") {
		t.Errorf("a row was changed by hand: %v", err)
	}
}
