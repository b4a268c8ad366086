package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"hearth/internal/db"
)

// Adopt takes entries that were made before there was a tree into it. Record does so too; at the start of the
// program nobody waits for it.
func Adopt(ctx context.Context, d *db.DB) error {
	seq, t, err := readEnd(ctx, d, "")
	if err != nil || t.n == seq {
		return err
	}
	return d.WithTx(ctx, func(tx *db.Tx) error {
		seq, t, err := readEnd(ctx, tx, tx.ForUpdate())
		if err != nil || t.n == seq {
			return err
		}
		if err := adopt(ctx, tx, seq, &t); err != nil {
			return err
		}
		return t.save(ctx, tx)
	})
}

// adopt grows the tree over the entries up to seq. They were held together by a chain of hashes; where that
// is broken, an entry says so, because the tree takes them as they stand now.
func adopt(ctx context.Context, tx *db.Tx, seq int64, t *tree) error {
	chained, before, broken := t.n == 0, "", int64(0)
	var last Entry
	for t.n < seq {
		const many = 1000
		type old struct {
			Entry
			hash string
		}
		some, err := db.All(ctx, tx, func(s db.Scan) (o old, err error) {
			o.Entry, err = scan(func(dest ...any) error { return s(append(dest, &o.hash)...) })
			return o, err
		}, `SELECT `+columns+`, hash FROM audit_entry WHERE seq > $1 ORDER BY seq LIMIT $2`, t.n, many)
		if err != nil {
			return err
		}
		for _, o := range some {
			if o.Seq != t.n+1 {
				break
			}
			if chained && broken == 0 && o.chainHash(before) != o.hash {
				broken = o.Seq
			}
			before, last = o.hash, o.Entry
			leaf := o.leaf()
			t.add(leaf)
			if _, err := tx.Exec(ctx, `UPDATE audit_entry SET leaf = $1 WHERE seq = $2`, leaf[:], o.Seq); err != nil {
				return err
			}
		}
		if len(some) == 0 || some[len(some)-1].Seq != t.n {
			return fmt.Errorf("the audit record was changed: entry %d is missing. It was kept by an earlier Hearth and cannot be carried on; "+
				"restore the database from before that, or ask for help", t.n+1)
		}
	}
	if broken > 0 {
		e := Entry{
			Seq: t.n + 1, At: last.At, Actor: "system", Action: "audit.chain.broken", Subject: "audit",
			Detail: fmt.Sprintf("entry %d was changed before the record became a tree", broken),
		}
		leaf := e.leaf()
		t.add(leaf)
		return insert(ctx, tx, [][]any{{e.Seq, db.Millis(e.At), e.Actor, e.Action, e.Subject, "", "", e.Detail, "", leaf[:]}})
	}
	return nil
}

// chainHash is how entries were held together before there was a tree: a hash over the entry and the hash
// before it.
func (e Entry) chainHash(before string) string {
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
