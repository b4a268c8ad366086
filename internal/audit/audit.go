// Package audit owns the record of what was done: who did what to whom, in the same transaction as the deed.
//
// It must never forget: there is no way to change or remove an entry, and Verify shows when somebody went
// around it. Details hold ids and field names, never what a person said.
package audit

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"hearth/internal/db"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the tables of this package.
var Migrations = db.Source{Name: "audit", FS: files}

// Entry is one deed.
type Entry struct {
	Seq     int64 // its place in the record; given by Record
	At      time.Time
	Actor   string // the account's id, or "system" and "command line"
	Action  string // such as "feed.add"
	Subject string // what it was done to, such as "feed:boston"
	Detail  string
}

// Record adds an entry in the caller's transaction. Entries are added one at a time, so on PostgreSQL other
// transactions that record wait from here until this one ends: call it last.
func Record(ctx context.Context, tx *db.Tx, e Entry) error {
	type end struct {
		seq  int64
		hash string
	}
	last, err := db.One(ctx, tx, func(s db.Scan) (l end, err error) { return l, s(&l.seq, &l.hash) },
		`UPDATE audit_end SET seq = seq + 1 WHERE id = 1 RETURNING seq, hash`)
	if err != nil {
		return fmt.Errorf("record %s: %w", e.Action, err)
	}
	e.Seq = last.seq
	hash := e.hash(last.hash)
	if _, err := tx.Exec(ctx, `INSERT INTO audit_entry (seq, at, actor, action, subject, detail, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		e.Seq, db.Millis(e.At), e.Actor, e.Action, e.Subject, e.Detail, hash); err != nil {
		return fmt.Errorf("record %s: %w", e.Action, err)
	}
	if _, err := tx.Exec(ctx, `UPDATE audit_end SET hash = $1 WHERE id = 1`, hash); err != nil {
		return fmt.Errorf("record %s: %w", e.Action, err)
	}
	return nil
}

// hash is over the entry and the hash before it. Each part goes in with its length, so that no two
// different entries look alike.
func (e Entry) hash(before string) string {
	h := sha256.New()
	number := func(n int64) { h.Write(binary.BigEndian.AppendUint64(nil, uint64(n))) }
	number(e.Seq)
	number(db.Millis(e.At))
	for _, s := range []string{before, e.Actor, e.Action, e.Subject, e.Detail} {
		number(int64(len(s)))
		h.Write([]byte(s))
	}
	return hex.EncodeToString(h.Sum(nil))
}

const columns = `seq, at, actor, action, subject, detail`

func scan(s db.Scan) (e Entry, err error) {
	var at int64
	err = s(&e.Seq, &at, &e.Actor, &e.Action, &e.Subject, &e.Detail)
	e.At = db.Time(at)
	return e, err
}

// List returns the newest entries, the newest first.
func List(ctx context.Context, q db.Querier, limit int) ([]Entry, error) {
	return db.All(ctx, q, scan, `SELECT `+columns+` FROM audit_entry ORDER BY seq DESC LIMIT $1`, limit)
}

// Of returns the newest entries about a subject, the newest first.
func Of(ctx context.Context, q db.Querier, subject string, limit int) ([]Entry, error) {
	return db.All(ctx, q, scan, `SELECT `+columns+` FROM audit_entry WHERE subject = $1 ORDER BY seq DESC LIMIT $2`, subject, limit)
}

// Verify walks the whole record and returns how many entries it holds, or an error that names the first
// place where it was changed.
func Verify(ctx context.Context, d *db.DB) (entries int64, err error) {
	err = d.Read(ctx, func(tx *db.Tx) error {
		entries, err = VerifyIn(ctx, tx)
		return err
	})
	return entries, err
}

// VerifyIn is Verify as a transaction sees the record.
func VerifyIn(ctx context.Context, tx *db.Tx) (entries int64, err error) {
	before := ""
	err = db.Each(ctx, tx, func(s db.Scan) error {
		var hash string
		e, err := scan(func(dest ...any) error { return s(append(dest, &hash)...) })
		if err != nil {
			return err
		}
		entries++
		if e.Seq != entries {
			return fmt.Errorf("the audit record was changed: entry %d is missing", entries)
		}
		if e.hash(before) != hash {
			return fmt.Errorf("the audit record was changed: entry %d is not what was recorded", entries)
		}
		before = hash
		return nil
	}, `SELECT `+columns+`, hash FROM audit_entry ORDER BY seq`)
	if err != nil {
		return entries, err
	}
	end, err := db.One(ctx, tx, db.Column[string], `SELECT hash FROM audit_end WHERE id = 1 AND seq = $1`, entries)
	if err != nil && !errors.Is(err, db.ErrNone) {
		return entries, err
	}
	if err != nil || end != before {
		return entries, fmt.Errorf("the audit record was changed: it does not end where it should, at entry %d", entries)
	}
	return entries, nil
}
