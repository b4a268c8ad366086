// Command bench measures the finder against the numbers that it has to reach: the same questions inside the
// process, through HTTP beside a bare handler, and at the peers, PostGIS and SQLite's R*Tree.
//
//	go run ./bench                                  # 10k, 100k and 300k meetings
//	go run ./bench -sizes 10000 -only query,http    # quick
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
}

func main() {
	var o options
	sizes := flag.String("sizes", "10000,100000,300000", "meetings, separated by commas")
	only := flag.String("only", "", "parts to run, separated by commas: load, query, json, html, sync, peers (default all)")
	flag.StringVar(&o.dir, "dir", "", "keep the databases here, to use them again")
	flag.StringVar(&o.write, "write", "", "write the tables to this file")
	flag.Uint64Var(&o.seed, "seed", 1, "of the world")
	flag.Float64Var(&o.seconds, "seconds", 3, "how long to load each handler")
	profile := flag.String("cpuprofile", "", "write a profile of the processor here")
	flag.Parse()
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

func (o *options) wants(part string) bool { return len(o.only) == 0 || slices.Contains(o.only, part) }

func run(ctx context.Context, o options) error {
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "hearth-bench")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.dir = dir
	}
	for _, size := range o.sizes {
		if err := bench(ctx, &o, world.Make(o.seed, size)); err != nil {
			return err
		}
	}
	return nil
}

func bench(ctx context.Context, o *options, w *world.World) (err error) {
	d, err := openWorld(ctx, o, w)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	start := time.Now()
	h, err := house(ctx, d, o.dir)
	if err != nil {
		return err
	}
	defer h.Meetings.Stop()
	dir := h.Meetings.Directory()
	all, files := residentMB()
	fmt.Printf("%d: loaded %d in %.2fs, %d MB resident, %d of it files\n", w.Size, dir.Len(), time.Since(start).Seconds(), all, files)
	if o.wants("query") {
		for _, q := range inProcess {
			t := ask(ctx, dir, q.make(w), time.Duration(o.seconds*float64(time.Second)/3))
			fmt.Printf("%-45s median %8s p99 %8s %6.0f B  found %.0f\n", q.name, t.median, t.p99, t.bytes, t.found)
		}
	}
	long := time.Duration(o.seconds * float64(time.Second))
	site := h.Handler()
	if o.wants("alonejson") {
		fmt.Printf("alone: JSON %s\n", alone(site, "/api/v1/meetings", theQuestion(w, 400)))
	}
	if o.wants("alonehtml") {
		fmt.Printf("alone: HTML %s\n", alone(site, "/", fullPages(w, dir, 100)))
	}
	if o.wants("json") {
		v, err := compare(ctx, site, "application/json", "/api/v1/meetings", theQuestion(w, 400), long)
		if err != nil {
			return err
		}
		fmt.Printf("JSON: ours %.0f/s p50 %s p99 %s, bare %.0f/s, ratio %.2f, body %d\n", v.ours.perSecond(), v.ours.quantile(.5), v.ours.quantile(.99), v.bare.perSecond(), v.ratio(), v.body)
	}
	if o.wants("html") {
		v, err := compare(ctx, site, "text/html", "/", fullPages(w, dir, 100), long)
		if err != nil {
			return err
		}
		fmt.Printf("HTML: ours %.0f/s p50 %s p99 %s, bare %.0f/s, ratio %.2f, body %d\n", v.ours.perSecond(), v.ours.quantile(.5), v.ours.quantile(.99), v.bare.perSecond(), v.ratio(), v.body)
	}
	return nil
}

// openWorld opens a database with the world in it, made now or left by an earlier run.
func openWorld(ctx context.Context, o *options, w *world.World) (*db.DB, error) {
	path := filepath.Join(o.dir, fmt.Sprintf("world-%d-%d.db", o.seed, w.Size))
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

// residentMB is the memory of this process that is in RAM, as the kernel counts it: all of it, and of that
// the pages of files.
func residentMB() (all, files int) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		kb, _ := strconv.Atoi(f[1])
		switch f[0] {
		case "VmRSS:":
			all = kb / 1024
		case "RssFile:":
			files = kb / 1024
		}
	}
	return all, files
}
