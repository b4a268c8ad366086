package account

import (
	"context"
	"errors"
	"fmt"

	"hearth/internal/access"
	"hearth/internal/db"
	"hearth/internal/fault"
)

// Joining is what somebody who takes up an invitation says of themself.
type Joining struct {
	Name     string // the chosen name
	Label    string // of the passkey, such as "Firefox, Android"
	Language string
	Device   Device
}

// joining checks an invitation and a name, and prepares the account that is to be.
func (s *Service) joining(ctx context.Context, token string, j Joining, password string) (step, error) {
	i, err := s.Invited(ctx, token)
	if err != nil {
		return step{}, err
	}
	x := step{Kind: "join", Invited: tokenHash(token), Device: j.Device, Label: tidyLabel(j.Label), Language: j.Language}
	if i.Account != "" {
		a, err := s.account(ctx, s.db, i.Account)
		if err != nil || a.Disabled {
			return step{}, spent()
		}
		x.Account, x.Name, x.SignIn = a.ID, a.Name, a.SignIn
	} else {
		x.Account, x.Name = db.NewID(), tidyName(j.Name)
	}
	var fields fault.Fields
	checkName(&fields, x.Name)
	if password != "" || j.Label == byPassword {
		checkPassword(&fields, x.Name, password)
	}
	if err := fields.Err(); err != nil {
		return step{}, err
	}
	if x.SignIn == "" {
		if x.SignIn, err = s.makeSignIn(ctx, s.db, x.Name); err != nil {
			return step{}, err
		}
	}
	if password != "" {
		if x.Password, err = hashPassword(ctx, password); err != nil {
			return step{}, fmt.Errorf("join: %w", err)
		}
	}
	return x, nil
}

// byPassword marks a joining that must have a password.
const byPassword = "\x00password"

// BeginJoin takes up an invitation with a passkey: it asks the device to make one. Nothing is used up before
// the answer. fault.Gone: the invitation opens nothing any more; fault.Invalid: the name will not do.
func (s *Service) BeginJoin(ctx context.Context, token string, j Joining) (Challenge, error) {
	if err := s.party.ready(); err != nil {
		return Challenge{}, err
	}
	x, err := s.joining(ctx, token, j, "")
	if err != nil {
		return Challenge{}, err
	}
	return s.make(ctx, x, x.Name, x.SignIn)
}

// FinishJoin takes the new passkey, makes the account and opens a session. fault.Gone: the invitation was
// used meanwhile, or the challenge is over; fault.Forbidden: the answer does not fit.
func (s *Service) FinishJoin(ctx context.Context, token string, answer []byte) (Opened, error) {
	var out Opened
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		x, err := s.take(ctx, tx, "join", token)
		if err != nil {
			return err
		}
		if err := s.join(ctx, tx, x); err != nil {
			return err
		}
		if err := s.keepPasskey(ctx, tx, x, answer); err != nil {
			return err
		}
		out, err = s.openSession(ctx, tx, x.Account, ByPasskey, x.Device)
		return err
	})
	return out, first(nil, err, "join")
}

// BeginJoinByPassword takes up an invitation with a password, for somebody who cannot have a passkey: it
// returns the secret for their authenticator app. Errors as BeginJoin; the password may not do either.
func (s *Service) BeginJoinByPassword(ctx context.Context, token string, j Joining, password string) (OneTime, error) {
	j.Label = byPassword
	x, err := s.joining(ctx, token, j, password)
	if err != nil {
		return OneTime{}, err
	}
	x.Kind, x.Label, x.Secret = "join by password", "", newSecret()
	step, err := s.begin(ctx, x)
	return s.oneTime(step, x.SignIn, x.Secret), err
}

// LookJoin is what BeginJoinByPassword gave, once more, for a page that comes back.
func (s *Service) LookJoin(ctx context.Context, token string) (OneTime, error) {
	x, err := s.look(ctx, "join by password", token)
	if err != nil {
		return OneTime{}, first(nil, err, "join")
	}
	return s.oneTime(token, x.SignIn, x.Secret), nil
}

// FinishJoinByPassword takes the first one-time code, makes the account and opens a session. fault.Invalid:
// the code does not fit; fault.Gone as FinishJoin.
func (s *Service) FinishJoinByPassword(ctx context.Context, token, code string) (Opened, error) {
	x, err := s.try(ctx, "join by password", token)
	if err != nil {
		return Opened{}, first(nil, err, "join")
	}
	used, err := fits(x.Secret, code, s.now(), 0)
	if err != nil {
		return Opened{}, fmt.Errorf("join: %w", err)
	}
	if used == 0 {
		return Opened{}, wrongCode()
	}
	var out Opened
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		if _, err := s.take(ctx, tx, "join by password", token); err != nil {
			return err
		}
		if err := s.join(ctx, tx, x); err != nil {
			return err
		}
		secret, err := s.o.Vault.Seal(ctx, tx, at(x.Account, "totp"), x.Secret)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE account SET password = $2, totp = $3, totp_step = $4 WHERE id = $1`, x.Account, x.Password, secret, used); err != nil {
			return err
		}
		out, err = s.openSession(ctx, tx, x.Account, ByCode, x.Device)
		return err
	})
	return out, first(nil, err, "join")
}

// join uses the invitation up and makes the account, unless it leads back into one.
func (s *Service) join(ctx context.Context, tx *db.Tx, x step) error {
	type used struct {
		id, participant, grants, by string
		account                     *string
		setup                       bool
	}
	u, err := db.One(ctx, tx, func(scan db.Scan) (u used, err error) {
		return u, scan(&u.id, &u.account, &u.participant, &u.grants, &u.by, &u.setup)
	}, `UPDATE account_invitation SET used_at = $2, used_by = $3, name = NULL WHERE token_hash = $1 AND used_at = 0 AND ends_at >= $2
		RETURNING id, account_id, participant, grants, made_by, setup`, x.Invited, db.Millis(s.now()), x.Account)
	if errors.Is(err, db.ErrNone) {
		return spent()
	}
	if err != nil {
		return err
	}
	if u.setup {
		switch there, err := s.anybody(ctx, tx); {
		case err != nil:
			return err
		case there: // made at the machine itself meanwhile
			return spent()
		}
	}
	if u.account != nil {
		if *u.account != x.Account {
			return spent()
		}
		return s.change(ctx, tx, x.Account, "account.back_in", x.Account, `UPDATE account SET disabled = FALSE WHERE id = $1 AND NOT disabled`, x.Account)
	}
	var grants []access.Grant
	if grants, err = readGrants(u.grants); err != nil {
		return err
	}
	if _, err := s.insert(ctx, tx, x.Account, person{id: x.Account, name: x.Name, signIn: x.SignIn, language: x.Language, grants: grants, by: u.by}); err != nil {
		return err
	}
	if u.participant != "" && s.o.Joined != nil {
		return s.o.Joined(ctx, tx, u.participant, x.Account)
	}
	return nil
}
