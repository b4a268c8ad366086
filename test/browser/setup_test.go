package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"hearth/internal/app/apptest"
	"hearth/internal/db/dbtest"
)

// TestAHouseIsSetUpOnAPhone: from the printed link to the last step on a small screen, the first administrator
// with a passkey; every page is in order on the way.
func TestAHouseIsSetUpOnAPhone(t *testing.T) {
	s := apptest.First(t, dbtest.SQLite(t))
	link, err := s.House.SetUpLink(t.Context())
	must(t, err)
	link = strings.TrimPrefix(link, s.Server.URL)
	w := open(t, s.Server.URL)
	must(t, w.As(Look{Width: 360, Height: 740}))
	phone(t, w)
	look := func(name string) {
		t.Helper()
		for _, l := range []Look{{Width: 1280}, {Width: 1280, Dark: true}, {Width: 360, Height: 740, Dark: true}, {Width: 360, Height: 740}} {
			must(t, w.As(l))
			found, err := w.Accessibility()
			must(t, err)
			for _, v := range found {
				t.Errorf("%s at %d: %s", name, l.Width, v)
			}
			if n, err := w.Overflow(); err != nil || n > 0 {
				t.Errorf("%s at %d: %d too wide (%v)", name, l.Width, n, err)
			}
		}
		for _, trouble := range w.Troubles() {
			t.Errorf("%s: %s", name, trouble)
		}
	}
	const send = `main form.form > button[type="submit"]`
	must(t, w.Go(link+"?lang=en"))
	waitText(t, w, "step 1 of 5")
	look("1-name")
	must(t, w.Do(chromedp.SendKeys(`#f-name`, "Erie Hearth"), chromedp.SendKeys(`#f-region`, "Erie, Pennsylvania")))
	if _, err := Eval[string](w, `document.querySelector('#f-zone').value = 'America/New_York'`); err != nil {
		t.Fatal(err)
	}
	must(t, w.Do(chromedp.Click(send)))
	waitText(t, w, "step 2 of 5")
	look("2-program")
	must(t, w.Do(chromedp.SendKeys(`#f-name`, "Erie Peers"), chromedp.Click(`input[name="kind"]`), chromedp.SendKeys(`#f-contact`, "12 Sassafras Street"), chromedp.Click(send)))
	waitText(t, w, "step 3 of 5")
	look("3-help")
	must(t, w.Do(chromedp.SendKeys(`#f-help0`, "Warm line"), chromedp.SendKeys(`input[name="help0_call"]`, "(814) 555-0100"), chromedp.Click(send)))
	waitText(t, w, "step 4 of 5")
	look("4-person")
	must(t, w.Do(chromedp.SendKeys(`form[data-passkey] input[name="name"]`, "Ana"), chromedp.Click(`form[data-passkey] button`)))
	waitText(t, w, "One way in is not enough")
	must(t, w.Go("/setup"))
	waitText(t, w, "step 5 of 5")
	look("5-keys")
	must(t, w.Do(chromedp.Click(`input[name="copied"]`), chromedp.Click(send)))
	waitText(t, w, "The house is open")
	look("6-done")
	for _, path := range []string{"/desk/settings", "/desk/doctor"} {
		must(t, w.Go(path))
		look("7" + strings.ReplaceAll(path, "/", "-"))
	}
}
