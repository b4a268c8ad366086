package private

import (
	"testing"

	"hearth/internal/wire/rowjson"
)

func TestRowKeepsNoContacts(t *testing.T) {
	const in = `{"name":"A","contact_1_name":"Pat Q","email":"pat@example.org","phone":"202-555-0100","author":"pat","edit_url":"https://example.org/e",
"Contact 2 Phone":"1","contact_name1":"Pat Q","feedback_emails":["pat@example.org"],"venmo":"@pat","notes":"call Pat Q 202-555-0100\u0000 \u003cb\u003e",
"conference_phone":"+12025550111","entity_email":"office@example.org","entity_phone":"202-555-0122","phone_meeting_number":"202-555-0133",
"nested":{"contacts":[{"name":"Pat Q"}],"phones":[1],"url":"x","list":["a","mail pat@example.org"]},"conference_url_notes":"ask pat@example.org","n":1.50,"b":true,"z":null}`
	const want = `{"name":"A","notes":"call […] \u003cb\u003e","conference_phone":"+12025550111","entity_email":"office@example.org","entity_phone":"202-555-0122",` +
		`"phone_meeting_number":"202-555-0133","nested":{"url":"x","list":["a","mail […]"]},"conference_url_notes":"ask […]","n":1.50,"b":true,"z":null}`
	v, err := rowjson.Parse([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(Row(v, "+12025550111")); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	got := string(Columns([]string{"Name", "Contact 1 Email", "Notes", "Phone", "Conference Phone"}, []string{"A", "pat@example.org", "text 202-555-0100", "1", "202-555-0111"}))
	if got != `{"Name":"A","Notes":"text […]","Conference Phone":"202-555-0111"}` {
		t.Errorf("columns became %s", got)
	}
}

func TestRowKeepsNoHiddenContacts(t *testing.T) {
	const in = `{"url":"https://example.org/?to=jim%40example.com","website":"https://example.org/a\u0026b","notes":"john (at) example.com","location":"A & B",` +
		`"group":"jim at example dot com","location_notes":"john&#64;example.com","group_notes":"john.doe＠example.com","conference_url_notes":"mailto:jim%40example.com"}`
	const want = `{"url":"https://example.org/?to=[…]","website":"https://example.org/a\u0026b","notes":"[…]","location":"A & B",` +
		`"group":"[…]","location_notes":"[…]","group_notes":"[…]","conference_url_notes":"[…]"}`
	v, err := rowjson.Parse([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(Row(v)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
