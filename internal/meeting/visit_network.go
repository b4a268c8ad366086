package meeting

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"hearth/internal/db"
)

// How many reports one network may send in a day: the first ones count at once, the next ones wait for an
// editor (a clinic's waiting room shares one network), the rest are refused.
const (
	directPerNetwork = 10
	queuedPerNetwork = 30
)

// networkOf is the part of an address that stands for one household or one building: the whole of an IPv4
// address, the first 56 bits of an IPv6 one. What is no address is a network of its own.
func networkOf(remote string) string {
	remote = strings.TrimSpace(remote)
	addr, err := netip.ParseAddr(remote)
	if err != nil {
		withPort, portErr := netip.ParseAddrPort(remote)
		if portErr != nil {
			return "unknown"
		}
		addr = withPort.Addr()
	}
	addr = addr.Unmap().WithZone("")
	bits := 32
	if addr.Is6() {
		bits = 56
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return "unknown"
	}
	return p.String()
}

// What a network may send. Each is counted apart: a building that tells of its visits can still say that
// a meeting has moved.
const (
	countVisits      = "visit"
	countSuggestions = "suggestion"
)

// counterOf hides parts in twenty bits under a key of the day. That is enough to count and too little to
// find an address again, even for somebody who has the key.
func counterOf(key []byte, parts ...string) string {
	mac := hmac.New(sha256.New, key)
	for _, p := range parts {
		mac.Write([]byte(p))
		mac.Write([]byte{0})
	}
	return hex.EncodeToString(mac.Sum(nil))[:5]
}

// countNetwork counts one thing of a kind from a network, in all and on one meeting. It makes the day's key when
// there is none yet and deletes what is left of other days.
func countNetwork(ctx context.Context, tx *db.Tx, kind, remote, meetingID string, now time.Time) (all, here int64, err error) {
	day := now.UTC().Format("2006-01-02")
	if err := forgetNetworks(ctx, tx, now); err != nil {
		return 0, 0, err
	}
	key, err := secretOf(ctx, tx, "network_key", "day", day)
	if err != nil {
		return 0, 0, err
	}
	network := networkOf(remote)
	for _, c := range []struct {
		counter string
		n       *int64
	}{{"n" + counterOf(key, kind, network), &all}, {"m" + counterOf(key, kind, network, meetingID), &here}} {
		*c.n, err = db.One(ctx, tx, db.Column[int64],
			`INSERT INTO visit_network (day, counter, n) VALUES ($1, $2, 1)
			ON CONFLICT (day, counter) DO UPDATE SET n = visit_network.n + 1 RETURNING n`, day, c.counter)
		if err != nil {
			return 0, 0, fmt.Errorf("count a network: %w", err)
		}
	}
	return all, here, nil
}

// forgetNetworks deletes the keys and counters of days that are over, and challenges that have expired.
func forgetNetworks(ctx context.Context, tx *db.Tx, now time.Time) error {
	day := now.UTC().Format("2006-01-02")
	if _, err := tx.Exec(ctx, `DELETE FROM visit_network WHERE day <> $1`, day); err != nil {
		return fmt.Errorf("forget counters: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM network_key WHERE day <> $1`, day); err != nil {
		return fmt.Errorf("forget the key of the day: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM challenge_used WHERE expires_at < $1`, db.Millis(now)); err != nil {
		return fmt.Errorf("forget challenges: %w", err)
	}
	return nil
}

// secretOf returns the secret of one row and makes it when it is not there. Two who make it at once end
// with the same one: the second insert gives way and the row is read again.
func secretOf[K string | int64](ctx context.Context, tx *db.Tx, table, column string, key K) ([]byte, error) {
	query := `SELECT secret FROM ` + table + ` WHERE ` + column + ` = $1`
	secret, err := db.One(ctx, tx, db.Column[[]byte], query, key)
	if !errors.Is(err, db.ErrNone) {
		return secret, err
	}
	fresh := make([]byte, 32)
	rand.Read(fresh) // never fails
	if _, err := tx.Exec(ctx, `INSERT INTO `+table+` (`+column+`, secret) VALUES ($1, $2) ON CONFLICT (`+column+`) DO NOTHING`, key, fresh); err != nil {
		return nil, fmt.Errorf("make a key in %s: %w", table, err)
	}
	return db.One(ctx, tx, db.Column[[]byte], query, key)
}

// challengeKey is the key with which challenges are signed. It tells nothing about anybody.
func challengeKey(ctx context.Context, tx *db.Tx) ([]byte, error) {
	return secretOf(ctx, tx, "challenge_key", "id", int64(1))
}

// NewChallenge makes a challenge for a report on that meeting.
func (s *Service) NewChallenge(ctx context.Context, meetingID string) (string, error) {
	key, err := db.One(ctx, s.db, db.Column[[]byte], `SELECT secret FROM challenge_key WHERE id = 1`)
	if errors.Is(err, db.ErrNone) {
		err = s.db.WithTx(ctx, func(tx *db.Tx) error {
			var err error
			key, err = challengeKey(ctx, tx)
			return err
		})
	}
	if err != nil {
		return "", fmt.Errorf("new challenge: %w", err)
	}
	return NewChallenge(key, meetingID, s.o.Now()), nil
}
