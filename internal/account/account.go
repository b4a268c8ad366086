// Package account owns the people who sign in to look after a community, their passwords and sessions.
//
// It must never let anybody sign up from outside, say whether a name exists, or keep a password or a token
// in a form that could be used. People who look for a meeting have no account at all.
package account

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/fault"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the tables of this package.
var Migrations = db.Source{Name: "account", FS: files}

// Role says what an account is for.
type Role string

// The roles. An administrator may do all that an editor may.
const (
	Administrator Role = "administrator"
	Editor        Role = "editor"
)

// Account is a person who may sign in.
type Account struct {
	ID        string
	Name      string
	Role      Role
	Disabled  bool
	CreatedAt time.Time
}

// Options of a Service. Now must be set.
type Options struct {
	Now func() time.Time
}

// Service holds the accounts of one community.
type Service struct {
	db       *db.DB
	now      func() time.Time
	throttle *throttle
}

// New returns the accounts of a database.
func New(d *db.DB, o Options) *Service {
	return &Service{db: d, now: o.Now, throttle: newThrottle(o.Now)}
}

// CreateAdministrator makes an account that may do everything, from the command line. Errors as Create.
func (s *Service) CreateAdministrator(ctx context.Context, name, password string) error {
	_, err := s.Create(ctx, "command line", name, Administrator, password)
	return err
}

// Create makes an account. fault.Invalid: name or password will not do; fault.Conflict: the name is taken.
func (s *Service) Create(ctx context.Context, actor, name string, role Role, password string) (Account, error) {
	name = strings.Join(strings.Fields(norm.NFC.String(strings.ToValidUTF8(name, ""))), " ")
	var fields fault.Fields
	if n := utf8.RuneCountInString(name); n == 0 || n > 80 || strings.ContainsRune(name, 0) {
		fields.Add("name", "Please give a name of at most %d letters.", 80)
	}
	if role != Administrator && role != Editor {
		fields.Add("role", "Please choose administrator or editor.")
	}
	checkPassword(&fields, name, password)
	if err := fields.Err(); err != nil {
		return Account{}, err
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return Account{}, fmt.Errorf("create account: %w", err)
	}
	a := Account{ID: db.NewID(), Name: name, Role: role, CreatedAt: db.Time(db.Millis(s.now()))}
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO account (id, name, name_key, role, password, disabled, created_at)
			VALUES ($1, $2, $3, $4, $5, FALSE, $6)`, a.ID, a.Name, nameKey(a.Name), string(a.Role), hash, db.Millis(a.CreatedAt)); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "account.create", a.ID, string(role))
	})
	if errors.Is(err, db.ErrUnique) {
		return Account{}, fault.New(fault.Conflict, "There is an account of this name already.").With("name", "There is an account of this name already.")
	}
	if err != nil {
		return Account{}, fmt.Errorf("create account: %w", err)
	}
	return a, nil
}

// Accounts lists all accounts by name.
func (s *Service) Accounts(ctx context.Context) ([]Account, error) {
	return db.All(ctx, s.db, scanAccount, `SELECT `+accountColumns+` FROM account a ORDER BY a.name_key COLLATE "C"`)
}

// SetPassword gives an account a new password and ends its sessions. fault.NotFound: there is no such
// account; fault.Invalid: the password will not do.
func (s *Service) SetPassword(ctx context.Context, actor, id, password string) error {
	a, err := db.One(ctx, s.db, scanAccount, `SELECT `+accountColumns+` FROM account a WHERE a.id = $1`, id)
	if errors.Is(err, db.ErrNone) {
		return notFound()
	}
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	var fields fault.Fields
	checkPassword(&fields, a.Name, password)
	if err := fields.Err(); err != nil {
		return err
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	return s.change(ctx, actor, "account.password", id, `UPDATE account SET password = $2 WHERE id = $1`, id, hash)
}

// Disable ends an account's sessions and lets it sign in no more; Enable is the way back. fault.NotFound:
// there is no such account.
func (s *Service) Disable(ctx context.Context, actor, id string) error {
	return s.change(ctx, actor, "account.disable", id, `UPDATE account SET disabled = TRUE WHERE id = $1`, id)
}

// Enable lets a disabled account sign in again. fault.NotFound: there is no such account.
func (s *Service) Enable(ctx context.Context, actor, id string) error {
	return s.change(ctx, actor, "account.enable", id, `UPDATE account SET disabled = FALSE WHERE id = $1`, id)
}

// change updates an account, ends its sessions and records it.
func (s *Service) change(ctx context.Context, actor, action, id, update string, args ...any) error {
	return s.db.WithTx(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, update, args...)
		if err != nil {
			return fmt.Errorf("%s: %w", action, err)
		}
		if n == 0 {
			return notFound()
		}
		if _, err := tx.Exec(ctx, `DELETE FROM account_session WHERE account_id = $1`, id); err != nil {
			return fmt.Errorf("%s: %w", action, err)
		}
		return s.record(ctx, tx, actor, action, id, "")
	})
}

func (s *Service) record(ctx context.Context, tx *db.Tx, actor, action, id, detail string) error {
	return audit.Record(ctx, tx, audit.Entry{At: s.now(), Actor: actor, Action: action, Subject: "account:" + id, Detail: detail})
}

const accountColumns = `a.id, a.name, a.role, a.disabled, a.created_at`

func scanAccount(s db.Scan) (a Account, err error) {
	var createdAt int64
	err = s(&a.ID, &a.Name, &a.Role, &a.Disabled, &createdAt)
	a.CreatedAt = db.Time(createdAt)
	return a, err
}

// nameKey is how names are compared: by their letters, not by how they are typed.
func nameKey(name string) string {
	return strings.ToLower(norm.NFKC.String(strings.Join(strings.Fields(name), " ")))
}

func notFound() error { return fault.New(fault.NotFound, "There is no such account.") }
