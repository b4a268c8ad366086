package meeting

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"hearth/internal/civil"
)

// Which zone a row's times are in: the row's own; else the one of its place, where that is beyond doubt
// another than the feed's; else the feed's.

// placed is what is known of where a row is, as ZoneAt takes it.
type placed struct {
	lat, lng       float64
	country, state string
}

// setZone needs the attendance and the point. What takes place online is in the feed's zone, and an
// approximate place may be any: lists put one and the same town under all their online meetings.
func (n *Intake) setZone(o *Occurrence, r *RawRow, p Place) {
	o.Zone = n.zone
	if zone, err := ParseZone(r.Zone); err != nil {
		n.Warn(r.Row, "zone", err.Error()+": the one of its place or of the feed is used")
	} else if zone != "" {
		o.Zone = zone
		return
	}
	if n.feed.ZoneAt != nil && (n.zone == "" || o.Attendance != Online && !o.Approximate) {
		at := placed{country: countryOf(p, n.zone), state: p.State}
		if o.HasPoint {
			at.lat, at.lng = o.Lat, o.Lng
		}
		zone, known := n.places[at]
		if !known {
			zone = n.zoneOf(at, o.HasPoint)
			n.places[at] = zone
		}
		if zone != "" {
			o.Zone = zone
		}
	}
	switch {
	case o.Zone != n.zone && n.zone != "":
		n.elsewhere[o.Zone]++
	case o.Zone == "" && o.Start.Valid():
		n.Warn(r.Row, "no zone", "no time zone is known for it")
	}
}

// zoneOf is the zone of a place, "" where it is in doubt or no other than the feed's.
func (n *Intake) zoneOf(at placed, point bool) string {
	said := n.feed.ZoneAt(0, 0, at.country, at.state)
	if !point {
		return n.unlessOurs(said)
	}
	found := n.feed.ZoneAt(at.lat, at.lng, at.country, at.state)
	if n.zone == "" {
		return found
	}
	if found = n.unlessOurs(found); found == "" {
		return ""
	}
	// A point that contradicts the address is a dummy, such as the middle of the map.
	if bare := n.feed.ZoneAt(at.lat, at.lng, "", ""); bare != "" && !sameClock(bare, found) {
		return ""
	}
	if said != "" {
		return found
	}
	// In a divided state or country the border is not drawn finely: what is near the feed's own zone is in it.
	const near = 0.12 // degrees, some eight miles
	for _, d := range [][2]float64{{near, 0}, {-near, 0}, {0, near}, {0, -near}} {
		if z := n.feed.ZoneAt(at.lat+d[0], at.lng+d[1], at.country, at.state); z != "" && sameClock(z, n.zone) {
			return ""
		}
	}
	return found
}

// unlessOurs is zone, "" where it keeps the same time as the feed's.
func (n *Intake) unlessOurs(zone string) string {
	if zone == "" || n.zone != "" && sameClock(zone, n.zone) {
		return ""
	}
	return zone
}

// countryOf is the country that a row names, in its own words; else the one that its state and the shape of
// its postal code name together. A state alone may be another country's: WA is in Australia too.
func countryOf(p Place, feedZone string) string {
	if p.Country != "" {
		return p.Country
	}
	if at := strings.LastIndexByte(p.Formatted, ','); at >= 0 || p.State == "" {
		last := strings.TrimSpace(p.Formatted[at+1:])
		if last != "" && stateCode(last) == "" && !strings.ContainsAny(last, "0123456789") {
			return last
		}
	}
	country := CountryOfState(p.State)
	american := feedZone == "" || strings.HasPrefix(feedZone, "America/") || feedZone == "Pacific/Honolulu"
	if american && looksPostal(p.PostalCode) && (p.PostalCode[0] >= 'A') == (country == "CA") {
		return country
	}
	return ""
}

// tellElsewhere says once how many rows are not in the feed's zone.
func (n *Intake) tellElsewhere() {
	if len(n.elsewhere) == 0 {
		return
	}
	rows := 0
	var zones []string
	for _, zone := range slices.Sorted(mapKeys(n.elsewhere)) {
		rows += n.elsewhere[zone]
		if len(zones) < 10 {
			zones = append(zones, fmt.Sprintf("%s %d", zone, n.elsewhere[zone]))
		}
	}
	if more := len(n.elsewhere) - len(zones); more > 0 {
		zones = append(zones, fmt.Sprintf("%d more", more))
	}
	n.Warn(0, "elsewhere", fmt.Sprintf("%d rows are in another time zone than the feed's %s by their place: they are given theirs (%s)",
		rows, n.zone, strings.Join(zones, ", ")))
}

// sameClock tells whether clocks in two zones show the same all year. It looks at some years that are known
// to every edition of the zones: what was before, or may be decided later, does not part a feed's rows.
func sameClock(a, b string) bool {
	if a == b {
		return true
	}
	la, errA := civil.Zone(a)
	lb, errB := civil.Zone(b)
	if errA != nil || errB != nil {
		return false
	}
	for t, end := time.Date(2025, 1, 1, 12, 0, 0, 0, time.UTC), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC); t.Before(end); t = t.AddDate(0, 0, 1) {
		_, offA := t.In(la).Zone()
		_, offB := t.In(lb).Zone()
		if offA != offB {
			return false
		}
	}
	return true
}
