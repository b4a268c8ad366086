package meetingguide

import (
	"bufio"
	"io"
	"iter"

	"hearth/internal/meeting"
	"hearth/internal/wire"
	"hearth/internal/wire/rowjson"
)

// Encode writes a feed that any reader of the format takes. What is ours stands under the one key hearth:
// the community that it comes from, those that it came through, and the welcome card.
func Encode(w io.Writer, items iter.Seq[wire.Item]) error {
	out := bufio.NewWriterSize(w, 64<<10)
	out.WriteString("[")
	var b rowjson.Builder
	first := true
	for item := range items {
		b.Reset()
		encode(&b, &item)
		if !first {
			out.WriteString(",")
		}
		first = false
		out.WriteString("\n")
		if _, err := out.Write(b.Bytes()); err != nil {
			return err // the reader went away
		}
	}
	out.WriteString("\n]\n")
	return out.Flush()
}

func encode(b *rowjson.Builder, i *wire.Item) {
	b.Open('{')
	b.Text("name", i.Name)
	b.Text("slug", i.ID)
	if i.Day >= 0 {
		b.Int("day", int(i.Day))
	}
	b.Text("time", i.Start.String())
	b.Text("end_time", i.End.String())
	b.Text("timezone", i.Zone)
	b.Text("formatted_address", i.Address())
	b.Text("location", i.Location)
	b.Text("location_notes", i.LocationNotes)
	b.Texts("regions", i.Regions)
	if i.Attendance.WalkIn() && i.HasPoint {
		b.Float("latitude", i.Lat, 5)
		b.Float("longitude", i.Lng, 5)
	}
	approximate := "no"
	if i.Approximate {
		approximate = "yes"
	}
	b.Text("approximate", approximate)
	b.Text("attendance_option", string(i.Attendance))
	b.Texts("types", i.Types)
	b.Text("conference_url", i.ConferenceURL)
	b.Text("conference_url_notes", i.ConferenceURLNotes)
	b.Text("conference_phone", i.ConferencePhone)
	b.Text("conference_phone_notes", i.ConferencePhoneNotes)
	b.Text("notes", i.Notes)
	b.Text("group", i.Group)
	b.Text("group_notes", i.GroupNotes)
	b.Text("website", i.Website)
	b.Text("venmo", i.Venmo)
	b.Text("square", i.Square)
	b.Text("paypal", i.Paypal)
	b.Text("homegroup_online", i.HomegroupURL)
	b.Text("entity", i.Entity)
	b.Text("entity_url", i.EntityURL)
	b.Text("entity_phone", i.EntityPhone)
	b.Text("entity_email", i.EntityEmail)
	b.Text("data_source_name", i.DataSource)
	b.Text("url", i.Page)
	if !i.Changed.IsZero() {
		b.Text("updated", i.Changed.UTC().Format("2006-01-02 15:04:05"))
	}
	b.Key("hearth")
	b.Open('{')
	b.Text("origin", i.Origin)
	b.Texts("via", i.Via)
	b.Text("fellowship", i.Fellowship)
	b.Text("kind", string(meeting.FellowshipByCode(i.Fellowship).Kind))
	b.Raw("welcome", i.Welcome)
	b.Close('}')
	b.Close('}')
}
