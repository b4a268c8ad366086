// Package web owns the street door: the server's handler, what every request passes on its way in, the
// list of all routes, and how an error becomes a page.
//
// It must never hold a rule of an area or SQL. Pages live in web/<area>; this package only knows where
// they are.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hearth/internal/access"
	"hearth/internal/account"
	"hearth/internal/db"
	"hearth/internal/meeting"
	"hearth/internal/web/page"
)

// Options is what the server needs from the house.
type Options struct {
	Community      string
	BaseURL        string
	LeaveURL       string
	DataFolder     string // where an optional map.pmtiles lies; "" for none
	TrustedProxies []netip.Prefix
	Now            func() time.Time
	Log            *slog.Logger
	Metrics        *prometheus.Registry
	Policies       *access.Policies
	Accounts       *account.Service
	Meetings       *meeting.Service
	Places         meeting.Places
	Record         *db.DB                      // for reading the audit record
	Ready          func(context.Context) error // nil error: this process can answer
}

// server is the handler with what its middleware needs.
type server struct {
	o       Options
	mux     *http.ServeMux
	metrics metrics
	limits  *limits
	proxies []netip.Prefix
	unnamed sync.Once // the warning about a proxy that nobody named
}

// New returns the handler of the whole site.
func New(o Options) http.Handler {
	s := &server{o: o, mux: http.NewServeMux(), metrics: newMetrics(o.Metrics), limits: newLimits(o.Now), proxies: o.TrustedProxies}
	s.routes()
	var h http.Handler = s.mux
	h = s.crossOrigin(h)
	h = compress(h)
	h = s.arrive(h)
	return h
}

// handle registers a page.
func (s *server) handle(pattern string, h page.Handler) {
	s.mux.Handle(pattern, s.serve(h))
}
