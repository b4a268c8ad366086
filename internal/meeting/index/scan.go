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
		if !s.limited {
			s.scan(lo, hi, s.ways[0])
			continue
		}
		if s.ways[0] != 0 {
			s.byCell(lo, tail)
		}
		if s.ways[1] != 0 {
			s.scan(tail, hi, s.ways[1])
		}
	}
}

// tooLate tells whether all that starts on a day comes after the best that are found already, and is neither
// soon nor tonight, nor running: then it is only counted.
func (s *search) tooLate(day int) bool {
	if len(s.top) < s.keep || s.keep == 0 || s.calendar || day == ByAppointment {
		return false
	}
	for i := range s.zones {
		z := &s.zones[i]
		ahead := (int32(day)*minutesPerDay - z.now + minutesPerWeek) % minutesPerWeek
		tonight := (z.from-z.now+minutesPerWeek)%minutesPerWeek + z.length
		// The last start that day is not long ago either: what began then may go on for a day.
		if ahead <= max(s.top[0].when, tonight, soonMinutes) || ahead > minutesPerWeek-3*minutesPerDay {
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
		if r.flags&s.ways[1] == 0 {
			return
		}
	} else if r.flags&s.ways[0] == 0 || (s.limited && s.miles(pos) > s.q.Miles) {
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
	yes := r.answers&s.yesMask == s.yesWant
	if !s.timed && !yes {
		s.answers[r.answers>>s.rightShift&answerMask]++ // no need to know when it is
		return
	}
	if s.late && uint16(r.start)-s.plans[s.day].late > s.plans[s.day].length {
		if s.q.Chips && yes {
			s.chips.Days[s.day]++
		}
		if s.days>>s.day&1 != 0 && !s.q.Soon && !s.q.Tonight {
			s.answers[r.answers>>s.rightShift&answerMask]++
			if yes {
				s.total++
			}
		}
		return
	}
	now := &s.zones[r.zone]
	t := s.timing(r, now)
	if s.q.Chips {
		if yes {
			s.chip(&t)
		}
		if s.days>>t.day&1 == 0 {
			return
		}
	}
	if (s.q.Soon && !t.soon) || (s.q.Tonight && !t.tonight) {
		return
	}
	s.answers[r.answers>>s.rightShift&answerMask]++
	if !yes {
		return
	}
	s.total++
	c := candidate{when: s.when(r, now, &t), low: r.low}
	if len(s.top) >= s.keep && (s.keep == 0 || c.isWorse(&s.top[0])) {
		return
	}
	c.ref = s.refBase + s.seg.refs[pos]
	s.consider(c, pos)
}

// timing is where a document stands to the question's now.
type timing struct {
	day           int   // to which it counts: past midnight in a window that goes past it, the day before
	until         int32 // minutes to its next start, 0 to a week
	running       bool  // has begun and is not over
	soon, tonight bool
}

func (s *search) timing(r *record, now *zoneTime) timing {
	t := timing{day: s.day}
	if p := &s.plans[s.day]; uint16(r.start)-p.late <= p.length && p.late != nothing {
		t.day = (s.day + 6) % 7
	}
	if s.day == ByAppointment {
		return t
	}
	week := int32(s.day)*minutesPerDay + int32(r.start)
	if r.start < 0 {
		week += minutesPerDay + 1 // after everything of its day
	}
	t.until = week - now.now
	if t.until < 0 {
		t.until += minutesPerWeek
	} else if t.until >= minutesPerWeek {
		t.until -= minutesPerWeek
	}
	if r.start < 0 {
		return t
	}
	t.running = minutesPerWeek-t.until < int32(r.lasts)
	t.soon = t.until <= soonMinutes || t.running
	since := week - now.from
	if since < 0 {
		since += minutesPerWeek
	}
	t.tonight = since <= now.length
	return t
}

// chip counts a document for the days and times that one may turn to.
func (s *search) chip(t *timing) {
	s.chips.Days[t.day]++
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

// lastOfAll sorts meetings by appointment behind everything that has a time.
const lastOfAll = 2 * minutesPerWeek

// when is the number by which results are sorted first.
func (s *search) when(r *record, now *zoneTime, t *timing) int32 {
	if s.day == ByAppointment {
		return lastOfAll
	}
	if s.calendar {
		start := int32(r.start)
		if start < 0 {
			start = minutesPerDay // after everything of its day
		}
		if t.day != s.day {
			start += minutesPerDay
		}
		ahead := int32(t.day) - now.today
		if ahead < 0 {
			ahead += 7
		}
		return ahead*minutesPerDay + start
	}
	if began := minutesPerWeek - t.until; t.running && (s.q.Soon || began <= lateMinutes) {
		return -began
	}
	return t.until
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
