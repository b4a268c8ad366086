package desk

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// A place that would answer "not open to you" is not offered.
func TestPlacesAreThoseOfTheRole(t *testing.T) {
	for role, want := range map[string][]string{
		administrator: {"desk", "feeds", "scores", "record"},
		editor:        {"desk", "scores"},
	} {
		var got []string
		for _, p := range Places(ui.Language("en"), &page.Who{Name: "Ana", Roles: []string{role}}) {
			got = append(got, p.Key)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", role, diff)
		}
	}
	if got := Places(ui.Language("en"), nil); got != nil {
		t.Errorf("signed out: %v", got)
	}
}
