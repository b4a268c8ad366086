package world

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"hearth/internal/db"
)

// Fill writes the world into an empty database as if it had come from one feed and as if the visits had
// been reported, in a fraction of the time that that would take.
func (w *World) Fill(ctx context.Context, d *db.DB) error {
	if err := d.WithTx(ctx, w.fillFeed); err != nil {
		return fmt.Errorf("fill world: %w", err)
	}
	const chunk = 5000
	for from := 0; from < w.Size; from += chunk {
		meetings, listings, verdicts, err := w.rows(from, min(from+chunk, w.Size))
		if err != nil {
			return err
		}
		err = d.WithTx(ctx, func(tx *db.Tx) error {
			if err := db.Insert(ctx, tx, "meeting", meetingColumns, meetings, ""); err != nil {
				return err
			}
			if err := db.Insert(ctx, tx, "listing", listingColumns, listings, ""); err != nil {
				return err
			}
			return db.Insert(ctx, tx, "welcome_verdict", verdictColumns, verdicts, "")
		})
		if err != nil {
			return fmt.Errorf("fill world: %w", err)
		}
	}
	return nil
}

const feedID = "01900000-0000-7000-8000-000000000000"

var (
	meetingColumns = strings.Fields(`id state merged_into feed_id source_id feeds fellowship name day start_min end_min zone
		attendance stated location address city region postal_code country lat lng has_point approximate conference_url
		conference_phone types languages area doc changed_seq created_at updated_at`)
	listingColumns = strings.Fields(`id feed_id key source_id fellowship home_id meeting_id state hash slot name zone lat lng
		has_point conference place rank doc raw first_seen last_seen gone_at`)
	verdictColumns = strings.Fields(`meeting_id doc more revision`)
)

func (w *World) fillFeed(tx *db.Tx) error {
	ctx := context.Background()
	_, err := tx.Exec(ctx, `INSERT INTO feed (id, name, format, fellowship, zone, url, file, every_ms, local, created_at, removed_at,
		etag, last_modified, fetched_hash, payload_hash, held_hash, last_good_at, active, failures, due_at, last_sync,
		last_good_sync, lease_by, lease_until) VALUES ($1, 'World', 'meetingguide', 'aa', '', '', 'world.json', 0, $2, 0, 0, '', '', '', '', '',
		1, 0, 0, 0, '', '', '', 0)`, feedID, false)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE directory_clock SET seq = 1 WHERE id = 1`)
	return err
}

// rows makes the rows of meetings [from, to), on all processors.
func (w *World) rows(from, to int) (meetings, listings, verdicts [][]any, err error) {
	meetings, listings = make([][]any, to-from), make([][]any, to-from)
	cards := make([][]any, to-from)
	errs := make([]error, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for part := range errs {
		wg.Go(func() {
			for i := from + part; i < to; i += len(errs) {
				m := w.Meeting(i)
				doc, err := json.Marshal(m.Occurrence)
				if err != nil {
					errs[part] = err
					return
				}
				id := fmt.Sprintf("01900000-0000-7000-9000-%012x", i)
				o := &m.Occurrence
				meetings[i-from] = []any{
					id, "active", "", feedID, o.SourceID, int64(1), m.Fellowship, o.Name, int64(o.Day), int64(o.Start), int64(o.End), o.Zone,
					string(o.Attendance), o.Stated, o.Location, o.Address, o.City, o.State, o.PostalCode, o.Country, o.Lat, o.Lng, o.HasPoint,
					o.Approximate, o.ConferenceURL, "", strings.Join(o.Types, " "), "", "US-" + o.State, string(doc), int64(1), int64(1), int64(1),
				}
				listings[i-from] = []any{
					id, feedID, o.Key, o.SourceID, m.Fellowship, id, id, "active", id, fmt.Sprintf("%s/%d/%d", m.Fellowship, o.Day, o.Start), o.Name,
					o.Zone, o.Lat, o.Lng, o.HasPoint, o.ConferenceURL, "", int64(0), string(doc), "{}", int64(1), int64(0), int64(0),
				}
				if m.Card != nil {
					card, err := json.Marshal(m.Card)
					if err != nil {
						errs[part] = err
						return
					}
					cards[i-from] = []any{id, string(card), "{}", int64(1)}
				}
			}
		})
	}
	wg.Wait()
	for _, e := range errs {
		if e != nil {
			return nil, nil, nil, e
		}
	}
	for _, c := range cards {
		if c != nil {
			verdicts = append(verdicts, c)
		}
	}
	return meetings, listings, verdicts, nil
}
