package meeting

import (
	"net/http"
	"net/url"
	"slices"

	"hearth/internal/meeting"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// thanksView says what happens with a report now. It stands at an address of its own, so that a reload sends
// nothing again.
type thanksView struct {
	page  ui.Page
	t     ui.T
	id    string
	title string
	more  string
	why   []string // why a person reads it first
	kept  string
}

// sentVisit is what became of a report, as the address of its thanks carries it: nothing of what it says.
type sentVisit struct {
	counted, again bool
	words          bool // there were some
	reasons        []meeting.VisitReason
}

func (s sentVisit) query() string {
	q := url.Values{}
	switch {
	case s.again:
		q.Set("as", "again")
	case s.counted:
		q.Set("as", "counted")
	default:
		for _, r := range s.reasons {
			q.Add("why", string(r))
		}
	}
	if s.words {
		q.Set("words", "1")
	}
	return q.Encode()
}

func readSentVisit(q url.Values) sentVisit {
	s := sentVisit{counted: q.Get("as") == "counted", again: q.Get("as") == "again", words: q.Has("words")}
	for _, r := range q["why"] {
		s.reasons = append(s.reasons, meeting.VisitReason(r))
	}
	return s
}

// VisitThanks answers GET /m/{id}/visit/thanks.
func (p *Pages) VisitThanks(w http.ResponseWriter, r *http.Request) error {
	v, err := p.thanksView(r)
	if err != nil {
		return err
	}
	t, sent := v.t, readSentVisit(r.URL.Query())
	v.title = t.S("Thank you. The next person will know.")
	switch {
	case sent.again:
		v.more = t.S("We had this report already, and keep it once. There is nothing more to do.")
	case sent.counted:
		v.more = t.S("It counts from now on. It shows on the card when three people have told us, together with theirs, never by itself.")
	default:
		v.more = t.S("A person here reads it first. Then it counts like every other.")
		for _, reason := range sent.reasons {
			if word := waitWord(t, reason); word != "" && !slices.Contains(v.why, word) {
				v.why = append(v.why, word)
			}
		}
	}
	v.kept = t.S("We kept what you ticked and the month. We did not keep your address, a cookie or the day.")
	if sent.words {
		v.kept = t.S("We kept what you ticked, your words and the month. Only people who look after this list read the words, and they are erased after half a year. We did not keep your address, a cookie or the day.")
	}
	return page.Render(w, r, http.StatusOK, thanks(v))
}

// waitWord tells the person who sent a report why it is read first. What came from their network is said
// of the whole day: which meeting somebody else there told about is not theirs to know.
func waitWord(t ui.T, reason meeting.VisitReason) string {
	switch reason {
	case meeting.ReasonPlain:
		return t.S("It came by the plain form, as from a browser without scripts.")
	case meeting.ReasonNetwork, meeting.ReasonSame:
		return t.S("Another report came from the same network today.")
	case meeting.ReasonAlike:
		return t.S("It is much like another report.")
	case meeting.ReasonBurst:
		return t.S("Many reports about this meeting came at once.")
	}
	return ""
}

// ProblemThanks answers GET /m/{id}/problem/thanks.
func (p *Pages) ProblemThanks(w http.ResponseWriter, r *http.Request) error {
	v, err := p.thanksView(r)
	if err != nil {
		return err
	}
	v.title = v.t.S("Thank you. A person looks at it.")
	v.more = v.t.S("An editor here compares your correction with what stands on the page, and the page changes when they agree. Nobody is written to.")
	return page.Render(w, r, http.StatusOK, problemThanks(v))
}

func (p *Pages) thanksView(r *http.Request) (*thanksView, error) {
	d, err := p.subject(r)
	if err != nil {
		return nil, err
	}
	shell := page.Shell(r)
	shell.Nav = "find"
	return &thanksView{page: ui.Page{Shell: shell, Title: shell.T.S("Thank you"), NoIndex: true}, t: shell.T, id: d.ID}, nil
}

// remembered is the meeting of the path as the finder knows it, for a form that comes back while the
// database does not answer; nil for one that the finder does not have.
func (p *Pages) remembered(r *http.Request) *subject {
	s, ok := p.meetings.Directory().Summary(r.PathValue("id"))
	if !ok {
		return nil
	}
	return &subject{ID: s.ID, Fellowship: s.Fellowship, Meeting: meeting.Occurrence{Name: s.Name}}
}
