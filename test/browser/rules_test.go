package browser

import (
	"testing"

	"hearth/internal/access"
	"hearth/internal/app/apptest"
	"hearth/internal/db/dbtest"
)

// TestTheRulesCanBeRead: by whoever looks after the house, on a phone and on a desk, in both languages.
func TestTheRulesCanBeRead(t *testing.T) {
	s := apptest.On(t, dbtest.SQLite(t))
	token := s.Member(t, "Ana", access.Grant{Role: access.Administrator}).Token()
	w := open(t, s.Server.URL)
	must(t, w.Go("/help"))
	if _, err := Eval[string](w, "document.cookie = 'hearth_session="+token+"; path=/'"); err != nil {
		t.Fatal(err)
	}
	for _, look := range []Look{{Width: 360, Height: 740}, {Width: 1280}, {Width: 360, Height: 740, Dark: true}} {
		must(t, w.As(look))
		for _, path := range []string{"/desk/rules?lang=en", "/desk/rules?lang=es"} {
			must(t, w.Go(path))
			// The first two rules unfolded: what was hidden is looked at too.
			if _, err := Eval[bool](w, "[...document.querySelectorAll('main details')].slice(0, 2).every(d => d.open = true)"); err != nil {
				t.Fatal(err)
			}
			if n, err := w.Overflow(); err != nil || n > 0 {
				t.Errorf("%s at %d pixels: %d too wide, %v", path, look.Width, n, err)
			}
			found, err := w.Accessibility()
			must(t, err)
			for _, v := range found {
				t.Errorf("%s at %d pixels: %s", path, look.Width, v)
			}
		}
	}
	for _, trouble := range w.Troubles() {
		t.Error(trouble)
	}
}
