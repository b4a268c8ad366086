package db

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// checkpointPatience is how long Overwrite waits for readers; every other write waits as long.
const checkpointPatience = 5 * time.Second

// Overwrite makes what was deleted unreadable in SQLite's files: deleted rows are overwritten in the file
// (secure_delete), but their old pages stay in the log until it begins anew, which this makes it do. While
// somebody reads for long it gives up without an error: the next time will do. On PostgreSQL it does
// nothing: there old rows stay in the tables until VACUUM reuses their room, and in the log files until
// the server recycles them.
func (d *DB) Overwrite(ctx context.Context) error {
	if d.engine != SQLite {
		return nil
	}
	wait, stop := context.WithTimeout(ctx, checkpointPatience)
	defer stop()
	rows, err := d.write.QueryContext(wait, "PRAGMA wal_checkpoint(TRUNCATE)")
	if err == nil {
		for rows.Next() { // one row, which says whether it could
		}
		err = errors.Join(rows.Err(), rows.Close())
	}
	if err == nil || wait.Err() != nil && ctx.Err() == nil || errors.Is(mapError(err), ErrBusy) {
		return nil
	}
	return fmt.Errorf("begin the log anew: %w", mapError(err))
}
