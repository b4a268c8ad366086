// Package privacy owns what those who keep the program's privacy have to answer for: requests of participants
// with their clocks, complaints, incidents and whether people must be told, how long things are kept and what
// must not be erased, and the notice of 42 CFR 2.22 in all its versions.
//
// It must never forget that something was asked, complained of or went wrong, nor hold anything of a record:
// it knows participants by id only.
package privacy

import (
	"context"
	"embed"
	"strings"
	"time"
	"unicode/utf8"

	"hearth/internal/access"
	"hearth/internal/audit"
	"hearth/internal/civil"
	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/vault"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the tables of this package.
var Migrations = db.Source{Name: "privacy", FS: files}

// Sealed are the columns of this package that the vault has sealed. What a participant asked is sealed with
// their key; complaints, incidents and holds are not, because they have to outlive it.
var Sealed = []vault.Column{
	{Table: "privacy_request", Column: "words", ID: "id", Person: "participant"},
	{Table: "privacy_request", Column: "extended_why", ID: "id", Person: "participant"},
	{Table: "privacy_request", Column: "answer", ID: "id", Person: "participant"},
	{Table: "privacy_complaint", Column: "words", ID: "id"},
	{Table: "privacy_complaint", Column: "answer", ID: "id"},
	{Table: "privacy_incident", Column: "words", ID: "id"},
	{Table: "privacy_incident", Column: "factors", ID: "id"},
	{Table: "privacy_hold", Column: "why", ID: "id"},
}

// WordsLimit is the most letters of what somebody writes here.
const WordsLimit = 4000

// Options of a Service; all are needed.
type Options struct {
	DB       *db.DB
	Vault    *vault.Vault
	Policies *access.Policies
	Now      func() time.Time
	Today    func() civil.Date // in the community's zone
	// Record is a participant's record as policies see it, and whether it was erased; fault.NotFound when there
	// is none.
	Record func(ctx context.Context, q db.Querier, participant string) (access.Thing, bool, error)
	// Restrict writes down what the program agreed not to share, in the transaction that answers the request.
	Restrict func(ctx context.Context, tx *db.Tx, actor access.Actor, participant string, x Restriction) error
}

// Restriction is what the program agrees not to share: with a recipient, "" for anybody; kinds of information,
// none for everything.
type Restriction struct {
	Recipient string
	What      []string
}

// Service holds what the keepers answer for.
type Service struct {
	db *db.DB
	o  Options
}

// New returns the keepers' books of a database.
func New(o Options) *Service { return &Service{db: o.DB, o: o} }

func (s *Service) record(ctx context.Context, tx *db.Tx, actor access.Actor, action, subject, person, detail string) error {
	return audit.Record(ctx, tx, audit.Entry{At: s.o.Now(), Actor: actor.ID, Action: action, Subject: subject, Person: person, Detail: detail})
}

func (s *Service) seal(ctx context.Context, q db.Querier, person, table, column, row, words string) ([]byte, error) {
	return s.o.Vault.Seal(ctx, q, vault.Place{Person: person, Table: table, Column: column, Row: row}, words)
}

// open opens words. Those of somebody whose key was destroyed open to "".
func (s *Service) open(ctx context.Context, q db.Querier, person, table, column, row string, sealed []byte) (string, error) {
	if person != "" && sealed != nil {
		ring, err := s.o.Vault.Ring(ctx, q, []string{person})
		if err != nil {
			return "", err
		}
		if ring.Erased(person) {
			return "", nil
		}
	}
	return s.o.Vault.Open(ctx, q, vault.Place{Person: person, Table: table, Column: column, Row: row}, sealed)
}

// words tidies what somebody wrote, or says in which field it is missing or too long.
func words(field, text string) (string, error) {
	text = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(text, "\r\n", "\n"), ""))
	if n := utf8.RuneCountInString(text); n == 0 || n > WordsLimit {
		return "", wrong().With(field, "Please write between 1 and %d letters.", WordsLimit)
	}
	return text, nil
}

func wrong() *fault.Error { return fault.New(fault.Invalid, "Something here needs another look.") }

func changedMeanwhile() error {
	return fault.New(fault.Conflict, "Somebody changed this in the meantime. Please look at it again.")
}

// hide makes a no into "not there": whoever may not read a thing does not learn that it is there.
func hide(err error) error {
	if fault.Is(err, fault.Forbidden) {
		return access.NotThere()
	}
	return err
}

func dateText(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func parseDate(s string) (civil.Date, error) {
	if s == "" {
		return civil.Date{}, nil
	}
	return civil.ParseDate(s)
}
