package audit

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/mod/sumdb/tlog"

	"hearth/internal/db"
)

// Verify walks the whole record and returns how many entries it holds, or an error that names the first place
// where it was changed. Whoever can write into the database could make all of it anew; against that stand
// checkpoints that were kept elsewhere. Entries that are added meanwhile are left out.
func Verify(ctx context.Context, d *db.DB, kept ...Checkpoint) (int64, error) {
	var c *check
	err := d.Read(ctx, func(tx *db.Tx) (err error) {
		c, err = newCheck(ctx, tx, kept)
		return err
	})
	if err != nil {
		return 0, err
	}
	// Entries never change, so several readers need not see one state of the database.
	ctx, stop := context.WithCancel(ctx)
	var readers sync.WaitGroup
	defer readers.Wait()
	defer stop()
	const ahead = 4
	type part struct {
		leaves []tlog.Hash
		err    error
	}
	parts := make(chan chan part, ahead)
	readers.Go(func() {
		defer close(parts)
		for from := int64(0); from < c.last; from += chunk {
			one := make(chan part, 1)
			select {
			case parts <- one:
			case <-ctx.Done():
				return
			}
			readers.Go(func() {
				leaves, err := leaves(ctx, d, from, min(from+chunk, c.last))
				one <- part{leaves, err}
			})
		}
	})
	for one := range parts {
		p := <-one
		if err := c.add(p.leaves, p.err); err != nil {
			return c.t.n, err
		}
	}
	if err := ctx.Err(); err != nil {
		return c.t.n, err
	}
	return c.t.n, c.end()
}

// VerifyIn is Verify as a transaction sees the record.
func VerifyIn(ctx context.Context, tx *db.Tx, kept ...Checkpoint) (int64, error) {
	c, err := newCheck(ctx, tx, kept)
	if err != nil {
		return 0, err
	}
	for from := int64(0); from < c.last; from += chunk {
		if err := c.add(leaves(ctx, tx, from, min(from+chunk, c.last))); err != nil {
			return c.t.n, err
		}
	}
	return c.t.n, c.end()
}

// chunk is how many entries are read at a time.
const chunk = 4096

// check is one walk over the record.
type check struct {
	last  int64        // the last entry there is
	seq   int64        // and the last that there should be
	t     tree         // of what was walked over
	stand tree         // the tree as the database has it
	kept  []Checkpoint // not passed yet
}

func newCheck(ctx context.Context, tx *db.Tx, kept []Checkpoint) (*check, error) {
	c := &check{kept: slices.SortedFunc(slices.Values(kept), func(a, b Checkpoint) int { return cmp.Compare(a.Entries, b.Entries) })}
	seq, t, err := readEnd(ctx, tx, "")
	if errors.Is(err, db.ErrNone) {
		err = errEdge
	}
	if err != nil {
		return nil, err
	}
	if t.full, err = readTiles(ctx, tx); err != nil {
		return nil, err
	}
	c.seq, c.stand = seq, t
	c.last, err = db.One(ctx, tx, db.Column[int64], `SELECT coalesce(max(seq), 0) FROM audit_entry`)
	if err == nil && seq > c.last {
		c.last = seq // so that the walk says what is missing
	}
	return c, err
}

// leaves reads the entries after from up to to and returns what they hash to: as many as stand where they
// should and are what was recorded, and an error if those are not all.
func leaves(ctx context.Context, q db.Querier, from, to int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, 0, to-from)
	var buffer []byte
	var parts, leaf sql.RawBytes
	var seq, at int64
	next := func() int64 { return from + int64(len(out)) + 1 }
	err := db.Each(ctx, q, func(s db.Scan) error {
		if err := s(&seq, &at, &parts, &leaf); err != nil {
			return err
		}
		if seq != next() {
			return missing(next())
		}
		var h tlog.Hash
		h, buffer = leafOf(buffer, seq, at, parts)
		if string(h[:]) != string(leaf) {
			return fmt.Errorf("the audit record was changed: entry %d is not what was recorded", seq)
		}
		out = append(out, h)
		return nil
	}, `SELECT seq, at, `+joined+`, leaf FROM audit_entry WHERE seq > $1 AND seq <= $2 ORDER BY seq`, from, to, between)
	if err == nil && next() <= to {
		err = missing(next())
	}
	return out, err
}

func missing(seq int64) error {
	return fmt.Errorf("the audit record was changed: entry %d is missing", seq)
}

// add grows the tree over more leaves and holds it against the checkpoints on the way.
func (c *check) add(leaves []tlog.Hash, err error) error {
	for _, h := range leaves {
		c.t.add(h)
		for len(c.kept) > 0 && c.kept[0].Entries <= c.t.n {
			if c.kept[0].Entries == c.t.n && c.kept[0].Root != c.t.root() {
				return unlike(c.kept[0])
			}
			c.kept = c.kept[1:]
		}
	}
	return err
}

// end holds the whole against the checkpoints that are left, and against what the database has of the tree.
func (c *check) end() error {
	for _, k := range c.kept {
		if k.Entries > c.t.n {
			return shorter(k, c.t.n)
		}
	}
	if c.seq != c.t.n || c.stand.n != c.t.n || c.stand.root() != c.t.root() {
		return fmt.Errorf("the audit record was changed: it does not end where it should, at entry %d", c.t.n)
	}
	slices.SortFunc(c.t.full, func(a, b tile) int { return cmp.Or(cmp.Compare(a.level, b.level), cmp.Compare(a.n, b.n)) })
	if !slices.Equal(c.t.full, c.stand.full) {
		return errors.New("the audit record was changed: the hashes inside its tree are not as they were written")
	}
	return nil
}
