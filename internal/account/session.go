package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hearth/internal/access"
	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/fault"
)

// How long a session lasts: unused, and in any case. A short one is for a device that is not one's own.
const (
	sessionIdle = 7 * 24 * time.Hour
	sessionLife = 30 * 24 * time.Hour
	seenEvery   = time.Hour // how exactly its last use is noted
	ShortIdle   = 20 * time.Minute
	shortLife   = 8 * time.Hour
	seenShort   = time.Minute
)

// SessionLife is the longest that a session lasts, for the cookie that holds it.
const SessionLife = sessionLife

// freshFor is how long somebody who has just proved who they are may do what is dangerous.
const freshFor = 10 * time.Minute

// How says by what somebody signed in.
type How string

// The ways in.
const (
	ByPasskey  How = "passkey"
	ByPassword How = "password" // alone: an account of the command line that has no second step yet
	ByCode     How = "code"     // a password and a one-time code
	ByRecovery How = "recovery" // a printed code
	ByOIDC     How = "oidc"
	ByLink     How = "link" // an invitation, or the set-up
)

// Session is one sign-in on one device.
type Session struct {
	ID        string
	Device    string // such as "Firefox, Android"
	How       How
	Short     bool // on a device that is not their own
	CreatedAt time.Time
	SeenAt    time.Time // within the hour; of a short one within the minute
	ProvedAt  time.Time // when they last proved who they are
	Here      bool      // the one that asks, in a list
}

// Strong tells whether more than a password stood at the door.
func (s Session) Strong() bool { return s.How != ByPassword }

// Fresh tells whether the account's person has proved who they are within the last ten minutes. What is
// dangerous (ways of signing in, roles, invitations, leaving) asks for it.
func Fresh(a Account, now time.Time) bool {
	passed := now.Sub(a.Session.ProvedAt)
	return a.Session.ID != "" && passed >= 0 && passed <= freshFor
}

// Device is what is known of the browser that somebody signs in with.
type Device struct {
	Network  string // kept in memory only, for minutes
	Label    string // such as "Firefox, Android"
	Short    bool   // it is not theirs: a short session
	Known    string // what Opened.Known gave this browser, if it did
	Previous string // token of the session that this browser has; it ends
}

// Opened is what a sign-in gives: a session, or the second step that is still to come.
type Opened struct {
	Token   string // of the session, for its cookie
	Known   string // by which the browser is known again, so that others' guesses do not slow it
	Step    string // token of the second step; "" when there is a session
	Account Account
}

// open opens a session for an account. The token is new each time, and the one the browser had is over.
func (s *Service) openSession(ctx context.Context, tx *db.Tx, id string, how How, d Device) (Opened, error) {
	token := newToken()
	if d.Short {
		token = shortToken + token
	}
	now := s.now()
	if err := s.forgetSessions(ctx, tx); err != nil {
		return Opened{}, err
	}
	if d.Previous != "" {
		if _, err := tx.Exec(ctx, `DELETE FROM account_session WHERE token_hash = $1`, tokenHash(d.Previous)); err != nil {
			return Opened{}, err
		}
	}
	if _, err := tx.Exec(ctx, `INSERT INTO account_session (token_hash, id, account_id, device, how, short, created_at, seen_at, proved_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $7)`, tokenHash(token), db.NewID(), id, d.Label, string(how), d.Short, db.Millis(now)); err != nil {
		return Opened{}, err
	}
	a, err := s.account(ctx, tx, id)
	if err != nil {
		return Opened{}, err
	}
	out := Opened{Token: token, Account: a}
	if !d.Short {
		out.Known = s.known(a.SignIn)
	}
	return out, s.record(ctx, tx, id, "account.sign_in", id, string(how))
}

// forgetSessions removes sessions that are over.
func (s *Service) forgetSessions(ctx context.Context, tx *db.Tx) error {
	now := s.now()
	_, err := tx.Exec(ctx, `DELETE FROM account_session WHERE seen_at < $1 OR created_at < $2 OR short AND (seen_at < $3 OR created_at < $4)`,
		db.Millis(now.Add(-sessionIdle)), db.Millis(now.Add(-sessionLife)), db.Millis(now.Add(-ShortIdle)), db.Millis(now.Add(-shortLife)))
	return err
}

const sessionColumns = `s.id, s.device, s.how, s.short, s.created_at, s.seen_at, s.proved_at`

func scanSession(scan db.Scan, more ...any) (x Session, err error) {
	var how string
	var createdAt, seenAt, provedAt int64
	err = scan(append([]any{&x.ID, &x.Device, &how, &x.Short, &createdAt, &seenAt, &provedAt}, more...)...)
	x.How, x.CreatedAt, x.SeenAt, x.ProvedAt = How(how), db.Time(createdAt), db.Time(seenAt), db.Time(provedAt)
	return x, err
}

// live is the condition that a session still holds; its arguments are $2 to $5.
const live = `s.seen_at >= $2 AND s.created_at >= $3 AND (NOT s.short OR s.seen_at >= $4 AND s.created_at >= $5)`

func (s *Service) liveSince() []any {
	now := s.now()
	return []any{db.Millis(now.Add(-sessionIdle)), db.Millis(now.Add(-sessionLife)), db.Millis(now.Add(-ShortIdle)), db.Millis(now.Add(-shortLife))}
}

// Session returns the account that a token belongs to, and notes that it was used. fault.Forbidden: it
// belongs to none any more.
func (s *Service) Session(ctx context.Context, token string) (Account, error) {
	type found struct {
		row
		session Session
	}
	f, err := db.One(ctx, s.db, func(scan db.Scan) (f found, err error) {
		var createdAt int64
		f.session, err = scanSession(scan, &f.ID, &f.name, &f.signIn, &f.Language, &f.Disabled, &createdAt)
		f.CreatedAt = db.Time(createdAt)
		return f, err
	}, `SELECT `+sessionColumns+`, `+accountColumns+` FROM account_session s JOIN account a ON a.id = s.account_id
		WHERE s.token_hash = $1 AND `+live+` AND NOT a.disabled`, append([]any{tokenHash(token)}, s.liveSince()...)...)
	if errors.Is(err, db.ErrNone) {
		return Account{}, fault.New(fault.Forbidden, "Please sign in.")
	}
	if err != nil {
		return Account{}, fmt.Errorf("session: %w", err)
	}
	now, every := s.now(), seenEvery
	if f.session.Short {
		every = seenShort
	}
	if now.Sub(f.session.SeenAt) >= every {
		if _, err := s.db.Exec(ctx, `UPDATE account_session SET seen_at = $2 WHERE token_hash = $1`, tokenHash(token), db.Millis(now)); err != nil {
			return Account{}, fmt.Errorf("session: %w", err)
		}
	}
	all, err := s.open(ctx, s.db, []row{f.row})
	if err != nil {
		return Account{}, fmt.Errorf("session: %w", err)
	}
	a := all[0]
	a.Session = f.session
	if s.o.Emergency != nil {
		if a.emergency, err = s.o.Emergency(ctx, s.db, a.ID); err != nil {
			return Account{}, fmt.Errorf("session: %w", err)
		}
	}
	if !a.Session.Strong() {
		a.inForce = slices.DeleteFunc(a.inForce, func(g access.Grant) bool {
			return g.Role != access.Administrator && g.Role != access.Editor
		})
	}
	return a, nil
}

// Sessions lists where an account is signed in, the latest use first. Here marks the session with that id.
func (s *Service) Sessions(ctx context.Context, id, here string) ([]Session, error) {
	all, err := db.All(ctx, s.db, func(scan db.Scan) (Session, error) { return scanSession(scan) },
		`SELECT `+sessionColumns+` FROM account_session s WHERE s.account_id = $1 AND `+live+` ORDER BY s.seen_at DESC, s.id`,
		append([]any{id}, s.liveSince()...)...)
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	for i := range all {
		all[i].Here = all[i].ID == here
	}
	return all, nil
}

// SignOut ends the session of a token. One that is unknown is as good as ended.
func (s *Service) SignOut(ctx context.Context, token string) error {
	if _, err := s.db.Exec(ctx, `DELETE FROM account_session WHERE token_hash = $1`, tokenHash(token)); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// EndSession ends one session of an account. fault.NotFound: it has no such session.
func (s *Service) EndSession(ctx context.Context, actor, id, session string) error {
	return s.db.WithTx(ctx, func(tx *db.Tx) error {
		return s.change(ctx, tx, actor, "account.end_session", id, `DELETE FROM account_session WHERE account_id = $1 AND id = $2`, id, session)
	})
}

// EndSessions ends all sessions of an account but one; "" keeps none.
func (s *Service) EndSessions(ctx context.Context, actor, id, but string) error {
	return s.db.WithTx(ctx, func(tx *db.Tx) error {
		if err := s.endSessions(ctx, tx, id, but); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "account.end_sessions", id, "")
	})
}

func (s *Service) endSessions(ctx context.Context, tx *db.Tx, id, but string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM account_session WHERE account_id = $1 AND id <> $2`, id, but); err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}

// EndEverySession signs everybody out, as after a backup was put back, and ends open invitations: one that was
// taken up since would be open again.
func (s *Service) EndEverySession(ctx context.Context, tx *db.Tx, actor string) error {
	for _, table := range []string{"account_session", "account_step"} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table); err != nil {
			return fmt.Errorf("end every session: %w", err)
		}
	}
	// Not the link of a first start: then there is nobody yet.
	if _, err := tx.Exec(ctx, `UPDATE account_invitation SET ends_at = $1, name = NULL WHERE used_at = 0 AND NOT setup AND ends_at > $1`, db.Millis(s.now())-1); err != nil {
		return fmt.Errorf("end every session: %w", err)
	}
	return audit.Record(ctx, tx, audit.Entry{At: s.now(), Actor: actor, Action: "account.end_every_session", Subject: "account"})
}

// prove notes that the person of a session has just proved who they are again.
func (s *Service) prove(ctx context.Context, tx *db.Tx, session string, how How) error {
	// A session that began with a password alone becomes a strong one; none becomes weaker.
	_, err := tx.Exec(ctx, `UPDATE account_session SET proved_at = $2, how = CASE WHEN how = 'password' THEN $3 ELSE how END WHERE id = $1`,
		session, db.Millis(s.now()), string(how))
	return err
}

// shortToken begins the token of a short session, so that what its browser kept can be cleared also when the
// session is long over.
const shortToken = "short."

// ShortToken tells whether a token is that of a short session, whether or not it still holds.
func ShortToken(token string) bool { return strings.HasPrefix(token, shortToken) }

// newToken has 256 bits of chance.
func newToken() string { return rand.Text() + rand.Text() }

// tokenHash is what is stored of a token. A plain hash is enough for that much chance.
func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
