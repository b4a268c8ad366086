package vault

import "strconv"

// Mark names this state of the keys without telling anything about them. A rotation gives another one: a copy
// of the key file with an older mark opens older archives only.
func (k *Keys) Mark() string { return k.ID + "." + strconv.FormatUint(uint64(k.primary()), 10) }
