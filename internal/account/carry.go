package account

import (
	"context"
	"fmt"

	"hearth/internal/db"
)

// CarryOver seals the names that stood plain in a database of an earlier Hearth, and leaves nothing plain
// behind. The first start calls it before anybody can sign in; later it does nothing.
func (s *Service) CarryOver(ctx context.Context) error {
	type plain struct{ id, name string }
	found := 0
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		all, err := db.All(ctx, tx, func(scan db.Scan) (p plain, err error) { return p, scan(&p.id, &p.name) },
			`SELECT account_id, name FROM account_unsealed ORDER BY account_id`+tx.ForUpdate())
		if err != nil {
			return err
		}
		found = len(all)
		for _, p := range all {
			if err := s.o.Vault.AddPerson(ctx, tx, p.id); err != nil {
				return err
			}
			name, err := s.o.Vault.Seal(ctx, tx, at(p.id, "name"), p.name)
			if err != nil {
				return err
			}
			signIn, err := s.o.Vault.Seal(ctx, tx, at(p.id, "sign_in"), p.name)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `UPDATE account SET name = $2, sign_in = $3, sign_in_index = $4 WHERE id = $1`, p.id, name, signIn, s.index(p.name)); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, `DELETE FROM account_unsealed`)
		return err
	})
	if err != nil {
		return fmt.Errorf("seal the names of accounts: %w", err)
	}
	if found == 0 {
		return nil
	}
	if err := s.db.Scrub(ctx, "account", "account_unsealed"); err != nil {
		return fmt.Errorf("remove what was plain: %w", err)
	}
	return nil
}
