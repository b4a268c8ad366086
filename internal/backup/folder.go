package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"hearth/internal/db"
)

// begin makes the folders ready and sees that nobody else backs up this house. What a killed backup left is
// removed. end removes what this one leaves.
func (s *Service) begin(ctx context.Context, to string) (end func(), err error) {
	if s.h.Where.File != "" {
		if rel, err := filepath.Rel(to, s.h.Where.File); err == nil && filepath.IsLocal(rel) {
			return nil, fmt.Errorf("the key file lies in %s: whoever took the archives would have the keys to them. Choose another folder", to)
		}
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the backups: %w", err)
	}
	release, err := enter(ctx, s.h.Scratch)
	if err != nil {
		return nil, err
	}
	clean := func() {
		sweep(s.h.Scratch)
		left, _ := filepath.Glob(filepath.Join(escaped(to), namePrefix+"*"+partial))
		for _, path := range left {
			_ = os.Remove(path) // the next backup tries again
		}
	}
	for _, name := range []string{PeopleName, LockedName} {
		h, err := readHead(filepath.Join(to, name))
		if err == nil && h.Keys != s.vault.Keys().ID {
			return nil, errors.Join(fmt.Errorf("%s holds the backups of another house: give each a folder of its own", to), release())
		}
	}
	clean()
	return func() {
		clean()
		_ = release() // the process ends, or the next begin says why it cannot
	}, nil
}

// escaped is a folder as filepath.Glob takes it.
func escaped(path string) string {
	if runtime.GOOS == "windows" {
		return path // has no escapes, and its paths none of the characters but [
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

const lockName = "lock"

// enter takes the scratch folder for oneself and empties it.
func enter(ctx context.Context, scratch string) (release func() error, err error) {
	if err := os.MkdirAll(scratch, 0o700); err != nil {
		return nil, fmt.Errorf("make the scratch folder: %w", err)
	}
	release, err = db.Alone(ctx, filepath.Join(scratch, lockName))
	if errors.Is(err, db.ErrBusy) {
		return nil, ErrBusy
	}
	if err != nil {
		return nil, fmt.Errorf("take the scratch folder: %w", err)
	}
	sweep(scratch)
	return release, nil
}

// sweep removes what is in the scratch folder. What cannot be removed is removed the next time.
func sweep(scratch string) {
	entries, _ := os.ReadDir(scratch)
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), lockName) {
			_ = os.RemoveAll(filepath.Join(scratch, e.Name()))
		}
	}
}

// Sweep removes what a killed backup left in the scratch folder, unless one is under way: in it are copies of
// people's keys.
func (s *Service) Sweep(ctx context.Context) error {
	if _, err := os.Stat(s.h.Scratch); err != nil {
		return nil // there never was one
	}
	release, err := enter(ctx, s.h.Scratch)
	if errors.Is(err, ErrBusy) {
		return nil
	}
	if err != nil {
		return err
	}
	return release()
}

// create writes a new file of this user's alone, down to the disk.
func (s *Service) create(path string, fill func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := fill(s.wrap(f)); err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncFolder makes new names last. Not every system and not every disk can.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil && runtime.GOOS != "windows" && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}
