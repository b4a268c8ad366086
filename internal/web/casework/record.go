package casework

import (
	"net/http"
	"strings"

	"hearth/internal/access"
	"hearth/internal/account"
	"hearth/internal/casework"
	"hearth/internal/civil"
	"hearth/internal/consent"
	"hearth/internal/fault"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// recordView is what the page of one person shows. The same page serves who walks with them and, at /mine,
// the person themself.
type recordView struct {
	casework.Record
	Mine       bool
	Consents   []consent.Consent
	Recipients map[string]string // names by id
	Names      map[string]string // of accounts
	Looks      []casework.Look
	Given      []consent.Disclosure
	Peers      []account.Account // whom a supervisor may pair them with
	MayPair    bool
	Point      casework.Point // the form for a contact point
	Note       string         // what was typed and not saved
	Err        *fault.Error
}

// at is the address of the record's page.
func (v recordView) at() string {
	if v.Mine {
		return "/mine"
	}
	return "/people/" + v.ID
}

// Record shows one person's record to who walks with them.
func (p Pages) Record(w http.ResponseWriter, r *http.Request) error {
	if a := actor(r); a.Participant != "" && a.Participant == r.PathValue("id") {
		return page.Redirect(w, r, "/mine")
	}
	return p.record(w, r, r.PathValue("id"), nil, nil)
}

// Mine shows a person what is known about them.
func (p Pages) Mine(w http.ResponseWriter, r *http.Request) error {
	id := actor(r).Participant
	if id == "" {
		return fault.New(fault.NotFound, "There is no record that belongs to your account.")
	}
	return p.record(w, r, id, nil, nil)
}

func (p Pages) record(w http.ResponseWriter, r *http.Request, id string, problem error, typed func(*recordView)) error {
	ctx, a := r.Context(), actor(r)
	v := recordView{Mine: a.Participant == id}
	code := 0
	var err error
	if problem != nil {
		if v.Err, code, err = failed(problem); err != nil {
			return err
		}
	}
	if v.Record, err = p.Cases.ReadRecord(ctx, a, id); err != nil {
		return err
	}
	if v.Consents, err = p.Consents.Of(ctx, a, id); err != nil {
		if !fault.Is(err, fault.NotFound) {
			return err
		}
		v.Consents = nil // in an emergency there is no need to see them
	} else if v.Recipients, err = p.recipientNames(r, id); err != nil {
		return err
	}
	var ids []string
	for _, n := range v.Pairings {
		ids = append(ids, n.Peer, n.Supervisor)
	}
	for _, n := range v.Notes {
		ids = append(ids, n.By)
	}
	for _, e := range v.Emergencies {
		ids = append(ids, e.Account)
	}
	if v.Mine {
		if v.Looks, err = p.Cases.Looks(ctx, a, id, 12); err != nil {
			return err
		}
		for _, l := range v.Looks {
			ids = append(ids, l.By)
		}
	}
	if v.MayPair = page.Can(r, access.RecordPair, access.Thing{Kind: access.Record, ID: id, Person: id, Program: v.Program}); v.MayPair {
		if v.Peers, err = p.peers(r, v.Program); err != nil {
			return err
		}
	}
	if v.Names, err = p.names(ctx, ids...); err != nil {
		return err
	}
	if typed != nil {
		typed(&v)
	}
	nav := "people"
	if v.Mine {
		nav = "mine"
	}
	return page.Render(w, r, status(code), recordPage(shell(r, nav), p, v))
}

func (p Pages) recipientNames(r *http.Request, participant string) (map[string]string, error) {
	all, err := p.Consents.Recipients(r.Context(), actor(r), participant)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, x := range all {
		names[x.ID] = x.Name
	}
	return names, nil
}

// peers lists the peer specialists of a program.
func (p Pages) peers(r *http.Request, program string) ([]account.Account, error) {
	all, err := p.Accounts.Accounts(r.Context())
	if err != nil {
		return nil, err
	}
	var peers []account.Account
	for _, a := range all {
		if a.HasIn(access.Peer, program) && !a.Disabled {
			peers = append(peers, a)
		}
	}
	return peers, nil
}

// id is whose record a request is about: the one in the address, or the person's own.
func id(r *http.Request) string {
	if id := r.PathValue("id"); id != "" {
		return id
	}
	return actor(r).Participant
}

// back goes to the record's page again.
func back(w http.ResponseWriter, r *http.Request, hash string) error {
	if actor(r).Participant == id(r) {
		return page.Redirect(w, r, "/mine"+hash)
	}
	return page.Redirect(w, r, "/people/"+id(r)+hash)
}

// Save changes what a person is called and the like.
func (p Pages) Save(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	n := participantForm(r)
	n.ID, n.Revision = id(r), number(r.PostFormValue("revision"))
	if err := p.Cases.SaveRecord(r.Context(), actor(r), n); err != nil {
		return p.record(w, r, n.ID, err, func(v *recordView) {
			v.Called, v.LegalName, v.BirthMonth, v.Language = n.Called, n.LegalName, n.BirthMonth, n.Language
		})
	}
	return back(w, r, "")
}

// AddNote writes something down.
func (p Pages) AddNote(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	words := r.PostFormValue("words")
	if _, err := p.Cases.AddNote(r.Context(), actor(r), id(r), words); err != nil {
		return p.record(w, r, id(r), err, func(v *recordView) { v.Note = words })
	}
	return back(w, r, "#notes")
}

// SavePoint adds or changes a number or address.
func (p Pages) SavePoint(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	field := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	on := func(name string) bool { return r.PostFormValue(name) != "" }
	x := casework.Point{ID: field("point"), Participant: id(r), Kind: casework.PointKind(field("kind")), Value: field("value")}
	x.Safety = casework.Safety{
		Call: on("call"), Text: on("text"), Message: on("message"), Post: on("post"), Best: on("best"),
		Others: field("others"), AskFor: field("ask_for"), SayWeAre: field("say_we_are"),
	}
	var err error
	if from, until := field("quiet_from"), field("quiet_until"); from != "" || until != "" {
		if x.Safety.QuietFrom, err = civil.ParseClock(from); err == nil {
			x.Safety.QuietUntil, err = civil.ParseClock(until)
		}
		if err != nil {
			err = fault.New(fault.Invalid, "Something here needs another look.").With("quiet_from", "Please write times as 22:00.")
		}
	}
	if err == nil {
		_, err = p.Cases.SavePoint(r.Context(), actor(r), x)
	}
	if err != nil {
		return p.record(w, r, x.Participant, err, func(v *recordView) { v.Point = x })
	}
	return back(w, r, "#reach")
}

// RemovePoint forgets a number or address.
func (p Pages) RemovePoint(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	if err := p.Cases.RemovePoint(r.Context(), actor(r), id(r), r.PostFormValue("point")); err != nil {
		return err
	}
	return back(w, r, "#reach")
}

// Pair decides who walks with a person.
func (p Pages) Pair(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	n := casework.Pairing{Participant: id(r), Peer: r.PostFormValue("peer"), Role: casework.PairRole(r.PostFormValue("role")), Supervisor: actor(r).ID}
	if _, err := p.Cases.Pair(r.Context(), actor(r), n); err != nil {
		if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
			return fault.New(fault.Invalid, f.Fields[0].Message)
		}
		return err
	}
	return page.Redirect(w, r, "/people")
}

// Invite gives a person a way to sign in: a link and its QR code, shown once.
func (p Pages) Invite(w http.ResponseWriter, r *http.Request) error {
	who, err := p.Cases.MayInvite(r.Context(), actor(r), id(r))
	if err != nil {
		return err
	}
	// That they may was asked above, by the relationship: roles that may invite are another matter.
	token, made, err := p.Accounts.InviteAs(r.Context(), actor(r).ID, account.Invitation{
		Name: who.Called, Participant: who.ID, Grants: []access.Grant{{Role: access.Participant, Program: who.Program}},
	})
	if err != nil {
		return err
	}
	link := p.BaseURL + "/invite/" + token
	code, err := ui.NewQR(link)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, invitedPage(shell(r, "people"), p, who, link, code, made))
}

// Looks lists who looked at one's record.
func (p Pages) Looks(w http.ResponseWriter, r *http.Request) error {
	a := actor(r)
	looks, err := p.Cases.Looks(r.Context(), a, a.Participant, 500)
	if err != nil {
		return err
	}
	ids := make([]string, len(looks))
	for i, l := range looks {
		ids[i] = l.By
	}
	names, err := p.names(r.Context(), ids...)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, looksPage(shell(r, "mine"), p, looks, names))
}

// LeaveForm says what happens when somebody leaves.
func (p Pages) LeaveForm(w http.ResponseWriter, r *http.Request) error {
	return page.Render(w, r, http.StatusOK, leavePage(shell(r, "mine")))
}

// Leave ends somebody's time here.
func (p Pages) Leave(w http.ResponseWriter, r *http.Request) error {
	a := actor(r)
	if err := p.Cases.Leave(r.Context(), a, a.Participant); err != nil {
		return err
	}
	return page.Redirect(w, r, "/mine")
}

// Download gives a person their own copy, through the gate.
func (p Pages) Download(w http.ResponseWriter, r *http.Request) error {
	a := actor(r)
	packet, err := p.Consents.Release(r.Context(), consent.Request{
		Actor: a, Participant: a.Participant, What: consent.Categories, Purpose: consent.Access, Basis: consent.Basis{Kind: consent.OwnCopy},
		Way: consent.Export, Describe: "all that is known",
	}, p.Cases.OwnCopy(a.Participant))
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="my-data.json"`)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	return p.Consents.Send(r.Context(), packet, w)
}

func number(s string) int64 {
	var n int64
	for _, c := range s {
		if c < '0' || c > '9' || n > 1<<40 {
			return -1
		}
		n = n*10 + int64(c-'0')
	}
	return n
}
