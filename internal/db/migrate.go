package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Source holds the migrations of one package: files NNN_name.sql anywhere in FS, numbered from 001, only
// ever added to. A file NNN_name.sqlite.sql beside one is what SQLite runs instead, as it stands.
type Source struct {
	Name string
	FS   fs.FS
}

type migration struct {
	source, name string
	number       int
	text         string
	twin         string // "" where there is none
}

// sum identifies what the migration does; white space and comments may change later.
func (m migration) sum() string {
	h := sha256.New()
	for _, t := range tokens(m.text) {
		if t.kind != space {
			h.Write([]byte(t.text + "\x00"))
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

const migrationTable = `CREATE TABLE IF NOT EXISTS schema_migration (
	source TEXT NOT NULL,
	number BIGINT NOT NULL,
	name TEXT NOT NULL,
	sum TEXT NOT NULL,
	PRIMARY KEY (source, number)
)`

// Migrate applies what is new of each source, in the order of the sources and of their numbers, each
// migration in a transaction of its own. Several processes may call it at once. Migrations that this
// program does not know are left alone, so that an older one still starts.
func Migrate(ctx context.Context, d *DB, sources ...Source) error {
	var all []migration
	for _, s := range sources {
		found, err := s.migrations()
		if err != nil {
			return fmt.Errorf("migrations of %s: %w", s.Name, err)
		}
		all = append(all, found...)
	}
	exists, err := d.hasTable(ctx, "schema_migration")
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if !exists {
		table := migration{source: "db", name: "schema_migration", text: migrationTable}
		err := d.WithTx(ctx, func(tx *Tx) error {
			if err := tx.lockMigrations(ctx); err != nil {
				return err
			}
			return table.run(ctx, tx)
		})
		if err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
	}
	changed := false
	for _, m := range all {
		ran, err := d.apply(ctx, m)
		if err != nil {
			return fmt.Errorf("migration %s/%s: %w", m.source, m.name, err)
		}
		changed = changed || ran
	}
	if changed && d.pool != nil {
		d.pool.Reset() // plans that were cached before the change
	}
	return nil
}

func (s Source) migrations() ([]migration, error) {
	files := map[string]string{}
	err := fs.WalkDir(s.FS, ".", func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(p) != ".sql" {
			return err
		}
		b, err := fs.ReadFile(s.FS, p)
		files[path.Base(p)] = string(b)
		return err
	})
	if err != nil {
		return nil, err
	}
	var all []migration
	for file, text := range files {
		base, isTwin := strings.CutSuffix(file, ".sqlite.sql")
		if isTwin {
			if _, ok := files[base+".sql"]; !ok {
				return nil, fmt.Errorf("%s has no %s.sql beside it", file, base)
			}
			continue
		}
		digits, _, ok := strings.Cut(file, "_")
		number, err := strconv.Atoi(digits)
		if !ok || err != nil || len(digits) != 3 {
			return nil, fmt.Errorf("%s is not named like 001_name.sql", file)
		}
		all = append(all, migration{
			source: s.Name, name: file, number: number, text: text,
			twin: files[strings.TrimSuffix(file, ".sql")+".sqlite.sql"],
		})
	}
	slices.SortFunc(all, func(a, b migration) int { return a.number - b.number })
	for i := 1; i < len(all); i++ {
		if all[i].number == all[i-1].number {
			return nil, fmt.Errorf("%s and %s have one number", all[i-1].name, all[i].name)
		}
	}
	return all, nil
}

// apply runs the migration unless it was run before, and tells whether it did.
func (d *DB) apply(ctx context.Context, m migration) (bool, error) {
	if done, err := m.done(ctx, d); done || err != nil {
		return false, err
	}
	if d.engine == SQLite && m.twin != "" {
		// A table is rebuilt by dropping it, which must not cascade. There is one connection that writes,
		// and the setting cannot be changed inside a transaction.
		if _, err := d.Exec(ctx, "PRAGMA foreign_keys = 0"); err != nil {
			return false, err
		}
		defer d.Exec(context.WithoutCancel(ctx), "PRAGMA foreign_keys = 1")
	}
	ran := false
	err := d.WithTx(ctx, func(tx *Tx) error {
		ran = false
		if err := tx.lockMigrations(ctx); err != nil {
			return err
		}
		if done, err := m.done(ctx, tx); done || err != nil {
			return err
		}
		if err := m.run(ctx, tx); err != nil {
			return err
		}
		ran = true
		_, err := tx.Exec(ctx, `INSERT INTO schema_migration (source, number, name, sum) VALUES ($1, $2, $3, $4)`,
			m.source, m.number, m.name, m.sum())
		return err
	})
	return ran, err
}

// lockMigrations lets one process migrate at a time. On SQLite the transaction itself does; on PostgreSQL
// the table that a lease could stand in may not be there yet, so it is an advisory lock.
func (t *Tx) lockMigrations(ctx context.Context) error {
	if t.db.engine == SQLite {
		return nil
	}
	if _, err := t.Exec(ctx, "SET LOCAL lock_timeout = 0"); err != nil {
		return err
	}
	_, err := t.Exec(ctx, "SELECT pg_advisory_xact_lock(4833471)")
	return err
}

// done tells whether the migration was applied, and refuses one that was changed or comes too late.
func (m migration) done(ctx context.Context, q Querier) (bool, error) {
	type row struct {
		number int
		sum    string
	}
	last, err := All(ctx, q, func(s Scan) (r row, err error) { return r, s(&r.number, &r.sum) },
		`SELECT number, sum FROM schema_migration WHERE source = $1 AND number >= $2 ORDER BY number LIMIT 1`, m.source, m.number)
	switch {
	case err != nil || len(last) == 0:
		return false, err
	case last[0].number != m.number:
		return false, fmt.Errorf("number %d was applied before it: migrations are only added at the end", last[0].number)
	case last[0].sum != m.sum():
		return false, fmt.Errorf("it was changed after it had been applied: write a new one instead")
	}
	return true, nil
}

func (m migration) run(ctx context.Context, tx *Tx) error {
	if tx.db.engine == SQLite && m.twin != "" {
		if _, err := tx.Exec(ctx, m.twin); err != nil {
			return err
		}
		broken, err := All(ctx, tx, Column[string], `SELECT "table" FROM pragma_foreign_key_check`)
		if err == nil && len(broken) > 0 {
			err = fmt.Errorf("it leaves references that lead nowhere in %s", strings.Join(slices.Compact(broken), ", "))
		}
		return err
	}
	for _, s := range statements(m.text) {
		sql, err := translate(s) // on PostgreSQL too: what cannot be translated is refused on both
		if err != nil {
			return err
		}
		if tx.db.engine == Postgres {
			sql = join(s)
		}
		if _, err := tx.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%w, in: %s", err, strings.TrimSpace(join(s)))
		}
	}
	return nil
}
