package meeting

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"hearth/internal/db"
)

// Published is a meeting as lists for other programs have it: everything that the public may see.
type Published struct {
	ID         string
	Fellowship string
	Feed       string // whose word it is; "" for a meeting that was added here
	Changed    time.Time
	Welcome    json.RawMessage // the card, as the API has it
	Meeting    Occurrence
}

// Publish calls fn for meetings that can be found, sorted by id: for all of them where ids is nil. What it
// hands to fn is fn's for that call only. All is read at one moment.
func (s *Service) Publish(ctx context.Context, ids []string, fn func(*Published) error) error {
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		cards := newCardReader()
		if ids == nil {
			return publish(ctx, tx, cards, fn, "")
		}
		ids := slices.Compact(slices.Sorted(slices.Values(ids)))
		return inParts(ids, func(part []any) error {
			return publish(ctx, tx, cards, fn, ` AND m.id IN (`+db.List(1, len(part))+`)`, part...)
		})
	})
	if err != nil {
		return fmt.Errorf("publish meetings: %w", err)
	}
	return nil
}

func publish(ctx context.Context, tx *db.Tx, cards *cardReader, fn func(*Published) error, which string, args ...any) error {
	return db.Each(ctx, tx, func(scan db.Scan) error {
		var p Published
		var doc, card string
		var local bool
		var updated int64
		if err := scan(&p.ID, &p.Fellowship, &updated, &doc, &p.Feed, &local, &card); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(doc), &p.Meeting); err != nil {
			return fmt.Errorf("read meeting %s: %w", p.ID, err)
		}
		c, err := cards.read(card)
		if err != nil {
			return fmt.Errorf("meeting %s: %w", p.ID, err)
		}
		p.Changed, p.Welcome = db.Time(updated), json.RawMessage(c.json)
		if local {
			p.Feed = ""
		}
		return fn(&p)
	}, `SELECT m.id, m.fellowship, m.updated_at, m.doc, f.name, f.local, coalesce(w.doc, '')
		FROM meeting m JOIN feed f ON f.id = m.feed_id LEFT JOIN welcome_verdict w ON w.meeting_id = m.id
		WHERE `+listedPublic+which+` ORDER BY m.id`, args...)
}
