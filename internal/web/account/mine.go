package account

import (
	"net/http"
	"time"

	"hearth/internal/access"
	"hearth/internal/account"
	"hearth/internal/civil"
	"hearth/internal/fault"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// mine is the page of one's own sign-in.
type mine struct {
	Account  account.Account
	Now      time.Time
	Today    civil.Date
	Ways     account.Ways
	Passkeys []account.Passkey
	Sessions []account.Session
	OIDC     bool
	Err      *fault.Error
}

// Mine shows how one signs in, where one is signed in, and what one is called.
func (p Pages) Mine(w http.ResponseWriter, r *http.Request) error { return p.showMine(w, r, nil) }

func (p Pages) showMine(w http.ResponseWriter, r *http.Request, f *fault.Error) (err error) {
	v := mine{Account: me(r), Now: p.Now(), Today: p.Accounts.Today(), OIDC: p.Accounts.OIDC(), Err: f}
	ctx := r.Context()
	if v.Ways, err = p.Accounts.WaysOf(ctx, v.Account.ID); err != nil {
		return err
	}
	if v.Passkeys, err = p.Accounts.PasskeysOf(ctx, v.Account.ID); err != nil {
		return err
	}
	if v.Sessions, err = p.Accounts.Sessions(ctx, v.Account.ID, v.Account.Session.ID); err != nil {
		return err
	}
	return page.Render(w, r, status(w, f), minePage(shell(r, "account"), v))
}

// shell is the shell of a page of this package.
func shell(r *http.Request, here string) ui.Shell {
	s := page.Shell(r)
	s.Nav = here
	return s
}

// done shows one's own page again after a change, or what was wrong with it.
func (p Pages) done(w http.ResponseWriter, r *http.Request, err error) error {
	if f := fault.As(err); f != nil && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		return p.showMine(w, r, f)
	}
	if err != nil {
		return err
	}
	return page.Redirect(w, r, "/account")
}

// Rename changes what one is called.
func (p Pages) Rename(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	return p.done(w, r, p.Accounts.Rename(r.Context(), me(r).ID, me(r).ID, r.PostFormValue("name")))
}

// Language changes the language that one reads.
func (p Pages) Language(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	language := r.PostFormValue("language")
	err := p.Accounts.SetLanguage(r.Context(), me(r).ID, language)
	if err == nil { // what was chosen on this device earlier no longer stands
		http.SetCookie(w, &http.Cookie{Name: "lang", Value: language, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
	return p.done(w, r, err)
}

// BeginNewPasskey answers the script that makes another passkey.
func (p Pages) BeginNewPasskey(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	if !page.SignedIn(r).Fresh {
		return sendJSON(w, http.StatusOK, map[string]string{"goto": page.Again(r, "/account")})
	}
	label := r.PostFormValue("label")
	if label == "" {
		label = deviceLabel(r.UserAgent())
	}
	c, err := p.Accounts.BeginNewPasskey(r.Context(), me(r), label, local(r.PostFormValue("next")))
	return p.challenge(w, r, c, err)
}

// NewPasskey takes it.
func (p Pages) NewPasskey(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	next, err := p.Accounts.FinishNewPasskey(r.Context(), me(r), p.read(r, stepCookie), []byte(r.PostFormValue("answer")))
	p.drop(w, r, stepCookie)
	if f := fault.As(err); f != nil {
		return p.showMine(w, r, f)
	}
	if err != nil {
		return err
	}
	if next == "" {
		next = "/account/safe"
	}
	return page.Redirect(w, r, next)
}

// RemovePasskey takes a passkey away.
func (p Pages) RemovePasskey(w http.ResponseWriter, r *http.Request) error {
	return p.done(w, r, p.Accounts.RemovePasskey(r.Context(), me(r), r.PathValue("id")))
}

// Safe asks, at once after the first way in, for a second one: what is lost must not lock anybody out.
func (p Pages) Safe(w http.ResponseWriter, r *http.Request) error {
	ways, err := p.Accounts.WaysOf(r.Context(), me(r).ID)
	if err != nil {
		return err
	}
	if ways.Safe() {
		return page.Redirect(w, r, p.after("", me(r)))
	}
	return page.Render(w, r, http.StatusOK, safePage(shell(r, "account"), ways, me(r).Session.Short, p.after("", me(r))))
}

// Codes says what printed codes are.
func (p Pages) Codes(w http.ResponseWriter, r *http.Request) error {
	ways, err := p.Accounts.WaysOf(r.Context(), me(r).ID)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, codesPage(shell(r, "account"), ways.Recovery))
}

// MakeCodes makes new ones and shows them, this once.
func (p Pages) MakeCodes(w http.ResponseWriter, r *http.Request) error {
	codes, err := p.Accounts.MakeRecoveryCodes(r.Context(), me(r))
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, newCodesPage(shell(r, "account"), me(r).SignIn, p.BaseURL, p.Accounts.Today(), codes, p.after("", me(r))))
}

// Password asks for a new password.
func (p Pages) Password(w http.ResponseWriter, r *http.Request) error {
	return page.Render(w, r, http.StatusOK, passwordPage(shell(r, "account"), me(r).SignIn, nil))
}

// PostPassword takes it, and goes on to the one-time codes when there are none.
func (p Pages) PostPassword(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	err := p.Accounts.ChangePassword(r.Context(), me(r), r.PostFormValue("password"))
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		return page.Render(w, r, status(w, f), passwordPage(shell(r, "account"), me(r).SignIn, f))
	}
	if err != nil {
		return err
	}
	ways, err := p.Accounts.WaysOf(r.Context(), me(r).ID)
	if err != nil {
		return err
	}
	if !ways.Codes {
		return page.Redirect(w, r, "/account/one-time")
	}
	return page.Redirect(w, r, "/account")
}

// RemovePassword takes the password and the one-time codes away.
func (p Pages) RemovePassword(w http.ResponseWriter, r *http.Request) error {
	return p.done(w, r, p.Accounts.RemovePassword(r.Context(), me(r)))
}

// OneTime hands a new secret to an authenticator app.
func (p Pages) OneTime(w http.ResponseWriter, r *http.Request) error {
	one, err := p.Accounts.BeginOneTime(r.Context(), me(r))
	if err != nil {
		return err
	}
	p.set(w, r, stepCookie, one.Step, stepLife)
	return showOneTime(w, r, one, "/account/one-time", "/account", nil)
}

// PostOneTime takes the first code.
func (p Pages) PostOneTime(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	step := p.read(r, stepCookie)
	err := p.Accounts.FinishOneTime(r.Context(), me(r), step, r.PostFormValue("code"))
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		one, err := p.Accounts.LookOneTime(r.Context(), me(r), step)
		if err != nil {
			return err
		}
		return showOneTime(w, r, one, "/account/one-time", "/account", f)
	}
	if err != nil {
		return err
	}
	p.drop(w, r, stepCookie)
	return page.Redirect(w, r, "/account/safe")
}

// Link ties the organisation's own sign-in to the account.
func (p Pages) Link(w http.ResponseWriter, r *http.Request) error {
	a := me(r)
	to, step, err := p.Accounts.BeginOIDC(r.Context(), account.Device{}, "", "", account.Joining{}, &a)
	if err != nil {
		return err
	}
	p.set(w, r, stepCookie, step, stepLife)
	return away(w, r, to)
}

// Unlink takes it away.
func (p Pages) Unlink(w http.ResponseWriter, r *http.Request) error {
	return p.done(w, r, p.Accounts.Unlink(r.Context(), me(r)))
}

// EndSession ends one session of one's own.
func (p Pages) EndSession(w http.ResponseWriter, r *http.Request) error {
	return p.done(w, r, p.Accounts.EndSession(r.Context(), me(r).ID, me(r).ID, r.PathValue("id")))
}

// EndOthers ends all sessions but this one.
func (p Pages) EndOthers(w http.ResponseWriter, r *http.Request) error {
	return p.done(w, r, p.Accounts.EndSessions(r.Context(), me(r).ID, me(r).ID, me(r).Session.ID))
}

// roleWord is a role in the reader's language.
func roleWord(t ui.T, role access.Role) string {
	switch role {
	case access.Participant:
		return t.S("Participant")
	case access.Host:
		return t.S("Host")
	case access.Peer:
		return t.S("Peer specialist")
	case access.Supervisor:
		return t.S("Supervisor")
	case access.Evaluator:
		return t.S("Evaluator")
	case access.Editor:
		return t.S("Editor")
	case access.Dispatcher:
		return t.S("Dispatcher")
	case access.Administrator:
		return t.S("Administrator")
	case access.PrivacyOfficer:
		return t.S("Privacy officer")
	}
	return string(role)
}

// ago says how long ago something was, in days; of today the word "today".
func ago(t ui.T, now, then time.Time) string {
	if then.IsZero() {
		return t.S("never")
	}
	return t.Ago(int(now.Sub(then) / (24 * time.Hour)))
}

// days says from when until when a role holds.
func days(t ui.T, g access.Grant, today civil.Date) string {
	switch {
	case !g.Until.IsZero() && g.Until.Before(today):
		return t.S("ended %s", t.DateYear(g.Until))
	case !g.From.IsZero() && today.Before(g.From) && !g.Until.IsZero():
		return t.S("from %s until %s", t.DateYear(g.From), t.DateYear(g.Until))
	case !g.From.IsZero() && today.Before(g.From):
		return t.S("from %s", t.DateYear(g.From))
	case !g.Until.IsZero():
		return t.S("last day %s", t.DateYear(g.Until))
	}
	return ""
}

func howWord(t ui.T, how account.How) string {
	switch how {
	case account.ByPasskey:
		return t.S("by passkey")
	case account.ByPassword:
		return t.S("by password")
	case account.ByCode:
		return t.S("by password and code")
	case account.ByRecovery:
		return t.S("by printed code")
	case account.ByOIDC:
		return t.S("through the organisation")
	}
	return t.S("by invitation")
}
