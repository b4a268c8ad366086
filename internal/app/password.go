package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// password asks for a new password.
func (p *program) password(ctx context.Context, name string) (string, error) {
	return p.ask(ctx, fmt.Sprintf("Password for %s (at least 12 characters): ", name), true, "the two passwords are not the same; nothing was changed")
}

// ask asks for a secret without showing it: a new one twice on a terminal; from a pipe one line is read.
func (p *program) ask(ctx context.Context, prompt string, isNew bool, unlike string) (string, error) {
	in := bufio.NewReader(p.out.Stdin)
	restore, terminal := p.hush()
	defer restore()
	first, err := p.secret(ctx, in, prompt, terminal)
	if err != nil || !terminal || !isNew {
		return first, err
	}
	again, err := p.secret(ctx, in, "The same again: ", terminal)
	if err == nil && again != first {
		err = errors.New(unlike)
	}
	return first, err
}

func (p *program) secret(ctx context.Context, in *bufio.Reader, prompt string, terminal bool) (string, error) {
	fmt.Fprint(p.out.Stderr, prompt)
	type answer struct {
		line string
		err  error
	}
	read := make(chan answer, 1)
	go func() { // so that Ctrl-C leaves, with the terminal as it was
		line, err := in.ReadString('\n')
		read <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case a := <-read:
		if terminal {
			fmt.Fprintln(p.out.Stderr)
		}
		if a.err != nil && a.line == "" {
			return "", errors.New("no password was given")
		}
		return strings.TrimRight(a.line, "\r\n"), nil
	}
}

// hush turns off the echo when the input is a terminal, and tells whether it is one. stty asks the system in
// its own way on each, which saves a dependency.
func (p *program) hush() (restore func(), terminal bool) {
	f, ok := p.out.Stdin.(*os.File)
	if !ok {
		return func() {}, false
	}
	stty := func(args ...string) (string, error) {
		cmd := exec.Command("stty", args...)
		cmd.Stdin = f
		out, err := cmd.Output()
		return strings.TrimSpace(string(out)), err
	}
	before, err := stty("-g")
	if err != nil { // a pipe or a file
		return func() {}, false
	}
	if _, err := stty("-echo"); err != nil {
		return func() {}, true
	}
	return func() { _, _ = stty(before) }, true
}
