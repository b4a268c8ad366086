package account

import (
	"strings"
	"sync"
	"time"

	"hearth/internal/fault"
)

// throttle slows down whoever guesses. It counts wrong tries per network and name together, per network
// alone, and per name over all networks. The last would let strangers keep a person out of their account; so
// a browser that this person has signed in with before, which Opened.Known lets us know again, counts by
// itself instead. Passkeys are not throttled by name: there is nothing to guess.
//
// It lives in memory, because no address is kept at rest; a restart forgives everybody. It does not know
// whether a name exists, so it cannot tell.
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
	perName    = allowance{50, 3 * time.Minute}
)

// of says how much a pair may use.
func (p pair) of() allowance {
	switch {
	case p.name == "":
		return perNetwork
	case p.network == "":
		return perName
	}
	return perPair
}

// remembered bounds the memory of the throttle. Beyond it, full budgets are forgotten first.
const remembered = 20_000

func newThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, used: map[pair]budget{}}
}

// pairs are the budgets that a try uses up. A known browser has one of its own.
func pairs(name, network, known string) []pair {
	if known != "" {
		return []pair{{"known " + known, name}}
	}
	if network == "" { // without a network there would be one budget for everybody
		return []pair{{"nowhere", name}, {"", name}}
	}
	return []pair{{network, name}, {network, ""}, {"", name}}
}

// wait takes one try and returns zero, or takes none and returns how long to wait.
func (t *throttle) wait(name, network, known string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	all := pairs(name, network, known)
	var wait time.Duration
	for _, p := range all {
		wait = max(wait, t.budget(p, now).until(p.of()))
	}
	if wait > 0 {
		return wait
	}
	for _, p := range all {
		b := t.budget(p, now)
		b.left--
		t.used[p] = b
	}
	t.forget(now)
	return 0
}

// succeeded gives back what a right answer has taken.
func (t *throttle) succeeded(name, network, known string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range pairs(name, network, known) {
		if p.of() == perPair {
			delete(t.used, p)
		} else if b, ok := t.used[p]; ok {
			b.left++
			t.used[p] = b
		}
	}
}

func (t *throttle) budget(p pair, now time.Time) budget {
	a := p.of()
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
		if t.budget(p, now).left >= p.of().size {
			delete(t.used, p)
		}
	}
	for p := range t.used {
		if len(t.used) <= remembered/2 {
			return
		}
		if p.network != "" { // what protects a name is kept longest
			delete(t.used, p)
		}
	}
	for p := range t.used {
		if len(t.used) <= remembered {
			return
		}
		delete(t.used, p)
	}
}

// slow refuses a try that comes too soon, in words that are the same for every name.
func (s *Service) slow(what, name string, d Device) (done func(), err error) {
	key := what + " " + nameKey(name)
	known := s.recognise(name, d.Known)
	if wait := s.throttle.wait(key, d.Network, known); wait > 0 {
		s.refused(what+", too many", "")
		return nil, fault.New(fault.TooMany, "That was too many tries. Please wait %d seconds.", int(wait/time.Second)+1)
	}
	return func() { s.throttle.succeeded(key, d.Network, known) }, nil
}

// known is what lets a browser be known again as one with which a name has signed in. It names nobody.
func (s *Service) known(signIn string) string {
	chance := pick(20)
	return chance + "." + s.o.Vault.Index("account.known", chance+" "+nameKey(signIn))
}

// recognise returns the part of a mark that tells browsers apart when it was made for that name, or "".
func (s *Service) recognise(signIn, mark string) string {
	chance, _, ok := strings.Cut(mark, ".")
	if !ok || len(chance) != 20 || mark != chance+"."+s.o.Vault.Index("account.known", chance+" "+nameKey(signIn)) {
		return ""
	}
	return chance
}
