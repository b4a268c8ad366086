package scenario

import (
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"hearth/internal/access"
	"hearth/internal/app/apptest"
)

// route is a line of the page of all routes.
type route struct {
	kind   string // handle, private or wayOut
	method string
	path   string
}

var routeLine = regexp.MustCompile(`s\.(handle|private|wayOut)\("(GET|POST) ([^"]+)"`)

// routes reads every route from the one page that lists them, so that a new one is walked without anybody
// remembering to.
func routes(t *testing.T) []route {
	t.Helper()
	text, err := os.ReadFile("../../internal/web/routes.go")
	if err != nil {
		t.Fatal(err)
	}
	var all []route
	for _, m := range routeLine.FindAllStringSubmatch(string(text), -1) {
		all = append(all, route{m[1], m[2], strings.TrimSuffix(m[3], "{$}")})
	}
	if len(all) < 60 {
		t.Fatalf("found %d routes: this test looks in the wrong place", len(all))
	}
	return all
}

// TestWalkEveryRouteAsEverybody asks every route with every id of somebody else, as every role. What carries
// something of participants answers as if there were nothing; whatever else there is shows nothing of them.
func TestWalkEveryRouteAsEverybody(t *testing.T) {
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		w := newTown(t, s)
		const secret = "Looks for a flat near the bus"
		w.sam.Post(w.record+"/notes", url.Values{"words": {secret}})
		permission := w.allow(t, "County Housing")
		ids := []string{strings.TrimPrefix(w.record, "/people/"), strings.TrimPrefix(permission, "/permissions/")}
		planted := []string{"Rosa", "Quintana", secret, "County Housing"}

		strangers := map[string]*apptest.Person{"nobody": s.Person(t)}
		for _, role := range access.Roles {
			strangers[string(role)], _ = s.SignedIn(t, "Stranger", access.Grant{Role: role, Program: programOf(role, w.program)})
		}
		for name, p := range strangers {
			for _, r := range routes(t) {
				if r.path == "/signout" || r.path == "/leave" || strings.HasPrefix(r.path, "/account") || strings.HasPrefix(r.path, "/signin") || strings.HasPrefix(r.path, "/setup") {
					continue // they end or change the stranger’s own session or leave the site
				}
				for _, id := range ids {
					path := fill(r.path, id)
					var got *apptest.Page
					if r.method == http.MethodGet {
						got = p.Get(path)
					} else {
						got = p.Post(path, url.Values{"words": {"x"}, "called": {"x"}, "revision": {"1"}, "name": {"x"}, "peer": {"x"}, "role": {"primary"}})
					}
					for _, word := range planted {
						if strings.Contains(got.Body, word) && !knowsNames(access.Role(name), r) {
							t.Errorf("%s %s as %s shows %q", r.method, path, name, word)
						}
					}
					if got.Status >= 500 {
						t.Errorf("%s %s as %s: %d", r.method, path, name, got.Status)
					}
					if r.kind != "handle" && strings.Contains(r.path, "{id}") && got.Status < 400 && got.URL.Path != "/signin" && !officer(access.Role(name), r) {
						t.Errorf("%s %s as %s: %d at %s, want it as if there were nothing", r.method, path, name, got.Status, got.URL.Path)
					}
					if r.path == strings.NewReplacer("{id}", "").Replace(r.path) {
						break // no id in it: once is enough
					}
				}
			}
		}
	})
}

// programOf gives roles that hold in a program that program, so that nothing is refused for that alone. A peer
// and a supervisor of the program are strangers to Rosa too: they neither walk with her nor supervise who does.
func programOf(role access.Role, program string) string {
	switch role {
	case access.Administrator, access.PrivacyOfficer, access.Editor:
		return ""
	}
	return program
}

// knowsNames tells who may know what people are called: a supervisor of the program and the privacy officer,
// in the list of people; and the privacy officer reads permissions and what was given out.
func knowsNames(role access.Role, r route) bool {
	return r.path == "/people" && (role == access.Supervisor || role == access.PrivacyOfficer) || officer(role, r)
}

// officer tells what a privacy officer may open: permissions and the accounting, never a record.
func officer(role access.Role, r route) bool {
	if role == access.Supervisor {
		return r.path == "/people/{id}/invite"
	}
	return role == access.PrivacyOfficer && (strings.HasPrefix(r.path, "/permissions/") || r.path == "/people/{id}/shared" || strings.HasPrefix(r.path, "/keep") || r.path == "/people/{id}/permissions/new")
}

var parameter = regexp.MustCompile(`\{[a-z]+\}`)

func fill(path, id string) string { return parameter.ReplaceAllString(path, id) }

// TestWhatCarriesSaysSo: a route about people, permissions or one's own data is registered as carrying
// something of participants, and only the two ways out let something out.
func TestWhatCarriesSaysSo(t *testing.T) {
	out := map[string]bool{}
	for _, r := range routes(t) {
		about := false
		for _, room := range []string{"/people", "/mine", "/permissions", "/emergenc", "/keep", "/complaints", "/incidents"} {
			about = about || strings.HasPrefix(r.path, room)
		}
		if about && r.kind == "handle" {
			t.Errorf("%s %s carries something of participants and does not say so", r.method, r.path)
		}
		if !about && r.kind != "handle" {
			t.Errorf("%s %s says that it carries something of participants", r.method, r.path)
		}
		if r.kind == "wayOut" {
			out[r.method+" "+r.path] = true
			if r.method != http.MethodPost {
				t.Errorf("%s %s lets something out, and writes that down, on a %s", r.method, r.path, r.method)
			}
		}
	}
	if len(out) < 2 {
		t.Errorf("found %v", out)
	}
}
