package casework_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"hearth/internal/access"
	"hearth/internal/audit"
	"hearth/internal/casework"
	"hearth/internal/civil"
	"hearth/internal/consent"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
	"hearth/internal/fault"
	"hearth/internal/vault"
	"hearth/internal/vault/vaulttest"
)

type world struct {
	*casework.Service
	gate   *consent.Service
	db     *db.DB
	now    time.Time
	closed []string // accounts whose people were erased
}

var (
	sam     = access.Actor{ID: "acc-sam", Grants: []access.Grant{{Role: access.Peer, Program: "house"}}}
	kim     = access.Actor{ID: "acc-kim", Grants: []access.Grant{{Role: access.Peer, Program: "house"}}}
	lee     = access.Actor{ID: "acc-lee", Grants: []access.Grant{{Role: access.Peer, Program: "elsewhere"}}}
	boss    = access.Actor{ID: "acc-boss", Grants: []access.Grant{{Role: access.Supervisor, Program: "house"}}}
	officer = access.Actor{ID: "acc-privacy", Grants: []access.Grant{{Role: access.PrivacyOfficer}}}
	chief   = access.Actor{ID: "acc-admin", Grants: []access.Grant{{Role: access.Administrator}}}
	count   = access.Actor{ID: "acc-count", Grants: []access.Grant{{Role: access.Evaluator, Program: "house"}}}
)

func run(t *testing.T, f func(t *testing.T, w *world)) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		policies, err := access.Load(slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		w := &world{db: d, now: time.Date(2026, 5, 18, 20, 0, 0, 0, time.UTC)}
		now := func() time.Time { return w.now }
		today := func() civil.Date { return civil.DateOf(w.now) }
		v := vaulttest.New(t, d, append(append([]vault.Column{}, casework.Sealed...), consent.Sealed...)...)
		w.Service = casework.New(casework.Options{DB: d, Vault: v, Policies: policies, Now: now, Today: today, IsPeer: func(_ context.Context, _ db.Querier, account, program string) (bool, error) {
			return program == "house" && (account == sam.ID || account == kim.ID), nil
		}, Erased: func(_ context.Context, _ *db.Tx, _ access.Actor, account string) error {
			w.closed = append(w.closed, account)
			return nil
		}})
		w.gate = consent.New(consent.Options{
			DB: d, Vault: v, Policies: policies, Now: now, Today: today, Profile: w.Profile,
			Program: func(context.Context, db.Querier, string) (consent.Program, error) {
				return consent.Program{ID: "house", Name: "Green House", AdultAt: 18}, nil
			},
		})
		f(t, w)
	}, audit.Migrations, vault.Migrations, consent.Migrations, casework.Migrations)
}

// rosa opens a record with Sam, who is then paired with her, and joins it with an account of hers.
func (w *world) rosa(t *testing.T) (casework.Participant, access.Actor) {
	t.Helper()
	p, err := w.OpenRecord(t.Context(), sam, casework.Participant{Program: "house", Called: "Rosa", LegalName: "Rosa Quintana", BirthMonth: "1990-02"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.MayInvite(t.Context(), kim, p.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody else invites Rosa: %v", err)
	}
	if _, err := w.MayInvite(t.Context(), sam, p.ID); err != nil {
		t.Fatal(err)
	}
	err = w.db.WithTx(t.Context(), func(tx *db.Tx) error { return w.Joined(t.Context(), tx, p.ID, "acc-rosa") })
	if err != nil {
		t.Fatal(err)
	}
	return p, access.Actor{ID: "acc-rosa", Participant: p.ID}
}

func TestWhoMayReadARecord(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, rosa := w.rosa(t)
		if _, err := w.AddNote(ctx, sam, p.ID, "Looks for a flat."); err != nil {
			t.Fatal(err)
		}
		for name, test := range map[string]struct {
			who access.Actor
			may bool
		}{
			"the person": {rosa, true}, "the peer": {sam, true}, "another peer": {kim, false}, "a peer elsewhere": {lee, false},
			"a supervisor of the program": {boss, false}, "the privacy officer": {officer, false}, "the administrator": {chief, false},
			"an evaluator": {count, false}, "nobody": {access.Actor{}, false}, "another participant": {access.Actor{ID: "x", Participant: "x"}, false},
		} {
			r, err := w.ReadRecord(ctx, test.who, p.ID)
			if test.may && (err != nil || r.Called != "Rosa" || r.LegalName != "Rosa Quintana" || len(r.Notes) != 1) {
				t.Errorf("%s: %+v, %v", name, r, err)
			}
			if !test.may {
				_, absent := w.ReadRecord(ctx, test.who, "01900000-0000-7000-8000-000000000000")
				if !fault.Is(err, fault.NotFound) || err.Error() != absent.Error() {
					t.Errorf("%s: got %v, and where there is nothing %v", name, err, absent)
				}
			}
			if !test.may {
				if _, err := w.AddNote(ctx, test.who, p.ID, "x"); !fault.Is(err, fault.NotFound) {
					t.Errorf("%s wrote: %v", name, err)
				}
			}
		}
		looks, err := w.Looks(ctx, rosa, p.ID, 50)
		if err != nil {
			t.Fatal(err)
		}
		var reads []string
		for _, l := range looks {
			if l.Action == "record.read" {
				reads = append(reads, l.By+" "+l.Basis)
			}
		}
		if len(reads) != 2 || !strings.Contains(strings.Join(reads, ","), "acc-sam paired") || !strings.Contains(strings.Join(reads, ","), "acc-rosa own") {
			t.Errorf("Rosa is told of %v", reads)
		}
		if _, err := w.Looks(ctx, sam, p.ID, 50); !fault.Is(err, fault.NotFound) {
			t.Errorf("Sam reads who looked: %v", err)
		}
	})
}

func TestPairingOpensAndCloses(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, _ := w.rosa(t)
		if _, err := w.Pair(ctx, sam, casework.Pairing{Participant: p.ID, Peer: kim.ID, Role: casework.Primary}); !fault.Is(err, fault.NotFound) {
			t.Errorf("a peer decides who walks with whom: %v", err)
		}
		if _, err := w.Pair(ctx, boss, casework.Pairing{Participant: p.ID, Peer: kim.ID, Supervisor: boss.ID, Role: casework.Primary}); err != nil {
			t.Fatal(err)
		}
		for _, not := range []string{lee.ID, boss.ID, "nobody"} {
			if _, err := w.Pair(ctx, boss, casework.Pairing{Participant: p.ID, Peer: not, Role: casework.Backup}); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s walks with people: %v", not, err)
			}
		}
		if _, err := w.ReadRecord(ctx, sam, p.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("Sam still reads: %v", err)
		}
		r, err := w.ReadRecord(ctx, kim, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.ReadRecord(ctx, boss, p.ID); err != nil {
			t.Errorf("the supervisor of the peer: %v", err)
		}
		for who, test := range map[string]struct {
			who  access.Actor
			want int
		}{"Kim": {kim, 1}, "Sam": {sam, 0}, "the supervisor": {boss, 1}, "a peer elsewhere": {lee, 0}, "the administrator": {chief, 0}, "an evaluator": {count, 0}} {
			list, err := w.People(ctx, test.who, "", 0)
			all := list.People
			if err != nil || len(all) != test.want {
				t.Errorf("%s sees %d people, want %d: %v", who, len(all), test.want, err)
			}
			for name, want := range map[string]int{" rosa ": test.want, "Ros": 0, "Omar": 0} {
				if found, err := w.People(ctx, test.who, name, 0); err != nil || len(found.People) != want {
					t.Errorf("%s finds %d people called %q, want %d: %v", who, len(found.People), name, want, err)
				}
			}
			if test.want == 1 && (all[0].Called != "Rosa" || all[0].Peer != kim.ID) {
				t.Errorf("%s sees %+v", who, all[0])
			}
		}
		current := ""
		for _, n := range r.Pairings {
			if n.Until.IsZero() {
				current = n.ID
			}
		}
		if err := w.Unpair(ctx, boss, p.ID, current); err != nil {
			t.Fatal(err)
		}
		if _, err := w.ReadRecord(ctx, kim, p.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("Kim still reads: %v", err)
		}
	})
}

// A long list comes in parts, whoever came last first; nobody is left out or twice.
func TestLongListInParts(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		const n = casework.PageSize*2 + 7
		for i := range n {
			w.now = w.now.Add(time.Minute)
			if _, err := w.OpenRecord(ctx, sam, casework.Participant{Program: "house", Called: fmt.Sprintf("P%03d", i)}); err != nil {
				t.Fatal(err)
			}
		}
		seen := map[string]bool{}
		for from := 0; ; from += casework.PageSize {
			l, err := w.People(ctx, boss, "", from)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range l.People {
				if seen[x.Called] {
					t.Errorf("%s is there twice", x.Called)
				}
				seen[x.Called] = true
			}
			if from == 0 && (l.People[0].Called != fmt.Sprintf("P%03d", n-1) || l.ByName) {
				t.Errorf("it begins with %s", l.People[0].Called)
			}
			if !l.More {
				break
			}
		}
		if len(seen) != n {
			t.Errorf("saw %d of %d", len(seen), n)
		}
	})
}

func TestEmergencyIsToldAndEnds(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, rosa := w.rosa(t)
		why := "She was brought in and cannot speak; who is her contact?"
		for name, test := range map[string]struct {
			who                   access.Actor
			called, month, reason string
			kind                  fault.Kind
		}{
			"no reason": {kim, "Rosa", "1990-02", "because", fault.Invalid}, "wrong month": {kim, "Rosa", "1990-03", why, fault.NotFound},
			"elsewhere": {lee, "Rosa", "1990-02", why, fault.NotFound}, "the administrator": {chief, "Rosa", "1990-02", why, fault.NotFound},
		} {
			if _, err := w.OpenInEmergency(ctx, test.who, test.called, test.month, test.reason); !fault.Is(err, test.kind) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		e, err := w.OpenInEmergency(ctx, kim, "rosa", "1990-02", why)
		if err != nil || e.Participant != p.ID {
			t.Fatal(e, err)
		}
		holds := func() access.Actor {
			a := kim
			if a.Emergency, err = w.InEmergency(ctx, w.db, kim.ID); err != nil {
				t.Fatal(err)
			}
			return a
		}
		r, err := w.ReadRecord(ctx, holds(), p.ID)
		if err != nil || len(r.Emergencies) != 1 || r.Emergencies[0].Reason != why {
			t.Fatalf("%+v, %v", r.Emergencies, err)
		}
		if _, err := w.AddNote(ctx, holds(), p.ID, "x"); !fault.Is(err, fault.NotFound) {
			t.Errorf("an emergency lets write: %v", err)
		}
		// The person sees it, and so does the supervisor, who says that it was none.
		if r, err = w.ReadRecord(ctx, rosa, p.ID); err != nil || len(r.Emergencies) != 1 {
			t.Errorf("Rosa is not told: %v", err)
		}
		waiting, err := w.ToJudge(ctx, boss)
		if err != nil || len(waiting) != 1 {
			t.Fatalf("%d wait for the supervisor, %v", len(waiting), err)
		}
		if own, err := w.ToJudge(ctx, kim); err != nil || len(own) != 0 {
			t.Errorf("Kim judges herself: %v, %v", own, err)
		}
		if err := w.Judge(ctx, kim, e.ID, true); fault.As(err) == nil {
			t.Errorf("Kim judged herself: %v", err)
		}
		if err := w.Judge(ctx, boss, e.ID, false); err != nil {
			t.Fatal(err)
		}
		if _, err := w.ReadRecord(ctx, holds(), p.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("it went on after it was judged: %v", err)
		}
		if _, err = w.OpenInEmergency(ctx, kim, "Rosa", "1990-02", why); !fault.Is(err, fault.NotFound) {
			t.Errorf("opened again after it was judged to be none: %v", err)
		}
		w.now = w.now.AddDate(0, 4, 0)
		if _, err = w.OpenInEmergency(ctx, kim, "Rosa", "1990-02", why); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(casework.EmergencyHours*time.Hour + time.Second)
		if _, err := w.ReadRecord(ctx, holds(), p.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("it went on after its hours: %v", err)
		}
	})
}

func TestContactSafetyHoldsAtTheMomentOfSending(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, rosa := w.rosa(t)
		phone, err := w.SavePoint(ctx, rosa, casework.Point{Participant: p.ID, Kind: casework.Phone, Value: "(215) 555-0100", Safety: casework.Safety{Text: true, Others: "my mother", QuietFrom: 22 * 60, QuietUntil: 8 * 60}})
		if err != nil || phone.Value != "+12155550100" {
			t.Fatal(phone, err)
		}
		at := func(hour int) time.Time { return time.Date(2026, 5, 18, hour, 0, 0, 0, time.UTC) }
		send := func(id string, by casework.Channel, hour int) (got casework.Point, err error) {
			err = w.db.WithTx(ctx, func(tx *db.Tx) error {
				var err error
				got, err = w.MaySend(ctx, tx, p.ID, id, by, at(hour))
				return err
			})
			return got, err
		}
		if to, err := send(phone.ID, casework.BySMS, 12); err != nil || to.Value != "+12155550100" {
			t.Errorf("at noon: %v, %v", to, err)
		}
		for name, test := range map[string]struct {
			by   casework.Channel
			hour int
			want error
		}{
			"at night": {casework.BySMS, 23, casework.UnsafeQuiet}, "in the morning": {casework.BySMS, 7, casework.UnsafeQuiet}, "at eight": {casework.BySMS, 8, nil},
			"a call": {casework.ByVoice, 12, casework.UnsafeChannel}, "a voice message": {casework.Voicemail, 12, casework.UnsafeChannel}, "a mail": {casework.ByMail, 12, casework.UnsafeChannel},
		} {
			if _, err := send(phone.ID, test.by, test.hour); !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
				t.Errorf("%s: got %v, want %v", name, err, test.want)
			}
		}
		phone.Safety.Text = false
		if _, err := w.SavePoint(ctx, rosa, phone); err != nil {
			t.Fatal(err)
		}
		if _, err := send(phone.ID, casework.BySMS, 12); !errors.Is(err, casework.UnsafeChannel) {
			t.Errorf("after she said no: %v", err)
		}
		if err := w.RemovePoint(ctx, rosa, p.ID, phone.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := send(phone.ID, casework.BySMS, 12); !errors.Is(err, casework.UnsafeGone) {
			t.Errorf("after it is gone: %v", err)
		}
		for _, bad := range []casework.Point{
			{Kind: casework.Phone, Value: "call me"},
			{Kind: casework.Phone, Value: "123"},
			{Kind: casework.Email, Value: "ana"},
			{Kind: casework.Email, Value: "Ana <ana@example.org>"},
			{Kind: casework.Address, Value: " "},
			{Kind: "fax", Value: "1"},
		} {
			bad.Participant = p.ID
			if _, err := w.SavePoint(ctx, rosa, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s %q: got %v", bad.Kind, bad.Value, err)
			}
		}
	})
}

func TestOwnCopyLeaveErase(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, rosa := w.rosa(t)
		if _, err := w.AddNote(ctx, sam, p.ID, "Looks for a flat."); err != nil {
			t.Fatal(err)
		}
		own := consent.Request{
			Actor: rosa, Participant: p.ID, What: []consent.Category{consent.TakingPart, consent.Contact, consent.Notes}, Purpose: consent.Access,
			Basis: consent.Basis{Kind: consent.OwnCopy}, Way: consent.Export, Describe: "all that is known",
		}
		packet, err := w.gate.Release(ctx, own, w.OwnCopy(p.ID))
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Record struct {
				Called string
				Notes  []struct{ Words string }
			}
			Looks []struct{ By string }
		}
		if err := json.Unmarshal(packet.Body, &got); err != nil || got.Record.Called != "Rosa" || got.Record.Notes[0].Words != "Looks for a flat." || len(got.Looks) == 0 {
			t.Errorf("%+v, %v", got, err)
		}
		own.Actor = sam
		if _, err := w.gate.Release(ctx, own, w.OwnCopy(p.ID)); !fault.Is(err, fault.NotFound) {
			t.Errorf("Sam takes Rosa's copy: %v", err)
		}

		if err := w.Erase(ctx, officer, p.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("erased while she is here: %v", err)
		}
		if err := w.Leave(ctx, rosa, p.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.ReadRecord(ctx, sam, p.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("Sam reads after she left: %v", err)
		}
		if err := w.Erase(ctx, sam, p.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("Sam erases: %v", err)
		}
		if err := w.Erase(ctx, officer, p.ID); err != nil {
			t.Fatal(err)
		}
		if r, err := w.ReadRecord(ctx, rosa, p.ID); err != nil || r.Called != "" || len(r.Notes) != 0 || r.State != casework.Erased {
			t.Errorf("after the erasure: %+v, %v", r, err)
		}
		if len(w.closed) != 1 || w.closed[0] != rosa.ID {
			t.Errorf("closed the accounts %v, want Rosa's", w.closed)
		}
		if n, err := audit.Verify(ctx, w.db); err != nil || n < 6 {
			t.Errorf("the record after the erasure: %d entries, %v", n, err)
		}
	})
}

func TestTwoWhoChangeOneRecord(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, rosa := w.rosa(t)
		mine, theirs := p, p
		mine.Called = "Rosi"
		if err := w.SaveRecord(ctx, rosa, mine); err != nil {
			t.Fatal(err)
		}
		theirs.LegalName = "R. Quintana"
		if err := w.SaveRecord(ctx, sam, theirs); !fault.Is(err, fault.Conflict) {
			t.Errorf("saved over it: %v", err)
		}
		for _, bad := range []casework.Participant{{Called: ""}, {Called: strings.Repeat("x", 121)}, {Called: "R", BirthMonth: "February"}, {Called: "R", BirthMonth: "1990-13"}} {
			bad.ID, bad.Revision = p.ID, 2
			if err := w.SaveRecord(ctx, rosa, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: got %v", bad, err)
			}
		}
	})
}
