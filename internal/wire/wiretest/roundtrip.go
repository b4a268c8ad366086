package wiretest

import (
	"time"

	"pgregory.net/rapid"

	"hearth/internal/civil"
	"hearth/internal/meeting"
	"hearth/internal/wire"
)

// Item draws a meeting as the public sees it, odd texts included.
func Item() *rapid.Generator[wire.Item] {
	word := rapid.SampledFrom([]string{"Morning", "Hope", "=SUM(A1)", "L'Chaim", "Café", "朝の集い", "\"Quoted\"", "+1 plus", "'=odd", "-dash (1)", "<3", "a,b;c", "ქართული"})
	line := rapid.Custom(func(t *rapid.T) string { return word.Draw(t, "a") + " " + word.Draw(t, "b") })
	return rapid.Custom(func(t *rapid.T) wire.Item {
		i := wire.Item{
			ID: rapid.StringMatching(`0190[0-9a-f]{4}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}`).Draw(t, "id"), Fellowship: "aa",
			Page: "https://hearth.example/meetings/1", Origin: "here", Changed: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC),
		}
		o := &i.Occurrence
		o.Name = line.Draw(t, "name")
		o.Day = meeting.Day(rapid.IntRange(-1, 6).Draw(t, "day"))
		o.Start, o.End = civil.NoClock, civil.NoClock
		if o.Day >= 0 || rapid.Bool().Draw(t, "timed") {
			o.Start = civil.Clock(rapid.IntRange(0, 1439).Draw(t, "start"))
			o.End = meeting.EndOf(o.Start, rapid.IntRange(1, 1400).Draw(t, "minutes"))
		}
		o.Zone = rapid.SampledFrom([]string{"America/New_York", "Europe/Kiev", "Asia/Kolkata"}).Draw(t, "zone")
		o.Attendance = rapid.SampledFrom([]meeting.Attendance{meeting.InPerson, meeting.Hybrid, meeting.Online, meeting.Inactive}).Draw(t, "attendance")
		o.Location = line.Draw(t, "location")
		o.City, o.State, o.PostalCode = "Easton", "PA", "18042"
		o.Address = "9 Elm St, Easton, PA, 18042"
		if o.Attendance.WalkIn() && rapid.Bool().Draw(t, "pin") {
			o.HasPoint, o.Lat, o.Lng = true, 40.5, -75.25
		}
		if o.Attendance != meeting.InPerson {
			o.ConferenceURL = "https://zoom.us/j/1?pwd=x"
		}
		o.Notes = line.Draw(t, "notes")
		o.Types = rapid.SampledFrom([][]string{nil, {"O", "W"}, {"AL-AN"}, {"S", "X"}, {"ASBI"}}).Draw(t, "types")
		o.Languages = meeting.LanguagesOf("aa", o.Types)
		o.Via = rapid.SampledFrom([][]string{nil, {"there"}}).Draw(t, "via")
		return i
	})
}

// Core is what every format must carry there and back.
func Core(o meeting.Occurrence) map[string]any {
	return map[string]any{
		"name": o.Name, "day": o.Day, "start": o.Start, "end": o.End, "zone": o.Zone, "attendance": o.Attendance, "location": o.Location,
		"point": [3]any{o.HasPoint, o.Lat, o.Lng}, "conference": o.ConferenceURL, "notes": o.Notes, "types": o.Types, "languages": o.Languages,
		"city": o.City, "approximate": o.Approximate,
	}
}
