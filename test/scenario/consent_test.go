package scenario

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"hearth/internal/access"
	"hearth/internal/app/apptest"
	"hearth/internal/community"
)

var (
	personPath     = regexp.MustCompile(`^/people/[0-9a-f-]{36}$`)
	permissionPath = regexp.MustCompile(`^/permissions/[0-9a-f-]{36}$`)
)

// town is a program with Sam, who walks with people, and Rosa, whom Sam walks with and who signs in herself.
type town struct {
	site      *apptest.Site
	program   string
	sam, rosa *apptest.Person
	record    string // the path of Rosa's record
}

func newTown(t *testing.T, s *apptest.Site) town {
	t.Helper()
	p, err := s.House.Community.SetUpProgram(t.Context(), community.Program{
		Name: "Green House", Kind: community.RecoveryCommunity, Address: "1 Main Street", Contact: "Green House, 1 Main Street", Part2: true, AdultAt: 18,
	})
	if err != nil {
		t.Fatal(err)
	}
	w := town{site: s, program: p.ID}
	w.sam, _ = s.SignedIn(t, "Sam", access.Grant{Role: access.Peer, Program: p.ID})
	opened := w.sam.Post("/people", url.Values{"called": {"Rosa"}, "legal_name": {"Rosa Quintana"}, "birth_month": {"1990-02"}, "language": {"en"}, "program": {p.ID}})
	if !personPath.MatchString(opened.URL.Path) {
		t.Fatalf("opening a record led to %s:\n%s", opened.URL, opened.Text())
	}
	w.record = opened.URL.Path
	invited := text(t, w.sam.Post(w.record+"/invite", nil), 200, "A way to sign in")
	link := inviteLink.FindString(invited)
	w.rosa = s.Person(t)
	create(t, w.rosa, device(s), link+"/begin", link+"/passkey", url.Values{"name": {"Rosa"}})
	text(t, w.rosa.Get("/mine"), 200, "My data", "Rosa", "Sam", "opened the record", "read the record", "walks with you")
	return w
}

// ids finds the value of the choice with a label.
func choice(t *testing.T, p *apptest.Page, name, label string) string {
	t.Helper()
	for _, n := range p.All("input", "name", name) {
		for l := n.Parent; l != nil; l = l.Parent {
			if l.Data == "label" {
				var b strings.Builder
				for d := range l.Descendants() {
					b.WriteString(d.Data)
				}
				if strings.Contains(b.String(), label) {
					return apptest.Attr(n, "value")
				}
			}
		}
	}
	for _, n := range p.All("option", "", "") {
		if n.FirstChild != nil && strings.Contains(n.FirstChild.Data, label) {
			return apptest.Attr(n, "value")
		}
	}
	t.Fatalf("%s has no choice %q:\n%s", p.URL, label, p.Text())
	return ""
}

func hidden(t *testing.T, p *apptest.Page, name string) string {
	t.Helper()
	for _, n := range p.All("input", "name", name) {
		return apptest.Attr(n, "value")
	}
	t.Fatalf("%s has no %s:\n%s", p.URL, name, p.Text())
	return ""
}

// allow has Rosa give and sign a permission for a place.
func (w town) allow(t *testing.T, place string) (permission string) {
	t.Helper()
	form := url.Values{
		"kind": {"share"}, "patient": {"Rosa Quintana"}, "what": {"taking_part", "notes"}, "purposes": {"housing"}, "ending": {"day"},
		"expires": {w.site.Clock.Now().AddDate(0, 6, 0).Format(time.DateOnly)}, "language": {"en"}, "new_name": {place}, "new_address": {"2 Main Street"}, "new_kind": {"place"},
	}
	shown := w.rosa.Post(w.record+"/permissions", form)
	if !permissionPath.MatchString(shown.URL.Path) {
		t.Fatalf("preparing led to %s:\n%s", shown.URL, shown.Text())
	}
	text(t, shown, 200, "Permission to share", "Rosa Quintana", "Green House, 1 Main Street", place+", 2 Main Street", "42 CFR part 2", "I can take this permission back")
	signed := w.rosa.Post(shown.URL.Path+"/sign", url.Values{
		"revision": {hidden(t, shown, "revision")}, "hash": {hidden(t, shown, "hash")}, "name": {"Rosa Quintana"}, "signer": {"self"}, "drawn": {"M 10 10 L 200 90"},
	})
	text(t, signed, 200, "Take it back", "Rosa Quintana ·")
	return shown.URL.Path
}

// A permission is given and used; what differs from it is stopped; it is taken back with two taps and stops
// everything at once; and the person reads all of it.
func TestPermissionGivenUsedAndTakenBack(t *testing.T) {
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		w := newTown(t, s)
		text(t, w.sam.Post(w.record+"/notes", url.Values{"words": {"Looks for a flat near the bus."}}), 200, "Looks for a flat near the bus.")
		permission := w.allow(t, "County Housing")

		form := w.sam.Get(w.record + "/share")
		to, which := choice(t, form, "to", "County Housing"), choice(t, form, "consent", "County Housing")
		ask := func(change url.Values) *apptest.Page {
			f := url.Values{"basis": {"consent"}, "consent": {which}, "what": {"notes"}, "to": {to}, "purpose": {"housing"}, "describe": {"her search for a flat"}}
			for k, v := range change {
				f[k] = v
			}
			return w.sam.Post(w.record+"/share", f)
		}
		text(t, ask(nil), 200, "This record which has been disclosed to you is protected by Federal confidentiality rules", "Looks for a flat near the bus.",
			"Permission to share", "County Housing, 2 Main Street", "signed by hand, the person themself")
		for name, test := range map[string]struct {
			change url.Values
			says   string
		}{
			"more than she allowed":   {url.Values{"what": {"notes", "contact"}}, "does not cover all of this"},
			"as if nobody were named": {url.Values{"basis": {"deidentified"}, "evidence_method": {"names taken out"}, "evidence_checked": {"the officer"}}, "Nothing may leave without a permission"},
			"what is not kept here":   {url.Values{"what": {"medication"}}, "Nothing of this is kept here"},
			"an order of a dot":       {url.Values{"basis": {"court_order"}, "evidence_court": {"."}, "evidence_dated": {"."}, "evidence_scope": {"."}, "evidence_findings": {"yes"}, "evidence_notice": {"yes"}, "evidence_subpoena": {"yes"}}, "has to be written down first"},
			"for something else":      {url.Values{"purpose": {"legal"}}, "for another purpose"},
			"to nobody":               {url.Values{"to": {""}}, "for somebody else"},
			"without saying what":     {url.Values{"describe": {""}}, "in a few words what leaves"},
			"a court without papers":  {url.Values{"basis": {"court_order"}}, "has to be written down first"},
			"because":                 {url.Values{"basis": {"because"}}, "Nothing may leave without a permission"},
			"the own copy by another": {url.Values{"basis": {"own_copy"}, "to": {""}, "purpose": {"access"}}, ""},
		} {
			got := ask(test.change)
			if got.Status < 400 || strings.Contains(got.Text(), "near the bus") || !strings.Contains(got.Text(), test.says) {
				t.Errorf("%s: %d\n%s", name, got.Status, got.Text())
			}
		}
		text(t, w.rosa.Get("/mine/shared"), 200, "County Housing, 2 Main Street", "her search for a flat", "Housing", "A permission", "Sam", "1 time")

		back := w.rosa.Post(permission+"/revoke", nil)
		text(t, back, 200, "Taken back on", "Has to be told:", "County Housing")
		if got := ask(nil); got.Status != 403 || !strings.Contains(got.Text(), "was taken back") || strings.Contains(got.Text(), "near the bus") {
			t.Errorf("after it was taken back: %d\n%s", got.Status, got.Text())
		}
		text(t, w.rosa.Get("/mine/looks"), 200, "gave something out", "wanted to give something out, and was stopped", "took a permission back")

		// What she takes with her is hers alone.
		copied := w.rosa.Post("/mine/copy", nil)
		if copied.Status != 200 || !strings.Contains(copied.Body, "near the bus") || !strings.Contains(copied.Header.Get("Content-Disposition"), "my-data.json") {
			t.Errorf("her own copy: %d %v", copied.Status, copied.Header)
		}
	})
}

// Whoever has no part in it sees nothing, not even that there is something.
func TestNobodyElseSeesARecord(t *testing.T) {
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		w := newTown(t, s)
		permission := w.allow(t, "County Housing")
		nobody := s.Person(t)
		strangers := map[string]*apptest.Person{}
		for name, g := range map[string]access.Grant{
			"an administrator": {Role: access.Administrator}, "another peer": {Role: access.Peer, Program: w.program}, "an editor": {Role: access.Editor},
			"an evaluator": {Role: access.Evaluator, Program: w.program}, "a host": {Role: access.Host}, "a dispatcher": {Role: access.Dispatcher, Program: w.program},
		} {
			strangers[name], _ = s.SignedIn(t, name, g)
		}
		for name, p := range strangers {
			for _, path := range []string{w.record, w.record + "/shared", w.record + "/share", permission, permission + "/edit", w.record + "/permissions/new?kind=share"} {
				if got := p.Get(path); got.Status != 404 || strings.Contains(got.Body, "Rosa") {
					t.Errorf("%s, %s: %d\n%s", name, path, got.Status, got.Text())
				}
			}
			for _, path := range []string{w.record, w.record + "/notes", w.record + "/contact", w.record + "/share", w.record + "/invite", w.record + "/pair", permission + "/sign", permission + "/revoke", permission + "/discard"} {
				got := p.Post(path, url.Values{
					"words": {"x"}, "called": {"x"}, "revision": {"1"}, "peer": {"x"}, "role": {"primary"}, "kind": {"phone"}, "value": {"2155550100"},
					"basis": {"consent"}, "what": {"notes"}, "describe": {"x"}, "name": {"x"}, "signer": {"self"},
				})
				if got.Status != 404 || strings.Contains(got.Body, "Rosa") {
					t.Errorf("%s, POST %s: %d\n%s", name, path, got.Status, got.Text())
				}
			}
			if got := p.Get("/people"); strings.Contains(got.Body, "Rosa") {
				t.Errorf("%s sees Rosa in the list", name)
			}
		}
		for _, path := range []string{w.record, permission, "/mine", "/people"} {
			if got := nobody.Get(path); got.URL.Path != "/signin" || strings.Contains(got.Body, "Rosa") {
				t.Errorf("nobody, %s: %s", path, got.URL)
			}
		}
	})
}

// When somebody left and was erased, their account is gone too: nobody signs in with it, and no name is left.
func TestErasedPersonSignsInNoMore(t *testing.T) {
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		w := newTown(t, s)
		text(t, w.rosa.Post("/mine/leave", nil), 200, "You left")
		id := strings.TrimPrefix(w.record, "/people/")
		officer := access.Actor{ID: "officer", Grants: []access.Grant{{Role: access.PrivacyOfficer}}}
		if err := s.House.Casework.Erase(t.Context(), officer, id); err != nil {
			t.Fatal(err)
		}
		if got := w.rosa.Get("/mine"); got.URL.Path != "/signin" {
			t.Errorf("after the erasure she is at %s:\n%s", got.URL.Path, got.Text())
		}
		if got := w.sam.Get("/people"); strings.Contains(got.Body, "Rosa") {
			t.Errorf("Sam still sees her:\n%s", got.Text())
		}
	})
}
