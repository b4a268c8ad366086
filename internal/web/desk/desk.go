// Package desk owns the pages of the people who look after the directory: feeds, what waits for a person,
// meetings and their evidence, and the audit record.
//
// It must never hold a rule of an area, and it shows a visitor's words to nobody but those who decide on
// them.
package desk

import (
	"context"
	"net/http"
	"time"

	"hearth/internal/access"
	"hearth/internal/backup"
	"hearth/internal/db"
	"hearth/internal/meeting"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// Pages are the handlers of this package.
type Pages struct {
	Meetings *meeting.Service
	Record   *db.DB // the audit record is read through its package
	Policies *access.Policies
	Now      func() time.Time
	Names    func(ctx context.Context, ids []string) (map[string]string, error) // of accounts, as people are called
	Backups  func(ctx context.Context) (backup.Last, error)
	BackupTo func() string // the folder in the settings; "" when somebody else takes care of backups
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

// shell is the shell of a page of the desk.
func shell(r *http.Request, here string) ui.Shell {
	s := page.Shell(r)
	s.Nav = here
	return s
}

// Places is the row of places where a signed-in person may go: what they may not do is not offered.
func Places(t ui.T, may func(access.Act, access.Thing) bool) []ui.Place {
	var out []ui.Place
	for _, p := range []struct {
		act   access.Act
		thing access.Thing
		place ui.Place
	}{
		{access.DirectorySee, access.TheDirectory, ui.Place{Key: "desk", Label: t.S("What waits"), Href: "/desk", Icon: "inbox"}},
		{access.FeedManage, access.TheDirectory, ui.Place{Key: "feeds", Label: t.S("Feeds"), Href: "/desk/feeds", Icon: "rss"}},
		{access.ScoreRead, access.TheDirectory, ui.Place{Key: "scores", Label: t.S("Welcome scores"), Href: "/desk/scores", Icon: "scale"}},
		{access.AuditRead, access.HouseEntries, ui.Place{Key: "record", Label: t.S("Record"), Href: "/desk/record", Icon: "scroll-text"}},
		{access.RulesRead, access.TheHouse, ui.Place{Key: "rules", Label: t.S("Rules"), Href: "/desk/rules", Icon: "shield-check"}},
		{access.CommunitySet, access.TheHouse, ui.Place{Key: "settings", Label: t.S("Settings"), Href: "/desk/settings", Icon: "settings"}},
	} {
		if may(p.act, p.thing) {
			out = append(out, p.place)
		}
	}
	return out
}

// actor is the id of who does something, in the audit record.
func actor(r *http.Request) string {
	if who := page.SignedIn(r); who != nil {
		return who.ID
	}
	return ""
}
