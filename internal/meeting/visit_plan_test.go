package meeting

import (
	"strings"
	"testing"

	"hearth/internal/db"
)

// What a report and a meeting's page read must be found by indexes, on both engines, whatever the
// planner knows of the tables.
func TestPlans(t *testing.T) {
	t.Parallel()
	queries := map[string]struct {
		sql  string
		args []any
	}{
		"visits on a meeting":      {visitsOn, []any{"m8"}},
		"visits around":            {visitsAround, []any{"na", "US-7"}},
		"notes of a week":          {notesOfWeek, []any{"2026-W49"}},
		"notes since":              {notesSince, []any{"2026-W49", int64(mostCompared)}},
		"reports on a meeting":     {sameMeeting, []any{"m8", "2026-W46"}},
		"reports for an editor":    {`SELECT r.id FROM visit_report r JOIN meeting m ON m.id = r.meeting_id WHERE ` + isOrBecame + ` ORDER BY r.month`, []any{"m8"}},
		"statements of a meeting":  {`SELECT s.id FROM group_statement s JOIN meeting m ON m.id = s.meeting_id WHERE s.withdrawn_at = 0 AND ` + isOrBecame, []any{"m8"}},
		"listings of a meeting":    {`SELECT l.doc FROM listing l WHERE l.meeting_id IN (SELECT m.id FROM meeting m WHERE ` + isOrBecame + `)`, []any{"m8"}},
		"what became part of many": {`SELECT id FROM meeting WHERE merged_into <> '' AND merged_into IN ($1, $2, $3)`, []any{"m8", "m9", "m10"}},
		"what became part of one":  {`SELECT id FROM meeting WHERE merged_into = $1 AND merged_into <> ''`, []any{"m8"}},
	}
	inTown(t, func(t *testing.T, w *town) {
		fillTables(t, w.db)
		for _, analysed := range []bool{false, true} {
			if analysed {
				if _, err := w.db.Exec(t.Context(), "ANALYZE"); err != nil {
					t.Fatal(err)
				}
			}
			if w.db.Engine() == db.Postgres && !analysed {
				continue // it analyses by itself
			}
			for name, q := range queries {
				if plan := planOf(t, w.db, q.sql, q.args...); strings.Contains(plan, "SCAN ") || strings.Contains(plan, "Seq Scan") {
					t.Errorf("%s, analysed %v, reads a whole table:\n%s", name, analysed, plan)
				}
			}
		}
	})
}

// fillTables makes 30,000 meetings, 100 or fewer of a fellowship in an area, of which one in twenty is part of another, and twice as many
// reports. Where there are many more, PostgreSQL rightly prefers to read all reports once, and nothing waits for it.
func fillTables(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.WithTx(t.Context(), func(tx *db.Tx) error {
		for _, sql := range []string{
			`INSERT INTO meeting (id, state, merged_into, feed_id, source_id, feeds, fellowship, name, day, start_min, end_min, zone, attendance, stated,
				location, address, city, region, postal_code, country, lat, lng, has_point, approximate, conference_url, conference_phone,
				types, languages, area, doc, changed_seq, created_at, updated_at)
			WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 29999)
			SELECT 'm' || CAST(i AS TEXT), CASE WHEN i % 20 = 19 THEN 'merged' ELSE 'active' END,
				CASE WHEN i % 20 = 19 THEN 'm' || CAST(i - 1 AS TEXT) ELSE '' END, 'f', 's', 1, CASE WHEN i % 3 = 0 THEN 'aa' ELSE 'na' END,
				'name', i % 7, 0, 0, '', '', TRUE, '', '', '', '', '', '', 0, 0, TRUE, FALSE, '', '', '', '', 'US-' || CAST(i / 150 AS TEXT), '{}', 0, 0, 0 FROM n`,
			`INSERT INTO visit_report (id, meeting_id, month, week, answers, happened, tone, note, state, reasons, decided_by, decided_at)
			WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 59999)
			SELECT CAST(i AS TEXT), 'm' || CAST((i * 7919) % 30000 AS TEXT), '2026-05', '2026-W' || CAST(10 + i % 40 AS TEXT), '{"speak":"yes"}', '', '',
				CASE WHEN i % 3 = 0 THEN 'They told me at the door that I might sit in the back, ' || CAST(i AS TEXT) ELSE '' END,
				CASE WHEN i % 100 = 0 THEN 'queued' ELSE 'accepted' END, '', '', 0 FROM n`,
			`INSERT INTO group_statement (id, meeting_id, answers, voice, speaker, said_on, link, words, added_by, added_at, withdrawn_by, withdrawn_at)
			WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 5999)
			SELECT CAST(i AS TEXT), 'm' || CAST(i * 5 AS TEXT), '{}', 'secretary', '', '2026-05-01', '', '', '', 0, '', 0 FROM n`,
			`INSERT INTO feed (id, name, format, fellowship, zone, url, file, every_ms, local, created_at, removed_at, etag, last_modified, fetched_hash,
				payload_hash, held_hash, last_good_at, active, failures, due_at, last_sync, last_good_sync, lease_by, lease_until)
			VALUES ('f', 'f', '', '', '', '', '', 0, FALSE, 0, 0, '', '', '', '', '', 0, 0, 0, 0, '', '', '', 0)`,
			`INSERT INTO listing (id, feed_id, key, source_id, fellowship, home_id, meeting_id, state, hash, slot, name, zone, lat, lng, has_point,
				conference, place, rank, doc, raw, first_seen, last_seen, gone_at)
			SELECT id, 'f', id, '', 'na', '', id, 'active', '', id, '', '', 0, 0, FALSE, '', '', 0, '{}', '', 0, 0, 0 FROM meeting`,
		} {
			if _, err := tx.Exec(t.Context(), sql); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func planOf(t *testing.T, d *db.DB, sql string, args ...any) string {
	t.Helper()
	var plan strings.Builder
	explain, columns := "EXPLAIN ", 1
	if d.Engine() == db.SQLite {
		explain, columns = "EXPLAIN QUERY PLAN ", 4
	}
	err := db.Each(t.Context(), d, func(scan db.Scan) error {
		var skip [3]any
		var line string
		to := append([]any{&skip[0], &skip[1], &skip[2]}[:columns-1:columns-1], &line)
		err := scan(to...)
		plan.WriteString(line + "\n")
		return err
	}, explain+sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	return plan.String()
}
