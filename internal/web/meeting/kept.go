package meeting

import (
	"bytes"
	"hash/maphash"
	"net/http"
	"sync"
	"time"
	"weak"

	"hearth/internal/meeting"
	"hearth/internal/web/page"
)

// keptPages keeps finder pages that several people ask for within a minute: when many come at once, they
// come from a few towns. A page that only one person asks for is never kept, nor is one of somebody who
// has signed in; a change of the directory and the next minute end all of them.
type keptPages struct {
	mu     sync.Mutex
	seed   maphash.Seed
	dir    weak.Pointer[meeting.Directory] // weak: a directory that has been replaced may go
	seq    int64
	minute int64
	asked  map[uint64]struct{} // hashes of what was asked for once
	pages  map[string][]byte
	size   int
}

const (
	keptBytes = 32 << 20
	keptAsked = 10_000
	keptQuery = 500 // bytes of a query
)

// keyOf is what the bytes of a page depend on besides the directory and the minute; "" where the page is
// the reader's own.
func (k *keptPages) keyOf(r *http.Request) string {
	shell := page.Shell(r)
	if shell.Account != nil || shell.Flash != "" || page.SignedIn(r) != nil || len(r.URL.RawQuery) > keptQuery {
		return ""
	}
	return shell.T.Lang() + " " + shell.Community + " " + shell.Path + "?" + shell.Query
}

// at forgets what belongs to a minute or a directory that is over. It tells whether what is kept now is of
// this directory and minute: not so for a slow reader whose own are over.
func (k *keptPages) at(dir *meeting.Directory, now time.Time) bool {
	minute, this := now.Unix()/60, weak.Make(dir)
	if k.pages != nil && (dir.Seq() < k.seq || k.minute-minute == 1) {
		return false
	}
	if k.dir != this || k.minute != minute || k.size > keptBytes || len(k.asked) > keptAsked {
		if k.pages == nil {
			k.seed = maphash.MakeSeed()
		}
		k.dir, k.seq, k.minute, k.size = this, dir.Seq(), minute, 0
		k.asked, k.pages = map[uint64]struct{}{}, map[string][]byte{}
	}
	return true
}

// get returns a page that is kept, and else whether it is worth keeping.
func (k *keptPages) get(key string, dir *meeting.Directory, now time.Time) (body []byte, worth bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.at(dir, now) {
		return nil, false
	}
	if body, ok := k.pages[key]; ok {
		return body, true
	}
	hash := maphash.String(k.seed, key)
	_, worth = k.asked[hash]
	k.asked[hash] = struct{}{}
	return nil, worth
}

// keep keeps a page, unless the directory or the minute that it was made in is over.
func (k *keptPages) keep(key string, dir *meeting.Directory, now time.Time, body []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dir != weak.Make(dir) || k.minute != now.Unix()/60 {
		return
	}
	k.pages[key] = bytes.Clone(body)
	k.size += len(key) + len(body)
}
