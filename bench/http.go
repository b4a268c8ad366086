package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"

	"hearth/bench/world"
	"hearth/internal/app"
	"hearth/internal/config"
	"hearth/internal/db"
	"hearth/internal/meeting"
)

// house opens the real thing over a database, with its clock at monday, and the finder's index built. No
// jobs run: the nightly ones would find that nobody made the visits that the world's cards rest on.
func house(ctx context.Context, d *db.DB, data string) (*app.House, error) {
	settings := map[string]string{"HEARTH_COMMUNITY": "Bench", "HEARTH_LOG_LEVEL": "warn", "HEARTH_DATA": data}
	c, err := config.Load(func(string) (string, bool) { return "", false }, func(name string) (string, bool) {
		v, ok := settings[name]
		return v, ok
	})
	if err != nil {
		return nil, err
	}
	began := time.Now()
	h, err := app.On(ctx, d, c, app.Outside{Stderr: io.Discard, Now: func() time.Time { return monday.Add(time.Since(began)) }})
	if err != nil {
		return nil, err
	}
	return h, h.Meetings.Start(ctx)
}

// answer serves a handler on a port of this machine until stop is called.
func answer(h http.Handler) (addr string, stop func() error, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	return l.Addr().String(), func() error {
		err := s.Close()
		if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	}, nil
}

// bare sends bodies that are known beforehand: what net/http costs without anything of ours.
func bare(kind string, bodies map[string][]byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := bodies[r.URL.RawQuery]
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	})
}

// versus is our handler beside the bare one.
type versus struct {
	ours, bare burst
	body       int // bytes, on average
	alone      time.Duration
}

// byProcessor is the same ratio per second of processor time: what it would be if nothing else ran here.
func (v *versus) byProcessor() float64 {
	return float64(v.ours.requests) / v.ours.cpu.Seconds() / (float64(v.bare.requests) / v.bare.cpu.Seconds())
}

func (v *versus) ratio() float64 { return v.ours.perSecond() / v.bare.perSecond() }

// compare loads both with the same questions by turns, so that a disturbance of the machine hits both.
// With variants each question is asked in that many ways that differ in nothing but their addresses, so
// that hardly one is asked twice.
func compare(ctx context.Context, ours http.Handler, kind string, path string, filters []meeting.Filter, variants int, long time.Duration) (v versus, err error) {
	var paths, queries []string
	for n := range variants {
		for _, f := range filters {
			f.WithinMiles += float64(n) / (1 << 20)
			query := f.Values().Encode()
			queries = append(queries, query)
			paths = append(paths, path+"?"+query)
		}
	}
	requests := rawRequests(paths)
	addr, stop, err := answer(ours)
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	got, err := fetch(addr, requests[:len(filters)])
	if err != nil {
		return v, err
	}
	bodies := map[string][]byte{}
	for i, query := range queries {
		bodies[query] = got[i%len(got)]
	}
	for _, b := range got {
		v.body += len(b) / len(got)
	}
	bareAddr, stopBare, err := answer(bare(kind, bodies))
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, stopBare()) }()
	const turns = 4
	for turn := range turns + 1 {
		from := turn * len(requests) / (turns + 1)
		b, err := load(ctx, bareAddr, requests, from, long/turns)
		if err != nil {
			return v, fmt.Errorf("bare handler: %w", err)
		}
		o, err := load(ctx, addr, requests, from, long/turns)
		if err != nil {
			return v, fmt.Errorf("our handler: %w", err)
		}
		if turn > 0 { // the first warms up
			v.bare.add(b)
			v.ours.add(o)
		}
	}
	return v, ctx.Err()
}

// fullPages are questions around places where a page is full.
func fullPages(w *world.World, dir *meeting.Directory, n int) []meeting.Filter {
	var out []meeting.Filter
	for _, f := range theQuestion(w, 20*n) {
		any := meeting.Any()
		any.Near, any.WithinMiles, any.Limit = f.Near, 25, 0
		if dir.Count(any, monday) >= pageSize && len(out) < n {
			out = append(out, any)
		}
	}
	return out
}

// nowhere takes an answer and forgets it.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (n nowhere) WriteHeader(int)             {}

// alone is what a handler costs without a network: the quickest of several rounds through all questions,
// so that what else the machine does counts little. With anew every round asks them at other addresses.
func alone(h http.Handler, path string, filters []meeting.Filter, anew bool) time.Duration {
	best := time.Hour
	for round := range 40 {
		var requests []*http.Request
		for _, f := range filters {
			if anew {
				f.WithinMiles -= float64(round+1) / (1 << 20)
			}
			r := httptest.NewRequest(http.MethodGet, path+"?"+f.Values().Encode(), nil)
			r.RemoteAddr = "127.0.0.1:1"
			requests = append(requests, r)
		}
		start := time.Now()
		for _, r := range requests {
			h.ServeHTTP(nowhere{http.Header{}}, r)
		}
		best = min(best, time.Since(start)/time.Duration(len(requests)))
	}
	return best
}
