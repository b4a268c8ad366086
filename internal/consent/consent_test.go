package consent_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/internal/access"
	"hearth/internal/audit"
	"hearth/internal/civil"
	"hearth/internal/consent"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
	"hearth/internal/fault"
	"hearth/internal/vault"
	"hearth/internal/vault/vaulttest"
)

// world is a program with two participants: Rosa, who is paired with the peer Sam, and Omar, who is paired
// with nobody.
type world struct {
	*consent.Service
	db      *db.DB
	vault   *vault.Vault
	mu      sync.Mutex
	now     time.Time
	profile map[string]consent.Profile
	revoked []string
}

var (
	rosa    = access.Actor{ID: "acc-rosa", Participant: "rosa"}
	omar    = access.Actor{ID: "acc-omar", Participant: "omar"}
	sam     = access.Actor{ID: "acc-sam", Grants: []access.Grant{{Role: access.Peer, Program: "house"}}}
	officer = access.Actor{ID: "acc-privacy", Grants: []access.Grant{{Role: access.PrivacyOfficer}}}
	chief   = access.Actor{ID: "acc-admin", Grants: []access.Grant{{Role: access.Administrator}}}
)

func run(t *testing.T, f func(t *testing.T, w *world)) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		policies, err := access.Load(slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		w := &world{db: d, vault: vaulttest.New(t, d, consent.Sealed...), now: time.Date(2026, 5, 18, 22, 0, 0, 0, time.UTC)}
		w.profile = map[string]consent.Profile{
			"rosa": {Record: access.Thing{Kind: access.Record, ID: "rosa", Person: "rosa", Program: "house", Peers: []string{"acc-sam"}}, Name: "Rosa", Program: "house", Here: true},
			"omar": {Record: access.Thing{Kind: access.Record, ID: "omar", Person: "omar", Program: "house"}, Name: "Omar", Program: "house"},
		}
		w.Service = consent.New(consent.Options{
			DB: d, Vault: w.vault, Policies: policies, Now: w.clock, Today: func() civil.Date { return civil.DateOf(w.clock()) },
			Profile: func(_ context.Context, _ db.Querier, id string) (consent.Profile, error) {
				p, ok := w.profile[id]
				if !ok {
					return p, fault.New(fault.NotFound, "We do not have this record.")
				}
				return p, nil
			},
			Program: func(context.Context, db.Querier, string) (consent.Program, error) {
				return consent.Program{ID: "house", Name: "Green House", Address: "1 Main Street", Contact: "Green House, 1 Main Street", Part2: true, AdultAt: 18}, nil
			},
			Revoked: func(_ context.Context, _ *db.Tx, c consent.Consent) error {
				w.revoked = append(w.revoked, c.ID)
				return nil
			},
		})
		err = d.WithTx(t.Context(), func(tx *db.Tx) error {
			return errors.Join(w.vault.AddPerson(t.Context(), tx, "rosa"), w.vault.AddPerson(t.Context(), tx, "omar"))
		})
		if err != nil {
			t.Fatal(err)
		}
		f(t, w)
	}, audit.Migrations, vault.Migrations, consent.Migrations)
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// place adds a recipient that everybody may name.
func (w *world) place(t *testing.T, name string) consent.Recipient {
	t.Helper()
	r, err := w.AddRecipient(t.Context(), officer, consent.Recipient{Kind: consent.Place, Name: name, Address: "2 Main Street"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (w *world) prepared(t *testing.T, to ...string) consent.Consent {
	t.Helper()
	c, err := w.Prepare(t.Context(), rosa, consent.Consent{
		Participant: "rosa", Kind: consent.Share, Patient: "Rosa Quintana", What: []consent.Category{consent.Plan, consent.TakingPart}, To: to,
		Purposes: []consent.Purpose{consent.Housing}, Expires: civil.DateOf(w.clock()).AddDays(90),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (w *world) sign(t *testing.T, c consent.Consent) consent.Consent {
	t.Helper()
	shown, err := w.Read(t.Context(), rosa, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := w.Sign(t.Context(), rosa, c.ID, shown.Revision, shown.Document.Hash(), consent.Signature{How: consent.Typed, Name: "Rosa Quintana", Signer: consent.Self})
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func ask(c consent.Consent, to string) consent.Request {
	return consent.Request{
		Actor: sam, Participant: "rosa", What: []consent.Category{consent.Plan}, To: to, Purpose: consent.Housing,
		Basis: consent.Basis{Kind: consent.ByConsent, Consent: c.ID}, Way: consent.Print, Describe: "her plan",
	}
}

// letter builds content as it should be built: with the notice and the consent.
func letter(words string) consent.Build {
	return func(_ context.Context, _ *db.Tx, cover *consent.Cover, w io.Writer) error {
		doc, _, _ := cover.Consent()
		_, err := fmt.Fprintf(w, "%s\n\n%s\n\n%s", cover.Notice(), doc.Text(), words)
		return err
	}
}

func (w *world) entries(t *testing.T, action string) int {
	t.Helper()
	all, err := audit.List(t.Context(), w.db, 100)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range all {
		if e.Action == action {
			n++
		}
	}
	return n
}

func TestGivenUsedAndTakenBack(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		housing := w.place(t, "County Housing")
		c := w.sign(t, w.prepared(t, housing.ID))
		if c.State != consent.Signed || !strings.Contains(c.Document.Text(), "Rosa Quintana") || !strings.Contains(c.Document.Text(), "County Housing, 2 Main Street") {
			t.Fatalf("signed %+v", c)
		}
		if err := w.May(ctx, ask(c, housing.ID)); err != nil {
			t.Error(err)
		}
		if more := ask(c, "r2"); !fault.Is(w.May(ctx, more), fault.Forbidden) {
			t.Error("it may go to somebody else")
		}
		packet, err := w.Release(ctx, ask(c, housing.ID), letter("find a flat"))
		if err != nil {
			t.Fatal(err)
		}
		body := string(packet.Body)
		for _, want := range []string{"This record which has been disclosed to you is protected by Federal confidentiality rules", "County Housing", "find a flat"} {
			if !strings.Contains(body, want) {
				t.Errorf("what left does not say %q", want)
			}
		}
		var sent strings.Builder
		if err := w.Send(ctx, packet, &sent); err != nil || sent.String() != body {
			t.Errorf("sent %d of %d bytes: %v", sent.Len(), len(body), err)
		}
		accounts, err := w.Accounting(ctx, rosa, "rosa", time.Time{}.AddDate(2000, 0, 0))
		if err != nil || len(accounts) != 1 {
			t.Fatalf("accounted for %d: %v", len(accounts), err)
		}
		if a := accounts[0]; a.RecipientName != "County Housing, 2 Main Street" || a.Describe != "her plan" || a.Purpose != consent.Housing || a.Notice == "" || a.Basis.Consent != c.ID || a.Hash == "" || !a.At.Equal(w.clock()) {
			t.Errorf("accounted for %+v", a)
		}

		// Two taps later nothing leaves any more, and whoever was told has to be told.
		w.pass(time.Hour)
		if _, err := w.Revoke(ctx, rosa, c.ID, "page"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Revoke(ctx, rosa, c.ID, "page"); err != nil {
			t.Errorf("twice: %v", err)
		}
		if _, err := w.Release(ctx, ask(c, housing.ID), letter("x")); !errors.Is(err, consent.RefusedRevoked) || !fault.Is(err, fault.Forbidden) {
			t.Errorf("after it was taken back got %v", err)
		}
		if len(w.revoked) != 1 {
			t.Errorf("what relies on it heard %d times", len(w.revoked))
		}
		told, err := w.ToTell(ctx, officer, "")
		if err != nil || len(told) != 1 || told[0].Recipient.Name != "County Housing" {
			t.Fatalf("to tell: %+v, %v", told, err)
		}
		if err := w.MarkTold(ctx, officer, c.ID, housing.ID); err != nil {
			t.Fatal(err)
		}
		if told, err = w.ToTell(ctx, officer, ""); err != nil || len(told) != 0 {
			t.Errorf("after telling: %+v, %v", told, err)
		}
		for action, want := range map[string]int{"consent.prepare": 1, "consent.sign": 1, "consent.revoke": 1, "disclosure.make": 1, "disclosure.refuse": 1, "consent.told": 1, "disclosure.list": 1} {
			if got := w.entries(t, action); got != want {
				t.Errorf("%s is in the record %d times, want %d", action, got, want)
			}
		}
	})
}

// What stops at the gate leaves nothing behind but the record that it was asked.
func TestStoppedAtTheGate(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		housing, court := w.place(t, "County Housing"), w.place(t, "County Court")
		c := w.sign(t, w.prepared(t, housing.ID))
		sister, err := w.AddRecipient(ctx, omar, consent.Recipient{Kind: consent.Person, Name: "Omar's sister", Participant: "omar"})
		if err != nil {
			t.Fatal(err)
		}
		boom := errors.New("boom")
		tests := map[string]struct {
			change func(*consent.Request)
			build  consent.Build
			want   error
			kind   fault.Kind
		}{
			"another recipient":       {change: func(r *consent.Request) { r.To = court.ID }, want: consent.RefusedRecipient},
			"somebody else's sister":  {change: func(r *consent.Request) { r.To = sister.ID }, want: consent.RefusedRecipient},
			"a made-up recipient":     {change: func(r *consent.Request) { r.To = db.NewID() }, want: consent.RefusedRecipient},
			"more than was allowed":   {change: func(r *consent.Request) { r.What = append(r.What, consent.Notes) }, want: consent.RefusedScope},
			"for something else":      {change: func(r *consent.Request) { r.Purpose = consent.Legal }, want: consent.RefusedPurpose},
			"a consent of nobody":     {change: func(r *consent.Request) { r.Basis.Consent = db.NewID() }, want: consent.RefusedBasis},
			"an audit without papers": {change: func(r *consent.Request) { r.Basis, r.Purpose = consent.Basis{Kind: consent.Audit}, consent.Evaluation }, want: consent.RefusedEvidence},
			"the own copy of another": {change: func(r *consent.Request) {
				r.Basis = consent.Basis{Kind: consent.OwnCopy}
				r.To, r.Purpose = "", consent.Access
			}, kind: fault.NotFound},
			"a stranger asks":          {change: func(r *consent.Request) { r.Actor = omar }, kind: fault.NotFound},
			"the administrator asks":   {change: func(r *consent.Request) { r.Actor = chief }, kind: fault.NotFound},
			"nobody asks":              {change: func(r *consent.Request) { r.Actor = access.Actor{} }, kind: fault.NotFound},
			"about nobody":             {change: func(r *consent.Request) { r.Participant = "nobody" }, kind: fault.NotFound},
			"no words for the account": {change: func(r *consent.Request) { r.Describe = " " }, kind: fault.Invalid},
			"no room for the notice": {build: func(_ context.Context, _ *db.Tx, _ *consent.Cover, w io.Writer) error {
				_, err := io.WriteString(w, "x")
				return err
			}},
			"the building fails": {build: func(context.Context, *db.Tx, *consent.Cover, io.Writer) error { return boom }, want: boom},
		}
		for name, test := range tests {
			r, build := ask(c, housing.ID), letter("the plan")
			if test.change != nil {
				test.change(&r)
			}
			if test.build != nil {
				build = test.build
			}
			packet, err := w.Release(ctx, r, build)
			if err == nil || packet != nil {
				t.Errorf("%s: it left", name)
				continue
			}
			if test.want != nil && !errors.Is(err, test.want) || test.kind != 0 && !fault.Is(err, test.kind) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		all, err := w.Disclosures(ctx, officer, consent.Filter{})
		if err != nil || len(all) != 0 {
			t.Errorf("accounted for %d things that never left: %v", len(all), err)
		}
		if got := w.entries(t, "disclosure.refuse"); got != 7 {
			t.Errorf("the record has %d refusals, want 7", got)
		}
	})
}

// The consent is taken back while a long export is being sent: the export stops.
func TestTakenBackWhileSending(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		housing := w.place(t, "County Housing")
		c := w.sign(t, w.prepared(t, housing.ID))
		packet, err := w.Release(ctx, ask(c, housing.ID), letter(strings.Repeat("a long story ", 50_000)))
		if err != nil {
			t.Fatal(err)
		}
		got := &receiver{after: 100 << 10, then: func() {
			if _, err := w.Revoke(ctx, rosa, c.ID, "page"); err != nil {
				t.Error(err)
			}
		}}
		if err := w.Send(ctx, packet, got); !fault.Is(err, fault.Gone) {
			t.Fatalf("got %v, want it to stop", err)
		}
		if got.n >= len(packet.Body) || got.n > 256<<10 {
			t.Errorf("%d of %d bytes left", got.n, len(packet.Body))
		}
		all, err := w.Disclosures(ctx, officer, consent.Filter{})
		if err != nil || len(all) != 1 || !all[0].Stopped || all[0].Sent != int64(got.n) {
			t.Errorf("accounted for %+v, %v; want it stopped after %d bytes", all, err, got.n)
		}
	})
}

type receiver struct {
	n, after int
	then     func()
}

func (r *receiver) Write(p []byte) (int, error) {
	if r.n += len(p); r.n >= r.after && r.then != nil {
		r.then()
		r.then = nil
	}
	return len(p), nil
}

func TestTwoAtOneConsent(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		housing := w.place(t, "County Housing")
		c := w.prepared(t, housing.ID)
		shown, err := w.Read(ctx, sam, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		changed := shown
		changed.What = []consent.Category{consent.TakingPart}
		if changed, err = w.Prepare(ctx, sam, changed); err != nil || changed.Revision != 2 {
			t.Fatal(changed.Revision, err)
		}
		if _, err := w.Prepare(ctx, sam, shown); !fault.Is(err, fault.Conflict) {
			t.Errorf("saving what somebody else changed: %v", err)
		}
		sig := consent.Signature{How: consent.Typed, Name: "Rosa", Signer: consent.Self}
		if _, err := w.Sign(ctx, rosa, c.ID, shown.Revision, shown.Document.Hash(), sig); !fault.Is(err, fault.Conflict) {
			t.Errorf("signing other words than were shown: %v", err)
		}
		if _, err := w.Sign(ctx, rosa, c.ID, 2, shown.Document.Hash(), sig); !fault.Is(err, fault.Conflict) {
			t.Errorf("signing a hash of other words: %v", err)
		}
		for name, who := range map[string]access.Actor{"the peer": sam, "another participant": omar, "an administrator": chief, "the privacy officer": officer} {
			if _, err := w.Sign(ctx, who, c.ID, 2, shown.Document.Hash(), sig); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s signs for Rosa: %v", name, err)
			}
		}
		signed := w.sign(t, changed)
		signed.What = []consent.Category{consent.Notes}
		if _, err := w.Prepare(ctx, rosa, signed); !fault.Is(err, fault.Conflict) {
			t.Errorf("changing what is signed: %v", err)
		}
		if err := w.Discard(ctx, rosa, c.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("throwing away what is signed: %v", err)
		}
	})
}

func TestWitnessedInPerson(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		housing := w.place(t, "County Housing")
		c := w.prepared(t, housing.ID)
		shown, err := w.Read(ctx, sam, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := w.Sign(ctx, sam, c.ID, 1, shown.Document.Hash(), consent.Signature{How: consent.Witnessed, Name: "Rosa Quintana", Signer: consent.Self, Drawn: "M 1 1 L 9 9"})
		if err != nil || signed.Signature.Witness != sam.ID || signed.Signature.By != "" {
			t.Fatalf("%+v, %v", signed.Signature, err)
		}
		again, err := w.Read(ctx, rosa, c.ID)
		if err != nil || again.Signature != signed.Signature || again.Document.Text() != shown.Document.Text() || again.Hash != again.Document.Hash() {
			t.Errorf("read again: %+v, %v", again.Signature, err)
		}
	})
}

func TestClassNeedsSomebodyToSaySo(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		clinic, err := w.AddRecipient(t.Context(), officer, consent.Recipient{Kind: consent.Place, Name: "County Clinic", Covered: true})
		if err != nil {
			t.Fatal(err)
		}
		friend, err := w.AddRecipient(t.Context(), rosa, consent.Recipient{Kind: consent.Person, Name: "a friend", Participant: "rosa"})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.MarkTreating(t.Context(), sam, "rosa", friend.ID); !fault.Is(err, fault.Invalid) {
			t.Errorf("a friend treats her: %v", err)
		}
		c, err := w.Prepare(ctx, rosa, consent.Consent{
			Participant: "rosa", Kind: consent.Treatment, Patient: "Rosa", What: []consent.Category{consent.Plan}, Class: consent.TreatingProviders,
			Purposes: []consent.Purpose{consent.ForTreatment, consent.ForPayment, consent.Operations}, Ending: consent.NoEnding, Language: "es",
		})
		if err != nil {
			t.Fatal(err)
		}
		c = w.sign(t, c)
		r := ask(c, clinic.ID)
		r.Purpose = consent.ForTreatment
		if _, err := w.Release(ctx, r, letter("x")); !errors.Is(err, consent.RefusedRecipient) {
			t.Errorf("a class matched somebody by itself: %v", err)
		}
		if err := w.MarkTreating(ctx, sam, "rosa", clinic.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Release(ctx, r, letter("x")); err != nil {
			t.Errorf("a recorded provider: %v", err)
		}
	})
}

func TestRestrictionStandsInTheWay(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		housing := w.place(t, "County Housing")
		c := w.sign(t, w.prepared(t, housing.ID))
		if _, err := w.Restrict(ctx, sam, consent.Restriction{Participant: "rosa"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("a peer agrees for the program: %v", err)
		}
		if _, err := w.Restrict(ctx, officer, consent.Restriction{Participant: "rosa", Recipient: housing.ID, What: []consent.Category{consent.Plan}}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Release(ctx, ask(c, housing.ID), letter("x")); !errors.Is(err, consent.RefusedRestricted) {
			t.Errorf("got %v", err)
		}
	})
}

// Nothing that anybody wrote or signed stands in the tables in plain words, and the accounting can be read when
// the person's key is gone.
func TestSealedAndErased(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		housing := w.place(t, "County Housing")
		c := w.sign(t, w.prepared(t, housing.ID))
		if _, err := w.Release(ctx, ask(c, housing.ID), letter("x")); err != nil {
			t.Fatal(err)
		}
		for table, columns := range map[string]string{
			"consent":           "patient, what_else, purpose_else, signature, document",
			"consent_recipient": "name, address",
			"disclosure":        "recipient_name, description, evidence",
		} {
			rows, err := w.db.Query(ctx, "SELECT "+columns+" FROM "+table)
			if err != nil {
				t.Fatal(err)
			}
			names, _ := rows.Columns()
			for rows.Next() {
				cells := make([][]byte, len(names))
				into := make([]any, len(names))
				for i := range cells {
					into[i] = &cells[i]
				}
				if err := rows.Scan(into...); err != nil {
					t.Fatal(err)
				}
				for i, cell := range cells {
					for _, word := range []string{"Rosa", "County", "Main Street", "her plan"} {
						if strings.Contains(string(cell), word) {
							t.Errorf("%s.%s has %q in plain words", table, names[i], word)
						}
					}
				}
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.db.WithTx(ctx, func(tx *db.Tx) error { return w.vault.Erase(ctx, tx, "rosa") }); err != nil {
			t.Fatal(err)
		}
		p := w.profile["rosa"]
		p.Erased = true
		w.profile["rosa"] = p
		all, err := w.Disclosures(ctx, officer, consent.Filter{})
		if err != nil || len(all) != 1 || all[0].RecipientName != "County Housing, 2 Main Street" {
			t.Errorf("the accounting after an erasure: %+v, %v", all, err)
		}
		if proof := all[0].Basis.Evidence["consent"]; !strings.Contains(proof, "Rosa Quintana") || !strings.Contains(proof, "42 CFR") {
			t.Errorf("what it rested on is gone: %q", proof)
		}
		left, err := w.Of(ctx, officer, "rosa")
		if err != nil || len(left) != 1 || left[0].Patient != "" || left[0].Document.Text() != "" {
			t.Errorf("after an erasure: %+v, %v", left, err)
		}
		if _, err := w.Release(ctx, ask(c, housing.ID), letter("x")); err == nil {
			t.Error("something left about somebody who is erased")
		}
		if b, err := json.Marshal(left); err != nil || strings.Contains(string(b), "Quintana") {
			t.Errorf("%s, %v", b, err)
		}
	})
}
