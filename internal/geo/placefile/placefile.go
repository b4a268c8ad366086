// Package placefile owns the file that holds the gazetteer: its columns, how they are packed, and the key
// by which names are sorted and found.
//
// tools/gazetteer writes the file, package geo reads it. It must never hold a rule of its own about places.
package placefile

import (
	"strings"

	"hearth/internal/text"
)

// Degree is the number of units of latitude and longitude in a degree: about eleven metres each.
const Degree = 10_000

// File is the gazetteer as columns. Index i of Lat, Lng, Population and Region is place i; places are
// sorted by the key of their name, then by population, largest first.
type File struct {
	Countries []Country
	Regions   []Region

	Names      string   // all names, one after the other
	NameEnd    []uint32 // where name i ends in Names
	Lat, Lng   []int32  // degrees × Degree
	Population []uint32 // rounded to three figures, 0 not known
	Region     []uint16 // index in Regions

	Aliases []Alias // sorted by Key

	ZIP            []uint32 // sorted
	ZIPLat, ZIPLng []int32
	ZIPPlace       []uint32 // the town, index of a place

	Outlines []Outline // of the United States' states

	ZoneNames []string // IANA names, as ZoneTree numbers them
	ZoneTree  string   // see package geo, zone.go
}

// Country is a country, its names, and its zones (indexes in ZoneNames).
type Country struct {
	Code     string
	Names    [2]string // English, Spanish
	AltNames []string
	Zones    []string
}

// Region is a state, province or region. Names are empty where they are not known.
type Region struct {
	Country  uint16 // index in Countries
	Code     string // "PA"; "" for the part of a country that has none
	Names    [2]string
	AltNames []string
}

// Outline is a piece of a region: one polygon, its first ring around it, the others around what is not of
// it. A ring is longitude and latitude in turn, in the units of Lat and Lng, and ends where it begins.
type Outline struct {
	Region uint16
	Rings  [][]int32
}

// Alias is another name by which a place is asked for.
type Alias struct {
	Key   string
	Place uint32
}

// Name returns the name of place i.
func (f *File) Name(i int) string {
	start := uint32(0)
	if i > 0 {
		start = f.NameEnd[i-1]
	}
	return f.Names[start:f.NameEnd[i]]
}

// Len returns how many places there are.
func (f *File) Len() int { return len(f.NameEnd) }

// Key makes a name comparable: folded words, the usual short forms made one.
func Key(name string) string {
	words := text.Tokens(name)
	for i, w := range words {
		if short, ok := shortForms[w]; ok && len(words) > 1 {
			words[i] = short
		}
	}
	return strings.Join(words, " ")
}

// shortForms are words that are written both ways on letterheads, and mean the same there.
var shortForms = map[string]string{
	"saint": "st", "sainte": "ste", "fort": "ft", "mount": "mt", "mountain": "mtn", "point": "pt", "township": "twp",
	"heights": "hts", "springs": "spgs", "junction": "jct", "north": "n", "south": "s", "east": "e", "west": "w",
}
