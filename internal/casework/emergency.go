package casework

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"hearth/internal/access"
	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/vault"
)

// EmergencyHours is for how long a record that was opened in an emergency stays open.
const EmergencyHours = 4

// wrongDays is for how long somebody whose emergency was judged to be none opens that record no more.
const wrongDays = 90

// Emergency is one time that somebody opened a record without a relationship.
type Emergency struct {
	ID          string
	Participant string
	Account     string
	Reason      string
	At, Until   time.Time
	JudgedBy    string
	JudgedAt    time.Time
	Judgement   string // "", right or wrong
}

// OpenInEmergency lets somebody who works in the program read a record for a few hours. They find the person
// by what they are called and the month of birth, exactly, and say why; the person and the supervisor see it
// from then on. It does not say whether there is no such person or more than one.
func (s *Service) OpenInEmergency(ctx context.Context, actor access.Actor, called, birthMonth, reason string) (Emergency, error) {
	reason = tidy(reason)
	if n := utf8.RuneCountInString(reason); n < 10 || n > 500 {
		return Emergency{}, fault.New(fault.Invalid, "Something here needs another look.").With("reason", "Please say in a sentence why it cannot wait. The person and the supervisor will read it.")
	}
	look := Participant{Called: tidy(called), BirthMonth: birthMonth}
	now := s.o.Now()
	e := Emergency{ID: db.NewID(), Account: actor.ID, Reason: reason, At: now, Until: now.Add(EmergencyHours * time.Hour)}
	found := false
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		found = false
		ids, err := db.All(ctx, tx, db.Column[string], `SELECT id FROM participant WHERE name_index = $1 AND state = 'open'
			AND NOT EXISTS (SELECT 1 FROM emergency_access e WHERE e.participant = participant.id AND e.account = $2 AND e.judgement = 'wrong' AND e.at > $3)
			ORDER BY id`, s.nameIndex(look), actor.ID, db.Millis(now.AddDate(0, 0, -wrongDays)))
		if err != nil {
			return err
		}
		var may []string
		for _, id := range ids {
			if _, _, err := s.may(ctx, tx, actor, access.EmergencyOpen, id, ""); err == nil {
				may = append(may, id)
			} else if !fault.Is(err, fault.NotFound) {
				return err
			}
		}
		if len(may) != 1 {
			return s.record(ctx, tx, actor, "emergency.miss", "", "", "")
		}
		found, e.Participant = true, may[0]
		sealed, err := s.o.Vault.Seal(ctx, tx, vault.Place{Person: e.Participant, Table: "emergency_access", Column: "reason", Row: e.ID}, reason)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO emergency_access (id, participant, account, reason, at, until_at, judged_by, judged_at, judgement) VALUES ($1, $2, $3, $4, $5, $6, '', 0, '')`,
			e.ID, e.Participant, actor.ID, sealed, db.Millis(e.At), db.Millis(e.Until)); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "emergency.open", e.Participant, "emergency", "emergency:"+e.ID)
	})
	if err != nil {
		return Emergency{}, fmt.Errorf("open in an emergency: %w", err)
	}
	if !found {
		return Emergency{}, fault.New(fault.NotFound, "We do not find exactly one person of this name and month of birth. Please look at the spelling.")
	}
	return e, nil
}

// InEmergency lists the participants whose records an account opened in an emergency that is not over.
func (s *Service) InEmergency(ctx context.Context, q db.Querier, account string) ([]string, error) {
	return db.All(ctx, q, db.Column[string], `SELECT DISTINCT participant FROM emergency_access WHERE account = $1 AND until_at > $2 AND judgement <> 'wrong'
		AND EXISTS (SELECT 1 FROM participant p WHERE p.id = participant AND p.state = 'open') ORDER BY participant`,
		account, db.Millis(s.o.Now()))
}

// ToJudge lists the emergencies that nobody has judged and that the actor may judge, the oldest first.
func (s *Service) ToJudge(ctx context.Context, actor access.Actor) ([]Emergency, error) {
	var out []Emergency
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		out = nil
		all, err := s.emergencies(ctx, tx, `WHERE e.judgement = '' ORDER BY e.at, e.id LIMIT 200`)
		if err != nil {
			return err
		}
		for _, e := range all {
			if err := s.mayJudge(ctx, tx, actor, e); err == nil {
				out = append(out, e)
			} else if fault.As(err) == nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list emergencies: %w", err)
	}
	return out, nil
}

// Judge says whether an emergency was one. Wrong ends the access at once.
func (s *Service) Judge(ctx context.Context, actor access.Actor, id string, right bool) error {
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		all, err := s.emergencies(ctx, tx, `WHERE e.id = $1`+tx.ForUpdate(), id)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return notFound()
		}
		e := all[0]
		if err := s.mayJudge(ctx, tx, actor, e); err != nil {
			return err
		}
		if e.Judgement != "" {
			return changedMeanwhile()
		}
		word := "wrong"
		if right {
			word = "right"
		}
		if _, err := tx.Exec(ctx, `UPDATE emergency_access SET judged_by = $2, judged_at = $3, judgement = $4 WHERE id = $1`, id, actor.ID, db.Millis(s.o.Now()), word); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "emergency.judge", e.Participant, "", "emergency:"+id+" "+word)
	})
	if err != nil {
		return fmt.Errorf("judge an emergency: %w", err)
	}
	return nil
}

func (s *Service) mayJudge(ctx context.Context, q db.Querier, actor access.Actor, e Emergency) error {
	p, err := s.participant(ctx, q, e.Participant, "")
	if err != nil {
		return err
	}
	t, err := s.thing(ctx, q, p)
	if err != nil {
		return err
	}
	return s.o.Policies.May(actor, access.EmergencyReview, access.Thing{Kind: access.Emergency, ID: e.ID, Person: p.ID, Program: p.Program, Owner: e.Account, Supervisors: t.Supervisors})
}

func (s *Service) emergencies(ctx context.Context, q db.Querier, where string, args ...any) ([]Emergency, error) {
	type row struct {
		Emergency
		sealed []byte
	}
	rows, err := db.All(ctx, q, func(scan db.Scan) (r row, err error) {
		var at, until, judged int64
		err = scan(&r.ID, &r.Participant, &r.Account, &r.sealed, &at, &until, &r.JudgedBy, &judged, &r.Judgement)
		r.At, r.Until, r.JudgedAt = db.Time(at), db.Time(until), db.Time(judged)
		return r, err
	}, `SELECT e.id, e.participant, e.account, e.reason, e.at, e.until_at, e.judged_by, e.judged_at, e.judgement FROM emergency_access e `+where, args...)
	if err != nil {
		return nil, err
	}
	people := make([]string, len(rows))
	for i, r := range rows {
		people[i] = r.Participant
	}
	ring, err := s.o.Vault.Ring(ctx, q, people)
	if err != nil {
		return nil, err
	}
	all := make([]Emergency, len(rows))
	for i, r := range rows {
		all[i] = r.Emergency
		if all[i].Reason, err = open(ring, vault.Place{Person: r.Participant, Table: "emergency_access", Column: "reason", Row: r.ID}, r.sealed); err != nil {
			return nil, err
		}
	}
	return all, nil
}
