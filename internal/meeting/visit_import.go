package meeting

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"hearth/internal/db"
)

// GatheredVisit is a report that came by another way than the page: on paper, or from an earlier system.
type GatheredVisit struct {
	VisitReport
	At time.Time // when it was given
}

// ImportVisits takes gathered reports over, all or none; the editor vouches for them, so they count at once
// and pass none of the guards against strangers. Errors: Invalid, NotFound, naming the report.
func (s *Service) ImportVisits(ctx context.Context, actor string, visits []GatheredVisit) error {
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		places := map[string]place{}
		for i, v := range visits {
			if err := v.check(v.At); err != nil {
				return fmt.Errorf("report %d: %w", i+1, err)
			}
			p, err := lockMeeting(ctx, tx, v.MeetingID)
			if err != nil {
				return fmt.Errorf("report %d: %w", i+1, err)
			}
			v.MeetingID = p.ID
			places[p.ID] = p
			if err := insertVisit(ctx, tx, v.VisitReport, visitAccepted, nil, v.At); err != nil {
				return fmt.Errorf("report %d: %w", i+1, err)
			}
		}
		ids := make([]string, 0, len(places))
		for id := range places {
			ids = append(ids, id)
		}
		slices.Sort(ids) // the same order everywhere, so that two imports cannot wait for each other
		for _, id := range ids {
			if err := s.rewriteWelcome(ctx, tx, places[id], neighbours{}); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, actor, "visit.import", "visits", strconv.Itoa(len(visits)))
	})
	if err != nil {
		return fmt.Errorf("import visits: %w", err)
	}
	return nil
}
