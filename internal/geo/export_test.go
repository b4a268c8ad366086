package geo

import (
	"math"
	"strings"

	"hearth/internal/geo/placefile"
)

// NearestByBruteForce looks at every place.
func NearestByBruteForce(g *Gazetteer, p Point) (Place, float64) {
	best, miles := -1, math.Inf(1)
	for i := range g.f.Len() {
		if d := Miles(p, Point{degrees(g.f.Lat[i]), degrees(g.f.Lng[i])}); d < miles {
			best, miles = i, d
		}
	}
	return g.place(best), miles
}

// ZoneNames returns every zone that may come out of the data, but those of the sea.
func ZoneNames(g *Gazetteer) []string {
	var names []string
	for _, n := range g.f.ZoneNames {
		if !strings.HasPrefix(n, "Etc/") {
			names = append(names, n)
		}
	}
	for _, c := range g.f.Countries {
		names = append(names, c.Zones...)
	}
	for _, z := range stateZones {
		names = append(names, z)
	}
	return names
}

// Unsorted returns the first place whose key comes before that of the place ahead of it.
func Unsorted(g *Gazetteer) string {
	last := ""
	for i := range g.f.Len() {
		key := placefile.Key(g.f.Name(i))
		if key < last {
			return g.f.Name(i)
		}
		last = key
	}
	return ""
}

// Read unpacks the data once more.
func Read() error {
	_, err := read(packed)
	return err
}
