package job_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"hearth/internal/db"
	"hearth/internal/db/dbtest"
	"hearth/internal/job"
)

type greet struct{ Name string }

func (greet) Kind() string { return "greet" }

type sweep struct{ Slot int64 }

func (sweep) Kind() string { return "sweep" }

// clock is a clock that stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 5, 19, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func queue(d *db.DB, now func() time.Time) *job.Queue {
	return job.New(d, job.Options{Now: now, Log: slog.New(slog.DiscardHandler)})
}

func enqueue(t *testing.T, d *db.DB, q *job.Queue, args job.Args, o ...job.Option) {
	t.Helper()
	if err := d.WithTx(t.Context(), func(tx *db.Tx) error { return q.Enqueue(t.Context(), tx, args, o...) }); err != nil {
		t.Fatal(err)
	}
}

func runDue(t *testing.T, q *job.Queue, want int) {
	t.Helper()
	if n, err := q.RunDue(t.Context()); n != want || err != nil {
		t.Errorf("ran %d jobs, %v; want %d", n, err, want)
	}
}

func counts(t *testing.T, q *job.Queue, want string) {
	t.Helper()
	n, err := q.Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%d ready, %d running, %d dead", n["ready"], n["running"], n["dead"]); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestJobsRunInOrderOfTheirTime(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		c := newClock()
		q := queue(d, c.Now)
		var got []string
		job.Handle(q, func(_ context.Context, g greet) error { got = append(got, g.Name); return nil })
		enqueue(t, d, q, greet{"later"}, job.At(c.Now().Add(time.Hour)))
		enqueue(t, d, q, greet{"first"})
		enqueue(t, d, q, greet{"second"})
		stop := errors.New("stop")
		err := d.WithTx(t.Context(), func(tx *db.Tx) error {
			if err := q.Enqueue(t.Context(), tx, greet{"never"}); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		runDue(t, q, 2)
		c.pass(time.Hour)
		runDue(t, q, 1)
		if diff := cmp.Diff([]string{"first", "second", "later"}, got); diff != "" {
			t.Error(diff)
		}
		counts(t, q, "0 ready, 0 running, 0 dead")
	}, job.Migrations)
}

func TestUnique(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		c := newClock()
		q := queue(d, c.Now)
		var got []string
		job.Handle(q, func(_ context.Context, g greet) error {
			got = append(got, g.Name)
			if g.Name == "two" { // asked for again while it runs, twice
				enqueue(t, d, q, greet{"three"}, job.Unique("x"))
				enqueue(t, d, q, greet{"four"}, job.Unique("x"))
			}
			return nil
		})
		enqueue(t, d, q, greet{"one"}, job.Unique("x"), job.At(c.Now().Add(time.Minute)))
		enqueue(t, d, q, greet{"two"}, job.Unique("x"))
		enqueue(t, d, q, greet{"other"}, job.Unique("y"), job.At(c.Now().Add(time.Minute)))
		runDue(t, q, 2)
		c.pass(time.Minute)
		runDue(t, q, 1)
		if diff := cmp.Diff([]string{"two", "four", "other"}, got); diff != "" {
			t.Error(diff)
		}
	}, job.Migrations)
}

func TestFailuresAreTriedAgainAndThenDead(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		c := newClock()
		q := queue(d, c.Now)
		runs := 0
		job.Handle(q, func(_ context.Context, g greet) error {
			runs++
			if g.Name == "panic" {
				panic("at the disco \x00")
			}
			return job.Permanent(errors.New("no use"))
		})
		enqueue(t, d, q, greet{"panic"})
		runDue(t, q, 1)
		runDue(t, q, 0) // not at once
		for range job.Attempts {
			c.pass(3 * time.Hour)
			if _, err := q.RunDue(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if runs != job.Attempts {
			t.Errorf("ran %d times, want %d", runs, job.Attempts)
		}
		enqueue(t, d, q, greet{"permanent"})
		runDue(t, q, 1)
		dead, err := q.Jobs(t.Context(), "dead", 10)
		if err != nil || len(dead) != 2 || dead[0].Problem != "no use" || !strings.Contains(dead[1].Problem, "panic: at the disco") {
			t.Fatalf("got %+v, %v", dead, err)
		}
		err = d.WithTx(t.Context(), func(tx *db.Tx) error {
			if err := q.Discard(t.Context(), tx, dead[1].ID); err != nil {
				return err
			}
			return q.Revive(t.Context(), tx, dead[0].ID)
		})
		if err != nil {
			t.Fatal(err)
		}
		counts(t, q, "1 ready, 0 running, 0 dead")
		runDue(t, q, 1)
	}, job.Migrations)
}

// Work that is given up must be noticed: by a line in the log and by a number that can raise an alarm.
func TestDeathIsTold(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		c := newClock()
		var log strings.Builder
		q := job.New(d, job.Options{Now: c.Now, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError}))})
		job.Handle(q, func(context.Context, greet) error { return errors.New("no use") })
		metrics := prometheus.NewRegistry()
		metrics.MustRegister(q)
		dead := func(want float64) {
			t.Helper()
			families, err := metrics.Gather()
			if err != nil || len(families) != 1 || families[0].GetName() != "hearth_jobs" {
				t.Fatal(families, err)
			}
			for _, m := range families[0].GetMetric() {
				if state := m.GetLabel()[0].GetValue(); state == "dead" && m.GetGauge().GetValue() != want {
					t.Errorf("%v dead, want %v", m.GetGauge().GetValue(), want)
				}
			}
		}
		enqueue(t, d, q, greet{"once"})
		for range job.Attempts {
			dead(0)
			if log.Len() > 0 {
				t.Errorf("told before it is dead: %s", log.String())
			}
			runDue(t, q, 1)
			c.pass(3 * time.Hour)
		}
		dead(1)
		if s := log.String(); strings.Count(s, "\n") != 1 || !strings.Contains(s, "given up") || !strings.Contains(s, "kind=greet") {
			t.Errorf("the log says %q", s)
		}
	}, job.Migrations)
}

// What is asked for while an attempt fails for good is new work, with all its attempts.
func TestAskedForAgainDuringTheLastAttempt(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		c := newClock()
		q := queue(d, c.Now)
		var got []string
		job.Handle(q, func(_ context.Context, g greet) error {
			got = append(got, g.Name)
			switch g.Name {
			case "hopeless":
				enqueue(t, d, q, greet{"fresh"}, job.Unique("x"))
				return job.Permanent(errors.New("no use"))
			case "stubborn":
				if len(got) == job.Attempts {
					enqueue(t, d, q, greet{"fresh"}, job.Unique("y"))
				}
				return errors.New("not yet")
			}
			return nil
		})
		enqueue(t, d, q, greet{"hopeless"}, job.Unique("x"))
		runDue(t, q, 2)
		if diff := cmp.Diff([]string{"hopeless", "fresh"}, got); diff != "" {
			t.Error(diff)
		}
		got = nil
		enqueue(t, d, q, greet{"stubborn"}, job.Unique("y"))
		for range job.Attempts {
			if _, err := q.RunDue(t.Context()); err != nil {
				t.Fatal(err)
			}
			c.pass(3 * time.Hour)
		}
		if n := len(got); n != job.Attempts+1 || got[n-1] != "fresh" {
			t.Errorf("ran %v", got)
		}
		counts(t, q, "0 ready, 0 running, 0 dead")
	}, job.Migrations)
}

func TestDeadProcessLosesItsLease(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		c := newClock()
		dies, lives := queue(d, c.Now), queue(d, c.Now)
		ran := 0
		job.Handle(lives, func(context.Context, greet) error { ran++; return nil })
		job.Handle(dies, func(ctx context.Context, _ greet) error {
			runDue(t, lives, 0) // held by the one that dies
			c.pass(2 * time.Minute)
			runDue(t, lives, 1)
			job.RenewOnce(dies, ctx)
			if ctx.Err() == nil {
				t.Error("still believes to hold the job")
			}
			return ctx.Err()
		})
		enqueue(t, d, dies, greet{})
		runDue(t, dies, 1)
		if ran != 1 {
			t.Errorf("taken over %d times, want once", ran)
		}
		counts(t, lives, "0 ready, 0 running, 0 dead")
	}, job.Migrations)
}

func TestEverySlotOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		c := newClock()
		var slots []int64
		var queues []*job.Queue
		for range 2 {
			q := queue(d, c.Now)
			job.Handle(q, func(_ context.Context, s sweep) error { slots = append(slots, s.Slot); return nil })
			q.Every("sweep", time.Hour, func(slot time.Time) job.Args { return sweep{slot.Unix()} })
			queues = append(queues, q)
		}
		noon := c.Now().Unix()
		for _, step := range []time.Duration{0, 59 * time.Minute, time.Minute, 5 * time.Hour} {
			c.pass(step)
			for _, q := range queues {
				if _, err := q.RunDue(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		if diff := cmp.Diff([]int64{noon, noon + 3600, noon + 6*3600}, slots); diff != "" {
			t.Error(diff)
		}
	}, job.Migrations)
}

func TestManyWorkersRunEachOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		const jobs = 200
		ctx := t.Context()
		var mu sync.Mutex
		ran := map[string]int{}
		all := make(chan struct{})
		var queues []*job.Queue
		for range 3 {
			q := queue(d, time.Now)
			job.Handle(q, func(_ context.Context, g greet) error {
				mu.Lock()
				defer mu.Unlock()
				ran[g.Name]++
				if len(ran) == jobs {
					close(all)
				}
				return nil
			})
			if err := errors.Join(q.Stop(ctx), q.Start(ctx), q.Start(ctx)); err != nil { // a stop before the start does nothing
				t.Fatal(err)
			}
			queues = append(queues, q)
		}
		for i := range jobs {
			enqueue(t, d, queues[0], greet{fmt.Sprint(i)})
		}
		select {
		case <-all:
		case <-time.After(30 * time.Second):
			t.Error("not all ran in time")
		}
		for _, q := range queues {
			if err := errors.Join(q.Stop(ctx), q.Stop(ctx)); err != nil {
				t.Error(err)
			}
		}
		for name, n := range ran {
			if n != 1 {
				t.Errorf("job %s ran %d times", name, n)
			}
		}
		counts(t, queues[0], "0 ready, 0 running, 0 dead")
	}, job.Migrations)
}

func TestStopInAHurryGivesTheJobBack(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		q := queue(d, time.Now)
		started := make(chan struct{})
		job.Handle(q, func(ctx context.Context, _ greet) error {
			close(started)
			<-ctx.Done()
			return ctx.Err()
		})
		enqueue(t, d, q, greet{})
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-started
		now, cancel := context.WithCancel(t.Context())
		cancel()
		if err := q.Stop(now); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want to hear that something was cut short", err)
		}
		counts(t, q, "1 ready, 0 running, 0 dead")
		waiting, err := q.Jobs(t.Context(), "ready", 1)
		if err != nil || waiting[0].Attempt != 0 {
			t.Errorf("got %+v, %v; want no attempt counted", waiting, err)
		}
	}, job.Migrations)
}

// Nobody looks once in a while here: word must come, in the process and to another one.
func TestWordComesAtOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := job.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler), Poll: time.Hour}
		asks, works := job.New(d, o), job.New(d, o)
		if d.Engine() == db.SQLite {
			asks = works // one process serves
		}
		ran := make(chan string, 2)
		job.Handle(works, func(_ context.Context, g greet) error { ran <- g.Name; return nil })
		if err := works.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"first", "second"} {
			enqueue(t, d, asks, greet{name})
			select {
			case got := <-ran:
				if got != name {
					t.Errorf("got %s, want %s", got, name)
				}
			case <-time.After(20 * time.Second):
				t.Fatalf("%s: no word came", name)
			}
		}
		if err := works.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}, job.Migrations)
}

func TestPeriodicWithoutHandler(t *testing.T) {
	q := queue(dbtest.SQLite(t, job.Migrations), time.Now)
	q.Every("sweep", time.Hour, func(time.Time) job.Args { return sweep{} })
	if err := q.Start(t.Context()); err == nil {
		t.Error("a periodic kind without a handler started")
	}
}
