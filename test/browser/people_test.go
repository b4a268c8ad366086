package browser

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"hearth/internal/access"
	"hearth/internal/app/apptest"
	"hearth/internal/casework"
	"hearth/internal/civil"
	"hearth/internal/community"
	"hearth/internal/consent"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
)

// TestPermissionOnAPhone: somebody reads a permission, signs it with a finger, and takes it back with two taps;
// every page on the way is in order on a phone and on a desk, in both languages.
func TestPermissionOnAPhone(t *testing.T) {
	s := apptest.On(t, dbtest.SQLite(t))
	ctx := t.Context()
	program, err := s.House.Community.SetUpProgram(ctx, community.Program{
		Name: "Green House", Kind: community.RecoveryCommunity, Address: "1 Main Street, Millbrook", Contact: "Green House, 1 Main Street, Millbrook", Part2: true, AdultAt: 18,
	})
	must(t, err)
	samPage, sam := s.SignedIn(t, "Sam", access.Grant{Role: access.Peer, Program: program.ID})
	rosaPage, rosa := s.SignedIn(t, "Rosa", access.Grant{Role: access.Participant, Program: program.ID})
	peer := sam.Actor()
	record, err := s.House.Casework.OpenRecord(ctx, peer, casework.Participant{Program: program.ID, Called: "Rosa", LegalName: "Rosa Quintana", BirthMonth: "1990-02"})
	must(t, err)
	must(t, s.House.DB.WithTx(ctx, func(tx *db.Tx) error { return s.House.Casework.Joined(ctx, tx, record.ID, rosa.ID) }))
	self := rosa.Actor()
	self.Participant = record.ID
	_, err = s.House.Casework.AddNote(ctx, peer, record.ID, "Looks for a flat near the bus.\nWe go to the housing office together on Friday.")
	must(t, err)
	_, err = s.House.Casework.SavePoint(ctx, self, casework.Point{Participant: record.ID, Kind: casework.Phone, Value: "(215) 555-0100", Safety: casework.Safety{Text: true, Others: "my mother", AskFor: "Rosi", QuietFrom: 22 * 60, QuietUntil: 8 * 60}})
	must(t, err)
	housing, err := s.House.Consents.AddRecipient(ctx, self, consent.Recipient{Participant: record.ID, Kind: consent.Place, Name: "County Housing Office", Address: "20 Court Street, Millbrook"})
	must(t, err)
	draft, err := s.House.Consents.Prepare(ctx, self, consent.Consent{
		Participant: record.ID, Kind: consent.Share, Patient: "Rosa Quintana", What: []consent.Category{consent.TakingPart, consent.Notes}, To: []string{housing.ID},
		Purposes: []consent.Purpose{consent.Housing}, Expires: civil.DateOf(s.Clock.Now()).AddDays(180),
	})
	must(t, err)
	person, permission := "/people/"+record.ID, "/permissions/"+draft.ID

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
		for i, l := range []Look{{Width: 360, Height: 740}, {Width: 1280}, {Width: 360, Height: 740, Dark: true}} {
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
	as(samPage)
	for _, path := range []string{"/people", person, person + "/share", person + "/share?basis=court_order", "/emergency", person + "/shared"} {
		look(path)
	}
	as(rosaPage)
	for _, path := range []string{"/mine", "/mine/looks", "/mine/shared", "/mine/leave", person + "/permissions/new", person + "/permissions/new?kind=share", person + "/permissions/new?kind=tpo", permission} {
		look(path)
	}

	// Signing: a finger draws in the field, the name is typed.
	must(t, w.As(Look{Width: 360, Height: 740}))
	must(t, w.Go(permission+"?lang=en"))
	drawn, err := Eval[string](w, `(() => {
		const canvas = document.querySelector("[data-sign] canvas"), box = canvas.getBoundingClientRect();
		const point = (type, x, y) => canvas.dispatchEvent(new PointerEvent(type, {pointerId: 1, clientX: box.left + x, clientY: box.top + y, bubbles: true, isPrimary: true}));
		canvas.setPointerCapture = () => {};
		point("pointerdown", 20, 20); point("pointermove", 60, 60); point("pointermove", 120, 30); point("pointerup", 120, 30);
		return document.querySelector("[name=drawn]").value;
	})()`)
	if err != nil || !strings.HasPrefix(drawn, "M ") || strings.Count(drawn, "L") != 2 {
		t.Fatalf("the field kept %q: %v", drawn, err)
	}
	must(t, w.Do(chromedp.SendKeys("#f-name", "Rosa Quintana"), chromedp.Click(`#sign .button-primary`), chromedp.WaitVisible(".paper-foot")))
	signed, err := w.Text()
	must(t, err)
	if !strings.Contains(signed, "Take it back") {
		t.Fatalf("after signing:\n%s", signed)
	}
	look(permission)

	// Two taps.
	must(t, w.As(Look{Width: 360, Height: 740}))
	must(t, w.Go(permission+"?lang=en"))
	must(t, w.Do(chromedp.Click("main details > summary"), chromedp.Click("main details button"), chromedp.WaitVisible(".notice-done")))
	if back, err := w.Text(); err != nil || !strings.Contains(back, "Taken back on") {
		t.Errorf("after two taps: %v\n%s", err, back)
	}
	look(permission)
	for _, trouble := range w.Troubles() {
		t.Error(trouble)
	}
}

func with(path string) string {
	if strings.Contains(path, "?") {
		return "&"
	}
	return "?"
}

// keep writes a picture of the page into the folder that HEARTH_SHOTS names, for somebody to look at.
func keep(t *testing.T, w *Window, name string) {
	t.Helper()
	folder := os.Getenv("HEARTH_SHOTS")
	if folder == "" {
		return
	}
	png, err := w.Shot(true)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(folder, strings.NewReplacer("/", "_", "?", "_", "=", "_", " ", "_").Replace(name)+".png"), png, 0o600))
}
