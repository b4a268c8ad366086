package meeting

import (
	"context"
	"testing"

	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
)

// meanwhile holds a meeting as a report does, starts other, and when that waits for a lock calls while, in
// which nothing may have to wait.
func meanwhile(t *testing.T, d *db.DB, held string, other func(context.Context) error, while func(*db.Tx) error) {
	t.Helper()
	ended := make(chan error, 1)
	if err := d.WithTx(t.Context(), func(tx *db.Tx) error {
		if _, err := lockMeeting(t.Context(), tx, held); err != nil {
			return err
		}
		go func() { ended <- other(t.Context()) }()
		for {
			n, err := db.One(t.Context(), d, db.Column[int64], `SELECT count(*) FROM pg_stat_activity
				WHERE datname = current_database() AND wait_event_type = 'Lock'`)
			if err != nil {
				return err
			}
			if n > 0 {
				break
			}
			select {
			case err := <-ended:
				t.Errorf("it did not wait for the meeting: %v", err)
				return nil
			default:
			}
		}
		if _, err := tx.Exec(t.Context(), `SET LOCAL lock_timeout = 200`); err != nil { // less than PostgreSQL takes to see a deadlock
			return err
		}
		return while(tx)
	}); err != nil {
		t.Errorf("the first had to wait for the second, which waits for the first: %v", err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A report takes its meeting, then the clock. So must a sync, and somebody at the desk.
func TestNobodyTakesTheClockBeforeAMeeting(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*world, context.Context, string) error{
		"a sync": func(w *world, ctx context.Context, _ string) error {
			_, err := w.SyncFeed(ctx, "town", SyncOptions{})
			return err
		},
		"an override": func(w *world, ctx context.Context, id string) error {
			return w.SetOverrides(ctx, "ed", id, map[string]string{"name": "High Noon"})
		},
		"hiding": func(w *world, ctx context.Context, id string) error { return w.HideMeeting(ctx, "ed", id, "") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := dbtest.Postgres(t, Migrations, audit.Migrations)
			w := newWorld(t, d)
			w.t = t
			id := oneMeeting(w)
			w.put("town", []row{{ID: "a", Name: "Noon", Address: "2 Main St", Lat: 40, Lng: -75, Time: "12:15"}, {ID: "b", Name: "New", Time: "18:00"}})
			meanwhile(t, d, id, func(ctx context.Context) error { return change(w, ctx, id) }, func(tx *db.Tx) error {
				return w.touchMeetings(t.Context(), tx, []string{id})
			})
		})
	}
}

func TestImportsTakeMeetingsInOneOrder(t *testing.T) {
	t.Parallel()
	d := dbtest.Postgres(t, Migrations, audit.Migrations)
	w := newTown(t, d)
	w.meeting("a", "na", "x")
	w.meeting("b", "na", "x")
	meanwhile(t, d, "a", func(ctx context.Context) error {
		return w.ImportVisits(ctx, "ed", []GatheredVisit{{speaking("b", yes), w.now}, {speaking("a", yes), w.now}})
	}, func(tx *db.Tx) error {
		_, err := lockMeeting(t.Context(), tx, "b")
		return err
	})
}
