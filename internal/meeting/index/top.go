package index

import (
	"math"
	"slices"
)

// candidate is a document on its way to being a match.
type candidate struct {
	when  int32
	low   uint16
	ref   uint32
	miles float64
}

// A candidate's when is its date, and on it the minutes until the start by which it is listed.
const (
	whenDate   = 100_000 // one date
	whenNoTime = 90_000  // on its date
	whenNoDay  = math.MaxInt32
	whenEarly  = 2 * minutesPerDay // more than a start can be past
)

// listed takes when apart.
func (c *candidate) listed() (date, starts int32) {
	if c.when == whenNoDay {
		return NoDate, NoStart
	}
	date = int32(floor(int64(c.when)+whenEarly, whenDate))
	if starts = c.when - date*whenDate; starts == whenNoTime {
		starts = NoStart
	}
	return date, starts
}

// farAway is more than any distance: a meeting without one is sorted last.
const farAway = 1e6

// compare orders candidates, best first.
func (s *search) compare(a, b *candidate) int {
	switch {
	case a.when != b.when:
		return int(a.when) - int(b.when)
	case a.low != b.low:
		return int(b.low) - int(a.low)
	case a.miles < b.miles:
		return -1
	case a.miles > b.miles:
		return 1
	case s.q.Less == nil:
		return int(a.ref) - int(b.ref)
	case s.q.Less(a.ref, b.ref):
		return -1
	}
	return 1
}

// isWorse tells whether c is surely worse than d, whatever their distances.
func (c *candidate) isWorse(d *candidate) bool {
	return c.when > d.when || (c.when == d.when && c.low < d.low)
}

// consider keeps c if it is among the best s.keep so far. They form a heap with the worst on top, once
// there are that many.
func (s *search) consider(c candidate, pos uint32) {
	full := len(s.top) >= s.keep
	c.miles = math.Inf(1)
	if s.q.Near && pos < s.seg.tails[s.day] {
		c.miles = s.miles(pos)
	}
	switch {
	case !full:
		s.top = append(s.top, c)
		if len(s.top) == s.keep && !s.q.Unsorted {
			for i := len(s.top)/2 - 1; i >= 0; i-- {
				s.sink(i)
			}
		}
	case s.compare(&c, &s.top[0]) < 0:
		s.top[0] = c
		s.sink(0)
	}
}

// sink restores the heap below i.
func (s *search) sink(i int) {
	h := s.top
	for {
		worst := 2*i + 1
		if worst >= len(h) {
			return
		}
		if r := worst + 1; r < len(h) && s.compare(&h[r], &h[worst]) > 0 {
			worst = r
		}
		if s.compare(&h[worst], &h[i]) <= 0 {
			return
		}
		h[i], h[worst] = h[worst], h[i]
		i = worst
	}
}

func (s *search) sort() {
	slices.SortFunc(s.top, func(a, b candidate) int { return s.compare(&a, &b) })
}
