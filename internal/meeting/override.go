package meeting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hearth/internal/db"
	"hearth/internal/fault"
)

// hiddenField is the override that takes a meeting down; its value says why.
const hiddenField = "hidden"

// Override is what somebody here wrote over a field of a meeting. It stands whatever its feeds say.
type Override struct {
	Field string
	Value string
	By    string
	At    time.Time
}

// overridesOf returns the overrides of each meeting, those of meetings that became part of it first, so
// that what was written on the meeting itself wins.
func overridesOf(ctx context.Context, q db.Querier, ids []string) (map[string][]Override, error) {
	found := map[string][]Override{}
	into := make(map[string]string, len(ids))
	for _, id := range ids {
		into[id] = id
	}
	var merged []string
	err := inParts(ids, func(part []any) error {
		return db.Each(ctx, q, func(scan db.Scan) error {
			var id, target string
			err := scan(&id, &target)
			into[id] = target
			merged = append(merged, id)
			return err
		}, `SELECT id, merged_into FROM meeting WHERE merged_into <> '' AND merged_into IN (`+db.List(1, len(part))+`)`, part...)
	})
	if err != nil {
		return nil, fmt.Errorf("read merged meetings: %w", err)
	}
	own := map[string][]Override{}
	err = inParts(slices.Concat(merged, ids), func(part []any) error {
		return db.Each(ctx, q, func(scan db.Scan) error {
			var id string
			var o Override
			var at int64
			err := scan(&id, &o.Field, &o.Value, &o.By, &at)
			o.At = db.Time(at)
			if into[id] == id {
				own[id] = append(own[id], o)
			} else {
				found[into[id]] = append(found[into[id]], o)
			}
			return err
		}, `SELECT meeting_id, field, value, by_whom, at FROM meeting_override WHERE meeting_id IN (`+db.List(1, len(part))+`)`, part...)
	})
	if err != nil {
		return nil, fmt.Errorf("read overrides: %w", err)
	}
	for id, os := range own {
		found[id] = append(found[id], os...)
	}
	for id, os := range found {
		slices.SortStableFunc(os[:len(os)-len(own[id])], func(a, b Override) int { return a.At.Compare(b.At) })
		slices.SortFunc(os[len(os)-len(own[id]):], func(a, b Override) int { return cmp.Compare(fieldOrder(a.Field), fieldOrder(b.Field)) })
	}
	return found, nil
}

func fieldOrder(name string) int {
	return slices.IndexFunc(occurrenceFields, func(f occurrenceField) bool { return f.name == name })
}

// SetOverrides writes fields of a meeting over what its feeds say. Errors: Invalid with a message for each
// wrong field; NotFound.
func (s *Service) SetOverrides(ctx context.Context, actor, meetingID string, values map[string]string) error {
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		if err := lockDirectory(ctx, tx); err != nil {
			return err
		}
		id, o, err := currentMeeting(ctx, tx, meetingID)
		if err != nil {
			return err
		}
		return s.override(ctx, tx, actor, id, o, values)
	})
	return noMeeting("override meeting", err)
}

// override checks and writes the values that differ from o, and makes the meeting anew.
func (s *Service) override(ctx context.Context, tx *db.Tx, actor, id string, o *Occurrence, values map[string]string) error {
	changes, err := proposed(o, values)
	if err != nil {
		return err
	}
	for _, c := range changes {
		if err := writeOverride(ctx, tx, id, Override{Field: c.Field, Value: c.To, By: actor, At: s.o.Now()}); err != nil {
			return err
		}
	}
	if len(changes) == 0 {
		return nil
	}
	if err := s.recompose(ctx, tx, id); err != nil {
		return err
	}
	for _, c := range changes {
		if err := s.record(ctx, tx, actor, "meeting.override", id, c.Field); err != nil {
			return err
		}
	}
	return nil
}

// proposed checks values for an occurrence and returns those that differ from it, in the order of a form.
func proposed(o *Occurrence, values map[string]string) ([]Change, error) {
	var bad fault.Fields
	for name := range values {
		if f := fieldByName(name); f == nil || f.set == nil {
			bad.Add(name, "This cannot be changed here.")
		}
	}
	var changes []Change
	copied := *o
	for _, f := range occurrenceFields {
		v, ok := values[f.name]
		if !ok || f.set == nil {
			continue
		}
		v = tidy(v)
		if tooLong(v) {
			bad.Add(f.name, "Use at most %d characters.", maxFieldText)
			continue
		}
		from := f.get(o)
		if v == from {
			continue
		}
		if err := f.set(&copied, v); err != nil {
			e := fault.As(err)
			bad.Add(f.name, e.Message, e.Args...)
			continue
		}
		if to := f.get(&copied); to != from {
			changes = append(changes, Change{SourceID: o.SourceID, Name: o.Name, Field: f.name, From: from, To: to})
		}
	}
	return changes, bad.Err()
}

// ClearOverride lets the feeds speak for a field again. Error: NotFound.
func (s *Service) ClearOverride(ctx context.Context, actor, meetingID, field string) error {
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		if err := lockDirectory(ctx, tx); err != nil {
			return err
		}
		id, _, err := currentMeeting(ctx, tx, meetingID)
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `DELETE FROM meeting_override WHERE field = $2
			AND meeting_id IN (SELECT m.id FROM meeting m WHERE `+isOrBecame+`)`, id, field)
		if err != nil || n == 0 {
			return err
		}
		if err := s.recompose(ctx, tx, id); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "meeting.override.clear", id, field)
	})
	return noMeeting("clear override", err)
}

// HideMeeting takes a meeting out of the finder whatever its feeds say; why is for editors. Error: NotFound.
func (s *Service) HideMeeting(ctx context.Context, actor, meetingID, why string) error {
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		if err := lockDirectory(ctx, tx); err != nil {
			return err
		}
		id, _, err := currentMeeting(ctx, tx, meetingID)
		if err != nil {
			return err
		}
		return s.hide(ctx, tx, actor, id, why)
	})
	return noMeeting("hide meeting", err)
}

func (s *Service) hide(ctx context.Context, tx *db.Tx, actor, id, why string) error {
	why = tidy(why)
	if tooLong(why) {
		return fault.New(fault.Invalid, "Something here needs another look.").With("why", "Use at most %d characters.", maxFieldText)
	}
	if err := writeOverride(ctx, tx, id, Override{Field: hiddenField, Value: why, By: actor, At: s.o.Now()}); err != nil {
		return err
	}
	if err := s.recompose(ctx, tx, id); err != nil {
		return err
	}
	return s.record(ctx, tx, actor, "meeting.hide", id, "")
}

// ShowMeeting brings a hidden meeting back. Error: NotFound.
func (s *Service) ShowMeeting(ctx context.Context, actor, meetingID string) error {
	return s.ClearOverride(ctx, actor, meetingID, hiddenField)
}

func writeOverride(ctx context.Context, tx *db.Tx, id string, o Override) error {
	_, err := tx.Exec(ctx, `INSERT INTO meeting_override (meeting_id, field, value, by_whom, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (meeting_id, field) DO UPDATE SET value = excluded.value, by_whom = excluded.by_whom, at = excluded.at`,
		id, o.Field, o.Value, o.By, db.Millis(o.At))
	if err != nil {
		return fmt.Errorf("write override: %w", err)
	}
	return nil
}

// recompose makes one meeting anew after somebody here wrote on it. Of one that is gone only that it is
// hidden counts at once; the rest counts when it comes back.
func (s *Service) recompose(ctx context.Context, tx *db.Tx, id string) error {
	ls, err := listingsIn(ctx, tx, "meeting_id", []string{id})
	if err != nil {
		return fmt.Errorf("read the meeting's listings: %w", err)
	}
	now := db.Millis(s.o.Now())
	if state := stateOf(ls); state != stateActive {
		err = closeMeetings(ctx, tx, unstamped, now, state, []string{id})
	} else {
		err = s.composeOne(ctx, tx, now, id, ls)
	}
	if err != nil {
		return err
	}
	if err := stampMeetings(ctx, tx); err != nil {
		return err
	}
	return s.announce(ctx, tx)
}

func (s *Service) composeOne(ctx context.Context, tx *db.Tx, now int64, id string, ls []*listing) error {
	local, err := localFeedID(ctx, tx)
	if err != nil {
		return err
	}
	rows, err := s.compose(ctx, tx, local, now, []string{id}, map[string][]*listing{id: ls}, true)
	if err != nil {
		return err
	}
	return writeMeetings(ctx, tx, unstamped, rows, meetingUpsert)
}

// noMeeting turns db.ErrNone into a NotFound and names the operation.
func noMeeting(operation string, err error) error {
	if errors.Is(err, db.ErrNone) {
		return fault.New(fault.NotFound, "This meeting is not in the directory.")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return nil
}
