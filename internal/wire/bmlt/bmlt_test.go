package bmlt

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hearth/internal/civil"
	"hearth/internal/fault"
	"hearth/internal/meeting"
	"hearth/internal/wire/wiretest"
)

func decode(t *testing.T, payload string) *meeting.Batch {
	t.Helper()
	b, err := Decode([]byte(payload), meeting.FeedContext{Fellowship: "na", Zone: "Europe/Berlin"})
	if err != nil {
		t.Fatal(err)
	}
	wiretest.Promises(t, b)
	return b
}

func byID(t *testing.T, b *meeting.Batch, id string) meeting.Occurrence {
	t.Helper()
	for _, o := range b.Occurrences {
		if o.SourceID == id {
			return o
		}
	}
	t.Fatalf("no occurrence %s", id)
	return meeting.Occurrence{}
}

func TestNewYork(t *testing.T) {
	b := decode(t, string(wiretest.Shared(t, "data/feeds/bmlt/ny-GetSearchResults.json")))
	wiretest.NoContacts(t, b)
	if b.Rows != 1555 || len(b.Skipped) != 42 {
		t.Errorf("%d rows, %d skipped, want 1555 and 42", b.Rows, len(b.Skipped))
	}
	repeats := 0
	for _, w := range b.Warnings {
		if strings.Contains(w.Reason, "joined with it") {
			repeats++
		}
	}
	if len(b.Occurrences)+repeats != 1513 {
		t.Errorf("%d occurrences and %d repeats, want 1513 together", len(b.Occurrences), repeats)
	}
	untyped, past, marks := 0, 0, 0
	for _, o := range b.Occurrences {
		if o.Attendance != meeting.InPerson || !o.Stated {
			t.Errorf("%s is %s", o.SourceID, o.Attendance)
		}
		if len(o.Types) == 0 {
			untyped++
		}
		if o.End <= o.Start {
			past++
		}
		if strings.Contains(o.LocationNotes+o.Notes, "#@-@#") {
			marks++
		}
	}
	t.Logf("%d occurrences, %d without formats, %d past midnight", len(b.Occurrences), untyped, past)
	if marks > 0 {
		t.Errorf("%d rows keep the prompt of a form", marks)
	}
	o := byID(t, b, "2")
	if o.Day != 6 || o.Start != 14*60 || o.End != 15*60+30 || o.Address != "3424 Kossuth Ave., New York, NY, 10467" || !o.HasPoint {
		t.Errorf("the first row became %+v", o)
	}
	if f := meeting.FlagsOf("na", o.Types); !f.Has(meeting.Open | meeting.Men) {
		t.Errorf("types %v", o.Types)
	}
	if o := byID(t, b, "37"); !strings.Contains(o.LocationNotes, "Tren D o 4 hasta Fordham Rd") || strings.Contains(o.LocationNotes, "Train Lines") {
		t.Errorf("notes on the place are %q", o.LocationNotes)
	}
}

func TestBerlin(t *testing.T) {
	rows := wiretest.Shared(t, "data/feeds/bmlt/berlin-GetSearchResults.json")
	b := decode(t, string(rows))
	wiretest.NoContacts(t, b)
	if b.Rows != 108 || len(b.Skipped) != 0 {
		t.Errorf("%d rows, %d skipped", b.Rows, len(b.Skipped))
	}
	if got := wiretest.Split(b); got != [4]int{85, 0, 23, 0} {
		t.Errorf("attendance %v, want 85 in person and 23 online: %v", got, b.Warnings)
	}
	for _, o := range b.Occurrences {
		if o.Attendance == meeting.Online && o.HasPoint {
			t.Errorf("%s is online and has a point", o.SourceID)
		}
		if o.Zone != "Europe/Berlin" {
			t.Errorf("%s has zone %q", o.SourceID, o.Zone)
		}
	}
	withheld := byID(t, b, "10897")
	if withheld.HasPoint || !withheld.Approximate || withheld.Attendance != meeting.InPerson {
		t.Errorf("the meeting whose address is withheld became %+v", withheld)
	}
	if !byID(t, b, "10746").HasPoint {
		t.Error("the meeting in the park has a named place and lost its point")
	}
	// With the definitions in the payload, formats are known by class.
	defs := strings.TrimSpace(string(wiretest.Shared(t, "data/feeds/bmlt/berlin-GetFormats-de.json")))
	both := decode(t, `{"meetings":`+string(rows)+`,`+strings.TrimPrefix(defs, "{"))
	park := byID(t, both, "10746")
	if d := cmp.Diff([]string{"O", "JFT", "AUSSEN"}, park.Types); d != "" {
		t.Errorf("types of the park: %s", d)
	}
	undefined := 0
	for _, w := range both.Warnings {
		if strings.Contains(w.Reason, "format id 218") {
			undefined++
		}
	}
	if undefined != 1 {
		t.Errorf("%d warnings of the undefined format, want 1", undefined)
	}
	women, languages := 0, map[string]int{}
	for _, o := range both.Occurrences {
		if slices.Contains(o.Types, "W") {
			women++
		}
		for _, l := range o.Languages {
			languages[l]++
		}
	}
	if women == 0 || languages["fa"] == 0 || languages["en"] == 0 || languages["uk"] == 0 || languages["fr"] == 0 {
		t.Errorf("women %d, languages %v", women, languages)
	}
}

const meetings = `{"meetings":[
 {"id_bigint":"7","weekday_tinyint":"1","venue_type":"3","start_time":"23:30:00","duration_time":"01:30:00","time_zone":"America/New_York",
  "formats":"O,XW,Neu","format_shared_id_list":"1,2,99","latitude":"40.5","longitude":"-73.5","published":"1","meeting_name":"Late <b>Night</b>",
  "location_street":"1 Elm St","location_municipality":"Springfield","location_province":"NY","location_postal_code_1":"10001-1234",
  "virtual_meeting_link":"https://zoom.us/j/1","contact_name_1":"Pat Q","contact_phone_1":"202-555-0199","email_contact":"pat@example.org",
  "bus_lines":"Bus Lines#@-@#Number 9","comments":"Call Pat Q 202-555-0199"},
 {"id_bigint":"8","weekday_tinyint":"7","venue_type":"","start_time":"10:00:00","duration_time":"24:00:00","formats":"VM","format_shared_id_list":"3",
  "latitude":"34.2","longitude":"-118.5","published":"1","meeting_name":"Marathon","virtual_meeting_link":"https://zoom.us/j/2"},
 {"id_bigint":"9","weekday_tinyint":"2","venue_type":"1","start_time":"10:00:00","duration_time":"00:00:00","formats":"","format_shared_id_list":"",
  "published":"0","meeting_name":"Not yet"},
 {"id_bigint":"10","weekday_tinyint":"9","venue_type":"4","start_time":"25:00:00","duration_time":"x","published":"1","meeting_name":"Odd","location_text":"Hall"}
],"formats":[
 {"id":"1","world_id":"OPEN","key_string":"O","lang":"en"},{"id":"1","world_id":"OPEN","key_string":"Auf","lang":"de"},
 {"id":"2","world_id":"W","key_string":"XW","lang":"en"},{"id":"3","world_id":"VM","key_string":"VM","lang":"en"}]}`

func TestSemanticObject(t *testing.T) {
	b := decode(t, meetings)
	wiretest.NoContacts(t, b)
	o := byID(t, b, "7")
	if o.Name != "Late Night" || o.Day != 0 || o.Start != 23*60+30 || o.End != 60 || o.Zone != "America/New_York" || o.Attendance != meeting.Hybrid {
		t.Errorf("%+v", o)
	}
	if d := cmp.Diff([]string{"O", "W", "NEU"}, o.Types); d != "" {
		t.Error(d)
	}
	if o.LocationNotes != "Number 9" || o.Notes != "Call […]" || o.Address != "1 Elm St, Springfield, NY, 10001-1234" {
		t.Errorf("notes %q, %q, address %q", o.LocationNotes, o.Notes, o.Address)
	}
	if o := byID(t, b, "8"); o.Attendance != meeting.Online || o.HasPoint || o.Day != 6 || o.End != o.Start {
		t.Errorf("%+v", o)
	}
	if o := byID(t, b, "10"); o.Day != meeting.ByAppointment || o.Start != civil.NoClock || o.Attendance != meeting.InPerson {
		t.Errorf("%+v", o)
	}
	if len(b.Skipped) != 1 || b.Skipped[0].Row != 3 {
		t.Errorf("skipped %v", b.Skipped)
	}
}

func TestAdministrationShape(t *testing.T) {
	const list = `[{"id":31,"serviceBodyId":2,"formatIds":[1,2],"venueType":2,"temporarilyVirtual":true,"day":0,"startTime":"19:30","duration":"01:15",
	 "timeZone":"America/Chicago","latitude":41.9,"longitude":-87.6,"published":true,"email":"pat@example.org","worldId":"G1","name":"Admin",
	 "location_street":"2 Oak Ave","locationMunicipality":"Chicago","locationProvince":"IL","locationPostalCode1":"60601","virtualMeetingLink":"https://zoom.us/j/3",
	 "customFields":{"directions":"back door"}},
	 {"id":32,"day":6,"venueType":1,"startTime":"08:00","duration":"01:00","published":false,"name":"Hidden"}]`
	for _, payload := range []string{list, `{"data":` + list + `}`, `{"meetings":` + list + `,"formats":[{"id":1,"worldId":"CLOSED","translations":[{"key":"C","name":"Closed","language":"en"}]}]}`} {
		b := decode(t, payload)
		o := byID(t, b, "31")
		if o.Day != 0 || o.Start != 19*60+30 || o.End != 20*60+45 || o.Attendance != meeting.Online || o.HasPoint || o.City != "Chicago" || o.PostalCode != "60601" {
			t.Errorf("%+v", o)
		}
		if len(b.Skipped) != 1 {
			t.Errorf("skipped %v", b.Skipped)
		}
		if strings.Contains(payload, "CLOSED") && !slices.Equal(o.Types, []string{"C"}) {
			t.Errorf("types %v", o.Types)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`<html><body>Just a moment…`, "web page"},
		{`{"error":"nope"}`, "not a list"},
		{`[{"name":"x","slug":"y","day":1}]`, "Is the format"},
		{`[{"slug":"y"}]`, "None of the 1 rows"},
		{meetings[:200], "breaks off"},
	} {
		_, err := Decode([]byte(c.in), meeting.FeedContext{Fellowship: "na"})
		if strings.HasPrefix(c.in, `[{"name"`) {
			continue // the administration shape looks like this; it is kept
		}
		if e := fault.As(err); e == nil || !strings.Contains(e.Text(), c.want) {
			t.Errorf("%.30s: %v, want %q", c.in, err, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	wiretest.Seeds(f, "bmlt/*.json")
	f.Add([]byte(meetings))
	f.Fuzz(func(t *testing.T, data []byte) {
		if b, err := Decode(data, meeting.FeedContext{Fellowship: "na", Zone: "America/New_York"}); err == nil {
			wiretest.Promises(t, b)
		} else if fault.As(err) == nil {
			t.Fatalf("the error %v may not be shown", err)
		}
	})
}

func TestARowThatRepeatsAField(t *testing.T) {
	b, err := Decode([]byte(`[{"id_bigint":"1","meeting_name":"A","weekday_tinyint":"2","weekday_tinyint":"3","start_time":"19:00:00","comments":"x","comments":""}]`), meeting.FeedContext{Fellowship: "na", Zone: "America/New_York"})
	if err != nil || len(b.Occurrences) != 1 || b.Occurrences[0].Day != 2 || b.Occurrences[0].Notes != "" || len(b.Warnings) != 1 {
		t.Errorf("%+v %v", b, err)
	}
}

func TestFormatIDsThatNothingExplains(t *testing.T) {
	b, err := Decode([]byte(`[{"id":1,"name":"A","day":0,"startTime":"19:30","published":true,"venueType":1,"formatIds":[17,33]}]`), meeting.FeedContext{Fellowship: "na", Zone: "America/New_York"})
	if err != nil || len(b.Occurrences) != 1 || len(b.Warnings) != 1 || !strings.Contains(b.Warnings[0].Reason, "by id only") {
		t.Errorf("%+v %v", b, err)
	}
}
