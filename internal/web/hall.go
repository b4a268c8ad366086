package web

import (
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"hearth/internal/access"
	"hearth/internal/account"
	"hearth/internal/fault"
	pages "hearth/internal/web/account"
	"hearth/internal/web/casework"
	"hearth/internal/web/desk"
	"hearth/internal/web/keep"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// securityPolicy is the strict Content-Security-Policy of every page. Nothing inline, nothing from
// elsewhere; data: and blob: images are what the map draws its pins with.
const securityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "

// onEveryAnswer are the headers that never differ, with their names in canonical form: written once, they
// cost a request next to nothing.
var onEveryAnswer = [...]struct {
	name  string
	value []string
}{
	{"X-Content-Type-Options", []string{"nosniff"}},
	{"Referrer-Policy", []string{"no-referrer"}},
	{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
	{"Permissions-Policy", []string{"geolocation=(self), camera=(), microphone=(), interest-cohort=()"}},
	{"Content-Security-Policy", []string{securityPolicy + "frame-ancestors 'none'"}},
}

// arrive is what every request passes first: an id, headers, limits, the log line, and a net for panics.
func (s *server) arrive(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now() // the duration of a request is measured, not a rule: the handed-in clock may stand still
		visit := &page.Visit{ID: requestID(), Network: s.network(r)}
		rec := &recorder{ResponseWriter: w}
		h := w.Header()
		h["X-Request-Id"] = []string{visit.ID}
		for i := range onEveryAnswer {
			h[onEveryAnswer[i].name] = onEveryAnswer[i].value
		}
		if isHTTPS(r, s.believes(r)) {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		defer func() {
			p := recover()
			cut := p != nil && rec.wrote
			if p != nil && p != http.ErrAbortHandler {
				s.o.Log.Error("panic", "request", visit.ID, "route", rec.pattern, "panic", p, "stack", string(debug.Stack()))
			}
			switch {
			case cut, p == http.ErrAbortHandler:
				rec.code = http.StatusInternalServerError // whatever was promised, it was not kept
			case p != nil:
				for _, name := range []string{"ETag", "Content-Encoding", "Content-Disposition", "Last-Modified"} {
					h.Del(name)
				}
				h.Set("Cache-Control", "no-store")
				http.Error(rec, "Something went wrong here. Request "+visit.ID, http.StatusInternalServerError)
			}
			s.metrics.observe(rec.pattern, r.Method, rec.status(), time.Since(began))
			level := slog.LevelDebug // the address of a page can tell what somebody was looking for: only the route is logged
			if rec.status() >= 500 {
				level = slog.LevelWarn
			}
			if s.o.Log.Enabled(r.Context(), level) {
				s.o.Log.Log(r.Context(), level, "request", "id", visit.ID, "method", r.Method, "route", rec.pattern, "status", rec.status(), "ms", time.Since(began).Milliseconds())
			}
			if cut || p == http.ErrAbortHandler {
				panic(http.ErrAbortHandler) // the connection breaks off: half an answer must not look like a whole one
			}
		}()
		if !s.limits.allow(visit.Network, r) {
			h.Set("Retry-After", "10")
			http.Error(rec, "Too many requests from your network. Please wait ten seconds.", http.StatusTooManyRequests)
			return
		}
		r = r.WithContext(page.With(r.Context(), visit))
		next.ServeHTTP(rec, r)
		rec.pattern = r.Pattern
	})
}

// serve turns a page.Handler into an http.Handler: it makes the shell, finds out who is signed in, and
// shows an error as a page.
func (s *server) serve(h page.Handler) http.Handler { return s.serveTo(h, false) }

// serveTo is serve, and tells what is read elsewhere apart; see rememberLanguage.
func (s *server) serveTo(h page.Handler, elsewhere bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := page.Of(r)
		v.Shell = s.shell(r)
		if rec := unwrap(w); rec != nil {
			rec.pattern = r.Pattern
		}
		if !elsewhere {
			s.rememberLanguage(w, r, v.Shell.T)
		}
		https := isHTTPS(r, s.believes(r))
		if c, err := r.Cookie(pages.SessionCookie(https)); err == nil && c.Value != "" {
			switch a, err := s.o.Accounts.Session(r.Context(), c.Value); {
			case err == nil:
				if _, err := r.Cookie("lang"); err != nil && a.Language != "" && !strings.Contains(r.URL.RawQuery, "lang=") { // what was chosen on this device stands
					v.Shell.T = ui.Language(a.Language)
				}
				if a.Session.Short {
					v.Shell.Short = true
					w.Header().Set("Cache-Control", "no-store")
					// A page that is left open on somebody else's device does not stay open.
					w.Header().Set("Refresh", strconv.Itoa(int(account.ShortIdle/time.Second)+60)+"; url=/signin?ended=yes")
				}
				v.Who = &page.Who{ID: a.ID, Name: a.Name, Roles: a.Roles(), Actor: a.Actor(), Account: a, Fresh: account.Fresh(a, s.o.Now())}
				v.Shell.Account = &ui.Signed{Name: a.Name, Roles: v.Who.Roles}
				v.Policies = s.o.Policies
				v.Shell.Places = append(desk.Places(v.Shell.T, func(act access.Act, t access.Thing) bool { return page.Can(r, act, t) }), pages.Places(v.Shell.T, r)...)
				v.Shell.Places = append(keep.Places(v.Shell.T, r), v.Shell.Places...)
				v.Shell.Places = append(casework.Places(v.Shell.T, r), v.Shell.Places...)
			case fault.As(err) == nil:
				s.fail(w, r, err)
				return
			default: // it is over: the browser forgets it, and what it kept with it
				http.SetCookie(w, &http.Cookie{Name: pages.SessionCookie(https), Path: "/", MaxAge: -1, HttpOnly: true, Secure: https, SameSite: http.SameSiteLaxMode})
				if account.ShortToken(c.Value) {
					w.Header().Set("Clear-Site-Data", pages.Clear(c.Value))
				}
			}
		}
		err := h(w, r)
		if rec := unwrap(w); err != nil && rec != nil && rec.wrote {
			if r.Context().Err() == nil {
				s.o.Log.Error("cut short", "request", v.ID, "route", r.Pattern, "error", err)
			}
			panic(http.ErrAbortHandler) // too late for an error page
		}
		if err != nil {
			s.fail(w, r, err)
		}
	})
}

// shell is what stands around every page, before anybody is known to be signed in.
func (s *server) shell(r *http.Request) ui.Shell {
	c := s.o.Settings.Settings()
	return ui.Shell{T: ui.Pick(r, c.Languages...), Community: c.Name, Languages: c.Languages, Path: r.URL.Path, Query: r.URL.RawQuery, LeaveURL: s.o.LeaveURL}
}

// crossOrigin refuses unsafe requests that another site has caused (CSRF).
func (s *server) crossOrigin(next http.Handler) http.Handler {
	p := http.NewCrossOriginProtection()
	p.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.serve(func(http.ResponseWriter, *http.Request) error {
			return fault.New(fault.Forbidden, "This form was sent from another site. Please open the page here and send it again.")
		}).ServeHTTP(w, r)
	}))
	return p.Handler(next)
}

// rememberLanguage keeps a language that was chosen by ?lang= in a cookie that says nothing else.
// It is for pages that people choose a language on: what is read elsewhere, by others or from a shared cache,
// leaves nothing with whoever reads it.
func (s *server) rememberLanguage(w http.ResponseWriter, r *http.Request, t ui.T) {
	if !strings.Contains(r.URL.RawQuery, "lang=") || r.URL.Query().Get("lang") != t.Lang() {
		return
	}
	http.SetCookie(w, &http.Cookie{Name: "lang", Value: t.Lang(), Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: isHTTPS(r, s.believes(r)), SameSite: http.SameSiteLaxMode})
}

// network returns the address from which a request came, believing X-Forwarded-For only from a proxy
// that the administrator named. IPv6 is cut to its /56: that is one household, here as where reports are counted.
func (s *server) network(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	said := r.Header.Values("X-Forwarded-For")
	switch {
	case len(said) == 0:
	case s.believes(r):
		// A proxy may add a line of its own instead of lengthening the one that came: all lines are one list,
		// in their order, and only its end is believed.
		hops := strings.Split(strings.Join(said, ","), ",")
		for i := len(hops) - 1; i >= 0; i-- {
			hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
			if err != nil {
				break
			}
			a = hop
			if !contains(s.proxies, hop) {
				break
			}
		}
	case nearby(a.Unmap()):
		s.unnamed.Do(func() {
			s.o.Log.Warn("a proxy that is not in trusted-proxies sends X-Forwarded-For: everybody behind it counts as one network, and limits and visit reports suffer; name it with --trusted-proxies or HEARTH_TRUSTED_PROXIES")
		})
	}
	a = a.Unmap().WithZone("")
	if a.Is6() {
		p, err := a.Prefix(56)
		if err == nil {
			a = p.Addr()
		}
	}
	return a
}

// nearby tells whether an address is of this machine or this house: where a proxy usually stands.
func nearby(a netip.Addr) bool { return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() }

func (s *server) believes(r *http.Request) bool {
	if len(s.proxies) == 0 {
		return false
	}
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && contains(s.proxies, ap.Addr().Unmap())
}

func contains(ps []netip.Prefix, a netip.Addr) bool {
	for _, p := range ps {
		if p.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}

func isHTTPS(r *http.Request, proxied bool) bool {
	return r.TLS != nil || proxied && r.Header.Get("X-Forwarded-Proto") == "https"
}

func requestID() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return hex.EncodeToString(b[:])
}

// recorder remembers what was answered, for the log and the metrics.
type recorder struct {
	http.ResponseWriter
	code    int
	wrote   bool
	pattern string
}

func (r *recorder) WriteHeader(code int) {
	if !r.wrote && code >= 200 {
		r.code, r.wrote = code, true
	}
	r.ResponseWriter.WriteHeader(code)
}

func (r *recorder) Write(b []byte) (int, error) {
	r.wrote = true
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recorder) status() int {
	if r.code == 0 {
		return http.StatusOK
	}
	return r.code
}

func unwrap(w http.ResponseWriter) *recorder {
	for {
		switch v := w.(type) {
		case *recorder:
			return v
		case interface{ Unwrap() http.ResponseWriter }:
			w = v.Unwrap()
		default:
			return nil
		}
	}
}

func statusText(code int) string { return strconv.Itoa(code) }
