package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"

	"hearth/internal/web/page"
)

// compress packs what a handler writes when the browser can unpack it and it pays: text of a kilobyte or
// more that nobody has packed before. Secrets and reflected input do not share a page with a session
// here in a way that a length would tell (BREACH): forms carry no token.
func compress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		how := encodingFor(r.Header.Get("Accept-Encoding"))
		if how == "" || r.Method == http.MethodHead || r.Header.Get("Range") != "" {
			next.ServeHTTP(w, r)
			return
		}
		p := &packer{ResponseWriter: w, how: how}
		next.ServeHTTP(p, r)
		p.close() // not deferred: closing while a panic unwinds would make half an answer a whole one
	})
}

// encodingFor picks br or gzip from an Accept-Encoding header.
func encodingFor(accept string) string {
	for _, coding := range []string{"br", "gzip"} {
		if page.Accepts(accept, coding) {
			return coding
		}
	}
	return ""
}

var (
	brotlis = sync.Pool{New: func() any { return brotli.NewWriterLevel(nil, 4) }}
	gzips   = sync.Pool{New: func() any { w, _ := gzip.NewWriterLevel(nil, 5); return w }} // 5 is a level that exists
)

// packed is what brotli.Writer and gzip.Writer share.
type packed interface {
	io.WriteCloser
	Flush() error
	Reset(io.Writer)
}

type packer struct {
	http.ResponseWriter
	how     string
	out     packed
	decided bool
	status  int
}

const worthPacking = 1024

// Unwrap lets http.ResponseController reach the connection.
func (p *packer) Unwrap() http.ResponseWriter { return p.ResponseWriter }

func (p *packer) WriteHeader(status int) {
	if p.decided || status < 200 {
		p.ResponseWriter.WriteHeader(status)
		return
	}
	p.status = status // held back until the first write tells how much there is
}

func (p *packer) Write(b []byte) (int, error) {
	if !p.decided {
		p.decide(b)
	}
	if p.out != nil {
		return p.out.Write(b)
	}
	return p.ResponseWriter.Write(b)
}

func (p *packer) decide(first []byte) {
	p.decided = true
	h := p.Header()
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	text := strings.HasPrefix(kind, "text/") || kind == "application/json" || kind == "application/geo+json" || kind == "image/svg+xml"
	if text && !varies(h) {
		h.Add("Vary", "Accept-Encoding")
	}
	if text && len(first) >= worthPacking && h.Get("Content-Encoding") == "" && p.status != http.StatusNoContent && p.status != http.StatusNotModified {
		h.Set("Content-Encoding", p.how)
		h.Del("Content-Length")
		if tag := h.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
			h.Set("ETag", "W/"+tag) // the bytes differ by encoding; the meaning does not
		}
		if p.how == "br" {
			p.out = brotlis.Get().(*brotli.Writer)
		} else {
			p.out = gzips.Get().(*gzip.Writer)
		}
		p.out.Reset(p.ResponseWriter)
	}
	if p.status == 0 {
		p.status = http.StatusOK // a packer may keep the first bytes for a while; the answer has begun all the same
	}
	p.ResponseWriter.WriteHeader(p.status)
}

// varies tells whether a handler has already said that its answer depends on Accept-Encoding.
func varies(h http.Header) bool {
	for _, line := range h.Values("Vary") {
		for name := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(name), "Accept-Encoding") {
				return true
			}
		}
	}
	return false
}

// FlushError sends what is there, for long answers such as progress.
func (p *packer) FlushError() error {
	if p.out != nil {
		if err := p.out.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(p.ResponseWriter).Flush()
}

func (p *packer) close() {
	if !p.decided && p.status != 0 {
		p.ResponseWriter.WriteHeader(p.status)
	}
	if p.out == nil {
		return
	}
	_ = p.out.Close() // the reader may have left
	switch w := p.out.(type) {
	case *brotli.Writer:
		brotlis.Put(w)
	case *gzip.Writer:
		gzips.Put(w)
	}
}
