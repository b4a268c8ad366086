package job

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"hearth/internal/db"
)

// A process that runs a job renews its lease three times before it would end.
const lease = time.Minute

// claimed is a job that this process runs.
type claimed struct {
	held
	kind string
	args []byte
}

// Start begins to work in the background until Stop. Cancelling ctx afterwards does not stop it, so that
// what runs can come to its end. Calling it again does nothing. It fails when a periodic kind has no handler.
func (q *Queue) Start(ctx context.Context) error {
	for _, p := range q.periodic {
		if q.handlers[p.kind] == nil {
			return fmt.Errorf("job: %s is periodic but has no handler", p.kind)
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stop != nil {
		return nil
	}
	handlers, kill := context.WithCancel(context.WithoutCancel(ctx))
	claims, stop := context.WithCancel(handlers)
	q.stop, q.kill, q.stopped = stop, kill, make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() { q.work(claims, handlers) })
	all.Go(func() { q.listen(claims) })
	all.Go(func() { q.renew(handlers) })
	go func() { all.Wait(); close(q.stopped) }()
	return nil
}

// Stop stops taking jobs and waits for those that run; when ctx ends first, they are cancelled and go back
// into the queue, and the error says so. It may be called more than once, and before Start.
func (q *Queue) Stop(ctx context.Context) error {
	q.mu.Lock()
	stop, kill, stopped := q.stop, q.kill, q.stopped
	q.mu.Unlock()
	if stop == nil {
		return nil
	}
	stop()
	select {
	case <-stopped:
		return nil
	case <-ctx.Done():
		kill()
		<-stopped
		return fmt.Errorf("jobs were cut short and will run again: %w", ctx.Err())
	}
}

// RunDue runs all jobs that are due now, one after the other, until none is: for tests with a clock of their
// own, and for commands that end. It returns how many it ran.
func (q *Queue) RunDue(ctx context.Context) (int, error) {
	for ran := 0; ; {
		if err := q.handOutSlots(ctx); err != nil {
			return ran, err
		}
		jobs, err := q.claim(ctx, 1)
		if err != nil || len(jobs) == 0 {
			return ran, err
		}
		q.run(ctx, jobs[0])
		ran++
	}
}

// work claims jobs whenever there may be some and a worker is free. handlers outlives ctx.
func (q *Queue) work(ctx, handlers context.Context) {
	defer q.kill() // renewal ends when the last handler has
	var running sync.WaitGroup
	defer running.Wait()
	free := make(chan struct{}, q.o.Workers)
	for range q.o.Workers {
		free <- struct{}{}
	}
	poll := time.NewTicker(q.o.Poll)
	defer poll.Stop()
	for {
		jobs, err := q.next(ctx, len(free))
		if ctx.Err() != nil && len(jobs) == 0 {
			return
		}
		if err != nil {
			q.o.Log.Error("look for jobs", "error", err)
		}
		for _, j := range jobs {
			<-free
			running.Go(func() {
				q.run(handlers, j)
				free <- struct{}{}
				q.poke()
			})
		}
		if len(jobs) > 0 {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-q.wake:
		case <-poll.C:
		}
	}
}

// next hands out slots and claims up to n jobs. It looks before it writes, because on SQLite every write
// waits for every other.
func (q *Queue) next(ctx context.Context, n int) ([]claimed, error) {
	if err := q.handOutSlots(ctx); err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, nil
	}
	now := db.Millis(q.o.Now())
	_, err := db.One(ctx, q.db, db.Column[int64], `SELECT 1 FROM job WHERE state = 'ready' AND run_at <= $1
		UNION ALL SELECT 1 FROM job WHERE state = 'running' AND lease_until <= $1 LIMIT 1`, now)
	if errors.Is(err, db.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	// Once begun it is carried through: a job that was claimed must be run or given back.
	return q.claim(context.WithoutCancel(ctx), n)
}

// claim takes up to n jobs that are due, the oldest first, for the length of a lease.
func (q *Queue) claim(ctx context.Context, n int) ([]claimed, error) {
	if len(q.handlers) == 0 {
		return nil, nil
	}
	var jobs []claimed
	err := q.db.WithTx(ctx, func(tx *db.Tx) error {
		jobs = nil
		now := q.o.Now()
		if err := q.takeBack(ctx, tx, now); err != nil {
			return err
		}
		args := []any{db.Millis(now.Add(lease)), db.Millis(now), n}
		for kind := range q.handlers {
			args = append(args, kind)
		}
		var err error
		jobs, err = db.All(ctx, tx, func(s db.Scan) (j claimed, err error) {
			var text string
			err = s(&j.id, &j.kind, &text, &j.attempt)
			j.args = []byte(text)
			return j, err
		}, `UPDATE job SET state = 'running', attempt = attempt + 1, lease_until = $1
			WHERE id IN (SELECT id FROM job WHERE state = 'ready' AND run_at <= $2 AND kind IN (`+db.List(4, len(q.handlers))+`)
				ORDER BY run_at, id LIMIT $3`+tx.ForUpdateSkipLocked()+`)
			RETURNING id, kind, args, attempt`, args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim jobs: %w", err)
	}
	slices.SortFunc(jobs, func(a, b claimed) int { return strings.Compare(a.id, b.id) })
	return jobs, nil
}

// takeBack frees the jobs of processes that died. Those that have no attempt left are given up.
func (q *Queue) takeBack(ctx context.Context, tx *db.Tx, now time.Time) error {
	return db.Each(ctx, tx, func(scan db.Scan) error {
		var id, kind, state string
		if err := scan(&id, &kind, &state); err != nil {
			return err
		}
		if state == "dead" {
			tx.AfterCommit(func() {
				q.o.Log.Error("job given up: it waits for a person", "kind", kind, "job", id, "error", "the process that ran it ended")
			})
		}
		return nil
	}, `UPDATE job SET problem = 'the process that ran it ended', run_at = $1,
			state = CASE WHEN attempt >= $2 AND NOT again THEN 'dead' ELSE 'ready' END,
			attempt = CASE WHEN again THEN 0 ELSE attempt END, again = FALSE
		WHERE state = 'running' AND lease_until <= $1 RETURNING id, kind, state`, db.Millis(now), Attempts)
}

// run runs one attempt and notes how it ended.
func (q *Queue) run(ctx context.Context, j claimed) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	q.hold(j.held, cancel)
	defer q.letGo(j.held)
	err := q.call(ctx, j)
	log := q.o.Log.With("kind", j.kind, "job", j.id, "attempt", j.attempt)
	died, noteErr := q.note(context.WithoutCancel(ctx), j, ctx.Err() != nil, err)
	if noteErr != nil {
		log.Error("note how a job ended", "error", noteErr) // its lease will end and it runs again
	}
	switch {
	case err == nil:
		log.Debug("job done")
	case ctx.Err() != nil:
		log.Info("job given back", "error", err)
	case died:
		log.Error("job given up: it waits for a person", "error", err)
	default:
		log.Warn("job failed", "error", err)
	}
}

func (q *Queue) call(ctx context.Context, j claimed) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return q.handlers[j.kind](ctx, j.args)
}

// note writes down the end of an attempt, unless another process took the job over meanwhile. It tells
// whether the job is dead now.
func (q *Queue) note(ctx context.Context, j claimed, cancelled bool, failure error) (died bool, err error) {
	const mine = ` WHERE id = $1 AND attempt = $2 AND state = 'running'`
	err = q.db.WithTx(ctx, func(tx *db.Tx) error {
		now := q.o.Now()
		exec := func(sql string, args ...any) (int64, error) {
			return tx.Exec(ctx, sql, append([]any{j.id, j.attempt}, args...)...)
		}
		if failure == nil {
			n, err := exec(`DELETE FROM job` + mine + ` AND NOT again`)
			if err != nil || n == 1 {
				return err
			}
			n, err = exec(`UPDATE job SET state = 'ready', again = FALSE, attempt = 0, problem = ''` + mine)
			if n == 1 {
				tx.AfterCommit(q.poke)
			}
			return err
		}
		if cancelled {
			_, err := exec(`UPDATE job SET state = 'ready', attempt = attempt - 1, again = FALSE, run_at = $3`+mine, db.Millis(now))
			return err
		}
		state := "ready"
		if j.attempt >= Attempts || isPermanent(failure) {
			state = "dead"
		}
		// What was asked for while it ran is new work: it neither dies with this attempt nor waits for the next.
		ended, err := db.All(ctx, tx, db.Column[string], `UPDATE job SET problem = $4, state = CASE WHEN again THEN 'ready' ELSE $3 END,
				run_at = CASE WHEN again THEN run_at ELSE $5 END,
				attempt = CASE WHEN again THEN 0 ELSE attempt END, again = FALSE`+mine+` RETURNING state`,
			j.id, j.attempt, state, problem(failure), db.Millis(now.Add(backoff(j.attempt))))
		died = len(ended) == 1 && ended[0] == "dead"
		return err
	})
	return died && err == nil, err
}

// hold and letGo keep the list of what this process must renew.
func (q *Queue) hold(h held, cancel func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held[h] = cancel
}

func (q *Queue) letGo(h held) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.held, h)
}

// renew prolongs the leases of what runs here, and cancels what another process has taken over.
func (q *Queue) renew(ctx context.Context) {
	tick := time.NewTicker(lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		q.renewOnce(ctx)
	}
}

func (q *Queue) renewOnce(ctx context.Context) {
	q.mu.Lock()
	mine := make(map[held]func(), len(q.held))
	for h, cancel := range q.held {
		mine[h] = cancel
	}
	q.mu.Unlock()
	for h, cancel := range mine {
		n, err := q.db.Exec(ctx, `UPDATE job SET lease_until = $3 WHERE id = $1 AND attempt = $2 AND state = 'running'`,
			h.id, h.attempt, db.Millis(q.o.Now().Add(lease)))
		if err != nil {
			q.o.Log.Error("renew the lease of a job", "job", h.id, "error", err)
		} else if n == 0 {
			cancel()
		}
	}
}

// listen wakes the queue when another process has enqueued something.
func (q *Queue) listen(ctx context.Context) {
	for ctx.Err() == nil {
		err := q.db.Listen(ctx, channel, q.poke, func(string) { q.poke() })
		if ctx.Err() != nil {
			return
		}
		q.o.Log.Warn("listen for jobs; looking once in a while instead", "error", err)
		pause(ctx, 5*time.Second)
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// handOutSlots enqueues the periodic jobs whose next slot has come.
func (q *Queue) handOutSlots(ctx context.Context) error {
	for _, p := range q.periodic {
		slot := q.o.Now().UTC().Truncate(p.each)
		last, err := db.One(ctx, q.db, db.Column[int64], `SELECT slot FROM job_slot WHERE kind = $1`, p.kind)
		if err != nil && !errors.Is(err, db.ErrNone) {
			return fmt.Errorf("slots of %s: %w", p.kind, err)
		}
		if err == nil && last >= slot.UnixMilli() {
			continue
		}
		err = q.db.WithTx(ctx, func(tx *db.Tx) error {
			n, err := tx.Exec(ctx, `INSERT INTO job_slot (kind, slot) VALUES ($1, $2)
				ON CONFLICT (kind) DO UPDATE SET slot = excluded.slot WHERE job_slot.slot < excluded.slot`, p.kind, slot.UnixMilli())
			if err != nil || n == 0 { // another process was quicker
				return err
			}
			return q.Enqueue(ctx, tx, p.make(slot), Unique("every"))
		})
		if err != nil {
			return fmt.Errorf("hand out a slot of %s: %w", p.kind, err)
		}
	}
	return nil
}
