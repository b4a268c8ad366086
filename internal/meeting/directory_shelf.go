package meeting

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"hearth/internal/civil"
	"hearth/internal/meeting/index"
	"hearth/internal/meeting/welcome"
	"hearth/internal/text"
)

// listed is a meeting as the tables have it, as far as the finder needs it.
type listed struct {
	ID, FeedID, SourceID string
	Feeds                int
	Fellowship, Name     string
	Day, Start, End      int
	Zone, Attendance     string
	Location, Address    string
	City, Region         string
	PostalCode           string
	Lat, Lng             float64
	HasPoint             bool
	Approximate          bool
	ConferenceURL        string
	Types, Languages     string // separated by spaces
	Card                 string // welcome_verdict, "" where nothing is known
}

// shelf holds the meetings of a directory for display: of each, its JSON as the API gives it, and beside
// it what the JSON does not say. It is immutable, and has few pointers however many meetings there are.
type shelf struct {
	chunks    []string // of JSON fragments
	records   []shelved
	byID      []uint32 // table of refs+1 by hash of the id, open addressing
	varieties []variety
	cards     []card
	cities    []string
	zones     []*time.Location
	feeds     []string // ids
}

// shelved is what a shelf knows of one meeting.
type shelved struct {
	chunk, at, size uint32  // its fragment, without distance and welcome
	split           uint32  // where in the fragment the distance goes
	card, variety   uint32  // in cards and varieties
	city            uint32  // in cities
	zone, feed      uint16  // in zones and feeds
	feeds           uint16  // how many have it
	lat, lng        float64 // as in the fragment
}

// variety is what a fellowship and a set of types come to. Few are distinct.
type variety struct {
	types  []string
	flags  Flags
	labels []string
}

// fragment returns the JSON of a meeting up to the distance, and from there to the welcome.
func (s *shelf) fragment(ref uint32) (head, tail string) {
	r := &s.records[ref]
	f := s.chunks[r.chunk][r.at : r.at+r.size]
	return f[:r.split], f[r.split:]
}

// find returns the ref of a meeting.
func (s *shelf) find(id string) (uint32, bool) {
	if len(s.byID) == 0 {
		return 0, false
	}
	mask := uint64(len(s.byID) - 1)
	for at := xxhash.Sum64String(id) & mask; s.byID[at] != 0; at = (at + 1) & mask {
		ref := s.byID[at] - 1
		head, _ := s.fragment(ref)
		f := fragment(head)
		if f.str(keyID) == id {
			return ref, true
		}
	}
	return 0, false
}

// shelfBuilder makes a shelf and the index segment that goes with it; refs are the same in both.
type shelfBuilder struct {
	shelf     shelf
	chunk     []byte
	segment   *index.Builder
	varieties map[string]uint32 // by fellowship and types and languages
	cards     map[card]uint32
	cities    map[string]uint32
	zones     map[string]uint32
	feeds     map[string]uint32
	words     map[string][]string // of fellowships
	scratch   []string
	key       []byte
}

const chunkSize = 1 << 20

func newShelfBuilder() *shelfBuilder {
	return &shelfBuilder{
		segment:   index.NewBuilder(),
		varieties: map[string]uint32{}, cards: map[card]uint32{}, cities: map[string]uint32{},
		zones: map[string]uint32{}, feeds: map[string]uint32{}, words: map[string][]string{},
	}
}

// shelfItem is a meeting ready to be shelved: what can be done side by side has been done.
type shelfItem struct {
	*listed
	fragment []byte
	split    int
	words    []string
	card     card
}

func newShelfItem(m *listed, feedName string, cards *cardReader) (p shelfItem, err error) {
	p.listed = m
	if p.card, err = cards.read(m.Card); err != nil {
		return p, err
	}
	p.fragment, p.split = appendFragment(make([]byte, 0, 512), m, feedName)
	p.words = make([]string, 0, 16)
	for _, s := range [...]string{m.Name, m.Location, m.Address, m.City, m.Region, m.PostalCode} {
		p.words = text.AppendTokens(p.words, s)
	}
	return p, nil
}

// add shelves a meeting.
func (b *shelfBuilder) add(p *shelfItem) {
	cardID := b.card(p.card)
	varietyID := b.variety(p.listed)
	kind := &b.shelf.varieties[varietyID]
	lasts := (p.End - p.Start + 2*24*60 - 1) % (24 * 60)                   // as in the index: End at or before Start is the next day
	if p.Start < 0 || p.End < 0 || p.End < p.Start && lasts >= longNight { // never "going on now" for most of a day by mistake
		lasts = DefaultMinutes - 1
	}
	r := shelved{
		size: uint32(len(p.fragment)), split: uint32(p.split), card: cardID, variety: varietyID,
		city: intern(b.cities, &b.shelf.cities, p.City), zone: b.zone(p.Zone),
		feed: uint16(intern(b.feeds, &b.shelf.feeds, p.FeedID)), feeds: uint16(min(p.Feeds, math.MaxUint16)),
		lat: p.Lat, lng: p.Lng,
	}
	r.chunk, r.at = b.put(p.fragment)
	b.shelf.records = append(b.shelf.records, r)

	b.scratch = append(append(b.scratch[:0], p.words...), b.fellowshipWords(p.Fellowship)...)
	b.segment.Add(index.Doc{
		Day: indexDay(Day(p.Day)), Start: p.Start, End: p.Start + lasts + 1, Zone: p.Zone, Way: indexWay(Attendance(p.Attendance)),
		Fellowship: p.Fellowship, Flags: uint64(kind.flags), Answers: p.card.answers, Low: p.card.low,
		HasPoint: p.HasPoint && !p.Approximate, Lat: p.Lat, Lng: p.Lng, Labels: kind.labels, Words: b.scratch,
	})
}

// put stores a fragment whole in one chunk.
func (b *shelfBuilder) put(f []byte) (chunk, at uint32) {
	if b.chunk == nil || len(b.chunk)+len(f) > chunkSize {
		b.flush()
		b.chunk = make([]byte, 0, max(chunkSize, len(f)))
	}
	at = uint32(len(b.chunk))
	b.chunk = append(b.chunk, f...)
	return uint32(len(b.shelf.chunks)), at
}

func (b *shelfBuilder) flush() {
	if b.chunk != nil {
		b.shelf.chunks = append(b.shelf.chunks, string(b.chunk))
		b.chunk = nil
	}
}

// done returns the shelf and its segment. The builder must not be used again.
func (b *shelfBuilder) done() (*shelf, *index.Segment) {
	b.flush()
	done := b.shelf // a copy: it must not keep the builder in memory
	s := &done
	size := 1
	for size < 2*len(s.records) {
		size *= 2
	}
	s.byID = make([]uint32, size)
	for ref := range s.records {
		head, _ := s.fragment(uint32(ref))
		f := fragment(head)
		at := xxhash.Sum64String(f.str(keyID)) & uint64(size-1)
		for s.byID[at] != 0 {
			at = (at + 1) & uint64(size-1)
		}
		s.byID[at] = uint32(ref) + 1
	}
	return s, b.segment.Segment()
}

func (b *shelfBuilder) variety(m *listed) uint32 {
	b.key = append(append(append(append(append(b.key[:0], m.Fellowship...), 0), m.Types...), 0), m.Languages...)
	if id, ok := b.varieties[string(b.key)]; ok {
		return id
	}
	k := variety{types: strings.Fields(strings.Clone(m.Types))}
	k.flags = FlagsOf(m.Fellowship, k.types)
	for _, t := range k.types {
		k.labels = append(k.labels, labelType(t))
	}
	for _, l := range strings.Fields(m.Languages) {
		k.labels = append(k.labels, labelLanguage(l))
	}
	id := uint32(len(b.shelf.varieties))
	b.shelf.varieties = append(b.shelf.varieties, k)
	b.varieties[string(b.key)] = id
	return id
}

func (b *shelfBuilder) card(c card) uint32 {
	id, ok := b.cards[c]
	if !ok {
		id = uint32(len(b.shelf.cards))
		b.shelf.cards = append(b.shelf.cards, c)
		b.cards[c] = id
	}
	return id
}

func (b *shelfBuilder) zone(name string) uint16 {
	if id, ok := b.zones[name]; ok {
		return uint16(id)
	}
	loc, err := civil.Zone(name)
	if err != nil {
		loc = time.UTC
	}
	id := len(b.shelf.zones)
	b.shelf.zones = append(b.shelf.zones, loc)
	b.zones[strings.Clone(name)] = uint32(id)
	return uint16(id)
}

func (b *shelfBuilder) fellowshipWords(code string) []string {
	w, ok := b.words[code]
	if !ok {
		f := FellowshipByCode(code)
		for _, s := range []string{code, f.Name, f.NameES} {
			w = text.AppendTokens(w, s)
		}
		b.words[strings.Clone(code)] = w
	}
	return w
}

func intern(ids map[string]uint32, names *[]string, s string) uint32 {
	id, ok := ids[s]
	if !ok {
		s = strings.Clone(s)
		id = uint32(len(*names))
		ids[s] = id
		*names = append(*names, s)
	}
	return id
}

func labelType(code string) string     { return "type " + code }
func labelLanguage(code string) string { return "language " + code }

func indexDay(d Day) int {
	if d < 0 {
		return index.ByAppointment
	}
	return int(d)
}

func indexWay(a Attendance) int {
	switch a {
	case Hybrid:
		return index.Hybrid
	case Online:
		return index.Online
	}
	return index.InPerson
}

// card is a welcome card of the finder. Meetings of which nothing is known share one.
type card struct {
	json    string // the object
	answers uint16
	low     float64 // by which meetings are sorted; negative: unknown
	rights  [welcome.NumRights]cardRow
}

// cardRow is a RightAnswer without pointers.
type cardRow struct {
	mean, low, high float32
	reports         uint32
	month           uint16 // of the latest evidence, counted from the year 0; 0: none
	answer          welcome.Answer
	basis           uint8 // in bases
}

var bases = [...]welcome.Basis{welcome.BasisNone, welcome.BasisVisits, welcome.BasisStatement, welcome.BasisBoth, welcome.BasisPosition}

func (r *cardRow) public() RightAnswer {
	return RightAnswer{
		Answer: r.answer, Mean: r.mean, Low: r.low, High: r.high, Reports: int(r.reports),
		Basis: string(bases[r.basis]), AsOf: monthText(r.month),
	}
}

// monthText is "2026-05" for a number of a month, "" for 0. The months of now are written once.
func monthText(m uint16) string {
	if at := int(m) - firstMonth; at >= 0 && at < len(months) {
		return months[at]
	}
	if m == 0 {
		return ""
	}
	return writeMonth(int(m))
}

const firstMonth = 2015 * 12

var months = func() (all [50 * 12]string) {
	for i := range all {
		all[i] = writeMonth(firstMonth + i)
	}
	return all
}()

func writeMonth(m int) string { return fmt.Sprintf("%04d-%02d", m/12, m%12+1) }
