package meeting

import (
	"slices"
	"strconv"
	"time"

	"hearth/internal/meeting"
	"hearth/internal/web/ui"
)

// emptyHanded finds out what would help, and offers only what has something.
func emptyHanded(t ui.T, dir *meeting.Directory, f meeting.Filter, links params, now time.Time, words ui.ChipData) *emptyView {
	e := &emptyView{title: t.S("Nothing found here yet"), more: t.S("Every meeting we know of was looked at. Something close by may still fit:")}
	offer := func(label, href string) {
		if e.first.Label == "" {
			e.first = ui.ButtonData{Label: label, Href: href, Kind: "primary"}
		} else {
			e.others = append(e.others, ui.ChipData{Label: label, Href: href})
		}
	}
	count := func(change func(*meeting.Filter)) int {
		g := f
		g.Limit, g.Offset = 1, 0
		change(&g)
		return dir.Find(g, now).Total
	}
	if f.Offset > 0 {
		e.more = t.S("This page of the list is past its end.")
		offer(t.S("Back to the beginning"), links.link("/", "", ""))
		return e
	}
	if words.Label != "" {
		offer(words.Label, words.Href)
	}
	if len(f.May) > 0 {
		if n := count(func(g *meeting.Filter) { g.May, g.Answers = nil, nil }); n > 0 {
			offer(t.S("Show %d meetings whatever is known of their welcome", n), links.without("answer").link("/", "may", ""))
		}
	}
	if len(f.Days) > 0 || f.Now || f.Tonight {
		g := f
		g.Limit, g.Offset = 1, 0
		_, counts := dir.FindWithChips(g, now)
		for i := range 7 {
			day := (int(now.Weekday()) + i) % 7
			if n := counts.Days[day]; n > 0 && !slices.Contains(f.Days, meeting.Day(day)) {
				offer(t.S("%d on %s", n, t.Weekday(day)), links.without("when").link("/", "day", meeting.Day(day).Param()))
				if len(e.others) > 1 {
					break
				}
			}
		}
	}
	if f.Near != nil && f.WithinMiles > 0 {
		for _, miles := range []float64{10, 25, 50, 100, 250} {
			if miles <= f.WithinMiles {
				continue
			}
			if n := count(func(g *meeting.Filter) { g.WithinMiles = miles }); n > 0 {
				value := strconv.Itoa(int(miles)) + "mi"
				if miles == meeting.DefaultWithinMiles {
					value = ""
				}
				offer(t.S("%d within %d miles", n, int(miles)), links.link("/", "within", value))
				break
			}
		}
	}
	if !slices.Contains(f.Attendance, meeting.Online) {
		if n := count(func(g *meeting.Filter) { g.Attendance = []meeting.Attendance{meeting.Hybrid, meeting.Online} }); n > 0 {
			offer(t.S("%d online", n), links.link("/", "attendance", "hybrid,online"))
		}
	}
	if f.Needs != 0 {
		if n := count(func(g *meeting.Filter) { g.Needs = 0 }); n > 0 {
			offer(t.S("%d without those wishes", n), links.link("/", "need", ""))
		}
	}
	if f.Near == nil && f.Text != "" {
		e.more = t.S("We know no place called “%s”, and no meeting has these words. Try the town with its state, or a ZIP code.", f.Text)
	}
	if len(e.others) == 0 && len(links) > 0 {
		offer(t.S("Clear filters"), "/")
	}
	if dir.Len() == 0 {
		e.title, e.more = t.S("No meetings are listed here yet"), t.S("The people who run this site are still bringing them in. Help is there now all the same.")
		e.first = ui.ButtonData{Label: t.S("Get help now"), Href: "/help", Kind: "primary"}
	}
	return e
}
