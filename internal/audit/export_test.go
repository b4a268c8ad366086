package audit

// LeafOf is the leaf of an entry, for tests that play somebody who knows how it is made.
func LeafOf(e Entry) []byte {
	h := e.leaf()
	return h[:]
}

// ChainHashOf is the hash of an entry in the chain that was there before the tree.
func ChainHashOf(e Entry, before string) string { return e.chainHash(before) }
