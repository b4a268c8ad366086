package vault

import (
	"context"
	"fmt"
	"time"

	"hearth/internal/db"
)

// Register is what may be shown of the keys: what there are and since when, never what they are.
type Register struct {
	File       string // where the key file is
	ID         string // of the key file
	MadeAt     time.Time
	Program    []ProgramKey // the oldest first
	Generation int64        // of people's keys: 1 and one more with each rotation
	People     int64        // who have keys, without the house itself
	Erased     int64        // whose keys were destroyed
	RotatedAt  time.Time    // zero: never
	Rotating   bool         // a rotation was begun and is not done
}

// ProgramKey is one key that wraps people's keys.
type ProgramKey struct {
	ID      string
	MadeAt  time.Time
	Current bool
}

// Register reads the register of keys.
func (v *Vault) Register(ctx context.Context, q db.Querier) (Register, error) {
	k := v.Keys()
	s, err := readState(ctx, q)
	if err != nil {
		return Register{}, err
	}
	r := Register{File: v.o.Where.String(), ID: k.ID, MadeAt: k.MadeAt, Generation: s.generation, RotatedAt: db.Time(s.rotated), Rotating: s.phase != ""}
	for _, id := range k.programIDs() {
		r.Program = append(r.Program, ProgramKey{ID: fmt.Sprintf("%08x", id), MadeAt: k.made(id), Current: int64(id) == s.keyID})
	}
	_, err = db.One(ctx, q, func(s db.Scan) (struct{}, error) { return struct{}{}, s(&r.People, &r.Erased) },
		`SELECT count(*) FILTER (WHERE wrapped IS NOT NULL AND person <> ''), count(*) FILTER (WHERE wrapped IS NULL) FROM vault_person`)
	return r, err
}
