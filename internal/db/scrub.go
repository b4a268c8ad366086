package db

import (
	"context"
	"fmt"
)

// Scrub rewrites what the database keeps of deleted and changed rows of tables, so that what was in them is
// no longer in its files. It takes as long as writing them anew. SQLite rewrites the whole file and empties
// its log; PostgreSQL the tables, whose old log files go when it recycles them.
func (d *DB) Scrub(ctx context.Context, tables ...string) error {
	if d.engine == SQLite {
		for _, s := range []string{"VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"} {
			rows, err := d.write.QueryContext(ctx, s)
			if err != nil {
				return fmt.Errorf("%s: %w", s, mapError(err))
			}
			if err := rows.Close(); err != nil {
				return fmt.Errorf("%s: %w", s, mapError(err))
			}
		}
		return nil
	}
	for _, t := range tables {
		if _, err := d.write.ExecContext(ctx, "VACUUM FULL "+t); err != nil {
			return fmt.Errorf("vacuum %s: %w", t, mapError(err))
		}
	}
	return nil
}
