package casework

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"hearth/internal/access"
	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/text"
	"hearth/internal/vault"
)

func (p *Participant) check() error {
	var wrong fault.Fields
	p.Called, p.LegalName, p.BirthMonth = tidy(p.Called), tidy(p.LegalName), strings.TrimSpace(p.BirthMonth)
	if n := utf8.RuneCountInString(p.Called); n == 0 || n > NameLimit {
		wrong.Add("called", "Please write what the person wants to be called, in at most %d letters.", NameLimit)
	}
	if utf8.RuneCountInString(p.LegalName) > NameLimit {
		wrong.Add("legal_name", "Please use at most %d letters.", NameLimit)
	}
	if p.BirthMonth != "" && !validMonth(p.BirthMonth) {
		wrong.Add("birth_month", "Please write the month of birth as year and month, such as 1990-02, or leave it empty.")
	}
	if p.Language != "es" {
		p.Language = "en"
	}
	return wrong.Err()
}

func validMonth(s string) bool {
	return len(s) == 7 && s[4] == '-' && strings.Trim(s[:4]+s[5:], "0123456789") == "" && s[:4] >= "1900" && s[:4] <= "2100" && s[5:] >= "01" && s[5:] <= "12"
}

// OpenRecord begins a record of somebody in a program, and gives them a key of their own. Whoever opens it as a
// peer specialist is paired with them from that day.
func (s *Service) OpenRecord(ctx context.Context, actor access.Actor, p Participant) (Participant, error) {
	if err := p.check(); err != nil {
		return Participant{}, err
	}
	if err := s.o.Policies.May(actor, access.RecordCreate, access.Thing{Kind: access.Program, ID: p.Program, Program: p.Program}); err != nil {
		return Participant{}, fmt.Errorf("open a record: %w", err)
	}
	p.ID, p.Revision, p.State, p.OpenedAt, p.OpenedBy, p.Account = db.NewID(), 1, Open, s.o.Now(), actor.ID, ""
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		if err := s.o.Vault.AddPerson(ctx, tx, p.ID); err != nil {
			return err
		}
		sealed, err := s.seal(ctx, tx, p)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO participant (id, program, account, revision, called, legal_name, birth_month, name_index, called_index, language, state, opened_at, opened_by)
			VALUES ($1, $2, '', 1, $3, $4, $5, $6, $7, $8, 'open', $9, $10)`,
			p.ID, p.Program, sealed["called"], sealed["legal_name"], sealed["birth_month"], s.nameIndex(p), s.calledIndex(p.Called), p.Language, db.Millis(p.OpenedAt), actor.ID); err != nil {
			return err
		}
		// Who could walk with them here does from now on.
		with := access.Thing{Kind: access.Record, ID: p.ID, Person: p.ID, Program: p.Program, Peers: []string{actor.ID}}
		if s.o.Policies.May(actor, access.RecordWrite, with) == nil {
			if err := s.insertPairing(ctx, tx, actor, Pairing{Participant: p.ID, Peer: actor.ID, Role: Primary, From: s.o.Today()}); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, actor, "record.open", p.ID, "", "")
	})
	if err != nil {
		return Participant{}, fmt.Errorf("open a record: %w", err)
	}
	return p, nil
}

// SaveRecord changes what a person is called, their name for papers, month of birth and language, in the
// revision that was shown.
func (s *Service) SaveRecord(ctx context.Context, actor access.Actor, n Participant) error {
	if err := n.check(); err != nil {
		return err
	}
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		p, t, err := s.may(ctx, tx, actor, access.RecordCorrect, n.ID, tx.ForUpdate())
		if err != nil {
			return err
		}
		if p.Revision != n.Revision || p.State == Erased {
			return changedMeanwhile()
		}
		sealed, err := s.seal(ctx, tx, n)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE participant SET revision = revision + 1, called = $2, legal_name = $3, birth_month = $4, name_index = $5, called_index = $6, language = $7 WHERE id = $1`,
			p.ID, sealed["called"], sealed["legal_name"], sealed["birth_month"], s.nameIndex(n), s.calledIndex(n.Called), n.Language); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "record.correct", p.ID, basis(actor, t), "")
	})
	if err != nil {
		return fmt.Errorf("save a record: %w", err)
	}
	return nil
}

// MayInvite tells whether an actor may give a participant a way to sign in, and gives what they are called.
func (s *Service) MayInvite(ctx context.Context, actor access.Actor, id string) (Participant, error) {
	var p Participant
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if p, _, err = s.may(ctx, tx, actor, access.RecordInvite, id, ""); err != nil {
			return err
		}
		if p.Account != "" || p.State != Open {
			return fault.New(fault.Conflict, "This record has an account already.")
		}
		return nil
	})
	if err != nil {
		return Participant{}, fmt.Errorf("invite a participant: %w", err)
	}
	return p, nil
}

// Joined joins a record with the account of the person themself, in the transaction in which they take up an
// invitation: MayInvite was asked when it was made. fault.Conflict: the account or the record has another.
func (s *Service) Joined(ctx context.Context, tx *db.Tx, id, account string) error {
	p, err := s.participant(ctx, tx, id, tx.ForUpdate())
	if err != nil {
		return fmt.Errorf("join a record: %w", err)
	}
	if p.Account != "" || p.State != Open {
		return fault.New(fault.Conflict, "This record has an account already.")
	}
	if _, err := tx.Exec(ctx, `UPDATE participant SET account = $2 WHERE id = $1`, id, account); err != nil {
		if errors.Is(err, db.ErrUnique) {
			return fault.New(fault.Conflict, "This account has a record already.")
		}
		return fmt.Errorf("join a record: %w", err)
	}
	return s.record(ctx, tx, access.Actor{ID: account}, "record.join", id, "own", "account:"+account)
}

// ParticipantOf gives the id of the record that belongs to an account, "" when there is none.
func (s *Service) ParticipantOf(ctx context.Context, q db.Querier, account string) (string, error) {
	id, err := db.One(ctx, q, db.Column[string], `SELECT id FROM participant WHERE account = $1 AND state <> 'erased'`, account)
	if errors.Is(err, db.ErrNone) {
		return "", nil
	}
	return id, err
}

// ReadRecord gives all that is known about a participant, and writes down that somebody looked, in one
// transaction: a look that cannot be written down does not happen.
func (s *Service) ReadRecord(ctx context.Context, actor access.Actor, id string) (Record, error) {
	var r Record
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		p, t, err := s.may(ctx, tx, actor, access.RecordRead, id, "")
		if err != nil {
			return err
		}
		if r, err = s.whole(ctx, tx, p); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "record.read", id, basis(actor, t), "")
	})
	if err != nil {
		return Record{}, fmt.Errorf("read a record: %w", err)
	}
	return r, nil
}

// whole reads all of a record.
func (s *Service) whole(ctx context.Context, q db.Querier, p Participant) (r Record, err error) {
	r.Participant = p
	ring, err := s.o.Vault.Ring(ctx, q, []string{p.ID})
	if err != nil {
		return r, err
	}
	if r.Points, err = s.points(ctx, q, ring, p.ID); err != nil {
		return r, err
	}
	if r.Notes, err = s.notes(ctx, q, ring, p.ID); err != nil {
		return r, err
	}
	if r.Pairings, err = s.pairings(ctx, q, `WHERE participant = $1`, p.ID); err != nil {
		return r, err
	}
	r.Emergencies, err = s.emergencies(ctx, q, `WHERE e.participant = $1 ORDER BY e.at DESC, e.id`, p.ID)
	return r, err
}

// AddNote writes something down about a participant.
func (s *Service) AddNote(ctx context.Context, actor access.Actor, id, words string) (Note, error) {
	words = strings.TrimSpace(strings.ToValidUTF8(words, ""))
	if n := utf8.RuneCountInString(words); n == 0 || n > NoteLimit {
		return Note{}, fault.New(fault.Invalid, "Something here needs another look.").With("words", "Please write between 1 and %d letters.", NoteLimit)
	}
	note := Note{ID: db.NewID(), At: s.o.Now(), By: actor.ID, Words: words}
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		p, t, err := s.may(ctx, tx, actor, access.RecordWrite, id, "")
		if err != nil {
			return err
		}
		if p.State == Erased {
			return changedMeanwhile()
		}
		sealed, err := s.o.Vault.Seal(ctx, tx, vault.Place{Person: id, Table: "case_note", Column: "words", Row: note.ID}, words)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO case_note (id, participant, at, by_account, words) VALUES ($1, $2, $3, $4, $5)`, note.ID, id, db.Millis(note.At), actor.ID, sealed); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "record.note", id, basis(actor, t), "note:"+note.ID)
	})
	if err != nil {
		return Note{}, fmt.Errorf("add a note: %w", err)
	}
	return note, nil
}

func (s *Service) notes(ctx context.Context, q db.Querier, ring *vault.Ring, id string) ([]Note, error) {
	type row struct {
		Note
		sealed []byte
	}
	rows, err := db.All(ctx, q, func(scan db.Scan) (r row, err error) {
		var at int64
		err = scan(&r.ID, &at, &r.By, &r.sealed)
		r.At = db.Time(at)
		return r, err
	}, `SELECT id, at, by_account, words FROM case_note WHERE participant = $1 ORDER BY at DESC, id DESC`, id)
	if err != nil {
		return nil, err
	}
	all := make([]Note, len(rows))
	for i, r := range rows {
		all[i] = r.Note
		if all[i].Words, err = open(ring, vault.Place{Person: id, Table: "case_note", Column: "words", Row: r.ID}, r.sealed); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// sealedParts names what of a participant is sealed.
func (p *Participant) sealedParts() map[string]*string {
	return map[string]*string{"called": &p.Called, "legal_name": &p.LegalName, "birth_month": &p.BirthMonth}
}

func (s *Service) seal(ctx context.Context, q db.Querier, p Participant) (map[string][]byte, error) {
	ring, err := s.o.Vault.Ring(ctx, q, []string{p.ID})
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	for column, words := range p.sealedParts() {
		if out[column], err = ring.Seal(vault.Place{Person: p.ID, Table: "participant", Column: column, Row: p.ID}, *words); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// open opens a sealed value; of somebody who is erased it is empty.
func open(ring *vault.Ring, at vault.Place, sealed []byte) (string, error) {
	words, err := ring.Open(at, sealed)
	if errors.Is(err, vault.ErrErased) {
		return "", nil
	}
	return words, err
}

// nameIndex is the blind index of what a person is called and when they were born: equal for two records that
// may be about one person.
func (s *Service) nameIndex(p Participant) string {
	return s.o.Vault.Index("participant.name", text.Fold(p.Called)+" "+p.BirthMonth)
}

// calledIndex is the blind index of what a person is called.
func (s *Service) calledIndex(called string) string {
	return s.o.Vault.Index("participant.called", text.Fold(called))
}

const participantColumns = `p.id, p.program, p.account, p.revision, p.called, p.legal_name, p.birth_month, p.language, p.state, p.opened_at, p.opened_by`

type participantRow struct {
	Participant
	sealed map[string][]byte
}

func scanParticipant(scan db.Scan) (r participantRow, err error) {
	var called, legal, born []byte
	var state string
	var opened int64
	err = scan(&r.ID, &r.Program, &r.Account, &r.Revision, &called, &legal, &born, &r.Language, &state, &opened, &r.OpenedBy)
	r.State, r.OpenedAt = State(state), db.Time(opened)
	r.sealed = map[string][]byte{"called": called, "legal_name": legal, "birth_month": born}
	return r, err
}

func (r *participantRow) open(ring *vault.Ring) (Participant, error) {
	for column, into := range r.sealedParts() {
		words, err := open(ring, vault.Place{Person: r.ID, Table: "participant", Column: column, Row: r.ID}, r.sealed[column])
		if err != nil {
			return Participant{}, err
		}
		*into = words
	}
	return r.Participant, nil
}

func (s *Service) participant(ctx context.Context, q db.Querier, id, lock string) (Participant, error) {
	r, err := db.One(ctx, q, scanParticipant, `SELECT `+participantColumns+` FROM participant p WHERE p.id = $1`+lock, id)
	if errors.Is(err, db.ErrNone) {
		return Participant{}, notFound()
	}
	if err != nil {
		return Participant{}, err
	}
	ring, err := s.o.Vault.Ring(ctx, q, []string{id})
	if err != nil {
		return Participant{}, err
	}
	return r.open(ring)
}

func tidy(s string) string {
	return strings.Join(strings.Fields(norm.NFC.String(strings.ToValidUTF8(s, ""))), " ")
}
