package vault

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// PassphraseLeast is how many letters a passphrase must have: it stands alone against who has found the file.
const PassphraseLeast = 16

// ErrPassphrase means that a passphrase does not open what it was given for.
var ErrPassphrase = errors.New("the passphrase does not open it")

// locked is the key file under a passphrase.
type locked struct {
	By     string `json:"by"` // argon2id
	Time   uint32 `json:"time"`
	Memory uint32 `json:"memory"` // KiB
	Lanes  uint8  `json:"lanes"`
	Salt   []byte `json:"salt"`
	Sealed []byte `json:"sealed"`
}

// RFC 9106, section 4, the second choice; more than this is not read, so that a foreign file cannot take the machine.
const (
	lockTime   = 3
	lockMemory = 64 << 10
	lockLanes  = 4
	lockMost   = 16 // times as much
)

const lockedFor = "hearth: the key file under a passphrase"

// Lock returns the keys sealed with a passphrase, to be kept apart from this machine.
func (k *Keys) Lock(passphrase string) ([]byte, error) {
	if utf8.RuneCountInString(passphrase) < PassphraseLeast {
		return nil, errors.New("the passphrase is too short: take five or six words that nobody would put together")
	}
	plain, err := k.marshal()
	if err != nil {
		return nil, err
	}
	l := locked{By: "argon2id", Time: lockTime, Memory: lockMemory, Lanes: lockLanes, Salt: make([]byte, 16)}
	rand.Read(l.Salt) // never fails
	a, err := l.aead(passphrase)
	if err != nil {
		return nil, err
	}
	l.Sealed = a.Seal(nil, nil, plain, []byte(lockedFor))
	return json.Marshal(l)
}

// Unlock is the reverse of Lock.
func Unlock(b []byte, passphrase string) (*Keys, error) {
	var l locked
	if json.Unmarshal(b, &l) != nil || l.By != "argon2id" || l.Time == 0 || l.Lanes == 0 || l.Time > lockMost*lockTime || l.Memory > lockMost*lockMemory {
		return nil, errors.New("the keys in it are damaged, or another version of Hearth wrote them")
	}
	a, err := l.aead(passphrase)
	if err != nil {
		return nil, err
	}
	plain, err := a.Open(nil, nil, l.Sealed, []byte(lockedFor))
	if err != nil {
		return nil, ErrPassphrase
	}
	return unmarshal(plain)
}

func (l locked) aead(passphrase string) (cipher.AEAD, error) {
	b, err := aes.NewCipher(argon2.IDKey([]byte(passphrase), l.Salt, l.Time, l.Memory, l.Lanes, 32))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(b)
}

// ReadKeys reads the bytes of a key file that lay elsewhere. w names the key service, if one sealed it.
func ReadKeys(ctx context.Context, b []byte, w Where) (*Keys, error) {
	b, err := w.open(ctx, b)
	if err != nil {
		return nil, err
	}
	return unmarshal(b)
}
