// Command bench measures the finder against the numbers that it has to reach: the same questions inside the
// process, through HTTP beside a bare handler, and at the peers, PostGIS and SQLite's R*Tree.
//
//	go run ./bench                                  # 10k, 100k and 300k meetings
//	go run ./bench -sizes 10000 -only query,json    # quick
//	go run ./bench -only access                     # who may do what
//	go run ./bench -only signin                     # with a passkey
//	go run ./bench -only people                     # names and records among many participants
//	go run ./bench -write docs/benchmarks.md        # and write them down
//
// It times things, so it is never part of the tests. Ratios hold within one run on one machine.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"time"

	"hearth/bench/world"
	"hearth/internal/db"
	"hearth/internal/meeting"
)

type options struct {
	sizes   []int
	only    []string
	dir     string
	write   string
	seed    uint64
	seconds float64
	rows    int // of the feed that is synced
}

func main() {
	var o options
	sizes := flag.String("sizes", "10000,100000,300000", "meetings, separated by commas")
	only := flag.String("only", "", "parts to run, separated by commas: load, query, json, html, sync, peers, access, audit, signin, people (default all)")
	flag.StringVar(&o.dir, "dir", "", "keep the databases here, to use them again")
	flag.StringVar(&o.write, "write", "", "write the tables to this file")
	flag.Uint64Var(&o.seed, "seed", 1, "of the world")
	flag.Float64Var(&o.seconds, "seconds", 3, "how long to load each handler")
	flag.IntVar(&o.rows, "rows", 100_000, "rows of the feed that is synced")
	started := flag.String("start", "", "only start over the database in this folder, and say what it took (used by bench itself)")
	profile := flag.String("cpuprofile", "", "write a profile of the processor here")
	flag.Parse()
	if *started != "" {
		if err := startAndSay(context.Background(), *started); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	for s := range strings.SplitSeq(*sizes, ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			fmt.Fprintln(os.Stderr, "bench: -sizes wants numbers such as 10000,300000")
			os.Exit(2)
		}
		o.sizes = append(o.sizes, n)
	}
	slices.Sort(o.sizes)
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		_ = pprof.StartCPUProfile(f)
		defer pprof.StopCPUProfile()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// finder are the parts that need a world of meetings; the others stand beside it.
var finder = []string{"load", "query", "json", "html", "sync", "peers"}

// beside are the parts that make a table of their own.
var beside = []struct {
	name string
	run  func(ctx context.Context, o *options, r *report) error
}{
	{"access", benchAccess},
	{"audit", benchProofs},
	{"signin", benchSignIn},
	{"people", benchPeople},
}

func (o *options) wants(part string) bool { return len(o.only) == 0 || slices.Contains(o.only, part) }

// long is how long each load lasts.
func (o *options) long() time.Duration { return time.Duration(o.seconds * float64(time.Second)) }

func run(ctx context.Context, o options) (err error) {
	if o.dir == "" {
		if o.dir, err = os.MkdirTemp("", "hearth-bench"); err != nil {
			return err
		}
		defer os.RemoveAll(o.dir)
	}
	r := &report{seed: o.seed, busy: busy()}
	var results []*result
	if !slices.ContainsFunc(finder, o.wants) {
		o.sizes = nil
	}
	for _, size := range o.sizes {
		say("%d meetings", size)
		one, err := bench(ctx, &o, world.Make(o.seed, size))
		if err != nil {
			return fmt.Errorf("%d meetings: %w", size, err)
		}
		results = append(results, one)
	}
	if o.wants("sync") {
		say("syncs of a feed of %d rows", o.rows)
		t, err := timeSyncs(ctx, o.dir, world.Make(o.seed, o.rows))
		if err != nil {
			return fmt.Errorf("sync: %w", err)
		}
		results[len(results)-1].syncs = &t
	}
	if results != nil {
		r.fill(results)
	}
	for _, part := range beside {
		if o.wants(part.name) {
			say("%s", part.name)
			if err := part.run(ctx, &o, r); err != nil {
				return fmt.Errorf("%s: %w", part.name, err)
			}
		}
	}
	if err := r.write(os.Stdout); err != nil || o.write == "" {
		return err
	}
	f, err := os.Create(o.write)
	if err != nil {
		return err
	}
	return errors.Join(r.write(f), f.Close())
}

// bench measures one world.
func bench(ctx context.Context, o *options, w *world.World) (res *result, err error) {
	res = &result{size: w.Size}
	d, err := openWorld(ctx, o, w)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if o.wants("load") {
		if res.start, err = measureStart(ctx, o, w); err != nil {
			return nil, err
		}
	}
	h, err := house(ctx, d, o.dir)
	if err != nil {
		return nil, err
	}
	defer h.Meetings.Stop()
	dir := h.Meetings.Directory()
	if o.wants("query") {
		for _, q := range inProcess {
			say("  inside the process: %s", q.name)
			res.queries = append(res.queries, ask(ctx, dir, q.make(w), o.long()/3))
		}
	}
	site := h.Handler()
	if o.wants("json") {
		say("  through HTTP: JSON")
		v, err := compare(ctx, site, "application/json", "/api/v1/meetings", theQuestion(w, 400), 1, o.long())
		if err != nil {
			return nil, err
		}
		v.alone = alone(site, "/api/v1/meetings", theQuestion(w, 400), false)
		res.json = &v
	}
	if o.wants("html") {
		say("  through HTTP: HTML")
		pages := fullPages(w, dir, 100)
		v, err := compare(ctx, site, "text/html; charset=utf-8", "/", pages, 1, o.long())
		if err != nil {
			return nil, err
		}
		v.alone = alone(site, "/", pages, false)
		res.html = &v
		say("  through HTTP: HTML, each page for the first time")
		first, err := compare(ctx, site, "text/html; charset=utf-8", "/", pages, 200, o.long())
		if err != nil {
			return nil, err
		}
		first.alone = alone(site, "/", pages, true)
		res.firstHTML = &first
	}
	if o.wants("peers") {
		if res.peers, err = askPeers(ctx, o, dir, theQuestion(w, 100)); err != nil {
			return nil, err
		}
	}
	return res, nil
}

func worldPath(o *options, w *world.World) string {
	return filepath.Join(o.dir, fmt.Sprintf("world-%d-%d.db", o.seed, w.Size))
}

// openWorld opens a database with the world in it, made now or left by an earlier run.
func openWorld(ctx context.Context, o *options, w *world.World) (*db.DB, error) {
	path := worldPath(o, w)
	_, err := os.Stat(path)
	fresh := err != nil
	if fresh {
		path += ".part"
	}
	d, err := db.Open(ctx, db.Config{Path: path})
	if err != nil || !fresh {
		return d, err
	}
	say("filling a database with %d meetings", w.Size)
	if err := db.Migrate(ctx, d, meeting.Migrations); err != nil {
		return nil, err
	}
	if err := w.Fill(ctx, d); err != nil {
		return nil, err
	}
	if err := d.Close(); err != nil {
		return nil, err
	}
	if err := os.Rename(path, strings.TrimSuffix(path, ".part")); err != nil {
		return nil, err
	}
	return openWorld(ctx, o, w)
}

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
