package desk

import (
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
	default:
		return name
	}
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
