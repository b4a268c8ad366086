package meeting

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// follower keeps the directory in memory up to date.
type follower struct {
	current atomic.Pointer[Directory]
	refresh sync.Mutex

	mu     sync.Mutex
	cancel context.CancelFunc
	done   chan struct{}
}

// lookEvery is how often the clock is read when no event comes: another process may not be heard.
const lookEvery = time.Second

// rest is the shortest time between two refreshes.
const rest = 50 * time.Millisecond

// Directory is every meeting that can be found, as of at most a moment ago; empty before Start.
func (s *Service) Directory() *Directory {
	if d := s.follower.current.Load(); d != nil {
		return d
	}
	return emptyDirectory()
}

// Loaded tells whether Directory is what the database holds, not the empty one from before Start.
func (s *Service) Loaded() bool { return s.follower.current.Load() != nil }

// Start loads the directory and keeps it up to date until Stop. The context bounds the loading only.
func (s *Service) Start(ctx context.Context) error {
	f := &s.follower
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done != nil {
		return nil
	}
	d, err := LoadDirectory(ctx, s.db)
	if err != nil {
		return err
	}
	f.current.Store(d)
	ctx, f.cancel = context.WithCancel(context.Background())
	f.done = make(chan struct{})
	go s.follow(ctx, f.done)
	return nil
}

// Stop ends what Start began and waits for it. It may be called more than once, and without Start.
func (s *Service) Stop() {
	f := &s.follower
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done == nil {
		return
	}
	f.cancel()
	<-f.done
	f.done = nil
}

func (s *Service) follow(ctx context.Context, done chan<- struct{}) {
	defer close(done)
	var heard <-chan struct{}
	if s.o.Events != nil {
		var end func()
		heard, end = s.o.Events.Subscribe(topicDirectory)
		defer end()
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	failed := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-heard:
		}
		err := s.refreshDirectory(ctx)
		// A thousand changes in a row are not worth a thousand refreshes.
		select {
		case <-ctx.Done():
		case <-time.After(rest):
		}
		if err != nil && !failed && ctx.Err() == nil {
			// Said once: the old directory stands until the database answers again.
			s.o.Log.Warn("the directory in memory cannot be refreshed", "err", err)
		}
		failed = err != nil
	}
}

// CatchUp makes the directory as new as the database now, without waiting for the next look.
func (s *Service) CatchUp(ctx context.Context) error { return s.refreshDirectory(ctx) }

func (s *Service) refreshDirectory(ctx context.Context) error {
	s.follower.refresh.Lock() // a slower look must not put an older directory over a newer one
	defer s.follower.refresh.Unlock()
	was := s.Directory()
	now, err := was.Refresh(ctx, s.db)
	if err != nil {
		return err
	}
	if now != was {
		s.follower.current.Store(now)
	}
	return nil
}
