package meeting

import (
	"strconv"
	"time"

	"hearth/internal/civil"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
	"hearth/internal/web/ui"
)

// happened says what visitors told, one sentence for each thing, with its count and its base.
var happened = map[welcome.Happenings]string{
	welcome.ToldNotToSpeak:   ui.Key("%d of %d visitors were told not to speak about it"),
	welcome.ToldToStop:       ui.Key("%d of %d visitors were told to take less, or to stop"),
	welcome.SponsorRefused:   ui.Key("%d of %d visitors were refused a sponsor, or as one"),
	welcome.TimeNotCounted:   ui.Key("%d of %d visitors were told that their time does not count"),
	welcome.NegativeRemark:   ui.Key("%d of %d visitors heard a negative remark about medication"),
	welcome.AskedAboutIt:     ui.Key("%d of %d visitors were asked whether they take medication"),
	welcome.Welcomed:         ui.Key("%d of %d visitors were welcomed by somebody"),
	welcome.OthersSpoke:      ui.Key("%d of %d visitors heard others speak about their own medication"),
	welcome.AskedToComeAgain: ui.Key("%d of %d visitors were asked to come again"),
}

// fillEvidence adds what the group says, what its fellowship has written and what visitors told, each by
// itself: they are three kinds of evidence.
func (v *showView) fillEvidence(d *subject, now time.Time) {
	t := v.t
	today := civil.DateOf(now)
	for i := range d.Words {
		s := &d.Words[i]
		if s.Words == "" {
			continue
		}
		w := wordView{Said: s.Words, By: s.Speaker, On: t.DateYear(s.On)}
		w.Link, _ = webLink(s.Link)
		if until := s.Until(); until.String() > today.String() {
			w.Until = t.S("counts until %s", t.DateYear(until))
		} else {
			w.Until = t.S("no longer counts")
		}
		v.words = append(v.words, w)
	}
	for i := range d.Positions {
		p := &d.Positions[i]
		w := positionView{Said: p.Words, Title: p.Document, On: p.By}
		if t.Lang() == "es" && p.WordsES != "" {
			w.Said = p.WordsES
		}
		if p.Year > 0 {
			w.On += ", " + strconv.Itoa(p.Year)
		} else {
			w.On += ", " + t.S("without a date")
		}
		w.Link, _ = webLink(p.Link)
		v.position = append(v.position, w)
	}
	for _, told := range d.Welcome.Told {
		if key := happened[told.What]; key != "" {
			v.told = append(v.told, t.S(key, told.Count, told.Of))
		}
	}
}

// fillSources says where everything on the page comes from, and how old it is.
func (v *showView) fillSources(d *subject, now time.Time) {
	t := v.t
	reports, latest := d.Welcome.Visits, d.Welcome.AsOf
	if reports > 0 {
		s := sourceView{Name: t.S("Visits by people like you"), Age: t.S("not enough yet to say"), Tells: t.S("What one may do here"), Until: t.S("half after 180 days, a quarter after 360")}
		if reports > welcome.MostWaiting {
			s.Name, s.Age = t.S("%d visits by people like you", reports), t.S("the latest %s", monthAgo(t, latest, now))
		}
		v.sources = append(v.sources, s)
	}
	today := civil.DateOf(now)
	for i := range d.Words {
		st := &d.Words[i]
		v.sources = append(v.sources, sourceView{Name: t.S("The group’s own word"), Tells: t.S("What one may do here"), Age: t.Ago(daysBetween(st.On, today)), Until: t.DateYear(st.Until())})
	}
	if len(d.Positions) > 0 {
		s := sourceView{Name: t.S("Its fellowship’s written position"), Tells: t.S("An expectation, never an answer"), Until: t.S("another one is written")}
		if y := d.Positions[0].Year; y > 0 {
			s.Age = strconv.Itoa(y)
		} else {
			s.Age = t.S("without a date")
		}
		v.sources = append(v.sources, s)
	}
	for _, f := range d.Sources {
		s := sourceView{Name: f.Feed, Own: true, Tells: t.S("Day, time, place"), Age: t.S("seen %s", t.Ago(int(now.Sub(f.SeenAt)/(24*time.Hour)))), Until: t.S("checked again and again")}
		if f.Gone {
			s.Until = t.S("it no longer lists this meeting")
		}
		s.Link, _ = webLink(f.URL)
		v.sources = append(v.sources, s)
	}
}

func daysBetween(from, to civil.Date) int {
	at := func(d civil.Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC) }
	return int(at(to).Sub(at(from)) / (24 * time.Hour))
}

// goneView is what stands where a meeting was: what it was called, and others close by.
type goneView struct {
	page   ui.Page
	t      ui.T
	name   string
	near   listing
	search string
}

func (p *Pages) goneView(shell ui.Shell, d *subject) *goneView {
	t, now, m := shell.T, p.now(), &d.Meeting
	shell.Nav = "find"
	v := &goneView{t: t, name: m.Name, search: "/", page: ui.Page{Shell: shell, Title: t.S("No longer listed"), NoIndex: true}}
	f := meeting.Any()
	f.Limit = 3
	if m.HasPoint {
		f.Near, f.WithinMiles = &meeting.Near{Lat: m.Lat, Lng: m.Lng, Label: m.City}, meeting.DefaultWithinMiles
	}
	if m.Attendance == meeting.Online {
		f.Attendance = []meeting.Attendance{meeting.Hybrid, meeting.Online}
	}
	if m.Day >= 0 {
		f.Days = []meeting.Day{m.Day}
	}
	dir := p.meetings.Directory()
	found := dir.Find(f, now)
	if found.Total == 0 {
		f.Days = nil
		found = dir.Find(f, now)
	}
	draw := &drawer{t: t, voice: p.voice(t), now: now, home: homeZone(nil, found.Hits), near: f.Near, seq: dir.Seq()}
	v.near = listing{draw, found.Hits, true}
	if m.City != "" {
		v.search = params{}.link("/", "place", strippedPlace(m))
	}
	return v
}

func strippedPlace(m *meeting.Occurrence) string {
	if m.State != "" {
		return m.City + ", " + m.State
	}
	return m.City
}
