package meeting

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"hearth/internal/db"
)

// writeMeetings brings the meetings in line with their listings and then raises the directory's clock. A
// report locks its meeting and then the clock, and must find both free meanwhile unless the meeting is one
// that changes.
func (d *diff) writeMeetings(ctx context.Context, tx *db.Tx, a *assignment) error {
	dirty := map[string]bool{} // true: the meeting stood before
	byMeeting := map[string][]*listing{}
	for _, g := range a.groups {
		for _, l := range g.listings {
			if l.new || l.rewrite || l.Meeting != l.was || l.State != l.wasState {
				dirty[g.meeting] = !g.created
				if l.was != "" {
					dirty[l.was] = true
				}
			}
		}
		byMeeting[g.meeting] = g.listings
	}
	for _, l := range d.touched {
		if l.State != listingActive {
			dirty[l.Meeting] = true
		}
	}
	for id := range a.merged {
		dirty[id] = true
	}
	if len(dirty) == 0 {
		return nil
	}
	ids := sortedKeys(dirty)
	existing := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !dirty[id] })
	stored, err := listingsIn(ctx, tx, "meeting_id", existing)
	if err != nil {
		return fmt.Errorf("read the meetings' listings: %w", err)
	}
	for _, l := range stored {
		if l = d.current(l); dirty[l.Meeting] && !slices.Contains(byMeeting[l.Meeting], l) {
			byMeeting[l.Meeting] = append(byMeeting[l.Meeting], l)
		}
	}
	if err := lockMeetings(ctx, tx, existing); err != nil {
		return err
	}
	var fresh, known []string
	closed := map[meetingState][]string{}
	for _, id := range ids {
		into, state := a.merged[id], stateOf(byMeeting[id])
		switch {
		case into != "":
			if err := mergeMeeting(ctx, tx, unstamped, d.now, id, into); err != nil {
				return err
			}
		case !dirty[id]:
			fresh = append(fresh, id)
		case state == stateActive:
			known = append(known, id)
		default:
			closed[state] = append(closed[state], id)
		}
	}
	for _, state := range []meetingState{stateGone, stateRemoved} {
		if err := closeMeetings(ctx, tx, unstamped, d.now, state, closed[state]); err != nil {
			return err
		}
	}
	if err := partMeetings(ctx, tx, known); err != nil {
		return err
	}
	for _, part := range []struct {
		ids    []string
		stood  bool
		suffix string
	}{{fresh, false, ""}, {known, true, meetingUpsert}} {
		for ids := range slices.Chunk(part.ids, meetingsAtOnce) {
			rows, err := d.s.compose(ctx, tx, d.local, d.now, ids, byMeeting, part.stood)
			if err != nil {
				return err
			}
			if err := writeMeetings(ctx, tx, unstamped, rows, part.suffix); err != nil {
				return err
			}
		}
	}
	if err := d.s.enqueueCards(ctx, tx); err != nil {
		return err
	}
	if err := stampMeetings(ctx, tx); err != nil {
		return err
	}
	return d.s.announce(ctx, tx)
}

// stateOf is what a meeting's listings make of it: active, gone, or removed where their feeds were.
func stateOf(ls []*listing) meetingState {
	state := stateRemoved
	for _, l := range ls {
		switch l.State {
		case listingActive:
			return stateActive
		case listingGone:
			state = stateGone
		}
	}
	return state
}

// meetingsAtOnce bounds how many composed meetings are in memory.
const meetingsAtOnce = 2000

// compose makes what the public sees of meetings: the preferred of their active listings, with what people
// here wrote on top. Only on meetings that stood before can somebody have written.
func (s *Service) compose(ctx context.Context, tx *db.Tx, local string, now int64, ids []string, byMeeting map[string][]*listing, stood bool) ([]meetingRow, error) {
	preferred := make([]*listing, len(ids))
	for i, id := range ids {
		active := slices.DeleteFunc(slices.Clone(byMeeting[id]), func(l *listing) bool { return l.State != listingActive })
		preferred[i] = slices.MinFunc(active, better(local))
	}
	if err := loadOccurrences(ctx, tx, preferred); err != nil {
		return nil, fmt.Errorf("read listings: %w", err)
	}
	var overrides map[string][]Override
	if stood {
		var err error
		if overrides, err = overridesOf(ctx, tx, ids); err != nil {
			return nil, err
		}
	}
	rows := make([]meetingRow, len(ids))
	for i, id := range ids {
		l := preferred[i]
		r := &rows[i]
		*r = meetingRow{
			ID: id, State: stateActive, FeedID: l.FeedID, Feeds: countFeeds(byMeeting[id]), Fellowship: l.Fellowship,
			Occurrence: *l.occ, CreatedAt: now, UpdatedAt: now,
		}
		if s.applyOverrides(&r.Occurrence, overrides[id]) {
			r.State = stateHidden
		}
		if r.Occurrence.HasPoint && s.o.Area != nil {
			r.Area = s.o.Area(r.Occurrence.Lat, r.Occurrence.Lng)
		}
	}
	return rows, nil
}

// applyOverrides writes what people here wrote over o, and tells whether they hid it.
func (s *Service) applyOverrides(o *Occurrence, overrides []Override) (hidden bool) {
	address, moved := o.Address, false
	for _, w := range overrides {
		if w.Field == hiddenField {
			hidden = true
			continue
		}
		f := fieldByName(w.Field)
		if f == nil || f.set == nil {
			continue // of another release
		}
		if err := f.set(o, w.Value); err != nil {
			// It was checked when it was written; a rule has changed since. No sync may fail for that.
			s.o.Log.Warn("override left out", slog.String("source_id", o.SourceID), slog.String("field", w.Field), slog.Any("error", err))
			continue
		}
		switch w.Field {
		case "point":
			moved = false
		case "address":
			moved = o.Address != address
		}
	}
	// A pin at the address before the move, or at an online meeting, sends people to the wrong door.
	if moved || o.Approximate || o.Attendance == Online || o.Attendance == Inactive {
		o.HasPoint, o.Lat, o.Lng = false, 0, 0
	}
	return hidden
}

func countFeeds(ls []*listing) int {
	feeds := map[string]bool{}
	for _, l := range ls {
		if l.State == listingActive {
			feeds[l.FeedID] = true
		}
	}
	return len(feeds)
}
