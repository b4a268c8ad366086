package meeting

import (
	"fmt"
	"testing"
	"time"

	"hearth/internal/civil"
)

// worldDirectory has a meeting at each of some hours of each day in each of some zones.
func worldDirectory(t *testing.T, zones ...string) *Directory {
	t.Helper()
	b := newShelfBuilder()
	for _, zone := range zones {
		for day := range 7 {
			for _, start := range []int{0, 2*60 + 30, 6 * 60, 10 * 60, 19 * 60, 23*60 + 30} {
				m := listed{
					ID: fmt.Sprintf("%s %d %d", zone, day, start), Name: fmt.Sprintf("%s %d %s", zone, day, civil.Clock(start)), Fellowship: "na",
					Day: day, Start: start, End: (start + 90) % 1440, Zone: zone, Attendance: "online",
				}
				item, err := newShelfItem(&m, "List", newCardReader())
				if err != nil {
					t.Fatal(err)
				}
				b.add(&item)
			}
		}
	}
	shelf, segment := b.done()
	return newDirectory(shelf, segment, 1, nil)
}

// weeksOfChanges begin before clocks change: in America (spring, autumn), in Europe, and not at all.
var weeksOfChanges = []time.Time{
	time.Date(2026, 3, 6, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 30, 0, 0, 0, 0, time.UTC),
	time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC), time.Date(2026, 5, 18, 0, 0, 0, 0, time.UTC),
}

// What a person sees first is what is next: one date after the other, each where the meeting is, no date
// twice, and on each by the time that passes until then, whichever days were asked for.
func TestListsAreInTheOrderOfWhatIsNext(t *testing.T) {
	dir := worldDirectory(t, "America/New_York", "America/Los_Angeles", "Europe/Berlin", "Asia/Tokyo", "Pacific/Honolulu")
	filters := map[string]Filter{"all": Any(), "Sunday": {Days: []Day{0}, From: civil.NoClock, Until: civil.NoClock}, "Saturday night": {Days: []Day{6}, From: 22 * 60, Until: 3 * 60}}
	for _, week := range weeksOfChanges {
		for now := week; now.Before(week.AddDate(0, 0, 7)); now = now.Add(97 * time.Minute) {
			for name, f := range filters {
				var last *Hit
				hits := dir.Find(f, now).Hits
				for i := range hits {
					h := &hits[i]
					zone, err := civil.Zone(h.Zone)
					if err != nil {
						t.Fatal(err)
					}
					if own := civil.DateOf(h.Next.In(zone)); own != h.Date && (!h.Running || h.Date != civil.DateOf(now.In(zone))) {
						t.Fatalf("%s at %v: %s is on %v and listed on %v", name, now, h.Name, own, h.Date)
					}
					if want := civil.NextWeekly(now, h.Day.Weekday(), h.Start, zone); !h.Running && !h.Next.Equal(want) {
						t.Fatalf("%s at %v: %s is next at %v, not %v", name, now, h.Name, want, h.Next)
					}
					if last != nil && (h.Date.Before(last.Date) || h.Date == last.Date && h.Next.Before(last.Next)) {
						t.Fatalf("%s at %v: %s %v (%v) stands after %s %v (%v)", name, now, h.Name, h.Next, h.Date, last.Name, last.Next, last.Date)
					}
					last = h
				}
			}
		}
	}
}

// In one zone, a day's list begins with what is still to come of it, and what is past comes a week later.
func TestADayBeginsWithWhatIsStillToCome(t *testing.T) {
	dir := worldDirectory(t, "America/New_York")
	ny, err := civil.Zone("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	f := Any()
	f.Days = []Day{6}
	now := time.Date(2026, 11, 21, 21, 20, 0, 0, ny)
	found, chips := dir.FindWithChips(f, now)
	var got []string
	for i := range found.Hits {
		got = append(got, found.Hits[i].Date.String()+" "+found.Hits[i].Start.String())
	}
	want := []string{"2026-11-21 23:30", "2026-11-28 00:00", "2026-11-28 02:30", "2026-11-28 06:00", "2026-11-28 10:00", "2026-11-28 19:00"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v\nwant %v", got, want)
	}
	today, next := civil.Date{Year: 2026, Month: 11, Day: 21}, civil.Date{Year: 2026, Month: 11, Day: 28}
	if found.Total != 6 || found.Dates.On(today) != 1 || found.Dates.On(next) != 5 || chips.Dates.On(today) != 1 || chips.Days[6] != 6 {
		t.Errorf("%d: %+v, chips %+v", found.Total, found.Dates, chips)
	}
}
