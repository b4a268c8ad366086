package placefile_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hearth/internal/geo/placefile"
)

func small() *placefile.File {
	return &placefile.File{
		Countries: []placefile.Country{{Code: "US", Names: [2]string{"United States", "Estados Unidos"}, AltNames: []string{"usa"}, Zones: []string{"America/New_York"}}},
		Regions:   []placefile.Region{{Code: "PA", Names: [2]string{"Pennsylvania", "Pensilvania"}}, {Code: "NJ"}},
		Names:     "CamdenPhiladelphia", NameEnd: []uint32{6, 18},
		Lat: []int32{399400, 399500}, Lng: []int32{-751100, -751600}, Population: []uint32{73600, 1530000}, Region: []uint16{1, 0},
		Aliases: []placefile.Alias{{Key: "philly", Place: 1}},
		ZIP:     []uint32{8102, 19104}, ZIPLat: []int32{399401, 399590}, ZIPLng: []int32{-751101, -751990}, ZIPPlace: []uint32{0, 1},
		Outlines:  []placefile.Outline{{Region: 1, Rings: [][]int32{{-751000, 399000, -750000, 399000, -750000, 400000, -751000, 399000}}}},
		ZoneNames: []string{"Etc/UTC"}, ZoneTree: "##",
	}
}

func TestPackAndUnpack(t *testing.T) {
	var b bytes.Buffer
	if err := placefile.Pack(&b, small()); err != nil {
		t.Fatal(err)
	}
	got, err := placefile.Unpack(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(small(), got); diff != "" {
		t.Error(diff)
	}
	if got.Name(0) != "Camden" || got.Name(1) != "Philadelphia" || got.Len() != 2 {
		t.Errorf("names %q, %q", got.Name(0), got.Name(1))
	}
}

func TestUnpackRefusesDamage(t *testing.T) {
	var b bytes.Buffer
	if err := placefile.Pack(&b, small()); err != nil {
		t.Fatal(err)
	}
	good := b.Bytes()
	for n := range len(good) {
		if _, err := placefile.Unpack(good[:n]); err == nil {
			t.Errorf("took the first %d of %d bytes", n, len(good))
		}
	}
}

func TestKey(t *testing.T) {
	for in, want := range map[string]string{
		"Saint Louis": "st louis", "St. Louis": "st louis", "Winston-Salem": "winston salem", "O’Fallon": "ofallon",
		"North Platte": "n platte", "Fort": "fort", "México": "mexico", "D.C.": "dc", "": "",
	} {
		if got := placefile.Key(in); got != want {
			t.Errorf("Key(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzUnpack(f *testing.F) {
	var b bytes.Buffer
	if err := placefile.Pack(&b, small()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, packed []byte) {
		file, err := placefile.Unpack(packed)
		if err != nil {
			return
		}
		for i := range file.Len() {
			_ = file.Name(i)
		}
	})
}
