package consent

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"hearth/internal/access"
	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/vault"
)

// Recipient is a person or a place that something may be shared with. The gate compares ids, never names, so
// that "County Hospital" of one consent and "county hospital" of a request are the same only if somebody said so.
type Recipient struct {
	ID          string
	Participant string // of somebody known for one participant only, such as their sister; "" for a place
	Kind        RecipientKind
	Name        string
	Address     string
	Covered     bool // a covered entity or business associate under HIPAA
	AddedBy     string
	AddedAt     time.Time
	EndedAt     time.Time
}

// RecipientKind says what a recipient is.
type RecipientKind string

// The kinds of recipients.
const (
	Person RecipientKind = "person"
	Place  RecipientKind = "place"
)

func (r Recipient) ended() bool { return !r.EndedAt.IsZero() }

func (r *Recipient) check() error {
	var wrong fault.Fields
	r.Name, r.Address = oneLine(r.Name), oneLine(r.Address)
	if r.Name == "" {
		wrong.Add("name", "Please write the name of the person or place.")
	} else if utf8.RuneCountInString(r.Name) > NameLimit {
		wrong.Add("name", "Please use at most %d letters.", NameLimit)
	}
	if utf8.RuneCountInString(r.Address) > WordsLimit {
		wrong.Add("address", "Please use at most %d letters.", WordsLimit)
	}
	if r.Kind != Person && r.Kind != Place {
		wrong.Add("kind", "Please say whether it is a person or a place.")
	}
	if r.Kind == Person && r.Participant == "" {
		wrong.Add("kind", "A person is written down for one participant only.")
	}
	return wrong.Err()
}

// AddRecipient writes down a person or place that consents may then name.
func (s *Service) AddRecipient(ctx context.Context, actor access.Actor, r Recipient) (Recipient, error) {
	if err := r.check(); err != nil {
		return Recipient{}, err
	}
	r.ID, r.AddedBy, r.AddedAt = db.NewID(), actor.ID, s.o.Now()
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		if err := s.mayRecipients(ctx, tx, actor, r.Participant); err != nil {
			return err
		}
		name, err := s.o.Vault.Seal(ctx, tx, vault.Place{Table: "consent_recipient", Column: "name", Row: r.ID}, r.Name)
		if err != nil {
			return err
		}
		address, err := s.o.Vault.Seal(ctx, tx, vault.Place{Table: "consent_recipient", Column: "address", Row: r.ID}, r.Address)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO consent_recipient (id, participant, kind, name, address, covered, added_by, added_at, ended_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)`, r.ID, r.Participant, string(r.Kind), name, address, r.Covered, r.AddedBy, db.Millis(r.AddedAt)); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "recipient.add", "recipient:"+r.ID, r.Participant, "")
	})
	if err != nil {
		return Recipient{}, fmt.Errorf("add a recipient: %w", err)
	}
	return r, nil
}

// mayRecipients asks whether somebody may write down recipients: of a participant whoever may prepare their
// consents, of places that everybody may name the keeper of privacy.
func (s *Service) mayRecipients(ctx context.Context, q db.Querier, actor access.Actor, participant string) error {
	if participant == "" {
		return s.o.Policies.May(actor, access.ConsentTexts, access.Thing{Kind: access.House})
	}
	p, err := s.o.Profile(ctx, q, participant)
	if err != nil {
		return err
	}
	return s.mayPrepare(actor, p)
}

// EndRecipient stops a recipient from being named or sent anything.
func (s *Service) EndRecipient(ctx context.Context, actor access.Actor, id string) error {
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		r, err := s.recipient(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.mayRecipients(ctx, tx, actor, r.Participant); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE consent_recipient SET ended_at = $2 WHERE id = $1 AND ended_at = 0`, id, db.Millis(s.o.Now())); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "recipient.end", "recipient:"+id, r.Participant, "")
	})
	if err != nil {
		return fmt.Errorf("end a recipient: %w", err)
	}
	return nil
}

// MarkTreating records that a recipient is one of a participant's treating providers, so that the class
// wording of their consent for treatment, payment and operations matches it.
func (s *Service) MarkTreating(ctx context.Context, actor access.Actor, participant, recipient string) error {
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		if err := s.mayRecipients(ctx, tx, actor, participant); err != nil {
			return err
		}
		r, err := s.recipient(ctx, tx, recipient)
		if err != nil {
			return err
		}
		if r.Participant != "" && r.Participant != participant || r.ended() {
			return noRecipient()
		}
		if r.Kind != Place || !r.Covered {
			return fault.New(fault.Invalid, "Only a doctor, clinic or health plan treats somebody or pays for it.")
		}
		if _, err := tx.Exec(ctx, `INSERT INTO consent_treating (participant, recipient, added_by, added_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (participant, recipient) DO NOTHING`, participant, recipient, actor.ID, db.Millis(s.o.Now())); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "recipient.treating", "recipient:"+recipient, participant, "")
	})
	if err != nil {
		return fmt.Errorf("record a treating provider: %w", err)
	}
	return nil
}

// Recipients lists who may be named for a participant: the places, and the people known for them alone, by
// name. A participant's own list needs the right to see their consents; with "" it is the places alone.
func (s *Service) Recipients(ctx context.Context, actor access.Actor, participant string) ([]Recipient, error) {
	var all []Recipient
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		if participant != "" {
			p, err := s.o.Profile(ctx, tx, participant)
			if err != nil {
				return err
			}
			if err := s.o.Policies.May(actor, access.ConsentRead, about(p, access.Consent, "")); err != nil {
				return err
			}
		}
		var err error
		all, err = s.recipients(ctx, tx, `WHERE r.ended_at = 0 AND (r.participant = '' OR r.participant = $1)`, participant)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list recipients: %w", err)
	}
	return all, nil
}

func (s *Service) recipient(ctx context.Context, q db.Querier, id string) (Recipient, error) {
	all, err := s.recipients(ctx, q, `WHERE r.id = $1`, id)
	if err != nil {
		return Recipient{}, err
	}
	if len(all) == 0 {
		return Recipient{}, noRecipient()
	}
	return all[0], nil
}

func noRecipient() error {
	return fault.New(fault.NotFound, "We do not have this person or place.")
}

// recipients reads recipients by name; the order is made here because the names are sealed.
func (s *Service) recipients(ctx context.Context, q db.Querier, where string, args ...any) ([]Recipient, error) {
	type row struct {
		Recipient
		name, address []byte
	}
	rows, err := db.All(ctx, q, func(scan db.Scan) (r row, err error) {
		var kind string
		var added, ended int64
		err = scan(&r.ID, &r.Participant, &kind, &r.name, &r.address, &r.Covered, &r.AddedBy, &added, &ended)
		r.Kind, r.AddedAt, r.EndedAt = RecipientKind(kind), db.Time(added), db.Time(ended)
		return r, err
	}, `SELECT r.id, r.participant, r.kind, r.name, r.address, r.covered, r.added_by, r.added_at, r.ended_at FROM consent_recipient r `+where, args...)
	if err != nil {
		return nil, err
	}
	all := make([]Recipient, len(rows))
	for i, r := range rows {
		all[i] = r.Recipient
		if all[i].Name, err = s.o.Vault.Open(ctx, q, vault.Place{Table: "consent_recipient", Column: "name", Row: r.ID}, r.name); err != nil {
			return nil, err
		}
		if all[i].Address, err = s.o.Vault.Open(ctx, q, vault.Place{Table: "consent_recipient", Column: "address", Row: r.ID}, r.address); err != nil {
			return nil, err
		}
	}
	sortRecipients(all)
	return all, nil
}

// recipientsOf reads the recipients that a consent names.
func (s *Service) recipientsOf(ctx context.Context, q db.Querier, ids []string) ([]Recipient, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	return s.recipients(ctx, q, `WHERE r.id IN (`+db.List(1, len(ids))+`)`, args...)
}

func (s *Service) treats(ctx context.Context, q db.Querier, participant, recipient string) (bool, error) {
	_, err := db.One(ctx, q, db.Column[string], `SELECT recipient FROM consent_treating WHERE participant = $1 AND recipient = $2`, participant, recipient)
	if errors.Is(err, db.ErrNone) {
		return false, nil
	}
	return err == nil, err
}

// record writes what was done about a participant into the record, by ids.
func (s *Service) record(ctx context.Context, tx *db.Tx, actor access.Actor, action, subject, participant, basis string) error {
	return audit.Record(ctx, tx, audit.Entry{At: s.o.Now(), Actor: actor.ID, Action: action, Subject: subject, Person: participant, Basis: basis})
}

// codes and words put lists of codes into one column and back.
func codes[C ~string](list []C) string {
	var b strings.Builder
	for i, c := range list {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(c))
	}
	return b.String()
}

func parseCodes[C ~string](s string) []C {
	var list []C
	for _, f := range strings.Fields(s) {
		list = append(list, C(f))
	}
	return list
}
