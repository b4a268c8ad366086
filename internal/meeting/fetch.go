package meeting

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"hearth/internal/fault"
)

// Limits bound one fetch, so that no feed can fill the memory or hold a sync for ever.
type Limits struct {
	Compressed int64         // bytes as sent, if packed
	Size       int64         // bytes after decompression
	Ratio      int64         // decompressed to compressed, once past the first megabyte
	Idle       time.Duration // without a byte
	Whole      time.Duration // from the first connection to the last byte
}

func (l Limits) orUsual() Limits {
	if l.Compressed <= 0 {
		l.Compressed = 64 << 20
	}
	if l.Size <= 0 {
		l.Size = 128 << 20
	}
	if l.Ratio <= 0 {
		l.Ratio = 200 // lists of meetings compress to a tenth; a bomb to a thousandth
	}
	if l.Idle <= 0 {
		l.Idle = time.Minute
	}
	if l.Whole <= 0 {
		l.Whole = 5 * time.Minute
	}
	return l
}

// validators let a server answer that nothing changed.
type validators struct{ etag, lastModified string }

// fetched is what an address or a file gave.
type fetched struct {
	payload    []byte
	unchanged  bool // 304: payload is empty
	validators validators
}

// retryLater is an answer that says when to come back.
type retryLater struct {
	after time.Duration
	error
}

func (e retryLater) Unwrap() error { return e.error }

const maxRedirects = 5

func newFetchClient(o Options) *http.Client {
	dialer := &net.Dialer{Timeout: 15 * time.Second}
	if !o.AllowPrivate {
		// On the address that is really dialled, after the name was looked up: a name that points to an
		// inner address only the second time does not help.
		dialer.Control = refuseInner
	}
	transport := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    15 * time.Second,
		MaxResponseHeaderBytes: 256 << 10,
		DisableCompression:     true, // so that what is sent can be counted beside what it becomes
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        30 * time.Second,
		// No proxy: it would dial in our place, and nobody would check the address.
	}
	return &http.Client{
		Transport: transport,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return fault.New(fault.Unavailable, "The address sends on more than %d times.", maxRedirects)
			}
			from := via[len(via)-1].URL
			if from.Scheme == "https" && r.URL.Scheme != "https" {
				return fault.New(fault.Unavailable, "The address sends on to one that anybody on the way could read or change.")
			}
			// Go tells the next server where it was sent from: the whole address, with the key that it may hold.
			r.Header.Del("Referer")
			return checkTarget(r.URL, o.AllowPrivate)
		},
	}
}

// fetch reads a URL. Errors are faults whose text may be shown; they never repeat the address, which may
// hold a key.
func (s *Service) fetch(ctx context.Context, address string, known validators, progress func(string)) (*fetched, error) {
	l := s.o.FetchLimits
	u, err := url.Parse(address)
	if err != nil {
		return nil, fault.New(fault.Invalid, "The address is not a valid URL.")
	}
	if err := checkTarget(u, s.o.AllowPrivate); err != nil {
		return nil, err
	}
	ctx, stop := context.WithTimeoutCause(ctx, l.Whole, errWholeTimeout)
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	idle := time.AfterFunc(l.Idle, func() { cancel(errIdleTimeout) })
	defer idle.Stop()

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fault.New(fault.Invalid, "The address is not a valid URL.")
	}
	req.Header.Set("User-Agent", s.userAgent())
	req.Header.Set("Accept", "application/json, text/csv;q=0.9, */*;q=0.5")
	req.Header.Set("Accept-Encoding", "gzip")
	if known.etag != "" {
		req.Header.Set("If-None-Match", known.etag)
	}
	if known.lastModified != "" {
		req.Header.Set("If-Modified-Since", known.lastModified)
	}
	progress("asking " + u.Host)
	res, err := s.http.Do(req)
	if err != nil {
		return nil, fetchFault(ctx, err)
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusNotModified && known != (validators{}) {
		return &fetched{unchanged: true, validators: known}, nil
	}
	if res.StatusCode != http.StatusOK {
		return nil, statusFault(res)
	}
	if res.ContentLength > l.Size {
		return nil, fault.New(fault.Unavailable, "The feed is larger than %s.", bytesText(l.Size))
	}
	switch enc := strings.ToLower(res.Header.Get("Content-Encoding")); enc {
	case "", "identity", "gzip", "x-gzip": // gzip is seen by its first bytes
	default:
		return nil, fault.New(fault.Unavailable, "The feed is packed in a way that was not asked for (%s).", shorten(enc, 20))
	}
	payload, err := readPayload(&watched{r: res.Body, idle: idle, after: l.Idle}, l, progress)
	if err != nil {
		return nil, fetchFault(ctx, err)
	}
	return &fetched{payload: payload, validators: validators{
		etag:         shorten(res.Header.Get("ETag"), 500),
		lastModified: shorten(res.Header.Get("Last-Modified"), 100),
	}}, nil
}

// fetchFile reads a feed that is a file on this machine, with the same limits.
func (s *Service) fetchFile(name string, progress func(string)) (*fetched, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fault.New(fault.Unavailable, "The file is not there.").Because(err)
	case err != nil:
		return nil, fault.New(fault.Unavailable, "The file cannot be read.").Because(err)
	case !info.Mode().IsRegular():
		return nil, fault.New(fault.Invalid, "This is not a file.")
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "The file cannot be read.").Because(err)
	}
	defer f.Close()
	payload, err := readPayload(f, s.o.FetchLimits, progress)
	if err != nil {
		return nil, fetchFault(context.Background(), err)
	}
	return &fetched{payload: payload}, nil
}

func (s *Service) userAgent() string {
	ua := "Hearth"
	if s.o.Release != "" {
		ua += "/" + s.o.Release
	}
	if s.o.BaseURL != "" {
		ua += " (+" + s.o.BaseURL + ")"
	}
	return ua
}

var (
	errWholeTimeout = errors.New("took too long as a whole")
	errIdleTimeout  = errors.New("nothing came for too long")
	errTooLarge     = errors.New("too large")
	errBomb         = errors.New("unpacks to far more than was sent")
)

// watched puts off the idle alarm whenever something comes.
type watched struct {
	r     io.Reader
	idle  *time.Timer
	after time.Duration
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if n > 0 {
		w.idle.Reset(w.after)
	}
	return n, err
}

// counted counts what is read and ends in errTooLarge after limit bytes.
type counted struct {
	r        io.Reader
	n, limit int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if c.n > c.limit {
		return 0, errTooLarge
	}
	return n, err
}

// readPayload reads to the end, unpacking gzip, within the limits.
func readPayload(r io.Reader, l Limits, progress func(string)) ([]byte, error) {
	in := &counted{r: r, limit: l.Size}
	head := make([]byte, 2)
	n, err := io.ReadFull(in, head)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return head[:n], nil
	}
	if err != nil {
		return nil, err
	}
	var src io.Reader = io.MultiReader(bytes.NewReader(head), in)
	packed := head[0] == 0x1f && head[1] == 0x8b
	if packed {
		in.limit = l.Compressed
		z, err := gzip.NewReader(src)
		if err != nil {
			return nil, err
		}
		src = z
	}
	// In portions that are joined once at the end: a buffer that doubles would take several times the limit
	// before it is seen that a feed has no end.
	var portions [][]byte
	free := []byte(nil)
	size, told := int64(0), int64(0)
	for {
		if len(free) == 0 {
			free = make([]byte, min(max(size, 64<<10), 4<<20))
			portions = append(portions, free[:0])
		}
		n, err := src.Read(free)
		last := len(portions) - 1
		portions[last] = portions[last][:len(portions[last])+n]
		free, size = free[n:], size+int64(n)
		switch {
		case size > l.Size:
			return nil, errTooLarge
		case packed && size > 1<<20 && size > l.Ratio*in.n:
			return nil, errBomb
		case size-told >= 4<<20:
			told = size
			progress("read " + bytesText(size))
		}
		if err == io.EOF {
			return bytes.Join(portions, nil), nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// fetchFault says in plain words why nothing usable came.
func fetchFault(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		err = cause // what stopped it, not how the stop looked from inside
	}
	if f := fault.As(err); f != nil {
		return f
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // without the address
	}
	var dns *net.DNSError
	is := func(target error) bool { return errors.Is(err, target) }
	message := "The feed cannot be reached."
	switch {
	case is(context.Canceled):
		return err
	case is(errTooLarge):
		message = "The feed is too large."
	case is(errBomb):
		message = "The feed unpacks to far more than was sent; it was not read further."
	case is(errIdleTimeout):
		message = "The feed stopped answering."
	case is(errWholeTimeout), is(context.DeadlineExceeded):
		message = "The feed took too long."
	case is(io.ErrUnexpectedEOF), is(io.EOF):
		message = "The feed was cut short."
	case is(gzip.ErrHeader), is(gzip.ErrChecksum):
		message = "The feed is damaged: it cannot be unpacked."
	case errors.As(err, &dns):
		message = "The name of the feed's server is not known."
	}
	return fault.New(fault.Unavailable, message).Because(err)
}

func statusFault(res *http.Response) error {
	head := make([]byte, 4096)
	n, _ := io.ReadFull(res.Body, head) // only to recognise a challenge; a short or broken body is fine
	challenge := res.Header.Get("Cf-Mitigated") == "challenge" || isChallenge(head[:n])
	code := res.StatusCode
	var err error
	switch {
	case challenge:
		err = errChallenge()
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		err = fault.New(fault.Unavailable, "The feed's server refuses us (%d). It may need a key.", code)
	case code == http.StatusNotFound || code == http.StatusGone:
		err = fault.New(fault.Unavailable, "There is no feed at this address (%d).", code)
	case code == http.StatusTooManyRequests:
		err = fault.New(fault.Unavailable, "The feed's server asks us to come less often (%d).", code)
	case code >= 500:
		err = fault.New(fault.Unavailable, "The feed's server has a problem of its own (%d).", code)
	default:
		err = fault.New(fault.Unavailable, "The feed's server answers with something unexpected (%d).", code)
	}
	if code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable {
		if sec, e := strconv.Atoi(res.Header.Get("Retry-After")); e == nil && sec > 0 {
			return retryLater{min(time.Duration(sec)*time.Second, 24*time.Hour), err}
		}
	}
	return err
}

func errChallenge() error {
	return fault.New(fault.Unavailable, "The feed's server asks whether a person is reading, so no program can. Ask its keepers to let Hearth in.")
}

// checkPage refuses a page where a list of meetings should be.
func checkPage(payload []byte) error {
	head := bytes.TrimLeft(bytes.TrimPrefix(payload[:min(len(payload), 4096)], []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(head) == 0 || head[0] != '<' {
		return nil
	}
	if isChallenge(head) {
		return errChallenge()
	}
	return fault.New(fault.Invalid, "A web page came instead of a list of meetings.")
}

func isChallenge(head []byte) bool {
	low := bytes.ToLower(head)
	for _, mark := range []string{"cf-chl", "challenge-platform", "just a moment...", "captcha", "_incapsula_"} {
		if bytes.Contains(low, []byte(mark)) {
			return true
		}
	}
	return false
}

func bytesText(n int64) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MB", n>>20)
	}
	return fmt.Sprintf("%d kB", n>>10)
}

// shorten cuts s to at most n bytes, between runes.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
