package meeting

import (
	"context"
	"fmt"
	"slices"

	"hearth/internal/db"
)

// diff collects what happens to the listings of one feed and then brings the meetings in line with it.
// It lives inside one transaction.
type diff struct {
	s     *Service
	feed  feedRow
	now   int64
	local string // id of the built-in feed, "" before the first local meeting

	own     map[string]*listing // by key; only an outline before fill
	loaded  map[string]*listing // all that are known whole, by id, as they will be
	slots   map[string]bool     // where listings came, changed or went
	changed []*listing          // rewritten, and what they were matters to the report
	touched []*listing          // own listings that differ from the database in any way
	repeats []repeated
	before  map[string]*Occurrence // what the changed listings were, by id; filled by compare
}

// repeated is a listing whose row now says the same as another one's, so that both are one meeting.
type repeated struct{ listing, by *listing }

// outcome is what became of one occurrence.
type outcome int

const (
	wasSame      outcome = iota
	wasAdded             // new, or back after it had vanished
	wasChanged           // its content
	wasRestamped         // only the feed's own date of change
)

func (s *Service) newDiff(ctx context.Context, tx *db.Tx, feed feedRow, now int64) (*diff, error) {
	if err := lockDirectory(ctx, tx); err != nil {
		return nil, err
	}
	own, err := outlinesOfFeed(ctx, tx, feed.ID)
	if err != nil {
		return nil, fmt.Errorf("read the feed's listings: %w", err)
	}
	d := &diff{s: s, feed: feed, now: now, own: own, slots: map[string]bool{}, loaded: map[string]*listing{}}
	d.local, err = localFeedID(ctx, tx)
	return d, err
}

func (d *diff) countActive() int {
	n := 0
	for _, l := range d.own {
		if l.State == listingActive {
			n++
		}
	}
	return n
}

// current returns the listing as this diff leaves it.
func (d *diff) current(l *listing) *listing {
	if known := d.loaded[l.ID]; known != nil {
		return known
	}
	d.loaded[l.ID] = l
	return l
}

// put takes one occurrence of the feed. The hash is of its content and, after a colon, its date.
func (d *diff) put(o *Occurrence, fellowship, hash string) outcome {
	l := d.own[o.Key]
	if l == nil {
		l = &listing{ID: db.NewID(), FeedID: d.feed.ID, Key: o.Key, State: listingActive, Hash: hash, FirstSeen: d.now, new: true}
		l.describe(fellowship, o)
		d.own[o.Key] = l
		d.touched = append(d.touched, l)
		return wasAdded
	}
	if l.State == listingActive && l.Hash == hash {
		return wasSame
	}
	result := wasChanged
	switch {
	case l.State != listingActive:
		result = wasAdded
	case contentHash(l.Hash) == contentHash(hash):
		result = wasRestamped
	default:
		d.changed = append(d.changed, l)
	}
	l.State, l.Hash, l.rewrite = listingActive, hash, true
	l.occ, l.Fellowship = o, fellowship
	d.touched = append(d.touched, l)
	return result
}

// settle returns an occurrence that several rows of the feed say under the id by which it is already known,
// so that it stays the same meeting in whatever order the feed lists them; nil when it has that id. Taken
// are the ids that other occurrences have.
func (d *diff) settle(o *Occurrence, taken map[string]bool) *Occurrence {
	known := func(key string) bool { return d.own[key] != nil && d.own[key].State == listingActive }
	if len(o.Repeats) == 0 || known(o.Key) {
		return nil
	}
	i := slices.IndexFunc(o.Repeats, func(id string) bool { return known(id) && !taken[id] })
	if i < 0 {
		return nil
	}
	settled := *o
	settled.Repeats = slices.Clone(o.Repeats)
	settled.SourceID, settled.Repeats[i] = o.Repeats[i], o.SourceID
	settled.Key = settled.SourceID
	slices.Sort(settled.Repeats)
	return &settled
}

// retireRepeat retires a listing whose row now only repeats another's.
func (d *diff) retireRepeat(l, by *listing) {
	d.repeats = append(d.repeats, repeated{l, by})
	d.retire(l, listingGone)
}

// retire takes a listing out of its meeting's life; it and the meeting stay stored.
func (d *diff) retire(l *listing, to listingState) {
	if l.State != to {
		l.State = to
		d.touched = append(d.touched, l)
	}
}

// fill reads what stands of the touched listings, and writes on it what becomes of them.
func (d *diff) fill(ctx context.Context, tx *db.Tx) error {
	ids := make([]string, 0, len(d.touched))
	byID := make(map[string]*listing, len(d.touched))
	for _, l := range d.touched {
		d.loaded[l.ID], d.slots[l.Slot] = l, true
		if !l.new {
			ids = append(ids, l.ID)
			byID[l.ID] = l
		}
	}
	delete(d.slots, "")
	stored, err := listingsIn(ctx, tx, "id", ids)
	if err != nil {
		return fmt.Errorf("read the feed's listings: %w", err)
	}
	for _, was := range stored {
		l := byID[was.ID]
		d.slots[was.Slot] = true
		state, hash, rewrite, o, fellowship := l.State, l.Hash, l.rewrite, l.occ, l.Fellowship
		*l = *was
		l.State, l.Hash, l.rewrite = state, hash, rewrite
		switch {
		case rewrite:
			l.LastSeen, l.GoneAt = 0, 0
			l.describe(fellowship, o)
			d.slots[l.Slot] = true
		case was.State == listingActive:
			l.LastSeen, l.GoneAt = db.Millis(d.feed.LastGoodAt), d.now
		}
	}
	return nil
}

// apply brings listings and meetings in line.
func (d *diff) apply(ctx context.Context, tx *db.Tx) error {
	if len(d.touched) == 0 {
		return nil
	}
	if err := d.fill(ctx, tx); err != nil {
		return err
	}
	bySlot, err := d.neighbours(ctx, tx)
	if err != nil {
		return err
	}
	a, err := d.assign(ctx, tx, bySlot)
	if err != nil {
		return fmt.Errorf("join listings: %w", err)
	}
	if err := d.writeMeetings(ctx, tx, a); err != nil {
		return err
	}
	return d.writeListings(ctx, tx, a)
}

// compare finds field by field what changed. It must be asked before apply.
func (d *diff) compare(ctx context.Context, tx *db.Tx) (map[*listing][]Change, error) {
	changes := make(map[*listing][]Change, len(d.changed))

	ids := make([]string, len(d.changed))
	for i, l := range d.changed {
		ids[i] = l.ID
	}
	var err error
	if d.before, err = listingDocs(ctx, tx, ids); err != nil {
		return nil, fmt.Errorf("read what stood before: %w", err)
	}
	for _, l := range d.changed {
		if was := d.before[l.ID]; was != nil {
			changes[l] = differences(was, l.occ)
		}
	}
	return changes, nil
}

// newRepeats counts the ids that the feed did not have before and that say the same as another. The first
// sync has none: there nothing was before.
func (d *diff) newRepeats() int {
	n := 0
	for _, l := range d.touched {
		was := d.before[l.ID]
		if d.feed.lastGoodSync == "" || l.State != listingActive || (was == nil && !l.new) {
			continue
		}
		for _, id := range l.occ.Repeats {
			old := d.own[id]
			if (old == nil || old.wasState != listingActive) && (was == nil || !slices.Contains(was.Repeats, id)) {
				n++
			}
		}
	}
	return n
}

// neighbours returns all listings, of every feed, of the slots in which something happened.
func (d *diff) neighbours(ctx context.Context, tx *db.Tx) (map[string][]*listing, error) {
	// A listing may share its meeting with one that has moved to another slot since.
	var meetings []string
	for _, l := range d.touched {
		for _, id := range []string{l.Meeting, l.Home} {
			if id != "" {
				meetings = append(meetings, id)
			}
		}
	}
	slices.Sort(meetings)
	with, err := listingsIn(ctx, tx, "meeting_id", slices.Compact(meetings))
	if err != nil {
		return nil, fmt.Errorf("read neighbours: %w", err)
	}
	for _, l := range with {
		if l.State == listingActive {
			d.slots[l.Slot] = true
		}
	}
	bySlot := make(map[string][]*listing, len(d.slots))
	ls, err := listingsIn(ctx, tx, "slot", sortedKeys(d.slots))
	if err != nil {
		return nil, fmt.Errorf("read neighbours: %w", err)
	}
	for _, l := range ls {
		d.current(l)
	}
	for _, l := range d.loaded {
		if d.slots[l.Slot] {
			bySlot[l.Slot] = append(bySlot[l.Slot], l)
		}
	}
	return bySlot, nil
}

// writeListings stores the feed's own listings, and to which meeting others' now belong.
func (d *diff) writeListings(ctx context.Context, tx *db.Tx, a *assignment) error {
	var fresh, rewritten, retired []*listing
	for _, l := range d.touched {
		switch {
		case l.new:
			fresh = append(fresh, l)
		case l.rewrite:
			rewritten = append(rewritten, l)
		default:
			retired = append(retired, l)
		}
	}
	if err := writeListings(ctx, tx, fresh, ""); err != nil {
		return err
	}
	if err := writeListings(ctx, tx, rewritten, listingUpsert); err != nil {
		return err
	}
	if err := retireListings(ctx, tx, retired); err != nil {
		return err
	}
	for _, g := range a.groups {
		for _, l := range g.listings {
			if !l.new && !l.rewrite && (l.Meeting != l.was || l.Home != l.wasHome) {
				if err := moveListing(ctx, tx, l); err != nil {
					return fmt.Errorf("move listing: %w", err)
				}
			}
		}
	}
	return nil
}
