package meeting

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/meeting/welcome"
)

// Visit is a report as an editor sees it.
type Visit struct {
	VisitReport
	ID          string
	MeetingName string
	Week        string // in which it came
	State       string // accepted, queued or refused
	Reasons     []VisitReason
	DecidedBy   string
}

// MostQueuedVisits is how many reports QueuedVisits gives at most: a flood must not fill the desk.
const MostQueuedVisits = 500

// QueuedVisits lists the reports that wait for an editor, oldest week first.
func (s *Service) QueuedVisits(ctx context.Context) ([]Visit, error) {
	return s.visits(ctx, `WHERE r.state = 'queued' ORDER BY r.week, m.name COLLATE "C", r.id LIMIT $1`, int64(MostQueuedVisits))
}

// CountQueuedVisits says how many reports wait for an editor in all.
func (s *Service) CountQueuedVisits(ctx context.Context) (int, error) {
	n, err := db.One(ctx, s.db, db.Column[int64], `SELECT count(*) FROM visit_report WHERE state = 'queued'`)
	if err != nil {
		return 0, fmt.Errorf("count visits: %w", err)
	}
	return int(n), nil
}

// Visits lists the reports on one meeting, latest first, for an editor.
func (s *Service) Visits(ctx context.Context, meetingID string) ([]Visit, error) {
	return s.visits(ctx, `WHERE `+isOrBecame+` ORDER BY r.month DESC, r.week DESC, r.id`, meetingID)
}

func (s *Service) visits(ctx context.Context, where string, args ...any) ([]Visit, error) {
	all, err := db.All(ctx, s.db, func(scan db.Scan) (Visit, error) {
		var v Visit
		var answers, happened, tone, reasons string
		if err := scan(&v.ID, &v.MeetingID, &v.MeetingName, &v.Month, &v.Week, &answers, &happened, &tone, &v.Note, &v.State, &reasons, &v.DecidedBy); err != nil {
			return v, err
		}
		v.Happened, _ = welcome.ParseHappenings(happened)
		v.Tone, v.Reasons = welcome.Tone(tone), splitReasons(reasons)
		return v, json.Unmarshal([]byte(answers), &v.Answers)
	}, `SELECT r.id, r.meeting_id, m.name, r.month, r.week, r.answers, r.happened, r.tone, r.note, r.state, r.reasons, r.decided_by
		FROM visit_report r JOIN meeting m ON m.id = r.meeting_id `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("list visits: %w", err)
	}
	return all, nil
}

// DecideVisit lets a report count or refuses it. An editor may also change an earlier decision, their own
// or that of the rules.
func (s *Service) DecideVisit(ctx context.Context, actor, id string, accept bool) error {
	state, action := visitRefused, "visit.refuse"
	if accept {
		state, action = visitAccepted, "visit.accept"
	}
	meetingID, err := db.One(ctx, s.db, db.Column[string], `SELECT meeting_id FROM visit_report WHERE id = $1`, id)
	if errors.Is(err, db.ErrNone) {
		err = fault.New(fault.NotFound, "We do not have this report.")
	}
	if err == nil {
		err = s.changeEvidence(ctx, meetingID, func(tx *db.Tx, p place) error {
			if _, err := tx.Exec(ctx, `UPDATE visit_report SET state = $2, decided_by = $3, decided_at = $4 WHERE id = $1`,
				id, string(state), actor, db.Millis(s.o.Now())); err != nil {
				return err
			}
			return s.record(ctx, tx, actor, action, "visit:"+id, "meeting:"+p.ID)
		})
	}
	if err != nil {
		return fmt.Errorf("decide a visit: %w", err)
	}
	return nil
}
