package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go/types"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/eval"
)

// Columns says, for the rows of a list, which SQL stands for what policies look at. Program, Group, Owner, Person
// and Role are expressions of type TEXT, where NULL and an empty text both say that there is none. Staff is a
// condition. The rest are conditions about one account, written $actor:
//
//	EXISTS (SELECT 1 FROM pairing p WHERE p.participant_id = r.id AND p.account_id = $actor AND p.until >= $1)
//
// What no row of the list has is Nothing. A column that is left empty is an error as soon as a policy looks at it.
type Columns struct {
	Program, Group                    string
	Owner, Person                     string
	Peers, Supervisors, Hosts, OnCall string
	Staff, Role                       string
	After                             int // how many parameters the query has before: the first here is $After+1
}

// Nothing says that no row has such a thing.
const Nothing = "nothing"

// Scope returns the SQL condition that the policies imply for a list of things of that kind: exactly the rows for
// which May would say yes. It is never empty and can stand behind AND as it is; TRUE and FALSE are possible. What cannot
// be said in SQL, and any policy that fails, is an error and never a row too many.
func (p *Policies) Scope(a Actor, name Act, kind string, c Columns) (where string, args []any, err error) {
	act, k := p.acts[name], p.kinds[kind]
	if act == nil || k == nil || !slices.Contains(act.kinds, k.entity) {
		return "", nil, fmt.Errorf("access: %s is not done to a %s", name, kind)
	}
	if a.ID == "" {
		where, args = never.write(0)
		return where, args, nil
	}
	actor := a.entity()
	env := eval.Env{
		Entities:  &world{actor: actor},
		Principal: actor.UID, Action: act.uid, Resource: eval.Variable("resource"), Context: types.NewRecord(nil),
	}
	q := &query{kind: k, columns: &c}
	allowed, forbidden := never, never
	for _, id := range act.order {
		tree, keep := eval.PartialPolicy(env, (*ast.Policy)(act.policies[id].AST()))
		if !keep {
			continue
		}
		says, err := q.policy(tree)
		if err != nil {
			return "", nil, fmt.Errorf("access: scope of %s: policy %s: %w", name, id, err)
		}
		if tree.Effect == ast.EffectForbid {
			forbidden = anyOf(forbidden, says)
		} else {
			allowed = anyOf(allowed, says)
		}
	}
	where, args = all(allowed, not(forbidden)).write(c.After)
	return where, args, nil
}

// query turns what is left of policies, once the actor is known, into SQL. Its grammar is closed, and filterable
// holds policies to it:
//
//	true, false, and, or, not
//	resource.attribute == value, resource.attribute != value
//	resource.set.contains(value)
//	{values}.contains(resource.attribute)
//	resource in place, resource in {places}
//	resource.flag
type query struct {
	kind    *kind
	columns *Columns
}

// policy is a policy's conditions, all of which must hold.
func (q *query) policy(tree *ast.Policy) (clause, error) {
	says := always
	switch s := tree.Resource.(type) {
	case ast.ScopeTypeAll:
	case ast.ScopeTypeIs:
		if s.Type != q.kind.entity {
			return never, nil
		}
	default:
		return never, fmt.Errorf("cannot filter by %T", s)
	}
	for _, c := range tree.Conditions {
		one, err := q.condition(c.Body)
		if err != nil {
			return never, err
		}
		if c.Condition == ast.ConditionUnless {
			one = not(one)
		}
		says = all(says, one)
	}
	return says, nil
}

func (q *query) condition(n ast.IsNode) (clause, error) {
	if err, ok := eval.ToPartialError(n); ok {
		return never, err
	}
	switch n := n.(type) {
	case ast.NodeValue:
		switch n.Value {
		case types.True:
			return always, nil
		case types.False:
			return never, nil
		}
	case ast.NodeTypeAnd:
		return q.both(n.BinaryNode, all)
	case ast.NodeTypeOr:
		return q.both(n.BinaryNode, anyOf)
	case ast.NodeTypeNot:
		one, err := q.condition(n.Arg)
		return not(one), err
	case ast.NodeTypeEquals:
		return q.equal(n.BinaryNode)
	case ast.NodeTypeNotEquals:
		one, err := q.equal(n.BinaryNode)
		return not(one), err
	case ast.NodeTypeContains:
		return q.contains(n.BinaryNode)
	case ast.NodeTypeIn:
		return q.in(n.BinaryNode)
	case ast.NodeTypeAccess:
		if name, ok := attribute(n); ok {
			column, err := q.column(name)
			if err != nil || column == Nothing {
				return never, err
			}
			return atom("(" + column + ")"), nil
		}
	}
	return never, fmt.Errorf("cannot filter by %T", n)
}

func (q *query) both(n ast.BinaryNode, join func(a, b clause) clause) (clause, error) {
	left, err := q.condition(n.Left)
	if err != nil {
		return never, err
	}
	right, err := q.condition(n.Right)
	if err != nil {
		return never, err
	}
	return join(left, right), nil
}

// equal is resource.attribute == value, in either order.
func (q *query) equal(n ast.BinaryNode) (clause, error) {
	name, ok := attribute(n.Left)
	other := n.Right
	if !ok {
		name, ok = attribute(n.Right)
		other = n.Left
	}
	values, known := valuesOf(other)
	if !ok || !known || len(values) != 1 {
		return never, fmt.Errorf("cannot compare %T with %T", n.Left, n.Right)
	}
	return q.oneOf(name, values)
}

// contains is resource.set.contains(value), or {values}.contains(resource.attribute).
func (q *query) contains(n ast.BinaryNode) (clause, error) {
	if name, ok := attribute(n.Left); ok {
		uid, ok := entityOf(n.Right)
		if !ok {
			return never, fmt.Errorf("cannot look for %T", n.Right)
		}
		column, err := q.column(name)
		if err != nil || column == Nothing || uid.ID == "" {
			return never, err
		}
		return atom("("+strings.ReplaceAll(column, "$actor", valueMark)+")", string(uid.ID)), nil
	}
	name, ok := attribute(n.Right)
	values, known := valuesOf(n.Left)
	if !ok || !known {
		return never, fmt.Errorf("cannot look for %T in %T", n.Right, n.Left)
	}
	return q.oneOf(name, values)
}

// oneOf is whether an attribute is one of these.
func (q *query) oneOf(name types.String, values []string) (clause, error) {
	column, err := q.column(name)
	if err != nil || len(values) == 0 {
		return never, err
	}
	empty := slices.Contains(values, "")
	list := slices.DeleteFunc(values, func(v string) bool { return v == "" })
	if column == Nothing {
		if empty {
			return always, nil
		}
		return never, nil
	}
	says := never
	if empty {
		says = atom("COALESCE(" + column + ", '') = ''")
	}
	if len(list) > 0 {
		says = anyOf(says, among(column, list))
	}
	return says, nil
}

// in is whether the row lies in one of these places.
func (q *query) in(n ast.BinaryNode) (clause, error) {
	v, ok := n.Left.(ast.NodeTypeVariable)
	uids, isSet := entitiesOf(n.Right)
	if !ok || v.Name != "resource" || !isSet {
		return never, fmt.Errorf("cannot tell whether %T is in %T", n.Left, n.Right)
	}
	var programs, groups []string
	for _, uid := range uids {
		program, group, all := placeOf(uid)
		switch {
		case uid.Type != placeType:
			return never, fmt.Errorf("%s is not a place", uid)
		case all:
			return always, nil
		case program != "":
			programs = append(programs, program)
		case group != "":
			groups = append(groups, group)
		}
	}
	says := never
	for _, in := range []struct {
		what, column string
		ids          []string
	}{{"program", q.columns.Program, programs}, {"group", q.columns.Group, groups}} {
		if len(in.ids) == 0 || in.column == Nothing {
			continue
		}
		if in.column == "" {
			return never, fmt.Errorf("the list gives no column for %s", in.what)
		}
		says = anyOf(says, among(in.column, in.ids))
	}
	return says, nil
}

// column is the SQL that stands for an attribute of the kind.
func (q *query) column(name types.String) (string, error) {
	i := slices.IndexFunc(q.kind.attrs, func(a attr) bool { return a.name == name })
	if i < 0 {
		return "", fmt.Errorf("a %s has no %s", q.kind.entity, name)
	}
	column := q.kind.attrs[i].column(q.columns)
	if column == "" {
		return "", fmt.Errorf("the list gives no column for %s", name)
	}
	return column, nil
}
