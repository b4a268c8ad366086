package open

import (
	"slices"
	"strings"

	pages "hearth/internal/web/meeting"
	"hearth/internal/web/ui"
	"hearth/internal/wire"
)

// discreet is a meeting as a calendar may show it: the group's name and place, unless they say what it is
// for; then the place alone, or just that it is a meeting. Of an address the parts that say it are left
// out; for a link that does there is our page.
func discreet(i wire.Item, t ui.T) wire.Item {
	for _, s := range []*string{&i.Location, &i.LocationNotes, &i.ConferenceURLNotes, &i.ConferencePhoneNotes} {
		if pages.Telling(*s) {
			*s = ""
		}
	}
	if pages.Telling(i.Occurrence.Address) {
		parts := slices.DeleteFunc(strings.Split(i.Occurrence.Address, ","), pages.Telling)
		i.Occurrence.Address = strings.TrimSpace(strings.Join(parts, ","))
	}
	if pages.Telling(i.ConferenceURL) {
		i.ConferenceURL = i.Page
	} else if caution := pages.Caution(t, i.ConferenceURL); caution != "" {
		// A calendar warns as the page does: whoever opens it there never sees the page.
		i.ConferenceURLNotes = strings.TrimSpace(caution + ".\n" + i.ConferenceURLNotes)
	}
	if i.Name = pages.DiscreetName(i.Name, i.Location); i.Name == "" {
		i.Name = t.S("Meeting")
	}
	return i
}
