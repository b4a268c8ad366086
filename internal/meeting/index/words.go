package index

import (
	"cmp"
	"slices"
	"strings"
)

// words is an inverted index: for each word, the positions of the documents that have it, ascending.
type words struct {
	names []string // sorted
	at    []uint32 // of names[i]: positions[at[i]:at[i+1]]
	docs  []uint32
}

func newWords(b *Builder, refs []uint32) words {
	count := len(b.words.names)
	order := make([]uint32, count) // sorted rank → id
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(x, y uint32) int { return cmp.Compare(b.words.names[x], b.words.names[y]) })
	w := words{names: make([]string, count), at: make([]uint32, count+1), docs: make([]uint32, len(b.wordIDs))}
	rank := make([]uint32, count)
	for i, id := range order {
		w.names[i] = b.words.names[id]
		rank[id] = uint32(i)
	}
	for i, id := range b.wordIDs {
		b.wordIDs[i] = rank[id]
		w.at[rank[id]+1]++
	}
	for i := range count {
		w.at[i+1] += w.at[i]
	}
	next := slices.Clone(w.at)
	for pos, ref := range refs {
		start := uint32(0)
		if ref > 0 {
			start = b.docs[ref-1].worded
		}
		for _, id := range b.wordIDs[start:b.docs[ref].worded] {
			w.docs[next[id]] = uint32(pos)
			next[id]++
		}
	}
	return w
}

// exact returns the documents with a word.
func (w *words) exact(word string) []uint32 {
	i, ok := slices.BinarySearch(w.names, word)
	if !ok {
		return nil
	}
	return w.docs[w.at[i]:w.at[i+1]]
}

// begun returns the documents of all words that begin with prefix, one after the other: ascending within
// each word only.
func (w *words) begun(prefix string) (docs []uint32, oneWord bool) {
	lo, _ := slices.BinarySearch(w.names, prefix)
	n, _ := slices.BinarySearchFunc(w.names[lo:], prefix, func(name, prefix string) int {
		if strings.HasPrefix(name, prefix) {
			return -1
		}
		return 1
	})
	return w.docs[w.at[lo]:w.at[lo+n]], n <= 1
}

// gallop returns the first index at or after from where list[index] ≥ want.
func gallop(list []uint32, from int, want uint32) int {
	step := 1
	for from < len(list) && list[from] < want {
		next := from + step
		if next >= len(list) || list[next] >= want {
			// It lies in (from, next].
			hi := min(next, len(list))
			lo := from + 1
			for lo < hi {
				mid := int(uint(lo+hi) / 2)
				if list[mid] < want {
					lo = mid + 1
				} else {
					hi = mid
				}
			}
			return lo
		}
		from, step = next, step*2
	}
	return from
}
