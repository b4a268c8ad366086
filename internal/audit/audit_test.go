package audit_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
)

var at = time.Date(2026, 5, 19, 12, 0, 0, 0, time.UTC)

func record(ctx context.Context, d *db.DB, e audit.Entry) error {
	return d.WithTx(ctx, func(tx *db.Tx) error { return audit.Record(ctx, tx, e) })
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

func TestVerifyShowsEveryChange(t *testing.T) {
	changes := map[string]string{
		"not what was recorded": `UPDATE audit_entry SET actor = 'somebody else' WHERE seq = 3`,
		"entry 1 is missing":    `DELETE FROM audit_entry WHERE seq = 1`,
		"entry 3 is missing":    `DELETE FROM audit_entry WHERE seq = 3`,
		"does not end":          `DELETE FROM audit_entry WHERE seq = 5`,
		"is not what":           `INSERT INTO audit_entry (seq, at, actor, action, subject, detail, hash) VALUES (6, 0, '', '', '', '', 'x')`,
	}
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		for range 5 {
			if err := record(t.Context(), d, audit.Entry{At: at, Actor: "ana", Action: "look"}); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := audit.Verify(t.Context(), d); n != 5 || err != nil {
			t.Fatalf("got %d entries, %v; want 5", n, err)
		}
		for want, change := range changes {
			stop := errors.New("put it back")
			err := d.WithTx(t.Context(), func(tx *db.Tx) error {
				if _, err := tx.Exec(t.Context(), change); err != nil {
					return err
				}
				if _, err := audit.VerifyIn(t.Context(), tx); err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: got %v, want %q", change, err, want)
				}
				return stop
			})
			if !errors.Is(err, stop) {
				t.Fatal(err)
			}
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
