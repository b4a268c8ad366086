// Package world owns a made-up world for benchmarks: towns, the meetings in them, and what is known of
// their welcome. The same seed and size always make the same world.
//
// It must never be shown to anybody as real, nor depend on a clock.
package world

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"hearth/internal/civil"
	"hearth/internal/geo"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
)

// World is a directory of Size meetings.
type World struct {
	Size  int
	Towns []Town // largest first

	seed   uint64
	shares []float64 // cumulative, of the towns
}

// Town is where meetings cluster.
type Town struct {
	Name, State, Zone string
	geo.Point
	Meetings int     // about how many
	Spread   float64 // standard deviation in miles
}

// Meeting is one of them.
type Meeting struct {
	Fellowship string
	meeting.Occurrence
	Card *welcome.Card // nil where nobody has reported
}

// A directory has a town for this many meetings. Sizes of towns follow Zipf's law up to that of a large
// city: a directory of one state has one such city already, a larger one has more of them.
const (
	meetingsPerTown = 60
	smallestTown    = 9
	largestTown     = 4000
)

var states = []struct {
	code, zone               string
	south, north, west, east float64
}{
	{"OR", "America/Los_Angeles", 42.2, 45.8, -123.8, -117.5},
	{"CA", "America/Los_Angeles", 33, 41.5, -121.5, -117},
	{"WA", "America/Los_Angeles", 46, 48.8, -123, -117.5},
	{"AZ", "America/Phoenix", 31.8, 36.5, -114, -109.5},
	{"CO", "America/Denver", 37.2, 40.8, -108.5, -102.5},
	{"UT", "America/Denver", 37.3, 41.5, -113.5, -109.5},
	{"TX", "America/Chicago", 28.5, 34, -101, -94.5},
	{"MN", "America/Chicago", 43.8, 47.5, -96, -92},
	{"IL", "America/Chicago", 37.5, 42.2, -91, -87.9},
	{"GA", "America/New_York", 31, 34.8, -85, -81.8},
	{"FL", "America/New_York", 26, 30.5, -82.5, -80.3},
	{"NC", "America/New_York", 34.5, 36.4, -83, -77},
	{"PA", "America/New_York", 39.8, 41.9, -80.4, -75},
	{"NY", "America/New_York", 40.8, 44.5, -78.8, -73.8},
	{"MA", "America/New_York", 41.8, 42.7, -73.2, -70.9},
	{"OH", "America/New_York", 38.8, 41.4, -84.6, -80.8},
}

// Make returns a world.
func Make(seed uint64, size int) *World {
	w := &World{Size: size, seed: seed}
	rng := rand.New(rand.NewPCG(seed, 1))
	n := max(3, size/meetingsPerTown)
	weight := func(k int) float64 { return min(largestTown, smallestTown*float64(n)/(float64(k)+0.7)) }
	total := 0.0
	for k := range n {
		total += weight(k)
	}
	sum := 0.0
	used := map[string]bool{}
	for k := range n {
		share := weight(k) / total
		sum += share
		s := states[rng.IntN(len(states))]
		t := Town{
			Name: townName(rng, used), State: s.code, Zone: s.zone,
			Point:    geo.Point{Lat: s.south + rng.Float64()*(s.north-s.south), Lng: s.west + rng.Float64()*(s.east-s.west)},
			Meetings: int(math.Round(share * float64(size))),
		}
		t.Spread = 0.7 + 0.09*math.Sqrt(share*float64(size))
		w.Towns = append(w.Towns, t)
		w.shares = append(w.shares, sum)
	}
	return w
}

// Pick returns a town: where more meetings are, more people look for one.
func (w *World) Pick(rng *rand.Rand) *Town { return &w.Towns[w.pick(rng)] }

func (w *World) pick(rng *rand.Rand) int {
	u := rng.Float64()
	lo, hi := 0, len(w.shares)-1
	for lo < hi {
		mid := (lo + hi) / 2
		if w.shares[mid] < u {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// Meeting returns the i-th meeting.
func (w *World) Meeting(i int) Meeting {
	rng := rand.New(rand.NewPCG(w.seed, uint64(i)+2))
	town := w.pick(rng)
	t := &w.Towns[town]
	f := fellowships[weighted(rng, len(fellowships), func(i int) int { return fellowships[i].share })]
	st := starts[weighted(rng, len(starts), func(i int) int { return starts[i].share })]
	day := meeting.Day(rng.IntN(7))
	lasts := civil.Clock(60)
	if rng.IntN(5) == 0 {
		lasts = 90
	}
	name := meetingName(rng)
	m := Meeting{Fellowship: f.code, Occurrence: meeting.Occurrence{
		Row: i + 1, SourceID: fmt.Sprintf("%s-%d", slug(name), i), Name: name, Day: day, Start: st.at, End: (st.at + lasts) % (24 * 60),
		Zone: t.Zone, City: t.Name, State: t.State, PostalCode: fmt.Sprintf("%05d", 10000+rng.IntN(89999)), Country: "US",
		Attendance: meeting.InPerson, Stated: true, Location: pick(rng, venuesOf) + " " + pick(rng, venues),
		Types: types(rng, f.types), Notes: notes(rng), Group: pick(rng, nouns) + " Group",
		Regions: []string{t.State, t.Name},
	}}
	o := &m.Occurrence
	o.Key = o.SourceID
	o.Address = fmt.Sprintf("%d %s %s, %s, %s %s, USA", 1+rng.IntN(9900), pick(rng, streets), pick(rng, roads), o.City, o.State, o.PostalCode)
	u := rng.IntN(100)
	if u < 20 {
		o.ConferenceURL = fmt.Sprintf("https://zoom.us/j/%d", 1e9+rng.Int64N(8e9))
		o.Attendance = meeting.Hybrid
	}
	if u < 15 {
		o.Attendance, o.Location = meeting.Online, "Online"
		o.Address, o.Approximate = o.City+", "+o.State+", USA", true
	} else {
		// Venues are shared: a church has many meetings.
		venue := rand.New(rand.NewPCG(w.seed^0xfeed, uint64(town)<<32|uint64(rng.IntN(1+t.Meetings/4))))
		north, east := venue.NormFloat64()*t.Spread/69.1, venue.NormFloat64()*t.Spread/(69.1*math.Cos(t.Lat*math.Pi/180))
		o.Lat, o.Lng, o.HasPoint = round5(t.Lat+north), round5(t.Lng+east), true
	}
	if rng.IntN(5) == 0 {
		m.Card = card(rng)
	}
	return m
}

func round5(x float64) float64 { return math.Round(x*1e5) / 1e5 }

func weighted(rng *rand.Rand, n int, share func(int) int) int {
	total := 0
	for i := range n {
		total += share(i)
	}
	u := rng.IntN(total)
	for i := range n {
		if u -= share(i); u < 0 {
			return i
		}
	}
	return n - 1
}

func pick(rng *rand.Rand, list []string) string { return list[rng.IntN(len(list))] }

func types(rng *rand.Rand, codes []string) []string {
	var out []string
	for _, c := range codes {
		if rng.IntN(len(codes)) < 2 {
			out = append(out, c)
		}
	}
	return out
}

func meetingName(rng *rand.Rand) string {
	switch rng.IntN(4) {
	case 0:
		return pick(rng, adjectives) + " " + pick(rng, nouns)
	case 1:
		return pick(rng, nouns) + " " + pick(rng, kinds)
	case 2:
		return pick(rng, adjectives) + " " + pick(rng, nouns) + " " + pick(rng, kinds)
	}
	return pick(rng, nouns) + " on " + pick(rng, streets)
}

func notes(rng *rand.Rand) string {
	var b strings.Builder
	for range rng.IntN(4) {
		b.WriteString(pick(rng, sentences))
		b.WriteByte(' ')
	}
	return strings.TrimSpace(b.String())
}

func slug(s string) string { return strings.ReplaceAll(strings.ToLower(s), " ", "-") }

func townName(rng *rand.Rand, used map[string]bool) string {
	for {
		name := pick(rng, townFirst) + pick(rng, townMiddle) + pick(rng, townLast)
		if len(used) > 800 {
			name = pick(rng, townBefore) + " " + name
		}
		if !used[name] {
			used[name] = true
			return name
		}
	}
}

// card makes a card as visits would: what is known of one right is a hint at the others.
func card(rng *rand.Rand) *welcome.Card {
	c := welcome.Blank()
	friendly := 0.25 + 0.7*rng.Float64()
	reports := 1 + int(rng.ExpFloat64()*4)
	for _, r := range welcome.Rights {
		v := &c[r]
		v.Reports = reports
		if reports < welcome.MinReporters {
			continue
		}
		yes := 0.0
		for range reports {
			if rng.Float64() < friendly {
				yes++
			}
		}
		a, b := 1.4+yes, 0.6+float64(reports)-yes
		mean := a / (a + b)
		dev := 1.28 * math.Sqrt(mean*(1-mean)/(a+b+1))
		v.Enough, v.Basis, v.Yes, v.NEff, v.SumW = true, welcome.BasisVisits, yes, float64(reports)*0.9, float64(reports)*0.7
		v.Mean, v.Low, v.High = mean, max(0, mean-dev), min(1, mean+dev)
		v.AsOf = fmt.Sprintf("2026-%02d", 1+rng.IntN(5))
		switch {
		case v.Low > 0.5:
			v.Visits = welcome.Yes
		case v.High >= 0.5:
			v.Visits = welcome.Depends
		default:
			v.Visits = welcome.No
		}
		v.Answer = v.Visits
	}
	return &c
}
