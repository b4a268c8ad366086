package ui

import (
	"strconv"
	"strings"
	"time"

	"hearth/internal/civil"
)

// calendar holds the names that x/text has no table for.
type calendar struct {
	days, daysShort [7]string // from Sunday
	months          [12]string
}

var english = calendar{
	days:      [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	daysShort: [7]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
	months:    [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
}

var spanish = calendar{
	days:      [7]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"},
	daysShort: [7]string{"dom", "lun", "mar", "mié", "jue", "vie", "sáb"},
	months:    [12]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
}

// mark wraps what comes from the tables above for the pseudo language, as S does.
func (t T) mark(s string) string {
	if t.voice().marked && s != "" {
		return "⟦" + s + "⟧"
	}
	return s
}

// Weekday is the name of a day, 0 Sunday to 6 Saturday. Spanish writes it small; Capital makes a heading.
func (t T) Weekday(d int) string {
	if d < 0 || d > 6 {
		return t.S("By appointment")
	}
	return t.mark(t.voice().calendar.days[d])
}

// WeekdayShort is the day in three letters, for chips and tables.
func (t T) WeekdayShort(d int) string {
	if d < 0 || d > 6 {
		return t.S("By appointment")
	}
	return t.mark(Capital(t.voice().calendar.daysShort[d]))
}

// Weekdays is the day as a habit: Tuesdays, los martes.
func (t T) Weekdays(d int) string {
	if d < 0 || d > 6 {
		return t.S("By appointment")
	}
	name := t.voice().calendar.days[d]
	if t.Lang() != "es" {
		return t.mark(name + "s")
	}
	if strings.HasSuffix(name, "o") {
		name += "s"
	}
	return t.mark("los " + name)
}

// Clock is a time of day by 24 hours: 19:00.
func (t T) Clock(c civil.Clock) string { return c.String() }

// Date is a date without its year: Tuesday 19 May, martes 19 de mayo.
func (t T) Date(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return t.mark(t.plainDate(d))
}

// DateYear is a date with its year: 19 May 2026, 19 de mayo de 2026.
func (t T) DateYear(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	month, year := t.voice().calendar.months[d.Month-1], strconv.Itoa(d.Year)
	if t.Lang() == "es" {
		return strconv.Itoa(d.Day) + " de " + month + " de " + year
	}
	return t.mark(strconv.Itoa(d.Day) + " " + month + " " + year)
}

func (t T) plainDate(d civil.Date) string {
	c := t.voice().calendar
	day, month := c.days[d.Weekday()], c.months[d.Month-1]
	if t.Lang() == "es" {
		return day + " " + strconv.Itoa(d.Day) + " de " + month
	}
	return day + " " + strconv.Itoa(d.Day) + " " + month
}

// Month names a month written as 2026-05: May 2026, mayo de 2026. Anything else comes back as it is.
func (t T) Month(ym string) string {
	y, m, ok := strings.Cut(ym, "-")
	n, err := strconv.Atoi(m)
	if !ok || err != nil || n < 1 || n > 12 {
		return ym
	}
	name := t.voice().calendar.months[n-1]
	if t.Lang() == "es" {
		return name + " de " + y
	}
	return t.mark(name + " " + y)
}

// MonthName names a month without its year.
func (t T) MonthName(m time.Month) string {
	if m < 1 || m > 12 {
		return ""
	}
	return t.mark(t.voice().calendar.months[m-1])
}

// Ago says how long ago something was, as coarsely as people do.
func (t T) Ago(days int) string {
	switch {
	case days <= 0:
		return t.S("today")
	case days == 1:
		return t.S("yesterday")
	case days < 14:
		return t.S("%d days ago", days)
	case days < 60:
		return t.S("%d weeks ago", days/7)
	case days < 365:
		return t.S("%d months ago", days*12/365)
	case days < 730:
		return t.S("over a year ago")
	default:
		return t.S("%d years ago", days/365)
	}
}

// Soon says how far away a start is: in 25 min, in 2 h 10 min, in 3 days.
func (t T) Soon(d time.Duration) string {
	minutes := int((d + time.Minute - 1) / time.Minute)
	switch {
	case minutes <= 0:
		return t.S("now")
	case minutes < 60:
		return t.S("in %d min", minutes)
	case minutes < 24*60 && minutes%60 == 0:
		return t.S("in %d h", minutes/60)
	case minutes < 24*60:
		return t.S("in %d h %d min", minutes/60, minutes%60)
	case minutes < 48*60:
		return t.S("tomorrow")
	default:
		return t.S("in %d days", minutes/(24*60))
	}
}

// Miles is a distance: 0.4 mi, 12 mi.
func (t T) Miles(m float64) string {
	if m < 0 {
		return ""
	}
	if m < 9.95 {
		return t.S("%s mi", strconv.FormatFloat(m, 'f', 1, 64))
	}
	return t.S("%s mi", t.Number(int(m+0.5)))
}

// Capital makes the first letter large, for a Spanish day or month that begins a line.
func Capital(s string) string {
	for i, r := range s {
		if r == '⟦' {
			continue
		}
		return s[:i] + strings.ToUpper(string(r)) + s[i+len(string(r)):]
	}
	return s
}
