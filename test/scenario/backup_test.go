package scenario

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/internal/access"
	"hearth/internal/app/apptest"
	"hearth/internal/db"
)

// TestBackupsOnTheDesk: an administrator sees how backups go, nobody else.
func TestBackupsOnTheDesk(t *testing.T) {
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		ctx := t.Context()
		ada, _ := s.SignedIn(t, "Ada", access.Grant{Role: access.Administrator}, access.Grant{Role: access.Editor})
		ed, _ := s.SignedIn(t, "Ed", access.Grant{Role: access.Editor})
		make := func(to string) error {
			if s.House.DB.Engine() == db.Postgres {
				_, err := s.House.Backups.MakeKeys(ctx, to, "system", "")
				return err
			}
			_, err := s.House.Backups.Make(ctx, to, "system", nil)
			return err
		}
		says := func(p *apptest.Person, words string, want bool) {
			t.Helper()
			if text := p.Get("/desk").Text(); strings.Contains(text, words) != want {
				t.Errorf("%q stands there is not %v:\n%s", words, want, text)
			}
		}
		says(ada, "ackup", false)
		if err := make(filepath.Join(t.TempDir(), "to")); err != nil {
			t.Fatal(err)
		}
		s.Clock.Add(24 * time.Hour)
		says(ada, "Last backup: yesterday", true)
		says(ed, "ackup", false)
		file := filepath.Join(t.TempDir(), "no folder")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if make(file) == nil {
			t.Fatal("a backup was made into a file")
		}
		says(ada, "No new backup could be made", true)
		says(ada, "The last good one is from: yesterday", true)
		says(ed, "ackup", false)
	})
}
