package audit_test

import (
	"testing"

	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
)

func BenchmarkVerify(b *testing.B) {
	d := dbtest.SQLite(b, audit.Migrations)
	const n = 200_000
	for i := 0; i < n; i += 1000 {
		if err := record(b.Context(), d, entries(1000)...); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, err := audit.Verify(b.Context(), d); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}

func BenchmarkRecord(b *testing.B) {
	for name, open := range map[string]func(testing.TB, ...db.Source) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			d := open(b, audit.Migrations)
			for b.Loop() {
				if err := record(b.Context(), d, entry(1)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
