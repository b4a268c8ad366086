package casework

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hearth/internal/access"
	"hearth/internal/civil"
	"hearth/internal/db"
	"hearth/internal/fault"
)

// Pair lets a peer specialist walk with a participant from a day on. A new primary peer ends the earlier one's
// pairing on the day before, so that there is one primary at any time.
func (s *Service) Pair(ctx context.Context, actor access.Actor, n Pairing) (Pairing, error) {
	if n.From.IsZero() {
		n.From = s.o.Today()
	}
	var wrong fault.Fields
	if n.Peer == "" {
		wrong.Add("peer", "Please choose who walks with the person.")
	}
	if n.Role != Primary && n.Role != Backup {
		wrong.Add("role", "Please choose whether it is the first peer or a second one.")
	}
	if !n.Until.IsZero() && n.Until.Before(n.From) {
		wrong.Add("until", "The last day lies before the first.")
	}
	if err := wrong.Err(); err != nil {
		return Pairing{}, err
	}
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		p, _, err := s.may(ctx, tx, actor, access.RecordPair, n.Participant, tx.ForUpdate())
		if err != nil {
			return err
		}
		if p.State != Open {
			return changedMeanwhile()
		}
		switch ok, err := s.o.IsPeer(ctx, tx, n.Peer, p.Program); {
		case err != nil:
			return err
		case !ok:
			return fault.New(fault.Invalid, "Something here needs another look.").With("peer", "Please choose who walks with the person.")
		}
		// Who decides does not walk with the person by that, and a pairing that is there is not made again: neither
		// is a way to a record that is closed to one.
		if n.Peer == actor.ID {
			return fault.New(fault.Invalid, "Something here needs another look.").With("peer", "Somebody else decides whom you walk with.")
		}
		running, err := s.pairings(ctx, tx, `WHERE participant = $1 AND peer = $2 AND (until_day = '' OR until_day >= $3)`, n.Participant, n.Peer, s.o.Today().String())
		if err != nil {
			return err
		}
		if len(running) > 0 {
			return fault.New(fault.Invalid, "Something here needs another look.").With("peer", "They walk together already.")
		}
		if n.Role == Primary {
			if _, err := tx.Exec(ctx, `UPDATE pairing SET until_day = $2 WHERE participant = $1 AND role = 'primary' AND (until_day = '' OR until_day > $2)`,
				n.Participant, n.From.AddDays(-1).String()); err != nil {
				return err
			}
		}
		n.ID = db.NewID()
		if err := s.insertPairing(ctx, tx, actor, n); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "record.pair", n.Participant, "", "account:"+n.Peer)
	})
	if err != nil {
		return Pairing{}, fmt.Errorf("pair: %w", err)
	}
	return n, nil
}

// Unpair ends a pairing at once: the peer sees nothing of the person any more.
func (s *Service) Unpair(ctx context.Context, actor access.Actor, participant, id string) error {
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		if _, _, err := s.may(ctx, tx, actor, access.RecordPair, participant, ""); err != nil {
			return err
		}
		today := s.o.Today()
		n, err := tx.Exec(ctx, `UPDATE pairing SET until_day = $3 WHERE id = $1 AND participant = $2 AND (until_day = '' OR until_day > $3)`, id, participant, today.AddDays(-1).String())
		if err != nil {
			return err
		}
		if n == 0 {
			return changedMeanwhile()
		}
		return s.record(ctx, tx, actor, "record.unpair", participant, "", "pairing:"+id)
	})
	if err != nil {
		return fmt.Errorf("unpair: %w", err)
	}
	return nil
}

func (s *Service) insertPairing(ctx context.Context, tx *db.Tx, actor access.Actor, n Pairing) error {
	if n.ID == "" {
		n.ID = db.NewID()
	}
	until := ""
	if !n.Until.IsZero() {
		until = n.Until.String()
	}
	_, err := tx.Exec(ctx, `INSERT INTO pairing (id, participant, peer, supervisor, role, from_day, until_day, made_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		n.ID, n.Participant, n.Peer, n.Supervisor, string(n.Role), n.From.String(), until, actor.ID)
	return err
}

func (s *Service) pairings(ctx context.Context, q db.Querier, where string, args ...any) ([]Pairing, error) {
	return db.All(ctx, q, func(scan db.Scan) (n Pairing, err error) {
		var role, from, until string
		if err := scan(&n.ID, &n.Participant, &n.Peer, &n.Supervisor, &role, &from, &until); err != nil {
			return n, err
		}
		n.Role = PairRole(role)
		if n.From, err = civil.ParseDate(from); err != nil || until == "" {
			return n, err
		}
		n.Until, err = civil.ParseDate(until)
		return n, err
	}, `SELECT id, participant, peer, supervisor, role, from_day, until_day FROM pairing `+where+` ORDER BY from_day DESC, id DESC`, args...)
}

// Listed is one line of a list of participants.
type Listed struct {
	ID     string
	Called string
	State  State
	Peer   string // account of the primary peer today; "" for nobody
}

// PageSize is how many people a list shows at once.
const PageSize = 50

// List is a part of a list of people.
type List struct {
	People []Listed
	From   int  // how many come before
	More   bool // there are more behind
	ByName bool // the list is whole and stands by name; else whoever came last stands first
}

// People lists the participants whose name an actor may know: for a peer the people they walk with, for a
// supervisor everybody in their program. With a name it lists those who are called exactly so, however it is
// written. It is one entry in the record.
func (s *Service) People(ctx context.Context, actor access.Actor, name string, from int) (List, error) {
	today := s.o.Today().String()
	paired := `EXISTS (SELECT 1 FROM pairing x WHERE x.participant = p.id AND x.%s = $actor AND x.from_day <= '` + today + `' AND (x.until_day = '' OR x.until_day >= '` + today + `'))`
	args := []any{today, from, actor.ID}
	// Which rows to look at, beside what the policies say of each. Somebody who sees only whom they have to do
	// with is not made to wait for a walk through everybody; who sees more begins with whoever came last.
	look := "TRUE"
	if name = tidy(name); name != "" {
		args = append(args, s.calledIndex(name))
		look = "p.called_index = $4"
	}
	if !s.o.Policies.Somewhere(actor, access.RecordNames, access.Thing{Kind: access.Record}) {
		known := append([]string{actor.Participant}, actor.Emergency...)
		look += " AND (p.id IN (SELECT x.participant FROM pairing x WHERE x.peer = $3 OR x.supervisor = $3) OR p.id IN (" + db.List(len(args)+1, len(known)) + "))"
		for _, id := range known {
			args = append(args, id)
		}
	}
	where, more, err := s.o.Policies.Scope(actor, access.RecordNames, access.Record, access.Columns{
		Program: "coalesce(p.program, '')", // not the bare column: the index by program would read them all, to sort them
		Person:  "p.id", Peers: fmt.Sprintf(paired, "peer"), Supervisors: fmt.Sprintf(paired, "supervisor"),
		Hosts: access.Nothing, OnCall: access.Nothing, After: len(args),
	})
	if err != nil {
		return List{}, fmt.Errorf("list people: %w", err)
	}
	l := List{From: from}
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		type row struct {
			participantRow
			peer *string
		}
		rows, err := db.All(ctx, tx, func(scan db.Scan) (r row, err error) {
			r.participantRow, err = scanParticipant(func(dest ...any) error { return scan(append(dest, &r.peer)...) })
			return r, err
			// $3 is used so that PostgreSQL knows its type also where the list is not narrowed.
		}, `SELECT `+participantColumns+`, (SELECT max(x.peer) FROM pairing x WHERE x.participant = p.id AND x.role = 'primary' AND x.from_day <= $1 AND (x.until_day = '' OR x.until_day >= $1))
			FROM participant p WHERE p.state <> 'erased' AND $3 = $3 AND `+look+` AND `+where+`
			ORDER BY p.opened_at DESC, p.id DESC LIMIT `+strconv.Itoa(PageSize+1)+` OFFSET $2`, append(args, more...)...)
		if err != nil {
			return err
		}
		if l.More = len(rows) > PageSize; l.More {
			rows = rows[:PageSize]
		}
		ids := make([]string, len(rows))
		for i, r := range rows {
			ids[i] = r.ID
		}
		ring, err := s.o.Vault.Ring(ctx, tx, ids)
		if err != nil {
			return err
		}
		l.People = make([]Listed, len(rows))
		for i, r := range rows {
			called, err := open(ring, namePlace(r.ID), r.sealed["called"])
			if err != nil {
				return err
			}
			l.People[i] = Listed{ID: r.ID, Called: called, State: r.State}
			if r.peer != nil {
				l.People[i].Peer = *r.peer
			}
		}
		return s.record(ctx, tx, actor, "record.list", "", "", fmt.Sprintf("%d names", len(l.People)))
	})
	if err != nil {
		return List{}, fmt.Errorf("list people: %w", err)
	}
	if l.ByName = from == 0 && !l.More; !l.ByName {
		return l, nil
	}
	slices.SortFunc(l.People, func(a, b Listed) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Called), strings.ToLower(b.Called)), cmp.Compare(a.ID, b.ID))
	})
	return l, nil
}
