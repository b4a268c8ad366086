// Package accounttest is a passkey in software: it answers the challenges of this house as a phone would,
// so that tests and benchmarks can sign in without a browser.
//
// It must never be part of the server.
package accounttest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
)

// Authenticator is one device with at most one passkey.
type Authenticator struct {
	Origin string // of the site that its browser believes to be on, such as "http://localhost:8080"
	Count  uint32 // of signatures; 0 stays 0, as with passkeys that are synced

	id     []byte
	handle []byte
	key    *ecdsa.PrivateKey
}

var b64 = base64.RawURLEncoding

type options struct {
	Challenge string `json:"challenge"`
	RPID      string `json:"rpId"`
	RP        struct {
		ID string `json:"id"`
	} `json:"rp"`
	User struct {
		ID string `json:"id"`
	} `json:"user"`
}

// Copy is the same passkey in another hand.
func (a *Authenticator) Copy() *Authenticator { c := *a; return &c }

// Create answers PublicKeyCredentialCreationOptionsJSON with a new passkey.
func (a *Authenticator) Create(challenge []byte) ([]byte, error) {
	var o options
	if err := json.Unmarshal(challenge, &o); err != nil {
		return nil, err
	}
	var err error
	if a.handle, err = b64.DecodeString(o.User.ID); err != nil {
		return nil, fmt.Errorf("user handle: %w", err)
	}
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	a.id = make([]byte, 32)
	rand.Read(a.id)
	point, err := a.key.PublicKey.Bytes()
	if err != nil {
		return nil, err
	}
	cose := append([]byte{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 0x20}, point[1:33]...)
	cose = append(append(cose, 0x22, 0x58, 0x20), point[33:]...)
	data := a.data(o.RP.ID, 0x45) // present, verified, with a credential
	data = append(data, make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(a.id)))
	data = append(append(data, a.id...), cose...)
	object := append([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59"), byte(len(data)>>8), byte(len(data)))
	object = append(object, data...)
	return a.answer(map[string]any{
		"clientDataJSON": b64.EncodeToString(a.client("webauthn.create", o.Challenge)), "attestationObject": b64.EncodeToString(object), "transports": []string{"internal"},
	})
}

// Get answers PublicKeyCredentialRequestOptionsJSON with the passkey.
func (a *Authenticator) Get(challenge []byte) ([]byte, error) {
	if a.key == nil {
		return nil, errors.New("there is no passkey on this device")
	}
	var o options
	if err := json.Unmarshal(challenge, &o); err != nil {
		return nil, err
	}
	if a.Count > 0 {
		a.Count++
	}
	data, client := a.data(o.RPID, 0x05), a.client("webauthn.get", o.Challenge)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, sum[:])
	if err != nil {
		return nil, err
	}
	return a.answer(map[string]any{
		"clientDataJSON": b64.EncodeToString(client), "authenticatorData": b64.EncodeToString(data),
		"signature": b64.EncodeToString(signature), "userHandle": b64.EncodeToString(a.handle),
	})
}

func (a *Authenticator) data(site string, flags byte) []byte {
	hash := sha256.Sum256([]byte(site))
	return binary.BigEndian.AppendUint32(append(hash[:], flags), a.Count)
}

func (a *Authenticator) client(kind, challenge string) []byte {
	b, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": a.Origin, "crossOrigin": false}) // strings always marshal
	return b
}

func (a *Authenticator) answer(response map[string]any) ([]byte, error) {
	return json.Marshal(map[string]any{
		"id": b64.EncodeToString(a.id), "rawId": b64.EncodeToString(a.id), "type": "public-key",
		"response": response, "clientExtensionResults": map[string]any{}, "authenticatorAttachment": "platform",
	})
}
