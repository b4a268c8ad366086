package community

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"hearth/internal/access"
	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/fault"
)

// Kind says what a program is.
type Kind string

// The kinds of programs.
const (
	RecoveryCommunity Kind = "recovery_community"
	Treatment         Kind = "treatment"
	Hospital          Kind = "hospital"
	Independent       Kind = "independent" // a group that belongs to nobody
)

// Kinds lists the kinds in the order in which people are shown them.
var Kinds = []Kind{RecoveryCommunity, Treatment, Hospital, Independent}

// Program is one program of the community: who discloses, and which law it keeps.
type Program struct {
	ID       string
	Revision int64
	Name     string
	Kind     Kind
	Address  string
	Contact  string // whom to write to, to take a permission back or to complain
	// Part2 tells whether 42 CFR Part 2 applies. It does unless somebody decided otherwise and wrote down why.
	Part2    bool
	Part2Why string
	Covered  bool // a covered entity or business associate under HIPAA
	// AdultAt is the age from which somebody signs for themselves. AloneAt is the age from which the state's
	// law lets a minor sign alone, 0 for never, and AloneLaw where that stands.
	AdultAt, AloneAt int
	AloneLaw         string
}

func (p *Program) check() error {
	var wrong fault.Fields
	p.Name, p.Address, p.Contact, p.Part2Why, p.AloneLaw = tidy(p.Name), tidy(p.Address), tidy(p.Contact), tidy(p.Part2Why), tidy(p.AloneLaw)
	if c := utf8.RuneCountInString(p.Name); c == 0 || c > NameLimit {
		wrong.Add("name", "Please give a name of at most %d letters.", NameLimit)
	}
	for field, words := range map[string]string{"address": p.Address, "contact": p.Contact, "part2_why": p.Part2Why, "alone_law": p.AloneLaw} {
		if utf8.RuneCountInString(words) > WordsLimit {
			wrong.Add(field, "Please use at most %d letters.", WordsLimit)
		}
	}
	if !slices.Contains(Kinds, p.Kind) {
		wrong.Add("kind", "Please choose what kind of program it is.")
	}
	if p.Contact == "" {
		wrong.Add("contact", "Please say how people can write to the program: the law asks for it on every permission.")
	}
	if !p.Part2 && p.Part2Why == "" {
		wrong.Add("part2_why", "Please write down who decided that Part 2 does not apply, and why.")
	}
	if p.AdultAt < 14 || p.AdultAt > 21 {
		wrong.Add("adult_at", "Please give the age from which people sign for themselves, such as 18.")
	}
	if p.AloneAt != 0 && (p.AloneAt < 10 || p.AloneAt >= p.AdultAt) {
		wrong.Add("alone_at", "Please give an age below the other one, or leave it empty.")
	}
	if p.AloneAt != 0 && p.AloneLaw == "" {
		wrong.Add("alone_law", "Please say which law of your state lets a minor sign alone.")
	}
	return wrong.Err()
}

// SaveProgram keeps a program: a new one when its ID is empty. fault.Conflict: somebody else saved it in between.
func (s *Service) SaveProgram(ctx context.Context, actor access.Actor, p Program) (Program, error) {
	if err := s.o.Policies.May(actor, access.CommunitySet, access.Thing{Kind: access.House}); err != nil {
		return Program{}, fmt.Errorf("save a program: %w", err)
	}
	return s.saveOne(ctx, actor.ID, p)
}

// SetUpProgram is SaveProgram while the house is being set up, by hand or by a test. fault.Gone: it is done.
func (s *Service) SetUpProgram(ctx context.Context, p Program) (Program, error) {
	now, err := s.read(ctx, s.db)
	if err != nil {
		return Program{}, fmt.Errorf("set up a program: %w", err)
	}
	if now.Step == StepDone {
		return Program{}, fault.New(fault.Gone, "Everything is set up already. Please sign in.")
	}
	return s.saveOne(ctx, "set-up", p)
}

func (s *Service) saveOne(ctx context.Context, actor string, p Program) (Program, error) {
	if err := p.check(); err != nil {
		return Program{}, err
	}
	var saved Program
	err := s.db.WithTx(ctx, func(tx *db.Tx) (err error) {
		saved, err = s.saveProgram(ctx, tx, actor, p)
		return err
	})
	if err != nil {
		return Program{}, fmt.Errorf("save a program: %w", err)
	}
	return saved, nil
}

// saveProgram writes a program that was checked.
func (s *Service) saveProgram(ctx context.Context, tx *db.Tx, actor string, p Program) (Program, error) {
	if p.ID == "" {
		p.ID, p.Revision = db.NewID(), 0
	}
	n, err := tx.Exec(ctx, `INSERT INTO program (id, revision, name, kind, address, contact, part2, part2_why, covered, adult_at, alone_at, alone_law, added_at)
		VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (id) DO UPDATE SET revision = program.revision + 1, name = excluded.name, kind = excluded.kind, address = excluded.address,
			contact = excluded.contact, part2 = excluded.part2, part2_why = excluded.part2_why, covered = excluded.covered,
			adult_at = excluded.adult_at, alone_at = excluded.alone_at, alone_law = excluded.alone_law WHERE program.revision = $13`,
		p.ID, p.Name, string(p.Kind), p.Address, p.Contact, p.Part2, p.Part2Why, p.Covered, p.AdultAt, p.AloneAt, p.AloneLaw, db.Millis(s.o.Now()), p.Revision)
	if err != nil {
		return Program{}, err
	}
	if n == 0 {
		return Program{}, changed()
	}
	p.Revision++
	return p, s.tell(ctx, tx, audit.Entry{At: s.o.Now(), Actor: actor, Action: "program.set", Subject: "program:" + p.ID, Detail: fmt.Sprintf("part2=%t", p.Part2)})
}

const programColumns = `id, revision, name, kind, address, contact, part2, part2_why, covered, adult_at, alone_at, alone_law`

func scanProgram(scan db.Scan) (p Program, err error) {
	var kind string
	err = scan(&p.ID, &p.Revision, &p.Name, &kind, &p.Address, &p.Contact, &p.Part2, &p.Part2Why, &p.Covered, &p.AdultAt, &p.AloneAt, &p.AloneLaw)
	p.Kind = Kind(kind)
	return p, err
}

// Programs lists the programs, the first one first.
func (s *Service) Programs(ctx context.Context) ([]Program, error) {
	return db.All(ctx, s.db, scanProgram, `SELECT `+programColumns+` FROM program ORDER BY added_at, id`)
}

// Program finds one, as a transaction sees it; a nil one is the database as it stands. fault.NotFound: there is none of this id.
func (s *Service) Program(ctx context.Context, q db.Querier, id string) (Program, error) {
	if q == nil {
		q = s.db
	}
	p, err := db.One(ctx, q, scanProgram, `SELECT `+programColumns+` FROM program WHERE id = $1`, id)
	if errors.Is(err, db.ErrNone) {
		return Program{}, fault.New(fault.NotFound, "We do not have this program.")
	}
	return p, err
}
