package meeting

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/job"
)

// lookForDue asks which feeds are due, and enqueues a sync for each.
type lookForDue struct{}

func (lookForDue) Kind() string { return "meeting.feeds_due" }

// syncDue reads one feed. Each has a job of its own, so that a dead feed never stands in another's way.
type syncDue struct {
	Feed string `json:"feed"` // its name
}

func (syncDue) Kind() string { return "meeting.feed_sync" }

// syncAsked reads one feed because a person asked for it.
type syncAsked struct {
	Feed string `json:"feed"`           // its name
	Held string `json:"held,omitempty"` // hash of the payload that is to be accepted, "" to read the feed
}

func (syncAsked) Kind() string { return "meeting.feed_asked" }

// askedKey makes work on a feed unique. Accepting never gives way to reading. No name holds a slash.
func askedKey(name string, accept bool) string {
	if accept {
		return name + "/accept"
	}
	return name
}

// forgetSuggestions erases what people wrote to editors when it is old.
type forgetSuggestions struct{}

func (forgetSuggestions) Kind() string { return "meeting.suggestions_forget" }

const dueEvery = time.Minute

func (s *Service) registerFeedJobs(q *job.Queue) {
	job.Handle(q, s.enqueueDue)
	job.Handle(q, s.syncIfDue)
	job.Handle(q, s.syncAsAsked)
	job.Handle(q, func(ctx context.Context, _ forgetSuggestions) error { return s.forgetSuggestions(ctx) })
	q.Every(forgetSuggestions{}.Kind(), 24*time.Hour, func(time.Time) job.Args { return forgetSuggestions{} })
	q.Every(lookForDue{}.Kind(), dueEvery, func(time.Time) job.Args { return lookForDue{} })
}

func (s *Service) enqueueDue(ctx context.Context, _ lookForDue) error {
	return s.db.WithTx(ctx, func(tx *db.Tx) error {
		names, err := db.All(ctx, tx, db.Column[string], `SELECT name FROM feed WHERE removed_at = 0 AND NOT local
			AND every_ms > 0 AND due_at <= $1 AND lease_until < $1 ORDER BY due_at, id`, db.Millis(s.o.Now()))
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := s.o.Jobs.Enqueue(ctx, tx, syncDue{name}, job.Unique(name)); err != nil {
				return err
			}
		}
		return nil
	})
}

// syncIfDue syncs a feed unless somebody else just did. A failure is in the feed's report, which also says
// when to try again: the job itself is done.
func (s *Service) syncIfDue(ctx context.Context, a syncDue) error {
	f, err := feedByName(ctx, s.db, a.Feed)
	if errors.Is(err, db.ErrNone) {
		return nil // removed since
	}
	if err != nil {
		return err
	}
	if f.dueAt > db.Millis(s.o.Now()) || f.Every == 0 {
		return nil
	}
	y, err := s.SyncFeed(ctx, a.Feed, SyncOptions{noWait: true})
	if y == nil && fault.Is(err, fault.Conflict) {
		return nil // somebody else reads it
	}
	return s.synced(ctx, f, y, err)
}

// RequestSync has a feed read soon, or what was held back of it applied, and returns at once. Errors:
// NotFound; Conflict when nothing is held that could be accepted.
func (s *Service) RequestSync(ctx context.Context, actor, name string, accept bool) error {
	if s.o.Jobs == nil {
		return errors.New("request a sync: nothing runs jobs here")
	}
	return noFeed("request a sync", s.db.WithTx(ctx, func(tx *db.Tx) error {
		f, err := feedByName(ctx, tx, name)
		if err != nil {
			return err
		}
		args, action := syncAsked{Feed: name}, "feed.sync"
		switch {
		case f.local:
			return db.ErrNone
		case accept && f.heldHash == "":
			return nothingHeld()
		case accept:
			args.Held, action = f.heldHash, "feed.accept"
		}
		if err := s.o.Jobs.Enqueue(ctx, tx, args, job.Unique(askedKey(name, accept))); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, action, f.ID, f.Name)
	}))
}

// Reading is what goes on with a feed now.
type Reading struct {
	Under    bool   // it is being read, or will be in a moment
	Progress string // in English, when this process reads it
}

// Reading tells whether a feed is being read.
func (s *Service) Reading(ctx context.Context, name string) (Reading, error) {
	var r Reading
	if told, ok := s.progress.Load(name); ok {
		r.Progress, _ = told.(string)
	}
	now := db.Millis(s.o.Now())
	leased, err := db.All(ctx, s.db, db.Column[int64], `SELECT lease_until FROM feed WHERE name = $1 AND removed_at = 0 AND lease_until > $2`, name, now)
	if err != nil {
		return Reading{}, fmt.Errorf("ask for a sync: %w", err)
	}
	r.Under = len(leased) > 0
	for _, accept := range []bool{false, true} {
		if r.Under || s.o.Jobs == nil {
			break
		}
		if r.Under, err = s.o.Jobs.Due(ctx, syncAsked{}.Kind(), askedKey(name, accept)); err != nil {
			return Reading{}, fmt.Errorf("ask for a sync: %w", err)
		}
	}
	return r, nil
}

// syncAsAsked does what RequestSync promised. Like syncIfDue it is done when the feed's report says how it
// went.
func (s *Service) syncAsAsked(ctx context.Context, a syncAsked) error {
	f, err := feedByName(ctx, s.db, a.Feed)
	if errors.Is(err, db.ErrNone) {
		return nil // removed since
	}
	if err != nil {
		return err
	}
	if a.Held == "" {
		y, err := s.SyncFeed(ctx, a.Feed, SyncOptions{})
		return s.synced(ctx, f, y, err)
	}
	if f.heldHash != a.Held {
		return nil // applied already, or not what the person has looked at
	}
	y, err := s.acceptHeld(ctx, a.Feed, a.Held, nil)
	return s.synced(ctx, f, y, err)
}

// synced logs how a sync went. It returns an error when the job must run again.
func (s *Service) synced(ctx context.Context, f feedRow, y *Sync, err error) error {
	switch {
	case fault.Is(err, fault.NotFound):
		return nil // removed since
	case y == nil:
		return err
	case err != nil:
		s.o.Log.WarnContext(ctx, "feed not read", slog.String("feed", f.ID), slog.Any("error", err))
	case y.State == SyncHeld:
		s.o.Log.WarnContext(ctx, "feed held back", slog.String("feed", f.ID), slog.String("reason", y.Error))
	case y.State == SyncApplied:
		s.o.Log.InfoContext(ctx, "feed read", slog.String("feed", f.ID), slog.Int("added", y.Added),
			slog.Int("changed", y.Changed), slog.Int("gone", y.Gone))
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return nil
}
