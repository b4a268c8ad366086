package meeting

import (
	"testing"

	"hearth/internal/meeting/welcome"
	"hearth/internal/web/ui"
)

// ui knows rights by their codes only.
func TestEveryRightHasAWordOfItsOwn(t *testing.T) {
	seen := map[string]welcome.Right{}
	for _, r := range welcome.Rights {
		word := ui.RightWord(ui.Language("en"), r.String())
		if other, twice := seen[word]; twice {
			t.Errorf("%s and %s are both “%s”", other, r, word)
		}
		seen[word] = r
	}
}
