package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// connections is how many ask at once.
const connections = 64

// burst is what one load came to.
type burst struct {
	requests int
	took     time.Duration
	cpu      time.Duration // of this process: the server's and the tool's
	bytes    int64
	waits    []time.Duration // of each request, sorted
}

func (b *burst) perSecond() float64 { return float64(b.requests) / b.took.Seconds() }

func (b *burst) quantile(q float64) time.Duration {
	if len(b.waits) == 0 {
		return 0
	}
	return b.waits[min(len(b.waits)-1, int(q*float64(len(b.waits))))]
}

// add joins another burst of the same load.
func (b *burst) add(o burst) {
	b.requests += o.requests
	b.took += o.took
	b.cpu += o.cpu
	b.bytes += o.bytes
	b.waits = append(b.waits, o.waits...)
	slices.Sort(b.waits)
}

// rawRequests are GET requests as they go over the wire.
func rawRequests(paths []string) [][]byte {
	out := make([][]byte, len(paths))
	for i, p := range paths {
		out[i] = []byte("GET " + p + " HTTP/1.1\r\nHost: bench.example\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n")
	}
	return out
}

// load sends the requests, from one on and round and round, over many connections, each waiting for its
// answer. It does as little as it can itself: both run on the same machine, and its cost counts against
// what is measured.
func load(ctx context.Context, addr string, requests [][]byte, from int, long time.Duration) (burst, error) {
	ctx, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		total burst
		errs  error
	)
	began, used := time.Now(), processorTime()
	for c := range connections {
		wg.Go(func() {
			b, err := loadOne(ctx, addr, requests, from+c)
			mu.Lock()
			defer mu.Unlock()
			total.requests += b.requests
			total.bytes += b.bytes
			total.waits = append(total.waits, b.waits...)
			errs = errors.Join(errs, err)
		})
	}
	wg.Wait()
	total.took, total.cpu = time.Since(began), processorTime()-used
	slices.Sort(total.waits)
	return total, errs
}

func loadOne(ctx context.Context, addr string, requests [][]byte, next int) (b burst, err error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return b, err
	}
	defer conn.Close()
	r := bufio.NewReaderSize(conn, 64<<10)
	for ctx.Err() == nil {
		start := time.Now()
		if _, err := conn.Write(requests[next%len(requests)]); err != nil {
			return b, err
		}
		n, err := readAnswer(r, nil)
		if err != nil {
			return b, err
		}
		b.waits = append(b.waits, time.Since(start))
		b.requests++
		b.bytes += n
		next += connections
	}
	return b, nil
}

// readAnswer reads one answer, appends its body to into unless that is nil, and returns its length.
func readAnswer(r *bufio.Reader, into *bytes.Buffer) (int64, error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if !bytes.HasPrefix(line, []byte("HTTP/1.1 200")) {
		return 0, fmt.Errorf("the server answered %q", bytes.TrimSpace(line))
	}
	length, chunked := int64(-1), false
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.ParseInt(string(value), 10, 64); err != nil {
				return 0, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = bytes.Equal(value, []byte("chunked"))
		}
	}
	if !chunked {
		if length < 0 {
			return 0, errors.New("an answer without a length")
		}
		return length, take(r, length, into)
	}
	total := int64(0)
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(line)), 16, 64)
		if err != nil {
			return 0, err
		}
		if err := take(r, n, into); err != nil {
			return 0, err
		}
		if _, err := r.Discard(2); err != nil {
			return 0, err
		}
		if total += n; n == 0 {
			return total, nil
		}
	}
}

func take(r *bufio.Reader, n int64, into *bytes.Buffer) error {
	if into == nil {
		_, err := r.Discard(int(n))
		return err
	}
	_, err := io.CopyN(into, r, n)
	return err
}

// fetch gets the body of each path once.
func fetch(addr string, requests [][]byte) ([][]byte, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	r := bufio.NewReader(conn)
	out := make([][]byte, len(requests))
	for i, q := range requests {
		if _, err := conn.Write(q); err != nil {
			return nil, err
		}
		var body bytes.Buffer
		if _, err := readAnswer(r, &body); err != nil {
			return nil, fmt.Errorf("%s: %w", bytes.SplitN(q, []byte("\r"), 2)[0], err)
		}
		out[i] = body.Bytes()
	}
	return out, nil
}
