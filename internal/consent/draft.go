package consent

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"hearth/internal/access"
	"hearth/internal/db"
	"hearth/internal/fault"
)

func sortRecipients(all []Recipient) {
	slices.SortFunc(all, func(a, b Recipient) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.ID, b.ID))
	})
}

// Prepare saves a consent that is not signed yet: a new one when c.ID is empty, else the draft of that id in
// the revision that was shown. Every element of 2.31 must be there. fault.Conflict: somebody else saved it in
// between, or it is signed.
func (s *Service) Prepare(ctx context.Context, actor access.Actor, c Consent) (Consent, error) {
	c.Patient, c.WhatElse, c.PurposeElse = oneLine(c.Patient), oneLine(c.WhatElse), oneLine(c.PurposeElse)
	c.What, c.Purposes, c.To = distinct(c.What), distinct(c.Purposes), distinct(c.To)
	c.State, c.Form = Draft, Form
	if c.Language != "es" {
		c.Language = "en"
	}
	if err := c.check(s.o.Today()); err != nil {
		return Consent{}, err
	}
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		p, err := s.o.Profile(ctx, tx, c.Participant)
		if err != nil {
			return err
		}
		if err := s.mayPrepare(actor, p); err != nil {
			return err
		}
		c.Program = p.Program
		if err := s.nameable(ctx, tx, c); err != nil {
			return err
		}
		if c.ID == "" {
			c.ID, c.Revision, c.PreparedBy, c.PreparedAt = db.NewID(), 1, actor.ID, s.o.Now()
			if err := s.insert(ctx, tx, c); err != nil {
				return err
			}
			return s.record(ctx, tx, actor, "consent.prepare", "consent:"+c.ID, c.Participant, "")
		}
		old, err := s.lock(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		if old.Participant != c.Participant {
			return notFound()
		}
		if old.State != Draft || old.Revision != c.Revision {
			return changedMeanwhile()
		}
		c.PreparedBy, c.PreparedAt, c.Revision = old.PreparedBy, old.PreparedAt, old.Revision+1
		if err := s.update(ctx, tx, c); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "consent.change", "consent:"+c.ID, c.Participant, "")
	})
	if err != nil {
		return Consent{}, fmt.Errorf("prepare a consent: %w", err)
	}
	return c, nil
}

// nameable tells whether a consent names only recipients that it may name.
func (s *Service) nameable(ctx context.Context, q db.Querier, c Consent) error {
	named, err := s.recipientsOf(ctx, q, c.To)
	if err != nil {
		return err
	}
	ok := len(named) == len(c.To)
	for _, r := range named {
		ok = ok && !r.ended() && (r.Participant == "" || r.Participant == c.Participant)
	}
	if !ok {
		return fault.New(fault.Invalid, "Something here needs another look.").With("to", "Please choose from the list.")
	}
	return nil
}

// Discard throws a draft away. What it was is kept, because somebody may ask why nothing was signed.
func (s *Service) Discard(ctx context.Context, actor access.Actor, id string) error {
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		c, p, err := s.locked(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.mayPrepare(actor, p); err != nil {
			return err
		}
		if c.State != Draft {
			return changedMeanwhile()
		}
		if _, err := tx.Exec(ctx, `UPDATE consent SET state = 'discarded' WHERE id = $1`, id); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "consent.discard", "consent:"+id, c.Participant, "")
	})
	if err != nil {
		return fmt.Errorf("discard a consent: %w", err)
	}
	return nil
}

// Read gives a draft with the document as it would be signed, or a signed consent with the document as it was.
func (s *Service) Read(ctx context.Context, actor access.Actor, id string) (Consent, error) {
	var c Consent
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		var err error
		if c, err = s.byID(ctx, tx, id, ""); err != nil {
			return err
		}
		p, err := s.o.Profile(ctx, tx, c.Participant)
		if err != nil {
			return err
		}
		if err := s.o.Policies.May(actor, access.ConsentRead, about(p, access.Consent, "")); err != nil {
			return hide(err)
		}
		if c.State == Draft || c.State == Discarded {
			if c.Document, err = s.document(ctx, tx, c); err != nil {
				return err
			}
		}
		return s.looked(ctx, tx, actor, c.Participant, "consent:"+id)
	})
	if err != nil {
		return Consent{}, fmt.Errorf("read a consent: %w", err)
	}
	return c, nil
}

// Of lists a participant's consents, the newest first, drafts and those taken back too.
func (s *Service) Of(ctx context.Context, actor access.Actor, participant string) ([]Consent, error) {
	var all []Consent
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		p, err := s.o.Profile(ctx, tx, participant)
		if err != nil {
			return err
		}
		if err := s.o.Policies.May(actor, access.ConsentRead, about(p, access.Consent, "")); err != nil {
			return hide(err)
		}
		all, err = s.load(ctx, tx, `WHERE c.participant = $1 AND c.state <> 'discarded' ORDER BY c.prepared_at DESC, c.id DESC`, participant)
		if err != nil {
			return err
		}
		return s.looked(ctx, tx, actor, participant, "participant:"+participant)
	})
	if err != nil {
		return nil, fmt.Errorf("list consents: %w", err)
	}
	return all, nil
}

// looked writes down that somebody read what a participant allowed; their own look is no news.
func (s *Service) looked(ctx context.Context, tx *db.Tx, actor access.Actor, participant, subject string) error {
	if actor.Participant == participant {
		return nil
	}
	return s.record(ctx, tx, actor, "consent.read", subject, participant, "")
}

func (s *Service) document(ctx context.Context, q db.Querier, c Consent) (Document, error) {
	program, err := s.o.Program(ctx, q, c.Program)
	if err != nil {
		return Document{}, err
	}
	named, err := s.recipientsOf(ctx, q, c.To)
	if err != nil {
		return Document{}, err
	}
	return compose(c, program, named)
}

// mayPrepare asks whether somebody may prepare a participant's consents: they themselves, or whoever may write
// down what they sign in person.
func (s *Service) mayPrepare(actor access.Actor, p Profile) error {
	thing := about(p, access.Consent, "")
	if s.o.Policies.May(actor, access.ConsentSign, thing) == nil {
		return nil
	}
	return hide(s.o.Policies.May(actor, access.ConsentRecord, thing))
}

// about is a thing of another kind that belongs to the same participant.
func about(p Profile, kind, id string) access.Thing {
	t := p.Record
	t.Kind, t.ID = kind, id
	return t
}

func distinct[C ~string](list []C) []C {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

// notFound is also what the policies say of a permission that somebody may not know of.
func notFound() error { return access.NotThere() }

// hide makes a refusal look as if the thing were not there: that somebody takes part is itself private.
func hide(err error) error {
	if fault.Is(err, fault.Forbidden) {
		return notFound()
	}
	return err
}

func changedMeanwhile() error {
	return fault.New(fault.Conflict, "Somebody changed this in the meantime. Please look at it again.")
}
