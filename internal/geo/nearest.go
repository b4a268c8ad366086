package geo

import (
	"math"
	"sort"

	"hearth/internal/geo/placefile"
)

// Nearest returns the town nearest to a point; an empty Place where there is no such point.
func (g *Gazetteer) Nearest(lat, lng float64) Place {
	i, _ := g.nearest(Point{lat, lng}, math.Inf(1))
	if i < 0 {
		return Place{}
	}
	p := g.place(i)
	p.Zone = g.Zone(p.Lat, p.Lng, p.Country, p.State)
	return p
}

const (
	// near: closer to a town than this is its area, even on a pier.
	near = 5
	// reach: farther from every town than this is nobody's area.
	reach = 50
)

// Area returns the country and state or province that a point lies in, "US-PA", "CA-AB", "DE-02": those
// of the nearest town. It is "" at sea and wherever nobody lives near. The codes are ISO's for the United
// States, Canada, Mexico, Australia and Britain, and GeoNames' elsewhere.
func (g *Gazetteer) Area(lat, lng float64) string {
	i, miles := g.nearest(Point{lat, lng}, reach)
	if i < 0 || (miles > near && g.atSea(lat, lng)) {
		return ""
	}
	r := &g.f.Regions[g.f.Region[i]]
	country := g.f.Countries[r.Country].Code
	if r.Code == "" {
		return country
	}
	return country + "-" + r.Code
}

// nearest returns the index of the place nearest to p and how far it is; -1 where none is within limit.
// It walks north and south from p at once until everything left is farther in latitude alone.
func (g *Gazetteer) nearest(p Point, limit float64) (int, float64) {
	if !p.Valid() { // NaN is not valid either
		return -1, 0
	}
	const milesPerUnit = EarthMiles * math.Pi / 180 / placefile.Degree
	order := g.byLat()
	lat := p.Lat * placefile.Degree
	north := sort.Search(len(order), func(i int) bool { return float64(g.f.Lat[order[i]]) >= lat })
	south := north - 1
	best, miles := -1, limit
	box := Box(p, min(limit, 2*math.Pi*EarthMiles))
	for north < len(order) || south >= 0 {
		up, down := math.Inf(1), math.Inf(1)
		if north < len(order) {
			up = (float64(g.f.Lat[order[north]]) - lat) * milesPerUnit
		}
		if south >= 0 {
			down = (lat - float64(g.f.Lat[order[south]])) * milesPerUnit
		}
		if min(up, down) > miles {
			break
		}
		var i int
		if up <= down {
			i = int(order[north])
			north++
		} else {
			i = int(order[south])
			south--
		}
		q := Point{degrees(g.f.Lat[i]), degrees(g.f.Lng[i])}
		if !box.Contains(q) {
			continue
		}
		if d := Miles(p, q); d < miles || (d == miles && best < 0) {
			best, miles = i, d
			box = Box(p, miles)
		}
	}
	return best, miles
}
