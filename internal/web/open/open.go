// Package open owns what other programs read: the API, feeds, calendars, booklets and the embedded finder.
//
// It must never show more than the pages do, and nothing here needs an account.
package open

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"hearth/internal/meeting"
	"hearth/internal/web/page"
)

// Pages are the handlers of this package.
type Pages struct {
	Meetings  *meeting.Service
	Places    meeting.Places
	Now       func() time.Time
	BaseURL   string
	Community string
}

// share lets pages of other sites read an answer; nothing here depends on who asks.
func share(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Access-Control-Expose-Headers", "ETag, X-Request-Id")
}

// Options answers a browser that asks whether it may read.
func (p Pages) Options(w http.ResponseWriter, _ *http.Request) error {
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
	h := w.Header()
	tag := `"` + strconv.FormatUint(xxhash.Sum64(body), 36) + `"`
	h.Set("ETag", tag)
	h.Set("Cache-Control", "public, max-age=60")
	if matches(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	_, _ = w.Write(body) // the reader may have left
	return nil
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

var _ page.Handler = Pages{}.Options
