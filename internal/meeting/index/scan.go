package index

import (
	"math"
	"math/bits"
	"slices"

	"hearth/internal/geo"
)

// measure prepares the test of distance. The chord between two points of the unit sphere grows with the
// angle, so its square decides nearly all documents without an angle function. Coordinates of 32 bits put
// a point off by less than a metre: within that of the limit the exact distance decides.
func (s *search) measure() {
	q := s.q
	s.px, s.py, s.pz = onSphere(q.Lat, q.Lng)
	chord := 2 * math.Sin(min(q.Miles/geo.EarthMiles, math.Pi)/2)
	square := chord * chord
	slack := 2.6e-7*chord + 1e-12 + 6e-7*square
	s.sure, s.far = float32(square-slack), float32(square+slack)
	s.box = boxAround(q.Lat, q.Lng, q.Miles)
}

// run reads both segments.
func (s *search) run() {
	for _, part := range [2]struct {
		seg  *Segment
		dead bitset
		refs uint32
	}{{s.x.base, s.x.dead, 0}, {s.x.fresh, nil, uint32(s.x.base.Len())}} {
		if part.seg.Len() == 0 {
			continue
		}
		s.enter(part.seg, part.dead, part.refs)
		if !s.labelled() {
			continue
		}
		if len(s.q.Words) > 0 {
			s.byWords()
		} else {
			s.byDay()
		}
	}
}

// byDay reads the days that are wanted: the cells around the place, or all.
func (s *search) byDay() {
	days := s.readable()
	// From today on: what is next comes first, and what comes later is then soon seen to be too late.
	today := int(s.zones[s.seg.records[0].zone].today)
	for i := range numDays {
		d := i
		if i < ByAppointment {
			d = (today + i) % ByAppointment
		}
		if !s.plans[d].wanted || days>>d&1 == 0 {
			continue
		}
		s.day, s.late = d, s.tooLate(d)
		lo, tail, hi := s.seg.days[d], s.seg.tails[d], s.seg.days[d+1]
		switch s.q.Points {
		case Placed:
			hi = tail
		case Unplaced:
			lo = tail
		}
		if !s.limited {
			s.scan(lo, hi, s.ways[0])
			continue
		}
		if s.ways[0] != 0 && s.q.Points != Unplaced {
			s.byCell(lo, tail)
		}
		if s.ways[1] != 0 && s.q.Points != Placed {
			s.scan(tail, hi, s.ways[1])
		}
	}
}

// tooLate tells whether all that starts on a day comes after the best that are found already, and is neither
// soon nor tonight, nor running: then it is only counted.
func (s *search) tooLate(day int) bool {
	if len(s.top) < s.keep || s.keep == 0 || s.q.Unsorted || day == ByAppointment {
		return false
	}
	for i := range s.zones {
		z := &s.zones[i]
		ahead := (int32(day)*minutesPerDay-z.now+minutesPerWeek)%minutesPerWeek - mostShift
		tonight := (z.from-z.now+minutesPerWeek)%minutesPerWeek + z.length
		// The last start that day is not long ago either: what began then may go on for a day.
		if ahead <= max(tonight, soonMinutes) || ahead > minutesPerWeek-3*minutesPerDay {
			return false
		}
		if z.on(day)*whenDate+ahead <= s.top[0].when {
			return false
		}
	}
	return true
}

// byCell reads the cells of the box within the positions [lo, hi) of one day.
func (s *search) byCell(lo, hi uint32) {
	b := &s.box
	if b.north-b.south > rowsWorthWalking {
		s.scanNear(lo, hi)
		return
	}
	rows := s.seg.rows[s.day*(cellRows+1):]
	for row := b.south; row <= b.north; row++ {
		at, end := rows[row], rows[row+1]
		if at == end {
			continue
		}
		cells := s.seg.cells[at:end]
		for _, columns := range b.columns[:b.parts] {
			first, _ := slices.BinarySearch(cells, row*cellColumns+columns[0])
			n := gallop(cells, first, row*cellColumns+columns[1]+1)
			s.scanNear(at+uint32(first), at+uint32(n))
		}
	}
}

// scan offers the documents at [lo, hi) that are wanted by flags, way and time.
func (s *search) scan(lo, hi uint32, ways uint64) {
	needs, p := s.needs, s.plans[s.day]
	records := s.seg.records[lo:hi]
	for i := range records {
		r := &records[i]
		if r.flags&needs != needs || r.flags&ways == 0 {
			continue
		}
		if start := uint16(r.start); start-p.first > p.span && start-p.late > p.length {
			continue
		}
		s.offer(lo+uint32(i), r)
	}
}

// scanNear is scan for documents that have a point and must be near.
func (s *search) scanNear(lo, hi uint32) {
	needs, ways, p := s.needs, s.ways[0], s.plans[s.day]
	x, y, z, sure, far := s.px, s.py, s.pz, s.sure, s.far
	records := s.seg.records[lo:hi]
	for i := range records {
		r := &records[i]
		if start := uint16(r.start); start-p.first > p.span && start-p.late > p.length {
			continue
		}
		if r.flags&needs != needs || r.flags&ways == 0 {
			continue
		}
		dx, dy, dz := r.x-x, r.y-y, r.z-z
		chord := dx*dx + dy*dy + dz*dz
		if chord > far || (chord > sure && s.miles(lo+uint32(i)) > s.q.Miles) {
			continue
		}
		s.offer(lo+uint32(i), r)
	}
}

// try offers the document at a position if it is wanted by everything that a scan tests.
func (s *search) try(pos uint32) {
	for pos >= s.seg.days[s.day+1] {
		s.day++
	}
	p, r := s.plans[s.day], &s.seg.records[pos]
	start := uint16(r.start)
	if !p.wanted || r.flags&s.needs != s.needs || (start-p.first > p.span && start-p.late > p.length) {
		return
	}
	if pos >= s.seg.tails[s.day] {
		if r.flags&s.ways[1] == 0 || s.q.Points == Placed {
			return
		}
	} else if r.flags&s.ways[0] == 0 || s.q.Points == Unplaced || (s.limited && s.miles(pos) > s.q.Miles) {
		return
	}
	s.offer(pos, r)
}

// miles is the exact distance of a document that has a point.
func (s *search) miles(pos uint32) float64 {
	p := s.seg.points[pos]
	return geo.Miles(geo.Point{Lat: s.q.Lat, Lng: s.q.Lng}, geo.Point{Lat: p.lat, Lng: p.lng})
}

// offer tests what is dear to test, counts, and keeps the document if it is among the best.
func (s *search) offer(pos uint32, r *record) {
	if len(s.fellowships) > 0 && !s.fellowships.has(uint32(r.fellowship)) {
		return
	}
	if len(s.labels)+len(s.anyLabels) > 0 && !s.hasLabels(pos) {
		return
	}
	if len(s.dead) > 0 && s.dead.has(s.seg.refs[pos]) {
		return
	}
	answer := r.answers >> s.rightShift & answerMask
	yes := r.answers&s.yesMask == s.yesWant && (s.q.Only == 0 || s.q.Only>>answer&1 != 0)
	if !s.timed && !yes {
		s.answers[answer]++ // no need to know when it is
		return
	}
	if s.late && uint16(r.start)-s.plans[s.day].late > s.plans[s.day].length {
		date := DatesBefore + s.zones[r.zone].on(s.day)
		if s.q.Chips && yes {
			s.chips.Days[s.day]++
			s.chips.Dates[date]++
		}
		if s.days>>s.day&1 != 0 && !s.q.Soon && !s.q.Tonight {
			s.answers[answer]++
			if yes {
				s.total++
				s.dates[date]++
			}
		}
		return
	}
	now := &s.zones[r.zone]
	t := s.timing(r, now)
	if s.q.Chips {
		if yes {
			s.chip(&t, now)
		}
		if s.days>>t.day&1 == 0 {
			return
		}
	}
	if (s.q.Soon && !t.soon) || (s.q.Tonight && !t.tonight) {
		return
	}
	s.answers[answer]++
	if !yes {
		return
	}
	s.total++
	if s.day != ByAppointment {
		s.dates[t.night(now)]++
	}
	c := candidate{when: s.when(now, &t), low: r.low}
	if len(s.top) >= s.keep && (s.keep == 0 || s.q.Unsorted || c.isWorse(&s.top[0])) {
		return
	}
	c.ref = s.refBase + s.seg.refs[pos]
	s.consider(c, pos)
}

// timing is where a document stands to the question's now.
type timing struct {
	day           int   // to which it counts: past midnight in a window that goes past it, the day before
	timed         bool  // it has a start
	until         int32 // minutes to its next start, as time passes
	began         int32 // minutes since the start before
	ahead         int32 // days to the date of its next start
	running       bool  // has begun and is not over
	soon, tonight bool
	early         bool // of the day before, in a window that goes past midnight
}

// mayCome tells whether a document is listed by the start that has begun.
func (t *timing) mayCome() bool { return t.running && t.began <= lateMinutes }

// night is the element of Dates for a document that has a day.
func (t *timing) night(now *zoneTime) int32 {
	date := DatesBefore + now.date + t.ahead
	if t.mayCome() {
		date = DatesBefore + now.date
		if now.now-now.today*minutesPerDay < t.began {
			date-- // it began yesterday
		}
	}
	if t.early {
		date--
	}
	return date
}

func (s *search) timing(r *record, now *zoneTime) timing {
	t := timing{day: s.day}
	if p := &s.plans[s.day]; uint16(r.start)-p.late <= p.length && p.late != nothing {
		t.day, t.early = (s.day+6)%7, true
	}
	if s.day == ByAppointment {
		return t
	}
	if r.start < 0 {
		t.ahead = now.on(s.day) - now.date
		return t
	}
	t.timed = true
	week := int32(s.day)*minutesPerDay + int32(r.start)
	clock := week - now.now
	if clock < 0 {
		clock += minutesPerWeek
	}
	t.until, t.began = clock, minutesPerWeek-clock
	if now.changes {
		t.until, t.began = now.passing(clock), -now.passing(clock-minutesPerWeek)
		switch {
		case t.began <= 0: // by the clock it was, but clocks skipped it
			clock -= minutesPerWeek
			t.until, t.began = -t.began, minutesPerWeek
		case t.until < 0: // by the clock it comes, but clocks showed it before
			clock += minutesPerWeek
			t.until, t.began = now.passing(clock), -t.until
		}
	}
	t.ahead = (now.now - now.today*minutesPerDay + clock) / minutesPerDay
	t.running = t.began < int32(r.lasts)
	t.soon = t.until <= soonMinutes || t.running
	since := week - now.from
	if since < 0 {
		since += minutesPerWeek
	}
	t.tonight = since <= now.length
	return t
}

// chip counts a document for the days and times that one may turn to.
func (s *search) chip(t *timing, now *zoneTime) {
	s.chips.Days[t.day]++
	if s.day != ByAppointment {
		s.chips.Dates[t.night(now)]++
	}
	if t.soon {
		s.chips.Soon++
	}
	if t.tonight {
		s.chips.Tonight++
	}
}

func (s *search) hasLabels(pos uint32) bool {
	have := s.seg.labels.at(pos)
	for _, l := range s.labels {
		if !slices.Contains(have, l) {
			return false
		}
	}
	if len(s.anyLabels) == 0 {
		return true
	}
	for _, l := range s.anyLabels {
		if slices.Contains(have, l) {
			return true
		}
	}
	return false
}

// when is the number by which results are sorted first; see Find.
func (s *search) when(now *zoneTime, t *timing) int32 {
	switch {
	case s.day == ByAppointment:
		return whenNoDay
	case !t.timed:
		return (now.date+t.ahead)*whenDate + whenNoTime
	case t.running && (s.q.Soon || t.mayCome()):
		return now.date*whenDate - t.began
	}
	return (now.date+t.ahead)*whenDate + t.until
}

// byWords reads the documents that have all words.
func (s *search) byWords() {
	w := &s.seg.words
	last := len(s.q.Words) - 1
	s.lists, s.begun = s.lists[:0], s.begun[:0]
	for i, word := range s.q.Words {
		var docs []uint32
		if i < last {
			docs = w.exact(word)
		} else {
			var one bool
			if docs, one = w.begun(word); !one {
				s.mark(docs)
				continue
			}
		}
		if len(docs) == 0 {
			return
		}
		s.lists = append(s.lists, docs)
	}
	s.day, s.late = 0, false
	if len(s.lists) == 0 {
		for i, block := range s.begun {
			for ; block != 0; block &= block - 1 {
				s.try(uint32(i)<<6 | uint32(bits.TrailingZeros64(block)))
			}
		}
		return
	}
	// The rarest word leads; the others are asked about its documents only.
	slices.SortFunc(s.lists, func(a, b []uint32) int { return len(a) - len(b) })
	s.cursors = slices.Grow(s.cursors[:0], len(s.lists))[:len(s.lists)]
	clear(s.cursors)
documents:
	for _, pos := range s.lists[0] {
		if len(s.begun) > 0 && !s.begun.has(pos) {
			continue
		}
		for i := 1; i < len(s.lists); i++ {
			list := s.lists[i]
			at := gallop(list, s.cursors[i], pos)
			if at == len(list) {
				return
			}
			s.cursors[i] = at
			if list[at] != pos {
				continue documents
			}
		}
		s.try(pos)
	}
}

// mark notes the documents that have one of the words which begin with the last one asked for.
func (s *search) mark(docs []uint32) {
	n := (s.seg.Len() + 63) / 64
	s.begun = slices.Grow(s.begun[:0], n)[:n]
	clear(s.begun)
	for _, pos := range docs {
		s.begun.set(pos)
	}
}
