package meeting

import (
	"context"
	"encoding/json"
	"fmt"

	"hearth/internal/db"
)

// manyIDs bounds how many values go into one IN (…).
const manyIDs = 1000

// inParts calls f with parts of ids that are small enough for one statement.
func inParts(ids []string, f func(part []any) error) error {
	part := make([]any, 0, min(manyIDs, len(ids)))
	for i, id := range ids {
		part = append(part, id)
		if len(part) == manyIDs || i == len(ids)-1 {
			if err := f(part); err != nil {
				return err
			}
			part = part[:0]
		}
	}
	return nil
}

const listingColumns = `id, feed_id, key, source_id, fellowship, home_id, meeting_id, state, hash, slot, name, zone,
	lat, lng, has_point, conference, place, rank, first_seen, last_seen, gone_at`

func scanListing(scan db.Scan) (*listing, error) {
	l := &listing{}
	err := scan(&l.ID, &l.FeedID, &l.Key, &l.SourceID, &l.Fellowship, &l.Home, &l.Meeting, &l.State, &l.Hash,
		&l.Slot, &l.Name, &l.Zone, &l.Lat, &l.Lng, &l.HasPoint, &l.Conference, &l.Place, &l.Rank, &l.FirstSeen,
		&l.LastSeen, &l.GoneAt)
	l.was, l.wasHome, l.wasState = l.Meeting, l.Home, l.State
	return l, err
}

// outlinesOfFeed returns by key what tells whether a listing changed, and no more: a sync of a large feed in
// which nothing changed reads only this.
func outlinesOfFeed(ctx context.Context, tx *db.Tx, feedID string) (map[string]*listing, error) {
	byKey := map[string]*listing{}
	return byKey, db.Each(ctx, tx, func(scan db.Scan) error {
		l := &listing{FeedID: feedID}
		err := scan(&l.ID, &l.Key, &l.State, &l.Hash)
		l.wasState = l.State
		byKey[l.Key] = l
		return err
	}, `SELECT id, key, state, hash FROM listing WHERE feed_id = $1`, feedID)
}

// listingsIn returns the listings whose column is one of the values.
func listingsIn(ctx context.Context, q db.Querier, column string, values []string) ([]*listing, error) {
	var all []*listing
	err := inParts(values, func(part []any) error {
		ls, err := db.All(ctx, q, scanListing,
			`SELECT `+listingColumns+` FROM listing WHERE `+column+` IN (`+db.List(1, len(part))+`)`, part...)
		all = append(all, ls...)
		return err
	})
	return all, err
}

// loadOccurrences fills occ of the listings that lack it.
func loadOccurrences(ctx context.Context, q db.Querier, ls []*listing) error {
	byID := map[string]*listing{}
	var ids []string
	for _, l := range ls {
		if l.occ == nil && byID[l.ID] == nil {
			byID[l.ID] = l
			ids = append(ids, l.ID)
		}
	}
	docs, err := listingDocs(ctx, q, ids)
	if err != nil {
		return err
	}
	for id, o := range docs {
		byID[id].occ = o
	}
	return nil
}

// listingDocs reads the stored occurrences of listings by id.
func listingDocs(ctx context.Context, q db.Querier, ids []string) (map[string]*Occurrence, error) {
	docs := make(map[string]*Occurrence, len(ids))
	err := inParts(ids, func(part []any) error {
		return db.Each(ctx, q, func(scan db.Scan) error {
			var id, doc string
			if err := scan(&id, &doc); err != nil {
				return err
			}
			o := &Occurrence{}
			if err := json.Unmarshal([]byte(doc), o); err != nil {
				return fmt.Errorf("read listing %s: %w", id, err)
			}
			docs[id] = o
			return nil
		}, `SELECT id, doc FROM listing WHERE id IN (`+db.List(1, len(part))+`)`, part...)
	})
	return docs, err
}

var listingWriteColumns = []string{
	"id", "feed_id", "key", "source_id", "fellowship", "home_id", "meeting_id", "state", "hash", "slot", "name",
	"zone", "lat", "lng", "has_point", "conference", "place", "rank", "doc", "raw", "first_seen", "last_seen",
	"gone_at",
}

var listingUpsert = upsert("id", listingWriteColumns, "id", "feed_id", "key", "first_seen")

// writeListings stores listings whole. Those that are new must be so all.
func writeListings(ctx context.Context, tx *db.Tx, ls []*listing, suffix string) error {
	const chunk = 2000
	rows := make([][]any, 0, min(chunk, len(ls)))
	for len(ls) > 0 {
		n := min(chunk, len(ls))
		rows = rows[:0]
		for _, l := range ls[:n] {
			doc, err := json.Marshal(l.occ)
			if err != nil {
				return fmt.Errorf("write listing %s: %w", l.ID, err)
			}
			rows = append(rows, []any{
				l.ID, l.FeedID, l.Key, l.SourceID, l.Fellowship, l.Home, l.Meeting, string(l.State), l.Hash, l.Slot,
				l.Name, l.Zone, l.Lat, l.Lng, l.HasPoint, l.Conference, l.Place, l.Rank, string(doc), string(l.raw),
				l.FirstSeen, l.LastSeen, l.GoneAt,
			})
		}
		if err := db.Insert(ctx, tx, "listing", listingWriteColumns, rows, suffix); err != nil {
			return fmt.Errorf("write listings: %w", err)
		}
		ls = ls[n:]
	}
	return nil
}

// retireListings writes the state of listings that have left it.
func retireListings(ctx context.Context, tx *db.Tx, ls []*listing) error {
	type fate struct {
		state          listingState
		lastSeen, gone int64
	}
	by := map[fate][]string{}
	for _, l := range ls {
		f := fate{l.State, l.LastSeen, l.GoneAt}
		by[f] = append(by[f], l.ID)
	}
	for f, ids := range by {
		err := inParts(ids, func(part []any) error {
			_, err := tx.Exec(ctx, `UPDATE listing SET state = $1, last_seen = $2, gone_at = $3 WHERE id IN (`+
				db.List(4, len(part))+`)`, append([]any{string(f.state), f.lastSeen, f.gone}, part...)...)
			return err
		})
		if err != nil {
			return fmt.Errorf("retire listings: %w", err)
		}
	}
	return nil
}

// moveListing writes to which meeting a listing belongs.
func moveListing(ctx context.Context, tx *db.Tx, l *listing) error {
	_, err := tx.Exec(ctx, `UPDATE listing SET meeting_id = $2, home_id = $3 WHERE id = $1`, l.ID, l.Meeting, l.Home)
	return err
}

// writeChanges stores field by field what a sync changed.
func writeChanges(ctx context.Context, tx *db.Tx, syncID string, changes map[*listing][]Change) error {
	var rows [][]any
	for l, cs := range changes {
		for _, c := range cs {
			rows = append(rows, []any{syncID, l.ID, c.Field, c.From, c.To})
		}
	}
	return db.Insert(ctx, tx, "listing_change", []string{"sync_id", "listing_id", "field", "was", "becomes"}, rows, "")
}
