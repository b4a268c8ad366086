package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/vault"
)

// stepLife is how long the first half of a ceremony waits for the second.
const stepLife = 10 * time.Minute

// stepTries is how often the second half may be wrong.
const stepTries = 5

// step is the first half of something that takes two. What it holds depends on its kind; it is sealed.
type step struct {
	Kind     string          `json:"kind"`
	Account  string          `json:"account,omitempty"` // whose, or whose it will be
	Session  string          `json:"session,omitempty"` // the session that is proved again, or adds something
	How      How             `json:"how,omitempty"`
	Device   Device          `json:"device,omitzero"`
	WebAuthn json.RawMessage `json:"webauthn,omitempty"` // the challenge and what belongs to it
	Label    string          `json:"label,omitempty"`    // of the passkey that is made
	Name     string          `json:"name,omitempty"`     // of the person who joins
	SignIn   string          `json:"sign_in,omitempty"`
	Invited  string          `json:"invited,omitempty"` // hash of the invitation's token
	Language string          `json:"language,omitempty"`
	Password string          `json:"password,omitempty"` // its hash
	Secret   string          `json:"secret,omitempty"`   // of the one-time codes
	State    string          `json:"state,omitempty"`    // OpenID Connect
	Nonce    string          `json:"nonce,omitempty"`
	Verifier string          `json:"verifier,omitempty"`
	Next     string          `json:"next,omitempty"` // where the page goes afterwards
}

func stepPlace(hash string) vault.Place {
	return vault.Place{Table: "account_step", Column: "data", Row: hash}
}

// begin keeps the first half and returns the token for the browser.
func (s *Service) begin(ctx context.Context, x step) (string, error) {
	token := newToken()
	hash := tokenHash(token)
	b, err := json.Marshal(x)
	if err != nil {
		return "", fmt.Errorf("begin: %w", err)
	}
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		sealed, err := s.o.Vault.Seal(ctx, tx, stepPlace(hash), string(b))
		if err != nil {
			return err
		}
		now := s.now()
		if _, err := tx.Exec(ctx, `DELETE FROM account_step WHERE ends_at < $1`, db.Millis(now)); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO account_step (token_hash, kind, data, tries, ends_at) VALUES ($1, $2, $3, 0, $4)`,
			hash, x.Kind, sealed, db.Millis(now.Add(stepLife)))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("begin: %w", err)
	}
	return token, nil
}

func over() error {
	return fault.New(fault.Gone, "This took too long, or it was done already. Please begin again.")
}

// take returns the first half and removes it: it is good for one answer. fault.Gone: it is not there.
func (s *Service) take(ctx context.Context, tx *db.Tx, kind, token string) (step, error) {
	hash := tokenHash(token)
	data, err := db.One(ctx, tx, db.Column[[]byte], `DELETE FROM account_step WHERE token_hash = $1 AND kind = $2 AND ends_at >= $3 RETURNING data`,
		hash, kind, db.Millis(s.now()))
	if errors.Is(err, db.ErrNone) {
		return step{}, over()
	}
	if err != nil {
		return step{}, err
	}
	return s.read(ctx, tx, hash, data)
}

// try returns the first half and counts one answer: a few may be wrong. fault.Gone: it is not there, or
// there were too many.
func (s *Service) try(ctx context.Context, kind, token string) (x step, err error) {
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		hash := tokenHash(token)
		data, err := db.One(ctx, tx, db.Column[[]byte], `UPDATE account_step SET tries = tries + 1
			WHERE token_hash = $1 AND kind = $2 AND ends_at >= $3 AND tries < $4 RETURNING data`, hash, kind, db.Millis(s.now()), stepTries)
		if errors.Is(err, db.ErrNone) {
			return over()
		}
		if err != nil {
			return err
		}
		x, err = s.read(ctx, tx, hash, data)
		return err
	})
	return x, err
}

// look returns the first half and leaves it as it is, for a page that shows something of it.
func (s *Service) look(ctx context.Context, kind, token string) (step, error) {
	hash := tokenHash(token)
	data, err := db.One(ctx, s.db, db.Column[[]byte], `SELECT data FROM account_step WHERE token_hash = $1 AND kind = $2 AND ends_at >= $3 AND tries < $4`,
		hash, kind, db.Millis(s.now()), stepTries)
	if errors.Is(err, db.ErrNone) {
		return step{}, over()
	}
	if err != nil {
		return step{}, err
	}
	return s.read(ctx, s.db, hash, data)
}

func (s *Service) read(ctx context.Context, q db.Querier, hash string, sealed []byte) (x step, err error) {
	plain, err := s.o.Vault.Open(ctx, q, stepPlace(hash), sealed)
	if err != nil {
		return step{}, err
	}
	return x, json.Unmarshal([]byte(plain), &x)
}
