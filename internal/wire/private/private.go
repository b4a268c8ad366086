// Package private owns what of a feed's row may be kept as it came: everything but the contacts of persons.
//
// It must never let through a name, address or number of a person; where it cannot tell, it leaves out.
package private

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"hearth/internal/meeting"
	"hearth/internal/wire/rowjson"
)

// Key tells whether a field holds contacts of persons, or accounts of theirs, by its name in any of the
// formats. Ways into a meeting and the public contact of a service body are no contacts of persons.
func Key(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "author", "edit_url", "admin_notes", "mailing_address", "venmo", "square", "paypal", "attention", "feedback_url", "hearth",
		"user_id", "adminnotes", "mailing address", "updated_by", "metadata":
		return true
	case "phone_meeting_number", "phonemeetingnumber":
		return false
	}
	if dials(name) {
		return false
	}
	return strings.Contains(name, "contact") || strings.Contains(name, "email") || strings.Contains(name, "e-mail") || strings.Contains(name, "phone")
}

// Row is a row of JSON as it came, without the contacts of persons. Numbers among keep dial into the
// meeting and stay.
func Row(v rowjson.Value, keep ...string) json.RawMessage {
	if v.Kind() != '{' {
		return nil
	}
	return appendValue(make([]byte, 0, len(v.Raw())), "", v, keep)
}

// Field is one field of a row.
type Field struct {
	Key   []byte
	Value rowjson.Value
}

// Fields is Row for one that was taken apart before.
func Fields(fields []Field, keep ...string) json.RawMessage {
	size := 2
	for _, f := range fields {
		size += len(f.Key) + len(f.Value.Raw()) + 4
	}
	dst := append(make([]byte, 0, size), '{')
	for _, f := range fields {
		dst = appendField(dst, f.Key, f.Value, keep)
	}
	return append(dst, '}')
}

// harmless are the fields of feeds, with true for those that hold many digits and never a number to call.
var harmless = map[string]bool{
	"latitude": true, "longitude": true, "updated": true, "slug": true, "url": true, "location_url": true, "time": true, "end_time": true,
	"day": true, "types": true, "conference_url": false, "id_bigint": true, "start_time": true, "duration_time": true,
	"root_server_uri": true, "worldid_mixed": true, "format_shared_id_list": true, "region": false, "regions": false, "name": false,
	"notes": false, "group": false, "location": false, "formatted_address": false, "address": false, "city": false, "state": false,
	"service_body_bigint": true, "service_body_name": false, "shared_group_id_bigint": true, "weekday_tinyint": true, "venue_type": true,
	"time_zone": true, "formats": true, "lang_enum": true, "distance_in_km": true, "distance_in_miles": true, "published": true,
	"meeting_name": false, "location_text": false, "location_info": false, "location_street": false, "location_city_subsection": false,
	"location_neighborhood": false, "location_municipality": false, "location_sub_province": false, "location_province": false,
	"location_postal_code_1": true, "location_nation": false, "comments": false, "train_lines": false, "bus_lines": false,
	"virtual_meeting_link": false, "virtual_meeting_additional_info": false, "public_transport": false, "format_comments": false,
	"postal_code": true, "approximate": true, "attendance_option": true, "location_notes": false, "group_notes": false,
}

func appendField(dst, key []byte, v rowjson.Value, keep []string) []byte {
	never, known := harmless[string(key)]
	if !known && Key(string(key)) {
		return dst
	}
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	if known {
		dst = append(append(append(dst, '"'), key...), '"', ':')
	} else {
		dst = append(rowjson.Quote(dst, string(key)), ':')
	}
	if never && !bytes.ContainsAny(v.Raw(), "@%&") && !bytes.Contains(v.Raw(), []byte(`\u`)) {
		return append(dst, v.Raw()...)
	}
	return appendValue(dst, string(key), v, keep)
}

func appendValue(dst []byte, key string, v rowjson.Value, keep []string) []byte {
	switch v.Kind() {
	case '{':
		dst = append(dst, '{')
		for k, f := range v.Fields() {
			dst = appendField(dst, k, f, keep)
		}
		return append(dst, '}')
	case '[':
		dst = append(dst, '[')
		first := true
		for e := range v.Elements() {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = appendValue(dst, key, e, keep)
		}
		return append(dst, ']')
	case '"':
		if plain(v.Raw(), key) {
			return append(dst, v.Raw()...)
		}
		said := v.Text()
		public := Text(key, said, keep...)
		if public == said && utf8.Valid(v.Raw()) && !bytes.Contains(v.Raw(), []byte(`\u`)) {
			return append(dst, v.Raw()...)
		}
		return rowjson.Quote(dst, public)
	}
	return append(dst, v.Raw()...)
}

// Text is one field's text without the contacts of persons.
func Text(key, s string, keep ...string) string {
	if key == "entity_email" {
		return s
	}
	if dials(key) {
		return meeting.WithholdEmails(s)
	}
	return strings.Map(func(r rune) rune {
		if r == 0 {
			return -1
		}
		return r
	}, meeting.WithholdContacts(s, keep...))
}

// plain tells, without making a text of it, that a string cannot hold a contact.
func plain(raw []byte, key string) bool {
	digits := 0
	for i, c := range raw {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '@', c == '%', c == '&', c == '<', c == '[', c == '(', c == '{', c >= utf8.RuneSelf, c == '\\' && i+1 < len(raw) && raw[i+1] == 'u':
			return false
		case c|0x20 == 'd' && i+2 < len(raw) && raw[i+1]|0x20 == 'o' && raw[i+2]|0x20 == 't': // name at example dot com
			return false
		}
	}
	return digits < 7 || dials(key)
}

// dials tells whether a field holds numbers that are meant for everybody.
func dials(key string) bool {
	return strings.HasPrefix(key, "conference") || strings.HasPrefix(key, "entity") || key == "phone_meeting_number" || key == "phoneMeetingNumber"
}

// Columns is a row of a table as an object, without the contacts of persons.
func Columns(names, values []string, keep ...string) json.RawMessage {
	dst := []byte{'{'}
	for i, name := range names {
		if i >= len(values) || values[i] == "" || Key(name) {
			continue
		}
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		dst = rowjson.Quote(dst, name)
		dst = append(dst, ':')
		dst = rowjson.Quote(dst, Text(strings.ToLower(name), values[i], keep...))
	}
	return append(dst, '}')
}
