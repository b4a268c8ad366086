package privacy

import (
	"context"
	"fmt"
	"time"

	"hearth/internal/access"
	"hearth/internal/db"
)

// Complaint is what somebody says went wrong, 42 CFR 2.4.
type Complaint struct {
	ID         string
	Program    string // "" when they name none
	Account    string // who complains
	Words      string
	MadeAt     time.Time
	AnsweredAt time.Time // zero: not yet
	AnsweredBy string
	Answer     string
}

func (c Complaint) thing() access.Thing {
	return access.Thing{Kind: access.Complaint, ID: c.ID, Owner: c.Account, Program: c.Program}
}

// Complain writes a complaint down. Nobody who works with the person sees it because of that.
func (s *Service) Complain(ctx context.Context, actor access.Actor, program, text string) error {
	text, err := words("words", text)
	if err != nil {
		return err
	}
	if err := s.o.Policies.May(actor, access.ComplaintMake, access.TheHouse); err != nil {
		return err
	}
	id := db.NewID()
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		sealed, err := s.seal(ctx, tx, "", "privacy_complaint", "words", id, text)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO privacy_complaint (id, program, account, words, made_at, answered_at, answered_by, answer) VALUES ($1, $2, $3, $4, $5, 0, '', NULL)`,
			id, program, actor.ID, sealed, db.Millis(s.o.Now())); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "complaint.make", "complaint:"+id, "", "")
	})
	if err != nil {
		return fmt.Errorf("complain: %w", err)
	}
	return nil
}

// Complaints lists the complaints that the actor may read, open ones first, then the newest: their own, and a
// keeper all.
func (s *Service) Complaints(ctx context.Context, actor access.Actor) ([]Complaint, error) {
	where, args := `WHERE account = $1 `, []any{actor.ID}
	if s.o.Policies.Somewhere(actor, access.ComplaintAnswer, access.Thing{Kind: access.Complaint}) {
		where, args = "", nil
	}
	var out []Complaint
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		out = nil
		all, err := s.complaints(ctx, tx, where+`ORDER BY CASE WHEN answered_at = 0 THEN 0 ELSE 1 END, made_at DESC, id DESC LIMIT 500`, args...)
		for _, c := range all {
			if s.o.Policies.May(actor, access.ComplaintRead, c.thing()) == nil {
				out = append(out, c)
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list complaints: %w", err)
	}
	return out, nil
}

func (s *Service) complaints(ctx context.Context, q db.Querier, where string, args ...any) ([]Complaint, error) {
	type row struct {
		Complaint
		words, answer []byte
	}
	rows, err := db.All(ctx, q, func(scan db.Scan) (r row, err error) {
		var made, answered int64
		err = scan(&r.ID, &r.Program, &r.Account, &r.words, &made, &answered, &r.AnsweredBy, &r.answer)
		r.MadeAt, r.AnsweredAt = db.Time(made), db.Time(answered)
		return r, err
	}, `SELECT id, program, account, words, made_at, answered_at, answered_by, answer FROM privacy_complaint `+where, args...)
	if err != nil {
		return nil, err
	}
	all := make([]Complaint, len(rows))
	for i, r := range rows {
		if r.Words, err = s.open(ctx, q, "", "privacy_complaint", "words", r.ID, r.words); err != nil {
			return nil, err
		}
		if r.Answer, err = s.open(ctx, q, "", "privacy_complaint", "answer", r.ID, r.answer); err != nil {
			return nil, err
		}
		all[i] = r.Complaint
	}
	return all, nil
}

// AnswerComplaint answers a complaint, in words that who complained reads.
func (s *Service) AnswerComplaint(ctx context.Context, actor access.Actor, id, text string) error {
	text, err := words("answer", text)
	if err != nil {
		return err
	}
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		all, err := s.complaints(ctx, tx, `WHERE id = $1`+tx.ForUpdate(), id)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return access.NotThere()
		}
		if err := s.o.Policies.May(actor, access.ComplaintAnswer, all[0].thing()); err != nil {
			return hide(err)
		}
		if !all[0].AnsweredAt.IsZero() {
			return changedMeanwhile()
		}
		sealed, err := s.seal(ctx, tx, "", "privacy_complaint", "answer", id, text)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE privacy_complaint SET answered_at = $2, answered_by = $3, answer = $4 WHERE id = $1`, id, db.Millis(s.o.Now()), actor.ID, sealed); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "complaint.answer", "complaint:"+id, "", "")
	})
	if err != nil {
		return fmt.Errorf("answer a complaint: %w", err)
	}
	return nil
}
