package ical

import (
	"bytes"
	"testing"

	oracle "github.com/emersion/go-ical"
	"pgregory.net/rapid"

	"hearth/internal/civil"
	"hearth/internal/wire/wiretest"
)

// What another library makes of a calendar: the same instants, through both changes of the clocks, and the
// same texts.
func TestAnotherLibraryReadsTheSame(t *testing.T) {
	for _, zone := range []string{"America/New_York", "Europe/Berlin", "Australia/Sydney", "Asia/Kolkata", "America/Phoenix", "Africa/Casablanca"} {
		loc, err := civil.Zone(zone)
		if err != nil {
			t.Fatal(err)
		}
		date := civil.Date{Year: 2026, Month: 3, Day: 1}
		c, err := oracle.NewDecoder(bytes.NewReader(encode(t, weeklyEvent(zone, date, 19*60, 20*60)))).Decode()
		if err != nil {
			t.Fatal(err)
		}
		set, err := c.Events()[0].RecurrenceSet(loc)
		if err != nil {
			t.Fatal(err)
		}
		next := set.Iterator()
		for week := range 60 {
			got, ok := next()
			if want := civil.At(date.AddDays(7*week), 19*60, loc); !ok || !got.Equal(want) {
				t.Fatalf("%s: week %d is at %v, want %v", zone, week, got, want)
			}
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		item := wiretest.Item().Draw(rt, "item")
		item.Day, item.Start, item.End, item.Attendance = 3, 600, 660, "hybrid"
		e, _ := Of(item, stamp)
		c, err := oracle.NewDecoder(bytes.NewReader(encode(t, e))).Decode()
		if err != nil {
			rt.Fatal(err)
		}
		for name, want := range map[string]string{"SUMMARY": e.Summary, "LOCATION": e.Location, "DESCRIPTION": e.Description} {
			if got, err := c.Events()[0].Props.Text(name); err != nil || got != want {
				rt.Fatalf("%s is %q (%v), want %q", name, got, err, want)
			}
		}
	})
}
