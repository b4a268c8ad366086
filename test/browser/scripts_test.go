package browser_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/bits"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	cdp "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"hearth/internal/web/house"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
	"hearth/test/browser"
)

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

const searchForm = `<form class="find" role="search"><div class="find-one"><label class="hidden-text" for="q">Town</label>
<input class="input" id="q" name="q" type="search" value="Millbrook"><button class="button" type="submit">Find</button></div>
<button class="find-near" type="button" hidden data-near data-denied="No">Near me</button><span data-near-said role="status"></span></form>`

const powForm = `<form method="post" action="/sent" data-challenge="tuesday" data-bits="12" data-keep>
<label for="note">Note</label><textarea id="note" class="input" name="note"></textarea><button id="send" class="button" type="submit">Send</button></form>
<button id="print" class="button" data-print hidden>Print</button>`

// site is a small site with the shell and the scripts, and nothing of the rest of the house.
func site(t *testing.T, sent chan<- url.Values) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	show := func(path, nav string, body ...templ.Component) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			s := ui.Shell{T: ui.Language("en"), Community: "Millbrook", Path: r.URL.Path, Nav: nav, LeaveURL: "/away"}
			ctx := templ.WithChildren(r.Context(), templ.Join(body...))
			if err := ui.Layout(ui.Page{Shell: s, Title: "A page", Scripts: []string{"pow.js"}}).Render(ctx, w); err != nil {
				t.Error(err)
			}
		})
	}
	write := func(html string) templ.Component {
		return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
			_, err := io.WriteString(w, html)
			return err
		})
	}
	show("/{$}", "find", write("<h1>Find</h1>"+searchForm))
	show("/form", "", write("<h1>Form</h1>"+powForm))
	mux.HandleFunc("GET /away", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<!doctype html><html lang=en><title>Weather</title><p>Sunny</p>")
	})
	mux.HandleFunc("POST /sent", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		sent <- r.PostForm
		fmt.Fprint(w, "<!doctype html><html lang=en><title>Sent</title><p>Sent</p>")
	})
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.Handle("GET /assets/", ui.Assets())
	mux.Handle("GET /sw.js", ui.ServiceWorker())
	pages := house.New(house.Options{})
	mux.HandleFunc("GET /help", func(w http.ResponseWriter, r *http.Request) {
		s := ui.Shell{T: ui.Pick(r), Community: "Millbrook", Path: "/help"}
		if err := pages.Help(w, r.WithContext(page.With(r.Context(), &page.Visit{Shell: s}))); err != nil {
			t.Error(err)
		}
	})
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		mux.ServeHTTP(w, r)
	}))
}

func open(t *testing.T, base string) *browser.Window {
	t.Helper()
	w, end, err := browser.Open(t.Context(), base)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(end)
	return w
}

// must waits until a script gives true, or fails.
func must(t *testing.T, w *browser.Window, what, script string) {
	t.Helper()
	for range 100 {
		if ok, err := browser.Eval[bool](w, script); err == nil && ok {
			return
		}
		ctx, cancel := w.Context()
		_ = chromedp.Do(ctx, chromedp.Sleep(50*time.Millisecond))
		cancel()
	}
	t.Fatalf("%s: never true: %s", what, script)
}

func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestLeaveQuicklyForgetsThePage(t *testing.T) {
	srv := site(t, nil)
	defer srv.Close()
	w := open(t, srv.URL)
	do(t, w.Go("/"))
	do(t, w.Go("/form"))
	do(t, w.Do(chromedp.SendKeys("#note", "something private")))
	do(t, w.Do(chromedp.Click("[data-leave]")))
	must(t, w, "leaving by a press, unasked", `location.pathname === "/away"`)
	if n, err := browser.Eval[int](w, "history.length"); err != nil || n > 3 {
		t.Errorf("leaving added to the history: %d entries, %v", n, err)
	}
	do(t, w.Do(chromedp.NavigateBack()))
	if path, err := w.Path(); err != nil || strings.HasPrefix(path, "/form") {
		t.Errorf("back shows %s, %v", path, err)
	}

	do(t, w.Go("/form"))
	do(t, w.Do(chromedp.KeyEvent("\x1b"), chromedp.KeyEvent("\x1b")))
	if path, _ := w.Path(); path != "/form" {
		t.Errorf("two presses of Esc were enough: %s", path)
	}
	do(t, w.Do(chromedp.KeyEvent("\x1b")))
	must(t, w, "leaving by three Esc", `location.pathname === "/away"`)
	for _, trouble := range w.Troubles() {
		t.Error(trouble)
	}
}

func TestTheVisitFormProvesItsWork(t *testing.T) {
	sent := make(chan url.Values, 1)
	srv := site(t, sent)
	defer srv.Close()
	w := open(t, srv.URL)
	do(t, w.Go("/form"))
	must(t, w, "a button that needs a script shows itself", `!document.querySelector("#print").hidden`)
	do(t, w.Do(chromedp.SendKeys("#note", "kind people"), chromedp.Click("#send")))
	must(t, w, "the form arrives", `location.pathname === "/sent"`)
	form := <-sent
	hash := sha256.Sum256([]byte(form.Get("challenge") + ":" + form.Get("nonce")))
	if form.Get("challenge") != "tuesday" || form.Get("note") != "kind people" || bits.LeadingZeros16(uint16(hash[0])<<8|uint16(hash[1])) < 12 {
		t.Errorf("sent %v, whose hash begins %x", form, hash[:3])
	}
	for _, trouble := range w.Troubles() {
		t.Error(trouble)
	}
}

func TestNearMeRoundsThePlace(t *testing.T) {
	srv := site(t, nil)
	defer srv.Close()
	w := open(t, srv.URL)
	do(t, w.Go("/"))
	ctx, cancel := w.Context()
	defer cancel()
	lat, lng, accuracy := 39.95263, -75.16522, 10.0
	_, err := chromedp.Call(ctx, cdp.SetPermission, cdp.SetPermissionParams{Permission: &cdp.PermissionDescriptor{Name: "geolocation"}, Setting: cdp.PermissionSettingGranted, Origin: srv.URL})
	do(t, err)
	_, err = chromedp.Call(ctx, emulation.SetGeolocationOverride, emulation.SetGeolocationOverrideParams{Latitude: &lat, Longitude: &lng, Accuracy: &accuracy})
	do(t, err)
	must(t, w, "the button shows itself", `!document.querySelector("[data-near]").hidden`)
	do(t, w.Do(chromedp.Click("[data-near]")))
	must(t, w, "the form is sent with a rounded place", `new URLSearchParams(location.search).get("near") === "39.95,-75.17" && new URLSearchParams(location.search).get("q") === ""`)
}

func TestHelpOpensWithoutANetwork(t *testing.T) {
	srv := site(t, nil)
	w := open(t, srv.URL)
	do(t, w.Go("/"))
	must(t, w, "the help page is kept", `caches.keys().then(async names => names.length === 1 && !!(await (await caches.open(names[0])).match("/help?lang=es")) && !!navigator.serviceWorker.controller)`)
	srv.Close()
	do(t, w.Go("/help?lang=es"))
	text, err := w.Text()
	if err != nil || !strings.Contains(text, "Llama al 911") {
		t.Errorf("without a network the help page says %.120q, %v", text, err)
	}
	must(t, w, "its style is there too", `getComputedStyle(document.querySelector(".call-first .button")).minHeight !== "auto" && document.fonts.check('17px "Hearth Text"')`)
}

// shifts adds up by how much the page moved while it loaded (Cumulative Layout Shift).
const shifts = `new Promise(done => { let sum = 0;
	new PerformanceObserver(list => { for (const e of list.getEntries()) sum += e.value; }).observe({ type: "layout-shift", buffered: true });
	document.fonts.ready.then(() => setTimeout(() => done(sum), 300)); })`

func TestNothingMovesWhileAPageLoads(t *testing.T) {
	srv := site(t, nil)
	defer srv.Close()
	for _, width := range []int{360, 1280} {
		w := open(t, srv.URL) // with nothing in its cache
		for _, path := range []string{"/", "/help", "/form"} {
			do(t, w.As(browser.Look{Width: width, Height: 800}))
			do(t, w.Go(path))
			if sum, err := browser.Eval[float64](w, shifts); err != nil || sum > 0.02 {
				t.Errorf("%s at %d px moves by %.3f, %v", path, width, sum, err)
			}
		}
	}
}

func TestHousePagesAreAccessible(t *testing.T) {
	srv := site(t, nil)
	defer srv.Close()
	w := open(t, srv.URL)
	for _, look := range []browser.Look{{Width: 320}, {Width: 1280}, {Width: 360, Dark: true}} {
		do(t, w.As(look))
		for _, path := range []string{"/", "/help", "/help?lang=es", "/form"} {
			do(t, w.Go(path))
			found, err := w.Accessibility()
			do(t, err)
			for _, v := range found {
				t.Errorf("%s, %+v: %s", path, look, v)
			}
			if over, err := w.Overflow(); err != nil || over > 0 {
				t.Errorf("%s, %+v: %d px wider than the window, %v", path, look, over, err)
			}
		}
	}
	for _, trouble := range w.Troubles() {
		t.Error(trouble)
	}
}
