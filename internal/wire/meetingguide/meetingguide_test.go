package meetingguide

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hearth/internal/fault"
	"hearth/internal/meeting"
	"hearth/internal/wire"
	"hearth/internal/wire/wiretest"
)

// The counts are those of the shared folder's README and of section 7 of the directory reference. Where a
// feed repeats occurrences, the split counts each once.
func TestRealFeeds(t *testing.T) {
	for _, c := range []struct {
		file, zone        string
		rows, occurrences int
		split             [4]int // in person, hybrid, online, inactive
		warnings          int
	}{
		{"meetingguide/aasepia-2020-07", "America/New_York", 1928, 1928, [4]int{828, 640, 17, 443}, 13},
		{"meetingguide/aasepia-2022-10", "America/New_York", 2038, 2036, [4]int{1289, 304, 305, 138}, 36},
		{"meetingguide/airtable-2020-07", "America/Los_Angeles", 545, 539, [4]int{0, 0, 535, 4}, 8},
		{"meetingguide/eda-2023-07", "", 185, 185, [4]int{70, 14, 100, 1}, 0},
		{"meetingguide/edmonton-2024-11", "America/Edmonton", 315, 315, [4]int{220, 40, 34, 21}, 0},
		{"meetingguide/kc-2021-05", "America/Chicago", 206, 186, [4]int{96, 48, 33, 9}, 20},
		{"meetingguide/nwta-2021-05", "America/Chicago", 613, 596, [4]int{595, 0, 0, 1}, -1},
		{"edge/appointment", "", 2, 2, [4]int{0, 0, 2, 0}, 0},
		{"edge/atlanta-2024-11", "America/New_York", 6, 6, [4]int{6, 0, 0, 0}, 0},
		{"edge/benlomond-2021-05", "America/Los_Angeles", 35, 35, [4]int{17, 1, 17, 0}, 0},
		{"edge/c4r-pdf-fixture", "America/Chicago", 25, 25, [4]int{23, 0, 0, 2}, 2}, // two are TC
		{"edge/times-2024-11", "America/Chicago", 9, 9, [4]int{0, 8, 0, 1}, 1},
		{"edge/timezones", "", 2, 2, [4]int{0, 0, 0, 2}, 0},
		{"edge/tsmlui-public-meetings-2021-09", "America/Detroit", 46, 46, [4]int{46, 0, 0, 0}, 0},
	} {
		t.Run(c.file, func(t *testing.T) {
			fellowship := "aa"
			if strings.Contains(c.file, "eda") {
				fellowship = "eda"
			}
			b, err := Decode(wiretest.Shared(t, "data/feeds/"+c.file+".json"), meeting.FeedContext{Fellowship: fellowship, Zone: c.zone})
			if err != nil {
				t.Fatal(err)
			}
			if b.Rows != c.rows || len(b.Occurrences) != c.occurrences || len(b.Skipped) != 0 {
				t.Errorf("%d rows, %d occurrences, %d skipped; want %d, %d, 0", b.Rows, len(b.Occurrences), len(b.Skipped), c.rows, c.occurrences)
			}
			if got := wiretest.Split(b); got != c.split {
				t.Errorf("attendance %v, want %v", got, c.split)
			}
			if c.warnings >= 0 && len(b.Warnings) != c.warnings {
				t.Errorf("%d warnings, want %d: %v", len(b.Warnings), c.warnings, b.Warnings)
			}
			wiretest.Promises(t, b)
			wiretest.NoContacts(t, b)
		})
	}
}

func TestRefreshFindsWhatChanged(t *testing.T) {
	ids := func(file string) map[string]bool {
		b, err := Decode(wiretest.Shared(t, "data/feeds/meetingguide/"+file), meeting.FeedContext{Fellowship: "aa"})
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]bool{}
		for _, o := range b.Occurrences {
			m[o.SourceID] = true
		}
		return m
	}
	old, now := ids("aasepia-2020-07.json"), ids("aasepia-2022-10.json")
	kept := 0
	for id := range old {
		if now[id] {
			kept++
		}
	}
	// The reference counts 1,648 kept rows by slug; one of them repeats another row of 2022 and is joined
	// with it (N9), so that its own slug is not there any more.
	if kept != 1647 || len(old)-kept != 281 {
		t.Errorf("%d kept and %d gone, want 1647 and 281", kept, len(old)-kept)
	}
}

func TestBrokenFileNamesTheLine(t *testing.T) {
	_, err := Decode(wiretest.Shared(t, "data/feeds/edge/invalid-2024-11.json"), meeting.FeedContext{Fellowship: "aa"})
	if e := fault.As(err); e == nil || !strings.Contains(e.Text(), "Line 80") {
		t.Errorf("the error is %v", err)
	}
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
