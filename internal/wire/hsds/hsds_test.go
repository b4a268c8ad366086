package hsds

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hearth/internal/civil"
	"hearth/internal/fault"
	"hearth/internal/meeting"
	"hearth/internal/wire"
	"hearth/internal/wire/wiretest"
)

var feed = meeting.FeedContext{Fellowship: "aa", Zone: "America/New_York"}

func decode(t *testing.T, payload []byte) *meeting.Batch {
	t.Helper()
	b, err := Decode(payload, feed)
	if err != nil {
		t.Fatal(err)
	}
	wiretest.Promises(t, b)
	wiretest.NoContacts(t, b)
	return b
}

func warned(b *meeting.Batch, text string) bool {
	return slices.ContainsFunc(b.Warnings, func(i meeting.RowIssue) bool { return strings.Contains(i.Reason, text) })
}

func TestPage(t *testing.T) {
	payload, err := os.ReadFile("testdata/page.json")
	if err != nil {
		t.Fatal(err)
	}
	b := decode(t, payload)
	if b.Rows != 3 || len(b.Occurrences) != 3 || len(b.Skipped) != 1 {
		t.Fatalf("%d rows, %d occurrences, skipped %v", b.Rows, len(b.Occurrences), b.Skipped)
	}
	o := b.Occurrences[0]
	if o.SourceID != "11111111-1111-4111-8111-111111111111-2" || o.Day != 2 || o.Start != 19*60 || o.Zone != "America/New_York" || !o.HasPoint ||
		o.Address != "9 Elm St, Easton, PA, 18042" || o.Attendance != meeting.InPerson || o.Entity != "Easton House" {
		t.Errorf("%+v", o)
	}
	if d := cmp.Diff([]string{"W"}, o.Types); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"es"}, o.Languages); d != "" {
		t.Error(d)
	}
	if strings.Contains(string(o.Raw), "Pat Q") || strings.Contains(string(o.Raw), "0101") {
		t.Errorf("raw row %s", o.Raw)
	}
	if o := b.Occurrences[2]; o.Attendance != meeting.Online || o.ConferenceURL != "https://zoom.us/j/1" || o.HasPoint || !strings.HasPrefix(o.Notes, "Every 2 weeks.") {
		t.Errorf("%+v", o)
	}
	for _, want := range []string{"only an offset", "MONTHLY", "every 2 weeks"} {
		if !warned(b, want) {
			t.Errorf("no warning %q in %v", want, b.Warnings)
		}
	}
}

// A schedule that is over is kept for the editors and offered to nobody.
func TestScheduleThatHasEnded(t *testing.T) {
	row := func(schedule string) []byte {
		return []byte(`[{"id":"a","service":{"id":"s","name":"Tuesday Table","status":"active"},"location":{"id":"l","latitude":40,"longitude":-75,"addresses":[{"address_1":"9 Elm St","city":"Easton","state_province":"PA"}]},
			"schedules":[{"freq":"WEEKLY","byday":"TU","opens_at":"19:00","closes_at":"20:00",` + schedule + `}]}]`)
	}
	today := feed
	today.Today = civil.Date{Year: 2026, Month: 5, Day: 19}
	for schedule, ended := range map[string]bool{
		`"until":"2005-01-01"`: true, `"until":"2026-05-18T00:00:00Z"`: true, `"valid_to":"2026-05-18"`: true,
		`"until":"2026-05-19"`: false, `"until":"2027-01-01"`: false, `"until":"soon"`: false, `"valid_from":"2020-01-01"`: false,
	} {
		b, err := Decode(row(schedule), today)
		if err != nil || len(b.Occurrences) != 1 {
			t.Fatalf("%s: %v, %+v", schedule, err, b)
		}
		if got := b.Occurrences[0].Attendance == meeting.Inactive; got != ended {
			t.Errorf("%s: %s", schedule, b.Occurrences[0].Attendance)
		}
		if ended && !warned(b, "a schedule ended on") {
			t.Errorf("%s: warned %v", schedule, b.Warnings)
		}
	}
}

// The example of the specification, in each of its shapes: one service at one place, open on two days.
func TestExamples(t *testing.T) {
	for _, c := range []struct {
		file              string
		rows, occurrences int
		days              []meeting.Day
	}{
		{"service_full", 1, 2, []meeting.Day{4, 5}},
		{"service_at_location_full", 1, 2, []meeting.Day{4, 5}},
		{"organization_full", 1, 2, []meeting.Day{4, 5}},
		{"service_list", 1, 1, []meeting.Day{meeting.ByAppointment}},
		{"service_at_location_list", 1, 1, []meeting.Day{meeting.ByAppointment}},
	} {
		t.Run(c.file, func(t *testing.T) {
			b := decode(t, wiretest.Shared(t, "data/feeds/hsds/"+c.file+".json"))
			var days []meeting.Day
			for _, o := range b.Occurrences {
				days = append(days, o.Day)
				if o.Name != "Community Counselling" || o.Zone != "America/New_York" {
					t.Errorf("%+v", o)
				}
				if o.HasPoint {
					t.Error("latitude 100 became a point")
				}
				if strings.Contains(string(o.Raw), "Persona") || strings.Contains(string(o.Raw), "@example.org") {
					t.Errorf("raw row %s", o.Raw)
				}
			}
			if b.Rows != c.rows || len(b.Occurrences) != c.occurrences {
				t.Errorf("%d rows, %d occurrences: %v", b.Rows, len(b.Occurrences), b.Skipped)
			}
			if d := cmp.Diff(c.days, days); d != "" {
				t.Error(d)
			}
			if c.occurrences > 1 && (!warned(b, "only an offset") || !warned(b, "ends on")) {
				t.Errorf("warnings %v", b.Warnings)
			}
		})
	}
	for _, file := range []string{"taxonomy_list", "organization_list", "location", "base"} {
		_, err := Decode(wiretest.Shared(t, "data/feeds/hsds/"+file+".json"), feed)
		if fault.As(err) == nil {
			t.Errorf("%s holds no service and gave %v", file, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	wiretest.Seeds(f, "hsds/*.json")
	f.Fuzz(func(t *testing.T, data []byte) {
		if b, err := Decode(data, feed); err == nil {
			wiretest.Promises(t, b)
		} else if fault.As(err) == nil {
			t.Fatalf("the error %v may not be shown", err)
		}
	})
}

func TestThereAndBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		item := wiretest.Item().Draw(rt, "item")
		var out bytes.Buffer
		if err := Encode(&out, slices.Values([]wire.Item{item})); err != nil {
			rt.Fatal(err)
		}
		b, err := Decode(out.Bytes(), meeting.FeedContext{Fellowship: "aa", Zone: "America/Chicago"})
		if err != nil {
			rt.Fatalf("%v\n%s", err, out.Bytes())
		}
		if len(b.Occurrences) != 1 || b.Occurrences[0].SourceID != item.ID {
			rt.Fatalf("%+v\n%s", b, out.Bytes())
		}
		if d := cmp.Diff(wiretest.Core(item.Occurrence), wiretest.Core(b.Occurrences[0])); d != "" {
			rt.Fatalf("%s\n%s", d, out.Bytes())
		}
	})
}
