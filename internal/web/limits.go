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

func newLimits(now func() time.Time) *limits {
	return &limits{now: now, by: map[netip.Addr]*allowance{}, swep: now()}
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
	if now.Sub(l.swep) > forgetAfter {
		for a, v := range l.by {
			if now.Sub(v.seen) > forgetAfter {
				delete(l.by, a)
			}
		}
		l.swep = now
	}
	a := l.by[from]
	if a == nil {
		a = &allowance{read: rate.NewLimiter(readsPerSecond, readBurst), write: rate.NewLimiter(writesPerSecond, writeBurst)}
		l.by[from] = a
	}
	a.seen = now
	if r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions {
		return a.read.AllowN(now, 1)
	}
	return a.write.AllowN(now, 1)
}
