package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hearth/internal/config"
)

// TestKeysOfAHouse: made once, never anew for data that has some, and refused when they are open to others.
func TestKeysOfAHouse(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	data := t.TempDir()
	start := func() error {
		c, err := config.Load(func(string) (string, bool) { return "", false }, func(name string) (string, bool) {
			return data, name == "HEARTH_DATA"
		})
		if err != nil {
			t.Fatal(err)
		}
		h, err := Open(ctx, c, Outside{Stderr: &strings.Builder{}})
		if err != nil {
			return err
		}
		return h.Close()
	}
	for range 2 {
		if err := start(); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(data, "keys", "hearth.keys")
	if s, err := os.Stat(file); err != nil || s.Mode().Perm() != 0o600 {
		t.Fatalf("%v %v", s.Mode(), err)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := start(); err == nil || !strings.Contains(err.Error(), "chmod 600 "+file) {
		t.Errorf("a key file that others may read: %v", err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := start(); err == nil || !strings.Contains(err.Error(), "Put the key file back") {
		t.Errorf("no key file: %v", err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("new keys were made for sealed data")
	}
}
