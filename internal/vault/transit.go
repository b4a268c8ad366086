package vault

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// ParseWhere reads the setting that says where keys are: a path, or
//
//	hcvault://HOST[:PORT]/MOUNT/keys/NAME[?file=PATH][&namespace=NS]
//
// for a key file that the transit engine of a HashiCorp Vault or an OpenBao encrypts with its key NAME, and that
// is of no use without it. Over plain HTTP, hcvault+http://, only an agent on this machine is asked. The
// key file is at standard when the setting names none.
func ParseWhere(setting, standard, token string) (Where, error) {
	if !strings.Contains(setting, "://") {
		if setting == "" {
			setting = standard
		}
		path, err := filepath.Abs(setting)
		return Where{File: path}, err
	}
	u, err := url.Parse(setting)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "hcvault" && u.Scheme != "hcvault+http" {
		return Where{}, errors.New("it is neither a file nor hcvault://HOST/transit/keys/NAME")
	}
	if u.Scheme == "hcvault+http" && !loopback(u.Hostname()) {
		return Where{}, errors.New("hcvault+http:// is for an agent on this machine; elsewhere the keys would pass the network in the open: use hcvault://")
	}
	mount, name, ok := strings.Cut(strings.Trim(u.Path, "/"), "/keys/")
	if !ok || mount == "" || name == "" || strings.ContainsAny(name, "/.") {
		return Where{}, errors.New("it does not end in /transit/keys/NAME")
	}
	w := Where{File: standard, Service: "https://" + u.Host + "/v1/" + mount, Key: name, Namespace: u.Query().Get("namespace"), Token: token}
	if u.Scheme == "hcvault+http" {
		w.Service = "http" + strings.TrimPrefix(w.Service, "https")
	}
	if file := u.Query().Get("file"); file != "" {
		w.File = file
	}
	w.File, err = filepath.Abs(w.File)
	return w, err
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// sealedFile is the key file as a key service has encrypted it.
type sealedFile struct {
	What       string `json:"what"`
	Version    int    `json:"version"`
	SealedBy   string `json:"sealed_by"`
	Ciphertext string `json:"ciphertext"`
}

const sealedWhat = "The keys of a Hearth, encrypted by the key service that sealed_by names. Without that service nobody can use them: see that it is backed up too."

// close encrypts a key file, if a service is to.
func (w Where) close(ctx context.Context, plain []byte) ([]byte, error) {
	if w.Service == "" {
		return plain, nil
	}
	out, err := w.ask(ctx, "encrypt", "plaintext", base64.StdEncoding.EncodeToString(plain), "ciphertext")
	if err != nil {
		return nil, err
	}
	return json.MarshalIndent(sealedFile{What: sealedWhat, Version: fileVersion, SealedBy: w.Service + "/keys/" + w.Key, Ciphertext: out}, "", "  ")
}

// open decrypts a key file that a service has encrypted. One that is not sealed although it should be is
// refused, and so is the reverse: somebody believes something about it that is not so.
func (w Where) open(ctx context.Context, b []byte) ([]byte, error) {
	var f sealedFile
	_ = json.Unmarshal(b, &f) // what it is not, unmarshal will say
	switch {
	case f.Ciphertext == "" && w.Service == "":
		return b, nil
	case f.Ciphertext == "":
		return nil, errors.New("no key service has sealed it, though --keys names one. Seal it with: hearth keys seal")
	case w.Service == "":
		return nil, fmt.Errorf("it was sealed by the key service %s: name it with --keys (HEARTH_KEYS), as hcvault://…", f.SealedBy)
	}
	out, err := w.ask(ctx, "decrypt", "ciphertext", f.Ciphertext, "plaintext")
	if err != nil {
		return nil, err
	}
	plain, err := base64.StdEncoding.DecodeString(out)
	if err != nil {
		return nil, errors.New("the key service gave an answer that makes no sense")
	}
	return plain, nil
}

// ask sends one value to the transit engine and returns one of its answer. No error says what was sent.
func (w Where) ask(ctx context.Context, what, name, value, want string) (string, error) {
	body, err := json.Marshal(map[string]string{name: value})
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.Service+"/"+what+"/"+w.Key, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Vault-Request", "true")
	if w.Token != "" {
		req.Header.Set("X-Vault-Token", w.Token)
	}
	if w.Namespace != "" {
		req.Header.Set("X-Vault-Namespace", w.Namespace)
	}
	client := http.Client{
		Transport:     w.transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the token is for this host alone
	}
	resp, err := client.Do(req)
	if err != nil {
		var network net.Error
		if errors.As(err, &network) && network.Timeout() {
			return "", fmt.Errorf("the key service %s did not answer in time", w.Service)
		}
		return "", fmt.Errorf("the key service does not answer: %w", err)
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusForbidden, http.StatusUnauthorized:
		return "", fmt.Errorf("the key service %s refused: the token (--keys-token, HEARTH_KEYS_TOKEN_FILE) may not %s with the key %s", w.Service, what, w.Key)
	case http.StatusServiceUnavailable:
		return "", fmt.Errorf("the key service %s is sealed or not ready: unseal it first", w.Service)
	default:
		return "", fmt.Errorf("the key service %s could not %s with the key %s: %s", w.Service, what, w.Key, resp.Status)
	}
	var answer struct {
		Data map[string]any `json:"data"`
	}
	err = json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&answer)
	if out, ok := answer.Data[want].(string); err == nil && ok && out != "" {
		return out, nil
	}
	return "", errors.New("the key service gave an answer that makes no sense")
}
