package account

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"hearth/internal/fault"
)

// party is this house as passkeys see it: they belong to the host of its address.
type party struct {
	host string
	web  *webauthn.WebAuthn // nil: the address is one that no passkey can belong to
}

func newParty(base string) *party {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return &party{}
	}
	p := &party{host: u.Hostname()}
	resident := true
	p.web, err = webauthn.New(&webauthn.Config{
		RPID: p.host, RPDisplayName: p.host, RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation, // what somebody owns is none of our business
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: &resident,
			UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		p.web = nil
	}
	return p
}

// ready tells whether passkeys can be used at all.
func (p *party) ready() error {
	if p.web == nil {
		return fault.New(fault.Unavailable, "Passkeys need an address with a name. Whoever looks after this server sets it with --base-url.")
	}
	return nil
}

// Passkeys tells whether passkeys can be used at this house's address.
func (s *Service) Passkeys() bool { return s.party.web != nil }

// holder is an account as the passkey library sees it.
type holder struct {
	id           string
	name, signIn string
	credentials  []webauthn.Credential
}

// WebAuthnID is the handle that an authenticator keeps: the account's id, which says nothing about anybody.
func (h holder) WebAuthnID() []byte { return []byte(h.id) }

// WebAuthnName tells two passkeys on one device apart.
func (h holder) WebAuthnName() string { return h.signIn }

// WebAuthnDisplayName is what the device shows.
func (h holder) WebAuthnDisplayName() string { return h.name }

// WebAuthnCredentials are those that the account has.
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.credentials }

func credentialID(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func transports(all []protocol.AuthenticatorTransport) string {
	var out []string
	for _, t := range all {
		out = append(out, string(t))
	}
	return strings.Join(out, " ")
}

// mistrusted is an answer that did not prove anything. The cause goes to the log.
func mistrusted(cause error) error {
	if e, ok := cause.(*protocol.Error); ok && e.DevInfo != "" {
		cause = fmt.Errorf("%w: %s", e, e.DevInfo)
	}
	return fault.New(fault.Forbidden, "This passkey is not known here.").Because(cause)
}
