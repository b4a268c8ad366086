package open

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"

	"hearth/internal/fault"
	"hearth/internal/web/page"
)

// shelf keeps what was made of the whole directory, or of a filter of it, so that it is made once for each
// state of the directory and not once for each reader. What is large lies packed in a file without a name.
type shelf struct {
	now    func() time.Time
	mu     sync.Mutex
	places map[string]*place
	turn   chan struct{} // as many may be made at once as fit in
	queue  chan struct{} // and as many may wait for that
	most   int64         // bytes kept, in memory and in files
}

// place is where one export lies. Its lock, a channel so that a reader who leaves need not wait, is held
// while a new one is made; the old one stays readable.
type place struct {
	lock chan struct{}
	now  *export
	used time.Time
}

// export is one finished answer.
type export struct {
	version string // what it was made from: another one, another export
	tag     string
	size    int64  // unpacked
	body    []byte // a small one; the hall packs it as the reader likes
	file    *os.File
	packed  int64 // bytes of the file, which is gzip
	made    time.Time
	took    time.Duration
}

const (
	shelfPlaces = 64      // exports kept; filters that nobody asks for fall off
	inMemory    = 1 << 20 // beyond this an export lies in a file
	atOnce      = 2       // making one reads much of the database
	waiting     = 8       // whoever comes when so many wait is asked to come again
	mostKept    = 256 << 20
	// An export that took long is not made anew with every change: one that took ten seconds serves for a
	// hundred.
	longToMake, holdFactor = time.Second, 10
)

var errCrowded = fault.New(fault.Unavailable, "Many lists are being made just now. Please come again in a minute.")

func newShelf(now func() time.Time) *shelf {
	return &shelf{now: now, places: map[string]*place{}, turn: make(chan struct{}, atOnce), queue: make(chan struct{}, atOnce+waiting), most: mostKept}
}

// get returns the export of key, made anew by write when version has changed.
func (s *shelf) get(ctx context.Context, key, version string, write func(context.Context, io.Writer) error) (*export, error) {
	p := s.place(key)
	if e := s.current(p, version); e != nil {
		return e, nil
	}
	select {
	case p.lock <- struct{}{}:
		defer func() { <-p.lock }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if e := s.current(p, version); e != nil { // somebody made it while we waited
		return e, nil
	}
	select {
	case s.queue <- struct{}{}:
		defer func() { <-s.queue }()
	default:
		return nil, errCrowded
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	e, err := s.produce(ctx, version, write)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p.now = e
	s.shed(p)
	return e, nil
}

// shed lets go of what was longest not asked for until the rest is not too large. What has just been made
// stays.
func (s *shelf) shed(made *place) {
	for {
		var sum int64
		oldest := ""
		for k, q := range s.places {
			if q.now == nil {
				continue
			}
			sum += q.now.bytes()
			if q != made && (oldest == "" || q.used.Before(s.places[oldest].used)) {
				oldest = k
			}
		}
		if sum <= s.most || oldest == "" {
			return
		}
		delete(s.places, oldest) // its file goes with its last reader
	}
}

// bytes is what an export takes up.
func (e *export) bytes() int64 { return int64(len(e.body)) + e.packed }

func (s *shelf) place(key string) *place {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.places[key]
	if p == nil {
		if len(s.places) >= shelfPlaces {
			oldest := ""
			for k, q := range s.places {
				if oldest == "" || q.used.Before(s.places[oldest].used) {
					oldest = k
				}
			}
			delete(s.places, oldest) // its file goes with its last reader
		}
		p = &place{lock: make(chan struct{}, 1)}
		s.places[key] = p
	}
	p.used = s.now()
	return p
}

// current returns what lies there if it may be served.
func (s *shelf) current(p *place, version string) *export {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := p.now
	if e == nil || e.version != version && (e.took < longToMake || s.now().Sub(e.made) > holdFactor*e.took) {
		return nil
	}
	return e
}

// produce makes one export.
func (s *shelf) produce(ctx context.Context, version string, write func(context.Context, io.Writer) error) (*export, error) {
	began := s.now()
	sum := xxhash.New()
	out := &spool{}
	err := write(ctx, io.MultiWriter(sum, out))
	if err == nil {
		err = out.finish()
	}
	if err != nil {
		out.drop()
		return nil, fmt.Errorf("make an export: %w", err)
	}
	made := s.now()
	return &export{
		version: version, tag: tagOf(sum.Sum64()), size: out.size, body: out.buf.Bytes(), file: out.file, packed: out.packed,
		made: made, took: made.Sub(began),
	}, nil
}

// spool holds what is written in memory, and packed in a file once it is much. The file has no name: it is
// gone with the last who has it open, however that ends.
type spool struct {
	buf    bytes.Buffer
	file   *os.File
	pack   *gzip.Writer
	size   int64
	packed int64
}

func (s *spool) Write(b []byte) (int, error) {
	s.size += int64(len(b))
	if s.pack == nil {
		s.buf.Write(b)
		if s.buf.Len() <= inMemory {
			return len(b), nil
		}
		return len(b), s.spill()
	}
	return s.pack.Write(b)
}

func (s *spool) spill() (err error) {
	if s.file, err = os.CreateTemp("", "hearth-export-"); err != nil {
		return err
	}
	if err := os.Remove(s.file.Name()); err != nil {
		return err
	}
	if s.pack, err = gzip.NewWriterLevel(s.file, gzip.BestSpeed+3); err != nil {
		return err
	}
	_, err = s.pack.Write(s.buf.Bytes())
	s.buf = bytes.Buffer{}
	return err
}

func (s *spool) finish() error {
	if s.pack == nil {
		return nil
	}
	err := s.pack.Close()
	if err == nil {
		s.packed, err = s.file.Seek(0, io.SeekCurrent)
	}
	return err
}

func (s *spool) drop() {
	if s.file != nil {
		_ = s.file.Close() // it has no name: closing it is deleting it
	}
}

// send writes an export to a reader, or 304.
func (e *export) send(w http.ResponseWriter, r *http.Request, kind string) error {
	if known(w, r, e.tag) {
		return nil
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	length := e.size
	packed := e.file != nil && page.Accepts(r.Header.Get("Accept-Encoding"), "gzip")
	if packed {
		length = e.packed
		h.Set("Content-Encoding", "gzip")
		h.Set("ETag", "W/"+e.tag)
	}
	h.Set("Content-Length", strconv.FormatInt(length, 10))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	if e.file == nil {
		_, _ = w.Write(e.body) // the reader may have left, here and below
		return nil
	}
	var from io.Reader = io.NewSectionReader(e.file, 0, e.packed)
	if !packed {
		unpacked, err := gzip.NewReader(from)
		if err != nil {
			return fmt.Errorf("read an export: %w", err)
		}
		from = unpacked
	}
	_, _ = io.Copy(w, from)
	return nil
}
