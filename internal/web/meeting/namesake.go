package meeting

import (
	"slices"
	"strings"
	"time"

	"hearth/internal/geo"
	"hearth/internal/meeting"
	"hearth/internal/web/ui"
)

// What is typed into the one field may be a place, another place of that name, or words of meetings. It is
// read as the first place; the rest is offered.

// mistaken offers the other places that what was typed could mean.
func mistaken(t ui.T, others []geo.Place, near *meeting.Near, links params) []ui.ChipData {
	var out []ui.ChipData
	for _, place := range others {
		if label := meeting.PlaceLabel(place, t.Lang()); label != near.LabelIn(t.Lang()) && len(out) < 4 && !slices.ContainsFunc(out, func(c ui.ChipData) bool { return c.Label == label }) {
			out = append(out, ui.ChipData{Label: label, Href: links.link("/", "place", meeting.PlaceLabel(place, "en"))})
		}
	}
	return out
}

// similar links the places whose names are nearly what was typed as words.
func similar(t ui.T, near []geo.Place, links params) []ui.ChipData {
	var out []ui.ChipData
	for _, place := range near {
		out = append(out, ui.ChipData{Label: meeting.PlaceLabel(place, t.Lang()), Href: links.without("text").link("/", "place", meeting.PlaceLabel(place, "en"))})
	}
	return out
}

// asWords offers the meetings that have what was read as a place in their own words, with everything else
// the same. It offers nothing, Label "", where they are all around that place: then the list has them.
func asWords(t ui.T, dir *meeting.Directory, f meeting.Filter, links params, found int, now time.Time) ui.ChipData {
	if f.Near == nil || f.Near.Query == "" || f.Text != "" {
		return ui.ChipData{}
	}
	g := f
	g.Text = f.Near.Query
	if g.WithinMiles > 0 {
		g.WithinMiles = max(g.WithinMiles, meeting.DefaultWithinMiles)
	}
	here := dir.Count(g, now)
	g.Near, g.WithinMiles = nil, 0
	n := dir.Count(g, now)
	if n <= here && (n == 0 || n > perPage || found <= perPage) { // a few that bear its name are hard to see in a long list
		return ui.ChipData{}
	}
	label := t.S("%d meetings with the words “%s”", n, g.Text)
	if !strings.Contains(g.Text, " ") {
		label = t.S("%d meetings with the word “%s”", n, g.Text)
	}
	return ui.ChipData{Label: label, Href: links.without("place", "within").link("/", "text", g.Text)}
}
