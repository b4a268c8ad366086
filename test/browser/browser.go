// Package browser owns a window of a real Chromium for tests and for the pictures in the README: it opens
// pages, tries them at several sizes and in both colour schemes, and keeps an eye on what a page asks for.
//
// It must never be part of the server.
package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

//go:embed testdata/axe.min.js
var axe string

// Window is one window of its own browser.
type Window struct {
	ctx  context.Context
	base string
	host string

	mu      sync.Mutex
	foreign []string // requests to other hosts
	errors  []string // script errors and policy violations
}

// Find returns the path of Chromium.
func Find() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("chromium is missing: ./check installs it from the system's packages")
}

// Open starts a browser that looks at the site at base. Calling the returned function ends it.
func Open(ctx context.Context, base string) (*Window, func(), error) {
	bin, err := Find()
	if err != nil {
		return nil, nil, err
	}
	u, err := url.Parse(base)
	if err != nil {
		return nil, nil, err
	}
	profile, err := os.MkdirTemp("", "hearth-browser-")
	if err != nil {
		return nil, nil, err
	}
	w := &Window{base: strings.TrimRight(base, "/"), host: u.Host}
	opts := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(bin), chromedp.NoSandbox, chromedp.UserDataDir(profile),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("no-first-run", true), chromedp.Flag("use-angle", "swiftshader"), chromedp.Flag("enable-unsafe-swiftshader", true),
		chromedp.Flag("font-render-hinting", "none"), chromedp.Flag("hide-scrollbars", true),
	}
	c, cancel := chromedp.NewContext(ctx, chromedp.WithAllocatorOptions(opts...), chromedp.WithListener(w.listen))
	end := func() {
		cancel()
		_ = os.RemoveAll(profile) // the browser may still be writing; the folder is temporary anyway
	}
	w.ctx = c
	if err := chromedp.Do(c); err != nil {
		end()
		return nil, nil, fmt.Errorf("start chromium: %w", err)
	}
	if _, err := chromedp.Call(c, network.Enable, network.EnableParams{}); err != nil {
		end()
		return nil, nil, err
	}
	if _, err := chromedp.Call(c, cdplog.Enable, cdp.Empty{}); err != nil {
		end()
		return nil, nil, err
	}
	return w, end, nil
}

func (w *Window) listen(ev any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := ev.(type) {
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(e.Request.URL); err == nil && u.Host != w.host && (u.Scheme == "http" || u.Scheme == "https") {
			w.foreign = append(w.foreign, e.Request.URL)
		}
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == "error" && !strings.Contains(e.Entry.Text, "favicon") {
			w.errors = append(w.errors, e.Entry.Text+" "+e.Entry.URL)
		}
	case *runtime.EventExceptionThrown:
		w.errors = append(w.errors, e.ExceptionDetails.Text)
	}
}

// Troubles returns what went wrong since the last call: requests to other hosts, script errors, policy
// violations.
func (w *Window) Troubles() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, f := range w.foreign {
		out = append(out, "asked another host: "+f)
	}
	out = append(out, w.errors...)
	w.foreign, w.errors = nil, nil
	return out
}

// Context is for steps of chromedp that this package does not name. Every wait has an end.
func (w *Window) Context() (context.Context, context.CancelFunc) {
	return context.WithTimeout(w.ctx, 30*time.Second)
}

// Look is how a page is looked at.
type Look struct {
	Width, Height int
	Dark          bool
	Print         bool
	NoScript      bool
}

// As changes how pages are looked at from now on.
func (w *Window) As(l Look) error {
	ctx, cancel := w.Context()
	defer cancel()
	if l.Height == 0 {
		l.Height = 900
	}
	scheme, media := "light", "screen"
	if l.Dark {
		scheme = "dark"
	}
	if l.Print {
		media = "print"
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(int64(l.Width), int64(l.Height))); err != nil {
		return err
	}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}); err != nil {
		return err
	}
	_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: l.NoScript})
	return err
}

// Go opens a page of the site.
func (w *Window) Go(path string) error {
	ctx, cancel := w.Context()
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(w.base+path)); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	return nil
}

// Do runs steps.
func (w *Window) Do(steps ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := w.Context()
	defer cancel()
	return chromedp.Do(ctx, steps...)
}

// Eval evaluates a script and returns its value.
func Eval[T any](w *Window, script string) (T, error) {
	ctx, cancel := w.Context()
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
}

// Path returns the path and query of the page that is open.
func (w *Window) Path() (string, error) {
	ctx, cancel := w.Context()
	defer cancel()
	loc, err := chromedp.Run(ctx, chromedp.Location())
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(loc, w.base), nil
}

// Text returns what the page says.
func (w *Window) Text() (string, error) { return Eval[string](w, "document.body.innerText") }

// Shot returns a PNG of the window, or of the whole page.
func (w *Window) Shot(whole bool) ([]byte, error) {
	ctx, cancel := w.Context()
	defer cancel()
	if whole {
		return chromedp.Run(ctx, chromedp.FullScreenshot(100))
	}
	return chromedp.Run(ctx, chromedp.CaptureScreenshot())
}

// Overflow tells by how many pixels the page is wider than the window: sideways scrolling on a phone.
func (w *Window) Overflow() (int, error) {
	return Eval[int](w, "document.documentElement.scrollWidth - document.documentElement.clientWidth")
}

// Violation is one rule of WCAG that the page breaks.
type Violation struct {
	ID     string   `json:"id"`
	Impact string   `json:"impact"`
	Help   string   `json:"help"`
	Where  []string `json:"where"`
}

func (v Violation) String() string {
	return fmt.Sprintf("%s (%s): %s at %s", v.ID, v.Impact, v.Help, strings.Join(v.Where, " | "))
}

// Accessibility runs axe-core with the rules of WCAG 2.2 A and AA on the page that is open.
func (w *Window) Accessibility() ([]Violation, error) {
	script := axe + `; axe.run(document, {runOnly: {type: 'tag', values: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']}})
		.then(r => JSON.stringify(r.violations.map(v => ({id: v.id, impact: v.impact, help: v.help, where: v.nodes.slice(0, 4).map(n => n.html.slice(0, 160))}))))`
	s, err := Eval[string](w, script)
	if err != nil {
		return nil, fmt.Errorf("axe-core: %w", err)
	}
	var out []Violation
	return out, json.Unmarshal([]byte(s), &out)
}
