package vault

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	prfsubtle "github.com/tink-crypto/tink-go/v2/prf/subtle"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/streamingaead"
	"github.com/tink-crypto/tink-go/v2/tink"
	"golang.org/x/mod/sumdb/note"

	"hearth/internal/db"
)

// Keys is what the key file holds. It does not change; a rotation makes another.
type Keys struct {
	ID     string    // of the key file; it stays when keys in it are rotated
	MadeAt time.Time //

	program *keyset.Handle // AES256-GCM; wraps people's keys. Its keys stand in the order in which they were made
	index   *keyset.Handle // PRF; never rotated, or every blind index would have to be made anew
	backup  *keyset.Handle // AES256-GCM in segments, for archives
	sign    string         // of checkpoints of the audit record
	verify  string
	madeAt  map[uint32]time.Time // program keys
}

// wrapper wraps people's keys with one program key.
type wrapper = tink.AEAD

// CreateKeys makes the keys of a new house.
func CreateKeys(now time.Time) (*Keys, error) {
	k := &Keys{ID: db.NewID(), MadeAt: now.UTC().Truncate(time.Millisecond), madeAt: map[uint32]time.Time{}}
	var err error
	for _, part := range []struct {
		into     **keyset.Handle
		template *tinkpb.KeyTemplate
	}{
		{&k.program, aead.AES256GCMKeyTemplate()},
		{&k.index, prf.HKDFSHA256PRFKeyTemplate()},
		{&k.backup, streamingaead.AES256GCMHKDF1MBKeyTemplate()},
	} {
		if *part.into, err = keyset.NewHandle(part.template); err != nil {
			return nil, fmt.Errorf("make keys: %w", err)
		}
	}
	if k.sign, k.verify, err = note.GenerateKey(rand.Reader, "hearth-"+k.ID); err != nil {
		return nil, fmt.Errorf("make keys: %w", err)
	}
	k.madeAt[k.primary()] = k.MadeAt
	return k, nil
}

// primary is the program key that wraps from now on.
func (k *Keys) primary() uint32 { return k.program.KeysetInfo().GetPrimaryKeyId() }

// made says when a program key was made.
func (k *Keys) made(id uint32) time.Time { return k.madeAt[id] }

// programIDs lists the program keys, the oldest first.
func (k *Keys) programIDs() []uint32 {
	var ids []uint32
	for _, i := range k.program.KeysetInfo().GetKeyInfo() {
		ids = append(ids, i.GetKeyId())
	}
	return ids
}

// wrappers returns each program key by its id.
func (k *Keys) wrappers() (map[uint32]wrapper, error) {
	out := map[uint32]wrapper{}
	for _, id := range k.programIDs() {
		m := keyset.NewManagerFromHandle(k.program)
		if err := m.SetPrimary(id); err != nil {
			return nil, err
		}
		h, err := m.Handle()
		if err != nil {
			return nil, err
		}
		if out[id], err = aead.New(h); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// wrappedBy reads from a wrapped ring which program key wrapped it: Tink puts the id behind a version byte.
func wrappedBy(wrapped []byte) (uint32, error) {
	if len(wrapped) < 5 || wrapped[0] != 1 {
		return 0, ErrTampered
	}
	return binary.BigEndian.Uint32(wrapped[1:]), nil
}

// with returns the keys with a new program key, which is the primary one.
func (k *Keys) with(now time.Time) (*Keys, error) {
	m := keyset.NewManagerFromHandle(k.program)
	id, err := m.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, err
	}
	if err := m.SetPrimary(id); err != nil {
		return nil, err
	}
	n := *k
	if n.program, err = m.Handle(); err != nil {
		return nil, err
	}
	n.madeAt = map[uint32]time.Time{id: now.UTC().Truncate(time.Millisecond)}
	for old, at := range k.madeAt {
		n.madeAt[old] = at
	}
	return &n, nil
}

// only returns the keys with one program key.
func (k *Keys) only(id uint32) (*Keys, error) {
	m := keyset.NewManagerFromHandle(k.program)
	if err := m.SetPrimary(id); err != nil {
		return nil, err
	}
	for _, other := range k.programIDs() {
		if other != id {
			if err := m.Delete(other); err != nil {
				return nil, err
			}
		}
	}
	n := *k
	var err error
	if n.program, err = m.Handle(); err != nil {
		return nil, err
	}
	n.madeAt = map[uint32]time.Time{id: k.madeAt[id]}
	return &n, nil
}

// derive gives a secret of n bytes for one purpose out of the index key.
func (k *Keys) derive(purpose string, n uint32) []byte {
	set, err := prf.NewPRFSet(k.index)
	if err == nil {
		var out []byte
		if out, err = set.ComputePrimaryPRF([]byte(purpose), n); err == nil {
			return out
		}
	}
	panic("vault: the index key: " + err.Error()) // it was checked when it was read
}

// fit is what a database keeps to know these keys again. It tells nothing about them.
func (k *Keys) fit() string { return hex.EncodeToString(k.derive("hearth: do these keys fit?", 16)) }

// Index returns the blind index of a value in a field such as "account.name": 16 bytes in hexadecimal, equal
// for equal values of one field and unlike in any two fields. The caller normalises. "" has the index "".
// Equal values show: never index a field with few different values.
func (v *Vault) Index(field, normalised string) string {
	if normalised == "" {
		return ""
	}
	key, ok := v.fields.Load(field)
	if !ok {
		key, _ = v.fields.LoadOrStore(field, v.Keys().derive("hearth index of "+field, 32))
	}
	p, err := prfsubtle.NewHMACPRF("SHA256", key.([]byte))
	if err == nil {
		var out []byte
		if out, err = p.ComputePRF([]byte(normalised), 16); err == nil {
			return hex.EncodeToString(out)
		}
	}
	panic("vault: index: " + err.Error()) // the hash is known and 16 is less than 32
}

// Signer signs checkpoints of the audit record.
func (k *Keys) Signer() (note.Signer, error) { return note.NewSigner(k.sign) }

// VerifierKey is the public key to check signed checkpoints with, as note.NewVerifier takes it. It is no
// secret, and best kept elsewhere together with a checkpoint.
func (k *Keys) VerifierKey() string { return k.verify }

// Archive returns a writer that encrypts to w, for a backup; what says which one and must be given again to
// read it. Closing the writer ends the archive and does not close w.
func (k *Keys) Archive(w io.Writer, what string) (io.WriteCloser, error) {
	s, err := streamingaead.New(k.backup)
	if err != nil {
		return nil, err
	}
	return s.NewEncryptingWriter(w, []byte(what))
}

// ReadArchive returns a reader of what Archive wrote. A changed, cut or foreign archive is an error of Read,
// which may come after some of it was read: use nothing before the end.
func (k *Keys) ReadArchive(r io.Reader, what string) (io.Reader, error) {
	s, err := streamingaead.New(k.backup)
	if err != nil {
		return nil, err
	}
	return s.NewDecryptingReader(r, []byte(what))
}

// file is the key file, or what a key service has encrypted of it.
type file struct {
	What    string           `json:"what"`
	Version int              `json:"version"`
	ID      string           `json:"id"`
	MadeAt  int64            `json:"made_at"` // Unix milliseconds
	Program json.RawMessage  `json:"program"`
	Made    map[string]int64 `json:"program_made_at"`
	Index   json.RawMessage  `json:"index"`
	Backup  json.RawMessage  `json:"backup"`
	Sign    string           `json:"sign"`
	Verify  string           `json:"verify"`
}

const (
	fileWhat    = "The keys of a Hearth. Whoever has them and the database can read everything; without them nobody can. Keep a copy of this file apart from copies of the database."
	fileVersion = 1
)

func (k *Keys) marshal() ([]byte, error) {
	f := file{What: fileWhat, Version: fileVersion, ID: k.ID, MadeAt: db.Millis(k.MadeAt), Made: map[string]int64{}, Sign: k.sign, Verify: k.verify}
	for id, at := range k.madeAt {
		f.Made[strconv.FormatUint(uint64(id), 10)] = db.Millis(at)
	}
	for _, part := range []struct {
		from *keyset.Handle
		into *json.RawMessage
	}{{k.program, &f.Program}, {k.index, &f.Index}, {k.backup, &f.Backup}} {
		var b bytes.Buffer
		if err := insecurecleartextkeyset.Write(part.from, keyset.NewJSONWriter(&b)); err != nil {
			return nil, err
		}
		*part.into = b.Bytes()
	}
	return json.MarshalIndent(f, "", "  ")
}

// unmarshal never says in an error what it read.
func unmarshal(b []byte) (*Keys, error) {
	var f file
	if json.Unmarshal(b, &f) != nil || f.ID == "" {
		return nil, errors.New("it is not a key file, or it is damaged")
	}
	if f.Version != fileVersion {
		return nil, fmt.Errorf("it was written by another version of Hearth (form %d, this program knows %d)", f.Version, fileVersion)
	}
	k := &Keys{ID: f.ID, MadeAt: db.Time(f.MadeAt), sign: f.Sign, verify: f.Verify, madeAt: map[uint32]time.Time{}}
	for id, at := range f.Made {
		n, err := strconv.ParseUint(id, 10, 32)
		if err != nil {
			return nil, errors.New("it is damaged")
		}
		k.madeAt[uint32(n)] = db.Time(at)
	}
	for _, part := range []struct {
		from json.RawMessage
		into **keyset.Handle
	}{{f.Program, &k.program}, {f.Index, &k.index}, {f.Backup, &k.backup}} {
		h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(part.from)))
		if err != nil {
			return nil, errors.New("a key in it is damaged")
		}
		*part.into = h
	}
	if _, err := prf.NewPRFSet(k.index); err != nil {
		return nil, errors.New("its index key is damaged")
	}
	if _, err := k.wrappers(); err != nil {
		return nil, errors.New("its program key is damaged")
	}
	if _, err := k.Signer(); err != nil {
		return nil, errors.New("its signing key is damaged")
	}
	return k, nil
}
