package keep

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"hearth/internal/access"
	"hearth/internal/civil"
	"hearth/internal/community"
	"hearth/internal/fault"
	"hearth/internal/privacy"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// mineShell is the shell of a page about one's own data.
func mineShell(r *http.Request) ui.Shell {
	s := page.Shell(r)
	s.Nav = "mine"
	return s
}

type askView struct {
	All   []privacy.Request
	Kind  privacy.RequestKind
	Words string
	Err   *fault.Error
}

// MyRequests shows a person what they asked for and what came of it.
func (p Pages) MyRequests(w http.ResponseWriter, r *http.Request) error {
	v, err := p.myRequests(r)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, askPage(mineShell(r), p, v))
}

func (p Pages) myRequests(r *http.Request) (v askView, err error) {
	if actor(r).Participant == "" {
		return v, fault.New(fault.NotFound, "There is no record that belongs to your account.")
	}
	v.All, err = p.Privacy.Requests(r.Context(), actor(r), actor(r).Participant)
	return v, err
}

// Ask writes down what a person asks for.
func (p Pages) Ask(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	v, err := p.myRequests(r)
	if err != nil {
		return err
	}
	v.Kind, v.Words = privacy.RequestKind(field(r, "kind")), field(r, "words")
	if _, err := p.Privacy.Ask(r.Context(), actor(r), actor(r).Participant, v.Kind, v.Words); err != nil {
		return page.WithForm(err, func(e *fault.Error) templ.Component {
			v.Err = e
			return askPage(mineShell(r), p, v)
		})
	}
	return page.Redirect(w, r, "/mine/requests")
}

type tellView struct {
	Complaints []privacy.Complaint // own ones
	Programs   []community.Program
	Program    string
	Words, Day string
	Sent       bool
	Err        *fault.Error
}

// program is what was chosen, or the only one there is.
func (v tellView) program(r *http.Request) string {
	for _, x := range v.Programs {
		if x.ID == field(r, "program") || len(v.Programs) == 1 {
			return x.ID
		}
	}
	return ""
}

func (p Pages) tell(r *http.Request) (v tellView, err error) {
	if v.Programs, err = p.Community.Programs(r.Context()); err != nil {
		return v, err
	}
	v.Day = p.Community.Today().String()
	all, err := p.Privacy.Complaints(r.Context(), actor(r))
	for _, c := range all {
		if c.Account == actor(r).ID {
			v.Complaints = append(v.Complaints, c)
		}
	}
	return v, err
}

// ComplainForm says how to complain, here and elsewhere, and shows what came of earlier complaints.
func (p Pages) ComplainForm(w http.ResponseWriter, r *http.Request) error {
	v, err := p.tell(r)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, complainPage(page.Shell(r), p, v))
}

// Complain writes a complaint down.
func (p Pages) Complain(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	v, err := p.tell(r)
	if err != nil {
		return err
	}
	v.Program, v.Words = v.program(r), field(r, "words")
	if err := p.Privacy.Complain(r.Context(), actor(r), v.Program, v.Words); err != nil {
		return page.WithForm(err, func(e *fault.Error) templ.Component {
			v.Err = e
			return complainPage(page.Shell(r), p, v)
		})
	}
	return page.Redirect(w, r, "/complaints#mine")
}

// ReportForm asks what went wrong with somebody's privacy.
func (p Pages) ReportForm(w http.ResponseWriter, r *http.Request) error {
	v, err := p.tell(r)
	if err != nil {
		return err
	}
	v.Sent = r.URL.Query().Has("sent")
	return page.Render(w, r, http.StatusOK, reportPage(page.Shell(r), v))
}

// Report writes down that something went wrong.
func (p Pages) Report(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	v, err := p.tell(r)
	if err != nil {
		return err
	}
	v.Program, v.Words, v.Day = v.program(r), field(r, "words"), field(r, "discovered")
	var on civil.Date
	if on, err = date(r, "discovered"); err == nil {
		_, err = p.Privacy.Report(r.Context(), actor(r), v.Program, on, v.Words)
	}
	if err != nil {
		return page.WithForm(err, func(e *fault.Error) templ.Component {
			v.Err = e
			return reportPage(page.Shell(r), v)
		})
	}
	return page.Redirect(w, r, "/incidents/new?sent")
}

// Notice shows the notice in force, or the version that the address names, of each program.
func (p Pages) Notice(w http.ResponseWriter, r *http.Request) error {
	n, err := p.Privacy.Current(r.Context())
	if err != nil {
		return err
	}
	if asked := r.URL.Query().Get("version"); asked != "" {
		all, err := p.Privacy.Notices(r.Context())
		if err != nil {
			return err
		}
		found := false
		for _, x := range all {
			if strconv.FormatInt(x.Version, 10) == asked {
				n, found = x, true
			}
		}
		if !found {
			return access.NotThere()
		}
	}
	programs, err := p.Community.Programs(r.Context())
	if err != nil {
		return err
	}
	if len(programs) == 0 {
		s := p.Community.Settings()
		programs = []community.Program{{Name: s.Name, Address: s.Region, Contact: s.Contact}}
	}
	return page.Render(w, r, http.StatusOK, noticePage(page.Shell(r), n, programs))
}

// part is a piece of a notice: a heading, a paragraph or some items.
type part struct {
	Heading, Text string
	Items         []string
}

// parts reads a notice's lines.
func parts(text string) []part {
	var out []part
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		if heading, ok := strings.CutPrefix(line, "# "); ok {
			out = append(out, part{Heading: heading})
		} else if item, ok := strings.CutPrefix(line, "- "); ok {
			if len(out) == 0 || out[len(out)-1].Items == nil {
				out = append(out, part{})
			}
			out[len(out)-1].Items = append(out[len(out)-1].Items, item)
		} else if line != "" {
			out = append(out, part{Text: line})
		}
	}
	return out
}
