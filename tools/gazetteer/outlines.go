package main

import (
	"encoding/json"
	"fmt"
	"os"

	"hearth/internal/geo/placefile"
)

// readOutlines reads the states of us-atlas, which is TopoJSON: rings of arcs that neighbours share.
func readOutlines(path string, f *placefile.File) ([]placefile.Outline, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var topo struct {
		Transform struct{ Scale, Translate [2]float64 }
		Arcs      [][][2]float64
		Objects   struct {
			States struct {
				Geometries []struct {
					Type       string
					Arcs       json.RawMessage
					Properties struct{ Name string }
				}
			}
		}
	}
	if err := json.Unmarshal(b, &topo); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	regions := map[string]uint16{}
	for i, r := range f.Regions {
		if f.Countries[r.Country].Code == "US" {
			regions[placefile.Key(r.Names[0])] = uint16(i)
		}
	}
	regions[placefile.Key("United States Virgin Islands")] = regions[placefile.Key("U.S. Virgin Islands")]
	regions[placefile.Key("Commonwealth of the Northern Mariana Islands")] = regions[placefile.Key("Northern Mariana Islands")]
	// Arcs are whole numbers, each point as the way from the one before.
	arcs := make([][]int32, len(topo.Arcs))
	for i, arc := range topo.Arcs {
		var x, y float64
		for _, p := range arc {
			x, y = x+p[0], y+p[1]
			arcs[i] = append(arcs[i], unit(x*topo.Transform.Scale[0]+topo.Transform.Translate[0]), unit(y*topo.Transform.Scale[1]+topo.Transform.Translate[1]))
		}
	}
	var out []placefile.Outline
	for _, g := range topo.Objects.States.Geometries {
		region, ok := regions[placefile.Key(g.Properties.Name)]
		if !ok {
			return nil, fmt.Errorf("%s: no state %q", path, g.Properties.Name)
		}
		var polygons [][][]int
		if g.Type == "Polygon" {
			polygons = make([][][]int, 1)
			err = json.Unmarshal(g.Arcs, &polygons[0])
		} else {
			err = json.Unmarshal(g.Arcs, &polygons)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", path, g.Properties.Name, err)
		}
		for _, polygon := range polygons {
			o := placefile.Outline{Region: region}
			for _, indexes := range polygon {
				o.Rings = append(o.Rings, joinArcs(arcs, indexes))
			}
			out = append(out, o)
		}
	}
	return out, nil
}

// joinArcs makes a ring: an arc begins where the one before it ends, and ^i is arc i backwards.
func joinArcs(arcs [][]int32, indexes []int) []int32 {
	var ring []int32
	for n, i := range indexes {
		var arc []int32
		if i >= 0 {
			arc = arcs[i]
		} else {
			for k := len(arcs[^i]) - 2; k >= 0; k -= 2 {
				arc = append(arc, arcs[^i][k], arcs[^i][k+1])
			}
		}
		if n > 0 {
			arc = arc[2:]
		}
		ring = append(ring, arc...)
	}
	return ring
}
