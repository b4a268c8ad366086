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
	"hearth/internal/backup"
	"hearth/internal/casework"
	"hearth/internal/community"
	"hearth/internal/consent"
	"hearth/internal/db"
	"hearth/internal/doctor"
	"hearth/internal/meeting"
	"hearth/internal/privacy"
	"hearth/internal/web/page"
)

// Options is what the server needs from the house.
type Options struct {
	Settings       *community.Service
	BaseURL        string
	LeaveURL       string
	DataFolder     string // where an optional map.pmtiles lies; "" for none
	TrustedProxies []netip.Prefix
	Now            func() time.Time
	Log            *slog.Logger
	Metrics        *prometheus.Registry
	Policies       *access.Policies
	Accounts       *account.Service
	Casework       *casework.Service
	Consents       *consent.Service
	Privacy        *privacy.Service
	Meetings       *meeting.Service
	Places         meeting.Places
	Setup          Setup
	Backups        func(context.Context) (backup.Last, error)
	Record         *db.DB                      // for reading the audit record
	Ready          func(context.Context) error // nil error: this process can answer
}

// Setup is what the pages of the set-up need from the machine that this runs on.
type Setup struct {
	KeyFile string
	KeyMark func() string              // of the keys in use
	Folder  func(path string) error    // fault.Invalid: backups cannot be written there
	ZoneOf  func(region string) string // the time zone of a place, "" where it is not sure
	Examine func(context.Context) (doctor.Report, error)
}

// server is the handler with what its middleware needs.
type server struct {
	o       Options
	mux     *http.ServeMux
	metrics metrics
	limits  *limits
	proxies []netip.Prefix
	carries map[string]Carries // by pattern; a pattern that is not in it carries nothing
	unnamed sync.Once          // the warning about a proxy that nobody named
}

// New returns the handler of the whole site.
func New(o Options) http.Handler {
	s := &server{o: o, mux: http.NewServeMux(), metrics: newMetrics(o.Metrics), limits: newLimits(o.Now), proxies: o.TrustedProxies, carries: map[string]Carries{}}
	s.routes()
	var h http.Handler = s.mux
	h = s.crossOrigin(h)
	h = compress(h)
	h = s.arrive(h)
	return h
}

// Carries says what a route carries of participants.
type Carries int

// A route carries nothing of participants, shows something to those who may see it here, or lets it out.
const (
	Nothing Carries = iota
	Shows
	LetsOut
)

// private registers a page that shows something about a participant to somebody who signed in. Nothing of it
// is kept anywhere.
func (s *server) private(pattern string, h page.Handler) { s.carry(pattern, Shows, h) }

// wayOut registers a route by which something about a participant leaves. Its handler sends what the gate of
// package consent released, and nothing else.
func (s *server) wayOut(pattern string, h page.Handler) { s.carry(pattern, LetsOut, h) }

func (s *server) carry(pattern string, what Carries, h page.Handler) {
	s.carries[pattern] = what
	s.handle(pattern, page.Signed(func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		return h(w, r)
	}))
}

// elsewhere registers what programs, other sites and calendars read.
func (s *server) elsewhere(pattern string, h page.Handler) {
	s.mux.Handle(pattern, s.serveTo(h, true))
}

// handle registers a page.
func (s *server) handle(pattern string, h page.Handler) {
	s.mux.Handle(pattern, s.serve(h))
}
