package meeting

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hearth/internal/civil"
	"hearth/internal/web/ui"
)

// inWorld is the house with a list of meetings in several zones, six a day in each.
func inWorld(t *testing.T, zones ...string) *house {
	t.Helper()
	h := inSmallHouse(t)
	var rows []string
	for _, zone := range zones {
		for day := range 7 {
			for _, start := range []string{"00:00", "02:30", "06:00", "10:00", "19:00", "23:30"} {
				rows = append(rows, fmt.Sprintf(`{"name":"%s %d %s","slug":"%s-%d-%s","day":%d,"time":"%s","timezone":"%s","conference_url":"https://zoom.us/j/123456789","types":["ONL"],"attendance_option":"online"}`,
					zone, day, start, strings.ReplaceAll(zone, "/", "-"), day, start, day, start, zone))
			}
		}
	}
	h.write([]byte("[" + strings.Join(rows, ",") + "]"))
	h.sync()
	h.refresh()
	return h
}

// Each heading stands once, over meetings that are on that day where they are.
func TestHeadingsAreTheMeetingsOwnDays(t *testing.T) {
	h := inWorld(t, "America/New_York", "America/Los_Angeles", "Europe/Berlin")
	en := ui.Language("en")
	for _, now := range []time.Time{
		time.Date(2026, 11, 22, 2, 20, 0, 0, time.UTC), // Saturday evening in New York, Sunday morning in Berlin
		time.Date(2026, 3, 8, 6, 40, 0, 0, time.UTC),   // before the clocks go on in New York
		time.Date(2026, 11, 1, 5, 40, 0, 0, time.UTC),  // and back
	} {
		h.clock.Store(now.UnixMilli())
		for _, query := range []string{"attendance=online&day=sun", "attendance=online&day=sat", "attendance=online", "attendance=online&day=sun,mon&from=22:00&until=03:00"} {
			d := h.get("/?" + query)
			if d.Status != http.StatusOK {
				t.Fatalf("%s: %d", query, d.Status)
			}
			var headings []string
			heading := ""
			for _, n := range d.all("", "") {
				switch {
				case n.Data == "div" && attr(n, "class") == "day":
					heading = text(n)
					if slices.Contains(headings, heading) {
						t.Errorf("%s at %v: %q stands twice", query, now, heading)
					}
					headings = append(headings, heading)
				case n.Data == "time" && heading != "":
					at, err := time.Parse(time.RFC3339, attr(n, "datetime"))
					if err != nil {
						t.Fatal(err)
					}
					if day := en.Date(civil.DateOf(at)); !strings.Contains(heading, day) && at.After(now) {
						t.Errorf("%s at %v: what is on %s stands under %q", query, now, day, heading)
					}
				}
			}
			if len(headings) < 2 {
				t.Errorf("%s at %v: headings %q", query, now, headings)
			}
		}
	}
}

// Late on a Saturday, Saturday's list begins with tonight, and says what is today and what next week.
func TestTodayIsWhatIsStillToCome(t *testing.T) {
	h := inWorld(t, "America/New_York")
	h.clock.Store(time.Date(2026, 11, 22, 2, 20, 0, 0, time.UTC).UnixMilli())
	d := h.get("/?day=sat")
	d.has("1 meeting still to come today, and 5 next Saturday.")
	if got, want := d.rows(), []string{"America/New_York 6 23:30", "America/New_York 6 00:00"}; !slices.Equal(got[:2], want) {
		t.Errorf("rows %q", got)
	}
	if first := text(d.all("div", "day")[0]); first != "Today, Saturday 21 November" {
		t.Errorf("the first heading is %q", first)
	}
	if chip := text(d.all("ul", "chips")[0]); !strings.Contains(chip, "Today 1") {
		t.Errorf("chips: %s", chip)
	}
	h.get("/?day=sat&lang=es").has("Hoy queda 1 reunión, y 5 más el próximo sábado.")
	h.clock.Store(time.Date(2026, 11, 22, 4, 50, 0, 0, time.UTC).UnixMilli())
	h.get("/?day=sat").has("None is left today; 6 meetings next Saturday.")
}
