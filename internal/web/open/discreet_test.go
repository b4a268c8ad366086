package open

import (
	"testing"

	"hearth/internal/meeting"
	"hearth/internal/web/ui"
	"hearth/internal/wire"
)

func TestDiscreet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, location, title, place string }{
		{"Morning Light", "St Brigid’s Hall", "Morning Light", "St Brigid’s Hall"},
		{"Hope in RECOVERY", "St Brigid’s Hall", "St Brigid’s Hall", "St Brigid’s Hall"},
		{"Metadona Anónimos", "Clínica de Recuperación", "Meeting", ""},
		{"AA – Tuesday", "Boston, MA", "Boston, MA", "Boston, MA"},
		{"Banana Club", "Anna’s House", "Banana Club", "Anna’s House"},
		{"Camarada", "", "Camarada", ""},
		{"12-Step Study", "", "Meeting", ""},
		{"", "", "Meeting", ""},
	} {
		got := discreet(wire.Item{Occurrence: meeting.Occurrence{Name: c.name, Location: c.location}}, ui.Language("en"))
		if got.Name != c.title || got.Location != c.place {
			t.Errorf("%q at %q is shown as %q at %q, want %q at %q", c.name, c.location, got.Name, got.Location, c.title, c.place)
		}
	}
}
