package audit_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
)

var at = time.Date(2026, 5, 19, 12, 0, 0, 0, time.UTC)

func record(ctx context.Context, d *db.DB, e ...audit.Entry) error {
	return d.WithTx(ctx, func(tx *db.Tx) error { return audit.Record(ctx, tx, e...) })
}

func TestRecordAndList(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		one := audit.Entry{At: at, Actor: "ana", Action: "feed.add", Subject: "feed:x", Detail: "url"}
		two := audit.Entry{At: at.Add(time.Second), Actor: "bo", Action: "feed.remove", Subject: "feed:y"}
		for _, e := range []audit.Entry{one, two} {
			if err := record(t.Context(), d, e); err != nil {
				t.Fatal(err)
			}
		}
		stop := errors.New("stop")
		err := d.WithTx(t.Context(), func(tx *db.Tx) error {
			if err := audit.Record(t.Context(), tx, one); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		one.Seq, two.Seq = 1, 2
		got, err := audit.List(t.Context(), d, 10)
		if diff := cmp.Diff([]audit.Entry{two, one}, got); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
		got, err = audit.Of(t.Context(), d, "feed:x", 10)
		if diff := cmp.Diff([]audit.Entry{one}, got); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
	}, audit.Migrations)
}

func TestManyRecordAtOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 10 {
					if err := record(t.Context(), d, audit.Entry{At: at, Action: "look"}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if n, err := audit.Verify(t.Context(), d); n != 80 || err != nil {
			t.Errorf("got %d entries, %v; want 80", n, err)
		}
	}, audit.Migrations)
}

// TestWhoLookedAtMyRecord: the entries about a person, page by page, and nobody else's.
func TestWhoLookedAtMyRecord(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		var all []audit.Entry
		for i := range 60 { // a page of a list: many records looked at in one go
			all = append(all, audit.Entry{At: at, Actor: "ana", Action: "record.read", Person: []string{"p1", "p2", ""}[i%3], Basis: "paired"})
		}
		if err := record(t.Context(), d, all...); err != nil {
			t.Fatal(err)
		}
		if err := record(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		first, err := audit.About(t.Context(), d, "p1", 0, 15)
		if err != nil || len(first) != 15 || first[0].Seq != 58 || first[0].Basis != "paired" {
			t.Fatalf("%d, %v", len(first), err)
		}
		rest, err := audit.About(t.Context(), d, "p1", first[14].Seq, 15)
		if err != nil || len(rest) != 5 || rest[4].Seq != 1 {
			t.Errorf("%d, %v", len(rest), err)
		}
		if none, err := audit.About(t.Context(), d, "", 0, 15); err != nil || len(none) != 0 {
			t.Errorf("entries about nobody: %d, %v", len(none), err)
		}
		if n, err := audit.Verify(t.Context(), d); n != 60 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}, audit.Migrations)
}
