package browser

import (
	"strconv"
	"testing"

	"hearth/internal/access"
	"hearth/internal/app/apptest"
	"hearth/internal/casework"
	"hearth/internal/civil"
	"hearth/internal/community"
	"hearth/internal/consent"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
	"hearth/internal/privacy"
)

// TestKeepersPagesAreInOrder: what those who keep privacy see, and what people ask and complain with, on a phone
// and on a desk, in both languages, filled.
func TestKeepersPagesAreInOrder(t *testing.T) {
	s := apptest.On(t, dbtest.SQLite(t))
	ctx := t.Context()
	program, err := s.House.Community.SetUpProgram(ctx, community.Program{
		Name: "Green House", Kind: community.RecoveryCommunity, Address: "1 Main Street, Millbrook", Contact: "Green House, 1 Main Street, Millbrook", Part2: true, AdultAt: 18,
	})
	must(t, err)
	_, sam := s.SignedIn(t, "Sam", access.Grant{Role: access.Peer, Program: program.ID})
	rosaPage, rosa := s.SignedIn(t, "Rosa", access.Grant{Role: access.Participant, Program: program.ID})
	officerPage, officer := s.SignedIn(t, "Pat", access.Grant{Role: access.PrivacyOfficer})
	record, err := s.House.Casework.OpenRecord(ctx, sam.Actor(), casework.Participant{Program: program.ID, Called: "Rosa"})
	must(t, err)
	must(t, s.House.DB.WithTx(ctx, func(tx *db.Tx) error { return s.House.Casework.Joined(ctx, tx, record.ID, rosa.ID) }))
	self := rosa.Actor()
	self.Participant = record.ID
	housing, err := s.House.Consents.AddRecipient(ctx, self, consent.Recipient{Participant: record.ID, Kind: consent.Place, Name: "County Housing Office", Address: "20 Court Street, Millbrook"})
	must(t, err)
	today := civil.DateOf(s.Clock.Now())
	for range 2 {
		draft, err := s.House.Consents.Prepare(ctx, self, consent.Consent{
			Participant: record.ID, Kind: consent.Share, Patient: "Rosa Quintana", What: []consent.Category{consent.TakingPart}, To: []string{housing.ID},
			Purposes: []consent.Purpose{consent.Housing}, Expires: today.AddDays(40),
		})
		must(t, err)
		draft, err = s.House.Consents.Read(ctx, self, draft.ID)
		must(t, err)
		_, err = s.House.Consents.Sign(ctx, self, draft.ID, draft.Revision, draft.Document.Hash(), consent.Signature{Name: "Rosa Quintana", Signer: consent.Self, How: consent.Typed})
		must(t, err)
	}
	asked, err := s.House.Privacy.Ask(ctx, self, record.ID, privacy.Restricting, "Please do not share my notes with the housing office.")
	must(t, err)
	_, err = s.House.Privacy.Ask(ctx, self, record.ID, privacy.Access, "I would like all of it on paper.")
	must(t, err)
	must(t, s.House.Privacy.Complain(ctx, self, program.ID, "Somebody spoke about me in the hall."))
	incident, err := s.House.Privacy.Report(ctx, sam.Actor(), program.ID, today, "A letter went to the house next door.")
	must(t, err)
	must(t, s.House.Privacy.Assess(ctx, officer.Actor(), privacy.Incident{ID: incident.ID, Revision: 1, Decision: privacy.Breach, Affected: 1, Factors: privacy.Factors{What: "A name and an address."}}))
	must(t, s.House.Privacy.PlaceHold(ctx, officer.Actor(), record.ID, "A lawsuit is expected."))

	w := open(t, s.Server.URL)
	as := func(p *apptest.Person) {
		t.Helper()
		must(t, w.Go("/help"))
		if _, err := Eval[string](w, "document.cookie = 'hearth_session="+p.Token()+"; path=/'"); err != nil {
			t.Fatal(err)
		}
	}
	look := func(path string) {
		t.Helper()
		for i, l := range []Look{{Width: 360, Height: 740}, {Width: 1280}} {
			must(t, w.As(l))
			for _, lang := range []string{"en", "es"} {
				must(t, w.Go(path+with(path)+"lang="+lang))
				if _, err := Eval[bool](w, "[...document.querySelectorAll('main details')].every(d => d.open = true)"); err != nil {
					t.Fatal(err)
				}
				if n, err := w.Overflow(); err != nil || n > 0 {
					t.Errorf("%s at %d pixels: %d too wide, %v", path, l.Width, n, err)
				}
				found, err := w.Accessibility()
				must(t, err)
				for _, v := range found {
					t.Errorf("%s at %d pixels, %s: %s", path, l.Width, lang, v)
				}
				keep(t, w, path+" "+lang+" "+strconv.Itoa(i))
			}
		}
	}
	as(officerPage)
	for _, path := range []string{"/keep", "/keep/disclosures", "/keep/requests", "/keep/requests/" + asked.ID, "/keep/complaints", "/keep/incidents", "/keep/incidents/" + incident.ID, "/keep/retention", "/keep/notice", "/notice"} {
		look(path)
	}
	as(rosaPage)
	for _, path := range []string{"/mine/requests", "/complaints", "/incidents/new"} {
		look(path)
	}
	for _, trouble := range w.Troubles() {
		t.Error(trouble)
	}
}
