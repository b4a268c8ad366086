package backup_test

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/internal/backup"
	"hearth/internal/db/dbtest"
	"hearth/internal/job"
)

// TestKeep: two years of nights leave seven days, five weeks and twelve months.
func TestKeep(t *testing.T) {
	t.Parallel()
	var made []time.Time
	for d := range 730 {
		made = append(made, time.Date(2025, 1, 1+d, 8, 0, 0, 0, time.UTC)) // to 31 December 2026
	}
	keep := backup.Standard.Keep(made)
	var got []string
	for _, at := range keep {
		got = append(got, at.Format("01-02"))
	}
	want := []string{ // 31 December 2026 is a Thursday
		"12-31", "12-30", "12-29", "12-28", "12-27", "12-26", "12-25", "12-20", "12-13", "12-06",
		"11-30", "10-31", "09-30", "08-31", "07-31", "06-30", "05-31", "04-30", "03-31", "02-28", "01-31",
	}
	if !slices.Equal(got, want) {
		t.Errorf("kept %v", got)
	}
}

// TestKeepAlways: the newest stays, asking again changes nothing, and a new one costs at most what the rule says.
func TestKeepAlways(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hours := rapid.SliceOfN(rapid.IntRange(0, 3*365*24), 1, 80).Draw(t, "hours")
		var made []time.Time
		for _, h := range hours {
			made = append(made, time.Date(2024, 1, 1, h, 0, 0, 0, time.UTC))
		}
		keep := backup.Standard.Keep(made)
		if newest := slices.MaxFunc(made, time.Time.Compare); !keep[0].Equal(newest) {
			t.Fatalf("the newest, %v, is not kept: %v", newest, keep)
		}
		if most := 7 + 5 + 12; len(keep) > most {
			t.Fatalf("%d kept", len(keep))
		}
		if again := backup.Standard.Keep(keep); !slices.EqualFunc(keep, again, time.Time.Equal) {
			t.Fatalf("kept %v, and then only %v", keep, again)
		}
	})
}

// TestNightly: at three on the community's clock, old ones go once the new one is proved, and never before.
func TestNightly(t *testing.T) {
	d := dbtest.SQLite(t, sources...)
	w := newWorld(t, d)
	w.write("p1", "one")
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	to := ""
	q := job.New(d, job.Options{Now: w.house.Now, Log: slog.New(slog.DiscardHandler)})
	w.Nightly(q, func() string { return to }, func() *time.Location { return zone })
	hour := func() int {
		t.Helper()
		w.clock.Add(3600)
		if _, err := q.RunDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		all, err := backup.List(w.to)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return len(all)
	}
	for range 30 {
		if n := hour(); n != 0 {
			t.Fatalf("%d archives though no folder is named", n)
		}
	}
	to = w.to
	for range 9 * 24 {
		hour()
	}
	all, err := backup.List(w.to)
	if err != nil || len(all) < 7 || len(all) > 8 {
		t.Fatalf("%d archives after nine nights, %v", len(all), err)
	}
	for _, a := range all {
		if a.At.In(zone).Hour() != 3 {
			t.Errorf("made at %v", a.At.In(zone))
		}
	}
	// A night on which the disk is full removes nothing.
	w.Wrap(func(io.Writer) io.Writer { left := 0; return fullAt{io.Discard, &left} })
	before := files(t, w.to)
	for range 30 {
		hour()
	}
	if after := files(t, w.to); len(after) != len(before) {
		t.Errorf("%d files became %d", len(before), len(after))
	}
	// Somebody else's file is left alone.
	w.Wrap(func(to io.Writer) io.Writer { return to })
	mine := filepath.Join(w.to, "hearth-20200101T000000Z.backup")
	if err := os.WriteFile(mine, []byte("my notes"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 48 {
		hour()
	}
	if _, err := os.Stat(mine); err != nil {
		t.Error(err)
	}
	if last, err := w.Last(t.Context()); err != nil || last.Data.Problem != "" || w.house.Now().Sub(last.Data.Made) > 25*time.Hour {
		t.Errorf("last: %+v, %v", last.Data, err)
	}
}
