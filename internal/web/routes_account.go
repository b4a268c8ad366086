package web

import (
	"context"

	"hearth/internal/web/account"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// accountRoutes are the addresses of signing in, of one's own sign-in, of invitations and of the people who
// work here.
func (s *server) accountRoutes(a account.Pages) {
	a.Programs = s.programs

	// Signing in.
	s.handle("GET /signin", a.SignIn)
	s.handle("POST /signin", a.PostSignIn)
	s.handle("GET /signin/code", a.Code)
	s.handle("POST /signin/code", a.PostCode)
	s.handle("GET /signin/recover", a.Recover)
	s.handle("POST /signin/recover", a.PostRecover)
	s.handle("POST /signin/passkey/begin", a.BeginPasskey)
	s.handle("POST /signin/passkey", a.Passkey)
	s.handle("POST /signin/oidc", a.OIDC)
	s.handle("GET /signin/oidc/back", a.OIDCBack)
	s.handle("GET /signin/again", page.Signed(a.Again))
	s.handle("POST /signin/again", page.Signed(a.PostAgain))
	s.handle("POST /signin/again/begin", page.Signed(a.BeginAgain))
	s.handle("POST /signin/again/passkey", page.Signed(a.PasskeyAgain))
	s.handle("POST /signout", a.SignOut)
	s.handle("GET /invite/{token}", a.Invite)
	s.handle("POST /invite/{token}/begin", a.BeginJoin)
	s.handle("POST /invite/{token}/passkey", a.JoinPasskey)
	s.handle("POST /invite/{token}/password", a.JoinPassword)
	s.handle("GET /invite/{token}/code", a.JoinCode)
	s.handle("POST /invite/{token}/code", a.PostJoinCode)
	s.handle("POST /invite/{token}/oidc", a.JoinOIDC)

	// One's own sign-in.
	s.handle("GET /account", page.Signed(a.Mine))
	s.handle("POST /account/name", page.Signed(a.Rename))
	s.handle("POST /account/language", page.Signed(a.Language))
	s.handle("GET /account/safe", page.Signed(a.Safe))
	s.handle("POST /account/passkeys/begin", page.Signed(a.BeginNewPasskey))
	s.handle("POST /account/passkeys", page.Signed(a.NewPasskey))
	s.handle("POST /account/passkeys/{id}/remove", page.Fresh("/account", a.RemovePasskey))
	s.handle("GET /account/codes", page.Fresh("/account/codes", a.Codes))
	s.handle("POST /account/codes", page.Fresh("/account/codes", a.MakeCodes))
	s.handle("GET /account/password", page.Fresh("/account/password", a.Password))
	s.handle("POST /account/password", page.Fresh("/account/password", a.PostPassword))
	s.handle("POST /account/password/remove", page.Fresh("/account", a.RemovePassword))
	s.handle("GET /account/one-time", page.Fresh("/account/one-time", a.OneTime))
	s.handle("POST /account/one-time", page.Fresh("/account/one-time", a.PostOneTime))
	s.handle("POST /account/link", page.Fresh("/account", a.Link))
	s.handle("POST /account/unlink", page.Fresh("/account", a.Unlink))
	s.handle("POST /account/sessions/{id}/end", page.Signed(a.EndSession))
	s.handle("POST /account/sessions/end", page.Signed(a.EndOthers))

	// The people who work here.
	s.handle("GET /desk/people", account.Keeper(a.People))
	s.handle("GET /desk/people/invite", account.Keeper(account.Strong(page.Fresh("/desk/people/invite", a.InviteForm))))
	s.handle("POST /desk/people/invite", account.Keeper(account.Strong(page.Fresh("/desk/people/invite", a.PostInvite))))
	s.handle("POST /desk/people/invite/{id}/cancel", account.Keeper(a.CancelInvitation))
	s.handle("GET /desk/people/{id}", account.Keeper(a.Person))
	s.handle("POST /desk/people/{id}/roles", account.Keeper(account.Strong(page.Fresh("/desk/people", a.Grant))))
	s.handle("POST /desk/people/{id}/roles/{grant}/end", account.Keeper(account.Strong(page.Fresh("/desk/people", a.EndGrant))))
	s.handle("POST /desk/people/{id}/disable", account.Keeper(account.Strong(page.Fresh("/desk/people", a.Disable))))
	s.handle("POST /desk/people/{id}/sessions/end", account.Keeper(page.Fresh("/desk/people", a.EndAll)))
}

// programs are what a role can be given for.
func (s *server) programs(ctx context.Context) ([]ui.Option, error) {
	all, err := s.o.Settings.Programs(ctx)
	if err != nil {
		return nil, err
	}
	var out []ui.Option
	for _, p := range all {
		out = append(out, ui.Option{Value: p.ID, Label: p.Name})
	}
	return out, nil
}
