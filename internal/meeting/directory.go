package meeting

import (
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"hearth/internal/civil"
	"hearth/internal/meeting/index"
	"hearth/internal/meeting/welcome"
	"hearth/internal/text"
)

// Directory is every meeting that can be found, as it was at one moment: an index, and what lists and the
// API show. It is immutable and safe for use by many at once.
//
// Most of it is the base, read when the process started; meetings that have changed since stand on the
// fresh shelf, and their former selves in the base are dead.
type Directory struct {
	seq   int64 // of the directory's clock
	index *index.Index
	base  *shelf
	fresh *shelf

	baseSegment *index.Segment
	gone        []uint32              // refs in base
	changed     map[string]*shelfItem // what is on the fresh shelf, by id
	feeds       map[string]feedSeen
	matches     *sync.Pool // of *[]index.Match
	recent      *recent
	shown       *shownLately
}

// shownLately holds meetings that lists have shown lately, read from their shelf: reading is much of an
// answer's cost, and many ask for the same. Each place is for the latest of the refs that fall on it.
type shownLately [1 << 14]atomic.Pointer[shownMeeting]

type shownMeeting struct {
	ref uint32
	Summary
}

// feedSeen is what the finder says of a feed.
type feedSeen struct {
	name   string
	seenAt time.Time
}

// emptyDirectory has no meetings.
func emptyDirectory() *Directory {
	base, segment := newShelfBuilder().done()
	return newDirectory(base, segment, 0, nil)
}

func newDirectory(base *shelf, segment *index.Segment, seq int64, feeds map[string]feedSeen) *Directory {
	return &Directory{
		seq: seq, base: base, fresh: &shelf{}, baseSegment: segment, feeds: feeds,
		index: index.New(segment, nil, nil), matches: &sync.Pool{New: func() any { return new([]index.Match) }}, recent: &recent{},
		shown: new(shownLately),
	}
}

// Seq is the directory's clock at the moment of this directory: equal numbers, equal answers.
func (d *Directory) Seq() int64 { return d.seq }

// Len is the number of meetings.
func (d *Directory) Len() int {
	return len(d.base.records) - len(d.gone) + len(d.fresh.records)
}

// Find answers a filter.
func (d *Directory) Find(f Filter, now time.Time) Found {
	rows, found := d.match(&f, now)
	defer d.keep(rows)
	found.Hits = d.hits(*rows, now)
	return found
}

// FindMany is Find for lists that may be long: it calls fn for each hit instead of holding all of them, and
// stops when fn says so. The hit and its summary are overwritten by the next one.
func (d *Directory) FindMany(f Filter, now time.Time, fn func(*Hit) bool) Found {
	rows, found := d.match(&f, now)
	defer d.keep(rows)
	var h Hit
	var s Summary
	for _, m := range *rows {
		s = Summary{}
		d.summary(&s, m.Ref)
		h = Hit{Summary: &s}
		d.hit(&h, m, now)
		if !fn(&h) {
			break
		}
	}
	return found
}

// FindPlaced calls fn for meetings that a filter lets through and that have an exact place, at most most of
// them and in no order, and says how many there are.
func (d *Directory) FindPlaced(f Filter, now time.Time, most int, fn func(*Hit)) int {
	if f.Unplaced {
		return 0
	}
	rows := d.matches.Get().(*[]index.Match)
	defer d.keep(rows)
	f.Limit, f.Offset = most, 0
	q := d.query(&f, now)
	q.Points, q.Unsorted = index.Placed, true
	var result index.Result
	*rows, result = d.index.Find(&q, (*rows)[:0])
	for _, m := range *rows {
		var s Summary
		d.summary(&s, m.Ref)
		h := Hit{Summary: &s}
		d.hit(&h, m, now)
		fn(&h)
	}
	return result.Total
}

// AppendFind appends the answer to a filter as the API gives it: {"count":…,"meetings":[…]}.
func (d *Directory) AppendFind(dst []byte, f Filter, now time.Time) []byte {
	rows, found := d.match(&f, now)
	defer d.keep(rows)
	dst = strconv.AppendInt(append(dst, `{"count":`...), int64(found.Total), 10)
	dst = append(dst, `,"meetings":[`...)
	for i, m := range *rows {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = d.appendMeeting(dst, m)
	}
	return append(dst, ']', '}')
}

// AppendJSON appends a hit of this directory as the API gives it.
func (d *Directory) AppendJSON(dst []byte, h Hit) []byte {
	return d.appendMeeting(dst, index.Match{Ref: h.ref, Miles: h.Miles})
}

// FindWithChips is Find and, in the same pass, the numbers for the chips of days and times.
func (d *Directory) FindWithChips(f Filter, now time.Time) (Found, Chips) {
	rows, found, chips := d.matchChips(&f, now, true)
	defer d.keep(rows)
	found.Hits = d.hits(*rows, now)
	return found, chips
}

// Count says how many meetings a filter lets through.
func (d *Directory) Count(f Filter, now time.Time) int {
	f.Limit, f.Offset = 1, 0
	rows, found := d.match(&f, now)
	d.keep(rows)
	return found.Total
}

// Summary returns a meeting by its id, unless it cannot be found (any more).
func (d *Directory) Summary(id string) (Summary, bool) {
	ref, ok := d.ref(id)
	if !ok {
		return Summary{}, false
	}
	var s Summary
	d.summary(&s, ref)
	return s, true
}

// AppendMeeting appends a meeting as the API gives it, unless it cannot be found (any more).
func (d *Directory) AppendMeeting(dst []byte, id string) ([]byte, bool) {
	ref, ok := d.ref(id)
	if !ok {
		return dst, false
	}
	return d.appendMeeting(dst, index.Match{Ref: ref, Miles: -1}), true
}

func (d *Directory) ref(id string) (uint32, bool) {
	if ref, ok := d.fresh.find(id); ok {
		return ref + uint32(len(d.base.records)), true
	}
	ref, ok := d.base.find(id)
	return ref, ok && !d.index.Gone(ref)
}

func (d *Directory) match(f *Filter, now time.Time) (*[]index.Match, Found) {
	rows, found, _ := d.matchChips(f, now, false)
	return rows, found
}

func (d *Directory) matchChips(f *Filter, now time.Time, chips bool) (*[]index.Match, Found, Chips) {
	rows := d.matches.Get().(*[]index.Match)
	key := d.recentKey(f, chips)
	if key != "" {
		if a, ok := d.recent.get(key, now); ok {
			*rows = append((*rows)[:0], a.rows...)
			return rows, a.found, a.chips
		}
	}
	q := d.query(f, now)
	q.Chips = chips
	var result index.Result
	*rows, result = d.index.Find(&q, (*rows)[:0])
	a := recentAnswer{
		rows:  *rows,
		found: Found{Total: result.Total, Right: welcome.Right(q.Right), Answers: result.Answers, Dates: datesFrom(now, result.Dates)},
		chips: Chips{Days: result.Chips.Days, Dates: datesFrom(now, result.Chips.Dates), Now: result.Chips.Soon, Tonight: result.Chips.Tonight},
	}
	if key != "" {
		d.recent.keep(key, now, a)
	}
	return rows, a.found, a.chips
}

func datesFrom(now time.Time, n index.Dates) DateCounts {
	return DateCounts{civil.DateOf(now.UTC()).AddDays(-index.DatesBefore), n}
}

// keep lets the next question use the memory of rows, unless it was an uncommonly long answer.
func (d *Directory) keep(rows *[]index.Match) {
	if cap(*rows) <= 4096 {
		d.matches.Put(rows)
	}
}

// query puts a filter in the index's words.
func (d *Directory) query(f *Filter, now time.Time) index.Query {
	q := index.Query{
		Now: now, From: int(f.From), Until: int(f.Until), Soon: f.Now, Tonight: f.Tonight,
		Flags: uint64(f.Needs), Right: int(welcome.Speak), Limit: f.Limit, Offset: f.Offset, Less: d.less,
	}
	if f.Near != nil {
		q.Near, q.Lat, q.Lng, q.Miles = true, f.Near.Lat, f.Near.Lng, f.WithinMiles
	}
	for _, day := range f.Days {
		q.Days |= 1 << indexDay(day)
	}
	for _, a := range f.Attendance {
		q.Ways |= 1 << indexWay(a)
	}
	if len(f.Fellowships)+len(f.Kinds) > 0 {
		q.Fellowship = f.wantsFellowship
	}
	if len(f.May) > 0 {
		q.Right = int(f.May[0])
	}
	for _, a := range f.Answers {
		q.Only |= 1 << a
	}
	for _, r := range f.May {
		if len(f.Answers) == 0 {
			q.Yes = append(q.Yes, int(r))
		}
	}
	if f.Unplaced {
		q.Points, q.Near, q.Miles = index.Unplaced, false, 0
		q.Ways = 1<<index.InPerson | 1<<index.Hybrid
	}
	for _, t := range f.Types {
		q.All = append(q.All, labelType(t))
	}
	for _, l := range f.Languages {
		q.Any = append(q.Any, labelLanguage(l))
	}
	if f.Text != "" {
		q.Words = text.Tokens(f.Text)
	}
	return q
}

// wantsFellowship tells whether a fellowship is asked for by its code or its kind.
func (f *Filter) wantsFellowship(code string) bool {
	for _, c := range f.Fellowships {
		if c == code {
			return true
		}
	}
	if len(f.Kinds) == 0 {
		return false
	}
	kind := FellowshipByCode(code).Kind
	for _, k := range f.Kinds {
		if k == kind {
			return true
		}
	}
	return false
}

// at returns the shelf of a ref, and the ref there.
func (d *Directory) at(ref uint32) (*shelf, uint32) {
	if n := uint32(len(d.base.records)); ref >= n {
		return d.fresh, ref - n
	}
	return d.base, ref
}

// less orders meetings by name, then id.
func (d *Directory) less(a, b uint32) bool {
	nameA, idA := d.nameOf(a)
	nameB, idB := d.nameOf(b)
	if nameA != nameB {
		return nameA < nameB
	}
	return idA < idB
}

func (d *Directory) nameOf(ref uint32) (name, id string) {
	s, ref := d.at(ref)
	head, _ := s.fragment(ref)
	f := fragment(head)
	id = f.str(keyID)
	return f.str(keyName), id
}

func (d *Directory) appendMeeting(dst []byte, m index.Match) []byte {
	s, ref := d.at(m.Ref)
	head, tail := s.fragment(ref)
	dst = append(append(dst, head...), keyMiles...)
	dst = appendMiles(dst, m.Miles)
	dst = append(append(dst, tail...), keyWelcome...)
	return append(append(dst, s.cards[s.records[ref].card].json...), '}')
}

func (d *Directory) hits(rows []index.Match, now time.Time) []Hit {
	hits := make([]Hit, len(rows))
	for i, m := range rows {
		hits[i].Summary = d.show(m.Ref)
		d.hit(&hits[i], m, now)
	}
	return hits
}

// show returns a meeting as lists show it.
func (d *Directory) show(ref uint32) *Summary {
	place := &d.shown[ref%uint32(len(d.shown))]
	if s := place.Load(); s != nil && s.ref == ref {
		return &s.Summary
	}
	s := &shownMeeting{ref: ref}
	d.summary(&s.Summary, ref)
	place.Store(s)
	return &s.Summary
}

func (d *Directory) hit(h *Hit, m index.Match, now time.Time) {
	h.ref, h.Miles = m.Ref, m.Miles
	if m.Date == index.NoDate {
		return
	}
	h.Date = civil.DateOf(now.UTC()).AddDays(int(m.Date))
	if m.Starts == index.NoStart {
		return
	}
	s, ref := d.at(m.Ref)
	h.Next = now.Truncate(time.Minute).Add(time.Duration(m.Starts) * time.Minute).In(s.zones[s.records[ref].zone])
	h.Running = m.Starts <= 0
}

func (d *Directory) summary(out *Summary, ref uint32) {
	s, ref := d.at(ref)
	r := &s.records[ref]
	kind, card := &s.varieties[r.variety], &s.cards[r.card]
	head, tail := s.fragment(ref)
	f := fragment(head)
	out.ID = f.str(keyID)
	out.Source = f.str(keySource)
	out.SourceID = f.str(keySourceID)
	out.Name = f.str(keyName)
	out.Fellowship = f.str(keyFellowship)
	f.skip(keyDay)
	if out.Day = ByAppointment; f[0] == 'n' {
		f = f[len("null"):]
	} else {
		out.Day = Day(f[0] - '0')
		f = f[1:]
	}
	out.Start = f.clock(keyStart)
	out.End = f.clock(keyEnd)
	out.Zone = f.str(keyZone)
	out.Attendance = Attendance(f.str(keyAttendance))
	out.Location = f.str(keyPlace)
	out.Address = f.str(keyAddress)
	f.skip(keyLat)
	if out.HasPoint = f[0] != 'n'; out.HasPoint {
		out.Lat, out.Lng = r.lat, r.lng
	}
	f.skip(keyApprox)
	out.Approximate = f[0] == 't'
	f = fragment(tail)
	out.ConferenceURL = f.str(keyConference)
	out.City = s.cities[r.city]
	out.Types, out.Flags = kind.types, kind.flags
	for i := range card.rights {
		out.Welcome[i] = card.rights[i].public()
	}
	out.Feeds = int(r.feeds)
	out.SeenAt = d.feeds[s.feeds[r.feed]].seenAt
}
