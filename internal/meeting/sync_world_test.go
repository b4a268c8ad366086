package meeting

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hearth/internal/audit"
	"hearth/internal/civil"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
)

// row is a meeting in the tests' own format: a JSON array of these.
type row struct {
	ID, Name, Time, Zone, URL, Address, Via, Source, Notes string
	Day                                                    int
	Lat, Lng                                               float64
	Updated                                                int64
	Repeats                                                []string
}

// decodeRows is the tests' codec. A row without a name is skipped.
func decodeRows(payload []byte, feed FeedContext) (*Batch, error) {
	var rows []row
	if err := json.Unmarshal(payload, &rows); err != nil {
		return nil, err
	}
	b := &Batch{Rows: len(rows)}
	for i, r := range rows {
		if r.Name == "" {
			b.Skipped = append(b.Skipped, RowIssue{i + 1, "it has no name"})
			continue
		}
		o := Occurrence{
			Row: i + 1, SourceID: r.ID, Key: r.ID, Name: r.Name, Day: Day(r.Day), Zone: r.Zone,
			Attendance: InPerson, Address: r.Address, ConferenceURL: r.URL, DataSource: r.Source,
			Lat: r.Lat, Lng: r.Lng, HasPoint: r.Lat != 0, Updated: r.Updated, Notes: r.Notes, Repeats: r.Repeats,
		}
		if r.Time == "" {
			r.Time = "19:00"
		}
		var err error
		if o.Start, err = civil.ParseClock(r.Time); err != nil {
			return nil, err
		}
		o.End = (o.Start + 60) % 1440
		if r.URL != "" {
			o.Attendance = Online
		}
		if r.Via != "" {
			o.Via = []string{r.Via}
		}
		if o.Zone == "" {
			o.Zone = feed.Zone
		}
		o.Raw, _ = json.Marshal(r)
		b.Occurrences = append(b.Occurrences, o)
	}
	return b, nil
}

// world is a directory with a clock that the test turns, and feeds that are files.
type world struct {
	*Service
	t   *testing.T
	d   *db.DB
	dir string
	mu  sync.Mutex
	now time.Time
}

func newWorld(t *testing.T, d *db.DB) *world {
	w := &world{t: t, d: d, dir: t.TempDir(), now: time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)}
	w.Service = New(d, Options{
		Now: func() time.Time {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.now
		},
		Log:      slog.New(slog.DiscardHandler),
		Decoders: map[Format]Decoder{FormatMeetingGuide: decodeRows},
		Instance: "us", BaseURL: "https://hearth.example.org", AllowPrivate: true,
	})
	return w
}

func (w *world) later(by time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(by)
}

// feed declares a feed of AA meetings in a file.
func (w *world) feed(name string) {
	w.t.Helper()
	w.put(name, []row{})
	_, err := w.AddFeed(w.t.Context(), "ed", Feed{
		Name: name, Format: FormatMeetingGuide, Fellowship: "aa", Zone: "America/New_York", File: w.path(name),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.later(time.Minute)
}

func (w *world) path(name string) string { return filepath.Join(w.dir, name+".json") }

func (w *world) put(name string, rows any) {
	w.t.Helper()
	b, err := json.Marshal(rows)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(w.path(name), b, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// sync stores rows as the feed's content and syncs it.
func (w *world) sync(name string, rows []row) *Sync {
	w.t.Helper()
	w.put(name, rows)
	w.later(time.Minute)
	y, err := w.SyncFeed(w.t.Context(), name, SyncOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	return y
}

// shown is what the public sees of a meeting.
type shown struct {
	ID, Name, State string
	Feeds           int64
	Seq             int64
}

func (w *world) meetings() []shown {
	w.t.Helper()
	ms, err := db.All(w.t.Context(), w.d, func(scan db.Scan) (m shown, err error) {
		err = scan(&m.ID, &m.Name, &m.State, &m.Feeds, &m.Seq)
		return m, err
	}, `SELECT id, name, state, feeds, changed_seq FROM meeting ORDER BY id`)
	if err != nil {
		w.t.Fatal(err)
	}
	return ms
}

// states is "name state feeds" of each meeting, oldest first.
func (w *world) states() []string {
	w.t.Helper()
	var all []string
	for _, m := range w.meetings() {
		all = append(all, fmt.Sprintf("%s %s %d", m.Name, m.State, m.Feeds))
	}
	return all
}

func (w *world) wantStates(want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.states()); diff != "" {
		w.t.Errorf("meetings (-want +got):\n%s", diff)
	}
}

func counts(y *Sync) string {
	return fmt.Sprintf("%s rows %d occurrences %d added %d changed %d unchanged %d gone %d", y.State, y.Rows, y.Occurrences, y.Added, y.Changed, y.Unchanged, y.Gone)
}

func wantCounts(t *testing.T, y *Sync, want string) {
	t.Helper()
	if got := counts(y); got != want {
		t.Errorf("sync: got %s\n     want %s", got, want)
	}
}

// onBoth runs a story on both engines.
func onBoth(t *testing.T, story func(t *testing.T, w *world)) {
	t.Parallel()
	dbtest.Run(t, func(t *testing.T, d *db.DB) { story(t, newWorld(t, d)) }, Migrations, audit.Migrations)
}

func many(n int) []row {
	rows := make([]row, n)
	for i := range rows {
		rows[i] = row{ID: fmt.Sprint("m", i), Name: fmt.Sprintf("Group %c%c", 'A'+i%26, 'a'+i/26), Day: i % 7, Lat: 40 + float64(i)/10, Lng: -75}
	}
	return rows
}
