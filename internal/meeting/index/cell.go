package index

import (
	"math"

	"hearth/internal/geo"
)

// The map is cut into cells of a tenth of a degree, about 7 miles high. Cells are numbered row by row from
// the south-west, so that the cells of a box are one run of numbers per row. Smaller ones would spare
// reading some documents, which is quick, and cost finding more rows, which is not: each is far from the
// last in memory.
const (
	cellsPerDegree = 10
	cellRows       = 180*cellsPerDegree + 1
	cellColumns    = 360*cellsPerDegree + 1
	noCell         = math.MaxUint32
)

func cellRow(lat float64) uint32 {
	return min(uint32((lat+90)*cellsPerDegree), cellRows-1)
}

func cellColumn(lng float64) uint32 {
	return min(uint32((lng+180)*cellsPerDegree), cellColumns-1)
}

func cellOf(lat, lng float64) uint32 { return cellRow(lat)*cellColumns + cellColumn(lng) }

// box is a range of rows and, within each, one or two ranges of columns (two over the antimeridian).
type box struct {
	south, north uint32
	columns      [2][2]uint32
	parts        int
}

func boxAround(lat, lng, miles float64) box {
	r := geo.Box(geo.Point{Lat: lat, Lng: lng}, miles)
	b := box{south: cellRow(max(r.South, -90)), north: cellRow(min(r.North, 90)), parts: 1}
	b.columns[0] = [2]uint32{cellColumn(r.West), cellColumn(r.East)}
	if r.West > r.East {
		b.columns[0] = [2]uint32{0, cellColumn(r.East)}
		b.columns[1] = [2]uint32{cellColumn(r.West), cellColumns - 1}
		b.parts = 2
	}
	return b
}

// rowsWorthWalking is the height of a box above which reading a day from end to end is quicker than
// looking up row by row.
const rowsWorthWalking = 300
