package vault

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"hearth/internal/db"
)

// Rotation is what a rotation did.
type Rotation struct {
	People     int64 // whose keys were renewed
	Fields     int64 // that were sealed anew
	Unreadable int64 // left as they were: of erased people, or damaged before
}

const (
	batchRows = 500             // of a transaction: others wait for one, not for the whole
	lease     = 2 * time.Minute // a process that rotates and says nothing for so long is dead
)

// errLease is told to the person who started the rotation.
var errLease = errors.New("another process is rotating the keys")

// Rotate renews the keys while everything goes on: a new program key, a new data key for every person, and
// every sealed field sealed with that; then the old program key is dropped. It goes on where an earlier one
// was cut off. progress may be nil.
//
// Each step leaves the house in a state in which everything can be read:
//
//	the file   gets the new program key, before anything in the database needs it
//	people     each ring gets a new data key in front and is wrapped by the new program key
//	columns    each value is sealed with its person's newest data key
//	drop       the old program key goes, first from the table vault_key (which fails while a ring still refers
//	           to it), then from the file
//
// Older data keys stay in the rings, because archives of the data hold what they sealed; they are gone with
// the person. Processes that meet a program key they do not know read the key file again.
func (v *Vault) Rotate(ctx context.Context, progress func(done, total int64)) (Rotation, error) {
	r := rotation{Vault: v, me: db.NewID(), progress: progress}
	err := r.run(ctx)
	if r.held {
		// The lease ends by itself when this fails.
		_, _ = v.db.Exec(context.WithoutCancel(ctx), `UPDATE vault_state SET holder = '', lease_until = 0 WHERE id = 1 AND holder = $1`, r.me)
	}
	if err != nil {
		return r.did, fmt.Errorf("rotate the keys: %w", err)
	}
	return r.did, nil
}

// Rotating tells whether a rotation was begun and is not done.
func Rotating(ctx context.Context, q db.Querier) (bool, error) {
	s, err := readState(ctx, q)
	return s.phase != "", err
}

type rotation struct {
	*Vault
	me          string
	held        bool
	key         uint32 // the new program key
	generation  uint32
	did         Rotation
	done, total int64
	progress    func(done, total int64)
}

func (r *rotation) run(ctx context.Context) error {
	// A lease that reaches further than any was given when the clock was wrong.
	n, err := r.db.Exec(ctx, `UPDATE vault_state SET holder = $1, lease_until = $2 WHERE id = 1 AND (holder = '' OR lease_until < $3 OR lease_until > $2)`,
		r.me, db.Millis(r.o.Now().Add(lease)), db.Millis(r.o.Now()))
	if err != nil {
		return err
	}
	if n == 0 {
		return errLease
	}
	r.held = true
	s, err := readState(ctx, r.db)
	if err != nil {
		return err
	}
	if s.phase == "" {
		if err := r.begin(ctx, uint32(s.keyID)); err != nil {
			return err
		}
		if s, err = readState(ctx, r.db); err != nil {
			return err
		}
	}
	r.key, r.generation = uint32(s.keyID), uint32(s.generation)
	if s.phase != "drop" {
		if err := r.renew(ctx, s.phase); err != nil {
			return err
		}
	}
	return r.drop(ctx)
}

// begin puts a new program key into the file, and then says in the database that it is the one. A new key
// that the file holds already, put there by a begin that was cut off or by AddKey, is taken.
func (r *rotation) begin(ctx context.Context, current uint32) error {
	k, err := r.AddKey(ctx)
	if err != nil {
		return err
	}
	if err := r.at("the file has the new key"); err != nil {
		return err
	}
	key := k.primary()
	return r.tx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO vault_key (id, made_at) VALUES ($1, $2) ON CONFLICT DO NOTHING`, int64(key), db.Millis(k.made(key))); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE vault_state SET key_id = $1, generation = generation + 1, phase = 'people' WHERE id = 1 AND key_id = $2`, int64(key), int64(current))
		return err
	})
}

// AddKey puts a new program key into the key file, unless there is one already that is not in use yet. Rotate
// does it first. Where several machines have copies of the key file, this is done on one, the file is copied
// to the others, and then Rotate is called.
func (v *Vault) AddKey(ctx context.Context) (*Keys, error) {
	s, err := readState(ctx, v.db)
	if err != nil {
		return nil, err
	}
	k, err := v.reload(ctx)
	if err != nil {
		return nil, err
	}
	ids := k.programIDs()
	for i, id := range ids {
		if id != uint32(s.keyID) {
			continue
		}
		if i < len(ids)-1 || s.phase != "" {
			return k, nil
		}
		if k, err = k.with(v.o.Now()); err != nil {
			return nil, err
		}
		return k, v.replace(ctx, k)
	}
	return nil, v.lost(uint32(s.keyID))
}

// reload reads the key file again, if there is one.
func (v *Vault) reload(ctx context.Context) (*Keys, error) {
	if v.o.Where == (Where{}) {
		return v.Keys(), nil
	}
	k, err := LoadKeys(ctx, v.o.Where)
	if err != nil {
		return nil, err
	}
	if k.ID != v.Keys().ID {
		return nil, fmt.Errorf("the key file %s was replaced by another one while Hearth ran", v.o.Where)
	}
	return k, v.use(k)
}

// replace writes the key file anew, if there is one.
func (v *Vault) replace(ctx context.Context, k *Keys) error {
	if v.o.Where != (Where{}) {
		if err := k.Save(ctx, v.o.Where); err != nil {
			return err
		}
	}
	return v.use(k)
}

// renew goes over the people and then over the columns, and ends when no ring is wrapped by an old key.
func (r *rotation) renew(ctx context.Context, phase string) error {
	if err := r.count(ctx); err != nil {
		return err
	}
	for {
		if phase == "people" {
			if err := r.people(ctx); err != nil {
				return err
			}
			if err := r.phase(ctx, "columns"); err != nil {
				return err
			}
		}
		for _, c := range r.o.Columns {
			if err := r.column(ctx, c); err != nil {
				return fmt.Errorf("%s.%s: %w", c.Table, c.Column, err)
			}
		}
		err := r.tx(ctx, func(tx *db.Tx) error {
			// Fails while a ring refers to an old key, also one that somebody adds at this moment: their
			// transaction holds the row until it ends.
			if _, err := tx.Exec(ctx, `DELETE FROM vault_key WHERE id <> $1`, int64(r.key)); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `UPDATE vault_state SET phase = 'drop' WHERE id = 1`)
			return err
		})
		if !errors.Is(err, db.ErrReference) {
			return err
		}
		phase = "people"
	}
}

func (r *rotation) phase(ctx context.Context, phase string) error {
	return r.tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE vault_state SET phase = $1 WHERE id = 1`, phase)
		return err
	})
}

// drop takes the old program keys out of the file. Nothing needs them any more.
func (r *rotation) drop(ctx context.Context) error {
	k, err := r.reload(ctx)
	if err != nil {
		return err
	}
	if k, err = k.only(r.key); err != nil {
		return err
	}
	if err := r.replace(ctx, k); err != nil {
		return err
	}
	if err := r.at("the file has only the new key"); err != nil {
		return err
	}
	return r.tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE vault_state SET phase = '', rotated_at = $1 WHERE id = 1`, db.Millis(r.o.Now()))
		return err
	})
}

// tx runs one step in a transaction, and makes sure that this process still is the one that rotates.
func (r *rotation) tx(ctx context.Context, f func(*db.Tx) error) error {
	if err := r.at("before a step"); err != nil {
		return err
	}
	err := r.db.WithTx(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE vault_state SET lease_until = $1 WHERE id = 1 AND holder = $2`, db.Millis(r.o.Now().Add(lease)), r.me)
		if err != nil {
			return err
		}
		if n == 0 {
			return errLease
		}
		return f(tx)
	})
	if err != nil {
		return err
	}
	return r.at("after a step")
}

// at is where a test may kill the rotation.
func (r *rotation) at(step string) error {
	if r.stopAt == nil {
		return nil
	}
	return r.stopAt(step)
}

// count finds out how much there is, for the progress.
func (r *rotation) count(ctx context.Context) error {
	add := func(sql string, args ...any) error {
		all, err := db.One(ctx, r.db, func(s db.Scan) (n [2]int64, err error) { return n, s(&n[0], &n[1]) }, sql, args...)
		r.total += all[0]
		r.done += all[1]
		return err
	}
	if err := add(`SELECT count(*), count(*) FILTER (WHERE key_id = $1 AND generation = $2) FROM vault_person WHERE wrapped IS NOT NULL`, int64(r.key), int64(r.generation)); err != nil {
		return err
	}
	for _, c := range r.o.Columns {
		sql := fmt.Sprintf(`SELECT count(*), count(*) FILTER (WHERE substr(%[1]s, 1, 5) = $1) FROM %[2]s WHERE %[1]s IS NOT NULL`, c.Column, c.Table)
		if err := add(sql, prefix(r.generation)); err != nil {
			return err
		}
	}
	return nil
}

func (r *rotation) advance(n int) {
	r.done += int64(n)
	if r.progress != nil {
		r.progress(min(r.done, r.total), r.total)
	}
}

// people gives every ring a new data key and wraps it with the new program key.
func (r *rotation) people(ctx context.Context) error {
	for {
		n := 0
		err := r.tx(ctx, func(tx *db.Tx) error {
			type row struct {
				person  string
				wrapped []byte
			}
			rows, err := db.All(ctx, tx, func(s db.Scan) (x row, err error) { return x, s(&x.person, &x.wrapped) },
				`SELECT person, wrapped FROM vault_person WHERE wrapped IS NOT NULL AND (key_id <> $1 OR generation <> $2) ORDER BY person LIMIT $3`+tx.ForUpdate(),
				int64(r.key), int64(r.generation), r.batch)
			if err != nil {
				return err
			}
			n = len(rows)
			values := make([]value, n)
			for i, x := range rows {
				keys, err := r.unwrap(ctx, x.person, x.wrapped)
				if err != nil {
					return err
				}
				if keys[0].generation != r.generation {
					keys = append([]dataKey{newDataKey(r.generation)}, keys...)
				}
				values[i].id = x.person
				if values[i].sealed, err = r.wrap(ctx, r.key, x.person, keys); err != nil {
					return err
				}
			}
			also := fmt.Sprintf(", key_id = %d, generation = %d", r.key, r.generation)
			return update(ctx, tx, Column{Table: "vault_person", Column: "wrapped", ID: "person"}, also, values)
		})
		if err != nil || n == 0 {
			return err
		}
		r.did.People += int64(n)
		r.advance(n)
	}
}

// column seals the values of a column with the newest data keys.
func (r *rotation) column(ctx context.Context, c Column) error {
	person := "''"
	if c.Person != "" {
		person = "coalesce(" + c.Person + ", '')"
	}
	sql := fmt.Sprintf(`SELECT %[1]s, %[2]s, %[3]s FROM %[4]s WHERE %[3]s IS NOT NULL AND substr(%[3]s, 1, 5) <> $1 AND %[1]s > $2 ORDER BY %[1]s LIMIT $3`,
		c.ID, person, c.Column, c.Table)
	for after := ""; ; {
		var n, sealed int
		var last string
		err := r.tx(ctx, func(tx *db.Tx) error {
			type row struct {
				id, person string
				value      []byte
			}
			rows, err := db.All(ctx, tx, func(s db.Scan) (x row, err error) { return x, s(&x.id, &x.person, &x.value) }, sql+tx.ForUpdate(), prefix(r.generation), after, r.batch)
			if err != nil || len(rows) == 0 {
				n = 0
				return err
			}
			people := make([]string, len(rows))
			for i, x := range rows {
				people[i] = x.person
			}
			ring, err := r.Ring(ctx, tx, people)
			if err != nil {
				return err
			}
			var values []value
			for _, x := range rows {
				at := Place{Person: x.person, Table: c.Table, Column: c.Column, Row: x.id}
				plain, err := ring.open(at, x.value)
				if err != nil {
					continue // erased, or damaged: nothing could read it before either
				}
				anew, err := ring.seal(at, plain)
				if err != nil {
					return err
				}
				values = append(values, value{x.id, anew})
			}
			n, sealed, last = len(rows), len(values), rows[len(rows)-1].id
			return update(ctx, tx, c, "", values)
		})
		if err != nil || n == 0 {
			return err
		}
		after = last
		r.did.Fields += int64(sealed)
		r.did.Unreadable += int64(n - sealed)
		r.advance(n)
	}
}

type value struct {
	id     string
	sealed []byte
}

// update writes many values of a column, a hundred by a statement: PostgreSQL would answer each singly.
func update(ctx context.Context, tx *db.Tx, c Column, also string, values []value) error {
	for len(values) > 0 {
		n := min(100, len(values))
		var b strings.Builder
		args := make([]any, 0, 2*n)
		fmt.Fprintf(&b, "UPDATE %s SET %s = CASE %s", c.Table, c.Column, c.ID)
		for i, x := range values[:n] {
			args = append(args, x.id, x.sealed)
			b.WriteString(" WHEN $" + strconv.Itoa(2*i+1) + " THEN $" + strconv.Itoa(2*i+2))
		}
		fmt.Fprintf(&b, " ELSE %s END%s WHERE %s IN (", c.Column, also, c.ID)
		for i := range n {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString("$" + strconv.Itoa(2*i+1))
		}
		b.WriteByte(')')
		if _, err := tx.Exec(ctx, b.String(), args...); err != nil {
			return err
		}
		values = values[n:]
	}
	return nil
}
