package account

import (
	"strings"
	"testing"
)

func TestPassword(t *testing.T) {
	ctx := t.Context()
	// One accent, typed in two ways.
	composed, decomposed := "cuatro palabras m\u00e1s", "cuatro palabras ma\u0301s"
	hash, err := hashPassword(ctx, composed)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("got %s", hash)
	}
	for password, want := range map[string]bool{composed: true, decomposed: true, composed + " ": false, "": false} {
		if got, err := passwordFits(ctx, hash, password); got != want || err != nil {
			t.Errorf("%q: got %v, %v; want %v", password, got, err, want)
		}
	}
	other, err := hashPassword(ctx, composed)
	if err != nil || other == hash {
		t.Errorf("%v; the same password gives the same hash: there is no salt", err)
	}
	for _, broken := range []string{"", "x", "$argon2i$v=19$m=19456,t=2,p=1$AAAA$AAAA", "$argon2id$v=19$m=99999999,t=2,p=1$AAAA$AAAA", strings.Replace(hash, "v=19", "v=18", 1)} {
		if fits, err := passwordFits(ctx, broken, composed); fits || err == nil {
			t.Errorf("%q: got %v, %v; want an error", broken, fits, err)
		}
	}
}

// An unknown name must cost what a known one does, or the time of the answer tells them apart.
func TestNobodyCostsAsMuch(t *testing.T) {
	hash, err := hashPassword(t.Context(), "four words are enough")
	if err != nil {
		t.Fatal(err)
	}
	cost := func(hash string) string { return strings.Join(strings.Split(hash, "$")[:4], "$") }
	if cost(hashOfNobody) != cost(hash) || len(hashOfNobody) != len(hash) {
		t.Errorf("nobody costs %s, a person %s", hashOfNobody, hash)
	}
	if fits, err := passwordFits(t.Context(), hashOfNobody, ""); fits || err != nil {
		t.Errorf("got %v, %v; want a full comparison that fails", fits, err)
	}
}
