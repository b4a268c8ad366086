package db

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"golang.org/x/sync/errgroup"
)

// Scan reads the columns of a row, as (*sql.Rows).Scan.
type Scan func(dest ...any) error

// All returns what scan makes of each row.
func All[T any](ctx context.Context, q Querier, scan func(Scan) (T, error), sql string, args ...any) ([]T, error) {
	var all []T
	err := Each(ctx, q, func(s Scan) error {
		v, err := scan(s)
		if err == nil {
			all = append(all, v)
		}
		return err
	}, sql, args...)
	if err != nil {
		return nil, err
	}
	return all, nil
}

// One returns what scan makes of the first row, or ErrNone when there is none.
func One[T any](ctx context.Context, q Querier, scan func(Scan) (T, error), sql string, args ...any) (T, error) {
	var one, none T
	found := false
	err := Each(ctx, q, func(s Scan) error {
		if found {
			return nil
		}
		found = true
		var err error
		one, err = scan(s)
		return err
	}, sql, args...)
	if err != nil {
		return none, err
	}
	if !found {
		return none, ErrNone
	}
	return one, nil
}

// Column is a scan function for All and One when a row is a single value.
func Column[T any](s Scan) (T, error) {
	var v T
	err := s(&v)
	return v, err
}

// Each calls fn for each row. Within fn, q must not be used.
func Each(ctx context.Context, q Querier, fn func(Scan) error, sql string, args ...any) error {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		if tx, ok := q.(*Tx); ok {
			return tx.fail(err)
		}
		return mapError(err)
	}
	return rows.Close()
}

// List returns n placeholders from $from on, for IN (…): List(3, 2) is "$3,$4".
func List(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(from + i))
	}
	return b.String()
}

// A statement of Insert carries at most this many values: with more, both engines become slower.
const valuesPerInsert = 1000

// Insert adds many rows, many per statement. The suffix comes after the rows, such as
// "ON CONFLICT (id) DO NOTHING". Without one, PostgreSQL copies, which is several times faster.
func Insert(ctx context.Context, tx *Tx, table string, cols []string, rows [][]any, suffix string) error {
	for i, row := range rows {
		if len(row) != len(cols) {
			return fmt.Errorf("insert into %s: row %d has %d values for %d columns", table, i, len(row), len(cols))
		}
		if err := tx.ready(row); err != nil {
			return fmt.Errorf("insert into %s: row %d: %w", table, i, err)
		}
	}
	if tx.db.engine == Postgres && suffix == "" && len(rows) > 50 {
		return tx.copy(ctx, table, cols, rows)
	}
	chunk := max(1, valuesPerInsert/max(1, len(cols)))
	for len(rows) > 0 {
		full := len(rows) / chunk * chunk
		n := chunk
		if full == 0 {
			full, n = len(rows), len(rows)
		}
		if err := tx.insert(ctx, table, cols, rows[:full], n, suffix); err != nil {
			return fmt.Errorf("insert into %s: %w", table, err)
		}
		rows = rows[full:]
	}
	return nil
}

// insert adds rows, n by each run of one prepared statement.
func (t *Tx) insert(ctx context.Context, table string, cols []string, rows [][]any, n int, suffix string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "INSERT INTO %s (%s) VALUES ", table, strings.Join(cols, ", "))
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("(" + t.db.values(i*len(cols)+1, len(cols)) + ")")
	}
	b.WriteString(" " + suffix)
	stmt, err := t.tx.PrepareContext(ctx, b.String())
	if err != nil {
		return t.fail(err)
	}
	defer stmt.Close()
	args := make([]any, 0, n*len(cols))
	for ; len(rows) > 0; rows = rows[n:] {
		args = args[:0]
		for _, row := range rows[:n] {
			args = append(args, row...)
		}
		if _, err := stmt.ExecContext(ctx, args...); err != nil {
			return t.fail(err)
		}
	}
	return nil
}

// values is List, but on SQLite without numbers: looking up thousands of numbered ones costs the square.
func (d *DB) values(from, n int) string {
	if d.engine == SQLite {
		return strings.Repeat("?,", n-1) + "?"
	}
	return List(from, n)
}

func (t *Tx) copy(ctx context.Context, table string, cols []string, rows [][]any) error {
	err := t.conn.Raw(func(driver any) error {
		_, err := driver.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{table}, cols, pgx.CopyFromRows(rows))
		return err
	})
	if err != nil {
		return fmt.Errorf("insert into %s: %w", table, t.fail(err))
	}
	return nil
}

// EachParallel runs one query with several lists of arguments side by side, such as the borders of ranges
// that Ranges found, and calls fn for each row: one goroutine per list, at most as many at once as there are
// readers. The lists do not see one state of the database: read the clock of the data first, and what is
// newer again afterwards.
func EachParallel(ctx context.Context, d *DB, lists [][]any, fn func(list int, s Scan) error, sql string) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readers)
	for i, args := range lists {
		group.Go(func() error {
			return Each(ctx, d, func(s Scan) error { return fn(i, s) }, sql, args...)
		})
	}
	return group.Wait()
}

// Ranges cuts a table into about n ranges of equal size by a TEXT column: each [from, to) is two arguments
// for "WHERE key >= $1 AND key < $2", and together they hold every key below "\U0010FFFF".
func Ranges(ctx context.Context, q Querier, table, key string, n int) ([][]any, error) {
	total, err := One(ctx, q, Column[int], `SELECT count(*) FROM `+table)
	if err != nil {
		return nil, err
	}
	var ranges [][]any
	from := ""
	for i := 1; i < n && i*total/n > 0; i++ {
		to, err := One(ctx, q, Column[string], `SELECT `+key+` FROM `+table+` ORDER BY `+key+` LIMIT 1 OFFSET $1`, i*total/n)
		if err != nil {
			return nil, err
		}
		ranges = append(ranges, []any{from, to})
		from = to
	}
	return append(ranges, []any{from, "\U0010FFFF"}), nil
}
