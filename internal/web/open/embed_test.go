package open_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"golang.org/x/net/html"

	"hearth/internal/app/apptest"
)

// most is what the finder on another site may weigh, with its style, as it goes over the wire.
const most = 9 << 10

// wire asks as a browser does and returns what came over the wire, and what it was.
func wire(t *testing.T, s *apptest.Site, path string) (http.Header, int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.Server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip, deflate, br")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	packed, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != 200 {
		t.Fatalf("%s: %d", path, resp.StatusCode)
	}
	plain := packed
	if resp.Header.Get("Content-Encoding") == "br" {
		if plain, err = io.ReadAll(brotli.NewReader(bytes.NewReader(packed))); err != nil {
			t.Fatal(err)
		}
	}
	return resp.Header, len(packed), plain
}

// TestEmbedIsSmallAndAlone: the frame and everything it loads, for a full list, in 9 kB, without a script,
// and framed by anybody; nothing else of ours may be framed.
func TestEmbedIsSmallAndAlone(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		load(t, s, "many", "na", many(60))
		load(t, s, "town", "aa", town())
		header, sum, body := wire(t, s, "/embed?attendance=in_person,hybrid,online")
		root, err := html.Parse(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		for n := range root.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
					t.Errorf("<%s %s> needs what the policy forbids", n.Data, a.Key)
				}
			}
			switch n.Data {
			case "script":
				t.Error("there is a script")
			case "link":
				if apptest.Attr(n, "rel") == "stylesheet" {
					_, size, _ := wire(t, s, apptest.Attr(n, "href"))
					sum += size
				}
			case "li":
				if apptest.Attr(n, "class") == "m" {
					rows++
				}
			case "a":
				href := apptest.Attr(n, "href")
				if stays := strings.HasPrefix(href, "/embed?"); stays == (apptest.Attr(n, "target") == "_top") {
					t.Errorf("link to %s: target %q", href, apptest.Attr(n, "target"))
				}
			case "form":
				if apptest.Attr(n, "action") != "/embed" {
					t.Errorf("the form goes to %q", apptest.Attr(n, "action"))
				}
			}
		}
		if rows != 12 || sum > most {
			t.Errorf("%d rows in %d bytes, want 12 in %d", rows, sum, most)
		}
		if policy := header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors *") || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "script-src") {
			t.Errorf("the frame's policy is %q", policy)
		}
		if header.Get("X-Frame-Options") != "" {
			t.Error("X-Frame-Options keeps others from framing it")
		}
		for _, path := range []string{"/", "/print", "/embed/how", "/help"} {
			if policy := s.Person(t).Get(path).Header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
				t.Errorf("%s: policy %q", path, policy)
			}
		}
		header, size, _ := wire(t, s, "/embed.js")
		if size > 1024 || header.Get("Cross-Origin-Resource-Policy") != "cross-origin" || !strings.HasPrefix(header.Get("Content-Type"), "text/javascript") {
			t.Errorf("the script has %d bytes: %v", size, header)
		}
	})
}

// TestEmbedFindsWithoutAScript goes through the frame as a person does.
func TestEmbedFindsWithoutAScript(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		load(t, s, "town", "aa", town())
		for query, want := range map[string]string{
			"":                              "7 meetings",
			"?day=mon":                      "1 meeting: Mondays",
			"?q=stones":                     "1 meeting: with the words “stones”",
			"?day=mon&lang=es":              "1 reunión: los lunes",
			"?day=yesterday":                "We do not know the day “yesterday”. Please use mon, tue, wed, thu, fri, sat or sun.",
			"?near=41.78,-73.69&within=5mi": "6 meetings: within 5 miles of where you are",
		} {
			page := s.Person(t).Get("/embed" + query) // somebody new: a language would be remembered
			if !strings.Contains(page.Text(), want) {
				t.Errorf("/embed%s does not say %q:\n%s", query, want, page.Text())
			}
		}
		p := s.Person(t)
		page := p.Get("/embed?day=mon&may=speak")
		kept := map[string]string{}
		for _, in := range page.All("input", "type", "hidden") {
			kept[apptest.Attr(in, "name")] = apptest.Attr(in, "value")
		}
		if kept["day"] != "mon" || kept["may"] != "speak" || len(kept) != 2 {
			t.Errorf("the form carries %v along", kept)
		}
		how := p.Get("/embed/how?day=mon&text=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
		code := how.All("pre", "", "")
		if how.Status != 200 || len(code) != 2 || len(how.All("script", "", "")) != 1 { // the page's own
			t.Fatalf("how to embed: %d, %d pieces of code", how.Status, len(code))
		}
		for _, want := range []string{`/embed.js" data-day="mon"`, `/embed?day=mon`} {
			if !strings.Contains(how.Text(), want) {
				t.Errorf("how to embed does not show %s:\n%s", want, how.Text())
			}
		}
	})
}

// TestPrintPage: the list for paper, its papers with their pages, and where else it can go.
func TestPrintPage(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		load(t, s, "town", "aa", town())
		p := s.Person(t)
		page := p.Get("/print?attendance=hybrid,in_person")
		text := page.Text()
		if page.Status != 200 || !strings.Contains(text, "6 meetings") || !strings.Contains(text, "4 pages, 1 sheet printed on both sides") || !strings.Contains(text, "1 page ") {
			t.Errorf("%d:\n%s", page.Status, text)
		}
		last := -1
		for _, h := range page.All("h2", "", "") {
			for i, day := range []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "By appointment"} {
				if h.FirstChild != nil && h.FirstChild.Data == day {
					if i <= last {
						t.Errorf("%s comes after a later day", day)
					}
					last = i
				}
			}
		}
		if last != 7 {
			t.Errorf("the last day is %d", last)
		}
		for _, a := range page.All("a", "", "") {
			href := apptest.Attr(a, "href")
			if !strings.HasPrefix(href, "/booklet.pdf") && !strings.HasPrefix(href, "/feeds/") {
				continue
			}
			if !strings.Contains(href, "attendance=hybrid,in_person") {
				t.Errorf("%s leaves the filter behind", href)
			}
			if got := p.Get(href); got.Status != 200 {
				t.Errorf("%s: %d", href, got.Status)
			} else if strings.HasPrefix(href, "/booklet.pdf") && (got.Header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(got.Body, "%PDF-")) {
				t.Errorf("%s is no PDF", href)
			}
		}
		none := p.Get("/print?text=nothing")
		if text := none.Text(); !strings.Contains(text, "No meetings") || !strings.Contains(text, "There is no meeting on this list.") || strings.Contains(none.Body, "/booklet.pdf") {
			t.Errorf("an empty list offers paper:\n%s", text)
		}
		for path, status := range map[string]int{"/booklet.pdf?paper=b5": 422, "/booklet.pdf?fold=3": 422, "/booklet.pdf?day=never": 422, "/print?day=never": 422, "/print?text=nothing": 200, "/booklet.pdf?text=nothing": 200} {
			if got := p.Get(path).Status; got != status {
				t.Errorf("%s: %d, want %d", path, got, status)
			}
		}
	})
}
