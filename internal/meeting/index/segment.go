package index

import (
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"hearth/internal/civil"
)

// record is what a scan reads of a document: half a cache line.
type record struct {
	x, y, z    float32 // on the unit sphere; meaningless without a point
	start      int16
	lasts      int16 // minutes, 1 to 1440
	answers    uint16
	low        uint16
	zone       uint16
	fellowship uint16
	flags      uint64
}

// The way is kept above the flags, so that one comparison tests both.
const (
	wayShift  = 60
	flagsMask = 1<<wayShift - 1
)

type point struct{ lat, lng float64 }

// Segment is an immutable set of documents, sorted by day, then cell of the map, then time.
type Segment struct {
	records []record
	cells   []uint32            // parallel to records; noCell last within each day
	points  []point             // parallel, exact
	refs    []uint32            // parallel: the order in which the document was added
	places  []uint32            // the inverse: ref to position
	days    [numDays + 1]uint32 // where each day begins, and where the last one ends
	tails   [numDays]uint32     // where, within each day, the documents without a point begin
	rows    []uint32            // of each day and row of cells: where it begins; one more for each day's end
	words   words
	labels  labels

	zones       []*time.Location
	clocks      atomic.Pointer[clocks] // of the latest question
	fellowships []string
}

// Len is the number of documents.
func (s *Segment) Len() int { return len(s.records) }

// Builder collects the documents of a segment.
type Builder struct {
	docs        []built
	zones       interner
	fellowships interner
	labels      interner
	words       interner
	labelIDs    []uint32 // of all documents, one after the other
	wordIDs     []uint32
	scratch     []uint32
}

type built struct {
	record
	point
	day              uint8
	hasPoint         bool
	labelEnd, worded uint32 // ends of its part of labelIDs and wordIDs
}

// NewBuilder returns an empty builder.
func NewBuilder() *Builder { return &Builder{} }

// Add adds a document; its ref is the number of documents before it. The builder keeps none of the
// strings.
func (b *Builder) Add(d Doc) {
	if d.Way == Online {
		d.HasPoint = false // nobody walks there
	}
	r := record{
		start:      int16(d.Start),
		lasts:      int16((d.End-d.Start+2*minutesPerDay-1)%minutesPerDay + 1),
		answers:    d.Answers,
		low:        lowKey(d.Low),
		zone:       uint16(b.zones.id(d.Zone)),
		fellowship: uint16(b.fellowships.id(d.Fellowship)),
		flags:      d.Flags&flagsMask | 1<<(wayShift+d.Way),
	}
	if d.HasPoint {
		r.x, r.y, r.z = onSphere(d.Lat, d.Lng)
	}
	for _, l := range d.Labels {
		b.labelIDs = append(b.labelIDs, b.labels.id(l))
	}
	b.scratch = b.scratch[:0]
	for _, w := range d.Words {
		b.scratch = append(b.scratch, b.words.id(w))
	}
	slices.Sort(b.scratch)
	b.wordIDs = append(b.wordIDs, slices.Compact(b.scratch)...)
	b.docs = append(b.docs, built{
		record: r, point: point{d.Lat, d.Lng}, day: uint8(d.Day), hasPoint: d.HasPoint,
		labelEnd: uint32(len(b.labelIDs)), worded: uint32(len(b.wordIDs)),
	})
}

// Segment returns the documents as a segment. The builder must not be used again.
func (b *Builder) Segment() *Segment {
	n := len(b.docs)
	s := &Segment{
		records: make([]record, n), cells: make([]uint32, n), points: make([]point, n),
		refs: make([]uint32, n), places: make([]uint32, n),
		fellowships: b.fellowships.names,
	}
	for _, name := range b.zones.names {
		loc, err := civil.Zone(name)
		if err != nil {
			loc = time.UTC // nothing says where it is
		}
		s.zones = append(s.zones, loc)
	}
	type place struct {
		key uint64 // day, cell, start
		ref uint32
	}
	order := make([]place, n)
	for i := range b.docs {
		d := &b.docs[i]
		cell := uint32(noCell)
		if d.hasPoint {
			cell = cellOf(d.lat, d.lng)
		}
		order[i] = place{uint64(d.day)<<48 | uint64(cell)<<16 | uint64(uint16(d.start)), uint32(i)}
	}
	slices.SortFunc(order, func(a, b place) int {
		switch {
		case a.key < b.key:
			return -1
		case a.key > b.key:
			return 1
		}
		return int(a.ref) - int(b.ref)
	})
	for pos, p := range order {
		d := &b.docs[p.ref]
		s.records[pos], s.points[pos], s.refs[pos] = d.record, d.point, p.ref
		s.cells[pos] = uint32(p.key >> 16)
		s.places[p.ref] = uint32(pos)
		s.days[d.day+1]++
		if !d.hasPoint {
			s.tails[d.day]++
		}
	}
	for d := range numDays {
		s.days[d+1] += s.days[d]
		s.tails[d] = s.days[d+1] - s.tails[d]
	}
	s.rows = make([]uint32, 0, numDays*(cellRows+1))
	for d := range numDays {
		pos := s.days[d]
		for row := range uint32(cellRows + 1) {
			for pos < s.tails[d] && s.cells[pos] < row*cellColumns {
				pos++
			}
			s.rows = append(s.rows, pos)
		}
	}
	s.labels = newLabels(b, s.refs)
	s.words = newWords(b, s.refs)
	return s
}

// labels are the labels of each document.
type labels struct {
	names map[string]uint32
	of    []uint32
	end   []uint32
}

func newLabels(b *Builder, refs []uint32) labels {
	l := labels{names: b.labels.ids, of: make([]uint32, 0, len(b.labelIDs)), end: make([]uint32, len(refs))}
	for pos, ref := range refs {
		start := uint32(0)
		if ref > 0 {
			start = b.docs[ref-1].labelEnd
		}
		l.of = append(l.of, b.labelIDs[start:b.docs[ref].labelEnd]...)
		l.end[pos] = uint32(len(l.of))
	}
	return l
}

// at returns the labels of the document at a position.
func (l *labels) at(pos uint32) []uint32 {
	if pos == 0 {
		return l.of[:l.end[0]]
	}
	return l.of[l.end[pos-1]:l.end[pos]]
}

// interner numbers strings in the order in which they come.
type interner struct {
	ids   map[string]uint32
	names []string
}

func (t *interner) id(s string) uint32 {
	if id, ok := t.ids[s]; ok {
		return id
	}
	if t.ids == nil {
		t.ids = map[string]uint32{}
	}
	s = strings.Clone(s) // it may be a part of something long
	id := uint32(len(t.names))
	t.ids[s] = id
	t.names = append(t.names, s)
	return id
}

func onSphere(lat, lng float64) (x, y, z float32) {
	const rad = math.Pi / 180
	sinLat, cosLat := math.Sincos(lat * rad)
	sinLng, cosLng := math.Sincos(lng * rad)
	return float32(cosLat * cosLng), float32(cosLat * sinLng), float32(sinLat)
}
