package setup

import (
	"net/http"

	"hearth/internal/community"
	"hearth/internal/fault"
	"hearth/internal/web/page"
)

// Settings shows what the community says of itself, and where to change it.
func (p Pages) Settings(w http.ResponseWriter, r *http.Request) error {
	now, err := p.now(r.Context())
	if err != nil {
		return err
	}
	programs, err := p.Community.Programs(r.Context())
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, settingsPage(shell(r), now, programs, p.Community.Named(), p.copied(now)))
}

// Part shows the form of one part of the settings.
func (p Pages) Part(w http.ResponseWriter, r *http.Request) error {
	here := part(r)
	if here == "?" {
		return nowhere()
	}
	now, err := p.now(r.Context())
	if err != nil {
		return err
	}
	f, err := p.form(r.Context(), now)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, partPage(shell(r), here, f))
}

// SavePart takes it.
func (p Pages) SavePart(w http.ResponseWriter, r *http.Request) error {
	here := part(r)
	if here == "?" {
		return nowhere()
	}
	if err := page.Form(w, r); err != nil {
		return err
	}
	now, err := p.now(r.Context())
	if err != nil {
		return err
	}
	f, err := p.form(r.Context(), now)
	if err != nil {
		return err
	}
	if f, err = p.read(r, here, f); err == nil && !f.More {
		if _, err = p.Community.Save(r.Context(), me(r).Actor, f.Settings); err == nil {
			return page.Redirect(w, r, "/desk/settings")
		}
	}
	if f, err = p.again(r, here, f, err); err != nil {
		return err
	}
	return page.Render(w, r, statusOf(f.Err), partPage(shell(r), here, f))
}

// Program shows the form of a program; "new" is one that is to be.
func (p Pages) Program(w http.ResponseWriter, r *http.Request) error {
	f, err := p.program(r)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, programPage(shell(r), f))
}

func (p Pages) program(r *http.Request) (form, error) {
	now, err := p.now(r.Context())
	if err != nil {
		return form{}, err
	}
	f, err := p.form(r.Context(), now)
	if err != nil {
		return f, err
	}
	if r.PathValue("id") == "new" {
		return f.of(newProgram(now)), nil
	}
	one, err := p.Community.Program(r.Context(), nil, r.PathValue("id"))
	return f.of(one), err
}

// SaveProgram takes it.
func (p Pages) SaveProgram(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	f, err := p.program(r)
	if err != nil {
		return err
	}
	id := f.Program.ID // the form's own word for it is not believed
	if f, err = p.read(r, community.StepProgram, f); err == nil {
		f.Program.ID = id
		if _, err = p.Community.SaveProgram(r.Context(), me(r).Actor, f.Program); err == nil {
			return page.Redirect(w, r, "/desk/settings")
		}
	}
	f.Program.ID = id
	if f, err = p.again(r, community.StepProgram, f, err); err != nil {
		return err
	}
	return page.Render(w, r, statusOf(f.Err), programPage(shell(r), f))
}

func nowhere() error {
	return fault.New(fault.NotFound, "It may have moved, or the address has a mistake in it.")
}
