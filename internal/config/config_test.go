package config

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func load(flags, env map[string]string) (Config, error) {
	of := func(m map[string]string) func(string) (string, bool) {
		return func(name string) (string, bool) { v, ok := m[name]; return v, ok }
	}
	return Load(of(flags), of(env))
}

// TestPrecedence: a flag wins over a variable, a variable over the file, the file over the default.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "hearth.env")
	if err := os.WriteFile(file, []byte("# a comment\nHEARTH_ADDR=127.0.0.1:1\nHEARTH_COMMUNITY=\"From the file\"\nHEARTH_LOG_LEVEL=debug\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := load(map[string]string{"addr": "127.0.0.1:3"}, map[string]string{"HEARTH_CONFIG": file, "HEARTH_ADDR": "127.0.0.1:2", "HEARTH_COMMUNITY": "From the variable"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "127.0.0.1:3" || c.Community != "From the variable" || c.LogLevel != slog.LevelDebug || c.BaseURL != "http://localhost:3" {
		t.Errorf("got %+v", c)
	}
	if !c.Given("addr") || !c.Given("community") || !c.Given("log-level") || c.Given("data") {
		t.Error("it does not know what was given")
	}
}

// TestSecretFromFile: a variable with _FILE names a file, and no log shows what is in it.
func TestSecretFromFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "url")
	if err := os.WriteFile(file, []byte("postgres://hearth:ember@localhost/hearth\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := load(nil, map[string]string{"HEARTH_DATABASE_URL_FILE": file})
	if err != nil || c.DatabaseURL != "postgres://hearth:ember@localhost/hearth" {
		t.Fatalf("%q, %v", c.DatabaseURL, err)
	}
	var out strings.Builder
	slog.New(slog.NewTextHandler(&out, nil)).Info("start", "config", c)
	if strings.Contains(out.String(), "ember") || !strings.Contains(out.String(), "postgres") {
		t.Errorf("logged: %s", out.String())
	}
}

// TestEveryProblemIsNamed at once, by its flag and its variable.
func TestEveryProblemIsNamed(t *testing.T) {
	t.Parallel()
	_, err := load(map[string]string{"addr": "nowhere", "leave-url": "javascript:x", "database-url": "mysql://x", "allow-private-feeds": "perhaps", "trusted-proxies": "10.0.0.0/8,x", "log-level": "loud", "log-format": "xml", "community": " "}, nil)
	if err == nil {
		t.Fatal("all of it passed")
	}
	for _, want := range []string{"--addr", "--leave-url", "HEARTH_DATABASE_URL", "--allow-private-feeds", "--trusted-proxies", "--log-level", "--log-format", "--community"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not named in: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "--base-url") {
		t.Errorf("it complains about an address that nobody gave: %v", err)
	}
	if strings.Contains(err.Error(), "mysql://x") {
		t.Error("a secret is shown")
	}
}
