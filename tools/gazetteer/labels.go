package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"slices"

	"hearth/internal/geo/placefile"
)

// labelCount is how many towns are named on the map.
const labelCount = 5000

// writeLabels writes the largest towns of the United States, largest first, as
// [name, lng, lat] with two decimals: enough to name a town on a map.
func writeLabels(path string, f *placefile.File) error {
	var towns []int
	for i := range f.Len() {
		if f.Countries[f.Regions[f.Region[i]].Country].Code == "US" && f.Population[i] > 0 {
			towns = append(towns, i)
		}
	}
	slices.SortStableFunc(towns, func(a, b int) int { return cmp.Compare(f.Population[b], f.Population[a]) })
	var out bytes.Buffer
	out.WriteByte('[')
	for n, i := range towns[:min(labelCount, len(towns))] {
		if n > 0 {
			out.WriteString(",\n")
		}
		row, err := json.Marshal([]any{f.Name(i), float64(f.Lng[i]/100) / 100, float64(f.Lat[i]/100) / 100})
		if err != nil {
			return err
		}
		out.Write(row)
	}
	out.WriteString("]\n")
	return os.WriteFile(path, out.Bytes(), 0o644)
}
