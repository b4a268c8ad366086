package text

import (
	"slices"
	"unicode/utf8"
)

// Shingles returns the set of all runs of n characters in the words of s, as sorted hashes: a fingerprint
// that stays nearly the same when a text is changed a little. Case, accents, punctuation and spacing do
// not count. A text shorter than n gives one shingle, an empty one none.
func Shingles(s string, n int) []uint64 {
	if n < 1 {
		n = 1
	}
	var buf []byte
	for i, w := range Tokens(s) {
		if i > 0 {
			buf = append(buf, ' ')
		}
		buf = append(buf, w...)
	}
	if len(buf) == 0 {
		return nil
	}
	// starts[i] is where character i begins.
	starts := make([]int, 0, len(buf)+1)
	for i := 0; i < len(buf); {
		starts = append(starts, i)
		_, w := utf8.DecodeRune(buf[i:])
		i += w
	}
	starts = append(starts, len(buf))
	count := max(len(starts)-n, 1)
	out := make([]uint64, 0, count)
	for i := range count {
		out = append(out, hash(buf[starts[i]:starts[min(i+n, len(starts)-1)]]))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Similarity tells how much two sets of shingles have in common: 1 the same, 0 nothing (Jaccard). Two
// empty texts have nothing in common.
func Similarity(a, b []uint64) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	common := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			common++
			i++
			j++
		}
	}
	return float64(common) / float64(len(a)+len(b)-common)
}

// hash is FNV-1a with a final mix, so that it can be stored and be the same tomorrow.
func hash(b []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range b {
		h ^= uint64(c)
		h *= 1099511628211
	}
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	h ^= h >> 32
	return h
}
