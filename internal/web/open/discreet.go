package open

import (
	"regexp"

	"hearth/internal/web/ui"
	"hearth/internal/wire"
)

// telling finds the words by which a calendar on a locked telephone, or on a table at work, would say why
// somebody goes there, in English and Spanish. Parts of words count.
var telling = regexp.MustCompile(`(?i)recover|recupera|medic(at|ac)|methadon|metadon|suboxon|bupreno|naloxon|naltrex|vivitrol|opioid|opi[aá]ce|` +
	`overdos|sobredosis|anonymou|an[óo]nim|sober|sobri|(12|twelve)[- ]?step|(12|doce) pasos|alcohol|narcotic|narc[óo]tic|heroin|cocain|addict|adicc|rehab|detox`)

// initials are those by which fellowships call themselves. In the name of a place they may be anything.
var initials = regexp.MustCompile(`\b(AA|NA|CA|CMA|HA|MA|DRA|PRA|MARA|MAT|MAR|MOUD|SMART)\b`)

// discreet is a meeting as a calendar may show it: the group's name and place, unless they say what it is
// for; then the place alone, or just that it is a meeting.
func discreet(i wire.Item, t ui.T) wire.Item {
	for _, s := range []*string{&i.Location, &i.LocationNotes, &i.ConferenceURLNotes, &i.ConferencePhoneNotes} {
		if telling.MatchString(*s) {
			*s = ""
		}
	}
	if telling.MatchString(i.Name) || initials.MatchString(i.Name) {
		i.Name = i.Location
	}
	if i.Name == "" {
		i.Name = t.S("Meeting")
	}
	return i
}
