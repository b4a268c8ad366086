package job

import (
	"context"
	"strings"
	"time"

	"hearth/internal/db"
	"hearth/internal/fault"
)

// Job is what a person who looks after the queue sees of one.
type Job struct {
	ID, Kind, State, Problem string
	Attempt                  int
	RunAt, CreatedAt         time.Time
}

// Jobs lists jobs in a state, ready, running or dead, the newest first.
func (q *Queue) Jobs(ctx context.Context, state string, limit int) ([]Job, error) {
	return db.All(ctx, q.db, func(s db.Scan) (j Job, err error) {
		var runAt, createdAt int64
		err = s(&j.ID, &j.Kind, &j.State, &j.Problem, &j.Attempt, &runAt, &createdAt)
		j.RunAt, j.CreatedAt = db.Time(runAt), db.Time(createdAt)
		return j, err
	}, `SELECT id, kind, state, problem, attempt, run_at, created_at FROM job WHERE state = $1 ORDER BY id DESC LIMIT $2`, state, limit)
}

// Count returns how many jobs are in each state.
func (q *Queue) Count(ctx context.Context) (map[string]int, error) {
	counts := map[string]int{"ready": 0, "running": 0, "dead": 0}
	err := db.Each(ctx, q.db, func(s db.Scan) error {
		var state string
		var n int
		err := s(&state, &n)
		counts[state] = n
		return err
	}, `SELECT state, count(*) FROM job GROUP BY state`)
	return counts, err
}

// Due tells whether a unique job is running or about to run; one that waits for another attempt is not.
func (q *Queue) Due(ctx context.Context, kind, unique string) (bool, error) {
	found, err := db.All(ctx, q.db, db.Column[int64], `SELECT 1 FROM job WHERE kind = $1 AND uniq = $2
		AND (state = 'running' OR state = 'ready' AND run_at <= $3)`, kind, unique, db.Millis(q.o.Now()))
	return len(found) > 0, err
}

// Revive gives a dead job all its attempts again. fault.NotFound: there is no such dead job, or a newer one
// with the same key waits already.
func (q *Queue) Revive(ctx context.Context, tx *db.Tx, id string) error {
	n, err := tx.Exec(ctx, `UPDATE job SET state = 'ready', attempt = 0, run_at = $2, problem = ''
		WHERE id = $1 AND state = 'dead' AND NOT EXISTS (SELECT 1 FROM job AS other
			WHERE other.kind = job.kind AND other.uniq = job.uniq AND job.uniq <> '' AND other.state IN ('ready', 'running'))`,
		id, db.Millis(q.o.Now()))
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.NotFound, "This work is not waiting for a decision any more.")
	}
	tx.AfterCommit(q.poke)
	return tx.Notify(ctx, channel, "")
}

// Discard removes a dead job for good.
func (q *Queue) Discard(ctx context.Context, tx *db.Tx, id string) error {
	_, err := tx.Exec(ctx, `DELETE FROM job WHERE id = $1 AND state = 'dead'`, id)
	return err
}

// problem is the text of an error as it may be stored: valid, and not endless.
func problem(err error) string {
	s := strings.ToValidUTF8(strings.ReplaceAll(err.Error(), "\x00", ""), "�")
	if len(s) > 2000 {
		s = strings.ToValidUTF8(s[:2000], "") + "…"
	}
	return s
}
