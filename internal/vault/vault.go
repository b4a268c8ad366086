// Package vault owns the keys of the house and what is sealed with them: a key file outside the database, a
// data key for every person, sealed fields, blind indexes, the rotation of keys and their destruction.
//
// Three layers. The key file holds the program key. The program key wraps one key ring per person, which
// stands in the database. A person's key seals their fields. So erasing a person's ring makes everything
// about them unreadable, in every copy of the data; and changing the program key touches no field.
//
// It must never write a key or an opened value into the database, a log or an error, and it must never make
// new keys for data that was sealed with others.
package vault

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"sync"
	"time"

	"hearth/internal/db"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the tables of this package.
var Migrations = db.Source{Name: "vault", FS: files}

// What is wrong with a sealed value or with a person's key, for errors.Is.
var (
	ErrErased   = errors.New("this person's key was destroyed: what it sealed cannot be read")
	ErrNoPerson = errors.New("this person has no key yet")
	ErrTampered = errors.New("a sealed value was changed, or stands in a place that it was not sealed for")
)

// Place says where a value stands. It is bound into the sealed value: moved to another row, column, table or
// person, it does not open. Person is who it is about, an id with a key of its own; "" is the house itself.
type Place struct{ Person, Table, Column, Row string }

// Column declares a sealed column, so that a rotation finds it: ID and Person are SQL expressions over the
// table that give Place.Row and Place.Person. An empty Person means the house itself. ID must be unique, and
// is best the primary key.
type Column struct{ Table, Column, ID, Person string }

// Options of a Vault. Now must be set.
type Options struct {
	Where   Where            // where the keys were loaded from, to load them again after a rotation elsewhere
	Now     func() time.Time //
	Columns []Column         // every sealed column of the house; nothing else can be sealed. nil: no check
}

// Vault seals and opens the fields of one database. It is safe for concurrent use.
type Vault struct {
	db      *db.DB
	o       Options
	columns map[[2]string]bool

	mu       sync.RWMutex
	keys     *Keys
	wrappers map[uint32]wrapper // by program key; a dropped one stays until this process ends

	fields sync.Map // blind index keys by field

	batch  int                     // rows of a transaction of a rotation
	stopAt func(step string) error // tests kill a rotation here
}

// Open returns the vault of a database. The first keys that a database is opened with are bound to it; others
// are refused from then on, in words for the person who started the program.
func Open(ctx context.Context, d *db.DB, k *Keys, o Options) (*Vault, error) {
	if o.Now == nil {
		return nil, errors.New("vault: Options.Now is not set")
	}
	v := &Vault{db: d, o: o, wrappers: map[uint32]wrapper{}, batch: batchRows}
	if o.Columns != nil {
		v.columns = map[[2]string]bool{}
		for _, c := range o.Columns {
			v.columns[[2]string{c.Table, c.Column}] = true
		}
	}
	if err := v.use(k); err != nil {
		return nil, err
	}
	if err := v.bind(ctx); err != nil {
		return nil, err
	}
	return v, nil
}

// Bound tells whether a database was ever opened with keys. Then a missing key file is a reason to stop: new
// keys would open nothing of what is there.
func Bound(ctx context.Context, q db.Querier) (bool, error) {
	n, err := db.One(ctx, q, db.Column[int64], `SELECT (SELECT count(*) FROM vault_state) + (SELECT count(*) FROM vault_person)`)
	return n > 0, err
}

// Seal seals plain for a place. "" seals to nil. Of a person without a key: ErrNoPerson; of an erased one:
// ErrErased.
func (v *Vault) Seal(ctx context.Context, q db.Querier, at Place, plain string) ([]byte, error) {
	if plain == "" {
		return nil, nil
	}
	r, err := v.Ring(ctx, q, []string{at.Person})
	if err != nil {
		return nil, err
	}
	return r.Seal(at, plain)
}

// Open opens what was sealed for a place; nil opens to "".
func (v *Vault) Open(ctx context.Context, q db.Querier, at Place, sealed []byte) (string, error) {
	if sealed == nil {
		return "", nil
	}
	r, err := v.Ring(ctx, q, []string{at.Person})
	if err != nil {
		return "", err
	}
	return r.Open(at, sealed)
}

// declared refuses to seal into a column that a rotation would not find.
func (v *Vault) declared(at Place) error {
	if v.columns != nil && !v.columns[[2]string{at.Table, at.Column}] {
		return fmt.Errorf("vault: %s.%s is not declared as a sealed column", at.Table, at.Column)
	}
	return nil
}

// use adds keys to those that this process knows.
func (v *Vault) use(k *Keys) error {
	found, err := k.wrappers()
	if err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.keys = k
	for id, w := range found {
		v.wrappers[id] = w
	}
	return nil
}

// wrapper returns the program key of an id. One that is not known may have come with a rotation in another
// process: then the key file is read again.
func (v *Vault) wrapper(ctx context.Context, id uint32) (wrapper, error) {
	v.mu.RLock()
	w, ok := v.wrappers[id]
	v.mu.RUnlock()
	if ok {
		return w, nil
	}
	if _, err := v.reload(ctx); err != nil {
		return nil, err
	}
	v.mu.RLock()
	w, ok = v.wrappers[id]
	v.mu.RUnlock()
	if ok {
		return w, nil
	}
	return nil, v.lost(id)
}

func (v *Vault) lost(id uint32) error {
	return fmt.Errorf("the key file does not hold the key %08x, which this database was sealed with: put the newest key file back (%s), "+
		"or restore the newest archive of the keys", id, v.o.Where)
}

// Keys returns the keys in use.
func (v *Vault) Keys() *Keys {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.keys
}

// Where tells where the keys are kept.
func (v *Vault) Where() Where { return v.o.Where }

// bind writes down which keys this database is sealed with, or finds out whether these are they.
func (v *Vault) bind(ctx context.Context) error {
	k := v.Keys()
	s, err := readState(ctx, v.db)
	if errors.Is(err, db.ErrNone) {
		if err = v.db.WithTx(ctx, func(tx *db.Tx) error { return v.first(ctx, tx) }); err == nil {
			s, err = readState(ctx, v.db)
		}
	}
	if err != nil {
		return fmt.Errorf("bind the keys: %w", err)
	}
	if s.fit != k.fit() {
		return fmt.Errorf("the keys do not fit the data: this database was sealed with the key file %s, and this is %s. "+
			"Put the right key file back (%s)", s.keys, k.ID, v.o.Where)
	}
	r, err := v.Ring(ctx, v.db, nil)
	if err != nil {
		return err
	}
	if _, err = r.newest(""); errors.Is(err, ErrNoPerson) {
		return errors.New("this database was restored without its people's keys: restore the newest archive of the keys as well")
	}
	return err
}

// first binds the keys to a database that has none.
func (v *Vault) first(ctx context.Context, tx *db.Tx) error {
	k := v.Keys()
	n, err := tx.Exec(ctx, `INSERT INTO vault_state (id, keys, fit, key_id, generation, phase, holder, lease_until, rotated_at)
		VALUES (1, $1, $2, $3, 1, '', '', 0, 0) ON CONFLICT DO NOTHING`, k.ID, k.fit(), int64(k.primary()))
	if err != nil || n == 0 {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO vault_key (id, made_at) VALUES ($1, $2)`, int64(k.primary()), db.Millis(k.made(k.primary()))); err != nil {
		return err
	}
	return v.addRing(ctx, tx, "")
}
