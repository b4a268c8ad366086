package setup

import (
	"strings"

	"hearth/internal/web/ui"
)

// zone is a time zone as the list shows it.
type zone struct{ id, label string }

// zones lists the time zones that people here choose from, those of most of them first, and one more where
// something else is set.
func zones(t ui.T, set string) []zone {
	out := []zone{
		{"America/New_York", t.S("Eastern time") + " · New York"},
		{"America/Chicago", t.S("Central time") + " · Chicago"},
		{"America/Denver", t.S("Mountain time") + " · Denver"},
		{"America/Phoenix", t.S("Mountain time, no daylight saving") + " · Phoenix"},
		{"America/Los_Angeles", t.S("Pacific time") + " · Los Angeles"},
		{"America/Anchorage", t.S("Alaska time") + " · Anchorage"},
		{"Pacific/Honolulu", t.S("Hawaii time") + " · Honolulu"},
		{"America/Puerto_Rico", t.S("Atlantic time") + " · San Juan"},
	}
	for id := range strings.FieldsSeq(moreZones) {
		out = append(out, zone{id, place(id)})
	}
	for _, z := range out {
		if z.id == set {
			return out
		}
	}
	if set != "" {
		out = append(out, zone{set, place(set)})
	}
	return out
}

const moreZones = `America/Boise America/Detroit America/Indiana/Indianapolis America/Kentucky/Louisville America/Juneau
	America/Halifax America/St_Johns America/Toronto America/Winnipeg America/Regina America/Edmonton America/Vancouver
	America/Mexico_City America/Tijuana America/Bogota America/Sao_Paulo America/Argentina/Buenos_Aires Pacific/Guam Pacific/Pago_Pago
	Europe/London Europe/Dublin Europe/Lisbon Europe/Madrid Europe/Paris Europe/Berlin Europe/Rome Europe/Athens Europe/Warsaw
	Africa/Johannesburg Asia/Kolkata Asia/Manila Asia/Tokyo Australia/Perth Australia/Sydney Pacific/Auckland UTC`

// place is the town in a zone's name: America/St_Johns is St Johns.
func place(id string) string {
	return strings.ReplaceAll(id[strings.LastIndexByte(id, '/')+1:], "_", " ")
}

// zoneWord names a zone for a reader.
func zoneWord(t ui.T, id string) string {
	for _, z := range zones(t, id) {
		if z.id == id {
			return z.label
		}
	}
	return id
}
