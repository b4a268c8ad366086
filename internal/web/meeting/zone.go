package meeting

import (
	"strings"
	"time"

	"hearth/internal/civil"
	"hearth/internal/web/ui"
)

// zoneNames are the zones that people know by a name; the others are called by their city.
var zoneNames = map[string]string{
	"America/New_York":    ui.Key("Eastern Time"),
	"America/Detroit":     ui.Key("Eastern Time"),
	"America/Chicago":     ui.Key("Central Time"),
	"America/Denver":      ui.Key("Mountain Time"),
	"America/Boise":       ui.Key("Mountain Time"),
	"America/Phoenix":     ui.Key("Arizona Time"),
	"America/Los_Angeles": ui.Key("Pacific Time"),
	"America/Anchorage":   ui.Key("Alaska Time"),
	"Pacific/Honolulu":    ui.Key("Hawaii Time"),
	"America/Puerto_Rico": ui.Key("Puerto Rico Time"),
	"America/Halifax":     ui.Key("Atlantic Time"),
}

// readerZones are offered to a reader who is elsewhere.
var readerZones = []string{
	"America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles", "America/Anchorage",
	"Pacific/Honolulu", "America/Puerto_Rico", "America/Halifax", "America/Mexico_City", "America/Bogota", "America/Sao_Paulo",
	"Europe/London", "Europe/Dublin", "Europe/Madrid", "Europe/Berlin", "Europe/Warsaw", "Europe/Kyiv", "Africa/Nairobi", "Asia/Jerusalem",
	"Asia/Dubai", "Asia/Kolkata", "Asia/Bangkok", "Asia/Manila", "Asia/Tokyo", "Australia/Perth", "Australia/Sydney", "Pacific/Auckland",
}

// zoneName names a zone for people: Eastern Time, Berlin time.
func zoneName(t ui.T, zone string) string {
	if name, ok := zoneNames[zone]; ok {
		return t.S(name)
	}
	if zone == "" || zone == "UTC" {
		return "UTC"
	}
	city := zone[strings.LastIndexByte(zone, '/')+1:]
	return t.S("%s time", strings.ReplaceAll(city, "_", " "))
}

// sameClock tells whether clocks in two zones agree at an instant.
func sameClock(at time.Time, a, b *time.Location) bool {
	_, x := at.In(a).Zone()
	_, y := at.In(b).Zone()
	return x == y
}

// location loads a zone, or says UTC for one that is not known.
func location(zone string) *time.Location {
	if loc, err := civil.Zone(zone); err == nil {
		return loc
	}
	return time.UTC
}
