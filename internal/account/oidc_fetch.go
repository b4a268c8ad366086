package account

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"hearth/internal/db"
	"hearth/internal/fault"
)

// OIDC is an organisation's own sign-in (OpenID Connect). Without an issuer there is none.
type OIDC struct {
	Issuer, ClientID, ClientSecret string
	Client                         *http.Client // nil: one that waits ten seconds
}

// provider is the organisation's server, which is asked about itself when somebody first needs it.
type provider struct {
	o     OIDC
	back  string // where it sends people back to
	mu    sync.Mutex
	known *oidc.Provider
}

// OIDC tells whether an organisation's own sign-in is set up.
func (s *Service) OIDC() bool { return s.provider != nil }

func (p *provider) context(ctx context.Context) context.Context {
	c := p.o.Client
	if c == nil {
		c = &http.Client{Timeout: 10 * time.Second}
	}
	return oidc.ClientContext(ctx, c)
}

// find returns the provider's description and how to talk to it.
func (p *provider) find(ctx context.Context) (*oidc.Provider, *oauth2.Config, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil {
		// Its keys are fetched later with this context's client: it must outlive the request.
		found, err := oidc.NewProvider(p.context(context.WithoutCancel(ctx)), p.o.Issuer)
		if err != nil {
			return nil, nil, fault.New(fault.Unavailable, "Your organisation’s sign-in does not answer. Please try again, or use another way.").Because(err)
		}
		p.known = found
	}
	return p.known, &oauth2.Config{
		ClientID: p.o.ClientID, ClientSecret: p.o.ClientSecret, Endpoint: p.known.Endpoint(), RedirectURL: p.back, Scopes: []string{oidc.ScopeOpenID},
	}, nil
}

// BeginOIDC returns where to send the browser, and the token that binds the answer to it. An invitation's
// token, or an account that is signed in and fresh, is linked on the way back; otherwise it signs in.
func (s *Service) BeginOIDC(ctx context.Context, d Device, next, invitation string, j Joining, a *Account) (address, token string, err error) {
	if s.provider == nil {
		return "", "", fault.New(fault.NotFound, "No organisation’s sign-in is set up here.")
	}
	_, conf, err := s.provider.find(ctx)
	if err != nil {
		return "", "", err
	}
	x := step{Device: d, Next: next}
	switch {
	case invitation != "":
		j.Device = d
		if x, err = s.joining(ctx, invitation, j, ""); err != nil {
			return "", "", err
		}
		x.Next = next
	case a != nil:
		if !Fresh(*a, s.now()) {
			return "", "", stale()
		}
		x.Account, x.Session = a.ID, a.Session.ID
	}
	x.Kind, x.State, x.Nonce, x.Verifier = "oidc", newToken(), newToken(), oauth2.GenerateVerifier()
	if token, err = s.begin(ctx, x); err != nil {
		return "", "", err
	}
	return conf.AuthCodeURL(x.State, oauth2.S256ChallengeOption(x.Verifier), oidc.Nonce(x.Nonce)), token, nil
}

// FinishOIDC takes the organisation's answer: it signs in whom an account was linked to, or links. Without a
// link nobody gets in: the organisation says who somebody is, not that they belong here. fault.Forbidden:
// the answer does not fit, or is linked to nobody; fault.Gone: it took too long.
func (s *Service) FinishOIDC(ctx context.Context, token string, answer url.Values) (Opened, string, error) {
	if s.provider == nil {
		return Opened{}, "", fault.New(fault.NotFound, "No organisation’s sign-in is set up here.")
	}
	var x step
	err := s.db.WithTx(ctx, func(tx *db.Tx) (err error) {
		x, err = s.take(ctx, tx, "oidc", token)
		return err
	})
	if err != nil {
		return Opened{}, "", first(nil, err, "organisation’s sign-in")
	}
	subject, err := s.whoSays(ctx, x, answer)
	if err != nil {
		return Opened{}, x.Next, err
	}
	var out Opened
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		switch {
		case x.Invited != "":
			if err := s.join(ctx, tx, x); err != nil {
				return err
			}
			if err := s.link(ctx, tx, x.Account, subject); err != nil {
				return err
			}
		case x.Account != "":
			if err := s.link(ctx, tx, x.Account, subject); err != nil {
				return err
			}
			return s.prove(ctx, tx, x.Session, ByOIDC)
		default:
			id, err := db.One(ctx, tx, db.Column[string], `SELECT a.id FROM account_oidc o JOIN account a ON a.id = o.account_id WHERE o.subject = $1 AND NOT a.disabled`, subject)
			if errors.Is(err, db.ErrNone) {
				return unlinked(nil)
			}
			if err != nil {
				return err
			}
			x.Account = id
		}
		var err error
		out, err = s.openSession(ctx, tx, x.Account, ByOIDC, x.Device)
		return err
	})
	if errors.Is(err, db.ErrUnique) {
		return Opened{}, x.Next, fault.New(fault.Conflict, "Your organisation’s sign-in belongs to an account here already.")
	}
	return out, x.Next, first(nil, err, "organisation’s sign-in")
}

func unlinked(cause error) error {
	e := fault.New(fault.Forbidden, "Your organisation’s sign-in opens nothing here. Use the way you signed in before, or ask for an invitation.")
	if cause != nil {
		e = e.Because(cause)
	}
	return e
}

// whoSays checks the answer and returns the blind index of issuer and subject.
func (s *Service) whoSays(ctx context.Context, x step, answer url.Values) (string, error) {
	if !same(answer.Get("state"), x.State) {
		return "", unlinked(errors.New("the state is another browser’s"))
	}
	if iss := answer.Get("iss"); iss != "" && iss != s.provider.o.Issuer { // RFC 9207
		return "", unlinked(errors.New("another issuer answered"))
	}
	if answer.Get("error") != "" || answer.Get("code") == "" {
		return "", fault.New(fault.Forbidden, "Your organisation’s sign-in did not say who you are. Please try again, or use another way.")
	}
	found, conf, err := s.provider.find(ctx)
	if err != nil {
		return "", err
	}
	ctx = s.provider.context(ctx)
	got, err := conf.Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(x.Verifier))
	if err != nil {
		return "", unlinked(fmt.Errorf("exchange the code: %w", withoutBody(err)))
	}
	raw, ok := got.Extra("id_token").(string)
	if !ok {
		return "", unlinked(errors.New("there is no id token"))
	}
	id, err := found.VerifierContext(ctx, &oidc.Config{ClientID: conf.ClientID, Now: s.o.Now}).Verify(ctx, raw)
	if err != nil {
		return "", unlinked(err)
	}
	if !same(id.Nonce, x.Nonce) { // the library leaves this to us
		return "", unlinked(errors.New("the nonce is another’s"))
	}
	return s.o.Vault.Index("account.oidc", id.Issuer+"\n"+id.Subject), nil
}

// withoutBody keeps what a server answered out of the log: it may hold a token.
func withoutBody(err error) error {
	var r *oauth2.RetrieveError
	if errors.As(err, &r) {
		return fmt.Errorf("refused: %s", r.ErrorCode)
	}
	return err
}

func same(got, want string) bool {
	return want != "" && subtle.ConstantTimeCompare([]byte(got), []byte(want)) == 1
}

func (s *Service) link(ctx context.Context, tx *db.Tx, account, subject string) error {
	if _, err := tx.Exec(ctx, `INSERT INTO account_oidc (subject, account_id, linked_at) VALUES ($1, $2, $3)`, subject, account, db.Millis(s.now())); err != nil {
		return err
	}
	return s.record(ctx, tx, account, "account.link", account, "oidc")
}

// Unlink takes the organisation's sign-in away from an account. fault.Forbidden: the session is not fresh;
// fault.Conflict: nothing would be left to sign in with.
func (s *Service) Unlink(ctx context.Context, a Account) error {
	if !Fresh(a, s.now()) {
		return stale()
	}
	return s.db.WithTx(ctx, func(tx *db.Tx) error {
		if err := s.change(ctx, tx, a.ID, "account.unlink", a.ID, `DELETE FROM account_oidc WHERE account_id = $1`, a.ID); err != nil {
			return err
		}
		return s.wayIn(ctx, tx, a.ID)
	})
}
