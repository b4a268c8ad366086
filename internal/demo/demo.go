// Package demo owns a made-up town: its meetings, as the feeds of twelve fellowships would give them, and
// what visitors said about them. Everything in it is invented.
//
// It is pure and the same for the same seed; it must never be loaded into a community that somebody uses.
package demo

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"hearth/internal/geo"
	"hearth/internal/meeting/welcome"
)

// Town is everything that a demo shows.
type Town struct {
	Name   string
	Zone   string
	Places []geo.Place // so that the finder knows a town that no gazetteer has
	Feeds  []Feed
	Visits []Visit // oldest first
	Words  []Word
}

// Feed is the list of one fellowship as Meeting Guide JSON.
type Feed struct {
	Name       string
	Fellowship string
	Payload    []byte
}

// Visit is one person's report on a meeting, Ago before today.
type Visit struct {
	Fellowship string
	Slug       string
	Ago        time.Duration
	Answers    welcome.Answers
	Remark     bool // heard a negative remark
	Pressed    bool // was told to take less or stop
	Warm       bool // somebody welcomed them
	Note       string
}

// Word is a group's own decision about its welcome.
type Word struct {
	Fellowship string
	Slug       string
	By         string
	Ago        time.Duration
	Answers    welcome.Answers
	Text       string
}

type place struct {
	town, name, street string
	lat, lng           float64
	access             bool
}

type fellowship struct {
	code, name string
	meetings   int
	names      []string
	friendly   float64 // how often a room of it is open to people on medication, before the room's own way
	types      []string
}

// zone is where the town lies.
const zone = "America/New_York"

// The town lies in open country, and its ZIP codes are not given to any place.
var towns = []struct {
	name, zip string
	lat, lng  float64
	people    int
	share     int // of the venues
}{
	{"Millbrook", "17000", 41.2210, -77.3120, 48200, 18},
	{"Eastgate", "17099", 41.2290, -77.2620, 9100, 5},
	{"Harlow", "17098", 41.3050, -77.3350, 12600, 5},
	{"Orchard Hill", "17097", 41.1930, -77.4010, 7300, 4},
	{"Stillwater", "17096", 41.3480, -77.1250, 15400, 5},
	{"Wendham", "17095", 41.1080, -77.4480, 21700, 7},
}

var (
	streets = []string{"Mill Street", "Orchard Road", "Church Lane", "Canal Street", "Elm Street", "Front Street", "Station Road", "Maple Avenue", "River Road", "Quarry Hill", "Market Square", "Chestnut Street", "Bridge Street", "Willow Way"}
	venues  = []string{"St Brigid’s Hall", "First Methodist Church", "Library, room 2", "Old Fire Station", "Community House", "Grace Lutheran Church", "Recovery Center", "Clinic annex", "Union Hall", "Friends Meeting House", "Senior Center", "Holy Trinity Church", "Arts Barn", "YMCA, upper room", "Temple Beth Shalom", "Cornerstone Café", "Veterans Hall", "Grange Hall"}
	houses  = []fellowship{
		{"aa", "Alcoholics Anonymous of Wend County", 118, []string{"Tuesday Open Door", "Harbor Lights", "Early Risers", "Lantern Group", "Sunrise Group", "Three Rivers", "Back Room", "Lunch Bunch", "Kitchen Table", "Night Owls", "Old Mill Group", "Easy Does It", "Second Cup", "Quiet Corner", "Candlelight", "Step by Step", "Big Book Study", "Women’s Circle", "Men’s Breakfast", "Young and Growing"}, .62, []string{"O", "C", "D", "SP", "ST", "B", "BE", "TR", "LIT"}},
		{"na", "Narcotics Anonymous, Wend Valley Area", 96, []string{"Riverside Tuesday Steps", "Elm Street Basics", "Just for Tonight", "Open Hands", "Hope on the Hill", "Keep Coming Back", "Bridge Street Group", "Nooners", "Freedom Road", "Living Room", "New Roads", "Welcome Home", "Steps on the Square", "Clear Water", "Late Shift", "Saturday Lights"}, .42, []string{"O", "C", "D", "SP", "ST", "BE", "LIT"}},
		{"mara", "Many Paths of Wend County", 26, []string{"Many Paths", "Steady Ground", "Open Circle", "Whole Person", "Own Way Home", "Side by Side"}, .99, []string{"O", "D", "ST"}},
		{"mtha", "Morning Window Groups", 10, []string{"Morning Window", "After the Line", "Steady Hands"}, .99, []string{"O", "D"}},
		{"smart", "SMART of the Wend Valley", 28, []string{"Four Points", "Tools Night", "Next Step Forward", "Balance Point"}, .9, []string{"O", "D"}},
		{"rd", "Recovery Dharma Millbrook", 22, []string{"Sitting Together", "Inquiry Night", "Quiet Mind", "Refuge on Canal Street"}, .88, []string{"O", "D", "MED"}},
		{"lifering", "LifeRing Central Valley", 14, []string{"How Was Your Week", "Plain Talk", "Conversation Table"}, .85, []string{"O", "D"}},
		{"al-anon", "Al-Anon Families of Wend County", 34, []string{"Courage to Change", "One Breath", "Front Porch", "Letting Go Gently", "Parents’ Table"}, .8, []string{"O", "D", "ST"}},
		{"nar-anon", "Nar-Anon Millbrook", 16, []string{"Hope for Families", "Open Window", "Sharing the Load"}, .75, []string{"O", "D"}},
		{"ca", "Cocaine Anonymous District 4", 14, []string{"Way Up", "Fourth Street Steps", "Brighter Days"}, .55, []string{"O", "D", "SP"}},
		{"cma", "Crystal Meth Anonymous Wend", 12, []string{"Live and Let Live", "Clear Morning", "Daylight"}, .6, []string{"O", "D", "SP"}},
		{"plh", "Positive Living Circles", 10, []string{"Positive Living", "Thursday Table", "Well and Here"}, .92, []string{"O", "D"}},
	}
)

// Make returns the town of a seed as it stands at now.
func Make(seed uint64, now time.Time) Town {
	r := rand.New(rand.NewPCG(seed, 0x4ea27))
	t := Town{Name: "Millbrook Commons", Zone: zone}
	for _, w := range towns {
		t.Places = append(t.Places, geo.Place{Name: w.name, State: "PA", Country: "US", PostalCode: w.zip, Lat: w.lat, Lng: w.lng, Population: w.people})
	}
	sites := makePlaces(r)
	for _, f := range houses {
		rows, rooms := f.rows(r, sites, now)
		payload, err := json.MarshalIndent(rows, "", " ")
		if err != nil {
			panic(err) // maps of strings and numbers always marshal
		}
		t.Feeds = append(t.Feeds, Feed{Name: f.name, Fellowship: f.code, Payload: payload})
		for _, room := range rooms {
			t.visit(r, f, room)
		}
	}
	sortVisits(t.Visits)
	return t
}

func makePlaces(r *rand.Rand) []place {
	var out []place
	for _, w := range towns {
		for i := range w.share {
			out = append(out, place{
				town: w.name, name: strings.TrimSuffix(w.name+" "+venues[(i*7+len(out))%len(venues)], " "),
				street: fmt.Sprintf("%d %s, %s, PA %s, USA", 2+r.IntN(240), streets[r.IntN(len(streets))], w.name, w.zip),
				lat:    round5(w.lat + r.NormFloat64()*0.011), lng: round5(w.lng + r.NormFloat64()*0.014), access: r.Float64() < .6,
			})
		}
	}
	return out
}

func round5(x float64) float64 { return float64(int64(x*1e5)) / 1e5 }

// room is one meeting of one fellowship with the way it has.
type room struct {
	slug string
	open float64 // how often a visitor may speak
	seen int     // how many visitors tell
}

// rows makes the feed of one fellowship.
func (f fellowship) rows(r *rand.Rand, sites []place, now time.Time) ([]map[string]any, []room) {
	var rows []map[string]any
	var rooms []room
	starts := []string{"06:30", "07:00", "08:00", "09:30", "10:00", "12:00", "12:15", "17:30", "18:00", "18:30", "19:00", "19:00", "19:00", "19:30", "19:30", "20:00", "20:30", "21:30"}
	for i := range f.meetings {
		base := f.names[i%len(f.names)]
		site := sites[r.IntN(len(sites))]
		if i%3 == 0 { // most people live in the town itself
			site = sites[r.IntN(towns[0].share)]
		}
		day := r.IntN(7)
		for d := time.Sunday; d <= time.Saturday; d++ { // a name that says its day keeps it
			if strings.Contains(base, d.String()) {
				day = int(d)
			}
		}
		if i >= len(f.names) {
			base = fmt.Sprintf("%s %s", strings.TrimPrefix(site.town, "Orchard "), lowerArticle(base))
		}
		start := starts[r.IntN(len(starts))]
		minutes := []int{60, 60, 60, 75, 90}[r.IntN(5)]
		online := r.Float64() < .13
		hybrid := !online && r.Float64() < .12
		types := []string{f.types[r.IntN(len(f.types))]}
		if types[0] != "O" && types[0] != "C" {
			types = append(types, []string{"O", "O", "C"}[r.IntN(3)])
		}
		add := func(chance float64, code string) {
			if r.Float64() < chance {
				types = append(types, code)
			}
		}
		if strings.Contains(base, "Women") {
			types = append(types, "W")
		} else {
			add(.05, "W")
		}
		if strings.Contains(base, "Men’s") {
			types = append(types, "M")
		}
		if strings.Contains(base, "Young") {
			types = append(types, "Y")
		}
		add(.05, "LGBTQ")
		add(.06, "BA")
		add(.10, "POA")
		spanish := r.Float64() < .08
		if spanish {
			types = append(types, "S")
			base = []string{"Nuevo Amanecer", "Puertas Abiertas", "Un Día a la Vez", "Camino de Esperanza"}[r.IntN(4)]
		}
		if site.access && !online {
			types = append(types, "X")
		}
		slug := fmt.Sprintf("%s-%d", slugOf(base), i+1)
		row := map[string]any{
			"name": base, "slug": slug, "day": day, "time": start, "end_time": later(start, minutes), "timezone": zone, "types": types,
			"updated": now.Add(-time.Duration(r.IntN(200*24)) * time.Hour).UTC().Format("2006-01-02 15:04:05"),
			"entity":  f.name, "entity_url": "https://" + f.code + ".wendcounty.example.org/",
		}
		if online {
			row["formatted_address"] = "Millbrook, PA, USA"
			row["approximate"] = "yes"
		} else {
			row["location"] = site.name
			row["formatted_address"] = site.street
			row["latitude"], row["longitude"] = site.lat, site.lng
			row["location_notes"] = []string{"Side door, ring once.", "Down the stairs, second room.", "Parking behind the building.", "Bus 4 stops outside.", ""}[r.IntN(5)]
		}
		if online || hybrid {
			row["conference_url"] = fmt.Sprintf("https://zoom.us/j/%09d", 200000000+r.IntN(99999999))
			row["conference_url_notes"] = "Camera optional, no sign-up."
		}
		if r.Float64() < .15 {
			row["notes"] = []string{"Coffee from a quarter of an hour before.", "First Friday of the month: speaker.", "We sit outside when it is warm.", "Newcomers are given a seat by the door."}[r.IntN(4)]
		}
		rows = append(rows, row)
		way := clamp(f.friendly + r.NormFloat64()*.22) // rooms of one fellowship differ widely
		if f.friendly > .95 {
			way = .985
		}
		seen := 0
		if r.Float64() < .74 {
			seen = 1 + int(r.ExpFloat64()*7)
		}
		rooms = append(rooms, room{slug: slug, open: way, seen: min(seen, 24)})
	}
	return rows, rooms
}

// visit makes what visitors of a room tell, and now and then the group's own word.
func (t *Town) visit(r *rand.Rand, f fellowship, m room) {
	for range m.seen {
		ago := time.Duration(5+min(330, int(r.ExpFloat64()*90))) * 24 * time.Hour
		v := Visit{Fellowship: f.code, Slug: m.slug, Ago: ago, Warm: r.Float64() < .4+.5*m.open}
		for right := range v.Answers {
			chance := m.open
			switch welcome.Right(right) {
			case welcome.Attend:
				chance = .9 + .1*m.open
			case welcome.Lead, welcome.Serve:
				chance = m.open - .15
			case welcome.BeSponsor:
				chance = m.open - .3
			}
			if f.friendly > .95 {
				chance = .985
			}
			known := map[welcome.Right]float64{welcome.Attend: 1, welcome.Speak: .97, welcome.TimeCounts: .85, welcome.HaveSponsor: .5, welcome.Lead: .45, welcome.Serve: .4, welcome.BeSponsor: .3}[welcome.Right(right)]
			switch x := r.Float64(); {
			case r.Float64() > known:
				v.Answers[right] = welcome.Unknown
			case x < chance:
				v.Answers[right] = welcome.Yes
			case x < chance+.06:
				v.Answers[right] = welcome.Depends
			default:
				v.Answers[right] = welcome.No
			}
		}
		v.Remark = r.Float64() < .55*(1-m.open)
		v.Pressed = r.Float64() < .35*(1-m.open)
		if r.Float64() < .12 {
			v.Note = []string{"Ask for the chair at the door, she will find you a seat.", "It went well once I had met somebody before.", "The Tuesday room and the Thursday room are not the same.", "Good coffee. Bring a sweater."}[r.IntN(4)]
		}
		t.Visits = append(t.Visits, v)
	}
	if f.friendly > .95 || r.Float64() < .05 {
		w := Word{Fellowship: f.code, Slug: m.slug, By: "the group’s secretary", Ago: time.Duration(20+r.IntN(280)) * 24 * time.Hour, Text: "We decided this together. Come as you are."}
		for right := range w.Answers {
			w.Answers[right] = welcome.Yes
		}
		if f.friendly <= .95 && m.open < .8 {
			w.Answers = welcome.Answers{welcome.Attend: welcome.Yes, welcome.Speak: welcome.Yes, welcome.TimeCounts: welcome.Yes}
		}
		t.Words = append(t.Words, w)
	}
}
