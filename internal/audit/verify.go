package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"hearth/internal/db"
)

// Verify walks the whole record and returns how many entries it holds, or an error that names the first place
// where it was changed. Whoever can write into the database could make all of it anew; against that stand
// checkpoints that were kept elsewhere.
func Verify(ctx context.Context, d *db.DB, kept ...Checkpoint) (entries int64, err error) {
	err = d.Read(ctx, func(tx *db.Tx) error {
		entries, err = VerifyIn(ctx, tx, kept...)
		return err
	})
	return entries, err
}

// VerifyIn is Verify as a transaction sees the record.
func VerifyIn(ctx context.Context, tx *db.Tx, kept ...Checkpoint) (entries int64, err error) {
	seq, end, err := readEnd(ctx, tx, "")
	if err != nil && !errors.Is(err, db.ErrNone) {
		return 0, err
	}
	kept = slices.SortedFunc(slices.Values(kept), func(a, b Checkpoint) int { return cmp.Compare(a.Entries, b.Entries) })
	var t tree
	var buffer []byte
	var tiles []tile
	e, leaf, at := Entry{}, []byte(nil), int64(0)
	err = db.Each(ctx, tx, func(s db.Scan) error {
		if err := s(&e.Seq, &at, &e.Actor, &e.Action, &e.Subject, &e.Person, &e.Basis, &e.Detail, &leaf); err != nil {
			return err
		}
		e.At = db.Time(at)
		if e.Seq != t.n+1 {
			return fmt.Errorf("the audit record was changed: entry %d is missing", t.n+1)
		}
		h := e.leafIn(&buffer)
		if string(h[:]) != string(leaf) {
			return fmt.Errorf("the audit record was changed: entry %d is not what was recorded", e.Seq)
		}
		t.add(h)
		tiles = append(tiles, t.full...)
		t.full = t.full[:0]
		for len(kept) > 0 && kept[0].Entries <= t.n {
			if kept[0].Entries == t.n && kept[0].Root != t.root() {
				return unlike(kept[0])
			}
			kept = kept[1:]
		}
		return nil
	}, `SELECT `+columns+`, leaf FROM audit_entry ORDER BY seq`)
	if err != nil {
		return t.n, err
	}
	for _, c := range kept {
		if c.Entries > t.n {
			return t.n, shorter(c, t.n)
		}
	}
	if seq != t.n || end.n != t.n || end.root() != t.root() {
		return t.n, fmt.Errorf("the audit record was changed: it does not end where it should, at entry %d", t.n)
	}
	return t.n, sameTiles(ctx, tx, tiles)
}

// sameTiles compares the stored hashes inside the tree, on which proofs stand, with those that were found.
func sameTiles(ctx context.Context, tx *db.Tx, want []tile) error {
	slices.SortFunc(want, func(a, b tile) int { return cmp.Or(cmp.Compare(a.level, b.level), cmp.Compare(a.n, b.n)) })
	i := 0
	err := db.Each(ctx, tx, func(s db.Scan) error {
		var got tile
		var h []byte
		if err := s(&got.level, &got.n, &h); err != nil {
			return err
		}
		if len(h) == tlog.HashSize {
			copy(got.hash[:], h)
		}
		if i >= len(want) || got != want[i] {
			return fmt.Errorf("the audit record was changed: a hash of its tree is not as it was written (level %d, %d)", got.level, got.n)
		}
		i++
		return nil
	}, `SELECT level, n, hash FROM audit_tile ORDER BY level, n`)
	if err == nil && i != len(want) {
		err = errors.New("the audit record was changed: hashes of its tree are missing")
	}
	return err
}
