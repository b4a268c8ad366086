package meeting

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"hearth/internal/db"
)

// Details is all that a meeting's page shows. What is known of its welcome comes from Explain, Statements
// and the card.
type Details struct {
	ID         string // the one under which the meeting stands now
	State      string // active, gone, removed or hidden
	Fellowship string
	Feed       string     // whose word it is, before overrides; "local" for one added here
	Meeting    Occurrence // as the public sees it
	Sources    []Source   // the preferred first
	Overrides  []Override // what people here wrote, for editors
	SeenAt     time.Time  // when one of its feeds last had it
	ChangedAt  time.Time  // when what the public sees last changed
	Suggested  int        // suggestions that wait
}

// Gone tells whether no feed lists it any more, or an editor took it down.
func (d *Details) Gone() bool { return d.State != string(stateActive) }

// Details returns a meeting, also one that is gone or became part of another. Error: NotFound.
func (s *Service) Details(ctx context.Context, meetingID string) (*Details, error) {
	var d *Details
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		id, o, err := currentMeeting(ctx, tx, meetingID)
		if err != nil {
			return err
		}
		d = &Details{ID: id, Meeting: *o}
		var updated int64
		err = db.Each(ctx, tx, func(scan db.Scan) error {
			return scan(&d.State, &d.Fellowship, &updated, &d.Feed, &d.Suggested)
		}, `SELECT m.state, m.fellowship, m.updated_at, f.name,
				(SELECT count(*) FROM suggestion WHERE meeting_id = m.id AND state = 'open')
			FROM meeting m JOIN feed f ON f.id = m.feed_id WHERE m.id = $1`, id)
		if err != nil {
			return err
		}
		d.ChangedAt = db.Time(updated)
		if err := d.fillSources(ctx, tx); err != nil {
			return err
		}
		overrides, err := overridesOf(ctx, tx, []string{id})
		d.Overrides = overrides[id]
		return err
	})
	return d, noMeeting("meeting details", err)
}

func (d *Details) fillSources(ctx context.Context, tx *db.Tx) error {
	type source struct {
		Source
		rank int64
	}
	found, err := db.All(ctx, tx, func(scan db.Scan) (src source, err error) {
		var doc string
		var state listingState
		var seen, good int64
		var local bool
		if err := scan(&src.Feed, &local, &good, &src.SourceID, &state, &src.rank, &seen, &doc); err != nil {
			return src, err
		}
		var o Occurrence
		if err := json.Unmarshal([]byte(doc), &o); err != nil {
			return src, fmt.Errorf("read listing %s: %w", src.SourceID, err)
		}
		src.URL, src.Updated, src.Gone = o.URL, db.Time(o.Updated), state != listingActive
		switch {
		case local:
			src.SeenAt, src.rank = db.Time(o.Updated), -1
		case src.Gone:
			src.SeenAt = db.Time(seen)
		default:
			src.SeenAt = db.Time(good)
		}
		return src, nil
	}, `SELECT f.name, f.local, f.last_good_at, l.source_id, l.state, l.rank, l.last_seen, l.doc
		FROM listing l JOIN feed f ON f.id = l.feed_id
		WHERE l.meeting_id IN (SELECT m.id FROM meeting m WHERE `+isOrBecame+`)
		ORDER BY l.feed_id, l.id`, d.ID)
	if err != nil {
		return fmt.Errorf("read sources: %w", err)
	}
	slices.SortStableFunc(found, func(a, b source) int {
		if a.Gone != b.Gone {
			if a.Gone {
				return 1
			}
			return -1
		}
		return cmp.Compare(a.rank, b.rank)
	})
	listed := map[string]bool{}
	for _, src := range found {
		if src.Gone && listed[src.Feed] {
			continue // the feed has it, under another id
		}
		listed[src.Feed] = true
		d.Sources = append(d.Sources, src.Source)
		if src.SeenAt.After(d.SeenAt) {
			d.SeenAt = src.SeenAt
		}
	}
	return nil
}
