package meeting

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hearth/internal/civil"
	"hearth/internal/meeting"
	"hearth/internal/web/ui"
)

// The meeting's clock is what the page says, whatever the offsets do; the reader's is worked out for the
// next time it meets.
func TestWhen(t *testing.T) {
	at := func(s string) time.Time {
		x, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	evening := meeting.Occurrence{Day: 2, Start: 19 * 60, End: 20*60 + 30, Zone: "Europe/Berlin"}
	night := meeting.Occurrence{Day: 0, Start: 2*60 + 30, End: 3*60 + 30, Zone: "America/New_York"}
	late := meeting.Occurrence{Day: 6, Start: 23 * 60, End: 30, Zone: "America/New_York"}
	for _, c := range []struct {
		name         string
		m            meeting.Occurrence
		now, tz      string
		weekly, zone string
		yours, soon  string
	}{
		{"read at home", evening, "2026-05-19T12:00:00Z", "Europe/Berlin", "Tuesdays 19:00 to 20:30", "Berlin time", "", ""},
		{"six hours apart", evening, "2026-05-19T12:00:00Z", "America/New_York", "Tuesdays 19:00 to 20:30", "Berlin time", "Tuesdays 13:00 to 14:30, Eastern Time", ""},
		{"five, between the two spring days", evening, "2026-03-16T12:00:00Z", "America/New_York", "Tuesdays 19:00 to 20:30", "Berlin time", "Tuesdays 14:00 to 15:30, Eastern Time", ""},
		{"the next day there", evening, "2026-05-19T12:00:00Z", "Pacific/Auckland", "Tuesdays 19:00 to 20:30", "Berlin time", "Wednesdays 05:00 to 06:30, Auckland time", ""},
		{"an hour that does not exist", night, "2026-03-08T06:45:00Z", "", "Sundays 02:30 to 03:30", "Eastern Time", "", "Starts in 45 min"},
		{"over midnight", late, "2026-05-24T04:15:00Z", "", "Saturdays 23:00 to 00:30", "Eastern Time", "", "Going on now"},
		{"a zone that is none", evening, "2026-05-19T12:00:00Z", "<script>", "Tuesdays 19:00 to 20:30", "Berlin time", "", ""},
		{"by appointment", meeting.Occurrence{Day: meeting.ByAppointment, Start: civil.NoClock, End: civil.NoClock}, "2026-05-19T12:00:00Z", "", "By appointment", "", "", ""},
		{"a day without a time", meeting.Occurrence{Day: 1, Start: civil.NoClock, End: civil.NoClock, Zone: "Europe/Berlin"}, "2026-05-19T12:00:00Z", "", "Mondays; the list gives no time", "", "", ""},
		{"without a zone", meeting.Occurrence{Day: 1, Start: 600, End: civil.NoClock}, "2026-05-19T12:00:00Z", "Europe/Berlin", "Mondays 10:00", "", "", ""},
	} {
		got, soon := whenWords(ui.Language("en"), &c.m, at(c.now), c.tz)
		if got.Weekly != c.weekly || got.Zone != c.zone || got.Yours != c.yours || soon != c.soon {
			t.Errorf("%s: %+v, %q", c.name, got, soon)
		}
	}
}

// What has a day but no time stands under its day, and says so; only what has no day is by appointment.
func TestDaysWithoutATime(t *testing.T) {
	today := civil.Date{Year: 2026, Month: 5, Day: 19}
	hit := func(day meeting.Day, date civil.Date) meeting.Hit {
		return meeting.Hit{Summary: &meeting.Summary{Day: day, Start: civil.NoClock}, Date: date}
	}
	d := &drawer{t: ui.Language("es"), home: time.UTC}
	var got []string
	hits := []meeting.Hit{hit(2, today), hit(3, today.AddDays(1)), hit(3, today.AddDays(1)), hit(meeting.ByAppointment, civil.Date{})}
	for _, g := range d.groups(hits, today, false) {
		got = append(got, fmt.Sprint(g.Heading, " ", len(g.Rows.hits), " ", d.soon(&g.Rows.hits[0], time.UTC, false)))
	}
	want := []string{"Hoy, martes 19 de mayo 1 La lista no da la hora", "Mañana, miércoles 20 de mayo 2 La lista no da la hora", "Con cita 1 "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
