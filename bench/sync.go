package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"hearth/bench/world"
	"hearth/internal/db"
	"hearth/internal/meeting"
)

// syncTimes is how long the syncs of one large feed take.
type syncTimes struct {
	rows                  int
	first, again, changed time.Duration // changed: one row in a hundred
	firstCPU, againCPU    time.Duration // of the processors
}

// timeSyncs syncs a feed of the world into an empty database, again as it is, and again after some of its
// rows have changed.
func timeSyncs(ctx context.Context, folder string, w *world.World) (t syncTimes, err error) {
	dir, err := os.MkdirTemp(folder, "sync")
	if err != nil {
		return t, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "feed.json")
	write := func(change func(int, *meeting.Occurrence)) error {
		f, err := os.Create(file)
		if err != nil {
			return err
		}
		return errors.Join(w.WriteFeed(f, change), f.Close())
	}
	if err := write(nil); err != nil {
		return t, err
	}
	d, err := db.Open(ctx, db.Config{Path: filepath.Join(dir, "hearth.db")})
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	h, err := house(ctx, d, dir)
	if err != nil {
		return t, err
	}
	defer h.Meetings.Stop()
	_, err = h.Meetings.AddFeed(ctx, "bench", meeting.Feed{Name: "world", Format: meeting.FormatMeetingGuide, Fellowship: "aa", Zone: "America/New_York", File: file})
	if err != nil {
		return t, err
	}
	sync := func(want meeting.SyncState) (time.Duration, error) {
		start := time.Now()
		s, err := h.Meetings.SyncFeed(ctx, "world", meeting.SyncOptions{})
		if err != nil {
			return 0, err
		}
		if s.State != want {
			return 0, fmt.Errorf("sync ended as %q: %s", s.State, s.Error)
		}
		t.rows = s.Rows
		return time.Since(start), nil
	}
	used := processorTime()
	if t.first, err = sync(meeting.SyncApplied); err != nil {
		return t, err
	}
	t.firstCPU, used = processorTime()-used, processorTime()
	if t.again, err = sync(meeting.SyncSame); err != nil {
		return t, err
	}
	t.againCPU = processorTime() - used
	err = write(func(i int, o *meeting.Occurrence) {
		if i%100 == 0 {
			o.Name += " (new time)"
			o.Start = (o.Start + 30) % (24 * 60)
		}
	})
	if err != nil {
		return t, err
	}
	t.changed, err = sync(meeting.SyncApplied)
	return t, err
}
