package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"hearth/internal/geo"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
)

// peer answers theQuestion in another way. Each is given what helps it: an index over place and time of the
// week together, the answer's JSON ready in a column, and a prepared statement.
type peer interface {
	// ask returns how many meetings it found, up to a page, having read their JSON.
	ask(ctx context.Context, f *meeting.Filter) (int, error)
	close() error
}

// askPeer times a peer, and makes sure that it finds what we find.
func askPeer(ctx context.Context, p peer, dir *meeting.Directory, filters []meeting.Filter) (median time.Duration, err error) {
	var took []time.Duration
	for round := range 3 {
		for i := range filters {
			start := time.Now()
			n, err := p.ask(ctx, &filters[i])
			if err != nil {
				return 0, err
			}
			if round > 0 { // the first warms up
				took = append(took, time.Since(start))
				continue
			}
			if want := min(pageSize, dir.Count(filters[i], monday)); n != want {
				return 0, fmt.Errorf("finds %d meetings near %v where we find %d", n, *filters[i].Near, want)
			}
		}
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}

// peerTime is what a peer took, or why it could not be asked.
type peerTime struct {
	name   string
	median time.Duration
	absent string
}

// askPeers asks the same question of ourselves and of the peers that can be had here.
func askPeers(ctx context.Context, o *options, dir *meeting.Directory, filters []meeting.Filter) ([]peerTime, error) {
	out := []peerTime{{name: "Hearth", median: ask(ctx, dir, filters, o.long()/3).median}}
	add := func(name string, p peer, err error) error {
		if err != nil {
			out = append(out, peerTime{name: name, absent: err.Error()})
			return nil
		}
		median, err := askPeer(ctx, p, dir, filters)
		if err := errors.Join(err, p.close()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, peerTime{name: name, median: median})
		return nil
	}
	say("  peers: SQLite")
	p, err := newRTree(ctx, dir, o.dir)
	if err := add("SQLite, R*Tree over place and time, in this process", p, err); err != nil {
		return nil, err
	}
	say("  peers: PostGIS")
	url, stop, err := startPostgres()
	if err == nil {
		defer stop()
		p, err = newPostGIS(ctx, dir, url)
	}
	return out, add("PostgreSQL with PostGIS, GiST over place and time, through a socket", p, err)
}

// peerRow is a meeting as the peers store it.
type peerRow struct {
	id       int64
	lat, lng float64
	week     int // minute of the week, from Sunday
	speak    int
	low      float64
	name     string
	json     string
}

// eachPeerRow gives the meetings that one can walk into and that have a day.
func eachPeerRow(dir *meeting.Directory, fn func(peerRow) error) error {
	var err error
	id := int64(0)
	f := meeting.Any()
	f.Attendance = []meeting.Attendance{meeting.InPerson, meeting.Hybrid}
	dir.FindMany(f, monday, func(h *meeting.Hit) bool {
		if !h.HasPoint || h.Day < 0 {
			return true
		}
		id++
		speak := h.Welcome[welcome.Speak]
		err = fn(peerRow{
			id, h.Lat, h.Lng, int(h.Day)*24*60 + int(h.Start), int(speak.Answer), float64(speak.Low), h.Name,
			string(dir.AppendJSON(nil, *h)),
		})
		return err == nil
	})
	return err
}

const (
	peerFrom  = 1*24*60 + 17*60 // theQuestion's Monday evening
	peerUntil = 1*24*60 + 21*60
)

// rtree is SQLite with its R*Tree, in three dimensions: latitude, longitude and time of the week.
type rtree struct {
	db   *sql.DB
	stmt *sql.Stmt
}

func newRTree(ctx context.Context, dir *meeting.Directory, folder string) (peer, error) {
	path := filepath.Join(folder, fmt.Sprintf("rtree-%d.db", dir.Len()))
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	d, err := sql.Open("sqlite", "file:"+path+"?_pragma=synchronous(OFF)&_pragma=journal_mode(MEMORY)&_pragma=cache_size(-262144)&_pragma=mmap_size(1073741824)")
	if err != nil {
		return nil, err
	}
	d.SetMaxOpenConns(1)
	p := &rtree{db: d}
	if err := p.fill(ctx, dir); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	// The distance is computed once per candidate, in a subquery that the planner must not flatten.
	p.stmt, err = d.PrepareContext(ctx, `
		SELECT json FROM (
			SELECT m.json, m.week, m.low, m.name, 7917.5226 * asin(sqrt(
				pow(sin(radians(m.lat - ?1) / 2), 2) + cos(radians(?1)) * cos(radians(m.lat)) * pow(sin(radians(m.lng - ?2) / 2), 2))) AS miles
			FROM place r JOIN m ON m.id = r.id
			WHERE r.south <= ?3 AND r.north >= ?4 AND r.west <= ?5 AND r.east >= ?6 AND r.begins <= ?7 AND r.ends >= ?8 AND m.speak = 3
			LIMIT -1 OFFSET 0)
		WHERE miles <= ?9 ORDER BY week, low DESC, miles, name LIMIT ?10`)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return p, nil
}

func (p *rtree) fill(ctx context.Context, dir *meeting.Directory) (err error) {
	tx, err := p.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback() // the first error tells why
		}
	}()
	for _, ddl := range []string{
		`CREATE TABLE m (id INTEGER PRIMARY KEY, lat REAL, lng REAL, week INTEGER, speak INTEGER, low REAL, name TEXT, json TEXT) STRICT`,
		`CREATE VIRTUAL TABLE place USING rtree(id, south, north, west, east, begins, ends)`,
	} {
		if _, err := tx.ExecContext(ctx, ddl); err != nil {
			return err
		}
	}
	m, err := tx.PrepareContext(ctx, `INSERT INTO m VALUES (?,?,?,?,?,?,?,?)`)
	if err != nil {
		return err
	}
	r, err := tx.PrepareContext(ctx, `INSERT INTO place VALUES (?,?,?,?,?,?,?)`)
	if err != nil {
		return err
	}
	err = eachPeerRow(dir, func(x peerRow) error {
		if _, err := m.ExecContext(ctx, x.id, x.lat, x.lng, x.week, x.speak, x.low, x.name, x.json); err != nil {
			return err
		}
		_, err := r.ExecContext(ctx, x.id, x.lat, x.lat, x.lng, x.lng, x.week, x.week)
		return err
	})
	if err != nil {
		return err
	}
	return tx.Commit()
}

func (p *rtree) ask(ctx context.Context, f *meeting.Filter) (int, error) {
	box := geo.Box(geo.Point{Lat: f.Near.Lat, Lng: f.Near.Lng}, f.WithinMiles)
	rows, err := p.stmt.QueryContext(ctx, f.Near.Lat, f.Near.Lng, box.North, box.South, box.East, box.West, peerUntil, peerFrom, f.WithinMiles, pageSize)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	n := 0
	var json sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&json); err != nil {
			return 0, err
		}
		n++
	}
	return n, rows.Err()
}

func (p *rtree) close() error { return errors.Join(p.stmt.Close(), p.db.Close()) }

// postgis is PostgreSQL with PostGIS: a GiST index over the point and the time of the week.
type postgis struct {
	conn *pgx.Conn
}

func newPostGIS(ctx context.Context, dir *meeting.Directory, url string) (peer, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	p := &postgis{conn}
	if err := p.fill(ctx, dir); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

func (p *postgis) fill(ctx context.Context, dir *meeting.Directory) error {
	_, err := p.conn.Exec(ctx, `CREATE EXTENSION IF NOT EXISTS postgis; CREATE EXTENSION IF NOT EXISTS btree_gist;
		DROP TABLE IF EXISTS bench_m; DROP TABLE IF EXISTS bench_in;
		CREATE UNLOGGED TABLE bench_in (lat float8, lng float8, week int4, speak int4, low float8, name text, json text)`)
	if err != nil {
		return err
	}
	var rows [][]any
	send := func() error {
		_, err := p.conn.CopyFrom(ctx, pgx.Identifier{"bench_in"}, []string{"lat", "lng", "week", "speak", "low", "name", "json"}, pgx.CopyFromRows(rows))
		rows = rows[:0]
		return err
	}
	err = eachPeerRow(dir, func(x peerRow) error {
		rows = append(rows, []any{x.lat, x.lng, int32(x.week), int32(x.speak), x.low, x.name, x.json})
		if len(rows) == 10_000 {
			return send()
		}
		return nil
	})
	if err == nil {
		err = send()
	}
	if err != nil {
		return err
	}
	_, err = p.conn.Exec(ctx, `CREATE UNLOGGED TABLE bench_m AS
			SELECT ST_SetSRID(ST_MakePoint(lng, lat), 4326)::geography AS at, week, speak, low, name, json FROM bench_in;
		CREATE INDEX ON bench_m USING gist (at, week); ANALYZE bench_m; DROP TABLE bench_in`)
	return err
}

func (p *postgis) ask(ctx context.Context, f *meeting.Filter) (int, error) {
	rows, err := p.conn.Query(ctx, `WITH here AS (SELECT ST_SetSRID(ST_MakePoint($2, $1), 4326)::geography AS at)
		SELECT json FROM bench_m m, here
		WHERE ST_DWithin(m.at, here.at, $3, false) AND week BETWEEN $4 AND $5 AND speak = 3
		ORDER BY week, low DESC, ST_Distance(m.at, here.at, false), name LIMIT $6`,
		f.Near.Lat, f.Near.Lng, f.WithinMiles*geo.KmPerMile*1000, peerFrom, peerUntil, pageSize)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		_ = rows.RawValues()
		n++
	}
	return n, rows.Err()
}

func (p *postgis) close() error {
	ctx := context.Background() // also after an interrupt
	_, err := p.conn.Exec(ctx, `DROP TABLE IF EXISTS bench_m; DROP TABLE IF EXISTS bench_in`)
	return errors.Join(err, p.conn.Close(ctx))
}
