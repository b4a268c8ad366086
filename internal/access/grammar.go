package access

import (
	"fmt"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
)

// filterable tells whether a policy keeps to what a list can filter by, whoever asks: a part that does not speak
// of the resource may be anything, for it is known once the actor is; a part that does must be in query's
// grammar.
func filterable(tree *ast.Policy) error {
	switch tree.Resource.(type) {
	case ast.ScopeTypeAll, ast.ScopeTypeIs:
	default:
		return fmt.Errorf("a list cannot filter by %T: say it in when or unless", tree.Resource)
	}
	if _, ok := tree.Principal.(ast.ScopeTypeAll); !ok {
		return fmt.Errorf("it names a principal: say it in when or unless")
	}
	for _, c := range tree.Conditions {
		if err := filterableNode(c.Body); err != nil {
			return err
		}
	}
	return nil
}

func filterableNode(n ast.IsNode) error {
	if !speaksOfResource(n) {
		return nil
	}
	both := func(n ast.BinaryNode) error {
		if err := filterableNode(n.Left); err != nil {
			return err
		}
		return filterableNode(n.Right)
	}
	// One side is an attribute of the resource, the other does not speak of it.
	against := func(n ast.BinaryNode) bool {
		_, left := attribute(n.Left)
		_, right := attribute(n.Right)
		return left && !speaksOfResource(n.Right) || right && !speaksOfResource(n.Left)
	}
	switch n := n.(type) {
	case ast.NodeTypeAnd:
		return both(n.BinaryNode)
	case ast.NodeTypeOr:
		return both(n.BinaryNode)
	case ast.NodeTypeNot:
		return filterableNode(n.Arg)
	case ast.NodeTypeEquals:
		if against(n.BinaryNode) {
			return nil
		}
	case ast.NodeTypeNotEquals:
		if against(n.BinaryNode) {
			return nil
		}
	case ast.NodeTypeContains:
		if against(n.BinaryNode) {
			return nil
		}
	case ast.NodeTypeIn:
		if v, ok := n.Left.(ast.NodeTypeVariable); ok && v.Name == "resource" && !speaksOfResource(n.Right) {
			return nil
		}
	case ast.NodeTypeAccess:
		if _, ok := attribute(n); ok {
			return nil
		}
	}
	return fmt.Errorf("a list cannot filter by %T", n)
}

// speaksOfResource tells whether anything below n looks at the resource.
func speaksOfResource(n ast.IsNode) (found bool) {
	ast.Inspect(ast.NewNode(n), func(n ast.IsNode) bool {
		if v, ok := n.(ast.NodeTypeVariable); ok && v.Name == "resource" {
			found = true
		}
		return !found
	})
	return found
}

// attribute returns the name of the attribute when n is resource.name.
func attribute(n ast.IsNode) (types.String, bool) {
	a, ok := n.(ast.NodeTypeAccess)
	if !ok {
		return "", false
	}
	v, ok := a.Arg.(ast.NodeTypeVariable)
	return a.Value, ok && v.Name == "resource"
}

// entityOf returns the entity that a literal is.
func entityOf(n ast.IsNode) (cedar.EntityUID, bool) {
	v, ok := n.(ast.NodeValue)
	if !ok {
		return cedar.EntityUID{}, false
	}
	uid, ok := v.Value.(cedar.EntityUID)
	return uid, ok
}

// entitiesOf returns the entities that a literal set holds; an entity stands for the set of itself.
func entitiesOf(n ast.IsNode) (uids []cedar.EntityUID, ok bool) {
	if uid, ok := entityOf(n); ok {
		return []cedar.EntityUID{uid}, true
	}
	v, ok := n.(ast.NodeValue)
	if !ok {
		return nil, false
	}
	set, ok := v.Value.(cedar.Set)
	if !ok {
		return nil, false
	}
	for e := range set.All() {
		uid, ok := e.(cedar.EntityUID)
		if !ok {
			return nil, false
		}
		uids = append(uids, uid)
	}
	return uids, true
}

// valuesOf returns, as columns have them, the entities or texts that a literal is or holds.
func valuesOf(n ast.IsNode) (values []string, ok bool) {
	v, ok := n.(ast.NodeValue)
	if !ok {
		return nil, false
	}
	one := func(v cedar.Value) bool {
		switch v := v.(type) {
		case cedar.EntityUID:
			values = append(values, string(v.ID))
		case cedar.String:
			values = append(values, string(v))
		default:
			return false
		}
		return true
	}
	set, isSet := v.Value.(cedar.Set)
	if !isSet {
		ok = one(v.Value)
		return values, ok
	}
	for e := range set.All() {
		if !one(e) {
			return nil, false
		}
	}
	return values, true
}
