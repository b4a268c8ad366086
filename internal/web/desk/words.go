package desk

import (
	"strconv"

	"hearth/internal/civil"
	"hearth/internal/meeting"
	"hearth/internal/web/ui"
)

// visitState says whether a report counts.
func visitState(t ui.T, v meeting.Visit) string {
	switch v.State {
	case "accepted":
		return t.S("It counts.")
	case "queued":
		return t.S("It waits for you.")
	default:
		return t.S("It was left out.")
	}
}

// fieldWord names a field of a meeting.
func fieldWord(t ui.T, name string) string {
	switch name {
	case "name":
		return t.S("Name")
	case "day":
		return t.S("Day")
	case "start":
		return t.S("Start")
	case "end":
		return t.S("End")
	case "zone":
		return t.S("Time zone")
	case "attendance":
		return t.S("In person or online")
	case "location":
		return t.S("Name of the place")
	case "address":
		return t.S("Address")
	case "city":
		return t.S("Town")
	case "state":
		return t.S("State")
	case "postal_code":
		return t.S("ZIP code")
	case "country":
		return t.S("Country")
	case "location_notes":
		return t.S("How to get in")
	case "point":
		return t.S("Position on the map")
	case "approximate":
		return t.S("Approximate place")
	case "conference_url":
		return t.S("Link to join")
	case "conference_url_notes":
		return t.S("About the link")
	case "conference_phone":
		return t.S("Phone to join")
	case "conference_phone_notes":
		return t.S("About the phone")
	case "notes":
		return t.S("Notes")
	case "types":
		return t.S("Types")
	case "languages":
		return t.S("Languages")
	case "website":
		return t.S("Website")
	case "group":
		return t.S("Group")
	case "group_notes":
		return t.S("About the group")
	case "url":
		return t.S("Its page at the list")
	case "venmo", "square", "paypal":
		return t.S("Name at %s, for the hat", map[string]string{"venmo": "Venmo", "square": "Square", "paypal": "PayPal"}[name])
	case "homegroup_online":
		return t.S("Address for the hat")
	case "regions":
		return t.S("Regions")
	case "entity", "entity_url", "entity_phone", "entity_email":
		return t.S("Who keeps the list")
	case "repeats":
		return t.S("In which weeks")
	case "data_source", "via":
		return t.S("Where the list has it from")
	case "hidden": // not a field of a list: an editor took the meeting out
		return t.S("Taken out of the finder")
	default:
		return name
	}
}

// fieldValue says a value of a field as people do, where it is a code.
func fieldValue(t ui.T, name, value string) string {
	switch name {
	case "day":
		if n, err := strconv.Atoi(value); err == nil && n >= 0 && n <= 6 {
			return ui.Capital(t.Weekday(n))
		}
		return t.S("By appointment")
	case "attendance":
		switch meeting.Attendance(value) {
		case meeting.InPerson:
			return t.S("In person")
		case meeting.Hybrid:
			return t.S("In person and online")
		case meeting.Online:
			return t.S("Online")
		case meeting.Inactive:
			return t.S("Closed for now")
		}
	case "approximate":
		if value == "yes" {
			return t.S("Yes")
		}
		return t.S("No")
	}
	return value
}

// visitWhen says when a visit was, and when we were told.
func visitWhen(t ui.T, v meeting.Visit) string {
	monday, err := civil.WeekStart(v.Week)
	if err != nil {
		return t.S("Visited in %s.", t.Month(v.Month))
	}
	return t.S("Visited in %s, told in the week of %s.", t.Month(v.Month), t.Date(monday))
}

// suggestionWord says what somebody suggests, apart from single fields.
func suggestionWord(t ui.T, s meeting.Suggestion) string {
	switch {
	case s.Closed:
		return t.S("It does not meet any more")
	case len(s.Changes) > 0:
		return t.S("Something here is different")
	default:
		return t.S("A note")
	}
}
