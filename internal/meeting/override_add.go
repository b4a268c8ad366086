package meeting

import (
	"context"
	"errors"
	"fmt"

	"hearth/internal/civil"
	"hearth/internal/db"
	"hearth/internal/fault"
)

// AddMeeting adds a meeting that no feed has. From then on it is a meeting like any other: SetOverrides
// changes it, HideMeeting takes it down, and a feed that brings it later is joined with it. It returns the
// meeting's id. Errors: Invalid with the fields fellowship and those of EditableFields.
func (s *Service) AddMeeting(ctx context.Context, actor, fellowship string, o Occurrence) (string, error) {
	if err := s.checkMeeting(fellowship, &o); err != nil {
		return "", err
	}
	now := s.o.Now()
	var id string
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		feed, err := feedByName(ctx, tx, localFeedName)
		if errors.Is(err, db.ErrNone) {
			feed = feedRow{Feed: Feed{ID: db.NewID(), Name: localFeedName, Format: localFeedFormat, CreatedAt: now}, local: true}
			err = insertFeed(ctx, tx, feed.Feed, true)
		}
		if err != nil {
			return err
		}
		o := o
		o.SourceID, o.Updated = db.NewID(), db.Millis(now)
		o.Key = o.SourceID
		d, err := s.newDiff(ctx, tx, feed, db.Millis(now))
		if err != nil {
			return err
		}
		sum := contentSum{}
		d.put(&o, fellowship, sum.of(&o))
		if err := d.apply(ctx, tx); err != nil {
			return err
		}
		id = d.own[o.Key].Meeting
		if _, err := tx.Exec(ctx, `UPDATE feed SET active = active + 1, last_good_at = $2 WHERE id = $1`, feed.ID, db.Millis(now)); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "meeting.add", id, "")
	})
	if err != nil {
		return "", fmt.Errorf("add meeting: %w", err)
	}
	return id, nil
}

// checkMeeting makes what an editor typed a whole meeting, or says what is missing.
func (s *Service) checkMeeting(fellowship string, o *Occurrence) error {
	var bad fault.Fields
	if !fellowshipCode.MatchString(fellowship) {
		bad.Add("fellowship", "Use the fellowship's code: small letters, digits and hyphens, such as aa or ma.")
	}
	if o.Attendance == "" {
		o.Attendance = InPerson
	}
	if o.Day != ByAppointment && o.End == o.Start && o.Start.Valid() {
		o.End = civil.NoClock
	}
	for _, f := range occurrenceFields {
		if f.set == nil {
			continue
		}
		v := tidy(f.get(o))
		if tooLong(v) {
			bad.Add(f.name, "Use at most %d characters.", maxFieldText)
		} else if err := f.set(o, v); err != nil {
			bad.Add(f.name, fault.As(err).Message)
		}
	}
	o.Stated = true
	if o.Day != ByAppointment && !o.Start.Valid() {
		bad.Add("start", "Say when it begins.")
	}
	if o.Start.Valid() && !o.End.Valid() {
		o.End = (o.Start + 60) % (24 * 60)
	}
	if (o.Attendance == InPerson || o.Attendance == Hybrid) && o.Address == "" && o.Location == "" {
		bad.Add("address", "Say where it is.")
	}
	if (o.Attendance == Online || o.Attendance == Hybrid) && o.ConferenceURL == "" && o.ConferencePhone == "" {
		bad.Add("conference_url", "Say how to join: a link or a telephone number.")
	}
	if o.Zone == "" && s.o.Zone != nil {
		o.Zone = s.o.Zone(o.Lat, o.Lng, o.Country, o.State)
	}
	if o.Zone == "" {
		bad.Add("zone", "Say in which time zone it is, such as America/New_York.")
	}
	return bad.Err()
}
