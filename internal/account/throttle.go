package account

import (
	"sync"
	"time"
)

// throttle slows down whoever guesses. It counts wrong tries per network and name together and per network
// alone, never per name alone: nobody can keep a person out of their account from somewhere else. How many
// passwords the whole house looks at per second is bounded besides, by the work that each one costs.
//
// It lives in memory, because no address is kept at rest; a restart forgives everybody.
type throttle struct {
	now  func() time.Time
	mu   sync.Mutex
	used map[pair]budget
}

type pair struct{ network, name string }

// budget is a bucket that each try takes one from and that fills again with time.
type budget struct {
	left float64
	at   time.Time
}

// allowance is the size of a budget and how long it takes to fill by one.
type allowance struct {
	size float64
	each time.Duration
}

var (
	perPair    = allowance{5, 30 * time.Second}
	perNetwork = allowance{20, 10 * time.Second}
)

// remembered bounds the memory of the throttle. Beyond it, full budgets are forgotten first.
const remembered = 20_000

func newThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, used: map[pair]budget{}}
}

// wait takes one try and returns zero, or takes none and returns how long to wait.
func (t *throttle) wait(name, network string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	both, alone := t.budget(pair{network, name}, perPair, now), t.budget(pair{network, ""}, perNetwork, now)
	wait := both.until(perPair)
	if network != "" { // without a network this would be one budget for everybody
		wait = max(wait, alone.until(perNetwork))
	}
	if wait > 0 {
		return wait
	}
	both.left--
	alone.left--
	t.used[pair{network, name}] = both
	if network != "" {
		t.used[pair{network, ""}] = alone
	}
	t.forget(now)
	return 0
}

// succeeded gives back what a right password has taken.
func (t *throttle) succeeded(name, network string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.used, pair{network, name})
	if b, ok := t.used[pair{network, ""}]; ok {
		b.left++
		t.used[pair{network, ""}] = b
	}
}

func (t *throttle) budget(p pair, a allowance, now time.Time) budget {
	b, ok := t.used[p]
	if !ok {
		return budget{a.size, now}
	}
	filled := b.left + float64(now.Sub(b.at))/float64(a.each)
	return budget{min(a.size, max(b.left, filled)), now}
}

func (b budget) until(a allowance) time.Duration {
	if b.left >= 1 {
		return 0
	}
	return time.Duration((1 - b.left) * float64(a.each))
}

// forget removes budgets that are full again, and when that is not enough, any.
func (t *throttle) forget(now time.Time) {
	if len(t.used) <= remembered {
		return
	}
	for p := range t.used {
		a := perPair
		if p.name == "" {
			a = perNetwork
		}
		if t.budget(p, a, now).left >= a.size {
			delete(t.used, p)
		}
	}
	for p := range t.used {
		if len(t.used) <= remembered/2 {
			return
		}
		delete(t.used, p)
	}
}
