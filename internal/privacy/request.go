package privacy

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hearth/internal/access"
	"hearth/internal/civil"
	"hearth/internal/db"
	"hearth/internal/fault"
)

// RequestKind is what a participant asks for.
type RequestKind string

// The kinds.
const (
	Access      RequestKind = "access"      // to see, or get a copy of, what is known
	Correction  RequestKind = "correction"  // to have it changed
	Accounting  RequestKind = "accounting"  // to be told who was told
	Restricting RequestKind = "restriction" // to have something not shared
)

// RequestKinds lists the kinds in the order in which people are shown them.
var RequestKinds = []RequestKind{Access, Correction, Restricting, Accounting}

// Extension is for how many days the one extension is.
const Extension = 30

// Clock is how long the program has to answer, and which rule says so.
type Clock struct {
	Days int
	Rule string // a citation; the same in every language
	Own  bool   // the rule sets no time: the house set itself this one
}

// Clock gives the time for a kind of request. Access has 30 days in the HIPAA rule and the others 60, each with
// one extension of 30. Part 2 gives the rights (2.23, 2.25, 2.26) and sets no time for access and restriction.
func (k RequestKind) Clock() Clock {
	switch k {
	case Access:
		return Clock{30, "45 CFR 164.524(b)(2); 42 CFR 2.23", false}
	case Correction:
		return Clock{60, "45 CFR 164.526(b)(2)", false}
	case Accounting:
		return Clock{60, "42 CFR 2.25; 45 CFR 164.528(c)(1)", false}
	}
	return Clock{60, "42 CFR 2.26; 45 CFR 164.522(a)", true}
}

// Outcome is what came of a request.
type Outcome string

// The outcomes; "" while it is open.
const (
	Granted Outcome = "granted"
	Partly  Outcome = "partly"
	Denied  Outcome = "denied"
)

// Request is one thing that a participant asked for.
type Request struct {
	ID          string
	Participant string
	Program     string
	Kind        RequestKind
	Words       string // "" when the person was erased
	AskedAt     time.Time
	AskedBy     string // account: their own, or of who wrote it down for them
	Due         civil.Date
	ExtendedAt  time.Time // zero: not
	ExtendedBy  string
	ExtendedWhy string
	AnsweredAt  time.Time // zero: open
	AnsweredBy  string
	Outcome     Outcome
	Answer      string
}

// Open tells whether nobody has answered yet.
func (r Request) Open() bool { return r.AnsweredAt.IsZero() }

// Late tells whether the answer is overdue on a day.
func (r Request) Late(today civil.Date) bool { return r.Open() && r.Due.Before(today) }

func (r Request) thing() access.Thing {
	return access.Thing{Kind: access.Request, ID: r.ID, Person: r.Participant, Program: r.Program}
}

// Ask writes down what a participant asks for; the clock begins.
func (s *Service) Ask(ctx context.Context, actor access.Actor, participant string, kind RequestKind, text string) (Request, error) {
	text, err := words("words", text)
	if err == nil && !slices.Contains(RequestKinds, kind) {
		err = wrong().With("kind", "Please choose what it is.")
	}
	if err != nil {
		return Request{}, err
	}
	r := Request{ID: db.NewID(), Participant: participant, Kind: kind, Words: text, AskedAt: s.o.Now(), AskedBy: actor.ID, Due: s.o.Today().AddDays(kind.Clock().Days)}
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		t, erased, err := s.o.Record(ctx, tx, participant)
		if err != nil {
			return err
		}
		if err := s.o.Policies.May(actor, access.RequestMake, t); err != nil || erased {
			return hide(cmpErr(err, access.NotThere()))
		}
		r.Program = t.Program
		sealed, err := s.seal(ctx, tx, participant, "privacy_request", "words", r.ID, text)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO privacy_request (id, participant, program, kind, words, asked_at, asked_by, due, extended_at, extended_by, extended_why, answered_at, answered_by, outcome, answer)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, '', NULL, 0, '', '', NULL)`,
			r.ID, r.Participant, r.Program, string(kind), sealed, db.Millis(r.AskedAt), r.AskedBy, r.Due.String()); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "request.make", "request:"+r.ID, participant, string(kind))
	})
	if err != nil {
		return Request{}, fmt.Errorf("ask: %w", err)
	}
	return r, nil
}

func cmpErr(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

// Requests lists what a participant asked for, the newest first, for them and for a keeper.
func (s *Service) Requests(ctx context.Context, actor access.Actor, participant string) ([]Request, error) {
	return s.list(ctx, actor, `WHERE participant = $1 ORDER BY asked_at DESC, id DESC LIMIT 500`, participant)
}

// Waiting lists the requests that nobody has answered, the most urgent first, for the keepers.
func (s *Service) Waiting(ctx context.Context, actor access.Actor) ([]Request, error) {
	return s.list(ctx, actor, `WHERE answered_at = 0 ORDER BY due, id LIMIT 500`)
}

// Answered lists the requests that were answered last, the newest first, for the keepers.
func (s *Service) Answered(ctx context.Context, actor access.Actor) ([]Request, error) {
	return s.list(ctx, actor, `WHERE answered_at > 0 ORDER BY answered_at DESC, id DESC LIMIT 50`)
}

// Request finds one.
func (s *Service) Request(ctx context.Context, actor access.Actor, id string) (Request, error) {
	all, err := s.list(ctx, actor, `WHERE id = $1`, id)
	if err == nil && len(all) == 0 {
		err = access.NotThere()
	}
	if err != nil {
		return Request{}, err
	}
	return all[0], nil
}

// list gives those of the requests that the actor may read.
func (s *Service) list(ctx context.Context, actor access.Actor, where string, args ...any) ([]Request, error) {
	var out []Request
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		out = nil
		all, err := s.requests(ctx, tx, where, args...)
		for _, r := range all {
			if s.o.Policies.May(actor, access.RequestRead, r.thing()) == nil {
				out = append(out, r)
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	return out, nil
}

func (s *Service) requests(ctx context.Context, q db.Querier, where string, args ...any) ([]Request, error) {
	type row struct {
		Request
		words, why, answer []byte
	}
	rows, err := db.All(ctx, q, func(scan db.Scan) (r row, err error) {
		var asked, extended, answered int64
		var kind, outcome, due string
		if err = scan(&r.ID, &r.Participant, &r.Program, &kind, &r.words, &asked, &r.AskedBy, &due, &extended, &r.ExtendedBy, &r.why, &answered, &r.AnsweredBy, &outcome, &r.answer); err != nil {
			return r, err
		}
		r.Kind, r.Outcome, r.AskedAt, r.ExtendedAt, r.AnsweredAt = RequestKind(kind), Outcome(outcome), db.Time(asked), db.Time(extended), db.Time(answered)
		r.Due, err = civil.ParseDate(due)
		return r, err
	}, `SELECT id, participant, program, kind, words, asked_at, asked_by, due, extended_at, extended_by, extended_why, answered_at, answered_by, outcome, answer
		FROM privacy_request `+where, args...)
	if err != nil {
		return nil, err
	}
	all := make([]Request, len(rows))
	for i, r := range rows {
		for _, x := range []struct {
			column string
			sealed []byte
			into   *string
		}{{"words", r.words, &r.Words}, {"extended_why", r.why, &r.ExtendedWhy}, {"answer", r.answer, &r.Answer}} {
			if *x.into, err = s.open(ctx, q, r.Participant, "privacy_request", x.column, r.ID, x.sealed); err != nil {
				return nil, err
			}
		}
		all[i] = r.Request
	}
	return all, nil
}

// answerable finds an open request that the actor may answer, and keeps others from answering it meanwhile.
func (s *Service) answerable(ctx context.Context, tx *db.Tx, actor access.Actor, id string) (Request, error) {
	all, err := s.requests(ctx, tx, `WHERE id = $1`+tx.ForUpdate(), id)
	if err != nil {
		return Request{}, err
	}
	if len(all) == 0 {
		return Request{}, access.NotThere()
	}
	if err := s.o.Policies.May(actor, access.RequestAnswer, all[0].thing()); err != nil {
		return Request{}, hide(err)
	}
	if !all[0].Open() {
		return Request{}, changedMeanwhile()
	}
	return all[0], nil
}

// Extend takes the one extension, with a reason that the person reads.
func (s *Service) Extend(ctx context.Context, actor access.Actor, id, why string) error {
	why, err := words("why", why)
	if err != nil {
		return err
	}
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		r, err := s.answerable(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if !r.ExtendedAt.IsZero() {
			return fault.New(fault.Conflict, "The time was made longer once. There is no second time.")
		}
		if r.Late(s.o.Today()) {
			return fault.New(fault.Conflict, "The time is over. It can be made longer only before it is.")
		}
		sealed, err := s.seal(ctx, tx, r.Participant, "privacy_request", "extended_why", id, why)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE privacy_request SET due = $2, extended_at = $3, extended_by = $4, extended_why = $5 WHERE id = $1`,
			id, r.Due.AddDays(Extension).String(), db.Millis(s.o.Now()), actor.ID, sealed); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "request.extend", "request:"+id, r.Participant, "")
	})
	if err != nil {
		return fmt.Errorf("extend: %w", err)
	}
	return nil
}

// Reply answers a request, in words that the person reads. A restriction that is granted, all or in part, is
// written down where the gate looks, in the same transaction; agreed is nil for everything else.
func (s *Service) Reply(ctx context.Context, actor access.Actor, id string, outcome Outcome, text string, agreed *Restriction) error {
	text, err := words("answer", text)
	if err == nil && outcome != Granted && outcome != Partly && outcome != Denied {
		err = wrong().With("outcome", "Please choose what comes of it.")
	}
	if err != nil {
		return err
	}
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		r, err := s.answerable(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		sealed, err := s.seal(ctx, tx, r.Participant, "privacy_request", "answer", id, text)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE privacy_request SET answered_at = $2, answered_by = $3, outcome = $4, answer = $5 WHERE id = $1`,
			id, db.Millis(s.o.Now()), actor.ID, string(outcome), sealed); err != nil {
			return err
		}
		if r.Kind == Restricting && outcome != Denied {
			if agreed == nil {
				return wrong().With("recipient", "Please say what is not shared, and with whom.")
			}
			if err := s.o.Restrict(ctx, tx, actor, r.Participant, *agreed); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, actor, "request.answer", "request:"+id, r.Participant, string(outcome))
	})
	if err != nil {
		return fmt.Errorf("answer a request: %w", err)
	}
	return nil
}
