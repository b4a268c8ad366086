package geo_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"hearth/internal/geo"
)

func TestMiles(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b geo.Point
		km   float64 // on the sphere of mean radius
	}{
		{"the same", geo.Point{Lat: 40, Lng: -75}, geo.Point{Lat: 40, Lng: -75}, 0},
		{"one degree of the equator", geo.Point{}, geo.Point{Lng: 1}, 111.195080},
		{"pole to pole", geo.Point{Lat: 90}, geo.Point{Lat: -90, Lng: 77}, 20015.114442},
		{"antipodes", geo.Point{}, geo.Point{Lng: 180}, 20015.114442},
		{"over the antimeridian", geo.Point{Lng: 179.5}, geo.Point{Lng: -179.5}, 111.195080},
		// The example that is handed round with the haversine formula (BNA to LAX, radius scaled).
		{"Nashville to Los Angeles", geo.Point{Lat: 36.12, Lng: -86.67}, geo.Point{Lat: 33.94, Lng: -118.40}, 2887.2599506071106 * 6371.0088 / 6372.8},
	} {
		want := c.km / 1.609344
		if got := geo.Miles(c.a, c.b); math.Abs(got-want) > 1e-3 {
			t.Errorf("%s: %.4f miles, want %.4f", c.name, got, want)
		}
	}
	if math.Abs(geo.EarthMiles-3958.7613) > 1e-4 {
		t.Errorf("radius %.5f miles", geo.EarthMiles)
	}
}

func point(t *rapid.T, name string) geo.Point {
	return geo.Point{
		Lat: rapid.Float64Range(-90, 90).Draw(t, name+" lat"),
		Lng: rapid.Float64Range(-180, 180).Draw(t, name+" lng"),
	}
}

// The angle between two unit vectors is the same thing by another road.
func TestMilesAgainstVectors(t *testing.T) {
	vec := func(p geo.Point) [3]float64 {
		lat, lng := p.Lat*math.Pi/180, p.Lng*math.Pi/180
		return [3]float64{math.Cos(lat) * math.Cos(lng), math.Cos(lat) * math.Sin(lng), math.Sin(lat)}
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := point(t, "a"), point(t, "b")
		u, v := vec(a), vec(b)
		cross := math.Hypot(math.Hypot(u[1]*v[2]-u[2]*v[1], u[2]*v[0]-u[0]*v[2]), u[0]*v[1]-u[1]*v[0])
		want := geo.EarthMiles * math.Atan2(cross, u[0]*v[0]+u[1]*v[1]+u[2]*v[2])
		if got := geo.Miles(a, b); math.Abs(got-want) > 1e-4 || got != geo.Miles(b, a) {
			t.Fatalf("%v to %v: %v, want %v", a, b, got, want)
		}
	})
}

func TestBoxHoldsTheCircle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := point(t, "p")
		miles := rapid.Float64Range(0, 13000).Draw(t, "miles")
		r := geo.Box(p, miles)
		// A point at most that far, in any direction, over poles and the antimeridian.
		q := travel(p, rapid.Float64Range(0, 2*math.Pi).Draw(t, "bearing"), miles*rapid.Float64Range(0, 1).Draw(t, "part"))
		if geo.Miles(p, q) <= miles && !r.Contains(q) {
			t.Fatalf("%v is %v miles from %v, not in %+v", q, geo.Miles(p, q), p, r)
		}
	})
}

func TestBoxIsTight(t *testing.T) {
	r := geo.Box(geo.Point{Lat: 40, Lng: -75}, 10)
	if h := geo.Miles(geo.Point{Lat: r.South, Lng: -75}, geo.Point{Lat: r.North, Lng: -75}); math.Abs(h-20) > 0.01 {
		t.Errorf("height %v", h)
	}
	if w := geo.Miles(geo.Point{Lat: 40, Lng: r.West}, geo.Point{Lat: 40, Lng: r.East}); math.Abs(w-20) > 0.01 {
		t.Errorf("width %v", w)
	}
}

// travel goes from p along a bearing (radians) for a number of miles.
func travel(p geo.Point, bearing, miles float64) geo.Point {
	lat, d := p.Lat*math.Pi/180, miles/geo.EarthMiles
	lat2 := math.Asin(math.Sin(lat)*math.Cos(d) + math.Cos(lat)*math.Sin(d)*math.Cos(bearing))
	dLng := math.Atan2(math.Sin(bearing)*math.Sin(d)*math.Cos(lat), math.Cos(d)-math.Sin(lat)*math.Sin(lat2))
	lng := math.Remainder(p.Lng+dLng*180/math.Pi, 360)
	return geo.Point{Lat: lat2 * 180 / math.Pi, Lng: lng}
}

func TestRound(t *testing.T) {
	if got := geo.Round(geo.Point{Lat: 39.95258, Lng: -75.16522}); got != (geo.Point{Lat: 39.95, Lng: -75.17}) {
		t.Errorf("rounded to %v", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		p := point(t, "p")
		if d := geo.Miles(p, geo.Round(p)); d > 0.5 {
			t.Fatalf("%v moved by %v miles", p, d)
		}
	})
}
