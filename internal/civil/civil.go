// Package civil owns dates, times of day and zones as people use them: a meeting is on Mondays at 19:00
// where it is, whatever the offset from UTC is that week.
//
// It is pure: it must never ask what time it is; now is handed in.
package civil

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // zones must not depend on the machine
)

// Date is a day of the calendar without a zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the date that t shows in its own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// ParseDate reads YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse("2006-01-02", s)
	if err != nil {
		return Date{}, fmt.Errorf("date %q is not YYYY-MM-DD", s)
	}
	return DateOf(t), nil
}

// String gives YYYY-MM-DD, the form in which dates are stored.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// IsZero tells whether no date was given.
func (d Date) IsZero() bool { return d == Date{} }

// Before tells whether d is an earlier day than other.
func (d Date) Before(other Date) bool {
	return d.Year < other.Year || d.Year == other.Year && (d.Month < other.Month || d.Month == other.Month && d.Day < other.Day)
}

// AddDays returns the date n days later (or earlier).
func (d Date) AddDays(n int) Date {
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 12, 0, 0, 0, time.UTC))
}

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC).Weekday()
}

// Clock is a time of day in minutes after midnight, 0 to 1439. NoClock says that there is none.
type Clock int16

// NoClock is the absence of a time of day.
const NoClock Clock = -1

// String gives HH:MM, or "" for NoClock.
func (c Clock) String() string {
	if c < 0 {
		return ""
	}
	return fmt.Sprintf("%02d:%02d", int(c)/60%24, int(c)%60)
}

// Valid tells whether c is a time of day.
func (c Clock) Valid() bool { return c >= 0 && c < 24*60 }

// ParseClock reads HH:MM, H:MM, HH:MM:SS and the twelve-hour forms with AM or PM ("8:00 PM", "8 pm",
// "8:00p.m."). 24:00 is refused.
func ParseClock(s string) (Clock, error) {
	in := s
	s = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(s), ".", ""))
	half := ""
	for _, h := range []string{"am", "pm"} {
		if rest, ok := strings.CutSuffix(s, h); ok {
			s, half = strings.TrimSpace(rest), h
		}
	}
	parts := strings.Split(s, ":")
	bad := func() (Clock, error) { return NoClock, fmt.Errorf("time %q is not HH:MM", in) }
	if len(parts) > 3 || (len(parts) == 1 && half == "") {
		return bad()
	}
	var n [3]int
	for i, p := range parts {
		if len(p) == 0 || len(p) > 2 {
			return bad()
		}
		for _, r := range []byte(p) {
			if r < '0' || r > '9' {
				return bad()
			}
			n[i] = n[i]*10 + int(r-'0')
		}
	}
	h := n[0]
	if half != "" {
		if h < 1 || h > 12 {
			return bad()
		}
		h %= 12
		if half == "pm" {
			h += 12
		}
	}
	if h > 23 || n[1] > 59 || n[2] > 59 {
		return bad()
	}
	return Clock(h*60 + n[1]), nil
}

// zones holds those that were asked for; loading parses a file each time. It has no more than there are
// names: each has one spelling, see zoneName.
var zones sync.Map // name → *time.Location

// zoneName is how IANA writes a zone. A folder of zone files takes other spellings of the same file too
// (America//New_York, America/./New_York), and has files that count leap seconds (right/…).
var zoneName = regexp.MustCompile(`^[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*){1,3}$`)

// Zone loads an IANA zone such as America/New_York. Names without a slash (EST, local) are refused,
// except UTC: they name an offset, not a place.
func Zone(name string) (*time.Location, error) {
	if l, ok := zones.Load(name); ok {
		return l.(*time.Location), nil
	}
	if name != "UTC" && (len(name) > 64 || !zoneName.MatchString(name)) {
		return nil, fmt.Errorf("zone %.80q is not an IANA name such as America/New_York", name)
	}
	l, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("zone %q is not known", name)
	}
	zones.Store(strings.Clone(name), l)
	return l, nil
}

// At returns the instant at which clocks in loc show c on d. When clocks jump over c, it is c moved
// forward by the length of the gap (02:30 becomes 03:30); when they show c twice, it is the first
// (RFC 5545 section 3.3.5).
func At(d Date, c Clock, loc *time.Location) time.Time {
	t := time.Date(d.Year, d.Month, d.Day, int(c)/60, int(c)%60, 0, 0, loc)
	if ClockOf(t) == c && DateOf(t) == d {
		// In an overlap time.Date may give the second of two; look an hour or two before for the same wall time.
		for _, back := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour} {
			if e := t.Add(-back); ClockOf(e) == c && DateOf(e) == d {
				return e
			}
		}
		return t
	}
	// In a gap: use the offset in force before it.
	_, before := t.Add(-12 * time.Hour).Zone()
	return time.Date(d.Year, d.Month, d.Day, int(c)/60, int(c)%60, 0, 0, time.FixedZone("", before)).In(loc)
}

// ClockOf returns the time of day that t shows in its location.
func ClockOf(t time.Time) Clock { return Clock(t.Hour()*60 + t.Minute()) }

// NextWeekly returns the first start at or after now of something that happens every week on that day
// at start, by the clocks of loc.
func NextWeekly(now time.Time, day time.Weekday, start Clock, loc *time.Location) time.Time {
	d := DateOf(now.In(loc))
	d = d.AddDays((int(day) - int(d.Weekday()) + 7) % 7)
	if t := At(d, start, loc); !t.Before(now) {
		return t
	}
	return At(d.AddDays(7), start, loc)
}

// WeekStart returns the Monday of an ISO week such as 2026-W47.
func WeekStart(week string) (Date, error) {
	var year, n int
	if _, err := fmt.Sscanf(week, "%4d-W%2d", &year, &n); err != nil || n < 1 || n > 53 {
		return Date{}, fmt.Errorf("%q is not a week such as 2026-W47", week)
	}
	first := Date{Year: year, Month: time.January, Day: 4} // is always in the first week
	return first.AddDays(7*(n-1) - (int(first.Weekday())+6)%7), nil
}
