package meeting

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"hearth/internal/db"
)

// bumpDirectory raises the directory's clock. Every transaction that changes what the public sees of
// meetings calls it once and writes the number into changed_seq of each meeting that it changed. It holds
// the clock's row until commit, and everybody locks meetings first: call it when no meeting is left to lock.
func bumpDirectory(ctx context.Context, tx *db.Tx) (int64, error) {
	seq, err := db.One(ctx, tx, db.Column[int64],
		`UPDATE directory_clock SET seq = seq + 1 WHERE id = 1 RETURNING seq`)
	if err != nil {
		return 0, fmt.Errorf("raise the directory's clock: %w", err)
	}
	return seq, nil
}

// unstamped is what stands in changed_seq of a meeting that was written and waits for the clock's number.
const unstamped = -1

// stampMeetings raises the directory's clock and marks all unstamped meetings with its number. They are of
// this transaction: those who write meetings so hold lockDirectory.
func stampMeetings(ctx context.Context, tx *db.Tx) error {
	seq, err := bumpDirectory(ctx, tx)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE meeting SET changed_seq = $1 WHERE changed_seq = $2`, seq, int64(unstamped)); err != nil {
		return fmt.Errorf("mark what changed: %w", err)
	}
	return nil
}

// lockMeetings locks the rows of meetings in the order of their ids, which must be sorted, so that two
// who lock several do not wait for each other.
func lockMeetings(ctx context.Context, tx *db.Tx, ids []string) error {
	return inParts(ids, func(part []any) error {
		_, err := db.All(ctx, tx, db.Column[string], `SELECT id FROM meeting WHERE id IN (`+db.List(1, len(part))+`) ORDER BY id`+tx.ForUpdate(), part...)
		if err != nil {
			return fmt.Errorf("lock meetings: %w", err)
		}
		return nil
	})
}

// lockDirectory lets one transaction at a time make meetings from listings and overrides: what two had read
// before either wrote would undo what the other wrote, or leave a meeting of both twice.
func lockDirectory(ctx context.Context, tx *db.Tx) error {
	if _, err := db.One(ctx, tx, db.Column[int64], `SELECT id FROM directory_writer WHERE id = 1`+tx.ForUpdate()); err != nil {
		return fmt.Errorf("lock the directory: %w", err)
	}
	return nil
}

// meetingState is what stands in meeting.state.
type meetingState string

const (
	stateActive  meetingState = "active"
	stateGone    meetingState = "gone"
	stateRemoved meetingState = "removed"
	stateMerged  meetingState = "merged"
	stateHidden  meetingState = "hidden"
)

// meetingRow is one row of meeting: the composed occurrence and where it comes from.
type meetingRow struct {
	ID         string
	State      meetingState
	MergedInto string
	FeedID     string // of the preferred listing
	Feeds      int
	Fellowship string
	Area       string
	Occurrence Occurrence
	CreatedAt  int64
	UpdatedAt  int64
}

var meetingColumns = []string{
	"id", "state", "merged_into", "feed_id", "source_id", "feeds", "fellowship", "name", "day", "start_min",
	"end_min", "zone", "attendance", "stated", "location", "address", "city", "region", "postal_code",
	"country", "lat", "lng", "has_point", "approximate", "conference_url", "conference_phone", "types",
	"languages", "area", "doc", "changed_seq", "created_at", "updated_at",
}

// meetingUpsert lets a row that is written again replace everything but its id and its birth.
var meetingUpsert = upsert("id", meetingColumns, "id", "created_at")

// upsert writes ON CONFLICT … DO UPDATE for all columns but the ones to keep.
func upsert(conflict string, columns []string, keep ...string) string {
	var b strings.Builder
	b.WriteString("ON CONFLICT (" + conflict + ") DO UPDATE SET ")
	first := true
next:
	for _, c := range columns {
		for _, k := range keep {
			if c == k {
				continue next
			}
		}
		if !first {
			b.WriteString(", ")
		}
		first = false
		b.WriteString(c + " = excluded." + c)
	}
	return b.String()
}

// writeMeetings stores rows whole. With suffix meetingUpsert they may be known already, with none they must
// be new, which is quicker.
func writeMeetings(ctx context.Context, tx *db.Tx, seq int64, rows []meetingRow, suffix string) error {
	values := make([][]any, len(rows))
	for i := range rows {
		var err error
		if values[i], err = rows[i].values(seq); err != nil {
			return err
		}
	}
	if err := db.Insert(ctx, tx, "meeting", meetingColumns, values, suffix); err != nil {
		return fmt.Errorf("write meetings: %w", err)
	}
	return nil
}

func (m *meetingRow) values(seq int64) ([]any, error) {
	o := &m.Occurrence
	doc, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("write meeting %s: %w", m.ID, err)
	}
	return []any{
		m.ID, string(m.State), m.MergedInto, m.FeedID, o.SourceID, int64(m.Feeds), m.Fellowship, o.Name,
		int64(o.Day), int64(o.Start), int64(o.End), o.Zone, string(o.Attendance), o.Stated, o.Location,
		o.Address, o.City, o.State, o.PostalCode, o.Country, o.Lat, o.Lng, o.HasPoint, o.Approximate,
		o.ConferenceURL, o.ConferencePhone, strings.Join(o.Types, " "), strings.Join(o.Languages, " "),
		m.Area, string(doc), seq, m.CreatedAt, m.UpdatedAt,
	}, nil
}

// mergeMeeting makes a meeting, and what had become part of it, part of another.
func mergeMeeting(ctx context.Context, tx *db.Tx, seq, now int64, id, into string) error {
	for _, sql := range []string{
		`UPDATE meeting SET state = 'merged', merged_into = $2, feeds = 0, changed_seq = $3, updated_at = $4 WHERE id = $1`,
		`UPDATE meeting SET merged_into = $2, changed_seq = $3, updated_at = $4 WHERE merged_into = $1 AND merged_into <> ''`,
	} {
		if _, err := tx.Exec(ctx, sql, id, into, seq, now); err != nil {
			return fmt.Errorf("merge meeting: %w", err)
		}
	}
	return nil
}

// partMeetings makes meetings stand for themselves again, before what people wrote on them is read.
func partMeetings(ctx context.Context, tx *db.Tx, ids []string) error {
	return inParts(ids, func(part []any) error {
		_, err := tx.Exec(ctx, `UPDATE meeting SET merged_into = '' WHERE merged_into <> '' AND id IN (`+db.List(1, len(part))+`)`, part...)
		if err != nil {
			return fmt.Errorf("part meetings: %w", err)
		}
		return nil
	})
}

// closeMeetings writes that meetings have no active listing left. One that somebody here took down stays
// hidden: the page of one that is gone still says what it was.
func closeMeetings(ctx context.Context, tx *db.Tx, seq, now int64, state meetingState, ids []string) error {
	overrides, err := overridesOf(ctx, tx, ids)
	if err != nil {
		return err
	}
	states := map[meetingState][]string{}
	for _, id := range ids {
		if slices.ContainsFunc(overrides[id], func(o Override) bool { return o.Field == hiddenField }) {
			states[stateHidden] = append(states[stateHidden], id)
		} else {
			states[state] = append(states[state], id)
		}
	}
	for state, ids := range states {
		if err := inParts(ids, func(part []any) error {
			_, err := tx.Exec(ctx, `UPDATE meeting SET state = $1, merged_into = '', feeds = 0, changed_seq = $2, updated_at = $3
				WHERE id IN (`+db.List(4, len(part))+`)`, append([]any{string(state), seq, now}, part...)...)
			return err
		}); err != nil {
			return fmt.Errorf("close meetings: %w", err)
		}
	}
	return nil
}

// currentMeeting returns what the public sees of a meeting, and the id under which it stands now if it
// became part of another. It returns db.ErrNone when there is none.
func currentMeeting(ctx context.Context, q db.Querier, id string) (string, *Occurrence, error) {
	type row struct{ id, doc string }
	r, err := db.One(ctx, q, func(scan db.Scan) (r row, err error) {
		err = scan(&r.id, &r.doc)
		return r, err
	},
		`SELECT id, doc FROM meeting WHERE id = (SELECT CASE merged_into WHEN '' THEN id ELSE merged_into END
			FROM meeting WHERE id = $1)`, id)
	if err != nil {
		return "", nil, err
	}
	o := &Occurrence{}
	if err := json.Unmarshal([]byte(r.doc), o); err != nil {
		return "", nil, fmt.Errorf("read meeting %s: %w", r.id, err)
	}
	return r.id, o, nil
}
