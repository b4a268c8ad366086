package account

import (
	"net/http"

	"hearth/internal/account"
	"hearth/internal/fault"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// joining is the page of an invitation.
type joining struct {
	Base     string // the address below which it is
	Name     string
	Back     bool // it leads back into an account that is there
	Roles    []string
	Password bool // the password way is open, because it came back
	Short    bool
	OIDC     bool
	Err      *fault.Error
}

// invitation looks at the invitation of a request and uses nothing up.
func (p Pages) invitation(r *http.Request) (joining, error) {
	i, err := p.Accounts.Invited(r.Context(), r.PathValue("token"))
	if err != nil {
		return joining{}, err
	}
	t := page.T(r)
	v := joining{Base: p.joinAt(r), Name: i.Name, Back: i.Account != "", OIDC: p.Accounts.OIDC(), Short: r.PostFormValue("short") != ""}
	for _, g := range i.Grants {
		v.Roles = append(v.Roles, roleWord(t, g.Role))
	}
	if r.Method == http.MethodPost {
		v.Name = r.PostFormValue("name")
	}
	return v, nil
}

func (p Pages) joined(r *http.Request) account.Joining {
	lang := page.T(r).Lang()
	if lang != "en" && lang != "es" {
		lang = ""
	}
	return account.Joining{Name: r.PostFormValue("name"), Label: deviceLabel(r.UserAgent()), Language: lang, Device: p.device(r)}
}

// Invite shows an invitation. Opening it uses nothing up: programs that preview links open it too.
func (p Pages) Invite(w http.ResponseWriter, r *http.Request) error {
	v, err := p.invitation(r)
	if err != nil {
		return err
	}
	return p.showJoin(w, r, http.StatusOK, v)
}

// joinAt is the address of a joining.
func (p Pages) joinAt(r *http.Request) string {
	if p.At != "" {
		return p.At + r.PathValue("token")
	}
	return "/invite/" + r.PathValue("token")
}

func (p Pages) showJoin(w http.ResponseWriter, r *http.Request, status int, v joining) error {
	if p.Show != nil {
		return p.Show(w, r, status, joinForms(page.T(r), v))
	}
	return page.Render(w, r, status, invitePage(page.Shell(r), v))
}

func (p Pages) inviteAgain(w http.ResponseWriter, r *http.Request, f *fault.Error) error {
	v, err := p.invitation(r)
	if err != nil {
		return err
	}
	v.Err = f
	return p.showJoin(w, r, status(w, f), v)
}

// BeginJoin answers the script that makes the new person's passkey.
func (p Pages) BeginJoin(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	c, err := p.Accounts.BeginJoin(r.Context(), r.PathValue("token"), p.joined(r))
	return p.challenge(w, r, c, err)
}

// JoinPasskey takes the new passkey; the account is there from now on.
func (p Pages) JoinPasskey(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	in, err := p.Accounts.FinishJoin(r.Context(), p.read(r, stepCookie), []byte(r.PostFormValue("answer")))
	if f := fault.As(err); f != nil && f.Kind != fault.Gone {
		return p.inviteAgain(w, r, f)
	}
	if err != nil {
		return err
	}
	p.signedIn(w, r, in)
	return page.Redirect(w, r, "/account/safe")
}

// JoinPassword takes a password, and goes on to the one-time codes.
func (p Pages) JoinPassword(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	one, err := p.Accounts.BeginJoinByPassword(r.Context(), r.PathValue("token"), p.joined(r), r.PostFormValue("password"))
	if f := fault.As(err); f != nil && f.Kind != fault.Gone {
		return p.inviteAgain(w, r, f)
	}
	if err != nil {
		return err
	}
	p.set(w, r, stepCookie, one.Step, stepLife)
	return page.Redirect(w, r, p.joinAt(r)+"/code")
}

// oneTime is the page that hands a secret to an authenticator app.
type oneTime struct {
	account.OneTime
	QR     ui.QR
	Action string
	Back   string
	Err    *fault.Error
}

func showOneTime(w http.ResponseWriter, r *http.Request, one account.OneTime, action, back string, f *fault.Error) error {
	qr, err := ui.NewQR(one.Address)
	if err != nil {
		return err
	}
	return page.Render(w, r, status(w, f), oneTimePage(page.Shell(r), oneTime{OneTime: one, QR: qr, Action: action, Back: back, Err: f}))
}

// JoinCode shows the secret for the authenticator app.
func (p Pages) JoinCode(w http.ResponseWriter, r *http.Request) error { return p.joinCode(w, r, nil) }

func (p Pages) joinCode(w http.ResponseWriter, r *http.Request, f *fault.Error) error {
	one, err := p.Accounts.LookJoin(r.Context(), p.read(r, stepCookie))
	if err != nil {
		return err
	}
	back := p.joinAt(r)
	return showOneTime(w, r, one, back+"/code", back, f)
}

// PostJoinCode takes the first code; the account is there from now on.
func (p Pages) PostJoinCode(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	in, err := p.Accounts.FinishJoinByPassword(r.Context(), p.read(r, stepCookie), r.PostFormValue("code"))
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		return p.joinCode(w, r, f)
	}
	if err != nil {
		return err
	}
	p.signedIn(w, r, in)
	return page.Redirect(w, r, "/account/safe")
}

// JoinOIDC takes up an invitation through the organisation's own sign-in.
func (p Pages) JoinOIDC(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	to, step, err := p.Accounts.BeginOIDC(r.Context(), p.device(r), "/account/safe", r.PathValue("token"), p.joined(r), nil)
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		return p.inviteAgain(w, r, f)
	}
	if err != nil {
		return err
	}
	p.set(w, r, stepCookie, step, stepLife)
	return away(w, r, to)
}
