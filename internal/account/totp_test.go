package account

import (
	"strings"
	"testing"
	"time"
)

// The examples of RFC 6238, appendix B, whose codes have eight digits: the last six are ours.
func TestOneTimeCodesOfTheStandard(t *testing.T) {
	secret := base32Text.EncodeToString([]byte("12345678901234567890"))
	for at, want := range map[int64]string{59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130"} {
		got, err := codeAt(secret, stepAt(time.Unix(at, 0)))
		if err != nil || got != want[2:] {
			t.Errorf("at %d: %s, %v; want %s", at, got, err, want[2:])
		}
	}
}

func TestACodeFitsNearItsTimeAndOnce(t *testing.T) {
	secret, now := newSecret(), time.Unix(1_800_000_000, 0)
	code := func(steps int64) string {
		c, err := codeAt(secret, stepAt(now)+steps)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for steps, want := range map[int64]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		got, err := fits(secret, code(steps)[:3]+" "+code(steps)[3:], now, 0)
		if err != nil || (got != 0) != want {
			t.Errorf("%d steps off: %d, %v", steps, got, err)
		}
	}
	if got, _ := fits(secret, code(0), now, stepAt(now)); got != 0 {
		t.Error("a code that was used fits once more")
	}
	if got, _ := fits(secret, "", now, 0); got != 0 {
		t.Error("no code fits")
	}
	if u := otpauth("Millbrook Commons", "rio-k7m2", secret); !strings.HasPrefix(u, "otpauth://totp/Millbrook%20Commons:rio-k7m2?") || !strings.Contains(u, "issuer=Millbrook%20Commons") {
		t.Error(u)
	}
}
