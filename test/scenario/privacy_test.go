package scenario

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"hearth/internal/access"
	"hearth/internal/app/apptest"
	"hearth/internal/web/ui/uitest"
)

var (
	requestPath  = regexp.MustCompile(`/keep/requests/[0-9a-f-]{36}`)
	incidentPath = regexp.MustCompile(`/keep/incidents/[0-9a-f-]{36}`)
	holdPath     = regexp.MustCompile(`/keep/holds/[0-9a-f-]{36}/end`)
	erasePath    = regexp.MustCompile(`/keep/people/[0-9a-f-]{36}/erase`)
)

func found(t *testing.T, p *apptest.Page, what *regexp.Regexp) string {
	t.Helper()
	if s := what.FindString(p.Body); s != "" {
		return s
	}
	t.Fatalf("%s has no %s:\n%s", p.URL, what, p.Text())
	return ""
}

// A person asks that something is not shared; the clock runs; the officer takes the one extension and agrees;
// from then on the gate stops it, permission or not, and the person reads all of it.
func TestARequestWithItsClock(t *testing.T) {
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		w := newTown(t, s)
		w.allow(t, "County Housing")
		text(t, w.rosa.Get("/mine/requests"), 200, "30 days (45 CFR 164.524(b)(2)", "60 days (45 CFR 164.526(b)(2))", "The law sets no time (42 CFR 2.26")
		text(t, w.rosa.Post("/mine/requests", url.Values{"kind": {"everything"}, "words": {"My words stay."}}), 422, "Please choose what it is.", "My words stay.")
		asked := w.rosa.Post("/mine/requests", url.Values{"kind": {"restriction"}, "words": {"Not my notes, not to the housing office."}})
		text(t, asked, 200, "Have something not shared", "Not my notes", "Answer by")
		text(t, w.sam.Post("/mine/requests", url.Values{"kind": {"access"}, "words": {"x"}}), 404)

		officer, _ := s.SignedIn(t, "Pat", access.Grant{Role: access.PrivacyOfficer})
		path := found(t, officer.Get("/keep/requests"), requestPath)
		shown := officer.Get(path)
		text(t, shown, 200, "Rosa", "Not my notes", "42 CFR 2.26")
		to := choice(t, shown, "recipient", "County Housing")
		text(t, officer.Post(path+"/extend", url.Values{"why": {""}}), 422, "between 1 and 4,000 letters")
		text(t, officer.Post(path+"/extend", url.Values{"why": {"We ask our counsel."}}), 200, "because: We ask our counsel.")
		text(t, officer.Post(path+"/extend", url.Values{"why": {"Again."}}), 409, "There is no second time.")
		text(t, w.rosa.Get("/mine/requests"), 200, "It takes longer, because: We ask our counsel.")
		text(t, officer.Post(path+"/answer", url.Values{"outcome": {"granted"}, "answer": {"We agree."}}), 422, "Please say what is not shared", "We agree.")
		text(t, officer.Post(path+"/answer", url.Values{"outcome": {"granted"}, "answer": {"We agree."}, "recipient": {to}, "what": {"notes"}}), 200, "Nothing waits for an answer", "Answered last")
		text(t, officer.Post(path+"/answer", url.Values{"outcome": {"denied"}, "answer": {"No."}}), 409)
		text(t, w.rosa.Get("/mine/requests"), 200, "Yes", "We agree.")

		form := w.sam.Get(w.record + "/share")
		share := url.Values{"basis": {"consent"}, "consent": {choice(t, form, "consent", "County Housing")}, "what": {"notes"}, "to": {to}, "purpose": {"housing"}, "describe": {"her search"}}
		if got := w.sam.Post(w.record+"/share", share); got.Status != 403 {
			t.Errorf("what was agreed not to be shared left: %d\n%s", got.Status, got.Text())
		}
		share.Set("what", "taking_part")
		text(t, w.sam.Post(w.record+"/share", share), 200, "Permission to share", "County Housing")
		text(t, w.rosa.Get("/mine/looks"), 200, "answered what you asked", "took more time for an answer", "agreed not to share something")

		// Late is said aloud, and cannot be made longer any more.
		text(t, w.rosa.Post("/mine/requests", url.Values{"kind": {"access"}, "words": {"All of it, on paper."}}), 200, "All of it, on paper.")
		s.Clock.Add(31 * 24 * time.Hour)
		officer, _ = s.SignedIn(t, "Pat", access.Grant{Role: access.PrivacyOfficer})
		list := officer.Get("/keep/requests")
		text(t, list, 200, "Overdue since", "1 waits for an answer")
		path = found(t, list, requestPath)
		text(t, officer.Post(path+"/extend", url.Values{"why": {"Too late."}}), 409, "The time is over.")

		for name, g := range map[string]access.Grant{
			"an administrator": {Role: access.Administrator}, "a peer": {Role: access.Peer, Program: w.program}, "a supervisor": {Role: access.Supervisor, Program: w.program},
			"an officer elsewhere": {Role: access.PrivacyOfficer, Program: "elsewhere"},
		} {
			p, _ := s.SignedIn(t, name, g)
			text(t, p.Get(path), 404)
			text(t, p.Post(path+"/answer", url.Values{"outcome": {"granted"}, "answer": {"x"}}), 404)
			text(t, p.Post(path+"/extend", url.Values{"why": {"x"}}), 404)
			if got := p.Get("/keep/requests"); strings.Contains(got.Body, "Rosa") {
				t.Errorf("%s sees who asked", name)
			}
		}
	})
}

// A complaint is read by the officer alone and answered; an incident runs against its clock until those who have
// to be told were; a low risk has to be shown by all four factors.
func TestComplaintsAndIncidents(t *testing.T) {
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		w := newTown(t, s)
		officer, _ := s.SignedIn(t, "Pat", access.Grant{Role: access.PrivacyOfficer})
		text(t, w.rosa.Get("/complaints"), 200, "Nobody may treat you worse", "Office for Civil Rights", "1-800-368-1019", "Green House, 1 Main Street")
		text(t, w.rosa.Post("/complaints", url.Values{"words": {"Somebody spoke about me in the hall."}}), 200, "Somebody spoke about me", "Nobody has answered yet.")
		text(t, w.sam.Get("/keep/complaints"), 404)
		if got := w.sam.Get("/complaints"); strings.Contains(got.Body, "in the hall") {
			t.Error("Sam reads Rosa's complaint")
		}
		list := officer.Get("/keep/complaints")
		text(t, list, 200, "Somebody spoke about me in the hall.", "Rosa")
		path := found(t, list, regexp.MustCompile(`/keep/complaints/[0-9a-f-]{36}`))
		text(t, w.sam.Post(path, url.Values{"answer": {"x"}}), 404)
		text(t, officer.Post(path, url.Values{"answer": {"We spoke with them. It will not happen again."}}), 200, "Answered on")
		text(t, officer.Post(path, url.Values{"answer": {"Twice."}}), 409)
		text(t, w.rosa.Get("/complaints"), 200, "It will not happen again.")

		today := s.Clock.Now().Format(time.DateOnly)
		text(t, w.sam.Post("/incidents", url.Values{"words": {"A letter went to the house next door."}, "discovered": {"2031-01-01"}}), 422, "it cannot lie ahead", "A letter went")
		text(t, w.sam.Post("/incidents", url.Values{"words": {"A letter went to the house next door."}, "discovered": {today}}), 200, "It was written down.")
		text(t, w.sam.Get("/keep/incidents"), 404)
		path = found(t, officer.Get("/keep/incidents"), incidentPath)
		text(t, w.sam.Get(path), 404)
		shown := officer.Get(path)
		text(t, shown, 200, "A letter went to the house next door.", "Until", "Sam", "Four questions")
		form := url.Values{"revision": {hidden(t, shown, "revision")}, "decision": {"low"}, "what": {"A name and an address."}}
		text(t, officer.Post(path, form), 422, "all four have to be written down", "A name and an address.")
		form.Set("decision", "breach")
		text(t, officer.Post(path, form), 422, "Please write how many people it touched.")
		form.Set("affected", "1")
		saved := officer.Post(path, form)
		text(t, saved, 200, "Whom to tell", "45 CFR 164.404(b)", "45 CFR 164.408(c)", "Decided by Pat")
		if strings.Contains(saved.Text(), "164.406") {
			t.Error("the media are told of one letter")
		}
		text(t, officer.Post(path, form), 409)
		form.Set("revision", hidden(t, saved, "revision"))
		form.Set("told_people", today)
		form.Set("told_secretary", today)
		text(t, officer.Post(path, form), 200)
		text(t, officer.Get("/keep/incidents"), 200, "1 incident", "Nothing")
	})
}

// What is held, or waits for an answer, is not erased; the schedule cannot undercut the law; and the notice
// keeps its versions.
func TestHoldsAndNotices(t *testing.T) {
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		w := newTown(t, s)
		officer, _ := s.SignedIn(t, "Pat", access.Grant{Role: access.PrivacyOfficer})
		id := strings.TrimPrefix(w.record, "/people/")
		text(t, officer.Post("/keep/holds", url.Values{"person": {id}, "why": {"A lawsuit is expected."}}), 200, "A lawsuit is expected.", "Rosa")
		text(t, w.rosa.Post("/mine/requests", url.Values{"kind": {"access"}, "words": {"All of it."}}), 200, "All of it.")
		w.rosa.Post("/mine/leave", url.Values{"sure": {"yes"}})
		list := officer.Get("/keep/retention")
		erase := found(t, list, erasePath)
		text(t, officer.Post(erase, nil), 409, "This record is held")
		text(t, officer.Post(found(t, list, holdPath), nil), 200, "Nothing is held.")
		text(t, officer.Post(erase, nil), 409, "Answer it first.")
		path := found(t, officer.Get("/keep/requests"), requestPath)
		text(t, officer.Post(path+"/answer", url.Values{"outcome": {"granted"}, "answer": {"Here it is."}}), 200)
		text(t, w.sam.Post(erase, nil), 404)
		text(t, officer.Post(erase, nil), 200, "Nobody who left waits to be erased.")
		text(t, officer.Get(path), 200, "The person was erased, and with them what they wrote.", "Somebody")

		text(t, officer.Post("/keep/retention", url.Values{"kept": {"audit"}, "years": {"1"}, "why": {"Space."}}), 422, "at least 6 years")
		text(t, officer.Post("/keep/retention", url.Values{"kept": {"records"}, "years": {"10"}, "why": {"State code 12.3"}}), 200, "10 years", "State code 12.3")

		text(t, w.sam.Get("/keep/notice"), 404)

		stranger := s.Person(t)
		text(t, stranger.Get("/notice"), 200, "Notice of Privacy Practices of Green House", "has not put this notice into force yet", "1-800-368-1019")
		text(t, stranger.Get("/notice?lang=es"), 200, "Aviso de prácticas de privacidad de Green House")
		today := s.Clock.Now().Format(time.DateOnly)
		later := s.Clock.Now().AddDate(0, 0, 9).Format(time.DateOnly)
		text(t, officer.Post("/keep/notice", url.Values{"english": {"# One of {program}\n\n- an item"}, "spanish": {"# Uno"}, "effective": {today}}), 200, "Version 1")
		text(t, officer.Post("/keep/notice", url.Values{"english": {"# Two"}, "spanish": {"# Dos"}, "effective": {later}}), 200, "Version 2")
		text(t, officer.Post("/keep/notice", url.Values{"english": {"# Three"}, "spanish": {""}, "effective": {"2020-01-01"}}), 422, "today or later", "Three")
		stranger = s.Person(t)
		text(t, stranger.Get("/notice"), 200, "One of Green House", "Version 1, in force since")
		text(t, stranger.Get("/notice?version=2"), 200, "Two")
		text(t, stranger.Get("/notice?version=9"), 404)
		s.Clock.Add(9 * 24 * time.Hour)
		text(t, stranger.Get("/notice"), 200, "Two")

		officer, _ = s.SignedIn(t, "Pat", access.Grant{Role: access.PrivacyOfficer})
		for _, path := range []string{"/keep", "/keep/requests", path, "/keep/complaints", "/keep/incidents", "/keep/retention", "/keep/notice", "/complaints", "/incidents/new?sent"} {
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			for _, words := range uitest.Unwrapped(officer.Get(path + sep + "lang=en-XA").Body) {
				t.Errorf("%s: %s", path, words)
			}
		}
	})
}
