package demo

import (
	"slices"
	"strings"

	"hearth/internal/civil"
	"hearth/internal/text"
)

// slugOf makes a slug of a name.
func slugOf(name string) string {
	return strings.Join(strings.FieldsFunc(text.Fold(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), "-")
}

// later returns the clock time so many minutes after start.
func later(start string, minutes int) string {
	c, err := civil.ParseClock(start)
	if err != nil {
		panic(err) // the starts are written above
	}
	return civil.Clock((int(c) + minutes) % (24 * 60)).String()
}

func clamp(x float64) float64 { return min(.98, max(.04, x)) }

// lowerArticle is a name as it stands behind a town: "Harlow Night Owls".
func lowerArticle(name string) string { return strings.TrimPrefix(name, "The ") }

func sortVisits(v []Visit) {
	slices.SortStableFunc(v, func(a, b Visit) int { return int((b.Ago - a.Ago) / 1e9) })
}
