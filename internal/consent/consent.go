// Package consent owns what people allowed, what left because of it, and the gate in between: consents with
// every element that 42 CFR 2.31 asks for, the registry of recipients, the notices of 2.32, and the accounting
// of disclosures. Gate.Release is the one way by which anything about a participant leaves.
//
// It must never let something out whose recipient, scope, purpose or time differs from what was allowed, keep
// a way around the gate for anybody, or delete the evidence of a disclosure. It knows participants by id only.
package consent

import (
	"context"
	"embed"
	"time"

	"hearth/internal/access"
	"hearth/internal/civil"
	"hearth/internal/db"
	"hearth/internal/vault"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the tables of this package.
var Migrations = db.Source{Name: "consent", FS: files}

// Sealed are the columns of this package that the vault has sealed, for rotation. What a participant wrote or
// signed is sealed with their key; the evidence of what left is not, because it has to outlive it.
var Sealed = []vault.Column{
	{Table: "consent", Column: "patient", ID: "id", Person: "participant"},
	{Table: "consent", Column: "what_else", ID: "id", Person: "participant"},
	{Table: "consent", Column: "purpose_else", ID: "id", Person: "participant"},
	{Table: "consent", Column: "signature", ID: "id", Person: "participant"},
	{Table: "consent", Column: "document", ID: "id", Person: "participant"},
	{Table: "consent_recipient", Column: "name", ID: "id"},
	{Table: "consent_recipient", Column: "address", ID: "id"},
	{Table: "disclosure", Column: "recipient_name", ID: "id"},
	{Table: "disclosure", Column: "description", ID: "id"},
	{Table: "disclosure", Column: "evidence", ID: "id"},
}

// Kind is what a consent is for. Kinds are separate consents, because the law or decency wants them apart.
type Kind string

// The kinds.
const (
	Share       Kind = "share"            // with a named person or place
	Treatment   Kind = "tpo"              // the single consent for treatment, payment and operations, 2.31(a)(4), 2.33
	Counseling  Kind = "counseling_notes" // 2.31(b)
	Proceedings Kind = "proceedings"      // 2.31(d)
	Justice     Kind = "justice"          // referral by the criminal justice system, 2.35
	Research    Kind = "research"         // research and evaluation
	Story       Kind = "story"            // a person's own story, in the library
	Messages    Kind = "messages"         // one channel of messages
)

// Kinds lists all kinds in the order in which people are shown them.
var Kinds = []Kind{Share, Treatment, Messages, Research, Story, Counseling, Justice, Proceedings}

// Category is one kind of information about a participant. What may leave is a set of categories; there is
// no "everything", because 2.31(a)(3) wants it specific.
type Category string

// The categories.
const (
	TakingPart  Category = "taking_part" // that somebody takes part here, and since when
	Contact     Category = "contact"     // how to reach them
	Attendance  Category = "attendance"  // when they were here
	Plan        Category = "plan"        // their recovery plan
	Talks       Category = "talks"       // when and how we spoke, not what about
	Milestones  Category = "milestones"  // the milestones they chose
	Measures    Category = "measures"    // answers to questionnaires
	Medication  Category = "medication"  // what they told us of their medication
	Referrals   Category = "referrals"   // where we sent them and what came of it
	Notes       Category = "notes"       // what we wrote down
	Counselled  Category = "counseling_notes"
	Permissions Category = "consents" // what they allowed and took back
)

// Categories lists all categories in the order in which people are shown them.
var Categories = []Category{TakingPart, Contact, Attendance, Plan, Talks, Milestones, Measures, Medication, Referrals, Notes, Counselled, Permissions}

// Purpose is what something is shared for.
type Purpose string

// The purposes.
const (
	AtRequest    Purpose = "at_request" // "at the request of the patient" suffices, 2.31(a)(5)
	Coordination Purpose = "coordination"
	Benefits     Purpose = "benefits"
	Housing      Purpose = "housing"
	Family       Purpose = "family"
	ForTreatment Purpose = "treatment"
	ForPayment   Purpose = "payment"
	Operations   Purpose = "operations"
	ForResearch  Purpose = "research"
	Evaluation   Purpose = "evaluation"
	ForStory     Purpose = "story"
	Reaching     Purpose = "messages"
	Legal        Purpose = "legal"
	Safety       Purpose = "safety"
	Access       Purpose = "access" // the person's own copy
)

// Purposes lists the purposes that a consent may name, in the order in which people are shown them.
var Purposes = []Purpose{AtRequest, Coordination, Benefits, Housing, Family, ForTreatment, ForPayment, Operations, ForResearch, Evaluation, ForStory, Reaching, Legal}

// Ending is the event with which a consent ends, where no date is given.
type Ending string

// The endings.
const (
	OnDate         Ending = ""                  // Expires says
	EndOfTreatment Ending = "end_of_treatment"  // 2.31(a)(7)
	EndOfStudy     Ending = "end_of_study"      // research
	Disposition    Ending = "final_disposition" // 2.35
	NoEnding       Ending = "none"              // TPO only
)

// State is where a consent is in its life.
type State string

// The states. A signed consent is never changed again: another one takes its place.
const (
	Draft     State = "draft"
	Signed    State = "signed"
	Revoked   State = "revoked"
	Discarded State = "discarded" // a draft that nobody signed
)

// Class is a wording that names recipients by what they are. It matches nobody by itself: somebody must have
// recorded, for this participant, that a recipient is one of them.
type Class string

// TreatingProviders is the one class that Hearth knows: the words of 2.31(a)(4)(i) for treatment, payment and
// operations.
const TreatingProviders Class = "treating_providers"

// Consent is one permission. Zero times are things that have not happened.
type Consent struct {
	ID          string
	Participant string
	Program     string // id
	Kind        Kind
	State       State
	Revision    int64 // of a draft; saving with another one is a conflict
	Language    string
	Form        string // version of the words, such as "share-1"

	Patient     string // the name that it is about, as the person wants it on paper
	What        []Category
	WhatElse    string   // in the person's words; narrows, never widens
	To          []string // recipients' ids
	Class       Class
	Purposes    []Purpose
	PurposeElse string
	Channel     string // of Messages: sms, voice, email, push
	Expires     civil.Date
	Ending      Ending
	RevocableOn civil.Date // Justice: from when it may be taken back

	PreparedBy string
	PreparedAt time.Time
	Signature  Signature
	Document   Document // as it was shown when it was signed
	Hash       string   // SHA-256 of the document's text, hex
	RevokedAt  time.Time
	RevokedBy  string
	RevokedHow string
}

// Signature says who signed and how.
type Signature struct {
	How     How
	Name    string // as written or typed
	Drawn   string // strokes of a finger: "M x y L x y …" within 600 × 200, "" when typed or on paper
	Signer  Signer
	Capable string // why somebody else signs, where somebody else does
	By      string // account that was signed in; "" on paper
	Witness string // account of the witness
	At      time.Time
}

// How a consent was signed.
type How string

// The ways to sign.
const (
	Finger    How = "finger"
	Typed     How = "typed"
	Paper     How = "paper"     // a paper with the signature is in the program's file
	Witnessed How = "witnessed" // in person: the witness saw it
)

// Signer says in which right somebody signs.
type Signer string

// The signers.
const (
	Self           Signer = "self"
	Guardian       Signer = "guardian"       // 2.14
	Representative Signer = "representative" // 2.15
)

// Profile is what this package must know of a participant, given by the area that owns them.
type Profile struct {
	Record  access.Thing // their record, for policies; things of other kinds about them are made from it
	Name    string       // for a new consent
	Program string
	// BirthMonth is the first day of the month of birth; zero: not known.
	BirthMonth civil.Date
	Here       bool // they take part today
	Erased     bool
}

// Program is who discloses.
type Program struct {
	ID      string
	Name    string
	Address string
	Contact string // whom to write to
	Part2   bool
	// Covered tells whether the program is a covered entity or business associate under HIPAA.
	Covered bool
	// AdultAt is the age in years from which somebody signs for themselves; AloneAt the age from which
	// the state's law lets a minor sign alone, 0: never.
	AdultAt, AloneAt int
}

// Options of a Service; all but none are needed.
type Options struct {
	DB       *db.DB
	Vault    *vault.Vault
	Policies *access.Policies
	Now      func() time.Time
	Today    func() civil.Date // in the community's zone
	// Profile finds a participant; fault.NotFound when there is none.
	Profile func(ctx context.Context, q db.Querier, participant string) (Profile, error)
	// Program finds who discloses.
	Program func(ctx context.Context, q db.Querier, id string) (Program, error)
	// Revoked runs in the transaction that revokes a consent: what relies on it stops there.
	Revoked func(ctx context.Context, tx *db.Tx, c Consent) error
}

// Service holds the consents and the gate.
type Service struct {
	db *db.DB
	o  Options
}

// New returns the consents of a database.
func New(o Options) *Service {
	if o.Revoked == nil {
		o.Revoked = func(context.Context, *db.Tx, Consent) error { return nil }
	}
	return &Service{db: o.DB, o: o}
}
