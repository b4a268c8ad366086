package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"hearth/internal/db"
)

// tileHeight: of the hashes inside the tree only those of every eighth level are stored; the others are made
// from at most 256 of the level below.
const tileHeight = 8

// tree is the edge of a tree of n leaves: the hashes of its full subtrees, the largest first. That is enough
// to add a leaf and to know the root.
type tree struct {
	n    int64
	edge []tlog.Hash
	full []tile // subtrees to be stored that were completed since it was read
}

// tile is the hash of a full subtree of 1<<level leaves, the nth of its size.
type tile struct {
	level int
	n     int64
	hash  tlog.Hash
}

var errEdge = errors.New("the audit record was changed: the end of its tree is not as it was written")

// read takes the edge from its stored form: the hashes one after the other.
func (t *tree) read(b []byte) error {
	if len(b) != bits.OnesCount64(uint64(t.n))*tlog.HashSize {
		return errEdge
	}
	t.edge = make([]tlog.Hash, len(b)/tlog.HashSize, len(b)/tlog.HashSize+1)
	for i := range t.edge {
		copy(t.edge[i][:], b[i*tlog.HashSize:])
	}
	return nil
}

func (t *tree) bytes() []byte {
	b := make([]byte, 0, len(t.edge)*tlog.HashSize)
	for _, h := range t.edge {
		b = append(b, h[:]...)
	}
	return b
}

// add puts a leaf at the end.
func (t *tree) add(h tlog.Hash) {
	n := t.n
	for level := 1; n&1 == 1; level++ {
		n >>= 1
		h = tlog.NodeHash(t.edge[len(t.edge)-1], h)
		t.edge = t.edge[:len(t.edge)-1]
		if level%tileHeight == 0 {
			t.full = append(t.full, tile{level, n, h})
		}
	}
	t.edge = append(t.edge, h)
	t.n++
}

// root is the hash of the whole tree.
func (t *tree) root() tlog.Hash {
	if t.n == 0 {
		return sha256.Sum256(nil)
	}
	h := t.edge[len(t.edge)-1]
	for i := len(t.edge) - 2; i >= 0; i-- {
		h = tlog.NodeHash(t.edge[i], h)
	}
	return h
}

// between stands between the parts of an entry where they are hashed. No part holds it, so no two different
// entries look alike. The database joins them when the record is verified: one column is read faster than six.
const between = "\x1f"

const joined = `actor || $3 || action || $3 || subject || $3 || person || $3 || basis || $3 || detail`

// tidy takes the separator out of what somebody may have typed.
func (e *Entry) tidy() {
	for _, s := range []*string{&e.Actor, &e.Action, &e.Subject, &e.Person, &e.Basis, &e.Detail} {
		*s = strings.ReplaceAll(*s, between, " ")
	}
}

// leaf is the hash of an entry in the tree.
func (e *Entry) leaf() tlog.Hash {
	parts := strings.Join([]string{e.Actor, e.Action, e.Subject, e.Person, e.Basis, e.Detail}, between)
	h, _ := leafOf(nil, e.Seq, db.Millis(e.At), []byte(parts))
	return h
}

// leafOf is leaf of what the database gives, with a buffer to use again.
func leafOf(buffer []byte, seq, at int64, parts []byte) (tlog.Hash, []byte) {
	b := append(buffer[:0], 0) // RFC 6962: leaves begin with 0, nodes with 1
	b = binary.BigEndian.AppendUint64(b, uint64(seq))
	b = binary.BigEndian.AppendUint64(b, uint64(at))
	b = append(b, parts...)
	return sha256.Sum256(b), b
}

// reader reads any hash of the stored tree, for proofs.
func reader(ctx context.Context, q db.Querier) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			level, n := tlog.SplitStoredHashIndex(index)
			above := level % tileHeight // of a level whose hashes are stored
			below, err := stored(ctx, q, level-above, n<<above, (n+1)<<above)
			if err != nil {
				return nil, err
			}
			for len(below) > 1 {
				for j := range len(below) / 2 {
					below[j] = tlog.NodeHash(below[2*j], below[2*j+1])
				}
				below = below[:len(below)/2]
			}
			out[i] = below[0]
		}
		return out, nil
	})
}

// stored reads the hashes from to to (without it) of a level that is stored.
func stored(ctx context.Context, q db.Querier, level int, from, to int64) ([]tlog.Hash, error) {
	scan := func(s db.Scan) (h tlog.Hash, err error) {
		var b []byte
		if err = s(&b); err == nil {
			h, err = asHash(b)
		}
		return h, err
	}
	var out []tlog.Hash
	var err error
	if level == 0 {
		out, err = db.All(ctx, q, scan, `SELECT leaf FROM audit_entry WHERE seq > $1 AND seq <= $2 ORDER BY seq`, from, to)
	} else {
		out, err = db.All(ctx, q, scan, `SELECT hash FROM audit_tile WHERE level = $1 AND n >= $2 AND n < $3 ORDER BY n`, level, from, to)
	}
	if err == nil && int64(len(out)) != to-from {
		err = fmt.Errorf("the audit record was changed: hashes of its tree are missing (level %d, %d to %d)", level, from, to)
	}
	return out, err
}

// readTiles reads all stored subtrees, by level and place.
func readTiles(ctx context.Context, q db.Querier) ([]tile, error) {
	return db.All(ctx, q, func(s db.Scan) (t tile, err error) {
		var b []byte
		if err = s(&t.level, &t.n, &b); err == nil {
			t.hash, err = asHash(b)
		}
		return t, err
	}, `SELECT level, n, hash FROM audit_tile ORDER BY level, n`)
}

func asHash(b []byte) (tlog.Hash, error) {
	if len(b) != tlog.HashSize {
		return tlog.Hash{}, errEdge
	}
	return tlog.Hash(b), nil
}
