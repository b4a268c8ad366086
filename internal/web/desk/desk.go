// Package desk owns the pages of the people who look after the directory: feeds, what waits for a person,
// meetings and their evidence, and the audit record.
//
// It must never hold a rule of an area, and it shows a visitor's words to nobody but those who decide on
// them.
package desk

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/meeting"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// The roles that the desk asks for; package account gives them.
const (
	administrator = "administrator"
	editor        = "editor"
)

// Pages are the handlers of this package.
type Pages struct {
	Meetings *meeting.Service
	Record   *db.DB // the audit record is read through its package
	Now      func() time.Time
	Names    func(ctx context.Context, ids []string) (map[string]string, error) // of accounts, as people are called
}

// named puts names in the place of the ids of accounts. An id without a name stays as it is.
func (p Pages) named(ctx context.Context, each func(yield func(*string) bool)) error {
	var ids []string
	for id := range each {
		ids = append(ids, *id)
	}
	names, err := p.Names(ctx, ids)
	if err != nil {
		return err
	}
	for id := range each {
		if name := names[*id]; name != "" {
			*id = name
		}
	}
	return nil
}

// For lets only people with the role through: others are asked to sign in, or told no. An administrator
// may do what an editor may.
func For(role string, h page.Handler) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		who := page.SignedIn(r)
		if who == nil {
			if r.Method != http.MethodGet {
				return fault.New(fault.Forbidden, "You are no longer signed in. Please sign in and send it again.")
			}
			return page.Redirect(w, r, "/signin?next="+url.QueryEscape(r.URL.RequestURI()))
		}
		if !who.Has(role) && !who.Has(administrator) {
			return fault.New(fault.Forbidden, "This is for another role than yours.")
		}
		return h(w, r)
	}
}

// Editor and Administrator are For with these roles.
func Editor(h page.Handler) page.Handler { return For(editor, h) }

// Administrator lets only administrators through.
func Administrator(h page.Handler) page.Handler { return For(administrator, h) }

// shell is the shell of a page of the desk.
func shell(r *http.Request, here string) ui.Shell {
	s := page.Shell(r)
	s.Nav = here
	return s
}

// Places is the row of places where a signed-in person may go.
func Places(t ui.T, who *page.Who) []ui.Place {
	if who == nil {
		return nil
	}
	waits := ui.Place{Key: "desk", Label: t.S("What waits"), Href: "/desk", Icon: "inbox"}
	scores := ui.Place{Key: "scores", Label: t.S("Welcome scores"), Href: "/desk/scores", Icon: "scale"}
	if !who.Has(administrator) {
		return []ui.Place{waits, scores}
	}
	return []ui.Place{
		waits,
		{Key: "feeds", Label: t.S("Feeds"), Href: "/desk/feeds", Icon: "rss"},
		scores,
		{Key: "record", Label: t.S("Record"), Href: "/desk/record", Icon: "scroll-text"},
	}
}

// actor is the id of who does something, in the audit record.
func actor(r *http.Request) string {
	if who := page.SignedIn(r); who != nil {
		return who.ID
	}
	return ""
}
