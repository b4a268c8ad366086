package main

import (
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"hearth/internal/geo"
	"hearth/internal/geo/placefile"
)

// names are the tables written by hand, beside this program.
type names struct {
	regions   map[string]placefile.Region // by country and GeoNames code: "CA-01"; Country not yet set
	countries map[string][]string         // other names by country
	aliases   [][3]string                 // place key, country or country-state, names
}

func readNames(dir string) (*names, error) {
	n := &names{regions: map[string]placefile.Region{}, countries: map[string][]string{}}
	table := func(file string, cols int, row func(f []string)) error {
		lines, err := readLines(filepath.Join(dir, file))
		for _, line := range lines {
			f := strings.Split(line, "\t")
			if len(f) != cols {
				return fmt.Errorf("%s: line %q has %d columns, not %d", file, line, len(f), cols)
			}
			row(f)
		}
		return err
	}
	split := func(s string) []string {
		if s == "" {
			return nil
		}
		return strings.Split(s, ";")
	}
	if err := table("regions.tsv", 6, func(f []string) {
		n.regions[f[0]+"-"+f[1]] = placefile.Region{Code: f[2], Names: [2]string{f[3], f[4]}, AltNames: split(f[5])}
	}); err != nil {
		return nil, err
	}
	if err := table("countries.tsv", 2, func(f []string) { n.countries[f[0]] = split(f[1]) }); err != nil {
		return nil, err
	}
	err := table("aliases.tsv", 3, func(f []string) { n.aliases = append(n.aliases, [3]string(f)) })
	return n, err
}

// displayNames are what GeoNames calls a town but nobody writes on an envelope.
var displayNames = map[string]string{"New York City": "New York", "Washington, D.C.": "Washington"}

// territories are countries to ISO 3166, and states to the post office.
var territories = map[string]bool{"PR": true, "VI": true, "GU": true, "AS": true, "MP": true}

type place struct {
	name, key  string
	region     uint16
	lat, lng   float64
	population int
}

type builder struct {
	names     *names
	countries []placefile.Country
	regions   []placefile.Region
	countryAt map[string]uint16
	regionAt  map[string]uint16 // by country and GeoNames code
	places    []place
	towns     map[string]bool // US towns by key and state
	zips      []zip
}

func newBuilder(n *names) *builder {
	b := &builder{names: n, countryAt: map[string]uint16{}, regionAt: map[string]uint16{}, towns: map[string]bool{}}
	for code := range n.regions { // so that a state without a town in the data is still known by name
		b.region(code[:2], code[3:])
	}
	return b
}

func (b *builder) country(code string) uint16 {
	if i, ok := b.countryAt[code]; ok {
		return i
	}
	c := placefile.Country{Code: code, AltNames: b.names.countries[code]}
	if r, err := language.ParseRegion(code); err == nil {
		c.Names = [2]string{display.English.Regions().Name(r), display.Spanish.Regions().Name(r)}
	}
	b.countries = append(b.countries, c)
	b.countryAt[code] = uint16(len(b.countries) - 1)
	return b.countryAt[code]
}

func (b *builder) region(country, admin string) uint16 {
	id := country + "-" + admin
	if i, ok := b.regionAt[id]; ok {
		return i
	}
	r, known := b.names.regions[id]
	if !known {
		r.Code = admin
		if admin == "00" { // GeoNames' "none"
			r.Code = ""
		}
	}
	r.Country = b.country(country)
	b.regions = append(b.regions, r)
	b.regionAt[id] = uint16(len(b.regions) - 1)
	return b.regionAt[id]
}

func (b *builder) add(name string, region uint16, lat, lng float64, population int) {
	b.places = append(b.places, place{name, placefile.Key(name), region, lat, lng, round3(population)})
}

// addCities takes the towns of the world.
func (b *builder) addCities(cities []city) {
	for _, c := range cities {
		name := c.name
		if other, ok := displayNames[name]; ok {
			name = other
		}
		if placefile.Key(name) == "" {
			continue
		}
		country, admin := c.country, c.admin
		if territories[country] { // as an American envelope has it
			country, admin = "US", country
		}
		b.add(name, b.region(country, admin), c.lat, c.lng, c.population)
		if country == "US" {
			b.towns[placefile.Key(name)+"\t"+admin] = true
		}
	}
}

// addZIPTowns takes the ZIP codes, and adds the towns that are too small for the list of cities.
func (b *builder) addZIPTowns(zips []zip) {
	b.zips = zips
	type middle struct {
		name     string
		state    string
		lat, lng float64
		n        int
	}
	missing := map[string]*middle{}
	var order []string
	for _, z := range zips {
		if z.town == "" {
			continue
		}
		id := placefile.Key(z.town) + "\t" + z.state
		if b.towns[id] || b.towns[b.otherName(id)] {
			continue
		}
		m := missing[id]
		if m == nil {
			m = &middle{name: z.town, state: z.state}
			missing[id] = m
			order = append(order, id)
		}
		m.lat, m.lng, m.n = m.lat+z.at[0].Lat, m.lng+z.at[0].Lng, m.n+1
	}
	for _, id := range order {
		m := missing[id]
		b.add(m.name, b.region("US", m.state), m.lat/float64(m.n), m.lng/float64(m.n), 0)
		b.towns[id] = true
	}
}

// otherName returns the key and state of the town that is meant by another name of it ("Bronx" is The
// Bronx), "" where it is no other name.
func (b *builder) otherName(id string) string {
	key, state, _ := strings.Cut(id, "\t")
	for _, a := range b.names.aliases {
		if a[1] == "US-"+state && slices.ContainsFunc(strings.Split(a[2], ";"), func(n string) bool { return placefile.Key(n) == key }) {
			return placefile.Key(a[0]) + "\t" + state
		}
	}
	return ""
}

// file puts everything in its final order.
func (b *builder) file() (*placefile.File, error) {
	if len(b.regions) > math.MaxUint16 {
		return nil, fmt.Errorf("%d regions are too many", len(b.regions))
	}
	b.sortRegions()
	slices.SortStableFunc(b.places, func(x, y place) int {
		return cmp.Or(strings.Compare(x.key, y.key), y.population-x.population, cmp.Compare(x.region, y.region),
			cmp.Compare(x.lat, y.lat), cmp.Compare(x.lng, y.lng), strings.Compare(x.name, y.name))
	})
	b.places = slices.CompactFunc(b.places, func(x, y place) bool {
		return x.key == y.key && x.region == y.region && x.lat == y.lat && x.lng == y.lng
	})
	f := &placefile.File{Countries: b.countries, Regions: b.regions}
	var all strings.Builder
	for _, p := range b.places {
		all.WriteString(p.name)
		f.NameEnd = append(f.NameEnd, uint32(all.Len()))
		f.Lat, f.Lng = append(f.Lat, unit(p.lat)), append(f.Lng, unit(p.lng))
		f.Population = append(f.Population, uint32(p.population))
		f.Region = append(f.Region, p.region)
	}
	f.Names = all.String()
	if err := b.placeZIPs(f); err != nil {
		return nil, err
	}
	return f, b.placeAliases(f)
}

// sortRegions numbers countries and regions by their codes, so that the file is the same every time.
func (b *builder) sortRegions() {
	code := func(r placefile.Region) string { return b.countries[r.Country].Code + "-" + r.Code }
	old := slices.Clone(b.regions)
	oldCountries := slices.Clone(b.countries)
	slices.SortFunc(b.countries, func(x, y placefile.Country) int { return strings.Compare(x.Code, y.Code) })
	for i, c := range b.countries {
		b.countryAt[c.Code] = uint16(i)
	}
	for i := range old {
		old[i].Country = b.countryAt[oldCountries[old[i].Country].Code]
	}
	b.regions = slices.Clone(old)
	slices.SortStableFunc(b.regions, func(x, y placefile.Region) int { return strings.Compare(code(x), code(y)) })
	at := map[string]uint16{}
	for i, r := range b.regions {
		at[code(r)] = uint16(i)
	}
	for i := range b.places {
		b.places[i].region = at[code(old[b.places[i].region])]
	}
	for id, i := range b.regionAt {
		b.regionAt[id] = at[code(old[i])]
	}
}

// placeZIPs finds the town of each ZIP code: the one of its name and state nearest to it, or for a code
// without a name (Puerto Rico) the nearest town.
func (b *builder) placeZIPs(f *placefile.File) error {
	byName := map[string][]uint32{}
	var islands []uint32
	for i, p := range b.places {
		r := b.regions[p.region]
		if b.countries[r.Country].Code != "US" {
			continue
		}
		byName[p.key+"\t"+r.Code] = append(byName[p.key+"\t"+r.Code], uint32(i))
		if territories[r.Code] {
			islands = append(islands, uint32(i))
		}
	}
	for _, z := range b.zips {
		id := placefile.Key(z.town) + "\t" + z.state
		candidates := byName[id]
		if len(candidates) == 0 {
			candidates = byName[b.otherName(id)]
		}
		limit := math.Inf(1)
		if z.town == "" {
			candidates, limit = islands, 30
		}
		best, at := -1, geo.Point{}
		for _, c := range candidates {
			p := b.places[c]
			for n, q := range z.at {
				d := geo.Miles(q, geo.Point{Lat: p.lat, Lng: p.lng})
				if n > 0 { // the lesser source is believed only where the better one is far off
					d += 30
				}
				if d < limit {
					best, at, limit = int(c), q, d
				}
			}
		}
		if best < 0 {
			if z.town != "" {
				return fmt.Errorf("ZIP code %05d: no town %s in %s", z.code, z.town, z.state)
			}
			continue // a code on the mainland that only the Census knows
		}
		f.ZIP = append(f.ZIP, z.code)
		f.ZIPLat, f.ZIPLng = append(f.ZIPLat, unit(at.Lat)), append(f.ZIPLng, unit(at.Lng))
		f.ZIPPlace = append(f.ZIPPlace, uint32(best))
	}
	return nil
}

func (b *builder) placeAliases(f *placefile.File) error {
	for _, a := range b.names.aliases {
		key := placefile.Key(a[0])
		best := -1
		for i, p := range b.places { // sorted by population within a key: the first is the largest
			r := b.regions[p.region]
			c := b.countries[r.Country].Code
			if p.key == key && (a[1] == c || a[1] == c+"-"+r.Code) {
				best = i
				break
			}
		}
		if best < 0 {
			return fmt.Errorf("aliases.tsv: no place %s in %s", a[0], a[1])
		}
		for _, alias := range strings.Split(a[2], ";") {
			f.Aliases = append(f.Aliases, placefile.Alias{Key: placefile.Key(alias), Place: uint32(best)})
		}
	}
	slices.SortFunc(f.Aliases, func(x, y placefile.Alias) int {
		return cmp.Or(strings.Compare(x.Key, y.Key), cmp.Compare(x.Place, y.Place))
	})
	f.Aliases = slices.Compact(f.Aliases)
	return nil
}

func unit(degrees float64) int32 { return int32(math.Round(degrees * placefile.Degree)) }

// round3 keeps three figures: the rest would cost space and nobody is helped by it.
func round3(n int) int {
	scale := 1
	for n/scale >= 1000 {
		scale *= 10
	}
	return (n + scale/2) / scale * scale
}
