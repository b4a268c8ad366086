package geo

import (
	"slices"
	"sort"
	"strings"

	"hearth/internal/geo/placefile"
)

// maxSimilar bounds what Similar returns: more would be a list to search, not a help.
const maxSimilar = 3

// Similar returns at most three places whose names are nearly what was typed, the nearest first and of those
// equally near the larger. It is for a query that Lookup knows nothing about. A name counts when it begins
// with the same letter and is one edit away, or two in a word of eight letters or more: letter left out, put
// in, changed, or two swapped. Villages below a thousand are left out: nearly every word is near to one.
func (g *Gazetteer) Similar(query string) []Place {
	if len(query) > maxQuery {
		return nil
	}
	typed, rest, _ := strings.Cut(query, ",")
	key := placefile.Key(typed)
	var after [][]qualifier
	if q, ok := g.qualifiers[placefile.Key(rest)]; ok {
		after = append(after, q)
	}
	if found := g.near(key, after); len(found) > 0 || len(after) > 0 {
		return found
	}
	if at := strings.LastIndexByte(key, ' '); at > 0 { // "philadelpia pa"
		if q, ok := g.qualifiers[key[at+1:]]; ok {
			return g.near(key[:at], [][]qualifier{q})
		}
	}
	return nil
}

const (
	shortestSimilar = 4  // letters: below, everything is near to everything
	longestSimilar  = 40 // bytes of a key: bounds the work
	leastSimilar    = 1000
)

func (g *Gazetteer) near(key string, after [][]qualifier) []Place {
	if len(key) < shortestSimilar || len(key) > longestSimilar {
		return nil
	}
	most := 1
	if len(key) >= 8 {
		most = 2
	}
	letter := key[:1]
	var found [3][]candidate // by distance
	first := sort.Search(g.f.Len(), func(i int) bool { return placefile.Key(g.f.Name(i)) >= letter })
	for i := first; i < g.f.Len(); i++ {
		name := placefile.Key(g.f.Name(i))
		if !strings.HasPrefix(name, letter) {
			break
		}
		if g.f.Population[i] < leastSimilar || len(name) < len(key)-most || len(name) > len(key)+most {
			continue
		}
		weight, ok := g.weight(i, after)
		if !ok {
			continue
		}
		if d := edits(key, name); d <= most {
			found[d] = append(found[d], candidate{i, weight})
		}
	}
	var out []Place
	for _, all := range found {
		out = append(out, g.found(all)...)
	}
	return slices.Clip(out[:min(len(out), maxSimilar)])
}

// edits counts the letters to leave out, put in, change or swap with the next to make b of a (the restricted
// Damerau-Levenshtein distance). Keys are ASCII but for a few scripts, where it counts bytes.
func edits(a, b string) int {
	var rows [3][longestSimilar + 4]int
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
