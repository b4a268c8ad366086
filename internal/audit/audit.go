// Package audit owns the record of what was done: who did what to whom, in the same transaction as the deed.
//
// The record is a transparency log: entries are the leaves of a tree of hashes (RFC 6962, as the log of Go's
// modules), and a signed checkpoint over the tree, kept elsewhere, shows later whether an entry before it was
// changed, removed, reordered or put in.
//
// It must never forget: there is no way to change or remove an entry. Entries hold ids and field names, never
// a name, and never what a person said.
package audit

import (
	"context"
	"embed"
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
	Seq     int64 // its place in the record, from 1; given by Record
	At      time.Time
	Actor   string // the account's id, or "system" and "command line"
	Action  string // such as "feed.add" and "record.read"
	Subject string // what it was done to, such as "feed:boston"
	Person  string // the participant whose record it is about, by id; "" for nobody's
	Basis   string // why it was allowed, such as "paired", "emergency" and "consent:ID"; "" where none is needed
	Detail  string // ids and names of fields
}

// Record adds entries in the caller's transaction. Entries are added one at a time, so on PostgreSQL other
// transactions that record wait from here until this one ends: call it last, and once.
func Record(ctx context.Context, tx *db.Tx, entries ...Entry) error {
	if len(entries) == 0 {
		return nil
	}
	if err := record(ctx, tx, entries); err != nil {
		return fmt.Errorf("record %s: %w", entries[0].Action, err)
	}
	return nil
}

func record(ctx context.Context, tx *db.Tx, entries []Entry) error {
	seq, t, err := readEnd(ctx, tx, tx.ForUpdate())
	if err != nil {
		return err
	}
	if t.n < seq {
		if err := adopt(ctx, tx, seq, &t); err != nil {
			return err
		}
	}
	rows := make([][]any, len(entries))
	for i, e := range entries {
		e.Seq = t.n + 1
		e.tidy()
		leaf := e.leaf()
		t.add(leaf)
		rows[i] = []any{e.Seq, db.Millis(e.At), e.Actor, e.Action, e.Subject, e.Person, e.Basis, e.Detail, "", leaf[:]}
	}
	if err := insert(ctx, tx, rows); err != nil {
		return err
	}
	return t.save(ctx, tx)
}

func insert(ctx context.Context, tx *db.Tx, rows [][]any) error {
	if len(rows) == 1 { // the usual case, without preparing for many
		_, err := tx.Exec(ctx, `INSERT INTO audit_entry (seq, at, actor, action, subject, person, basis, detail, hash, leaf)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, rows[0]...)
		return err
	}
	return db.Insert(ctx, tx, "audit_entry", []string{"seq", "at", "actor", "action", "subject", "person", "basis", "detail", "hash", "leaf"}, rows, "")
}

// readEnd returns how many entries there are, and the tree, which may not hold all of them yet.
func readEnd(ctx context.Context, q db.Querier, suffix string) (seq int64, t tree, err error) {
	var edge []byte
	_, err = db.One(ctx, q, func(s db.Scan) (struct{}, error) { return struct{}{}, s(&seq, &t.n, &edge) },
		`SELECT seq, tree, edge FROM audit_end WHERE id = 1`+suffix)
	if err != nil {
		return 0, t, err
	}
	return seq, t, t.read(edge)
}

// save writes the end of the record and the subtrees that were completed.
func (t *tree) save(ctx context.Context, tx *db.Tx) error {
	for _, tile := range t.full {
		if _, err := tx.Exec(ctx, `INSERT INTO audit_tile (level, n, hash) VALUES ($1, $2, $3)`, tile.level, tile.n, tile.hash[:]); err != nil {
			return err
		}
	}
	t.full = nil
	_, err := tx.Exec(ctx, `UPDATE audit_end SET seq = $1, tree = $1, edge = $2 WHERE id = 1`, t.n, t.bytes())
	return err
}

const columns = `seq, at, actor, action, subject, person, basis, detail`

func scan(s db.Scan) (e Entry, err error) {
	var at int64
	err = s(&e.Seq, &at, &e.Actor, &e.Action, &e.Subject, &e.Person, &e.Basis, &e.Detail)
	e.At = db.Time(at)
	return e, err
}

// List returns the newest entries, the newest first.
func List(ctx context.Context, q db.Querier, limit int) ([]Entry, error) {
	return db.All(ctx, q, scan, `SELECT `+columns+` FROM audit_entry ORDER BY seq DESC LIMIT $1`, limit)
}

// PersonColumn is the column in which a condition finds whose record an entry is about.
const PersonColumn = "person"

// Within returns the latest entries for which a condition holds, such as one that policies imply. Its
// parameters are numbered from $2.
func Within(ctx context.Context, q db.Querier, limit int, where string, args ...any) ([]Entry, error) {
	return db.All(ctx, q, scan, `SELECT `+columns+` FROM audit_entry WHERE `+where+` ORDER BY seq DESC LIMIT $1`, append([]any{limit}, args...)...)
}

// Of returns the newest entries about a subject, the newest first.
func Of(ctx context.Context, q db.Querier, subject string, limit int) ([]Entry, error) {
	return db.All(ctx, q, scan, `SELECT `+columns+` FROM audit_entry WHERE subject = $1 ORDER BY seq DESC LIMIT $2`, subject, limit)
}

// About returns the newest entries about a person's record, the newest first: who looked at it, who changed it.
// Those with a Seq of before and later are left out; 0 leaves out none.
func About(ctx context.Context, q db.Querier, person string, before int64, limit int) ([]Entry, error) {
	return db.All(ctx, q, scan, `SELECT `+columns+` FROM audit_entry WHERE person = $1 AND person <> '' AND ($2 = 0 OR seq < $2) ORDER BY seq DESC LIMIT $3`,
		person, before, limit)
}
