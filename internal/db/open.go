package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"
)

// Config says where the database is.
type Config struct {
	URL  string // postgres://…; empty for SQLite
	Path string // the SQLite file; it and its directory are made when absent
}

// Open opens the database and proves that it answers.
func Open(ctx context.Context, c Config) (*DB, error) {
	open := openSQLite
	if c.URL != "" {
		open = openPostgres
	}
	d, err := open(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return d, nil
}

const (
	// Full synchronisation: what was committed survives a power cut.
	sqliteBoth = "_pragma=busy_timeout(30000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(1)&_pragma=journal_size_limit(67108864)&_dqs=0&_defensive=1&_error_rc=1"
	// What is deleted is overwritten with zeros: keys and notes are promised to be destroyed.
	sqliteWrite = sqliteBoth + "&_pragma=cache_size(-65536)&_pragma=secure_delete(1)&_txlock=immediate"
	sqliteRead  = sqliteBoth + "&_pragma=query_only(1)"
	readers     = 8
)

// prepareSQLite sets what modernc.org/sqlite has only for the whole process.
var prepareSQLite = sync.OnceFunc(func() {
	sqlite.StrictPragmas(true)
	// Without this, closing any other handle on the file would drop our locks. Not every system has it.
	_, _ = sqlite.OFDLocking(true)
	// PostgreSQL's name for the order of bytes, so that ORDER BY … COLLATE "C" is one text.
	sqlite.MustRegisterCollationUtf8("C", strings.Compare)
})

func openSQLite(ctx context.Context, c Config) (*DB, error) {
	if c.Path == "" {
		return nil, errors.New("neither a PostgreSQL address nor a SQLite file is given")
	}
	prepareSQLite()
	if err := writable(c.Path); err != nil {
		return nil, err
	}
	dsn := "file:" + (&url.URL{Path: filepath.ToSlash(c.Path)}).EscapedPath() + "?"
	d := &DB{engine: SQLite}
	var err error
	if d.write, err = sql.Open("sqlite", dsn+sqliteWrite); err != nil {
		return nil, err
	}
	d.write.SetMaxOpenConns(1)
	if d.read, err = sql.Open("sqlite", dsn+sqliteRead); err != nil {
		return nil, errors.Join(err, d.write.Close())
	}
	d.read.SetMaxOpenConns(readers)
	d.read.SetMaxIdleConns(readers)
	// The writer first: it makes the file and turns it to WAL, which a reader may not.
	for _, pool := range []*sql.DB{d.write, d.read} {
		if err := pool.PingContext(ctx); err != nil {
			d.Close()
			return nil, fmt.Errorf("%s: %w", c.Path, mapError(err))
		}
	}
	return d, nil
}

// writable makes the file and its directory for this user alone when they are absent, and finds out before
// the first write whether there can be one: SQLite keeps its log in files beside.
func writable(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return &dbError{ErrReadOnly, err}
	}
	f.Close()
	beside, err := os.CreateTemp(dir, filepath.Base(path)+"-*")
	if err != nil {
		return &dbError{ErrReadOnly, err}
	}
	beside.Close()
	return os.Remove(beside.Name())
}

func openPostgres(ctx context.Context, c Config) (*DB, error) {
	if !strings.HasPrefix(c.URL, "postgres://") && !strings.HasPrefix(c.URL, "postgresql://") {
		return nil, errors.New("the database address must begin with postgres://")
	}
	conf, err := pgxpool.ParseConfig(c.URL)
	if err != nil {
		return nil, err // pgx leaves the password out
	}
	if !strings.Contains(c.URL, "pool_max_conns") {
		conf.MaxConns = 16
	}
	defaults := map[string]string{
		"application_name":              "hearth",
		"lock_timeout":                  "30000", // as long as busy_timeout on SQLite
		"default_transaction_isolation": "read committed",
	}
	for name, value := range defaults {
		if _, ok := conf.ConnConfig.RuntimeParams[name]; !ok {
			conf.ConnConfig.RuntimeParams[name] = value
		}
	}
	pool, err := pgxpool.NewWithConfig(ctx, conf)
	if err != nil {
		return nil, mapError(err)
	}
	one := stdlib.OpenDBFromPool(pool)
	d := &DB{engine: Postgres, read: one, write: one, pool: pool}
	if err := d.Ping(ctx); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}
