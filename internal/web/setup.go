package web

import (
	"net/http"

	"github.com/a-h/templ"

	"hearth/internal/access"
	hall "hearth/internal/account"
	"hearth/internal/community"
	"hearth/internal/web/account"
	"hearth/internal/web/house"
	"hearth/internal/web/page"
	"hearth/internal/web/setup"
)

// setupRoutes are the addresses of the first start, and of the settings afterwards.
func (s *server) setupRoutes(a account.Pages) {
	o := s.o
	p := setup.Pages{Community: o.Settings, LinkOpen: o.Accounts.SetupOpen, KeyFile: o.Setup.KeyFile, KeyMark: o.Setup.KeyMark, Folder: o.Setup.Folder, ZoneOf: o.Setup.ZoneOf, Examine: o.Setup.Examine, Now: o.Now}
	a.At = "/setup/"
	a.Show = func(w http.ResponseWriter, r *http.Request, status int, forms templ.Component) error {
		return p.ShowJoin(w, r, status, forms)
	}
	p.Join = a.Invite
	only := func(h page.Handler) page.Handler { return page.Only(access.CommunitySet, access.TheHouse, h) }

	s.handle("GET /setup/{token}", p.Link)
	s.handle("POST /setup/{token}/{step}", p.SendLink)
	s.handle("POST /setup/{token}/begin", p.Joining(a.BeginJoin))
	s.handle("POST /setup/{token}/passkey", p.Joining(a.JoinPasskey))
	s.handle("POST /setup/{token}/password", p.Joining(a.JoinPassword))
	s.handle("POST /setup/{token}/oidc", p.Joining(a.JoinOIDC))
	s.handle("GET /setup/{token}/code", p.Joining(a.JoinCode))
	s.handle("POST /setup/{token}/code", p.Joining(a.PostJoinCode))
	s.handle("GET /setup", only(p.Resume))
	s.handle("POST /setup/{step}", only(p.Send))
	s.handle("GET /setup/done", only(p.Done))

	s.handle("GET /desk/doctor", only(p.Doctor))
	s.handle("GET /desk/settings", only(p.Settings))
	s.handle("GET /desk/settings/{part}", only(p.Part))
	s.handle("POST /desk/settings/{part}", only(p.SavePart))
	s.handle("GET /desk/settings/program/{id}", only(p.Program))
	s.handle("POST /desk/settings/program/{id}", only(p.SaveProgram))
}

// then leads an administrator who has begun to set the house up back to it.
func (s *server) then(a hall.Account) string {
	step := s.o.Settings.Settings().Step
	if step != community.StepName && step != community.StepDone && s.o.Policies.May(a.Actor(), access.CommunitySet, access.TheHouse) == nil {
		return "/setup"
	}
	return ""
}

// local are the community's own numbers for the help page.
func (s *server) local() []house.Line {
	var out []house.Line
	for _, n := range s.o.Settings.Settings().Help {
		out = append(out, house.Line{Name: n.Name, More: n.More, Call: n.Call, Text: n.Text})
	}
	return out
}
