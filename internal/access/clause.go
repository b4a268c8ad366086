package access

import (
	"slices"
	"strconv"
	"strings"
)

// clause is an SQL condition in the making. Constants are folded as it grows, so that nothing is asked, and no
// parameter sent, that does not matter. What SQL does not know (a comparison with NULL) counts as false.
type clause struct {
	op     operator
	sql    string   // of an atom; each value stands in it as $value
	values []string // of an atom
	of     []clause // of all, any and not
}

type operator int

const (
	opNever operator = iota
	opAlways
	opAtom
	opAll
	opAny
	opNot
)

var always, never = clause{op: opAlways}, clause{op: opNever}

const valueMark = "$value"

// atom is a condition of SQL's own, in which each valueMark stands for one of values.
func atom(sql string, values ...string) clause { return clause{op: opAtom, sql: sql, values: values} }

// among is whether an expression is one of these values, of which there is at least one and none is empty.
func among(column string, values []string) clause {
	slices.Sort(values)
	values = slices.Compact(values)
	if len(values) == 1 {
		return atom(column+" = "+valueMark, values[0])
	}
	return atom(column+" IN ("+strings.Repeat(valueMark+", ", len(values)-1)+valueMark+")", values...)
}

func all(a, b clause) clause {
	switch {
	case a.op == opNever || b.op == opNever:
		return never
	case a.op == opAlways:
		return b
	case b.op == opAlways:
		return a
	}
	return join(opAll, a, b)
}

func anyOf(a, b clause) clause {
	switch {
	case a.op == opAlways || b.op == opAlways:
		return always
	case a.op == opNever:
		return b
	case b.op == opNever:
		return a
	}
	return join(opAny, a, b)
}

// join makes one level of what would be two of the same operator, and says nothing twice.
func join(op operator, parts ...clause) clause {
	out := clause{op: op}
	for _, p := range parts {
		list := []clause{p}
		if p.op == op {
			list = p.of
		}
		for _, c := range list {
			if !slices.ContainsFunc(out.of, c.equal) {
				out.of = append(out.of, c)
			}
		}
	}
	if len(out.of) == 1 {
		return out.of[0]
	}
	return out
}

func not(a clause) clause {
	switch a.op {
	case opAlways:
		return never
	case opNever:
		return always
	case opNot:
		return a.of[0]
	}
	return clause{op: opNot, of: []clause{a}}
}

func (c clause) equal(d clause) bool {
	return c.op == d.op && c.sql == d.sql && slices.Equal(c.values, d.values) && slices.EqualFunc(c.of, d.of, clause.equal)
}

// write gives the clause as SQL, in which parameters are numbered from after+1, and the parameters.
func (c clause) write(after int) (string, []any) {
	w := writer{after: after}
	w.clause(c)
	return w.b.String(), w.args
}

type writer struct {
	b     strings.Builder
	after int
	args  []any
}

func (w *writer) clause(c clause) {
	switch c.op {
	case opNever:
		w.b.WriteString("FALSE")
	case opAlways:
		w.b.WriteString("TRUE")
	case opAtom:
		parts := strings.Split(c.sql, valueMark)
		for i, part := range parts {
			w.b.WriteString(part)
			if i < len(parts)-1 {
				w.arg(c.values[min(i, len(c.values)-1)])
			}
		}
	case opNot:
		// Without COALESCE, what SQL does not know would stay unknown when it is turned round.
		w.b.WriteString("NOT COALESCE(")
		w.clause(c.of[0])
		w.b.WriteString(", FALSE)")
	case opAll, opAny:
		between := " AND "
		if c.op == opAny {
			between = " OR "
		}
		w.b.WriteByte('(')
		for i, part := range c.of {
			if i > 0 {
				w.b.WriteString(between)
			}
			w.clause(part)
		}
		w.b.WriteByte(')')
	}
}

// arg writes the parameter that holds v; the same value is one parameter.
func (w *writer) arg(v string) {
	i := slices.Index(w.args, any(v))
	if i < 0 {
		i = len(w.args)
		w.args = append(w.args, v)
	}
	w.b.WriteByte('$')
	w.b.WriteString(strconv.Itoa(w.after + i + 1))
}
