package ui

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// root is the folder of the module.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above this test")
		}
		dir = filepath.Dir(dir)
	}
}

// keysIn lists the catalogue's keys that the Go code of a folder uses, each with one place. Components are
// seen through the Go that templ made of them. Keys are: the text of a call to S or Key, and the message
// of a fault, which a page translates when it shows it.
func keysIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	keys := map[string]string{}
	files := token.NewFileSet()
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); name == "testdata" || name == "dist" || strings.HasPrefix(name, ".") && p != dir {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(files, p, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if at := keyArgument(call); at >= 0 && at < len(call.Args) {
				if key, ok := literal(call.Args[at]); ok {
					keys[key] = files.Position(call.Pos()).String()
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// keyArgument says which argument of a call is a key, or -1.
func keyArgument(call *ast.CallExpr) int {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		if f.Name == "Key" {
			return 0
		}
	case *ast.SelectorExpr:
		name = f.Sel.Name
		on, ok := f.X.(*ast.Ident)
		switch {
		case ok && on.Name == "fault" && name == "New":
			return 1
		case ok && on.Name == "ui" && name == "Key":
			return 0
		}
	}
	switch name {
	case "S":
		return 0
	case "Mend": // of a finding of the doctor, after its state
		return 1
	case "With", "Add": // of a fault, where the message comes after the field's name
		if len(call.Args) >= 2 {
			if field, ok := literal(call.Args[0]); ok && fieldName.MatchString(field) {
				return 1
			}
		}
	}
	return -1
}

var fieldName = regexp.MustCompile(`^[a-z][a-z_]*$`)

// literal is the text of a string literal, joined where it is a sum of several.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			s, err := strconv.Unquote(e.Value)
			return s, err == nil
		}
	case *ast.BinaryExpr:
		a, okA := literal(e.X)
		b, okB := literal(e.Y)
		return a + b, okA && okB && e.Op == token.ADD
	case *ast.ParenExpr:
		return literal(e.X)
	}
	return "", false
}

func TestEveryWordHasItsSpanish(t *testing.T) {
	es := Language("es")
	keys := keysIn(t, filepath.Join(root(t), "internal"))
	if len(keys) < 50 {
		t.Fatalf("found only %d keys; the scan is broken", len(keys))
	}
	for key, place := range keys {
		if !es.Has(key) && hasLetters(key) {
			rel, _ := filepath.Rel(root(t), place)
			t.Errorf("%s: no Spanish for %q", rel, key)
		}
	}
}

// A key whose English changes with a number needs English plurals too.
func TestPluralsStandInBothLanguages(t *testing.T) {
	en, es := Language("en").v.messages, Language("es").v.messages
	for key, e := range es {
		if e.arg != 0 && en[key].arg == 0 {
			t.Errorf("%q has plural forms in Spanish only", key)
		}
	}
	for key, e := range en {
		if e.arg != 0 && es[key].arg == 0 {
			t.Errorf("%q has plural forms in English only", key)
		}
	}
}

func hasLetters(s string) bool {
	return regexp.MustCompile(`\p{L}{2}`).MatchString(verb.ReplaceAllString(s, ""))
}

// The words that Hearth never says of people, in either language.
var never = regexp.MustCompile(`(?i)\b(clean|dirty|addicts?|addicted|abus\w*|junkies?|relaps\w*|medication[- ]assisted|limpi[oa]s?|suci[oa]s?|adict[oa]s?|abus[oa]s?|reca[ií]d\w*)\b`)

func TestOurOwnWordsAreKind(t *testing.T) {
	for _, lang := range []string{"en", "es"} {
		for key, e := range Language(lang).v.messages {
			texts := []string{key, e.text}
			for _, f := range e.forms {
				texts = append(texts, f)
			}
			for _, s := range texts {
				if w := never.FindString(s); w != "" {
					t.Errorf("%s: %q says %q", lang, s, w)
				}
			}
		}
	}
	for key, place := range keysIn(t, filepath.Join(root(t), "internal")) {
		if w := never.FindString(key); w != "" {
			t.Errorf("%s: %q says %q", place, key, w)
		}
	}
}
