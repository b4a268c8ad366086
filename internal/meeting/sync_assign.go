package meeting

import (
	"cmp"
	"context"
	"slices"
	"time"

	"hearth/internal/db"
)

// group is active listings that are one meeting, and that meeting's id.
type group struct {
	listings []*listing // by id
	meeting  string
	created  bool // the meeting is new
	homeless bool // none of its listings had one
}

// assignment says which meeting each group of listings is.
type assignment struct {
	groups []*group
	merged map[string]string // a meeting that is now part of another
}

// assign groups the active listings slot by slot and gives every group its meeting. A group keeps the
// oldest meeting that its listings had; when a group parts, each part returns to the meeting that was made
// for it; a group without any takes up a vanished meeting that was the same, or a new one.
func (d *diff) assign(ctx context.Context, tx *db.Tx, bySlot map[string][]*listing) (*assignment, error) {
	a := &assignment{merged: map[string]string{}}
	j := &joiner{now: time.UnixMilli(d.now)}
	away := map[string][]*listing{} // by slot
	for _, slot := range sortedKeys(bySlot) {
		var active []*listing
		for _, l := range bySlot[slot] {
			if l.State == listingActive {
				active = append(active, l)
			} else {
				away[slot] = append(away[slot], l)
			}
		}
		for _, ls := range j.groups(active) {
			slices.SortFunc(ls, func(a, b *listing) int { return cmp.Compare(a.ID, b.ID) })
			a.groups = append(a.groups, &group{listings: ls})
		}
	}
	slices.SortFunc(a.groups, func(x, y *group) int { return cmp.Compare(x.listings[0].ID, y.listings[0].ID) })

	claimant := map[string]*group{}
	for _, home := range []bool{true, false} { // whose meeting it is comes before who was with it
		for _, g := range a.groups {
			for _, l := range g.listings {
				id := l.Meeting
				if home {
					id = l.Home
				}
				if id != "" && claimant[id] == nil {
					claimant[id] = g
				}
			}
		}
	}
	var without []*group
	for _, g := range a.groups {
		for _, l := range g.listings {
			for _, id := range []string{l.Home, l.Meeting} {
				if id != "" && claimant[id] == g && (g.meeting == "" || id < g.meeting) {
					g.meeting = id
				}
			}
		}
		if g.meeting == "" {
			g.homeless = true
			without = append(without, g)
		}
	}
	if err := d.adopt(ctx, tx, j, without, away, claimant); err != nil {
		return nil, err
	}
	for _, g := range a.groups {
		if g.meeting == "" {
			g.meeting, g.created = db.NewID(), true
		}
		if g.homeless {
			g.listings[0].Home = g.meeting
			claimant[g.meeting] = g
		}
		for _, l := range g.listings {
			if claimant[l.Home] != g {
				l.Home = "" // somebody else's: two listings may have stood for one meeting, one after the other
			}
			for _, id := range []string{l.Home, l.was} {
				if id != "" && id != g.meeting && (claimant[id] == nil || claimant[id] == g) {
					a.merged[id] = g.meeting
				}
			}
			l.Meeting = g.meeting
		}
	}
	for _, r := range d.repeats {
		if id := r.listing.Meeting; claimant[id] == nil && r.by.Meeting != "" && id != r.by.Meeting {
			a.merged[id] = r.by.Meeting
		}
	}
	return a, nil
}

// adopt gives groups that have no meeting a vanished one that was the same: a feed that renames its rows,
// or a feed that takes another's place, should not cost a meeting what is known of its welcome.
func (d *diff) adopt(ctx context.Context, tx *db.Tx, j *joiner, without []*group, away map[string][]*listing, claimant map[string]*group) error {
	homeless := map[string][]*listing{} // the first of each group, by slot
	for _, g := range without {
		first := g.listings[0]
		homeless[first.Slot] = append(homeless[first.Slot], first)
	}
	wanted := map[string]bool{}
	options := map[*listing][]pair{} // with the vanished listing as b
	for slot, ls := range homeless {
		for _, l := range away[slot] {
			if claimant[l.Meeting] == nil {
				ls = append(ls, l)
			}
		}
		for _, p := range j.pairs(ls, func(a, b *listing) bool { return (a.State == listingActive) != (b.State == listingActive) }) {
			if p.a.State != listingActive {
				p.a, p.b = p.b, p.a
			}
			options[p.a] = append(options[p.a], p)
			wanted[p.b.Meeting] = true
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	free, err := d.vanished(ctx, tx, sortedKeys(wanted))
	if err != nil {
		return err
	}
	for _, g := range without {
		best := options[g.listings[0]]
		slices.SortFunc(best, func(p, q pair) int {
			return cmp.Or(cmp.Compare(q.alike, p.alike), cmp.Compare(p.b.ID, q.b.ID))
		})
		for _, p := range best {
			if free[p.b.Meeting] {
				free[p.b.Meeting] = false
				g.meeting = p.b.Meeting
				claimant[g.meeting] = g
				break
			}
		}
	}
	return nil
}

// vanished tells which of the meetings have no active listing left and are not part of another.
func (d *diff) vanished(ctx context.Context, tx *db.Tx, ids []string) (map[string]bool, error) {
	free := map[string]bool{}
	err := inParts(ids, func(part []any) error {
		return db.Each(ctx, tx, func(scan db.Scan) error {
			var id string
			err := scan(&id)
			free[id] = true
			return err
		}, `SELECT id FROM meeting WHERE merged_into = '' AND id IN (`+db.List(1, len(part))+`)`, part...)
	})
	if err != nil {
		return nil, err
	}
	ls, err := listingsIn(ctx, tx, "meeting_id", ids)
	if err != nil {
		return nil, err
	}
	for _, l := range ls {
		if d.current(l).State == listingActive {
			delete(free, l.Meeting)
		}
	}
	return free, nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
