package vault

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"

	"hearth/internal/db"
)

// A sealed value is: 1 byte, its form; 4 bytes, the generation of the key; 12 bytes, the nonce; the
// ciphertext; 16 bytes, the tag. 33 bytes more than the plain text.
const (
	form      = 1
	prefixLen = 5
	overhead  = prefixLen + 12 + 16
)

// prefix begins what a generation sealed.
func prefix(generation uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{form}, generation)
}

// dataKey is one key of a person.
type dataKey struct {
	generation uint32
	key        [32]byte
	aead       cipher.AEAD // made when it is first needed
}

// Ring holds the keys of several people, read at one moment. It is for one goroutine, and not to be kept:
// somebody in it may be erased meanwhile.
type Ring struct {
	v       *Vault
	people  map[string][]dataKey // the newest first
	missing map[string]error
}

// Ring reads the keys of people, and those of the house, in one query per thousand. People who are erased or
// unknown are an error only when something of theirs is opened or sealed.
func (v *Vault) Ring(ctx context.Context, q db.Querier, people []string) (*Ring, error) {
	r := &Ring{v: v, people: make(map[string][]dataKey, len(people)+1), missing: map[string]error{}}
	args := []any{""}
	seen := map[string]bool{"": true}
	for i, p := range people {
		if !seen[p] {
			seen[p] = true
			args = append(args, p)
		}
		if len(args) == 1000 || i == len(people)-1 {
			if err := r.read(ctx, q, args); err != nil {
				return nil, err
			}
			args = args[:0]
		}
	}
	if len(people) == 0 {
		if err := r.read(ctx, q, args); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *Ring) read(ctx context.Context, q db.Querier, args []any) error {
	if len(args) == 0 {
		return nil
	}
	type row struct {
		person  string
		wrapped []byte
	}
	rows, err := db.All(ctx, q, func(s db.Scan) (x row, err error) { return x, s(&x.person, &x.wrapped) },
		`SELECT person, wrapped FROM vault_person WHERE person IN (`+db.List(1, len(args))+`)`, args...)
	if err != nil {
		return fmt.Errorf("read people's keys: %w", err)
	}
	for _, x := range rows {
		if x.wrapped == nil {
			r.missing[x.person] = ErrErased
			continue
		}
		if r.people[x.person], err = r.v.unwrap(ctx, x.person, x.wrapped); err != nil {
			return err
		}
	}
	return nil
}

// keys returns the keys of one person.
func (r *Ring) keys(person string) ([]dataKey, error) {
	if k := r.people[person]; len(k) > 0 {
		return k, nil
	}
	if err := r.missing[person]; err != nil {
		return nil, err
	}
	return nil, ErrNoPerson
}

// newest returns the key that seals for a person.
func (r *Ring) newest(person string) (*dataKey, error) {
	k, err := r.keys(person)
	if err != nil {
		return nil, err
	}
	return &k[0], nil
}

// Erased tells whether a person of the ring was erased.
func (r *Ring) Erased(person string) bool { return errors.Is(r.missing[person], ErrErased) }

// Seal is Vault.Seal for people of the ring.
func (r *Ring) Seal(at Place, plain string) ([]byte, error) {
	if err := r.v.declared(at); err != nil || plain == "" {
		return nil, err
	}
	sealed, err := r.seal(at, []byte(plain))
	if err != nil {
		return nil, fmt.Errorf("seal %s.%s: %w", at.Table, at.Column, err)
	}
	return sealed, nil
}

func (r *Ring) seal(at Place, plain []byte) ([]byte, error) {
	k, err := r.newest(at.Person)
	if err != nil {
		return nil, err
	}
	a, err := k.open()
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(plain)+overhead)
	out = append(out, prefix(k.generation)...)
	return a.Seal(out, nil, plain, at.bytes()), nil
}

// Open is Vault.Open for people of the ring.
func (r *Ring) Open(at Place, sealed []byte) (string, error) {
	if sealed == nil {
		return "", nil
	}
	plain, err := r.open(at, sealed)
	if err != nil {
		return "", fmt.Errorf("open %s.%s: %w", at.Table, at.Column, err)
	}
	return string(plain), nil
}

func (r *Ring) open(at Place, sealed []byte) ([]byte, error) {
	keys, err := r.keys(at.Person)
	if err != nil {
		return nil, err
	}
	if len(sealed) < overhead || sealed[0] != form {
		return nil, ErrTampered
	}
	generation := binary.BigEndian.Uint32(sealed[1:])
	for i := range keys {
		if keys[i].generation != generation {
			continue
		}
		a, err := keys[i].open()
		if err != nil {
			return nil, err
		}
		plain, err := a.Open(nil, nil, sealed[prefixLen:], at.bytes())
		if err != nil {
			return nil, ErrTampered
		}
		return plain, nil
	}
	return nil, ErrTampered
}

func (k *dataKey) open() (cipher.AEAD, error) {
	if k.aead == nil {
		b, err := aes.NewCipher(k.key[:])
		if err != nil {
			return nil, err
		}
		if k.aead, err = cipher.NewGCMWithRandomNonce(b); err != nil {
			return nil, err
		}
	}
	return k.aead, nil
}

// bytes is a place as associated data: each part with its length, so that no two places look alike.
func (at Place) bytes() []byte {
	out := make([]byte, 0, 16+len(at.Person)+len(at.Table)+len(at.Column)+len(at.Row))
	for _, s := range []string{at.Table, at.Column, at.Row, at.Person} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(s)))
		out = append(out, s...)
	}
	return out
}

// ringPlace is the associated data of a wrapped ring.
func ringPlace(person string) []byte { return []byte("hearth: the keys of " + person) }

// unwrap opens the ring of a person: 4 bytes of generation and 32 of key, for each, the newest first.
func (v *Vault) unwrap(ctx context.Context, person string, wrapped []byte) ([]dataKey, error) {
	id, err := wrappedBy(wrapped)
	if err != nil {
		return nil, fmt.Errorf("a person's key: %w", err)
	}
	w, err := v.wrapper(ctx, id)
	if err != nil {
		return nil, err
	}
	plain, err := w.Decrypt(wrapped, ringPlace(person))
	if err != nil || len(plain) == 0 || len(plain)%36 != 0 {
		return nil, fmt.Errorf("a person's key: %w", ErrTampered)
	}
	keys := make([]dataKey, len(plain)/36)
	for i := range keys {
		keys[i].generation = binary.BigEndian.Uint32(plain[i*36:])
		copy(keys[i].key[:], plain[i*36+4:])
	}
	return keys, nil
}

// wrap closes the ring of a person with a program key.
func (v *Vault) wrap(ctx context.Context, keyID uint32, person string, keys []dataKey) ([]byte, error) {
	w, err := v.wrapper(ctx, keyID)
	if err != nil {
		return nil, err
	}
	var plain []byte
	for _, k := range keys {
		plain = binary.BigEndian.AppendUint32(plain, k.generation)
		plain = append(plain, k.key[:]...)
	}
	return w.Encrypt(plain, ringPlace(person))
}

// newDataKey makes a key.
func newDataKey(generation uint32) dataKey {
	k := dataKey{generation: generation}
	rand.Read(k.key[:]) // never fails
	return k
}
