package map_test

import (
	"encoding/binary"
	"math"
)

// archive is a PMTiles file with one tile: a river, a road and a park around Philadelphia, as a Protomaps
// basemap would have them.
func archive() []byte {
	const z, x, y = 8, 74, 96
	tile := layer("water", 3, "river", []uint32{2900, 3000}, []uint32{3000, 3000}, []uint32{2420, 3800}, []uint32{2400, 4096}, []uint32{2300, 4096}, []uint32{2340, 3780})
	tile = append(tile, layer("landuse", 3, "park", []uint32{1900, 3700}, []uint32{2100, 3650}, []uint32{2130, 3850}, []uint32{1950, 3880})...)
	tile = append(tile, layer("roads", 2, "highway", []uint32{0, 3600}, []uint32{2200, 3920}, []uint32{4096, 3700})...)

	root := binary.AppendUvarint(nil, 1)
	root = binary.AppendUvarint(root, tileID(z, x, y))
	root = binary.AppendUvarint(root, 1)                 // run length
	root = binary.AppendUvarint(root, uint64(len(tile))) // length
	root = binary.AppendUvarint(root, 1)                 // offset 0
	meta := []byte("{}")

	h := make([]byte, 127)
	copy(h, "PMTiles\x03")
	at := uint64(len(h))
	put := func(i int, v uint64) { binary.LittleEndian.PutUint64(h[i:], v) }
	part := func(i int, b []byte) {
		put(i, at)
		put(i+8, uint64(len(b)))
		at += uint64(len(b))
	}
	part(8, root)
	part(24, meta)
	put(40, at) // no leaves
	part(56, tile)
	put(72, 1)
	put(80, 1)
	put(88, 1)
	h[96], h[97], h[98], h[99], h[100], h[101] = 1, 1, 1, 1, z, z // clustered, nothing packed, vector tiles
	degrees := func(i int, v float64) { binary.LittleEndian.PutUint32(h[i:], uint32(int32(v*1e7))) }
	degrees(102, -76)
	degrees(106, 39)
	degrees(110, -74)
	degrees(114, 41)
	return append(append(append(h, root...), meta...), tile...)
}

// layer is a layer of a vector tile with one feature of a kind; shape is 2 for a line, 3 for a polygon.
func layer(name string, shape uint64, kind string, points ...[]uint32) []byte {
	zigzag := func(v int64) uint64 { return uint64(v<<1) ^ uint64(v>>63) }
	var geometry []byte
	var px, py int64
	for i, p := range points {
		switch i {
		case 0:
			geometry = binary.AppendUvarint(geometry, 1<<3|1) // move to
		case 1:
			geometry = binary.AppendUvarint(geometry, uint64(len(points)-1)<<3|2) // lines to
		}
		geometry = binary.AppendUvarint(geometry, zigzag(int64(p[0])-px))
		geometry = binary.AppendUvarint(geometry, zigzag(int64(p[1])-py))
		px, py = int64(p[0]), int64(p[1])
	}
	if shape == 3 {
		geometry = binary.AppendUvarint(geometry, 1<<3|7) // close
	}
	feature := field(nil, 2, []byte{0, 0})
	feature = binary.AppendUvarint(binary.AppendUvarint(feature, 3<<3), shape)
	feature = field(feature, 4, geometry)
	l := binary.AppendUvarint(binary.AppendUvarint(nil, 15<<3), 2)
	l = field(l, 1, []byte(name))
	l = field(l, 2, feature)
	l = field(l, 3, []byte("kind"))
	l = field(l, 4, field(nil, 1, []byte(kind)))
	l = binary.AppendUvarint(binary.AppendUvarint(l, 5<<3), 4096)
	return field(nil, 3, l)
}

// field appends a protocol buffer's field of bytes.
func field(dst []byte, number uint64, b []byte) []byte {
	dst = binary.AppendUvarint(dst, number<<3|2)
	dst = binary.AppendUvarint(dst, uint64(len(b)))
	return append(dst, b...)
}

// tileID is a tile's place on the Hilbert curve, after all tiles of smaller zoom.
func tileID(z, x, y uint64) uint64 {
	id := (uint64(math.Pow(4, float64(z))) - 1) / 3
	for s := uint64(1) << (z - 1); s > 0; s /= 2 {
		var rx, ry uint64
		if x&s > 0 {
			rx = 1
		}
		if y&s > 0 {
			ry = 1
		}
		id += s * s * ((3 * rx) ^ ry)
		if ry == 0 {
			if rx == 1 {
				x, y = s-1-x&(s-1), s-1-y&(s-1)
			}
			x, y = y, x
		}
	}
	return id
}
