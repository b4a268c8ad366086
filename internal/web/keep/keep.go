// Package keep owns the pages of those who keep the program's privacy: permissions that are about to end, who
// has to be told that one was taken back, what left and because of what, requests, complaints, incidents, how
// long things are kept, and the notice; and the other side of these: asking, complaining, reporting, reading.
//
// It must never hold a rule, show what stands in a record, or name a participant to somebody who may not know
// the name: then the page says only that it is somebody.
package keep

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"hearth/internal/access"
	"hearth/internal/casework"
	"hearth/internal/civil"
	"hearth/internal/community"
	"hearth/internal/consent"
	"hearth/internal/fault"
	"hearth/internal/privacy"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// Pages are the handlers of this package.
type Pages struct {
	Cases     *casework.Service
	Consents  *consent.Service
	Privacy   *privacy.Service
	Community *community.Service
	Names     func(ctx context.Context, ids []string) (map[string]string, error) // of accounts, as people are called
}

// soon is how many days ahead the keepers see that a permission ends.
const soon = 60

// Places is what of this package somebody may go to.
func Places(t ui.T, r *http.Request) []ui.Place {
	if keeper(r) != nil {
		return nil
	}
	return []ui.Place{{Key: "keep", Label: t.S("Privacy"), Href: "/keep", Icon: "shield"}}
}

func actor(r *http.Request) access.Actor { return page.SignedIn(r).Actor }

func shell(r *http.Request) ui.Shell {
	s := page.Shell(r)
	s.Nav = "keep"
	return s
}

// keeper lets only a keeper of privacy through; for everybody else these pages are not there. What each may
// see on them the policies decide again, one by one.
func keeper(r *http.Request) error {
	if !page.Somewhere(r, access.RequestAnswer, access.Thing{Kind: access.Request}) {
		return access.NotThere()
	}
	return nil
}

// when writes an instant as people say it, in the community's zone.
func (p Pages) when(t ui.T, at time.Time) string {
	l := at.In(p.Community.Location())
	return t.DateYear(civil.DateOf(l)) + ", " + t.Clock(civil.ClockOf(l))
}

// day is the civil date of an instant in the community's zone.
func (p Pages) day(at time.Time) civil.Date { return civil.DateOf(at.In(p.Community.Location())) }

// names finds what participants and accounts are called, as far as the policies allow.
func (p Pages) names(r *http.Request, people, accounts []string) (called, names map[string]string, err error) {
	if called, err = p.Cases.Called(r.Context(), actor(r), distinct(people)); err != nil {
		return nil, nil, err
	}
	names, err = p.Names(r.Context(), distinct(accounts))
	return called, names, err
}

func distinct(ids []string) []string {
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
}

// overview is what the first page shows.
type overview struct {
	Ending []consent.Consent
	Tell   []consent.Told
	Open   []privacy.Request
	Called map[string]string
}

// Overview shows what waits.
func (p Pages) Overview(w http.ResponseWriter, r *http.Request) error {
	if err := keeper(r); err != nil {
		return err
	}
	ctx, a := r.Context(), actor(r)
	var v overview
	var err error
	if v.Ending, err = p.Consents.Ending(ctx, a, p.Community.Today().AddDays(soon)); err != nil {
		return err
	}
	if v.Tell, err = p.Consents.ToTell(ctx, a, ""); err != nil {
		return err
	}
	if v.Open, err = p.Privacy.Waiting(ctx, a); err != nil {
		return err
	}
	var people []string
	for _, c := range v.Ending {
		people = append(people, c.Participant)
	}
	for _, x := range v.Tell {
		people = append(people, x.Participant)
	}
	if v.Called, _, err = p.names(r, people, nil); err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, overviewPage(shell(r), p, v))
}

// Told writes down that somebody was told that a permission was taken back.
func (p Pages) Told(w http.ResponseWriter, r *http.Request) error {
	if err := keeper(r); err != nil {
		return err
	}
	if err := page.Form(w, r); err != nil {
		return err
	}
	err := p.Consents.MarkTold(r.Context(), actor(r), r.PostFormValue("permission"), r.PostFormValue("recipient"))
	if err != nil {
		return err
	}
	return page.Redirect(w, r, "/keep#tell")
}

// filter is what the list of disclosures is narrowed to. It stands in the address, so that it can be shared.
type filter struct {
	From, Until civil.Date // inclusive; zero: no bound
	Basis       consent.BasisKind
	To          string // recipient's id
	Err         *fault.Error
	Words       [2]string // the days as they were typed
}

// listed is the most rows that the list shows.
const listed = 200

func parseFilter(q url.Values) filter {
	f := filter{To: q.Get("to"), Words: [2]string{strings.TrimSpace(q.Get("from")), strings.TrimSpace(q.Get("until"))}}
	if b := consent.BasisKind(q.Get("basis")); slices.Contains(consent.BasisKinds, b) {
		f.Basis = b
	}
	for i, into := range []*civil.Date{&f.From, &f.Until} {
		if f.Words[i] == "" {
			continue
		}
		d, err := civil.ParseDate(f.Words[i])
		if err != nil {
			if f.Err == nil {
				f.Err = fault.New(fault.Invalid, "Something here needs another look.")
			}
			f.Err = f.Err.With([]string{"from", "until"}[i], "Please write the day as 2026-12-31.")
			continue
		}
		*into = d
	}
	return f
}

// with is the address of the same list, narrowed otherwise.
func (f filter) with(change func(*filter)) string {
	change(&f)
	q := url.Values{}
	for name, value := range map[string]string{"basis": string(f.Basis), "to": f.To, "from": f.Words[0], "until": f.Words[1]} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return "/keep/disclosures"
	}
	return "/keep/disclosures?" + q.Encode()
}

type disclosuresView struct {
	filter
	All    []consent.Disclosure
	Called map[string]string
	Names  map[string]string
	ToName string
}

// Disclosures lists what left, narrowed by days, basis and recipient.
func (p Pages) Disclosures(w http.ResponseWriter, r *http.Request) error {
	if err := keeper(r); err != nil {
		return err
	}
	v := disclosuresView{filter: parseFilter(r.URL.Query())}

	code := http.StatusOK
	if v.Err != nil {
		code = http.StatusUnprocessableEntity
	} else {
		g := consent.Filter{Basis: v.Basis, Recipient: v.To, Limit: listed}
		zone := p.Community.Location()
		if !v.From.IsZero() {
			g.From = civil.At(v.From, 0, zone)
		}
		if !v.Until.IsZero() {
			g.Until = civil.At(v.Until.AddDays(1), 0, zone)
		}
		var err error
		if v.All, err = p.Consents.Disclosures(r.Context(), actor(r), g); err != nil {
			return err
		}
	}
	var people, accounts []string
	for _, d := range v.All {
		people, accounts = append(people, d.Participant), append(accounts, d.Actor)
		if d.Recipient == v.To {
			v.ToName = d.RecipientName
		}
	}
	var err error
	if v.Called, v.Names, err = p.names(r, people, accounts); err != nil {
		return err
	}
	return page.Render(w, r, code, disclosuresPage(shell(r), p, v))
}
