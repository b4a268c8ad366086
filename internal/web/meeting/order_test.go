package meeting

import (
	"fmt"
	"net/http"
	"net/http/httptest"
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

// A town whose list gives no coordinates is not a town without meetings.
func TestTownWithoutExactPlaces(t *testing.T) {
	h := inSmallHouse(t)
	var rows []string
	for i := range 12 {
		rows = append(rows, fmt.Sprintf(`{"name":"Kitchen %d","slug":"k%d","day":%d,"time":"19:00","formatted_address":"%d Oak St, Harlow, KY 40000, USA"}`, i, i, i%7, i+1))
	}
	h.write([]byte("[" + strings.Join(rows, ",") + "]"))
	h.sync()
	h.refresh()
	d := h.get("/?q=Harlow,+KY")
	d.has("No meetings within 25 miles of Harlow, KY. 12 with “Harlow” in their words, whose list does not say exactly where they are.", "Harlow, without an exact place", "and 2 more")
	d.hasNot("Nothing found here yet", " mi ")
	if n := len(d.rows()); n != 10 {
		t.Errorf("%d rows", n)
	}
	all := h.get(d.link("and 2 more"))
	if n := len(all.rows()); n != 12 {
		t.Errorf("%s has %d rows", d.link("and 2 more"), n)
	}
	all.has("12 meetings", "Without an exact place")
	h.get("/?q=Harlow,+PA").hasNot("without an exact place")
}

// Every list that is cut short has a link to the rest, and says how many there are.
func TestMoreLeadsToAllOfThem(t *testing.T) {
	h := inWorld(t, "America/New_York")
	d := h.get("/?may=speak&attendance=online")
	d.has("No meetings where you may usually speak.")
	h.get("/?may=speak&answer=unknown").has("42 meetings where the answer to “may I speak?” is: not known yet.")
	h.get("/?may=speak&answer=unknown").has("Answer: not known yet") // a chip, as wide as a telephone allows
	h.get("/?may=speak&answer=unknown&lang=es").has("Respuesta: aún no se sabe")
	if len(d.rows()) != 10 {
		t.Errorf("%d rows", len(d.rows()))
	}
	if rest := h.get(d.link("and 32 more")); len(rest.rows()) != 42 {
		t.Errorf("%s: %d rows", d.link("and 32 more"), len(rest.rows()))
	}
	h.get("/?answer=unknown").has("42 meetings.") // what is left when the right was taken out
}

// The address that a form makes is one to share.
func TestEmptyParametersAreTakenOut(t *testing.T) {
	h := inSmallHouse(t)
	for from, to := range map[string]string{"/?q=Harlow&from=&until=": "/?q=Harlow", "/?q=&from=&until=&near=40.00,-75.00": "/?near=40.00,-75.00", "/?q=&from=&until=": "/"} {
		w := httptest.NewRecorder()
		h.mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, from, nil))
		if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != to {
			t.Errorf("%s: %d to %q, want %q", from, w.Code, got, to)
		}
	}
}
