package desk

import (
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"

	"hearth/internal/fault"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// fitView is a version of the score's parameters; one that waits says what it would change.
type fitView struct {
	meeting.Fit
	Moves  []meeting.MovedAnswer
	Params []paramChange
}

// paramChange is one parameter before and after.
type paramChange struct{ Name, From, To string }

// mostMoved is how many answers that change a page lists.
const mostMoved = 1000

// Scores shows the versions of the score's parameters.
func (p Pages) Scores(w http.ResponseWriter, r *http.Request) error {
	fits, err := p.Meetings.Fits(r.Context())
	if err != nil {
		return err
	}
	views := make([]fitView, len(fits))
	for i, f := range fits {
		views[i].Fit = f
		if f.State != "waiting" {
			continue
		}
		would, err := p.Meetings.CompareFit(r.Context(), f.Version)
		if err != nil {
			return err
		}
		views[i].Moves = would.Moved
		views[i].Params = paramChanges(page.T(r), would.Now, f.Rights)
	}
	return page.Render(w, r, http.StatusOK, scoresPage(shell(r, "scores"), p.Now(), views))
}

// paramChanges are the parameters that change so much that one sees it, right by right.
func paramChanges(t ui.T, now, then [welcome.NumRights]welcome.Fit) (out []paramChange) {
	for _, right := range welcome.Rights {
		a, b := now[right], then[right]
		word := ui.RightWord(t, right.String())
		add := func(name, from, to string) {
			if from != to {
				out = append(out, paramChange{word + ": " + name, from, to})
			}
		}
		add(t.S("a yes in all fellowships together"), percent(a.Mu), percent(b.Mu))
		for _, code := range slices.Sorted(maps.Keys(b.Fellowship)) {
			add(t.S("a yes in %s", meeting.FellowshipByCode(code).Name), percent(a.MeanOf(code)), percent(b.MeanOf(code)))
		}
		add(t.S("how alike the meetings of an area are"), strength(a.Kappa), strength(b.Kappa))
		add(t.S("how alike the areas of a fellowship are"), strength(a.Kappa1), strength(b.Kappa1))
	}
	return out
}

func percent(share float64) string { return strconv.Itoa(int(math.Round(100*share))) + " %" }

func strength(kappa float64) string { return strconv.FormatFloat(kappa, 'f', 1, 64) }

// DecideFit uses a waiting version, or keeps the old one.
func (p Pages) DecideFit(w http.ResponseWriter, r *http.Request) error {
	accept, err := decision(w, r)
	if err != nil {
		return err
	}
	version, err := strconv.ParseInt(r.PathValue("version"), 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "There is no such version.")
	}
	if err := p.Meetings.DecideFit(r.Context(), actor(r), version, accept); err != nil {
		return err
	}
	return page.Redirect(w, r, "/desk/scores")
}

func fitWord(t ui.T, f meeting.Fit) string {
	switch f.State {
	case "active":
		return t.S("in use")
	case "waiting":
		return t.S("waits for you")
	case "refused":
		return t.S("not used")
	default:
		return t.S("used before")
	}
}
