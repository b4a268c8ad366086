package meeting

import (
	"slices"
	"sync"
	"time"

	"hearth/internal/meeting/index"
)

// recent keeps answers to questions without a place and without words. They read the whole directory, and
// there are few of them: everybody who arrives asks the same ones, until a minute later.
type recent struct {
	mu     sync.Mutex
	minute int64
	found  map[string]recentFound
	days   map[string][8]int
}

type recentFound struct {
	rows  []index.Match
	found Found
}

const (
	recentLeast = 10_000 // meetings in a directory that is worth it
	recentMost  = 256    // answers of each sort
	recentRows  = 256    // rows of an answer
)

// recentKey is what the answer to a filter depends on besides the minute; "" where it is not kept.
func (d *Directory) recentKey(f *Filter) string {
	if f.Near != nil || f.Text != "" || d.Len() < recentLeast {
		return ""
	}
	return "?" + f.Values().Encode()
}

// at forgets what was true in another minute.
func (r *recent) at(now time.Time) {
	minute := now.Unix() / 60
	if r.minute != minute || r.found == nil || len(r.found) >= recentMost || len(r.days) >= recentMost {
		r.minute, r.found, r.days = minute, map[string]recentFound{}, map[string][8]int{}
	}
}

func (r *recent) matches(key string, now time.Time, rows []index.Match) ([]index.Match, Found, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at(now)
	a, ok := r.found[key]
	return append(rows, a.rows...), a.found, ok
}

func (r *recent) keepMatches(key string, now time.Time, rows []index.Match, found Found) {
	if len(rows) > recentRows {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at(now)
	r.found[key] = recentFound{slices.Clone(rows), found}
}

func (r *recent) countDays(key string, now time.Time) ([8]int, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at(now)
	days, ok := r.days[key]
	return days, ok
}

func (r *recent) keepDays(key string, now time.Time, days [8]int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at(now)
	r.days[key] = days
}
