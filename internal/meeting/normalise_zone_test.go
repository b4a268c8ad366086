package meeting_test

import (
	"fmt"
	"strings"
	"testing"

	"hearth/internal/geo"
	"hearth/internal/meeting"
)

func TestWhichZoneARowIsIn(t *testing.T) {
	for _, c := range []struct {
		name, feed string
		row        meeting.RawRow
		want       string
	}{
		{"its own", "America/New_York", meeting.RawRow{Zone: "Europe/Berlin", Place: meeting.Place{Formatted: "1 A St, San Diego, CA 92120, USA"}}, "Europe/Berlin"},
		{"an address across the country", "America/New_York", meeting.RawRow{Place: meeting.Place{Formatted: "1 A St, San Diego, CA 92120, USA"}}, "America/Los_Angeles"},
		{"its state by name", "America/New_York", meeting.RawRow{Place: meeting.Place{Address: "1 A St", City: "Chicago", State: "Illinois", Country: "United States"}}, "America/Chicago"},
		{"its state and ZIP code", "America/New_York", meeting.RawRow{Place: meeting.Place{Address: "1 A St", City: "Denver", State: "CO", PostalCode: "80202"}}, "America/Denver"},
		{"a point abroad", "America/New_York", meeting.RawRow{Place: meeting.Place{Formatted: "Fehrbelliner Str. 92, 10119 Berlin, Germany"}, Approx: "no", Lat: "52.5313", Lng: "13.4079"}, "Europe/Berlin"},
		{"a point and words that no list of countries has", "America/New_York", meeting.RawRow{Place: meeting.Place{Address: "A", City: "Berlin", Country: "Allemagne"}, Approx: "no", Lat: "52.5313", Lng: "13.4079"}, "Europe/Berlin"},
		{"a divided state", "America/New_York", meeting.RawRow{Place: meeting.Place{Formatted: "1 A St, Nashville, TN 37201, USA"}, Lat: "36.16", Lng: "-86.78"}, "America/Chicago"},
		{"a divided state without a point", "America/New_York", meeting.RawRow{Place: meeting.Place{Formatted: "1 A St, Nashville, TN 37201, USA"}}, "America/New_York"},
		{"another name of the feed's time", "America/New_York", meeting.RawRow{Place: meeting.Place{Formatted: "1 A St, Detroit, MI 48201, USA"}, Lat: "42.33", Lng: "-83.05"}, "America/New_York"},
		{"online", "America/New_York", meeting.RawRow{Stated: "online", Place: meeting.Place{Formatted: "1 A St, San Diego, CA 92120, USA"}}, "America/New_York"},
		{"an approximate place", "America/New_York", meeting.RawRow{Place: meeting.Place{Formatted: "Los Angeles, CA, USA"}, Lat: "34.05", Lng: "-118.24"}, "America/New_York"},
		{"a dummy point", "Europe/Berlin", meeting.RawRow{Place: meeting.Place{Formatted: "Str. 1, 10119 Berlin, Berlin, Germany"}, Lat: "34.2355", Lng: "-118.5631"}, "Europe/Berlin"},
		{"a dummy point that contradicts the state", "America/New_York", meeting.RawRow{Place: meeting.Place{Formatted: "1 A St, Denver, CO 80202, USA"}, Lat: "52.53", Lng: "13.4"}, "America/New_York"},
		{"a state that is also another country's", "Australia/Perth", meeting.RawRow{Place: meeting.Place{Address: "1 A St", City: "Perth", State: "WA", PostalCode: "6000"}}, "Australia/Perth"},
		{"a state of five digits in another country", "Europe/Rome", meeting.RawRow{Place: meeting.Place{Address: "Via 1", City: "Palermo", State: "PA", PostalCode: "90121"}}, "Europe/Rome"},
		{"zero coordinates", "America/New_York", meeting.RawRow{Place: meeting.Place{Formatted: "1 A St, Oak Hill, NY 12460, USA"}, Lat: "0", Lng: "0"}, "America/New_York"},
		{"no zone of the feed", "", meeting.RawRow{Place: meeting.Place{Formatted: "1 A St, San Diego, CA 92120, USA"}}, "America/Los_Angeles"},
		{"no zone of the feed, online", "", meeting.RawRow{Stated: "online", Place: meeting.Place{Formatted: "Philadelphia, PA, USA"}}, "America/New_York"},
		{"no zone of the feed, Georgia", "", meeting.RawRow{Stated: "online", Place: meeting.Place{Formatted: "Tbilisi, Georgia"}}, ""},
		{"no zone at all", "", meeting.RawRow{}, ""},
	} {
		r := c.row
		r.Row, r.ID, r.Name, r.Start = 1, "a", "A", "19:00"
		n := meeting.NewIntake(meeting.FeedContext{Fellowship: "aa", Zone: c.feed, ZoneAt: geo.World().Zone}, 1)
		n.Add(&r)
		b := n.Batch(1)
		if got := b.Occurrences[0].Zone; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		told := false
		for _, w := range b.Warnings {
			told = told || strings.Contains(w.Reason, "time zone")
		}
		if want := c.want == "" || c.feed != "" && c.want != c.feed && c.row.Zone == ""; told != want {
			t.Errorf("%s: warned of the zone is %v: %v", c.name, told, b.Warnings)
		}
	}
}

func TestOtherZonesAreToldOnce(t *testing.T) {
	n := meeting.NewIntake(meeting.FeedContext{Fellowship: "aa", Zone: "America/New_York", ZoneAt: geo.World().Zone}, 1)
	for i := range 50 {
		state := []string{"CA 92120", "NY 10001", "IL 60601"}[i%3]
		n.Add(&meeting.RawRow{Row: i + 1, ID: fmt.Sprint(i), Name: "A", Start: "19:00", Place: meeting.Place{Formatted: fmt.Sprintf("%d A St, Oak Hill, %s, USA", i, state)}})
	}
	b := n.Batch(50)
	const want = "33 rows are in another time zone than the feed's America/New_York by their place: they are given theirs (America/Chicago 16, America/Los_Angeles 17)"
	if len(b.Warnings) != 1 || b.Warnings[0] != (meeting.RowIssue{Row: 0, Reason: want}) {
		t.Errorf("warnings %v", b.Warnings)
	}
}
