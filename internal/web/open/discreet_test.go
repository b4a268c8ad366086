package open

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/internal/meeting"
	pages "hearth/internal/web/meeting"
	"hearth/internal/web/ui"
	"hearth/internal/wire"
	"hearth/internal/wire/ical"
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

// LOCATION and DESCRIPTION lie open as much as the title.
func TestDiscreetAddressesAndLinks(t *testing.T) {
	t.Parallel()
	const page = "https://commons.example/m/1"
	for _, c := range []struct{ address, link, keptAddress, keptLink string }{
		{"Hope Methadone Clinic, 12 Elm St, Springfield, IL 62701", "", "12 Elm St, Springfield, IL 62701", ""},
		{"12 Elm St, Springfield, IL 62701", "https://zoom.us/j/1?pwd=x", "12 Elm St, Springfield, IL 62701", "https://zoom.us/j/1?pwd=x"},
		{"12 Elm St, c/o Detox Ward, Springfield", "", "12 Elm St, Springfield", ""},
		{"Opioid Treatment Center", "https://methadone-anonymous.example/room", "", page},
		{"", "https://zoom.us/j/1?topic=Sober+Tuesday", "", page},
	} {
		item := wire.Item{ID: "1", Page: page, Occurrence: meeting.Occurrence{
			Name: "Morning Light", Day: 2, Start: 600, End: 660, Zone: "America/New_York", Attendance: meeting.InPerson, Address: c.address, ConferenceURL: c.link,
		}}
		got := discreet(item, ui.Language("en"))
		if got.Occurrence.Address != c.keptAddress || got.ConferenceURL != c.keptLink {
			t.Errorf("%q and %q are shown as %q and %q", c.address, c.link, got.Occurrence.Address, got.ConferenceURL)
		}
		for _, how := range []meeting.Attendance{meeting.InPerson, meeting.Online} {
			got.Attendance = how
			event, ok := ical.Of(got, time.Date(2026, 5, 19, 12, 0, 0, 0, time.UTC))
			var out strings.Builder
			if err := ical.Encode(&out, "Meetings", slices.Values([]ical.Event{event}), time.Time{}); !ok || err != nil {
				t.Fatal(ok, err)
			}
			if pages.Telling(strings.ReplaceAll(out.String(), "\r\n ", "")) {
				t.Errorf("the calendar tells: %s", out.String())
			}
			if n := strings.Count(event.Description, page); n != 1 {
				t.Errorf("our page stands %d times in %q", n, event.Description)
			}
		}
	}
}

// Whoever opens a link from the calendar never sees the page that warns of it.
func TestCalendarWarnsOfUnknownHosts(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		"https://evilzoom.us/j/1":  "Opens evilzoom.us, a page that we do not know.\nSay hello",
		"https://us02.zoom.us/j/1": "Say hello",
		"":                         "Say hello",
	} {
		item := wire.Item{ID: "1", Page: "https://commons.example/m/1", Occurrence: meeting.Occurrence{
			Name: "Morning Light", Day: 2, Start: 600, End: 660, Zone: "America/New_York", Attendance: meeting.Online, ConferenceURL: link, ConferenceURLNotes: "Say hello",
		}}
		event, ok := ical.Of(discreet(item, ui.Language("en")), time.Date(2026, 5, 19, 12, 0, 0, 0, time.UTC))
		if got := strings.TrimPrefix(strings.TrimSuffix(event.Description, "\n"+item.Page), link+"\n"); !ok || got != want {
			t.Errorf("%s: the calendar says %q, want %q", link, got, want)
		}
	}
	if got := discreet(wire.Item{Occurrence: meeting.Occurrence{ConferenceURL: "https://evilzoom.us/j/1"}}, ui.Language("es")).ConferenceURLNotes; got != "Abre evilzoom.us, una página que no conocemos." {
		t.Errorf("in Spanish: %q", got)
	}
}

func TestPaperHasNoCodes(t *testing.T) {
	t.Parallel()
	hit := &meeting.Hit{Summary: &meeting.Summary{}}
	hit.Fellowship, hit.Types = "aa", []string{"O", "QJT", "D"}
	if got := typeWords(ui.Language("en"), hit, nil); got != "Open, Discussion" {
		t.Errorf("paper says %q", got)
	}
}
