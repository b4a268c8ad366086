package world

import (
	"bufio"
	"encoding/json"
	"io"

	"hearth/internal/meeting"
)

// feedRow is a row of a Meeting Guide feed.
type feedRow struct {
	Name             string   `json:"name"`
	Slug             string   `json:"slug"`
	Day              int      `json:"day"`
	Time             string   `json:"time"`
	EndTime          string   `json:"end_time"`
	Timezone         string   `json:"timezone"`
	Location         string   `json:"location"`
	FormattedAddress string   `json:"formatted_address"`
	Latitude         *float64 `json:"latitude,omitempty"`
	Longitude        *float64 `json:"longitude,omitempty"`
	Regions          []string `json:"regions"`
	Types            []string `json:"types"`
	Notes            string   `json:"notes,omitempty"`
	Group            string   `json:"group"`
	ConferenceURL    string   `json:"conference_url,omitempty"`
	Attendance       string   `json:"attendance_option"`
	Updated          string   `json:"updated"`
	URL              string   `json:"url"`
}

// WriteFeed writes all meetings as one Meeting Guide feed. Change, when set, may alter each on the way.
func (w *World) WriteFeed(out io.Writer, change func(i int, o *meeting.Occurrence)) error {
	b := bufio.NewWriterSize(out, 1<<16)
	enc := json.NewEncoder(b)
	sep := "["
	for i := range w.Size {
		m := w.Meeting(i)
		if change != nil {
			change(i, &m.Occurrence)
		}
		row := feedRow{
			Name: m.Name, Slug: m.SourceID, Day: int(m.Day), Time: m.Start.String(), EndTime: m.End.String(), Timezone: m.Zone,
			Location: m.Location, FormattedAddress: m.Address, Regions: m.Regions, Types: m.Types, Notes: m.Notes, Group: m.Group,
			ConferenceURL: m.ConferenceURL, Attendance: string(m.Attendance), Updated: "2026-05-01 12:00:00", URL: "https://world.example/meetings/" + m.SourceID,
		}
		if m.HasPoint {
			row.Latitude, row.Longitude = &m.Lat, &m.Lng
		}
		if _, err := b.WriteString(sep); err != nil {
			return err
		}
		if err := enc.Encode(row); err != nil {
			return err
		}
		sep = ","
	}
	if _, err := b.WriteString("]\n"); err != nil {
		return err
	}
	return b.Flush()
}
