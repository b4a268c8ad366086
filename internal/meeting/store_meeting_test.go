package meeting

import (
	"testing"

	"hearth/internal/db"
	"hearth/internal/db/dbtest"
)

func TestTheDirectorysClockCountsUp(t *testing.T) {
	t.Parallel()
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		for want := int64(1); want <= 2; want++ {
			err := d.WithTx(t.Context(), func(tx *db.Tx) error {
				got, err := bumpDirectory(t.Context(), tx)
				if err == nil && got != want {
					t.Errorf("bumpDirectory gave %d, want %d", got, want)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}, Migrations)
}

func TestAMeetingIsWrittenTwice(t *testing.T) {
	t.Parallel()
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		m := meetingRow{
			ID: db.NewID(), State: stateActive, FeedID: "f", Feeds: 1, Fellowship: "aa", CreatedAt: 5, UpdatedAt: 5,
			Occurrence: Occurrence{SourceID: "a", Name: "Noon", Day: 1, Start: 720, End: 780, Types: []string{"O", "W"}},
		}
		for i, name := range []string{"Noon", "High Noon"} {
			m.Occurrence.Name, m.CreatedAt, m.UpdatedAt = name, int64(5+i), int64(5+i)
			if err := d.WithTx(t.Context(), func(tx *db.Tx) error {
				return writeMeetings(t.Context(), tx, int64(i+1), []meetingRow{m}, meetingUpsert)
			}); err != nil {
				t.Fatal(err)
			}
		}
		var name, types string
		var seq, created, updated int64
		err := db.Each(t.Context(), d, func(scan db.Scan) error { return scan(&name, &types, &seq, &created, &updated) },
			`SELECT name, types, changed_seq, created_at, updated_at FROM meeting WHERE id = $1`, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		if name != "High Noon" || types != "O W" || seq != 2 || created != 5 || updated != 6 {
			t.Errorf("got %q %q seq %d created %d updated %d", name, types, seq, created, updated)
		}
	}, Migrations)
}
