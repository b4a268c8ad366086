package meeting

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"hearth/internal/civil"
)

func TestParseFeedDay(t *testing.T) {
	for in, want := range map[string]Day{"": -1, "0": 0, "7": 0, "6": 6, "1.0": 1, " 3 ": 3, "Sunday": 0, "tues": 2, "sábado": 6, "TU": 2, "Appointment": -1} {
		if got, err := ParseFeedDay(in); err != nil || got != want {
			t.Errorf("%q is %d, %v, want %d", in, got, err, want)
		}
	}
	for _, in := range []string{"8", "-1", "1.5", "someday", "NaN", "1e400", strings.Repeat("9", 400)} {
		if got, err := ParseFeedDay(in); err == nil || got != ByAppointment || len(err.Error()) > 300 {
			t.Errorf("%q is %d, %v", in, got, err)
		}
	}
}

func TestParseStart(t *testing.T) {
	for in, want := range map[string]civil.Clock{
		"": -1, "19:30": 1170, "19:30:00": 1170, "8:00 PM": 1200, "8 pm": 1200, "12:00 AM": 0, "12:15 p.m.": 735, "noon": 720, "Midnight": 0,
		"24:00": 0, "2011-01-01 19:30:00": 1170, "2011-01-01T07:05:00Z": 425, "19:30:00.000": 1170,
		"19:30Z": 1170, "19:30:00Z": 1170, "19:30:00-05:00": 1170, "19:30+02:00": 1170,
	} {
		if got, err := ParseStart(in); err != nil || got != want {
			t.Errorf("%q is %v, %v, want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"25:00", "7", "13 pm", "seven", "24:01", "::", "-1:00", "19:60", "19:30-", "19:30 to 20:30", "19:Z"} {
		if got, err := ParseStart(in); err == nil {
			t.Errorf("%q is %v", in, got)
		}
	}
}

func TestTwentyFourHundred(t *testing.T) {
	n := NewIntake(FeedContext{Zone: "America/Chicago"}, 2)
	n.Add(&RawRow{Row: 1, ID: "end", Name: "Late", Days: []Day{6}, Start: "23:00", End: "24:00"})
	n.Add(&RawRow{Row: 2, ID: "start", Name: "Later", Days: []Day{6, ByAppointment}, Start: "24:00:00", End: "01:30"})
	b := n.Batch(2)
	if o := b.Occurrences[0]; o.Day != 6 || o.Start != 23*60 || o.End != 0 {
		t.Errorf("an end at 24:00: day %d, %v to %v", o.Day, o.Start, o.End)
	}
	if o := b.Occurrences[1]; len(b.Occurrences) != 2 || o.Day != 0 || o.Start != 0 || o.End != 90 {
		t.Errorf("a start at 24:00: day %d, %v to %v", o.Day, o.Start, o.End)
	}
	if want := (RowIssue{2, "starts at 24:00: taken as 00:00 of the next day"}); len(b.Warnings) != 1 || b.Warnings[0] != want {
		t.Errorf("warnings %v", b.Warnings)
	}
}

func TestEndOfWraps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := civil.Clock(rapid.IntRange(0, 1439).Draw(t, "start"))
		minutes := rapid.IntRange(0, 1440).Draw(t, "minutes")
		end := EndOf(start, minutes)
		if !end.Valid() || (int(end)-int(start)+2880-minutes)%1440 != 0 {
			t.Fatalf("%v + %d is %v", start, minutes, end)
		}
	})
	if EndOf(civil.NoClock, 60) != civil.NoClock {
		t.Error("no start has an end")
	}
}

func TestPlaceInOneLine(t *testing.T) {
	for _, c := range []struct {
		p    Place
		want string
	}{
		{Place{Formatted: "1 A St, B, NY 10001, USA", Address: "x", Location: "y"}, "1 A St, B, NY 10001, USA"},
		{Place{Address: "1 A St", City: "B", State: "NY", PostalCode: "10001", Country: "USA"}, "1 A St, B, NY, 10001"},
		{Place{City: " B ", State: "NY"}, "B, NY"},
		{Place{Location: "The hall"}, "The hall"},
		{Place{}, ""},
	} {
		if got := c.p.Line(); got != c.want {
			t.Errorf("%+v is %q, want %q", c.p, got, c.want)
		}
	}
}

func TestApproximate(t *testing.T) {
	for _, c := range []struct {
		p    Place
		want bool
	}{
		{Place{Formatted: "1 A St, Anytown, OK 12345, USA"}, false},
		{Place{Formatted: "Philadelphia, PA, USA"}, true},
		{Place{Formatted: "1 A St, Easton, PA"}, false},
		{Place{Formatted: "1 A St, Easton, Pennsylvania 18042"}, false},
		{Place{Formatted: "Easton, PA 18042"}, true},
		{Place{Address: "3100 Piper Rd", City: "Alpena", State: "MI"}, false},
		{Place{Address: "100 Main St, Tupelo, MS"}, false},
		{Place{Address: "8318 104 St, Edmonton, Alberta T6E 4E8"}, false},
		{Place{Address: "2118 Greenwich St", City: "San Francisco", PostalCode: "94123"}, true},
		{Place{Address: "1 Rue X", City: "Paris", Country: "France"}, true},
		{Place{Address: "1 Rue X", City: "Paris", PostalCode: "75001", Country: "France"}, false},
		{Place{City: "San Francisco"}, true},
		{Place{}, true},
		{Place{Location: "Hall, Street, Town, State"}, true},
	} {
		if got := c.p.Approximate(); got != c.want {
			t.Errorf("%+v is approximate: %v", c.p, got)
		}
	}
}

// Without the country step two files of three-part addresses would come out without a single place.
func TestWhatTheCountryStepIsFor(t *testing.T) {
	for file, want := range map[string][2]int{"tsmlui-public-meetings-2021-09": {46, 44}, "c4r-pdf-fixture": {25, 25}} {
		var rows []struct{ Address, City, State string }
		if err := json.Unmarshal(shared(t, "data/feeds/edge/"+file+".json"), &rows); err != nil {
			t.Fatal(err)
		}
		without, with := 0, 0
		for _, r := range rows {
			p := Place{Address: r.Address, City: r.City, State: r.State}
			if p.approximate(false) {
				without++
			}
			if p.approximate(true) {
				with++
			}
		}
		if len(rows) != want[0] || without != want[1] || with != 0 {
			t.Errorf("%s: of %d rows %d are approximate without the step and %d with it; want %v and none", file, len(rows), without, with, want)
		}
	}
}

func TestFillFindsTheTown(t *testing.T) {
	for line, want := range map[string]Place{
		"5881 Old Bascomb Rd, Acworth, GA 30102, USA":      {City: "Acworth", State: "GA", PostalCode: "30102"},
		"8318 104 St, Edmonton, Alberta, T6E 4E8, Canada":  {City: "Edmonton", State: "AB", PostalCode: "T6E 4E8"},
		"Suite 2, 1 A St, Salem, New York 10001-1234, USA": {City: "Salem", State: "NY", PostalCode: "10001-1234"},
		"Philadelphia, PA, USA":                            {City: "Philadelphia", State: "PA"},
		"London, UK":                                       {},
		"New York, NY, USA":                                {City: "New York", State: "NY"},
		"":                                                 {},
	} {
		got := Place{Formatted: line}.fill()
		want.Formatted = line
		if got != want {
			t.Errorf("%q gives %+v", line, got)
		}
	}
}

func TestWorkOutAttendance(t *testing.T) {
	for _, c := range []struct {
		closed, online, approximate bool
		want                        Attendance
	}{
		{true, true, false, Online},
		{true, true, true, Online},
		{true, false, false, Inactive},
		{true, false, true, Inactive},
		{false, true, true, Online},
		{false, true, false, Hybrid},
		{false, false, true, Inactive},
		{false, false, false, InPerson},
	} {
		if got := WorkOutAttendance(c.closed, c.online, c.approximate); got != c.want {
			t.Errorf("%+v is %s", c, got)
		}
	}
}

func TestParsePoint(t *testing.T) {
	if la, ln, err := ParsePoint(" 40.5", "-75.25 "); err != nil || la != 40.5 || ln != -75.25 {
		t.Error(la, ln, err)
	}
	for _, c := range [][2]string{{"0", "0"}, {"40.1", "0.0"}, {"", "1"}, {"x", "1"}, {"100", "101"}, {"NaN", "1"}, {"1", "Inf"}, {"91", "1"}, {"1", "181"}, {"-0", "5"}} {
		if la, ln, err := ParsePoint(c[0], c[1]); err == nil || la != 0 || ln != 0 {
			t.Errorf("%v is a point at %v, %v", c, la, ln)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		la, ln, err := ParsePoint(rapid.String().Draw(t, "lat"), rapid.String().Draw(t, "lng"))
		if err == nil && (math.Abs(la) > 90 || math.Abs(ln) > 180 || la == 0 || ln == 0) {
			t.Fatal(la, ln)
		}
	})
}

func TestParseZone(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "America/New_York": "America/New_York", "Europe/Kiev": "Europe/Kiev", "America/Montreal": "America/Montreal", "ET": "America/New_York",
		"Pacific Time": "America/Los_Angeles", "America/New York": "America/New_York", "UTC": "UTC", "est": "America/New_York",
	} {
		if got, err := ParseZone(in); err != nil || got != want {
			t.Errorf("%q is %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"Nowhere/Land", "../etc/passwd", "XYZ", strings.Repeat("a/", 100)} {
		if got, err := ParseZone(in); err == nil {
			t.Errorf("%q is %q", in, got)
		}
	}
}

func TestParseUpdated(t *testing.T) {
	for in, want := range map[string]string{
		"2022-10-05 12:30:00": "2022-10-05T12:30:00Z", "2020-04-0416:50:58": "2020-04-04T16:50:58Z", "8/25/2022 11:17:07 AM": "2022-08-25T11:17:07Z",
		"2023-03-15T10:30:45.123Z": "2023-03-15T10:30:45Z", "2024-01-02": "2024-01-02T00:00:00Z",
	} {
		ms, asIs, err := ParseUpdated(in)
		if got := time.UnixMilli(ms).UTC().Format(time.RFC3339); err != nil || got != want || asIs == (in == "2020-04-0416:50:58") {
			t.Errorf("%q is %s, %v, %v", in, got, asIs, err)
		}
	}
	for _, in := range []string{"yesterday", "32/13/2020", "0001-01-01"} {
		if ms, _, err := ParseUpdated(in); err == nil || ms != 0 {
			t.Errorf("%q is %d", in, ms)
		}
	}
}

func TestCleanText(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                                       "plain",
		"  a \t b ":                                   "a b",
		"a<br/>b<p>c</p>":                             "a\nb\nc",
		"a\r\n\r\n\r\n\r\nb":                          "a\n\nb",
		"x &amp; y &lt;b&gt;z&lt;/b&gt;":              "x & y z",
		"<script>alert('x')</script>ok":               "ok",
		"<style>a{}":                                  "",
		"<img src=x onerror=alert(1)>pic":             "pic",
		"fewer than < 5, more than > 3":               "fewer than < 5, more than > 3",
		"<!-- hidden -->seen":                         "seen",
		"left \u202eright\u202c, \u200bnothing\ufeff": "left right, nothing",
		"nul\x00bell\x07":                             "nulbell",
		"می\u200cخواهم":                               "می\u200cخواهم",
		"ab\u200dcd":                                  "abcd",
		"👩\u200d👧":                                    "👩\u200d👧",
		"bad \xff byte":                               "bad byte",
		"a\u00a0b\u3000c":                             "a b c",
		"unclosed <a href=":                           "unclosed",
	} {
		if got, _ := CleanText(in, MaxNotes); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
	if got, _ := CleanLine("a<br>b\nc", 99); got != "a b c" {
		t.Errorf("a line of three is %q", got)
	}
	if got, cut := CleanLine(strings.Repeat("é", 1<<20), MaxName); !cut || len(got) > MaxName || !strings.HasSuffix(got, "…") {
		t.Errorf("a megabyte became %d bytes, cut %v", len(got), cut)
	}
}

func TestCleanTextIsClean(t *testing.T) {
	pieces := rapid.SampledFrom([]string{"<b>", "<", ">", "&lt;", "&amp;lt;script&gt;", "\u202e", "\u200b", "\u200d", "\x00", "\n", "\r", "\t", "word", "é", "朝", "😀", "\xf0\x9f", "<script>", "</script>", "\u2028", " "})
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(pieces, 0, 30).Draw(t, "pieces"), "")
		limit := rapid.IntRange(3, 200).Draw(t, "limit")
		for name, clean := range map[string]func(string, int) (string, bool){"line": CleanLine, "text": CleanText} {
			got, _ := clean(s, limit)
			if len(got) > limit || !utf8.ValidString(got) || got != strings.TrimSpace(got) {
				t.Fatalf("%s of %q is %q", name, s, got)
			}
			for _, r := range got {
				if unicode.Is(unicode.Cc, r) && (r != '\n' || name == "line") || r == '\u202e' || r == '\u200b' || r == '\u2028' {
					t.Fatalf("%s of %q keeps %U", name, s, r)
				}
			}
			if strings.Contains(got, "<script") || strings.Contains(got, "<b>") {
				t.Fatalf("%s of %q keeps markup: %q", name, s, got)
			}
		}
	})
}

func TestCleanURL(t *testing.T) {
	for in, want := range map[string]string{
		"":                                       "",
		"https://zoom.us/j/1?pwd=x":              "https://zoom.us/j/1?pwd=x",
		"Http://www.example.org/a":               "http://www.example.org/a",
		"zoom.us/j/1":                            "https://zoom.us/j/1",
		" https://a.example/x https://b.example": "https://a.example/x",
		"https://a.example/x, https://a.example/y": "https://a.example/x",
		"https://us06web.zoom.us/j/ 00000001292":   "https://us06web.zoom.us/j/00000001292",
		"https://zoom.us/j/1 Passcode: 2":          "https://zoom.us/j/1",
		"see https://a.example/x":                  "https://a.example/x",
		"https://example.org:8080/":                "https://example.org:8080/",
	} {
		if got, ok := CleanURL(in); !ok || got != want {
			t.Errorf("%q is %q, %v, want %q", in, got, ok, want)
		}
	}
	for _, in := range []string{
		"javascript:alert(1)", "data:text/html,x", "ftp://example.org", "https://user@example.org/", "https://user:pw@example.org/", "https://", "http://nodot/",
		"mailto:a@b.example", "ask the group", "https://exa\u202emple.org/", "https://example.org/\"><script>", "//example.org", "https://example.org/a\\b",
		"https://" + strings.Repeat("a", MaxURL) + ".org",
	} {
		if got, ok := CleanURL(in); ok || got != "" {
			t.Errorf("%q is %q", in, got)
		}
	}
}

func TestCleanPhone(t *testing.T) {
	for in, want := range map[string]string{
		"+1 202-555-0103,,000000011#": "+1 202-555-0103,,000000011#", "(202) 555-0100 x110": "(202) 555-0100 ,110",
		"202-555-0100 ask for Pat": "202-555-0100", "none": "", "": "", "12": "", "*67 202 555 0100": "*67 202 555 0100",
	} {
		if got := CleanPhone(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

func TestWithholdContacts(t *testing.T) {
	for in, want := range map[string]string{
		"For Password Email: group0004@example.org":              "For Password Email: […]",
		"call Alex A 202-555-0150.":                              "call […].",
		"please call Alex A. at 202-555-0145":                    "please call […]",
		"Phone: Alex 202-555-0165":                               "Phone: […]",
		"text (202) 555-0152.":                                   "text […].",
		"Call 2025550100 for help":                               "Call […] for help",
		"kontakt: +49 30 1234567":                                "kontakt: […]",
		"Contact: mailto:pat@example.org":                        "Contact: […]",
		"Meeting ID: 000 000 0294 Password: 000000":              "Meeting ID: 000 000 0294 Password: 000000",
		"Zoom ID 0000000344":                                     "Zoom ID 0000000344",
		"Dial 1-202-555-0140, enter password":                    "Dial 1-202-555-0140, enter password",
		"https://zoom.us/j/0000000910?pwd=123":                   "https://zoom.us/j/0000000910?pwd=123",
		"corner of 5th @ 3rd Ave":                                "corner of 5th @ 3rd Ave",
		"venmo @group-handle":                                    "venmo @group-handle",
		"2634 Union Ave, San Jose, CA 95124":                     "2634 Union Ave, San Jose, CA 95124",
		"10:00-11:30, room 100-2000":                             "10:00-11:30, room 100-2000",
		"since 2012-2013":                                        "since 2012-2013",
		"call 1-800-555-0100 for help":                           "call 1-800-555-0100 for help",
		"Phone: +1 646 558 8656 US":                              "Phone: +1 646 558 8656 US",
		"zip 10001-1234":                                         "zip 10001-1234",
		"Ring Bob 555-1234":                                      "Ring […]",
		"call David 555-1234":                                    "call […]",
		"Text Mary Ann at 5551234 first":                         "Text […] first",
		"phone Bob 555 1234, or 555.1235":                        "phone […], or […]",
		"contact: 555–1234":                                      "contact: […]",
		"Zoom ID 123, call Bob 555-1234":                         "Zoom ID 123, call […]",
		"Meeting ID 5551234":                                     "Meeting ID 5551234",
		"text passcode 555-1234":                                 "text passcode 555-1234",
		"ID/Phone 000 0000344":                                   "ID/Phone 000 0000344",
		"dial in by phone 555-1234":                              "dial in by phone 555-1234",
		"built 1234567 bricks":                                   "built 1234567 bricks",
		"john [at] example.com":                                  "[…]",
		"write to John (at) example [dot] com.":                  "write to […].",
		"john at example dot com":                                "[…]",
		"john.doe＠example.com":                                   "[…]",
		"john&#64;example.com":                                   "[…]",
		"john<b>@</b>example.com":                                "[…]",
		"john\u200b@example.com":                                 "[…]",
		"<mailto:jim%40example.com>":                             "<[…]>",
		"mail jim%40example.com today":                           "mail […] today",
		"Hall (at the back). Bring chairs":                       "Hall (at the back). Bring chairs",
		"Café, 5½ Elm St":                                        "Café, 5½ Elm St",
		"https://teams.microsoft.com/l/19:meeting_a@thread.v2/0": "https://teams.microsoft.com/l/19:meeting_a@thread.v2/0",
	} {
		if got := WithholdContacts(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
	if got := WithholdContacts("Phone: 1-202-555-0174", "+12025550174,,0000000929#"); got != "Phone: 1-202-555-0174" {
		t.Errorf("the number of the meeting was taken out: %q", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(rapid.RuneFrom([]rune("a1 -()+.@/,:é")), 0, 60, -1).Draw(t, "s")
		once := WithholdContacts(s)
		if !utf8.ValidString(once) {
			t.Fatalf("%q is %q", s, once)
		}
		if i := strings.IndexByte(once, '@'); i > 0 && i < len(once)-3 && once[i-1] == 'a' && once[i+1:] == "a.a" {
			t.Fatalf("%q keeps an address: %q", s, once)
		}
	})
}

func TestLinksNameNoPerson(t *testing.T) {
	for in, want := range map[string]string{
		"https://example.org/?email=jim@example.com":                             "https://example.org/",
		"https://example.org/a?x=1&to=jim%2540example.com&y=2":                   "https://example.org/a?x=1&y=2",
		"https://example.org/%6aim%40example.com":                                "",
		"https://example.org/a#mailto:jim@example.com":                           "https://example.org/a",
		"https://wa.me/12025550100":                                              "",
		"https://example.org/?q=%zz":                                             "https://example.org/?q=%zz",
		"https://www.youtube.com/@some.group":                                    "https://www.youtube.com/@some.group",
		"https://zoom.us/j/0000000910?pwd=a%2Bb.1":                               "https://zoom.us/j/0000000910?pwd=a%2Bb.1",
		"https://teams.microsoft.com/l/meetup-join/19%3ameeting_a%40thread.v2/0": "https://teams.microsoft.com/l/meetup-join/19%3ameeting_a%40thread.v2/0",
	} {
		n := NewIntake(FeedContext{Fellowship: "aa"}, 1)
		n.Add(&RawRow{Row: 1, ID: "a", Name: "A", URL: in, Website: in, ConferenceURL: in})
		b := n.Batch(1)
		o := b.Occurrences[0]
		if o.URL != want || o.Website != want || o.ConferenceURL != want {
			t.Errorf("%q is %q, %q and %q, want %q", in, o.URL, o.Website, o.ConferenceURL, want)
		}
		for _, w := range b.Warnings {
			if strings.Contains(w.Reason, "jim") || in == want && strings.Contains(w.Reason, "person") {
				t.Errorf("%q: %s", in, w.Reason)
			}
		}
	}
}

func TestVenuesAndWordsOfAttendance(t *testing.T) {
	for in, want := range map[string]Attendance{"in_person": InPerson, "In-Person": InPerson, "hybrid": Hybrid, "ONLINE": Online, "inactive": Inactive} {
		if got, ok := ParseAttendance(in); !ok || got != want {
			t.Errorf("%q is %s", in, got)
		}
	}
	if _, ok := ParseAttendance("maybe"); ok {
		t.Error("maybe is an attendance")
	}
}

func FuzzWithholdContacts(f *testing.F) {
	f.Add("call Alex A 202-555-0150 or pat@example.org")
	f.Add("+1 (202) 555 0100 x@y.z")
	f.Fuzz(func(t *testing.T, s string) {
		if got := WithholdContacts(s); utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Fatalf("%q", got)
		}
		if got, _ := CleanText(s, 500); !utf8.ValidString(got) || len(got) > 500 {
			t.Fatalf("%q", got)
		}
		if u, ok := CleanURL(s); ok && u != "" && !strings.HasPrefix(u, "http://") && !strings.HasPrefix(u, "https://") {
			t.Fatalf("%q", u)
		}
		_, _ = ParseStart(s)
		_, _ = ParseFeedDay(s)
		_, _ = ParseZone(s)
		_, _, _ = ParseUpdated(s)
		_ = CleanPhone(s)
		_ = Place{Formatted: s}.fill().Approximate()
	})
}
