package account

import (
	"net/http"
	"strings"

	"hearth/internal/account"
	"hearth/internal/fault"
	"hearth/internal/web/page"
)

// signIn is what the form shows.
type signIn struct {
	Name  string
	Next  string
	Short bool
	Ended bool // the last session on this device ended by itself
	OIDC  bool
	Err   *fault.Error
}

func (p Pages) signInForm(r *http.Request) signIn {
	return signIn{Next: local(r.FormValue("next")), Name: strings.TrimSpace(r.PostFormValue("name")), Short: r.PostFormValue("short") != "", OIDC: p.Accounts.OIDC()}
}

// SignIn shows the ways in.
func (p Pages) SignIn(w http.ResponseWriter, r *http.Request) error {
	if who := page.SignedIn(r); who != nil {
		return page.Redirect(w, r, p.after(r.URL.Query().Get("next"), who.Account))
	}
	form := p.signInForm(r)
	form.Ended = r.URL.Query().Get("ended") != ""
	return page.Render(w, r, http.StatusOK, signInPage(page.Shell(r), form))
}

// PostSignIn takes a name and a password.
func (p Pages) PostSignIn(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	form := p.signInForm(r)
	in, err := p.Accounts.SignInTo(r.Context(), form.Name, r.PostFormValue("password"), p.device(r), form.Next)
	if err != nil {
		if form.Err = fault.As(err); form.Err == nil {
			return err
		}
		return page.Render(w, r, status(w, form.Err), signInPage(page.Shell(r), form))
	}
	if in.Step != "" {
		p.set(w, r, stepCookie, in.Step, stepLife)
		return page.Redirect(w, r, "/signin/code")
	}
	p.signedIn(w, r, in)
	return page.Redirect(w, r, p.after(form.Next, in.Account))
}

// Code asks for the one-time code after a password.
func (p Pages) Code(w http.ResponseWriter, r *http.Request) error {
	if p.read(r, stepCookie) == "" {
		return page.Redirect(w, r, "/signin")
	}
	return page.Render(w, r, http.StatusOK, codePage(page.Shell(r), nil))
}

// PostCode takes it.
func (p Pages) PostCode(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	in, next, err := p.Accounts.FinishCode(r.Context(), p.read(r, stepCookie), r.PostFormValue("code"))
	if f := fault.As(err); f != nil {
		if f.Kind == fault.Gone {
			return p.overAgain(w, r, f)
		}
		return page.Render(w, r, status(w, f), codePage(page.Shell(r), f))
	}
	if err != nil {
		return err
	}
	p.signedIn(w, r, in)
	return page.Redirect(w, r, p.after(next, in.Account))
}

// overAgain shows the ways in, and why one begins anew.
func (p Pages) overAgain(w http.ResponseWriter, r *http.Request, f *fault.Error) error {
	p.drop(w, r, stepCookie)
	form := p.signInForm(r)
	form.Name, form.Err = "", f
	return page.Render(w, r, status(w, f), signInPage(page.Shell(r), form))
}

// Recover asks for a printed code.
func (p Pages) Recover(w http.ResponseWriter, r *http.Request) error {
	return page.Render(w, r, http.StatusOK, recoverPage(page.Shell(r), p.signInForm(r)))
}

// PostRecover takes it, and leads to where new ways in are made.
func (p Pages) PostRecover(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	form := p.signInForm(r)
	in, err := p.Accounts.Recover(r.Context(), form.Name, r.PostFormValue("code"), p.device(r))
	if err != nil {
		if form.Err = fault.As(err); form.Err == nil {
			return err
		}
		return page.Render(w, r, status(w, form.Err), recoverPage(page.Shell(r), form))
	}
	p.signedIn(w, r, in)
	return page.Redirect(w, r, "/account")
}

// BeginPasskey answers the script that asks for a passkey.
func (p Pages) BeginPasskey(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	c, err := p.Accounts.BeginPasskey(r.Context(), p.device(r), local(r.PostFormValue("next")))
	return p.challenge(w, r, c, err)
}

// Passkey takes the device's answer.
func (p Pages) Passkey(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	in, next, err := p.Accounts.FinishPasskey(r.Context(), p.read(r, stepCookie), []byte(r.PostFormValue("answer")))
	if f := fault.As(err); f != nil {
		return p.overAgain(w, r, f)
	}
	if err != nil {
		return err
	}
	p.signedIn(w, r, in)
	return page.Redirect(w, r, p.after(next, in.Account))
}

// OIDC sends the browser to the organisation's own sign-in.
func (p Pages) OIDC(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	to, step, err := p.Accounts.BeginOIDC(r.Context(), p.device(r), local(r.PostFormValue("next")), "", account.Joining{}, nil)
	if err != nil {
		return err
	}
	p.set(w, r, stepCookie, step, stepLife)
	return away(w, r, to)
}

// OIDCBack takes the organisation's answer.
func (p Pages) OIDCBack(w http.ResponseWriter, r *http.Request) error {
	in, next, err := p.Accounts.FinishOIDC(r.Context(), p.read(r, stepCookie), r.URL.Query())
	p.drop(w, r, stepCookie)
	if f := fault.As(err); f != nil && page.SignedIn(r) == nil && f.Kind != fault.NotFound {
		return p.overAgain(w, r, f)
	}
	if err != nil {
		return err
	}
	if in.Token == "" { // it was linked to the account that is signed in
		return page.Redirect(w, r, "/account")
	}
	p.signedIn(w, r, in)
	return page.Redirect(w, r, p.after(next, in.Account))
}

// again is the page of proving once more who one is.
type again struct {
	Next string
	Ways account.Ways
	Err  *fault.Error
}

// Again asks somebody who is signed in to prove once more who they are.
func (p Pages) Again(w http.ResponseWriter, r *http.Request) error {
	next := local(r.URL.Query().Get("next"))
	if next == "" {
		next = "/account"
	}
	if page.SignedIn(r).Fresh {
		return page.Redirect(w, r, next)
	}
	return p.showAgain(w, r, next, nil)
}

func (p Pages) showAgain(w http.ResponseWriter, r *http.Request, next string, f *fault.Error) error {
	ways, err := p.Accounts.WaysOf(r.Context(), me(r).ID)
	if err != nil {
		return err
	}
	return page.Render(w, r, status(w, f), againPage(page.Shell(r), again{Next: next, Ways: ways, Err: f}))
}

// PostAgain takes the password, and the one-time code where there is one.
func (p Pages) PostAgain(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	next := p.after(r.PostFormValue("next"), me(r))
	err := p.Accounts.ProveByPassword(r.Context(), me(r), r.PostFormValue("password"), r.PostFormValue("code"), p.device(r))
	if f := fault.As(err); f != nil {
		return p.showAgain(w, r, next, f)
	}
	if err != nil {
		return err
	}
	return page.Redirect(w, r, next)
}

// BeginAgain answers the script that asks for one of one's own passkeys.
func (p Pages) BeginAgain(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	c, err := p.Accounts.BeginAgain(r.Context(), me(r), local(r.PostFormValue("next")))
	return p.challenge(w, r, c, err)
}

// PasskeyAgain takes the device's answer.
func (p Pages) PasskeyAgain(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	next, err := p.Accounts.FinishAgain(r.Context(), me(r), p.read(r, stepCookie), []byte(r.PostFormValue("answer")))
	p.drop(w, r, stepCookie)
	if f := fault.As(err); f != nil {
		return p.showAgain(w, r, p.after(next, me(r)), f)
	}
	if err != nil {
		return err
	}
	return page.Redirect(w, r, p.after(next, me(r)))
}

// SignOut ends the session. A device that is not one's own keeps nothing.
func (p Pages) SignOut(w http.ResponseWriter, r *http.Request) error {
	token := p.read(r, sessionCookie)
	if token != "" {
		if err := p.Accounts.SignOut(r.Context(), token); err != nil {
			return err
		}
	}
	p.drop(w, r, sessionCookie)
	p.drop(w, r, stepCookie)
	w.Header().Set("Clear-Site-Data", Clear(token))
	return page.Redirect(w, r, "/")
}

// Clear says what a browser shall forget when a session is over: on a device that is not one's own everything,
// with the help page that was kept for times without a network.
func Clear(token string) string {
	if account.ShortToken(token) {
		return `"cache", "cookies", "storage"`
	}
	return `"cache"`
}
