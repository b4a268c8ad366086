package consent

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"hearth/internal/access"
	"hearth/internal/civil"
	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/vault"
)

// AccountingYears is how far back a participant may ask who was told, 42 CFR 2.25(a).
const AccountingYears = 3

// Accounting lists what left about a participant, the newest first, for them or for whoever may see it. Their
// own copies are not in it: nobody else was told.
func (s *Service) Accounting(ctx context.Context, actor access.Actor, participant string, since time.Time) ([]Disclosure, error) {
	var all []Disclosure
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		p, err := s.o.Profile(ctx, tx, participant)
		if err != nil {
			return err
		}
		if err := s.o.Policies.May(actor, access.DisclosureRead, about(p, access.Disclosure, "")); err != nil {
			return hide(err)
		}
		all, err = s.disclosures(ctx, tx, `WHERE d.participant = $1 AND d.at >= $2 AND d.basis <> 'own_copy' ORDER BY d.at DESC, d.id DESC`, participant, db.Millis(since))
		if err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "disclosure.list", "participant:"+participant, participant, "")
	})
	if err != nil {
		return nil, fmt.Errorf("account for disclosures: %w", err)
	}
	return all, nil
}

// Filter narrows the keepers' list of disclosures; zero values do not narrow.
type Filter struct {
	From, Until time.Time
	Basis       BasisKind
	Recipient   string
	Limit       int // 0: 200
}

// Disclosures lists what left, the newest first, for whoever keeps the program's privacy. It names
// participants by id.
func (s *Service) Disclosures(ctx context.Context, actor access.Actor, f Filter) ([]Disclosure, error) {
	if f.Limit <= 0 || f.Limit > 1000 {
		f.Limit = 200
	}
	until := f.Until
	if until.IsZero() {
		until = s.o.Now().AddDate(1, 0, 0)
	}
	from := int64(0)
	if !f.From.IsZero() {
		from = db.Millis(f.From)
	}
	var all []Disclosure
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = s.disclosures(ctx, tx, `WHERE d.at >= $1 AND d.at < $2 AND ($3 = '' OR d.basis = $3) AND ($4 = '' OR d.recipient = $4)
			ORDER BY d.at DESC, d.id DESC LIMIT $5`, from, db.Millis(until), string(f.Basis), f.Recipient, f.Limit)
		all = slices.DeleteFunc(all, func(d Disclosure) bool {
			return s.o.Policies.May(actor, access.DisclosureRead, access.Thing{Kind: access.Disclosure, ID: d.ID, Program: d.Program}) != nil
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list disclosures: %w", err)
	}
	return all, nil
}

func (s *Service) disclosures(ctx context.Context, q db.Querier, where string, args ...any) ([]Disclosure, error) {
	type row struct {
		Disclosure
		name, description, evidence []byte
	}
	rows, err := db.All(ctx, q, func(scan db.Scan) (r row, err error) {
		var at int64
		var what, purpose, basis, way, state string
		err = scan(&r.ID, &r.Participant, &r.Program, &at, &r.Actor, &r.Recipient, &r.name, &what, &r.description, &purpose, &basis, &r.Basis.Consent, &r.evidence,
			&r.Notice, &way, &r.Size, &r.Hash, &state, &r.Sent)
		r.At, r.What, r.Purpose, r.Basis.Kind, r.Way, r.Stopped = db.Time(at), parseCodes[Category](what), Purpose(purpose), BasisKind(basis), Way(way), state == "stopped"
		return r, err
	}, `SELECT d.id, d.participant, d.program, d.at, d.actor, d.recipient, d.recipient_name, d.what, d.description, d.purpose, d.basis, d.consent, d.evidence,
			d.notice, d.way, d.size, d.hash, d.state, d.sent FROM disclosure d `+where, args...)
	if err != nil {
		return nil, err
	}
	all := make([]Disclosure, len(rows))
	for i, r := range rows {
		var evidence string
		for column, x := range map[string]struct {
			sealed []byte
			into   *string
		}{"recipient_name": {r.name, &r.RecipientName}, "description": {r.description, &r.Describe}, "evidence": {r.evidence, &evidence}} {
			if *x.into, err = s.o.Vault.Open(ctx, q, vault.Place{Table: "disclosure", Column: column, Row: r.ID}, x.sealed); err != nil {
				return nil, err
			}
		}
		all[i] = r.Disclosure
		all[i].RecipientName, all[i].Describe = r.RecipientName, r.Describe
		if evidence != "" {
			if err := json.Unmarshal([]byte(evidence), &all[i].Basis.Evidence); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// Ending lists the signed consents whose last day is on or before a day, the soonest first, for the keepers.
func (s *Service) Ending(ctx context.Context, actor access.Actor, by civil.Date) ([]Consent, error) {
	var all []Consent
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = s.load(ctx, tx, `WHERE c.state = 'signed' AND c.expires <> '' AND c.expires <= $1 AND c.expires >= $2 ORDER BY c.expires, c.id LIMIT 500`,
			by.String(), s.o.Today().String())
		all = slices.DeleteFunc(all, func(c Consent) bool {
			return s.o.Policies.May(actor, access.ConsentRead, access.Thing{Kind: access.Consent, ID: c.ID, Program: c.Program}) != nil
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list ending consents: %w", err)
	}
	return all, nil
}

// Told is a recipient who has to know that a consent was taken back.
type Told struct {
	Consent     string
	Participant string
	Recipient   Recipient
	AskedAt     time.Time
	ToldAt      time.Time // zero: not yet
	ToldBy      string
	program     string
}

// ToTell lists who has to be told that a consent was taken back and was not yet, the oldest first. With a
// consent's id it lists everybody of that consent.
func (s *Service) ToTell(ctx context.Context, actor access.Actor, consent string) ([]Told, error) {
	var all []Told
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		where := `t.told_at = 0 AND ($1 = '' OR t.consent = $1)`
		if consent != "" {
			c, err := s.byID(ctx, tx, consent, "")
			if err != nil {
				return err
			}
			p, err := s.o.Profile(ctx, tx, c.Participant)
			if err != nil {
				return err
			}
			if err := s.o.Policies.May(actor, access.ConsentRead, about(p, access.Consent, "")); err != nil {
				return hide(err)
			}
			where = `t.consent = $1`
		}
		var err error
		all, err = db.All(ctx, tx, func(scan db.Scan) (t Told, err error) {
			var asked, told int64
			err = scan(&t.Consent, &t.Participant, &t.program, &t.Recipient.ID, &asked, &told, &t.ToldBy)
			t.AskedAt, t.ToldAt = db.Time(asked), db.Time(told)
			return t, err
		}, `SELECT t.consent, c.participant, c.program, t.recipient, t.asked_at, t.told_at, t.told_by FROM consent_tell t JOIN consent c ON c.id = t.consent
			WHERE `+where+` ORDER BY t.asked_at, t.consent, t.recipient LIMIT 500`, consent)
		if err != nil {
			return err
		}
		if consent == "" {
			all = slices.DeleteFunc(all, func(t Told) bool {
				return s.o.Policies.May(actor, access.ConsentRead, access.Thing{Kind: access.Consent, ID: t.Consent, Program: t.program}) != nil
			})
		}
		for i := range all {
			if all[i].Recipient, err = s.recipient(ctx, tx, all[i].Recipient.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list who has to be told: %w", err)
	}
	return all, nil
}

// MarkTold records that a recipient was told that a consent was taken back.
func (s *Service) MarkTold(ctx context.Context, actor access.Actor, consent, recipient string) error {
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		c, p, err := s.locked(ctx, tx, consent)
		if err != nil {
			return err
		}
		if err := s.o.Policies.May(actor, access.ConsentRevoke, about(p, access.Consent, consent)); err != nil {
			return hide(err)
		}
		n, err := tx.Exec(ctx, `UPDATE consent_tell SET told_at = $3, told_by = $4 WHERE consent = $1 AND recipient = $2 AND told_at = 0`,
			consent, recipient, db.Millis(s.o.Now()), actor.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.NotFound, "Nobody has to be told here any more.")
		}
		return s.record(ctx, tx, actor, "consent.told", "consent:"+consent, c.Participant, "recipient:"+recipient)
	})
	if err != nil {
		return fmt.Errorf("mark as told: %w", err)
	}
	return nil
}

// Restriction is something that the program agreed not to share, 42 CFR 2.26.
type Restriction struct {
	ID          string
	Participant string
	Recipient   string     // "" for anybody
	What        []Category // none: everything
	AgreedBy    string
	AgreedAt    time.Time
}

// forbids tells whether a restriction stands against a request.
func (x Restriction) forbids(r Request) bool {
	return (x.Recipient == "" || x.Recipient == r.To) &&
		(len(x.What) == 0 || slices.ContainsFunc(r.What, func(c Category) bool { return slices.Contains(x.What, c) }))
}

// Restrict writes down that the program agreed not to share something.
func (s *Service) Restrict(ctx context.Context, actor access.Actor, x Restriction) (Restriction, error) {
	err := s.db.WithTx(ctx, func(tx *db.Tx) (err error) {
		x, err = s.RestrictIn(ctx, tx, actor, x)
		return err
	})
	if err != nil {
		return Restriction{}, fmt.Errorf("restrict: %w", err)
	}
	return x, nil
}

// RestrictIn is Restrict in the caller's transaction, which answers the request for it.
func (s *Service) RestrictIn(ctx context.Context, tx *db.Tx, actor access.Actor, x Restriction) (Restriction, error) {
	x.ID, x.AgreedBy, x.AgreedAt, x.What = db.NewID(), actor.ID, s.o.Now(), distinct(x.What)
	p, err := s.o.Profile(ctx, tx, x.Participant)
	if err != nil {
		return x, err
	}
	if err := s.o.Policies.May(actor, access.RequestAnswer, about(p, access.Request, "")); err != nil {
		return x, hide(err)
	}
	if x.Recipient != "" {
		if _, err := s.recipient(ctx, tx, x.Recipient); err != nil {
			return x, err
		}
	}
	if _, err := tx.Exec(ctx, `INSERT INTO consent_restriction (id, participant, recipient, what, agreed_by, agreed_at, ended_by, ended_at)
		VALUES ($1, $2, $3, $4, $5, $6, '', 0)`, x.ID, x.Participant, x.Recipient, codes(x.What), x.AgreedBy, db.Millis(x.AgreedAt)); err != nil {
		return x, err
	}
	return x, s.record(ctx, tx, actor, "consent.restrict", "restriction:"+x.ID, x.Participant, "")
}

// Restrictions lists what we agreed not to share about a participant.
func (s *Service) Restrictions(ctx context.Context, actor access.Actor, participant string) ([]Restriction, error) {
	var all []Restriction
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		p, err := s.o.Profile(ctx, tx, participant)
		if err != nil {
			return err
		}
		if err := s.o.Policies.May(actor, access.ConsentRead, about(p, access.Consent, "")); err != nil {
			return hide(err)
		}
		all, err = s.restrictions(ctx, tx, participant)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list restrictions: %w", err)
	}
	return all, nil
}

func (s *Service) restrictions(ctx context.Context, q db.Querier, participant string) ([]Restriction, error) {
	return db.All(ctx, q, func(scan db.Scan) (x Restriction, err error) {
		var what string
		var at int64
		err = scan(&x.ID, &x.Participant, &x.Recipient, &what, &x.AgreedBy, &at)
		x.What, x.AgreedAt = parseCodes[Category](what), db.Time(at)
		return x, err
	}, `SELECT id, participant, recipient, what, agreed_by, agreed_at FROM consent_restriction WHERE participant = $1 AND ended_at = 0 ORDER BY agreed_at, id`, participant)
}
