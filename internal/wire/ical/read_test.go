package ical

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// A small reader of calendars, written from RFC 5545 and not from the writer.

type component struct {
	name     string
	props    map[string][]string
	params   map[string]string
	children []*component
}

func (c *component) get(name string) string {
	if v := c.props[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func (c *component) all(name string) []*component {
	var out []*component
	for _, child := range c.children {
		if child.name == name {
			out = append(out, child)
		}
	}
	return out
}

// read unfolds the lines and nests the components. Every BEGIN must have its END.
func read(t testing.TB, data []byte) *component {
	t.Helper()
	text := string(data)
	if !strings.HasSuffix(text, "\r\n") || strings.Count(text, "\n") != strings.Count(text, "\r\n") {
		t.Fatalf("lines do not end with CRLF: %q", text)
	}
	var stack []*component
	text = strings.ReplaceAll(strings.TrimSuffix(text, "\r\n"), "\r\n ", "")
	for line := range strings.SplitSeq(text, "\r\n") {
		head, value, ok := strings.Cut(line, ":")
		name, params, _ := strings.Cut(head, ";")
		if !ok || name == "" || strings.ToUpper(name) != name {
			t.Fatalf("this is no line of a calendar: %q", line)
		}
		switch name {
		case "BEGIN":
			stack = append(stack, &component{name: value, props: map[string][]string{}, params: map[string]string{}})
			continue
		case "END":
			last := stack[len(stack)-1]
			if last.name != value {
				t.Fatalf("%s ends %s", value, last.name)
			}
			if len(stack) == 1 {
				return last
			}
			stack = stack[:len(stack)-1]
			top := stack[len(stack)-1]
			top.children = append(top.children, last)
			continue
		}
		top := stack[len(stack)-1]
		top.props[name] = append(top.props[name], value)
		top.params[name] = params
	}
	t.Fatal("the calendar is not closed")
	return nil
}

func unescape(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\,`, ",", `\;`, ";").Replace(s)
}

func clock(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse("20060102T150405", s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// yearlyDates expands FREQ=YEARLY;BYMONTH=m;BYDAY=nDD by looking at every day.
func yearlyDates(t testing.TB, rule string, start time.Time, years int) []time.Time {
	t.Helper()
	var month, nth int
	var day string
	if _, err := fmt.Sscanf(rule, "FREQ=YEARLY;BYMONTH=%d;BYDAY=%d%s", &month, &nth, &day); err != nil {
		t.Fatalf("rule %q: %v", rule, err)
	}
	weekday := time.Weekday(slices.Index([]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}, day))
	var out []time.Time
	for y := start.Year(); y < start.Year()+years; y++ {
		var days []time.Time
		for d := 1; d <= 31; d++ {
			at := time.Date(y, time.Month(month), d, start.Hour(), start.Minute(), start.Second(), 0, time.UTC)
			if at.Month() == time.Month(month) && at.Weekday() == weekday {
				days = append(days, at)
			}
		}
		at := days[len(days)-1]
		if nth > 0 {
			at = days[nth-1]
		}
		if !at.Before(start) {
			out = append(out, at)
		}
	}
	return out
}
