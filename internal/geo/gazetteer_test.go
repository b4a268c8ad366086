package geo_test

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hearth/internal/geo"
)

// testdata/known.tsv comes from lists of places that the gazetteer was not made from.
func TestLookupOfKnownPlaces(t *testing.T) {
	raw, err := os.ReadFile("testdata/known.tsv")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	if len(lines) < 200 {
		t.Fatalf("only %d places", len(lines))
	}
	for _, line := range lines {
		f := strings.Split(line, "\t")
		lat, err1 := strconv.ParseFloat(f[2], 64)
		lng, err2 := strconv.ParseFloat(f[3], 64)
		if err1 != nil || err2 != nil {
			t.Fatalf("line %q", line)
		}
		found := geo.World().Lookup(f[0])
		if len(found) == 0 {
			t.Errorf("%s: nothing", f[0])
			continue
		}
		if d := geo.Miles(found[0].Point(), geo.Point{Lat: lat, Lng: lng}); d > 15 || found[0].Country != f[1] {
			t.Errorf("%s: %s, %.0f miles off", f[0], found[0].Label("en"), d)
		}
		if found[0].Zone == "" {
			t.Errorf("%s: no zone", f[0])
		} else if _, err := time.LoadLocation(found[0].Zone); err != nil {
			t.Errorf("%s: %v", f[0], err)
		}
	}
}

func TestLookup(t *testing.T) {
	for query, want := range map[string]string{ // the label of the best; "" nothing
		"19104":                            "19104 Philadelphia, PA",
		"19104-1234":                       "19104 Philadelphia, PA",
		" 19104 ":                          "19104 Philadelphia, PA",
		"Philadelphia, PA 19104":           "19104 Philadelphia, PA",
		"19104 philadelphia":               "19104 Philadelphia, PA",
		"75001 Paris":                      "Paris, France",
		"75001":                            "75001 Addison, TX",
		"00901":                            "00901 San Juan, PR",
		"00000":                            "",
		"12345 Main St":                    "",
		"Philadelphia":                     "Philadelphia, PA",
		"philadelphia pa":                  "Philadelphia, PA",
		"Philadelphia, Pennsylvania":       "Philadelphia, PA",
		"Filadelfia, Pensilvania":          "Philadelphia, PA",
		"PHILADELPHIA PA USA":              "Philadelphia, PA",
		"123 Main St, Philadelphia, PA":    "Philadelphia, PA",
		"Ambler, Montgomery County, PA":    "Ambler, PA",
		"san jose, ca":                     "San Jose, CA",
		"San José, Costa Rica":             "San José, Costa Rica",
		"México":                           "Mexico City, Mexico",
		"Mexico, MO":                       "Mexico, MO",
		"mexico missouri":                  "Mexico, MO",
		"León, México":                     "León de los Aldama, Guanajuato, Mexico",
		"München":                          "Munich, Germany",
		"Wien":                             "Vienna, Austria",
		"New York":                         "New York, NY",
		"new york ny":                      "New York, NY",
		"Nueva York":                       "New York, NY",
		"Bronx, NY":                        "The Bronx, NY",
		"Washington, D.C.":                 "Washington, DC",
		"washington dc":                    "Washington, DC",
		"St Louis":                         "St. Louis, MO",
		"Saint Louis, Missouri":            "St. Louis, MO",
		"St Paul MN":                       "Saint Paul, MN",
		"ft. worth texas":                  "Fort Worth, TX",
		"Winston Salem nc":                 "Winston-Salem, NC",
		"Coeur d’Alene":                    "Coeur d'Alene, ID",
		"Charleston, West Virginia":        "Charleston, WV",
		"charleston w va":                  "Charleston, WV",
		"fargo north dakota":               "Fargo, ND",
		"Albuquerque, Nuevo México":        "Albuquerque, NM",
		"Vancouver, CA":                    "Vancouver, BC, Canada",
		"Ontario, CA":                      "Ontario, CA",
		"London, Ontario":                  "London, ON, Canada",
		"London":                           "London, England, United Kingdom",
		"Paris, Texas":                     "Paris, TX",
		"Tijuana, Baja California, México": "Tijuana, Baja California, Mexico",
		"Birmingham, Inglaterra":           "Birmingham, England, United Kingdom",
		"Birmingham":                       "Birmingham, AL",
		"Kansas City, KS":                  "Kansas City, KS",
		"Paris, Texass":                    "", // a slip of the keys is no reason to go to France
		"Pennsylvania":                     "",
		"nowhere at all":                   "",
		"":                                 "",
		" , ,":                             "",
		strings.Repeat("Springfield ", 99): "",
	} {
		got := ""
		if found := geo.World().Lookup(query); len(found) > 0 {
			got = found[0].Label("en")
		}
		if got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
}

func TestLookupGivesSeveralByPopulation(t *testing.T) {
	found := geo.World().Lookup("Springfield")
	if len(found) < 10 {
		t.Fatalf("%d Springfields", len(found))
	}
	var states []string
	for i, p := range found {
		states = append(states, p.State)
		if i > 0 && p.Country == "US" && found[i-1].Country == "US" && p.Population > found[i-1].Population {
			t.Errorf("%s after %s", p.Label("en"), found[i-1].Label("en"))
		}
	}
	if diff := cmp.Diff([]string{"MO", "MA", "IL"}, states[:3]); diff != "" {
		t.Error(diff)
	}
}

func TestLabelInSpanish(t *testing.T) {
	for query, want := range map[string]string{
		"Munich": "Munich, Alemania", "Tijuana, BC": "Tijuana, Baja California, México", "Miami": "Miami, FL",
		"London": "London, Inglaterra, Reino Unido",
	} {
		if got := geo.World().Lookup(query)[0].Label("es"); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	if got := (geo.Place{}).Label("en"); got != "" {
		t.Errorf("label of nothing: %q", got)
	}
}

// Every town is the nearest to where it is, or another stands on the same spot; and around towns, where
// it matters, nothing is nearer than the answer.
func TestNearestAgainstBruteForce(t *testing.T) {
	g := geo.World()
	rng := rand.New(rand.NewPCG(1, 2))
	points := []geo.Point{{}, {Lat: 90}, {Lat: -90}, {Lat: 0, Lng: 180}, {Lat: 0, Lng: -180}, {Lat: 66, Lng: -179.9}, {Lat: -17, Lng: 179.99}}
	for range 30 { // anywhere
		points = append(points, geo.Point{Lat: rng.Float64()*180 - 90, Lng: rng.Float64()*360 - 180})
	}
	for range 30 { // in the United States
		points = append(points, geo.Point{Lat: 26 + rng.Float64()*22, Lng: -122 + rng.Float64()*52})
	}
	for _, p := range points {
		got := g.Nearest(p.Lat, p.Lng)
		_, best := geo.NearestByBruteForce(g, p)
		if d := geo.Miles(p, got.Point()); got.Name == "" || math.Abs(d-best) > 1e-9 {
			t.Errorf("%v: %s at %v miles, there is one at %v", p, got.Label("en"), d, best)
		}
	}
	if got := g.Nearest(math.NaN(), 0); got != (geo.Place{}) {
		t.Errorf("nearest to no point: %+v", got)
	}
}

func TestArea(t *testing.T) {
	for _, c := range []struct {
		name     string
		lat, lng float64
		want     string
	}{
		{"Philadelphia", 39.95, -75.16, "US-PA"},
		{"Camden, over the river", 39.94, -75.11, "US-NJ"},
		{"Kansas City, Kansas", 39.11, -94.63, "US-KS"},
		{"Kansas City, Missouri", 39.10, -94.57, "US-MO"},
		{"El Paso", 31.78, -106.45, "US-TX"},
		{"Ciudad Juárez", 31.70, -106.43, "MX-CHH"},
		{"Calgary", 51.05, -114.07, "CA-AB"},
		{"Berlin", 52.52, 13.40, "DE-16"},
		{"San Juan", 18.45, -66.07, "US-PR"},
		{"Honolulu", 21.31, -157.86, "US-HI"},
		{"a pier in Santa Monica", 34.008, -118.50, "US-CA"},
		{"Glasgow", 55.86, -4.25, "GB-SCT"},
		{"the Atlantic", 35, -45, ""},
		{"the Gulf", 27.5, -84.5, ""},
		{"the Pacific", 0, -150, ""},
		{"the ice", -85, 40, ""},
		{"nowhere", math.NaN(), 0, ""},
		{"off the earth", 100, 0, ""},
	} {
		if got := geo.World().Area(c.lat, c.lng); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestZone(t *testing.T) {
	for _, c := range []struct {
		name           string
		lat, lng       float64
		country, state string
		want           string
	}{
		{"a state with one zone", 0, 0, "US", "PA", "America/New_York"},
		{"lower case", 0, 0, "us", "pa", "America/New_York"},
		{"names", 0, 0, "United States", "Pennsylvania", "America/New_York"},
		{"the usual short name", 0, 0, "USA", "PA", "America/New_York"},
		{"with stops", 0, 0, "U.S.A.", "PA", "America/New_York"},
		{"a province by name", 0, 0, "Canada", "Alberta", "America/Edmonton"},
		{"a country by name", 0, 0, "Ireland", "", "Europe/Dublin"},
		{"Nashville by names", 36.16, -86.78, "USA", "Tennessee", "America/Chicago"},
		{"London, UK", 51.51, -0.13, "UK", "", "Europe/London"},
		{"in Spanish", 0, 0, "Estados Unidos", "Pensilvania", "America/New_York"},
		{"a split state without a point", 0, 0, "US", "TN", ""},
		{"Nashville", 36.16, -86.78, "US", "TN", "America/Chicago"},
		{"Knoxville", 35.96, -83.92, "US", "TN", "America/New_York"},
		{"El Paso", 31.76, -106.49, "US", "TX", "America/Denver"},
		{"Houston", 29.76, -95.37, "US", "TX", "America/Chicago"},
		{"Pensacola", 30.42, -87.22, "US", "FL", "America/Chicago"},
		{"Coeur d'Alene", 47.68, -116.78, "US", "ID", "America/Los_Angeles"},
		{"Williston", 48.15, -103.62, "US", "ND", "America/Chicago"},
		{"Dickinson", 46.88, -102.79, "US", "ND", "America/Denver"},
		{"Panaca", 37.79, -114.39, "US", "NV", "America/Los_Angeles"},
		{"West Wendover", 40.74, -114.07, "US", "NV", "America/Denver"},
		{"Ontario, Oregon", 44.03, -116.96, "US", "OR", "America/Boise"},
		{"Baker City", 44.77, -117.83, "US", "OR", "America/Los_Angeles"},
		{"Boise", 43.61, -116.20, "US", "ID", "America/Boise"},
		{"Phoenix", 33.45, -112.07, "US", "AZ", "America/Phoenix"},
		{"Roma, Texas, on the Rio Grande", 26.405, -99.016, "US", "TX", "America/Chicago"},
		{"Anchorage", 61.2, -149.9, "US", "AK", "America/Anchorage"},
		{"San Juan without a state", 18.45, -66.07, "", "", "America/Puerto_Rico"},
		{"Philadelphia without anything", 39.95, -75.16, "", "", "America/New_York"},
		{"a country with one zone", 0, 0, "DE", "", ""}, // Büsingen has its own
		{"Munich", 48.14, 11.58, "DE", "", "Europe/Berlin"},
		{"Ireland", 0, 0, "IE", "", "Europe/Dublin"},
		{"Calgary", 0, 0, "CA", "AB", "America/Edmonton"},
		{"Toronto", 43.65, -79.38, "CA", "ON", "America/Toronto"},
		{"Tijuana", 32.51, -117.02, "MX", "", "America/Tijuana"},
		{"the Atlantic", 35, -45, "", "", ""},
		{"nothing known", 0, 0, "", "", ""},
		{"a country that nobody knows, with a point", 52.53, 13.4, "Allemagne", "", "Europe/Berlin"},
		{"a country that contradicts the point", 34.2, -118.5, "Germany", "", ""},
		{"no such country", 0, 0, "ZZ", "", ""},
		{"off the earth", 95, 0, "US", "", ""},
	} {
		if got := geo.World().Zone(c.lat, c.lng, c.country, c.state); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestEveryZoneIsKnownToTime(t *testing.T) {
	for _, name := range geo.ZoneNames(geo.World()) {
		if _, err := time.LoadLocation(name); err != nil {
			t.Error(err)
		}
	}
}

// The order of the file is what Lookup searches by: when the folding of words changes, the file must be
// made anew.
func TestFileIsSorted(t *testing.T) {
	if at := geo.Unsorted(geo.World()); at != "" {
		t.Errorf("out of order at %s: run tools/gazetteer again", at)
	}
}

func TestLookupProperties(t *testing.T) {
	g := geo.World()
	letters := []rune("aábcdeñ stlouismxny,. -'019")
	rapid.Check(t, func(t *rapid.T) {
		q := rapid.StringOf(rapid.SampledFrom(letters)).Draw(t, "q")
		found := g.Lookup(q)
		if len(found) > 25 {
			t.Fatalf("%d places", len(found))
		}
		for _, p := range found {
			if p.Name == "" || len(p.Country) != 2 || !p.Point().Valid() {
				t.Fatalf("%q gave %+v", q, p)
			}
		}
		if diff := cmp.Diff(found, g.Lookup(strings.ToUpper(q))); diff != "" {
			t.Fatalf("%q differs in capitals\n%s", q, diff)
		}
	})
}

// What Lookup gives can be asked for again by its label.
func TestLabelsFindTheirPlace(t *testing.T) {
	g := geo.World()
	for _, q := range []string{"Springfield", "Portland", "Columbus", "19104", "Santa Fe", "Mérida", "Cambridge", "Saint Paul", "Aurora"} {
		for _, p := range g.Lookup(q) {
			for _, lang := range []string{"en", "es"} {
				again := g.Lookup(p.Label(lang))
				same := func(o geo.Place) bool { return geo.Miles(o.Point(), p.Point()) < 0.1 }
				if !slices.ContainsFunc(again, same) {
					t.Errorf("%s is not found by its own label", p.Label(lang))
				}
			}
		}
	}
}

func FuzzLookup(f *testing.F) {
	for _, s := range []string{"19104", "Philadelphia, PA", "St. John's; NL", "(,", "\xff\xfe", "İstanbul", "0", "99999-99999", "a, b, c, d, e, usa, usa, usa"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, query string) {
		for _, p := range geo.World().Lookup(query) {
			if !utf8.ValidString(p.Name) || !p.Point().Valid() {
				t.Fatalf("%q gave %+v", query, p)
			}
			_ = p.Label("es")
		}
	})
}

func BenchmarkLookup(b *testing.B) {
	g := geo.World()
	b.ReportAllocs()
	for b.Loop() {
		g.Lookup("springfield, il")
	}
}

func BenchmarkArea(b *testing.B) {
	g := geo.World()
	g.Area(40, -75)
	rng := rand.New(rand.NewPCG(1, 2))
	b.ReportAllocs()
	for b.Loop() {
		g.Area(30+rng.Float64()*15, -115+rng.Float64()*35)
	}
}

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if err := geo.Read(); err != nil {
			b.Fatal(err)
		}
	}
}
