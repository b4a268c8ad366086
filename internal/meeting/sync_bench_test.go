package meeting

import (
	"fmt"
	"os"
	"testing"
	"time"

	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
)

// BenchmarkSync measures a feed of 100,000 rows: the first sync, one whose bytes differ though no row does,
// and one in which every hundredth row changed. Run it with -benchtime 1x.
func BenchmarkSync(b *testing.B) {
	const rows = 100_000
	engines := map[string]func(testing.TB, ...db.Source) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres}
	for name, open := range engines {
		b.Run(name, func(b *testing.B) {
			d := open(b, Migrations, audit.Migrations)
			file := b.TempDir() + "/feed.json"
			now := time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)
			occurrences := make([]Occurrence, rows)
			for i := range occurrences {
				occurrences[i] = Occurrence{
					Row: i + 1, SourceID: fmt.Sprint("meeting-", i), Key: fmt.Sprint("meeting-", i), Name: fmt.Sprintf("Group %d of Hope", i),
					Day: Day(i % 7), Start: 1140, End: 1200, Zone: "America/New_York", Attendance: InPerson, Stated: true,
					Location: "Community Church", Address: fmt.Sprintf("%d Main St, Springfield, PA 19001, USA", i), City: "Springfield",
					State: "PA", PostalCode: "19001", Country: "USA", Lat: 30 + float64(i%1000)/50, Lng: -120 + float64(i/1000)/2, HasPoint: true,
					Notes: "Use the side door. Coffee from half an hour before.", Types: []string{"O", "D", "X"}, Languages: []string{"en"},
					Raw: []byte(`{"slug":"meeting","name":"Group of Hope","day":1,"time":"19:00","formatted_address":"1 Main St, Springfield, PA 19001, USA","types":["O","D","X"]}`),
				}
			}
			s := New(d, Options{Now: func() time.Time { return now }, Decoders: map[Format]Decoder{FormatMeetingGuide: func([]byte, FeedContext) (*Batch, error) {
				return &Batch{Rows: rows, Occurrences: append([]Occurrence(nil), occurrences...)}, nil
			}}})
			for b.Loop() {
				sync := func(what, bytes string) {
					if err := os.WriteFile(file, []byte(bytes), 0o600); err != nil {
						b.Fatal(err)
					}
					start := time.Now()
					y, err := s.SyncFeed(b.Context(), "town", SyncOptions{})
					if err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(time.Since(start).Seconds(), "s/"+what)
					b.Logf("%s: %s", what, counts(y))
				}
				if err := os.WriteFile(file, nil, 0o600); err != nil {
					b.Fatal(err)
				}
				if _, err := s.AddFeed(b.Context(), "ed", Feed{Name: "town", Format: FormatMeetingGuide, Fellowship: "aa", File: file}); err != nil {
					b.Fatal(err)
				}
				sync("first", "[1]")
				sync("same", "[2]")
				for i := 0; i < rows; i += 100 {
					occurrences[i].Notes += " Bring a friend."
				}
				sync("hundredth", "[3]")
			}
		})
	}
}
