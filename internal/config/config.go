// Package config owns the settings of a Hearth: their names, defaults and checks, read once at start from
// flags, HEARTH_* variables and an optional file, in this order of precedence.
//
// It must never read anything after the start, nor print a secret.
package config

import (
	"bufio"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Config is every setting. Its zero value is not usable; Load fills it.
type Config struct {
	Addr              string         // where the server listens
	Data              string         // folder with the SQLite file, absolute
	DatabaseURL       string         // postgres://…; "" for SQLite in Data
	Keys              string         // the key file, or hcvault://…; "" for the usual place in Data
	KeysToken         string         // for the key service
	BaseURL           string         // how others reach this server, without a slash at the end
	Community         string         // name in the header
	LeaveURL          string         // where Leave quickly goes
	AllowPrivateFeeds bool           // feeds may be fetched from private and loopback addresses
	TrustedProxies    []netip.Prefix // whose X-Forwarded-For is believed
	OIDCIssuer        string         // address of an organisation's own sign-in; "" for none
	OIDCClientID      string
	OIDCClientSecret  string
	LogLevel          slog.Level
	LogFormat         string // text or json

	given map[string]bool // flags whose value somebody gave, by whatever way
}

// Given tells whether somebody gave a setting, by flag, variable or file, or its default is used.
func (c Config) Given(flag string) bool { return c.given[flag] }

// Setting describes one setting. Its variable is HEARTH_ and the flag's name in capitals; a variable
// with _FILE behind its name holds the path of a file with the value.
type Setting struct {
	Flag    string
	Default string
	Usage   string
	Secret  bool
}

// Settings lists every setting, in the order in which help shows them.
var Settings = []Setting{
	{Flag: "addr", Default: "127.0.0.1:8080", Usage: "address to listen on"},
	{Flag: "data", Default: "./hearth-data", Usage: "data folder, made on first start"},
	{Flag: "database-url", Default: "", Usage: "postgres://… to use PostgreSQL instead of the SQLite file in the data folder", Secret: true},
	{Flag: "keys", Default: "", Usage: "file with the keys of everything private, made on first start (default DATA/keys/hearth.keys), or hcvault://HOST/transit/keys/NAME"},
	{Flag: "keys-token", Default: "", Usage: "token for the key service that hcvault:// names", Secret: true},
	{Flag: "base-url", Default: "", Usage: "address under which others reach this server (default http://ADDR)"},
	{Flag: "community", Default: "Hearth", Usage: "name of the community, shown in the header"},
	{Flag: "leave-url", Default: "https://www.weather.gov/", Usage: "where Leave quickly goes"},
	{Flag: "allow-private-feeds", Default: "false", Usage: "let feeds be fetched from private and loopback addresses"},
	{Flag: "trusted-proxies", Default: "", Usage: "comma-separated networks whose X-Forwarded-For is believed"},
	{Flag: "oidc-issuer", Default: "", Usage: "address of your organisation's sign-in (OpenID Connect), if it has one"},
	{Flag: "oidc-client-id", Default: "", Usage: "what your organisation's sign-in calls this server"},
	{Flag: "oidc-client-secret", Default: "", Usage: "the secret that your organisation's sign-in gave this server", Secret: true},
	{Flag: "log-level", Default: "info", Usage: "debug, info, warn or error"},
	{Flag: "log-format", Default: "text", Usage: "text or json"},
	{Flag: "config", Default: "", Usage: "file with settings, one NAME=value a line"},
}

// Variable returns the name of the environment variable of a flag.
func Variable(flag string) string {
	return "HEARTH_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// Load reads the settings: flag(name) answers for flags that were set, env for variables. Every problem is
// named in one error.
func Load(flag func(name string) (string, bool), env func(string) (string, bool)) (Config, error) {
	file := map[string]string{}
	given := map[string]bool{}
	look := func(s Setting) (string, error) {
		given[s.Flag] = true
		if v, ok := flag(s.Flag); ok {
			return v, nil
		}
		name := Variable(s.Flag)
		if v, ok := env(name); ok {
			return v, nil
		}
		if path, ok := env(name + "_FILE"); ok {
			b, err := os.ReadFile(path)
			if err != nil {
				return "", fmt.Errorf("%s_FILE: %w", name, err)
			}
			return strings.TrimSpace(string(b)), nil
		}
		if v, ok := file[name]; ok {
			return v, nil
		}
		given[s.Flag] = false
		return s.Default, nil
	}
	var problems []error
	path, err := look(Setting{Flag: "config"})
	if err != nil {
		return Config{}, err
	}
	if path != "" {
		if file, err = readFile(path); err != nil {
			return Config{}, err
		}
	}
	value := map[string]string{}
	for _, s := range Settings {
		v, err := look(s)
		if err != nil {
			problems = append(problems, err)
		}
		value[s.Flag] = v
	}
	c := Config{
		Addr:        value["addr"],
		DatabaseURL: value["database-url"],
		BaseURL:     strings.TrimRight(value["base-url"], "/"),
		Community:   strings.TrimSpace(value["community"]),
		LeaveURL:    value["leave-url"],
		Keys:        value["keys"],
		KeysToken:   value["keys-token"],
		LogFormat:   value["log-format"],
		OIDCIssuer:  strings.TrimSpace(value["oidc-issuer"]), OIDCClientID: value["oidc-client-id"], OIDCClientSecret: value["oidc-client-secret"],
		given: given,
	}
	bad := func(flag, format string, args ...any) {
		problems = append(problems, fmt.Errorf("--%s (%s): %s", flag, Variable(flag), fmt.Sprintf(format, args...)))
	}
	if host, port, err := net.SplitHostPort(c.Addr); err != nil {
		bad("addr", "%q is not HOST:PORT", c.Addr)
	} else if c.BaseURL == "" {
		if ip, err := netip.ParseAddr(host); host == "" || err == nil && (ip.IsUnspecified() || ip.IsLoopback()) {
			host = "localhost" // passkeys belong to a name, never to a number
		}
		c.BaseURL = "http://" + net.JoinHostPort(host, port)
	}
	if u, err := url.Parse(c.BaseURL); c.BaseURL != "" && (err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "") {
		bad("base-url", "%q is not http://HOST or https://HOST", c.BaseURL)
	}
	if u, err := url.Parse(c.OIDCIssuer); c.OIDCIssuer != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Hostname() != "localhost" && u.Hostname() != "127.0.0.1") {
		bad("oidc-issuer", "%q is not https://HOST", c.OIDCIssuer)
	}
	if (c.OIDCIssuer == "") != (c.OIDCClientID == "") {
		bad("oidc-client-id", "the issuer and the client id belong together")
	}
	if u, err := url.Parse(c.LeaveURL); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		bad("leave-url", "%q is not an address", c.LeaveURL)
	}
	if c.DatabaseURL != "" && !strings.HasPrefix(c.DatabaseURL, "postgres://") && !strings.HasPrefix(c.DatabaseURL, "postgresql://") {
		bad("database-url", "it must begin with postgres://")
	}
	if c.Community == "" {
		bad("community", "a name is needed")
	}
	if c.Data, err = filepath.Abs(value["data"]); err != nil || value["data"] == "" {
		bad("data", "%q is not a folder", value["data"])
	}
	if c.AllowPrivateFeeds, err = strconv.ParseBool(value["allow-private-feeds"]); err != nil {
		bad("allow-private-feeds", "%q is neither true nor false", value["allow-private-feeds"])
	}
	for _, s := range strings.FieldsFunc(value["trusted-proxies"], func(r rune) bool { return r == ',' || r == ' ' }) {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, err := netip.ParseAddr(s)
			if err != nil {
				bad("trusted-proxies", "%q is not a network such as 10.0.0.0/8", s)
				continue
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		c.TrustedProxies = append(c.TrustedProxies, p)
	}
	if err := c.LogLevel.UnmarshalText([]byte(value["log-level"])); err != nil {
		bad("log-level", "%q is not debug, info, warn or error", value["log-level"])
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		bad("log-format", "%q is not text or json", c.LogFormat)
	}
	return c, errors.Join(problems...)
}

// readFile reads NAME=value lines; # begins a comment. Names are those of the variables.
func readFile(path string) (map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	defer f.Close()
	known := map[string]bool{}
	for _, s := range Settings {
		known[Variable(s.Flag)] = true
	}
	out := map[string]string{}
	sc := bufio.NewScanner(f)
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(sc.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		name, v, ok := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		if !ok || !known[name] {
			return nil, fmt.Errorf("%s line %d: %q is not a setting; write NAME=value", path, n, name)
		}
		out[name] = strings.Trim(strings.TrimSpace(v), `"`)
	}
	return out, sc.Err()
}

// DatabasePath is the SQLite file.
func (c Config) DatabasePath() string { return filepath.Join(c.Data, "hearth.db") }

// KeyFile is the usual place of the keys.
func (c Config) KeyFile() string { return filepath.Join(c.Data, "keys", "hearth.keys") }

// LogValue is the configuration as it may be logged: without secrets.
func (c Config) LogValue() slog.Value {
	engine := "sqlite"
	if c.DatabaseURL != "" {
		engine = "postgres"
	}
	return slog.GroupValue(slog.String("addr", c.Addr), slog.String("data", c.Data), slog.String("engine", engine),
		slog.String("base_url", c.BaseURL), slog.Bool("allow_private_feeds", c.AllowPrivateFeeds))
}
