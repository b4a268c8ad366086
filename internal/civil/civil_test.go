package civil

import (
	"strings"
	"testing"
)

// Other spellings of the same file would each be kept for ever.
func TestZoneHasOneSpelling(t *testing.T) {
	for _, name := range []string{"America/./New_York", "America//New_York", "America/New_York/", "/America/New_York", "right/America/New_York", "posix/America/New_York", "america/new_york", "America/../America/New_York", "A/" + strings.Repeat("B", 100)} {
		if _, err := Zone(name); err == nil {
			t.Errorf("%s is a zone", name)
		}
	}
	for _, name := range []string{"UTC", "America/Argentina/Buenos_Aires", "America/Port-au-Prince", "Etc/GMT+5", "Antarctica/DumontDUrville", "US/Eastern", "Europe/Kiev"} {
		if _, err := Zone(name); err != nil {
			t.Error(err)
		}
	}
}
