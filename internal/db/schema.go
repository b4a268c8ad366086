package db

import (
	"context"
	"fmt"
	"strings"
)

// schemaOf lists tables, columns and indexes in the words of SQLite's types, so that the same schema reads
// the same on both engines. Each row is one line; names order them by bytes.
var schemaOf = map[Engine]struct{ tables, columns, indexes string }{
	SQLite: {
		tables: `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name`,
		columns: `SELECT name || ' ' || type || CASE WHEN "notnull" THEN ' NOT NULL' ELSE '' END
			FROM pragma_table_xinfo($1) ORDER BY cid`,
		indexes: `SELECT CASE i.origin WHEN 'pk' THEN 'primary key' WHEN 'u' THEN 'unique' ELSE 'index ' || i.name END ||
				CASE WHEN i."unique" AND i.origin = 'c' THEN ' unique' ELSE '' END || ' (' ||
				(SELECT string_agg(coalesce(c.name, 'expression'), ', ' ORDER BY c.seqno) FROM pragma_index_xinfo(i.name) c WHERE c.key) ||
				')' || CASE WHEN i.partial THEN ' partial' ELSE '' END AS line
			FROM pragma_index_list($1) i`,
	},
	Postgres: {
		tables: `SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
			ORDER BY c.relname COLLATE "C"`,
		columns: `SELECT a.attname || ' ' || CASE format_type(a.atttypid, a.atttypmod)
				WHEN 'text' THEN 'TEXT' WHEN 'bigint' THEN 'INTEGER' WHEN 'boolean' THEN 'INTEGER'
				WHEN 'double precision' THEN 'REAL' WHEN 'bytea' THEN 'BLOB' ELSE format_type(a.atttypid, a.atttypmod) END ||
				CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
			FROM pg_attribute a WHERE a.attrelid = quote_ident($1)::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
		indexes: `SELECT CASE WHEN i.indisprimary THEN 'primary key' WHEN k.contype = 'u' THEN 'unique'
				ELSE 'index ' || c.relname || CASE WHEN i.indisunique THEN ' unique' ELSE '' END END || ' (' ||
				(SELECT string_agg(coalesce(a.attname, 'expression'), ', ' ORDER BY n) FROM generate_series(0, i.indnkeyatts - 1) n
					LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[n] AND i.indkey[n] > 0) ||
				')' || CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial' END AS line
			FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype = 'u'
			WHERE i.indrelid = quote_ident($1)::regclass`,
	},
}

// Schema returns a listing of all tables with their columns and indexes, the same on both engines.
func Schema(ctx context.Context, d *DB) (string, error) {
	var b strings.Builder
	err := d.Read(ctx, func(tx *Tx) error {
		b.Reset()
		words := schemaOf[d.engine]
		tables, err := All(ctx, tx, Column[string], words.tables)
		if err != nil {
			return err
		}
		for _, table := range tables {
			columns, err := All(ctx, tx, Column[string], words.columns, table)
			if err != nil {
				return err
			}
			indexes, err := All(ctx, tx, Column[string], `SELECT line FROM (`+words.indexes+`) AS i ORDER BY line COLLATE "C"`, table)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "%s\n", table)
			for _, line := range append(columns, indexes...) {
				fmt.Fprintf(&b, "  %s\n", line)
			}
		}
		return nil
	})
	return b.String(), err
}

func (d *DB) hasTable(ctx context.Context, table string) (bool, error) {
	tables, err := All(ctx, d, Column[string], schemaOf[d.engine].tables)
	for _, t := range tables {
		if t == table {
			return true, nil
		}
	}
	return false, err
}
