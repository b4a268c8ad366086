package desk

import (
	"net/http"
	"strings"
	"time"

	"hearth/internal/access"
	"hearth/internal/fault"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// waits is everything that needs a person.
type waits struct {
	Held     []meeting.Feed
	Visits   []meeting.Visit
	Queued   int // visits in all: Visits holds the oldest
	Problems []meeting.Suggestion
	Fits     []meeting.Fit
	Backups  backups
}

// backups is what an administrator should know of them; the zero value is nothing.
type backups struct {
	Failed   bool      // the last attempt
	Old      bool      // none was made for two days though a folder is named
	Made     time.Time // the last that was made and proved
	Restored time.Time // the moment of the state that was put back in the last two weeks
}

func (b backups) due() bool { return b.Failed || b.Old || !b.Restored.IsZero() }

// backups tells administrators how backups go.
func (p Pages) backups(r *http.Request) (backups, error) {
	var out backups
	if p.Backups == nil || !page.Can(r, access.CommunitySet, access.TheHouse) {
		return out, nil
	}
	last, err := p.Backups(r.Context())
	if err != nil {
		return out, err
	}
	newest := last.Data
	if last.Keys.Tried.After(newest.Tried) && newest.Tried.IsZero() { // on PostgreSQL keys alone are archived from here
		newest = last.Keys
	}
	const nights, weeks = 2 * 24 * time.Hour, 14 * 24 * time.Hour
	now := p.Now()
	out.Made, out.Failed = newest.Made, newest.Problem != ""
	out.Old = p.BackupTo() != "" && !newest.Tried.IsZero() && now.Sub(newest.Made) > nights
	if now.Sub(last.Restored.Tried) < weeks {
		out.Restored = last.Restored.Made
	}
	return out, nil
}

func (w waits) none() bool {
	return len(w.Held)+len(w.Visits)+len(w.Problems)+len(w.Fits) == 0 && !w.Backups.due()
}

// Waits is the desk's first page.
func (p Pages) Waits(w http.ResponseWriter, r *http.Request) error {
	var view waits
	var err error
	if view.Backups, err = p.backups(r); err != nil {
		return err
	}
	feeds, err := p.Meetings.Feeds(r.Context())
	if err != nil {
		return err
	}
	for _, f := range feeds {
		if f.Held {
			view.Held = append(view.Held, f)
		}
	}
	if view.Visits, err = p.Meetings.QueuedVisits(r.Context()); err != nil {
		return err
	}
	if view.Queued = len(view.Visits); view.Queued == meeting.MostQueuedVisits {
		if view.Queued, err = p.Meetings.CountQueuedVisits(r.Context()); err != nil {
			return err
		}
	}
	if view.Problems, err = p.Meetings.Suggestions(r.Context()); err != nil {
		return err
	}
	fits, err := p.Meetings.Fits(r.Context())
	if err != nil {
		return err
	}
	for _, f := range fits {
		if f.State == "waiting" {
			view.Fits = append(view.Fits, f)
		}
	}
	return page.Render(w, r, http.StatusOK, waitsPage(shell(r, "desk"), p.Now(), view))
}

// DecideVisit lets a report count, or not.
func (p Pages) DecideVisit(w http.ResponseWriter, r *http.Request) error {
	accept, err := decision(w, r)
	if err != nil {
		return err
	}
	if err := p.Meetings.DecideVisit(r.Context(), actor(r), r.PathValue("id"), accept); err != nil {
		return err
	}
	return page.Redirect(w, r, back(r, "/desk#visits"))
}

// DecideProblem takes a suggestion over, or lays it aside.
func (p Pages) DecideProblem(w http.ResponseWriter, r *http.Request) error {
	accept, err := decision(w, r)
	if err != nil {
		return err
	}
	if err := p.Meetings.DecideSuggestion(r.Context(), actor(r), r.PathValue("id"), accept, strings.TrimSpace(r.PostFormValue("note"))); err != nil {
		return err
	}
	return page.Redirect(w, r, "/desk#problems")
}

// decision reads which of the two buttons was pressed.
func decision(w http.ResponseWriter, r *http.Request) (accept bool, err error) {
	if err := page.Form(w, r); err != nil {
		return false, err
	}
	switch r.PostFormValue("decide") {
	case "yes":
		return true, nil
	case "no":
		return false, nil
	}
	return false, fault.New(fault.Invalid, "Please press one of the two buttons.")
}

// back returns to the page of the desk that the form came from.
func back(r *http.Request, otherwise string) string {
	if to := r.PostFormValue("back"); strings.HasPrefix(to, "/desk") {
		return to
	}
	return otherwise
}

// happeningWord says what happened during a visit.
func happeningWord(t ui.T, h welcome.Happenings) string {
	switch h {
	case welcome.ToldNotToSpeak:
		return t.S("Told not to speak")
	case welcome.ToldToStop:
		return t.S("Told to take less, or to stop")
	case welcome.SponsorRefused:
		return t.S("Refused a sponsor, or as one")
	case welcome.TimeNotCounted:
		return t.S("Time not recognised")
	case welcome.NegativeRemark:
		return t.S("Heard a negative remark about medication")
	case welcome.AskedAboutIt:
		return t.S("Asked whether they take medication")
	case welcome.Welcomed:
		return t.S("Somebody welcomed them")
	case welcome.OthersSpoke:
		return t.S("Others there spoke about their medication")
	default:
		return t.S("Asked to come again")
	}
}

// reasonWord says why a report waits.
func reasonWord(t ui.T, reason meeting.VisitReason) string {
	switch reason {
	case meeting.ReasonPlain:
		return t.S("It came by the plain form, as from a browser without scripts.")
	case meeting.ReasonNetwork:
		return t.S("Many reports came from one network that day.")
	case meeting.ReasonSame:
		return t.S("That network had told about this meeting that day already.")
	case meeting.ReasonAlike:
		return t.S("It is nearly the same as another report.")
	default:
		return t.S("It is part of a sudden rush on this meeting.")
	}
}
