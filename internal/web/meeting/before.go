package meeting

import (
	"net/http"

	"hearth/internal/civil"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// beforeView is the page to read, or to print, before one goes.
type beforeView struct {
	page     ui.Page
	t        ui.T
	id       string
	name     string
	when     whenView
	place    string
	address  string
	sentence string
	steps    []step
	rights   []ui.RightData
	replies  []reply
	join     []joinFact
	online   bool
	share    string
	qr       *ui.QR
}

// step is what happens at a time. At is "" where the meeting's own time is not known.
type step struct{ At, What string }

// reply is what people may say, and what one can answer.
type reply struct{ They, You string }

// moment is a step of the usual course: how far into the meeting, in hundredths of its length.
type moment struct {
	part int
	what string
}

// courses are how meetings of a kind usually go. They are an expectation and said to be one.
var courses = map[meeting.Kind][]moment{
	meeting.KindTwelveStep: {
		{0, ui.Key("Welcome, and a minute of quiet")},
		{8, ui.Key("Short readings. They go round; you can pass")},
		{25, ui.Key("Somebody tells their story, or a topic is read")},
		{50, ui.Key("Sharing, a few minutes each. You may just listen")},
		{85, ui.Key("Milestones, and who wants to be greeted as new")},
		{92, ui.Key("The circle closes. People stay for coffee")},
	},
	meeting.KindMedication: {
		{0, ui.Key("Welcome, and what the group is for")},
		{10, ui.Key("A short reading or a topic")},
		{25, ui.Key("Sharing. Medication is spoken of like everything else")},
		{85, ui.Key("Milestones of every kind")},
		{92, ui.Key("The close. People stay and talk")},
	},
	meeting.KindSecular: {
		{0, ui.Key("Welcome and how the group works")},
		{10, ui.Key("A round: how is everybody this week? You can pass")},
		{35, ui.Key("A topic, an exercise or some minutes of quiet")},
		{60, ui.Key("Talking it over; here people may answer each other")},
		{92, ui.Key("What each one takes along, and the close")},
	},
	meeting.KindFamily: {
		{0, ui.Key("Welcome and a reading")},
		{15, ui.Key("A topic, or a story")},
		{35, ui.Key("Sharing, a few minutes each. You may just listen")},
		{92, ui.Key("The close. People stay and talk")},
	},
}

// otherCourse is for every other kind.
var otherCourse = []moment{
	{0, ui.Key("Welcome and how the group works")},
	{12, ui.Key("A round of names. A first name is enough, any name will do")},
	{30, ui.Key("Talking, each in turn. You may just listen")},
	{92, ui.Key("The close. People stay and talk")},
}

// remarks are what people may say and three answers to choose from; the fourth is for who is asked.
var remarks = []struct{ they, you string }{
	{ui.Key("“When are you coming off it?”"), ui.Key("“That is between me and my prescriber. Today I am here to listen.”")},
	{ui.Key("“Our group goes by complete abstinence.”"), ui.Key("“I take it as prescribed, and I would like to stay.”")},
	{ui.Key("“You can’t count that as your time.”"), ui.Key("“I count from my own date. Thank you for letting me sit here.”")},
}

// Before answers GET /m/{id}/before.
func (p *Pages) Before(w http.ResponseWriter, r *http.Request) error {
	d, err := p.subject(r)
	if err != nil {
		return err
	}
	if d.ID != r.PathValue("id") {
		return page.Redirect(w, r, "/m/"+d.ID+"/before")
	}
	if d.Gone {
		return page.Render(w, r, http.StatusGone, gone(p.goneView(page.Shell(r), d)))
	}
	v, err := p.beforeView(page.Shell(r), d)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, before(v))
}

func (p *Pages) beforeView(shell ui.Shell, d *subject) (*beforeView, error) {
	t, m, now := shell.T, &d.Meeting, p.now()
	shell.Nav = "find"
	v := &beforeView{
		t: t, id: d.ID, name: m.Name, online: m.Attendance == meeting.Online,
		page: ui.Page{Shell: shell, Title: t.S("Before you go: %s", titleOf(t, m)), NoIndex: true},
	}
	v.when, _ = whenWords(t, m, now, "")
	if !v.online {
		v.place, v.address = firstOf(m.Location, m.City), m.Address
	}
	c := p.card(t, d, now)
	v.sentence = c.Sentence
	for _, right := range []welcome.Right{welcome.Attend, welcome.Speak, welcome.Lead, welcome.Serve, welcome.TimeCounts} {
		v.rights = append(v.rights, c.Rights[right])
	}
	v.steps = steps(t, meeting.FellowshipByCode(d.Fellowship).Kind, m)
	for _, r := range remarks {
		v.replies = append(v.replies, reply{t.S(r.they), t.S(r.you)})
	}
	s := showView{t: t}
	s.fillJoin(m)
	v.join = s.join
	if p.base != "" {
		v.share = p.base + "/m/" + d.ID
		q, err := ui.NewQR(v.share)
		if err != nil {
			return nil, err
		}
		v.qr = &q
	}
	return v, nil
}

// steps lays the usual course of its kind over the meeting's own time, on five minutes.
func steps(t ui.T, kind meeting.Kind, m *meeting.Occurrence) []step {
	course := courses[kind]
	if course == nil {
		course = otherCourse
	}
	length := 60
	if m.End.Valid() && m.Start.Valid() && m.End != m.Start {
		length = (int(m.End) - int(m.Start) + 24*60) % (24 * 60)
	}
	out := make([]step, len(course))
	for i, c := range course {
		out[i].What = t.S(c.what)
		if m.Start.Valid() {
			minutes := (length*c.part + 250) / 500 * 5
			out[i].At = t.Clock(civil.Clock((int(m.Start) + minutes) % (24 * 60)))
		}
	}
	return out
}
