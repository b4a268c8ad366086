package meeting

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"hearth/internal/civil"
	"hearth/internal/fault"
	"hearth/internal/geo"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

const (
	perPage = 50 // rows of one page
	perRest = 10 // rows of each list below: it depends, not known yet
	soonest = 90 * time.Minute
)

// finderView is everything the finder shows, already in words.
type finderView struct {
	page    ui.Page
	t       ui.T
	problem *fault.Error
	unfold  bool // the folded filters stand open
	near    bool // there is a place to measure from

	field    string  // what stands in the one field
	hidden   []param // the other filters, carried along by the form
	from     string
	until    string
	within   string
	when     []ui.ChipData
	wish     []ui.ChipData
	sets     []filterSet // folded
	active   []ui.ChipData
	mistaken []ui.ChipData // other places of that name
	words    ui.ChipData   // meetings that have it in their words

	count   string // "8 meetings tonight"
	bounds  string // "within 10 miles of Millbrook."
	welcome string // "You may speak in 5; …"
	asked   string // "You asked for: Women."
	clear   string

	printed  string // address of the same list, made for paper
	calendar string // and as a calendar

	groups  []group
	depends listing
	unknown listing
	rest    restWords

	unplaced      listing // of the town, but nobody knows exactly where
	unplacedTitle string
	unplacedWords ui.ChipData
	unplacedMore  ui.ChipData

	pager    ui.PagerData
	empty    *emptyView
	mapData  mapView
	mapWords string
	around   *around
}

// filterSet is one line of the folded filters.
type filterSet struct {
	Label string
	Chips []ui.ChipData
}

// group is the meetings of one day.
type group struct {
	Heading string
	Rows    listing
}

// restWords head the two lists of meetings that are no plain yes.
type restWords struct {
	dependsMore, unknownMore ui.ChipData
}

// emptyView is what stands where nothing was found: what to do first, and what else.
type emptyView struct {
	title, more string
	first       ui.ButtonData
	others      []ui.ChipData
}

// mapView is what the map needs to open.
type mapView struct {
	Source   string // address of the pins
	Lat, Lng string // the middle; "" where there is none
	Miles    string
	Label    string
	Tiles    string // address of the archive with streets; "" where there is none
}

// Finder answers GET /.
func (p *Pages) Finder(w http.ResponseWriter, r *http.Request) error {
	now, dir := p.now(), p.meetings.Directory()
	if clean, ok := cleaned(r.URL); ok {
		http.Redirect(w, r, clean, http.StatusSeeOther)
		return nil
	}
	key, worth := p.kept.keyOf(r), false
	if key != "" {
		var body []byte
		if body, worth = p.kept.get(key, dir, now); body != nil {
			page.Send(w, http.StatusOK, body)
			return nil
		}
	}
	f, err := dir.ParseForm(r.URL.Query(), p.places)
	problem := fault.As(err)
	if err != nil && problem == nil {
		return err
	}
	status := http.StatusOK
	if problem != nil {
		status = http.StatusUnprocessableEntity
	}
	v := p.finder(page.Shell(r), f, now)
	if problem != nil {
		v.wrong(problem)
		q := r.URL.Query()
		v.field, v.from, v.until = q.Get("q"), q.Get("from"), q.Get("until") // what was typed stays
		if v.field == "" {
			v.field = q.Get("place")
		}
	}
	if !worth || problem != nil {
		return page.Render(w, r, status, finder(v))
	}
	return page.RenderKeep(w, r, status, finder(v), func(body []byte) { p.kept.keep(key, dir, now, body) })
}

// cleaned is an address without the parameters that a form sends empty: it is the one to share.
func cleaned(u *url.URL) (string, bool) {
	if !strings.Contains(u.RawQuery+"&", "=&") {
		return "", false
	}
	var kept []string
	for part := range strings.SplitSeq(u.RawQuery, "&") {
		if part != "" && !strings.HasSuffix(part, "=") {
			kept = append(kept, part)
		}
	}
	if len(kept) == 0 {
		return "/", true
	}
	return "/?" + strings.Join(kept, "&"), true
}

// wrong puts the messages at the fields that the page has: what belongs to a link stands at the one field,
// and the folded times are opened where one of them is meant.
func (v *finderView) wrong(problem *fault.Error) {
	shown := *problem
	shown.Fields = slices.Clone(problem.Fields)
	for i := range shown.Fields {
		switch f := &shown.Fields[i]; f.Name {
		case "from", "until":
			v.unfold = true
		default:
			f.Name = "q"
		}
	}
	v.problem = &shown
}

func (p *Pages) finder(shell ui.Shell, f meeting.Filter, now time.Time) *finderView {
	t := shell.T
	shell.Nav = "find"
	f.Limit = perPage
	dir := p.meetings.Directory()
	found, counts := dir.FindWithChips(f, now)
	links := newParams(f.Values())
	v := &finderView{t: t, page: ui.Page{Shell: shell, Title: t.S("Find a meeting"), Feed: "/feeds/meetings.json", Wide: true, Map: true, Scripts: []string{"map.js"}, NoIndex: len(links) > 0}}

	named := p.named(f.Near)
	hits := found.Hits
	if len(hits) == 0 && len(named) == 0 {
		whole := meeting.Any() // nothing found and nowhere named: today is today where the meetings are
		whole.Limit = perPage
		hits = dir.Find(whole, now).Hits
	}
	home := homeZone(named, hits)
	today := civil.DateOf(now.In(home))
	v.near = f.Near != nil
	v.fillForm(f, links)
	v.fillChips(f, links, counts, today)
	v.fillSets(p.voice(t), f, links, found.Hits)
	v.fillWords(f, found, today)
	if len(links) > 0 {
		v.clear = params{}.link("/", "", "")
	}
	v.printed, v.calendar = links.link("/print", "", ""), links.link("/feeds/meetings.ics", "lang", t.Lang())
	if len(named) > 1 && !strings.ContainsAny(f.Near.Query, ",0123456789") {
		v.mistaken = mistaken(t, named[1:], f.Near, links)
	}

	d := &drawer{t: t, voice: p.voice(t), now: now, home: home, near: f.Near, seq: dir.Seq()}
	v.groups = d.groups(found.Hits, today, f.Tonight)
	if len(f.May) > 0 && len(f.Answers) == 0 && f.Offset == 0 {
		v.fillRest(dir, f, links, d)
	}
	if aboutTown(f, named) {
		v.fillUnplaced(dir, f, named[0], d)
	}
	v.words = asWords(t, dir, f, links, found.Total, now)
	switch {
	case len(found.Hits) == 0 && len(v.unplaced.hits) > 0:
	case len(found.Hits) == 0:
		if f.Near == nil && f.Text != "" && p.places != nil {
			v.mistaken = similar(t, p.places.Similar(f.Text), links)
		}
		v.empty = emptyHanded(t, dir, f, links, now, v.words)
	case found.Total > perPage:
		v.pager = pager(t, links, f.Offset, len(found.Hits), found.Total)
	}
	v.mapData, v.mapWords = mapOf(f, links), p.voice(t).mapWords
	if p.streets {
		v.mapData.Tiles = "/map.pmtiles"
	}
	v.around = drawAround(t, f.Near, found.Hits, found.Right)
	return v
}

// named are the places that what was typed could mean, the one that was taken first.
func (p *Pages) named(near *meeting.Near) []geo.Place {
	if near == nil || near.Query == "" || p.places == nil {
		return nil
	}
	return p.places.Lookup(near.Query)
}

// homeZone is the zone that the list is read in: the place's own, or the one that most of its meetings
// have.
func homeZone(named []geo.Place, hits []meeting.Hit) *time.Location {
	if len(named) > 0 && named[0].Zone != "" {
		return location(named[0].Zone)
	}
	best, most := "", 0
	for i := range hits {
		zone := hits[i].Zone
		if zone == best {
			continue
		}
		n := 0
		for j := range hits {
			if hits[j].Zone == zone {
				n++
			}
		}
		if n > most {
			best, most = zone, n
		}
		if most > len(hits)/2 {
			break
		}
	}
	return location(best)
}

func (v *finderView) fillForm(f meeting.Filter, links params) {
	v.from, v.until, v.within = f.From.String(), f.Until.String(), links.get("within")
	drop := []string{"place", "near", "from", "until"}
	switch {
	case f.Near != nil && f.Near.Query != "":
		v.field = f.Near.Query
	case f.Near == nil:
		v.field = f.Text
		drop = append(drop, "text")
	}
	v.hidden = links.without(drop...)
}

// fillChips makes the chips that are always in sight.
func (v *finderView) fillChips(f meeting.Filter, links params, counts meeting.Chips, today civil.Date) {
	t := v.t
	noDay, noWhen := links.without("day"), links.without("when")
	add := func(list *[]ui.ChipData, label string, count int, href string, on bool) {
		*list = append(*list, ui.ChipData{Label: label, Href: href, On: on, Count: count})
	}
	v.when = make([]ui.ChipData, 0, 9)
	href, on := noDay.choose("/", "when", "now")
	add(&v.when, t.S("Now"), counts.Now, href, on)
	href, on = noDay.choose("/", "when", "tonight")
	add(&v.when, t.S("Tonight"), counts.Tonight, href, on)
	for i := range 7 {
		day := (int(today.Weekday()) + i) % 7
		label, count := t.WeekdayShort(day), counts.Days[day]
		if i == 0 {
			label, count = t.S("Today"), counts.Dates.On(today) // what is still to come
		}
		href, on = noWhen.choose("/", "day", meeting.Day(day).Param())
		add(&v.when, label, count, href, on)
	}
	href, on = links.toggle("/", "may", welcome.Speak.String())
	add(&v.wish, t.S("I may speak"), 0, href, on)
	href, on = links.choose("/", "attendance", "hybrid,in_person")
	add(&v.wish, t.S("In person"), 0, href, on)
	href, on = links.choose("/", "attendance", "hybrid,online")
	add(&v.wish, t.S("Online"), 0, href, on)
}

// folded needs, in the order in which they are offered.
var (
	needsWho = []string{"women", "lgbtq", "young", "men", "poc", "veterans", "beginners"}
	needsHow = []string{"wheelchair", "children", "proof", "open", "sign", "secular"}
)

// offered languages of meetings; the names are keys of the catalogue.
var languages = []struct{ code, name string }{
	{"en", ui.Key("English")},
	{"es", ui.Key("Spanish")},
	{"fr", ui.Key("French")},
	{"pt", ui.Key("Portuguese")},
	{"ht", ui.Key("Haitian Creole")},
	{"ru", ui.Key("Russian")},
	{"pl", ui.Key("Polish")},
	{"zh", ui.Key("Chinese")},
	{"fa", ui.Key("Persian")},
}

var distances = []int{2, 5, 10, 25, 50, 100}

// fillSets makes the folded filters, and a chip in sight for each that is on.
func (v *finderView) fillSets(words *voice, f meeting.Filter, links params, hits []meeting.Hit) {
	t := v.t
	add := func(set *filterSet, label, href string, on bool) {
		set.Chips = append(set.Chips, ui.ChipData{Label: label, Href: href, On: on})
		if on {
			v.active = append(v.active, ui.ChipData{Label: label, Href: href, On: true, Icon: "x"})
		}
	}
	if f.Near != nil && f.Near.Query == "" {
		v.active = append(v.active, ui.ChipData{Label: t.S("Near where you are"), Href: links.without("near", "within").link("/", "place", ""), On: true, Icon: "x"})
	}
	if f.Near != nil && f.Text != "" {
		v.active = append(v.active, ui.ChipData{Label: t.S("With “%s”", f.Text), Href: links.link("/", "text", ""), On: true, Icon: "x"})
	}
	if f.Near != nil {
		set := filterSet{Label: t.S("How far")}
		for i, miles := range distances {
			value := strconv.Itoa(miles) + "mi"
			on := f.WithinMiles == float64(miles)
			if miles == meeting.DefaultWithinMiles {
				value = ""
			}
			set.Chips = append(set.Chips, ui.ChipData{Label: words.distances[i], Href: links.link("/", "within", value), On: on})
		}
		set.Chips = append(set.Chips, ui.ChipData{Label: t.S("Any distance"), Href: links.link("/", "within", "any"), On: f.WithinMiles == 0})
		v.sets = append(v.sets, set)
	}
	may := filterSet{Label: t.S("Open to me")}
	for _, m := range []struct {
		right welcome.Right
		label string
	}{{welcome.Lead, t.S("I may lead")}, {welcome.Serve, t.S("I may serve")}, {welcome.TimeCounts, t.S("My time counts")}} {
		href, on := links.toggle("/", "may", m.right.String())
		add(&may, m.label, href, on)
	}
	v.sets = append(v.sets, may)
	for _, n := range []struct {
		label string
		words []string
	}{{t.S("For whom"), needsWho}, {t.S("What it has"), needsHow}} {
		set := filterSet{Label: n.label}
		for _, word := range n.words {
			href, on := links.toggle("/", "need", word)
			add(&set, words.needs[word], href, on)
		}
		v.sets = append(v.sets, set)
	}
	ways := filterSet{Label: t.S("How to take part")}
	for _, w := range []struct{ way, label string }{{"in_person", t.S("Only in person")}, {"hybrid", t.S("In person and online at once")}, {"online", t.S("Only online")}} {
		href, on := links.choose("/", "attendance", w.way)
		add(&ways, w.label, href, on)
	}
	v.sets = append(v.sets, ways)
	kinds := filterSet{Label: t.S("Kind of group")}
	for _, k := range meeting.Kinds {
		href, on := links.toggle("/", "kind", string(k))
		add(&kinds, words.kinds[k], href, on)
	}
	v.sets = append(v.sets, kinds)
	if codes := fellowshipsOf(f, hits); len(codes) > 0 {
		set := filterSet{Label: t.S("Fellowship")}
		for _, code := range codes {
			href, on := links.toggle("/", "fellowship", code)
			add(&set, words.fellowship(t, code), href, on)
		}
		v.sets = append(v.sets, set)
	}
	spoken := filterSet{Label: t.S("Language of the meeting")}
	for i, l := range languages {
		href, on := links.toggle("/", "language", l.code)
		add(&spoken, words.spoken[i], href, on)
	}
	v.sets = append(v.sets, spoken)
	if len(f.Answers) > 0 {
		v.active = append(v.active, ui.ChipData{Label: answerChip(t, f), Href: links.link("/", "answer", ""), On: true, Icon: "x"})
	}
	if f.Unplaced {
		v.active = append(v.active, ui.ChipData{Label: t.S("Without an exact place"), Href: links.link("/", "unplaced", ""), On: true, Icon: "x"})
	}
	if f.From.Valid() || f.Until.Valid() {
		v.active = append(v.active, ui.ChipData{Label: capital(clockWords(t, f.From, f.Until)), Href: links.without("from", "until").link("/", "", ""), On: true, Icon: "x"})
	}
}

// fellowshipsOf lists those asked for and those on the page, twelve at most.
func fellowshipsOf(f meeting.Filter, hits []meeting.Hit) []string {
	codes := slices.Clone(f.Fellowships)
	for i := range hits {
		if len(codes) >= 12 {
			break
		}
		if !slices.Contains(codes, hits[i].Fellowship) {
			codes = append(codes, hits[i].Fellowship)
		}
	}
	slices.Sort(codes)
	return codes
}

// fillRest adds the meetings that are no plain yes: where it depends, and where it is not known. Each list
// has a link to all of it.
func (v *finderView) fillRest(dir *meeting.Directory, f meeting.Filter, links params, d *drawer) {
	withDay := len(f.Days) != 1 && !f.Now && !f.Tonight
	f.Limit = perRest
	some := func(answer welcome.Answer) (listing, ui.ChipData) {
		f.Answers = []welcome.Answer{answer}
		found := dir.Find(f, d.now)
		list := listing{d: d, hits: found.Hits, withDay: withDay}
		if more := found.Total - len(found.Hits); more > 0 {
			return list, ui.ChipData{Label: v.t.S("and %d more", more), Href: links.link("/", "answer", answer.String())}
		}
		return list, ui.ChipData{}
	}
	v.depends, v.rest.dependsMore = some(welcome.Depends)
	v.unknown, v.rest.unknownMore = some(welcome.Unknown)
}

// fillUnplaced adds the meetings that have the town that was asked for in their words, and no exact place:
// there are whole lists without. They are no part of the answer, because nobody knows how far they are.
func (v *finderView) fillUnplaced(dir *meeting.Directory, f meeting.Filter, place geo.Place, d *drawer) {
	town := place.Name
	f = meeting.UnplacedIn(f, place)
	f.Limit = perRest
	found := dir.Find(f, d.now)
	if found.Total == 0 {
		return
	}
	all := newParams(f.Values())
	v.unplaced = listing{d: d, hits: found.Hits, withDay: len(f.Days) != 1 && !f.Now && !f.Tonight}
	v.unplacedTitle = v.t.S("%s, without an exact place", town)
	v.unplacedWords = ui.ChipData{Label: v.t.S("%d with “%s” in their words, whose list does not say exactly where they are", found.Total, town), Href: all.link("/", "", "")}
	if more := found.Total - len(found.Hits); more > 0 {
		v.unplacedMore = ui.ChipData{Label: v.t.S("and %d more", more), Href: all.link("/", "", "")}
	}
}

// aboutTown tells whether a filter is about a town, whose meetings may have no exact place.
func aboutTown(f meeting.Filter, named []geo.Place) bool {
	if len(named) == 0 || named[0].PostalCode != "" || f.WithinMiles == 0 || f.Offset > 0 || f.Unplaced {
		return false
	}
	return len(f.Attendance) == 0 || containsWay(f.Attendance, meeting.InPerson) || containsWay(f.Attendance, meeting.Hybrid)
}

func pager(t ui.T, links params, offset, shown, total int) ui.PagerData {
	p := ui.PagerData{T: t, From: offset + 1, To: offset + shown, Total: total}
	if offset > 0 {
		prev := ""
		if offset > perPage {
			prev = strconv.Itoa(offset - perPage)
		}
		p.Prev = links.link("/", "offset", prev)
	}
	if offset+shown < total && shown > 0 && offset+perPage <= meeting.MaxOffset {
		p.Next = links.link("/", "offset", strconv.Itoa(offset+perPage))
	}
	return p
}

func mapOf(f meeting.Filter, links params) mapView {
	m := mapView{Source: links.link("/map.geojson", "", "")}
	if n := f.Near; n != nil {
		m.Lat, m.Lng, m.Label = degrees(n.Lat), degrees(n.Lng), n.Label
		if f.WithinMiles > 0 {
			m.Miles = strconv.FormatFloat(f.WithinMiles, 'f', -1, 64)
		}
	}
	return m
}

func degrees(v float64) string { return strconv.FormatFloat(v, 'f', 5, 64) }
