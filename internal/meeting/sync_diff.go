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

	own     map[string]*listing // by key
	loaded  map[string]*listing // all that were loaded, by id, as they will be
	slots   map[string]bool     // where listings came, changed or went
	changed []*listing          // rewritten, and what they were matters to the report
	touched []*listing          // own listings that differ from the database in any way
}

// outcome is what became of one occurrence.
type outcome int

const (
	wasSame      outcome = iota
	wasAdded             // new, or back after it had vanished
	wasChanged           // its content
	wasRestamped         // only the feed's own date of change
)

func (s *Service) newDiff(ctx context.Context, tx *db.Tx, feed feedRow, now int64) (*diff, error) {
	ls, err := listingsOfFeed(ctx, tx, feed.ID)
	if err != nil {
		return nil, fmt.Errorf("read the feed's listings: %w", err)
	}
	d := &diff{
		s: s, feed: feed, now: now, slots: map[string]bool{},
		own: make(map[string]*listing, len(ls)), loaded: make(map[string]*listing, len(ls)),
	}
	for _, l := range ls {
		d.own[l.Key], d.loaded[l.ID] = l, l
	}
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
		d.own[o.Key], d.loaded[l.ID] = l, l
		d.touch(l)
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
	d.slots[l.Slot] = true
	l.State, l.Hash, l.LastSeen, l.GoneAt, l.rewrite = listingActive, hash, 0, 0, true
	l.describe(fellowship, o)
	d.touch(l)
	return result
}

// retire takes a listing out of its meeting's life; it and the meeting stay stored.
func (d *diff) retire(l *listing, to listingState) {
	if l.State == to {
		return
	}
	if l.State == listingActive {
		l.LastSeen, l.GoneAt = db.Millis(d.feed.LastGoodAt), d.now
	}
	l.State = to
	d.touch(l)
}

func (d *diff) touch(l *listing) {
	d.slots[l.Slot] = true
	d.touched = append(d.touched, l)
}

// apply brings listings and meetings in line.
func (d *diff) apply(ctx context.Context, tx *db.Tx) error {
	if len(d.touched) == 0 {
		return nil
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
	before, err := listingDocs(ctx, tx, ids)
	if err != nil {
		return nil, fmt.Errorf("read what stood before: %w", err)
	}
	for _, l := range d.changed {
		if was := before[l.ID]; was != nil {
			changes[l] = differences(was, l.occ)
		}
	}
	return changes, nil
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
	ls, err := neighbouringListings(ctx, tx, d.feed.ID, sortedKeys(d.slots))
	if err != nil {
		return nil, fmt.Errorf("read neighbours: %w", err)
	}
	for _, l := range ls {
		l = d.current(l)
		bySlot[l.Slot] = append(bySlot[l.Slot], l)
	}
	for _, l := range d.own {
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
