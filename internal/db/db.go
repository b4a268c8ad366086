// Package db owns everything in which SQLite and PostgreSQL differ: opening, pools, transactions, error
// mapping, migrations and their translation. Callers write one SQL text with $1 placeholders, in the
// portable subset of docs/sql.md.
//
// It must never know a table of another package, and no clock: times come in as Unix milliseconds.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Engine says which database stands behind a DB. Only this package may branch on it.
type Engine int

// The engines.
const (
	SQLite Engine = iota + 1
	Postgres
)

// String returns the engine's name for logs.
func (e Engine) String() string {
	if e == Postgres {
		return "postgres"
	}
	return "sqlite"
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	engine      Engine
	read, write *sql.DB       // on PostgreSQL the same
	pool        *pgxpool.Pool // nil on SQLite
}

// Querier runs SQL: a *Tx inside its transaction, a *DB outside any. A failed statement spoils a *Tx on
// both engines, as PostgreSQL has it: nothing more runs in it and it cannot be committed.
type Querier interface {
	// Exec runs a statement and returns how many rows it changed.
	Exec(ctx context.Context, sql string, args ...any) (int64, error)
	// Query runs a statement that returns rows. Of a *DB it can only read. Prefer All, One and Each.
	Query(ctx context.Context, sql string, args ...any) (*sql.Rows, error)
}

// patience is how long a transaction waits for its turn before it gives up with ErrBusy.
const patience = 30 * time.Second

// Engine returns which database this is.
func (d *DB) Engine() Engine { return d.engine }

// Ping proves that the database answers.
func (d *DB) Ping(ctx context.Context) error {
	return mapError(d.read.PingContext(ctx))
}

// Close closes all connections. Transactions must have ended.
func (d *DB) Close() error {
	err := d.read.Close()
	if d.engine == SQLite {
		return errors.Join(err, d.write.Close())
	}
	d.pool.Close()
	return err
}

// Exec runs one statement outside any transaction. Never call it between the start and the end of a
// WithTx in the same goroutine: on SQLite it would wait for that transaction.
func (d *DB) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	if err := checkArgs(args); err != nil {
		return 0, err
	}
	res, err := d.write.ExecContext(ctx, d.rebind(sql), args...)
	if err != nil {
		return 0, mapError(err)
	}
	return res.RowsAffected()
}

// Query reads outside any transaction.
func (d *DB) Query(ctx context.Context, sql string, args ...any) (*sql.Rows, error) {
	if err := checkArgs(args); err != nil {
		return nil, err
	}
	rows, err := d.read.QueryContext(ctx, d.rebind(sql), args...)
	return rows, mapError(err)
}

// Tx is a transaction. It is for one goroutine.
type Tx struct {
	db     *DB
	conn   *sql.Conn
	tx     *sql.Tx
	failed error
	after  []func()
	// what was announced already, as "channel payload"
	notified []string
}

// WithTx runs fn in a transaction that writes, and commits unless fn returns an error. On PostgreSQL fn
// runs again when the database asks for it (serialisation failure, deadlock), so fn sends nothing to the
// outside world and assigns, never appends, to variables around it. Isolation is read committed there:
// what must not change between a read and a write is locked with Tx.ForUpdate or written conditionally.
func (d *DB) WithTx(ctx context.Context, fn func(*Tx) error) error {
	const attempts = 8
	for n := 1; ; n++ {
		err := d.run(ctx, d.write, nil, fn)
		if err == nil || n == attempts || !retryable(err) {
			return err
		}
		pause := time.NewTimer(time.Duration(rand.IntN(10<<n)+1) * time.Millisecond)
		select {
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		case <-pause.C:
		}
	}
}

// Read runs fn in a transaction that cannot write and that sees one state of the database throughout.
func (d *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	opts := &sql.TxOptions{ReadOnly: true}
	if d.engine == Postgres {
		opts.Isolation = sql.LevelRepeatableRead
	}
	return d.run(ctx, d.read, opts, fn)
}

func (d *DB) run(ctx context.Context, pool *sql.DB, opts *sql.TxOptions, fn func(*Tx) error) error {
	wait, cancel := context.WithTimeout(ctx, patience)
	conn, err := pool.Conn(wait)
	cancel()
	if err != nil {
		if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("waited %s for a connection: %w", patience, ErrBusy)
		}
		return mapError(err)
	}
	defer conn.Close()
	inner, err := conn.BeginTx(ctx, opts)
	if err != nil {
		return mapError(err)
	}
	tx := &Tx{db: d, conn: conn, tx: inner}
	defer inner.Rollback() // does nothing after the commit; also when fn panics
	if err := fn(tx); err != nil {
		return err
	}
	if tx.failed != nil {
		return fmt.Errorf("a statement failed in this transaction: %w", tx.failed)
	}
	if err := inner.Commit(); err != nil {
		return mapError(err)
	}
	for _, f := range tx.after {
		f()
	}
	return nil
}

// Exec runs a statement in the transaction.
func (t *Tx) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	if err := t.ready(args); err != nil {
		return 0, err
	}
	res, err := t.tx.ExecContext(ctx, t.db.rebind(sql), args...)
	if err != nil {
		return 0, t.fail(err)
	}
	return res.RowsAffected()
}

// Query runs a statement that returns rows, which may be one that writes (RETURNING).
func (t *Tx) Query(ctx context.Context, sql string, args ...any) (*sql.Rows, error) {
	if err := t.ready(args); err != nil {
		return nil, err
	}
	rows, err := t.tx.QueryContext(ctx, t.db.rebind(sql), args...)
	if err != nil {
		return nil, t.fail(err)
	}
	return rows, nil
}

// AfterCommit runs f once the transaction is committed, and not at all if it is not. f must be quick and
// must not use the database.
func (t *Tx) AfterCommit(f func()) { t.after = append(t.after, f) }

// Engine returns which database this is.
func (t *Tx) Engine() Engine { return t.db.engine }

// ForUpdate is the suffix of a SELECT whose rows nobody else may change until this transaction ends.
// SQLite has one writer at a time and needs none.
func (t *Tx) ForUpdate() string { return t.onPostgres(" FOR UPDATE") }

// ForUpdateSkipLocked is ForUpdate that passes over rows which another transaction holds.
func (t *Tx) ForUpdateSkipLocked() string { return t.onPostgres(" FOR UPDATE SKIP LOCKED") }

func (t *Tx) onPostgres(suffix string) string {
	if t.db.engine == Postgres {
		return suffix
	}
	return ""
}

func (t *Tx) ready(args []any) error {
	if t.failed != nil {
		return fmt.Errorf("an earlier statement failed in this transaction: %w", t.failed)
	}
	return checkArgs(args)
}

func (t *Tx) fail(err error) error {
	t.failed = mapError(err)
	return t.failed
}

func (d *DB) rebind(sql string) string {
	if d.engine == SQLite {
		return rebind(sql)
	}
	return sql
}

// checkArgs refuses what one engine would take and the other not.
func checkArgs(args []any) error {
	for i, a := range args {
		switch v := a.(type) {
		case string:
			if strings.IndexByte(v, 0) >= 0 || !utf8.ValidString(v) {
				return fmt.Errorf("$%d: %w", i+1, ErrText)
			}
		case time.Time, *time.Time:
			return fmt.Errorf("$%d is a time: use db.Millis or a civil date", i+1)
		}
	}
	return nil
}

// Millis returns t as Unix milliseconds, the only form in which an instant is stored; 0 for no time.
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Time is the reverse of Millis, in UTC.
func Time(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// NewID returns a new id: a UUID of version 7, so that ids made later sort later.
func NewID() string {
	id, err := uuid.NewV7()
	if err != nil {
		panic(err) // the system has no randomness: nothing can go on
	}
	return id.String()
}
