package meeting_test

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
	"hearth/internal/geo"
	"hearth/internal/meeting"
	"hearth/internal/wire/bmlt"
	"hearth/internal/wire/meetingguide"
	"hearth/internal/wire/sheet"
	"hearth/internal/wire/tsml"
)

// realFeeds is the folder of real feeds, which are not part of this repository.
func realFeeds(t *testing.T) string {
	t.Helper()
	root := os.Getenv("HEARTH_SHARED")
	if root == "" {
		dir, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for dir != filepath.Dir(dir) {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				break
			}
			dir = filepath.Dir(dir)
		}
		root = filepath.Join(dir, "..", "shared")
	}
	feeds := filepath.Join(root, "data", "feeds")
	if _, err := os.Stat(feeds); err != nil {
		t.Skipf("HEARTH_SHARED is absent: %s is not there, so no real feed was synced", feeds)
	}
	return feeds
}

func directory(d *db.DB) *meeting.Service {
	return meeting.New(d, meeting.Options{
		Now: func() time.Time { return time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC) }, Log: slog.New(slog.DiscardHandler),
		Decoders: map[meeting.Format]meeting.Decoder{
			meeting.FormatMeetingGuide: meetingguide.Decode, meeting.FormatTSML: tsml.Decode,
			meeting.FormatBMLT: bmlt.Decode, meeting.FormatCSV: sheet.Decode,
		},
		Zone: geo.World().Zone, Area: geo.World().Area,
	})
}

// Each real feed is synced twice, the second time with bytes that differ in white space alone: nothing may
// seem changed.
func TestRealFeedsAreQuietWhenNothingChanged(t *testing.T) {
	t.Parallel()
	feeds := realFeeds(t)
	d := dbtest.SQLite(t, meeting.Migrations, audit.Migrations)
	s := directory(d)
	for _, c := range []struct {
		path, fellowship, zone string
		format                 meeting.Format
	}{
		{"meetingguide/nwta-2021-05.json", "aa", "America/Chicago", meeting.FormatMeetingGuide},
		{"meetingguide/edmonton-2024-11.json", "aa", "America/Edmonton", meeting.FormatMeetingGuide},
		{"meetingguide/airtable-2020-07.json", "aa", "America/Los_Angeles", meeting.FormatMeetingGuide},
		{"meetingguide/kc-2021-05.json", "aa", "America/Chicago", meeting.FormatTSML},
		{"meetingguide/eda-2023-07.json", "eda", "", meeting.FormatMeetingGuide},
		{"bmlt/ny-GetSearchResults.json", "na", "America/New_York", meeting.FormatBMLT},
		{"bmlt/berlin-GetSearchResults.json", "na", "Europe/Berlin", meeting.FormatBMLT},
		{"tsml/tsml-template.csv", "aa", "America/Los_Angeles", meeting.FormatCSV},
	} {
		payload, err := os.ReadFile(filepath.Join(feeds, c.path))
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "feed")
		name := filepath.Base(c.path)
		if err := os.WriteFile(file, payload, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.AddFeed(t.Context(), "ed", meeting.Feed{Name: name, Format: c.format, Fellowship: c.fellowship, Zone: c.zone, File: file}); err != nil {
			t.Fatal(err)
		}
		first, err := s.SyncFeed(t.Context(), name, meeting.SyncOptions{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		t.Logf("%s: %s, %d warnings", name, brief(first), len(first.Warnings))
		if first.Occurrences == 0 || first.Added != first.Occurrences {
			t.Errorf("%s: %s", name, brief(first))
		}
		if err := os.WriteFile(file, append(payload, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
		again, err := s.SyncFeed(t.Context(), name, meeting.SyncOptions{})
		if err != nil || again.State != meeting.SyncApplied || again.Unchanged != first.Occurrences || again.Added+again.Changed+again.Gone != 0 {
			t.Errorf("%s again: %s %v", name, brief(again), err)
		}
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

func brief(y *meeting.Sync) string {
	return fmt.Sprintf("%s %d rows %d occurrences: %d added, %d changed, %d unchanged, %d gone, %d skipped",
		y.State, y.Rows, y.Occurrences, y.Added, y.Changed, y.Unchanged, y.Gone, len(y.Skipped))
}

func TestARealFeedTwoYearsLater(t *testing.T) {
	t.Parallel()
	feeds := realFeeds(t)
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := directory(d)
		file := filepath.Join(t.TempDir(), "aasepia.json")
		copyFile(t, filepath.Join(feeds, "meetingguide", "aasepia-2020-07.json"), file)
		if _, err := s.AddFeed(t.Context(), "ed", meeting.Feed{Name: "sepia", Format: meeting.FormatMeetingGuide, Fellowship: "aa", Zone: "America/New_York", File: file}); err != nil {
			t.Fatal(err)
		}
		first, err := s.SyncFeed(t.Context(), "sepia", meeting.SyncOptions{})
		if err != nil {
			t.Fatal(err)
		}
		copyFile(t, filepath.Join(feeds, "meetingguide", "aasepia-2022-10.json"), file)
		second, err := s.SyncFeed(t.Context(), "sepia", meeting.SyncOptions{})
		if err != nil {
			t.Fatal(err)
		}
		t.Log(brief(first))
		t.Log(brief(second))
		third, err := s.SyncFeed(t.Context(), "sepia", meeting.SyncOptions{})
		if err != nil {
			t.Fatal(err)
		}
		t.Log(brief(third))
		if got := second.Changed + second.Unchanged; second.Added != 390 || second.Gone != 280 || got != 1648 {
			t.Errorf("%d added, %d gone, %d kept; want 390, 280, 1648", second.Added, second.Gone, got)
		}
		whole, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, whole[:len(whole)/2], 0o600); err != nil {
			t.Fatal(err)
		}
		if y, err := s.SyncFeed(t.Context(), "sepia", meeting.SyncOptions{}); err == nil || y.Gone != 0 {
			t.Errorf("a payload that is cut short must change nothing: %v %v", y, err)
		}
		active, err := db.One(t.Context(), d, db.Column[int64], `SELECT count(*) FROM meeting WHERE state = 'active'`)
		if err != nil || int(active) != second.Occurrences {
			t.Errorf("%d active meetings, want %d (%v)", active, second.Occurrences, err)
		}
	}, meeting.Migrations, audit.Migrations)
}
