package ui

import "encoding/json"

// MapWords is what the map says, for its attribute data-words: JSON, because the map is drawn by a script
// and a script has no catalogue. {n} stands for a number.
func MapWords(t T) string {
	words := map[string]string{
		"show":     t.S("Show the map"),
		"opening":  t.S("Opening the map…"),
		"failed":   t.S("The map cannot be drawn on this device. The list has every meeting."),
		"nopoints": t.S("The meetings could not be fetched for the map. The list has every meeting."),
		"map":      t.S("Map of the meetings found. Arrow keys move it, plus and minus zoom."),
		"zoomin":   t.S("Zoom in"),
		"zoomout":  t.S("Zoom out"),
		"close":    t.S("Close"),
		"inview":   t.S("On the map in view: {n}"),
		"more":     t.S("{n} more. Zoom in to see them here."),
		"here":     t.S("{n} meetings here"),
		"none":     t.S("No meeting in this part of the map."),
		"drawn":    t.S("The map is drawn here; where you look stays here."),
		"leftout":  t.S("{n} more are not on the map. Narrow the search to see them."),
		"sources":  t.S("Map data: U.S. Census Bureau, Natural Earth, GeoNames."),
		"yes":      t.S("You may speak"),
		"depends":  t.S("Speaking depends"),
		"no":       t.S("Speaking is not open to you"),
		"unknown":  t.S("Speaking: not known"),
	}
	b, err := json.Marshal(words)
	if err != nil {
		return "{}" // strings cannot fail
	}
	return string(b)
}
