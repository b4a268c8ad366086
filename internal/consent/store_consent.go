package consent

import (
	"context"
	"encoding/json"
	"errors"

	"hearth/internal/civil"
	"hearth/internal/db"
	"hearth/internal/vault"
)

// sealed names the parts of a consent that are sealed with the participant's key, beside signature and document.
func (c *Consent) sealed() map[string]*string {
	return map[string]*string{"patient": &c.Patient, "what_else": &c.WhatElse, "purpose_else": &c.PurposeElse}
}

func (s *Service) seal(ctx context.Context, q db.Querier, c Consent) (map[string][]byte, error) {
	out := map[string][]byte{}
	for column, words := range c.sealed() {
		b, err := s.o.Vault.Seal(ctx, q, vault.Place{Person: c.Participant, Table: "consent", Column: column, Row: c.ID}, *words)
		if err != nil {
			return nil, err
		}
		out[column] = b
	}
	return out, nil
}

func (s *Service) insert(ctx context.Context, tx *db.Tx, c Consent) error {
	b, err := s.seal(ctx, tx, c)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO consent (id, participant, program, kind, state, revision, language, form, patient, what, what_else, class,
			purposes, purpose_else, channel, expires, ending, revocable_on, prepared_by, prepared_at, signature, signed_at, document, hash, revoked_at, revoked_by, revoked_how)
		VALUES ($1, $2, $3, $4, 'draft', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, NULL, 0, NULL, '', 0, '', '')`,
		c.ID, c.Participant, c.Program, string(c.Kind), c.Revision, c.Language, c.Form, b["patient"], codes(c.What), b["what_else"], string(c.Class),
		codes(c.Purposes), b["purpose_else"], c.Channel, dateText(c.Expires), string(c.Ending), dateText(c.RevocableOn), c.PreparedBy, db.Millis(c.PreparedAt)); err != nil {
		return err
	}
	return insertTo(ctx, tx, c)
}

func (s *Service) update(ctx context.Context, tx *db.Tx, c Consent) error {
	b, err := s.seal(ctx, tx, c)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE consent SET kind = $2, revision = $3, language = $4, form = $5, patient = $6, what = $7, what_else = $8, class = $9,
			purposes = $10, purpose_else = $11, channel = $12, expires = $13, ending = $14, revocable_on = $15 WHERE id = $1`,
		c.ID, string(c.Kind), c.Revision, c.Language, c.Form, b["patient"], codes(c.What), b["what_else"], string(c.Class),
		codes(c.Purposes), b["purpose_else"], c.Channel, dateText(c.Expires), string(c.Ending), dateText(c.RevocableOn)); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM consent_to WHERE consent = $1`, c.ID); err != nil {
		return err
	}
	return insertTo(ctx, tx, c)
}

func insertTo(ctx context.Context, tx *db.Tx, c Consent) error {
	rows := make([][]any, len(c.To))
	for i, to := range c.To {
		rows[i] = []any{c.ID, to}
	}
	return db.Insert(ctx, tx, "consent_to", []string{"consent", "recipient"}, rows, "")
}

// lock reads a consent that the transaction is about to change.
func (s *Service) lock(ctx context.Context, tx *db.Tx, id string) (Consent, error) {
	return s.byID(ctx, tx, id, tx.ForUpdate())
}

// locked is lock, with whom the consent is about.
func (s *Service) locked(ctx context.Context, tx *db.Tx, id string) (Consent, Profile, error) {
	c, err := s.lock(ctx, tx, id)
	if err != nil {
		return Consent{}, Profile{}, err
	}
	p, err := s.o.Profile(ctx, tx, c.Participant)
	return c, p, err
}

func (s *Service) byID(ctx context.Context, q db.Querier, id, suffix string) (Consent, error) {
	all, err := s.load(ctx, q, `WHERE c.id = $1`+suffix, id)
	if err != nil {
		return Consent{}, err
	}
	if len(all) == 0 {
		return Consent{}, notFound()
	}
	return all[0], nil
}

// load reads consents whole. Of somebody who is erased, what was sealed is empty.
func (s *Service) load(ctx context.Context, q db.Querier, where string, args ...any) ([]Consent, error) {
	type row struct {
		Consent
		blobs     map[string][]byte
		signature []byte
		document  []byte
	}
	rows, err := db.All(ctx, q, func(scan db.Scan) (row, error) {
		var r row
		var kind, state, what, class, purposes, expires, ending, revocable string
		var patient, whatElse, purposeElse []byte
		var prepared, signed, revoked int64
		if err := scan(&r.ID, &r.Participant, &r.Program, &kind, &state, &r.Revision, &r.Language, &r.Form, &patient, &what, &whatElse, &class, &purposes, &purposeElse,
			&r.Channel, &expires, &ending, &revocable, &r.PreparedBy, &prepared, &r.signature, &signed, &r.document, &r.Hash, &revoked, &r.RevokedBy, &r.RevokedHow); err != nil {
			return r, err
		}
		r.Kind, r.State, r.Class, r.Ending = Kind(kind), State(state), Class(class), Ending(ending)
		r.What, r.Purposes = parseCodes[Category](what), parseCodes[Purpose](purposes)
		r.PreparedAt, r.Signature.At, r.RevokedAt = db.Time(prepared), db.Time(signed), db.Time(revoked)
		r.blobs = map[string][]byte{"patient": patient, "what_else": whatElse, "purpose_else": purposeElse}
		var err error
		if r.Expires, err = parseDate(expires); err != nil {
			return r, err
		}
		r.RevocableOn, err = parseDate(revocable)
		return r, err
	}, `SELECT c.id, c.participant, c.program, c.kind, c.state, c.revision, c.language, c.form, c.patient, c.what, c.what_else, c.class, c.purposes, c.purpose_else,
			c.channel, c.expires, c.ending, c.revocable_on, c.prepared_by, c.prepared_at, c.signature, c.signed_at, c.document, c.hash, c.revoked_at, c.revoked_by, c.revoked_how
		FROM consent c `+where, args...)
	if err != nil {
		return nil, err
	}
	all := make([]Consent, len(rows))
	for i := range rows {
		r := &rows[i]
		if err := s.open(ctx, q, &r.Consent, r.blobs, r.signature, r.document); err != nil {
			return nil, err
		}
		if r.To, err = db.All(ctx, q, db.Column[string], `SELECT recipient FROM consent_to WHERE consent = $1 ORDER BY recipient COLLATE "C"`, r.ID); err != nil {
			return nil, err
		}
		all[i] = r.Consent
	}
	return all, nil
}

func (s *Service) open(ctx context.Context, q db.Querier, c *Consent, blobs map[string][]byte, signature, document []byte) error {
	get := func(column string, sealed []byte) (string, error) {
		words, err := s.o.Vault.Open(ctx, q, vault.Place{Person: c.Participant, Table: "consent", Column: column, Row: c.ID}, sealed)
		if errors.Is(err, vault.ErrErased) {
			return "", nil
		}
		return words, err
	}
	for column, into := range c.sealed() {
		words, err := get(column, blobs[column])
		if err != nil {
			return err
		}
		*into = words
	}
	words, err := get("document", document)
	if err != nil {
		return err
	}
	c.Document = ParseDocument(words)
	at := c.Signature.At
	if words, err = get("signature", signature); err != nil || words == "" {
		return err
	}
	err = json.Unmarshal([]byte(words), &c.Signature)
	c.Signature.At = at
	return err
}

func dateText(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func parseDate(s string) (civil.Date, error) {
	if s == "" {
		return civil.Date{}, nil
	}
	return civil.ParseDate(s)
}
