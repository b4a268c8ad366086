package account

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// One-time codes by RFC 6238, as every authenticator app makes them: SHA-1, six digits, thirty seconds.
const (
	totpStep   = 30 * time.Second
	totpDigits = 6
	totpSecret = 20 // bytes, as RFC 4226 asks for
	totpDrift  = 1  // steps that a clock may be off
)

var base32Text = base32.StdEncoding.WithPadding(base32.NoPadding)

func newSecret() string {
	b := make([]byte, totpSecret)
	rand.Read(b) // never fails
	return base32Text.EncodeToString(b)
}

// stepAt is the number of a moment's step.
func stepAt(t time.Time) int64 { return t.Unix() / int64(totpStep/time.Second) }

// codeAt is the code of a step (RFC 4226, section 5.3).
func codeAt(secret string, step int64) (string, error) {
	key, err := base32Text.DecodeString(secret)
	if err != nil {
		return "", fmt.Errorf("the secret of the one-time codes cannot be read: %w", err)
	}
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0x0f
	n := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, n%1_000_000), nil
}

// fits returns the step whose code this is, after the last one that was used; 0 for none.
func fits(secret, code string, now time.Time, last int64) (int64, error) {
	code = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, code)
	var found int64
	for step := stepAt(now) - totpDrift; step <= stepAt(now)+totpDrift; step++ {
		want, err := codeAt(secret, step)
		if err != nil {
			return 0, err
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && step > last {
			found = step
		}
	}
	return found, nil
}

// otpauth is the address that an authenticator app reads from the drawing.
func otpauth(community, signIn, secret string) string {
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + community + ":" + signIn}
	u.RawQuery = strings.ReplaceAll(url.Values{"secret": {secret}, "issuer": {community}, "digits": {"6"}, "period": {"30"}}.Encode(), "+", "%20")
	return u.String()
}

// spaced writes a secret in groups of four, for somebody who types it.
func spaced(secret string) string {
	var out []string
	for len(secret) > 4 {
		out = append(out, secret[:4])
		secret = secret[4:]
	}
	return strings.Join(append(out, secret), " ")
}
