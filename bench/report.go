package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

// report is the tables of a run.
type report struct {
	seed   uint64
	busy   string // load averages before the run
	blocks []block
	failed int
}

// block is one table, under a heading.
type block struct {
	heading string
	note    string
	columns []string
	rows    [][]string
}

func (r *report) table(heading, note string, columns ...string) *block {
	r.blocks = append(r.blocks, block{heading: heading, note: note, columns: columns})
	return &r.blocks[len(r.blocks)-1]
}

func (b *block) row(cells ...string) { b.rows = append(b.rows, cells) }

// verdict says whether a number that has to be reached was reached.
func (r *report) verdict(ok bool) string {
	if ok {
		return "yes"
	}
	r.failed++
	return "**no**"
}

func (r *report) write(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "# Benchmarks\n\nWritten by `go run ./bench -write docs/benchmarks.md`; every ratio was taken within one run. The world is\n"+
		"made up (bench/world, seed %d): towns whose sizes follow Zipf's law, up to that of a large city; meetings with the\n"+
		"rhythm of a real week; 15 %% online; visits to a fifth of them. The load comes from our own tool, over %d connections,\n"+
		"on the same machine as the server, which therefore shares its processors with it.\n\n", r.seed, connections)
	fmt.Fprintf(b, "Machine: %s, %d processors, %s, %s. Other work on it at the beginning: %s.\n", processor(), runtime.NumCPU(), runtime.GOOS+"/"+runtime.GOARCH, runtime.Version(), r.busy)
	for _, t := range r.blocks {
		fmt.Fprintf(b, "\n## %s\n\n", t.heading)
		if t.note != "" {
			fmt.Fprintf(b, "%s\n\n", t.note)
		}
		fmt.Fprintf(b, "| %s |\n|%s\n", strings.Join(t.columns, " | "), strings.Repeat("---|", len(t.columns)))
		for _, row := range t.rows {
			fmt.Fprintf(b, "| %s |\n", strings.Join(row, " | "))
		}
	}
	return b.Flush()
}

func processor() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(b)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				return strings.TrimSpace(value)
			}
		}
	}
	return "unknown processor"
}

// busy is how many processes wanted a processor in the last minutes, as the kernel counts them.
func busy() string {
	b, err := os.ReadFile("/proc/loadavg")
	f := strings.Fields(string(b))
	if err != nil || len(f) < 2 {
		return "not known"
	}
	return "load " + f[0] + " in the last minute, " + f[1] + " in the last five"
}

// short is a duration with three digits or so.
func short(d time.Duration) string {
	switch {
	case d >= 10*time.Second:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d >= time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d >= 10*time.Millisecond:
		return fmt.Sprintf("%.0f ms", d.Seconds()*1e3)
	case d >= time.Millisecond:
		return fmt.Sprintf("%.1f ms", d.Seconds()*1e3)
	case d >= 10*time.Microsecond:
		return fmt.Sprintf("%.0f µs", d.Seconds()*1e6)
	}
	return fmt.Sprintf("%.1f µs", d.Seconds()*1e6)
}

func thousands(n int) string {
	if n%1000 == 0 {
		return fmt.Sprintf("%d k", n/1000)
	}
	return fmt.Sprint(n)
}
