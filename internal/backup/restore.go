package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"

	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/vault"
)

// proved is how many of the newest values of each sealed column are opened to prove an archive.
const proved = 500

// Found is what an archive turned out to hold.
type Found struct {
	At      time.Time // everything that was done before is in it
	Proof   vault.Proof
	Entries int64       // of the audit record
	Last    audit.Entry // the last of them; the zero value when there is none
}

// unpack restores an archive into a new file, proves what is in it, and returns it open.
func unpack(ctx context.Context, h House, keys *vault.Keys, archive string, people []string, into string, progress Progress) (d *db.DB, found Found, err error) {
	top, c, err := readData(ctx, archive, keys, into, progress)
	if err != nil {
		return nil, found, err
	}
	found.At = db.Time(top.At)
	if d, err = db.Open(ctx, db.Config{Path: into}); err != nil {
		return nil, found, err
	}
	progress(StepProve, 0, 0)
	if err := proveData(ctx, h, keys, d, c, people, &found); err != nil {
		return nil, found, errors.Join(err, d.Close())
	}
	return d, found, nil
}

func proveData(ctx context.Context, h House, keys *vault.Keys, d *db.DB, c contents, people []string, found *Found) error {
	if err := d.Sound(ctx); err != nil {
		return err
	}
	tables, err := db.Count(ctx, d)
	if err != nil {
		return err
	}
	if !maps.Equal(tables, c.Tables) {
		return errors.New("the tables do not hold what the archive says of them")
	}
	if err := db.Migrate(ctx, d, h.Sources...); err != nil {
		return fmt.Errorf("bring the tables up to date: %w", err)
	}
	if err := audit.Adopt(ctx, d); err != nil {
		return fmt.Errorf("take old entries into the audit record: %w", err)
	}
	for _, path := range people {
		if err := importPeople(ctx, d, keys, path); err != nil {
			return err
		}
	}
	v, err := vault.Open(ctx, d, keys, vault.Options{Where: h.Where, Now: h.Now, Columns: h.Columns})
	if err != nil {
		return err
	}
	if found.Proof, err = v.Prove(ctx, d, proved); err != nil {
		return err
	}
	verifier, err := note.NewVerifier(keys.VerifierKey())
	if err != nil {
		return err
	}
	kept, err := audit.Checkpoints(ctx, d, verifier)
	if err != nil {
		return err
	}
	if found.Entries, err = audit.Verify(ctx, d, kept...); err != nil {
		return err
	}
	last, err := audit.List(ctx, d, 1)
	if len(last) == 1 {
		found.Last = last[0]
	}
	return err
}

// importPeople takes people's keys out of an archive: the newer stay, and whoever is erased in either is erased.
func importPeople(ctx context.Context, d *db.DB, keys *vault.Keys, path string) error {
	return d.WithTx(ctx, func(tx *db.Tx) error {
		_, err := open(path, keys, whatKeys, func(r io.Reader) error {
			if err := vault.Import(ctx, tx, r); err != nil {
				return err
			}
			_, err := io.Copy(io.Discard, r) // the proof of the last segment
			return err
		})
		return err
	})
}

// proveKeys restores people's keys into a scratch database of their own.
func proveKeys(ctx context.Context, h House, keys *vault.Keys, path, into string) error {
	d, err := db.Open(ctx, db.Config{Path: into})
	if err != nil {
		return err
	}
	err = func() error {
		if err := db.Migrate(ctx, d, vault.Migrations); err != nil {
			return err
		}
		if err := importPeople(ctx, d, keys, path); err != nil {
			return err
		}
		v, err := vault.Open(ctx, d, keys, vault.Options{Where: h.Where, Now: h.Now})
		if err != nil {
			return err
		}
		_, err = v.Prove(ctx, d, 0)
		return err
	}()
	return errors.Join(err, d.Close())
}

// Restoring says what to put back and where.
type Restoring struct {
	House
	Keys     *vault.Keys
	Archive  string
	People   []string // archives of people's keys, at least one: all are taken in
	Path     string   // the database to make; nothing may be there
	Progress Progress
	// Then runs over the restored database before it gets its name: whatever fails in it, nothing is restored.
	Then func(context.Context, *db.DB, Found) error
}

// Free refuses a place where a database is already, or what is left of one.
func Free(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if _, err := os.Lstat(path + suffix); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is a database at %s already. Nothing is overwritten: restore into another folder, or move that one away first", path+suffix)
		}
	}
	return nil
}

// Restore makes a database out of archives. It stands at Path whole and proved, or not at all.
func Restore(ctx context.Context, r Restoring) (Found, error) {
	found, err := restore(ctx, r)
	return found, plain(fmt.Sprintf("nothing was left in %s", filepath.Dir(r.Path)), err)
}

func restore(ctx context.Context, r Restoring) (Found, error) {
	if err := Free(r.Path); err != nil {
		return Found{}, err
	}
	release, err := enter(ctx, r.Scratch)
	if err != nil {
		return Found{}, err
	}
	defer func() {
		sweep(r.Scratch)
		_ = release() // the process ends
	}()
	into := filepath.Join(r.Scratch, "restored.db")
	d, found, err := unpack(ctx, r.House, r.Keys, r.Archive, r.People, into, quietly(r.Progress))
	if err != nil {
		return found, fmt.Errorf("nothing was restored: %w", err)
	}
	err = d.WithTx(ctx, func(tx *db.Tx) error {
		return save(ctx, tx, "restored", State{Tried: r.Now(), Made: found.At, File: filepath.Base(r.Archive)})
	})
	if err == nil && r.Then != nil {
		err = r.Then(ctx, d, found)
	}
	if err = errors.Join(err, d.Close()); err != nil {
		return found, fmt.Errorf("nothing was restored: %w", err)
	}
	if left, _ := filepath.Glob(escaped(into) + "-*"); len(left) > 0 {
		return found, fmt.Errorf("nothing was restored: the database was not closed (%s)", left[0])
	}
	// A link and not a new name: it fails when something came there meanwhile.
	if err := os.Link(into, r.Path); err != nil {
		return found, fmt.Errorf("nothing was restored: %w", err)
	}
	return found, syncFolder(filepath.Dir(r.Path))
}

// RestoreKeys takes people's keys into a database that was restored by other means, such as PostgreSQL's.
func RestoreKeys(ctx context.Context, d *db.DB, keys *vault.Keys, people []string) error {
	for _, path := range people {
		if err := importPeople(ctx, d, keys, path); err != nil {
			return err
		}
	}
	return nil
}

// Newer lists the archives in the same folder that hold a later state of the same house, the newest first.
func Newer(archive string) ([]Archive, error) {
	h, err := readHead(archive)
	if err != nil {
		return nil, err
	}
	all, err := List(filepath.Dir(archive))
	return slices.DeleteFunc(all, func(a Archive) bool { return a.keys != h.Keys || db.Millis(a.At) <= h.At }), err
}
