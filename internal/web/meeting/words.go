package meeting

import (
	"strconv"
	"strings"

	"hearth/internal/civil"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
	"hearth/internal/web/ui"
)

// fillWords says the filter and its counts in sentences.
func (v *finderView) fillWords(f meeting.Filter, found meeting.Found, today civil.Date) {
	t := v.t
	v.count = countWords(t, f, found.Total, found.Dates.On(today), today)

	var bounds []string
	if f.From.Valid() || f.Until.Valid() {
		bounds = append(bounds, clockWords(t, f.From, f.Until))
	}
	if n := f.Near; n != nil {
		bounds = append(bounds, nearWords(t, n, f.WithinMiles))
	}
	if f.Text != "" {
		bounds = append(bounds, t.S("with the words “%s”", f.Text))
	}
	bounds = append(bounds, wishWords(t, f)...)
	v.bounds = "."
	if len(bounds) > 0 {
		v.bounds = " " + strings.Join(bounds, ", ") + "."
	}
	v.welcome = welcomeWords(t, found, f)
	v.asked = v.askedWords(f)
}

// wishWords say which welcome was asked for.
func wishWords(t ui.T, f meeting.Filter) []string {
	if len(f.Answers) > 0 {
		return []string{answerWords(t, f)}
	}
	var out []string
	for _, r := range f.May {
		if key := mayWords[r.String()]; key != "" {
			out = append(out, t.S(key))
		}
	}
	return out
}

// answerWords say which answers were asked for instead of yes.
func answerWords(t ui.T, f meeting.Filter) string {
	return t.S("where the answer to “%s” is: %s", t.S(rightNames[f.May[0].String()]), namesOfAnswers(t, f))
}

// answerChip says the same on a telephone's width; the right has its own chip, or stands in the words above.
func answerChip(t ui.T, f meeting.Filter) string { return t.S("Answer: %s", namesOfAnswers(t, f)) }

func namesOfAnswers(t ui.T, f meeting.Filter) string {
	names := make([]string, len(f.Answers))
	for i, a := range f.Answers {
		names[i] = t.S(answerNames[a])
	}
	return strings.Join(names, ", ")
}

var answerNames = [...]string{welcome.Unknown: ui.Key("not known yet"), welcome.No: ui.Key("no"), welcome.Depends: ui.Key("it depends"), welcome.Yes: ui.Key("yes")}

var rightNames = map[string]string{
	"attend": ui.Key("may I come?"), "speak": ui.Key("may I speak?"), "lead": ui.Key("may I lead?"), "serve": ui.Key("may I serve?"),
	"sponsor": ui.Key("may I have a sponsor?"), "be_sponsor": ui.Key("may I be a sponsor?"), "count": ui.Key("does my time count?"),
}

// countWords is how many there are, and when; of today's day, how many are still to come today.
func countWords(t ui.T, f meeting.Filter, total, still int, today civil.Date) string {
	none := total == 0
	day := int(today.Weekday())
	switch {
	case f.Now && none:
		return t.S("No meetings now or in the next hour")
	case f.Now:
		return t.S("%d meetings now or in the next hour", total)
	case f.Tonight && none:
		return t.S("No meetings tonight")
	case f.Tonight:
		return t.S("%d meetings tonight", total)
	case len(f.Days) == 1 && f.Days[0] == meeting.Day(day) && none:
		return t.S("No meetings today")
	case len(f.Days) == 1 && f.Days[0] == meeting.Day(day) && still == 0:
		return t.S("None is left today; %d meetings next %s", total, t.Weekday(day))
	case len(f.Days) == 1 && f.Days[0] == meeting.Day(day) && still < total:
		return t.S("%d meetings still to come today, and %d next %s", still, total-still, t.Weekday(day))
	case len(f.Days) == 1 && f.Days[0] == meeting.Day(day):
		return t.S("%d meetings today", total)
	case len(f.Days) > 0:
		names := make([]string, len(f.Days))
		for i, d := range f.Days {
			names[i] = t.Weekdays(int(d))
		}
		if none {
			return t.S("No meetings on %s", enumerate(t, names))
		}
		return t.S("%d meetings on %s", total, enumerate(t, names))
	case none:
		return t.S("No meetings")
	}
	return t.S("%d meetings", total)
}

func nearWords(t ui.T, n *meeting.Near, within float64) string {
	label := n.LabelIn(t.Lang())
	if label == "" {
		label = t.S("where you are")
	}
	switch {
	case within == 0:
		return t.S("however far from %s", label)
	case within == float64(int(within)):
		return t.S("within %s of %s", t.S("%d miles", int(within)), label)
	default:
		return t.S("within %s of %s", t.S("%s miles", strconv.FormatFloat(within, 'f', 1, 64)), label)
	}
}

func clockWords(t ui.T, from, until civil.Clock) string {
	switch {
	case from.Valid() && until.Valid() && until < from:
		return t.S("from %s to %s the next day", t.Clock(from), t.Clock(until))
	case from.Valid() && until.Valid():
		return t.S("from %s to %s", t.Clock(from), t.Clock(until))
	case from.Valid():
		return t.S("from %s on", t.Clock(from))
	default:
		return t.S("until %s", t.Clock(until))
	}
}

// welcomeWords says in how many the right is open, depends, is closed, or is not known. A zero is left
// out, but never the yes: that there is none is news too.
func welcomeWords(t ui.T, found meeting.Found, f meeting.Filter) string {
	yes, depends, no, unknown := found.Answers[welcome.Yes], found.Answers[welcome.Depends], found.Answers[welcome.No], found.Answers[welcome.Unknown]
	if yes+depends+no+unknown == 0 || len(f.Answers) > 0 {
		return ""
	}
	if yes+depends+no == 0 {
		return t.S("About their welcome nothing is known yet.")
	}
	var parts []string
	switch {
	case len(f.May) == 1: // the count is that of the yes
	case found.Right == welcome.Lead:
		parts = append(parts, t.S("You may lead in %d", yes))
	case found.Right == welcome.Serve:
		parts = append(parts, t.S("Service is open to you in %d", yes))
	case found.Right == welcome.TimeCounts:
		parts = append(parts, t.S("Your time counts in %d", yes))
	default:
		parts = append(parts, t.S("You may speak in %d", yes))
	}
	if depends > 0 {
		parts = append(parts, t.S("in %d it depends", depends))
	}
	if no > 0 {
		parts = append(parts, t.S("in %d you may not", no))
	}
	if unknown > 0 {
		parts = append(parts, t.S("about %d we do not know", unknown))
	}
	if len(parts) == 0 {
		return ""
	}
	return capital(strings.Join(parts, "; ")) + "."
}

// askedWords names the filters that the count does not.
func (v *finderView) askedWords(f meeting.Filter) string {
	names := askedNames(v.t, f)
	if len(names) == 0 {
		return ""
	}
	return v.t.S("You asked for: %s.", strings.Join(names, ", "))
}

func askedNames(t ui.T, f meeting.Filter) []string {
	var names []string
	if len(f.Attendance) > 0 {
		switch a := f.Attendance; {
		case len(a) == 1 && a[0] == meeting.Online:
			names = append(names, t.S("only online"))
		case len(a) == 1 && a[0] == meeting.InPerson:
			names = append(names, t.S("only in person"))
		case len(a) == 1:
			names = append(names, t.S("in person and online at once"))
		case containsWay(a, meeting.Online) && !containsWay(a, meeting.InPerson):
			names = append(names, t.S("online"))
		case containsWay(a, meeting.InPerson) && !containsWay(a, meeting.Online):
			names = append(names, t.S("in person"))
		}
	}
	for _, n := range meeting.Needs() {
		if f.Needs.Has(n.Flag) {
			names = append(names, t.S(n.Label))
		}
	}
	for _, k := range f.Kinds {
		names = append(names, t.S(meeting.Kind(k).Name()))
	}
	for _, code := range f.Fellowships {
		names = append(names, fellowshipName(t, code))
	}
	for _, code := range f.Languages {
		names = append(names, languageName(t, code))
	}
	for _, code := range f.Types {
		names = append(names, typeName(t, f, code))
	}
	if f.Unplaced {
		names = append(names, t.S("without an exact place"))
	}
	return names
}

// typeName is what a type is called at the fellowship that was asked for, else anywhere.
func typeName(t ui.T, f meeting.Filter, code string) string {
	fellowship := ""
	if len(f.Fellowships) == 1 {
		fellowship = f.Fellowships[0]
	}
	if !meeting.TypeKnown(fellowship, code) {
		return t.S("marked %s by its list", code)
	}
	return meeting.TypeLabel(fellowship, code, t.Lang())
}

func containsWay(ways []meeting.Attendance, a meeting.Attendance) bool {
	for _, w := range ways {
		if w == a {
			return true
		}
	}
	return false
}

// languageName names the language of a meeting, or gives its code where we have no word for it.
func languageName(t ui.T, code string) string {
	for _, l := range languages {
		if l.code == code {
			return t.S(l.name)
		}
	}
	return strings.ToUpper(code)
}

// enumerate joins names as the language does: a, b and c.
func enumerate(t ui.T, names []string) string {
	switch n := len(names); n {
	case 0:
		return ""
	case 1:
		return names[0]
	default:
		return t.S("%s and %s", strings.Join(names[:n-1], ", "), names[n-1])
	}
}

// fellowshipName is the name by which a fellowship calls itself in the reader's language.
func fellowshipName(t ui.T, code string) string {
	f := meeting.FellowshipByCode(code)
	if t.Lang() == "es" {
		return f.NameES
	}
	return t.S(f.Name)
}
