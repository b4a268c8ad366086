package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"hearth/internal/fault"
)

// The cost of one guess: 19 MiB and two passes, as OWASP has it; about 40 ms.
const (
	memory   = 19 * 1024
	passes   = 2
	threads  = 1
	saltSize = 16
	keySize  = 32
)

// hashing holds a place for each password that is worked on: memory stays bounded, however many ask.
var hashing = make(chan struct{}, 2)

const (
	minPassword = 12
	maxPassword = 1000
)

func checkPassword(fields *fault.Fields, name, password string) {
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword:
		fields.Add("password", "Please use at least %d characters. Four or five words are easy to remember.", minPassword)
	case n > maxPassword:
		fields.Add("password", "Please use at most %d characters.", maxPassword)
	case strings.Contains(nameKey(password), nameKey(name)) && utf8.RuneCountInString(password)-utf8.RuneCountInString(name) < 8,
		strings.Count(password, password[:1]) == len(password):
		fields.Add("password", "This would be too easy to guess.")
	}
}

// hashPassword returns what is stored of a password, in the PHC string format.
func hashPassword(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails
	key, err := derive(ctx, password, salt, passes, memory, threads)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, threads,
		b64.EncodeToString(salt), b64.EncodeToString(key)), nil
}

// hashOfNobody is a well-formed hash that no password has, at the same cost as a real one.
var hashOfNobody = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, threads,
	strings.Repeat("A", 22), strings.Repeat("A", 43))

// passwordFits tells whether the password is the one of the hash.
func passwordFits(ctx context.Context, hash, password string) (bool, error) {
	var version, m, t, p int
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, errors.New("the stored password is not of the form argon2id")
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false, errors.New("the stored password is of another version of argon2id")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &m, &t, &p); err != nil || m < 8 || m > 1<<20 || t < 1 || t > 100 || p < 1 || p > 16 {
		return false, errors.New("the stored password has odd parameters")
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err := errors.Join(err1, err2); err != nil || len(want) != keySize {
		return false, fmt.Errorf("the stored password cannot be read: %w", err)
	}
	got, err := derive(ctx, password, salt, uint32(t), uint32(m), uint8(p))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

func derive(ctx context.Context, password string, salt []byte, t, m uint32, p uint8) ([]byte, error) {
	select {
	case hashing <- struct{}{}:
		defer func() { <-hashing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	// The same letters typed on another keyboard are the same password.
	return argon2.IDKey([]byte(norm.NFKC.String(password)), salt, t, m, p, keySize), nil
}
