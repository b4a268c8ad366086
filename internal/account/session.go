package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"hearth/internal/db"
	"hearth/internal/fault"
)

const (
	sessionIdle = 7 * 24 * time.Hour  // unused for so long, a session ends
	sessionLife = 30 * 24 * time.Hour // and after so long in any case
	seenEvery   = time.Hour           // how exactly its last use is noted
)

// SignInOption tells more about an attempt to sign in.
type SignInOption func(*attempt)

type attempt struct{ from string }

// From says which network an attempt comes from. It is kept in memory only, for minutes.
func From(network string) SignInOption { return func(a *attempt) { a.from = network } }

// SignIn checks name and password and opens a session, whose token is for a cookie. fault.Forbidden: name
// and password do not belong together, for whatever reason; fault.TooMany: too many wrong ones from there,
// with the seconds to wait as the message's argument. It takes the same work whether or not the name exists.
func (s *Service) SignIn(ctx context.Context, name, password string, options ...SignInOption) (token string, a Account, err error) {
	var from attempt
	for _, o := range options {
		o(&from)
	}
	if len(name) > 4*80 || utf8.RuneCountInString(password) > maxPassword || !utf8.ValidString(name) || strings.Contains(name, "\x00") {
		return "", Account{}, wrong()
	}
	key := nameKey(name)
	if wait := s.throttle.wait(key, from.from); wait > 0 {
		return "", Account{}, fault.New(fault.TooMany, "That was too many tries. Please wait %d seconds.", int(wait/time.Second)+1)
	}
	a, hash, err := s.find(ctx, key)
	if err != nil {
		return "", Account{}, fmt.Errorf("sign in: %w", err)
	}
	fits, err := passwordFits(ctx, hash, password)
	if err != nil {
		return "", Account{}, fmt.Errorf("sign in: %w", err)
	}
	if !fits || a.ID == "" || a.Disabled {
		return "", Account{}, wrong()
	}
	s.throttle.succeeded(key, from.from)
	if token, err = s.open(ctx, a); err != nil {
		return "", Account{}, fmt.Errorf("sign in: %w", err)
	}
	return token, a, nil
}

func wrong() error {
	return fault.New(fault.Forbidden, "This name and this password do not belong together.")
}

// find returns the account of a name and its hash; without one, an empty account and the hash of nobody, so
// that an unknown name costs as much as a wrong password.
func (s *Service) find(ctx context.Context, key string) (Account, string, error) {
	var hash string
	a, err := db.One(ctx, s.db, func(scan db.Scan) (Account, error) {
		return scanAccount(func(dest ...any) error { return scan(append(dest, &hash)...) })
	}, `SELECT `+accountColumns+`, a.password FROM account a WHERE a.name_key = $1`, key)
	if errors.Is(err, db.ErrNone) {
		return Account{}, hashOfNobody, nil
	}
	return a, hash, err
}

func (s *Service) open(ctx context.Context, a Account) (string, error) {
	token := rand.Text() + rand.Text()
	now := s.now()
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM account_session WHERE seen_at < $1 OR created_at < $2`,
			db.Millis(now.Add(-sessionIdle)), db.Millis(now.Add(-sessionLife))); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO account_session (token_hash, account_id, created_at, seen_at) VALUES ($1, $2, $3, $3)`,
			tokenHash(token), a.ID, db.Millis(now)); err != nil {
			return err
		}
		return s.record(ctx, tx, a.Name, "account.sign_in", a.ID, "")
	})
	return token, err
}

// Session returns the account that a token belongs to. fault.Forbidden: it belongs to none any more.
func (s *Service) Session(ctx context.Context, token string) (Account, error) {
	now := s.now()
	var seenAt int64
	a, err := db.One(ctx, s.db, func(scan db.Scan) (Account, error) {
		return scanAccount(func(dest ...any) error { return scan(append(dest, &seenAt)...) })
	}, `SELECT `+accountColumns+`, s.seen_at FROM account_session s JOIN account a ON a.id = s.account_id
		WHERE s.token_hash = $1 AND s.seen_at >= $2 AND s.created_at >= $3 AND NOT a.disabled`,
		tokenHash(token), db.Millis(now.Add(-sessionIdle)), db.Millis(now.Add(-sessionLife)))
	if errors.Is(err, db.ErrNone) {
		return Account{}, fault.New(fault.Forbidden, "Please sign in.")
	}
	if err != nil {
		return Account{}, fmt.Errorf("session: %w", err)
	}
	if now.Sub(db.Time(seenAt)) >= seenEvery {
		if _, err := s.db.Exec(ctx, `UPDATE account_session SET seen_at = $2 WHERE token_hash = $1`, tokenHash(token), db.Millis(now)); err != nil {
			return Account{}, fmt.Errorf("session: %w", err)
		}
	}
	return a, nil
}

// SignOut ends the session of a token. One that is unknown is as good as ended.
func (s *Service) SignOut(ctx context.Context, token string) error {
	if _, err := s.db.Exec(ctx, `DELETE FROM account_session WHERE token_hash = $1`, tokenHash(token)); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// tokenHash is what is stored of a token. The token has 256 bits of chance, so a plain hash is enough.
func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
