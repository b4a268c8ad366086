package meeting

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"hearth/internal/civil"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
	"hearth/internal/geo"
	"hearth/internal/meeting/welcome"
)

// now is a Monday, 18:40 in New York.
var directoryNow = time.Date(2026, 5, 18, 22, 40, 0, 0, time.UTC)

func addListedFeed(t testing.TB, d *db.DB, id, name string) {
	t.Helper()
	err := d.WithTx(t.Context(), func(tx *db.Tx) error {
		return db.Insert(t.Context(), tx, "feed", []string{
			"id", "name", "format", "fellowship", "zone", "url", "file", "every_ms", "local", "created_at", "removed_at",
			"etag", "last_modified", "fetched_hash", "payload_hash", "held_hash", "last_good_at", "active", "failures",
			"due_at", "last_sync", "last_good_sync", "lease_by", "lease_until",
		}, [][]any{{
			id, name, "meetingguide", "aa", "", "", "x", int64(0), false, int64(0), int64(0), "", "", "", "", "",
			int64(5000), int64(0), int64(0), int64(0), "", "", "", int64(0),
		}}, "")
	})
	if err != nil {
		t.Fatal(err)
	}
}

// put writes meetings, with cards for some, as one change of the directory.
func putMeetings(t testing.TB, d *db.DB, rows []meetingRow, cards map[string]welcome.Card) {
	t.Helper()
	err := d.WithTx(t.Context(), func(tx *db.Tx) error {
		ctx := t.Context()
		seq, err := bumpDirectory(ctx, tx)
		if err != nil {
			return err
		}
		if err := writeMeetings(ctx, tx, seq, rows, meetingUpsert); err != nil {
			return err
		}
		for id, c := range cards {
			if err := putCard(ctx, tx, id, c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func putCard(ctx context.Context, tx *db.Tx, id string, c welcome.Card) error {
	doc, err := json.Marshal(c)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO welcome_verdict (meeting_id, doc, more, revision) VALUES ($1, $2, '', 0)
		ON CONFLICT (meeting_id) DO UPDATE SET doc = excluded.doc`, id, string(doc))
	return err
}

func speakCard(answer welcome.Answer, low float64) welcome.Card {
	c := welcome.Blank()
	c[welcome.Speak] = welcome.Verdict{
		Right: welcome.Speak, Answer: answer, Basis: welcome.BasisVisits, Enough: true, Reports: 4,
		Mean: low + 0.1, Low: low, High: low + 0.2, AsOf: "2026-04", Visits: answer,
	}
	return c
}

func weekly(name string, day Day, start civil.Clock) Occurrence {
	return Occurrence{
		SourceID: name + "-slug", Name: name, Day: day, Start: start, End: (start + 60) % 1440, Zone: "America/New_York", Attendance: InPerson,
		Location: "St. Ann’s \"Hall\" <b>", Address: "1 Main St, Philadelphia, PA 19104", City: "Philadelphia", State: "PA",
		PostalCode: "19104", Country: "US", Lat: 39.95, Lng: -75.19, HasPoint: true, Types: []string{"O", "W"},
	}
}

func listedRow(n int, o Occurrence) meetingRow {
	return meetingRow{
		ID: fmt.Sprintf("m%07d", n), State: stateActive, FeedID: "f1", Feeds: 2, Fellowship: "aa", Occurrence: o,
	}
}

func TestDirectoryShowsAMeeting(t *testing.T) {
	t.Parallel()
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		addListedFeed(t, d, "f1", "City list")
		o := weekly("Nightly \\ Hope\u2028", 1, 19*60)
		o.ConferenceURL = "https://zoom.us/j/1?a=1&b=2"
		putMeetings(t, d, []meetingRow{listedRow(1, o)}, map[string]welcome.Card{"m0000001": speakCard(welcome.Yes, 0.61)})
		dir, err := LoadDirectory(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		f := Any()
		f.Near, f.WithinMiles = &Near{Lat: 39.95, Lng: -75.18}, 10
		found := dir.Find(f, directoryNow)
		want := Hit{
			Summary: &Summary{
				ID: "m0000001", Source: "City list", SourceID: o.SourceID, Name: o.Name, Fellowship: "aa", Day: 1,
				Start: 19 * 60, End: 20 * 60, Zone: o.Zone, Attendance: InPerson, Location: o.Location, Address: o.Address,
				City: o.City, Lat: o.Lat, Lng: o.Lng, HasPoint: true, ConferenceURL: o.ConferenceURL, Types: o.Types,
				Flags: FlagsOf("aa", o.Types), Feeds: 2, SeenAt: db.Time(5000),
			},
			Miles: geo.Miles(geo.Point{Lat: 39.95, Lng: -75.18}, geo.Point{Lat: 39.95, Lng: -75.19}),
			Date:  civil.Date{Year: 2026, Month: time.May, Day: 18},
			Next:  time.Date(2026, 5, 18, 23, 0, 0, 0, time.UTC),
		}
		dates := DateCounts{First: civil.Date{Year: 2026, Month: time.May, Day: 15}}
		dates.N[3] = 1
		for i := range want.Welcome {
			want.Welcome[i].Basis = "none"
		}
		want.Welcome[welcome.Speak] = RightAnswer{
			Answer: welcome.Yes, Mean: 0.71, Low: 0.61, High: 0.81, Reports: 4, AsOf: "2026-04", Basis: "visits",
		}
		opts := cmp.Options{cmpopts.IgnoreUnexported(Hit{}), cmpopts.EquateApprox(0, 1e-6)}
		if diff := cmp.Diff(Found{Total: 1, Hits: []Hit{want}, Right: welcome.Speak, Answers: [4]int{0, 0, 0, 1}, Dates: dates}, found, opts); diff != "" {
			t.Fatalf("(-want +got)\n%s", diff)
		}
		if s, ok := dir.Summary("m0000001"); !ok || cmp.Diff(*want.Summary, s, opts) != "" {
			t.Errorf("by id: %v %+v", ok, s)
		}
		const unknown = `{"answer":"unknown","mean":null,"low":null,"high":null,"reports":0,"as_of":null}`
		wantJSON := `{"id":"m0000001","source":"City list","source_id":"Nightly \\ Hope` + "\u2028" + `-slug","name":"Nightly \\ Hope` + "\u2028" + `",
			"fellowship":"aa","day":1,"start":"19:00","end":"20:00","zone":"America/New_York","attendance":"in_person",
			"place":"St. Ann’s \"Hall\" <b>","address":"1 Main St, Philadelphia, PA 19104","lat":39.95,"lng":-75.19,"approximate":false,
			"distance_miles":0.53,"conference_url":"https://zoom.us/j/1?a=1&b=2","types":["O","W"],
			"welcome":{"attend":` + unknown + `,"speak":{"answer":"yes","mean":0.71,"low":0.61,"high":0.81,"reports":4,"as_of":"2026-04"},
			"lead":` + unknown + `,"serve":` + unknown + `,"sponsor":` + unknown + `,"be_sponsor":` + unknown + `,"count":` + unknown + `}}`
		got := dir.AppendJSON(nil, found.Hits[0])
		if diff := cmp.Diff(asJSON(t, []byte(wantJSON)), asJSON(t, got)); diff != "" {
			t.Errorf("JSON (-want +got)\n%s", diff)
		}
		if bytes.ContainsAny(got, "<>\u2028") {
			t.Errorf("JSON may end a script: %s", got)
		}
		all := dir.AppendFind(nil, f, directoryNow)
		if want := `{"count":1,"meetings":[` + string(got) + `]}`; string(all) != want {
			t.Errorf("got  %s\nwant %s", all, want)
		}
	}, Migrations)
}

func asJSON(t *testing.T, b []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return v
}

func hitNames(f Found) string {
	var out []string
	for _, h := range f.Hits {
		out = append(out, h.Name)
	}
	return strings.Join(out, " ")
}

func TestFindInWords(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t, Migrations)
	addListedFeed(t, d, "f1", "City list")
	change := func(o Occurrence, f func(*Occurrence)) Occurrence { f(&o); return o }
	rows := []meetingRow{
		listedRow(1, weekly("Early", 1, 7*60)),
		listedRow(2, weekly("Running", 1, 18*60)),
		listedRow(3, weekly("Coming", 1, 19*60)),
		listedRow(4, weekly("Late", 1, 23*60)),
		listedRow(5, change(weekly("Owl", 2, 60), func(o *Occurrence) { o.Types = []string{"M"}; o.Languages = []string{"es"} })),
		listedRow(6, change(weekly("Screen", 1, 20*60), func(o *Occurrence) { o.Attendance, o.HasPoint = Online, false })),
		listedRow(7, change(weekly("Vague", 1, 20*60), func(o *Occurrence) { o.HasPoint, o.Approximate = false, true })),
		listedRow(8, change(weekly("Closed", 1, 20*60), func(o *Occurrence) { o.Attendance = Inactive })),
		listedRow(9, change(weekly("Far", 1, 20*60), func(o *Occurrence) { o.Lat = 40.95 })),
		listedRow(10, change(weekly("Someday", ByAppointment, civil.NoClock), func(o *Occurrence) { o.End = civil.NoClock })),
		listedRow(11, weekly("Gone", 1, 20*60)),
		listedRow(12, change(weekly("Señal", 3, 20*60), func(o *Occurrence) { o.Location = "Café Olé" })),
	}
	rows[10].State = stateGone
	rows[11].Fellowship = "na"
	putMeetings(t, d, rows, map[string]welcome.Card{"m0000003": speakCard(welcome.Yes, 0.7), "m0000009": speakCard(welcome.No, 0.1)})
	dir, err := LoadDirectory(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"":                                "Coming Far Screen Vague Late Owl Señal Early Running Someday",
		"near=39.95,-75.19&within=10":     "Coming Late Owl Señal Early Running Someday",
		"near=39.95,-75.19":               "Coming Late Owl Señal Early Running Someday",
		"near=39.95,-75.19&within=100":    "Coming Far Late Owl Señal Early Running Someday",
		"near=39.95,-75.19&within=any":    "Coming Far Screen Vague Late Owl Señal Early Running Someday",
		"near=39,-75&attendance=online":   "Screen",
		"when=now":                        "Running Coming",
		"when=tonight":                    "Coming Far Screen Vague Late Owl",
		"day=mon":                         "Coming Far Screen Vague Late Early Running",
		"day=mon&from=22:00&until=02:00":  "Late Owl",
		"day=tue&from=22:00&until=02:00":  "",
		"day=tue":                         "Owl",
		"day=appointment":                 "Someday",
		"from=19:00&until=20:00&day=mon":  "Coming Far Screen Vague",
		"may=speak":                       "Coming",
		"text=cafe ole":                   "Señal",
		"text=OLE caf":                    "Señal",
		"text=narcotics":                  "Señal",
		"fellowship=na":                   "Señal",
		"kind=secular":                    "",
		"type=m":                          "Owl",
		"need=men":                        "Owl",
		"language=es,fr":                  "Owl",
		"limit=2&offset=1&when=tonight":   "Far Screen",
		"limit=1&offset=100&when=tonight": "",
	} {
		f, err := ParseFilter(asValues(t, query), nil)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		found := dir.Find(f, directoryNow)
		if got := hitNames(found); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
		withChips, chips := dir.FindWithChips(f, directoryNow)
		if diff := cmp.Diff(found, withChips, cmpopts.IgnoreUnexported(Hit{})); diff != "" {
			t.Errorf("%s: with chips: %s", query, diff)
		}
		f.Days, f.Now, f.Tonight = []Day{1}, false, false
		if monday := dir.Count(f, directoryNow); monday != chips.Days[1] {
			t.Errorf("%s: %d on Mondays, and the chip says %d", query, monday, chips.Days[1])
		}
		if f, err = ParseFilter(asValues(t, query), nil); err != nil {
			t.Fatal(err)
		}
		n := 0
		many := dir.FindMany(f, directoryNow, func(h *Hit) bool {
			if diff := cmp.Diff(found.Hits[n], *h, cmpopts.IgnoreUnexported(Hit{})); diff != "" {
				t.Errorf("%s: %s", query, diff)
			}
			n++
			return true
		})
		if many.Total != found.Total || n != len(found.Hits) {
			t.Errorf("%s: one by one %d of %d", query, n, many.Total)
		}
	}
	_, chips := dir.FindWithChips(Any(), directoryNow)
	if got, want := chips.Days, [8]int{0, 7, 1, 1, 0, 0, 0, 1}; got != want {
		t.Errorf("days %v, want %v", got, want)
	}
	if found := dir.Find(Any(), directoryNow); found.Answers != [4]int{8, 1, 0, 1} {
		t.Errorf("answers %v", found.Answers)
	}
	for _, id := range []string{"m0000008", "m0000011", "m0000099", ""} {
		if _, ok := dir.Summary(id); ok {
			t.Errorf("%s is there", id)
		}
	}
}

func asValues(t *testing.T, s string) map[string][]string {
	t.Helper()
	v := map[string][]string{}
	for part := range strings.SplitSeq(s, "&") {
		if k, value, ok := strings.Cut(part, "="); ok {
			v[k] = append(v[k], value)
		}
	}
	return v
}

func TestNextAndRunning(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t, Migrations)
	addListedFeed(t, d, "f1", "City list")
	spring := weekly("Spring", 0, 2*60+30) // there is no 02:30 on 8 March
	putMeetings(t, d, []meetingRow{listedRow(1, weekly("Evening", 1, 18*60)), listedRow(2, spring)}, nil)
	dir, err := LoadDirectory(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	ny, err := civil.Zone("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		now, next time.Time
		running   bool
	}{
		{"Evening", time.Date(2026, 5, 18, 17, 59, 0, 0, ny), time.Date(2026, 5, 18, 18, 0, 0, 0, ny), false},
		{"Evening", time.Date(2026, 5, 18, 18, 0, 0, 0, ny), time.Date(2026, 5, 18, 18, 0, 0, 0, ny), true},
		{"Evening", time.Date(2026, 5, 18, 18, 15, 59, 0, ny), time.Date(2026, 5, 18, 18, 0, 0, 0, ny), true},
		{"Evening", time.Date(2026, 5, 18, 18, 16, 0, 0, ny), time.Date(2026, 5, 25, 18, 0, 0, 0, ny), false}, // too late to come
		{"Evening", time.Date(2026, 5, 18, 19, 0, 0, 0, ny), time.Date(2026, 5, 25, 18, 0, 0, 0, ny), false},
		{"Spring", time.Date(2026, 3, 8, 1, 0, 0, 0, ny), time.Date(2026, 3, 8, 3, 30, 0, 0, ny), false},
	} {
		f := Any()
		f.Text = c.name
		h := dir.Find(f, c.now).Hits[0]
		if !h.Next.Equal(c.next) || h.Running != c.running {
			t.Errorf("%s at %v: %v %v, want %v %v", c.name, c.now, h.Next, h.Running, c.next, c.running)
		}
	}
}

// A directory that followed any history of changes answers as one that is read anew.
// An end typed before the start is the next day by rule N2, and a meeting of 23 hours is more often a mistake:
// the finder does not call it "going on" all day.
func TestAnEndBeforeTheStartIsNotGoingOnAllDay(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t, Migrations)
	addListedFeed(t, d, "f", "list")
	slip, night := weekly("Slip", 1, 17*60+30), weekly("Night", 1, 22*60)
	slip.End, night.End = 16*60+30, 1*60
	putMeetings(t, d, []meetingRow{listedRow(1, slip), listedRow(2, night)}, nil)
	dir, err := LoadDirectory(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	f := Any()
	f.Now = true
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{time.Date(2026, 5, 18, 22, 0, 0, 0, time.UTC), "Slip"},
		{time.Date(2026, 5, 19, 4, 30, 0, 0, time.UTC), "Night"},
		{time.Date(2026, 5, 19, 14, 0, 0, 0, time.UTC), ""},
	} {
		if got := hitNames(dir.Find(f, c.at)); got != c.want {
			t.Errorf("%s: %q is going on, want %q", c.at, got, c.want)
		}
	}
}

func TestRefreshIsAsReadingAnew(t *testing.T) {
	t.Parallel()
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		addListedFeed(t, d, "f1", "City list")
		addListedFeed(t, d, "f2", "Other list")
		followed := emptyDirectory()
		rng := rand.New(rand.NewPCG(1, 2))
		for step := range 12 {
			n := []int{0, 1, 5, 40, 1500}[rng.IntN(5)]
			if step == 0 {
				n = 3000
			}
			var rows []meetingRow
			cards := map[string]welcome.Card{}
			for _, i := range rng.Perm(4000)[:n] {
				r := listedRow(i, weekly([]string{"Hope", "Noon", "Big Book"}[rng.IntN(3)], Day(rng.IntN(7)), civil.Clock(rng.IntN(96)*15)))
				r.State = []meetingState{stateActive, stateActive, stateActive, stateGone, stateHidden}[rng.IntN(5)]
				r.FeedID = []string{"f1", "f2"}[rng.IntN(2)]
				r.Occurrence.Lat += float64(rng.IntN(100)) / 300
				rows = append(rows, r)
				if rng.IntN(3) == 0 {
					cards[r.ID] = speakCard(welcome.Answer(rng.IntN(4)), float64(rng.IntN(10))/10)
				}
			}
			putMeetings(t, d, rows, cards)
			var err error
			if followed, err = followed.Refresh(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			anew, err := LoadDirectory(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			if followed.Seq() != anew.Seq() || followed.Len() != anew.Len() {
				t.Fatalf("step %d: seq %d and %d, %d and %d meetings", step, followed.Seq(), anew.Seq(), followed.Len(), anew.Len())
			}
			for _, query := range []string{"", "day=mon&near=39.9,-75.2&within=10&may=speak", "text=ho", "when=tonight&limit=20"} {
				f, err := ParseFilter(asValues(t, query), nil)
				if err != nil {
					t.Fatal(err)
				}
				a, b := followed.AppendFind(nil, f, directoryNow), anew.AppendFind(nil, f, directoryNow)
				if !bytes.Equal(a, b) {
					t.Fatalf("step %d, %s: %d and %d bytes differ", step, query, len(a), len(b))
				}
			}
		}
		if same, err := followed.Refresh(t.Context(), d); err != nil || same != followed {
			t.Errorf("nothing changed, but the directory did (%v)", err)
		}
	}, Migrations)
}

func TestScanCardIsAsUnmarshal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		full := welcome.Blank()
		for i := range full {
			if rapid.Bool().Draw(t, "known") {
				v := &full[i]
				v.Enough, v.Reports, v.Basis = true, rapid.IntRange(3, 99).Draw(t, "reports"), welcome.BasisBoth
				v.Low = rapid.Float64Range(0, 1).Draw(t, "low")
				v.Mean, v.High, v.AsOf, v.GroupOn = v.Low/2, 1, "2026-05", "2026-04-01"
				v.Answer = welcome.Answer(rapid.IntRange(0, 3).Draw(t, "answer"))
			}
		}
		doc, err := json.Marshal(full)
		if err != nil {
			t.Fatal(err)
		}
		var scanned welcome.Card
		if !scanCard(string(doc), &scanned) {
			t.Fatalf("not read: %s", doc)
		}
		if newCard(&scanned) != newCard(&full) {
			t.Fatalf("read as %+v: %s", scanned, doc)
		}
	})
	for _, doc := range []string{"", "[]", "[{}]", "{", "null", `[{"a":"yes"}]`, `[{"a":"yes"}`, `[{"a":"maybe"},{},{},{},{},{},{}]`} {
		var c welcome.Card
		if scanCard(doc, &c) {
			t.Errorf("%q passes for a card", doc)
		}
	}
}

func TestStringsSurviveTheFragment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SliceOfN(rapid.String(), 7, 7).Draw(t, "strings")
		for i := range s {
			s[i] = strings.ToValidUTF8(s[i], "\ufffd")
		}
		m := listed{ID: s[0], SourceID: s[1], Name: s[2], Location: s[3], Address: s[4], ConferenceURL: s[5], Day: 3, Start: 61, End: 125, HasPoint: true, Lat: -1.5}
		b := newShelfBuilder()
		item, err := newShelfItem(&m, s[6], newCardReader())
		if err != nil {
			t.Fatal(err)
		}
		b.add(&item)
		shelf, segment := b.done()
		d := newDirectory(shelf, segment, 1, nil)
		got := d.Find(Any(), directoryNow).Hits[0]
		if diff := cmp.Diff(s, []string{got.ID, got.SourceID, got.Name, got.Location, got.Address, got.ConferenceURL, got.Source}); diff != "" {
			t.Fatal(diff)
		}
		if got.Day != 3 || got.Start != 61 || got.End != 125 || got.Lat != -1.5 {
			t.Fatalf("%+v", got)
		}
		var back map[string]any
		if err := json.Unmarshal(d.AppendJSON(nil, got), &back); err != nil || back["name"] != s[2] {
			t.Fatalf("%v: %v", err, back["name"])
		}
	})
}

func TestStartFollowsAndStops(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t, Migrations)
	addListedFeed(t, d, "f1", "City list")
	s := New(d, Options{Now: func() time.Time { return directoryNow }})
	if s.Directory().Len() != 0 {
		t.Error("meetings before Start")
	}
	s.Stop()
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	putMeetings(t, d, []meetingRow{listedRow(1, weekly("New", 1, 60))}, nil)
	if err := s.refreshDirectory(t.Context()); err != nil || s.Directory().Len() != 1 {
		t.Errorf("%v, %d meetings", err, s.Directory().Len())
	}
	s.Stop()
	s.Stop()
	if slices.Contains([]int{0}, s.Directory().Len()) {
		t.Error("stopping forgot the meetings")
	}
}
