package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/web/page"
)

// statuses is the one place where a kind becomes an HTTP status.
var statuses = map[fault.Kind]int{
	fault.Invalid:     http.StatusUnprocessableEntity,
	fault.NotFound:    http.StatusNotFound,
	fault.Forbidden:   http.StatusForbidden,
	fault.Conflict:    http.StatusConflict,
	fault.Gone:        http.StatusGone,
	fault.TooMany:     http.StatusTooManyRequests,
	fault.Unavailable: http.StatusServiceUnavailable,
}

// status turns a kind into its status. What nobody expected is a plain 500.
func status(f *fault.Error) int {
	if f == nil {
		return http.StatusInternalServerError
	}
	return statuses[f.Kind]
}

// fail shows err: a *fault.Error with its message, anything else as a plain 500 with the request's id. The
// cause goes to the log, never to the page.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	v := page.Of(r)
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		w.WriteHeader(499) // the reader has left
		return
	}
	f := fault.As(err)
	switch {
	case f != nil:
		if f.Unwrap() != nil {
			s.o.Log.Info("refused", "request", v.ID, "route", r.Pattern, "kind", f.Kind.String(), "cause", f.Unwrap())
		}
	case errors.Is(err, db.ErrBusy), errors.Is(err, context.DeadlineExceeded):
		s.o.Log.Warn("busy", "request", v.ID, "route", r.Pattern, "error", err)
		f = fault.New(fault.Unavailable, "There is a lot going on here just now. Please try again in a moment.")
	case errors.Is(err, db.ErrUnavailable), errors.Is(err, db.ErrFull), errors.Is(err, db.ErrReadOnly):
		s.o.Log.Error("database", "request", v.ID, "route", r.Pattern, "error", err)
		f = fault.New(fault.Unavailable, "We cannot get at our records just now. Please try again in a minute.")
	default:
		s.o.Log.Error("unexpected", "request", v.ID, "route", r.Pattern, "error", err)
	}
	if f != nil && (f.Kind == fault.TooMany || f.Kind == fault.Unavailable) {
		w.Header().Set("Retry-After", "30")
	}
	if form := page.FormOf(err); form != nil {
		said := f
		if said == nil {
			said = fault.New(fault.Unavailable, "Something went wrong here. It is our mistake, and what you wrote still stands here. If it happens again, this number helps us find it: %s", v.ID)
		}
		if e := page.Render(w, r, status(f), form(said)); e == nil {
			return
		}
	}
	s.show(w, r, status(f), f)
}

// show answers with a status and what a person may read of it: JSON for programs, a page for people.
func (s *server) show(w http.ResponseWriter, r *http.Request, status int, f *fault.Error) {
	v := page.Of(r)
	if strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, "/feeds/") {
		failJSON(w, status, v.ID, f)
		return
	}
	if v.Shell.T.Lang() == "" { // an error before the shell was made
		v.Shell = s.shell(r)
	}
	w.Header().Del("ETag")
	w.Header().Set("Cache-Control", "no-store")
	if err := page.Render(w, r, status, errorPage(v.Shell, status, v.ID, f)); err != nil {
		s.o.Log.Error("error page", "request", v.ID, "error", err)
		http.Error(w, "Something went wrong here. Request "+v.ID, http.StatusInternalServerError)
	}
}
