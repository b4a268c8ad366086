package vault_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/internal/vault"
)

// transit answers as the transit engine of a key service does: one key, "hearth", and one token.
type transit struct {
	sealed bool
	asked  int
}

func (s *transit) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked++
	if s.sealed {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if r.Header.Get("X-Vault-Token") != "hvs.token" || r.Header.Get("X-Vault-Namespace") != "ns" {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	var in map[string]string
	if r.Method != http.MethodPost || json.NewDecoder(r.Body).Decode(&in) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	mask := func(b []byte) []byte {
		for i := range b {
			b[i] ^= 0x5a
		}
		return b
	}
	out := map[string]string{}
	switch r.URL.Path {
	case "/v1/some/transit/encrypt/hearth":
		b, _ := base64.StdEncoding.DecodeString(in["plaintext"])
		out["ciphertext"] = "vault:v1:" + base64.StdEncoding.EncodeToString(mask(b))
	case "/v1/some/transit/decrypt/hearth":
		b, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(in["ciphertext"], "vault:v1:"))
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		out["plaintext"] = base64.StdEncoding.EncodeToString(mask(b))
	default:
		w.WriteHeader(http.StatusNotFound)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"data": out}) // a test would notice
}

// TestKeyServiceSealsTheFile: without it the file is of no use, with it the keys come back.
func TestKeyServiceSealsTheFile(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	engine := &transit{}
	server := httptest.NewTLSServer(engine)
	defer server.Close()
	file := filepath.Join(t.TempDir(), "keys", "hearth.keys")
	at := func(setting, token string) vault.Where {
		t.Helper()
		w, err := vault.ParseWhere(strings.ReplaceAll(setting, "HOST", strings.TrimPrefix(server.URL, "https://")), file, token)
		if err != nil {
			t.Fatal(err)
		}
		return w.Through(server.Client().Transport)
	}
	w := at("hcvault://HOST/some/transit/keys/hearth?namespace=ns", "hvs.token")
	k := create(t)
	if _, err := k.SaveNew(ctx, w); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"primaryKeyId", "PRIVATE+KEY", "hvs.token", k.ID} {
		if strings.Contains(string(b), secret) {
			t.Errorf("the sealed file shows %s", secret)
		}
	}
	if got, err := vault.LoadKeys(ctx, w); err != nil || got.ID != k.ID {
		t.Fatalf("%v", err)
	}
	plain := filepath.Join(t.TempDir(), "keys", "plain.keys")
	if _, err := k.SaveNew(ctx, vault.Where{File: plain}); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		where vault.Where
		want  string
	}{
		"a sealed file without the service": {vault.Where{File: file}, "was sealed by the key service"},
		"a plain file with the service":     {at("hcvault://HOST/some/transit/keys/hearth?namespace=ns&file="+plain, "hvs.token"), "hearth keys seal"},
		"a wrong token":                     {at("hcvault://HOST/some/transit/keys/hearth?namespace=ns", "another"), "HEARTH_KEYS_TOKEN"},
		"another key":                       {at("hcvault://HOST/some/transit/keys/other?namespace=ns", "hvs.token"), "404"},
	} {
		_, err := vault.LoadKeys(ctx, c.where)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hvs.") || errors.Is(err, vault.ErrNoKeys) {
			t.Errorf("%s: got %v", what, err)
		}
	}
	engine.sealed = true
	if _, err := vault.LoadKeys(ctx, w); err == nil || !strings.Contains(err.Error(), "unseal it") {
		t.Errorf("a sealed service: %v", err)
	}
	engine.sealed = false
	server.Close()
	if _, err := vault.LoadKeys(ctx, w); err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("a service that is gone: %v", err)
	}
}

// TestWhereKeysMayBe: what the setting may say.
func TestWhereKeysMayBe(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]vault.Where{
		"":                                {File: "/standard"},
		"/etc/hearth.keys":                {File: "/etc/hearth.keys"},
		"hcvault://v:8200/transit/keys/a": {File: "/standard", Service: "https://v:8200/v1/transit", Key: "a", Token: "x"},
		"hcvault+http://127.0.0.1:8100/a/b/keys/c?file=/k": {File: "/k", Service: "http://127.0.0.1:8100/v1/a/b", Key: "c", Token: "x"},
	} {
		if got, err := vault.ParseWhere(setting, "/standard", "x"); err != nil || got != want {
			t.Errorf("%q: %+v, %v", setting, got, err)
		}
	}
	for _, setting := range []string{
		"https://v/transit/keys/a", "hcvault://", "hcvault://v", "hcvault://v/transit/a", "hcvault://v/transit/keys/", "hcvault://v/keys/a",
		"hcvault://v/transit/keys/../../a", "hcvault://token@v/transit/keys/a", "hcvault+http://v/transit/keys/a",
	} {
		if got, err := vault.ParseWhere(setting, "/standard", "x"); err == nil {
			t.Errorf("%q was taken: %+v", setting, got)
		}
	}
}

// TestNoRedirectTakesTheToken anywhere.
func TestNoRedirectTakesTheToken(t *testing.T) {
	t.Parallel()
	stolen := ""
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { stolen = r.Header.Get("X-Vault-Token") }))
	defer thief.Close()
	server := httptest.NewTLSServer(http.RedirectHandler(thief.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	w, err := vault.ParseWhere("hcvault://"+strings.TrimPrefix(server.URL, "https://")+"/transit/keys/a", filepath.Join(t.TempDir(), "k", "k"), "hvs.token")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if _, err := create(t).SaveNew(ctx, w.Through(server.Client().Transport)); err == nil || stolen != "" {
		t.Errorf("%q went elsewhere; %v", stolen, err)
	}
}
