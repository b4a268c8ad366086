package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Where says where keys are kept; ParseWhere makes one of a setting. The zero value is nowhere.
type Where struct {
	File      string // the key file; mode 0600 in a folder of mode 0700
	Service   string // address of a transit engine that encrypts the file, such as https://HOST/v1/transit; "" is none
	Key       string // the name of its key
	Namespace string // of the service, "" for none
	Token     string // for the service; "" when an agent beside us adds it

	transport http.RoundTripper // nil: the usual one
}

// String is where, without anything secret.
func (w Where) String() string {
	if w.Service == "" {
		return w.File
	}
	return w.File + ", sealed by " + w.Service
}

// ErrNoKeys means that there is no key file where one was looked for.
var ErrNoKeys = errors.New("there is no key file")

// LoadKeys reads a key file. One that others can read is refused, with the command that mends it.
func LoadKeys(ctx context.Context, w Where) (*Keys, error) {
	if err := private(w.File); err != nil {
		return nil, err
	}
	b, err := os.ReadFile(w.File)
	if err != nil {
		return nil, fmt.Errorf("read the keys: %w", err)
	}
	if b, err = w.open(ctx, b); err != nil {
		return nil, fmt.Errorf("the key file %s cannot be opened: %w", w.File, err)
	}
	k, err := unmarshal(b)
	if err != nil {
		return nil, fmt.Errorf("the key file %s cannot be used: %w", w.File, err)
	}
	return k, nil
}

// SaveNew writes the keys where none are. When another process was faster, it returns that one's keys.
func (k *Keys) SaveNew(ctx context.Context, w Where) (*Keys, error) {
	err := k.save(ctx, w, os.Link)
	if errors.Is(err, fs.ErrExist) {
		return LoadKeys(ctx, w)
	}
	return k, err
}

// Save writes the keys in the place of older ones: whole or not at all, also when the power fails.
func (k *Keys) Save(ctx context.Context, w Where) error { return k.save(ctx, w, os.Rename) }

func (k *Keys) save(ctx context.Context, w Where, put func(from, to string) error) error {
	b, err := k.marshal()
	if err == nil {
		b, err = w.close(ctx, b)
	}
	if err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	dir := filepath.Dir(w.File)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the folder of the keys: %w", err)
	}
	if err := narrow(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, filepath.Base(w.File)+"-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	if err := put(f.Name(), w.File); err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	return syncFolder(dir)
}

// syncFolder makes the new name last. Not every system can.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil && runtime.GOOS != "windows" {
		return fmt.Errorf("write the keys: %w", err)
	}
	return nil
}

// private refuses a key file that somebody else could read or replace.
func private(path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w at %s", ErrNoKeys, path)
	}
	if err := narrow(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return narrow(path, 0o600)
}

func narrow(path string, want fs.FileMode) error {
	s, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("read the keys: %w", err)
	}
	what := "The key file"
	if s.IsDir() {
		what = "The folder of the keys"
	}
	if s.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" { // Windows has no such modes
		return fmt.Errorf("%s %s is open to other users of this machine. Close it with: chmod %o %s", what, path, want, quoted(path))
	}
	return nil
}

// quoted is a path as a shell takes it.
func quoted(path string) string {
	if strings.ContainsAny(path, " '\"$`\\&;()<>|*?[]~#") {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
