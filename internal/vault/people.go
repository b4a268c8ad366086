package vault

import (
	"context"
	"errors"
	"fmt"

	"hearth/internal/db"
)

// state is the one row of vault_state.
type state struct {
	keys, fit, phase, holder string
	keyID, generation        int64
	lease, rotated           int64
}

func readState(ctx context.Context, q db.Querier) (state, error) {
	return db.One(ctx, q, func(s db.Scan) (x state, err error) {
		return x, s(&x.keys, &x.fit, &x.phase, &x.holder, &x.keyID, &x.generation, &x.lease, &x.rotated)
	}, `SELECT keys, fit, phase, holder, key_id, generation, lease_until, rotated_at FROM vault_state WHERE id = 1`)
}

// AddPerson makes a data key for a person, an id. Twice is harmless; an erased person never gets another:
// ErrErased.
func (v *Vault) AddPerson(ctx context.Context, tx *db.Tx, person string) error {
	if person == "" {
		return errors.New("vault: a person without an id")
	}
	return v.addRing(ctx, tx, person)
}

func (v *Vault) addRing(ctx context.Context, tx *db.Tx, person string) error {
	s, err := readState(ctx, tx)
	if err != nil {
		return fmt.Errorf("add a person's key: %w", err)
	}
	// The program key that the database names, not the newest of the file: one that a rotation has only put
	// into the file so far is not known to vault_key, and the reference would refuse it.
	wrapped, err := v.wrap(ctx, uint32(s.keyID), person, []dataKey{newDataKey(uint32(s.generation))})
	if err != nil {
		return fmt.Errorf("add a person's key: %w", err)
	}
	n, err := tx.Exec(ctx, `INSERT INTO vault_person (person, key_id, generation, wrapped, erased_at) VALUES ($1, $2, $3, $4, 0)
		ON CONFLICT (person) DO NOTHING`, person, s.keyID, s.generation, wrapped)
	if err != nil {
		return fmt.Errorf("add a person's key: %w", err)
	}
	if n > 0 {
		return nil
	}
	erased, err := db.One(ctx, tx, db.Column[int64], `SELECT erased_at FROM vault_person WHERE person = $1`, person)
	if err != nil {
		return fmt.Errorf("add a person's key: %w", err)
	}
	if erased > 0 {
		return ErrErased
	}
	return nil
}

// Erase destroys a person's key. What it sealed stays where it is and can never be read again, here and in
// every copy of the data. Twice is harmless, and so is a person who never had a key: they never get one.
func (v *Vault) Erase(ctx context.Context, tx *db.Tx, person string) error {
	if person == "" {
		return errors.New("vault: the house itself cannot be erased")
	}
	_, err := tx.Exec(ctx, `INSERT INTO vault_person (person, key_id, generation, wrapped, erased_at) VALUES ($1, NULL, 0, NULL, $2)
		ON CONFLICT (person) DO UPDATE SET key_id = NULL, wrapped = NULL, generation = 0, erased_at = excluded.erased_at
		WHERE vault_person.erased_at = 0`, person, db.Millis(v.o.Now()))
	if err != nil {
		return fmt.Errorf("erase a person's key: %w", err)
	}
	return nil
}
