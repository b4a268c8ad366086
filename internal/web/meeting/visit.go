package meeting

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"hearth/internal/fault"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// visitForm is the report as it was filled in. It is kept as typed, so that an error loses nothing.
type visitForm struct {
	Month   string // or earlier, with the month in Earlier
	Earlier string
	Answers [welcome.NumRights]string // yes, depends, no, unknown, "" not answered
	What    []string
	Tone    string
	Note    string
}

// visitView is the page of the report.
type visitView struct {
	page    ui.Page
	t       ui.T
	id      string
	name    string
	problem *fault.Error
	form    visitForm

	months    []ui.Choice
	earlier   []ui.Option
	challenge string // for the proof of work that the page does while one reads
	bits      string
}

// asked are the rights that the report asks about in sight; the others are folded away.
var (
	asked  = []welcome.Right{welcome.Speak, welcome.TimeCounts}
	folded = []welcome.Right{welcome.Lead, welcome.Serve, welcome.HaveSponsor, welcome.BeSponsor}
)

// questions are what the report asks for each right, and what helps to answer.
var questions = [welcome.NumRights]struct{ ask, hint string }{
	welcome.Speak:       {ui.Key("Could you speak about yourself, medication and all?"), ""},
	welcome.TimeCounts:  {ui.Key("Did your time count?"), ui.Key("Milestones, key tags, or being counted as in recovery")},
	welcome.Lead:        {ui.Key("Could you have led the meeting?"), ui.Key("Chair it, or tell your story from the front")},
	welcome.Serve:       {ui.Key("Was service open to you?"), ui.Key("Coffee, chairs, the door, the group’s money")},
	welcome.HaveSponsor: {ui.Key("Could you have a sponsor there?"), ""},
	welcome.BeSponsor:   {ui.Key("Could you be a sponsor there?"), ""},
}

// whatHappened are the boxes of the report, in the order in which a person may want to say them.
var whatHappened = []struct {
	code, label string
}{
	{"welcomed", ui.Key("Somebody welcomed me")},
	{"others_spoke", ui.Key("Others there spoke about their medication")},
	{"asked_to_come_again", ui.Key("I was asked to come again")},
	{"negative_remark", ui.Key("I heard a negative remark about medication")},
	{"told_not_to_speak", ui.Key("I was told not to speak about it")},
	{"told_to_stop", ui.Key("Somebody told me to take less, or to stop")},
	{"sponsor_refused", ui.Key("I was refused a sponsor, or refused as one")},
	{"time_not_counted", ui.Key("I was told that my time does not count")},
	{"asked_about_it", ui.Key("I was asked whether I take medication")},
	{turnedAway, ui.Key("I was sent away, or asked to leave")},
}

// turnedAway is the box that says no to attending; who ticks none of it was let in.
const turnedAway = "turned_away"

// toneLabels are the tones in the order of the form.
var toneLabels = []struct{ code, label string }{
	{string(welcome.Warm), ui.Key("Warm")},
	{string(welcome.Neutral), ui.Key("Neutral")},
	{string(welcome.Mixed), ui.Key("Mixed")},
	{string(welcome.Hostile), ui.Key("Hostile")},
}

// VisitForm answers GET /m/{id}/visit.
func (p *Pages) VisitForm(w http.ResponseWriter, r *http.Request) error {
	d, err := p.subject(r)
	if err != nil {
		return err
	}
	challenge, err := p.meetings.NewChallenge(r.Context(), d.ID)
	if err != nil {
		return fmt.Errorf("visit form: %w", err)
	}
	return page.Render(w, r, http.StatusOK, visit(p.visitView(r, d, visitForm{}, challenge, nil)))
}

// Visit answers POST /m/{id}/visit.
func (p *Pages) Visit(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	form := readVisit(r.PostForm)
	d, err := p.subject(r)
	if err != nil {
		return p.visitAgain(r, p.remembered(r), form, err)
	}
	report, err := form.report(d.ID, p.now())
	if err != nil {
		return p.visitAgain(r, d, form, err)
	}
	receipt, err := p.meetings.ReportVisit(r.Context(), report, meeting.Submission{
		Network: page.Of(r).Network.String(), Challenge: r.PostForm.Get("challenge"), Solution: r.PostForm.Get("nonce"),
	})
	sent := sentVisit{counted: receipt.Counted, words: report.Note != "", reasons: receipt.Reasons}
	if fault.Is(err, fault.Conflict) { // the same form was sent twice: the first answer has said what becomes of it
		sent, err = sentVisit{again: true}, nil
	}
	if err != nil {
		return p.visitAgain(r, d, form, err)
	}
	return page.Redirect(w, r, "/m/"+d.ID+"/visit/thanks?"+sent.query())
}

// visitAgain shows the form as it was filled in, with what is wrong. Where there is no telling whether the
// report was taken, it keeps its challenge, so that it is taken once however often it is sent.
func (p *Pages) visitAgain(r *http.Request, d *subject, form visitForm, err error) error {
	if d == nil || fault.Is(err, fault.NotFound) {
		return err
	}
	challenge := r.PostForm.Get("challenge")
	if fault.As(err) != nil {
		fresh, e := p.meetings.NewChallenge(r.Context(), d.ID)
		if e != nil {
			err = e
		} else {
			challenge = fresh
		}
	}
	return page.WithForm(err, func(problem *fault.Error) templ.Component {
		return visit(p.visitView(r, d, form, challenge, problem))
	})
}

// readVisit takes the form as typed.
func readVisit(v url.Values) visitForm {
	f := visitForm{Month: v.Get("month"), Earlier: v.Get("earlier"), What: v["what"], Tone: v.Get("tone"), Note: strings.TrimSpace(v.Get("note"))}
	for _, right := range welcome.Rights {
		f.Answers[right] = v.Get(right.String())
	}
	return f
}

// report turns the form into a report, or says what is missing.
func (f visitForm) report(id string, now time.Time) (meeting.VisitReport, error) {
	var faults fault.Fields
	r := meeting.VisitReport{MeetingID: id, Note: f.Note, Tone: welcome.Tone(f.Tone)}
	near, before := monthValues(now)
	switch {
	case f.Month == earlier && slices.Contains(before, f.Earlier), f.Month == "" && slices.Contains(before, f.Earlier):
		r.Month = f.Earlier
	case f.Month == earlier:
		faults.Add("earlier", "Choose about which month it was. We keep no day.")
	case slices.Contains(near, f.Month):
		r.Month = f.Month
	default:
		faults.Add("month", "Choose the month of your visit. We keep no day.")
	}
	said := false
	for _, right := range welcome.Rights {
		switch f.Answers[right] {
		case "":
			continue
		case "unknown":
			said = true
			continue
		}
		a, ok := welcome.ParseAnswer(f.Answers[right])
		if !ok {
			faults.Add(right.String(), "Choose one of the answers.")
			continue
		}
		r.Answers[right], said = a, true
	}
	r.Answers[welcome.Attend] = welcome.Yes
	for _, code := range f.What {
		if code == turnedAway {
			r.Answers[welcome.Attend], said = welcome.No, true
			continue
		}
		h, ok := welcome.ParseHappenings(code)
		if !ok {
			faults.Add("what", "Choose from what is listed.")
		}
		r.Happened |= h
	}
	if !said && r.Happened == 0 {
		faults.Add(welcome.Speak.String(), "Answer at least one question. “I could not tell” is an answer too.")
	}
	return r, faults.Err()
}

// earlier is the choice of a month before those that the form offers at once.
const earlier = "earlier"

// monthValues are the months of a visit: this one and the two before, and those that can be chosen as
// earlier. Nobody's month is guessed: a visit weighs less with every month.
func monthValues(now time.Time) (near, before []string) {
	first := time.Date(now.Year(), now.Month(), 1, 12, 0, 0, 0, time.UTC)
	for i := range meeting.OldestVisit {
		month := first.AddDate(0, -i, 0).Format("2006-01")
		if i < 3 {
			near = append(near, month)
		} else {
			before = append(before, month)
		}
	}
	return near, before
}

func (p *Pages) visitView(r *http.Request, d *subject, form visitForm, challenge string, problem *fault.Error) *visitView {
	shell := page.Shell(r)
	t := shell.T
	shell.Nav = "find"
	v := &visitView{
		t: t, id: d.ID, name: d.Meeting.Name, form: form, problem: problem,
		page:      ui.Page{Shell: shell, Title: t.S("How was your visit?"), NoIndex: true, Scripts: []string{"pow.js"}},
		challenge: challenge, bits: strconv.Itoa(meeting.ProofBits),
	}
	near, before := monthValues(p.now())
	for _, month := range near {
		at, _ := time.Parse("2006-01", month) // made by monthValues
		v.months = append(v.months, ui.Choice{Value: month, Label: ui.Capital(t.MonthName(at.Month())), Checked: form.Month == month})
	}
	v.months = append(v.months, ui.Choice{Value: earlier, Label: t.S("Earlier"), Checked: form.Month == earlier})
	v.earlier = append(v.earlier, ui.Option{Label: t.S("Choose a month")})
	for _, month := range before {
		v.earlier = append(v.earlier, ui.Option{Value: month, Label: ui.Capital(t.Month(month))})
	}
	return v
}

// question is the choices for one right. The shapes are those of the card, so that people see what
// their answer becomes.
func (v *visitView) question(right welcome.Right) ui.ChoicesData {
	t, q, given := v.t, questions[right], v.form.Answers[right]
	c := ui.ChoicesData{T: t, Name: right.String(), Legend: t.S(q.ask), Shape: "two", Error: ui.FieldError(t, v.problem, right.String())}
	if q.hint != "" {
		c.Hint = t.S(q.hint)
	}
	yes, depended, no := "", "", ""
	if right == welcome.Speak {
		yes, depended, no = t.S("I spoke, or could have"), t.S("On the person, or on what I said"), t.S("I was asked not to, or made to feel so")
	}
	for _, o := range []ui.Choice{
		{Value: "yes", Label: t.S("Yes"), Hint: yes, Answer: "yes"},
		{Value: "depends", Label: t.S("It depended"), Hint: depended, Answer: "depends"},
		{Value: "no", Label: t.S("No"), Hint: no, Answer: "no"},
		{Value: "unknown", Label: t.S("I could not tell"), Answer: "unknown"},
	} {
		o.Checked = o.Value == given
		c.Choices = append(c.Choices, o)
	}
	return c
}

func (v *visitView) monthChoices() ui.ChoicesData {
	return ui.ChoicesData{T: v.t, Name: "month", Legend: v.t.S("When did you go?"), Shape: "row", Choices: v.months, Error: ui.FieldError(v.t, v.problem, "month")}
}

func (v *visitView) whatChoices() ui.ChoicesData {
	c := ui.ChoicesData{T: v.t, Name: "what", Legend: v.t.S("What else happened?"), Hint: v.t.S("Tick all that fit, or none"), Several: true, Shape: "two", Error: ui.FieldError(v.t, v.problem, "what")}
	for _, w := range whatHappened {
		c.Choices = append(c.Choices, ui.Choice{Value: w.code, Label: v.t.S(w.label), Checked: slices.Contains(v.form.What, w.code)})
	}
	return c
}

func (v *visitView) toneChoices() ui.ChoicesData {
	c := ui.ChoicesData{T: v.t, Name: "tone", Legend: v.t.S("How did the room feel?"), Shape: "row", Error: ui.FieldError(v.t, v.problem, "tone")}
	for _, o := range toneLabels {
		c.Choices = append(c.Choices, ui.Choice{Value: o.code, Label: v.t.S(o.label), Checked: o.code == v.form.Tone})
	}
	return c
}

// more tells whether the folded questions hold something, and so stand open.
func (v *visitView) more() bool {
	if v.form.Tone != "" {
		return true
	}
	for _, right := range folded {
		if v.form.Answers[right] != "" {
			return true
		}
	}
	return false
}
