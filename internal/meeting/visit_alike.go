package meeting

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hearth/internal/db"
	"hearth/internal/text"
)

// When a report looks like part of a campaign and waits for an editor, with those of the same week.
const (
	burst         = 5   // reports on one meeting in one week, where it usually has fewer
	burstTimes    = 3   // how many times the usual number
	usualWeeks    = 12  // the weeks that make the usual number
	alikeWeeks    = 4   // notes of that many weeks are compared
	alikeShare    = 0.6 // of the runs of letters that two notes have in common
	shortNote     = 20  // letters; shorter notes are often the same by chance
	shingleLength = 5
	fullReport    = 6 // things said; two equal reports that say as much are seldom chance
)

// isoWeek names the week of t, 2026-W21.
func isoWeek(t time.Time) string {
	y, w := t.UTC().ISOWeek()
	return fmt.Sprintf("%04d-W%02d", y, w)
}

// isBurst tells whether one more report this week would be many for this meeting.
func isBurst(ctx context.Context, tx *db.Tx, meetingID string, now time.Time) (bool, error) {
	var thisWeek, before int64
	err := db.Each(ctx, tx, func(scan db.Scan) error { return scan(&thisWeek, &before) },
		`SELECT count(*) FILTER (WHERE week = $2), count(*) FILTER (WHERE week < $2 AND week >= $3 AND state = 'accepted')
		FROM visit_report WHERE meeting_id = $1 AND state <> 'refused'`,
		meetingID, isoWeek(now), isoWeek(now.AddDate(0, 0, -7*usualWeeks)))
	if err != nil {
		return false, fmt.Errorf("look for a burst: %w", err)
	}
	thisWeek++
	return thisWeek >= burst && thisWeek*usualWeeks > burstTimes*before, nil
}

// isAlike tells whether the report says nearly what another one said: a note that is nearly another's, or
// so much of the same, on one meeting in one week, that it can hardly be chance.
func isAlike(ctx context.Context, tx *db.Tx, r VisitReport, now time.Time) (bool, error) {
	alike := false
	answers, err := jsonText(r.Answers)
	if err != nil {
		return false, err
	}
	mine, long := text.Shingles(r.Note, shingleLength), len(text.Fold(r.Note)) >= shortNote
	full := strings.Count(answers, ":")+len(r.Happened.Each()) >= fullReport
	week := isoWeek(now)
	err = db.Each(ctx, tx, func(scan db.Scan) error {
		var id, month, w, theirs, happened, tone, note string
		if err := scan(&id, &month, &w, &theirs, &happened, &tone, &note); err != nil {
			return err
		}
		switch {
		case note != "" && long && text.Similarity(mine, text.Shingles(note, shingleLength)) >= alikeShare:
			alike = true
		case id == r.MeetingID && note != "" && text.Fold(note) == text.Fold(r.Note):
			alike = true
		case full && id == r.MeetingID && w == week && month == r.Month && theirs == answers && happened == r.Happened.String() && tone == string(r.Tone):
			alike = true
		}
		return nil
	}, `SELECT meeting_id, month, week, answers, happened, tone, note FROM visit_report
		WHERE week >= $1 AND (note <> '' OR meeting_id = $2)`, isoWeek(now.AddDate(0, 0, -7*alikeWeeks)), r.MeetingID)
	if err != nil {
		return false, fmt.Errorf("look for reports that are alike: %w", err)
	}
	return alike, nil
}
