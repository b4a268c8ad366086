package casework

import (
	"net/http"
	"strings"

	"hearth/internal/access"
	"hearth/internal/casework"
	"hearth/internal/community"
	"hearth/internal/fault"
	"hearth/internal/web/page"
)

// peopleView is what the list of people shows.
type peopleView struct {
	casework.List
	Find     string // the name that was looked for
	Peers    map[string]string
	Judge    []casework.Emergency
	Judged   map[string]string
	Programs []community.Program
	MayOpen  bool
	New      casework.Participant
	Err      *fault.Error
}

// People lists whom somebody walks with, and lets them begin a record.
func (p Pages) People(w http.ResponseWriter, r *http.Request) error {
	return p.people(w, r, "", casework.Participant{}, nil)
}

// Find lists people of one name. It is a form that is sent, so that no name stands in an address.
func (p Pages) Find(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	return p.people(w, r, r.PostFormValue("name"), casework.Participant{}, nil)
}

func (p Pages) people(w http.ResponseWriter, r *http.Request, find string, form casework.Participant, problem error) error {
	v := peopleView{New: form, Find: strings.TrimSpace(find)}
	code := 0
	if problem != nil {
		var err error
		if v.Err, code, err = failed(problem); err != nil {
			return err
		}
	}
	a := actor(r)
	var err error
	from := number(r.URL.Query().Get("from"))
	if from < 0 || from > 1_000_000 {
		from = 0
	}
	if v.List, err = p.Cases.People(r.Context(), a, v.Find, int(from)); err != nil {
		return err
	}
	if v.Judge, err = p.Cases.ToJudge(r.Context(), a); err != nil {
		return err
	}
	var ids []string
	for _, x := range v.People {
		ids = append(ids, x.Peer)
	}
	for _, e := range v.Judge {
		ids = append(ids, e.Account)
	}
	if v.Peers, err = p.names(r.Context(), ids...); err != nil {
		return err
	}
	programs, err := p.Community.Programs(r.Context())
	if err != nil {
		return err
	}
	for _, x := range programs {
		if page.Can(r, access.RecordCreate, access.Thing{Kind: access.Program, ID: x.ID, Program: x.ID}) {
			v.Programs = append(v.Programs, x)
		}
	}
	v.MayOpen = len(v.Programs) > 0
	return page.Render(w, r, status(code), peoplePage(shell(r, "people"), p, v))
}

// Open begins a record.
func (p Pages) Open(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	n := participantForm(r)
	n.Program = r.PostFormValue("program")
	made, err := p.Cases.OpenRecord(r.Context(), actor(r), n)
	if err != nil {
		return p.people(w, r, "", n, err)
	}
	return page.Redirect(w, r, "/people/"+made.ID)
}

func participantForm(r *http.Request) casework.Participant {
	field := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	return casework.Participant{Called: field("called"), LegalName: field("legal_name"), BirthMonth: field("birth_month"), Language: field("language")}
}

// emergencyForm is what somebody wrote to open a record without walking with the person.
type emergencyForm struct {
	Called, BirthMonth, Reason string
	Err                        *fault.Error
}

// EmergencyForm asks whose record it is and why it cannot wait.
func (p Pages) EmergencyForm(w http.ResponseWriter, r *http.Request) error {
	return page.Render(w, r, http.StatusOK, emergencyPage(shell(r, "people"), emergencyForm{}))
}

// Emergency opens a record for a few hours.
func (p Pages) Emergency(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	f := emergencyForm{Called: r.PostFormValue("called"), BirthMonth: strings.TrimSpace(r.PostFormValue("birth_month")), Reason: r.PostFormValue("reason")}
	e, err := p.Cases.OpenInEmergency(r.Context(), actor(r), f.Called, f.BirthMonth, f.Reason)
	if err != nil {
		if f.Err = fault.As(err); f.Err == nil {
			return err
		}
		return page.Render(w, r, http.StatusUnprocessableEntity, emergencyPage(shell(r, "people"), f))
	}
	return page.Redirect(w, r, "/people/"+e.Participant)
}

// Judge says whether an emergency was one.
func (p Pages) Judge(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	if err := p.Cases.Judge(r.Context(), actor(r), r.PathValue("id"), r.PostFormValue("judgement") == "right"); err != nil {
		return err
	}
	return page.Redirect(w, r, "/people")
}
