package meeting

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"hearth/internal/db"
	"hearth/internal/meeting/index"
)

// The columns of a listed meeting. Only active ones are public; inactive ones can be neither walked into
// nor joined.
const (
	listedColumns = `m.id, m.feed_id, m.source_id, m.feeds, m.fellowship, m.name, m.day, m.start_min, m.end_min,
		m.zone, m.attendance, m.location, m.address, m.city, m.region, m.postal_code, m.lat, m.lng, m.has_point,
		m.approximate, m.conference_url, m.types, m.languages, coalesce(w.doc, '')`
	listedTables = ` FROM meeting m LEFT JOIN welcome_verdict w ON w.meeting_id = m.id`
	listedPublic = `m.state = 'active' AND m.attendance <> 'inactive'`
)

func (m *listed) scan(scan db.Scan, more ...any) error {
	return scan(append([]any{
		&m.ID, &m.FeedID, &m.SourceID, &m.Feeds, &m.Fellowship, &m.Name, &m.Day, &m.Start, &m.End,
		&m.Zone, &m.Attendance, &m.Location, &m.Address, &m.City, &m.Region, &m.PostalCode, &m.Lat, &m.Lng, &m.HasPoint,
		&m.Approximate, &m.ConferenceURL, &m.Types, &m.Languages, &m.Card,
	}, more...)...)
}

// clock is what a directory must know before it reads meetings.
type clock struct {
	seq   int64
	feeds map[string]feedSeen
}

func readClock(ctx context.Context, q db.Querier) (clock, error) {
	c := clock{feeds: map[string]feedSeen{}}
	var err error
	if c.seq, err = db.One(ctx, q, db.Column[int64], `SELECT seq FROM directory_clock WHERE id = 1`); err != nil {
		return clock{}, fmt.Errorf("read the directory's clock: %w", err)
	}
	err = db.Each(ctx, q, func(scan db.Scan) error {
		var id, name string
		var seen int64
		if err := scan(&id, &name, &seen); err != nil {
			return err
		}
		c.feeds[id] = feedSeen{name, db.Time(seen)}
		return nil
	}, `SELECT id, name, last_good_at FROM feed`)
	if err != nil {
		return clock{}, fmt.Errorf("read feeds: %w", err)
	}
	return c, nil
}

// LoadDirectory reads all meetings that can be found.
func LoadDirectory(ctx context.Context, d *db.DB) (*Directory, error) {
	// The meetings are read side by side and so not all at the same moment. What changes meanwhile carries a
	// later number than this one and is read again.
	before, err := readClock(ctx, d)
	if err != nil {
		return nil, err
	}
	ranges, err := db.Ranges(ctx, d, "meeting", "id", loadRanges)
	if err != nil {
		return nil, fmt.Errorf("load directory: %w", err)
	}
	l := loader{builder: newShelfBuilder(), parts: make([]loading, len(ranges)), feeds: before.feeds}
	for i := range l.parts {
		l.parts[i].cards = newCardReader()
	}
	err = db.EachParallel(ctx, d, ranges, l.row,
		`SELECT `+listedColumns+listedTables+` WHERE m.id >= $1 AND m.id < $2 AND `+listedPublic)
	if err != nil {
		return nil, fmt.Errorf("load directory: %w", err)
	}
	for i := range l.parts {
		l.shelve(&l.parts[i])
	}
	base, segment := l.builder.done()
	return newDirectory(base, segment, before.seq, before.feeds).Refresh(ctx, d)
}

const (
	loadRanges = 16  // more than there are processors, so that none waits long for the last
	loadBatch  = 500 // meetings prepared between two turns at the shelf
)

// loader fills a shelf from several ranges at once.
type loader struct {
	feeds   map[string]feedSeen
	parts   []loading
	mu      sync.Mutex
	builder *shelfBuilder
}

// loading is one range on its way.
type loading struct {
	cards *cardReader
	batch []shelfItem // waits to be shelved
}

func (l *loader) row(part int, scan db.Scan) error {
	m := &listed{}
	if err := m.scan(scan); err != nil {
		return err
	}
	p := &l.parts[part]
	item, err := newShelfItem(m, l.feeds[m.FeedID].name, p.cards)
	if err != nil {
		return fmt.Errorf("meeting %s: %w", m.ID, err)
	}
	p.batch = append(p.batch, item)
	if len(p.batch) >= loadBatch {
		l.shelve(p)
	}
	return nil
}

func (l *loader) shelve(p *loading) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range p.batch {
		l.builder.add(&p.batch[i])
	}
	clear(p.batch)
	p.batch = p.batch[:0]
}

// A directory is read anew when this many meetings, and at least one in rebuildShare, have changed since
// its base was made: until then the fresh shelf is quicker.
const (
	rebuildLeast = 1000
	rebuildShare = 20
)

// Refresh returns the directory as it is now: d itself where nothing has changed.
func (d *Directory) Refresh(ctx context.Context, from *db.DB) (*Directory, error) {
	var next *Directory
	err := from.Read(ctx, func(tx *db.Tx) error {
		next = nil
		now, err := readClock(ctx, tx)
		if err != nil {
			return err
		}
		if now.seq == d.seq {
			next = d.seen(now.feeds)
			return nil
		}
		many := max(rebuildLeast, len(d.base.records)/rebuildShare)
		changed, err := db.One(ctx, tx, db.Column[int], `SELECT count(*) FROM meeting WHERE changed_seq > $1`, d.seq)
		if err != nil || len(d.changed)+len(d.gone)+changed > many {
			return err
		}
		next, err = d.with(ctx, tx, now)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("refresh directory: %w", err)
	}
	if next == nil {
		return LoadDirectory(ctx, from)
	}
	return next, nil
}

// seen is d with later dates on its feeds.
func (d *Directory) seen(feeds map[string]feedSeen) *Directory {
	same := len(feeds) == len(d.feeds)
	for id, f := range feeds {
		same = same && d.feeds[id] == f
	}
	if same {
		return d
	}
	next := *d
	next.feeds = feeds
	return &next
}

// with is d with what has changed since.
func (d *Directory) with(ctx context.Context, tx *db.Tx, now clock) (*Directory, error) {
	next := *d
	next.seq, next.feeds, next.recent, next.shown = now.seq, now.feeds, &recent{}, new(shownLately)
	next.changed = maps.Clone(d.changed)
	if next.changed == nil {
		next.changed = map[string]*shelfItem{}
	}
	cards := newCardReader()
	gone := make(map[uint32]bool, len(d.gone))
	for _, ref := range d.gone {
		gone[ref] = true
	}
	err := db.Each(ctx, tx, func(scan db.Scan) error {
		m, public := &listed{}, false
		if err := m.scan(scan, &public); err != nil {
			return err
		}
		if ref, ok := d.base.find(m.ID); ok {
			gone[ref] = true
		}
		delete(next.changed, m.ID)
		if !public {
			return nil
		}
		item, err := newShelfItem(m, now.feeds[m.FeedID].name, cards)
		if err != nil {
			return fmt.Errorf("meeting %s: %w", m.ID, err)
		}
		next.changed[m.ID] = &item
		return nil
	}, `SELECT `+listedColumns+`, (`+listedPublic+`)`+listedTables+` WHERE m.changed_seq > $1`, d.seq)
	if err != nil {
		return nil, err
	}
	next.gone = slices.Sorted(maps.Keys(gone))
	b := newShelfBuilder()
	for _, id := range slices.Sorted(maps.Keys(next.changed)) {
		b.add(next.changed[id])
	}
	fresh, segment := b.done()
	next.fresh = fresh
	next.index = index.New(d.baseSegment, next.gone, segment)
	return &next, nil
}
