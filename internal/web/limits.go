package web

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limits keeps one network from using up the server for everybody. Addresses live only in this map, in
// memory, for as long as they are active.
type limits struct {
	now  func() time.Time
	mu   sync.Mutex
	by   map[netip.Addr]*allowance
	swep time.Time

	others *allowance // of all networks that found the map full
}

type allowance struct {
	read, write *rate.Limiter
	seen        time.Time
}

// A page with its pictures is about ten requests; a clinic's waiting room shares one address. A form is
// sent by a person.
const (
	readsPerSecond, readBurst   = 50, 300
	writesPerSecond, writeBurst = 1, 30
	forgetAfter                 = 10 * time.Minute
)

// The map holds at most so many networks: who has a large block of IPv6 addresses has more networks than we
// have memory. When it is full, those whose allowance is whole again are forgotten, which changes nothing for
// them; further ones share one allowance until then.
const (
	mostNetworks = 50_000
	wholeAgain   = writeBurst / writesPerSecond * time.Second // longer than reads take
	crowd        = 20                                         // as many networks' worth
)

func newAllowance(times int) *allowance {
	return &allowance{
		read:  rate.NewLimiter(rate.Limit(times*readsPerSecond), times*readBurst),
		write: rate.NewLimiter(rate.Limit(times*writesPerSecond), times*writeBurst),
	}
}

func newLimits(now func() time.Time) *limits {
	return &limits{now: now, by: map[netip.Addr]*allowance{}, swep: now(), others: newAllowance(crowd)}
}

// allow tells whether a request may pass. Requests from this machine are not limited: they come from a
// proxy that was not named, from a check, or from the owner.
func (l *limits) allow(from netip.Addr, r *http.Request) bool {
	if !from.IsValid() || from.IsLoopback() {
		return true
	}
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	switch full := len(l.by) >= mostNetworks; {
	case now.Sub(l.swep) > forgetAfter:
		l.forget(now, forgetAfter)
	case full && now.Sub(l.swep) > wholeAgain:
		l.forget(now, wholeAgain)
	}
	a := l.by[from]
	switch {
	case a != nil:
	case len(l.by) >= mostNetworks:
		a = l.others
	default:
		a = newAllowance(1)
		l.by[from] = a
	}
	a.seen = now
	if r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions {
		return a.read.AllowN(now, 1)
	}
	return a.write.AllowN(now, 1)
}

// forget takes out the networks that have not been seen for so long.
func (l *limits) forget(now time.Time, quiet time.Duration) {
	for a, v := range l.by {
		if now.Sub(v.seen) > quiet {
			delete(l.by, a)
		}
	}
	l.swep = now
}
