package scenario

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"hearth/internal/access"
	"hearth/internal/app/apptest"
	"hearth/internal/audit"
	"hearth/internal/db"
)

// TestRulesAreReadInTheProduct: whoever looks after the house reads what the program will allow, and each page of
// the desk goes by it.
func TestRulesAreReadInTheProduct(t *testing.T) {
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		err := s.House.DB.WithTx(context.Background(), func(tx *db.Tx) error {
			return audit.Record(t.Context(), tx, audit.Entry{At: s.Clock.Now(), Actor: "system", Action: "record.read", Subject: "record:ana", Person: "ana"})
		})
		if err != nil {
			t.Fatal(err)
		}
		people := map[access.Role]*apptest.Person{}
		for _, role := range []access.Role{access.Administrator, access.PrivacyOfficer, access.Editor, access.Peer, access.Evaluator} {
			people[role] = s.Member(t, fmt.Sprintf("Sam %s", role), access.Grant{Role: role})
		}
		rules := people[access.Administrator].Get("/desk/rules")
		if text := rules.Text(); !strings.Contains(text, "A peer specialist may read the record of a person they are paired with") || !strings.Contains(text, "resource.peers.contains(principal)") {
			t.Errorf("the rules cannot be read:\n%s", text)
		}
		if text := people[access.PrivacyOfficer].Get("/desk/rules?lang=es").Text(); !strings.Contains(text, "Nadie firma un permiso por otra persona.") {
			t.Errorf("the rules do not speak Spanish:\n%s", text)
		}
		for path, may := range map[string][]access.Role{
			"/desk":        {access.Administrator, access.Editor},
			"/desk/scores": {access.Administrator, access.Editor},
			"/desk/feeds":  {access.Administrator},
			"/desk/record": {access.Administrator, access.PrivacyOfficer},
			"/desk/rules":  {access.Administrator, access.PrivacyOfficer},
		} {
			for role, p := range people {
				want := false
				for _, r := range may {
					want = want || r == role
				}
				if got := p.Get(path); (got.Status == http.StatusOK) != want || got.Status >= 500 {
					t.Errorf("%s at %s: %d", role, path, got.Status)
				}
			}
			if got := s.Person(t).Get(path); got.URL.Path != "/signin" {
				t.Errorf("a stranger at %s stands at %s", path, got.URL)
			}
		}
		for role, want := range map[access.Role]bool{access.Administrator: false, access.PrivacyOfficer: true} {
			if text := people[role].Get("/desk/record").Text(); strings.Contains(text, "record:ana") != want {
				t.Errorf("%s reads that somebody's record was read: %v", role, !want)
			}
		}
	})
}
