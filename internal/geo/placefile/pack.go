package placefile

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const magic = "hearth places 2\n"

// Pack writes f in its compact form.
func Pack(w io.Writer, f *File) error {
	var e encoder
	e.count(len(f.Countries))
	for _, c := range f.Countries {
		e.text(c.Code, c.Names[0], c.Names[1])
		e.texts(c.AltNames)
		e.texts(c.Zones)
	}
	e.count(len(f.Regions))
	for _, r := range f.Regions {
		e.count(int(r.Country))
		e.text(r.Code, r.Names[0], r.Names[1])
		e.texts(r.AltNames)
	}
	e.text(f.Names)
	e.count(f.Len())
	last := uint32(0)
	for _, end := range f.NameEnd {
		e.count(int(end - last))
		last = end
	}
	for _, p := range f.Population {
		e.count(int(p))
	}
	for _, r := range f.Region {
		e.count(int(r))
	}
	// A coordinate is written as the way from the place before it in the same region, because towns of one
	// region are near each other.
	for _, column := range [][]int32{f.Lat, f.Lng} {
		before := make([]int32, len(f.Regions))
		for i, v := range column {
			e.signed(int64(v - before[f.Region[i]]))
			before[f.Region[i]] = v
		}
	}
	e.count(len(f.Aliases))
	for _, a := range f.Aliases {
		e.text(a.Key)
		e.count(int(a.Place))
	}
	e.count(len(f.ZIP))
	lastZIP := uint32(0)
	for i, z := range f.ZIP {
		e.count(int(z - lastZIP))
		e.count(int(f.ZIPPlace[i]))
		// Near the town that it belongs to.
		e.signed(int64(f.ZIPLat[i] - f.Lat[f.ZIPPlace[i]]))
		e.signed(int64(f.ZIPLng[i] - f.Lng[f.ZIPPlace[i]]))
		lastZIP = z
	}
	e.count(len(f.Outlines))
	for _, o := range f.Outlines {
		e.count(int(o.Region))
		e.count(len(o.Rings))
		for _, ring := range o.Rings {
			e.count(len(ring))
			for i, v := range ring {
				if i >= 2 {
					v -= ring[i-2]
				}
				e.signed(int64(v))
			}
		}
	}
	e.texts(f.ZoneNames)
	e.text(f.ZoneTree)

	if _, err := io.WriteString(w, magic); err != nil {
		return err
	}
	z, err := flate.NewWriter(w, flate.BestCompression)
	if err != nil {
		return err
	}
	var size [8]byte
	binary.LittleEndian.PutUint64(size[:], uint64(len(e.b)))
	if _, err := z.Write(append(size[:], e.b...)); err != nil {
		return err
	}
	return z.Close()
}

// Unpack reads what Pack wrote.
func Unpack(packed []byte) (*File, error) {
	body, ok := bytes.CutPrefix(packed, []byte(magic))
	if !ok {
		return nil, errors.New("not a place file")
	}
	z := flate.NewReader(bytes.NewReader(body))
	var size [8]byte
	if _, err := io.ReadFull(z, size[:]); err != nil {
		return nil, fmt.Errorf("place file: %w", err)
	}
	n := binary.LittleEndian.Uint64(size[:])
	if n > 1<<28 {
		return nil, errors.New("place file: size makes no sense")
	}
	raw := make([]byte, n)
	if _, err := io.ReadFull(z, raw); err != nil {
		return nil, fmt.Errorf("place file: %w", err)
	}
	if _, err := io.ReadFull(z, size[:1]); err != io.EOF { // nothing wraps it
		return nil, errors.New("place file: does not end where it should")
	}
	d := decoder{b: raw}
	f := d.file()
	if d.failed {
		return nil, errors.New("place file: damaged")
	}
	return f, nil
}

func (d *decoder) file() *File {
	f := &File{}
	f.Countries = make([]Country, d.length())
	for i := range f.Countries {
		f.Countries[i] = Country{Code: d.text(), Names: [2]string{d.text(), d.text()}, AltNames: d.texts(), Zones: d.texts()}
	}
	f.Regions = make([]Region, d.length())
	for i := range f.Regions {
		f.Regions[i] = Region{Country: uint16(d.count()), Code: d.text(), Names: [2]string{d.text(), d.text()}, AltNames: d.texts()}
		if int(f.Regions[i].Country) >= len(f.Countries) {
			d.failed = true
			return f
		}
	}
	f.Names = d.text()
	n := d.length()
	f.NameEnd, f.Population, f.Region = make([]uint32, n), make([]uint32, n), make([]uint16, n)
	f.Lat, f.Lng = make([]int32, n), make([]int32, n)
	end := 0
	for i := range f.NameEnd {
		end += d.count()
		f.NameEnd[i] = uint32(end)
	}
	for i := range f.Population {
		f.Population[i] = uint32(d.number())
	}
	for i := range f.Region {
		f.Region[i] = uint16(d.count())
		if int(f.Region[i]) >= len(f.Regions) {
			d.failed = true
		}
	}
	if d.failed || end != len(f.Names) {
		d.failed = true
		return f
	}
	for _, column := range [][]int32{f.Lat, f.Lng} {
		before := make([]int32, len(f.Regions))
		for i := range column {
			column[i] = before[f.Region[i]] + int32(d.signed())
			before[f.Region[i]] = column[i]
		}
	}
	f.Aliases = make([]Alias, d.length())
	for i := range f.Aliases {
		f.Aliases[i] = Alias{Key: d.text(), Place: uint32(d.count())}
		d.failed = d.failed || int(f.Aliases[i].Place) >= n
	}
	zips := d.length()
	f.ZIP, f.ZIPPlace = make([]uint32, zips), make([]uint32, zips)
	f.ZIPLat, f.ZIPLng = make([]int32, zips), make([]int32, zips)
	code := 0
	for i := range f.ZIP {
		code += d.count()
		town := d.count()
		if town >= n {
			d.failed = true
			return f
		}
		f.ZIP[i], f.ZIPPlace[i] = uint32(code), uint32(town)
		f.ZIPLat[i], f.ZIPLng[i] = f.Lat[town]+int32(d.signed()), f.Lng[town]+int32(d.signed())
	}
	f.Outlines = make([]Outline, d.length())
	for i := range f.Outlines {
		o := &f.Outlines[i]
		o.Region, o.Rings = uint16(d.count()), make([][]int32, d.length())
		d.failed = d.failed || int(o.Region) >= len(f.Regions)
		for r := range o.Rings {
			ring := make([]int32, d.length())
			for k := range ring {
				ring[k] = int32(d.signed())
				if k >= 2 {
					ring[k] += ring[k-2]
				}
			}
			d.failed = d.failed || len(ring)%2 != 0
			o.Rings[r] = ring
		}
	}
	f.ZoneNames = d.texts()
	f.ZoneTree = d.text()
	d.failed = d.failed || len(d.b) > 0
	return f
}

type encoder struct{ b []byte }

func (e *encoder) count(n int)    { e.b = binary.AppendUvarint(e.b, uint64(n)) }
func (e *encoder) signed(n int64) { e.b = binary.AppendVarint(e.b, n) }

func (e *encoder) text(ss ...string) {
	for _, s := range ss {
		e.count(len(s))
		e.b = append(e.b, s...)
	}
}

func (e *encoder) texts(ss []string) {
	e.count(len(ss))
	e.text(ss...)
}

// decoder reads what encoder wrote. After the first thing that does not fit it gives zeros and remembers.
type decoder struct {
	b      []byte
	failed bool
}

func (d *decoder) number() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.failed, d.b = true, nil
		return 0
	}
	d.b = d.b[n:]
	return v
}

// count is a number of bytes that follow, or an index.
func (d *decoder) count() int {
	v := d.number()
	if v > 1<<26 {
		d.failed, d.b = true, nil
		return 0
	}
	return int(v)
}

// length is a count of things that each take at least a byte.
func (d *decoder) length() int {
	n := d.count()
	if n > len(d.b) {
		d.failed, d.b = true, nil
		return 0
	}
	return n
}

func (d *decoder) signed() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.failed, d.b = true, nil
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) text() string {
	n := d.count()
	if n > len(d.b) {
		d.failed, d.b = true, nil
		return ""
	}
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s
}

func (d *decoder) texts() []string {
	n := d.length()
	if n == 0 {
		return nil
	}
	out := make([]string, n)
	for i := range out {
		out[i] = d.text()
	}
	return out
}
