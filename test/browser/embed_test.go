package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestTheFinderOnAnotherSite puts the one line into a page of another site, and looks whether the finder
// stands there; a page that is not meant for it must stay out.
func TestTheFinderOnAnotherSite(t *testing.T) {
	base, _ := demo(t)
	clinic := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch r.URL.Path {
		case "/finder":
			fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><title>Clinic</title><h1>Clinic</h1><div id="here"><script src="%s/embed.js" data-place="Millbrook" data-within="10mi" data-height="500" async></script></div>`, base)
		case "/whole":
			fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><title>Clinic</title><iframe id="f" src="%s/"></iframe>`, base)
		}
	}))
	t.Cleanup(clinic.Close)
	w := open(t, clinic.URL)

	must(t, w.As(Look{Width: 1280}))
	must(t, w.Go("/finder"))
	must(t, until(func() (bool, error) { return Eval[bool](w, `!!document.querySelector("#here iframe")`) }))
	frame, err := Eval[[]string](w, `(f => [f.src, f.title, f.style.height])(document.querySelector("#here iframe"))`)
	must(t, err)
	if want := base + "/embed?place=Millbrook&within=10mi"; frame[0] != want || frame[1] != "Meetings" || frame[2] != "500px" {
		t.Errorf("the frame is %q, want %s", frame, want)
	}
	// The page cannot look into a frame of another site, so its own pages are asked from inside.
	must(t, until(func() (bool, error) {
		return Eval[bool](w, `performance.getEntriesByType("resource").some(e => e.initiatorType == "iframe" && e.name.includes("/embed?"))`)
	}))
	for _, trouble := range w.Troubles() {
		if !strings.HasPrefix(trouble, "asked another host: "+base+"/") {
			t.Error(trouble)
		}
	}

	must(t, w.Go("/whole"))
	refused := ""
	must(t, until(func() (bool, error) {
		for _, trouble := range w.Troubles() {
			if strings.Contains(trouble, "frame-ancestors") {
				refused = trouble
			}
		}
		return refused != "", nil
	}))
}

// until asks again until the answer is yes, for ten seconds.
func until(ask func() (bool, error)) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range 200 {
		if yes, err := ask(); yes || err != nil {
			return err
		}
		<-tick.C
	}
	return fmt.Errorf("waited ten seconds in vain")
}
