package meeting

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/meeting/welcome"
)

// We say that the day's key and old notes are destroyed. Somebody who takes the files, also while the
// program runs, must not find them in room that the database no longer uses.
func TestWhatIsForgottenIsNoLongerInTheFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d, err := db.Open(t.Context(), db.Config{Path: filepath.Join(dir, "hearth.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if err := db.Migrate(t.Context(), d, Migrations, audit.Migrations); err != nil {
		t.Fatal(err)
	}
	w := newTown(t, d)
	w.meeting("m", "na", "x")
	note := "The one with the red umbrella was kind."
	if _, err := w.ReportVisit(t.Context(), VisitReport{MeetingID: "m", Month: "2026-05", Tone: welcome.Warm, Note: note}, w.proven("m")); err != nil {
		t.Fatal(err)
	}
	key, err := db.One(t.Context(), d, db.Column[[]byte], `SELECT secret FROM network_key`)
	if err != nil {
		t.Fatal(err)
	}
	found := func(secret []byte) bool {
		names, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(names) == 0 {
			t.Fatal(names, err)
		}
		for _, name := range names {
			if b, err := os.ReadFile(name); err != nil {
				t.Fatal(err)
			} else if bytes.Contains(b, secret) {
				return true
			}
		}
		return false
	}
	if !found(key) || !found([]byte(note)) {
		t.Fatal("this test does not see what it looks for")
	}
	w.now = w.now.AddDate(1, 0, 0)
	if err := w.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	if found(key) {
		t.Error("the key of a day that is over is still in the files")
	}
	if found([]byte(note)) {
		t.Error("a note that was erased is still in the files")
	}
}
