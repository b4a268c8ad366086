package meeting

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"hearth/internal/civil"
)

// The rules N1, N2 and N5 to N7 of the directory reference, as small pure functions. Places (N3, N4) are in
// normalise_place.go, texts in normalise_text.go, and Intake applies all of them to a row.

// feedDays are what tables write instead of a number, in the languages of the house.
var feedDays = map[string]Day{
	"sunday": 0, "monday": 1, "tuesday": 2, "wednesday": 3, "thursday": 4, "friday": 5, "saturday": 6,
	"sun": 0, "mon": 1, "tue": 2, "tues": 2, "wed": 3, "thu": 4, "thur": 4, "thurs": 4, "fri": 5, "sat": 6,
	"domingo": 0, "lunes": 1, "martes": 2, "miércoles": 3, "miercoles": 3, "jueves": 4, "viernes": 5, "sábado": 6, "sabado": 6,
	"su": 0, "mo": 1, "tu": 2, "we": 3, "th": 4, "fr": 5, "sa": 6,
}

// ParseFeedDay reads a day as Meeting Guide and its relatives write it (rule N1): 0 or 7 Sunday to 6
// Saturday, or a name. An empty text is ByAppointment.
func ParseFeedDay(s string) (Day, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return ByAppointment, nil
	}
	if d, ok := feedDays[strings.ToLower(s)]; ok {
		return d, nil
	}
	if strings.EqualFold(s, "appointment") || strings.EqualFold(s, "by appointment") {
		return ByAppointment, nil
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || n != math.Trunc(n) || n < 0 || n > 7 {
		return ByAppointment, fmt.Errorf("day %q is not 0 to 6", excerpt(s))
	}
	return Day(int(n) % 7), nil
}

// endOfDay tells whether a time is written as the end of its day. ParseStart reads it as 00:00; which day
// that is, is for the caller to say.
func endOfDay(s string) bool {
	s = strings.TrimSpace(s)
	return s == "24:00" || s == "24:00:00"
}

// ParseStart reads a time of day (rule N2) in any form that feeds use. An empty text is NoClock.
func ParseStart(s string) (civil.Clock, error) {
	s = strings.TrimSpace(s)
	switch strings.ToLower(s) {
	case "":
		return civil.NoClock, nil
	case "noon", "12 noon":
		return 12 * 60, nil
	case "midnight", "24:00", "24:00:00":
		return 0, nil
	}
	// "2011-01-01 19:30:00" and "2011-01-01T19:30:00Z" come from databases: only the clock is meant.
	if len(s) > 11 && s[4] == '-' && s[7] == '-' && (s[10] == ' ' || s[10] == 'T') {
		s = strings.TrimSuffix(s[11:], "Z")
	}
	// "19:30:00Z", "19:30-05:00": HSDS asks for an offset, and what is written before it is the local time.
	if at := strings.LastIndexAny(s, "Z+-"); at >= 5 && s[2] == ':' && (at == len(s)-1) == (s[at] == 'Z') {
		s = s[:at]
	}
	// "19:30:00.000"
	if at := strings.IndexByte(s, '.'); at == 8 && s[2] == ':' && s[5] == ':' {
		s = s[:at]
	}
	c, err := civil.ParseClock(s)
	if err != nil {
		return civil.NoClock, fmt.Errorf("time %q is not HH:MM", excerpt(s))
	}
	return c, nil
}

// EndOf is the end of something that starts at start and lasts so many minutes, by the clock.
func EndOf(start civil.Clock, minutes int) civil.Clock {
	if !start.Valid() {
		return civil.NoClock
	}
	return civil.Clock((int(start) + minutes) % (24 * 60))
}

// DefaultMinutes is how long a meeting lasts that does not say (rule N2).
const DefaultMinutes = 60

// ParseAttendance reads a stated attendance in the spellings that feeds use.
func ParseAttendance(s string) (Attendance, bool) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "in_person", "in-person", "in person", "inperson":
		return InPerson, true
	case "hybrid":
		return Hybrid, true
	case "online", "virtual":
		return Online, true
	case "inactive":
		return Inactive, true
	}
	return "", false
}

// WorkOutAttendance is rule N6 without its first clause: what a row that does not say must be, given
// whether its place is closed for now (type TC), whether there is a way to join from afar (N5) and whether
// its place is only approximate (N4).
func WorkOutAttendance(closed, onlineWay, approximate bool) Attendance {
	switch {
	case closed && onlineWay:
		return Online
	case closed:
		return Inactive
	case onlineWay && approximate:
		return Online
	case onlineWay:
		return Hybrid
	case approximate:
		return Inactive
	}
	return InPerson
}

// WalkIn tells whether one can walk in: such meetings have distances, pins and directions.
func (a Attendance) WalkIn() bool { return a == InPerson || a == Hybrid }

// ParsePoint reads a pair of coordinates (the first part of rule N7): numbers, neither exactly 0, on Earth.
func ParsePoint(lat, lng string) (la, ln float64, err error) {
	lat, lng = strings.TrimSpace(lat), strings.TrimSpace(lng)
	la, errLat := strconv.ParseFloat(lat, 64)
	ln, errLng := strconv.ParseFloat(lng, 64)
	switch {
	case errLat != nil || errLng != nil || math.IsNaN(la) || math.IsNaN(ln):
		return 0, 0, fmt.Errorf("coordinates %q, %q are not numbers", excerpt(lat), excerpt(lng))
	case la == 0 || ln == 0:
		return 0, 0, fmt.Errorf("coordinates %s, %s hold a zero, which stands for none", excerpt(lat), excerpt(lng))
	case math.Abs(la) > 90 || math.Abs(ln) > 180:
		return 0, 0, fmt.Errorf("coordinates %s, %s are not on Earth", excerpt(lat), excerpt(lng))
	}
	return la, ln, nil
}

// zoneAliases are the zones that tables name in the American way. An abbreviation names an offset and not
// a place; the place meant is the usual one.
var zoneAliases = map[string]string{
	"et": "America/New_York", "est": "America/New_York", "edt": "America/New_York", "eastern": "America/New_York",
	"ct": "America/Chicago", "cst": "America/Chicago", "cdt": "America/Chicago", "central": "America/Chicago",
	"mt": "America/Denver", "mst": "America/Denver", "mdt": "America/Denver", "mountain": "America/Denver",
	"pt": "America/Los_Angeles", "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles", "pacific": "America/Los_Angeles",
	"akst": "America/Anchorage", "akdt": "America/Anchorage", "alaska": "America/Anchorage",
	"hst": "Pacific/Honolulu", "hawaii": "Pacific/Honolulu", "ast": "America/Halifax", "adt": "America/Halifax", "atlantic": "America/Halifax",
	"gmt": "Europe/London", "bst": "Europe/London", "utc": "UTC", "cet": "Europe/Berlin", "cest": "Europe/Berlin",
}

// ParseZone reads the name of a zone, old names and American abbreviations too. An empty text is "".
func ParseZone(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", nil
	}
	if len(s) <= 64 {
		if _, err := civil.Zone(s); err == nil {
			return s, nil
		}
		low := strings.ToLower(strings.TrimSuffix(strings.ToLower(s), " time"))
		if z, ok := zoneAliases[low]; ok {
			return z, nil
		}
		if z := strings.ReplaceAll(s, " ", "_"); z != s {
			if _, err := civil.Zone(z); err == nil {
				return z, nil
			}
		}
	}
	return "", fmt.Errorf("zone %q is not known", excerpt(s))
}

// excerpt shortens a value for a message.
func excerpt(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strings.Map(func(r rune) rune {
		if !keepRune(r) {
			return -1
		}
		return r
	}, s)
}

// updatedForms are the ways in which feeds write when a row was changed. The Meeting Guide's own is first.
var updatedForms = [...]string{
	"2006-01-02 15:04:05", time.RFC3339, "2006-01-02T15:04:05.999Z07:00", "2006-01-02", "1/2/2006 3:04:05 PM", "1/2/2006 15:04:05",
	"1/2/2006", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-0215:04:05",
}

// ParseUpdated reads when a row was changed, in UTC where nothing else is said, as Unix milliseconds. An
// empty text is 0. asIs is false when the text was not in the form of the specification and had to be
// guessed at; the caller may warn.
func ParseUpdated(s string) (ms int64, asIs bool, err error) {
	s = strings.TrimSpace(s)
	if s == "" || strings.HasPrefix(s, "0000-00-00") {
		return 0, true, nil
	}
	if len(s) <= 40 {
		for i, form := range updatedForms {
			if (form[0] == '1') != (strings.IndexByte(s, '/') >= 0) {
				continue
			}
			t, err := time.Parse(form, s)
			if err == nil && t.Year() > 1980 && t.Year() < 2200 {
				return t.UnixMilli(), i < len(updatedForms)-1, nil
			}
		}
	}
	return 0, false, fmt.Errorf("updated %q is not a date", excerpt(s))
}

// SetUpdated reads when the row was changed and warns of what is odd.
func (n *Intake) SetUpdated(r *RawRow, s string) {
	ms, asIs, err := ParseUpdated(s)
	r.Updated = ms
	switch {
	case err != nil:
		n.Warn(r.Row, "updated", err.Error()+": kept without one")
	case !asIs:
		n.Warn(r.Row, "updated", fmt.Sprintf("updated %q lacks the space between day and time: read as if it were there", excerpt(s)))
	}
}
