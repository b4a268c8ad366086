package open

import (
	pages "hearth/internal/web/meeting"
	"hearth/internal/web/ui"
	"hearth/internal/wire"
)

// discreet is a meeting as a calendar may show it: the group's name and place, unless they say what it is
// for; then the place alone, or just that it is a meeting.
func discreet(i wire.Item, t ui.T) wire.Item {
	for _, s := range []*string{&i.Location, &i.LocationNotes, &i.ConferenceURLNotes, &i.ConferencePhoneNotes} {
		if pages.Telling(*s) {
			*s = ""
		}
	}
	if i.Name = pages.DiscreetName(i.Name, i.Location); i.Name == "" {
		i.Name = t.S("Meeting")
	}
	return i
}
