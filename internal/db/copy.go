package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
)

// errNotHere is what SQLite alone can do.
var errNotHere = errors.New("this can only be done with SQLite")

// CopyTo writes the database, as it is at one moment, into a new file that this user alone can read. Others go
// on reading and writing meanwhile. What was deleted is not in the copy. SQLite only.
func (d *DB) CopyTo(ctx context.Context, path string) error {
	if d.engine != SQLite {
		return errNotHere
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // SQLite takes an empty file for a new one
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	// A reader's connection, so that no writer waits; it may write for this one statement.
	conn, err := d.read.Conn(ctx)
	if err != nil {
		return mapError(err)
	}
	defer conn.Close()
	defer func() {
		if _, err := conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA query_only = 1"); err != nil {
			_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // never give it to a reader again
		}
	}()
	if _, err := conn.ExecContext(ctx, "PRAGMA query_only = 0"); err != nil {
		return mapError(err)
	}
	_, err = conn.ExecContext(ctx, "VACUUM INTO ?", path)
	return mapError(err)
}

// Size is how many bytes the database takes. SQLite only.
func (d *DB) Size(ctx context.Context) (int64, error) {
	if d.engine != SQLite {
		return 0, errNotHere
	}
	return One(ctx, d, Column[int64], `SELECT page_count * page_size FROM pragma_page_count, pragma_page_size`)
}

// Sound walks over the whole file and says what is broken in it. SQLite only.
func (d *DB) Sound(ctx context.Context) error {
	if d.engine != SQLite {
		return errNotHere
	}
	found, err := All(ctx, d, Column[string], `SELECT integrity_check FROM pragma_integrity_check LIMIT 10`)
	if err == nil && (len(found) != 1 || found[0] != "ok") {
		err = fmt.Errorf("the database is damaged: %q", found)
	}
	return err
}

// Count returns how many rows each table holds.
func Count(ctx context.Context, d *DB) (map[string]int64, error) {
	out := map[string]int64{}
	err := d.Read(ctx, func(tx *Tx) error {
		tables, err := All(ctx, tx, Column[string], schemaOf[d.engine].tables)
		if err != nil {
			return err
		}
		for _, t := range tables {
			if out[t], err = One(ctx, tx, Column[int64], `SELECT count(*) FROM "`+t+`"`); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// Alone holds a file that it makes, so that no other process and nobody else in this one does, until release is
// called or the process dies. ErrBusy: somebody does already.
func Alone(ctx context.Context, path string) (release func() error, err error) {
	prepareSQLite()
	lock, err := sql.Open("sqlite", "file:"+(&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()+"?_pragma=busy_timeout(0)&_txlock=exclusive")
	if err != nil {
		return nil, err
	}
	lock.SetMaxOpenConns(1)
	tx, err := lock.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return nil, errors.Join(mapError(err), lock.Close())
	}
	return func() error { return errors.Join(tx.Rollback(), lock.Close()) }, nil
}
