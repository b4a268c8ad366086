package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"hearth/internal/access"
	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/vault"
)

// InvitationLife is how long an invitation can be taken up.
const InvitationLife = 72 * time.Hour

// Invitation is a way in for one person, once. Its token stands in a link or a drawing; here is only its hash.
type Invitation struct {
	ID          string
	Name        string // the chosen name that was proposed; the person may choose another
	Grants      []access.Grant
	Account     string // the account it leads back into; "" makes a new one
	Participant string // whose record the new account belongs to, or ""
	MadeBy      string
	MadeAt      time.Time
	EndsAt      time.Time
	Setup       bool // the link of a first start
}

// grantText is a grant as an invitation keeps it.
type grantText struct {
	Role    string `json:"role"`
	Program string `json:"program,omitempty"`
	Group   string `json:"group,omitempty"`
	From    string `json:"from,omitempty"`
	Until   string `json:"until,omitempty"`
}

// Invite makes an invitation and returns its token, which is not kept. fault.Forbidden: the actor may not
// give one of the roles; fault.Invalid: a grant makes no sense, or there is none.
func (s *Service) Invite(ctx context.Context, by access.Actor, i Invitation) (token string, made Invitation, err error) {
	if i.Account != "" || i.Setup {
		return "", Invitation{}, fault.New(fault.Forbidden, "A way back into an account is made at the machine itself.")
	}
	for _, g := range i.Grants {
		if err := s.mayGive(by, "", g); err != nil {
			return "", Invitation{}, err
		}
	}
	return s.InviteAs(ctx, by.ID, i)
}

// InviteAs is Invite by somebody at the machine itself, who may also lead somebody back into their account.
func (s *Service) InviteAs(ctx context.Context, actor string, i Invitation) (token string, made Invitation, err error) {
	var fields fault.Fields
	if i.Name = tidyName(i.Name); i.Name != "" {
		checkName(&fields, i.Name)
	}
	checkGrants(&fields, i.Grants)
	if len(i.Grants) == 0 && i.Account == "" {
		fields.Add("role", "Please choose a role.")
	}
	if err := fields.Err(); err != nil {
		return "", Invitation{}, err
	}
	now := s.now()
	token = newToken()
	i.ID, i.MadeBy, i.MadeAt, i.EndsAt = db.NewID(), actor, now, now.Add(InvitationLife)
	grants := []grantText{}
	for _, g := range i.Grants {
		grants = append(grants, grantText{string(g.Role), g.Program, g.Group, day(g.From), day(g.Until)})
	}
	text, err := json.Marshal(grants)
	if err != nil {
		return "", Invitation{}, fmt.Errorf("invite: %w", err)
	}
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		// What nobody took up in time says no name any more.
		if _, err := tx.Exec(ctx, `UPDATE account_invitation SET name = NULL WHERE ends_at < $1`, db.Millis(now)); err != nil {
			return err
		}
		name, err := s.o.Vault.Seal(ctx, tx, invitedPlace(i.ID), i.Name)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO account_invitation (id, token_hash, account_id, participant, name, grants, setup, made_by, made_at, ends_at, used_at, used_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, '')`, i.ID, tokenHash(token), orNull(i.Account), i.Participant, name, string(text), i.Setup,
			actor, db.Millis(now), db.Millis(i.EndsAt)); err != nil {
			return err
		}
		subject := i.Account
		if subject == "" {
			subject = i.ID
		}
		return s.record(ctx, tx, actor, "account.invite", subject, describe(i.Grants))
	})
	if err != nil {
		return "", Invitation{}, fmt.Errorf("invite: %w", err)
	}
	return token, i, nil
}

func invitedPlace(id string) vault.Place {
	return vault.Place{Table: "account_invitation", Column: "name", Row: id}
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// spent is what an invitation says that was used, is too old, was taken back, or never was.
func spent() error {
	return fault.New(fault.Gone, "This invitation does not open anything any more. It works once, and for three days. Please ask for a new one.")
}

const invitationColumns = `i.id, i.name, i.grants, i.account_id, i.participant, i.setup, i.made_by, i.made_at, i.ends_at`

func (s *Service) invitations(ctx context.Context, q db.Querier, where string, args ...any) ([]Invitation, error) {
	type row struct {
		Invitation
		sealed []byte
	}
	rows, err := db.All(ctx, q, func(scan db.Scan) (r row, err error) {
		var grants string
		var account *string
		var madeAt, endsAt int64
		if err := scan(&r.ID, &r.sealed, &grants, &account, &r.Participant, &r.Setup, &r.MadeBy, &madeAt, &endsAt); err != nil {
			return r, err
		}
		if account != nil {
			r.Account = *account
		}
		r.MadeAt, r.EndsAt = db.Time(madeAt), db.Time(endsAt)
		r.Grants, err = readGrants(grants)
		return r, err
	}, `SELECT `+invitationColumns+` FROM account_invitation i `+where, args...)
	if err != nil {
		return nil, err
	}
	out := make([]Invitation, len(rows))
	for n, r := range rows {
		if r.Name, err = s.o.Vault.Open(ctx, q, invitedPlace(r.ID), r.sealed); err != nil {
			return nil, err
		}
		out[n] = r.Invitation
	}
	return out, nil
}

func readGrants(text string) ([]access.Grant, error) {
	var all []grantText
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, err
	}
	var out []access.Grant
	for _, g := range all {
		from, err1 := undo(g.From)
		until, err2 := undo(g.Until)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		out = append(out, access.Grant{Role: access.Role(g.Role), Program: g.Program, Group: g.Group, From: from, Until: until})
	}
	return out, nil
}

// Invited returns the invitation of a token and uses nothing up: a preview of a link opens it too.
// fault.Gone: it opens nothing any more.
func (s *Service) Invited(ctx context.Context, token string) (Invitation, error) {
	return s.invited(ctx, s.db, tokenHash(token))
}

func (s *Service) invited(ctx context.Context, q db.Querier, hash string) (Invitation, error) {
	all, err := s.invitations(ctx, q, `WHERE i.token_hash = $1 AND i.used_at = 0 AND i.ends_at >= $2`, hash, db.Millis(s.now()))
	if err != nil {
		return Invitation{}, fmt.Errorf("invited: %w", err)
	}
	if len(all) == 0 {
		return Invitation{}, spent()
	}
	return all[0], nil
}

// Invitations lists those that wait to be taken up, the latest first.
func (s *Service) Invitations(ctx context.Context) ([]Invitation, error) {
	all, err := s.invitations(ctx, s.db, `WHERE i.used_at = 0 AND i.ends_at >= $1 ORDER BY i.made_at DESC, i.id`, db.Millis(s.now()))
	if err != nil {
		return nil, fmt.Errorf("invitations: %w", err)
	}
	return all, nil
}

// CancelInvitation takes an invitation back. fault.NotFound: it does not wait any more; fault.Forbidden: the
// actor could not have made it.
func (s *Service) CancelInvitation(ctx context.Context, by access.Actor, id string) error {
	return s.db.WithTx(ctx, func(tx *db.Tx) error {
		all, err := s.invitations(ctx, tx, `WHERE i.id = $1 AND i.used_at = 0`, id)
		if err != nil {
			return fmt.Errorf("cancel an invitation: %w", err)
		}
		if len(all) == 0 {
			return fault.New(fault.NotFound, "This invitation does not wait any more.")
		}
		for _, g := range all[0].Grants {
			if err := s.mayGive(by, "", g); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `DELETE FROM account_invitation WHERE id = $1`, id); err != nil {
			return fmt.Errorf("cancel an invitation: %w", err)
		}
		return s.record(ctx, tx, by.ID, "account.uninvite", id, "")
	})
}

// SetupToken returns the token of the one-time link of a first start, and "" when there is an account
// already. Each call makes a new one; the one before opens nothing any more.
func (s *Service) SetupToken(ctx context.Context) (string, error) {
	if there, err := s.anybody(ctx, s.db); there || err != nil {
		return "", first(nil, err, "set-up link")
	}
	if _, err := s.db.Exec(ctx, `DELETE FROM account_invitation WHERE setup`); err != nil {
		return "", fmt.Errorf("set-up link: %w", err)
	}
	token, _, err := s.InviteAs(ctx, "system", Invitation{Setup: true, Grants: []access.Grant{{Role: access.Administrator}}})
	return token, err
}

// anybody tells whether there is an account.
func (s *Service) anybody(ctx context.Context, q db.Querier) (bool, error) {
	there, err := db.All(ctx, q, db.Column[string], `SELECT id FROM account ORDER BY id LIMIT 1`)
	return len(there) > 0, err
}

// SetupOpen tells whether a token is that of the first start, and still good. fault.Gone: it is not.
func (s *Service) SetupOpen(ctx context.Context, token string) error {
	i, err := s.Invited(ctx, token)
	if err != nil {
		return err
	}
	there, err := s.anybody(ctx, s.db)
	if err == nil && (there || !i.Setup) {
		return spent()
	}
	return first(nil, err, "set-up link")
}

// ClaimSetup makes the first administrator and signs them in, before they have a passkey: the set-up asks
// for one at once. Where it can wait for the passkey, BeginJoin with the same token is better. fault.Gone:
// the link was used; fault.Invalid: the name will not do.
func (s *Service) ClaimSetup(ctx context.Context, token string, j Joining) (Opened, error) {
	if err := s.SetupOpen(ctx, token); err != nil {
		return Opened{}, err
	}
	return s.Claim(ctx, token, j)
}

// Claim takes up an invitation without any way to sign in again: the caller sees to that. Errors as BeginJoin.
func (s *Service) Claim(ctx context.Context, token string, j Joining) (Opened, error) {
	x, err := s.joining(ctx, token, j, "")
	if err != nil {
		return Opened{}, err
	}
	var out Opened
	err = s.db.WithTx(ctx, func(tx *db.Tx) (err error) {
		if err := s.join(ctx, tx, x); err != nil {
			return err
		}
		out, err = s.openSession(ctx, tx, x.Account, ByLink, j.Device)
		return err
	})
	return out, first(nil, err, "take up an invitation")
}
