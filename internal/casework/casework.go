// Package casework owns the records of participants: what they want to be called, how they may be reached and
// how not, who walks with them, what was written down, and the emergencies in which somebody else looked.
//
// It must never show a record without writing down who looked, keep anything about a person unsealed, or let a
// message go where the person said no. What leaves the house passes the gate of package consent.
package casework

import (
	"context"
	"embed"
	"slices"
	"time"

	"hearth/internal/access"
	"hearth/internal/audit"
	"hearth/internal/civil"
	"hearth/internal/consent"
	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/vault"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the tables of this package.
var Migrations = db.Source{Name: "casework", FS: files}

// Sealed are the columns that the vault has sealed with the participant's key, for rotation.
var Sealed = []vault.Column{
	{Table: "participant", Column: "called", ID: "id", Person: "id"},
	{Table: "participant", Column: "legal_name", ID: "id", Person: "id"},
	{Table: "participant", Column: "birth_month", ID: "id", Person: "id"},
	{Table: "contact_point", Column: "value", ID: "id", Person: "participant"},
	{Table: "contact_point", Column: "safety", ID: "id", Person: "participant"},
	{Table: "case_note", Column: "words", ID: "id", Person: "participant"},
	{Table: "emergency_access", Column: "reason", ID: "id", Person: "participant"},
}

// Participant is a person who walks with somebody here. Only Called is asked for: a person may be known by a
// chosen name alone.
type Participant struct {
	ID         string
	Program    string
	Account    string // when they sign in themselves
	Revision   int64  // saving with another one is a conflict
	Called     string // what they want to be called
	LegalName  string // for papers; "" until one needs it
	BirthMonth string // 1990-02; "" unless given
	Language   string
	State      State
	OpenedAt   time.Time
	OpenedBy   string
}

// State is whether a record is in use.
type State string

// The states.
const (
	Open   State = "open"
	Left   State = "left"   // they left; what must be kept is kept
	Erased State = "erased" // their key is destroyed
)

// Limits, in letters.
const (
	NameLimit = 120
	NoteLimit = 4000
)

// Note is something that was written down.
type Note struct {
	ID    string
	At    time.Time
	By    string // account
	Words string
}

// Pairing says who walks with a participant, and who answers for it.
type Pairing struct {
	ID          string
	Participant string
	Peer        string // account
	Supervisor  string // account; "" when nobody does yet
	Role        PairRole
	From, Until civil.Date // inclusive; Until zero: open
}

// PairRole is how somebody walks with a participant.
type PairRole string

// The roles in a pairing.
const (
	Primary PairRole = "primary"
	Backup  PairRole = "backup"
)

// Record is all that is known about a participant.
type Record struct {
	Participant
	Points      []Point
	Notes       []Note
	Pairings    []Pairing
	Emergencies []Emergency
}

// Options of a Service; all but MayErase are needed.
type Options struct {
	DB       *db.DB
	Vault    *vault.Vault
	Policies *access.Policies
	Now      func() time.Time
	Today    func() civil.Date // in the community's zone
	// IsPeer tells whether an account is a peer specialist's in a program today.
	IsPeer func(ctx context.Context, q db.Querier, account, program string) (bool, error)
	// Erased is told, in the same transaction, that the person of an account is erased.
	Erased func(ctx context.Context, tx *db.Tx, actor access.Actor, account string) error
	// MayErase is asked in the transaction that erases somebody: an error that may be shown stops it.
	MayErase func(ctx context.Context, tx *db.Tx, participant string) error
}

// Service holds the records of participants.
type Service struct {
	db *db.DB
	o  Options
}

// New returns the records of a database.
func New(o Options) *Service { return &Service{db: o.DB, o: o} }

// record writes into the audit record, by ids.
func (s *Service) record(ctx context.Context, tx *db.Tx, actor access.Actor, action, participant, basis, detail string) error {
	return audit.Record(ctx, tx, audit.Entry{
		At: s.o.Now(), Actor: actor.ID, Action: action, Subject: "participant:" + participant, Person: participant, Basis: basis, Detail: detail,
	})
}

// basis says in a word why somebody may, for the audit record and for the person who reads who looked.
func basis(a access.Actor, t access.Thing) string {
	switch {
	case a.Participant != "" && a.Participant == t.Person:
		return "own"
	case slices.Contains(t.Peers, a.ID):
		return "paired"
	case slices.Contains(t.Supervisors, a.ID):
		return "supervising"
	case slices.Contains(t.OnCall, a.ID):
		return "on call"
	case slices.Contains(a.Emergency, t.Person):
		return "emergency"
	}
	return "role"
}

// thing is a participant's record as policies see it.
func (s *Service) thing(ctx context.Context, q db.Querier, p Participant) (access.Thing, error) {
	t := access.Thing{Kind: access.Record, ID: p.ID, Person: p.ID, Program: p.Program}
	today := s.o.Today().String()
	err := db.Each(ctx, q, func(scan db.Scan) error {
		var peer, supervisor string
		if err := scan(&peer, &supervisor); err != nil {
			return err
		}
		t.Peers = append(t.Peers, peer)
		if supervisor != "" {
			t.Supervisors = append(t.Supervisors, supervisor)
		}
		return nil
	}, `SELECT p.peer, p.supervisor FROM pairing p WHERE p.participant = $1 AND p.from_day <= $2 AND (p.until_day = '' OR p.until_day >= $2)`, p.ID, today)
	return t, err
}

// may finds a participant and asks the policies.
func (s *Service) may(ctx context.Context, q db.Querier, actor access.Actor, act access.Act, id, lock string) (Participant, access.Thing, error) {
	p, err := s.participant(ctx, q, id, lock)
	if err != nil {
		return Participant{}, access.Thing{}, err
	}
	t, err := s.thing(ctx, q, p)
	if err != nil {
		return Participant{}, access.Thing{}, err
	}
	if err := s.o.Policies.May(actor, act, t); err != nil {
		if fault.Is(err, fault.Forbidden) {
			err = notFound()
		}
		return Participant{}, access.Thing{}, err
	}
	return p, t, nil
}

// Profile is what consents need to know of a participant.
func (s *Service) Profile(ctx context.Context, q db.Querier, id string) (consent.Profile, error) {
	p, err := s.participant(ctx, q, id, "")
	if err != nil {
		return consent.Profile{}, err
	}
	t, err := s.thing(ctx, q, p)
	if err != nil {
		return consent.Profile{}, err
	}
	c := consent.Profile{Record: t, Name: p.LegalName, Program: p.Program, Here: p.State == Open, Erased: p.State == Erased}
	if c.Name == "" {
		c.Name = p.Called
	}
	if p.BirthMonth != "" {
		if c.BirthMonth, err = civil.ParseDate(p.BirthMonth + "-01"); err != nil {
			return consent.Profile{}, err
		}
	}
	return c, nil
}

// notFound is also what the policies say of a record that somebody may not know of.
func notFound() error { return access.NotThere() }

func changedMeanwhile() error {
	return fault.New(fault.Conflict, "Somebody changed this in the meantime. Please look at it again.")
}
