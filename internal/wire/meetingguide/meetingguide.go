// Package meetingguide owns the Meeting Guide's JSON, in and out, with the extra keys of the TSML plugin,
// and the keys that tables of the same family share.
//
// It is a codec: bytes to meeting's own types and back. It must never read a file, a network or a clock,
// and never take a welcome from a feed.
package meetingguide

import (
	"bytes"

	"hearth/internal/fault"
	"hearth/internal/meeting"
	"hearth/internal/wire/private"
	"hearth/internal/wire/rowjson"
)

// Decode reads a feed: a list of objects. Fields may be texts, numbers or booleans, types a list, a text
// with commas or "[open]", days a list. It is a meeting.Decoder.
func Decode(payload []byte, feed meeting.FeedContext) (*meeting.Batch, error) {
	doc, err := rowjson.Parse(payload)
	if err != nil {
		return nil, err
	}
	list := doc
	if doc.Kind() == '{' {
		// Some sites wrap the list; an error message has none of these keys.
		for _, key := range []string{"meetings", "data", "items"} {
			if list = doc.Get(key); list.Kind() == '[' {
				break
			}
		}
	}
	if list.Kind() != '[' {
		return nil, fault.New(fault.Invalid, "Line 1: this is JSON, but not a list of meetings.")
	}
	in := meeting.NewIntake(feed, 1+bytes.Count(list.Raw(), []byte(`"name"`)))
	rows := 0
	var row Row
	var parts []private.Field
	for v := range list.Elements() {
		rows++
		if v.Kind() != '{' {
			in.Skip(rows, "not an object with fields: left out")
			continue
		}
		in.WarnRepeated(rows, v.Repeated())
		row.Reset(rows)
		parts = parts[:0]
		for key, value := range v.Fields() {
			parts = append(parts, private.Field{Key: key, Value: value})
			f := fieldOf(key)
			switch {
			case f == keyIgnored:
			case f == keyHearth:
				row.setVia(value)
			case value.Kind() == '[':
				row.setList(f, value.Texts())
			default:
				row.setText(f, value.Text())
			}
		}
		row.raw.Raw = private.Fields(parts, row.raw.ConferencePhone, row.raw.EntityPhone)
		row.Into(in)
	}
	b := in.Batch(rows)
	if rows > 0 && len(b.Occurrences) == 0 {
		return nil, fault.New(fault.Invalid, "None of the %d rows is a meeting. Is the format of this feed right?", rows)
	}
	return b, nil
}

// setVia notes through which communities of this software a row has come, so that a feed of our own that
// comes back is known.
func (r *Row) setVia(v rowjson.Value) {
	add := func(id string) {
		if id != "" && len(id) <= 100 && len(r.raw.Via) < 16 {
			r.raw.Via = append(r.raw.Via, id)
		}
	}
	for _, id := range v.Get("via").Texts() {
		add(id)
	}
	add(v.Get("origin").Text())
}
