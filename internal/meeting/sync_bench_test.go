package meeting_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
	"hearth/internal/meeting"
)

// manyRows is a Meeting Guide feed of n rows, about as long as real ones. In every rows-th one something
// is said differently.
func manyRows(n, every int) []byte {
	var b bytes.Buffer
	b.WriteByte('[')
	for i := range n {
		if i > 0 {
			b.WriteString(",\n")
		}
		more := ""
		if every > 0 && i%every == 0 {
			more = " Bring a friend."
		}
		fmt.Fprintf(&b, `{"slug":"hope-%d","name":"Group %d of Hope","day":%d,"time":"%02d:%02d","end_time":"%02d:%02d","types":["O","D","X"],`+
			`"location":"Community Church of Springfield","formatted_address":"%d Main St, Springfield, PA 19001, USA","region":"Springfield",`+
			`"notes":"Use the side door. Coffee from half an hour before, and somebody at the door who knows newcomers.%s",`+
			`"latitude":%.5f,"longitude":%.5f,"approximate":"no","updated":"2026-04-01 10:11:12","url":"https://example.org/meetings/hope-%d",`+
			`"conference_url":"","entity":"Area Intergroup","entity_url":"https://example.org/","feedback_emails":["website@example.org"]}`,
			i, i, i%7, 6+i%16, i%4*15, 7+i%16, i%4*15, i, more, 30+float64(i%1000)/50, -120+float64(i/1000)/2, i)
	}
	b.WriteByte(']')
	return b.Bytes()
}

// BenchmarkSync measures a feed of 100,000 rows, from the file to the commit: the first sync, the same bytes
// again, other bytes that say the same, and every hundredth row changed. Run it with -benchtime 1x.
func BenchmarkSync(b *testing.B) {
	engines := []struct {
		name string
		open func(testing.TB, ...db.Source) *db.DB
	}{{"sqlite", dbtest.SQLite}, {"postgres", dbtest.Postgres}}
	const rows = 100_000
	payload := manyRows(rows, 0)
	for _, engine := range engines {
		b.Run(engine.name, func(b *testing.B) {
			d := engine.open(b, meeting.Migrations, audit.Migrations)
			s := directory(d)
			file := filepath.Join(b.TempDir(), "feed.json")
			sync := func(what string, payload []byte) {
				if err := os.WriteFile(file, payload, 0o600); err != nil {
					b.Fatal(err)
				}
				if what == "first" {
					if _, err := s.AddFeed(b.Context(), "ed", meeting.Feed{Name: "town", Format: meeting.FormatMeetingGuide, Fellowship: "aa", Zone: "America/New_York", File: file}); err != nil {
						b.Fatal(err)
					}
				}
				start := time.Now()
				y, err := s.SyncFeed(b.Context(), "town", meeting.SyncOptions{})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(time.Since(start).Seconds(), "s/"+what)
				b.Logf("%s: %s", what, brief(y))
			}
			for b.Loop() {
				sync("first", payload)
				sync("again", payload)
				sync("same", append(payload, '\n'))
				sync("hundredth", manyRows(rows, 100))
			}
		})
	}
}
