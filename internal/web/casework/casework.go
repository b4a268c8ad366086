// Package casework owns the pages about people: those somebody walks with, one person's record, their
// permissions, what is shared, and each person's own data.
//
// It must never hold a rule, put a name or what this is about into a title or an address, or let anything
// about a person out except through the gate of package consent.
package casework

import (
	"context"
	"net/http"
	"slices"
	"time"

	"hearth/internal/access"
	"hearth/internal/account"
	"hearth/internal/casework"
	"hearth/internal/civil"
	"hearth/internal/community"
	"hearth/internal/consent"
	"hearth/internal/fault"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// Pages are the handlers of this package.
type Pages struct {
	Cases     *casework.Service
	Consents  *consent.Service
	Community *community.Service
	Accounts  *account.Service
	Names     func(ctx context.Context, ids []string) (map[string]string, error) // of accounts, as people are called
	BaseURL   string
}

// actor is who asks.
func actor(r *http.Request) access.Actor { return page.SignedIn(r).Actor }

// shell is the shell of a page of this package.
func shell(r *http.Request, here string) ui.Shell {
	s := page.Shell(r)
	s.Nav = here
	return s
}

// Places is what of this package somebody may go to.
func Places(t ui.T, r *http.Request) []ui.Place {
	var places []ui.Place
	records := access.Thing{Kind: access.Record}
	if page.Somewhere(r, access.RecordNames, records) || page.Somewhere(r, access.EmergencyOpen, records) {
		places = append(places, ui.Place{Key: "people", Label: t.S("People"), Href: "/people", Icon: "users"})
	}
	if actor(r).Participant != "" {
		places = append(places, ui.Place{Key: "mine", Label: t.S("My data"), Href: "/mine", Icon: "user-round"})
	}
	return places
}

// names finds what accounts are called; "" and unknown ids stay away.
func (p Pages) names(ctx context.Context, ids ...string) (map[string]string, error) {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == "" })
	return p.Names(ctx, ids)
}

// local is an instant in the community's zone.
func (p Pages) local(at time.Time) time.Time { return at.In(p.Community.Location()) }

// when writes an instant as people say it.
func (p Pages) when(t ui.T, at time.Time) string {
	l := p.local(at)
	return t.DateYear(civil.DateOf(l)) + ", " + t.Clock(civil.ClockOf(l))
}

// failed gives the error that a form shows, and its status, or an error for the hall.
func failed(err error) (*fault.Error, int, error) {
	f := fault.As(err)
	switch {
	case f == nil, f.Kind == fault.NotFound:
		return nil, 0, err
	case f.Kind == fault.Conflict:
		return f, http.StatusConflict, nil
	case f.Kind == fault.Forbidden:
		return f, http.StatusForbidden, nil
	}
	return f, http.StatusUnprocessableEntity, nil
}

// status is 200, or that of an error.
func status(code int) int {
	if code == 0 {
		return http.StatusOK
	}
	return code
}
