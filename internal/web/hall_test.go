package web

import (
	"crypto/tls"
	"net/http/httptest"
	"testing"

	"hearth/internal/web/ui"
)

// On a site that is read by https the cookie never travels without.
func TestLanguageCookieIsSecure(t *testing.T) {
	for _, https := range []bool{true, false} {
		r := httptest.NewRequest("GET", "/?lang=es", nil)
		if https {
			r.TLS = &tls.ConnectionState{}
		}
		w := httptest.NewRecorder()
		(&server{}).rememberLanguage(w, r, ui.Language("es"))
		if c := w.Result().Cookies(); len(c) != 1 || c[0].Secure != https {
			t.Errorf("https %v: %v", https, c)
		}
	}
}

// The limits on requests and the counts of reports mean the same household.
func TestNetworkIsAHousehold(t *testing.T) {
	for remote, want := range map[string]string{
		"[2001:db8:1:2aa:9::1]:4711": "2001:db8:1:200::",
		"[2001:db8:1:2ff::7]:80":     "2001:db8:1:200::",
		"[2001:db8:1:300::7]:80":     "2001:db8:1:300::",
		"192.0.2.7:4711":             "192.0.2.7",
		"[::ffff:192.0.2.7]:4711":    "192.0.2.7",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = remote
		if got := (&server{}).network(r).String(); got != want {
			t.Errorf("%s: %s, want %s", remote, got, want)
		}
	}
}
