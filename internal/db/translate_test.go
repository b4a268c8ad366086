package db

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTranslate(t *testing.T) {
	tests := []struct{ in, want string }{
		{"CREATE TABLE t (a TEXT)", "CREATE TABLE t (a TEXT) STRICT"},
		{"create table if not exists t (a bigint not null, b Boolean)", "create table if not exists t (a INTEGER not null, b INTEGER CHECK (b IN (0, 1))) STRICT"},
		{`CREATE TABLE "t(" ("a,b" BYTEA, c DOUBLE PRECISION DEFAULT 1.5)`, `CREATE TABLE "t(" ("a,b" BLOB, c  REAL DEFAULT 1.5) STRICT`},
		{"CREATE TABLE t (a DOUBLE /* not a type: BYTEA */ PRECISION, -- BIGINT\n b TEXT DEFAULT 'x BIGINT, ''(')", "CREATE TABLE t (a  /* not a type: BYTEA */ REAL, -- BIGINT\n b TEXT DEFAULT 'x BIGINT, ''(') STRICT"},
		{"CREATE TABLE t (a TEXT) -- the end", "CREATE TABLE t (a TEXT) STRICT -- the end"},
		{
			"CREATE TABLE t (a BIGINT CHECK (a IN (1, 2) AND (a > 0)), CONSTRAINT c CHECK (a < 3), UNIQUE (a), PRIMARY KEY (a), FOREIGN KEY (a) REFERENCES u (b))",
			"CREATE TABLE t (a INTEGER CHECK (a IN (1, 2) AND (a > 0)), CONSTRAINT c CHECK (a < 3), UNIQUE (a), PRIMARY KEY (a), FOREIGN KEY (a) REFERENCES u (b)) STRICT",
		},
		{"ALTER TABLE t ADD COLUMN a BOOLEAN NOT NULL DEFAULT FALSE", "ALTER TABLE t ADD COLUMN a INTEGER CHECK (a IN (0, 1)) NOT NULL DEFAULT FALSE"},
		{"ALTER TABLE t ADD a BIGINT", "ALTER TABLE t ADD a INTEGER"},
		{"ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)", "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)"},
		{"ALTER TABLE t RENAME COLUMN bigint TO text", "ALTER TABLE t RENAME COLUMN bigint TO text"},
		{"CREATE INDEX i ON t (a) WHERE b = 'BIGINT'", "CREATE INDEX i ON t (a) WHERE b = 'BIGINT'"},
		{"INSERT INTO t (bigint) VALUES ('CREATE TABLE t (a BIGINT)')", "INSERT INTO t (bigint) VALUES ('CREATE TABLE t (a BIGINT)')"},
	}
	for _, test := range tests {
		got, err := translate(tokens(test.in))
		if got != test.want || err != nil {
			t.Errorf("%s\n got %s, %v\nwant %s", test.in, got, err, test.want)
		}
	}
}

func TestTranslateRefuses(t *testing.T) {
	tests := []struct{ in, want string }{
		{"CREATE TABLE t (a TIMESTAMPTZ)", "table t: column a: type TIMESTAMPTZ is not portable"},
		{"CREATE TABLE t (a VARCHAR(10))", "type VARCHAR"},
		{"CREATE TABLE t (a INTEGER)", "type INTEGER"},
		{"CREATE TABLE t (a TEXT[])", "type TEXT[…"},
		{"CREATE TABLE t (a DOUBLE)", "only DOUBLE PRECISION"},
		{"CREATE TABLE t (a)", `expected a type, found ")"`},
		{"CREATE TABLE t (a TEXT, b 'x')", "column b: expected a type"},
		{"CREATE TABLE t (a TEXT) WITH (fillfactor = 70)", `"WITH" after the columns`},
		{"CREATE TABLE t AS SELECT 1", "expected its columns"},
		{"CREATE TABLE t (a TEXT", "is not closed"},
		{"CREATE TABLE main.t (a TEXT)", "expected its columns"},
		{"ALTER TABLE t ADD COLUMN a SERIAL", "type SERIAL"},
		{"SELECT 1 /* one /* two */ */", "a comment inside a comment"},
	}
	for _, test := range tests {
		got, err := translate(tokens(test.in))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s\n got %s, %v\nwant an error with %q", test.in, got, err, test.want)
		}
	}
}

func TestStatements(t *testing.T) {
	got := statements("-- one; comment\nSELECT ';', \";\" ;; /* ; */ ; SELECT 2")
	if len(got) != 2 || strings.TrimSpace(join(got[0])) != "-- one; comment\nSELECT ';', \";\"" || strings.TrimSpace(join(got[1])) != "SELECT 2" {
		t.Errorf("got %d statements, %v", len(got), got)
	}
}

func TestRebind(t *testing.T) {
	tests := map[string]string{
		"SELECT $2, $1, $12":                 "SELECT ?2, ?1, ?12",
		"SELECT '$1', \"$1\", a$1 -- $1\n":   "SELECT '$1', \"$1\", a$1 -- $1\n",
		"SELECT 'it''s $1' /* $1 */ || $1":   "SELECT 'it''s $1' /* $1 */ || ?1",
		"SELECT 'not closed $1":              "SELECT 'not closed $1",
		"SELECT $, $x, $1x, 5$1, é$1, $1é$2": "SELECT $, $x, ?1x, 5?1, é$1, ?1é$2",
	}
	for in, want := range tests {
		if got := rebind(in); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

// Whatever the text, the tokens are the text.
func TestTokensLoseNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sql := rapid.OneOf(
			rapid.String(),
			rapid.StringMatching(`([ \n"'$();,/*-]|--|/\*|\*/|\$1|CREATE|TABLE|TEXT|BIGINT|''|é|[a-z0-9.]){0,40}`),
		).Draw(t, "sql")
		if got := join(tokens(sql)); got != sql {
			t.Fatalf("got %q, want %q", got, sql)
		}
		_, _ = translate(tokens(sql)) // must come back
		_ = rebind(sql)
	})
}

// A table that is made of parts that are portable is translated part by part, and what stands in quotes and
// comments stays, whatever it looks like.
func TestTranslateWorksOnTokens(t *testing.T) {
	types := map[string]string{"TEXT": "TEXT", "BIGINT": "INTEGER", "BYTEA": "BLOB", "double precision": "REAL", "BOOLEAN": "INTEGER CHECK (%s IN (0, 1))"}
	rapid.Check(t, func(t *rapid.T) {
		gap := rapid.SampledFrom([]string{" ", "\n\t", " /* BIGINT, ( */ ", " -- BOOLEAN ')\n"})
		column := rapid.SampledFrom([]string{"a", "bigint", `"TEXT"`, `"a ""b"" BYTEA, ("`, "é"})
		rest := rapid.SampledFrom([]string{"", " NOT NULL", " DEFAULT 'BIGINT, x'", " DEFAULT 'it''s ) BOOLEAN'", " CHECK (length('BYTEA') > (1))", " REFERENCES u (text) ON DELETE CASCADE"})
		var in, want []string
		for range rapid.IntRange(1, 6).Draw(t, "columns") {
			g, c, r := gap.Draw(t, "gap"), column.Draw(t, "column"), rest.Draw(t, "rest")
			typ := rapid.SampledFrom([]string{"TEXT", "BIGINT", "BYTEA", "double precision", "BOOLEAN"}).Draw(t, "type")
			in = append(in, g+c+g+typ+r)
			to := strings.ReplaceAll(types[typ], "%s", c)
			if typ == "double precision" {
				to = " " + to // the space between the two words stays
			}
			want = append(want, g+c+g+to+r)
		}
		got, err := translate(tokens("CREATE TABLE t (" + strings.Join(in, ",") + ")"))
		if w := "CREATE TABLE t (" + strings.Join(want, ",") + ") STRICT"; got != w || err != nil {
			t.Fatalf("got %s, %v\nwant %s", got, err, w)
		}
	})
}
