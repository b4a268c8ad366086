// Command basemap makes the lines and areas of the base map from the npm packages us-atlas and
// world-atlas. It is run by hand when these have a new version; internal/web/ui/assets/README-map.md says
// how.
//
// Each file it writes is JSON: arcs as whole numbers, each point as the way from the one before, with a
// scale and a shift to degrees; areas as polygons of rings of arcs; borders as the arcs between two areas.
// An arc that is walked backwards is written as its ones' complement, as TopoJSON does.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("basemap: ")
	from := flag.String("from", "", "folder with the unpacked npm packages us-atlas and world-atlas")
	out := flag.String("out", "internal/web/ui/assets/files/map", "folder to write to")
	flag.Parse()
	if *from == "" {
		log.Fatal("-from says where the npm packages are; see internal/web/ui/assets/README-map.md")
	}
	if err := run(*from, *out); err != nil {
		log.Fatal(err)
	}
}

// What is drawn finely is left out of the coarse world. Codes are ISO 3166-1 numbers.
const usa = "840"

var neighbours = []string{"124", "484", "044", "192"} // Canada, Mexico, the Bahamas, Cuba

func run(from, out string) error {
	fine := func(id string) bool { return slices.Contains(neighbours, id) }
	for _, job := range []struct {
		name, source, object string
		take                 func(id string) bool
		borders              func(a, b string) bool // whether the line between two areas is drawn
		areas                bool
	}{
		{
			"states.json", "us-atlas/states-10m.json", "states", func(string) bool { return true },
			func(a, b string) bool { return a != b }, true,
		},
		{
			// Lines within a state only: those between states are drawn already.
			"counties.json", "us-atlas/counties-10m.json", "counties", func(string) bool { return true },
			func(a, b string) bool { return a != b && a[:2] == b[:2] }, false,
		},
		{
			"neighbours.json", "world-atlas/countries-50m.json", "countries", fine,
			func(a, b string) bool { return a != b }, true,
		},
		{
			"world.json", "world-atlas/countries-110m.json", "countries", func(id string) bool { return id != usa && !fine(id) },
			func(a, b string) bool { return a != b }, true,
		},
	} {
		t, err := read(filepath.Join(from, job.source))
		if err != nil {
			return err
		}
		m, err := t.cut(job.object, job.take, job.borders, job.areas)
		if err != nil {
			return fmt.Errorf("%s: %w", job.source, err)
		}
		b, err := json.Marshal(m)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(out, job.name), append(b, '\n'), 0o644); err != nil {
			return err
		}
		fmt.Printf("%s: %d arcs, %d areas, %d borders, %d bytes\n", job.name, len(m.Arcs), len(m.Areas), len(m.Borders), len(b))
	}
	return nil
}

// topology is as much of TopoJSON as these files use.
type topology struct {
	Transform struct {
		Scale, Translate [2]float64
	}
	Arcs    [][][2]int
	Objects map[string]struct {
		Geometries []struct {
			ID   string
			Type string
			Arcs json.RawMessage
		}
	}
}

func read(path string) (*topology, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t := &topology{}
	return t, json.Unmarshal(b, t)
}

// outline is what a file holds.
type outline struct {
	Scale   [2]float64 `json:"scale"`
	Shift   [2]float64 `json:"shift"`
	Arcs    [][]int    `json:"arcs"`
	Areas   [][][]int  `json:"areas,omitempty"`
	Borders []int      `json:"borders"`
}

// cut takes the areas that are wanted, the lines between them, and only the arcs that these need.
func (t *topology) cut(object string, take func(string) bool, borders func(a, b string) bool, areas bool) (*outline, error) {
	m := &outline{Scale: t.Transform.Scale, Shift: t.Transform.Translate}
	sides := map[int][]string{} // which areas an arc bounds
	var polygons [][][]int
	for _, g := range t.Objects[object].Geometries {
		if !take(g.ID) || len(g.Arcs) == 0 {
			continue
		}
		var parts [][][]int
		switch g.Type {
		case "MultiPolygon":
			if err := json.Unmarshal(g.Arcs, &parts); err != nil {
				return nil, err
			}
		case "Polygon":
			parts = make([][][]int, 1)
			if err := json.Unmarshal(g.Arcs, &parts[0]); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("area %s is a %s", g.ID, g.Type)
		}
		polygons = append(polygons, parts...)
		for _, polygon := range parts {
			for _, ring := range polygon {
				for _, arc := range ring {
					i := max(arc, ^arc)
					sides[i] = append(sides[i], g.ID)
				}
			}
		}
	}
	number := map[int]int{}
	keep := func(arc int) int {
		i := max(arc, ^arc)
		n, ok := number[i]
		if !ok {
			n = len(m.Arcs)
			number[i] = n
			flat := make([]int, 0, 2*len(t.Arcs[i]))
			for _, p := range t.Arcs[i] {
				flat = append(flat, p[0], p[1])
			}
			m.Arcs = append(m.Arcs, flat)
		}
		if arc < 0 {
			return ^n
		}
		return n
	}
	if areas {
		for _, polygon := range polygons {
			for _, ring := range polygon {
				for i, arc := range ring {
					ring[i] = keep(arc)
				}
			}
			m.Areas = append(m.Areas, polygon)
		}
	}
	for arc := range t.Arcs {
		if s := sides[arc]; len(s) == 2 && borders(s[0], s[1]) {
			m.Borders = append(m.Borders, keep(arc))
		}
	}
	return m, nil
}
