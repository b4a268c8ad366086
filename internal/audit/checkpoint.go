package audit

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"hearth/internal/db"
)

// Checkpoint says what the record was at a moment: how many entries, and the hash over them all. Its text is
// a signed note as https://c2sp.org/tlog-checkpoint has it, with the time in a line of its own.
type Checkpoint struct {
	Entries int64
	At      time.Time
	Root    tlog.Hash
	Note    string // the signed text
}

// Sign makes a checkpoint of the record as it stands and keeps it in the database. It first proves that the
// record is a continuation of the checkpoint before; when it is not, that is the error, and nothing is signed.
func Sign(ctx context.Context, tx *db.Tx, signer note.Signer, verifier note.Verifier, at time.Time) (Checkpoint, error) {
	seq, t, err := readEnd(ctx, tx, tx.ForUpdate())
	if err != nil {
		return Checkpoint{}, err
	}
	if t.n < seq {
		return Checkpoint{}, errors.New("the audit record is not a tree yet")
	}
	last, err := db.One(ctx, tx, db.Column[string], `SELECT note FROM audit_checkpoint ORDER BY seq DESC LIMIT 1`)
	if err != nil && !errors.Is(err, db.ErrNone) {
		return Checkpoint{}, err
	}
	if err == nil {
		c, err := ReadCheckpoint([]byte(last), verifier)
		if err != nil {
			return Checkpoint{}, fmt.Errorf("the last checkpoint: %w", err)
		}
		if err := continues(ctx, tx, t, c); err != nil {
			return Checkpoint{}, err
		}
	}
	c := Checkpoint{Entries: t.n, At: at.UTC().Truncate(time.Second), Root: t.root()}
	text := fmt.Sprintf("%s\n%d\n%s\n%s\n", signer.Name(), c.Entries, base64.StdEncoding.EncodeToString(c.Root[:]), c.At.Format(time.RFC3339))
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("sign a checkpoint: %w", err)
	}
	c.Note = string(signed)
	_, err = tx.Exec(ctx, `INSERT INTO audit_checkpoint (seq, at, note) VALUES ($1, $2, $3) ON CONFLICT (seq) DO NOTHING`, c.Entries, db.Millis(c.At), c.Note)
	return c, err
}

// continues proves that the tree holds everything that the checkpoint is over, in its place, without reading
// the entries.
func continues(ctx context.Context, q db.Querier, t tree, c Checkpoint) error {
	if c.Entries > t.n {
		return shorter(c, t.n)
	}
	if c.Entries == 0 {
		return nil
	}
	r := reader(ctx, q)
	proof, err := tlog.ProveTree(t.n, c.Entries, r)
	if err != nil {
		return err
	}
	if tlog.CheckTree(proof, t.n, t.root(), c.Entries, c.Root) != nil {
		return unlike(c)
	}
	return nil
}

func shorter(c Checkpoint, n int64) error {
	return fmt.Errorf("the audit record was cut: the checkpoint of %s is over %d entries, and there are %d", c.At.Format(time.RFC3339), c.Entries, n)
}

func unlike(c Checkpoint) error {
	return fmt.Errorf("the audit record was changed: its first %d entries are not those that the checkpoint of %s is over", c.Entries, c.At.Format(time.RFC3339))
}

// ReadCheckpoint reads a signed checkpoint, wherever it was kept.
func ReadCheckpoint(signed []byte, verifier note.Verifier) (Checkpoint, error) {
	n, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("it is not a checkpoint that this community signed: %w", err)
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 5 || lines[0] != verifier.Name() {
		return Checkpoint{}, errors.New("it is not a checkpoint")
	}
	c := Checkpoint{Note: string(signed)}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return Checkpoint{}, errors.New("it is not a checkpoint")
	}
	copy(c.Root[:], root)
	c.Entries, err = strconv.ParseInt(lines[1], 10, 64)
	if err != nil || c.Entries < 0 {
		return Checkpoint{}, errors.New("it is not a checkpoint")
	}
	if c.At, err = time.Parse(time.RFC3339, lines[3]); err != nil {
		return Checkpoint{}, errors.New("it is not a checkpoint")
	}
	return c, nil
}

// Checkpoints returns the checkpoints that the database keeps, the oldest first. One that is not signed by
// verifier is an error: somebody put it there.
func Checkpoints(ctx context.Context, q db.Querier, verifier note.Verifier) ([]Checkpoint, error) {
	return db.All(ctx, q, func(s db.Scan) (Checkpoint, error) {
		var seq int64
		var text string
		if err := s(&seq, &text); err != nil {
			return Checkpoint{}, err
		}
		c, err := ReadCheckpoint([]byte(text), verifier)
		if err == nil && c.Entries != seq {
			err = errors.New("it stands in another's place")
		}
		if err != nil {
			return c, fmt.Errorf("the stored checkpoint over %d entries was changed: %w", seq, err)
		}
		return c, nil
	}, `SELECT seq, note FROM audit_checkpoint ORDER BY seq`)
}
