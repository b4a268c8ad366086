package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// literals returns the text of every string in a file, without its quotes of either kind.
func literals(f *ast.File) (out []string) {
	ast.Inspect(f, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if s, err := strconv.Unquote(l.Value); err == nil {
				out = append(out, s)
			}
		}
		return true
	})
	return out
}

var statement = regexp.MustCompile(`(?is)^\s*(select\s.*\sfrom\s|insert\s+into\s|update\s+[a-z_]+\s+set\s|delete\s+from\s|with\s.*\sselect\s)`)

// holdsSQL tells whether one of a file's strings is a statement.
func holdsSQL(f *ast.File) bool {
	return slices.ContainsFunc(literals(f), statement.MatchString)
}

// Keywords of SQL stand in capitals here, which tells a part of a statement from a sentence.
var named = regexp.MustCompile(`\b(?:FROM|JOIN|INTO|UPDATE)\s+([a-z_]+)`)

// tables returns the tables that a file names: in statements and parts of them, and in calls of db.Insert.
func tables(f *ast.File) (out []string) {
	for _, s := range literals(f) {
		for _, m := range named.FindAllStringSubmatch(s, -1) {
			out = append(out, m[1])
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) < 3 || !isCall(call, "db", "Insert") {
			return true
		}
		if l, ok := call.Args[2].(*ast.BasicLit); ok && l.Kind == token.STRING {
			if s, err := strconv.Unquote(l.Value); err == nil {
				out = append(out, s)
			}
		}
		return true
	})
	return out
}

func isCall(call *ast.CallExpr, pkg, name string) bool {
	s, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != name {
		return false
	}
	x, ok := s.X.(*ast.Ident)
	return ok && x.Name == pkg
}

// rawWriters returns what a file uses of templ that writes without escaping: each name once. A ComponentFunc
// writes whatever it likes.
func rawWriters(f *ast.File) (out []string) {
	ast.Inspect(f, func(n ast.Node) bool {
		if m, ok := n.(*ast.FuncDecl); ok && m.Recv != nil && m.Name.Name == "Render" && m.Type.Params.NumFields() == 2 {
			out = append(out, "Render") // a component made by hand
		}
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := s.X.(*ast.Ident); !ok || x.Name != "templ" {
			return true
		}
		switch s.Sel.Name {
		case "Raw", "SafeURL", "SafeCSS", "JSExpression", "JSUnsafeFuncCall", "ComponentFunc":
			if name := "templ." + s.Sel.Name; !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
		return true
	})
	return out
}

// TestTheGuardsFire gives each guard that reads code one thing to find, and one to let be.
func TestTheGuardsFire(t *testing.T) {
	t.Parallel()
	parse := func(body string) *ast.File {
		t.Helper()
		f, err := parser.ParseFile(token.NewFileSet(), "seeded.go", "package seeded\n"+body, 0)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	for body, want := range map[string]bool{
		"const q = `SELECT id FROM meeting`":                  true,
		"const q = \"select id from meeting\"":                true,
		"const q = `\n\tUPDATE meeting SET name = $1`":        true,
		"const q = `DELETE FROM meeting`":                     true,
		"const q = `WITH a AS (SELECT 1) SELECT id FROM a`":   true,
		"const s = \"Select a day from the list\"":            true, // reads like one: say it otherwise
		"const s = \"Update your list\"":                      false,
		"// SELECT id FROM meeting\nconst s = \"a sentence\"": false,
		"const s = \"Choose from what is listed.\"":           false,
	} {
		if got := holdsSQL(parse(body)); got != want {
			t.Errorf("%s: SQL %t, want %t", body, got, want)
		}
	}
	for body, want := range map[string][]string{
		"const q = `SELECT id FROM meeting m JOIN listing l`":               {"meeting", "listing"},
		"const part = ` WHERE id IN (SELECT meeting_id FROM visit_report)`": {"visit_report"},
		"var _ = db.Insert(ctx, tx, \"audit_entry\", nil, nil, \"\")":       {"audit_entry"},
		"const s = \"Take it from meeting to meeting\"":                     nil,
	} {
		if got := tables(parse(body)); !slices.Equal(got, want) {
			t.Errorf("%s: tables %v, want %v", body, got, want)
		}
	}
	for body, want := range map[string][]string{
		"var c = templ.Raw(words)":                                                    {"templ.Raw"},
		"var c = templ.ComponentFunc(write)":                                          {"templ.ComponentFunc"},
		"var c = []any{templ.SafeURL(x), templ.SafeURL(y)}":                           {"templ.SafeURL"},
		"func (c rows) Render(ctx context.Context, w io.Writer) error { return nil }": {"Render"},
		"var c = templ.URL(x)":                                                        nil,
	} {
		if got := rawWriters(parse(body)); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", body, got, want)
		}
	}
}
