package index

import (
	"math"
	"slices"
	"time"

	"hearth/internal/civil"
)

const (
	minutesPerDay  = 24 * 60
	minutesPerWeek = 7 * minutesPerDay
)

// The times that words stand for.
const (
	soonMinutes  = 60      // "now": running, or starting within that
	lateMinutes  = 15      // one may still come so late; after that, a meeting is listed by its next start
	eveningStart = 17 * 60 // "tonight" begins
	nightEnd     = 4 * 60  // and ends
)

// Query is a question. The zero value of a field asks nothing, except that From and Until are -1 for it.
type Query struct {
	Now time.Time

	Near     bool // Lat and Lng are given
	Lat, Lng float64
	// Miles is how far at most, great-circle and inclusive; 0: however far. With a limit only meetings that
	// one can walk into count, unless Ways asks for Online: those count wherever they are.
	Miles float64

	Days uint8 // bit mask
	// From and Until bound the start, both inclusive. With Until before From the window goes past midnight,
	// and its early part belongs to the day before: Monday from 22:00 until 02:00 is one night.
	From, Until int
	Soon        bool // running, or starting within the hour
	Tonight     bool // starting from 17:00, or now if that is later, until 04:00, where the meeting is

	Ways       uint8             // bit mask
	Fellowship func(string) bool // asked once for each that there is
	Flags      uint64            // all of them
	Yes        []int             // rights whose answer is yes
	Right      int               // the right whose answers are counted
	Only       uint8             // bit mask of answers to Right; 0: any
	Points     Points            // with a point, without, or all
	All        []string          // labels, all of them
	Any        []string          // labels, at least one of them
	Words      []string          // folded words, all of them; the last one may be only begun

	Limit, Offset int // Limit 0: all
	// Unsorted gives any Limit matches, in no order: for a drawing of all, where sorting is most of the cost.
	Unsorted bool
	// Chips asks for Result.Chips, which costs about as much as the query without its days and times.
	Chips bool
	// Less orders two documents that are alike in time, welcome and distance, by their refs.
	Less func(a, b uint32) bool
}

// Points says which documents count: those with a point, those without, or all.
type Points uint8

// The values of Points.
const (
	Everywhere Points = iota
	Placed
	Unplaced // as all are that are only online
)

// Match is a document that was found, at the start that it is listed by: the next one, or the one that has
// begun where it is under way and one may still come.
type Match struct {
	Ref    uint32
	Miles  float64 // -1 without a distance
	Starts int32   // minutes from the minute of Query.Now, as time passes; NoStart: none is known
	Date   int32   // days from the date of Query.Now in UTC to the date on which it is listed, where it is; NoDate: by appointment
}

// NoStart and NoDate stand where there is none.
const (
	NoStart = math.MinInt32
	NoDate  = math.MaxInt32
)

// Result is what was found besides the matches themselves.
type Result struct {
	Total   int    // with Query.Yes and Query.Only
	Answers [4]int // to Query.Right, without Query.Yes and Query.Only
	Dates   Dates  // of those in Total
	Chips   Chips
}

// Dates counts documents by the date of the start that they are listed by: element i is the date i-DatesBefore
// days from that of Query.Now in UTC. After midnight in a window that goes past it the date is that of the day
// before. What is by appointment has none.
type Dates [12]int

// DatesBefore is how many days before the date of Query.Now Dates begins.
const DatesBefore = 3

// Chips says how many documents there would be with the same query, but on each day, soon or tonight
// instead of the days and the time that it asks for.
type Chips struct {
	Days          [8]int
	Dates         Dates
	Soon, Tonight int
}

// Find appends the matches from q.Offset on, at most q.Limit, sorted by when, then lower bound of the
// welcome (unknown last), distance and q.Less.
//
// When is the date of the start by which a document is listed, where it is, and on that date the time until
// then. So one list never has a date twice, and in one zone it is plainly the order of time. What began
// yesterday and is under way is of today; what has no time is last of its date, what has no day last of all.
func (x *Index) Find(q *Query, dst []Match) ([]Match, Result) {
	s := x.search(q)
	defer x.pool.Put(s)
	s.keep = q.Offset + q.Limit
	if q.Limit == 0 {
		s.keep = x.base.Len() + x.fresh.Len()
	}
	s.run()
	if !q.Unsorted {
		s.sort()
	}
	for _, c := range s.top[min(q.Offset, len(s.top)):] {
		m := Match{Ref: c.ref, Miles: c.miles}
		if c.miles > farAway {
			m.Miles = -1
		}
		m.Date, m.Starts = c.listed()
		dst = append(dst, m)
	}
	return dst, Result{Total: s.total, Answers: s.answers, Dates: s.dates, Chips: s.chips}
}

// search is a question being answered. It is used again and again, so that an answer allocates nothing.
type search struct {
	x *Index
	q *Query

	// The same for both segments.
	needs             uint64    // flags
	yesMask, yesWant  uint16    // answers
	rightShift        uint16    // of the right that is counted
	ways              [2]uint64 // of documents with a point, and without
	limited           bool      // by distance
	px, py, pz        float32
	sure, far         float32 // squares of chords: certainly within, certainly not
	box               box
	plans             [numDays]plan
	days              uint8 // wanted
	timed             bool  // a document's time decides whether it counts, beyond the plans
	keep              int
	total             int
	answers           [4]int
	dates             Dates
	chips             Chips
	top               []candidate
	lists             [][]uint32
	cursors           []int
	anyLabels, labels []uint32

	// Of the segment being read.
	seg         *Segment
	dead        bitset
	refBase     uint32
	day         int
	late        bool // what starts on the day is too late; see tooLate
	zones       []zoneTime
	fellowships bitset // those wanted; empty: all
	begun       bitset // documents that have the last word begun; empty: not used
}

// zoneTime is the question's now in a zone: minutes since the week began there, and its tonight.
type zoneTime struct {
	today, now, from, length int32
	date                     int32 // days from the date in UTC to the date there

	// Where clocks change within days: from this many minutes by the clock from now on they have gone on by
	// nextShift, and before that many they had yet to go on by lastShift. A time that clocks skip is before the
	// change, and of one that they show twice the first is (civil.At).
	changes           bool
	nextAt, nextShift int32
	lastAt, lastShift int32
}

// plan says which starts of a day are wanted: first ≤ start ≤ first+span, or the same with the second,
// which belongs to the day before.
type plan struct {
	wanted                    bool
	first, span, late, length uint16
}

const nothing = 60_000 // no start is that

func (x *Index) search(q *Query) *search {
	s, _ := x.pool.Get().(*search)
	if s == nil {
		s = &search{}
	}
	if cap(s.top) > maxPooled {
		s.top = nil
	}
	*s = search{
		x: x, q: q,
		top: s.top[:0], lists: s.lists[:0], cursors: s.cursors[:0],
		anyLabels: s.anyLabels, labels: s.labels,
		fellowships: s.fellowships, begun: s.begun,
	}
	s.needs = q.Flags & flagsMask
	for _, right := range q.Yes {
		s.yesMask |= answerMask << (answerBits * right)
	}
	s.yesWant = s.yesMask // yes is 3, both bits
	s.rightShift = uint16(answerBits * q.Right)
	s.timed = q.Chips || q.Soon || q.Tonight

	ways := uint64(q.Ways) << wayShift
	const online = 1 << (wayShift + Online)
	switch {
	case q.Near && q.Miles > 0:
		s.limited = true
		s.ways = [2]uint64{ways &^ online, ways & online}
		if ways == 0 {
			s.ways[0] = 1<<(wayShift+InPerson) | 1<<(wayShift+Hybrid)
		}
		s.measure()
	case ways == 0:
		s.ways = [2]uint64{^uint64(flagsMask), ^uint64(flagsMask)}
	default:
		s.ways = [2]uint64{ways, ways}
	}
	s.days = q.Days
	if q.Days == 0 {
		s.days = 1<<numDays - 1
	}
	read := s.days
	if q.Chips {
		read = 1<<numDays - 1
	}
	for d := range s.plans {
		s.plans[d] = planOf(q, read, d)
	}
	return s
}

// maxPooled is the number of candidates whose memory is kept for the next question.
const maxPooled = 4096

// planOf says what is read of a day, where days are wanted.
func planOf(q *Query, days uint8, day int) plan {
	open := q.From < 0 && q.Until < 0
	wanted := days>>day&1 != 0
	if day == ByAppointment {
		return plan{wanted: wanted && open && (q.Chips || !q.Soon && !q.Tonight), first: 0, span: 65535, late: nothing}
	}
	before := days>>((day+6)%7)&1 != 0
	p := plan{wanted: wanted, first: 0, span: 65535, late: nothing}
	switch {
	case open:
	case q.From >= 0 && q.Until >= 0 && q.Until < q.From:
		p = plan{wanted: wanted || before, first: nothing, late: nothing}
		if wanted {
			p.first, p.span = uint16(q.From), uint16(minutesPerDay-1-q.From)
		}
		if before {
			p.late, p.length = 0, uint16(q.Until)
		}
	default:
		until := minutesPerDay - 1
		if q.Until >= 0 {
			until = q.Until
		}
		p.first = uint16(max(q.From, 0))
		p.span = uint16(until) - p.first
	}
	return p
}

// enter makes the search ready for a segment.
func (s *search) enter(seg *Segment, dead bitset, refBase uint32) {
	s.seg, s.dead, s.refBase = seg, dead, refBase
	s.zones = seg.clocksAt(s.q.Now)
	s.fellowships = s.fellowships[:0]
	if s.q.Fellowship != nil {
		n := (len(seg.fellowships) + 63) / 64
		s.fellowships = slices.Grow(s.fellowships, n)[:n]
		clear(s.fellowships)
		for i, code := range seg.fellowships {
			if s.q.Fellowship(code) {
				s.fellowships.set(uint32(i))
			}
		}
	}
}

// clocks are what the clocks of a segment's zones show in one minute. Many questions are asked in it.
type clocks struct {
	minute int64
	zones  []zoneTime
}

func (s *Segment) clocksAt(now time.Time) []zoneTime {
	minute := now.Unix() / 60
	c := s.clocks.Load()
	if c == nil || c.minute != minute {
		c = &clocks{minute, make([]zoneTime, len(s.zones))}
		for i, loc := range s.zones {
			c.zones[i] = timeIn(time.Unix(minute*60, 0).In(loc))
		}
		s.clocks.Store(c)
	}
	return c.zones
}

// timeIn returns the time of week that t, a whole minute, shows in its location.
func timeIn(t time.Time) zoneTime {
	day, minute := int32(t.Weekday())*minutesPerDay, int32(civil.ClockOf(t))
	z := zoneTime{today: int32(t.Weekday()), now: day + minute}
	if minute <= nightEnd {
		z.from, z.length = z.now, nightEnd-minute // the night is not over
	} else {
		z.from = day + max(minute, eveningStart)
		z.length = day + minutesPerDay + nightEnd - z.from
	}
	_, offset := t.Zone()
	z.date = int32(floor(t.Unix()+int64(offset), 86400) - floor(t.Unix(), 86400))
	z.change(t)
	return z
}

func floor(a, b int64) int64 {
	if a < 0 {
		return (a - b + 1) / b
	}
	return a / b
}

// change notes the clocks' changes around t.
func (z *zoneTime) change(t time.Time) {
	shiftAt := func(change time.Time) (shift, at int32) {
		_, before := change.Add(-time.Second).Zone()
		_, after := change.Zone()
		_, now := t.Zone()
		elapsed := int(change.Sub(t) / time.Minute)
		return int32((after - before) / 60), int32(elapsed + (max(before, after)-now)/60)
	}
	last, next := t.ZoneBounds()
	if !next.IsZero() && next.Sub(t) < 9*24*time.Hour {
		z.nextShift, z.nextAt = shiftAt(next)
	}
	if !last.IsZero() && t.Sub(last) < 3*24*time.Hour {
		z.lastShift, z.lastAt = shiftAt(last)
	}
	z.changes = z.nextShift != 0 || z.lastShift != 0
}

// mostShift is by how many minutes clocks change at most.
const mostShift = 3 * 60

// on returns the first date that is today or later and that day of the week, in days from the date in UTC.
func (z *zoneTime) on(day int) int32 {
	ahead := int32(day) - z.today
	if ahead < 0 {
		ahead += 7
	}
	return z.date + ahead
}

// passing turns minutes by the clock from now into minutes as time passes.
func (z *zoneTime) passing(clock int32) int32 {
	switch {
	case z.lastShift != 0 && clock < z.lastAt:
		return clock + z.lastShift
	case z.nextShift != 0 && clock >= z.nextAt:
		return clock - z.nextShift
	}
	return clock
}

// readable is the set of days on which a wanted document can be.
func (s *search) readable() uint8 {
	if s.q.Chips || (!s.q.Soon && !s.q.Tonight) {
		return 1<<numDays - 1
	}
	var mask uint8
	for _, z := range s.zones {
		from, to := z.now-minutesPerDay-mostShift+minutesPerWeek, z.now+soonMinutes+mostShift+minutesPerWeek
		if !s.q.Soon {
			from, to = z.from, z.from+z.length
		}
		for d := from / minutesPerDay; d <= to/minutesPerDay; d++ {
			mask |= 1 << (d % 7)
		}
	}
	return mask
}

// labelled looks the labels up; false when a wanted one is nowhere in the segment.
func (s *search) labelled() bool {
	s.labels, s.anyLabels = s.labels[:0], s.anyLabels[:0]
	for _, l := range s.q.All {
		id, ok := s.seg.labels.names[l]
		if !ok {
			return false
		}
		s.labels = append(s.labels, id)
	}
	for _, l := range s.q.Any {
		if id, ok := s.seg.labels.names[l]; ok {
			s.anyLabels = append(s.anyLabels, id)
		}
	}
	return len(s.q.Any) == 0 || len(s.anyLabels) > 0
}
