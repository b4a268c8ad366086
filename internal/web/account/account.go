// Package account owns the pages of signing in and out, of one's own sign-in, of joining by an invitation, and
// of the people who work here.
//
// It must never tell whether an account exists, nor hold a rule about passwords, codes or roles.
package account

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/a-h/templ"

	"hearth/internal/access"
	"hearth/internal/account"
	"hearth/internal/fault"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// Pages are the handlers of this package.
type Pages struct {
	Accounts *account.Service
	BaseURL  string
	Now      func() time.Time
	Secure   func(r *http.Request) bool // whether the request came by https
	May      func(access.Actor, access.Act, access.Thing) error
	Names    func(ctx context.Context, ids []string) (map[string]string, error)
	// Programs lists what a role can be given for; nil where the house has none.
	Programs func(ctx context.Context) ([]ui.Option, error)
	// Then says where somebody goes first who has just signed in; nil, or "", for where their role has its place.
	Then func(account.Account) string
	// At and Show put the joining somewhere else than on the page of an invitation: below another address
	// ("/setup/"), and into another page.
	At   string
	Show func(w http.ResponseWriter, r *http.Request, status int, forms templ.Component) error
}

// The cookies of this package: who is signed in, the first half of something that takes two, and by what a
// browser is known again.
const (
	sessionCookie = "hearth_session"
	stepCookie    = "hearth_step"
	knownCookie   = "hearth_known"
)

// CookieName is a cookie's name for a site at that address. The __Host- prefix would keep it from working over
// plain http on a home network, so it is used only when the request came by https.
func CookieName(name string, https bool) string {
	if https {
		return "__Host-" + name
	}
	return name
}

// SessionCookie is the name of the cookie that holds the session's token.
func SessionCookie(https bool) string { return CookieName(sessionCookie, https) }

func (p Pages) set(w http.ResponseWriter, r *http.Request, name, value string, life time.Duration) {
	https := p.Secure(r)
	http.SetCookie(w, &http.Cookie{
		Name: CookieName(name, https), Value: value, Path: "/", MaxAge: int(life / time.Second),
		HttpOnly: true, Secure: https, SameSite: http.SameSiteLaxMode,
	})
}

func (p Pages) drop(w http.ResponseWriter, r *http.Request, name string) {
	p.set(w, r, name, "", -time.Second)
}

func (p Pages) read(r *http.Request, name string) string {
	c, err := r.Cookie(CookieName(name, p.Secure(r)))
	if err != nil {
		return ""
	}
	return c.Value
}

// stepLife is a little longer than the step itself, which says so in words when it is over.
const stepLife = 15 * time.Minute

// signedIn gives the browser its session. On a device that is not theirs the cookie goes with the browser.
func (p Pages) signedIn(w http.ResponseWriter, r *http.Request, in account.Opened) {
	life := account.SessionLife
	if account.ShortToken(in.Token) {
		life = 0
	}
	p.set(w, r, sessionCookie, in.Token, life)
	p.drop(w, r, stepCookie)
	if in.Known != "" {
		p.set(w, r, knownCookie, in.Known, 365*24*time.Hour)
	}
}

// device is the browser that asks.
func (p Pages) device(r *http.Request) account.Device {
	return account.Device{
		Network: page.Of(r).Network.String(), Label: deviceLabel(r.UserAgent()), Short: r.PostFormValue("short") != "",
		Known: p.read(r, knownCookie), Previous: p.read(r, sessionCookie),
	}
}

// me is the account that is signed in. Only behind page.Signed.
func me(r *http.Request) account.Account { return page.SignedIn(r).Account }

// status is the status of a form that came back.
func status(w http.ResponseWriter, err *fault.Error) int {
	switch {
	case err == nil:
		return http.StatusOK
	case err.Kind == fault.TooMany:
		w.Header().Set("Retry-After", "30")
		return http.StatusTooManyRequests
	case err.Kind == fault.Gone:
		return http.StatusGone
	case err.Kind == fault.Conflict:
		return http.StatusConflict
	}
	return http.StatusUnprocessableEntity
}

// challenge answers the passkey script: the options for the device, or why there are none.
func (p Pages) challenge(w http.ResponseWriter, r *http.Request, c account.Challenge, err error) error {
	if err != nil {
		f := fault.As(err)
		if f == nil {
			return err
		}
		t := page.T(r)
		said := t.S(f.Message, f.Args...)
		for _, field := range f.Fields {
			said = t.S(field.Message, field.Args...)
		}
		return sendJSON(w, status(w, f), map[string]string{"error": said})
	}
	p.set(w, r, stepCookie, c.Step, stepLife)
	return sendJSON(w, http.StatusOK, map[string]json.RawMessage{"options": c.Options})
}

func sendJSON(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b) // the reader may have left
	return nil
}

// away sends the browser to another site. A redirect would be stopped by our own policy, which lets forms lead
// nowhere else; a page that says where it goes is kinder anyway.
func away(w http.ResponseWriter, r *http.Request, to string) error {
	w.Header().Set("Refresh", "1; url="+to)
	return page.Render(w, r, http.StatusOK, awayPage(page.Shell(r), to))
}

// Places are the places of this package where somebody signed in may go.
func Places(t ui.T, r *http.Request) []ui.Place {
	var out []ui.Place
	if keeper(r) {
		out = append(out, ui.Place{Key: "people", Label: t.S("People"), Href: "/desk/people", Icon: "users"})
	}
	return append(out, ui.Place{Key: "account", Label: t.S("My sign-in"), Href: "/account", Icon: "user-round"})
}

// keeper tells whether somebody may invite people to work here, in the house or where they hold a role
// themselves. What else they may do is asked for each account and each role.
func keeper(r *http.Request) bool {
	return page.Can(r, access.AccountInvite, access.TheHouse) || page.Somewhere(r, access.AccountInvite, access.Thing{Kind: access.Program})
}

// home is where somebody goes first.
func home(roles []string) string {
	for _, r := range roles {
		if r == string(access.Administrator) || r == string(access.Editor) {
			return "/desk"
		}
	}
	return "/account"
}

// after is where somebody goes who has just signed in.
func (p Pages) after(next string, a account.Account) string {
	if next = local(next); next != "" {
		return next
	}
	if p.Then != nil {
		if first := p.Then(a); first != "" {
			return first
		}
	}
	return home(a.Roles())
}

// local keeps a redirect on this site: anything else becomes "". Browsers drop tabs and line breaks from an
// address and read a backslash as a slash, so "/\t/elsewhere" would leave: such letters are refused wherever
// they stand, also written as %09 in the path.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Opaque != "" || u.User != nil {
		return ""
	}
	for _, path := range []string{next, u.Path} {
		if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsFunc(path, misread) {
			return ""
		}
	}
	return next
}

// misread tells letters that a browser may take for others, or leave out.
func misread(c rune) bool { return c == '\\' || unicode.IsControl(c) || c == unicode.ReplacementChar }

// deviceLabel says which browser it is, as far as its owner needs to know it again: no versions.
func deviceLabel(agent string) string {
	find := func(pairs [][2]string) string {
		for _, p := range pairs {
			if strings.Contains(agent, p[0]) {
				return p[1]
			}
		}
		return ""
	}
	browser := find([][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"Firefox", "Firefox"}, {"FxiOS", "Firefox"}, {"CriOS", "Chrome"}, {"Chrome", "Chrome"}, {"Safari", "Safari"}})
	system := find([][2]string{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Macintosh", "Mac"}, {"CrOS", "Chromebook"}, {"Linux", "Linux"}})
	return strings.Trim(browser+", "+system, ", ")
}
