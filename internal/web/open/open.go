// Package open owns what leaves the house for other programs, other sites and paper: the API, feeds,
// calendars, printed lists and the embedded finder.
//
// It must never show more than the pages do, and nothing here needs an account. Where something of ours is
// read elsewhere, on a shared telephone or another site, its title must never say why somebody looks.
package open

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"hearth/internal/meeting"
	pages "hearth/internal/web/meeting"
	"hearth/internal/web/ui"
)

// Options is what this package needs from the house.
type Options struct {
	Meetings  *meeting.Service
	Places    meeting.Places
	Now       func() time.Time
	BaseURL   string        // how others reach this server, without a slash at the end
	Community func() string // its name
	Words     *pages.Pages  // says what is known of a welcome
}

// Pages are the handlers of this package. They are safe for concurrent use.
type Pages struct {
	o     Options
	shelf *shelf
}

// New returns the handlers.
func New(o Options) *Pages {
	o.BaseURL = strings.TrimSuffix(o.BaseURL, "/")
	return &Pages{o: o, shelf: newShelf(o.Now)}
}

// share lets pages of other sites read an answer; nothing here depends on who asks.
func share(w http.ResponseWriter) {
	h := w.Header()
	h["Access-Control-Allow-Origin"] = anybody
	h["Cross-Origin-Resource-Policy"] = crossOrigin
	h["Access-Control-Expose-Headers"] = exposed
}

// Values that never differ, written once: no handler changes them.
var (
	anybody     = []string{"*"}
	crossOrigin = []string{"cross-origin"}
	exposed     = []string{"ETag, X-Request-Id"}
	nothing     = []string{"default-src 'none'; frame-ancestors 'none'"}
	aMinute     = []string{"public, max-age=60"}
	byEncoding  = []string{"Accept-Encoding"}
)

// Options answers a browser that asks whether it may read.
func (p *Pages) Options(w http.ResponseWriter, _ *http.Request) error {
	share(w)
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, HEAD")
	h.Set("Access-Control-Allow-Headers", "If-None-Match")
	h.Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// send writes a body with its ETag, or 304 when the reader has it.
func send(w http.ResponseWriter, r *http.Request, kind string, body []byte) error {
	if known(w, r, tagOf(xxhash.Sum64(body))) {
		return nil
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	_, _ = w.Write(body) // the reader may have left
	return nil
}

func tagOf(sum uint64) string { return `"` + strconv.FormatUint(sum, 36) + `"` }

// known sets the headers of something that may be kept for a minute, and answers 304 when the reader has
// it already.
func known(w http.ResponseWriter, r *http.Request, tag string) bool {
	h := w.Header()
	// This is no document: it may do nothing at all, and needs no word on what a document may do.
	delete(h, "Permissions-Policy")
	delete(h, "Cross-Origin-Opener-Policy")
	h["Content-Security-Policy"] = nothing
	h["Cache-Control"] = aMinute
	h["Vary"] = byEncoding
	h.Set("ETag", tag)
	if !matches(r.Header.Get("If-None-Match"), tag) {
		return false
	}
	w.WriteHeader(http.StatusNotModified)
	return true
}

// matches tells whether a tag is in an If-None-Match header, by weak comparison (RFC 9110, 13.1.2).
func matches(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == tag || part == "*" {
			return true
		}
	}
	return false
}

// words are those of the language that an address names. What programs read does not depend on who asks,
// so neither a cookie nor a browser's languages count.
func words(r *http.Request) ui.T { return ui.Language(r.URL.Query().Get("lang")) }
