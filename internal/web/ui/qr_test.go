package ui

import (
	"strings"
	"testing"
)

func TestQR(t *testing.T) {
	q, err := NewQR("https://hearth.example/m/abc")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := q.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	// Three finder patterns: each has a first row of seven dark modules.
	if n := strings.Count(q.path, "h7v1h-7z"); n < 6 {
		t.Errorf("%d runs of seven modules, want the top and bottom rows of three finder patterns", n)
	}
	if !strings.Contains(b.String(), "aria-hidden") || len(b.String()) > 12_000 {
		t.Errorf("drawing of %d bytes", b.Len())
	}
}
