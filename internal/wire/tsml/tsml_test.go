package tsml

import (
	"slices"
	"strings"
	"testing"

	"hearth/internal/fault"
	"hearth/internal/meeting"
	"hearth/internal/wire/wiretest"
)

var feed = meeting.FeedContext{Fellowship: "aa", Zone: "America/Los_Angeles"}

func TestTemplate(t *testing.T) {
	b, err := Decode(wiretest.Shared(t, "data/feeds/tsml/tsml-template.csv"), feed)
	if err != nil {
		t.Fatal(err)
	}
	wiretest.Promises(t, b)
	wiretest.NoContacts(t, b)
	if b.Rows != 36 || len(b.Occurrences) != 36 || len(b.Skipped) != 0 {
		t.Errorf("%d rows, %d occurrences, %d skipped", b.Rows, len(b.Occurrences), len(b.Skipped))
	}
	odd := 0
	for _, w := range b.Warnings {
		if strings.Contains(w.Reason, "lacks the space") {
			odd++
		}
	}
	if odd != 36 {
		t.Errorf("%d rows have an odd date, want 36", odd)
	}
	if got := wiretest.Split(b); got != [4]int{35, 0, 1, 0} {
		t.Errorf("attendance %v", got)
	}
	o := b.Occurrences[0]
	if o.SourceID != "after-work-topic-meeting" || o.Day != 1 || o.Start != 18*60 || !slices.Equal(o.Types, []string{"O", "X"}) || o.Attendance != meeting.InPerson || o.Updated == 0 {
		t.Errorf("%+v", o)
	}
}

const table = `Time,End Time,Day,Name,Location,Address,Region,Sub Region,Types,Notes,Email,Phone,Contact 1 Name,Contact 1 Email,Slug,Updated,Author
7:00 PM,8:00 PM,Wednesday,Midweek,Hall,"4 Oak St @ 2nd Ave, Salem, OR 97301, USA",Salem,North,"Open, Closed, Women",Bring tea,pat@example.org,202-555-0111,Pat Q,pat@example.org,midweek,2024-01-02 03:04:05,pat
`

func TestHabitsOfThePlugin(t *testing.T) {
	b, err := Decode([]byte(table), feed)
	if err != nil {
		t.Fatal(err)
	}
	wiretest.NoContacts(t, b)
	o := b.Occurrences[0]
	if o.Address != "4 Oak St, Salem, OR 97301, USA" || !slices.Equal(o.Types, []string{"C", "W"}) || !slices.Equal(o.Regions, []string{"Salem", "North"}) {
		t.Errorf("%+v", o)
	}
}

func TestJSON(t *testing.T) {
	b, err := Decode([]byte(` [{"id":5,"name":"A","slug":"a","day":"2","time":"19:00","formatted_address":"1 Elm St, Salem, OR 97301, USA","email":"pat@example.org"}]`), feed)
	if err != nil || len(b.Occurrences) != 1 || b.Occurrences[0].SourceID != "a" {
		t.Fatalf("%v %+v", err, b)
	}
	wiretest.NoContacts(t, b)
}

func FuzzDecode(f *testing.F) {
	wiretest.Seeds(f, "tsml/*.csv", "edge/atlanta*.json")
	f.Add([]byte(table))
	f.Fuzz(func(t *testing.T, data []byte) {
		if b, err := Decode(data, feed); err == nil {
			wiretest.Promises(t, b)
		} else if fault.As(err) == nil {
			t.Fatalf("the error %v may not be shown", err)
		}
	})
}
