package meetingguide

import (
	"fmt"
	"strings"

	"hearth/internal/meeting"
)

// Row collects one row under the keys of the format, whatever it was written in: an object, or a line of a
// table whose columns have the same names.
type Row struct {
	raw              meeting.RawRow
	slug, id         string
	region, sub      string
	coordinates      string
	updated          string
	days, types      []string
	sourceName       string
	website2, people string
}

type field uint8

const (
	keyIgnored field = iota
	keyName
	keySlug
	keyID
	keyDay
	keyStart
	keyEnd
	keyZone
	keyFormatted
	keyAddress
	keyCity
	keyState
	keyPostal
	keyCountry
	keyRegion
	keySubRegion
	keyRegions
	keyConferenceURL
	keyConferenceURLNotes
	keyConferencePhone
	keyConferencePhoneNotes
	keyTypes
	keyPeople
	keyNotes
	keyLocation
	keyLocationNotes
	keyGroup
	keyGroupNotes
	keyLatitude
	keyLongitude
	keyCoordinates
	keyApproximate
	keyUpdated
	keyAttendance
	keyUrl
	keyWebsite
	keyWebsite2
	keyEntity
	keyEntityURL
	keyEntityPhone
	keyEntityEmail
	keyVenmo
	keySquare
	keyPaypal
	keyHomegroup
	keyDataSource
	keyDataSourceName
	keyLanguages
	keyHearth
)

var fields = map[string]field{
	"name": keyName, "meeting": keyName, "meeting_name": keyName, "slug": keySlug, "id": keyID, "day": keyDay, "days": keyDay, "weekday": keyDay,
	"time": keyStart, "start_time": keyStart, "start": keyStart, "end_time": keyEnd, "end": keyEnd, "timezone": keyZone, "time_zone": keyZone,
	"formatted_address": keyFormatted, "full_address": keyFormatted, "address": keyAddress, "city": keyCity, "state": keyState,
	"postal_code": keyPostal, "zip": keyPostal, "zip_code": keyPostal, "country": keyCountry,
	"region": keyRegion, "sub_region": keySubRegion, "regions": keyRegions,
	"conference_url": keyConferenceURL, "conference_url_notes": keyConferenceURLNotes,
	"conference_phone": keyConferencePhone, "conference_phone_notes": keyConferencePhoneNotes,
	"types": keyTypes, "type": keyTypes, "people": keyPeople, "notes": keyNotes, "location": keyLocation, "location_name": keyLocation,
	"location_notes": keyLocationNotes, "group": keyGroup, "group_name": keyGroup, "group_notes": keyGroupNotes,
	"latitude": keyLatitude, "lat": keyLatitude, "longitude": keyLongitude, "lng": keyLongitude, "lon": keyLongitude, "coordinates": keyCoordinates,
	"approximate": keyApproximate, "updated": keyUpdated, "attendance_option": keyAttendance, "url": keyUrl, "website": keyWebsite,
	"website_2": keyWebsite2, "entity": keyEntity, "entity_url": keyEntityURL, "entity_website_url": keyEntityURL,
	"entity_phone": keyEntityPhone, "entity_email": keyEntityEmail, "venmo": keyVenmo, "square": keySquare, "paypal": keyPaypal,
	"homegroup_online": keyHomegroup, "data_source": keyDataSource, "data_source_name": keyDataSourceName, "languages": keyLanguages,
	"hearth": keyHearth,
}

// fieldOf finds a key, also one written as the heading of a column ("Conference URL").
func fieldOf(key []byte) field {
	if f, ok := fields[string(key)]; ok {
		return f
	}
	if len(key) > 40 {
		return keyIgnored
	}
	return fields[Slug(string(key))]
}

// Slug turns the heading of a column into a key: lower case, one underscore for whatever stands between
// words.
func Slug(heading string) string {
	words := strings.FieldsFunc(strings.ToLower(heading), func(r rune) bool {
		return r == ' ' || r == '_' || r == '-' || r == '\t' || r == '\n' || r == '\r' || r == '\u00a0' || r == '\ufeff'
	})
	return strings.Join(words, "_")
}

// Known tells whether a key or heading is one of the format's.
func Known(key string) bool { return fieldOf([]byte(key)) != keyIgnored }

// Reset makes the row ready for the next one of the payload.
func (r *Row) Reset(row int) {
	*r = Row{raw: meeting.RawRow{Row: row, Split: true, Types: r.raw.Types[:0], Days: r.raw.Days[:0]}, days: r.days[:0], types: r.types[:0]}
}

// Set takes a text under a key or heading. It tells whether the key is one of the format's.
func (r *Row) Set(key, text string) bool {
	f := fieldOf([]byte(key))
	r.setText(f, text)
	return f != keyIgnored
}

func (r *Row) setList(f field, list []string) {
	switch f {
	case keyDay:
		r.days = append(r.days, list...)
	case keyTypes:
		r.types = append(r.types, list...)
	case keyRegions, keyRegion:
		r.raw.Regions = append(r.raw.Regions, list...)
	case keyLanguages:
		r.raw.Languages = append(r.raw.Languages, list...)
	default:
		r.setText(f, strings.Join(list, ", "))
	}
}

func (r *Row) setText(f field, s string) {
	if s == "" {
		return
	}
	w := &r.raw
	switch f {
	case keyName:
		w.Name = s
	case keySlug:
		r.slug = s
	case keyID:
		r.id = s
	case keyDay:
		r.days = appendSplit(r.days, s)
	case keyStart:
		w.Start = s
	case keyEnd:
		w.End = s
	case keyZone:
		w.Zone = s
	case keyFormatted:
		w.Place.Formatted = s
	case keyAddress:
		w.Place.Address = s
	case keyCity:
		w.Place.City = s
	case keyState:
		w.Place.State = s
	case keyPostal:
		w.Place.PostalCode = s
	case keyCountry:
		w.Place.Country = s
	case keyRegion:
		r.region = s
	case keySubRegion:
		r.sub = s
	case keyRegions:
		for part := range strings.SplitSeq(s, ">") {
			w.Regions = append(w.Regions, part)
		}
	case keyConferenceURL:
		w.ConferenceURL = s
	case keyConferenceURLNotes:
		w.ConferenceURLNotes = s
	case keyConferencePhone:
		w.ConferencePhone = s
	case keyConferencePhoneNotes:
		w.ConferencePhoneNotes = s
	case keyTypes:
		r.types = appendSplit(r.types, s)
	case keyPeople:
		r.people = s
	case keyNotes:
		w.Notes = s
	case keyLocation:
		w.Place.Location = s
	case keyLocationNotes:
		w.LocationNotes = s
	case keyGroup:
		w.Group = s
	case keyGroupNotes:
		w.GroupNotes = s
	case keyLatitude:
		w.Lat = s
	case keyLongitude:
		w.Lng = s
	case keyCoordinates:
		r.coordinates = s
	case keyApproximate:
		w.Approx = s
	case keyUpdated:
		r.updated = s
	case keyAttendance:
		w.Stated = s
	case keyUrl:
		w.URL = s
	case keyWebsite:
		w.Website = s
	case keyWebsite2:
		r.website2 = s
	case keyEntity:
		w.Entity = s
	case keyEntityURL:
		w.EntityURL = s
	case keyEntityPhone:
		w.EntityPhone = s
	case keyEntityEmail:
		w.EntityEmail = s
	case keyVenmo:
		w.Venmo = s
	case keySquare:
		w.Square = s
	case keyPaypal:
		w.Paypal = s
	case keyHomegroup:
		w.HomegroupURL = s
	case keyDataSource:
		w.DataSource = s
	case keyDataSourceName:
		r.sourceName = s
	case keyLanguages:
		w.Languages = appendSplit(w.Languages, s)
	}
}

// appendSplit takes a text with commas apart; brackets around it are the trace of a list that was turned
// into a text.
func appendSplit(list []string, s string) []string {
	s = strings.Trim(strings.TrimSpace(s), "[]")
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.Trim(part, " \t\r\n\"'"); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// ConferencePhone is the number that the row dials into its meeting, for telling it from a person's.
func (r *Row) ConferencePhone() string { return r.raw.ConferencePhone }

// SetRaw keeps the row as it came; the caller has taken the contacts of persons out.
func (r *Row) SetRaw(raw []byte) { r.raw.Raw = raw }

// Into hands the row over.
func (r *Row) Into(in *meeting.Intake) {
	w := &r.raw
	if w.ID = r.slug; w.ID == "" {
		w.ID = r.id
	}
	for _, s := range r.days {
		d, err := meeting.ParseFeedDay(s)
		if err != nil {
			in.Warn(w.Row, "day", err.Error()+": left out")
			continue
		}
		w.Days = append(w.Days, d)
	}
	w.Types = append(w.Types, r.types...)
	if p := strings.TrimSpace(r.people); p != "" && len(p) <= 8 {
		w.Types = append(w.Types, p) // north-west Texas keeps "for women" in a field of its own
	}
	if len(w.Regions) == 0 {
		for _, s := range []string{r.region, r.sub} {
			for part := range strings.SplitSeq(s, ">") {
				if strings.TrimSpace(part) != "" {
					w.Regions = append(w.Regions, part)
				}
			}
		}
	}
	if w.Lat == "" && w.Lng == "" && r.coordinates != "" {
		if lat, lng, ok := strings.Cut(r.coordinates, ","); ok {
			w.Lat, w.Lng = lat, lng
		} else {
			in.Warn(w.Row, "coordinates", fmt.Sprintf("coordinates %.40q are not two numbers: kept without a point on the map", r.coordinates))
		}
	}
	if len(w.Place.PostalCode) == 4 && strings.Trim(w.Place.PostalCode, "0123456789") == "" && meeting.CountryOfState(w.Place.State) == "US" {
		w.Place.PostalCode = "0" + w.Place.PostalCode // a spreadsheet took it for a number
	}
	if w.Website == "" {
		w.Website = r.website2
	}
	if r.sourceName != "" {
		w.DataSource = r.sourceName
	}
	in.SetUpdated(w, r.updated)
	in.Add(w)
}
