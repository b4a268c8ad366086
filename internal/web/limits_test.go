package web

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
)

var (
	reading = httptest.NewRequest(http.MethodGet, "/", nil)
	writing = httptest.NewRequest(http.MethodPost, "/", nil)
	near    = netip.MustParseAddr("192.0.2.1")
	far     = netip.MustParseAddr("198.51.100.1")
)

// allowed counts how many of n requests pass.
func allowed(l *limits, from netip.Addr, r *http.Request, n int) (passed int) {
	for range n {
		if l.allow(from, r) {
			passed++
		}
	}
	return passed
}

func TestLimitsPerNetwork(t *testing.T) {
	now := time.Date(2026, 5, 19, 12, 0, 0, 0, time.UTC)
	l := newLimits(func() time.Time { return now })
	if got := allowed(l, near, reading, readBurst+50); got != readBurst {
		t.Errorf("%d reads at once, want %d", got, readBurst)
	}
	if got := allowed(l, near, writing, writeBurst+5); got != writeBurst {
		t.Errorf("%d forms at once, want %d however much was read", got, writeBurst)
	}
	if got := allowed(l, far, reading, 10); got != 10 {
		t.Errorf("another network: %d of 10", got)
	}
	now = now.Add(2 * time.Second)
	if got := allowed(l, near, reading, 1000); got != 2*readsPerSecond {
		t.Errorf("after two seconds %d reads, want %d", got, 2*readsPerSecond)
	}
	if got := allowed(l, near, writing, 1000); got != 2*writesPerSecond {
		t.Errorf("after two seconds %d forms, want %d", got, 2*writesPerSecond)
	}
}

func TestLimitsCountHeadAndOptionsAsReading(t *testing.T) {
	now := time.Date(2026, 5, 19, 12, 0, 0, 0, time.UTC)
	l := newLimits(func() time.Time { return now })
	for _, method := range []string{http.MethodHead, http.MethodOptions} {
		if got := allowed(l, near, httptest.NewRequest(method, "/", nil), 100); got != 100 {
			t.Errorf("%s: %d of 100", method, got)
		}
	}
	if got := allowed(l, near, httptest.NewRequest(http.MethodDelete, "/", nil), 100); got != writeBurst {
		t.Errorf("DELETE: %d, want %d as a form", got, writeBurst)
	}
}

func TestLimitsLetThisMachineAndTheUnknownThrough(t *testing.T) {
	now := time.Date(2026, 5, 19, 12, 0, 0, 0, time.UTC)
	l := newLimits(func() time.Time { return now })
	for _, from := range []netip.Addr{{}, netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::1")} {
		if got := allowed(l, from, writing, 1000); got != 1000 {
			t.Errorf("%s: %d of 1000", from, got)
		}
	}
	if len(l.by) != 0 {
		t.Errorf("kept %d addresses of requests that are not limited", len(l.by))
	}
}

// No address is kept longer than it is needed.
func TestLimitsForget(t *testing.T) {
	now := time.Date(2026, 5, 19, 12, 0, 0, 0, time.UTC)
	l := newLimits(func() time.Time { return now })
	allowed(l, near, writing, writeBurst+1)
	now = now.Add(forgetAfter)
	allowed(l, far, reading, 1)
	if _, kept := l.by[near]; !kept {
		t.Error("forgotten too early")
	}
	now = now.Add(forgetAfter / 2)
	allowed(l, far, reading, 1)
	now = now.Add(forgetAfter/2 + time.Second)
	allowed(l, far, reading, 1)
	if _, kept := l.by[near]; kept || len(l.by) != 1 {
		t.Errorf("%d addresses kept, want the active one alone", len(l.by))
	}
}

// However many networks somebody has, memory is bounded, nobody who is known is forgotten early, and newcomers
// are let in again once others are quiet.
func TestLimitsRememberSoManyNetworks(t *testing.T) {
	now := time.Date(2026, 5, 19, 12, 0, 0, 0, time.UTC)
	l := newLimits(func() time.Time { return now })
	allowed(l, near, writing, writeBurst)
	crowdOf := func(n int) (passed int) {
		for i := range n {
			passed += allowed(l, netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)}), writing, 1)
		}
		return passed
	}
	if got := crowdOf(mostNetworks + 10_000); got > mostNetworks+crowd*writeBurst {
		t.Errorf("%d of a crowd passed", got)
	}
	if len(l.by) > mostNetworks {
		t.Errorf("%d networks are remembered", len(l.by))
	}
	if allowed(l, near, writing, 1) != 0 {
		t.Error("a network that has used its allowance up was forgotten")
	}
	now = now.Add(wholeAgain + time.Second)
	if allowed(l, far, writing, writeBurst+5) != writeBurst || len(l.by) > 2 {
		t.Errorf("a newcomer after the crowd has no allowance of its own; %d networks are remembered", len(l.by))
	}
}
