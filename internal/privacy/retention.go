package privacy

import (
	"context"
	"fmt"
	"time"

	"hearth/internal/access"
	"hearth/internal/db"
	"hearth/internal/fault"
)

// Kept is how long one kind of thing is kept, and why.
type Kept struct {
	What  string // records, permissions, disclosures, requests, complaints, incidents, audit
	Years int64  // after the person left, or after it was closed
	Why   string // in the keeper's words; "" as Hearth proposes
	Rule  string // what Hearth's proposal rests on, a citation; "" when state law decides
	SetBy string
	SetAt time.Time // zero: as Hearth proposes
}

// proposed is the schedule as Hearth proposes it. Documentation is kept six years under 45 CFR 164.316(b)(2) and
// 164.530(j), which is longer than the three years of 42 CFR 2.25; how long records are kept is for state law.
var proposed = []Kept{
	{What: "records", Years: 7},
	{What: "permissions", Years: 6, Rule: "45 CFR 164.530(j)"},
	{What: "disclosures", Years: 6, Rule: "42 CFR 2.25; 45 CFR 164.528(a)"},
	{What: "requests", Years: 6, Rule: "45 CFR 164.530(j)"},
	{What: "complaints", Years: 6, Rule: "45 CFR 164.530(d), (j)"},
	{What: "incidents", Years: 6, Rule: "45 CFR 164.530(j)"},
	{What: "audit", Years: 6, Rule: "45 CFR 164.316(b)(2)"},
}

// Schedule says how long what is kept, for everybody who signed in.
func (s *Service) Schedule(ctx context.Context) ([]Kept, error) {
	set := map[string]Kept{}
	err := db.Each(ctx, s.db, func(scan db.Scan) error {
		var k Kept
		var at int64
		if err := scan(&k.What, &k.Years, &k.Why, &k.SetBy, &at); err != nil {
			return err
		}
		k.SetAt = db.Time(at)
		set[k.What] = k
		return nil
	}, `SELECT what, years, why, set_by, set_at FROM privacy_retention`)
	if err != nil {
		return nil, fmt.Errorf("read the schedule: %w", err)
	}
	all := make([]Kept, len(proposed))
	for i, k := range proposed {
		if x, ok := set[k.What]; ok {
			x.Rule, k = k.Rule, x
		}
		all[i] = k
	}
	return all, nil
}

// SetKept decides how long something is kept. It cannot be shorter than a rule that Hearth knows.
func (s *Service) SetKept(ctx context.Context, actor access.Actor, what string, years int64, why string) error {
	if err := s.o.Policies.May(actor, access.RetentionSet, access.TheHouse); err != nil {
		return err
	}
	why, err := words("why", why)
	if err != nil {
		return err
	}
	var known *Kept
	for i := range proposed {
		if proposed[i].What == what {
			known = &proposed[i]
		}
	}
	switch {
	case known == nil:
		return access.NotThere()
	case years < 1 || years > 100:
		return wrong().With("years", "Please write between 1 and 100 years.")
	case known.Rule != "" && years < known.Years:
		return wrong().With("years", "The law asks for at least %d years.", known.Years)
	}
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO privacy_retention (what, years, why, set_by, set_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (what) DO UPDATE SET years = excluded.years, why = excluded.why, set_by = excluded.set_by, set_at = excluded.set_at`,
			what, years, why, actor.ID, db.Millis(s.o.Now())); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "retention.set", "retention:"+what, "", fmt.Sprintf("%d years", years))
	})
	if err != nil {
		return fmt.Errorf("set how long: %w", err)
	}
	return nil
}

// Hold is a reason why somebody's record must not be erased.
type Hold struct {
	ID          string
	Participant string
	Why         string
	PlacedBy    string
	PlacedAt    time.Time
}

// Holds lists the holds in force, the oldest first. An actor who may not hold anything sees none.
func (s *Service) Holds(ctx context.Context, actor access.Actor) ([]Hold, error) {
	if s.o.Policies.May(actor, access.RetentionSet, access.TheHouse) != nil {
		return nil, nil
	}
	var out []Hold
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		type row struct {
			Hold
			why []byte
		}
		rows, err := db.All(ctx, tx, func(scan db.Scan) (r row, err error) {
			var at int64
			err = scan(&r.ID, &r.Participant, &r.why, &r.PlacedBy, &at)
			r.PlacedAt = db.Time(at)
			return r, err
		}, `SELECT id, participant, why, placed_by, placed_at FROM privacy_hold WHERE ended_at = 0 ORDER BY placed_at, id LIMIT 500`)
		if err != nil {
			return err
		}
		out = make([]Hold, len(rows))
		for i, r := range rows {
			if r.Why, err = s.open(ctx, tx, "", "privacy_hold", "why", r.ID, r.why); err != nil {
				return err
			}
			out[i] = r.Hold
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list holds: %w", err)
	}
	return out, nil
}

// PlaceHold keeps a record from being erased until the hold is ended.
func (s *Service) PlaceHold(ctx context.Context, actor access.Actor, participant, why string) error {
	if err := s.o.Policies.May(actor, access.RetentionSet, access.TheHouse); err != nil {
		return err
	}
	why, err := words("why", why)
	if err != nil {
		return err
	}
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		_, erased, err := s.o.Record(ctx, tx, participant)
		if err != nil {
			return err
		}
		if erased {
			return access.NotThere()
		}
		id := db.NewID()
		sealed, err := s.seal(ctx, tx, "", "privacy_hold", "why", id, why)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO privacy_hold (id, participant, why, placed_by, placed_at, ended_by, ended_at) VALUES ($1, $2, $3, $4, $5, '', 0)`,
			id, participant, sealed, actor.ID, db.Millis(s.o.Now())); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "hold.place", "hold:"+id, participant, "")
	})
	if err != nil {
		return fmt.Errorf("place a hold: %w", err)
	}
	return nil
}

// EndHold lets go.
func (s *Service) EndHold(ctx context.Context, actor access.Actor, id string) error {
	if err := s.o.Policies.May(actor, access.RetentionSet, access.TheHouse); err != nil {
		return err
	}
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		person, err := db.All(ctx, tx, db.Column[string], `SELECT participant FROM privacy_hold WHERE id = $1 AND ended_at = 0`+tx.ForUpdate(), id)
		if err != nil {
			return err
		}
		if len(person) == 0 {
			return access.NotThere()
		}
		if _, err := tx.Exec(ctx, `UPDATE privacy_hold SET ended_by = $2, ended_at = $3 WHERE id = $1`, id, actor.ID, db.Millis(s.o.Now())); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "hold.end", "hold:"+id, person[0], "")
	})
	if err != nil {
		return fmt.Errorf("end a hold: %w", err)
	}
	return nil
}

// MayErase is asked in the transaction that erases somebody: an error says why that must not be.
func (s *Service) MayErase(ctx context.Context, tx *db.Tx, participant string) error {
	n, err := db.One(ctx, tx, db.Column[int64], `SELECT count(*) FROM privacy_hold WHERE participant = $1 AND ended_at = 0`, participant)
	if err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Conflict, "This record is held: it must not be erased until the hold ends.")
	}
	if n, err = db.One(ctx, tx, db.Column[int64], `SELECT count(*) FROM privacy_request WHERE participant = $1 AND answered_at = 0`, participant); err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Conflict, "The person asked for something that has not been answered. Answer it first.")
	}
	return nil
}
