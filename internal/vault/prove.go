package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"hearth/internal/db"
)

// Proof says what was found to open.
type Proof struct {
	People int64 // whose keys were opened
	Values int64 // sealed values that were opened
	NoKey  int64 // sealed values of people who have no key here: it came after these keys were written down
}

// Prove opens the keys of every person, and of each sealed column the newest values, at most so many. What was
// erased is passed over. A key or a value that does not open is an error.
func (v *Vault) Prove(ctx context.Context, q db.Querier, values int) (p Proof, err error) {
	for after := ""; ; {
		people, err := db.All(ctx, q, db.Column[string], `SELECT person FROM vault_person WHERE person > $1 AND wrapped IS NOT NULL ORDER BY person LIMIT 1000`, after)
		if err != nil {
			return p, fmt.Errorf("prove the keys: %w", err)
		}
		if len(people) == 0 {
			break
		}
		if _, err := v.Ring(ctx, q, people); err != nil {
			return p, fmt.Errorf("prove the keys: %w", err)
		}
		p.People += int64(len(people))
		after = people[len(people)-1]
	}
	for _, c := range v.o.Columns {
		if err := v.prove(ctx, q, c, values, &p); err != nil {
			return p, fmt.Errorf("prove the keys: %s.%s: %w", c.Table, c.Column, err)
		}
	}
	return p, nil
}

func (v *Vault) prove(ctx context.Context, q db.Querier, c Column, values int, p *Proof) error {
	person := "''"
	if c.Person != "" {
		person = "coalesce(" + c.Person + ", '')"
	}
	type row struct {
		id, person string
		value      []byte
	}
	rows, err := db.All(ctx, q, func(s db.Scan) (x row, err error) { return x, s(&x.id, &x.person, &x.value) },
		fmt.Sprintf(`SELECT %[1]s, %[2]s, %[3]s FROM %[4]s WHERE %[3]s IS NOT NULL ORDER BY %[1]s DESC LIMIT $1`, c.ID, person, c.Column, c.Table), values)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(rows, 500) {
		people := make([]string, len(some))
		for i, x := range some {
			people[i] = x.person
		}
		ring, err := v.Ring(ctx, q, people)
		if err != nil {
			return err
		}
		for _, x := range some {
			switch _, err := ring.open(Place{Person: x.person, Table: c.Table, Column: c.Column, Row: x.id}, x.value); {
			case err == nil:
				p.Values++
			case errors.Is(err, ErrNoPerson):
				p.NoKey++
			case !errors.Is(err, ErrErased):
				return err
			}
		}
	}
	return nil
}

// Erased lists the people whose keys were destroyed, by their ids.
func Erased(ctx context.Context, q db.Querier) ([]string, error) {
	return db.All(ctx, q, db.Column[string], `SELECT person FROM vault_person WHERE erased_at > 0 ORDER BY person`)
}
