package scenario

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"hearth/internal/access"
	"hearth/internal/app/apptest"
	"hearth/internal/web/ui/uitest"
)

// The privacy officer sees what ends, what left and who has to be told; a filtered list is a link; nobody else
// learns that these pages are there.
func TestKeepersSeeWhatWaits(t *testing.T) {
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		w := newTown(t, s)
		text(t, w.sam.Post(w.record+"/notes", url.Values{"words": {"Looks for a flat near the bus."}}), 200, "near the bus")
		permission := w.allow(t, "County Housing")
		officer, _ := s.SignedIn(t, "Pat", access.Grant{Role: access.PrivacyOfficer})

		text(t, officer.Get("/keep"), 200, "Nobody has to be told.", "No permission ends in the next 60 days.")
		form := w.sam.Get(w.record + "/share")
		to := choice(t, form, "to", "County Housing")
		text(t, w.sam.Post(w.record+"/share", url.Values{
			"basis": {"consent"}, "consent": {choice(t, form, "consent", "County Housing")}, "what": {"notes"}, "to": {to}, "purpose": {"housing"}, "describe": {"her search for a flat"},
		}), 200, "near the bus")

		listed := "/keep/disclosures"
		text(t, officer.Get(listed), 200, "Rosa", "County Housing, 2 Main Street", "A permission", "Housing", "Sam")
		today := s.Clock.Now().Format(time.DateOnly)
		for query, there := range map[string]bool{
			"?basis=consent": true, "?basis=court_order": false, "?to=" + to: true, "?to=nobody": false,
			"?from=" + today + "&until=" + today: true, "?until=2020-01-01": false, "?basis=consent&to=" + to + "&from=" + today: true,
		} {
			got := officer.Get(listed + query)
			if got.Status != 200 || strings.Contains(got.Body, "County Housing, 2 Main Street") != there {
				t.Errorf("%s: %d, want it %v\n%s", query, got.Status, there, got.Text())
			}
		}
		text(t, officer.Get(listed+"?from=soon"), 422, "Please write the day as 2026-12-31.")
		if got := officer.Get(listed); strings.Contains(got.Body, "near the bus") || strings.Contains(got.Body, "Quintana") {
			t.Errorf("the list says more than it may:\n%s", got.Text())
		}

		text(t, w.rosa.Post(permission+"/revoke", nil), 200, "Taken back on")
		waits := text(t, officer.Get("/keep"), 200, "County Housing", "Rosa", "They were told")
		if strings.Contains(waits, "Nobody has to be told.") {
			t.Error("somebody has to be told, and the page says nobody")
		}
		told := url.Values{"permission": {strings.TrimPrefix(permission, "/permissions/")}, "recipient": {to}}
		text(t, officer.Post("/keep/told", told), 200, "Nobody has to be told.")
		text(t, officer.Post("/keep/told", told), 404)
		text(t, w.rosa.Get("/mine/looks"), 200, "told somebody that a permission was taken back")

		again := w.allow(t, "County Housing")
		s.Clock.Add(130 * 24 * time.Hour)
		officer, _ = s.SignedIn(t, "Pat", access.Grant{Role: access.PrivacyOfficer})
		text(t, officer.Get("/keep"), 200, "1 permission ends", "Share with a person or place", "Rosa")
		text(t, officer.Get(again), 200, "County Housing")
		for _, path := range []string{"/keep", listed} {
			for _, words := range uitest.Unwrapped(officer.Get(path + "?lang=en-XA").Body) {
				t.Errorf("%s: %s", path, words)
			}
		}

		for name, g := range map[string]access.Grant{
			"an administrator": {Role: access.Administrator}, "a peer": {Role: access.Peer, Program: w.program}, "an evaluator": {Role: access.Evaluator, Program: w.program},
		} {
			p, _ := s.SignedIn(t, name, g)
			text(t, p.Get("/keep"), 404)
			text(t, p.Get(listed), 404)
			text(t, p.Post("/keep/told", told), 404)
		}
		// An officer of another program sees that the pages are there, and nothing on them.
		other, _ := s.SignedIn(t, "Olga", access.Grant{Role: access.PrivacyOfficer, Program: "elsewhere"})
		for _, path := range []string{"/keep", listed} {
			if got := other.Get(path); got.Status != 200 || strings.Contains(got.Body, "Rosa") || strings.Contains(got.Body, "County Housing") {
				t.Errorf("an officer elsewhere, %s: %d\n%s", path, got.Status, got.Text())
			}
		}
		if got := s.Person(t).Get("/keep"); got.URL.Path != "/signin" {
			t.Errorf("a stranger comes to %s", got.URL)
		}
	})
}
