package desk

import (
	"net/http"
	"strconv"

	"hearth/internal/access"
	"hearth/internal/audit"
	"hearth/internal/fault"
	"hearth/internal/meeting"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// Scores shows the versions of the score's parameters.
func (p Pages) Scores(w http.ResponseWriter, r *http.Request) error {
	fits, err := p.Meetings.Fits(r.Context())
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, scoresPage(shell(r, "scores"), p.Now(), fits))
}

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

// recordShown is how many entries of the audit record a page shows.
const recordShown = 200

// AuditRecord shows what was done, as far as the policies let who asks see it, latest first.
func (p Pages) AuditRecord(w http.ResponseWriter, r *http.Request) error {
	where, args, err := p.Policies.Scope(page.SignedIn(r).Actor, access.AuditRead, access.Entry,
		access.Columns{Person: audit.PersonColumn, Program: access.Nothing, Group: access.Nothing, After: 1})
	if err != nil {
		return err
	}
	entries, err := audit.Within(r.Context(), p.Record, recordShown, where, args...)
	if err != nil {
		return err
	}
	err = p.named(r.Context(), func(yield func(*string) bool) {
		for i := range entries {
			if !yield(&entries[i].Actor) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, recordPage(shell(r, "record"), p.Now(), entries))
}
