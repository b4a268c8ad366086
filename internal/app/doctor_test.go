package app_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hearth/internal/app"
)

// TestDoctor: a house that is not there stays so; one that was just begun lacks an administrator, and says how to
// get one; a key file that others can read is said, with the command that mends it.
func TestDoctor(t *testing.T) {
	data := filepath.Join(t.TempDir(), "house")
	run := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := app.Run(t.Context(), append(args, "--data", data), app.Outside{Env: func(string) (string, bool) { return "", false }, Stdout: &out, Stderr: &out})
		return out.String(), err
	}
	if said, err := run("doctor"); err == nil || !strings.Contains(said, "There is no house") {
		t.Errorf("without a house: %v\n%s", err, said)
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("the doctor made a house")
	}
	if said, err := run("admin", "setup"); err != nil || !strings.Contains(said, "/setup/") {
		t.Fatal(said, err)
	}
	if said, err := run("doctor", "--json"); err == nil || !strings.Contains(said, `"name":"administrator","state":"bad"`) || !strings.Contains(said, `"name":"key_file","state":"ok"`) {
		t.Errorf("without an administrator: %v\n%s", err, said)
	}
	if err := os.Chmod(filepath.Join(data, "keys", "hearth.keys"), 0o644); err != nil {
		t.Fatal(err)
	}
	if said, err := run("doctor"); err == nil || !strings.Contains(said, "chmod 600") {
		t.Errorf("with an open key file: %v\n%s", err, said)
	}
}
