package meeting

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"hearth/internal/civil"
	"hearth/internal/db"
	"hearth/internal/meeting/welcome"
)

// Welcome is what the public may know of the welcome in one meeting.
type Welcome struct {
	Card   welcome.Card
	Told   []welcome.Told // what happened, in so far as enough people tell of it
	Visits int            // reports that count, whatever they tell of; at most welcome.MostWaiting while no answer rests on visits
	AsOf   string         // month of the latest evidence
	Fit    int64          // version of the parameters, 0 the starting values
}

// countsFor is the meeting for which evidence on meeting m counts: the one into which it was merged, or
// itself. Evidence keeps the meeting on which it was given, so that it returns when they part.
const countsFor = `CASE WHEN m.merged_into <> '' THEN m.merged_into ELSE m.id END`

// isOrBecame is the condition that m is meeting $1 or became part of it. Without the last term SQLite
// could not use the index, which leaves ” out.
const isOrBecame = `(m.id = $1 OR m.merged_into = $1 AND m.merged_into <> '')`

// place is a meeting as the score needs it.
type place struct {
	ID, Name, Fellowship, Area string
	Listed                     bool // somebody may have been there: active, or gone from its feeds
}

// lockMeeting returns the meeting for which evidence on id counts, and keeps others from writing evidence
// on it until the transaction ends.
func lockMeeting(ctx context.Context, tx *db.Tx, id string) (place, error) {
	for range 5 { // a merged meeting points to the other one
		p, into, err := findPlace(ctx, tx, id, tx.ForUpdate())
		if err != nil || into == "" {
			return p, err
		}
		id = into
	}
	return place{}, errNoMeeting
}

func findPlace(ctx context.Context, q db.Querier, id, suffix string) (p place, into string, err error) {
	var state meetingState
	_, err = db.One(ctx, q, func(scan db.Scan) (bool, error) {
		return true, scan(&p.ID, &p.Name, &p.Fellowship, &p.Area, &into, &state)
	}, `SELECT id, name, fellowship, area, merged_into, state FROM meeting WHERE id = $1`+suffix, id)
	if errors.Is(err, db.ErrNone) {
		return place{}, "", errNoMeeting
	}
	p.Listed = state == stateActive || state == stateGone
	return p, into, err
}

// seePlace is lockMeeting for those who only read.
func seePlace(ctx context.Context, tx *db.Tx, id string) (place, error) {
	p, into, err := findPlace(ctx, tx, id, "")
	if err == nil && into != "" {
		p, _, err = findPlace(ctx, tx, into, "")
	}
	return p, err
}

// visit is a report that counts, as the score needs it.
type visit struct {
	meetingID, month, week string
	answers                welcome.Answers
	happened               welcome.Happenings
	tone                   welcome.Tone
}

// The reports that count, with the meeting for which they do. TestVisitPlans holds that only the first
// one reads whole tables.
const (
	countedVisits = `SELECT r.id, ` + countsFor + `, r.month, r.week, r.answers, r.happened, r.tone
		FROM visit_report r JOIN meeting m ON m.id = r.meeting_id`
	allVisits = countedVisits + ` WHERE r.state = 'accepted' ORDER BY r.id`
	// on the meeting $1
	visitsOn = countedVisits + ` WHERE r.state = 'accepted' AND ` + isOrBecame + ` ORDER BY r.id`
	// on all meetings of the fellowship $1 in the area $2
	visitsAround = countedVisits + ` WHERE r.state = 'accepted' AND m.fellowship = $1 AND m.area = $2 AND m.merged_into = ''
		UNION ALL ` + countedVisits + ` JOIN meeting t ON t.id = m.merged_into
			WHERE r.state = 'accepted' AND t.fellowship = $1 AND t.area = $2 AND m.merged_into <> ''
		ORDER BY 1`
)

func loadVisits(ctx context.Context, q db.Querier, sql string, args ...any) ([]visit, error) {
	visits, err := db.All(ctx, q, func(scan db.Scan) (visit, error) {
		var v visit
		var id, answers, happened, tone string
		if err := scan(&id, &v.meetingID, &v.month, &v.week, &answers, &happened, &tone); err != nil {
			return v, err
		}
		v.happened, _ = welcome.ParseHappenings(happened)
		v.tone = welcome.Tone(tone)
		return v, json.Unmarshal([]byte(answers), &v.answers)
	}, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("read visits: %w", err)
	}
	return visits, nil
}

// byMeeting sorts visits by the meeting for which they count.
func byMeeting(visits []visit) map[string][]visit {
	m := map[string][]visit{}
	for _, v := range visits {
		m[v.meetingID] = append(m[v.meetingID], v)
	}
	return m
}

func reportsOn(visits []visit, r welcome.Right, today civil.Date) []welcome.Report {
	var out []welcome.Report
	for _, v := range visits {
		if a := v.answers[r]; a != welcome.Unknown {
			out = append(out, welcome.Report{Age: welcome.AgeOf(v.month, today), Answer: a, Month: v.month, Week: v.week})
		}
	}
	return out
}

// fits are the parameters of all rights.
type fits struct {
	version int64
	right   [welcome.NumRights]welcome.Fit
}

func startingFits() fits {
	var f fits
	for _, r := range welcome.Rights {
		f.right[r] = welcome.StartingFit(r)
	}
	return f
}

// activeFits reads the parameters in force.
func activeFits(ctx context.Context, q db.Querier) (fits, error) {
	f, err := db.One(ctx, q, func(scan db.Scan) (fits, error) {
		var f fits
		var doc string
		if err := scan(&f.version, &doc); err != nil {
			return f, err
		}
		return f, json.Unmarshal([]byte(doc), &f.right)
	}, `SELECT version, doc FROM welcome_fit WHERE state = 'active'`)
	if errors.Is(err, db.ErrNone) {
		return startingFits(), nil
	}
	if err != nil {
		return fits{}, fmt.Errorf("read the parameters of the score: %w", err)
	}
	return f, nil
}

// circle is a group of meetings (a fellowship in an area) whose visits lend each other weight.
type circle struct {
	today  civil.Date
	fits   fits
	wrote  welcome.Answers // the fellowship's position
	groups [welcome.NumRights]welcome.Group
}

func newCircle(f fits, fellowship string, meetings map[string][]visit, ids []string, today civil.Date) circle {
	c := circle{today: today, fits: f, wrote: positionOf(fellowship)}
	for _, r := range welcome.Rights {
		var tallies []welcome.Tally
		for _, id := range ids { // in the order of ids, so that sums come out the same each time
			if reports := reportsOn(meetings[id], r, today); len(reports) > 0 {
				tallies = append(tallies, welcome.Count(welcome.Keep(reports)))
			}
		}
		c.groups[r] = f.right[r].Group(fellowship, c.wrote[r], tallies)
	}
	return c
}

// neighbours are the circle of a meeting without the meeting itself. A fellowship may have thousands of
// meetings in a state, so whoever writes a card reads them before the transaction: what comes in between
// on another meeting moves the card a little, and the night makes all cards anew.
type neighbours struct {
	of place
	circle
}

func (s *Service) loadNeighbours(ctx context.Context, q db.Querier, p place, f fits) (neighbours, error) {
	visits, err := loadVisits(ctx, q, visitsAround, p.Fellowship, p.Area)
	if err != nil {
		return neighbours{}, err
	}
	meetings := byMeeting(visits)
	delete(meetings, p.ID)
	return neighbours{p, newCircle(f, p.Fellowship, meetings, sortedKeys(meetings), s.day())}, nil
}

// neighboursOf reads the neighbours of a meeting before a transaction.
func (s *Service) neighboursOf(ctx context.Context, meetingID string) (n neighbours, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		p, err := seePlace(ctx, tx, meetingID)
		if err != nil {
			return err
		}
		f, err := activeFits(ctx, tx)
		if err != nil {
			return err
		}
		n, err = s.loadNeighbours(ctx, tx, p, f)
		return err
	})
	return n, err
}

// with is the whole circle: the neighbours and the meeting.
func (n neighbours) with(visits []visit) circle {
	c := n.circle
	for _, r := range welcome.Rights {
		if reports := reportsOn(visits, r, c.today); len(reports) > 0 {
			c.groups[r] = c.groups[r].With(welcome.Count(welcome.Keep(reports)))
		}
	}
	return c
}

// welcomeOf makes the card of one meeting of the circle.
func (c circle) welcomeOf(visits []visit, statements []Statement) Welcome {
	w := Welcome{Visits: min(len(visits), welcome.MostWaiting), Fit: c.fits.version}
	for _, r := range welcome.Rights {
		score := welcome.Score{Wait: welcome.WaitReports}
		if reports := reportsOn(visits, r, c.today); len(reports) > 0 {
			score = c.groups[r].Score(reports)
		}
		w.Card[r] = rounded(welcome.Judge(r, score, wordOf(statements, r, c.today), c.wrote[r], c.today))
		w.AsOf = max(w.AsOf, w.Card[r].AsOf)
		if w.Card[r].Enough {
			w.Visits = len(visits)
		}
	}
	var happened []welcome.Happened
	for _, v := range visits {
		happened = append(happened, welcome.Happened{What: v.happened, Tone: v.tone, Week: v.week})
	}
	w.Told = welcome.Tell(happened)
	return w
}

// rounded keeps the digits that mean something, so that a card is not written anew for nothing.
func rounded(v welcome.Verdict) welcome.Verdict {
	for _, x := range []*float64{&v.Mean, &v.Low, &v.High, &v.NEff, &v.SumW} {
		*x = math.Round(*x*1000) / 1000
	}
	return v
}

// isEmpty tells whether the card says nothing that is not the same for the whole fellowship.
func (w Welcome) isEmpty() bool {
	for _, v := range w.Card {
		if v.Reports > 0 || v.Group != welcome.Unknown {
			return false
		}
	}
	return w.Visits == 0
}

// rewriteWelcome makes the card of a meeting anew and tells the directory when it changed. The meeting
// must be locked. The cards of its neighbours, which it moves a little, are made anew at night.
func (s *Service) rewriteWelcome(ctx context.Context, tx *db.Tx, p place, near neighbours) error {
	c, visits, statements, err := s.loadCircle(ctx, tx, p, near)
	if err != nil {
		return err
	}
	w := c.welcomeOf(visits, statements)
	old, err := db.One(ctx, tx, func(scan db.Scan) (c writtenCard, err error) { return c, scan(&c.doc, &c.more) },
		`SELECT doc, more FROM welcome_verdict WHERE meeting_id = $1`, p.ID)
	if err != nil && !errors.Is(err, db.ErrNone) {
		return fmt.Errorf("read the card of %s: %w", p.ID, err)
	}
	doc, more, err := w.stored()
	if err != nil {
		return err
	}
	// The revision tells the night's work that the card was made anew, also where it says the same or became
	// empty: what the night has read lacks the evidence that this card knows.
	if _, err := tx.Exec(ctx, `INSERT INTO welcome_verdict (meeting_id, doc, more, revision) VALUES ($1, $2, $3, 1)
		ON CONFLICT (meeting_id) DO UPDATE SET doc = excluded.doc, more = excluded.more, revision = welcome_verdict.revision + 1`,
		p.ID, doc, more); err != nil {
		return fmt.Errorf("write the card of %s: %w", p.ID, err)
	}
	if doc == old.doc && more == old.more {
		return nil
	}
	return s.touchMeetings(ctx, tx, []string{p.ID})
}

// stored gives the two texts that are kept of a card: the verdicts, which the finder's index reads too,
// and the rest. Both are "" for an empty card.
func (w Welcome) stored() (doc, more string, err error) {
	if w.isEmpty() {
		return "", "", nil
	}
	if doc, err = jsonText(w.Card); err != nil {
		return "", "", err
	}
	more, err = jsonText(besides{w.Told, w.Visits, w.AsOf, w.Fit})
	return doc, more, err
}

// besides is what is kept of a card besides its verdicts.
type besides struct {
	Told   []welcome.Told `json:"told,omitempty"`
	Visits int            `json:"visits"`
	AsOf   string         `json:"as_of,omitempty"`
	Fit    int64          `json:"fit"`
}

// readStored is the reverse of stored, for a card that is not empty.
func readStored(doc, more string) (Welcome, error) {
	var w Welcome
	var b besides
	if err := errors.Join(json.Unmarshal([]byte(doc), &w.Card), json.Unmarshal([]byte(more), &b)); err != nil {
		return Welcome{}, fmt.Errorf("read a card: %w", err)
	}
	w.Told, w.Visits, w.AsOf, w.Fit = b.Told, b.Visits, b.AsOf, b.Fit
	return w, nil
}

// touchMeetings tells the directory that something about these meetings changed.
func (s *Service) touchMeetings(ctx context.Context, tx *db.Tx, ids []string) error {
	seq, err := bumpDirectory(ctx, tx)
	if err != nil {
		return err
	}
	args := []any{seq}
	for _, id := range ids {
		args = append(args, id)
	}
	if _, err := tx.Exec(ctx, `UPDATE meeting SET changed_seq = $1 WHERE id IN (`+db.List(2, len(ids))+`)`, args...); err != nil {
		return fmt.Errorf("tell the directory: %w", err)
	}
	return s.announce(ctx, tx)
}

// loadCircle reads what the card of one meeting is made from. The neighbours are read again where those
// that were read before are of another meeting, which became the one that counts, or are out of date.
func (s *Service) loadCircle(ctx context.Context, q db.Querier, p place, near neighbours) (circle, []visit, []Statement, error) {
	var none circle
	statements, err := loadStatements(ctx, q, `AND `+isOrBecame, p.ID)
	if err != nil {
		return none, nil, nil, fmt.Errorf("read statements: %w", err)
	}
	visits, err := loadVisits(ctx, q, visitsOn, p.ID)
	if err != nil {
		return none, nil, nil, err
	}
	f, err := activeFits(ctx, q)
	if err != nil {
		return none, nil, nil, err
	}
	if near.of != p || near.fits.version != f.version {
		if near, err = s.loadNeighbours(ctx, q, p, f); err != nil {
			return none, nil, nil, err
		}
	}
	return near.with(visits), visits, statements, nil
}

// changeEvidence writes what is said about a meeting, and its card with it, in one transaction.
func (s *Service) changeEvidence(ctx context.Context, meetingID string, write func(*db.Tx, place) error) error {
	near, err := s.neighboursOf(ctx, meetingID)
	if err != nil {
		return err
	}
	return s.db.WithTx(ctx, func(tx *db.Tx) error {
		p, err := lockMeeting(ctx, tx, meetingID)
		if err != nil {
			return err
		}
		if err := write(tx, p); err != nil {
			return err
		}
		return s.rewriteWelcome(ctx, tx, p, near)
	})
}

// readWelcome gives the card as it stands for the public.
func readWelcome(ctx context.Context, q db.Querier, meetingID, fellowship string) (Welcome, error) {
	c, err := db.One(ctx, q, func(scan db.Scan) (c writtenCard, err error) { return c, scan(&c.doc, &c.more) },
		`SELECT doc, more FROM welcome_verdict WHERE meeting_id = $1`, meetingID)
	if err != nil && !errors.Is(err, db.ErrNone) {
		return Welcome{}, fmt.Errorf("read the card of %s: %w", meetingID, err)
	}
	if c.doc != "" {
		return readStored(c.doc, c.more)
	}
	w := Welcome{}
	for r, a := range positionOf(fellowship) {
		w.Card[r] = welcome.Judge(welcome.Right(r), welcome.Score{Wait: welcome.WaitReports}, welcome.Word{}, a, civil.Date{})
	}
	return w, nil
}

// Welcome gives the card of a meeting as it stands for the public.
func (s *Service) Welcome(ctx context.Context, meetingID string) (Welcome, error) {
	var w Welcome
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		p, err := seePlace(ctx, tx, meetingID)
		if err != nil {
			return err
		}
		w, err = readWelcome(ctx, tx, p.ID, p.Fellowship)
		return err
	})
	return w, err
}
