package sheet

import (
	"encoding/csv"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"hearth/internal/meeting"
	"hearth/internal/wire"
)

var columns = []string{
	"ID", "Name", "Day", "Time", "End Time", "Timezone", "Attendance Option", "Location", "Formatted Address", "Approximate", "Latitude",
	"Longitude", "Regions", "Types", "Conference URL", "Conference URL Notes", "Conference Phone", "Conference Phone Notes", "Notes",
	"Location Notes", "Group", "Group Notes", "Website", "Venmo", "Square", "Paypal", "Entity", "Entity URL", "Entity Phone",
	"Entity Email", "Fellowship", "URL", "Updated",
}

// Encode writes a table with the headings of the Meeting Guide. Days and types are written as words, as
// tables have them; a type without a label as its code.
func Encode(w io.Writer, items iter.Seq[wire.Item]) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(columns); err != nil {
		return err
	}
	for i := range items {
		day, lat, lng, updated, approximate := "", "", "", "", "no"
		if i.Day >= 0 && i.Day.Weekday() <= time.Saturday {
			day = i.Day.Weekday().String()
		}
		if i.HasPoint && i.Attendance.WalkIn() {
			lat, lng = strconv.FormatFloat(i.Lat, 'f', 5, 64), strconv.FormatFloat(i.Lng, 'f', 5, 64)
		}
		if !i.Changed.IsZero() {
			updated = i.Changed.UTC().Format("2006-01-02 15:04:05")
		}
		if i.Approximate {
			approximate = "yes"
		}
		record := []string{
			i.ID, i.Name, day, i.Start.String(), i.End.String(), i.Zone, string(i.Attendance), i.Location, i.Address(), approximate, lat,
			lng, strings.Join(i.Regions, " > "), labels(i.Fellowship, i.Types), i.ConferenceURL, i.ConferenceURLNotes, i.ConferencePhone,
			i.ConferencePhoneNotes, i.Notes, i.LocationNotes, i.Group, i.GroupNotes, i.Website, i.Venmo, i.Square, i.Paypal, i.Entity, i.EntityURL,
			i.EntityPhone, i.EntityEmail, i.Fellowship, i.Page, updated,
		}
		for c, cell := range record {
			if lat == "" || c != 10 && c != 11 { // a longitude begins with a minus and is a number
				record[c] = escape(cell)
			}
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// labels writes types by label where the label reads back as the code.
func labels(fellowship string, types []string) string {
	var out []string
	for _, code := range types {
		label := meeting.TypeLabel(fellowship, code, "en")
		if back, ok := meeting.TypeCode(fellowship, label); !ok || back != code || strings.Contains(label, ",") {
			label = code
		}
		out = append(out, label)
	}
	return strings.Join(out, ", ")
}

// escape keeps a spreadsheet from running a cell as a formula: an apostrophe before what begins like one.
// Handles (@name) and numbers (+1 202…) cannot be run and stay as they are.
func escape(cell string) string {
	rest := strings.TrimLeft(cell, "'")
	switch {
	case rest == "":
	case len(rest) < len(cell) && strings.IndexByte("=+-@", rest[0]) >= 0:
		return "'" + cell // or reading it back would take the writer's own away
	case len(rest) < len(cell):
	case cell[0] == '=', strings.IndexByte("+-@", cell[0]) >= 0 && strings.ContainsAny(cell, "(|!=") && strings.Trim(cell, "+-() .0123456789,*#;") != "":
		return "'" + cell
	}
	return cell
}
