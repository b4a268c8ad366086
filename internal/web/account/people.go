package account

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"hearth/internal/access"
	"hearth/internal/account"
	"hearth/internal/civil"
	"hearth/internal/fault"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// Keeper lets through who may look after accounts or invite: administrators and supervisors. What exactly they
// may do, each use case asks again.
func Keeper(h page.Handler) page.Handler {
	return page.Signed(func(w http.ResponseWriter, r *http.Request) error {
		if !keeper(r) {
			return fault.New(fault.Forbidden, "This is for another role than yours.")
		}
		return h(w, r)
	})
}

// Strong lets through who signed in with more than a password: whoever gives roles could otherwise open records
// to somebody who guessed one.
func Strong(h page.Handler) page.Handler {
	return page.Signed(func(w http.ResponseWriter, r *http.Request) error {
		if !me(r).Session.Strong() {
			return fault.New(fault.Forbidden, "A password alone is not enough for this. Make a passkey, or take codes from an app, under My sign-in.")
		}
		return h(w, r)
	})
}

// person is somebody in the list.
type person struct {
	account.Account
	Roles []string // in words, of today
}

// people is the list of who works here.
type people struct {
	Now     time.Time
	All     []person
	Waiting []account.Invitation
	By      map[string]string // names of who invited
}

// thing is an account as policies see it.
func thing(a account.Account) access.Thing {
	return access.Thing{Kind: access.Account, ID: a.ID, Owner: a.ID, Staff: a.Staff()}
}

// People lists those whose accounts the reader may look after. That somebody is a participant is not shown
// here.
func (p Pages) People(w http.ResponseWriter, r *http.Request) error {
	who := page.SignedIn(r)
	all, err := p.Accounts.Accounts(r.Context())
	if err != nil {
		return err
	}
	v := people{Now: p.Now()}
	t := page.T(r)
	for _, a := range all {
		if a.ID != who.ID && p.May(who.Actor, access.AccountRead, thing(a)) != nil {
			continue
		}
		one := person{Account: a}
		for _, role := range a.Roles() {
			one.Roles = append(one.Roles, roleWord(t, access.Role(role)))
		}
		v.All = append(v.All, one)
	}
	waiting, err := p.Accounts.Invitations(r.Context())
	if err != nil {
		return err
	}
	var ids []string
	for _, i := range waiting {
		if i.Setup || i.Account != "" || i.MadeBy != who.ID && (!staff(i.Grants) || !p.mayGive(who.Actor, i.Grants)) {
			continue
		}
		v.Waiting, ids = append(v.Waiting, i), append(ids, i.MadeBy)
	}
	if v.By, err = p.Names(r.Context(), ids); err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, peoplePage(shell(r, "people"), v))
}

// mayGive tells whether somebody may give all these roles, or take them back.
func (p Pages) mayGive(by access.Actor, grants []access.Grant) bool {
	return !slices.ContainsFunc(grants, func(g access.Grant) bool {
		return p.May(by, access.RoleGive, access.Thing{Kind: access.Post, Program: g.Program, Group: g.Group, Role: g.Role}) != nil
	})
}

func staff(grants []access.Grant) bool {
	return slices.ContainsFunc(grants, func(g access.Grant) bool { return g.Role.Staff() })
}

// grantForm is what was typed about a role.
type grantForm struct {
	Name, Role, Program, From, Until string
	Several                          []string // roles of an invitation
	Programs                         []ui.Option
	Err                              *fault.Error
}

func (p Pages) grantForm(r *http.Request) (grantForm, error) {
	f := grantForm{Name: r.PostFormValue("name"), Role: r.PostFormValue("role"), Program: r.PostFormValue("program"), From: r.PostFormValue("from"), Until: r.PostFormValue("until"), Several: r.PostForm["role"]}
	if p.Programs == nil {
		return f, nil
	}
	all, err := p.Programs(r.Context())
	if err != nil || len(all) == 0 {
		return f, err
	}
	f.Programs = append([]ui.Option{{Value: "", Label: page.T(r).S("Everywhere")}}, all...)
	return f, nil
}

// grants reads the roles of a form.
func (f grantForm) grants() ([]access.Grant, error) {
	var fields fault.Fields
	read := func(name, text string) (d civil.Date) {
		if text == "" {
			return d
		}
		d, err := civil.ParseDate(text)
		if err != nil {
			fields.Add(name, "Please write the day as YYYY-MM-DD.")
		}
		return d
	}
	from, until := read("from", f.From), read("until", f.Until)
	var out []access.Grant
	for _, role := range f.Several {
		out = append(out, access.Grant{Role: access.Role(role), Program: f.Program, From: from, Until: until})
	}
	if len(out) == 0 {
		fields.Add("role", "Please choose a role.")
	}
	return out, fields.Err()
}

// InviteForm asks whom to invite, and to what.
func (p Pages) InviteForm(w http.ResponseWriter, r *http.Request) error {
	f, err := p.grantForm(r)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, inviteForm(shell(r, "people"), roleChoices(r, f), f))
}

// roleChoices are the roles that the reader may give, in at least one of the places where they hold one.
func roleChoices(r *http.Request, f grantForm) []ui.Choice {
	t := page.T(r)
	var out []ui.Choice
	for _, role := range access.Roles {
		if !page.Somewhere(r, access.RoleGive, access.Thing{Kind: access.Post, Role: role}) {
			continue
		}
		out = append(out, ui.Choice{Value: string(role), Label: roleWord(t, role), Hint: roleHint(t, role), Checked: slices.Contains(f.Several, string(role))})
	}
	return out
}

// Invitation is one that was made just now: its link is shown this once.
type invitation struct {
	Link string
	QR   ui.QR
	Name string
	Ends civil.Date
}

// PostInvite makes an invitation.
func (p Pages) PostInvite(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	f, err := p.grantForm(r)
	if err != nil {
		return err
	}
	grants, err := f.grants()
	var token string
	var made account.Invitation
	if err == nil {
		token, made, err = p.Accounts.Invite(r.Context(), page.SignedIn(r).Actor, account.Invitation{Name: f.Name, Grants: grants})
	}
	if f.Err = fault.As(err); f.Err != nil {
		return page.Render(w, r, status(w, f.Err), inviteForm(shell(r, "people"), roleChoices(r, f), f))
	}
	if err != nil {
		return err
	}
	v := invitation{Link: p.BaseURL + "/invite/" + token, Name: strings.TrimSpace(f.Name), Ends: civil.DateOf(made.EndsAt)}
	if v.QR, err = ui.NewQR(v.Link); err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, invitedPage(shell(r, "people"), v))
}

// CancelInvitation takes an invitation back.
func (p Pages) CancelInvitation(w http.ResponseWriter, r *http.Request) error {
	if err := p.Accounts.CancelInvitation(r.Context(), page.SignedIn(r).Actor, r.PathValue("id")); err != nil {
		return err
	}
	return page.Redirect(w, r, "/desk/people")
}

// one is the page of one person.
type one struct {
	Now     time.Time
	Today   civil.Date
	Account account.Account
	Ways    account.Ways
	Own     bool
	By      map[string]string
	Form    grantForm
	Err     *fault.Error
}

// other returns the account of the address when the reader may do that to it. Otherwise it is not there.
func (p Pages) other(r *http.Request, act access.Act) (account.Account, error) {
	a, err := p.Accounts.Account(r.Context(), r.PathValue("id"))
	if err != nil {
		return account.Account{}, err
	}
	if p.May(page.SignedIn(r).Actor, act, thing(a)) != nil {
		return account.Account{}, fault.New(fault.NotFound, "There is no such account.")
	}
	return a, nil
}

// Person shows one person's roles and ways in.
func (p Pages) Person(w http.ResponseWriter, r *http.Request) error {
	return p.showPerson(w, r, nil)
}

func (p Pages) showPerson(w http.ResponseWriter, r *http.Request, f *fault.Error) error {
	a, err := p.other(r, access.AccountRead)
	if err != nil {
		return err
	}
	v := one{Now: p.Now(), Today: p.Accounts.Today(), Account: a, Own: a.ID == page.SignedIn(r).ID, Err: f}
	if v.Ways, err = p.Accounts.WaysOf(r.Context(), a.ID); err != nil {
		return err
	}
	if v.Form, err = p.grantForm(r); err != nil {
		return err
	}
	var ids []string
	for _, g := range a.Grants {
		ids = append(ids, g.By)
	}
	if v.By, err = p.Names(r.Context(), ids); err != nil {
		return err
	}
	var roles []ui.Option
	for _, c := range roleChoices(r, v.Form) {
		roles = append(roles, ui.Option{Value: c.Value, Label: c.Label})
	}
	return page.Render(w, r, status(w, f), personPage(shell(r, "people"), v, roles))
}

// change does something to another's account and shows their page again.
func (p Pages) change(act access.Act, do func(r *http.Request, by access.Actor, a account.Account) error) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := page.Form(w, r); err != nil {
			return err
		}
		a, err := p.other(r, act)
		if err != nil {
			return err
		}
		err = do(r, page.SignedIn(r).Actor, a)
		if f := fault.As(err); f != nil && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
			return p.showPerson(w, r, f)
		}
		if err != nil {
			return err
		}
		return page.Redirect(w, r, "/desk/people/"+a.ID)
	}
}

// Grant gives a role, EndGrant ends one.
func (p Pages) Grant(w http.ResponseWriter, r *http.Request) error {
	return p.change(access.AccountGrant, func(r *http.Request, by access.Actor, a account.Account) error {
		f, err := p.grantForm(r)
		if err != nil {
			return err
		}
		grants, err := f.grants()
		if err != nil {
			return err
		}
		return p.Accounts.Grant(r.Context(), by, a.ID, grants[0])
	})(w, r)
}

// EndGrant ends a role.
func (p Pages) EndGrant(w http.ResponseWriter, r *http.Request) error {
	return p.change(access.AccountGrant, func(r *http.Request, by access.Actor, a account.Account) error {
		return p.Accounts.EndGrant(r.Context(), by, a.ID, r.PathValue("grant"))
	})(w, r)
}

// Disable lets somebody sign in no more, or again.
func (p Pages) Disable(w http.ResponseWriter, r *http.Request) error {
	return p.change(access.AccountEnd, func(r *http.Request, by access.Actor, a account.Account) error {
		switch {
		case a.ID == by.ID:
			return fault.New(fault.Conflict, "This is your own account. Somebody else has to do that.")
		case a.Disabled:
			return p.Accounts.Enable(r.Context(), by.ID, a.ID)
		}
		return p.Accounts.Disable(r.Context(), by.ID, a.ID)
	})(w, r)
}

// EndAll signs somebody out everywhere.
func (p Pages) EndAll(w http.ResponseWriter, r *http.Request) error {
	return p.change(access.SessionEnd, func(r *http.Request, by access.Actor, a account.Account) error {
		return p.Accounts.EndSessions(r.Context(), by.ID, a.ID, "")
	})(w, r)
}

// roleHint says in one line what a role is for.
func roleHint(t ui.T, role access.Role) string {
	switch role {
	case access.Participant:
		return t.S("Somebody this is all for: their own plan, their own record.")
	case access.Host:
		return t.S("Runs a group.")
	case access.Peer:
		return t.S("Walks with the people they are paired with.")
	case access.Supervisor:
		return t.S("Supports the peers of a program, and pairs them.")
	case access.Evaluator:
		return t.S("Sees figures, never a name.")
	case access.Editor:
		return t.S("Looks after meetings and the library.")
	case access.Dispatcher:
		return t.S("Sees that a call is answered.")
	case access.Administrator:
		return t.S("Looks after the house: people, feeds, settings. Reads no records by it.")
	case access.PrivacyOfficer:
		return t.S("Answers for consents, disclosures and requests.")
	}
	return ""
}
