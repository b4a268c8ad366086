package privacy

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"hearth/internal/access"
	"hearth/internal/civil"
	"hearth/internal/db"
)

// Decision is what an incident turned out to be.
type Decision string

// The decisions; "" while nobody has decided. What was not permitted is presumed to be a breach unless the four
// factors show a low probability that anything was compromised, 45 CFR 164.402(2), through 42 CFR 2.16(b).
const (
	Breach  Decision = "breach"
	LowRisk Decision = "low"
	NoMatch Decision = "none" // nothing about anybody was touched
)

// ToldWithin is how many days after the discovery people are told at the latest, 45 CFR 164.404(b), and how many
// after the end of the year the Secretary is told of what touched fewer than 500, 164.408(c).
const ToldWithin = 60

// Many is from how many people on the Secretary is told together with them, 164.408(b).
const Many = 500

// Factors are the four of 45 CFR 164.402(2), in words.
type Factors struct {
	What      string `json:"what"`      // the nature and extent of what was involved, and how easily somebody is recognised
	Who       string `json:"who"`       // the unauthorised person who used it or got it
	Seen      string `json:"seen"`      // whether it was really taken or seen
	Mitigated string `json:"mitigated"` // how far the risk was made smaller
}

// Incident is something that went wrong with somebody's privacy.
type Incident struct {
	ID         string
	Program    string
	Account    string // who reported it
	Words      string
	ReportedAt time.Time
	Discovered civil.Date // the clock runs from here
	Revision   int64
	Factors
	Decision                             Decision
	DecidedAt                            time.Time
	DecidedBy                            string
	Affected                             int64 // people
	OneState                             bool  // more than 500 residents of one state: the media are told too, 164.406
	ToldPeople, ToldSecretary, ToldMedia civil.Date
}

func (i Incident) thing() access.Thing {
	return access.Thing{Kind: access.Incident, ID: i.ID, Owner: i.Account, Program: i.Program}
}

// Telling is somebody who has to be told of a breach.
type Telling struct {
	Who  string // people, secretary, media
	By   civil.Date
	Told civil.Date // zero: not yet
	Rule string
}

// Tellings lists who has to be told, and until when. Without unreasonable delay comes first: the day is the last.
func (i Incident) Tellings() []Telling {
	if i.Decision != Breach {
		return nil
	}
	by := i.Discovered.AddDays(ToldWithin)
	all := []Telling{{"people", by, i.ToldPeople, "45 CFR 164.404(b)"}}
	if i.Affected >= Many {
		all = append(all, Telling{"secretary", by, i.ToldSecretary, "45 CFR 164.408(b)"})
	} else {
		year := civil.Date{Year: i.Discovered.Year, Month: time.December, Day: 31}
		all = append(all, Telling{"secretary", year.AddDays(ToldWithin), i.ToldSecretary, "45 CFR 164.408(c)"})
	}
	if i.OneState {
		all = append(all, Telling{"media", by, i.ToldMedia, "45 CFR 164.406(b)"})
	}
	return all
}

// Next is the first day by which something has to be done; zero when nothing has.
func (i Incident) Next() civil.Date {
	if i.Decision == "" {
		return i.Discovered.AddDays(ToldWithin)
	}
	var next civil.Date
	for _, t := range i.Tellings() {
		if t.Told.IsZero() && (next.IsZero() || t.By.Before(next)) {
			next = t.By
		}
	}
	return next
}

// Report writes down that something went wrong. Discovered is the day on which it was known, or should have been.
func (s *Service) Report(ctx context.Context, actor access.Actor, program string, discovered civil.Date, text string) (Incident, error) {
	text, err := words("words", text)
	if err == nil && (discovered.IsZero() || s.o.Today().Before(discovered)) {
		err = wrong().With("discovered", "Please write the day on which it was noticed; it cannot lie ahead.")
	}
	if err != nil {
		return Incident{}, err
	}
	if err := s.o.Policies.May(actor, access.IncidentReport, access.TheHouse); err != nil {
		return Incident{}, err
	}
	i := Incident{ID: db.NewID(), Program: program, Account: actor.ID, Words: text, ReportedAt: s.o.Now(), Discovered: discovered, Revision: 1}
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		sealed, err := s.seal(ctx, tx, "", "privacy_incident", "words", i.ID, text)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO privacy_incident (id, program, account, words, reported_at, discovered, revision, factors, decision, decided_at, decided_by, affected, one_state, told_people, told_secretary, told_media)
			VALUES ($1, $2, $3, $4, $5, $6, 1, NULL, '', 0, '', 0, FALSE, '', '', '')`, i.ID, program, actor.ID, sealed, db.Millis(i.ReportedAt), discovered.String()); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "incident.report", "incident:"+i.ID, "", "")
	})
	if err != nil {
		return Incident{}, fmt.Errorf("report an incident: %w", err)
	}
	return i, nil
}

// Incidents is the log: every incident that the actor may read, the newest discovery first.
func (s *Service) Incidents(ctx context.Context, actor access.Actor) ([]Incident, error) {
	return s.log(ctx, actor, `ORDER BY discovered DESC, id DESC LIMIT 1000`)
}

// Incident finds one.
func (s *Service) Incident(ctx context.Context, actor access.Actor, id string) (Incident, error) {
	all, err := s.log(ctx, actor, `WHERE id = $1`, id)
	if err == nil && len(all) == 0 {
		err = access.NotThere()
	}
	if err != nil {
		return Incident{}, err
	}
	return all[0], nil
}

func (s *Service) log(ctx context.Context, actor access.Actor, where string, args ...any) ([]Incident, error) {
	var out []Incident
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		out = nil
		all, err := s.incidents(ctx, tx, where, args...)
		for _, i := range all {
			if s.o.Policies.May(actor, access.IncidentRead, i.thing()) == nil {
				out = append(out, i)
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list incidents: %w", err)
	}
	return out, nil
}

func (s *Service) incidents(ctx context.Context, q db.Querier, where string, args ...any) ([]Incident, error) {
	type row struct {
		Incident
		words, factors []byte
	}
	rows, err := db.All(ctx, q, func(scan db.Scan) (r row, err error) {
		var reported, decided int64
		var decision string
		var days [4]string
		if err = scan(&r.ID, &r.Program, &r.Account, &r.words, &reported, &days[0], &r.Revision, &r.factors, &decision, &decided, &r.DecidedBy, &r.Affected, &r.OneState, &days[1], &days[2], &days[3]); err != nil {
			return r, err
		}
		r.ReportedAt, r.DecidedAt, r.Decision = db.Time(reported), db.Time(decided), Decision(decision)
		for n, into := range []*civil.Date{&r.Discovered, &r.ToldPeople, &r.ToldSecretary, &r.ToldMedia} {
			if *into, err = parseDate(days[n]); err != nil {
				return r, err
			}
		}
		return r, nil
	}, `SELECT id, program, account, words, reported_at, discovered, revision, factors, decision, decided_at, decided_by, affected, one_state, told_people, told_secretary, told_media
		FROM privacy_incident `+where, args...)
	if err != nil {
		return nil, err
	}
	all := make([]Incident, len(rows))
	for n, r := range rows {
		if r.Words, err = s.open(ctx, q, "", "privacy_incident", "words", r.ID, r.words); err != nil {
			return nil, err
		}
		factors, err := s.open(ctx, q, "", "privacy_incident", "factors", r.ID, r.factors)
		if err != nil {
			return nil, err
		}
		if factors != "" {
			if err := json.Unmarshal([]byte(factors), &r.Factors); err != nil {
				return nil, err
			}
		}
		all[n] = r.Incident
	}
	return all, nil
}

// Assess saves the four factors, the decision, how many people it touched, and who was told when. Saying that
// the risk is low needs all four factors in words; without a decision the incident stays presumed a breach.
func (s *Service) Assess(ctx context.Context, actor access.Actor, n Incident) error {
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		all, err := s.incidents(ctx, tx, `WHERE id = $1`+tx.ForUpdate(), n.ID)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return access.NotThere()
		}
		old := all[0]
		if err := s.o.Policies.May(actor, access.IncidentAssess, old.thing()); err != nil {
			return hide(err)
		}
		if old.Revision != n.Revision {
			return changedMeanwhile()
		}
		if err := n.check(old.Discovered, s.o.Today()); err != nil {
			return err
		}
		factors, err := json.Marshal(n.Factors)
		if err != nil {
			return err
		}
		sealed, err := s.seal(ctx, tx, "", "privacy_incident", "factors", n.ID, string(factors))
		if err != nil {
			return err
		}
		decided, by := db.Millis(old.DecidedAt), old.DecidedBy
		if old.DecidedAt.IsZero() {
			decided = 0
		}
		if n.Decision != old.Decision {
			decided, by = db.Millis(s.o.Now()), actor.ID
		}
		if _, err := tx.Exec(ctx, `UPDATE privacy_incident SET revision = revision + 1, factors = $2, decision = $3, decided_at = $4, decided_by = $5, affected = $6, one_state = $7,
				told_people = $8, told_secretary = $9, told_media = $10 WHERE id = $1`,
			n.ID, sealed, string(n.Decision), decided, by, n.Affected, n.OneState, dateText(n.ToldPeople), dateText(n.ToldSecretary), dateText(n.ToldMedia)); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "incident.assess", "incident:"+n.ID, "", string(n.Decision))
	})
	if err != nil {
		return fmt.Errorf("assess an incident: %w", err)
	}
	return nil
}

func (i *Incident) check(discovered, today civil.Date) error {
	bad := wrong()
	for _, f := range []struct {
		name  string
		words *string
	}{{"what", &i.What}, {"who", &i.Who}, {"seen", &i.Seen}, {"mitigated", &i.Mitigated}} {
		*f.words = strings.TrimSpace(strings.ToValidUTF8(*f.words, ""))
		if len([]rune(*f.words)) > WordsLimit {
			bad = bad.With(f.name, "Please write between 1 and %d letters.", WordsLimit)
		}
		if i.Decision == LowRisk && *f.words == "" {
			bad = bad.With(f.name, "To say that the risk is low, all four have to be written down.")
		}
	}
	switch i.Decision {
	case "", Breach, LowRisk, NoMatch:
	default:
		bad = bad.With("decision", "Please choose what it was.")
	}
	if i.Affected < 0 || i.Decision == Breach && i.Affected == 0 {
		bad = bad.With("affected", "Please write how many people it touched.")
	}
	for _, d := range []struct {
		name string
		day  civil.Date
	}{{"told_people", i.ToldPeople}, {"told_secretary", i.ToldSecretary}, {"told_media", i.ToldMedia}} {
		if !d.day.IsZero() && (d.day.Before(discovered) || today.Before(d.day)) {
			bad = bad.With(d.name, "This day lies before it was noticed, or ahead.")
		}
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	return nil
}
