package web

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hearth/internal/community"
	"hearth/internal/web/page"
)

// bare is a server without pages, and what it logs.
func bare(trusted ...string) (*server, *bytes.Buffer) {
	log := &bytes.Buffer{}
	now := func() time.Time { return time.Date(2026, 5, 19, 12, 0, 0, 0, time.UTC) }
	s := &server{o: Options{Now: now, Settings: community.New(community.Options{}), Log: slog.New(slog.NewTextHandler(log, nil))}, mux: http.NewServeMux(), metrics: newMetrics(prometheus.NewRegistry()), limits: newLimits(now)}
	for _, p := range trusted {
		s.proxies = append(s.proxies, netip.MustParsePrefix(p))
	}
	return s, log
}

func TestNetwork(t *testing.T) {
	tests := []struct {
		what    string
		trusted []string
		peer    string
		lines   []string
		want    string
	}{
		{"no proxy", nil, "192.0.2.7:1234", nil, "192.0.2.7"},
		{"one line", []string{"10.0.0.0/8"}, "10.0.0.1:1234", []string{"192.0.2.7"}, "192.0.2.7"},
		{"trusted, but says nothing", []string{"10.0.0.0/8"}, "10.0.0.1:1234", nil, "10.0.0.1"},
		{"the proxy adds a line of its own", []string{"10.0.0.0/8"}, "10.0.0.1:1234", []string{"203.0.113.66", "192.0.2.7"}, "192.0.2.7"},
		{"the proxy lengthens a forged line", []string{"10.0.0.0/8"}, "10.0.0.1:1234", []string{"203.0.113.66, 192.0.2.7"}, "192.0.2.7"},
		{"forged line that names the proxy", []string{"10.0.0.0/8"}, "10.0.0.1:1234", []string{"203.0.113.66, 10.0.0.9", "192.0.2.7"}, "192.0.2.7"},
		{"several proxies, several lines", []string{"10.0.0.0/8", "198.51.100.5/32"}, "10.0.0.1:1234", []string{"203.0.113.66, 192.0.2.7, 198.51.100.5", "10.0.0.2"}, "192.0.2.7"},
		{"only proxies", []string{"10.0.0.0/8"}, "10.0.0.1:1234", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"nonsense at the end", []string{"10.0.0.0/8"}, "10.0.0.1:1234", []string{"192.0.2.7, unknown"}, "10.0.0.1"},
		{"untrusted peer", []string{"10.0.0.0/8"}, "203.0.113.1:1234", []string{"192.0.2.7"}, "203.0.113.1"},
		{"nobody is trusted", nil, "203.0.113.1:1234", []string{"192.0.2.7"}, "203.0.113.1"},
		{"IPv6 is one household", nil, "[2001:db8:1:2aa:3:4:5:6]:1234", nil, "2001:db8:1:200::"},
		{"IPv6 behind a proxy", []string{"::1/128"}, "[::1]:1234", []string{"2001:db8:1:2aa:ffff::9"}, "2001:db8:1:200::"},
		{"IPv4 in IPv6", []string{"10.0.0.0/8"}, "[::ffff:10.0.0.1]:1234", []string{"::ffff:192.0.2.7"}, "192.0.2.7"},
	}
	for _, test := range tests {
		s, _ := bare(test.trusted...)
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = test.peer
		for _, line := range test.lines {
			r.Header.Add("X-Forwarded-For", line)
		}
		if got := s.network(r).String(); got != test.want {
			t.Errorf("%s: got %s, want %s", test.what, got, test.want)
		}
	}
}

func TestAProxyThatNobodyNamedIsSaidOnce(t *testing.T) {
	for peer, want := range map[string]int{"127.0.0.1:1": 1, "172.18.0.1:1": 1, "[::1]:1": 1, "[::ffff:192.168.1.1]:1": 1, "203.0.113.1:1": 0} {
		s, log := bare("10.0.0.0/8")
		for range 3 {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = peer
			s.network(r)
			r.Header.Set("X-Forwarded-For", "192.0.2.7")
			s.network(r)
		}
		if got := strings.Count(log.String(), "HEARTH_TRUSTED_PROXIES"); got != want || strings.Contains(log.String(), "192.0.2.7") {
			t.Errorf("%s: warned %d times, want %d\n%s", peer, got, want, log)
		}
	}
	s, log := bare("127.0.0.1/32")
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr = "127.0.0.1:1"
	r.Header.Set("X-Forwarded-For", "192.0.2.7")
	if s.network(r); log.Len() > 0 {
		t.Errorf("a named proxy: %s", log)
	}
}

// serving answers over a real connection as the whole site does, so that a cut can be seen.
func serving(t *testing.T, s *server, h http.Handler) *httptest.Server {
	t.Helper()
	ts := httptest.NewUnstartedServer(s.arrive(compress(h)))
	ts.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	ts.Start()
	t.Cleanup(ts.Close)
	return ts
}

// ask returns the answer and how reading its body ended.
func ask(t *testing.T, url, encoding string) (*http.Response, string, error) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", encoding)
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp, string(b), err
}

func TestHalfAnAnswerBreaksOff(t *testing.T) {
	half := strings.Repeat("Meetings tonight. ", 10_000)
	for _, encoding := range []string{"identity", "gzip", "br"} {
		for what, end := range map[string]func() error{
			"panic": func() error { panic("half way") },
			"error": func() error { return errors.New("half way") },
		} {
			s, log := bare()
			ts := serving(t, s, s.serve(func(w http.ResponseWriter, _ *http.Request) error {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				_, _ = w.Write([]byte(half))
				return end()
			}))
			if resp, _, err := ask(t, ts.URL, encoding); err == nil {
				t.Errorf("%s, %s: a whole answer with status %d", what, encoding, resp.StatusCode)
			}
			ts.Close()
			if !strings.Contains(log.String(), "half way") {
				t.Errorf("%s, %s: the cause is not in the log: %s", what, encoding, log)
			}
		}
	}
}

func TestPanicBeforeTheFirstByteIsAPlain500(t *testing.T) {
	for _, encoding := range []string{"identity", "gzip"} {
		s, log := bare()
		ts := serving(t, s, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("ETag", `"x"`)
			w.Header().Set("Cache-Control", "public, max-age=60")
			panic("too early")
		}))
		resp, body, err := ask(t, ts.URL, encoding)
		if err != nil {
			t.Fatal(err)
		}
		h := resp.Header
		if resp.StatusCode != http.StatusInternalServerError || !strings.Contains(body, h.Get("X-Request-Id")) || h.Get("Content-Encoding") != "" || h.Get("ETag") != "" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v %q", encoding, resp.StatusCode, h, body)
		}
		ts.Close()
		if !strings.Contains(log.String(), "too early") {
			t.Errorf("the cause is not in the log: %s", log)
		}
	}
}

func TestAnAnswerIsStillPackedToItsEnd(t *testing.T) {
	s, _ := bare()
	long := strings.Repeat("Meetings tonight. ", 1000)
	ts := serving(t, s, s.serve(func(w http.ResponseWriter, _ *http.Request) error {
		page.Send(w, http.StatusTeapot, []byte(long))
		return nil
	}))
	for _, encoding := range []string{"gzip", "br"} {
		resp, body, err := ask(t, ts.URL, encoding)
		if err != nil || resp.StatusCode != http.StatusTeapot || resp.Header.Get("Content-Encoding") != encoding || len(body) > len(long)/4 {
			t.Errorf("%s: %v %v, %d bytes", encoding, err, resp, len(body))
		}
	}
}

func TestVaryIsSaidOnce(t *testing.T) {
	for _, said := range [][]string{nil, {"Accept-Encoding"}, {"Accept-Language, accept-encoding"}, {"Accept-Language", "Accept-Encoding"}} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Encoding", "gzip")
		compress(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Vary"] = said
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte("{}"))
		})).ServeHTTP(w, r)
		got := strings.ToLower(strings.Join(w.Header().Values("Vary"), ","))
		if strings.Count(got, "accept-encoding") != 1 || len(said) > 0 && len(w.Header().Values("Vary")) != len(said) {
			t.Errorf("%q became %q", said, w.Header().Values("Vary"))
		}
	}
}
