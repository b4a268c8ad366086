// Package job owns durable work: it is enqueued in the transaction that makes it necessary, runs after that
// is committed, at least once, in one process at a time, and is tried again when it fails.
//
// It must never know what the work is: areas register a handler per kind. Because a process may die between
// doing the work and noting that it is done, every handler must bear running twice.
package job

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"hearth/internal/db"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the tables of this package.
var Migrations = db.Source{Name: "job", FS: files}

// Args is what a handler needs to know, stored as JSON. Kind names the handler and must not depend on the
// value. Nothing private belongs in it: ids do.
type Args interface{ Kind() string }

// Options of a Queue. Now and Log must be set.
type Options struct {
	Now     func() time.Time
	Log     *slog.Logger
	Workers int           // jobs that run at once in this process; 4 if 0
	Poll    time.Duration // how often to look for work of which no word came; 1 s if 0
}

// Queue is the work of one database. Register handlers first, then Start it.
type Queue struct {
	db       *db.DB
	o        Options
	handlers map[string]func(context.Context, []byte) error
	periodic []periodic
	wake     chan struct{}

	mu      sync.Mutex
	stop    func() // ends claiming; nil before Start
	kill    func() // ends the handlers
	stopped chan struct{}
	held    map[held]func() // what runs here, and how to cancel it
}

// held is one attempt of a job.
type held struct {
	id      string
	attempt int64
}

type periodic struct {
	kind string
	each time.Duration
	make func(slot time.Time) Args
}

// New returns the queue of a database. It does nothing until Start or RunDue.
func New(d *db.DB, o Options) *Queue {
	if o.Workers == 0 {
		o.Workers = 4
	}
	if o.Poll == 0 {
		o.Poll = time.Second
	}
	return &Queue{
		db: d, o: o,
		handlers: map[string]func(context.Context, []byte) error{},
		wake:     make(chan struct{}, 1),
		held:     map[held]func(){},
	}
}

// Handle registers the handler of a kind. Its context ends when the queue is stopped in a hurry or when
// another process had to take the job over.
func Handle[A Args](q *Queue, handler func(ctx context.Context, args A) error) {
	var none A
	kind := none.Kind()
	if _, ok := q.handlers[kind]; ok {
		panic("job: two handlers for " + kind)
	}
	q.handlers[kind] = func(ctx context.Context, b []byte) error {
		var args A
		if err := json.Unmarshal(b, &args); err != nil {
			return Permanent(fmt.Errorf("read the arguments: %w", err))
		}
		return handler(ctx, args)
	}
}

// Option changes how a job is enqueued.
type Option func(*row)

// At makes the job wait until t.
func At(t time.Time) Option { return func(r *row) { r.runAt = db.Millis(t) } }

// Unique makes sure that only one job of this kind and key waits. One that waits already takes the newer
// arguments and the earlier time; one that runs already runs once more afterwards, so nothing is missed.
func Unique(key string) Option { return func(r *row) { r.uniq = key } }

type row struct {
	uniq  string
	runAt int64
}

// Enqueue adds a job in the caller's transaction. It runs once that is committed.
func (q *Queue) Enqueue(ctx context.Context, tx *db.Tx, args Args, options ...Option) error {
	b, err := json.Marshal(args)
	if err != nil {
		return fmt.Errorf("enqueue %s: %w", args.Kind(), err)
	}
	now := db.Millis(q.o.Now())
	r := row{runAt: now}
	for _, o := range options {
		o(&r)
	}
	_, err = tx.Exec(ctx, `INSERT INTO job (id, kind, uniq, args, state, again, attempt, run_at, lease_until, problem, created_at)
		VALUES ($1, $2, $3, $4, 'ready', FALSE, 0, $5, 0, '', $6)
		ON CONFLICT (kind, uniq) WHERE uniq <> '' AND state IN ('ready', 'running') DO UPDATE SET
			args = excluded.args,
			again = job.state = 'running',
			run_at = CASE WHEN job.state = 'ready' AND job.run_at < excluded.run_at THEN job.run_at ELSE excluded.run_at END`,
		db.NewID(), args.Kind(), r.uniq, string(b), r.runAt, now)
	if err != nil {
		return fmt.Errorf("enqueue %s: %w", args.Kind(), err)
	}
	if r.runAt > now {
		return nil
	}
	tx.AfterCommit(q.poke)
	return tx.Notify(ctx, channel, "")
}

// Every enqueues a job of this kind for each slot of time, once over all processes. Slots are multiples of
// each in UTC: days begin at midnight, weeks on Monday. Slots that pass while nothing runs are made up for
// by one; a slot that comes while the last one still waits or runs is as with Unique.
func (q *Queue) Every(kind string, each time.Duration, make func(slot time.Time) Args) {
	q.periodic = append(q.periodic, periodic{kind, each, make})
}

func (q *Queue) poke() {
	select {
	case q.wake <- struct{}{}:
	default: // it will look anyway
	}
}

const channel = "hearth_job"

// permanent is an error after which trying again is of no use.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Permanent marks a handler's error as one that no further attempt would mend.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanent{err}
}

func isPermanent(err error) bool {
	var p permanent
	return errors.As(err, &p)
}

// Attempts is how often a job is tried before it is dead.
const Attempts = 10

// backoff is the pause after the nth attempt: 1 s, 16 s, 81 s … up to almost two hours.
func backoff(attempt int64) time.Duration {
	n := min(attempt, Attempts)
	return time.Duration(n*n*n*n) * time.Second
}
