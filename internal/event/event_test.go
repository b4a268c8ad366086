package event_test

import (
	"errors"
	"testing"
	"time"

	"hearth/internal/db"
	"hearth/internal/db/dbtest"
	"hearth/internal/event"
)

func heard(t *testing.T, c <-chan struct{}) bool {
	t.Helper()
	select {
	case <-c:
		return true
	case <-time.After(5 * time.Second):
		return false
	}
}

func silent(c <-chan struct{}) bool {
	select {
	case <-c:
		return false
	default:
		return true
	}
}

func TestPublish(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		h := event.New(d)
		c, cancel := h.Subscribe("directory")
		other, _ := h.Subscribe("other")
		err := d.WithTx(ctx, func(tx *db.Tx) error {
			for range 3 {
				if err := h.Publish(ctx, tx, "directory"); err != nil {
					return err
				}
			}
			if !silent(c) {
				t.Error("heard before the commit")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if silent(c) || !silent(c) || !silent(other) {
			t.Error("want one event, joined, and only on its topic")
		}
		stop := errors.New("stop")
		err = d.WithTx(ctx, func(tx *db.Tx) error {
			if err := h.Publish(ctx, tx, "directory"); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) || !silent(c) {
			t.Errorf("%v; heard something of a transaction that was rolled back", err)
		}
		cancel()
		if err := d.WithTx(ctx, func(tx *db.Tx) error { return h.Publish(ctx, tx, "directory") }); err != nil || !silent(c) {
			t.Errorf("%v; heard after the end of the subscription", err)
		}
	})
}

func TestOtherProcessHears(t *testing.T) {
	d := dbtest.Postgres(t)
	ctx := t.Context()
	here, there := event.New(d), event.New(d)
	there.Start(ctx)
	there.Start(ctx)
	c, _ := there.Subscribe("directory")
	if !heard(t, c) {
		t.Fatal("not woken when it began to listen")
	}
	if err := d.WithTx(ctx, func(tx *db.Tx) error { return here.Publish(ctx, tx, "directory") }); err != nil {
		t.Fatal(err)
	}
	if !heard(t, c) {
		t.Error("not heard in the other process")
	}
	// The connection breaks: it listens anew, and wakes because it may have missed something.
	if _, err := d.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'`); err != nil {
		t.Fatal(err)
	}
	if !heard(t, c) {
		t.Error("not woken after the connection broke")
	}
	there.Stop()
	there.Stop()
	event.New(d).Stop()
}
