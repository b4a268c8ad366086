package desk

import (
	"net/http"
	"strings"

	"hearth/internal/civil"
	"hearth/internal/fault"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// evidence is one meeting with all that is known about it.
type evidence struct {
	Details    *meeting.Details
	Statements []meeting.Statement
	Visits     []meeting.Visit
	Explained  welcome.Explanation
	Values     map[string]string // of the fields, as typed or as they stand
	Statement  statementForm
	Err        *fault.Error // of the fields
}

// statementForm is what was typed about a group's own word.
type statementForm struct {
	Voice, Speaker, On, Link, Words string
	Answers                         welcome.Answers
	Err                             *fault.Error
}

// Meeting shows an editor everything about one meeting.
func (p Pages) Meeting(w http.ResponseWriter, r *http.Request) error {
	view, err := p.evidence(r)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, meetingPage(shell(r, "desk"), p.Now(), view))
}

func (p Pages) evidence(r *http.Request) (*evidence, error) {
	id := r.PathValue("id")
	d, err := p.Meetings.Details(r.Context(), id)
	if err != nil {
		return nil, err
	}
	err = p.named(r.Context(), func(yield func(*string) bool) {
		for i := range d.Overrides {
			if !yield(&d.Overrides[i].By) {
				return
			}
		}
	})
	if err != nil {
		return nil, err
	}
	v := &evidence{Details: d, Values: map[string]string{}}
	for _, name := range meeting.EditableFields() {
		v.Values[name] = meeting.FieldText(&d.Meeting, name)
	}
	if v.Statements, err = p.Meetings.Statements(r.Context(), id); err != nil {
		return nil, err
	}
	if v.Visits, err = p.Meetings.Visits(r.Context(), id); err != nil {
		return nil, err
	}
	if v.Explained, err = p.Meetings.Explain(r.Context(), id); err != nil {
		return nil, err
	}
	v.Statement = statementForm{Voice: string(welcome.Conscience), On: civil.DateOf(p.Now()).String()}
	return v, nil
}

// again shows the page with a problem in one of its forms; what was typed stays.
func (p Pages) again(w http.ResponseWriter, r *http.Request, err error, set func(*evidence, *fault.Error)) error {
	f := fault.As(err)
	if f == nil || f.Kind == fault.NotFound {
		return err
	}
	view, err := p.evidence(r)
	if err != nil {
		return err
	}
	set(view, f)
	return page.Render(w, r, http.StatusUnprocessableEntity, meetingPage(shell(r, "desk"), p.Now(), view))
}

// SaveMeeting writes fields over what the lists say.
func (p Pages) SaveMeeting(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	values := map[string]string{}
	for _, name := range meeting.EditableFields() {
		if r.PostForm.Has(name) {
			values[name] = strings.TrimSpace(r.PostFormValue(name))
		}
	}
	if err := p.Meetings.SetOverrides(r.Context(), actor(r), r.PathValue("id"), values); err != nil {
		return p.again(w, r, err, func(v *evidence, f *fault.Error) {
			for name, value := range values {
				v.Values[name] = value
			}
			v.Err = f
		})
	}
	return page.Redirect(w, r, "/desk/m/"+r.PathValue("id"))
}

// ClearOverride goes back to what the lists say about a field.
func (p Pages) ClearOverride(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	if err := p.Meetings.ClearOverride(r.Context(), actor(r), r.PathValue("id"), r.PostFormValue("field")); err != nil {
		return err
	}
	return page.Redirect(w, r, "/desk/m/"+r.PathValue("id"))
}

// AddStatement writes down a group's own word.
func (p Pages) AddStatement(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	field := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	form := statementForm{Voice: field("voice"), Speaker: field("speaker"), On: field("on"), Link: field("link"), Words: field("words")}
	for _, right := range welcome.Rights {
		form.Answers[right], _ = welcome.ParseAnswer(field("answer_" + right.String())) // what is not an answer is not known
	}
	on, err := civil.ParseDate(form.On)
	if err != nil {
		err = fault.New(fault.Invalid, "Something here needs another look.").With("on", "Please give the day as 2026-05-19.")
	} else {
		_, err = p.Meetings.AddStatement(r.Context(), actor(r), meeting.Statement{
			MeetingID: r.PathValue("id"), Answers: form.Answers, Voice: welcome.Voice(form.Voice), Speaker: form.Speaker, On: on, Link: form.Link, Words: form.Words,
		})
	}
	if err != nil {
		return p.again(w, r, err, func(v *evidence, f *fault.Error) { form.Err = f; v.Statement = form })
	}
	return page.Redirect(w, r, "/desk/m/"+r.PathValue("id")+"#word")
}

// WithdrawStatement takes a group's word back.
func (p Pages) WithdrawStatement(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	if err := p.Meetings.WithdrawStatement(r.Context(), actor(r), r.PostFormValue("statement")); err != nil {
		return err
	}
	return page.Redirect(w, r, "/desk/m/"+r.PathValue("id")+"#word")
}

// Hide takes a meeting down, or puts it back.
func (p Pages) Hide(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	id := r.PathValue("id")
	var err error
	if r.PostFormValue("decide") == "show" {
		err = p.Meetings.ShowMeeting(r.Context(), actor(r), id)
	} else {
		err = p.Meetings.HideMeeting(r.Context(), actor(r), id, strings.TrimSpace(r.PostFormValue("why")))
	}
	if err != nil {
		return p.again(w, r, err, func(v *evidence, f *fault.Error) { v.Err = f })
	}
	return page.Redirect(w, r, "/desk/m/"+id)
}

// stepWords says one step of an explanation in the reader's language.
func stepWords(t ui.T, s welcome.Step) string {
	args := make([]any, len(s.Args))
	for i, a := range s.Args {
		if term, ok := a.(welcome.Term); ok {
			a = t.S(string(term))
		}
		args[i] = a
	}
	return t.S(s.Key, args...)
}

func voiceOptions(t ui.T) []ui.Option {
	return []ui.Option{
		{Value: string(welcome.Conscience), Label: t.S("The group decided it together")},
		{Value: string(welcome.Secretary), Label: t.S("Its secretary said so")},
	}
}

func answerOptions(t ui.T) []ui.Option {
	var out []ui.Option
	for _, a := range []welcome.Answer{welcome.Unknown, welcome.Yes, welcome.Depends, welcome.No} {
		out = append(out, ui.Option{Value: a.String(), Label: ui.AnswerWord(t, a.String())})
	}
	return out
}
