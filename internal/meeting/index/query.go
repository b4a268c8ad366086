package index

import (
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
	All        []string          // labels, all of them
	Any        []string          // labels, at least one of them
	Words      []string          // folded words, all of them; the last one may be only begun

	Limit, Offset int // Limit 0: all
	// Chips asks for Result.Chips, which costs about as much as the query without its days and times.
	Chips bool
	// Less orders two documents that are alike in time, welcome and distance, by their refs.
	Less func(a, b uint32) bool
}

// Match is a document that was found.
type Match struct {
	Ref   uint32
	Miles float64 // -1 without a distance
}

// Result is what was found besides the matches themselves.
type Result struct {
	Total   int    // with Query.Yes
	Answers [4]int // to Query.Right, without Query.Yes
	Chips   Chips
}

// Chips says how many documents there would be with the same query, but on each day, soon or tonight
// instead of the days and the time that it asks for.
type Chips struct {
	Days          [8]int
	Soon, Tonight int
}

// Find appends the matches from q.Offset on, at most q.Limit, sorted by when, then lower bound of the
// welcome (unknown last), distance and q.Less. When is the time from now until the next start; with days
// given, it is the place in the week that begins today.
func (x *Index) Find(q *Query, dst []Match) ([]Match, Result) {
	s := x.search(q)
	defer x.pool.Put(s)
	s.keep = q.Offset + q.Limit
	if q.Limit == 0 {
		s.keep = x.base.Len() + x.fresh.Len()
	}
	s.run()
	s.sort()
	for _, c := range s.top[min(q.Offset, len(s.top)):] {
		m := Match{Ref: c.ref, Miles: c.miles}
		if c.miles > farAway {
			m.Miles = -1
		}
		dst = append(dst, m)
	}
	return dst, Result{Total: s.total, Answers: s.answers, Chips: s.chips}
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
	calendar          bool  // sorted by the week from today, not by the time from now
	keep              int
	total             int
	answers           [4]int
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
	s.calendar = q.Days != 0 && !q.Soon && !q.Tonight

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
			c.zones[i] = timeIn(now.In(loc))
		}
		s.clocks.Store(c)
	}
	return c.zones
}

// timeIn returns the time of week that t shows in its location.
func timeIn(t time.Time) zoneTime {
	day, minute := int32(t.Weekday())*minutesPerDay, int32(civil.ClockOf(t))
	z := zoneTime{today: int32(t.Weekday()), now: day + minute}
	if minute <= nightEnd {
		z.from, z.length = z.now, nightEnd-minute // the night is not over
	} else {
		z.from = day + max(minute, eveningStart)
		z.length = day + minutesPerDay + nightEnd - z.from
	}
	return z
}

// readable is the set of days on which a wanted document can be.
func (s *search) readable() uint8 {
	if s.q.Chips || (!s.q.Soon && !s.q.Tonight) {
		return 1<<numDays - 1
	}
	var mask uint8
	for _, z := range s.zones {
		from, to := z.now-minutesPerDay+minutesPerWeek, z.now+soonMinutes+minutesPerWeek
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
