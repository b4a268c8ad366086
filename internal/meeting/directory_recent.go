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
	mu      sync.Mutex
	minute  int64
	answers map[string]recentAnswer
}

type recentAnswer struct {
	rows  []index.Match
	found Found // without hits
	chips Chips
}

const (
	recentLeast = 10_000 // meetings in a directory that is worth it
	recentMost  = 256    // answers
	recentRows  = 256    // rows of an answer
)

// recentKey is what the answer to a filter depends on besides the minute; "" where it is not kept.
func (d *Directory) recentKey(f *Filter, chips bool) string {
	if f.Near != nil || f.Text != "" || f.Limit == 0 || d.Len() < recentLeast {
		return ""
	}
	if chips {
		return "chips " + f.Values().Encode()
	}
	return f.Values().Encode()
}

// at forgets what was true in another minute.
func (r *recent) at(now time.Time) {
	if minute := now.Unix() / 60; r.minute != minute || r.answers == nil || len(r.answers) >= recentMost {
		r.minute, r.answers = minute, map[string]recentAnswer{}
	}
}

func (r *recent) get(key string, now time.Time) (recentAnswer, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at(now)
	a, ok := r.answers[key]
	return a, ok
}

func (r *recent) keep(key string, now time.Time, a recentAnswer) {
	if len(a.rows) > recentRows {
		return
	}
	a.rows = slices.Clone(a.rows)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at(now)
	r.answers[key] = a
}
