package meeting

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// A report that comes with a proof of work need not wait for an editor. The page is given a challenge and
// looks for a solution: a text such that the SHA-256 of "challenge:solution" begins with ProofBits zero
// bits. That is a second on an old phone, and an evening for ten thousand reports.
const (
	ProofBits     = 15
	ChallengeLife = 2 * time.Hour
)

// Why a challenge is not taken.
var (
	ErrChallengeForged  = errors.New("the challenge is not one of ours, or belongs to another meeting")
	ErrChallengeExpired = errors.New("the challenge has expired")
)

// NewChallenge makes a challenge for a report on that meeting: expiry, a random part, and a signature over
// both and the meeting.
func NewChallenge(key []byte, meetingID string, now time.Time) string {
	head := strconv.FormatInt(now.Add(ChallengeLife).UnixMilli(), 36) + "." + rand.Text()
	return head + "." + signChallenge(key, meetingID, head)
}

// ReadChallenge checks that a challenge is ours, for that meeting and still good, and returns its id, which
// is to be used once, and its expiry.
func ReadChallenge(key []byte, challenge, meetingID string, now time.Time) (id string, expires time.Time, err error) {
	cut := strings.LastIndexByte(challenge, '.')
	if cut < 0 || len(challenge) > 200 || !hmac.Equal([]byte(challenge[cut+1:]), []byte(signChallenge(key, meetingID, challenge[:cut]))) {
		return "", time.Time{}, ErrChallengeForged
	}
	end, id, ok := strings.Cut(challenge[:cut], ".")
	ms, parseErr := strconv.ParseInt(end, 36, 64)
	if !ok || parseErr != nil {
		return "", time.Time{}, ErrChallengeForged
	}
	expires = time.UnixMilli(ms)
	if !now.Before(expires) {
		return "", time.Time{}, ErrChallengeExpired
	}
	return id, expires, nil
}

// Solves tells whether the solution solves the challenge.
func Solves(challenge, solution string) bool {
	if len(solution) > 64 {
		return false
	}
	sum := sha256.Sum256([]byte(challenge + ":" + solution))
	zeros := 0
	for _, b := range sum {
		zeros += bits.LeadingZeros8(b)
		if b != 0 {
			break
		}
	}
	return zeros >= ProofBits
}

// Solve finds a solution, as a page does. It is for the command line, demos and tests.
func Solve(challenge string) string {
	for i := 0; ; i++ {
		if s := strconv.Itoa(i); Solves(challenge, s) {
			return s
		}
	}
}

func signChallenge(key []byte, meetingID, head string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("hearth visit challenge\x00" + meetingID + "\x00" + head))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}
