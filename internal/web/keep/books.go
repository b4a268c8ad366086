package keep

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"hearth/internal/casework"
	"hearth/internal/civil"
	"hearth/internal/consent"
	"hearth/internal/fault"
	"hearth/internal/privacy"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// field is what was typed into a field of a form.
func field(r *http.Request, name string) string { return strings.TrimSpace(r.PostFormValue(name)) }

// date reads a day that was typed; "" is none.
func date(r *http.Request, name string) (civil.Date, error) {
	if field(r, name) == "" {
		return civil.Date{}, nil
	}
	d, err := civil.ParseDate(field(r, name))
	if err != nil {
		return d, fault.New(fault.Invalid, "Something here needs another look.").With(name, "Please write the day as 2026-12-31.")
	}
	return d, nil
}

type requestsView struct {
	Open, Done []privacy.Request
	Called     map[string]string
}

// Requests lists what waits for an answer, the most urgent first, and what was answered last.
func (p Pages) Requests(w http.ResponseWriter, r *http.Request) error {
	if err := keeper(r); err != nil {
		return err
	}
	var v requestsView
	var err error
	if v.Open, err = p.Privacy.Waiting(r.Context(), actor(r)); err != nil {
		return err
	}
	if v.Done, err = p.Privacy.Answered(r.Context(), actor(r)); err != nil {
		return err
	}
	var people []string
	for _, x := range slices.Concat(v.Open, v.Done) {
		people = append(people, x.Participant)
	}
	if v.Called, _, err = p.names(r, people, nil); err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, requestsPage(shell(r), p, v))
}

type requestView struct {
	privacy.Request
	Called, Names map[string]string
	Recipients    []consent.Recipient
	Typed         map[string]string
	What          []string
	Err           *fault.Error
}

// Request shows one request, to be answered.
func (p Pages) Request(w http.ResponseWriter, r *http.Request) error {
	v, err := p.request(r)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, requestPage(shell(r), p, v))
}

func (p Pages) request(r *http.Request) (v requestView, err error) {
	if err := keeper(r); err != nil {
		return v, err
	}
	if v.Request, err = p.Privacy.Request(r.Context(), actor(r), r.PathValue("id")); err != nil {
		return v, err
	}
	if v.Kind == privacy.Restricting {
		if v.Recipients, err = p.Consents.Recipients(r.Context(), actor(r), v.Participant); err != nil {
			return v, err
		}
	}
	v.Called, v.Names, err = p.names(r, []string{v.Participant}, []string{v.AskedBy, v.ExtendedBy, v.AnsweredBy})
	return v, err
}

// again shows a request's page with what was typed.
func (p Pages) again(r *http.Request, err error) error {
	v, lost := p.request(r)
	if lost != nil {
		return err
	}
	v.Typed, v.What = map[string]string{}, r.PostForm["what"]
	for name := range r.PostForm {
		v.Typed[name] = r.PostFormValue(name)
	}
	return page.WithForm(err, func(e *fault.Error) templ.Component {
		v.Err = e
		return requestPage(shell(r), p, v)
	})
}

// Extend takes the one extension.
func (p Pages) Extend(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	if err := p.Privacy.Extend(r.Context(), actor(r), r.PathValue("id"), field(r, "why")); err != nil {
		return p.again(r, err)
	}
	return page.Redirect(w, r, "/keep/requests/"+r.PathValue("id"))
}

// Answer answers a request.
func (p Pages) Answer(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	var agreed *privacy.Restriction
	if to := field(r, "recipient"); to == "anybody" {
		agreed = &privacy.Restriction{What: r.PostForm["what"]}
	} else if to != "" {
		agreed = &privacy.Restriction{Recipient: to, What: r.PostForm["what"]}
	}
	err := p.Privacy.Reply(r.Context(), actor(r), r.PathValue("id"), privacy.Outcome(field(r, "outcome")), field(r, "answer"), agreed)
	if err != nil {
		return p.again(r, err)
	}
	return page.Redirect(w, r, "/keep/requests")
}

type complaintsView struct {
	All        []privacy.Complaint
	Names      map[string]string
	ID, Answer string // of an answer that came back
	Err        *fault.Error
}

// Complaints lists complaints, to be answered.
func (p Pages) Complaints(w http.ResponseWriter, r *http.Request) error {
	v, err := p.complaints(r)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, complaintsPage(shell(r), p, v))
}

func (p Pages) complaints(r *http.Request) (v complaintsView, err error) {
	if err := keeper(r); err != nil {
		return v, err
	}
	if v.All, err = p.Privacy.Complaints(r.Context(), actor(r)); err != nil {
		return v, err
	}
	var accounts []string
	for _, c := range v.All {
		accounts = append(accounts, c.Account, c.AnsweredBy)
	}
	_, v.Names, err = p.names(r, nil, accounts)
	return v, err
}

// AnswerComplaint answers one.
func (p Pages) AnswerComplaint(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	if err := p.Privacy.AnswerComplaint(r.Context(), actor(r), r.PathValue("id"), field(r, "answer")); err != nil {
		v, lost := p.complaints(r)
		if lost != nil {
			return err
		}
		v.ID, v.Answer = r.PathValue("id"), field(r, "answer")
		return page.WithForm(err, func(e *fault.Error) templ.Component {
			v.Err = e
			return complaintsPage(shell(r), p, v)
		})
	}
	return page.Redirect(w, r, "/keep/complaints")
}

// Incidents shows the log.
func (p Pages) Incidents(w http.ResponseWriter, r *http.Request) error {
	if err := keeper(r); err != nil {
		return err
	}
	all, err := p.Privacy.Incidents(r.Context(), actor(r))
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, incidentsPage(shell(r), p, all))
}

type incidentView struct {
	privacy.Incident
	Names map[string]string
	Typed map[string]string // what came back; nil: nothing
	Err   *fault.Error
}

// value is what stands in a field: what was typed, else what is saved.
func (v incidentView) value(name, saved string) string {
	if v.Typed != nil {
		return v.Typed[name]
	}
	return saved
}

// Incident shows one, to be judged.
func (p Pages) Incident(w http.ResponseWriter, r *http.Request) error {
	v, err := p.incident(r)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, incidentPage(shell(r), p, v))
}

func (p Pages) incident(r *http.Request) (v incidentView, err error) {
	if err := keeper(r); err != nil {
		return v, err
	}
	if v.Incident, err = p.Privacy.Incident(r.Context(), actor(r), r.PathValue("id")); err != nil {
		return v, err
	}
	_, v.Names, err = p.names(r, nil, []string{v.Account, v.DecidedBy})
	return v, err
}

// Assess saves what was judged.
func (p Pages) Assess(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	n := privacy.Incident{ID: r.PathValue("id"), Decision: privacy.Decision(field(r, "decision")), OneState: field(r, "one_state") != ""}
	n.Factors = privacy.Factors{What: field(r, "what"), Who: field(r, "who"), Seen: field(r, "seen"), Mitigated: field(r, "mitigated")}
	n.Revision, _ = strconv.ParseInt(field(r, "revision"), 10, 64) // a wrong one is a conflict
	var err error
	if field(r, "affected") != "" {
		if n.Affected, err = strconv.ParseInt(field(r, "affected"), 10, 64); err != nil {
			err = fault.New(fault.Invalid, "Something here needs another look.").With("affected", "Please write how many people it touched.")
		}
	}
	for name, into := range map[string]*civil.Date{"told_people": &n.ToldPeople, "told_secretary": &n.ToldSecretary, "told_media": &n.ToldMedia} {
		if err == nil {
			*into, err = date(r, name)
		}
	}
	if err == nil {
		err = p.Privacy.Assess(r.Context(), actor(r), n)
	}
	if err != nil {
		v, lost := p.incident(r)
		if lost != nil {
			return err
		}
		v.Typed = map[string]string{}
		for name := range r.PostForm {
			v.Typed[name] = r.PostFormValue(name)
		}
		return page.WithForm(err, func(e *fault.Error) templ.Component {
			v.Err = e
			return incidentPage(shell(r), p, v)
		})
	}
	return page.Redirect(w, r, "/keep/incidents/"+n.ID)
}

type retentionView struct {
	Kept   []privacy.Kept
	Holds  []privacy.Hold
	People []casework.Listed // whom a hold may be placed on
	Name   string            // whom the list was narrowed to
	More   bool              // there are others than those listed
	Called map[string]string
	Names  map[string]string
	Typed  map[string]string
	Err    *fault.Error
}

// Retention shows how long what is kept, and what is held.
func (p Pages) Retention(w http.ResponseWriter, r *http.Request) error {
	v, err := p.retention(r)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, retentionPage(shell(r), p, v))
}

func (p Pages) retention(r *http.Request) (v retentionView, err error) {
	if err := keeper(r); err != nil {
		return v, err
	}
	ctx, a := r.Context(), actor(r)
	if v.Kept, err = p.Privacy.Schedule(ctx); err != nil {
		return v, err
	}
	if v.Holds, err = p.Privacy.Holds(ctx, a); err != nil {
		return v, err
	}
	v.Name = r.URL.Query().Get("name")
	list, err := p.Cases.People(ctx, a, v.Name, 0)
	if err != nil {
		return v, err
	}
	v.People, v.More = list.People, list.More || v.Name != ""
	var people, accounts []string
	for _, h := range v.Holds {
		people, accounts = append(people, h.Participant), append(accounts, h.PlacedBy)
	}
	v.Called, v.Names, err = p.names(r, people, accounts)
	return v, err
}

// kept shows the page with what went wrong, or goes back to it.
func (p Pages) kept(w http.ResponseWriter, r *http.Request, err error) error {
	if no := keeper(r); no != nil {
		return no
	}
	if err == nil {
		return page.Redirect(w, r, "/keep/retention")
	}
	v, lost := p.retention(r)
	if lost != nil {
		return err
	}
	v.Typed = map[string]string{}
	for name := range r.PostForm {
		v.Typed[name] = r.PostFormValue(name)
	}
	return page.WithForm(err, func(e *fault.Error) templ.Component {
		v.Err = e
		return retentionPage(shell(r), p, v)
	})
}

// SetKept decides how long something is kept.
func (p Pages) SetKept(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	years, err := strconv.ParseInt(field(r, "years"), 10, 64)
	if err != nil {
		years = 0
	}
	return p.kept(w, r, p.Privacy.SetKept(r.Context(), actor(r), field(r, "kept"), years, field(r, "why")))
}

// PlaceHold keeps a record from being erased.
func (p Pages) PlaceHold(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	return p.kept(w, r, p.Privacy.PlaceHold(r.Context(), actor(r), field(r, "person"), field(r, "why")))
}

// EndHold lets go.
func (p Pages) EndHold(w http.ResponseWriter, r *http.Request) error {
	return p.kept(w, r, p.Privacy.EndHold(r.Context(), actor(r), r.PathValue("id")))
}

// Erase forgets somebody who left.
func (p Pages) Erase(w http.ResponseWriter, r *http.Request) error {
	return p.kept(w, r, p.Cases.Erase(r.Context(), actor(r), r.PathValue("id")))
}

type noticesView struct {
	All  []privacy.Notice
	Form privacy.Notice
	Day  string
	Err  *fault.Error
}

// Notices shows the versions of the notice, and a form for the next one.
func (p Pages) Notices(w http.ResponseWriter, r *http.Request) error {
	v, err := p.notices(r)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, noticesPage(shell(r), p, v))
}

func (p Pages) notices(r *http.Request) (v noticesView, err error) {
	if err := keeper(r); err != nil {
		return v, err
	}
	if v.All, err = p.Privacy.Notices(r.Context()); err != nil {
		return v, err
	}
	v.Form, v.Day = privacy.OwnNotice(), p.Community.Today().String()
	if len(v.All) > 0 {
		v.Form = v.All[0]
	}
	return v, nil
}

// Publish puts a version into force.
func (p Pages) Publish(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	n := privacy.Notice{English: r.PostFormValue("english"), Spanish: r.PostFormValue("spanish")}
	var err error
	if n.Effective, err = date(r, "effective"); err == nil {
		_, err = p.Privacy.Publish(r.Context(), actor(r), n)
	}
	if err != nil {
		v, lost := p.notices(r)
		if lost != nil {
			return err
		}
		v.Form, v.Day = n, field(r, "effective")
		return page.WithForm(err, func(e *fault.Error) templ.Component {
			v.Err = e
			return noticesPage(shell(r), p, v)
		})
	}
	return page.Redirect(w, r, "/keep/notice")
}

// The words for codes, as keys of the catalogue.
var (
	kindWords = map[privacy.RequestKind]string{
		privacy.Access: "See or get a copy", privacy.Correction: "Have something corrected", privacy.Restricting: "Have something not shared", privacy.Accounting: "Know who was told",
	}
	outcomeWords  = map[privacy.Outcome]string{"": "Waits for an answer", privacy.Granted: "Yes", privacy.Partly: "In part", privacy.Denied: "No"}
	decisionWords = map[privacy.Decision]string{
		"": "Not decided: counts as a breach until somebody does", privacy.Breach: "A breach: people have to be told", privacy.LowRisk: "A low probability that anything was compromised", privacy.NoMatch: "Nothing about anybody was touched",
	}
	tellWords = map[string]string{"people": "Each person whom it is about", "secretary": "The Secretary of Health and Human Services", "media": "Prominent media of the state"}
	keptWords = map[string]string{
		"records": "Records of people who left", "permissions": "Permissions", "disclosures": "What was given out", "requests": "Requests", "complaints": "Complaints", "incidents": "Incidents", "audit": "The audit record",
	}
)

func options(t ui.T, list []consent.Recipient) []ui.Option {
	out := []ui.Option{{Value: "", Label: t.S("Please choose")}, {Value: "anybody", Label: t.S("Anybody")}}
	for _, x := range list {
		out = append(out, ui.Option{Value: x.ID, Label: x.Name})
	}
	return out
}

func day(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}
