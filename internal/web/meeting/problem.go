package meeting

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"hearth/internal/fault"
	"hearth/internal/meeting"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// problemField is one field that a reader may correct.
type problemField struct {
	name, label, hint string
	kind              string // text, time, url, tel, rows, day, attendance
}

var problemFields = []problemField{
	{"name", ui.Key("Name"), "", "text"},
	{"day", ui.Key("Day"), "", "day"},
	{"start", ui.Key("Starts"), "", "time"},
	{"end", ui.Key("Ends"), "", "time"},
	{"attendance", ui.Key("How one takes part"), "", "attendance"},
	{"location", ui.Key("Name of the place"), "", "text"},
	{"address", ui.Key("Address"), ui.Key("In one line, as on an envelope"), "text"},
	{"location_notes", ui.Key("How to find it"), ui.Key("Which door, which floor"), "rows"},
	{"conference_url", ui.Key("Link to join online"), "", "url"},
	{"conference_phone", ui.Key("Number to join by telephone"), "", "tel"},
	{"notes", ui.Key("About this meeting"), "", "rows"},
}

// The three sorts of problem.
const (
	problemDetails = "details"
	problemClosed  = "closed"
	problemOther   = "other"
)

// problemForm is the report as typed.
type problemForm struct {
	What   string
	Values map[string]string
	Note   string
}

// problemView is the form, or the look at what would change before it is sent.
type problemView struct {
	page    ui.Page
	t       ui.T
	id      string
	name    string
	problem *fault.Error
	form    problemForm
	now     map[string]string // what stands on the page now
	look    bool
	changes []changeView
}

// changeView is one field before and after.
type changeView struct{ Label, From, To string }

// ProblemForm answers GET /m/{id}/problem.
func (p *Pages) ProblemForm(w http.ResponseWriter, r *http.Request) error {
	d, err := p.subject(r)
	if err != nil {
		return err
	}
	now := currentFields(&d.Meeting)
	return page.Render(w, r, http.StatusOK, problem(p.problemView(r, d, problemForm{What: problemDetails, Values: now}, nil)))
}

// Problem answers POST /m/{id}/problem: first with a look at the change, then, once that is sent, by
// putting it before an editor.
func (p *Pages) Problem(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	form := readProblem(r.PostForm)
	d, err := p.subject(r)
	if err != nil {
		return p.problemAgain(r, p.remembered(r), form, err)
	}
	v := p.problemView(r, d, form, nil)
	step := r.PostForm.Get("step")
	if step == "back" {
		return page.Render(w, r, http.StatusOK, problem(v))
	}
	s, err := form.suggestion(d, page.Of(r).Network.String())
	switch {
	case err != nil:
	case step == "send":
		_, err = p.meetings.SuggestChange(r.Context(), s)
	default:
		err = p.meetings.CheckSuggestion(r.Context(), s)
	}
	if err != nil {
		return p.problemAgain(r, d, form, err)
	}
	if step == "send" {
		return page.Redirect(w, r, "/m/"+d.ID+"/problem/thanks")
	}
	v.look = true
	for _, f := range problemFields {
		if from, to := v.now[f.name], form.Values[f.name]; form.What == problemDetails && from != to {
			v.changes = append(v.changes, changeView{v.t.S(f.label), fieldWords(v.t, f, from), fieldWords(v.t, f, to)})
		}
	}
	return page.Render(w, r, http.StatusOK, problem(v))
}

// problemAgain shows the form as it was filled in, with what is wrong.
func (p *Pages) problemAgain(r *http.Request, d *subject, form problemForm, err error) error {
	if d == nil || fault.Is(err, fault.NotFound) {
		return err
	}
	return page.WithForm(err, func(f *fault.Error) templ.Component { return problem(p.problemView(r, d, form, f)) })
}

// currentFields are the fields as they stand.
func currentFields(m *meeting.Occurrence) map[string]string {
	values := make(map[string]string, len(problemFields))
	for _, f := range problemFields {
		values[f.name] = meeting.FieldText(m, f.name)
	}
	return values
}

func readProblem(v url.Values) problemForm {
	f := problemForm{What: v.Get("what"), Values: make(map[string]string, len(problemFields)), Note: strings.TrimSpace(v.Get("note"))}
	for _, field := range problemFields {
		f.Values[field.name] = strings.TrimSpace(strings.ReplaceAll(v.Get(field.name), "\r\n", "\n"))
	}
	return f
}

// suggestion turns the form into what an editor decides on: only the fields that differ.
func (f problemForm) suggestion(d *subject, remote string) (meeting.Suggestion, error) {
	var faults fault.Fields
	s := meeting.Suggestion{MeetingID: d.ID, Note: f.Note, Remote: remote}
	now := currentFields(&d.Meeting)
	switch f.What {
	case problemDetails:
		s.Fields = map[string]string{}
		for _, field := range problemFields {
			if to := f.Values[field.name]; to != now[field.name] {
				s.Fields[field.name] = to
			}
		}
		if len(s.Fields) == 0 && f.Note == "" {
			faults.Add("what", "Nothing is changed yet. Correct a field below, or write a note.")
		}
	case problemClosed:
		s.Closed = true
	case problemOther:
		if f.Note == "" {
			faults.Add("note", "Say in a few words what is wrong.")
		}
	default:
		faults.Add("what", "Choose what is wrong.")
	}
	return s, faults.Err()
}

func (p *Pages) problemView(r *http.Request, d *subject, form problemForm, fe *fault.Error) *problemView {
	shell := page.Shell(r)
	shell.Nav = "find"
	return &problemView{
		page: ui.Page{Shell: shell, Title: shell.T.S("Report a problem"), NoIndex: true},
		t:    shell.T, id: d.ID, name: d.Meeting.Name, form: form, problem: fe, now: currentFields(&d.Meeting),
	}
}

// fieldWords says a value of a field as the page would.
func fieldWords(t ui.T, f problemField, value string) string {
	switch {
	case value == "":
		return t.S("(empty)")
	case f.kind == "day":
		for d := meeting.Day(0); d <= 6; d++ {
			if dayValue(d) == value {
				return ui.Capital(t.Weekday(int(d)))
			}
		}
		return t.S("By appointment")
	case f.kind == "attendance":
		return attendanceWords(t, meeting.Attendance(value))
	}
	return value
}

// dayValue is a day as meeting.FieldText writes it.
func dayValue(d meeting.Day) string { return meeting.FieldText(&meeting.Occurrence{Day: d}, "day") }

func attendanceWords(t ui.T, a meeting.Attendance) string {
	switch a {
	case meeting.InPerson:
		return t.S("In person")
	case meeting.Hybrid:
		return t.S("In person and online")
	case meeting.Online:
		return t.S("Online")
	}
	return t.S("Closed for now")
}

// whatChoices are the sorts of problem.
func (v *problemView) whatChoices() ui.ChoicesData {
	t := v.t
	c := ui.ChoicesData{T: t, Name: "what", Legend: t.S("What is wrong?"), Error: ui.FieldError(t, v.problem, "what")}
	for _, o := range []ui.Choice{
		{Value: problemDetails, Label: t.S("Something in its details"), Hint: t.S("Correct it below")},
		{Value: problemClosed, Label: t.S("It does not meet any more")},
		{Value: problemOther, Label: t.S("Something else"), Hint: t.S("Say it in the note")},
	} {
		o.Checked = o.Value == v.form.What
		c.Choices = append(c.Choices, o)
	}
	return c
}

// field is the input for one field, with what was typed.
func (v *problemView) field(f problemField) ui.FieldData {
	t := v.t
	d := ui.FieldData{T: t, Name: f.name, Label: t.S(f.label), Value: v.form.Values[f.name], Error: ui.FieldError(t, v.problem, f.name), Autocomplete: "off", MaxLength: 2000}
	if f.hint != "" {
		d.Hint = t.S(f.hint)
	}
	switch f.kind {
	case "time", "tel":
		d.Type, d.Narrow = f.kind, f.kind == "time"
	case "url":
		d.Type, d.InputMode = "text", "url" // the browser's own message would not be in our words
	case "rows":
		d.Rows = 3
	case "day":
		for day := meeting.Day(0); day <= 6; day++ {
			d.Options = append(d.Options, ui.Option{Value: dayValue(day), Label: ui.Capital(t.Weekday(int(day)))})
		}
		d.Options = append(d.Options, ui.Option{Value: dayValue(meeting.ByAppointment), Label: t.S("By appointment")})
		d.Narrow = true
	case "attendance":
		for _, a := range []meeting.Attendance{meeting.InPerson, meeting.Hybrid, meeting.Online, meeting.Inactive} {
			d.Options = append(d.Options, ui.Option{Value: string(a), Label: attendanceWords(t, a)})
		}
	}
	if len(d.Options) > 0 && !slices.ContainsFunc(d.Options, func(o ui.Option) bool { return o.Value == d.Value }) {
		d.Value = d.Options[len(d.Options)-1].Value
	}
	return d
}

// whatWords says the sort of problem in the look before sending.
func (v *problemView) whatWords() string {
	switch v.form.What {
	case problemClosed:
		return v.t.S("It does not meet any more")
	case problemOther:
		return v.t.S("Something else")
	}
	return v.t.S("Something in its details")
}
