// Package wire owns what the encoders of all formats are given. The formats are beneath it, one package each.
//
// It must never hold more than the public may see.
package wire

import (
	"encoding/json"
	"strings"
	"time"

	"hearth/internal/meeting"
)

// Item is one meeting on its way out: what the public sees of it. Key, Row and Raw of the occurrence are
// not written.
type Item struct {
	ID         string          // ours, the same in every format
	Fellowship string          // code
	Page       string          // address of its page here
	Origin     string          // id of this community, so that a feed that comes back is known
	Welcome    json.RawMessage // the card, in this software's own words
	Changed    time.Time
	meeting.Occurrence
}

// Address is the item's address for readers who count its parts (rule N4): an exact one in the USA or Canada
// has its country added, so that they do not take it for approximate.
func (i Item) Address() string {
	address := i.Occurrence.Address
	if i.Approximate || !i.Attendance.WalkIn() || strings.Count(address, ",") >= 3 {
		return address
	}
	switch meeting.CountryOfState(i.State) {
	case "US":
		return address + ", USA"
	case "CA":
		return address + ", Canada"
	}
	return address
}
