package vault

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"hearth/internal/db"
)

// ArchivedApart lists the tables that an archive of the data leaves out: with them in it, an archive would
// bring an erased person back. Export writes what is needed of them, and of that only the newest is kept.
var ArchivedApart = []string{"vault_key", "vault_person"}

// An export is lines of JSON: a head, a line for each person, and an end that counts them.
type (
	exportHead struct {
		What       string      `json:"what"`
		Version    int         `json:"version"`
		Keys       string      `json:"keys"`
		Fit        string      `json:"fit"`
		KeyID      int64       `json:"key_id"`
		Generation int64       `json:"generation"`
		Phase      string      `json:"phase,omitempty"`
		Rotated    int64       `json:"rotated_at"`
		Program    []exportKey `json:"program"`
	}
	exportKey struct {
		ID     int64 `json:"id"`
		MadeAt int64 `json:"made_at"`
	}
	exportLine struct {
		Person     *string `json:"person,omitempty"` // nil: the end
		KeyID      int64   `json:"key_id,omitempty"`
		Generation int64   `json:"generation,omitempty"`
		Wrapped    []byte  `json:"wrapped,omitempty"`
		ErasedAt   int64   `json:"erased_at,omitempty"`
		Count      int64   `json:"count,omitempty"`
	}
)

const exportWhat = "hearth: the keys of people, wrapped"

// Export writes the wrapped keys of all people, and who was erased, as tx sees them. They open nothing without
// the key file.
func Export(ctx context.Context, tx *db.Tx, to io.Writer) error {
	s, err := readState(ctx, tx)
	if err != nil {
		return fmt.Errorf("export people's keys: %w", err)
	}
	head := exportHead{What: exportWhat, Version: 1, Keys: s.keys, Fit: s.fit, KeyID: s.keyID, Generation: s.generation, Phase: s.phase, Rotated: s.rotated}
	head.Program, err = db.All(ctx, tx, func(s db.Scan) (k exportKey, err error) { return k, s(&k.ID, &k.MadeAt) }, `SELECT id, made_at FROM vault_key ORDER BY made_at, id`)
	if err != nil {
		return fmt.Errorf("export people's keys: %w", err)
	}
	b := bufio.NewWriter(to)
	lines := json.NewEncoder(b)
	if err := lines.Encode(head); err != nil {
		return fmt.Errorf("export people's keys: %w", err)
	}
	n := int64(0)
	err = db.Each(ctx, tx, func(s db.Scan) error {
		var l exportLine
		var person string
		if err := s(&person, &l.KeyID, &l.Generation, &l.Wrapped, &l.ErasedAt); err != nil {
			return err
		}
		l.Person = &person
		n++
		return lines.Encode(l)
	}, `SELECT person, coalesce(key_id, 0), generation, wrapped, erased_at FROM vault_person ORDER BY person`)
	if err == nil {
		err = lines.Encode(exportLine{Count: n})
	}
	if err == nil {
		err = b.Flush()
	}
	if err != nil {
		return fmt.Errorf("export people's keys: %w", err)
	}
	return nil
}

var errExport = errors.New("this is not a whole archive of people's keys")

// Import takes in what Export wrote, into a database that was restored without it or that holds an older
// state. The newer of two rings stays. Whoever is erased in either stays erased.
func Import(ctx context.Context, tx *db.Tx, from io.Reader) error {
	if err := importInto(ctx, tx, from); err != nil {
		return fmt.Errorf("import people's keys: %w", err)
	}
	return nil
}

func importInto(ctx context.Context, tx *db.Tx, from io.Reader) error {
	lines := json.NewDecoder(bufio.NewReader(from))
	var head exportHead
	if lines.Decode(&head) != nil || head.What != exportWhat || head.Version != 1 {
		return errExport
	}
	s, err := readState(ctx, tx)
	switch {
	case errors.Is(err, db.ErrNone):
		_, err = tx.Exec(ctx, `INSERT INTO vault_state (id, keys, fit, key_id, generation, phase, holder, lease_until, rotated_at)
			VALUES (1, $1, $2, $3, $4, $5, '', 0, $6)`, head.Keys, head.Fit, head.KeyID, head.Generation, head.Phase, head.Rotated)
	case err != nil:
	case s.fit != head.Fit:
		return fmt.Errorf("they are of another house: this database was sealed with the key file %s, and they with %s", s.keys, head.Keys)
	case head.Generation > s.generation || head.Generation == s.generation && head.Phase == "": // as far, or farther
		_, err = tx.Exec(ctx, `UPDATE vault_state SET key_id = $1, generation = $2, phase = $3, rotated_at = $4 WHERE id = 1`, head.KeyID, head.Generation, head.Phase, head.Rotated)
	}
	if err != nil {
		return err
	}
	var keys [][]any
	for _, k := range head.Program {
		keys = append(keys, []any{k.ID, k.MadeAt})
	}
	if err := db.Insert(ctx, tx, "vault_key", []string{"id", "made_at"}, keys, "ON CONFLICT DO NOTHING"); err != nil {
		return err
	}
	var rows [][]any
	flush := func() error {
		err := db.Insert(ctx, tx, "vault_person", []string{"person", "key_id", "generation", "wrapped", "erased_at"}, rows,
			`ON CONFLICT (person) DO UPDATE SET key_id = excluded.key_id, generation = excluded.generation, wrapped = excluded.wrapped, erased_at = excluded.erased_at
			WHERE vault_person.erased_at = 0 AND (excluded.erased_at > 0 OR excluded.generation > vault_person.generation)`)
		rows = rows[:0]
		return err
	}
	for n := int64(0); ; n++ {
		var l exportLine
		if lines.Decode(&l) != nil {
			return errExport
		}
		if l.Person == nil {
			if l.Count != n {
				return errExport
			}
			return flush()
		}
		row := []any{*l.Person, nil, l.Generation, nil, l.ErasedAt}
		if l.ErasedAt == 0 {
			row[1], row[3] = l.KeyID, l.Wrapped
		}
		if rows = append(rows, row); len(rows) == 500 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
}
