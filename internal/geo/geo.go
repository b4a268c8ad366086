// Package geo owns places on the earth: distance, boxes, and the gazetteer that ships inside, which knows
// US ZIP codes, US towns and the towns of the world, the area that a point lies in and its time zone.
//
// It must never ask a network, keep what was looked up, or know what a meeting is. Its data is made by
// tools/gazetteer; data/README.md says from what.
package geo

import "math"

// EarthMiles is the mean radius of the earth, 6371.0088 km, in statute miles.
const EarthMiles = 6371.0088 / KmPerMile

// KmPerMile is the length of the statute mile in kilometres.
const KmPerMile = 1.609344

// Point is a place on the earth in degrees, north and east positive.
type Point struct {
	Lat, Lng float64
}

// Valid tells whether p is a point on the earth. Zero is one: that a feed uses it for "not known" is the
// feed's business.
func (p Point) Valid() bool {
	return p.Lat >= -90 && p.Lat <= 90 && p.Lng >= -180 && p.Lng <= 180
}

// Miles returns the great-circle distance between two points in statute miles.
func Miles(a, b Point) float64 {
	const rad = math.Pi / 180
	// The haversine stays exact for points close together, where the cosine rule loses its digits.
	sinLat := math.Sin((b.Lat - a.Lat) * rad / 2)
	sinLng := math.Sin((b.Lng - a.Lng) * rad / 2)
	h := sinLat*sinLat + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*sinLng*sinLng
	return 2 * EarthMiles * math.Asin(math.Sqrt(min(h, 1)))
}

// Round returns p with two decimals, about two thirds of a mile: near enough to find a meeting, too
// coarse to say where somebody lives. "Near me" is rounded so before anything else sees it.
func Round(p Point) Point {
	return Point{math.Round(p.Lat*100) / 100, math.Round(p.Lng*100) / 100}
}

// Rect is a box of latitudes and longitudes, edges included. West > East says that it crosses the
// antimeridian.
type Rect struct {
	South, West, North, East float64
}

// Box returns the smallest box that holds every point within miles of p. At a pole it goes all the way
// round.
func Box(p Point, miles float64) Rect {
	const rad = math.Pi / 180
	angle := max(miles, 0) / EarthMiles
	// A hair more, so that a point exactly at the distance is not lost to rounding.
	deg := angle/rad + 1e-9
	r := Rect{South: p.Lat - deg, North: p.Lat + deg, West: -180, East: 180}
	if r.South <= -90 || r.North >= 90 {
		r.South, r.North = max(r.South, -90), min(r.North, 90)
		return r
	}
	// The meridians that touch the circle touch it north or south of its middle, never beside it.
	ratio := math.Sin(angle) / math.Cos(p.Lat*rad)
	if angle >= math.Pi/2 || ratio >= 1 {
		return r
	}
	dLng := math.Asin(ratio)/rad + 1e-9
	if dLng >= 180 {
		return r
	}
	r.West, r.East = wrap(p.Lng-dLng), wrap(p.Lng+dLng)
	return r
}

// Contains tells whether p lies in r.
func (r Rect) Contains(p Point) bool {
	if p.Lat < r.South || p.Lat > r.North {
		return false
	}
	if r.West <= r.East {
		return p.Lng >= r.West && p.Lng <= r.East
	}
	return p.Lng >= r.West || p.Lng <= r.East
}

func wrap(lng float64) float64 {
	switch {
	case lng < -180:
		return lng + 360
	case lng > 180:
		return lng - 360
	}
	return lng
}
