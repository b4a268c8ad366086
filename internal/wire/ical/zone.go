package ical

import (
	"fmt"
	"strings"
	"time"

	"hearth/internal/civil"
)

// A VTIMEZONE says how the clocks of a place are changed, because a reader need not know the zone's name.
// Ours is worked out from the transitions of the zone itself.

// years is how far the transitions are looked at: long enough to see whether they follow a rule, and, where
// they follow none (Morocco at Ramadan), to last until the calendar is fetched again.
const years = 12

// change is one change of the clocks.
type change struct {
	at       time.Time // first instant of the new offset
	from, to int       // seconds east of UTC
	name     string
	summer   bool
}

// wall is what the clocks showed when they were changed.
func (c change) wall() time.Time { return c.at.In(time.FixedZone("", c.from)) }

// changes lists the changes in the years beginning with the first.
func changes(loc *time.Location, first int) []change {
	var list []change
	t := time.Date(first, 1, 1, 0, 0, 0, 0, time.UTC)
	end := t.AddDate(years, 0, 0)
	for {
		_, next := t.In(loc).ZoneBounds()
		if next.IsZero() || !next.Before(end) {
			return list
		}
		_, from := next.Add(-time.Second).In(loc).Zone()
		name, to := next.In(loc).Zone()
		list = append(list, change{at: next, from: from, to: to, name: name, summer: next.In(loc).IsDST()})
		t = next
	}
}

func (w *writer) zone(name string, loc *time.Location, from civil.Date) {
	first := from.Year - 1
	w.line("BEGIN:VTIMEZONE")
	w.line("TZID:" + name)
	list := changes(loc, first)
	start := time.Date(first, 1, 1, 0, 0, 0, 0, time.UTC).In(loc)
	abbreviation, offset := start.Zone()
	if rules := yearly(list, first); rules != nil {
		for _, r := range rules {
			w.observance(r.change, r.rule, nil)
		}
	} else {
		// The offset before the first change, and then every change by itself.
		w.observance(change{at: time.Date(1970, 1, 1, 0, 0, 0, 0, time.FixedZone("", offset)), from: offset, to: offset, name: abbreviation, summer: start.IsDST()}, "", nil)
		for i, c := range list {
			if seen(list[:i], c) {
				continue
			}
			w.observance(c, "", list[i+1:])
		}
	}
	w.line("END:VTIMEZONE")
}

// seen tells whether a change of the same kind came before.
func seen(list []change, c change) bool {
	for _, o := range list {
		if o.from == c.from && o.to == c.to && o.name == c.name && o.summer == c.summer {
			return true
		}
	}
	return false
}

// observance writes one part of a zone. later holds the changes among which those of the same kind are its
// further dates.
func (w *writer) observance(c change, rule string, later []change) {
	part := "STANDARD"
	if c.summer {
		part = "DAYLIGHT"
	}
	w.line("BEGIN:" + part)
	w.line("DTSTART:" + c.wall().Format("20060102T150405"))
	w.line("TZOFFSETFROM:" + offset(c.from))
	w.line("TZOFFSETTO:" + offset(c.to))
	w.line("TZNAME:" + c.name)
	if rule != "" {
		w.line("RRULE:" + rule)
	}
	for _, o := range later {
		if seen([]change{c}, o) {
			w.line("RDATE:" + o.wall().Format("20060102T150405"))
		}
	}
	w.line("END:" + part)
}

func offset(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	s := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		s += fmt.Sprintf("%02d", seconds%60)
	}
	return s
}

type ruled struct {
	change
	rule string
}

// yearly finds the rule of a zone whose clocks are changed twice a year on the same weekday of the same
// week. nil means that there is none, or no change at all.
func yearly(list []change, first int) []ruled {
	if len(list) != 2*years {
		return nil
	}
	var out []ruled
	for k := range 2 {
		c := list[k]
		nth, last := true, true
		for y := range years {
			o := list[2*y+k]
			a, b := c.wall(), o.wall()
			if b.Year() != first+y || a.Month() != b.Month() || a.Weekday() != b.Weekday() || a.Hour() != b.Hour() || a.Minute() != b.Minute() ||
				a.Second() != b.Second() || o.from != c.from || o.to != c.to || o.summer != c.summer || o.name != c.name {
				return nil
			}
			nth = nth && week(a) == week(b)
			last = last && b.AddDate(0, 0, 7).Month() != b.Month()
		}
		day := strings.ToUpper(c.wall().Weekday().String()[:2])
		switch {
		case last:
			day = "-1" + day
		case nth:
			day = fmt.Sprint(week(c.wall())) + day
		default:
			return nil
		}
		out = append(out, ruled{c, fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;BYDAY=%s", c.wall().Month(), day)})
	}
	return out
}

func week(t time.Time) int { return (t.Day()-1)/7 + 1 }
