package meeting

import (
	"context"
	"fmt"
	"maps"
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

// ImportVisits takes gathered reports over, all or none; the editor vouches for them, so they count at once,
// pass none of the guards against strangers and are not taken back with a stranger's rush. Errors: Invalid,
// NotFound, naming the report.
func (s *Service) ImportVisits(ctx context.Context, actor string, visits []GatheredVisit) error {
	who := vouched{actor, db.Millis(s.o.Now())}
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		places, err := lockMeetingsOf(ctx, tx, visits)
		if err != nil {
			return err
		}
		for i, v := range visits {
			if err := v.check(v.At); err != nil {
				return fmt.Errorf("report %d: %w", i+1, err)
			}
			v.MeetingID = places[v.MeetingID].ID
			if err := insertVisit(ctx, tx, v.VisitReport, visitAccepted, nil, v.At, who); err != nil {
				return fmt.Errorf("report %d: %w", i+1, err)
			}
		}
		written := map[string]bool{}
		for _, id := range sortedKeys(places) {
			if p := places[id]; !written[p.ID] {
				written[p.ID] = true
				if err := s.rewriteWelcome(ctx, tx, p, neighbours{}); err != nil {
					return err
				}
			}
		}
		return s.record(ctx, tx, actor, "visit.import", "visits", strconv.Itoa(len(visits)))
	})
	if err != nil {
		return fmt.Errorf("import visits: %w", err)
	}
	return nil
}

// lockMeetingsOf locks the meetings for which visits count, always in the same order, so that two imports
// do not wait for each other. It returns them by the id that the visits name.
func lockMeetingsOf(ctx context.Context, tx *db.Tx, visits []GatheredVisit) (map[string]place, error) {
	countFor := map[string]string{} // named id: where it counts
	for i, v := range visits {
		if countFor[v.MeetingID] != "" {
			continue
		}
		p, err := seePlace(ctx, tx, v.MeetingID)
		if err != nil {
			return nil, fmt.Errorf("report %d: %w", i+1, err)
		}
		countFor[v.MeetingID] = p.ID
	}
	locked := map[string]place{}
	for _, id := range slices.Sorted(maps.Values(countFor)) {
		if _, ok := locked[id]; ok {
			continue
		}
		p, err := lockMeeting(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		locked[id] = p
	}
	places := map[string]place{}
	for named, id := range countFor {
		places[named] = locked[id]
	}
	return places, nil
}
