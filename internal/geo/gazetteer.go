package geo

import (
	_ "embed"
	"slices"
	"sort"
	"strings"
	"sync"

	"hearth/internal/geo/placefile"
)

//go:embed data/places.bin
var packed []byte

// Gazetteer answers where places are. It is read only and safe for use by many at once.
type Gazetteer struct {
	f          *placefile.File
	qualifiers map[string][]qualifier // states and countries by the key of each of their names
	countries  map[string]int         // index in f.Countries by code
	outlines   []outline              // of states
	byLat      func() []uint32        // places from south to north
}

// World returns the gazetteer that ships inside. It is unpacked on first use, which takes some tens of
// milliseconds and ten megabytes.
var World = sync.OnceValue(func() *Gazetteer {
	g, err := read(packed)
	if err != nil {
		panic("geo: the gazetteer inside this program cannot be read: " + err.Error()) // a test holds that it can
	}
	return g
})

func read(packed []byte) (*Gazetteer, error) {
	f, err := placefile.Unpack(packed)
	if err != nil {
		return nil, err
	}
	g := &Gazetteer{f: f, qualifiers: map[string][]qualifier{}, countries: map[string]int{}}
	for i, c := range f.Countries {
		g.countries[c.Code] = i
		g.qualify(qualifier{country: i, region: -1}, c.Code, c.Names[:], c.AltNames)
	}
	for i, r := range f.Regions {
		if r.Names[0] != "" { // a bare number of GeoNames is no name that anybody would type
			g.qualify(qualifier{country: int(r.Country), region: i}, r.Code, r.Names[:], r.AltNames)
		}
	}
	for i := range f.Outlines {
		g.outlines = append(g.outlines, box(&f.Outlines[i]))
	}
	g.byLat = sync.OnceValue(func() []uint32 {
		order := make([]uint32, f.Len())
		for i := range order {
			order[i] = uint32(i)
		}
		slices.SortFunc(order, func(a, b uint32) int { return int(f.Lat[a] - f.Lat[b]) })
		return order
	})
	return g, nil
}

// qualifier is what may stand after the name of a town: a state, or a country (region -1).
type qualifier struct{ country, region int }

func (g *Gazetteer) qualify(q qualifier, code string, names, more []string) {
	for _, n := range append(append([]string{code}, names...), more...) {
		key := placefile.Key(n)
		if key != "" && !slices.Contains(g.qualifiers[key], q) {
			g.qualifiers[key] = append(g.qualifiers[key], q)
		}
	}
}

// maxFound bounds what Lookup returns: nobody reads on, and some names are borne by hundreds of villages.
const maxFound = 25

// maxQuery bounds what Lookup looks at, in bytes.
const maxQuery = 200

// Lookup returns the places that a person may mean by query, best first: a ZIP code, a town, a town with
// its state or country in English or Spanish, an address that ends in one of these. It returns nothing
// rather than a guess. Among towns of one name the larger comes first, where one in the United States
// counts as five times its size.
func (g *Gazetteer) Lookup(query string) []Place {
	if len(query) > maxQuery {
		return nil
	}
	query, zip, end := cutZIP(query)
	if zip > 0 {
		found, ok := g.zip(zip)
		if strings.TrimSpace(query) == "" || end {
			if ok {
				return []Place{found}
			}
			if !end || strings.TrimSpace(query) == "" {
				return nil
			}
			return g.towns(query) // "Juárez 32000": not a ZIP code, but the town is clear
		}
		// "19104 Philadelphia" is a ZIP code with its town, "75001 Paris" is another country's, and
		// "12345 Main St" a house.
		towns := g.towns(query)
		if ok && slices.ContainsFunc(towns, func(t Place) bool { return Miles(t.Point(), found.Point()) < 30 }) {
			return []Place{found}
		}
		return towns
	}
	return g.towns(query)
}

// cutZIP takes a ZIP code off the start or the end of a query. end says at which.
func cutZIP(query string) (rest string, zip uint32, end bool) {
	q := strings.TrimSpace(query)
	fields := strings.FieldsFunc(q, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' })
	if len(fields) == 0 {
		return q, 0, false
	}
	if n, ok := parseZIP(fields[len(fields)-1]); ok {
		return strings.TrimSuffix(q, fields[len(fields)-1]), n, true
	}
	if n, ok := parseZIP(fields[0]); ok {
		return strings.TrimPrefix(q, fields[0]), n, false
	}
	return q, 0, false
}

// parseZIP reads 19104, 19104-1234 and 191041234.
func parseZIP(s string) (uint32, bool) {
	if len(s) == 10 && s[5] == '-' {
		s = s[:5] + s[6:]
	}
	if len(s) != 5 && len(s) != 9 {
		return 0, false
	}
	n := uint32(0)
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		if i < 5 {
			n = n*10 + uint32(s[i]-'0')
		}
	}
	return n, n > 0
}

func (g *Gazetteer) zip(code uint32) (Place, bool) {
	i, ok := slices.BinarySearch(g.f.ZIP, code)
	if !ok {
		return Place{}, false
	}
	p := g.place(int(g.f.ZIPPlace[i]))
	p.PostalCode = zipText(code)
	p.Lat, p.Lng = degrees(g.f.ZIPLat[i]), degrees(g.f.ZIPLng[i])
	p.Zone = g.Zone(p.Lat, p.Lng, p.Country, p.State)
	return p, true
}

func zipText(code uint32) string {
	b := []byte("00000")
	for i := 4; i >= 0; i-- {
		b[i] += byte(code % 10)
		code /= 10
	}
	return string(b)
}

// towns looks for a town with what stands after it.
func (g *Gazetteer) towns(query string) []Place {
	parts := strings.FieldsFunc(query, func(r rune) bool { return r == ',' || r == ';' || r == '\n' || r == '(' || r == ')' })
	keys := make([]string, 0, len(parts))
	for _, p := range parts {
		if k := placefile.Key(p); k != "" {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	if len(keys) > 2 && keys[0][0] >= '0' && keys[0][0] <= '9' {
		keys = keys[1:] // a house number: the town comes after the street
	}
	var after [][]qualifier
	for _, k := range keys[1:] {
		if q, ok := g.qualifiers[k]; ok { // else a county, a quarter: does not help, does not harm
			after = append(after, q)
		}
	}
	if len(keys) > 1 && len(after) == 0 {
		return nil
	}
	found := g.match(strings.Fields(keys[0]), after)
	if len(found) == 0 && len(after) > 0 {
		found = g.longer(keys[0], after)
	}
	return g.found(found)
}

// longer returns the places whose name goes on after key, by whole words ("León" is León de los Aldama,
// "Cebu" Cebu City). Only within a state or country: without one it would be a guess.
func (g *Gazetteer) longer(key string, after [][]qualifier) []candidate {
	var found []candidate
	key += " "
	first := sort.Search(g.f.Len(), func(i int) bool { return placefile.Key(g.f.Name(i)) >= key })
	for i := first; i < g.f.Len() && strings.HasPrefix(placefile.Key(g.f.Name(i)), key); i++ {
		if weight, ok := g.weight(i, after); ok && g.f.Population[i] > 0 {
			found = append(found, candidate{i, weight})
		}
	}
	return found
}

// match returns the places of a name. Words at its end may be a state or a country.
func (g *Gazetteer) match(words []string, after [][]qualifier) []candidate {
	if found := g.exact(strings.Join(words, " "), after); len(found) > 0 || len(after) > 2 {
		return found
	}
	for n := 1; n <= 4 && n < len(words); n++ {
		name, rest := words[:len(words)-n], words[len(words)-n:]
		if q, ok := g.qualifiers[strings.Join(rest, " ")]; ok {
			if found := g.match(name, append([][]qualifier{q}, after...)); len(found) > 0 {
				return found
			}
		}
	}
	return nil
}

// candidate is a place and how likely it is the one that is meant.
type candidate struct {
	place  int
	weight float64
}

// exact returns the places whose name, or one of whose other names, has this key and that lie in one of
// each set of qualifiers.
func (g *Gazetteer) exact(key string, after [][]qualifier) []candidate {
	var found []candidate
	consider := func(i int) {
		weight, ok := g.weight(i, after)
		if ok && !slices.ContainsFunc(found, func(c candidate) bool { return c.place == i }) {
			found = append(found, candidate{i, weight})
		}
	}
	first := sort.Search(g.f.Len(), func(i int) bool { return placefile.Key(g.f.Name(i)) >= key })
	for i := first; i < g.f.Len() && placefile.Key(g.f.Name(i)) == key; i++ {
		consider(i)
	}
	first = sort.Search(len(g.f.Aliases), func(i int) bool { return g.f.Aliases[i].Key >= key })
	for i := first; i < len(g.f.Aliases) && g.f.Aliases[i].Key == key; i++ {
		consider(int(g.f.Aliases[i].Place))
	}
	return found
}

// weight tells how much speaks for place i, and whether it lies where it is said to.
func (g *Gazetteer) weight(i int, after [][]qualifier) (float64, bool) {
	region := int(g.f.Region[i])
	country := int(g.f.Regions[region].Country)
	// A village whose people nobody counted still beats nothing.
	weight := max(float64(g.f.Population[i]), 200)
	if g.f.Countries[country].Code == "US" {
		weight *= 5
	}
	for _, set := range after {
		state, land := false, false
		for _, q := range set {
			state = state || q.region == region
			land = land || (q.region < 0 && q.country == country)
		}
		if !state && !land {
			return 0, false
		}
		if state { // "CA" after a town is California before it is Canada
			weight *= 20
		}
	}
	return weight, true
}

// found orders candidates and leaves out those that say the same twice: a town and the township of its
// name around it.
func (g *Gazetteer) found(all []candidate) []Place {
	slices.SortStableFunc(all, func(a, b candidate) int {
		switch {
		case a.weight > b.weight:
			return -1
		case a.weight < b.weight:
			return 1
		}
		return a.place - b.place
	})
	var out []Place
	for _, c := range all {
		p := g.place(c.place)
		same := func(q Place) bool {
			return q.Name == p.Name && q.State == p.State && q.Country == p.Country && Miles(p.Point(), q.Point()) < 10
		}
		if slices.ContainsFunc(out, same) {
			continue
		}
		p.Zone = g.Zone(p.Lat, p.Lng, p.Country, p.State)
		if out = append(out, p); len(out) == maxFound {
			break
		}
	}
	return out
}

// place returns place i without its zone.
func (g *Gazetteer) place(i int) Place {
	r := &g.f.Regions[g.f.Region[i]]
	return Place{
		Name: g.f.Name(i), State: r.Code, Country: g.f.Countries[r.Country].Code,
		Lat: degrees(g.f.Lat[i]), Lng: degrees(g.f.Lng[i]), Population: int(g.f.Population[i]),
	}
}

func degrees(unit int32) float64 { return float64(unit) / placefile.Degree }

// CountryName returns the name of a country in English or (lang "es") Spanish; the code itself where it
// is not known.
func (g *Gazetteer) CountryName(code, lang string) string {
	if i, ok := g.countries[code]; ok {
		return inLanguage(g.f.Countries[i].Names, lang, code)
	}
	return code
}

// StateName returns the name of a state or province in English or Spanish; "" where only its number is
// known.
func (g *Gazetteer) StateName(country, state, lang string) string {
	for _, q := range g.qualifiers[placefile.Key(state)] {
		if q.region < 0 || g.f.Countries[q.country].Code != country {
			continue
		}
		if r := g.f.Regions[q.region]; strings.EqualFold(r.Code, state) {
			return inLanguage(r.Names, lang, "")
		}
	}
	return ""
}

func inLanguage(names [2]string, lang, otherwise string) string {
	name := names[0]
	if lang == "es" {
		name = names[1]
	}
	if name == "" {
		return otherwise
	}
	return name
}
