package meeting

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestProof(t *testing.T) {
	key, now := []byte("a key of thirty-two bytes or so.."), time.Date(2026, 5, 19, 20, 0, 0, 0, time.UTC)
	c := NewChallenge(key, "m1", now)
	if other := NewChallenge(key, "m1", now); other == c {
		t.Error("two challenges are the same")
	}
	for _, tt := range []struct {
		name, challenge, meeting string
		key                      []byte
		at                       time.Time
		want                     error
	}{
		{"solved", c, "m1", key, now.Add(time.Minute), nil},
		{"on the last moment", c, "m1", key, now.Add(ChallengeLife - time.Millisecond), nil},
		{"expired", c, "m1", key, now.Add(ChallengeLife), ErrChallengeExpired},
		{"for another meeting", c, "m2", key, now, ErrChallengeForged},
		{"under another key", c, "m1", []byte("other"), now, ErrChallengeForged},
		{"with a later expiry", "z" + c, "m1", key, now, ErrChallengeForged},
		{"nonsense", "nonsense", "m1", key, now, ErrChallengeForged},
		{"empty", "", "m1", key, now, ErrChallengeForged},
	} {
		if _, _, err := ReadChallenge(tt.key, tt.challenge, tt.meeting, tt.at); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	if !Solves(c, Solve(c)) || Solves(c, "") || Solves(c, strings.Repeat("1", 1000)) {
		t.Error("a solution must solve, nothing and an endless one must not")
	}
}

func TestNetworkOf(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.7": "192.0.2.7/32", "192.0.2.7:5000": "192.0.2.7/32", "::ffff:192.0.2.7": "192.0.2.7/32",
		"2001:db8:1:2:3::4": "2001:db8:1::/56", "[2001:db8:1:2:3::4]:443": "2001:db8:1::/56",
		"fe80::1%eth0": "fe80::/56", "": "unknown", "somewhere": "unknown",
	} {
		if got := networkOf(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestACounterIsTooShortToFindAnAddress(t *testing.T) {
	key := []byte("key")
	if a, b := counterOf(key, "192.0.2.7/32"), counterOf(key, "192.0.2.8/32"); len(a) != 5 || a == b {
		t.Errorf("counters %q and %q", a, b)
	}
	if counterOf(key, "a", "b") == counterOf(key, "ab") {
		t.Error("parts run into each other")
	}
}
