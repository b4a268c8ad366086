package meeting

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"hearth/internal/db"
	"hearth/internal/fault"
)

// feedRow is a feed with what only the syncs need to know of it.
type feedRow struct {
	Feed
	local        bool
	validators   validators
	fetchedHash  string
	payloadHash  string
	heldHash     string
	refusedHash  string
	failures     int64
	dueAt        int64
	lastSync     string
	lastGoodSync string
}

const feedColumns = `id, name, format, fellowship, zone, url, file, every_ms, local, created_at, etag,
	last_modified, fetched_hash, payload_hash, held_hash, refused_hash, last_good_at, active, failures, due_at, last_sync,
	last_good_sync`

func scanFeed(scan db.Scan) (feedRow, error) {
	var f feedRow
	var every, created, good, active int64
	err := scan(&f.ID, &f.Name, &f.Format, &f.Fellowship, &f.Zone, &f.URL, &f.File, &every, &f.local, &created,
		&f.validators.etag, &f.validators.lastModified, &f.fetchedHash, &f.payloadHash, &f.heldHash, &f.refusedHash, &good,
		&active, &f.failures, &f.dueAt, &f.lastSync, &f.lastGoodSync)
	f.Every = time.Duration(every) * time.Millisecond
	f.CreatedAt, f.LastGoodAt, f.Active = db.Time(created), db.Time(good), int(active)
	f.Held = f.heldHash != ""
	return f, err
}

// feedByName returns db.ErrNone when there is none.
func feedByName(ctx context.Context, q db.Querier, name string) (feedRow, error) {
	return db.One(ctx, q, scanFeed, `SELECT `+feedColumns+` FROM feed WHERE name = $1 AND removed_at = 0`, name)
}

func allFeeds(ctx context.Context, q db.Querier) ([]feedRow, error) {
	return db.All(ctx, q, scanFeed,
		`SELECT `+feedColumns+` FROM feed WHERE removed_at = 0 AND NOT local ORDER BY created_at, id`)
}

// localFeedID returns the id of the built-in source, "" before its first meeting.
func localFeedID(ctx context.Context, q db.Querier) (string, error) {
	id, err := db.One(ctx, q, db.Column[string], `SELECT id FROM feed WHERE local`)
	if errors.Is(err, db.ErrNone) {
		return "", nil
	}
	return id, err
}

// insertFeed stores a new feed.
func insertFeed(ctx context.Context, tx *db.Tx, f Feed, local bool) error {
	_, err := tx.Exec(ctx, `INSERT INTO feed (id, name, format, fellowship, zone, url, file, every_ms, local,
		created_at, removed_at, etag, last_modified, fetched_hash, payload_hash, held_hash, last_good_at, active,
		failures, due_at, last_sync, last_good_sync, lease_by, lease_until)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, '', '', '', '', '', 0, 0, 0, $10, '', '', '', 0)`,
		f.ID, f.Name, string(f.Format), f.Fellowship, f.Zone, f.URL, f.File, f.Every.Milliseconds(), local,
		db.Millis(f.CreatedAt))
	return err
}

// reviveFeed gives a removed feed of the same name, format and fellowship its life back, with new
// settings, so that its meetings keep their ids and what is known of their welcome. It returns db.ErrNone
// when there is none.
func reviveFeed(ctx context.Context, tx *db.Tx, f Feed) (id string, err error) {
	id, err = db.One(ctx, tx, db.Column[string], `SELECT id FROM feed WHERE name = $1 AND format = $2
		AND fellowship = $3 AND removed_at > 0 ORDER BY removed_at DESC LIMIT 1`, f.Name, string(f.Format), f.Fellowship)
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(ctx, `UPDATE feed SET removed_at = 0, zone = $2, url = $3, file = $4, every_ms = $5,
		created_at = $6, due_at = $6, etag = '', last_modified = '', fetched_hash = '', payload_hash = '',
		held_hash = '', refused_hash = '', failures = 0, active = 0, lease_by = '', lease_until = 0 WHERE id = $1`,
		id, f.Zone, f.URL, f.File, f.Every.Milliseconds(), db.Millis(f.CreatedAt))
	return id, err
}

// takeLease makes by the only one who may sync the feed until then. It tells whether it did.
func takeLease(ctx context.Context, d *db.DB, feedID, by string, now, until int64) (bool, error) {
	n, err := d.Exec(ctx, `UPDATE feed SET lease_by = $2, lease_until = $3
		WHERE id = $1 AND removed_at = 0 AND (lease_by = $2 OR lease_until < $4)`, feedID, by, until, now)
	return n == 1, err
}

func dropLease(ctx context.Context, d *db.DB, feedID, by string) error {
	_, err := d.Exec(ctx, `UPDATE feed SET lease_by = '', lease_until = 0 WHERE id = $1 AND lease_by = $2`, feedID, by)
	return err
}

var errLeaseLost = errors.New("lease lost")

// holdLease fails unless the feed is still there and ours, and keeps its row until tx ends.
func holdLease(ctx context.Context, tx *db.Tx, feedID, by string) error {
	n, err := tx.Exec(ctx, `UPDATE feed SET lease_by = $2 WHERE id = $1 AND lease_by = $2 AND removed_at = 0`, feedID, by)
	if err == nil && n != 1 {
		err = fault.New(fault.Conflict, "The feed was changed or removed, or another sync of it took over.").Because(errLeaseLost)
	}
	return err
}

// What of a report is kept: enough to see what happened, bounded whatever a feed does.
const (
	keptIssues  = 1000
	keptChanges = 500
	keptSyncs   = 60 // per feed
)

func writeSync(ctx context.Context, tx *db.Tx, feedID string, y *Sync) error {
	short := *y
	short.Skipped = short.Skipped[:min(len(short.Skipped), keptIssues)]
	short.Warnings = short.Warnings[:min(len(short.Warnings), keptIssues)]
	short.Changes = short.Changes[:min(len(short.Changes), keptChanges)]
	doc, err := json.Marshal(short)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO feed_sync (id, feed_id, state, started_at, finished_at, doc)
		VALUES ($1, $2, $3, $4, $5, $6)`, y.ID, feedID, string(y.State), db.Millis(y.StartedAt), db.Millis(y.FinishedAt), string(doc)); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	// The last good one stays whatever its age: an unchanged feed repeats its report.
	_, err = tx.Exec(ctx, `DELETE FROM feed_sync WHERE feed_id = $1 AND id NOT IN
		(SELECT id FROM feed_sync WHERE feed_id = $1 ORDER BY finished_at DESC, id DESC LIMIT $2)
		AND id NOT IN (SELECT last_good_sync FROM feed WHERE id = $1)`, feedID, int64(keptSyncs))
	return err
}

func scanSync(scan db.Scan) (Sync, error) {
	var id, doc string
	var started, finished int64
	if err := scan(&id, &doc, &started, &finished); err != nil {
		return Sync{}, err
	}
	y := Sync{}
	if err := json.Unmarshal([]byte(doc), &y); err != nil {
		return y, fmt.Errorf("read report %s: %w", id, err)
	}
	y.ID, y.StartedAt, y.FinishedAt = id, db.Time(started), db.Time(finished)
	return y, nil
}

// syncByID returns db.ErrNone when there is none.
func syncByID(ctx context.Context, q db.Querier, id string) (Sync, error) {
	return db.One(ctx, q, scanSync, `SELECT id, doc, started_at, finished_at FROM feed_sync WHERE id = $1`, id)
}
