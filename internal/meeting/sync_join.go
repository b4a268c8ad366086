package meeting

import (
	"cmp"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"hearth/internal/civil"
	"hearth/internal/geo"
	"hearth/internal/text"
)

// listingState is what stands in listing.state.
type listingState string

const (
	listingActive  listingState = "active"
	listingGone    listingState = "gone"    // its feed no longer has it
	listingRemoved listingState = "removed" // its feed was removed
)

// listing is one feed's word on one occurrence, without the occurrence itself.
type listing struct {
	ID, FeedID, Key, SourceID, Fellowship string
	Home, Meeting                         string
	State                                 listingState
	Hash, Slot, Name, Zone                string
	Lat, Lng                              float64
	HasPoint                              bool
	Conference, Place                     string
	Rank                                  int64
	FirstSeen, LastSeen, GoneAt           int64

	occ      *Occurrence // nil until loaded
	raw      []byte
	new      bool   // not yet in the database
	rewrite  bool   // doc and what is derived from it differ from the database
	was      string // Meeting as in the database
	wasHome  string
	wasState listingState
}

// describe fills what is derived from the occurrence.
func (l *listing) describe(fellowship string, o *Occurrence) {
	l.occ, l.raw = o, o.Raw
	l.SourceID, l.Fellowship, l.Name, l.Zone = o.SourceID, fellowship, o.Name, o.Zone
	l.Lat, l.Lng, l.HasPoint = o.Lat, o.Lng, o.HasPoint
	l.Slot = fellowship + "/" + strconv.Itoa(int(o.Day)) + "/" + strconv.Itoa(int(o.Start))
	l.Conference = conferenceKey(o.ConferenceURL)
	l.Place = placeKey(o)
	l.Rank = rankOf(o)
}

// rankOf orders listings of one meeting: lower is nearer to who keeps the meeting. What came through
// another list comes after what came from its own, then who names a service body, then who knows the spot.
func rankOf(o *Occurrence) int64 {
	var n int64
	switch {
	case len(o.Via) > 0:
		n = 8
	case o.DataSource != "":
		n = 4
	}
	if o.Entity == "" {
		n += 2
	}
	if !o.HasPoint {
		n++
	}
	return n
}

// better orders two active listings of one meeting, the preferred one first. What people here added
// comes before what a feed says.
func better(localFeed string) func(a, b *listing) int {
	return func(a, b *listing) int {
		rank := func(l *listing) int64 {
			if l.FeedID == localFeed {
				return -1
			}
			return l.Rank
		}
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.FeedID, b.FeedID), cmp.Compare(a.ID, b.ID))
	}
}

// conferenceKey names an online room whatever the link to it looks like; "" where it names none.
func conferenceKey(link string) string {
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil || u.Host == "" {
		return ""
	}
	host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	path := strings.Trim(u.EscapedPath(), "/")
	if host == "zoom.us" || strings.HasSuffix(host, ".zoom.us") {
		for _, lead := range []string{"j/", "s/", "w/", "wc/join/", "my/"} {
			if id, ok := strings.CutPrefix(path, lead); ok {
				id, _, _ = strings.Cut(id, "/")
				return "zoom.us/" + strings.ToLower(id)
			}
		}
	}
	if path == "" && u.RawQuery == "" {
		return "" // the provider's front page
	}
	if path == "" {
		return host + "?" + u.RawQuery
	}
	return host + "/" + path
}

// placeKey is the folded address of a meeting that one can walk into, "" where it is not exact.
func placeKey(o *Occurrence) string {
	if o.Approximate || (o.Attendance != InPerson && o.Attendance != Hybrid) || !strings.ContainsAny(o.Address, "0123456789") {
		return ""
	}
	return strings.Join(text.Tokens(o.Address), " ")
}

const (
	sameSpotMiles = 150 / 1609.344
	// A band of latitude that is surely wider than sameSpotMiles.
	sameSpotDegrees = 0.0015
)

// joiner finds which listings of one slot are the same meeting.
type joiner struct {
	now   time.Time
	names map[*listing]*nameWords
}

type pair struct {
	a, b  *listing
	alike float64
}

// groups puts the active listings of one slot into groups that are one meeting each, at most one listing
// of each feed in a group. The result does not depend on the order of ls.
func (j *joiner) groups(ls []*listing) [][]*listing {
	slices.SortFunc(ls, func(a, b *listing) int { return cmp.Compare(a.ID, b.ID) })
	var pairs []pair
	if slices.ContainsFunc(ls, func(l *listing) bool { return l.FeedID != ls[0].FeedID }) {
		pairs = j.pairs(ls, func(a, b *listing) bool { return a.FeedID != b.FeedID })
	}
	slices.SortStableFunc(pairs, func(p, q pair) int {
		return cmp.Or(cmp.Compare(q.alike, p.alike), cmp.Compare(p.a.ID, q.a.ID), cmp.Compare(p.b.ID, q.b.ID))
	})
	of := make(map[*listing]int, len(ls))
	groups := make([][]*listing, len(ls))
	for i, l := range ls {
		of[l], groups[i] = i, []*listing{l}
	}
	for _, p := range pairs {
		a, b := of[p.a], of[p.b]
		if a == b || shareFeed(groups[a], groups[b]) {
			continue
		}
		if b < a {
			a, b = b, a
		}
		for _, l := range groups[b] {
			of[l] = a
		}
		groups[a], groups[b] = append(groups[a], groups[b]...), nil
	}
	return slices.DeleteFunc(groups, func(g []*listing) bool { return g == nil })
}

func shareFeed(a, b []*listing) bool {
	for _, x := range a {
		for _, y := range b {
			if x.FeedID == y.FeedID {
				return true
			}
		}
	}
	return false
}

// A feed may put everything into one place. More listings than these in one room, or one after the other from
// south to north, tell nothing and are not compared with each other.
const (
	crowdedRoom = 200
	crowdedBand = 500
)

// pairs lists which two of ls are the same meeting as far as the two tell. It compares only those that
// share a room, an address or a band of latitude.
func (j *joiner) pairs(ls []*listing, want func(a, b *listing) bool) []pair {
	var out []pair
	seen := map[[2]*listing]bool{}
	try := func(a, b *listing) {
		if b.ID < a.ID {
			a, b = b, a
		}
		if !want(a, b) || seen[[2]*listing{a, b}] {
			return
		}
		seen[[2]*listing{a, b}] = true
		if alike, same := j.same(a, b); same {
			out = append(out, pair{a, b, alike})
		}
	}
	for _, key := range []func(*listing) string{
		func(l *listing) string { return l.Conference },
		func(l *listing) string { return l.Place },
	} {
		by := map[string][]*listing{}
		for _, l := range ls {
			if k := key(l); k != "" {
				by[k] = append(by[k], l)
			}
		}
		for _, same := range by {
			if len(same) > crowdedRoom {
				continue
			}
			for i, a := range same {
				for _, b := range same[i+1:] {
					try(a, b)
				}
			}
		}
	}
	north := slices.DeleteFunc(slices.Clone(ls), func(l *listing) bool { return !l.HasPoint })
	slices.SortFunc(north, func(a, b *listing) int { return cmp.Compare(a.Lat, b.Lat) })
	for i, a := range north {
		for _, b := range north[i+1 : min(i+1+crowdedBand, len(north))] {
			if b.Lat-a.Lat > sameSpotDegrees {
				break
			}
			try(a, b)
		}
	}
	return out
}

// same tells whether two listings of one slot are the same meeting, and how alike their names are.
func (j *joiner) same(a, b *listing) (alike float64, same bool) {
	room := a.Conference != "" && a.Conference == b.Conference
	spot := a.HasPoint && b.HasPoint && geo.Miles(geo.Point{Lat: a.Lat, Lng: a.Lng}, geo.Point{Lat: b.Lat, Lng: b.Lng}) <= sameSpotMiles
	address := a.Place != "" && a.Place == b.Place && !(a.HasPoint && b.HasPoint)
	if !room && !spot && !address || !j.sameClock(a.Zone, b.Zone) {
		return 0, false
	}
	return alikeNames(j.words(a), j.words(b))
}

// sameClock tells whether two zones show the same time now; an unknown one is taken to agree.
func (j *joiner) sameClock(a, b string) bool {
	if a == "" || b == "" || a == b {
		return true
	}
	la, err1 := civil.Zone(a)
	lb, err2 := civil.Zone(b)
	if err1 != nil || err2 != nil {
		return false
	}
	_, x := j.now.In(la).Zone()
	_, y := j.now.In(lb).Zone()
	return x == y
}

// nameWords is a name made comparable.
type nameWords struct {
	shingles []uint64
	words    []string // that tell one meeting from another, sorted
	women    bool
	men      bool
}

func (j *joiner) words(l *listing) *nameWords {
	if w, ok := j.names[l]; ok {
		return w
	}
	if j.names == nil {
		j.names = map[*listing]*nameWords{}
	}
	w := nameWordsOf(l.Name)
	j.names[l] = w
	return w
}

// commonWords are in so many names that they tell nothing.
var commonWords = map[string]bool{
	"a": true, "aa": true, "na": true, "the": true, "of": true, "and": true, "at": true, "in": true, "on": true,
	"group": true, "meeting": true, "grupo": true, "de": true, "la": true, "el": true, "online": true, "zoom": true,
	"hybrid": true, "open": true, "closed": true, "suspended": true,
}

func nameWordsOf(name string) *nameWords {
	w := &nameWords{shingles: text.Shingles(name, 3)}
	for _, t := range text.Tokens(name) {
		switch t {
		case "women", "womens", "woman", "womans", "ladies", "mujeres":
			w.women = true
		case "men", "mens", "man", "mans", "hombres":
			w.men = true
		}
		if !commonWords[t] {
			w.words = append(w.words, t)
		}
	}
	slices.Sort(w.words)
	w.words = slices.Compact(w.words)
	return w
}

// alikeNames compares two names: alike enough letter by letter, or all telling words of one in the other.
func alikeNames(a, b *nameWords) (float64, bool) {
	if a.women != b.women && a.men != b.men { // the women's and the men's meeting of one evening
		return 0, false
	}
	alike := text.Similarity(a.shingles, b.shingles)
	if alike >= 0.5 {
		return alike, true
	}
	few, many := a.words, b.words
	if len(few) > len(many) {
		few, many = many, few
	}
	if len(few) == 0 {
		return alike, false
	}
	for _, w := range few {
		if _, ok := slices.BinarySearch(many, w); !ok {
			return alike, false
		}
	}
	return math.Max(alike, 0.5), true
}
