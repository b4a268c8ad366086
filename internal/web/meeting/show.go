package meeting

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"hearth/internal/civil"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// showView is a meeting's page in words.
type showView struct {
	page ui.Page
	t    ui.T
	id   string
	name string

	when  whenView
	place string // "at St Brigid’s Hall"; people's own words
	soon  string

	card     ui.WelcomeData
	words    []wordView // the group's own
	position []positionView
	told     []string

	join     []joinFact
	features []string
	codes    []string // of its list, without a word here
	notes    []noteView
	ways     []way
	contact  []ui.Fact

	sources []sourceView
	share   string // the clean address, "" where the site does not know its own
	qr      *ui.QR
	zones   []ui.Option
	tz      string
}

// whenView is when a meeting is: by its own clock, and by the reader's where that differs.
type whenView struct {
	Weekly string // "Tuesdays 19:00 to 20:00"
	Zone   string // "Eastern Time"
	Yours  string // "Tuesdays 16:00 to 17:00, Pacific Time"; "" where it is the same or not asked
	Stamp  string // of the next start
}

// joinFact is one line under How to join.
type joinFact struct {
	Icon  string
	Term  string
	Own   bool // the term is people's own words
	More  []string
	Links []joinLink
}

// joinLink leads somewhere else, and says where. Href comes from webLink, telLink or directionsTo and so is
// http, https, tel or geo; the page may take it as it is.
type joinLink struct {
	Href, Label string
}

// noteView is people's own words about the meeting, under a heading of ours.
type noteView struct{ Heading, Text string }

// wordView is a statement of the group.
type wordView struct {
	Said  string
	By    string
	On    string
	Until string
	Link  external
}

// positionView is what the fellowship has written.
type positionView struct {
	Said  string
	Title string
	On    string
	Link  external
}

// sourceView is one line of Where this comes from.
type sourceView struct {
	Name, Tells, Age, Until string
	Own                     bool
	Link                    external
}

// Show answers GET /m/{id}.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	d, err := p.subject(r)
	if err != nil {
		return err
	}
	if d.ID != r.PathValue("id") { // it became part of another
		return page.Redirect(w, r, "/m/"+d.ID)
	}
	shell := page.Shell(r)
	if d.Gone {
		return page.Render(w, r, http.StatusGone, gone(p.goneView(shell, d)))
	}
	v, err := p.showView(shell, d, r.URL.Query().Get("tz"))
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, show(v))
}

func (p *Pages) showView(shell ui.Shell, d *subject, tz string) (*showView, error) {
	t, now, m := shell.T, p.now(), &d.Meeting
	shell.Nav = "find"
	v := &showView{
		page: ui.Page{Shell: shell, Title: titleOf(t, m), Description: t.S("When and where it is, how to join, and what people found there."), Wide: true},
		t:    t, id: d.ID, name: m.Name,
	}
	v.when, v.soon = whenWords(t, m, now, tz)
	v.tz = tz
	v.zones = zoneOptions(t)
	if at := firstOf(m.Location, m.City); at != "" && m.Attendance != meeting.Online {
		v.place = at
	}
	v.card = p.card(t, d, now)
	v.fillEvidence(d, now)
	v.fillJoin(m)
	v.features, v.codes = featureWords(t, d.Fellowship, m)
	v.fillNotes(m)
	v.ways = contributions(m.Venmo, m.Square, m.Paypal, m.HomegroupURL)
	v.fillContact(m)
	v.fillSources(d, now)
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

// titleOf is what the title of a meeting's pages calls it: it stays in histories and on tabs.
func titleOf(t ui.T, m *meeting.Occurrence) string {
	place := m.Location
	if m.Attendance == meeting.Online {
		place = ""
	}
	return firstOf(DiscreetName(m.Name, place, m.City), t.S("A meeting"))
}

func firstOf(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

// whenWords says when a meeting is, and when the next one starts if that is soon.
func whenWords(t ui.T, m *meeting.Occurrence, now time.Time, tz string) (whenView, string) {
	zone := m.Zone
	if m.Day < 0 || !m.Start.Valid() {
		return whenView{Weekly: Undated(t, m.Day)}, ""
	}
	v := whenView{Weekly: ui.Capital(weekly(t, int(m.Day), m.Start, m.End))}
	if zone == "" {
		return v, ""
	}
	loc := location(zone)
	v.Zone = zoneName(t, zone)
	next := civil.NextWeekly(now, m.Day.Weekday(), m.Start, loc)
	v.Stamp = next.Format(time.RFC3339)
	length := time.Duration((int(m.End)-int(m.Start)+24*60)%(24*60)) * time.Minute
	if !m.End.Valid() || length == 0 {
		length = time.Hour
	}
	soon := ""
	if began := civil.NextWeekly(now.Add(-length+time.Second), m.Day.Weekday(), m.Start, loc); !began.After(now) {
		soon = t.S("Going on now")
	} else if next.Sub(now) <= soonest {
		soon = t.S("Starts %s", t.Soon(next.Sub(now)))
	}
	if tz != "" {
		if yours, err := civil.Zone(tz); err == nil && !sameClock(next, loc, yours) {
			there := next.In(yours)
			end := civil.NoClock
			if m.End.Valid() {
				end = civil.ClockOf(there.Add(length))
			}
			v.Yours = weekly(t, int(there.Weekday()), civil.ClockOf(there), end) + ", " + zoneName(t, tz)
		}
	}
	return v, soon
}

// weekly is "Tuesdays 19:00 to 20:00".
func weekly(t ui.T, day int, start, end civil.Clock) string {
	if end.Valid() && end != start {
		return t.S("%s %s to %s", t.Weekdays(day), t.Clock(start), t.Clock(end))
	}
	return t.S("%s %s", t.Weekdays(day), t.Clock(start))
}

func zoneOptions(t ui.T) []ui.Option {
	out := make([]ui.Option, 0, len(readerZones)+1)
	out = append(out, ui.Option{Value: "", Label: t.S("Where the meeting is")})
	for _, z := range readerZones {
		out = append(out, ui.Option{Value: z, Label: zoneName(t, z)})
	}
	return out
}

// rightIcons are the rights as the card shows them.
var rightIcons = [welcome.NumRights]string{"door-open", "message-circle", "megaphone", "coffee", "users", "hand-heart", "calendar-check"}

// card draws the welcome card.
func (p *Pages) card(t ui.T, d *subject, now time.Time) ui.WelcomeData {
	c := cardSummary{sure: true, kind: meeting.FellowshipByCode(d.Fellowship).Kind}
	zone := time.UTC
	if d.Meeting.Zone != "" {
		zone = location(d.Meeting.Zone)
	}
	w := ui.WelcomeData{T: t, AsOf: t.S("as of %s", t.DateYear(civil.DateOf(now.In(zone)))), Rights: make([]ui.RightData, 0, welcome.NumRights)}
	for _, r := range welcome.Rights {
		v := &d.card()[r]
		c.answers[r] = v.Answer
		c.reports = max(c.reports, v.Reports)
		if v.Answer == welcome.Yes && v.Basis != welcome.BasisStatement && v.Basis != welcome.BasisBoth {
			c.sure = false
		}
		w.Rights = append(w.Rights, rightData(t, v, now))
	}
	w.Sentence = p.voice(t).say(c.answers, c.sure, c.reports, c.kind).Text
	return w
}

// rightData draws one row: the answer, how we know, and how sure we are.
func rightData(t ui.T, v *welcome.Verdict, now time.Time) ui.RightData {
	r := ui.RightData{Icon: rightIcons[v.Right], Name: ui.RightWord(t, v.Right.String()), Answer: v.Answer.String(), How: verdictWords(t, v, now)}
	r.Bar = ui.BarData{Answer: r.Answer, Label: t.S("Not enough reports, so nothing is drawn.")}
	if v.Enough {
		r.Bar = ui.BarData{
			Answer: v.Visits.String(), Mean: v.Mean, Low: v.Low, High: v.High, Known: true,
			Label: t.S("%s of %d visits; likely between %d and %d in 100.", yeses(t, v.Yes), v.Reports, hundred(v.Low), hundred(v.High)),
		}
	} else if v.Reports == 1 && v.Answer == welcome.Unknown {
		r.Got, r.Need = v.Reports, reportsNeeded
	}
	return r
}

// verdictWords says how we know an answer. The kinds of evidence are named apart, never mixed.
func verdictWords(t ui.T, v *welcome.Verdict, now time.Time) string {
	var parts []string
	if v.Group != welcome.Unknown {
		who := t.S("The group’s written decision, %s", t.Month(month(v.GroupOn)))
		if v.GroupVoice == welcome.Secretary {
			who = t.S("The word of the group’s secretary, %s", t.Month(month(v.GroupOn)))
		}
		if v.Contradiction || v.Enough && v.Group != v.Visits {
			who += ": " + strings.ToLower(ui.AnswerWord(t, v.Group.String()))
		}
		parts = append(parts, who)
	}
	if v.Enough {
		said := t.S("%s of %d visits", yeses(t, v.Yes), v.Reports)
		if v.AsOf != "" {
			said = t.S("%s of %d visits, latest %s", yeses(t, v.Yes), v.Reports, monthAgo(t, v.AsOf, now))
		}
		if v.Contradiction {
			said += ": " + strings.ToLower(ui.AnswerWord(t, v.Visits.String()))
		}
		parts = append(parts, said)
	}
	switch {
	case len(parts) > 0:
		return strings.Join(parts, "; ")
	case v.Reports > 0:
		return waitingWords(t, v.Reports)
	case v.Position != welcome.Unknown:
		return t.S("Nobody has told us yet; its fellowship has written: %s", strings.ToLower(ui.AnswerWord(t, v.Position.String())))
	}
	return t.S("Nobody has told us yet")
}

// waitingWords says that visits do not suffice. A card tells no number above two while they do not, and from
// two on no word says how many, nor why: that could tell what they say.
func waitingWords(t ui.T, reports int) string {
	if reports == 1 {
		return t.S("%d of the %d visits we need.", reports, reportsNeeded)
	}
	return t.S("Not enough reports yet to say")
}

// yeses writes a count in which a "depends" is half a yes: 11, or 4 to 5. The foot of the card says that.
func yeses(t ui.T, yes float64) string {
	whole := int(yes)
	switch rest := yes - float64(whole); {
	case rest < 0.25:
		return strconv.Itoa(whole)
	case rest >= 0.75:
		return strconv.Itoa(whole + 1)
	}
	return t.S("%d to %d", whole, whole+1)
}

func hundred(share float64) int { return int(share*100 + 0.5) }

// month cuts a date down to its month.
func month(date string) string {
	if len(date) > 7 {
		return date[:7]
	}
	return date
}

// monthAgo says how long ago a month was, as exactly as a month allows.
func monthAgo(t ui.T, ym string, now time.Time) string {
	at, err := time.Parse("2006-01", ym)
	if err != nil {
		return ym
	}
	switch months := (now.Year()-at.Year())*12 + int(now.Month()) - int(at.Month()); {
	case months <= 0:
		return t.S("this month")
	case months == 1:
		return t.S("last month")
	default:
		return t.S("in %s", t.Month(ym))
	}
}

// featureWords lists what the types of the meeting say, each once, and the codes of its list that nobody here
// has a word for.
func featureWords(t ui.T, fellowship string, m *meeting.Occurrence) (words, codes []string) {
	seen := map[string]bool{}
	for _, code := range m.Types {
		if !meeting.TypeKnown(fellowship, code) {
			codes = append(codes, code)
			continue
		}
		label := meeting.TypeLabel(fellowship, code, t.Lang())
		if label != "" && !seen[label] {
			seen[label] = true
			words = append(words, label)
		}
	}
	return words, codes
}

// moreCodes heads the fold of the codes that have no word.
func (v *showView) moreCodes() string {
	if len(v.features) == 0 {
		return v.t.S("%d codes of its list", len(v.codes))
	}
	return v.t.S("and %d codes of its list", len(v.codes))
}

// fillJoin says how to get in. A place that is only roughly known gets no directions.
func (v *showView) fillJoin(m *meeting.Occurrence) {
	t := v.t
	if m.Attendance != meeting.Online && (m.Location != "" || m.Address != "") {
		f := joinFact{Icon: "map-pin", Term: firstOf(m.Location, m.Address), Own: true}
		if m.Location != "" && m.Address != "" {
			f.More = append(f.More, m.Address)
		}
		if m.LocationNotes != "" {
			f.More = append(f.More, m.LocationNotes)
		}
		if m.HasPoint && !m.Approximate {
			to := directionsTo(m.Lat, m.Lng)
			f.Links = append(f.Links, joinLink{to.Geo, t.S("Directions in your map app")}, joinLink{to.Web, t.S("Directions on openstreetmap.org")})
		}
		v.join = append(v.join, f)
		if m.Approximate {
			v.join = append(v.join, joinFact{Icon: "info", Term: t.S("Only the area is known, so there is no pin and no way to draw. Ask the group before you set out.")})
		}
	}
	if m.Attendance == meeting.Inactive {
		v.join = append(v.join, joinFact{Icon: "circle-alert", Term: t.S("Closed for now, or its list gives no place and no link. Ask before you set out.")})
	}
	if l, ok := webLink(m.ConferenceURL); ok {
		f := joinFact{Icon: "video", Term: t.S("Join online")}
		label := t.S("Opens %s", l.Host)
		if caution := Caution(t, m.ConferenceURL); caution != "" {
			label = caution
		}
		f.Links = append(f.Links, joinLink{l.Href, label})
		if m.ConferenceURLNotes != "" {
			f.More = append(f.More, m.ConferenceURLNotes)
		}
		v.join = append(v.join, f)
	}
	if m.ConferencePhone != "" {
		f := joinFact{Icon: "phone", Term: t.S("Join by telephone"), More: []string{m.ConferencePhone}}
		if tel := telLink(m.ConferencePhone); tel != "" {
			f.More = nil
			f.Links = append(f.Links, joinLink{tel, m.ConferencePhone})
		}
		if m.ConferencePhoneNotes != "" {
			f.More = append(f.More, m.ConferencePhoneNotes)
		}
		v.join = append(v.join, f)
	}
}

func (v *showView) fillNotes(m *meeting.Occurrence) {
	add := func(heading, text string) {
		if text = strings.TrimSpace(text); text != "" {
			v.notes = append(v.notes, noteView{heading, text})
		}
	}
	add(v.t.S("About this meeting"), m.Notes)
	add(v.t.S("About the group"), m.GroupNotes)
}

// fillContact gives the public contact of the service body and the group's own page.
func (v *showView) fillContact(m *meeting.Occurrence) {
	t := v.t
	if l, ok := webLink(m.Website); ok {
		v.contact = append(v.contact, ui.Fact{Icon: "globe", Term: l.Host, More: t.S("The group’s own page"), Own: true, Href: l.Href})
	}
	f := ui.Fact{Icon: "building-2", Term: m.Entity, Own: true}
	if l, ok := webLink(m.EntityURL); ok {
		f.Href = l.Href
		f.Term = firstOf(f.Term, l.Host)
	}
	f.More = strings.Join(notEmpty(m.EntityPhone, m.EntityEmail), " · ")
	if f.Term != "" {
		v.contact = append(v.contact, f)
	}
}

func notEmpty(words ...string) []string {
	var out []string
	for _, w := range words {
		if w != "" {
			out = append(out, w)
		}
	}
	return out
}

func commas(words []string) string { return strings.Join(words, ", ") }

// ownDir lets people's own words run in their own direction.
func ownDir(own bool) string {
	if own {
		return "auto"
	}
	return "ltr"
}
