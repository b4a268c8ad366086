package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"hearth/bench/world"
	"hearth/internal/db"
)

// start is what it takes to stand ready over a filled database.
type start struct {
	Meetings int
	Took     time.Duration // to read and index them
	CPU      time.Duration // of the processors, for that
	Resident int           // MB, of the whole process, once it stands ready
	Peak     int           // MB, on the way
}

// measureStart starts in a process of its own, so that nothing else is in its memory.
func measureStart(ctx context.Context, o *options, w *world.World) (*start, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	// A folder as the program itself would have it.
	dir, err := os.MkdirTemp(o.dir, "start")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.Symlink(worldPath(o, w), filepath.Join(dir, "hearth.db")); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "-start", dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	s := &start{}
	return s, json.Unmarshal(out, s)
}

// startAndSay is the other end of measureStart.
func startAndSay(ctx context.Context, dir string) (err error) {
	path, err := filepath.EvalSymlinks(filepath.Join(dir, "hearth.db"))
	if err != nil {
		return err
	}
	d, err := db.Open(ctx, db.Config{Path: path})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	began := time.Now()
	h, err := house(ctx, d, filepath.Dir(path)) // where the keys of this database are
	if err != nil {
		return err
	}
	defer h.Meetings.Stop()
	s := start{Took: time.Since(began), CPU: processorTime(), Meetings: h.Meetings.Directory().Len()}
	s.Resident, s.Peak = resident()
	return json.NewEncoder(os.Stdout).Encode(s)
}

// resident is the memory of this process that is in RAM, and the most that was, in MB, as the kernel counts.
func resident() (now, peak int) {
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
			now = kb / 1024
		case "VmHWM:":
			peak = kb / 1024
		}
	}
	return now, peak
}
