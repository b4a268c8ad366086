package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"hearth/internal/app"
	"hearth/internal/config"
)

// evening is Tuesday 19 May 2026, 18:35 in the demo's town.
var evening = time.Date(2026, 5, 19, 22, 35, 0, 0, time.UTC)

// demo is the made-up town, served for all journeys of this package.
func demo(t *testing.T) (base string, meetings []string) {
	t.Helper()
	c, err := config.Load(func(string) (string, bool) { return "", false }, func(name string) (string, bool) {
		if name == "HEARTH_DATA" {
			return t.TempDir(), true
		}
		if name == "HEARTH_LOG_LEVEL" {
			return "error", true
		}
		return "", false
	})
	if err != nil {
		t.Fatal(err)
	}
	h, err := app.OpenDemo(t.Context(), c, app.Outside{Stderr: testLog{t}, Now: func() time.Time { return evening }})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(h.Handler())
	t.Cleanup(func() {
		s.Close()
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	resp, err := http.Get(s.URL + "/api/v1/meetings?q=Millbrook&within=10&limit=30")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var found struct {
		Meetings []struct{ ID, Attendance string }
	}
	if err := json.NewDecoder(resp.Body).Decode(&found); err != nil || len(found.Meetings) == 0 {
		t.Fatalf("the demo has no meetings: %v", err)
	}
	for _, m := range found.Meetings {
		meetings = append(meetings, m.ID)
	}
	return s.URL, meetings
}

type testLog struct{ t *testing.T }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Log(strings.TrimRight(string(b), "\n"))
	return len(b), nil
}

func open(t *testing.T, base string) *Window {
	t.Helper()
	w, end, err := Open(context.Background(), base)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(end)
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestEveryPage opens each page as people see it: phone and desk, light and dark, English and Spanish. No
// rule of WCAG 2.2 AA is broken, nothing scrolls sideways, no other host is asked, no policy is violated.
func TestEveryPage(t *testing.T) {
	base, meetings := demo(t)
	w := open(t, base)
	pages := []string{
		"/", "/?q=Millbrook&within=10&when=tonight&may=speak", "/?q=nowhere+at+all", "/?day=mon&attendance=online", "/?within=ten&q=Millbrook",
		"/m/" + meetings[0], "/m/" + meetings[1] + "/before", "/m/" + meetings[0] + "/visit", "/m/" + meetings[0] + "/problem",
		"/print?q=Millbrook&within=10&day=tue", "/embed/how", "/help", "/privacy", "/about", "/signin", "/no/such/page",
	}
	for _, look := range []Look{{Width: 360}, {Width: 1280, Dark: true}, {Width: 320, Dark: true}, {Width: 1280}} {
		must(t, w.As(look))
		for i, page := range pages {
			lang := []string{"en", "es"}[(i+look.Width)%2]
			path := page + map[bool]string{true: "&", false: "?"}[strings.Contains(page, "?")] + "lang=" + lang
			must(t, w.Go(path))
			name := fmt.Sprintf("%s at %d", path, look.Width)
			found, err := w.Accessibility()
			must(t, err)
			for _, v := range found {
				t.Errorf("%s: %s", name, v)
			}
			if over, err := w.Overflow(); err != nil || over > 0 {
				t.Errorf("%s: scrolls sideways by %d (%v)", name, over, err)
			}
			for _, trouble := range w.Troubles() {
				if !strings.Contains(page, "no/such") && !strings.Contains(page, "within=ten") {
					t.Errorf("%s: %s", name, trouble)
				}
			}
		}
	}
}

// TestAReportInAMinute: find, open, report with the page's proof of work, which needs no editor.
func TestAReportInAMinute(t *testing.T) {
	base, meetings := demo(t)
	w := open(t, base)
	must(t, w.As(Look{Width: 360}))
	must(t, w.Go("/m/"+meetings[0]+"/visit?lang=en"))
	must(t, w.Do(chromedp.Click(`input[name="month"]`), chromedp.Click(`input[name="speak"][value="yes"]`), chromedp.Click(`form[method="post"] button[type="submit"]`)))
	text := waitText(t, w, "Thank you")
	if strings.Contains(text, "reads it first") {
		t.Errorf("a report with its proof of work waits for an editor:\n%s", text)
	}
	for _, trouble := range w.Troubles() {
		t.Error(trouble)
	}
}

// waitText waits until the page says something.
func waitText(t *testing.T, w *Window, want string) string {
	t.Helper()
	ctx, cancel := w.Context()
	defer cancel()
	for {
		text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
		if err == nil && strings.Contains(text, want) {
			return text
		}
		if ctx.Err() != nil {
			t.Fatalf("the page never said %q:\n%s", want, text)
		}
		must(t, pause(ctx))
	}
}

// pause is a moment between two looks at a page.
func pause(ctx context.Context) error {
	tick := time.NewTimer(50 * time.Millisecond)
	defer tick.Stop()
	select {
	case <-tick.C:
	case <-ctx.Done():
	}
	return nil
}

// TestWithoutScripts: what needs a script is not offered where none runs, and everything else is there. The
// plain forms are sent in test/scenario, by people whose browser runs none.
func TestWithoutScripts(t *testing.T) {
	base, meetings := demo(t)
	w := open(t, base)
	must(t, w.As(Look{Width: 360, NoScript: true}))
	for path, want := range map[string]string{
		"/?lang=en&q=Millbrook":                  "of Millbrook",
		"/m/" + meetings[0] + "?lang=en":         "Welcome card",
		"/m/" + meetings[0] + "/visit?lang=en":   "Send report",
		"/m/" + meetings[0] + "/problem?lang=en": "What is wrong?",
		"/help?lang=en":                          "988",
	} {
		must(t, w.Go(path))
		text, err := w.Text()
		must(t, err)
		if !strings.Contains(text, want) {
			t.Errorf("%s without scripts does not say %q:\n%s", path, want, text)
		}
		if strings.Contains(text, "Near me") || strings.Contains(text, "Show the map") {
			t.Errorf("%s offers what no script is there for", path)
		}
	}
}

// TestKeyboardAlone: the first Tab is the skip link, the finder is used without a mouse, and focus is seen.
func TestKeyboardAlone(t *testing.T) {
	base, _ := demo(t)
	w := open(t, base)
	must(t, w.As(Look{Width: 1280}))
	must(t, w.Go("/?lang=en"))
	must(t, w.Do(chromedp.KeyEvent(kb.Tab)))
	if got, err := Eval[string](w, `document.activeElement.getAttribute('href')`); err != nil || got != "#main" {
		t.Errorf("the first stop is %q (%v), not the skip link", got, err)
	}
	for i := range 60 {
		must(t, w.Do(chromedp.KeyEvent(kb.Tab)))
		stop, err := Eval[string](w, `(() => { const e = document.activeElement, r = e.getBoundingClientRect(), s = getComputedStyle(e);
			return (s.outlineStyle === 'none' && s.boxShadow === 'none' ? 'unseen ' : '') + (r.width < 1 || r.height < 1 ? 'empty ' : '') + e.tagName + ' ' + e.className + ' ' + e.textContent.slice(0, 20) })()`)
		must(t, err)
		if strings.HasPrefix(stop, "unseen") || strings.HasPrefix(stop, "empty") {
			t.Errorf("stop %d cannot be seen: %s", i, stop)
		}
	}
	must(t, w.Go("/?lang=en"))
	must(t, w.Do(chromedp.Focus(`input[name="q"]`), chromedp.KeyEvent("Millbrook"+kb.Enter)))
	waitText(t, w, "of Millbrook")
}
