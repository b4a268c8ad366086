package account

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/vault"
)

// SignIn checks a sign-in name and a password. It opens a session, or asks for the one-time code when the
// account has them. fault.Forbidden: name and password do not belong together, for whatever reason;
// fault.TooMany: too many wrong ones, with the seconds to wait as the message's argument. It takes the same
// work whether or not the name exists.
func (s *Service) SignIn(ctx context.Context, name, password string, d Device) (Opened, error) {
	return s.SignInTo(ctx, name, password, d, "")
}

// SignInTo is SignIn that keeps, over the second step, where the page goes afterwards.
func (s *Service) SignInTo(ctx context.Context, name, password string, d Device, next string) (Opened, error) {
	if !typed(name) || utf8.RuneCountInString(password) > maxPassword {
		return Opened{}, wrong()
	}
	done, err := s.slow("password", name, d)
	if err != nil {
		return Opened{}, err
	}
	k, err := s.keyOf(ctx, s.db, name)
	if err != nil {
		return Opened{}, fmt.Errorf("sign in: %w", err)
	}
	good, err := passwordFits(ctx, k.hash, password)
	if err != nil {
		return Opened{}, fmt.Errorf("sign in: %w", err)
	}
	if !good || k.id == "" || k.disabled {
		s.refused("password", k.id)
		return Opened{}, wrong()
	}
	if k.totp != nil {
		// The password's tries are given back only with the code: who knows the one may not guess the other.
		token, err := s.begin(ctx, step{Kind: "code", Account: k.id, SignIn: name, Device: d, Next: next})
		return Opened{Step: token}, err
	}
	var out Opened
	err = s.db.WithTx(ctx, func(tx *db.Tx) (err error) {
		out, err = s.openSession(ctx, tx, k.id, ByPassword, d)
		return err
	})
	if err != nil {
		return Opened{}, fmt.Errorf("sign in: %w", err)
	}
	done()
	return out, nil
}

// refused notes in the log that somebody was not let in: by which way, and with whose account where there is
// one; never a name or where they came from.
func (s *Service) refused(way, account string) {
	s.o.Log.Info("sign-in refused", "way", way, "account", account)
}

func wrong() error {
	return fault.New(fault.Forbidden, "This name and this password do not belong together.")
}

// keys are what an account can be asked for.
type key struct {
	id, hash string
	totp     []byte
	last     int64
	disabled bool
}

// keyOf returns how a name signs in. Without such an account, or without a password, the hash is nobody's:
// an unknown name then costs as much as a wrong password.
func (s *Service) keyOf(ctx context.Context, q db.Querier, name string) (key, error) {
	k, err := db.One(ctx, q, scanKey, `SELECT `+keyColumns+` FROM account WHERE sign_in_index = $1`, s.index(name))
	if err != nil && !errors.Is(err, db.ErrNone) {
		return key{}, err
	}
	if k.hash == "" {
		k.hash = hashOfNobody
	}
	return k, nil
}

const keyColumns = `id, password, totp, totp_step, disabled`

func scanKey(scan db.Scan) (k key, err error) {
	return k, scan(&k.id, &k.hash, &k.totp, &k.last, &k.disabled)
}

// FinishCode is the second step after a password: a one-time code, or one of the printed ones. It may be
// wrong a few times. fault.Invalid: it is; fault.Gone: the step is over; fault.TooMany as SignIn.
func (s *Service) FinishCode(ctx context.Context, token, code string) (Opened, string, error) {
	x, err := s.try(ctx, "code", token)
	if err != nil {
		return Opened{}, "", first(nil, err, "second step")
	}
	done, err := s.slow("code", x.SignIn, x.Device)
	if err != nil {
		return Opened{}, "", err
	}
	var out Opened
	good := false
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		how, err := s.secondStep(ctx, tx, x.Account, code)
		if good = how != ""; !good || err != nil {
			return err
		}
		if _, err := s.take(ctx, tx, "code", token); err != nil {
			return err
		}
		out, err = s.openSession(ctx, tx, x.Account, how, x.Device)
		return err
	})
	if err != nil {
		return Opened{}, "", first(nil, err, "second step")
	}
	if !good {
		s.refused("code", x.Account)
		return Opened{}, "", wrongCode()
	}
	done()
	s.throttle.succeeded("password "+nameKey(x.SignIn), x.Device.Network, s.recognise(x.SignIn, x.Device.Known))
	return out, x.Next, nil
}

func wrongCode() error {
	return fault.New(fault.Invalid, "Something here needs another look.").With("code", "This code does not fit. A code is good for half a minute, and only once.")
}

// secondStep uses up a one-time code or a printed one, and says which it was; "" for neither.
func (s *Service) secondStep(ctx context.Context, tx *db.Tx, account, code string) (How, error) {
	k, err := db.One(ctx, tx, scanKey, `SELECT `+keyColumns+` FROM account WHERE id = $1 AND NOT disabled`, account)
	if errors.Is(err, db.ErrNone) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if k.totp != nil {
		good, err := s.useOneTime(ctx, tx, k, code)
		if good || err != nil {
			return ByCode, err
		}
	}
	good, err := s.useCode(ctx, tx, account, code)
	if good {
		return ByRecovery, err
	}
	return "", err
}

// useOneTime uses up a one-time code: the same one never opens twice.
func (s *Service) useOneTime(ctx context.Context, tx *db.Tx, k key, code string) (bool, error) {
	secret, err := s.o.Vault.Open(ctx, tx, at(k.id, "totp"), k.totp)
	if errors.Is(err, vault.ErrErased) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	step, err := fits(secret, code, s.now(), k.last)
	if step == 0 || err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `UPDATE account SET totp_step = $2 WHERE id = $1 AND totp_step < $2`, k.id, step)
	return n == 1, err
}

// Recover opens a session with a sign-in name and a printed code. fault.Forbidden: they do not belong
// together, for whatever reason; fault.TooMany as SignIn.
func (s *Service) Recover(ctx context.Context, name, code string, d Device) (Opened, error) {
	wrong := fault.New(fault.Forbidden, "This name and this code do not belong together, or the code was used before.")
	if !typed(name) || len(code) > 100 || !utf8.ValidString(code) {
		return Opened{}, wrong
	}
	done, err := s.slow("recovery", name, d)
	if err != nil {
		return Opened{}, err
	}
	good := false
	var out Opened
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		k, err := s.keyOf(ctx, tx, name)
		if err != nil {
			return err
		}
		account := k.id
		if account == "" || k.disabled {
			account = "nobody" // and the same work
		}
		if good, err = s.useCode(ctx, tx, account, code); !good || err != nil {
			return err
		}
		out, err = s.openSession(ctx, tx, account, ByRecovery, d)
		return err
	})
	if err != nil {
		return Opened{}, fmt.Errorf("recover: %w", err)
	}
	if !good {
		s.refused("recovery", "")
		return Opened{}, wrong
	}
	done()
	return out, nil
}

// ProveByPassword makes the session of an account fresh again: with its password, and a one-time code where
// it has them. fault.Forbidden: they do not fit; fault.TooMany as SignIn.
func (s *Service) ProveByPassword(ctx context.Context, a Account, password, code string, d Device) error {
	wrong := fault.New(fault.Forbidden, "That does not fit. Please try again.")
	done, err := s.slow("password", a.SignIn, d)
	if err != nil {
		return err
	}
	k, err := s.keyOf(ctx, s.db, a.SignIn)
	if err != nil {
		return fmt.Errorf("prove again: %w", err)
	}
	good, err := passwordFits(ctx, k.hash, password)
	if err != nil {
		return fmt.Errorf("prove again: %w", err)
	}
	if !good || k.id != a.ID {
		return wrong
	}
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		how := ByPassword
		if k.totp != nil {
			if how, err = s.secondStep(ctx, tx, a.ID, code); err != nil {
				return err
			}
			if good = how != ""; !good {
				return nil
			}
		}
		if err := s.prove(ctx, tx, a.Session.ID, how); err != nil {
			return err
		}
		return s.record(ctx, tx, a.ID, "account.prove", a.ID, string(how))
	})
	if err != nil {
		return fmt.Errorf("prove again: %w", err)
	}
	if !good {
		return wrong
	}
	done()
	return nil
}

// OneTime is a secret that an authenticator app is to take over.
type OneTime struct {
	Step    string
	Address string // otpauth://…, for the drawing
	Secret  string // in groups of four, for somebody who types
}

// SetPassword gives an account a new password from the machine itself, and ends its sessions.
// fault.NotFound: there is no such account; fault.Invalid: the password will not do.
func (s *Service) SetPassword(ctx context.Context, actor, id, password string) error {
	return s.setPassword(ctx, actor, id, password, "")
}

// ChangePassword is SetPassword by its owner, who stays signed in. fault.Forbidden: the session is not fresh.
func (s *Service) ChangePassword(ctx context.Context, a Account, password string) error {
	if !Fresh(a, s.now()) {
		return stale()
	}
	return s.setPassword(ctx, a.ID, a.ID, password, a.Session.ID)
}

func (s *Service) setPassword(ctx context.Context, actor, id, password, but string) error {
	a, err := s.account(ctx, s.db, id)
	if err != nil {
		return err
	}
	var fields fault.Fields
	checkPassword(&fields, a.SignIn, password)
	if strings.Contains(nameKey(password), nameKey(a.Name)) && len(fields) == 0 {
		checkPassword(&fields, a.Name, password)
	}
	if err := fields.Err(); err != nil {
		return err
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	return s.db.WithTx(ctx, func(tx *db.Tx) error {
		if err := s.endSessions(ctx, tx, id, but); err != nil {
			return err
		}
		return s.change(ctx, tx, actor, "account.password", id, `UPDATE account SET password = $2 WHERE id = $1`, id, hash)
	})
}

// BeginOneTime makes a secret for one-time codes, to be confirmed by a first code. fault.Forbidden: the
// session is not fresh.
func (s *Service) BeginOneTime(ctx context.Context, a Account) (OneTime, error) {
	if !Fresh(a, s.now()) {
		return OneTime{}, stale()
	}
	secret := newSecret()
	token, err := s.begin(ctx, step{Kind: "one-time", Account: a.ID, Session: a.Session.ID, SignIn: a.SignIn, Secret: secret})
	return s.oneTime(token, a.SignIn, secret), err
}

func (s *Service) oneTime(token, signIn, secret string) OneTime {
	return OneTime{Step: token, Address: otpauth(s.o.Community(), signIn, secret), Secret: spaced(secret)}
}

// LookOneTime is what BeginOneTime gave, once more, for a page that comes back.
func (s *Service) LookOneTime(ctx context.Context, a Account, token string) (OneTime, error) {
	x, err := s.look(ctx, "one-time", token)
	if err != nil || x.Session != a.Session.ID {
		return OneTime{}, first(over(), err, "one-time codes")
	}
	return s.oneTime(token, x.SignIn, x.Secret), nil
}

// FinishOneTime takes the first code and turns one-time codes on. fault.Invalid: the code does not fit.
func (s *Service) FinishOneTime(ctx context.Context, a Account, token, code string) error {
	x, err := s.try(ctx, "one-time", token)
	if err != nil {
		return first(nil, err, "one-time codes")
	}
	if x.Session != a.Session.ID {
		return over()
	}
	used, err := fits(x.Secret, code, s.now(), 0)
	if err != nil {
		return fmt.Errorf("one-time codes: %w", err)
	}
	if used == 0 {
		return wrongCode()
	}
	return s.db.WithTx(ctx, func(tx *db.Tx) error {
		if _, err := s.take(ctx, tx, "one-time", token); err != nil {
			return err
		}
		sealed, err := s.o.Vault.Seal(ctx, tx, at(a.ID, "totp"), x.Secret)
		if err != nil {
			return err
		}
		if err := s.prove(ctx, tx, a.Session.ID, ByCode); err != nil {
			return err
		}
		return s.change(ctx, tx, a.ID, "account.one_time_on", a.ID, `UPDATE account SET totp = $2, totp_step = $3 WHERE id = $1`, a.ID, sealed, used)
	})
}

// RemovePassword takes the password and the one-time codes away. fault.Forbidden: the session is not fresh;
// fault.Conflict: nothing would be left to sign in with.
func (s *Service) RemovePassword(ctx context.Context, a Account) error {
	if !Fresh(a, s.now()) {
		return stale()
	}
	return s.db.WithTx(ctx, func(tx *db.Tx) error {
		if err := s.change(ctx, tx, a.ID, "account.remove_password", a.ID, `UPDATE account SET password = '', totp = NULL WHERE id = $1`, a.ID); err != nil {
			return err
		}
		return s.wayIn(ctx, tx, a.ID)
	})
}
