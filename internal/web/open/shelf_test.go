package open

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// lines writes n lines that do not pack to nothing.
func lines(n int) func(context.Context, io.Writer) error {
	return func(_ context.Context, w io.Writer) error {
		for i := range n {
			if _, err := fmt.Fprintf(w, "line %d of %d, %x\n", i, n, i*i*2654435761); err != nil {
				return err
			}
		}
		return nil
	}
}

// TestShelfServesSmallAndLarge: the same bytes whether they lie in memory or packed in a file, and whatever
// the reader can unpack.
func TestShelfServesSmallAndLarge(t *testing.T) {
	t.Parallel()
	s := newShelf(time.Now)
	for _, n := range []int{0, 1, 1000, 100_000} {
		var want bytes.Buffer
		if err := lines(n)(t.Context(), &want); err != nil {
			t.Fatal(err)
		}
		e, err := s.get(t.Context(), strconv.Itoa(n), "1", lines(n))
		if err != nil {
			t.Fatal(err)
		}
		if large := want.Len() > inMemory; large != (e.file != nil) || large && e.packed >= e.size {
			t.Errorf("%d bytes: in a file %v, packed %d", want.Len(), e.file != nil, e.packed)
		}
		for _, accept := range []string{"", "gzip", "br;q=1, gzip;q=0.5", "gzip;q=0"} {
			for _, method := range []string{"GET", "HEAD"} {
				r := httptest.NewRequest(method, "/", nil)
				r.Header.Set("Accept-Encoding", accept)
				w := httptest.NewRecorder()
				if err := e.send(w, r, "text/plain"); err != nil {
					t.Fatal(err)
				}
				body := w.Body.Bytes()
				if method == "HEAD" {
					if len(body) != 0 {
						t.Errorf("HEAD has %d bytes", len(body))
					}
					continue
				}
				if w.Header().Get("Content-Length") != strconv.Itoa(len(body)) {
					t.Errorf("%d lines, %q: says %s bytes, sends %d", n, accept, w.Header().Get("Content-Length"), len(body))
				}
				if w.Header().Get("Content-Encoding") == "gzip" {
					if accept == "" || accept == "gzip;q=0" {
						t.Errorf("packed for a reader who takes %q", accept)
					}
					z, err := gzip.NewReader(bytes.NewReader(body))
					if err != nil {
						t.Fatal(err)
					}
					if body, err = io.ReadAll(z); err != nil {
						t.Fatal(err)
					}
				}
				if !bytes.Equal(body, want.Bytes()) {
					t.Errorf("%d lines, %q: other bytes than were written", n, accept)
				}
			}
		}
	}
}

// TestShelfMakesOnce: many readers at once wait for one making; another version is made anew; what fails is
// not kept; and the shelf does not grow.
func TestShelfMakesOnce(t *testing.T) {
	t.Parallel()
	s := newShelf(time.Now)
	var made atomic.Int32
	counting := func(ctx context.Context, w io.Writer) error {
		made.Add(1)
		return lines(10)(ctx, w)
	}
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if _, err := s.get(context.Background(), "week", "1", counting); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if made.Load() != 1 {
		t.Errorf("twenty readers had it made %d times", made.Load())
	}
	if _, err := s.get(t.Context(), "week", "2", counting); err != nil || made.Load() != 2 {
		t.Errorf("another version: made %d times, %v", made.Load(), err)
	}
	broken := errors.New("the disk is full")
	if _, err := s.get(t.Context(), "week", "3", func(_ context.Context, w io.Writer) error {
		_, _ = w.Write(make([]byte, 2*inMemory))
		return broken
	}); !errors.Is(err, broken) {
		t.Errorf("a failed making gives %v", err)
	}
	if e, err := s.get(t.Context(), "week", "3", counting); err != nil || e.size == 0 || made.Load() != 3 {
		t.Errorf("after a failure: %v, %v", e, err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	s.turn <- struct{}{}
	s.turn <- struct{}{} // both turns taken
	if _, err := s.get(gone, "other", "1", counting); !errors.Is(err, context.Canceled) {
		t.Errorf("a reader who left got %v", err)
	}
	<-s.turn
	<-s.turn
	for i := range 3 * shelfPlaces {
		if _, err := s.get(t.Context(), strconv.Itoa(i), "1", lines(1)); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.places) > shelfPlaces {
		t.Errorf("%d places on a shelf of %d", len(s.places), shelfPlaces)
	}
}

// TestShelfHoldsWhatTookLong: with another version, what took ten seconds still serves for a hundred.
func TestShelfHoldsWhatTookLong(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 19, 20, 0, 0, 0, time.UTC)
	s := newShelf(func() time.Time { return now })
	get := func(version string) string {
		t.Helper()
		e, err := s.get(t.Context(), "week", version, func(ctx context.Context, w io.Writer) error {
			now = now.Add(10 * time.Second)
			return lines(10)(ctx, w)
		})
		if err != nil {
			t.Fatal(err)
		}
		return e.version
	}
	get("1")
	now = now.Add(100 * time.Second)
	if got := get("2"); got != "1" {
		t.Errorf("after 100 s: version %s", got)
	}
	now = now.Add(time.Second)
	if got := get("2"); got != "2" {
		t.Errorf("after 101 s: version %s", got)
	}
}

// What is kept is bounded in bytes, and what was asked for last stays; a crowd is asked to come again.
func TestShelfIsBounded(t *testing.T) {
	t.Parallel()
	s := newShelf(time.Now)
	s.most = 200_000
	for i := range 40 {
		if _, err := s.get(t.Context(), strconv.Itoa(i), "1", lines(1000)); err != nil {
			t.Fatal(err)
		}
	}
	var sum int64
	for _, p := range s.places {
		sum += p.now.bytes()
	}
	if sum > s.most || len(s.places) < 2 || s.places["39"] == nil {
		t.Errorf("%d bytes in %d places are kept", sum, len(s.places))
	}
	for range cap(s.queue) {
		s.queue <- struct{}{}
	}
	if _, err := s.get(t.Context(), "one more", "1", lines(1)); !errors.Is(err, errCrowded) {
		t.Errorf("one more than may wait: %v", err)
	}
}
