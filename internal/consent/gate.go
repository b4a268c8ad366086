package consent

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"hearth/internal/access"
	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/vault"
)

// Disclosure is one line of the accounting: what left, when, to whom, for what, and because of what
// (42 CFR 2.25; content after 45 CFR 164.528(b)).
type Disclosure struct {
	ID            string
	Participant   string
	Program       string
	At            time.Time
	Actor         string
	Recipient     string
	RecipientName string // name and address as they were
	What          []Category
	Describe      string
	Purpose       Purpose
	Basis         Basis
	Notice        string // version
	Way           Way
	Size          int64
	Hash          string
	Stopped       bool // a consent was taken back while it was being sent
	Sent          int64
}

// Cover is what has to go along with what leaves: the notice, and the consent or what it allows, 2.32. Whoever
// builds the content puts both into it, in the manner of its format. The gate refuses content whose builder
// did not ask for them.
type Cover struct {
	Disclosure string // id, for the foot of the page
	notice     Notice
	consent    *Consent
	asked      struct{ notice, consent bool }
}

// Notice is the statement to print; empty when none is due.
func (c *Cover) Notice() string {
	c.asked.notice = true
	return c.notice.Words
}

// Consent is the signed document to attach; ok is false when the basis is not a consent.
func (c *Cover) Consent() (d Document, signed Signature, ok bool) {
	c.asked.consent = true
	if c.consent == nil {
		return Document{}, Signature{}, false
	}
	return c.consent.Document, c.consent.Signature, true
}

// Patient is the name that the consent is about, as the person wanted it on paper.
func (c *Cover) Patient() string {
	if c.consent == nil {
		return ""
	}
	return c.consent.Patient
}

// Packet is something that may leave now. It is sent with Send.
type Packet struct {
	Disclosure
	Body []byte
}

// Build writes content in the transaction that decided it may leave. It may run twice.
type Build func(ctx context.Context, tx *db.Tx, cover *Cover, w io.Writer) error

// maxBody is the most bytes that leave in one packet; more goes in several.
const maxBody = 64 << 20

// Release is the gate: the one way by which anything about a participant leaves. In one transaction it asks
// the policies, compares the request with its basis, builds the content, and writes the accounting and the
// record. A refusal is recorded too, and is fault.Forbidden with the reason, or fault.NotFound where the asker
// may not know that there is such a participant.
func (s *Service) Release(ctx context.Context, r Request, build Build) (*Packet, error) {
	var packet *Packet
	var refused Refusal
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		packet, refused = nil, Refusal{}
		g, consent, p, err := s.grounds(ctx, tx, r, tx.ForUpdate())
		if err != nil {
			return err
		}
		if err := decide(r, g); err != nil {
			if !errors.As(err, &refused) {
				return err
			}
			return s.record(ctx, tx, r.Actor, "disclosure.refuse", "participant:"+r.Participant, r.Participant, string(r.Basis.Kind)+" "+refused.Code)
		}
		packet, err = s.release(ctx, tx, r, g, consent, p, build)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("release: %w", err)
	}
	if refused.Code != "" {
		return nil, fmt.Errorf("release: %w", fault.New(fault.Forbidden, refused.Message).Because(refused))
	}
	return packet, nil
}

// May tells whether a request would pass, for pages that offer only what may be done. It releases nothing.
func (s *Service) May(ctx context.Context, r Request) error {
	return s.db.Read(ctx, func(tx *db.Tx) error {
		g, _, _, err := s.grounds(ctx, tx, r, "")
		if err != nil {
			return err
		}
		var refused Refusal
		if err := decide(r, g); errors.As(err, &refused) {
			return fault.New(fault.Forbidden, refused.Message).Because(refused)
		}
		return nil
	})
}

// MayAsk tells whether an actor may ask the gate about a participant at all, for pages that offer it.
func (s *Service) MayAsk(ctx context.Context, actor access.Actor, participant string) error {
	return s.db.Read(ctx, func(tx *db.Tx) error {
		p, err := s.o.Profile(ctx, tx, participant)
		if err != nil {
			return err
		}
		return hide(s.o.Policies.May(actor, access.DisclosureMake, p.Record))
	})
}

// grounds reads what the decision rests on, and asks the policies first. lock ends the query for the consent.
func (s *Service) grounds(ctx context.Context, tx *db.Tx, r Request, lock string) (g grounds, c *Consent, p Profile, err error) {
	if p, err = s.o.Profile(ctx, tx, r.Participant); err != nil {
		return g, nil, p, err
	}
	act := access.DisclosureMake
	if r.Basis.Kind == OwnCopy {
		act = access.RecordDownload
	}
	if err := s.o.Policies.May(r.Actor, act, p.Record); err != nil {
		return g, nil, p, hide(err)
	}
	g.today, g.here = s.o.Today(), p.Here
	g.related = slices.Contains(p.Record.Peers, r.Actor.ID) || slices.Contains(p.Record.Supervisors, r.Actor.ID)
	if g.restrictions, err = s.restrictions(ctx, tx, r.Participant); err != nil {
		return g, nil, p, err
	}
	if r.To != "" {
		g.recipient, err = s.recipient(ctx, tx, r.To)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return g, nil, p, err
		}
		if g.recipient.Participant != "" && g.recipient.Participant != r.Participant {
			g.recipient = Recipient{} // known for somebody else: not to be found here
		}
		if g.inClass, err = s.treats(ctx, tx, r.Participant, r.To); err != nil {
			return g, nil, p, err
		}
	}
	if r.Basis.Kind == ByConsent {
		found, err := s.byID(ctx, tx, r.Basis.Consent, lock)
		switch {
		case fault.Is(err, fault.NotFound): // decide says so
		case err != nil:
			return g, nil, p, err
		default:
			g.consent, c = &found, &found
		}
	}
	return g, c, p, nil
}

// release builds what may leave and writes it down.
func (s *Service) release(ctx context.Context, tx *db.Tx, r Request, g grounds, c *Consent, p Profile, build Build) (*Packet, error) {
	if p.Erased {
		return nil, fault.New(fault.Gone, RefusedErased.Message)
	}
	d := Disclosure{
		ID: db.NewID(), Participant: r.Participant, Program: p.Program, At: s.o.Now(), Actor: r.Actor.ID, Recipient: r.To,
		RecipientName: joined(", ", g.recipient.Name, g.recipient.Address), What: distinct(r.What), Describe: oneLine(r.Describe), Purpose: r.Purpose,
		Basis: r.Basis, Way: r.Way,
	}
	if n := utf8.RuneCountInString(d.Describe); n == 0 || n > WordsLimit {
		return nil, fault.New(fault.Invalid, "Please say in a few words what leaves.").With("describe", "Please say in a few words what leaves.")
	}
	cover := &Cover{Disclosure: d.ID, notice: noticeFor(r.Basis.Kind), consent: c}
	d.Notice = cover.notice.Version
	var body bytes.Buffer
	if err := build(ctx, tx, cover, &limited{w: &body, left: maxBody}); err != nil {
		return nil, err
	}
	if d.Notice != "" && !cover.asked.notice || c != nil && !cover.asked.consent {
		return nil, errors.New("what was built has no room for the notice and the consent")
	}
	sum := sha256.Sum256(body.Bytes())
	d.Hash, d.Size = hex.EncodeToString(sum[:]), int64(body.Len())
	if err := s.insertDisclosure(ctx, tx, d, c); err != nil {
		return nil, err
	}
	basis := string(d.Basis.Kind)
	if c != nil {
		basis += " " + c.ID
	}
	if err := s.record(ctx, tx, r.Actor, "disclosure.make", "disclosure:"+d.ID, d.Participant, basis); err != nil {
		return nil, err
	}
	return &Packet{Disclosure: d, Body: body.Bytes()}, nil
}

// limited refuses more than so many bytes.
type limited struct {
	w    io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, fault.New(fault.Invalid, "This is too much for one sending. Please choose less.")
	}
	return l.w.Write(p)
}

// chunk is how much leaves between two looks at the consent.
const chunk = 64 << 10

// Send writes a packet, and looks between its parts whether the consent still holds. When it was taken back
// meanwhile, Send stops, marks the disclosure as stopped, and returns fault.Gone: the caller must break off,
// so that the receiver sees that it is not whole.
func (s *Service) Send(ctx context.Context, p *Packet, w io.Writer) error {
	for sent := 0; sent < len(p.Body); {
		if p.Basis.Kind == ByConsent {
			holds, err := s.holds(ctx, p.Basis.Consent)
			if err != nil {
				return fmt.Errorf("send: %w", err)
			}
			if !holds {
				if err := s.stop(ctx, p, int64(sent)); err != nil {
					return fmt.Errorf("send: %w", err)
				}
				return fmt.Errorf("send: %w", fault.New(fault.Gone, RefusedRevoked.Message))
			}
		}
		n, err := w.Write(p.Body[sent:min(sent+chunk, len(p.Body))])
		if sent += n; err != nil {
			return fmt.Errorf("send: %w", err)
		}
	}
	return nil
}

func (s *Service) holds(ctx context.Context, consent string) (bool, error) {
	state, err := db.One(ctx, s.db, db.Column[string], `SELECT state FROM consent WHERE id = $1`, consent)
	return state == string(Signed), err
}

func (s *Service) stop(ctx context.Context, p *Packet, sent int64) error {
	return s.db.WithTx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE disclosure SET state = 'stopped', sent = $2 WHERE id = $1`, p.ID, sent); err != nil {
			return err
		}
		return s.record(ctx, tx, access.Actor{ID: p.Actor}, "disclosure.stop", "disclosure:"+p.ID, p.Participant, "consent "+p.Basis.Consent)
	})
}

// insertDisclosure writes a line of the accounting, sealed with the program's key: it outlives what it is about.
func (s *Service) insertDisclosure(ctx context.Context, tx *db.Tx, d Disclosure, c *Consent) error {
	// What it rested on stays readable when the person's key is gone: the answers, and the consent as it was signed.
	proof := map[string]string{}
	maps.Copy(proof, d.Basis.Evidence)
	if c != nil {
		proof["consent"], proof["signed_by"], proof["signed_at"] = c.Document.Text(), c.Signature.Name, c.Signature.At.UTC().Format(time.RFC3339)
	}
	evidence := ""
	if len(proof) > 0 {
		b, err := json.Marshal(proof)
		if err != nil {
			return err
		}
		evidence = string(b)
	}
	sealed := map[string][]byte{}
	for column, words := range map[string]string{"recipient_name": d.RecipientName, "description": d.Describe, "evidence": evidence} {
		b, err := s.o.Vault.Seal(ctx, tx, vault.Place{Table: "disclosure", Column: column, Row: d.ID}, words)
		if err != nil {
			return err
		}
		sealed[column] = b
	}
	_, err := tx.Exec(ctx, `INSERT INTO disclosure (id, participant, program, at, actor, recipient, recipient_name, what, description, purpose, basis, consent, evidence,
			notice, way, size, hash, state, sent) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 'made', $16)`,
		d.ID, d.Participant, d.Program, db.Millis(d.At), d.Actor, d.Recipient, sealed["recipient_name"], codes(d.What), sealed["description"], string(d.Purpose),
		string(d.Basis.Kind), d.Basis.Consent, sealed["evidence"], d.Notice, string(d.Way), d.Size, d.Hash)
	return err
}
