package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing/fstest"
	"time"

	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/vault"
)

// proofTimes is what the audit record and the keys cost.
type proofTimes struct {
	entries                  int
	verify, verifyCPU        time.Duration // of the whole record; the best of three
	record, recordOf50, bare time.Duration // median of a transaction: with one entry, with fifty, with one plain row
	fields                   int
	rotate, rotateCPU        time.Duration // of all fields
}

// timeProofs fills an audit record and verifies it, and rotates the keys of a table of sealed fields.
func timeProofs(ctx context.Context, folder string) (t proofTimes, err error) {
	dir, err := os.MkdirTemp(folder, "audit")
	if err != nil {
		return t, err
	}
	defer os.RemoveAll(dir)
	d, err := db.Open(ctx, db.Config{Path: filepath.Join(dir, "hearth.db")})
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	notes := db.Source{Name: "bench", FS: fstest.MapFS{"001_bench.sql": {Data: []byte(
		`CREATE TABLE sealed_note (id TEXT NOT NULL PRIMARY KEY, person TEXT NOT NULL, words BYTEA);
		CREATE TABLE plain_row (id TEXT NOT NULL PRIMARY KEY, words TEXT NOT NULL);`)}}}
	if err := db.Migrate(ctx, d, audit.Migrations, vault.Migrations, notes); err != nil {
		return t, err
	}
	if err := t.proofs(ctx, d); err != nil {
		return t, err
	}
	return t, t.keys(ctx, d)
}

func (t *proofTimes) proofs(ctx context.Context, d *db.DB) error {
	people := make([]string, 5000)
	for i := range people {
		people[i] = db.NewID()
	}
	entry := func(i int) audit.Entry {
		p := people[i*7919%len(people)]
		return audit.Entry{At: monday.Add(time.Duration(i) * time.Second), Actor: people[i%100], Action: "record.read", Subject: "participant:" + p, Person: p, Basis: "paired"}
	}
	some := func(n int) (es []audit.Entry) {
		for i := range n {
			es = append(es, entry(i))
		}
		return es
	}
	t.entries = 300_000
	for n := 0; n < t.entries; n += 10_000 {
		es := some(10_000)
		if err := d.WithTx(ctx, func(tx *db.Tx) error { return audit.Record(ctx, tx, es...) }); err != nil {
			return err
		}
	}
	for range 3 {
		began, cpu := time.Now(), processorTime()
		if n, err := audit.Verify(ctx, d); err != nil || n != int64(t.entries) {
			return fmt.Errorf("verified %d entries: %w", n, err)
		}
		if took := time.Since(began); t.verify == 0 || took < t.verify {
			t.verify, t.verifyCPU = took, processorTime()-cpu
		}
	}
	var err error
	t.bare, err = medianTx(ctx, d, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO plain_row (id, words) VALUES ($1, $2)`, db.NewID(), "some words")
		return err
	})
	if err != nil {
		return err
	}
	if t.record, err = medianTx(ctx, d, func(tx *db.Tx) error { return audit.Record(ctx, tx, entry(0)) }); err != nil {
		return err
	}
	fifty := some(50)
	t.recordOf50, err = medianTx(ctx, d, func(tx *db.Tx) error { return audit.Record(ctx, tx, fifty...) })
	return err
}

func (t *proofTimes) keys(ctx context.Context, d *db.DB) error {
	k, err := vault.CreateKeys(monday)
	if err != nil {
		return err
	}
	v, err := vault.Open(ctx, d, k, vault.Options{Now: time.Now, Columns: []vault.Column{{Table: "sealed_note", Column: "words", ID: "id", Person: "person"}}})
	if err != nil {
		return err
	}
	t.fields = 100_000
	var people []string
	var rows [][]any
	err = d.WithTx(ctx, func(tx *db.Tx) error {
		people = nil
		for range t.fields / 10 {
			people = append(people, db.NewID())
			if err := v.AddPerson(ctx, tx, people[len(people)-1]); err != nil {
				return err
			}
		}
		ring, err := v.Ring(ctx, tx, people)
		if err != nil {
			return err
		}
		rows = nil
		for i := range t.fields {
			id, person := db.NewID(), people[i%len(people)]
			b, err := ring.Seal(vault.Place{Person: person, Table: "sealed_note", Column: "words", Row: id}, strings.Repeat("words ", 8))
			if err != nil {
				return err
			}
			rows = append(rows, []any{id, person, b})
		}
		return db.Insert(ctx, tx, "sealed_note", []string{"id", "person", "words"}, rows, "")
	})
	if err != nil {
		return err
	}
	began, cpu := time.Now(), processorTime()
	if _, err := v.Rotate(ctx, nil); err != nil {
		return err
	}
	t.rotate, t.rotateCPU = time.Since(began), processorTime()-cpu
	return nil
}

// medianTx is the median of a few hundred transactions.
func medianTx(ctx context.Context, d *db.DB, f func(*db.Tx) error) (time.Duration, error) {
	var all []time.Duration
	for range 300 {
		began := time.Now()
		if err := d.WithTx(ctx, f); err != nil {
			return 0, err
		}
		all = append(all, time.Since(began))
	}
	slices.Sort(all)
	return all[len(all)/2], nil
}

// benchProofs is the part "audit".
func benchProofs(ctx context.Context, o *options, r *report) error {
	t, err := timeProofs(ctx, o.dir)
	if err == nil {
		r.proofGoals(t)
	}
	return err
}

// proofGoals adds the rows of the audit record and the keys.
func (r *report) proofGoals(t proofTimes) {
	perSecond := func(n int, d time.Duration) float64 { return float64(n) / d.Seconds() }
	b := r.table("The record and the keys", fmt.Sprintf("On SQLite; %s entries, %s sealed fields of %s people.", thousands(t.entries), thousands(t.fields), thousands(t.fields/10)),
		"what", "to reach", "measured", "reached")
	speed := perSecond(t.entries, t.verify)
	b.row("the audit record verified, best of three", "≥ 300 k entries/s", fmt.Sprintf("%.0f k entries/s (%s, %s of processor time)", speed/1000, short(t.verify), short(t.verifyCPU)), r.verdict(speed >= 300_000))
	b.row("a transaction with one audit entry, against one with a plain row", "–", fmt.Sprintf("%.2f × (%s, %s)", float64(t.record)/float64(t.bare), short(t.record), short(t.bare)), "")
	b.row("a transaction with fifty audit entries, against one with a plain row", "–", fmt.Sprintf("%.2f × (%s)", float64(t.recordOf50)/float64(t.bare), short(t.recordOf50)), "")
	speed = perSecond(t.fields, t.rotate)
	b.row("keys rotated", "≥ 20 k fields/s", fmt.Sprintf("%.0f k fields/s (%s, %s of processor time)", speed/1000, short(t.rotate), short(t.rotateCPU)), r.verdict(speed >= 20_000))
}
