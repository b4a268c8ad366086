// Package setup owns the pages on which a community says what it is: the first start behind a one-time link,
// the settings afterwards, and what is not right yet.
//
// It must never hold a rule about settings, nor tell a wrong link from one that was used.
package setup

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/a-h/templ"

	"hearth/internal/access"
	"hearth/internal/community"
	"hearth/internal/doctor"
	"hearth/internal/fault"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// Pages are the handlers of this package.
type Pages struct {
	Community *community.Service
	// LinkOpen tells whether a token is that of the first start; fault.Gone: it opens nothing (any more).
	LinkOpen func(ctx context.Context, token string) error
	// Join puts the forms of the first administrator, which package account has, into the step's page.
	Join    page.Handler
	KeyFile string                     // where the keys are, for the person who has to copy them
	KeyMark func() string              // of the keys in use
	Folder  func(path string) error    // fault.Invalid: backups cannot be written there
	ZoneOf  func(region string) string // "" where it is not sure
	Now     func() time.Time
	Examine func(context.Context) (doctor.Report, error)
}

// step is a page of the set-up.
type step struct {
	Base    string // the address below which the forms are
	Here    community.Step
	Reached community.Step // the first one that is still to do
	Form    form
	Join    templ.Component // the forms of the person's step
}

// gone is what every link says that opens nothing, whether it was used, is wrong, or never was.
func gone() error {
	return fault.New(fault.Gone, "This link opens nothing, or nothing any more. Whoever set this place up signs in instead. If nobody did, whoever runs the server can print a new link.")
}

// open tells whether the link of a request still opens the set-up.
func (p Pages) open(r *http.Request) (community.Settings, error) {
	now, err := p.now(r.Context())
	if err != nil {
		return now, err
	}
	err = p.LinkOpen(r.Context(), r.PathValue("token"))
	if fault.Is(err, fault.Gone) || err == nil && now.Step == community.StepDone {
		return now, gone()
	}
	return now, err
}

// now is what stands, also when another process changed it a moment ago.
func (p Pages) now(ctx context.Context) (community.Settings, error) {
	if err := p.Community.Load(ctx); err != nil {
		return community.Settings{}, err
	}
	return p.Community.Settings(), nil
}

// Link shows the step that the link has come to, or an earlier one that is asked for. An administrator who is
// signed in goes on without it.
func (p Pages) Link(w http.ResponseWriter, r *http.Request) error {
	if page.Can(r, access.CommunitySet, access.TheHouse) {
		return page.Redirect(w, r, "/setup")
	}
	now, err := p.open(r)
	if err != nil {
		return err
	}
	return p.show(w, r, http.StatusOK, "/setup/"+r.PathValue("token"), now)
}

// SendLink takes a step from whoever has the link.
func (p Pages) SendLink(w http.ResponseWriter, r *http.Request) error {
	now, err := p.open(r)
	if err != nil {
		return err
	}
	return p.send(w, r, "/setup/"+r.PathValue("token"), nil, now)
}

// Resume shows the next step to an administrator who is signed in.
func (p Pages) Resume(w http.ResponseWriter, r *http.Request) error {
	now, err := p.now(r.Context())
	if err != nil {
		return err
	}
	if now.Step == community.StepDone {
		return page.Redirect(w, r, "/desk/settings")
	}
	return p.show(w, r, http.StatusOK, "/setup", now)
}

// Send takes a step from an administrator who is signed in.
func (p Pages) Send(w http.ResponseWriter, r *http.Request) error {
	now, err := p.now(r.Context())
	if err != nil {
		return err
	}
	return p.send(w, r, "/setup", &page.SignedIn(r).Actor, now)
}

// Joining guards the handlers that make the first administrator: the link must be open, and the steps before
// it done.
func (p Pages) Joining(h page.Handler) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		now, err := p.open(r)
		if err != nil {
			return err
		}
		if now.Step.Before(community.StepPerson) {
			return page.Redirect(w, r, "/setup/"+r.PathValue("token"))
		}
		err = h(w, r)
		if fault.Is(err, fault.Gone) && p.LinkOpen(r.Context(), r.PathValue("token")) != nil {
			return gone() // somebody else with the link was faster
		}
		return err
	}
}

// ShowJoin shows the forms of the person's step.
func (p Pages) ShowJoin(w http.ResponseWriter, r *http.Request, status int, forms templ.Component) error {
	v := step{Base: "/setup/" + r.PathValue("token"), Here: community.StepPerson, Reached: community.StepPerson, Join: forms}
	return page.Render(w, r, status, stepPage(page.Shell(r), v))
}

// reached is the step to do next. Whoever is signed in has done the one of the person.
func reached(r *http.Request, now community.Settings) community.Step {
	if now.Step == community.StepPerson && page.SignedIn(r) != nil {
		return community.StepKeys
	}
	return now.Step
}

// show shows the step to do next, or the earlier one that the request names.
func (p Pages) show(w http.ResponseWriter, r *http.Request, status int, base string, now community.Settings) error {
	v := step{Base: base, Reached: reached(r, now)}
	v.Here = v.Reached
	if asked := fromPath(r.URL.Query().Get("step")); asked != "?" && asked.Before(v.Reached) {
		v.Here = asked
	}
	if v.Here == community.StepPerson {
		if page.SignedIn(r) == nil {
			return p.Join(w, r)
		}
		v.Here = community.StepKeys
	}
	var err error
	if v.Form, err = p.form(r.Context(), now); err != nil {
		return err
	}
	return page.Render(w, r, status, stepPage(page.Shell(r), v))
}

// send takes a step and goes on to the next.
func (p Pages) send(w http.ResponseWriter, r *http.Request, base string, actor *access.Actor, now community.Settings) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	here, to := fromPath(r.PathValue("step")), reached(r, now)
	if here == "?" || here == community.StepPerson {
		return fault.New(fault.NotFound, "It may have moved, or the address has a mistake in it.")
	}
	if now.Step == community.StepDone || to.Before(here) {
		return page.Redirect(w, r, base)
	}
	f, err := p.form(r.Context(), now)
	if err != nil {
		return err
	}
	program := f.Program.ID // the form's own word for it is not believed
	f, err = p.read(r, here, f)
	f.Program.ID = program
	if err == nil && !f.More {
		f.Settings.Step = now.Step
		if !here.Before(now.Step) || here == community.StepKeys {
			f.Settings.Step = here.Next()
		}
		var with *community.Program
		if here == community.StepProgram {
			with = &f.Program
		}
		if _, err = p.Community.SetUp(r.Context(), actor, f.Settings, with); err == nil {
			if here == community.StepKeys {
				return page.Redirect(w, r, "/setup/done")
			}
			return page.Redirect(w, r, base)
		}
	}
	if f, err = p.again(r, here, f, err); err != nil {
		return err
	}
	return page.Render(w, r, statusOf(f.Err), stepPage(page.Shell(r), step{Base: base, Here: here, Reached: to, Form: f}))
}

// again is a form that comes back: with what was wrong, or, after a conflict, with what stands now.
func (p Pages) again(r *http.Request, here community.Step, f form, err error) (form, error) {
	f.Err = fault.As(err)
	if err != nil && (f.Err == nil || f.Err.Kind != fault.Invalid && f.Err.Kind != fault.Conflict) {
		return f, err
	}
	if f.Err == nil || f.Err.Kind == fault.Invalid {
		return f, nil
	}
	now, err := p.now(r.Context())
	if err != nil {
		return f, err
	}
	program := f.Program.ID
	if f, err = p.form(r.Context(), now); err != nil {
		return f, err
	}
	if program != "" {
		if f.Program, err = p.Community.Program(r.Context(), nil, program); err != nil {
			return f, err
		}
	}
	f.Err = fault.New(fault.Conflict, "Somebody else sent this in the meantime. This is how it stands now. Change what is wrong, and send it again.")
	return f, nil
}

// Doctor says what is not right yet, and how to mend it.
func (p Pages) Doctor(w http.ResponseWriter, r *http.Request) error {
	found, err := p.Examine(r.Context())
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, doctorPage(shell(r), found))
}

// Done says what to do next.
func (p Pages) Done(w http.ResponseWriter, r *http.Request) error {
	now, err := p.now(r.Context())
	if err != nil {
		return err
	}
	if now.Step != community.StepDone {
		return page.Redirect(w, r, "/setup")
	}
	return page.Render(w, r, http.StatusOK, donePage(shell(r), now, p.copied(now)))
}

// copied tells whether the keys in use were copied elsewhere, as somebody noted.
func (p Pages) copied(now community.Settings) bool {
	return now.KeysCopied != "" && now.KeysCopied == p.KeyMark()
}

func shell(r *http.Request) ui.Shell {
	s := page.Shell(r)
	s.Nav = "settings"
	return s
}

func statusOf(f *fault.Error) int {
	switch {
	case f == nil:
		return http.StatusOK
	case f.Kind == fault.Conflict:
		return http.StatusConflict
	}
	return http.StatusUnprocessableEntity
}

// path is a step in an address; fromPath is the way back, "?" for what is none.
func path(s community.Step) string {
	if s == community.StepName {
		return "name"
	}
	return string(s)
}

func fromPath(s string) community.Step {
	if i := slices.IndexFunc(community.Steps, func(one community.Step) bool { return path(one) == s }); i >= 0 && community.Steps[i] != community.StepDone {
		return community.Steps[i]
	}
	return "?"
}

// stepWord names a step.
func stepWord(t ui.T, s community.Step) string {
	switch s {
	case community.StepName:
		return t.S("Your community")
	case community.StepProgram:
		return t.S("Your program")
	case community.StepHelp:
		return t.S("Numbers to call")
	case community.StepPerson:
		return t.S("Your way in")
	}
	return t.S("Keys and backups")
}
