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
	// near: closer to a town than this is its area, even on a pier
	near = 5
	// reach: farther from every town than this is nobody's area
	reach = 50
)

// Area returns the country and state or province that a point lies in, "US-PA", "CA-AB", "DE-02". In the
// United States it is the state around the point, elsewhere that of the nearest town. It is "" at sea and
// wherever nobody lives near. The codes are ISO's for the United States, Canada, Mexico, Australia and
// Britain, and GeoNames' elsewhere.
func (g *Gazetteer) Area(lat, lng float64) string {
	region, _ := g.regionAt(Point{lat, lng})
	if region < 0 {
		return ""
	}
	r := &g.f.Regions[region]
	country := g.f.Countries[r.Country].Code
	if r.Code == "" {
		return country
	}
	return country + "-" + r.Code
}

// regionAt returns the region of a point, -1 for none, and whether it is surely that one and not the one
// across the line.
func (g *Gazetteer) regionAt(p Point) (region int, sure bool) {
	if i := g.inside(p); i >= 0 {
		return i, true
	}
	i, miles := g.nearest(p, reach)
	if i < 0 || (miles > near && g.atSea(p.Lat, p.Lng)) {
		return -1, false
	}
	return int(g.f.Region[i]), false
}

// outline is a piece of a state with the box around it.
type outline struct {
	*placefile.Outline
	south, west, north, east int32
}

func box(o *placefile.Outline) outline {
	b := outline{Outline: o, south: math.MaxInt32, west: math.MaxInt32, north: math.MinInt32, east: math.MinInt32}
	if len(o.Rings) == 0 {
		return b
	}
	for i := 0; i+1 < len(o.Rings[0]); i += 2 {
		lng, lat := o.Rings[0][i], o.Rings[0][i+1]
		b.west, b.east = min(b.west, lng), max(b.east, lng)
		b.south, b.north = min(b.south, lat), max(b.north, lat)
	}
	return b
}

// inside returns the region whose outline is around p, -1 for none.
func (g *Gazetteer) inside(p Point) int {
	if !p.Valid() {
		return -1
	}
	x, y := int32(math.Round(p.Lng*placefile.Degree)), int32(math.Round(p.Lat*placefile.Degree))
	for i := range g.outlines {
		o := &g.outlines[i]
		if y < o.south || y > o.north || x < o.west || x > o.east {
			continue
		}
		// Inside when a line to the east crosses the rings an odd number of times.
		odd := false
		for _, ring := range o.Rings {
			for k := 3; k < len(ring); k += 2 {
				x1, y1, x2, y2 := ring[k-3], ring[k-2], ring[k-1], ring[k]
				if (y1 > y) != (y2 > y) && float64(x) < float64(x2-x1)*float64(y-y1)/float64(y2-y1)+float64(x1) {
					odd = !odd
				}
			}
		}
		if odd {
			return int(o.Region)
		}
	}
	return -1
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
	around := Box(p, min(limit, 2*math.Pi*EarthMiles))
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
		if !around.Contains(q) {
			continue
		}
		if d := Miles(p, q); d < miles || (d == miles && best < 0) {
			best, miles = i, d
			around = Box(p, miles)
		}
	}
	return best, miles
}
