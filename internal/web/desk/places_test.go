package desk

import (
	"log/slog"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hearth/internal/access"
	"hearth/internal/web/ui"
)

// A place that would answer "not open to you" is not offered.
func TestPlacesAreThoseOfTheRole(t *testing.T) {
	t.Parallel()
	p, err := access.Load(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for role, want := range map[access.Role][]string{
		access.Administrator:  {"desk", "feeds", "scores", "record", "rules", "settings"},
		access.Editor:         {"desk", "scores"},
		access.PrivacyOfficer: {"record", "rules"},
		access.Peer:           nil,
	} {
		a := access.Actor{ID: "ana", Grants: []access.Grant{{Role: role}}}
		var got []string
		for _, place := range Places(ui.Language("en"), func(act access.Act, t access.Thing) bool { return p.May(a, act, t) == nil }) {
			got = append(got, place.Key)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", role, diff)
		}
	}
}
