//go:build unix

package dbtest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// One private PostgreSQL server serves all test processes of a user. Its directory holds two locks:
//
//	start  held while the server is started or stopped
//	use    shared by every test process that uses it, until the process ends
//
// The first test process starts the server and, beside it, a keeper: this same test program once more,
// which stops the server and removes the directory when nobody has held "use" for a while.
const (
	keeperVariable = "HEARTH_DBTEST_KEEPER"
	keeperPatience = 5 * time.Minute
)

func init() {
	if dir := os.Getenv(keeperVariable); dir != "" {
		keep(dir)
		os.Exit(0)
	}
}

func startServer() (address string, err error) {
	owner, err := ownerOfServer()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(os.TempDir(), "hearth-postgres-"+strconv.Itoa(os.Getuid()))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	start, err := lock(filepath.Join(dir, "start"), syscall.LOCK_EX)
	if err != nil {
		return "", err
	}
	defer syscall.Close(start)
	if _, err := lock(filepath.Join(dir, "use"), syscall.LOCK_SH); err != nil { // until this process ends
		return "", err
	}
	address = "postgres://" + owner.name + "@/postgres?host=" + dir
	data := filepath.Join(dir, "data")
	if alive(dir) {
		return address, nil
	}
	if err := os.RemoveAll(data); err != nil {
		return "", err
	}
	if err := owner.startIn(dir, data); err != nil {
		return "", err
	}
	return address, startKeeper(dir)
}

// owner is the account that the server runs as: PostgreSQL refuses to run as root.
type owner struct {
	name       string
	credential *syscall.Credential // nil: this account
	bin        string
	uid, gid   int
}

func ownerOfServer() (owner, error) {
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	o := owner{uid: os.Getuid(), gid: os.Getgid()}
	if len(bins) > 0 {
		o.bin = filepath.Dir(slices.MaxFunc(bins, func(a, b string) int { return version(a) - version(b) }))
	} else if p, err := exec.LookPath("initdb"); err == nil {
		o.bin = filepath.Dir(p)
	} else {
		return o, errors.New("no initdb in /usr/lib/postgresql/*/bin nor in the path")
	}
	if o.uid != 0 {
		u, err := user.Current()
		if err != nil {
			return o, err
		}
		o.name = u.Username
		return o, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		o.name = name
		o.uid, _ = strconv.Atoi(u.Uid)
		o.gid, _ = strconv.Atoi(u.Gid)
		o.credential = &syscall.Credential{Uid: uint32(o.uid), Gid: uint32(o.gid)}
		return o, nil
	}
	return o, errors.New("as root there must be a user postgres or nobody to run it")
}

func version(initdb string) int {
	n, _ := strconv.Atoi(strings.Split(initdb, "/")[4])
	return n
}

func (o owner) startIn(dir, data string) error {
	if err := os.Mkdir(data, 0o700); err != nil {
		return err
	}
	for _, p := range []string{dir, data} { // the socket is made in dir
		if err := os.Chown(p, o.uid, o.gid); err != nil {
			return err
		}
	}
	// Not the order of bytes, so that a query that relies on it fails here and not at somebody's home.
	err := o.run("initdb", "-D", data, "-U", o.name, "--auth=trust", "--no-sync", "--no-instructions",
		"--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en")
	if err != nil {
		return err
	}
	// What a crash would lose does not matter here, so nothing waits for the disk.
	settings := "listen_addresses=''\nunix_socket_directories='" + dir + "'\nmax_connections=500\nfsync=off\n" +
		"synchronous_commit=off\nfull_page_writes=off\nmax_wal_size=1GB\nlogging_collector=off\n"
	conf, err := os.OpenFile(filepath.Join(data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = conf.WriteString(settings)
	if err := errors.Join(err, conf.Close()); err != nil {
		return err
	}
	return o.run("pg_ctl", "start", "-w", "-t", "60", "-D", data, "-l", filepath.Join(data, "log"))
}

// run runs one of PostgreSQL's programs as the owner. Output goes to a file, because a server that is
// started keeps it open.
func (o owner) run(program string, args ...string) error {
	out, err := os.CreateTemp("", "hearth-"+program)
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	c := exec.Command(filepath.Join(o.bin, program), args...)
	c.Dir = "/"
	c.Stdout, c.Stderr = out, out
	c.Env = append(os.Environ(), "LC_ALL=C")
	c.SysProcAttr = &syscall.SysProcAttr{Credential: o.credential, Setsid: true}
	if err := c.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		return fmt.Errorf("%s: %w: %s", program, err, said)
	}
	return nil
}

// postmaster returns the process of the server in data, or 0.
func postmaster(data string) int {
	b, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return 0
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(strings.SplitN(string(b), "\n", 2)[0]))
	return pid
}

func alive(dir string) bool {
	c, err := net.Dial("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		return false
	}
	c.Close()
	return true
}

func startKeeper(dir string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	c := exec.Command(self)
	c.Dir = "/"
	c.Env = append(os.Environ(), keeperVariable+"="+dir)
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // outlives this process
	if err := c.Start(); err != nil {
		return fmt.Errorf("start the keeper: %w", err)
	}
	return c.Process.Release()
}

// keep waits until nobody has used the server in dir for a while, stops it and removes its data.
func keep(dir string) {
	const pause = 10 * time.Second
	for quiet := time.Duration(0); quiet >= 0; {
		time.Sleep(pause)
		quiet += pause
		alone(dir, func(isAlone bool) {
			switch {
			case !isAlone:
				quiet = 0
			case quiet >= keeperPatience:
				stopServer(dir)
				quiet = -1
			}
		})
	}
}

// alone calls f while no server can be started, and says whether no test process uses the one that runs.
func alone(dir string, f func(isAlone bool)) {
	start, err := lock(filepath.Join(dir, "start"), syscall.LOCK_EX)
	if err != nil {
		return
	}
	defer syscall.Close(start)
	use, err := lock(filepath.Join(dir, "use"), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		defer syscall.Close(use)
	}
	f(err == nil)
}

func stopServer(dir string) {
	data := filepath.Join(dir, "data")
	if pid := postmaster(data); pid > 0 && alive(dir) {
		_ = syscall.Kill(pid, syscall.SIGINT) // PostgreSQL's fast shutdown
	}
	for n := 0; n < 60 && alive(dir); n++ {
		time.Sleep(time.Second)
	}
	os.RemoveAll(data)
}

// lock locks a file, making it when absent. Closing what it returns unlocks it; so does the end of the process,
// however it ends.
func lock(path string, how int) (fd int, err error) {
	// Not an *os.File, which would be closed when nothing refers to it any more.
	fd, err = syscall.Open(path, syscall.O_CREAT|syscall.O_RDWR|syscall.O_CLOEXEC, 0o644)
	if err != nil {
		return 0, fmt.Errorf("open %s: %w", path, err)
	}
	for {
		if err = syscall.Flock(fd, how); err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		syscall.Close(fd)
		return 0, fmt.Errorf("lock %s: %w", path, err)
	}
	return fd, nil
}
