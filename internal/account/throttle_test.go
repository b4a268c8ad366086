package account

import (
	"strconv"
	"testing"
	"time"
)

func TestThrottle(t *testing.T) {
	now := time.Date(2026, 5, 19, 12, 0, 0, 0, time.UTC)
	throttle := newThrottle(func() time.Time { return now })
	refused := func(name, network string, tries int) (n int) {
		for range tries {
			if throttle.wait(name, network, "") > 0 {
				n++
			}
		}
		return n
	}
	check := func(what string, got, want int) {
		t.Helper()
		if got != want {
			t.Errorf("%s: refused %d, want %d", what, got, want)
		}
	}
	check("one name from everywhere", func() (n int) {
		for i := range 60 {
			n += refused("bea", "net "+strconv.Itoa(i), 1)
		}
		return n
	}(), 10)
	check("one name from one network", refused("ana", "a", 8), 3)
	check("the same name from elsewhere", refused("ana", "b", 5), 0)
	if got := throttle.wait("ana", "a", ""); got != 30*time.Second {
		t.Errorf("wait %s, want 30 s; being refused must not make it longer", got)
	}
	now = now.Add(61 * time.Second)
	check("after a minute", refused("ana", "a", 5), 3)
	now = now.Add(time.Hour)
	check("after an hour, all is forgotten", refused("ana", "a", 5), 0)
	throttle.succeeded("ana", "a", "")
	check("after the right password", refused("ana", "a", 5), 0)

	many := 0
	for i := range 25 {
		many += refused(strconv.Itoa(i), "c", 1)
	}
	check("many names from one network", many, 5)
	check("a known browser while others guess", func() int { return refusedBy(throttle, "bea", "d", "mine", 5) }(), 0)
	check("a clock that is set back", func() int { now = now.Add(-time.Hour); return refused("ana", "d", 6) }(), 1)
}

func TestThrottleForgets(t *testing.T) {
	now := time.Date(2026, 5, 19, 12, 0, 0, 0, time.UTC)
	throttle := newThrottle(func() time.Time { return now })
	for i := range 3 * remembered {
		throttle.wait("ana "+strconv.Itoa(i%7), strconv.Itoa(i), "")
		if len(throttle.used) > remembered+2 {
			t.Fatalf("remembers %d after %d networks", len(throttle.used), i+1)
		}
		now = now.Add(time.Millisecond)
	}
}

func refusedBy(t *throttle, name, network, known string, tries int) (n int) {
	for range tries {
		if t.wait(name, network, known) > 0 {
			n++
		}
	}
	return n
}
