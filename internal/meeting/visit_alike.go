package meeting

import (
	"context"
	"fmt"
	"maps"
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
	mostCompared  = 5000 // notes; the latest ones, should more than that come in those weeks
	fullReport    = 6    // things said; two equal reports that say as much are seldom chance
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

// isRepeated tells whether another report on the meeting has the same words, or said so much of the same
// in one week that it can hardly be chance.
func isRepeated(ctx context.Context, tx *db.Tx, r VisitReport, now time.Time) (bool, error) {
	answers, err := jsonText(r.Answers)
	if err != nil {
		return false, err
	}
	words, happened := text.Fold(r.Note), r.Happened.String()
	full := strings.Count(answers, ":")+len(r.Happened.Each()) >= fullReport
	week := isoWeek(now)
	repeated := false
	err = db.Each(ctx, tx, func(scan db.Scan) error {
		var month, w, theirs, happening, tone, note string
		if err := scan(&month, &w, &theirs, &happening, &tone, &note); err != nil {
			return err
		}
		switch {
		case note != "" && text.Fold(note) == words:
			repeated = true
		case full && w == week && month == r.Month && theirs == answers && happening == happened && tone == string(r.Tone):
			repeated = true
		}
		return nil
	}, sameMeeting, r.MeetingID, firstAlikeWeek(now))
	if err != nil {
		return false, fmt.Errorf("look for the same report: %w", err)
	}
	return repeated, nil
}

func firstAlikeWeek(now time.Time) string { return isoWeek(now.AddDate(0, 0, -7*alikeWeeks)) }

// compared is a note and those with which it has been compared.
type compared struct {
	mine  []uint64        // its runs of letters; nil for a note too short to compare
	with  map[string]bool // ids of reports
	alike bool            // one of them is nearly the same
	week  int64           // notes there were in this week
}

// compareNotes compares a note with the latest others, on whatever meeting. It takes long and is done
// before the transaction; again then makes up for what came in between.
func compareNotes(ctx context.Context, d *db.DB, note string, now time.Time) (compared, error) {
	c := compared{with: map[string]bool{}}
	if len(text.Fold(note)) < shortNote {
		return c, nil
	}
	c.mine = text.Shingles(note, shingleLength)
	err := d.Read(ctx, func(tx *db.Tx) error {
		var err error
		if c.week, err = countNotes(ctx, tx, now); err != nil {
			return err
		}
		return c.compare(ctx, tx, firstAlikeWeek(now), mostCompared)
	})
	if err != nil {
		return c, fmt.Errorf("look for notes that are alike: %w", err)
	}
	return c, nil
}

// again compares with the notes that have come since, and tells whether any of all was nearly the same.
// What comes now is of this week, and within it no note is ever erased: as many are the same ones.
func (c compared) again(ctx context.Context, tx *db.Tx, now time.Time) (bool, error) {
	if c.mine == nil || c.alike {
		return c.alike, nil
	}
	n, err := countNotes(ctx, tx, now)
	if err == nil && n != c.week {
		c.with = maps.Clone(c.with) // the transaction may run again
		err = c.compare(ctx, tx, isoWeek(now), n)
	}
	if err != nil {
		return false, fmt.Errorf("look for notes that came in between: %w", err)
	}
	return c.alike, nil
}

func countNotes(ctx context.Context, tx *db.Tx, now time.Time) (int64, error) {
	return db.One(ctx, tx, db.Column[int64], notesOfWeek, isoWeek(now))
}

const (
	sameMeeting = `SELECT month, week, answers, happened, tone, note FROM visit_report WHERE meeting_id = $1 AND week >= $2`
	notesOfWeek = `SELECT count(*) FROM visit_report WHERE week = $1 AND note <> ''`
	notesSince  = `SELECT id, note FROM visit_report WHERE week >= $1 AND note <> '' ORDER BY week DESC LIMIT $2`
)

func (c *compared) compare(ctx context.Context, tx *db.Tx, since string, most int64) error {
	return db.Each(ctx, tx, func(scan db.Scan) error {
		var id, note string
		if err := scan(&id, &note); err != nil {
			return err
		}
		if !c.alike && !c.with[id] {
			c.with[id] = true
			c.alike = text.Similarity(c.mine, text.Shingles(note, shingleLength)) >= alikeShare
		}
		return nil
	}, notesSince, since, most)
}
