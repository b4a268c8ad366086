package account

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"hearth/internal/access"
	"hearth/internal/civil"
	"hearth/internal/db"
	"hearth/internal/fault"
)

func checkGrants(fields *fault.Fields, grants []access.Grant) {
	for _, g := range grants {
		if !g.Role.Valid() {
			fields.Add("role", "Please choose a role.")
		}
		if len(g.Program) > 100 || len(g.Group) > 100 {
			fields.Add("program", "Please choose one of the programs.")
		}
		if !g.From.IsZero() && !g.Until.IsZero() && g.Until.String() < g.From.String() {
			fields.Add("until", "The last day comes before the first.")
		}
	}
}

// inForce are the grants whose days hold today.
func inForce(all []Given, today civil.Date) []access.Grant {
	grants := make([]access.Grant, len(all))
	for i, g := range all {
		grants[i] = g.Grant
	}
	return access.InForce(grants, today)
}

// Today is the day by which grants are in force: the community's.
func (s *Service) Today() civil.Date { return s.today() }

// Grant gives an account a role. fault.Invalid: the grant makes no sense; fault.Forbidden: the actor may not
// give it; fault.NotFound: there is no such account.
func (s *Service) Grant(ctx context.Context, by access.Actor, id string, g access.Grant) error {
	if err := s.mayGive(by, id, g); err != nil {
		return err
	}
	return s.grant(ctx, by.ID, id, g)
}

// GrantAs is Grant by somebody at the machine itself, such as CommandLine.
func (s *Service) GrantAs(ctx context.Context, actor, id string, g access.Grant) error {
	return s.grant(ctx, actor, id, g)
}

func (s *Service) grant(ctx context.Context, actor, id string, g access.Grant) error {
	var fields fault.Fields
	checkGrants(&fields, []access.Grant{g})
	if err := fields.Err(); err != nil {
		return err
	}
	return s.db.WithTx(ctx, func(tx *db.Tx) error {
		if _, err := s.account(ctx, tx, id); err != nil {
			return err
		}
		if _, err := s.addGrant(ctx, tx, actor, id, g); err != nil {
			return fmt.Errorf("grant: %w", err)
		}
		return s.record(ctx, tx, actor, "account.grant", id, describe([]access.Grant{g}))
	})
}

// EndGrant ends a grant with yesterday: it stays in the list, and no longer holds. One that never held is
// taken away. fault.NotFound: the account has no such grant; fault.Conflict: nobody could give roles any more.
func (s *Service) EndGrant(ctx context.Context, by access.Actor, id, grant string) error {
	all, err := s.account(ctx, s.db, id)
	if err != nil {
		return err
	}
	for _, g := range all.Grants {
		if g.ID == grant {
			if err := s.mayGive(by, id, g.Grant); err != nil {
				return err
			}
			return s.EndGrantAs(ctx, by.ID, id, grant)
		}
	}
	return fault.New(fault.NotFound, "There is no such role.")
}

// EndGrantAs is EndGrant by somebody at the machine itself.
func (s *Service) EndGrantAs(ctx context.Context, actor, id, grant string) error {
	return s.db.WithTx(ctx, func(tx *db.Tx) error {
		all, err := s.grantsOf(ctx, tx, []string{id})
		if err != nil {
			return fmt.Errorf("end grant: %w", err)
		}
		at := slices.IndexFunc(all[id], func(g Given) bool { return g.ID == grant })
		if at < 0 {
			return fault.New(fault.NotFound, "There is no such role.")
		}
		g, yesterday := all[id][at], s.today().AddDays(-1)
		if g.Role == access.Administrator && g.InForce(s.today()) {
			if err := s.anotherAdministrator(ctx, tx, grant); err != nil {
				return err
			}
		}
		if g.From.String() > yesterday.String() && !g.From.IsZero() {
			_, err = tx.Exec(ctx, `DELETE FROM account_grant WHERE id = $1`, grant)
		} else {
			_, err = tx.Exec(ctx, `UPDATE account_grant SET until_day = $2 WHERE id = $1`, grant, yesterday.String())
		}
		if err != nil {
			return fmt.Errorf("end grant: %w", err)
		}
		return s.record(ctx, tx, actor, "account.ungrant", id, describe([]access.Grant{g.Grant}))
	})
}

// anotherAdministrator refuses to leave the house without anybody who can give roles.
func (s *Service) anotherAdministrator(ctx context.Context, tx *db.Tx, besides string) error {
	today := s.today().String()
	others, err := db.All(ctx, tx, db.Column[string], `SELECT g.id FROM account_grant g JOIN account a ON a.id = g.account_id
		WHERE g.role = $1 AND g.id <> $2 AND NOT a.disabled AND g.from_day <= $3 AND (g.until_day = '' OR g.until_day >= $3)`,
		string(access.Administrator), besides, today)
	if err != nil {
		return fmt.Errorf("end grant: %w", err)
	}
	if len(others) == 0 {
		return fault.New(fault.Conflict, "This is the only administrator. Give somebody else the role first.")
	}
	return nil
}

// mayGive asks the policies whether an actor may give this role, or end it. to is whose it is, or "" while nobody
// has taken it up.
func (s *Service) mayGive(by access.Actor, to string, g access.Grant) error {
	if by.ID == to {
		return fault.New(fault.Forbidden, "Nobody gives a role to themself. Somebody else has to.")
	}
	if s.o.Policies.May(by, access.RoleGive, access.Thing{Kind: access.Post, Owner: to, Program: g.Program, Group: g.Group, Role: g.Role}) != nil {
		return fault.New(fault.Forbidden, "You cannot give this role.")
	}
	return nil
}

func (s *Service) addGrant(ctx context.Context, tx *db.Tx, by, id string, g access.Grant) (string, error) {
	grant := db.NewID()
	_, err := tx.Exec(ctx, `INSERT INTO account_grant (id, account_id, role, program, group_id, from_day, until_day, given_by, given_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		grant, id, string(g.Role), g.Program, g.Group, day(g.From), day(g.Until), by, db.Millis(s.now()))
	return grant, err
}

// grantsOf returns the grants of accounts, the oldest first.
func (s *Service) grantsOf(ctx context.Context, q db.Querier, ids []string) (map[string][]Given, error) {
	out := map[string][]Given{}
	for chunk := range slices.Chunk(ids, 500) {
		args := make([]any, len(chunk))
		for i, id := range chunk {
			args[i] = id
		}
		err := db.Each(ctx, q, func(scan db.Scan) error {
			var g Given
			var id, role, from, until string
			var at int64
			if err := scan(&g.ID, &id, &role, &g.Program, &g.Group, &from, &until, &g.By, &at); err != nil {
				return err
			}
			g.Role, g.At = access.Role(role), db.Time(at)
			var err error
			if g.From, err = undo(from); err != nil {
				return err
			}
			if g.Until, err = undo(until); err != nil {
				return err
			}
			out[id] = append(out[id], g)
			return nil
		}, `SELECT id, account_id, role, program, group_id, from_day, until_day, given_by, given_at
			FROM account_grant WHERE account_id IN (`+db.List(1, len(args))+`) ORDER BY given_at, id`, args...)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// day is a civil date as it is stored; undo is the way back. The zero date is ”.
func day(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func undo(s string) (civil.Date, error) {
	if s == "" {
		return civil.Date{}, nil
	}
	return civil.ParseDate(s)
}

// describe lists grants for the audit record.
func describe(grants []access.Grant) string {
	var out []string
	for _, g := range grants {
		out = append(out, strings.Join(slices.DeleteFunc([]string{string(g.Role), g.Program, g.Group, day(g.From), day(g.Until)}, func(s string) bool { return s == "" }), " "))
	}
	return strings.Join(out, ", ")
}
