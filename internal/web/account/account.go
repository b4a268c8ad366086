// Package account owns the pages of signing in and out.
//
// It must never tell whether an account exists, nor hold a rule about passwords.
package account

import (
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"hearth/internal/account"
	"hearth/internal/fault"
	"hearth/internal/web/page"
)

// Pages are the handlers of this package.
type Pages struct {
	Accounts *account.Service
	Cookie   func(r *http.Request) (name string, secure bool)
}

// signIn is what the form shows.
type signIn struct {
	Name string
	Next string
	Err  *fault.Error
}

// SignIn shows the form.
func (p Pages) SignIn(w http.ResponseWriter, r *http.Request) error {
	if page.SignedIn(r) != nil {
		return page.Redirect(w, r, "/desk")
	}
	return page.Render(w, r, http.StatusOK, signInPage(page.Shell(r), signIn{Next: local(r.URL.Query().Get("next"))}))
}

// PostSignIn opens a session.
func (p Pages) PostSignIn(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	form := signIn{Name: strings.TrimSpace(r.PostFormValue("name")), Next: local(r.PostFormValue("next"))}
	in, err := p.Accounts.SignIn(r.Context(), form.Name, r.PostFormValue("password"), account.Device{Network: page.Of(r).Network.String()})
	if err != nil {
		if form.Err = fault.As(err); form.Err == nil {
			return err
		}
		status := http.StatusUnprocessableEntity
		if form.Err.Kind == fault.TooMany {
			status = http.StatusTooManyRequests
			w.Header().Set("Retry-After", "30")
		}
		return page.Render(w, r, status, signInPage(page.Shell(r), form))
	}
	name, secure := p.Cookie(r)
	http.SetCookie(w, &http.Cookie{Name: name, Value: in.Token, Path: "/", HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode})
	return page.Redirect(w, r, form.Next)
}

// SignOut ends the session.
func (p Pages) SignOut(w http.ResponseWriter, r *http.Request) error {
	name, secure := p.Cookie(r)
	if c, err := r.Cookie(name); err == nil {
		if err := p.Accounts.SignOut(r.Context(), c.Value); err != nil {
			return err
		}
	}
	http.SetCookie(w, &http.Cookie{Name: name, Path: "/", MaxAge: -1, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode})
	w.Header().Set("Clear-Site-Data", `"cache"`) // shared devices are normal here
	return page.Redirect(w, r, "/")
}

// local keeps a redirect on this site: anything else becomes the desk. Browsers drop tabs and line breaks
// from an address and read a backslash as a slash, so "/\t/elsewhere" would leave: such letters are refused
// wherever they stand, also written as %09 in the path.
func local(next string) string {
	const desk = "/desk"
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Opaque != "" || u.User != nil {
		return desk
	}
	for _, path := range []string{next, u.Path} {
		if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsFunc(path, misread) {
			return desk
		}
	}
	return next
}

// misread tells letters that a browser may take for others, or leave out.
func misread(c rune) bool { return c == '\\' || unicode.IsControl(c) || c == unicode.ReplacementChar }
