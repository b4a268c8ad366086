// Package backup owns copies of the house: made while it runs, encrypted, proved by restoring them, kept by a
// rule, and put back.
//
// There are two kinds of archives. Archives of the data hold everything but people's keys; there are many. The
// archive of people's keys is one, always the newest, so that no archive brings back somebody who was erased.
// Without the key file neither can be read. Only SQLite's data is archived here: PostgreSQL has better ways.
//
// It must never overwrite data, give an archive its name before it was restored once, nor remove an old one
// before the new one is proved.
package backup

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/vault"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the tables of this package.
var Migrations = db.Source{Name: "backup", FS: files}

// House is what an archive is held against. Everything but Where is needed.
type House struct {
	Sources []db.Source      // the migrations of every room
	Columns []vault.Column   // every sealed column
	Where   vault.Where      // where the keys are, to look again when they are rotated meanwhile
	Scratch string           // folder for copies that live as long as the work; on the disk of the data, as private as it
	Now     func() time.Time //
}

// Progress is told how far a step has come, in bytes; of is 0 where it is not known.
type Progress func(step string, done, of int64)

// The steps of which Progress is told.
const (
	StepCopy   = "copy"
	StepWrite  = "write"
	StepUnpack = "unpack"
	StepProve  = "prove"
)

// Service makes backups of one open house.
type Service struct {
	h     House
	db    *db.DB
	vault *vault.Vault
	wrap  func(io.Writer) io.Writer // tests let the disk be full here
}

// New returns the backups of an open house.
func New(h House, d *db.DB, v *vault.Vault) *Service {
	return &Service{h: h, db: d, vault: v, wrap: func(w io.Writer) io.Writer { return w }}
}

// Made is an archive that was made and proved.
type Made struct {
	Path  string
	At    time.Time // everything that was done before is in it
	Bytes int64
	Rows  int64 // of all tables; 0 of an archive of keys
	// Keys is the archive of people's keys beside it; of an archive of keys it is Path.
	Keys string
}

var (
	// ErrPostgres means that the data is on PostgreSQL, which has better ways to be archived.
	ErrPostgres = errors.New("the data is on PostgreSQL: archive it with PostgreSQL's own tools (docs/operations.md); from here come people's keys alone")
	// ErrBusy means that another backup of this house is under way.
	ErrBusy = errors.New("another backup of this house is under way: wait until it has ended")
)

// Names of archives. The time is in UTC.
const (
	nameTime   = "20060102T150405Z"
	namePrefix = "hearth-"
	nameSuffix = ".backup"
	partial    = ".partial"

	// PeopleName is the archive of people's keys beside the archives of the data.
	PeopleName = "hearth-people.keys"
	// LockedName is the archive with the key file and people's keys, under a passphrase.
	LockedName = "hearth-locked.keys"
)

// Make archives the data and people's keys into a folder, which it makes when there is none, while everybody
// goes on working. by is who wanted it, for the record. Either both archives stand there proved at the end, or
// nothing new.
func (s *Service) Make(ctx context.Context, to, by string, progress Progress) (Made, error) {
	made, err := s.make(ctx, to, by, quietly(progress))
	return made, s.ended(ctx, "data", made, plain(s.fullBackup(to), err))
}

func quietly(p Progress) Progress {
	if p == nil {
		return func(string, int64, int64) {}
	}
	return p
}

func (s *Service) make(ctx context.Context, to, by string, progress Progress) (made Made, err error) {
	if s.db.Engine() != db.SQLite {
		return made, ErrPostgres
	}
	end, err := s.begin(ctx, to)
	if err != nil {
		return made, err
	}
	defer end()
	made.At = s.h.Now().UTC().Truncate(time.Second)
	made.Path = filepath.Join(to, namePrefix+made.At.Format(nameTime)+nameSuffix)
	made.Keys = filepath.Join(to, PeopleName)
	if _, err := os.Lstat(made.Path); err == nil {
		return made, fmt.Errorf("%s is there already", made.Path)
	}
	keys := s.vault.Keys()
	copied := filepath.Join(s.h.Scratch, "copy.db")
	c, err := s.copy(ctx, copied, progress)
	if err != nil {
		return made, fmt.Errorf("copy the database: %w", err)
	}
	err = s.create(made.Path+partial, func(w io.Writer) error {
		return writeData(ctx, w, keys, head{What: whatData, Form: form, Keys: keys.ID, At: db.Millis(made.At)}, c, copied, progress)
	})
	if err != nil {
		return made, fmt.Errorf("write the archive: %w", err)
	}
	if err := os.Remove(copied); err != nil { // its room is needed for the proof
		return made, err
	}
	// People's keys after the data: whoever is in the data has their key here, and whoever was erased meanwhile has not.
	if err := s.writePeople(ctx, made.Keys+partial, keys, nil); err != nil {
		return made, err
	}
	d, found, err := unpack(ctx, s.h, keys, made.Path+partial, []string{made.Keys + partial}, filepath.Join(s.h.Scratch, "proof.db"), progress)
	if err != nil {
		return made, fmt.Errorf("prove the archive by restoring it: %w", err)
	}
	if err := d.Close(); err != nil {
		return made, err
	}
	if found.Proof.NoKey > 0 {
		return made, fmt.Errorf("prove the archive by restoring it: %d values are of people whose keys are missing", found.Proof.NoKey)
	}
	for _, n := range c.Tables {
		made.Rows += n
	}
	// The keys first: the newest serve every older archive.
	for _, path := range []string{made.Keys, made.Path} {
		if err := os.Rename(path+partial, path); err != nil {
			return made, err
		}
	}
	if err := syncFolder(to); err != nil {
		return made, err
	}
	return made, s.record(ctx, by, &made)
}

// copy makes a copy of the database without people's keys.
func (s *Service) copy(ctx context.Context, path string, progress Progress) (c contents, err error) {
	size, err := s.db.Size(ctx)
	if err != nil {
		return c, err
	}
	ended := make(chan error, 1)
	go func() { ended <- s.db.CopyTo(ctx, path) }()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for under := true; under; {
		select {
		case err = <-ended:
			under = false
		case <-tick.C:
			if f, err := os.Stat(path); err == nil {
				progress(StepCopy, f.Size(), size)
			}
		}
	}
	if err != nil {
		return c, err
	}
	d, err := db.Open(ctx, db.Config{Path: path})
	if err != nil {
		return c, err
	}
	err = d.WithTx(ctx, func(tx *db.Tx) error {
		for i := len(vault.ArchivedApart) - 1; i >= 0; i-- { // people refer to keys
			if _, err := tx.Exec(ctx, `DELETE FROM `+vault.ArchivedApart[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		c.Tables, err = db.Count(ctx, d)
	}
	if err = errors.Join(err, d.Close()); err != nil { // closing brings the log into the file
		return c, err
	}
	f, err := os.Stat(path)
	if err != nil {
		return c, err
	}
	c.Bytes = f.Size()
	progress(StepCopy, c.Bytes, c.Bytes)
	return c, nil
}

// MakeKeys archives people's keys alone. With a passphrase the key file goes with them, sealed by it, so that
// the archive can be kept elsewhere: with it and the data, however that was archived, a house can be restored.
func (s *Service) MakeKeys(ctx context.Context, to, by, passphrase string) (Made, error) {
	made, err := s.makeKeys(ctx, to, by, passphrase)
	return made, s.ended(ctx, "keys", made, plain(s.fullBackup(to), err))
}

func (s *Service) makeKeys(ctx context.Context, to, by, passphrase string) (made Made, err error) {
	keys := s.vault.Keys()
	name, locked := PeopleName, []byte(nil)
	if passphrase != "" {
		name = LockedName
		if locked, err = keys.Lock(passphrase); err != nil {
			return made, err
		}
	}
	end, err := s.begin(ctx, to)
	if err != nil {
		return made, err
	}
	defer end()
	made.At = s.h.Now().UTC().Truncate(time.Second)
	made.Path = filepath.Join(to, name)
	made.Keys = made.Path
	if err := s.writePeople(ctx, made.Path+partial, keys, locked); err != nil {
		return made, err
	}
	if locked != nil {
		if keys, err = vault.Unlock(locked, passphrase); err != nil {
			return made, fmt.Errorf("prove the archive of the keys: %w", err)
		}
	}
	if err := proveKeys(ctx, s.h, keys, made.Path+partial, filepath.Join(s.h.Scratch, "proof.db")); err != nil {
		return made, fmt.Errorf("prove the archive of the keys: %w", err)
	}
	if err := os.Rename(made.Path+partial, made.Path); err != nil {
		return made, err
	}
	if err := syncFolder(to); err != nil {
		return made, err
	}
	return made, s.record(ctx, by, &made)
}

func (s *Service) writePeople(ctx context.Context, path string, keys *vault.Keys, locked []byte) error {
	err := s.create(path, func(w io.Writer) error {
		return s.db.Read(ctx, func(tx *db.Tx) error {
			h := head{What: whatKeys, Form: form, Keys: keys.ID, At: db.Millis(s.h.Now()), Locked: locked}
			return write(w, keys, h, func(w io.Writer) error { return vault.Export(ctx, tx, w) })
		})
	})
	if err != nil {
		return fmt.Errorf("write the archive of people's keys: %w", err)
	}
	return nil
}

// record writes down that an archive was made: everything left the house in it, though sealed.
func (s *Service) record(ctx context.Context, by string, made *Made) error {
	f, err := os.Stat(made.Path)
	if err != nil {
		return err
	}
	made.Bytes = f.Size()
	return s.db.WithTx(ctx, func(tx *db.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{At: s.h.Now(), Actor: by, Action: "backup.make", Subject: "backup:" + filepath.Base(made.Path)})
	})
}

// plain says that a disk is full in words for who waits: what this means for them follows.
func plain(meaning string, err error) error {
	if err != nil && (errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, db.ErrFull)) {
		return fmt.Errorf("a disk is full: %s: %w", meaning, err)
	}
	return err
}

// fullBackup is what a full disk means for a backup.
func (s *Service) fullBackup(to string) string {
	return fmt.Sprintf("nothing new was left in %s, and what stood there stands. Room is needed there and, for as long as it takes, in %s", to, s.h.Scratch)
}
