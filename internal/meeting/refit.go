package meeting

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"hearth/internal/civil"
	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/job"
	"hearth/internal/meeting/welcome"
)

// A refit that changes the answers on more cards than this waits for a person.
const (
	movedCards = 5
	movedShare = 0.05 // of the cards that have an answer
)

// Fit is one version of the parameters of the score.
type Fit struct {
	Version   int64
	State     string // active, waiting, past or refused
	Rights    [welcome.NumRights]welcome.Fit
	Meetings  int // with reports, when it was made
	Reports   int
	Decided   int // cards that had an answer
	Moved     int // of them and the others, cards on which an answer changes with it
	MadeAt    time.Time
	DecidedBy string
	DecidedAt time.Time
}

// night is the welcome's work of one night.
type night struct{}

func (night) Kind() string { return "meeting.welcome_night" }

// cardsDue makes all cards anew after meetings were joined, parted or moved.
type cardsDue struct{}

func (cardsDue) Kind() string { return "meeting.welcome_cards" }

func (s *Service) registerWelcomeJobs(q *job.Queue) {
	job.Handle(q, func(ctx context.Context, _ cardsDue) error { return s.AgeCards(ctx) })
	job.Handle(q, func(ctx context.Context, _ night) error { return s.Nightly(ctx) })
	q.Every(night{}.Kind(), 24*time.Hour, func(time.Time) job.Args { return night{} })
}

// enqueueCards has the cards made anew after tx, where there are any. A process without a queue leaves it
// to the night.
func (s *Service) enqueueCards(ctx context.Context, tx *db.Tx) error {
	if s.o.Jobs == nil {
		return nil
	}
	some, err := db.All(ctx, tx, db.Column[int64], `SELECT 1 WHERE EXISTS (SELECT 1 FROM visit_report) OR EXISTS (SELECT 1 FROM group_statement)`)
	if err != nil || len(some) == 0 {
		return err
	}
	return s.o.Jobs.Enqueue(ctx, tx, cardsDue{}, job.Unique("all"))
}

// Nightly does what the welcome needs once a day: it forgets what must not be kept, refits the parameters
// and makes all cards anew, a day older. It can be stopped at any point and started again.
func (s *Service) Nightly(ctx context.Context) error {
	if err := s.Forget(ctx); err != nil {
		return err
	}
	if _, err := s.Refit(ctx); err != nil {
		return err
	}
	return s.AgeCards(ctx)
}

// notesKept is how long the words of visitors are kept for editors.
const notesKept = 26 * 7 * 24 * time.Hour

// Forget deletes keys and counters of past days, used challenges that have expired, and notes that are half
// a year old, also of reports on which nobody has decided: the answers wait on without them. It makes all
// of these unreadable in the database's files, as far as Overwrite can.
func (s *Service) Forget(ctx context.Context) error {
	now := s.o.Now()
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		if err := forgetNetworks(ctx, tx, now); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE visit_report SET note = '' WHERE note <> '' AND week < $1`,
			isoWeek(now.Add(-notesKept))); err != nil {
			return fmt.Errorf("erase old notes: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.db.Overwrite(ctx)
}

// Refit fits the parameters to all reports that count. The new version is in force at once, unless it
// changes the answers on many cards: then it waits, and the old one stays. It returns the zero Fit when
// there is nothing new. Nothing is stored before everything is computed.
func (s *Service) Refit(ctx context.Context) (Fit, error) {
	all, err := s.loadEvidence(ctx)
	if err != nil {
		return Fit{}, fmt.Errorf("refit: %w", err)
	}
	fresh, err := all.fit(ctx)
	if err != nil {
		return Fit{}, fmt.Errorf("refit: %w", err)
	}
	if all.reports() == 0 || sameFits(fresh.Rights, all.fits.right) {
		return Fit{}, nil
	}
	if known, err := s.Fits(ctx); err != nil {
		return Fit{}, fmt.Errorf("refit: %w", err)
	} else if len(known) > 0 && known[0].State != "active" && sameFits(fresh.Rights, known[0].Rights) {
		return Fit{}, nil // a person has it before them, or has refused it
	}
	before, err := all.cards(ctx, all.fits)
	if err != nil {
		return Fit{}, fmt.Errorf("refit: %w", err)
	}
	after, err := all.cards(ctx, fits{right: fresh.Rights})
	if err != nil {
		return Fit{}, fmt.Errorf("refit: %w", err)
	}
	fresh.Decided, fresh.Moved = compareCards(before, after)
	fresh.MadeAt = s.o.Now()
	fresh.State = "active"
	if float64(fresh.Moved) > max(movedCards, movedShare*float64(fresh.Decided)) {
		fresh.State = "waiting"
	}
	doc, err := jsonText(fresh.Rights)
	if err != nil {
		return Fit{}, fmt.Errorf("refit: %w", err)
	}
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		current, err := activeFits(ctx, tx)
		if err != nil {
			return err
		}
		if current.version != all.fits.version {
			return fault.New(fault.Conflict, "Other parameters came into force in the meantime.")
		}
		// A version that still waits is out of date by now.
		if _, err := tx.Exec(ctx, `UPDATE welcome_fit SET state = 'past' WHERE state = 'waiting' OR state = $1`, fresh.State); err != nil {
			return err
		}
		fresh.Version, err = db.One(ctx, tx, db.Column[int64], `SELECT COALESCE(max(version), 0) + 1 FROM welcome_fit`)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO welcome_fit (version, state, doc, meetings, reports, decided, moved, made_at, decided_by, decided_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', 0)`, fresh.Version, fresh.State, doc,
			int64(fresh.Meetings), int64(fresh.Reports), int64(fresh.Decided), int64(fresh.Moved), db.Millis(fresh.MadeAt))
		return err
	})
	if err != nil {
		return Fit{}, fmt.Errorf("refit: %w", err)
	}
	if fresh.State == "active" {
		return fresh, s.AgeCards(ctx)
	}
	return fresh, nil
}

// Fits lists the versions, newest first.
func (s *Service) Fits(ctx context.Context) ([]Fit, error) {
	all, err := db.All(ctx, s.db, func(scan db.Scan) (Fit, error) {
		var f Fit
		var doc string
		var made, decided int64
		if err := scan(&f.Version, &f.State, &doc, &f.Meetings, &f.Reports, &f.Decided, &f.Moved, &made, &f.DecidedBy, &decided); err != nil {
			return f, err
		}
		f.MadeAt, f.DecidedAt = db.Time(made), db.Time(decided)
		return f, json.Unmarshal([]byte(doc), &f.Rights)
	}, `SELECT version, state, doc, meetings, reports, decided, moved, made_at, decided_by, decided_at
		FROM welcome_fit ORDER BY version DESC LIMIT 400`)
	if err != nil {
		return nil, fmt.Errorf("list fits: %w", err)
	}
	return all, nil
}

// DecideFit brings a version that waits into force, or refuses it.
func (s *Service) DecideFit(ctx context.Context, actor string, version int64, accept bool) error {
	state, action := "refused", "fit.refuse"
	if accept {
		state, action = "active", "fit.accept"
	}
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		waits, err := db.All(ctx, tx, db.Column[int64], `SELECT version FROM welcome_fit WHERE version = $1 AND state = 'waiting'`+tx.ForUpdate(), version)
		if err != nil {
			return err
		}
		if len(waits) == 0 {
			return fault.New(fault.NotFound, "This version does not wait for a decision.")
		}
		if accept {
			if _, err := tx.Exec(ctx, `UPDATE welcome_fit SET state = 'past' WHERE state = 'active'`); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `UPDATE welcome_fit SET state = $2, decided_by = $3, decided_at = $4 WHERE version = $1`,
			version, state, actor, db.Millis(s.o.Now())); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, action, fmt.Sprintf("fit:%d", version), "")
	})
	if err != nil {
		return fmt.Errorf("decide a fit: %w", err)
	}
	if accept {
		return s.AgeCards(ctx)
	}
	return nil
}

// allEvidence is everything that cards are made from, as of one moment.
type allEvidence struct {
	today      civil.Date
	fits       fits
	places     map[string]place
	visits     map[string][]visit
	statements map[string][]Statement
	written    map[string]writtenCard // cards as they stand
}

type writtenCard struct {
	doc, more string
	revision  int64
}

func (s *Service) loadEvidence(ctx context.Context) (*allEvidence, error) {
	all := &allEvidence{today: s.day(), places: map[string]place{}, statements: map[string][]Statement{}, written: map[string]writtenCard{}}
	return all, s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		if all.fits, err = activeFits(ctx, tx); err != nil {
			return err
		}
		visits, err := loadVisits(ctx, tx, allVisits)
		if err != nil {
			return err
		}
		all.visits = byMeeting(visits)
		statements, err := loadStatements(ctx, tx, "")
		if err != nil {
			return fmt.Errorf("read statements: %w", err)
		}
		for _, st := range statements {
			all.statements[st.MeetingID] = append(all.statements[st.MeetingID], st)
		}
		if err := db.Each(ctx, tx, func(scan db.Scan) error {
			var id string
			var c writtenCard
			err := scan(&id, &c.doc, &c.more, &c.revision)
			all.written[id] = c
			return err
		}, `SELECT meeting_id, doc, more, revision FROM welcome_verdict`); err != nil {
			return fmt.Errorf("read cards: %w", err)
		}
		return db.Each(ctx, tx, func(scan db.Scan) error {
			var p place
			err := scan(&p.ID, &p.Name, &p.Fellowship, &p.Area)
			all.places[p.ID] = p
			return err
		}, `SELECT id, name, fellowship, area FROM meeting WHERE state <> 'merged' AND (
			id IN (SELECT meeting_id FROM visit_report) OR id IN (SELECT meeting_id FROM group_statement)
			OR id IN (SELECT m.merged_into FROM meeting m JOIN visit_report r ON r.meeting_id = m.id)
			OR id IN (SELECT m.merged_into FROM meeting m JOIN group_statement s ON s.meeting_id = m.id))`)
	})
}

func (all *allEvidence) reports() int {
	n := 0
	for _, v := range all.visits {
		n += len(v)
	}
	return n
}

// fit fits all rights, on plain counts.
func (all *allEvidence) fit(ctx context.Context) (Fit, error) {
	f := Fit{Reports: all.reports(), Meetings: len(all.visits)}
	for _, r := range welcome.Rights {
		var counts []welcome.Counts
		for _, id := range sortedKeys(all.visits) {
			p, ok := all.places[id]
			if !ok {
				continue
			}
			t := welcome.Count(welcome.Keep(reportsOn(all.visits[id], r, all.today)))
			counts = append(counts, welcome.Counts{Fellowship: p.Fellowship, Area: p.Area, Yes: t.Yes, No: t.No})
		}
		if err := ctx.Err(); err != nil {
			return Fit{}, err
		}
		f.Rights[r] = welcome.FitRight(r, counts, welcome.ProductFit)
	}
	return f, nil
}

// cards makes the card of every meeting about which something is known.
func (all *allEvidence) cards(ctx context.Context, f fits) (map[string]Welcome, error) {
	members := map[[2]string][]string{}
	for _, id := range sortedKeys(all.places) {
		p := all.places[id]
		k := [2]string{p.Fellowship, p.Area}
		members[k] = append(members[k], id)
	}
	cards := map[string]Welcome{}
	for k, ids := range members {
		c := newCircle(f, k[0], all.visits, ids, all.today)
		for _, id := range ids {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			cards[id] = c.welcomeOf(all.visits[id], all.statements[id])
		}
	}
	return cards, nil
}

// compareCards counts the cards with an answer and those on which an answer changes.
func compareCards(before, after map[string]Welcome) (decided, moved int) {
	for id, b := range before {
		has, differs := false, false
		for r, v := range b.Card {
			has = has || v.Answer != welcome.Unknown
			differs = differs || v.Answer != after[id].Card[r].Answer
		}
		if has {
			decided++
		}
		if differs {
			moved++
		}
	}
	return decided, moved
}

// sameFits tells whether no parameter differs so much that a card could show it.
func sameFits(a, b [welcome.NumRights]welcome.Fit) bool {
	const same = 1e-4
	near := func(x, y float64) bool { return x-y < same*y && y-x < same*y }
	for r := range a {
		if a[r].Reports != b[r].Reports || !near(a[r].Kappa, b[r].Kappa) || !near(a[r].Kappa1, b[r].Kappa1) || !near(a[r].Mu, b[r].Mu) ||
			!maps.EqualFunc(a[r].Fellowship, b[r].Fellowship, near) {
			return false
		}
	}
	return true
}

// cardsPerTx keeps transactions short, so that reports need not wait for the night's work.
const cardsPerTx = 200

// AgeCards makes all cards anew with the parameters in force and today's weights. A card that is made
// anew by a report in the meantime is left as that made it.
func (s *Service) AgeCards(ctx context.Context) error {
	all, err := s.loadEvidence(ctx)
	if err != nil {
		return fmt.Errorf("age the cards: %w", err)
	}
	cards, err := all.cards(ctx, all.fits)
	if err != nil {
		return fmt.Errorf("age the cards: %w", err)
	}
	var changed []freshCard
	for _, id := range sortedKeys(cards) {
		doc, more, err := cards[id].stored()
		if err != nil {
			return fmt.Errorf("age the cards: %w", err)
		}
		if old := all.written[id]; doc != old.doc || more != old.more {
			changed = append(changed, freshCard{id, doc, more, old.revision})
		}
	}
	for _, id := range sortedKeys(all.written) {
		if _, ok := cards[id]; !ok && all.written[id].doc != "" {
			changed = append(changed, freshCard{id: id, revision: all.written[id].revision})
		}
	}
	for chunk := range slices.Chunk(changed, cardsPerTx) {
		if err := s.db.WithTx(ctx, func(tx *db.Tx) error { return s.writeCards(ctx, tx, chunk) }); err != nil {
			return fmt.Errorf("age the cards: %w", err)
		}
	}
	return nil
}

// freshCard is a card made anew from what stood when it had that revision.
type freshCard struct {
	id, doc, more string
	revision      int64
}

func (s *Service) writeCards(ctx context.Context, tx *db.Tx, cards []freshCard) error {
	var rows [][]any
	var ids []string
	for _, c := range cards {
		// The meeting's row is what a report locks, too.
		if _, err := db.One(ctx, tx, db.Column[string], `SELECT id FROM meeting WHERE id = $1`+tx.ForUpdate(), c.id); err != nil {
			return err
		}
		now, err := db.One(ctx, tx, db.Column[int64], `SELECT revision FROM welcome_verdict WHERE meeting_id = $1`, c.id)
		if err != nil && !errors.Is(err, db.ErrNone) {
			return err
		}
		if now == c.revision {
			rows = append(rows, []any{c.id, c.doc, c.more, c.revision + 1})
			ids = append(ids, c.id)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if err := db.Insert(ctx, tx, "welcome_verdict", []string{"meeting_id", "doc", "more", "revision"}, rows,
		`ON CONFLICT (meeting_id) DO UPDATE SET doc = excluded.doc, more = excluded.more, revision = excluded.revision`); err != nil {
		return err
	}
	return s.touchMeetings(ctx, tx, ids)
}
