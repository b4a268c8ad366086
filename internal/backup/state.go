package backup

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hearth/internal/db"
)

// Last is how the last backups went.
type Last struct {
	Data     State // on SQLite
	Keys     State // made alone; with the data they are made each time
	Restored State // Made is the moment of the state that was put back, Tried when that was done
}

// State is how something went. The zero value: never.
type State struct {
	Tried   time.Time // the last attempt
	Problem string    // why that failed, in English; "" when it did not
	Made    time.Time // the last that was made and proved; zero: none
	File    string
	Bytes   int64
}

// Last reads how the last backups went.
func (s *Service) Last(ctx context.Context) (Last, error) {
	var l Last
	err := db.Each(ctx, s.db, func(scan db.Scan) error {
		var kind string
		var one State
		var tried, made int64
		if err := scan(&kind, &tried, &one.Problem, &made, &one.File, &one.Bytes); err != nil {
			return err
		}
		one.Tried, one.Made = db.Time(tried), db.Time(made)
		*map[string]*State{"data": &l.Data, "keys": &l.Keys, "restored": &l.Restored}[kind] = one
		return nil
	}, `SELECT kind, tried_at, problem, made_at, file, bytes FROM backup_state`)
	return l, err
}

// ended writes down how a backup went, also when it was cut short, and returns its error.
func (s *Service) ended(ctx context.Context, kind string, made Made, failure error) error {
	if errors.Is(failure, ErrBusy) || errors.Is(failure, ErrPostgres) {
		return failure // it says nothing of how backups go
	}
	ctx = context.WithoutCancel(ctx)
	state := State{Tried: s.h.Now(), Made: made.At, File: made.Path, Bytes: made.Bytes}
	if failure != nil {
		state.Problem = failure.Error()
	}
	err := s.db.WithTx(ctx, func(tx *db.Tx) error { return save(ctx, tx, kind, state) })
	if err != nil && failure == nil {
		return fmt.Errorf("the backup was made, but not noted: %w", err)
	}
	return errors.Join(failure, err)
}

// save keeps the last one that was made when this attempt failed.
func save(ctx context.Context, tx *db.Tx, kind string, s State) error {
	made := db.Millis(s.Made)
	if s.Problem != "" {
		made, s.File, s.Bytes = 0, "", 0
	}
	_, err := tx.Exec(ctx, `INSERT INTO backup_state (kind, tried_at, problem, made_at, file, bytes) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (kind) DO UPDATE SET tried_at = excluded.tried_at, problem = excluded.problem,
			made_at = CASE WHEN excluded.problem = '' THEN excluded.made_at ELSE backup_state.made_at END,
			file = CASE WHEN excluded.problem = '' THEN excluded.file ELSE backup_state.file END,
			bytes = CASE WHEN excluded.problem = '' THEN excluded.bytes ELSE backup_state.bytes END`,
		kind, db.Millis(s.Tried), s.Problem, made, s.File, s.Bytes)
	return err
}
