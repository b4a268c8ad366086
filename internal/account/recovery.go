package account

import (
	"context"
	"fmt"
	"strings"

	"hearth/internal/db"
)

// Printed codes for the day a phone is lost: each opens the door once, together with the sign-in name.
const (
	recoveryCodes  = 10
	recoveryLength = 12 // letters of a set of 31: 59 bits
)

// MakeRecoveryCodes makes ten new codes, which replace the old ones, and returns them as they are printed:
// they are shown this once. fault.Forbidden: the session is not fresh.
func (s *Service) MakeRecoveryCodes(ctx context.Context, a Account) ([]string, error) {
	if !Fresh(a, s.now()) {
		return nil, stale()
	}
	codes := make([]string, recoveryCodes)
	for i := range codes {
		c := pick(recoveryLength)
		codes[i] = c[:4] + "-" + c[4:8] + "-" + c[8:]
	}
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM account_recovery WHERE account_id = $1`, a.ID); err != nil {
			return err
		}
		for _, c := range codes {
			if _, err := tx.Exec(ctx, `INSERT INTO account_recovery (account_id, code, made_at, used_at) VALUES ($1, $2, $3, 0)`,
				a.ID, s.codeHash(a.ID, c), db.Millis(s.now())); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, a.ID, "account.recovery_codes", a.ID, "")
	})
	if err != nil {
		return nil, fmt.Errorf("make recovery codes: %w", err)
	}
	return codes, nil
}

// codeHash is what is stored of a code: a keyed hash, so that the database alone is no help in guessing.
func (s *Service) codeHash(account, code string) string {
	return s.o.Vault.Index("account.recovery", account+" "+strings.Map(func(r rune) rune {
		if strings.ContainsRune(letters, r) {
			return r
		}
		return -1
	}, strings.ToLower(code)))
}

// useCode uses up a code, and tells whether it was a good one.
func (s *Service) useCode(ctx context.Context, tx *db.Tx, account, code string) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE account_recovery SET used_at = $3 WHERE account_id = $1 AND code = $2 AND used_at = 0`,
		account, s.codeHash(account, code), db.Millis(s.now()))
	return n == 1, err
}
