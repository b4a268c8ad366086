package meeting

import (
	"context"
	"errors"
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

// forgetSuggestions erases what people wrote to editors, once it has served.
type forgetSuggestions struct{}

func (forgetSuggestions) Kind() string { return "meeting.suggestions_forget" }

const dueEvery = time.Minute

func (s *Service) registerFeedJobs(q *job.Queue) {
	job.Handle(q, s.enqueueDue)
	job.Handle(q, s.syncIfDue)
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
	switch {
	case fault.Is(err, fault.Conflict), fault.Is(err, fault.NotFound):
		return nil
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
