// Package archtest owns the rules of the house, as tests: who may know whom, which tables belong to whom,
// and what never meets in one file. Each rule says its reason when it fails.
//
// It must never be imported.
package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "hearth/"

// file is one Go file of the project.
type file struct {
	path    string // from the root, with slashes
	pkg     string // folder from the root
	ast     *ast.File
	imports []string
	text    string
}

func (f file) test() bool { return strings.HasSuffix(f.path, "_test.go") }
func (f file) templ() bool {
	return strings.HasSuffix(f.path, "_templ.go")
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(filepath.Dir(dir))
}

// read parses the project once for all tests.
var read = sync.OnceValues(func() ([]file, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	top := filepath.Dir(filepath.Dir(dir))
	set := token.NewFileSet()
	var out []file
	err = filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != top || d.Name() == "node_modules" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		a, err := parser.ParseFile(set, path, text, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(top, path)
		if err != nil {
			return err
		}
		f := file{path: filepath.ToSlash(rel), pkg: filepath.ToSlash(filepath.Dir(rel)), ast: a, text: string(text)}
		for _, i := range a.Imports {
			p, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			f.imports = append(f.imports, p)
		}
		out = append(out, f)
		return nil
	})
	if err == nil && len(out) < 30 {
		err = fmt.Errorf("found only %d Go files below %s: this test looks in the wrong place", len(out), top)
	}
	return out, err
})

func files(t *testing.T) []file {
	t.Helper()
	out, err := read()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func under(pkg string, prefixes ...string) bool {
	for _, p := range prefixes {
		if pkg == p || strings.HasPrefix(pkg, p+"/") {
			return true
		}
	}
	return false
}

// The floors of the house. A package may know packages of its own row only where allowed says so.
var (
	pure   = []string{"internal/fault", "internal/civil", "internal/text", "internal/geo", "internal/meeting/welcome", "internal/meeting/index"}
	ground = []string{"internal/fault", "internal/civil", "internal/text", "internal/geo", "internal/db", "internal/vault", "internal/audit", "internal/job", "internal/event", "internal/backup"}
	areas  = []string{"internal/meeting", "internal/casework"}
)

// TestImportDirection holds cmd → app → web → web/<area> → area → hall → ground floor. Never back up.
func TestImportDirection(t *testing.T) {
	t.Parallel()
	rules := []struct {
		who     []string
		may     []string // nil: anything of ours but mayNot
		mayNot  []string
		because string
	}{
		{who: []string{"cmd"}, may: []string{"internal/app"}, because: "main only hands over to app"},
		{who: []string{"internal/fault", "internal/civil", "internal/text"}, may: []string{"internal/text"}, because: "the ground floor knows nothing of the house"},
		{who: []string{"internal/geo"}, may: []string{"internal/text", "internal/geo"}, because: "places are found by folded text and nothing else"},
		{who: []string{"internal/meeting/welcome"}, may: []string{"internal/civil"}, because: "the score is pure: it must be checked against published numbers alone"},
		{who: []string{"internal/meeting/index"}, may: []string{"internal/civil", "internal/geo", "internal/text", "internal/meeting/welcome"}, because: "the index is a cache and never reads a source"},
		{who: []string{"internal/db"}, may: []string{"internal/fault", "internal/db"}, because: "db knows no table and no area"},
		{who: []string{"internal/vault", "internal/audit", "internal/job", "internal/event", "internal/backup"}, may: append(ground, "internal/event"), because: "the ground floor knows no area"},
		{who: []string{"internal/access"}, may: []string{"internal/fault", "internal/civil"}, because: "policies know no table and no area: what they look at is handed in"},
		{who: []string{"internal/account"}, may: append(ground, "internal/account", "internal/access"), because: "the hall knows the ground floor only"},
		{who: []string{"internal/community"}, may: append(ground, "internal/access", "internal/community"), because: "what a community says of itself rests on nobody else"},
		{who: []string{"internal/consent"}, may: append(ground, "internal/access", "internal/consent"), because: "the gate knows participants by id and no area"},
		{who: []string{"internal/privacy"}, may: append(ground, "internal/access", "internal/privacy"), because: "the keepers' books know participants by id and no area"},
		{who: areas, mayNot: []string{"internal/web", "internal/app", "internal/config", "internal/wire", "cmd"}, because: "an area knows no format, no page and no setting"},
		{who: []string{"internal/wire"}, may: append(pure, "internal/meeting", "internal/wire"), because: "codecs turn bytes into the area's own types and know no database"},
		{who: []string{"internal/config"}, may: []string{}, because: "settings know nothing"},
		{who: []string{"internal/web"}, mayNot: []string{"internal/app", "internal/config", "cmd"}, because: "web is handed what it needs"},
		{who: []string{"internal/web/ui"}, may: []string{"internal/civil", "internal/fault", "internal/web/ui"}, because: "components know no area: they are given what they show"},
	}
	all := files(t)
	for _, f := range all {
		if f.test() {
			continue
		}
		for _, r := range rules {
			if !under(f.pkg, r.who...) {
				continue
			}
			for _, imp := range f.imports {
				p, ours := strings.CutPrefix(imp, module)
				if !ours || p == f.pkg {
					continue
				}
				if r.may != nil && !under(p, r.may...) || under(p, r.mayNot...) {
					t.Errorf("%s imports %s: %s", f.path, p, r.because)
				}
			}
		}
		if f.pkg != "internal/app" && slices.Contains(f.imports, module+"internal/app") && !under(f.pkg, "cmd", "bench", "test", "internal/app/apptest") {
			t.Errorf("%s imports app: only main, benchmarks and whole-app tests start the whole", f.path)
		}
	}
}

// TestCedarIsKnownInOnePackage: its x/exp may change with every release, and whoever else asks it could take an
// error for a yes.
func TestCedarIsKnownInOnePackage(t *testing.T) {
	t.Parallel()
	for _, f := range files(t) {
		for _, imp := range f.imports {
			if strings.HasPrefix(imp, "github.com/cedar-policy/") && f.pkg != "internal/access" {
				t.Errorf("%s imports %s: policies are asked through package access", f.path, imp)
			}
		}
	}
}

// TestRolesDecideNothing: who looks at the grants of an actor decides by role, beside the policies. Accounts hold
// grants, and their pages show them.
func TestRolesDecideNothing(t *testing.T) {
	t.Parallel()
	for _, f := range files(t) {
		if f.test() || under(f.pkg, "internal/access", "internal/account", "internal/web/account", "internal/app", "bench") || !slices.Contains(f.imports, module+"internal/access") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Grants" {
				t.Errorf("%s looks at grants: ask access.Policies.May, which also asks for the relationship", f.path)
			}
			return true
		})
	}
}

// TestOnlyTheRoomsOfPeopleKnowThem: what is known about participants can be read in a few packages only, whose
// routes are registered as carrying it. Nobody else can let it out, by a report, an export or a mistake.
func TestOnlyTheRoomsOfPeopleKnowThem(t *testing.T) {
	t.Parallel()
	may := map[string][]string{
		module + "internal/casework": {"internal/app", "internal/web", "internal/web/casework", "internal/web/keep", "internal/casework"},
		module + "internal/consent":  {"internal/app", "internal/web", "internal/web/casework", "internal/web/keep", "internal/consent", "internal/casework"},
	}
	for _, f := range files(t) {
		for _, imp := range f.imports {
			if who, ok := may[imp]; ok && !f.test() && !slices.Contains(who, f.pkg) && !under(f.pkg, "test", "bench") {
				t.Errorf("%s imports %s: what is known about people leaves through the gate, from routes that say so", f.path, imp)
			}
		}
		// In those pages a body is written by the gate's Send or by page.Render, and by nothing else.
		if under(f.pkg, "internal/web/casework", "internal/web/keep") && !f.test() && !f.templ() && regexp.MustCompile(`\bw\.Write\(|io\.Copy\(w|http\.Serve`).MatchString(f.text) {
			t.Errorf("%s writes an answer by itself: it is sent by the gate or rendered as a page", f.path)
		}
	}
}

// TestWebHasNoSQL keeps queries beside their rules.
func TestWebHasNoSQL(t *testing.T) {
	t.Parallel()
	all := files(t)
	for _, f := range all {
		if f.test() {
			continue
		}
		if under(f.pkg, "internal/web") && (slices.Contains(f.imports, "database/sql") || holdsSQL(f.ast)) {
			t.Errorf("%s holds SQL: it belongs into the area's store files", f.path)
		}
		if under(f.pkg, "internal") && !under(f.pkg, "internal/web", "internal/app") && !strings.Contains(f.path, "fetch") && f.path != "internal/meeting/service.go" && !under(f.pkg, "internal/vault", "internal/account/accounttest") && slices.Contains(f.imports, "net/http") {
			t.Errorf("%s imports net/http: HTTP lives in web (and in a fetcher, and where the key service is asked)", f.path)
		}
	}
}

// TestClockIsHandedIn: a rule that reads the clock cannot be tested on the night the clocks change.
func TestClockIsHandedIn(t *testing.T) {
	t.Parallel()
	all := files(t)
	for _, f := range all {
		if f.test() || !under(f.pkg, append(append([]string{}, areas...), "internal/access", "internal/account", "internal/community", "internal/consent", "internal/vault", "internal/audit", "internal/backup", "internal/civil", "internal/geo", "internal/wire")...) {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if s, ok := call.Fun.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && (s.Sel.Name == "Now" || s.Sel.Name == "Since" || s.Sel.Name == "Until") {
					t.Errorf("%s calls time.%s: time comes in through Options.Now or a parameter", f.path, s.Sel.Name)
				}
			}
			return true
		})
	}
	clockSQL := regexp.MustCompile(`(?i)\b(now\(\)|current_timestamp|current_date|date_trunc|strftime)\b`)
	for _, f := range all {
		if !f.test() && under(f.pkg, append(append([]string{}, areas...), "internal/account", "internal/community", "internal/consent", "internal/vault", "internal/audit", "internal/backup", "internal/job", "internal/event")...) {
			if m := clockSQL.FindString(strings.Join(literals(f.ast), "\n")); m != "" && !strings.Contains(m, "Now(") {
				t.Errorf("%s has %s in SQL: no clock in SQL", f.path, m)
			}
		}
	}
}

// TestTablesBelongToOnePackage: others use its Go functions.
func TestTablesBelongToOnePackage(t *testing.T) {
	t.Parallel()
	top := root(t)
	owner := map[string]string{}
	create := regexp.MustCompile(`(?i)create\s+(?:table|view)\s+(?:if\s+not\s+exists\s+)?([a-z_]+)`)
	migrations, err := filepath.Glob(filepath.Join(top, "internal", "*", "migrations", "*.sql"))
	if err != nil || len(migrations) == 0 {
		t.Fatalf("no migrations found: %v", err)
	}
	for _, m := range migrations {
		text, err := os.ReadFile(m)
		if err != nil {
			t.Fatal(err)
		}
		pkg := "internal/" + filepath.Base(filepath.Dir(filepath.Dir(m)))
		for _, found := range create.FindAllStringSubmatch(string(text), -1) {
			owner[found[1]] = pkg
		}
	}
	for _, f := range files(t) {
		if f.test() || under(f.pkg, "bench") { // fills tables faster than any service could
			continue
		}
		for _, table := range tables(f.ast) {
			if o := owner[table]; o != "" && o != f.pkg {
				t.Errorf("%s names table %s of %s: use its functions", f.path, table, o)
			}
		}
	}
}

// TestEveryPackageSaysWhatItOwns holds the first thing a stranger reads.
func TestEveryPackageSaysWhatItOwns(t *testing.T) {
	t.Parallel()
	all := files(t)
	doc, seen := map[string]string{}, map[string]bool{}
	for _, f := range all {
		if f.test() && f.pkg != "internal/archtest" && !under(f.pkg, "test") {
			continue
		}
		seen[f.pkg] = true
		if f.ast.Doc != nil {
			doc[f.pkg] += f.ast.Doc.Text()
		}
	}
	for pkg := range seen {
		switch d := doc[pkg]; {
		case d == "":
			t.Errorf("%s has no package comment: say what it owns and what it must never do", pkg)
		case under(pkg, "internal") && !strings.Contains(strings.ToLower(d), "never") && !strings.Contains(strings.ToLower(d), "must not"):
			t.Errorf("%s: its package comment does not say what it must never do", pkg)
		}
	}
}

// TestNamesThatSayNothing keeps out packages named after nothing.
func TestNamesThatSayNothing(t *testing.T) {
	t.Parallel()
	all := files(t)
	for _, f := range all {
		for _, part := range strings.Split(f.pkg, "/") {
			switch part {
			case "util", "utils", "common", "helper", "helpers", "models", "manager", "impl", "misc":
				t.Errorf("%s: a package named %s says nothing about what it owns", f.path, part)
			}
		}
	}
}

// TestPagesKeepTheContentSecurityPolicy: nothing inline, and each hole in templ's escaping is listed.
func TestPagesKeepTheContentSecurityPolicy(t *testing.T) {
	t.Parallel()
	top := root(t)
	bad := regexp.MustCompile(`(?i)\sstyle=|\son[a-z]+=["{]|<script>|<style|javascript:|https?://[^"]*\.(js|css|png|woff2)`)
	holes := regexp.MustCompile(`templ\.(Raw|SafeURL|SafeCSS|JSExpression|JSUnsafeFuncCall)|@templ\.Raw`)
	n := 0
	err := filepath.WalkDir(filepath.Join(top, "internal"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".templ") {
			return err
		}
		n++
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(top, path)
		for i, line := range strings.Split(string(text), "\n") {
			if m := bad.FindString(line); m != "" {
				t.Errorf("%s:%d: %q breaks the Content-Security-Policy", rel, i+1, strings.TrimSpace(m))
			}
			if m := holes.FindString(line); m != "" && !slices.Contains(allowedHoles, filepath.ToSlash(rel)+" "+strings.TrimPrefix(m, "@")) {
				t.Errorf("%s:%d: %s turns escaping off; if it must be, list it in allowedHoles with a reason", rel, i+1, m)
			}
		}
		return nil
	})
	if err != nil || n == 0 {
		t.Fatalf("looked at %d templ files: %v", n, err)
	}
	for _, f := range files(t) {
		if f.test() || f.templ() || !under(f.pkg, "internal") {
			continue
		}
		for _, hole := range rawWriters(f.ast) {
			if !slices.Contains(allowedHoles, f.path+" "+hole) {
				t.Errorf("%s: %s turns escaping off; if it must be, list it in allowedHoles with a reason", f.path, hole)
			}
		}
	}
}

// allowedHoles lists "file templ.Function" where escaping is turned off, with the reason beside it.
var allowedHoles = []string{
	"internal/web/ui/form.templ templ.SafeURL", // "#" and the name of a field
	"internal/web/ui/icon.templ templ.Raw",     // the drawings of our own icons
	// geo: and tel: links, which templ.URL does not know; made by directions and joining only
	"internal/web/meeting/show.templ templ.SafeURL",
	"internal/web/meeting/before.templ templ.SafeURL",
	"internal/web/house/house.go templ.SafeURL", // tel: and sms: with digits and a plus sign only
	"internal/web/meeting/said.go templ.Raw",    // what this package wrote and escaped before, kept
	// components made by hand: they draw many rows or squares, and escape what is not ours
	"internal/web/meeting/listing.go Render", "internal/web/meeting/around.go Render", "internal/web/ui/qr.go Render",
}

// TestFilesHaveOneSubject is a question for the reviewer more than a rule: a long file has two subjects.
func TestFilesHaveOneSubject(t *testing.T) {
	t.Parallel()
	all := files(t)
	for _, f := range all {
		if n := strings.Count(f.text, "\n"); n > 800 && !f.test() && !f.templ() {
			t.Errorf("%s has %d lines: split it by subject", f.path, n)
		}
	}
}

// TestEveryDependencyHasItsLine: what for, why this one, cost, how to leave it.
func TestEveryDependencyHasItsLine(t *testing.T) {
	t.Parallel()
	top := root(t)
	mod, err := os.ReadFile(filepath.Join(top, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile(filepath.Join(top, "docs", "dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(mod), "\n") {
		fields := strings.Fields(line)
		if len(fields) < 2 || strings.Contains(line, "// indirect") || !strings.Contains(fields[0], ".") || !strings.HasPrefix(fields[1], "v") {
			continue
		}
		if !strings.Contains(string(doc), fields[0]) {
			t.Errorf("%s has no line in docs/dependencies.md", fields[0])
		}
	}
}
