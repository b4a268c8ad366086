package geo_test

import (
	"testing"

	"hearth/internal/geo"
)

func TestSimilar(t *testing.T) {
	for query, want := range map[string]string{
		"philadelpia": "Philadelphia, PA", "Philadelpia, PA": "Philadelphia, PA", "philadelpia pa": "Philadelphia, PA", "Pittsburg, PA": "Pittsburgh, PA",
		"sprignfield": "Springfield, MO", "Edmontno": "Edmonton, AB, Canada", "Albequerque": "Albuquerque, NM",
	} {
		found := geo.World().Similar(query)
		if len(found) == 0 || len(found) > 3 || found[0].Label("en") != want {
			t.Errorf("%q is like %v, want %s first", query, found, want)
		}
	}
	for _, query := range []string{"", "x", "abc", "zzyzxqqq", "nothing like it", ",", ", PA", "\xff\xfe\xff\xfe"} {
		if found := geo.World().Similar(query); len(found) > 0 {
			t.Errorf("%q is like %v", query, found)
		}
	}
}

func BenchmarkSimilar(b *testing.B) {
	geo.World()
	for b.Loop() {
		geo.World().Similar("philadelpia")
	}
}
