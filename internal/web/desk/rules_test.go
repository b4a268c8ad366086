package desk

import (
	"log/slog"
	"testing"

	"hearth/internal/access"
	"hearth/internal/web/ui"
)

// The sentences of the rules stand in files that the catalogue's own test does not read.
func TestRulesSpeakSpanish(t *testing.T) {
	t.Parallel()
	p, err := access.Load(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	es := ui.Language("es")
	for _, s := range access.Subjects {
		if !es.Has(s.Title) {
			t.Errorf("no Spanish for %q", s.Title)
		}
	}
	for _, r := range p.Explain() {
		if !es.Has(r.Says) {
			t.Errorf("%s: no Spanish for %q", r.ID, r.Says)
		}
	}
}
