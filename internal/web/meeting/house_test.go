package meeting

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/html"

	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
	"hearth/internal/fault"
	"hearth/internal/geo"
	"hearth/internal/job"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
	"hearth/internal/wire/meetingguide"
)

// tuesday is when every test begins: Tuesday 19 May 2026, 18:35 in Harlow.
var tuesday = time.Date(2026, 5, 19, 22, 35, 0, 0, time.UTC)

// house is the real directory behind the real pages.
type house struct {
	t       *testing.T
	db      *db.DB
	service *meeting.Service
	pages   *Pages
	mux     *http.ServeMux
	ids     map[string]string // by slug
	clock   atomic.Int64
	network string
	file    string
}

func (h *house) now() time.Time { return time.UnixMilli(h.clock.Load()).UTC() }

// places knows two Harlows.
type places struct{}

func (places) Lookup(q string) []geo.Place {
	pa := geo.Place{Name: "Harlow", State: "PA", Country: "US", Lat: 40, Lng: -75, Zone: "America/New_York"}
	ky := geo.Place{Name: "Harlow", State: "KY", Country: "US", Lat: 37, Lng: -85, Zone: "America/Chicago"}
	switch strings.ToLower(q) {
	case "harlow":
		return []geo.Place{pa, ky}
	case "harlow, pa":
		return []geo.Place{pa}
	case "harlow, ky":
		return []geo.Place{ky}
	case "evening", "pacific evening":
		return []geo.Place{{Name: "Evening", State: "AR", Country: "US", Lat: 33.7, Lng: -93.6, Zone: "America/Chicago"}}
	case "night":
		return []geo.Place{{Name: "Night", State: "PA", Country: "US", Lat: 40, Lng: -75, Zone: "America/New_York"}}
	}
	return nil
}

func (places) Similar(q string) []geo.Place {
	if q == "harlwo" {
		return places{}.Lookup("harlow")
	}
	return nil
}

// inHouse runs a test on both engines with the town of testdata.
func inHouse(t *testing.T, f func(t *testing.T, h *house)) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) { f(t, newHouse(t, d)) }, job.Migrations, audit.Migrations, meeting.Migrations)
}

// inSmallHouse runs a test on SQLite alone: for what does not depend on the engine.
func inSmallHouse(t *testing.T) *house {
	return newHouse(t, dbtest.SQLite(t, job.Migrations, audit.Migrations, meeting.Migrations))
}

func newHouse(t *testing.T, d *db.DB) *house {
	h := &house{t: t, db: d, ids: map[string]string{}, network: "192.0.2.1"}
	h.clock.Store(tuesday.UnixMilli())
	h.service = meeting.New(d, meeting.Options{Now: h.now, Decoders: map[meeting.Format]meeting.Decoder{meeting.FormatMeetingGuide: meetingguide.Decode}})
	town, err := os.ReadFile("testdata/town.json")
	if err != nil {
		t.Fatal(err)
	}
	h.file = filepath.Join(t.TempDir(), "town.json")
	h.write(town)
	if _, err := h.service.AddFeed(t.Context(), "test", meeting.Feed{Name: "Wend Valley list", Format: meeting.FormatMeetingGuide, Fellowship: "na", Zone: "America/New_York", File: h.file}); err != nil {
		t.Fatal(err)
	}
	h.sync()
	for _, hit := range h.service.Directory().Find(meeting.Any(), h.now()).Hits {
		h.ids[hit.SourceID] = hit.ID
	}
	if len(h.ids) != 7 {
		t.Fatalf("the town has %d meetings, not 7: %v", len(h.ids), h.ids)
	}
	h.open()
	return h
}

// open makes the pages over the directory as it is now.
func (h *house) open() {
	h.pages = New(Options{Meetings: h.service, Places: places{}, BaseURL: "https://commons.example", Now: h.now})
	h.mux = http.NewServeMux()
	handle := func(pattern string, f page.Handler) {
		h.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			r = r.WithContext(page.With(r.Context(), &page.Visit{
				Network: netip.MustParseAddr(h.network),
				Shell:   ui.Shell{T: ui.Pick(r), Community: "Harlow Commons", Path: r.URL.Path, Query: r.URL.RawQuery},
			}))
			if err := f(w, r); err != nil {
				w.Header().Set("X-Error", "1")
				status := http.StatusInternalServerError
				switch {
				case fault.Is(err, fault.NotFound):
					status = http.StatusNotFound
				case fault.Is(err, fault.Invalid):
					status = http.StatusUnprocessableEntity
				default:
					h.t.Errorf("%s: %v", r.URL, err)
				}
				if form := page.FormOf(err); form != nil { // as web does
					if err := page.Render(w, r, status, form(fault.As(err))); err != nil {
						h.t.Error(err)
					}
					return
				}
				w.WriteHeader(status)
			}
		})
	}
	handle("GET /{$}", h.pages.Finder)
	handle("GET /map.geojson", h.pages.MapPoints)
	handle("GET /m/{id}", h.pages.Show)
	handle("GET /m/{id}/before", h.pages.Before)
	handle("GET /m/{id}/visit", h.pages.VisitForm)
	handle("POST /m/{id}/visit", h.pages.Visit)
	handle("GET /m/{id}/visit/thanks", h.pages.VisitThanks)
	handle("GET /m/{id}/problem", h.pages.ProblemForm)
	handle("GET /m/{id}/problem/thanks", h.pages.ProblemThanks)
	handle("POST /m/{id}/problem", h.pages.Problem)
}

func (h *house) write(feed []byte) {
	if err := os.WriteFile(h.file, feed, 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// sync reads the feed again and waits until the finder has it.
func (h *house) sync() {
	h.t.Helper()
	if _, err := h.service.SyncFeed(h.t.Context(), "Wend Valley list", meeting.SyncOptions{AcceptShrink: true}); err != nil {
		h.t.Fatal(err)
	}
	h.refresh()
}

// refresh brings the finder up to what the database holds.
func (h *house) refresh() {
	h.t.Helper()
	h.service.Stop()
	if err := h.service.Start(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(h.service.Stop)
}

// drop takes a meeting out of the feed.
func (h *house) drop(slug string) {
	h.t.Helper()
	b, err := os.ReadFile(h.file)
	if err != nil {
		h.t.Fatal(err)
	}
	var rows, kept []map[string]any
	if err := json.Unmarshal(b, &rows); err != nil {
		h.t.Fatal(err)
	}
	for _, r := range rows {
		if r["slug"] != slug {
			kept = append(kept, r)
		}
	}
	b, err = json.Marshal(kept)
	if err != nil {
		h.t.Fatal(err)
	}
	h.write(b)
	h.sync()
}

// told is a visit that counts: with its proof, one week after the other.
func (h *house) told(slug string, a welcome.Answers, what welcome.Happenings) {
	h.t.Helper()
	ch, err := h.service.NewChallenge(h.t.Context(), h.ids[slug])
	if err != nil {
		h.t.Fatal(err)
	}
	r, err := h.service.ReportVisit(h.t.Context(), meeting.VisitReport{MeetingID: h.ids[slug], Month: h.now().Format("2006-01"), Answers: a, Happened: what, Note: h.now().String()},
		meeting.Submission{Network: "198.51.100." + h.now().Format("05"), Challenge: ch, Solution: meeting.Solve(ch)})
	if err != nil || !r.Counted {
		h.t.Fatalf("report on %s: %+v, %v", slug, r, err)
	}
	h.clock.Add((7*24*time.Hour + time.Second).Milliseconds())
}

// doc is an answer, parsed.
type doc struct {
	t      testing.TB
	Asked  string // what it answers, after redirects
	Status int
	Body   string
	Root   *html.Node
}

func (h *house) do(r *http.Request) *doc {
	h.t.Helper()
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	if w.Code == http.StatusSeeOther {
		return h.do(httptest.NewRequest(http.MethodGet, w.Header().Get("Location"), nil))
	}
	b, err := io.ReadAll(w.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(string(b)))
	if err != nil {
		h.t.Fatal(err)
	}
	return &doc{h.t, r.Method + " " + r.URL.String(), w.Code, string(b), root}
}

func (h *house) get(path string) *doc {
	h.t.Helper()
	return h.do(httptest.NewRequest(http.MethodGet, path, nil))
}

func (h *house) post(path string, form url.Values) *doc {
	h.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return h.do(r)
}

// all returns the elements that match: tag, and class if it is not "".
func (d *doc) all(tag, class string) []*html.Node {
	var out []*html.Node
	for n := range d.Root.Descendants() {
		if n.Type == html.ElementNode && (tag == "" || n.Data == tag) && (class == "" || hasClass(n, class)) {
			out = append(out, n)
		}
	}
	return out
}

func hasClass(n *html.Node, class string) bool {
	return strings.Contains(" "+attr(n, "class")+" ", " "+class+" ")
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// text is what an element says, with white space joined.
func text(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
			b.WriteByte(' ')
		}
	}
	s := strings.Join(strings.Fields(b.String()), " ")
	for _, p := range []string{".", ",", ";", ":"} {
		s = strings.ReplaceAll(s, " "+p, p)
	}
	return s
}

// said is what the main part of the page says.
func (d *doc) said() string {
	if m := d.all("main", ""); len(m) == 1 {
		return text(m[0])
	}
	return ""
}

// has fails unless the page says all of it.
func (d *doc) has(words ...string) {
	d.t.Helper()
	said := d.said()
	for _, w := range words {
		if !strings.Contains(said, w) {
			d.t.Errorf("the page does not say %q; it says:\n%s", w, said)
		}
	}
}

// hasNot fails if the page says one of it.
func (d *doc) hasNot(words ...string) {
	d.t.Helper()
	said := d.said()
	for _, w := range words {
		if strings.Contains(said, w) {
			d.t.Errorf("the page says %q", w)
		}
	}
}

// hrefs are all links below main.
func (d *doc) hrefs() []string {
	var out []string
	for _, m := range d.all("main", "") {
		for n := range m.Descendants() {
			if n.Data == "a" {
				out = append(out, attr(n, "href"))
			}
		}
	}
	return out
}

// link returns the address behind a word, "" where there is none.
func (d *doc) link(word string) string {
	for _, n := range d.all("a", "") {
		if text(n) == word || strings.HasPrefix(text(n), word+" ") {
			return attr(n, "href")
		}
	}
	return ""
}

// fields are the form's values as a browser without a script would send them.
func (d *doc) fields(action string) url.Values {
	v := url.Values{}
	for _, f := range d.all("form", "") {
		if attr(f, "action") != action {
			continue
		}
		for n := range f.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			name := attr(n, "name")
			switch n.Data {
			case "input":
				kind := attr(n, "type")
				if _, on := lookup(n, "checked"); name == "" || (kind == "radio" || kind == "checkbox") && !on {
					continue
				}
				v.Add(name, attr(n, "value"))
			case "textarea":
				v.Add(name, strings.TrimPrefix(rawText(n), "\n"))
			case "select":
				for o := range n.Descendants() {
					if _, on := lookup(o, "selected"); o.Data == "option" && on {
						v.Add(name, attr(o, "value"))
					}
				}
			}
		}
	}
	return v
}

func lookup(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func rawText(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// rows are the names in the lists, in order.
func (d *doc) rows() []string {
	var out []string
	for _, n := range d.all("li", "row") {
		for c := range n.Descendants() {
			if c.Data == "h3" {
				out = append(out, text(c))
			}
		}
	}
	return out
}
