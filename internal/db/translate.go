package db

import (
	"fmt"
	"strings"
)

// statements cuts a migration at its semicolons and leaves out what is only space.
func statements(sql string) [][]token {
	var all [][]token
	var one []token
	solid := false
	flush := func() {
		if solid {
			all = append(all, one)
		}
		one, solid = nil, false
	}
	for _, t := range tokens(sql) {
		if t.is(";") {
			flush()
			continue
		}
		one = append(one, t)
		solid = solid || t.kind != space
	}
	flush()
	return all
}

func join(ts []token) string {
	var b strings.Builder
	for _, t := range ts {
		b.WriteString(t.text)
	}
	return b.String()
}

// translator rewrites one statement: what is read is copied to out unless it is a type word.
type translator struct {
	in  []token
	at  int
	out strings.Builder
}

// translate turns a statement of a migration from PostgreSQL's type words to SQLite's, and makes every
// table STRICT. Statements that declare no column pass untouched.
func translate(statement []token) (string, error) {
	for _, t := range statement {
		if t.kind == space && strings.Count(t.text, "/*") > 1 {
			return "", fmt.Errorf("a comment inside a comment means two things: %s", t.text)
		}
	}
	t := &translator{in: statement}
	var err error
	switch {
	case t.take("CREATE") && t.take("TABLE"):
		err = t.createTable()
	case t.take("ALTER") && t.take("TABLE"):
		err = t.alterTable()
	}
	if err != nil {
		return "", err
	}
	t.rest()
	return t.out.String(), nil
}

// peek copies space and returns the next token that is none; an empty one at the end.
func (t *translator) peek() token {
	for t.at < len(t.in) && t.in[t.at].kind == space {
		t.copy()
	}
	if t.at == len(t.in) {
		return token{}
	}
	return t.in[t.at]
}

func (t *translator) copy() {
	t.out.WriteString(t.in[t.at].text)
	t.at++
}

func (t *translator) rest() {
	for t.at < len(t.in) {
		t.copy()
	}
}

// take copies the next token if it is this keyword or sign.
func (t *translator) take(s string) bool {
	if t.peek().is(s) {
		t.copy()
		return true
	}
	return false
}

// named copies a name, plain or quoted, and returns it.
func (t *translator) named(what string) (string, error) {
	n := t.peek()
	if n.kind != word && n.kind != name {
		return "", fmt.Errorf("expected the name of a %s, found %q", what, n.text)
	}
	t.copy()
	return n.text, nil
}

func (t *translator) createTable() error {
	if t.take("IF") {
		t.take("NOT")
		t.take("EXISTS")
	}
	table, err := t.named("table")
	if err != nil {
		return err
	}
	if !t.take("(") {
		return fmt.Errorf("table %s: expected its columns in parentheses, found %q", table, t.peek().text)
	}
	for {
		if err := t.definition(); err != nil {
			return fmt.Errorf("table %s: %w", table, err)
		}
		if t.take(")") {
			break
		}
		if !t.take(",") {
			return fmt.Errorf("table %s: its parenthesis is not closed", table)
		}
	}
	t.out.WriteString(" STRICT")
	if left := t.peek(); left.text != "" {
		return fmt.Errorf("table %s: %q after the columns is not portable", table, left.text)
	}
	return nil
}

// definition reads one column or constraint, up to the comma or the parenthesis behind it.
func (t *translator) definition() error {
	if !t.constraint() {
		if err := t.column(); err != nil {
			return err
		}
	}
	for depth := 0; ; t.copy() {
		switch n := t.peek(); {
		case n.text == "":
			return nil
		case n.is("("):
			depth++
		case depth == 0 && (n.is(",") || n.is(")")):
			return nil
		case n.is(")"):
			depth--
		}
	}
}

func (t *translator) constraint() bool {
	for _, s := range []string{"CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK"} {
		if t.peek().is(s) {
			return true
		}
	}
	return false
}

func (t *translator) alterTable() error {
	table, err := t.named("table")
	if err != nil {
		return err
	}
	if !t.take("ADD") || t.constraint() {
		return nil
	}
	t.take("COLUMN")
	if err := t.column(); err != nil {
		return fmt.Errorf("table %s: %w", table, err)
	}
	return nil
}

// column reads a column's name and type.
func (t *translator) column() error {
	column, err := t.named("column")
	if err != nil {
		return err
	}
	typ := t.peek()
	if typ.kind != word {
		return fmt.Errorf("column %s: expected a type, found %q", column, typ.text)
	}
	t.at++
	switch strings.ToUpper(typ.text) {
	case "TEXT":
		t.out.WriteString("TEXT")
	case "BIGINT":
		t.out.WriteString("INTEGER")
	case "BOOLEAN":
		fmt.Fprintf(&t.out, "INTEGER CHECK (%s IN (0, 1))", column)
	case "BYTEA":
		t.out.WriteString("BLOB")
	case "DOUBLE":
		if p := t.peek(); !p.is("PRECISION") {
			return fmt.Errorf("column %s: type DOUBLE %s: only DOUBLE PRECISION is portable", column, p.text)
		}
		t.at++
		t.out.WriteString("REAL")
	default:
		return fmt.Errorf("column %s: type %s is not portable: use TEXT, BIGINT, BOOLEAN, DOUBLE PRECISION or BYTEA", column, typ.text)
	}
	if n := t.peek(); n.is("(") || n.is("[") || n.is(".") {
		return fmt.Errorf("column %s: type %s%s… is not portable", column, typ.text, n.text)
	}
	return nil
}
