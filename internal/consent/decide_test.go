package consent

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hearth/internal/access"
	"hearth/internal/civil"
)

var today = civil.Date{Year: 2026, Month: 5, Day: 18}

// signed is a consent with nothing wrong: housing at one place, because the person asked.
func signed() Consent {
	return Consent{
		ID: "c1", Participant: "p1", Kind: Share, State: Signed, Patient: "Rosa", What: []Category{Plan, TakingPart}, To: []string{"r1"},
		Purposes: []Purpose{AtRequest, Housing}, Expires: today.AddDays(30), Signature: Signature{At: time.Unix(1, 0)},
	}
}

func request() Request {
	return Request{
		Actor: access.Actor{ID: "a1"}, Participant: "p1", What: []Category{Plan}, To: "r1", Purpose: Housing,
		Basis: Basis{Kind: ByConsent, Consent: "c1"}, Way: Print, Describe: "the plan",
	}
}

func groundsFor(c *Consent) grounds {
	return grounds{consent: c, recipient: Recipient{ID: "r1"}, related: true, here: true, today: today}
}

func TestDecideComparesEverything(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(c *Consent, r *Request, g *grounds)
		want   error
	}{
		"as allowed":                            {func(*Consent, *Request, *grounds) {}, nil},
		"all that is allowed":                   {func(_ *Consent, r *Request, _ *grounds) { r.What = []Category{TakingPart, Plan} }, nil},
		"on its last day":                       {func(c *Consent, _ *Request, _ *grounds) { c.Expires = today }, nil},
		"a day later":                           {func(c *Consent, _ *Request, _ *grounds) { c.Expires = today.AddDays(-1) }, RefusedEnded},
		"one thing more":                        {func(_ *Consent, r *Request, _ *grounds) { r.What = append(r.What, Medication) }, RefusedScope},
		"nothing at all":                        {func(_ *Consent, r *Request, _ *grounds) { r.What = nil }, RefusedScope},
		"an unknown category":                   {func(c *Consent, r *Request, _ *grounds) { c.What, r.What = []Category{"all"}, []Category{"all"} }, RefusedScope},
		"an unknown way":                        {func(_ *Consent, r *Request, _ *grounds) { r.Way = "usb" }, RefusedScope},
		"another recipient":                     {func(_ *Consent, r *Request, g *grounds) { r.To, g.recipient.ID = "r2", "r2" }, RefusedRecipient},
		"a recipient that is not there":         {func(_ *Consent, _ *Request, g *grounds) { g.recipient = Recipient{} }, RefusedRecipient},
		"no recipient":                          {func(_ *Consent, r *Request, g *grounds) { r.To, g.recipient = "", Recipient{} }, RefusedRecipient},
		"a recipient that has ended":            {func(_ *Consent, _ *Request, g *grounds) { g.recipient.EndedAt = time.Unix(2, 0) }, RefusedRecipient},
		"another purpose":                       {func(_ *Consent, r *Request, _ *grounds) { r.Purpose = Benefits }, RefusedPurpose},
		"no purpose":                            {func(_ *Consent, r *Request, _ *grounds) { r.Purpose = "" }, RefusedPurpose},
		"about somebody else":                   {func(c *Consent, _ *Request, _ *grounds) { c.Participant = "p2" }, RefusedOther},
		"a draft":                               {func(c *Consent, _ *Request, _ *grounds) { c.State = Draft }, RefusedUnsigned},
		"no signature":                          {func(c *Consent, _ *Request, _ *grounds) { c.Signature = Signature{} }, RefusedUnsigned},
		"taken back":                            {func(c *Consent, _ *Request, _ *grounds) { c.State = Revoked }, RefusedRevoked},
		"taken back, state lost":                {func(c *Consent, _ *Request, _ *grounds) { c.RevokedAt = time.Unix(2, 0) }, RefusedRevoked},
		"without the name of the patient":       {func(c *Consent, _ *Request, _ *grounds) { c.Patient = "" }, RefusedDeficient},
		"without an end":                        {func(c *Consent, _ *Request, _ *grounds) { c.Expires = civil.Date{} }, RefusedDeficient},
		"another consent":                       {func(_ *Consent, r *Request, _ *grounds) { r.Basis.Consent = "c2" }, RefusedBasis},
		"no consent":                            {func(_ *Consent, _ *Request, g *grounds) { g.consent = nil }, RefusedBasis},
		"no basis":                              {func(_ *Consent, r *Request, _ *grounds) { r.Basis = Basis{} }, RefusedBasis},
		"a basis that is not one":               {func(_ *Consent, r *Request, _ *grounds) { r.Basis.Kind = "because" }, RefusedBasis},
		"by somebody who looks in an emergency": {func(_ *Consent, _ *Request, g *grounds) { g.related = false }, RefusedBasis},
		"until the time here ends":              {func(c *Consent, _ *Request, _ *grounds) { c.Ending, c.Expires = EndOfTreatment, civil.Date{} }, nil},
		"after the time here": {func(c *Consent, _ *Request, g *grounds) {
			c.Ending, c.Expires, g.here = EndOfTreatment, civil.Date{}, false
		}, RefusedEnded},
		"without looking at the person's words": {func(c *Consent, _ *Request, _ *grounds) { c.WhatElse = "only this year" }, RefusedEvidence},
		"within the person's words": {func(c *Consent, r *Request, _ *grounds) {
			c.WhatElse, r.Basis.Evidence = "only this year", map[string]string{"narrowed": "yes"}
		}, nil},
		"restricted for all": {func(_ *Consent, _ *Request, g *grounds) { g.restrictions = []Restriction{{}} }, RefusedRestricted},
		"restricted for this recipient": {func(_ *Consent, _ *Request, g *grounds) {
			g.restrictions = []Restriction{{Recipient: "r1", What: []Category{Plan}}}
		}, RefusedRestricted},
		"restricted for another recipient": {func(_ *Consent, _ *Request, g *grounds) { g.restrictions = []Restriction{{Recipient: "r2"}} }, nil},
		"restricted in another thing":      {func(_ *Consent, _ *Request, g *grounds) { g.restrictions = []Restriction{{What: []Category{Notes}}} }, nil},
		"a class wording matches nobody": {func(c *Consent, r *Request, _ *grounds) {
			c.Kind, c.To, c.Class, c.Purposes, r.Purpose = Treatment, nil, TreatingProviders, []Purpose{ForTreatment}, ForTreatment
		}, RefusedRecipient},
		"a class wording matches who is recorded": {func(c *Consent, r *Request, g *grounds) {
			c.Kind, c.To, c.Class, c.Purposes, r.Purpose, g.inClass = Treatment, nil, TreatingProviders, []Purpose{ForTreatment}, ForTreatment, true
		}, nil},
		"who is recorded, but the consent names others": {func(_ *Consent, r *Request, g *grounds) { r.To, g.recipient.ID, g.inClass = "r2", "r2", true }, RefusedRecipient},
		"the own copy of somebody else": {func(_ *Consent, r *Request, _ *grounds) {
			r.Basis, r.To, r.Purpose = Basis{Kind: OwnCopy}, "", Access
		}, RefusedOwn},
		"the own copy": {func(_ *Consent, r *Request, _ *grounds) {
			r.Basis, r.To, r.Purpose, r.Actor.Participant = Basis{Kind: OwnCopy}, "", Access, "p1"
		}, nil},
		"the own copy, sent elsewhere": {func(_ *Consent, r *Request, _ *grounds) {
			r.Basis, r.Purpose, r.Actor.Participant = Basis{Kind: OwnCopy}, Access, "p1"
		}, RefusedOwn},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, r := signed(), request()
			g := groundsFor(&c)
			test.change(&c, &r, &g)
			if got := decide(r, g); !errors.Is(got, test.want) || (got == nil) != (test.want == nil) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestEveryOtherBasisNeedsItsEvidence(t *testing.T) {
	t.Parallel()
	for _, kind := range BasisKinds {
		questions := kind.Questions()
		if kind == Deidentified {
			r := request()
			r.Basis = Basis{Kind: kind, Evidence: map[string]string{"method": "names taken out", "checked": "the officer"}}
			if err := decide(r, groundsFor(nil)); !errors.Is(err, RefusedBasis) {
				t.Errorf("one participant as nobody in particular: got %v, want it refused", err)
			}
			continue
		}
		if kind == ByConsent || kind == OwnCopy {
			if len(questions) > 0 {
				t.Errorf("%s asks for evidence", kind)
			}
			continue
		}
		full := map[string]string{}
		for _, q := range questions {
			full[q.Code] = "a ward, a number, a day"
			if q.Confirm {
				full[q.Code] = "yes"
			}
		}
		r := request()
		r.Basis, r.What = Basis{Kind: kind, Evidence: full}, []Category{Contact}
		g := groundsFor(nil)
		if kind == HandedOver {
			r.To = ""
		}
		r.Purpose = kind.Purposes()[0]
		if kind == PremisesCrime {
			r.What = []Category{TakingPart}
		}
		if err := decide(r, g); err != nil {
			t.Errorf("%s with all its evidence: %v", kind, err)
		}
		for _, q := range questions {
			for _, answer := range []string{"", "  ", ".", "no"} {
				some := map[string]string{}
				for k, v := range full {
					some[k] = v
				}
				some[q.Code] = answer
				r.Basis.Evidence = some
				if err := decide(r, g); !errors.Is(err, RefusedEvidence) {
					t.Errorf("%s with %q to %q: got %v, want it refused", kind, answer, q.Code, err)
				}
			}
		}
		r.Basis.Evidence = full
		if kind == HandedOver {
			r.To = "r1"
			if err := decide(r, g); !errors.Is(err, RefusedOwn) {
				t.Errorf("handed over to somebody else: got %v, want it refused", err)
			}
			continue
		}
		r.To = ""
		if err := decide(r, g); !errors.Is(err, RefusedRecipient) {
			t.Errorf("%s to nobody: got %v, want it refused", kind, err)
		}
		r.To = "r1"
		for _, purpose := range []Purpose{"", ForStory} {
			r.Purpose = purpose
			if err := decide(r, g); !errors.Is(err, RefusedPurpose) {
				t.Errorf("%s for %q: got %v, want it refused", kind, purpose, err)
			}
		}
		// Who only looks in an emergency lets out nothing but what the emergency needs.
		r.Purpose, g.related = kind.Purposes()[0], false
		if err := decide(r, g); (kind == Emergency) != (err == nil) {
			t.Errorf("%s by somebody who only looks in an emergency: %v", kind, err)
		}
	}
	if len(CourtOrder.Questions()) < 5 {
		t.Error("a court order is not asked for its findings, notice and subpoena")
	}
	// What the law limits stays limited, whatever is written down.
	r := request()
	r.Basis = Basis{Kind: PremisesCrime, Evidence: map[string]string{"happened": "a window", "officer": "county", "limits": "yes"}}
	r.What, r.Purpose = []Category{TakingPart, Contact}, Safety
	if err := decide(r, groundsFor(nil)); !errors.Is(err, RefusedScope) {
		t.Errorf("a plan to the police: got %v, want it refused", err)
	}
	// A restriction gives way in an emergency only, 2.26.
	r = request()
	r.Basis = Basis{Kind: Emergency, Evidence: map[string]string{"nature": "not breathing", "treating": "County, bay 4", "unable": "unconscious"}}
	r.Purpose = ForTreatment
	g := groundsFor(nil)
	g.restrictions = []Restriction{{}}
	if err := decide(r, g); err != nil {
		t.Errorf("an emergency with a restriction: %v", err)
	}
}

// Whatever is changed in a request that passes, it passes only if the consent says so.
func TestNothingPassesThatIsNotAllowed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := signed()
		c.What = distinct(rapid.SliceOfN(rapid.SampledFrom(Categories), 0, 5).Draw(t, "allowed"))
		c.Purposes = distinct(rapid.SliceOfN(rapid.SampledFrom(Purposes), 0, 3).Draw(t, "for"))
		c.Kind = rapid.SampledFrom(Kinds).Draw(t, "kind")
		c.State = rapid.SampledFrom([]State{Signed, Signed, Signed, Draft, Revoked, Discarded}).Draw(t, "state")
		c.Expires = today.AddDays(rapid.IntRange(-2, 2).Draw(t, "days"))
		c.Participant = rapid.SampledFrom([]string{"p1", "p1", "p2"}).Draw(t, "about")
		c.To = rapid.SampledFrom([][]string{{"r1"}, {"r2"}, {"r1", "r2"}, nil}).Draw(t, "to")
		r := request()
		r.What = rapid.SliceOfN(rapid.SampledFrom(Categories), 0, 3).Draw(t, "asked")
		r.Purpose = rapid.SampledFrom(Purposes).Draw(t, "purpose")
		r.To = rapid.SampledFrom([]string{"r1", "r2"}).Draw(t, "asker")
		g := groundsFor(&c)
		g.recipient.ID = rapid.SampledFrom([]string{"r1", "r2"}).Draw(t, "found")
		if decide(r, g) != nil {
			return
		}
		for _, w := range r.What {
			if !slices.Contains(c.What, w) {
				t.Fatalf("%s passed, allowed was %v", w, c.What)
			}
		}
		if c.State != Signed || c.Expires.Before(today) || c.Participant != r.Participant || !slices.Contains(c.To, r.To) || g.recipient.ID != r.To ||
			!slices.Contains(c.Purposes, r.Purpose) || len(r.What) == 0 {
			t.Fatalf("passed: %+v with %+v", r, c)
		}
	})
}
