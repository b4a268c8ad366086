package consent

import (
	"context"
	"encoding/json"
	"fmt"

	"hearth/internal/access"
	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/vault"
)

// Sign signs a draft in the revision that was read, with the words that were shown: hash is the document's as
// it stood on the page. fault.Conflict: the draft or its words are no longer those. The participant signs
// with their own account; on paper and with a witness it is whoever was there.
func (s *Service) Sign(ctx context.Context, actor access.Actor, id string, revision int64, hash string, sig Signature) (Consent, error) {
	sig.Name, sig.Capable, sig.At = oneLine(sig.Name), oneLine(sig.Capable), s.o.Now()
	var c Consent
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		var err error
		if c, err = s.lock(ctx, tx, id); err != nil {
			return err
		}
		p, err := s.o.Profile(ctx, tx, c.Participant)
		if err != nil {
			return err
		}
		act := access.ConsentSign
		if sig.How == Witnessed || sig.How == Paper {
			act = access.ConsentRecord
			sig.Witness = actor.ID
		} else {
			sig.By, sig.Witness = actor.ID, ""
		}
		if err := s.o.Policies.May(actor, act, about(p, access.Consent, id)); err != nil {
			return hide(err)
		}
		program, err := s.o.Program(ctx, tx, c.Program)
		if err != nil {
			return err
		}
		if err := sig.check(p, program, s.o.Today()); err != nil {
			return err
		}
		if c.State != Draft || c.Revision != revision {
			return changedMeanwhile()
		}
		if err := c.check(s.o.Today()); err != nil {
			return err
		}
		if err := s.nameable(ctx, tx, c); err != nil {
			return err
		}
		doc, err := s.document(ctx, tx, c)
		if err != nil {
			return err
		}
		if doc.Hash() != hash {
			return changedMeanwhile()
		}
		c.State, c.Signature, c.Document, c.Hash = Signed, sig, doc, doc.Hash()
		if err := keepForm(ctx, tx, c.Language, db.Millis(sig.At)); err != nil {
			return err
		}
		sealed, err := s.sealSignature(ctx, tx, c)
		if err != nil {
			return err
		}
		words, err := s.o.Vault.Seal(ctx, tx, vault.Place{Person: c.Participant, Table: "consent", Column: "document", Row: c.ID}, doc.Text())
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE consent SET state = 'signed', signature = $2, signed_at = $3, document = $4, hash = $5 WHERE id = $1`,
			id, sealed, db.Millis(sig.At), words, c.Hash); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "consent.sign", "consent:"+id, c.Participant, string(sig.How))
	})
	if err != nil {
		return Consent{}, fmt.Errorf("sign a consent: %w", err)
	}
	return c, nil
}

func (s *Service) sealSignature(ctx context.Context, tx *db.Tx, c Consent) ([]byte, error) {
	b, err := json.Marshal(c.Signature)
	if err != nil {
		return nil, err
	}
	return s.o.Vault.Seal(ctx, tx, vault.Place{Person: c.Participant, Table: "consent", Column: "signature", Row: c.ID}, string(b))
}

// Revoke takes a consent back, at once and for good, and lists who has to be told: everybody who was sent
// something because of it. Written says how it was done, such as "page" or "letter"; it is the written
// record that 2.31(a)(6) asks for. Revoking twice is harmless.
func (s *Service) Revoke(ctx context.Context, actor access.Actor, id, written string) (Consent, error) {
	var c Consent
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		var err error
		var p Profile
		if c, p, err = s.locked(ctx, tx, id); err != nil {
			return err
		}
		if err := s.o.Policies.May(actor, access.ConsentRevoke, about(p, access.Consent, id)); err != nil {
			return hide(err)
		}
		switch {
		case c.State == Revoked:
			return nil
		case c.State != Signed:
			return changedMeanwhile()
		case c.Kind == Justice && !c.RevocableOn.IsZero() && s.o.Today().String() < c.RevocableOn.String():
			return fault.New(fault.Conflict, "This permission can be taken back from %s on, as was agreed when it was signed.", c.RevocableOn.String())
		}
		now := s.o.Now()
		c.State, c.RevokedAt, c.RevokedBy, c.RevokedHow = Revoked, now, actor.ID, written
		if _, err := tx.Exec(ctx, `UPDATE consent SET state = 'revoked', revoked_at = $2, revoked_by = $3, revoked_how = $4 WHERE id = $1`,
			id, db.Millis(now), actor.ID, written); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO consent_tell (consent, recipient, asked_at, told_at, told_by)
			SELECT DISTINCT d.consent, d.recipient, CAST($2 AS BIGINT), CAST(0 AS BIGINT), '' FROM disclosure d WHERE d.consent = $1`, id, db.Millis(now)); err != nil {
			return err
		}
		if err := s.o.Revoked(ctx, tx, c); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "consent.revoke", "consent:"+id, c.Participant, written)
	})
	if err != nil {
		return Consent{}, fmt.Errorf("revoke a consent: %w", err)
	}
	return c, nil
}
