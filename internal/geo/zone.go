package geo

import (
	"slices"
	"strings"

	"hearth/internal/geo/placefile"
)

// Zone returns the IANA time zone at a point, "" when unsure. Country and state may be codes ("US", "AZ"),
// names in English or Spanish ("USA", "Arizona"), or ""; where they are known they keep a point near a
// border on its own side, and there is no zone where they contradict it. The zero point says that only they
// are known.
func (g *Gazetteer) Zone(lat, lng float64, country, state string) string {
	country, state = g.countryCode(country), strings.ToUpper(strings.TrimSpace(state))
	known := lat != 0 || lng != 0
	if known && !(Point{lat, lng}).Valid() {
		return ""
	}
	if known && (country == "" || (country == "US" && state == "")) {
		region, sure := g.regionAt(Point{lat, lng})
		if region < 0 {
			return ""
		}
		r := &g.f.Regions[region]
		if country == "" {
			country = g.f.Countries[r.Country].Code
		}
		if state == "" && sure {
			state = r.Code
		}
	}
	state = g.stateCode(country, state)
	if state != "" {
		if name, ok := stateZones[country+"-"+state]; ok {
			return name
		}
	}
	if country == "US" && known {
		for _, b := range zoneBands {
			if b.state == state && lat > b.south && lat < b.north {
				return b.zone
			}
		}
	}
	at, ok := g.countries[country]
	if !ok {
		return ""
	}
	zones := g.f.Countries[at].Zones
	if len(zones) == 1 {
		return zones[0]
	}
	if !known {
		return ""
	}
	return g.zoneAround(Point{lat, lng}, zones)
}

// countryCode returns the code of a country by code or name, in upper case; "" where it is neither.
func (g *Gazetteer) countryCode(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	if _, ok := g.countries[s]; ok || s == "" {
		return s
	}
	for _, q := range g.qualifiers[placefile.Key(s)] {
		if q.region < 0 {
			return g.f.Countries[q.country].Code
		}
	}
	return ""
}

// stateCode returns the code of a country's state by name; what is none as it is.
func (g *Gazetteer) stateCode(country, s string) string {
	if len(s) < 4 { // a code, which is far the most frequent
		return s
	}
	for _, q := range g.qualifiers[placefile.Key(s)] {
		if q.region >= 0 && g.f.Countries[q.country].Code == country {
			return g.f.Regions[q.region].Code
		}
	}
	return s
}

// zoneAround returns the one of zones that the tree has at p, or in a circle around it: the tree is coarse
// at coasts, and puts some towns on the other side of a river that is a border.
func (g *Gazetteer) zoneAround(p Point, zones []string) string {
	if z := g.treeZone(p.Lat, p.Lng); slices.Contains(zones, z) {
		return z
	}
	for _, miles := range []float64{5, 12, 25, 50} {
		box := Box(p, miles)
		votes := map[string]int{}
		best := ""
		for _, q := range []Point{
			{box.North, p.Lng},
			{box.South, p.Lng},
			{p.Lat, box.East},
			{p.Lat, box.West},
			{box.North, box.East},
			{box.South, box.East},
			{box.North, box.West},
			{box.South, box.West},
		} {
			z := g.treeZone(q.Lat, q.Lng)
			if votes[z]++; slices.Contains(zones, z) && votes[z] > votes[best] {
				best = z
			}
		}
		if best != "" {
			return best
		}
	}
	return ""
}

// zoneBands are the parts of split states that keep one time from border to border, where the tree is too
// coarse to be believed.
var zoneBands = []struct {
	state        string
	south, north float64
	zone         string
}{
	{"ID", 45.5, 90, "America/Los_Angeles"}, // north of the Salmon River
	{"OR", 44.5, 90, "America/Los_Angeles"}, // all but Malheur County
	{"NV", 0, 40.6, "America/Los_Angeles"},  // all but West Wendover
	{"NV", 40.9, 90, "America/Los_Angeles"},
	{"KS", 0, 37.73, "America/Chicago"}, // all but four counties in the west
	{"KS", 39.57, 90, "America/Chicago"},
	{"ND", 47.95, 90, "America/Chicago"},
}

// stateZones are the states and provinces that keep one time throughout. Arizona is not among them (the
// Navajo Nation changes its clocks), nor New South Wales (Broken Hill keeps Adelaide's time).
var stateZones = func() map[string]string {
	m := map[string]string{
		"US-PR": "America/Puerto_Rico", "US-VI": "America/St_Thomas", "US-GU": "Pacific/Guam", "US-AS": "Pacific/Pago_Pago",
		"US-MP": "Pacific/Saipan", "US-HI": "Pacific/Honolulu", "CA-AB": "America/Edmonton", "CA-MB": "America/Winnipeg",
		"CA-NB": "America/Moncton", "CA-PE": "America/Halifax", "MX-SON": "America/Hermosillo", "MX-ROO": "America/Cancun",
		"MX-SIN": "America/Mazatlan", "MX-BCS": "America/Mazatlan", "MX-BCN": "America/Tijuana",
		"AU-ACT": "Australia/Sydney", "AU-VIC": "Australia/Melbourne", "AU-QLD": "Australia/Brisbane",
		"AU-TAS": "Australia/Hobart", "AU-NT": "Australia/Darwin", "AU-SA": "Australia/Adelaide",
	}
	for zone, states := range map[string]string{
		"America/New_York":    "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV",
		"America/Chicago":     "AL AR IA IL LA MN MO MS OK WI",
		"America/Denver":      "CO MT NM UT WY",
		"America/Los_Angeles": "CA WA",
	} {
		for _, s := range strings.Fields(states) {
			m["US-"+s] = zone
		}
	}
	return m
}()

// atSea tells whether the tree of zones gives a point to no land.
func (g *Gazetteer) atSea(lat, lng float64) bool {
	return strings.HasPrefix(g.treeZone(lat, lng), "Etc/")
}

// treeZone looks a point up in tz-lookup's tree. The earth is cut into 48 × 24 cells, each cell into four
// until it lies in one zone or is small. A node is two characters in base 56: the number of the next node,
// or of a zone.
func (g *Gazetteer) treeZone(lat, lng float64) string {
	tree, names := g.f.ZoneTree, g.f.ZoneNames
	if lat >= 90 {
		return "Etc/GMT"
	}
	const base = 56
	const last = base * base
	node := func(at int) int {
		if at < 0 || at+1 >= len(tree) {
			return last // damaged: end
		}
		return base*int(tree[at]) + int(tree[at+1]) - 1995
	}
	x, y := 48*(180+lng)/360.00000000000006, 24*(90-lat)/180.00000000000003
	col, row := int(x), int(y)
	n, at := node(96*row+2*col), -1
	for n+len(names) < last {
		at += n + 1
		x, y = 2*(x-float64(col)), 2*(y-float64(row))
		col, row = int(x), int(y)
		n = node(8*at + 4*row + 2*col + 2304)
	}
	if i := n + len(names) - last; i >= 0 && i < len(names) {
		return names[i]
	}
	return ""
}
