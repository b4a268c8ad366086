package db_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"hearth/internal/db"
	"hearth/internal/db/dbtest"
)

// idiom is a block of docs/sql.md.
type idiom struct {
	line  int
	mark  string // "", "schema", "refused" or "differs"
	sql   string
	args  []any
	gives [][]any
}

func readIdioms(t *testing.T) []idiom {
	t.Helper()
	b, err := os.ReadFile("../../docs/sql.md")
	if err != nil {
		t.Fatal(err)
	}
	var all []idiom
	var in *idiom
	for n, line := range strings.Split(string(b), "\n") {
		mark, opens := strings.CutPrefix(line, "```sql")
		switch {
		case opens:
			in = &idiom{line: n + 1, mark: strings.TrimSpace(mark)}
		case in == nil:
		case line == "```":
			all = append(all, *in)
			in = nil
		case strings.HasPrefix(line, "-- args: "):
			in.args = values(t, line)
		case strings.HasPrefix(line, "-- gives: "):
			in.gives = append(in.gives, values(t, line))
		default:
			in.sql += line + "\n"
		}
	}
	if len(all) < 30 {
		t.Fatalf("found only %d blocks in docs/sql.md", len(all))
	}
	return all
}

// values reads the JSON list of a comment; whole numbers become int64.
func values(t *testing.T, line string) []any {
	t.Helper()
	_, list, _ := strings.Cut(line, ": ")
	d := json.NewDecoder(bytes.NewBufferString(list))
	d.UseNumber()
	var all []any
	if err := d.Decode(&all); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	for i, v := range all {
		if n, ok := v.(json.Number); ok {
			if all[i], _ = n.Float64(); !strings.Contains(n.String(), ".") {
				all[i], _ = n.Int64()
			}
		}
	}
	return all
}

// outcome runs the block in a transaction that is rolled back, and returns its rows as text. Columns are
// scanned into the types that the block gives, as a caller would.
func (i idiom) outcome(t *testing.T, d *db.DB) (string, error) {
	var out strings.Builder
	back := errors.New("roll back")
	err := d.WithTx(t.Context(), func(tx *db.Tx) error {
		out.Reset()
		if strings.HasPrefix(i.sql, "ALTER") || strings.HasPrefix(i.sql, "CREATE") {
			if err := db.RunMigration(t.Context(), tx, i.sql); err != nil {
				return err
			}
			return back
		}
		row := 0
		err := db.Each(t.Context(), tx, func(scan db.Scan) error {
			var dest []any
			for c := range i.columns() {
				dest = append(dest, i.dest(row, c))
			}
			row++
			if err := scan(dest...); err != nil {
				return err
			}
			for _, v := range dest {
				b, err := json.Marshal(v)
				if err != nil {
					return err
				}
				fmt.Fprintf(&out, "%s ", b)
			}
			out.WriteString("\n")
			return nil
		}, i.sql, i.args...)
		return errors.Join(err, back)
	})
	if err != nil && err.Error() == back.Error() {
		err = nil
	}
	return out.String(), err
}

func (i idiom) columns() int {
	if len(i.gives) > 0 {
		return len(i.gives[0])
	}
	return 1
}

func (i idiom) dest(row, column int) any {
	if row >= len(i.gives) {
		return new(any)
	}
	switch i.gives[row][column].(type) {
	case bool:
		return new(bool)
	case int64:
		return new(int64)
	case float64:
		return new(float64)
	case string:
		return new(string)
	}
	return new(any)
}

func (i idiom) want() string {
	var out strings.Builder
	for _, row := range i.gives {
		for _, v := range row {
			b, _ := json.Marshal(v)
			fmt.Fprintf(&out, "%s ", b)
		}
		out.WriteString("\n")
	}
	return out.String()
}

func TestPortableSQL(t *testing.T) {
	idioms := readIdioms(t)
	schema := db.Source{Name: "paper", FS: fstest.MapFS{"001_paper.sql": {Data: []byte(idioms[0].sql)}}}
	engines := []*db.DB{dbtest.SQLite(t, schema), dbtest.Postgres(t, schema)}
	for _, i := range idioms[1:] {
		t.Run(fmt.Sprintf("line %d", i.line), func(t *testing.T) {
			var outcomes []string
			failed := false
			for _, d := range engines {
				got, err := i.outcome(t, d)
				if err != nil {
					failed = true
					if i.mark != "refused" {
						t.Errorf("%s: %v", d.Engine(), err)
					}
				} else if i.mark == "" && got != i.want() {
					t.Errorf("%s gives\n%s\nwant\n%s", d.Engine(), got, i.want())
				}
				outcomes = append(outcomes, got)
			}
			switch i.mark {
			case "":
			case "refused":
				if !failed {
					t.Errorf("runs on both engines now: the rule can go\n%s", i.sql)
				}
			case "differs":
				if outcomes[0] == outcomes[1] {
					t.Errorf("gives the same on both engines now, %q: the rule can go\n%s", outcomes[0], i.sql)
				}
			default:
				t.Errorf("unknown mark %q", i.mark)
			}
		})
	}
}
