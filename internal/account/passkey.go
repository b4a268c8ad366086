package account

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/vault"
)

// Passkey is one that an account has.
type Passkey struct {
	ID        string
	Label     string // what its owner calls it; "" when they did not say
	Synced    bool   // it lives on several of its owner's devices
	CreatedAt time.Time
	UsedAt    time.Time
	CopiedAt  time.Time // when its count first went backwards: it may exist twice. Zero for never
}

type passkeyRow struct {
	Passkey
	account string
	sealed  []byte
	cred    webauthn.Credential
}

const passkeyColumns = `p.id, p.account_id, p.credential_id, p.public_key, p.model, p.flags, p.transports, p.sign_count, p.copied_at, p.label, p.created_at, p.used_at`

func scanPasskey(scan db.Scan) (r passkeyRow, err error) {
	var id, model, ways string
	var flags, count, copiedAt, createdAt, usedAt int64
	if err := scan(&r.ID, &r.account, &id, &r.cred.PublicKey, &model, &flags, &ways, &count, &copiedAt, &r.sealed, &createdAt, &usedAt); err != nil {
		return r, err
	}
	r.CopiedAt, r.CreatedAt, r.UsedAt = db.Time(copiedAt), db.Time(createdAt), db.Time(usedAt)
	if r.cred.ID, err = protocolBytes(id); err != nil {
		return r, err
	}
	if r.cred.Authenticator.AAGUID, err = hex.DecodeString(model); err != nil {
		return r, err
	}
	r.cred.Authenticator.SignCount = uint32(count)
	r.cred.Flags = webauthn.NewCredentialFlags(protocol.AuthenticatorFlags(flags))
	r.Synced = r.cred.Flags.BackupState
	for w := range strings.FieldsSeq(ways) {
		r.cred.Transport = append(r.cred.Transport, protocol.AuthenticatorTransport(w))
	}
	return r, nil
}

func protocolBytes(s string) ([]byte, error) {
	var b protocol.URLEncodedBase64
	if err := b.UnmarshalJSON([]byte(`"` + s + `"`)); err != nil {
		return nil, err
	}
	return b, nil
}

func (s *Service) passkeys(ctx context.Context, q db.Querier, account string) ([]passkeyRow, error) {
	return db.All(ctx, q, scanPasskey, `SELECT `+passkeyColumns+` FROM account_passkey p WHERE p.account_id = $1 AND p.site = $2 ORDER BY p.created_at, p.id`, account, s.party.host)
}

// PasskeysOf lists the passkeys of an account, the oldest first.
func (s *Service) PasskeysOf(ctx context.Context, account string) ([]Passkey, error) {
	rows, err := s.passkeys(ctx, s.db, account)
	if err != nil {
		return nil, fmt.Errorf("passkeys: %w", err)
	}
	out := make([]Passkey, len(rows))
	for i, r := range rows {
		if r.Label, err = s.o.Vault.Open(ctx, s.db, labelPlace(account, r.ID), r.sealed); err != nil && !errors.Is(err, vault.ErrErased) {
			return nil, fmt.Errorf("passkeys: %w", err)
		}
		out[i] = r.Passkey
	}
	return out, nil
}

func labelPlace(account, id string) vault.Place {
	return vault.Place{Person: account, Table: "account_passkey", Column: "label", Row: id}
}

// Challenge is the first half of a ceremony: what the browser hands to the authenticator, and the token that
// brings the answer back to it.
type Challenge struct {
	Options json.RawMessage // as PublicKeyCredential.parse…OptionsFromJSON takes it
	Step    string
}

// BeginPasskey asks any passkey of this house to sign in. It writes down where the page goes afterwards.
func (s *Service) BeginPasskey(ctx context.Context, d Device, next string) (Challenge, error) {
	return s.ask(ctx, step{Kind: "passkey", Device: d, Next: next}, nil)
}

// BeginAgain asks one of the account's own passkeys to prove that its person is still here.
func (s *Service) BeginAgain(ctx context.Context, a Account, next string) (Challenge, error) {
	rows, err := s.passkeys(ctx, s.db, a.ID)
	if err != nil {
		return Challenge{}, fmt.Errorf("prove again: %w", err)
	}
	if len(rows) == 0 {
		return Challenge{}, fault.New(fault.NotFound, "You have no passkey here yet.")
	}
	var own []protocol.CredentialDescriptor
	for _, r := range rows {
		own = append(own, r.cred.Descriptor())
	}
	return s.ask(ctx, step{Kind: "again", Account: a.ID, Session: a.Session.ID, Next: next}, own)
}

func (s *Service) ask(ctx context.Context, x step, own []protocol.CredentialDescriptor) (Challenge, error) {
	if err := s.party.ready(); err != nil {
		return Challenge{}, err
	}
	options := []webauthn.LoginOption{webauthn.WithUserVerification(protocol.VerificationRequired)}
	if own != nil {
		options = append(options, webauthn.WithAllowedCredentials(own))
	}
	assertion, session, err := s.party.web.BeginDiscoverableLogin(options...)
	if err != nil {
		return Challenge{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	return s.challenge(ctx, x, assertion.Response, session)
}

func (s *Service) challenge(ctx context.Context, x step, options any, session *webauthn.SessionData) (c Challenge, err error) {
	if c.Options, err = json.Marshal(options); err != nil {
		return Challenge{}, fmt.Errorf("challenge: %w", err)
	}
	if x.WebAuthn, err = json.Marshal(session); err != nil {
		return Challenge{}, fmt.Errorf("challenge: %w", err)
	}
	c.Step, err = s.begin(ctx, x)
	return c, err
}

// FinishPasskey takes the authenticator's answer and opens a session. fault.Forbidden: it proves nothing, or
// the passkey may exist twice; fault.Gone: the challenge is over.
func (s *Service) FinishPasskey(ctx context.Context, token string, answer []byte) (Opened, string, error) {
	var out Opened
	var next string
	var refused error
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		refused = nil
		x, err := s.take(ctx, tx, "passkey", token)
		if err != nil {
			return err
		}
		next = x.Next
		var account string
		if account, refused, err = s.verify(ctx, tx, x, answer); refused != nil || err != nil {
			return err
		}
		out, err = s.openSession(ctx, tx, account, ByPasskey, x.Device)
		return err
	})
	if refused != nil {
		s.refused("passkey", "")
	}
	return out, next, first(refused, err, "sign in with a passkey")
}

// FinishAgain takes the answer to BeginAgain; the session counts as fresh. Errors as FinishPasskey.
func (s *Service) FinishAgain(ctx context.Context, a Account, token string, answer []byte) (next string, err error) {
	var refused error
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		refused = nil
		x, err := s.take(ctx, tx, "again", token)
		if err != nil {
			return err
		}
		if x.Session != a.Session.ID || x.Account != a.ID {
			return over()
		}
		next = x.Next
		if _, refused, err = s.verify(ctx, tx, x, answer); refused != nil || err != nil {
			return err
		}
		if err := s.prove(ctx, tx, x.Session, ByPasskey); err != nil {
			return err
		}
		return s.record(ctx, tx, a.ID, "account.prove", a.ID, string(ByPasskey))
	})
	return next, first(refused, err, "prove again")
}

// first returns the refusal that was committed, or what went wrong.
func first(refused, err error, what string) error {
	switch {
	case err != nil && fault.As(err) == nil:
		return fmt.Errorf("%s: %w", what, err)
	case err != nil:
		return err
	}
	return refused
}

// verify checks an answer against the passkey it names and writes down its count. refused is for the
// person; what is found out about a passkey that may be copied is committed with it.
func (s *Service) verify(ctx context.Context, tx *db.Tx, x step, answer []byte) (account string, refused, err error) {
	var session webauthn.SessionData
	if err := json.Unmarshal(x.WebAuthn, &session); err != nil {
		return "", nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return "", mistrusted(err), nil
	}
	var used passkeyRow
	find := func(raw, handle []byte) (webauthn.User, error) {
		r, err := db.One(ctx, tx, scanPasskey, `SELECT `+passkeyColumns+` FROM account_passkey p JOIN account a ON a.id = p.account_id
			WHERE p.credential_id = $1 AND p.site = $2 AND NOT a.disabled`, credentialID(raw), s.party.host)
		if err != nil {
			return nil, err
		}
		if x.Account != "" && r.account != x.Account || string(handle) != r.account {
			return nil, errors.New("it belongs to somebody else")
		}
		used = r
		return holder{id: r.account, credentials: []webauthn.Credential{r.cred}}, nil
	}
	_, cred, err := s.party.web.ValidatePasskeyLogin(find, session, parsed)
	if err != nil {
		return "", mistrusted(err), nil
	}
	if cred.Authenticator.CloneWarning {
		if _, err := tx.Exec(ctx, `UPDATE account_passkey SET copied_at = $2 WHERE id = $1 AND copied_at = 0`, used.ID, db.Millis(s.now())); err != nil {
			return "", nil, err
		}
		if err := s.record(ctx, tx, "system", "account.passkey_copied", used.account, used.ID); err != nil {
			return "", nil, err
		}
		return "", fault.New(fault.Forbidden, "This passkey may have been copied, so it opens nothing now. Sign in with your other one or a printed code, and remove it."), nil
	}
	_, err = tx.Exec(ctx, `UPDATE account_passkey SET sign_count = $2, flags = $3, used_at = $4 WHERE id = $1`,
		used.ID, int64(cred.Authenticator.SignCount), int64(cred.Flags.ProtocolValue()), db.Millis(s.now()))
	return used.account, nil, err
}

// BeginNewPasskey asks a device to make a passkey for an account that is signed in and fresh.
func (s *Service) BeginNewPasskey(ctx context.Context, a Account, label, next string) (Challenge, error) {
	if !Fresh(a, s.now()) {
		return Challenge{}, stale()
	}
	return s.make(ctx, step{Kind: "new passkey", Account: a.ID, Session: a.Session.ID, Label: tidyLabel(label), Next: next}, a.Name, a.SignIn)
}

func stale() error {
	return fault.New(fault.Forbidden, "Please show once more that it is you, then try again.")
}

func tidyLabel(label string) string {
	label = tidyName(label)
	if utf8.RuneCountInString(label) > 40 {
		label = string([]rune(label)[:40])
	}
	return label
}

func (s *Service) make(ctx context.Context, x step, name, signIn string) (Challenge, error) {
	if err := s.party.ready(); err != nil {
		return Challenge{}, err
	}
	rows, err := s.passkeys(ctx, s.db, x.Account)
	if err != nil {
		return Challenge{}, fmt.Errorf("make a passkey: %w", err)
	}
	h := holder{id: x.Account, name: name, signIn: signIn}
	var have []protocol.CredentialDescriptor
	for _, r := range rows {
		have = append(have, r.cred.Descriptor())
	}
	creation, session, err := s.party.web.BeginRegistration(h, webauthn.WithExclusions(have))
	if err != nil {
		return Challenge{}, fmt.Errorf("make a passkey: %w", err)
	}
	if name := s.o.Community(); name != "" {
		creation.Response.RelyingParty.Name = name
	}
	return s.challenge(ctx, x, creation.Response, session)
}

// FinishNewPasskey takes the new passkey. fault.Forbidden: the answer does not fit; fault.Gone: the
// challenge is over; fault.Conflict: it is here already.
func (s *Service) FinishNewPasskey(ctx context.Context, a Account, token string, answer []byte) (next string, err error) {
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		x, err := s.take(ctx, tx, "new passkey", token)
		if err != nil {
			return err
		}
		if x.Session != a.Session.ID || x.Account != a.ID {
			return over()
		}
		next = x.Next
		if err := s.keepPasskey(ctx, tx, x, answer); err != nil {
			return err
		}
		if err := s.prove(ctx, tx, x.Session, ByPasskey); err != nil {
			return err
		}
		return s.record(ctx, tx, a.ID, "account.add_passkey", a.ID, "")
	})
	if errors.Is(err, db.ErrUnique) {
		return "", fault.New(fault.Conflict, "This passkey is here already.")
	}
	return next, first(nil, err, "add a passkey")
}

// keepPasskey checks the answer to a creation and writes the passkey down.
func (s *Service) keepPasskey(ctx context.Context, tx *db.Tx, x step, answer []byte) error {
	var session webauthn.SessionData
	if err := json.Unmarshal(x.WebAuthn, &session); err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return mistrusted(err)
	}
	cred, err := s.party.web.CreateCredential(holder{id: x.Account}, session, parsed)
	if err != nil {
		return mistrusted(err)
	}
	id := db.NewID()
	label, err := s.o.Vault.Seal(ctx, tx, labelPlace(x.Account, id), x.Label)
	if err != nil {
		return err
	}
	now := db.Millis(s.now())
	_, err = tx.Exec(ctx, `INSERT INTO account_passkey (id, account_id, site, credential_id, public_key, model, flags, transports, sign_count, copied_at, label, created_at, used_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $11)`,
		id, x.Account, s.party.host, credentialID(cred.ID), cred.PublicKey, hex.EncodeToString(cred.Authenticator.AAGUID), int64(cred.Flags.ProtocolValue()),
		transports(cred.Transport), int64(cred.Authenticator.SignCount), label, now)
	return err
}

// RemovePasskey takes a passkey away. fault.Forbidden: the session is not fresh; fault.Conflict: nothing
// would be left to sign in with; fault.NotFound: the account has no such passkey.
func (s *Service) RemovePasskey(ctx context.Context, a Account, id string) error {
	if !Fresh(a, s.now()) {
		return stale()
	}
	return s.db.WithTx(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `DELETE FROM account_passkey WHERE account_id = $1 AND id = $2`, a.ID, id)
		if err != nil {
			return fmt.Errorf("remove a passkey: %w", err)
		}
		if n == 0 {
			return fault.New(fault.NotFound, "There is no such passkey.")
		}
		if err := s.wayIn(ctx, tx, a.ID); err != nil {
			return err
		}
		return s.record(ctx, tx, a.ID, "account.remove_passkey", a.ID, id)
	})
}

// wayIn refuses to leave somebody without any way to sign in again.
func (s *Service) wayIn(ctx context.Context, q db.Querier, account string) error {
	w, err := s.ways(ctx, q, account)
	if err != nil {
		return err
	}
	if w.Passkeys == 0 && !w.Password && !w.OIDC {
		return fault.New(fault.Conflict, "This is your only way in. Add another one first.")
	}
	return nil
}

// Ways are the ways in that an account has.
type Ways struct {
	Passkeys int
	Password bool
	Codes    bool // one-time codes
	OIDC     bool
	Recovery int // printed codes that are left
}

// Safe tells whether the loss of one thing would not lock the person out.
func (w Ways) Safe() bool {
	return w.Recovery > 0 || w.Passkeys > 1 || w.Passkeys > 0 && w.Password && w.Codes
}

// WaysOf tells how an account can sign in.
func (s *Service) WaysOf(ctx context.Context, account string) (Ways, error) {
	w, err := s.ways(ctx, s.db, account)
	if err != nil {
		return Ways{}, fmt.Errorf("ways in: %w", err)
	}
	return w, nil
}

func (s *Service) ways(ctx context.Context, q db.Querier, account string) (Ways, error) {
	return db.One(ctx, q, func(scan db.Scan) (w Ways, err error) {
		return w, scan(&w.Password, &w.Codes, &w.Passkeys, &w.OIDC, &w.Recovery)
	}, `SELECT a.password <> '', a.totp IS NOT NULL,
			(SELECT count(*) FROM account_passkey p WHERE p.account_id = a.id AND p.site = $2),
			EXISTS (SELECT 1 FROM account_oidc o WHERE o.account_id = a.id),
			(SELECT count(*) FROM account_recovery r WHERE r.account_id = a.id AND r.used_at = 0)
		FROM account a WHERE a.id = $1`, account, s.party.host)
}
