package wire

import (
	"testing"

	"hearth/internal/meeting"
)

func TestAddressForReadersWhoCount(t *testing.T) {
	for _, c := range []struct {
		in, state   string
		attendance  meeting.Attendance
		approximate bool
		want        string
	}{
		{"9 Elm St, Alpena, MI", "MI", meeting.InPerson, false, "9 Elm St, Alpena, MI, USA"},
		{"9 Elm St, Alpena, MI", "MI", meeting.Online, false, "9 Elm St, Alpena, MI"},
		{"Alpena, MI", "MI", meeting.Hybrid, true, "Alpena, MI"},
		{"9 Elm St, Alpena, MI, 49707", "MI", meeting.InPerson, false, "9 Elm St, Alpena, MI, 49707"},
		{"9 Rue X, Laval, QC", "Quebec", meeting.InPerson, false, "9 Rue X, Laval, QC, Canada"},
		{"9 Rue X, Paris", "", meeting.InPerson, false, "9 Rue X, Paris"},
	} {
		i := Item{Occurrence: meeting.Occurrence{Address: c.in, State: c.state, Attendance: c.attendance, Approximate: c.approximate}}
		if got := i.Address(); got != c.want {
			t.Errorf("%q is written %q, want %q", c.in, got, c.want)
		}
	}
}
