// Package account owns the people who sign in: their names, how they prove who they are (passkeys, a
// password with a one-time code, printed codes, an organisation's own sign-in), invitations, sessions, and
// the grants that say what they may do.
//
// It must never let anybody sign up from outside, say whether a name exists, or keep a name, a password, a
// code or a token in a form that could be used. People who look for a meeting have no account at all.
package account

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

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
var Migrations = db.Source{Name: "account", FS: files}

// Sealed are the columns of this package that hold what the vault sealed.
var Sealed = []vault.Column{
	{Table: "account", Column: "name", ID: "id", Person: "id"},
	{Table: "account", Column: "sign_in", ID: "id", Person: "id"},
	{Table: "account", Column: "totp", ID: "id", Person: "id"},
	{Table: "account_passkey", Column: "label", ID: "id", Person: "account_id"},
	{Table: "account_invitation", Column: "name", ID: "id"},
	{Table: "account_step", Column: "data", ID: "token_hash"},
}

// Account is a person who may sign in.
type Account struct {
	ID          string
	Name        string  // the name they chose to be called by; several people may have the same
	SignIn      string  // the name to sign in by, with a password or a printed code; nobody else has it
	Grants      []Given // of every time, also those that are over
	Language    string  // "en", "es", or "" for what the browser asks for
	Participant string  // the id of their record as a participant, or ""
	Disabled    bool
	CreatedAt   time.Time
	Session     Session // of Service.Session only: the one that asks

	inForce   []access.Grant
	emergency []string
}

// Given is a grant as it was given.
type Given struct {
	ID string
	access.Grant
	By string
	At time.Time
}

// Actor is the account as the policies see it: with the grants that are in force today.
func (a Account) Actor() access.Actor {
	return access.Actor{ID: a.ID, Participant: a.Participant, Grants: slices.Clone(a.inForce), Emergency: slices.Clone(a.emergency)}
}

// Staff tells whether the account holds, held or will hold a role of somebody who works here. That somebody
// is a participant is nobody's business but theirs and of those who walk with them.
func (a Account) Staff() bool {
	return slices.ContainsFunc(a.Grants, func(g Given) bool { return g.Role.Staff() })
}

// Roles are the roles that are in force today, each once.
func (a Account) Roles() []string {
	var out []string
	for _, g := range a.inForce {
		if !slices.Contains(out, string(g.Role)) {
			out = append(out, string(g.Role))
		}
	}
	return out
}

// Has tells whether a role is in force today, wherever.
func (a Account) Has(role access.Role) bool { return slices.Contains(a.Roles(), string(role)) }

// HasIn tells whether a role is in force today in a program, or everywhere.
func (a Account) HasIn(role access.Role, program string) bool {
	return slices.ContainsFunc(a.inForce, func(g access.Grant) bool {
		return g.Role == role && g.Group == "" && (g.Program == "" || g.Program == program)
	})
}

// Policies say who may do what; package access has them.
type Policies interface {
	May(access.Actor, access.Act, access.Thing) error
}

// Options of a Service. Now, Vault, Policies and BaseURL must be set.
type Options struct {
	Now       func() time.Time
	Vault     *vault.Vault
	Policies  Policies
	Log       *slog.Logger
	BaseURL   string        // where browsers reach this house: passkeys belong to its host
	Community func() string // its name, as an authenticator app and a passkey show it; nil for none
	Zone      func() *time.Location
	OIDC      OIDC
	// Participant tells the record of an account's person, "" for none.
	Participant func(ctx context.Context, q db.Querier, account string) (string, error)
	// Emergency lists the records that an account has opened in an emergency, while that holds.
	Emergency func(ctx context.Context, q db.Querier, account string) ([]string, error)
	// Joined is told, in the same transaction, that an invitation made for a participant was taken up.
	Joined func(ctx context.Context, tx *db.Tx, participant, account string) error
}

// Service holds the accounts of one community.
type Service struct {
	db       *db.DB
	o        Options
	throttle *throttle
	party    *party
	provider *provider
}

// New returns the accounts of a database.
func New(d *db.DB, o Options) *Service {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Zone == nil {
		o.Zone = func() *time.Location { return time.UTC }
	}
	if o.Community == nil {
		o.Community = func() string { return "" }
	}
	s := &Service{db: d, o: o, throttle: newThrottle(o.Now), party: newParty(o.BaseURL)}
	if o.OIDC.Issuer != "" {
		s.provider = &provider{o: o.OIDC, back: o.BaseURL + "/signin/oidc/back"}
	}
	return s
}

func (s *Service) now() time.Time { return s.o.Now() }

// today is the day in the community's zone.
func (s *Service) today() civil.Date { return civil.DateOf(s.now().In(s.o.Zone())) }

// NewAccount is an account as the command line makes it.
type NewAccount struct {
	Name     string // the chosen name, and the name to sign in by
	Password string // "" for none: the person comes in by a link
	Grants   []access.Grant
}

// CreateAdministrator makes an account that may look after everything, from the command line. Errors as Create.
func (s *Service) CreateAdministrator(ctx context.Context, name, password string) error {
	_, err := s.Create(ctx, CommandLine, NewAccount{Name: name, Password: password, Grants: []access.Grant{{Role: access.Administrator}}})
	return err
}

// CommandLine is the actor of what somebody did at the machine itself.
const CommandLine = "command line"

// Create makes an account whose sign-in name is its chosen name. fault.Invalid: name, password or a grant
// will not do; fault.Conflict: the name is taken. It is for whoever runs the machine: people are invited.
func (s *Service) Create(ctx context.Context, actor string, n NewAccount) (Account, error) {
	name := tidyName(n.Name)
	var fields fault.Fields
	checkName(&fields, name)
	checkGrants(&fields, n.Grants)
	if n.Password != "" {
		checkPassword(&fields, name, n.Password)
	}
	if err := fields.Err(); err != nil {
		return Account{}, err
	}
	hash := ""
	if n.Password != "" {
		var err error
		if hash, err = hashPassword(ctx, n.Password); err != nil {
			return Account{}, fmt.Errorf("create account: %w", err)
		}
	}
	var a Account
	err := s.db.WithTx(ctx, func(tx *db.Tx) (err error) {
		a, err = s.insert(ctx, tx, actor, person{id: db.NewID(), name: name, signIn: name, password: hash, grants: n.Grants})
		return err
	})
	if errors.Is(err, db.ErrUnique) {
		return Account{}, fault.New(fault.Conflict, "There is an account of this name already.").With("name", "There is an account of this name already.")
	}
	if err != nil {
		return Account{}, fmt.Errorf("create account: %w", err)
	}
	return a, nil
}

// person is an account that comes to be.
type person struct {
	id, name, signIn, password, language string
	totp                                 string
	totpStep                             int64
	grants                               []access.Grant
	by                                   string // who gave the grants; "" is the actor
}

// insert writes a new account with its grants and its data key.
func (s *Service) insert(ctx context.Context, tx *db.Tx, actor string, p person) (Account, error) {
	if err := s.o.Vault.AddPerson(ctx, tx, p.id); err != nil {
		return Account{}, err
	}
	sealed := map[string][]byte{}
	for column, plain := range map[string]string{"name": p.name, "sign_in": p.signIn, "totp": p.totp} {
		b, err := s.o.Vault.Seal(ctx, tx, at(p.id, column), plain)
		if err != nil {
			return Account{}, err
		}
		sealed[column] = b
	}
	now := db.Millis(s.now())
	if _, err := tx.Exec(ctx, `INSERT INTO account (id, name, sign_in, sign_in_index, password, totp, totp_step, language, disabled, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, FALSE, $9)`,
		p.id, sealed["name"], sealed["sign_in"], s.index(p.signIn), p.password, sealed["totp"], p.totpStep, p.language, now); err != nil {
		return Account{}, err
	}
	by := p.by
	if by == "" {
		by = actor
	}
	for _, g := range p.grants {
		if _, err := s.addGrant(ctx, tx, by, p.id, g); err != nil {
			return Account{}, err
		}
	}
	if err := s.record(ctx, tx, actor, "account.create", p.id, describe(p.grants)); err != nil {
		return Account{}, err
	}
	return s.account(ctx, tx, p.id)
}

// at is the place of a sealed column of the account itself.
func at(account, column string) vault.Place {
	return vault.Place{Person: account, Table: "account", Column: column, Row: account}
}

// Account returns one account. fault.NotFound: there is none.
func (s *Service) Account(ctx context.Context, id string) (Account, error) {
	return s.account(ctx, s.db, id)
}

// AccountIn is Account as a transaction sees it.
func (s *Service) AccountIn(ctx context.Context, q db.Querier, id string) (Account, error) {
	return s.account(ctx, q, id)
}

func (s *Service) account(ctx context.Context, q db.Querier, id string) (Account, error) {
	all, err := s.accounts(ctx, q, `WHERE a.id = $1`, id)
	if err != nil {
		return Account{}, fmt.Errorf("account: %w", err)
	}
	if len(all) == 0 {
		return Account{}, notFound()
	}
	return all[0], nil
}

// Accounts lists all accounts by name.
func (s *Service) Accounts(ctx context.Context) ([]Account, error) {
	all, err := s.accounts(ctx, s.db, ``)
	if err != nil {
		return nil, fmt.Errorf("accounts: %w", err)
	}
	slices.SortStableFunc(all, func(a, b Account) int { return strings.Compare(nameKey(a.Name), nameKey(b.Name)) })
	return all, nil
}

// row is an account as it is stored.
type row struct {
	Account
	name, signIn []byte
}

func scanRow(scan db.Scan) (r row, err error) {
	var createdAt int64
	err = scan(&r.ID, &r.name, &r.signIn, &r.Language, &r.Disabled, &createdAt)
	r.CreatedAt = db.Time(createdAt)
	return r, err
}

const accountColumns = `a.id, a.name, a.sign_in, a.language, a.disabled, a.created_at`

func (s *Service) accounts(ctx context.Context, q db.Querier, where string, args ...any) ([]Account, error) {
	rows, err := db.All(ctx, q, scanRow, `SELECT `+accountColumns+` FROM account a `+where+` ORDER BY a.id`, args...)
	if err != nil {
		return nil, err
	}
	return s.open(ctx, q, rows)
}

// open opens the names of accounts and adds their grants.
func (s *Service) open(ctx context.Context, q db.Querier, rows []row) ([]Account, error) {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	ring, err := s.o.Vault.Ring(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	grants, err := s.grantsOf(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Account, len(rows))
	for i, r := range rows {
		a := r.Account
		for _, column := range []struct {
			name   string
			sealed []byte
			to     *string
		}{{"name", r.name, &a.Name}, {"sign_in", r.signIn, &a.SignIn}} {
			if *column.to, err = ring.Open(at(a.ID, column.name), column.sealed); err != nil && !errors.Is(err, vault.ErrErased) {
				return nil, err
			}
		}
		a.Grants = grants[a.ID]
		a.inForce = inForce(a.Grants, s.today())
		if s.o.Participant != nil {
			if a.Participant, err = s.o.Participant(ctx, q, a.ID); err != nil {
				return nil, err
			}
		}
		out[i] = a
	}
	return out, nil
}

// Names returns the chosen names of accounts by their ids. Whoever has no account, or whose name was
// erased, is not in it.
func (s *Service) Names(ctx context.Context, q db.Querier, ids []string) (map[string]string, error) {
	out := map[string]string{}
	for chunk := range slices.Chunk(slices.Compact(slices.Sorted(slices.Values(ids))), 500) {
		args := make([]any, len(chunk))
		for i, id := range chunk {
			args[i] = id
		}
		type one struct {
			id     string
			sealed []byte
		}
		rows, err := db.All(ctx, q, func(scan db.Scan) (o one, err error) { return o, scan(&o.id, &o.sealed) },
			`SELECT a.id, a.name FROM account a WHERE a.id IN (`+db.List(1, len(args))+`)`, args...)
		if err != nil {
			return nil, fmt.Errorf("names: %w", err)
		}
		found := make([]string, len(rows))
		for i, r := range rows {
			found[i] = r.id
		}
		ring, err := s.o.Vault.Ring(ctx, q, found)
		if err != nil {
			return nil, fmt.Errorf("names: %w", err)
		}
		for _, r := range rows {
			name, err := ring.Open(at(r.id, "name"), r.sealed)
			if err != nil && !errors.Is(err, vault.ErrErased) {
				return nil, fmt.Errorf("names: %w", err)
			}
			if name != "" {
				out[r.id] = name
			}
		}
	}
	return out, nil
}

// StaffNames is Names for those accounts only that hold, held or will hold a role of somebody who works here:
// that somebody is a participant is nobody's business where lists are read by many.
func (s *Service) StaffNames(ctx context.Context, q db.Querier, ids []string) (map[string]string, error) {
	names, err := s.Names(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	grants, err := s.grantsOf(ctx, q, slices.Sorted(maps.Keys(names)))
	if err != nil {
		return nil, fmt.Errorf("names of staff: %w", err)
	}
	for id := range names {
		if !slices.ContainsFunc(grants[id], func(g Given) bool { return g.Role.Staff() }) {
			delete(names, id)
		}
	}
	return names, nil
}

// Find returns the account that signs in by a name. fault.NotFound: there is none. It is for the command
// line: no page may ask it.
func (s *Service) Find(ctx context.Context, signIn string) (Account, error) {
	all, err := s.accounts(ctx, s.db, `WHERE a.sign_in_index = $1`, s.index(signIn))
	if err != nil {
		return Account{}, fmt.Errorf("find: %w", err)
	}
	if len(all) == 0 {
		return Account{}, notFound()
	}
	return all[0], nil
}

// Rename changes the name that somebody is called by. fault.Invalid: it will not do.
func (s *Service) Rename(ctx context.Context, actor, id, name string) error {
	name = tidyName(name)
	var fields fault.Fields
	checkName(&fields, name)
	if err := fields.Err(); err != nil {
		return err
	}
	return s.db.WithTx(ctx, func(tx *db.Tx) error {
		sealed, err := s.o.Vault.Seal(ctx, tx, at(id, "name"), name)
		if err != nil {
			return fmt.Errorf("rename: %w", err)
		}
		return s.change(ctx, tx, actor, "account.rename", id, `UPDATE account SET name = $2 WHERE id = $1`, id, sealed)
	})
}

// SetLanguage keeps the language somebody reads; "" leaves it to the browser.
func (s *Service) SetLanguage(ctx context.Context, id, language string) error {
	if language != "" && language != "en" && language != "es" {
		return fault.New(fault.Invalid, "Something here needs another look.").With("language", "Please choose one of the languages.")
	}
	return s.db.WithTx(ctx, func(tx *db.Tx) error {
		return s.change(ctx, tx, id, "account.language", id, `UPDATE account SET language = $2 WHERE id = $1`, id, language)
	})
}

// Disable ends an account's sessions and lets it sign in no more; Enable is the way back. fault.NotFound:
// there is no such account.
func (s *Service) Disable(ctx context.Context, actor, id string) error {
	return s.db.WithTx(ctx, func(tx *db.Tx) error {
		if err := s.endSessions(ctx, tx, id, ""); err != nil {
			return err
		}
		return s.change(ctx, tx, actor, "account.disable", id, `UPDATE account SET disabled = TRUE WHERE id = $1`, id)
	})
}

// Enable lets a disabled account sign in again. fault.NotFound: there is no such account.
func (s *Service) Enable(ctx context.Context, actor, id string) error {
	return s.db.WithTx(ctx, func(tx *db.Tx) error {
		return s.change(ctx, tx, actor, "account.enable", id, `UPDATE account SET disabled = FALSE WHERE id = $1`, id)
	})
}

// Close ends an account for good, in the caller's transaction: its ways in, its sessions and its roles go, and
// its names can never be read again. What it did stays in the record under its id.
func (s *Service) Close(ctx context.Context, tx *db.Tx, actor, id string) error {
	for _, table := range []string{"account_session", "account_passkey", "account_recovery", "account_oidc", "account_grant"} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE account_id = $1`, id); err != nil {
			return fmt.Errorf("close account: %w", err)
		}
	}
	if err := s.o.Vault.Erase(ctx, tx, id); err != nil {
		return fmt.Errorf("close account: %w", err)
	}
	return s.change(ctx, tx, actor, "account.close", id, `UPDATE account SET disabled = TRUE, password = '', totp = NULL, name = NULL, sign_in = NULL, sign_in_index = NULL WHERE id = $1`, id)
}

// CloseAgain closes the accounts among some people whose keys are destroyed already, as after a state was put
// back from before that. It returns how many there were.
func (s *Service) CloseAgain(ctx context.Context, tx *db.Tx, actor string, people []string) (int, error) {
	n := 0
	for _, id := range people {
		open, err := db.One(ctx, tx, db.Column[int64], `SELECT count(*) FROM account WHERE id = $1 AND sign_in_index IS NOT NULL`, id)
		if err != nil {
			return n, fmt.Errorf("close accounts again: %w", err)
		}
		if open == 0 {
			continue
		}
		if err := s.Close(ctx, tx, actor, id); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// change updates one account and records it.
func (s *Service) change(ctx context.Context, tx *db.Tx, actor, action, id, update string, args ...any) error {
	n, err := tx.Exec(ctx, update, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", action, err)
	}
	if n == 0 {
		return notFound()
	}
	return s.record(ctx, tx, actor, action, id, "")
}

func (s *Service) record(ctx context.Context, tx *db.Tx, actor, action, id, detail string) error {
	return audit.Record(ctx, tx, audit.Entry{At: s.now(), Actor: actor, Action: action, Subject: "account:" + id, Detail: detail})
}

func notFound() error { return fault.New(fault.NotFound, "There is no such account.") }
