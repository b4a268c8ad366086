package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"hearth/internal/access"
	"hearth/internal/audit"
	"hearth/internal/consent"
	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/vault"
)

// Look is one time that somebody did something with a participant's record, for the participant to read.
type Look struct {
	At     time.Time
	By     string // account; "" for the program itself
	Action string // as in the audit record, such as record.read
	Basis  string // why it was allowed
}

// Looks lists who looked at a participant's record and who did something with it, the newest first, before an
// instant, zero for now. The participant's own looks are in it too.
func (s *Service) Looks(ctx context.Context, actor access.Actor, id string, limit int) ([]Look, error) {
	var all []Look
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		if _, _, err := s.may(ctx, tx, actor, access.RecordDownload, id, ""); err != nil {
			return err
		}
		entries, err := audit.About(ctx, tx, id, 0, limit)
		if err != nil {
			return err
		}
		all = make([]Look, len(entries))
		for i, e := range entries {
			all[i] = Look{At: e.At, By: e.Actor, Action: e.Action, Basis: e.Basis}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list who looked: %w", err)
	}
	return all, nil
}

// OwnCopy builds the participant's own copy, as JSON, for the gate: all that is known, and who looked.
func (s *Service) OwnCopy(id string) consent.Build {
	return func(ctx context.Context, tx *db.Tx, _ *consent.Cover, w io.Writer) error {
		p, err := s.participant(ctx, tx, id, "")
		if err != nil {
			return err
		}
		r, err := s.whole(ctx, tx, p)
		if err != nil {
			return err
		}
		looks, err := audit.About(ctx, tx, id, 0, 10_000)
		if err != nil {
			return err
		}
		type look struct {
			At     time.Time `json:"at"`
			By     string    `json:"by"`
			Action string    `json:"action"`
			Why    string    `json:"why,omitempty"`
		}
		out := struct {
			Made   time.Time `json:"made"`
			Record Record    `json:"record"`
			Looks  []look    `json:"looks"`
		}{Made: s.o.Now(), Record: r}
		for _, e := range looks {
			out.Looks = append(out.Looks, look{At: e.At, By: e.Actor, Action: e.Action, Why: e.Basis})
		}
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(out)
	}
}

// Leave ends somebody's time here: nobody walks with them any more and nothing is sent. What is known stays
// until it may be erased.
func (s *Service) Leave(ctx context.Context, actor access.Actor, id string) error {
	return s.end(ctx, actor, access.RecordLeave, id, Left)
}

// Erase forgets a participant: their key is destroyed, so that what was sealed can never be read again, in
// copies and backups too. What the law makes the program keep, the accounting of disclosures and the audit
// record, names them by id only and stays.
func (s *Service) Erase(ctx context.Context, actor access.Actor, id string) error {
	return s.end(ctx, actor, access.RecordErase, id, Erased)
}

func (s *Service) end(ctx context.Context, actor access.Actor, act access.Act, id string, state State) error {
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		p, t, err := s.may(ctx, tx, actor, act, id, tx.ForUpdate())
		if err != nil {
			return err
		}
		if p.State == state || p.State == Erased {
			return nil
		}
		if state == Erased && p.State != Left {
			return fault.New(fault.Conflict, "The person has to leave first.")
		}
		if state == Erased && s.o.MayErase != nil {
			if err := s.o.MayErase(ctx, tx, id); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `UPDATE participant SET state = $2, revision = revision + 1 WHERE id = $1`, id, string(state)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE pairing SET until_day = $2 WHERE participant = $1 AND (until_day = '' OR until_day > $2)`, id, s.o.Today().AddDays(-1).String()); err != nil {
			return err
		}
		if state == Erased {
			if err := forget(ctx, tx, id); err != nil {
				return err
			}
			if err := s.o.Vault.Erase(ctx, tx, id); err != nil {
				return err
			}
			if p.Account != "" {
				if err := s.o.Erased(ctx, tx, actor, p.Account); err != nil {
					return err
				}
			}
		}
		return s.record(ctx, tx, actor, "record."+string(state), id, basis(actor, t), "")
	})
	if err != nil {
		return fmt.Errorf("end a record: %w", err)
	}
	return nil
}

// forget removes what is known of a participant but the bare row.
func forget(ctx context.Context, tx *db.Tx, id string) error {
	for _, what := range []string{
		`DELETE FROM contact_point WHERE participant = $1`,
		`DELETE FROM case_note WHERE participant = $1`,
		`UPDATE emergency_access SET reason = NULL WHERE participant = $1`,
		`UPDATE participant SET called = NULL, legal_name = NULL, birth_month = NULL, name_index = '', called_index = '', account = '' WHERE id = $1`,
	} {
		if _, err := tx.Exec(ctx, what, id); err != nil {
			return err
		}
	}
	return nil
}

// EraseAgain forgets the participants among some people whose keys are destroyed already, as after a state was
// put back from before that. It returns how many there were.
func (s *Service) EraseAgain(ctx context.Context, tx *db.Tx, actor string, people []string) (int, error) {
	n := 0
	for _, id := range people {
		changed, err := tx.Exec(ctx, `UPDATE participant SET state = $2, revision = revision + 1 WHERE id = $1 AND state <> $2`, id, string(Erased))
		if err != nil {
			return n, fmt.Errorf("erase again: %w", err)
		}
		if changed == 0 {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE pairing SET until_day = $2 WHERE participant = $1 AND (until_day = '' OR until_day > $2)`, id, s.o.Today().AddDays(-1).String()); err != nil {
			return n, fmt.Errorf("erase again: %w", err)
		}
		if err := forget(ctx, tx, id); err != nil {
			return n, fmt.Errorf("erase again: %w", err)
		}
		if err := s.record(ctx, tx, access.Actor{ID: actor}, "record."+string(Erased), id, "", "again"); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func namePlace(id string) vault.Place {
	return vault.Place{Person: id, Table: "participant", Column: "called", Row: id}
}
