package meeting

import (
	"context"
	"fmt"
	"time"

	"hearth/internal/db"
)

// Happened is one field of a meeting that a feed changed.
type Happened struct {
	At    time.Time
	Feed  string
	Field string
	From  string
	To    string
}

// History lists what feeds changed about a meeting, newest first. What people here changed is in
// Details.Overrides and in the audit record. Error: NotFound.
func (s *Service) History(ctx context.Context, meetingID string, limit int) ([]Happened, error) {
	var hs []Happened
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		id, _, err := currentMeeting(ctx, tx, meetingID)
		if err != nil {
			return err
		}
		hs, err = db.All(ctx, tx, func(scan db.Scan) (h Happened, err error) {
			var at int64
			err = scan(&at, &h.Feed, &h.Field, &h.From, &h.To)
			h.At = db.Time(at)
			return h, err
		}, `SELECT y.finished_at, f.name, c.field, c.was, c.becomes
			FROM listing l JOIN listing_change c ON c.listing_id = l.id JOIN feed_sync y ON y.id = c.sync_id
			JOIN feed f ON f.id = l.feed_id
			WHERE l.meeting_id IN (SELECT m.id FROM meeting m WHERE `+isOrBecame+`)
			ORDER BY y.finished_at DESC, c.field LIMIT $2`, id, int64(limit))
		if err != nil {
			return fmt.Errorf("read changes: %w", err)
		}
		return nil
	})
	return hs, noMeeting("history of a meeting", err)
}
