// Package page owns what every handler does with a request: the language, the shell of the page, whoever
// is signed in, rendering to a buffer, redirects, and the reading of a form.
//
// It must never hold a rule of an area, nor SQL; it knows no route.
package page

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"hearth/internal/access"
	"hearth/internal/account"
	"hearth/internal/fault"
	"hearth/internal/web/ui"
)

// Handler answers a request or returns an error, which web turns into a page. A handler that has begun
// to write returns nil.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Visit is what the hall knows of a request by the time a handler sees it.
type Visit struct {
	ID       string     // request id, in logs and on error pages
	Shell    ui.Shell   // what every page shows around its content
	Who      *Who       // nil: nobody signed in
	Network  netip.Addr // where the request came from; never stored, never logged
	Policies *access.Policies
}

// Who is the person who signed in, as far as pages must know.
type Who struct {
	ID      string
	Name    string
	Roles   []string // in force today
	Actor   access.Actor
	Account account.Account
	Fresh   bool // they have just proved who they are: what is dangerous asks for it
}

type key struct{}

// With returns a context that carries v.
func With(ctx context.Context, v *Visit) context.Context { return context.WithValue(ctx, key{}, v) }

// Of returns the visit of a request. A request that came through no hall (in a test) has an English one.
func Of(r *http.Request) *Visit {
	if v, ok := r.Context().Value(key{}).(*Visit); ok {
		return v
	}
	return &Visit{Shell: ui.Shell{T: ui.Language("en"), Community: "Hearth", Path: r.URL.Path, Query: r.URL.RawQuery}}
}

// Shell returns the shell of the request's page.
func Shell(r *http.Request) ui.Shell { return Of(r).Shell }

// T returns the words of the request's language.
func T(r *http.Request) ui.T { return Of(r).Shell.T }

// SignedIn returns who is signed in, or nil.
func SignedIn(r *http.Request) *Who { return Of(r).Who }

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Render writes a whole page or nothing: it is rendered to a buffer first, so that an error in the
// middle becomes an error page and not half a page.
func Render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	return RenderKeep(w, r, status, c, func([]byte) {})
}

// RenderKeep is Render, and shows keep what is sent. Keep must copy what it wants to have later.
func RenderKeep(w http.ResponseWriter, r *http.Request, status int, c templ.Component, keep func([]byte)) error {
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	defer func() {
		if b.Cap() < 1<<20 {
			buffers.Put(b)
		}
	}()
	if err := c.Render(r.Context(), b); err != nil {
		return fmt.Errorf("render %s: %w", r.Pattern, err)
	}
	keep(b.Bytes())
	Send(w, status, b.Bytes())
	return nil
}

// Send writes a page that is rendered already.
func Send(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the reader may have left; there is nobody to tell
}

// Redirect sends the browser to another page of ours with 303, so that a reload sends no form twice.
func Redirect(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// againError is an error that is shown with the form that it is about.
type againError struct {
	error
	form func(*fault.Error) templ.Component
}

func (e *againError) Unwrap() error { return e.error }

// WithForm is err for the person who sent a form: it is answered by the form, filled in as it was, with what
// went wrong. That holds for what nobody expected too: nothing that somebody typed is lost.
func WithForm(err error, form func(*fault.Error) templ.Component) error {
	return &againError{err, form}
}

// FormOf returns what WithForm put around err, or nil.
func FormOf(err error) func(*fault.Error) templ.Component {
	var again *againError
	if errors.As(err, &again) {
		return again.form
	}
	return nil
}

// Accepts tells whether an Accept-Encoding header names a coding and does not refuse it with a weight of 0
// (RFC 9110, 12.5.3).
func Accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, weight, weighed := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
			return !weighed || err == nil && q > 0
		}
	}
	return false
}

// MaxForm is the most bytes that a form may have.
const MaxForm = 256 << 10

// Form reads a posted form of at most MaxForm bytes.
func Form(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, MaxForm)
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "This form could not be read. Please send it again.").Because(err)
	}
	return nil
}
