package access

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cedar-policy/cedar-go"
	"pgregory.net/rapid"

	"hearth/internal/civil"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
)

// TestListsEqualDecisions is the promise of Scope: for random worlds, every list that it filters holds exactly
// the rows for which May says yes, on both engines.
func TestListsEqualDecisions(t *testing.T) {
	t.Parallel()
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		p := policies(t)
		kinds := slices.Sorted(maps.Keys(p.kinds))
		rapid.Check(t, func(rt *rapid.T) {
			w := towns(kinds).Draw(rt, "world")
			store(t, d, w)
			for range 2 {
				a := actors().Draw(rt, "actor")
				for name, act := range p.acts {
					for _, entity := range act.kinds {
						kind := strings.ToLower(string(entity))
						got := listed(rt, t.Context(), d, p, a, name, kind)
						var want []string
						for _, r := range w.things {
							if r.kind == kind && p.May(a, name, w.thing(r)) == nil {
								want = append(want, r.id)
							}
						}
						slices.Sort(want)
						if !slices.Equal(got, want) {
							where, args, _ := p.Scope(a, name, kind, worldColumns)
							rt.Errorf("%s on %ss: the list has %v, one by one %v may\n%s\n%v", name, kind, got, want, where, args)
						}
					}
				}
			}
		})
	}, worldTables)
}

// listed asks the database for the rows of a kind that are in scope.
func listed(t *rapid.T, ctx context.Context, d *db.DB, p *Policies, a Actor, act Act, kind string) []string {
	where, args, err := p.Scope(a, act, kind, worldColumns)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := db.All(ctx, d, func(s db.Scan) (id string, err error) { err = s(&id); return id, err },
		`SELECT t.id FROM thing t WHERE t.kind = $1 AND $2 <> '' AND `+where+` ORDER BY t.id`,
		append([]any{kind, today.String()}, args...)...)
	if err != nil {
		t.Fatalf("%s on %ss: %v\n%s\n%v", act, kind, err, where, args)
	}
	slices.Sort(ids)
	return ids
}

// store writes a world in place of the one before.
func store(t *testing.T, d *db.DB, w *town) {
	t.Helper()
	ctx := t.Context()
	err := d.WithTx(ctx, func(tx *db.Tx) error {
		for _, table := range []string{"thing", "pairing", "watch", "oversight", "hosting"} {
			if _, err := tx.Exec(ctx, "DELETE FROM "+table); err != nil {
				return err
			}
		}
		for _, r := range w.things {
			text := func(s string) any {
				if s == "" && r.null {
					return nil
				}
				return s
			}
			var staff any = r.staff
			if !r.staff && r.null {
				staff = nil
			}
			if _, err := tx.Exec(ctx, `INSERT INTO thing (id, kind, program, grp, owner, person, role, staff) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
				r.id, r.kind, text(r.program), text(r.group), text(r.owner), text(r.person), text(string(r.role)), staff); err != nil {
				return err
			}
		}
		for table, ties := range map[string][]tie{
			"pairing (person, account": w.pairings, "watch (person, account": w.watches,
			"oversight (peer, account": w.oversight, "hosting (grp, account": w.hosting,
		} {
			for _, tie := range ties {
				if _, err := tx.Exec(ctx, `INSERT INTO `+table+`, begins, ends) VALUES ($1, $2, $3, $4)`, tie.from, tie.to, written(tie.begin), written(tie.ends)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func written(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// TestEveryRuleDecidesSomething: a rule that never holds for anybody is a mistake that looks like a rule. On the
// way it compares decisions with those of the whole set, which is what policies kept by act must equal.
func TestEveryRuleDecidesSomething(t *testing.T) {
	t.Parallel()
	p := policies(t)
	whole := cedar.PolicyMap{}
	for _, a := range p.acts {
		maps.Copy(whole, a.policies)
	}
	if len(whole) != len(p.rules) {
		t.Fatalf("%d policies, %d rules", len(whole), len(p.rules))
	}
	holds := map[cedar.PolicyID]bool{}
	gen, who := towns(slices.Sorted(maps.Keys(p.kinds))), actors()
	for seed := range 400 {
		w, a := gen.Example(seed), who.Example(seed)
		if a.ID == "" {
			continue
		}
		for _, r := range w.things {
			for name, act := range p.acts {
				k := p.kinds[r.kind]
				if !slices.Contains(act.kinds, k.entity) {
					continue
				}
				thing := w.thing(r)
				e := &world{actor: a.entity(), thing: thing.entity(k)}
				request := cedar.Request{Principal: e.actor.UID, Action: act.uid, Resource: e.thing.UID}
				decision, said := cedar.Authorize(whole, e, request)
				if len(said.Errors) > 0 {
					t.Fatalf("%s on a %s: %v", name, r.kind, said.Errors)
				}
				if (decision == cedar.Allow) != (p.May(a, name, thing) == nil) {
					t.Fatalf("%s on a %s: the whole set says %v, May does not", name, r.kind, decision)
				}
				for _, reason := range said.Reasons {
					holds[reason.PolicyID] = true
				}
			}
		}
	}
	for id := range whole {
		if !holds[id] {
			t.Errorf("%s never decided anything", id)
		}
	}
}

// TestScopeWantsItsColumns: a list that forgot a column is an error, not a shorter or longer list.
func TestScopeWantsItsColumns(t *testing.T) {
	t.Parallel()
	p := policies(t)
	ben := holds("ben", "north", Peer)
	for _, c := range []Columns{{}, {Program: "t.program", Group: "t.grp", Person: "t.person"}} {
		if where, _, err := p.Scope(ben, RecordRead, Record, c); err == nil {
			t.Errorf("with the columns %+v the list was filtered by %s", c, where)
		}
	}
	for _, bad := range []struct {
		act  Act
		kind string
	}{{RecordRead, House}, {"record.sell", Record}, {RecordRead, "moon"}} {
		if where, _, err := p.Scope(ben, bad.act, bad.kind, allColumns); err == nil {
			t.Errorf("%s on %s was filtered by %s", bad.act, bad.kind, where)
		}
	}
	if where, _, err := p.Scope(Actor{}, RecordRead, Record, allColumns); err != nil || where != "FALSE" {
		t.Errorf("nobody sees %s, %v", where, err)
	}
}

var allColumns = Columns{
	Program: "r.program", Group: Nothing, Person: "r.id", Owner: Nothing, Staff: Nothing,
	Peers: "PEERS($actor)", Supervisors: "SUPERVISORS($actor)", Hosts: Nothing, OnCall: Nothing, After: 3,
}

// ExamplePolicies_Scope shows what a peer's list of records is filtered by.
func ExamplePolicies_Scope() {
	p, err := Load(quiet)
	if err != nil {
		panic(err)
	}
	ben := Actor{ID: "ben", Grants: []Grant{{Role: Peer, Program: "north"}}}
	where, args, err := p.Scope(ben, RecordNames, Record, allColumns)
	fmt.Println(where, args, err)
	// Output:
	// (r.program = $4 AND (PEERS($5)) AND ((PEERS($5)) OR (SUPERVISORS($5)))) [north ben] <nil>
}

// TestManyAskAtOnce: policies are shared by all requests. It is for the race detector, and compares what many get
// with what one alone gets.
func TestManyAskAtOnce(t *testing.T) {
	t.Parallel()
	p := policies(t)
	type answer struct{ where, may string }
	ask := func() (out []answer) {
		for name, act := range p.acts {
			for _, entity := range act.kinds {
				kind := strings.ToLower(string(entity))
				a := holds("a0", "north", Roles...)
				a.Participant, a.Emergency = "p0", []string{"p1", "p2"}
				where, args, err := p.Scope(a, name, kind, worldColumns)
				may := p.May(a, name, Thing{Kind: kind, ID: "x", Person: "p1", Program: "north", Peers: []string{"a0"}})
				out = append(out, answer{fmt.Sprint(name, kind, where, args, err), fmt.Sprint(name, kind, may)})
			}
		}
		slices.SortFunc(out, func(a, b answer) int { return strings.Compare(a.where, b.where) })
		return out
	}
	alone := ask()
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 5 {
				if got := ask(); !slices.Equal(got, alone) {
					t.Error("many at once get other answers than one alone")
				}
			}
		})
	}
	wait.Wait()
}
