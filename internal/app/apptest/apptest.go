// Package apptest owns what whole-app tests share: the real house over a fresh database, a clock that the
// test moves, and a reader that asks pages by their HTML.
//
// It must never be imported by anything but tests.
package apptest

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"hearth/internal/app"
	"hearth/internal/config"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
)

// Monday is where a test's clock stands at first: Monday 18 May 2026, 18:35 in New York.
var Monday = time.Date(2026, 5, 18, 22, 35, 0, 0, time.UTC)

// Clock is a clock that only the test moves.
type Clock struct {
	mu sync.Mutex
	t  time.Time
}

// Now reads the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

// Set moves the clock to t.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = t
}

// Add moves the clock by d.
func (c *Clock) Add(d time.Duration) { c.Set(c.Now().Add(d)) }

// Site is a running Hearth.
type Site struct {
	House  *app.House
	Clock  *Clock
	Server *httptest.Server
}

// Run starts a site on each engine and hands it to test.
func Run(t *testing.T, test func(t *testing.T, s *Site)) {
	t.Helper()
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		test(t, On(t, d))
	})
}

// First is a site as a first start finds it: nobody has said even what it is called.
func First(t *testing.T, d *db.DB) *Site {
	t.Helper()
	return On(t, d, "HEARTH_COMMUNITY", "")
}

// On starts a site over a database; it is stopped when the test ends. Settings are variables and their
// values, in pairs, besides those that every test has; an empty value is one that nobody gave.
func On(t *testing.T, d *db.DB, settings ...string) *Site {
	t.Helper()
	clock := &Clock{t: Monday}
	server := httptest.NewUnstartedServer(nil)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	base := "http://localhost:" + port // passkeys belong to a name
	c, err := config.Load(func(string) (string, bool) { return "", false }, func(name string) (string, bool) {
		for i := 0; i+1 < len(settings); i += 2 {
			if settings[i] == name {
				return settings[i+1], settings[i+1] != ""
			}
		}
		v, ok := map[string]string{"HEARTH_COMMUNITY": "Millbrook Commons", "HEARTH_ALLOW_PRIVATE_FEEDS": "true", "HEARTH_LOG_LEVEL": "warn", "HEARTH_DATA": t.TempDir(), "HEARTH_BASE_URL": base}[name]
		return v, ok
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	h, err := app.On(ctx, d, c, app.Outside{Stderr: testLog{t}, Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Start(ctx); err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = h.Handler()
	server.Start()
	server.URL = base
	s := &Site{House: h, Clock: clock, Server: server}
	t.Cleanup(func() {
		s.Server.Close()
		h.StopAll()
	})
	return s
}

// testLog writes the house's log to the test's.
type testLog struct{ t *testing.T }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Log(strings.TrimRight(string(b), "\n"))
	return len(b), nil
}

// Person is somebody with a browser of their own.
type Person struct {
	t      *testing.T
	site   *Site
	client *http.Client
}

// Person returns a new visitor. Cookies are kept; JavaScript is not run.
func (s *Site) Person(t *testing.T) *Person {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Person{t: t, site: s, client: &http.Client{Jar: jar, Timeout: 30 * time.Second}}
}

// Page is what came back.
type Page struct {
	Status int
	URL    *url.URL
	Header http.Header
	Body   string
	Root   *html.Node
}

// Get opens a page.
func (p *Person) Get(path string) *Page {
	p.t.Helper()
	req, err := http.NewRequest(http.MethodGet, p.site.Server.URL+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.do(req)
}

// Post sends a form as a browser of the same site would.
func (p *Person) Post(path string, form url.Values) *Page {
	p.t.Helper()
	req, err := http.NewRequest(http.MethodPost, p.site.Server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", p.site.Server.URL)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return p.do(req)
}

// Send sends a request as it is, with the person's cookies.
func (p *Person) Send(req *http.Request) *Page {
	p.t.Helper()
	return p.do(req)
}

func (p *Person) do(req *http.Request) *Page {
	p.t.Helper()
	resp, err := p.client.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	page := &Page{Status: resp.StatusCode, URL: resp.Request.URL, Header: resp.Header, Body: string(b)}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		if page.Root, err = html.Parse(strings.NewReader(page.Body)); err != nil {
			p.t.Fatal(err)
		}
	}
	return page
}

// Text is what a reader sees of the page, white space collapsed.
func (p *Page) Text() string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style" || n.Data == "head") {
			return
		}
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
			b.WriteByte(' ')
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	if p.Root != nil {
		walk(p.Root)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// All returns the elements with that name and, when attr is not "", that attribute value.
func (p *Page) All(element, attr, value string) []*html.Node {
	var out []*html.Node
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode && n.Data == element && (attr == "" || Attr(n, attr) == value) {
			out = append(out, n)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	if p.Root != nil {
		walk(p.Root)
	}
	return out
}

// Attr returns an attribute of an element, or "".
func Attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
