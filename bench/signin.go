package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hearth/internal/access"
	"hearth/internal/account"
	"hearth/internal/account/accounttest"
	"hearth/internal/app"
	"hearth/internal/config"
)

// What signing in with a passkey may cost the server, from the answer's arrival to the session.
const signInWithin = 150 * time.Millisecond

// benchSignIn signs in with a passkey, again and again, through the whole site over SQLite.
func benchSignIn(ctx context.Context, o *options, r *report) (err error) {
	c, err := config.Load(func(string) (string, bool) { return "", false }, func(name string) (string, bool) {
		return filepath.Join(o.dir, "signin"), name == "HEARTH_DATA"
	})
	if err != nil {
		return err
	}
	h, err := app.Open(ctx, c, app.Outside{Stderr: io.Discard})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	phone := &accounttest.Authenticator{Origin: c.BaseURL}
	link, _, err := h.Accounts.InviteAs(ctx, account.CommandLine, account.Invitation{Grants: []access.Grant{{Role: access.Peer}}})
	if err != nil {
		return err
	}
	joining, err := h.Accounts.BeginJoin(ctx, link, account.Joining{Name: "June"})
	if err != nil {
		return err
	}
	answer, err := phone.Create(joining.Options)
	if err != nil {
		return err
	}
	if _, err := h.Accounts.FinishJoin(ctx, joining.Step, answer); err != nil {
		return err
	}
	site := h.Handler()
	post := func(path, cookie string, form url.Values) (*httptest.ResponseRecorder, time.Duration) {
		req := httptest.NewRequestWithContext(ctx, http.MethodPost, path, strings.NewReader(form.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.RemoteAddr = "127.0.0.1:1"
		if cookie != "" {
			req.Header.Set("Cookie", cookie)
		}
		w := httptest.NewRecorder()
		start := time.Now()
		site.ServeHTTP(w, req)
		return w, time.Since(start)
	}
	var begins, finishes []time.Duration
	for until := time.Now().Add(o.long()); time.Now().Before(until); {
		began, took := post("/signin/passkey/begin", "", nil)
		begins = append(begins, took)
		var challenge struct{ Options json.RawMessage }
		if err := json.Unmarshal(began.Body.Bytes(), &challenge); err != nil {
			return fmt.Errorf("%d %s: %w", began.Code, began.Body, err)
		}
		if answer, err = phone.Get(challenge.Options); err != nil {
			return err
		}
		done, took := post("/signin/passkey", cookieOf(began), url.Values{"answer": {string(answer)}})
		if done.Code != http.StatusSeeOther {
			return fmt.Errorf("signing in: %d %s", done.Code, done.Body)
		}
		finishes = append(finishes, took)
	}
	t := r.table("Signing in with a passkey", fmt.Sprintf("Through the whole site over SQLite, one after another, %d times; every commit reaches the disk. To reach: %d ms from the answer's arrival to the session.",
		len(finishes), signInWithin.Milliseconds()), "step", "median", "99 %", "reached")
	for _, s := range []struct {
		name  string
		times []time.Duration
		bound bool
	}{{"the challenge", begins, false}, {"the answer, checked, and a session", finishes, true}} {
		slices.Sort(s.times)
		median, slow := s.times[len(s.times)/2], s.times[len(s.times)*99/100]
		reached := ""
		if s.bound {
			reached = r.verdict(slow <= signInWithin)
		}
		t.row(s.name, median.Round(10*time.Microsecond).String(), slow.Round(10*time.Microsecond).String(), reached)
	}
	return nil
}

func cookieOf(w *httptest.ResponseRecorder) string {
	var out []string
	for _, c := range w.Result().Cookies() {
		out = append(out, c.Name+"="+c.Value)
	}
	return strings.Join(out, "; ")
}
