//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// startPostgres starts a private PostgreSQL that ends with stop. It says plainly when there is none.
func startPostgres() (url string, stop func(), err error) {
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(bins) == 0 {
		return "", nil, errors.New("no PostgreSQL here: apt install postgresql postgresql-15-postgis-3")
	}
	bin := filepath.Dir(slices.Max(bins))
	who, err := user.Current()
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "hearth-bench-pg")
	if err != nil {
		return "", nil, err
	}
	var credential *syscall.Credential
	if os.Getuid() == 0 { // PostgreSQL refuses to run as root
		if who, err = user.Lookup("postgres"); err != nil {
			return "", nil, err
		}
		uid, _ := strconv.Atoi(who.Uid)
		gid, _ := strconv.Atoi(who.Gid)
		credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(dir, uid, gid); err != nil {
			return "", nil, err
		}
	}
	run := func(program string, args ...string) error {
		cmd := exec.Command(filepath.Join(bin, program), args...)
		cmd.Dir = dir
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential}
		if err := cmd.Run(); err != nil { // its output would keep us waiting for the server
			return fmt.Errorf("%s: %w", program, err)
		}
		return nil
	}
	data := filepath.Join(dir, "data")
	if err = run("initdb", "-D", data, "-U", who.Username, "--auth=trust", "--no-sync"); err == nil {
		err = run("pg_ctl", "start", "-w", "-D", data, "-l", filepath.Join(dir, "log"), "-o",
			"-c listen_addresses= -c unix_socket_directories="+dir+" -c shared_buffers=512MB -c fsync=off -c jit=off -c max_parallel_workers_per_gather=0")
	}
	stop = func() {
		_ = run("pg_ctl", "stop", "-m", "immediate", "-D", data) // it may not have started
		_ = os.RemoveAll(dir)
	}
	if err != nil {
		stop()
		return "", nil, err
	}
	return "postgres://" + who.Username + "@/postgres?host=" + dir, stop, nil
}

// processorTime is what this process has used of the processors.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
