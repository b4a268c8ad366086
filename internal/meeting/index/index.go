// Package index owns the finder's index: every meeting that can be found, in memory, immutable, answering
// time-of-week, place, flags, welcome and words in one pass.
//
// It is a cache, never a source; it must never read a database or a clock, nor allocate in proportion to
// the directory while it answers.
//
// An Index is two segments: a large one, built when the process starts, and a small one with the meetings
// that have changed since, which hide their former selves in the large one. A change therefore costs as
// much as has changed, and readers keep what they hold.
package index

import (
	"math"
	"slices"
	"sync"
)

// The ways to take part. A set of them is a bit mask: 1<<InPerson | 1<<Hybrid.
const (
	InPerson = iota
	Hybrid
	Online
)

// The days are 0 Sunday to 6 Saturday, and then meetings by appointment. A set of them is a bit mask.
const (
	ByAppointment = 7
	numDays       = 8
)

// Answer codes in Doc.Answers and Query.Yes are two bits per right, with the meaning of welcome.Answer.
const (
	answerBits = 2
	answerMask = 3
)

// Doc is a meeting as the index sees it.
type Doc struct {
	Day        int // 0 to 6, or ByAppointment
	Start, End int // minutes after midnight; Start -1: not known; End at or before Start: the next day
	Zone       string
	Way        int // InPerson, Hybrid, Online
	Fellowship string
	Flags      uint64
	Answers    uint16   // two bits per right
	Low        float64  // lower bound of the welcome, 0 to 1; negative where nothing is known
	HasPoint   bool     // it may be measured to
	Lat, Lng   float64  // where HasPoint
	Labels     []string // of any sort, compared whole ("type O", "language es")
	Words      []string // folded words, each at most once or more often, as they come
}

// PackAnswer is the two bits of an answer for a right.
func PackAnswer(right, answer int) uint16 { return uint16(answer&answerMask) << (answerBits * right) }

// Index answers queries. It is immutable and safe for use by many at once.
type Index struct {
	base  *Segment
	dead  bitset // of refs in base
	fresh *Segment
	pool  sync.Pool // of *search
}

// New returns an index of base, less the documents in gone, and fresh. The documents of base have the
// refs 0 to base.Len()-1 in the order in which they were added, those of fresh follow.
func New(base *Segment, gone []uint32, fresh *Segment) *Index {
	if fresh == nil {
		fresh = NewBuilder().Segment()
	}
	x := &Index{base: base, fresh: fresh}
	if len(gone) > 0 {
		x.dead = newBitset(base.Len())
		for _, ref := range gone {
			x.dead.set(ref)
		}
	}
	return x
}

// Gone tells whether a ref of the base has been replaced or taken away.
func (x *Index) Gone(ref uint32) bool { return len(x.dead) > 0 && x.dead.has(ref) }

// Fellowships lists the codes that documents have had.
func (x *Index) Fellowships() []string {
	codes := slices.Clone(x.base.fellowships)
	for _, c := range x.fresh.fellowships {
		if !slices.Contains(codes, c) {
			codes = append(codes, c)
		}
	}
	return codes
}

// HasLabel tells whether documents have had a label.
func (x *Index) HasLabel(label string) bool {
	_, base := x.base.labels.names[label]
	_, fresh := x.fresh.labels.names[label]
	return base || fresh
}

// bitset is a set of small numbers.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) set(i uint32)      { b[i>>6] |= 1 << (i & 63) }
func (b bitset) has(i uint32) bool { return b[i>>6]>>(i&63)&1 != 0 }

// lowKey turns a lower bound into the number by which meetings are sorted: more is surer, 0 is unknown.
func lowKey(low float64) uint16 {
	if !(low >= 0) {
		return 0
	}
	return uint16(math.Round(min(low, 1)*65534)) + 1
}
