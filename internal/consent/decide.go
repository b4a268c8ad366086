package consent

import (
	"slices"
	"strings"
	"unicode/utf8"

	"hearth/internal/access"
	"hearth/internal/civil"
)

// BasisKind is what allows something to leave.
type BasisKind string

// The bases. All but consent and the own copy need evidence that somebody writes down before anything leaves.
const (
	ByConsent     BasisKind = "consent"      // 2.31, 2.33
	OwnCopy       BasisKind = "own_copy"     // the person's own access, 2.23
	HandedOver    BasisKind = "handed_over"  // the same, put into the person's hand by somebody who walks with them
	Emergency     BasisKind = "emergency"    // 2.51
	Audit         BasisKind = "audit"        // audit and evaluation, 2.53
	CourtOrder    BasisKind = "court_order"  // 2.61–2.67
	AbuseReport   BasisKind = "child_report" // suspected child abuse or neglect, under state law, 2.12(c)(6)
	PremisesCrime BasisKind = "premises"     // a crime on the premises or against personnel, 2.12(c)(5)
	Deidentified  BasisKind = "deidentified" // nobody can be told any more, 2.16, 2.52, 2.54
)

// BasisKinds lists all bases in the order in which people are shown them.
var BasisKinds = []BasisKind{ByConsent, OwnCopy, HandedOver, Emergency, Audit, CourtOrder, AbuseReport, PremisesCrime, Deidentified}

// Basis is what allows one disclosure, with the evidence for it. Evidence has the answers to the questions
// of its kind (see Questions), by the question's code.
type Basis struct {
	Kind     BasisKind
	Consent  string // id, of ByConsent
	Evidence map[string]string
}

// Question is one thing that must be written down for a basis.
type Question struct {
	Code  string
	Words string // the English key of the catalogue
	// Confirm tells that only "yes" is an answer.
	Confirm bool
}

// Questions are what a basis asks for. Sources: 2.51(c) for emergencies, 2.53(a) and (b) for audits, 2.64 and
// 2.65 with 2.61(b) for courts, 2.12(c)(5) and (6).
func (k BasisKind) Questions() []Question {
	switch k {
	case HandedOver:
		return []Question{{Code: "handed", Words: "I give it to the person themself, and to nobody else.", Confirm: true}}
	case Emergency:
		return []Question{
			{Code: "nature", Words: "What is the emergency?"},
			{Code: "treating", Words: "Who is treating the person, and where?"},
			{Code: "unable", Words: "Could the person be asked? If not, why not?"},
		}
	case Audit:
		return []Question{
			{Code: "authority", Words: "Under which law or contract may they look?"},
			{Code: "agreement", Words: "Where is their written agreement to keep and destroy the records as Part 2 asks?"},
			{Code: "limits", Words: "They will use it for this audit or evaluation only.", Confirm: true},
		}
	case CourtOrder:
		return []Question{
			{Code: "court", Words: "Which court, and which number has the order?"},
			{Code: "dated", Words: "Of which day is the order?"},
			{Code: "findings", Words: "The order has the findings that 42 CFR 2.64 or 2.65 asks for.", Confirm: true},
			{Code: "notice", Words: "The person had notice and could be heard, as the order says.", Confirm: true},
			{Code: "subpoena", Words: "A subpoena came with the order.", Confirm: true},
			{Code: "scope", Words: "What exactly does the order allow?"},
		}
	case AbuseReport:
		return []Question{
			{Code: "law", Words: "Which state law asks for this report?"},
			{Code: "agency", Words: "Which agency takes the report?"},
			{Code: "original", Words: "Only the report goes: our own records stay protected.", Confirm: true},
		}
	case PremisesCrime:
		return []Question{
			{Code: "happened", Words: "What happened here, or what was threatened?"},
			{Code: "officer", Words: "Which officer or agency?"},
			{Code: "limits", Words: "Only what happened, and the name, address and last known whereabouts, leave.", Confirm: true},
		}
	case Deidentified:
		return []Question{
			{Code: "method", Words: "How was it made sure that nobody can be told?"},
			{Code: "checked", Words: "Who checked it?"},
		}
	}
	return nil
}

// carries is what may leave on a basis without consent; nil: whatever the evidence allows.
func (k BasisKind) carries() []Category {
	switch k {
	case PremisesCrime:
		return []Category{TakingPart}
	case AbuseReport:
		return []Category{Contact}
	}
	return nil
}

// Request is one question to the gate.
type Request struct {
	Actor       access.Actor
	Participant string
	What        []Category
	To          string // recipient's id; "" for OwnCopy
	Purpose     Purpose
	Basis       Basis
	Way         Way
	Describe    string // brief description for the accounting, 45 CFR 164.528(b)
}

// Way is how something leaves.
type Way string

// The ways.
const (
	Print    Way = "print"
	PDF      Way = "pdf"
	Export   Way = "export"
	Mail     Way = "email"
	FHIR     Way = "fhir"
	Referral Way = "referral"
	Report   Way = "report"
	API      Way = "api"
)

// Ways lists all ways.
var Ways = []Way{Print, PDF, Export, Mail, FHIR, Referral, Report, API}

// Refusal says why the gate did not open. It is a code for the record and the message for the person.
type Refusal struct {
	Code    string
	Message string
}

func (r Refusal) Error() string { return r.Code }

// The refusals.
var (
	RefusedScope      = Refusal{"scope", "The permission does not cover all of this."}
	RefusedRecipient  = Refusal{"recipient", "The permission is for somebody else."}
	RefusedPurpose    = Refusal{"purpose", "The permission is for another purpose."}
	RefusedRevoked    = Refusal{"revoked", "The permission was taken back."}
	RefusedEnded      = Refusal{"ended", "The permission has ended."}
	RefusedUnsigned   = Refusal{"unsigned", "The permission is not signed."}
	RefusedDeficient  = Refusal{"deficient", "The permission lacks something that the law asks for."}
	RefusedOther      = Refusal{"participant", "The permission is about somebody else."}
	RefusedEvidence   = Refusal{"evidence", "What this rests on has to be written down first."}
	RefusedBasis      = Refusal{"basis", "Nothing may leave without a permission or another ground that the law gives."}
	RefusedRestricted = Refusal{"restricted", "We agreed with this person not to share this."}
	RefusedOwn        = Refusal{"own", "Only the person themself gets their own copy."}
	RefusedErased     = Refusal{"erased", "What was known is erased."}
)

// grounds is everything that the decision rests on, read in the transaction that decides.
type grounds struct {
	consent      *Consent
	recipient    Recipient
	inClass      bool // the recipient is recorded as one of this participant's treating providers
	restrictions []Restriction
	related      bool // the actor walks with the person or supervises who does; else it is an emergency or a call
	here         bool // the person takes part today
	today        civil.Date
}

// decide tells whether a request may pass. It is pure: what is not in its arguments does not count.
func decide(r Request, g grounds) error {
	if len(r.What) == 0 || slices.ContainsFunc(r.What, func(c Category) bool { return !slices.Contains(Categories, c) }) || !slices.Contains(Ways, r.Way) {
		return RefusedScope
	}
	// Whoever looks in an emergency lets out what the emergency needs, and nothing else.
	if !g.related && r.Basis.Kind != Emergency && r.Basis.Kind != OwnCopy {
		return RefusedBasis
	}
	// 2.26: what we agreed not to share stays here, but in an emergency and where the law asks for it.
	if r.Basis.Kind == ByConsent || r.Basis.Kind == Audit || r.Basis.Kind == PremisesCrime {
		for _, x := range g.restrictions {
			if x.forbids(r) {
				return RefusedRestricted
			}
		}
	}
	switch r.Basis.Kind {
	case ByConsent:
		return decideConsent(r, g)
	case OwnCopy:
		if r.To != "" || r.Purpose != Access || r.Actor.Participant != r.Participant || r.Participant == "" {
			return RefusedOwn
		}
		return nil
	case HandedOver:
		if r.To != "" || r.Purpose != Access || slices.Contains(r.What, Counselled) {
			return RefusedOwn
		}
		return decideAnswers(r)
	case Emergency, Audit, CourtOrder, AbuseReport, PremisesCrime:
		return decideEvidence(r, g)
	}
	// Deidentified too: what is about one participant is about somebody. Figures leave as a report.
	return RefusedBasis
}

func decideEvidence(r Request, g grounds) error {
	if g.recipient.ID == "" || g.recipient.ID != r.To || g.recipient.ended() {
		return RefusedRecipient
	}
	if !slices.Contains(r.Basis.Kind.Purposes(), r.Purpose) {
		return RefusedPurpose
	}
	if err := decideAnswers(r); err != nil {
		return err
	}
	if allowed := r.Basis.Kind.carries(); allowed != nil && !subset(r.What, allowed) {
		return RefusedScope
	}
	if r.Basis.Kind != CourtOrder && slices.Contains(r.What, Counselled) {
		return RefusedScope
	}
	return nil
}

// decideAnswers tells whether every question of the basis is answered.
func decideAnswers(r Request) error {
	for _, q := range r.Basis.Kind.Questions() {
		answer := strings.TrimSpace(r.Basis.Evidence[q.Code])
		if !q.Confirm && utf8.RuneCountInString(answer) < 4 || q.Confirm && answer != "yes" {
			return RefusedEvidence // a dot is no evidence
		}
	}
	return nil
}

// Purposes are what a basis without consent may be for, 45 CFR 164.528(b)(2)(iv) wants one with each.
func (k BasisKind) Purposes() []Purpose {
	switch k {
	case Emergency:
		return []Purpose{ForTreatment}
	case Audit:
		return []Purpose{Evaluation}
	case CourtOrder:
		return []Purpose{Legal}
	case AbuseReport, PremisesCrime:
		return []Purpose{Safety}
	case HandedOver, OwnCopy:
		return []Purpose{Access}
	}
	return nil
}

// decideConsent compares everything that was allowed with everything that is asked, 2.31(c).
func decideConsent(r Request, g grounds) error {
	c := g.consent
	switch {
	case c == nil || c.ID != r.Basis.Consent:
		return RefusedBasis
	case c.Participant != r.Participant:
		return RefusedOther
	case c.State == Revoked || !c.RevokedAt.IsZero():
		return RefusedRevoked
	case c.State != Signed || c.Signature.At.IsZero():
		return RefusedUnsigned
	case c.check(g.today) != nil:
		return RefusedDeficient
	case c.ended(g.today):
		return RefusedEnded
	case g.recipient.ID == "" || g.recipient.ID != r.To || g.recipient.ended():
		return RefusedRecipient
	case !slices.Contains(c.To, r.To) && !(c.Class == TreatingProviders && g.inClass):
		return RefusedRecipient
	case !subset(r.What, c.What):
		return RefusedScope
	case !slices.Contains(c.Purposes, r.Purpose):
		return RefusedPurpose
	case c.Ending == EndOfTreatment && !g.here:
		return RefusedEnded
	case c.WhatElse != "" && r.Basis.Evidence["narrowed"] != "yes":
		return RefusedEvidence // somebody has to say that they kept to the person's own words
	}
	return nil
}

func subset(some, all []Category) bool {
	return !slices.ContainsFunc(some, func(c Category) bool { return !slices.Contains(all, c) })
}
