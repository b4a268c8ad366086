package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"hearth/internal/access"
	"hearth/internal/fault"
	"hearth/internal/web/account"
	"hearth/internal/web/casework"
	"hearth/internal/web/desk"
	"hearth/internal/web/house"
	"hearth/internal/web/keep"
	"hearth/internal/web/meeting"
	"hearth/internal/web/open"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// routes is every address of the site, on one page.
func (s *server) routes() {
	o := s.o
	m := meeting.New(meeting.Options{Meetings: o.Meetings, Places: o.Places, BaseURL: o.BaseURL, Now: o.Now, Streets: ui.HasTiles(o.DataFolder)})
	w := open.New(open.Options{Meetings: o.Meetings, Places: o.Places, Now: o.Now, BaseURL: o.BaseURL, Community: func() string { return o.Settings.Settings().Name }, Words: m})
	h := house.New(house.Options{LeaveURL: o.LeaveURL, Local: s.local, Contact: func() string { return o.Settings.Settings().Contact }})
	names := func(ctx context.Context, ids []string) (map[string]string, error) {
		return o.Accounts.Names(ctx, o.Record, ids)
	}
	staff := func(ctx context.Context, ids []string) (map[string]string, error) {
		return o.Accounts.StaffNames(ctx, o.Record, ids)
	}
	a := account.Pages{Accounts: o.Accounts, BaseURL: o.BaseURL, Now: o.Now, Secure: s.secure, May: o.Policies.May, Names: names, Then: s.then}
	d := desk.Pages{Meetings: o.Meetings, Record: o.Record, Policies: o.Policies, Now: o.Now, Names: staff, Backups: o.Backups, BackupTo: func() string { return o.Settings.Settings().BackupTo }}

	c := casework.Pages{Cases: o.Casework, Consents: o.Consents, Community: o.Settings, Accounts: o.Accounts, Names: names, BaseURL: o.BaseURL}

	// Finding.
	s.handle("GET /{$}", m.Finder)
	s.handle("GET /m/{id}", m.Show)
	s.handle("GET /m/{id}/before", m.Before)
	s.handle("GET /m/{id}/visit", m.VisitForm)
	s.handle("POST /m/{id}/visit", m.Visit)
	s.handle("GET /m/{id}/visit/thanks", m.VisitThanks)
	s.handle("GET /m/{id}/problem", m.ProblemForm)
	s.handle("POST /m/{id}/problem", m.Problem)
	s.handle("GET /m/{id}/problem/thanks", m.ProblemThanks)
	s.elsewhere("GET /map.geojson", m.MapPoints)
	s.mux.Handle("GET /map.pmtiles", ui.Tiles(o.DataFolder))

	// Open to the world.
	s.elsewhere("GET /api/v1/meetings", w.API)
	s.elsewhere("OPTIONS /api/v1/meetings", w.Options)
	s.elsewhere("GET /api/v1/meetings/{id}", w.Meeting)
	s.elsewhere("OPTIONS /api/v1/meetings/{id}", w.Options)
	s.elsewhere("GET /api/v1/openapi.json", w.OpenAPI)
	s.elsewhere("OPTIONS /api/v1/openapi.json", w.Options)
	s.elsewhere("GET /feeds/meetings.json", w.MeetingGuide)
	s.elsewhere("GET /feeds/hsds.json", w.HSDS)
	s.elsewhere("GET /feeds/meetings.csv", w.Table)
	s.elsewhere("GET /feeds/meetings.ics", w.Week)
	s.elsewhere("OPTIONS /feeds/{file}", w.Options)
	s.elsewhere("GET /embed", w.Embed)
	s.elsewhere("GET /embed.js", w.EmbedScript)
	s.handle("GET /embed/how", w.EmbedHow)
	s.handle("GET /print", w.PrintPage)
	s.elsewhere("GET /booklet.pdf", w.BookletPDF)
	s.elsewhere("GET /m/{id}/calendar.ics", w.Calendar)
	s.elsewhere("OPTIONS /m/{id}/calendar.ics", w.Options)

	// The house.
	s.handle("GET /help", h.Help)
	s.handle("GET /privacy", h.Privacy)
	s.handle("GET /about", h.About)
	s.handle("GET /leave", h.Leave)
	s.mux.Handle("GET /assets/", ui.Assets())
	s.mux.Handle("GET /sw.js", ui.ServiceWorker())
	s.mux.HandleFunc("GET /robots.txt", robots)
	s.handle(everythingElse, s.nothing)

	s.accountRoutes(a)
	s.setupRoutes(a)

	// The desk.
	s.handle("GET /desk", page.Only(access.DirectorySee, access.TheDirectory, d.Waits))
	s.handle("POST /desk/visits/{id}", page.Only(access.MeetingEdit, access.TheDirectory, d.DecideVisit))
	s.handle("POST /desk/problems/{id}", page.Only(access.MeetingEdit, access.TheDirectory, d.DecideProblem))
	s.handle("GET /desk/m/{id}", page.Only(access.MeetingEdit, access.TheDirectory, d.Meeting))
	s.handle("POST /desk/m/{id}", page.Only(access.MeetingEdit, access.TheDirectory, d.SaveMeeting))
	s.handle("POST /desk/m/{id}/clear", page.Only(access.MeetingEdit, access.TheDirectory, d.ClearOverride))
	s.handle("POST /desk/m/{id}/word", page.Only(access.MeetingEdit, access.TheDirectory, d.AddStatement))
	s.handle("POST /desk/m/{id}/withdraw", page.Only(access.MeetingEdit, access.TheDirectory, d.WithdrawStatement))
	s.handle("POST /desk/m/{id}/hide", page.Only(access.MeetingEdit, access.TheDirectory, d.Hide))
	s.handle("GET /desk/scores", page.Only(access.ScoreRead, access.TheDirectory, d.Scores))
	s.handle("POST /desk/scores/{version}", page.Only(access.ScoreDecide, access.TheDirectory, d.DecideFit))
	s.handle("GET /desk/record", page.Only(access.AuditRead, access.HouseEntries, d.AuditRecord))
	s.handle("GET /desk/rules", page.Only(access.RulesRead, access.TheHouse, d.Rules))
	s.handle("GET /desk/feeds", page.Only(access.FeedManage, access.TheDirectory, d.Feeds))
	s.handle("POST /desk/feeds", page.Only(access.FeedManage, access.TheDirectory, d.AddFeed))
	s.handle("GET /desk/feeds/{name}", page.Only(access.FeedManage, access.TheDirectory, d.Feed))
	s.handle("POST /desk/feeds/{name}/sync", page.Only(access.FeedManage, access.TheDirectory, d.SyncFeed))
	s.handle("POST /desk/feeds/{name}/accept", page.Only(access.FeedManage, access.TheDirectory, d.AcceptFeed))
	s.handle("POST /desk/feeds/{name}/refuse", page.Only(access.FeedManage, access.TheDirectory, d.RefuseFeed))
	s.handle("GET /desk/feeds/{name}/edit", page.Only(access.FeedManage, access.TheDirectory, d.EditFeed))
	s.handle("POST /desk/feeds/{name}/edit", page.Only(access.FeedManage, access.TheDirectory, d.SetFeed))
	s.handle("POST /desk/feeds/{name}/remove", page.Only(access.FeedManage, access.TheDirectory, d.RemoveFeed))

	// One's own data.
	s.private("GET /mine", c.Mine)
	s.private("POST /mine", c.Save)
	s.private("POST /mine/contact", c.SavePoint)
	s.private("POST /mine/contact/remove", c.RemovePoint)
	s.private("GET /mine/looks", c.Looks)
	s.private("GET /mine/shared", c.Shared)
	s.private("GET /mine/leave", c.LeaveForm)
	s.private("POST /mine/leave", page.Fresh("/mine/leave", c.Leave))
	s.wayOut("POST /mine/copy", page.Fresh("/mine", c.Download))

	// People, and those who walk with them.
	s.private("GET /people", c.People)
	s.private("POST /people", c.Open)
	s.private("POST /people/find", c.Find)
	s.private("GET /emergency", c.EmergencyForm)
	s.private("POST /emergency", c.Emergency)
	s.private("POST /emergencies/{id}", c.Judge)
	s.private("GET /people/{id}", c.Record)
	s.private("POST /people/{id}", c.Save)
	s.private("POST /people/{id}/notes", c.AddNote)
	s.private("POST /people/{id}/contact", c.SavePoint)
	s.private("POST /people/{id}/contact/remove", c.RemovePoint)
	s.private("POST /people/{id}/pair", c.Pair)
	s.private("POST /people/{id}/invite", c.Invite)
	s.private("GET /people/{id}/shared", c.Shared)
	s.private("GET /people/{id}/permissions/new", c.NewPermission)
	s.private("POST /people/{id}/permissions", c.PreparePermission)
	s.private("GET /people/{id}/share", c.ShareForm)
	s.wayOut("POST /people/{id}/share", c.Share)
	s.private("GET /permissions/{id}", c.Permission)
	s.private("GET /permissions/{id}/edit", c.EditPermission)
	s.private("POST /permissions/{id}/sign", c.Sign)
	s.private("POST /permissions/{id}/revoke", c.Revoke)
	s.private("POST /permissions/{id}/discard", c.Discard)
	s.private("POST /permissions/{id}/told", c.MarkTold)

	// Those who keep the program's privacy.
	k := keep.Pages{Cases: o.Casework, Consents: o.Consents, Privacy: o.Privacy, Community: o.Settings, Names: names}
	s.private("GET /keep", k.Overview)
	s.private("GET /keep/disclosures", k.Disclosures)
	s.private("POST /keep/told", k.Told)
	s.private("GET /keep/requests", k.Requests)
	s.private("GET /keep/requests/{id}", k.Request)
	s.private("POST /keep/requests/{id}/extend", k.Extend)
	s.private("POST /keep/requests/{id}/answer", k.Answer)
	s.private("GET /keep/complaints", k.Complaints)
	s.private("POST /keep/complaints/{id}", k.AnswerComplaint)
	s.private("GET /keep/incidents", k.Incidents)
	s.private("GET /keep/incidents/{id}", k.Incident)
	s.private("POST /keep/incidents/{id}", k.Assess)
	s.private("GET /keep/retention", k.Retention)
	s.private("POST /keep/retention", k.SetKept)
	s.private("POST /keep/holds", k.PlaceHold)
	s.private("POST /keep/holds/{id}/end", k.EndHold)
	s.private("POST /keep/people/{id}/erase", page.Fresh("/keep/retention", k.Erase))
	s.private("GET /keep/notice", k.Notices)
	s.private("POST /keep/notice", k.Publish)
	s.private("GET /mine/requests", k.MyRequests)
	s.private("POST /mine/requests", k.Ask)
	s.private("GET /complaints", k.ComplainForm)
	s.private("POST /complaints", k.Complain)
	s.private("GET /incidents/new", k.ReportForm)
	s.private("POST /incidents", k.Report)
	s.handle("GET /notice", k.Notice)

	// Watching.
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") })
	s.mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := o.Ready(r.Context()); err != nil {
			o.Log.Warn("not ready", "error", err)
			answer(w, http.StatusServiceUnavailable, "not ready")
			return
		}
		answer(w, http.StatusOK, "ready")
	})
	s.mux.Handle("GET /metrics", promhttp.HandlerFor(o.Metrics, promhttp.HandlerOpts{}))
}

// everythingElse is the pattern of what no other pattern takes.
const everythingElse = "/"

// nothing answers what no page answers. Being there for every method, it also gets what ServeMux would
// refuse by itself: an address that exists, asked in a way that it does not take.
func (s *server) nothing(w http.ResponseWriter, r *http.Request) error {
	allowed := s.allowed(r)
	if len(allowed) == 0 {
		return fault.New(fault.NotFound, "It may have moved, or the address has a mistake in it.")
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	s.show(w, r, http.StatusMethodNotAllowed, fault.New(fault.Invalid, "This address is there, but it cannot be used in this way."))
	return nil
}

// allowed lists the methods that the address of a request takes. One that takes only OPTIONS is not there:
// that says how to ask, and answers nothing.
func (s *server) allowed(r *http.Request) (methods []string) {
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions} {
		if method == http.MethodOptions && methods == nil {
			break
		}
		ask := *r
		ask.Method = method
		if _, pattern := s.mux.Handler(&ask); pattern != everythingElse && pattern != "" {
			methods = append(methods, method)
		}
	}
	return methods
}

// secure tells whether a request came by https: then its cookies only ever travel so.
func (s *server) secure(r *http.Request) bool { return isHTTPS(r, s.believes(r)) }

func answer(w http.ResponseWriter, status int, state string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"status": state}) // the caller may have left
}

// robots keeps search engines to the finder and the meetings: a list of what somebody looked for is
// nobody's business.
func robots(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("User-agent: *\nDisallow: /*?\nDisallow: /desk\nDisallow: /mine\nDisallow: /people\nDisallow: /emergency\nDisallow: /permissions\nDisallow: /keep\nDisallow: /complaints\nDisallow: /incidents\nDisallow: /signin\nDisallow: /account\nDisallow: /invite\nDisallow: /m/*/visit\nDisallow: /m/*/problem\n"))
}
