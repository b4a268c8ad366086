package meeting

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"hearth/internal/fault"
)

var quiet = func(string) {}

// fetcher is a directory that only fetches, with small limits.
func fetcher(l Limits) *Service {
	return New(nil, Options{AllowPrivate: true, Release: "1.2", BaseURL: "https://hearth.example.org", FetchLimits: l})
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func zipped(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

func TestAPoliteFetch(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if got, want := r.UserAgent(), "Hearth/1.2 (+https://hearth.example.org)"; got != want {
			t.Errorf("User-Agent %q, want %q", got, want)
		}
		if r.Header.Get("If-None-Match") == `"v1"` && r.Header.Get("If-Modified-Since") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", `"v1"`)
		w.Header().Set("Last-Modified", "Wed, 20 May 2026 10:00:00 GMT")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(zipped([]byte("[1,2,3]")))
	})
	f := fetcher(Limits{})
	var told []string
	got, err := f.fetch(t.Context(), s.URL, validators{}, func(p string) { told = append(told, p) })
	if err != nil || string(got.payload) != "[1,2,3]" || got.validators.etag != `"v1"` {
		t.Fatalf("%+v %v", got, err)
	}
	if len(told) == 0 || !strings.HasPrefix(told[0], "asking 127.0.0.1") {
		t.Errorf("progress %q", told)
	}
	again, err := f.fetch(t.Context(), s.URL, got.validators, quiet)
	if err != nil || !again.unchanged || again.validators != got.validators {
		t.Errorf("%+v %v", again, err)
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var n int
		_, _ = fmt.Sscanf(r.URL.Path, "/%d", &n)
		switch {
		case r.URL.Path == "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case n > 0:
			http.Redirect(w, r, fmt.Sprintf("/%d", n-1), http.StatusFound)
		default:
			_, _ = io.WriteString(w, "[]")
		}
	})
	f := fetcher(Limits{})
	if _, err := f.fetch(t.Context(), s.URL+"/5", validators{}, quiet); err != nil {
		t.Errorf("five redirects: %v", err)
	}
	if _, err := f.fetch(t.Context(), s.URL+"/6", validators{}, quiet); err == nil || !strings.Contains(err.Error(), "more than 5 times") {
		t.Errorf("six redirects: %v", err)
	}
	if _, err := f.fetch(t.Context(), s.URL+"/file", validators{}, quiet); err == nil || !strings.Contains(err.Error(), "must begin with") {
		t.Errorf("redirect to a file: %v", err)
	}
}

// An address may hold a key. Whoever it sends us on to does not learn it, and nobody on the way does.
func TestARedirectTakesNoKeyAlong(t *testing.T) {
	t.Parallel()
	secure := func(h http.HandlerFunc) *httptest.Server {
		s := httptest.NewTLSServer(h)
		t.Cleanup(s.Close)
		return s
	}
	second := secure(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "[\""+r.Referer()+"\"]")
	})
	plain := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "[]") })
	first := secure(func(w http.ResponseWriter, r *http.Request) {
		to := second.URL + "/list"
		if r.URL.Path == "/plain" {
			to = plain.URL
		}
		http.Redirect(w, r, to, http.StatusFound)
	})
	f := fetcher(Limits{})
	f.http.Transport = first.Client().Transport // trusts the certificate of both
	got, err := f.fetch(t.Context(), first.URL+"/feed?key=SECRET", validators{}, quiet)
	if err != nil || string(got.payload) != `[""]` {
		t.Errorf("the second server was told %+v %v", got, err)
	}
	if _, err := f.fetch(t.Context(), first.URL+"/plain", validators{}, quiet); err == nil || !strings.Contains(err.Error(), "read or change") {
		t.Errorf("sent on to http: %v", err)
	}
}

// What a server may do to us, and what we say.
func TestBadServers(t *testing.T) {
	t.Parallel()
	noise := make([]byte, 300<<10)
	_, _ = rand.Read(noise)
	endless := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(noise); err != nil {
				return
			}
		}
	}
	status := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(code)
			_, _ = io.WriteString(w, body)
		}
	}
	for name, c := range map[string]struct {
		limits Limits
		h      http.HandlerFunc
		want   string
	}{
		"endless": {Limits{Size: 1 << 20}, endless, "too large"},
		"announces too much": {Limits{Size: 1 << 20}, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "9999999999")
		}, "larger than 1 MB"},
		"a bomb": {Limits{}, func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write(zipped(make([]byte, 64<<20)))
		}, "unpacks to far more"},
		"packed and endless": {Limits{Compressed: 1 << 20}, func(w http.ResponseWriter, r *http.Request) {
			z := gzip.NewWriter(w)
			for r.Context().Err() == nil {
				if _, err := z.Write(noise); err != nil {
					return
				}
			}
		}, "too large"},
		"unpacks to too much": {Limits{Size: 200 << 10}, func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write(zipped(noise))
		}, "too large"},
		"cut in the packing": {Limits{}, func(w http.ResponseWriter, r *http.Request) {
			z := zipped(noise)
			_, _ = w.Write(z[:len(z)/2])
		}, "cut short"},
		"damaged": {Limits{}, func(w http.ResponseWriter, r *http.Request) {
			z := zipped(noise)
			z[len(z)-5] ^= 1
			_, _ = w.Write(z)
		}, "damaged"},
		"hangs up": {Limits{}, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "[1,")
			panic(http.ErrAbortHandler)
		}, "cut short"},
		"says nothing": {Limits{Idle: 50 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
		}, "stopped answering"},
		"stops in the middle": {Limits{Idle: 50 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "[1,2")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, "stopped answering"},
		"drips": {Limits{Idle: 10 * time.Second, Whole: 100 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
			tick := time.NewTicker(5 * time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-r.Context().Done():
					return
				case <-tick.C:
					_, _ = io.WriteString(w, " ")
					w.(http.Flusher).Flush()
				}
			}
		}, "took too long"},
		"brotli unasked": {Limits{}, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "br")
		}, "not asked for (br)"},
		"challenge":        {Limits{}, status(403, "<title>Just a moment...</title>"), "whether a person is reading"},
		"refused":          {Limits{}, status(403, "no"), "may need a key"},
		"not there":        {Limits{}, status(404, ""), "no feed at this address"},
		"broken":           {Limits{}, status(502, ""), "problem of its own (502)"},
		"odd":              {Limits{}, status(206, ""), "unexpected (206)"},
		"304 out of place": {Limits{}, status(304, ""), "unexpected (304)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, c.h)
			got, err := fetcher(c.limits).fetch(t.Context(), s.URL+"/?key=secret", validators{}, quiet)
			f := fault.As(err)
			if f == nil || !strings.Contains(f.Text(), c.want) {
				t.Fatalf("got %v, error %v; want %q", got, err, c.want)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error repeats the feed's key: %v", err)
			}
		})
	}
}

func TestAServerThatSaysWhenToComeBack(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "7200")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	_, err := fetcher(Limits{}).fetch(t.Context(), s.URL, validators{}, quiet)
	later, ok := err.(retryLater)
	if !ok || later.after != 2*time.Hour || !strings.Contains(err.Error(), "less often") {
		t.Errorf("got %v", err)
	}
}

func TestAnInterruptedFetch(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		stop()
		<-r.Context().Done()
	})
	if _, err := fetcher(Limits{}).fetch(ctx, s.URL, validators{}, quiet); err == nil || fault.As(err) != nil {
		t.Errorf("an interruption is nobody's fault: %v", err)
	}
}

func TestInnerAddresses(t *testing.T) {
	t.Parallel()
	for _, a := range []string{
		"127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
		"100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0",
		"fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1",
		"64:ff9b:1::1", "2002:7f00:1::", "2001::1", "fec0::1",
	} {
		if err := refuseInner("tcp", net.JoinHostPort(a, "80"), nil); err == nil {
			t.Errorf("%s should be refused", a)
		}
	}
	for _, a := range []string{"8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111"} {
		if err := refuseInner("tcp", net.JoinHostPort(a, "443"), nil); err != nil {
			t.Errorf("%s should be allowed: %v", a, err)
		}
	}
	if err := refuseInner("tcp", "nonsense", nil); err == nil {
		t.Error("nonsense should be refused")
	}
}

func TestNoFetchFromOurOwnNetwork(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { t.Errorf("asked for %s", r.URL) })
	port := netip.MustParseAddrPort(s.Listener.Addr().String()).Port()
	f := New(nil, Options{})
	for _, host := range []string{"127.0.0.1", "localhost", "localhost.", "sub.localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "0x7f000001", "2130706433"} {
		_, err := f.fetch(t.Context(), fmt.Sprintf("http://%s:%d/", host, port), validators{}, quiet)
		if err == nil {
			t.Errorf("%s was fetched", host)
		}
	}
	// The first look-up of the name gives a public address, the one that is dialled an inner one.
	f.http.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{Control: refuseInner}).DialContext(ctx, network, s.Listener.Addr().String())
	}
	if _, err := f.fetch(t.Context(), "http://feed.example.org/", validators{}, quiet); !strings.Contains(fmt.Sprint(err), "private network") {
		t.Errorf("rebinding: %v", err)
	}
	// A public server sends us inwards.
	out := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
	})
	f.http.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, out.Listener.Addr().String())
	}
	if _, err := f.fetch(t.Context(), "http://feed.example.org/", validators{}, quiet); !strings.Contains(fmt.Sprint(err), "private network") {
		t.Errorf("redirect: %v", err)
	}
}

func TestFileFeeds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	f := fetcher(Limits{Size: 1 << 10})
	if got, err := f.fetchFile(write("feed.json.gz", zipped([]byte("[1]"))), quiet); err != nil || string(got.payload) != "[1]" {
		t.Errorf("%v %v", got, err)
	}
	for path, want := range map[string]string{
		write("large.json", make([]byte, 2<<10)): "too large",
		filepath.Join(dir, "absent"):             "not there",
		dir:                                      "not a file",
		"/dev/zero":                              "not a file",
	} {
		if _, err := f.fetchFile(path, quiet); !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}

// endless never stops sending.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// Not parallel: it counts what is allocated. An endless feed costs little more than the limit.
func TestAnEndlessFeedCostsNoMoreThanTheLimit(t *testing.T) {
	limits := Limits{Size: 32 << 20}.orUsual()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := readPayload(endless{}, limits, quiet)
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(fetchFault(t.Context(), err).Error(), "The feed is too large") {
		t.Errorf("got %v", err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 40<<20 {
		t.Errorf("%d MB for a limit of 32 MB", used>>20)
	}
	if usual := (Limits{}).orUsual().Size; usual != 128<<20 {
		t.Errorf("the usual limit is %d MB", usual>>20)
	}
	whole := bytes.Repeat([]byte("abcdefg"), 300_000)
	if got, err := readPayload(bytes.NewReader(whole), limits, quiet); err != nil || !bytes.Equal(got, whole) {
		t.Errorf("%d bytes of %d, %v", len(got), len(whole), err)
	}
}

func TestPosition(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		offset       int64
		line, column int
	}{{0, 1, 1}, {1, 1, 1}, {3, 1, 3}, {5, 2, 1}, {8, 2, 3}, {100, 2, 4}} {
		if l, col := position([]byte("abc\néfg"), c.offset); l != c.line || col != c.column {
			t.Errorf("offset %d: line %d column %d, want %d and %d", c.offset, l, col, c.line, c.column)
		}
	}
}

func TestOurOwnLists(t *testing.T) {
	t.Parallel()
	s := New(nil, Options{BaseURL: "https://hearth.example.org/town"})
	for address, want := range map[string]bool{
		"https://hearth.example.org/town/feeds/meetings.json":     true,
		"http://HEARTH.example.org./town/feeds/meetings.json":     true,
		"https://hearth.example.org:443/town/api/v1/meetings":     true,
		"https://hearth.example.org/other/feeds/meetings.json":    false,
		"https://hearth.example.org:8443/town/feeds/meetings.ics": false,
		"https://else.example.org/town/feeds/meetings.json":       false,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.isOurs(u); got != want {
			t.Errorf("%s: ours %v, want %v", address, got, want)
		}
	}
}
