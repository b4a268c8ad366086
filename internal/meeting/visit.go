package meeting

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"hearth/internal/civil"
	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/meeting/welcome"
)

// VisitReport is what somebody who was there tells. It says nothing about them.
type VisitReport struct {
	MeetingID string
	Month     string // of the visit, 2026-05; the day is never asked
	Answers   welcome.Answers
	Happened  welcome.Happenings
	Tone      welcome.Tone
	Note      string // editors read it, nobody publishes it
}

// Submission is how a report came. Nothing of it is stored as it is.
type Submission struct {
	Network   string // remote address; counted under the key of the day, then forgotten
	Challenge string // the one that the page was given; "" where it had none
	Solution  string // "" from a form without JavaScript, whose report waits for an editor
}

// Receipt tells what became of a report.
type Receipt struct {
	Counted bool          // it counts from now on
	Queued  bool          // an editor reads it first
	Reasons []VisitReason // why; in the order in which they were found
}

// VisitReason says why a report waits for an editor.
type VisitReason string

// The reasons.
const (
	ReasonPlain   VisitReason = "plain"   // came without a proof of work
	ReasonNetwork VisitReason = "network" // many from one network today
	ReasonSame    VisitReason = "same"    // another one from that network on that meeting today
	ReasonAlike   VisitReason = "alike"   // nearly the same as another
	ReasonBurst   VisitReason = "burst"   // part of a sudden rush on the meeting
)

// Limits of a report.
const (
	NoteLimit   = 1000 // letters
	OldestVisit = 24   // months
)

var monthForm = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])$`)

// check tidies a report and says what is wrong with it.
func (r *VisitReport) check(now time.Time) error {
	var wrong fault.Fields
	// Somewhere it is already tomorrow, and with it the next month.
	newest := now.UTC().Add(14 * time.Hour).Format("2006-01")
	oldest := now.UTC().AddDate(0, -OldestVisit, 0).Format("2006-01")
	switch {
	case !monthForm.MatchString(r.Month):
		wrong.Add("month", "Please say in which month you went.")
	case r.Month > newest:
		wrong.Add("month", "That month is still to come. Please choose the month in which you went.")
	case r.Month < oldest:
		wrong.Add("month", "That is too long ago to help the next person. We take visits of the last two years.")
	}
	if !r.Answers.Any() && r.Happened == 0 && r.Tone == "" {
		wrong.Add("answers", "Please answer at least one question.")
	}
	for _, a := range r.Answers {
		if a > welcome.Yes {
			wrong.Add("answers", "Please choose one of the answers.")
			break
		}
	}
	if !r.Tone.Valid() {
		wrong.Add("tone", "Please choose one of the answers.")
	}
	r.Note = tidyNote(r.Note)
	if n := utf8.RuneCountInString(r.Note); n > NoteLimit {
		wrong.Add("note", "Please use at most %d letters. There are %d now.", NoteLimit, n)
	}
	return wrong.Err()
}

// tidyNote takes out what nobody can see and joins the kinds of line ends.
func tidyNote(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

var errNoMeeting = fault.New(fault.NotFound, "We do not have this meeting.")

// ReportVisit takes a report. It counts at once, or waits for an editor when it came without a proof, from
// a network that has sent much today, or looks like part of a campaign.
func (s *Service) ReportVisit(ctx context.Context, r VisitReport, from Submission) (Receipt, error) {
	now := s.o.Now()
	if err := r.check(now); err != nil {
		return Receipt{}, err
	}
	// What takes long is read before the transaction, which on SQLite keeps everybody else from writing.
	near, err := s.neighboursOf(ctx, r.MeetingID)
	if err != nil {
		return Receipt{}, fmt.Errorf("report a visit: %w", err)
	}
	said, err := compareNotes(ctx, s.db, r.Note, now)
	if err != nil {
		return Receipt{}, fmt.Errorf("report a visit: %w", err)
	}
	var receipt Receipt
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		place, err := lockMeeting(ctx, tx, r.MeetingID)
		if err == nil && !place.Listed {
			err = errNoMeeting
		}
		if err != nil {
			return err
		}
		reasons, err := takeChallenge(ctx, tx, r.MeetingID, from, now)
		if err != nil {
			return err
		}
		r := r
		r.MeetingID = place.ID
		more, err := s.suspect(ctx, tx, r, said, from, now)
		if err != nil {
			return err
		}
		reasons = append(reasons, more...)
		state := visitAccepted
		if len(reasons) > 0 {
			state = visitQueued
		}
		if err := insertVisit(ctx, tx, r, state, reasons, now, vouched{}); err != nil {
			return err
		}
		changed := state == visitAccepted
		if slices.Contains(reasons, ReasonBurst) {
			n, err := holdBurst(ctx, tx, r.MeetingID, now)
			if err != nil {
				return err
			}
			changed = changed || n > 0
		}
		receipt = Receipt{Counted: state == visitAccepted, Queued: state == visitQueued, Reasons: reasons}
		if !changed {
			return nil
		}
		return s.rewriteWelcome(ctx, tx, place, near)
	})
	if err != nil {
		return Receipt{}, fmt.Errorf("report a visit: %w", err)
	}
	return receipt, nil
}

// suspect gives the reasons for which a report should be read by a person, apart from its proof.
func (s *Service) suspect(ctx context.Context, tx *db.Tx, r VisitReport, said compared, from Submission, now time.Time) ([]VisitReason, error) {
	var reasons []VisitReason
	all, here, err := countNetwork(ctx, tx, countVisits, from.Network, r.MeetingID, now)
	if err != nil {
		return nil, err
	}
	switch {
	case all > queuedPerNetwork:
		return nil, fault.New(fault.TooMany, "Many reports have come from your network today. Please try again tomorrow.")
	case all > directPerNetwork:
		reasons = append(reasons, ReasonNetwork)
	}
	if here > 1 {
		reasons = append(reasons, ReasonSame)
	}
	alike, err := said.again(ctx, tx, now)
	if err == nil && !alike {
		alike, err = isRepeated(ctx, tx, r, now)
	}
	if err != nil {
		return nil, err
	}
	if alike {
		reasons = append(reasons, ReasonAlike)
	}
	rush, err := isBurst(ctx, tx, r.MeetingID, now)
	if err != nil {
		return nil, err
	}
	if rush {
		reasons = append(reasons, ReasonBurst)
	}
	return reasons, nil
}

// takeChallenge uses the challenge up. A challenge that comes twice is the same report sent twice. One
// that is missing, has expired or is not solved costs the reader nothing but an editor's look.
func takeChallenge(ctx context.Context, tx *db.Tx, meetingID string, from Submission, now time.Time) ([]VisitReason, error) {
	if from.Challenge == "" {
		return []VisitReason{ReasonPlain}, nil
	}
	key, err := challengeKey(ctx, tx)
	if err != nil {
		return nil, err
	}
	id, expires, err := ReadChallenge(key, from.Challenge, meetingID, now)
	if errors.Is(err, ErrChallengeExpired) {
		return []VisitReason{ReasonPlain}, nil
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "This form does not belong to this meeting. Please open the page again and send it once more.").Because(err)
	}
	n, err := tx.Exec(ctx, `INSERT INTO challenge_used (id, expires_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`, id, db.Millis(expires))
	if err != nil {
		return nil, fmt.Errorf("use a challenge: %w", err)
	}
	if n == 0 {
		return nil, fault.New(fault.Conflict, "We already have this report. Thank you.")
	}
	if !Solves(from.Challenge, from.Solution) {
		return []VisitReason{ReasonPlain}, nil
	}
	return nil, nil
}

// visitState is what stands in visit_report.state.
type visitState string

const (
	visitAccepted visitState = "accepted"
	visitQueued   visitState = "queued"
	visitRefused  visitState = "refused"
)

// vouched is who let a report count, and when; zero while nobody but the rules has looked at it.
type vouched struct {
	by string
	at int64 // Unix milliseconds
}

// insertVisit stores a report that came at that time.
func insertVisit(ctx context.Context, tx *db.Tx, r VisitReport, state visitState, reasons []VisitReason, at time.Time, who vouched) error {
	answers, err := jsonText(r.Answers)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO visit_report (id, meeting_id, month, week, answers, happened, tone, note, state, reasons, decided_by, decided_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		rand.Text(), r.MeetingID, r.Month, isoWeek(at), answers, r.Happened.String(), string(r.Tone), r.Note, string(state), joinReasons(reasons),
		who.by, who.at)
	if err != nil {
		return fmt.Errorf("write a visit: %w", err)
	}
	return nil
}

// holdBurst takes back the reports of this week that no person has looked at yet: the first ones of a
// campaign came before it could be seen.
func holdBurst(ctx context.Context, tx *db.Tx, meetingID string, now time.Time) (int64, error) {
	n, err := tx.Exec(ctx, `UPDATE visit_report SET state = 'queued', reasons = $3
		WHERE meeting_id = $1 AND week = $2 AND state = 'accepted' AND decided_by = ''`, meetingID, isoWeek(now), string(ReasonBurst))
	if err != nil {
		return 0, fmt.Errorf("hold a burst: %w", err)
	}
	return n, nil
}

func joinReasons(reasons []VisitReason) string {
	var out []string
	for _, r := range reasons {
		out = append(out, string(r))
	}
	return strings.Join(out, " ")
}

func splitReasons(s string) []VisitReason {
	var out []VisitReason
	for _, r := range strings.Fields(s) {
		out = append(out, VisitReason(r))
	}
	return out
}

func jsonText(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// day is the civil date on which cards are made.
func (s *Service) day() civil.Date { return civil.DateOf(s.o.Now().UTC()) }
