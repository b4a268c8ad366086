package access

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cedar-policy/cedar-go"
)

// failing is a policy that compares what cannot be compared.
func failing(t *testing.T) *cedar.Policy {
	t.Helper()
	var p cedar.Policy
	if err := p.UnmarshalCedar([]byte(`forbid (principal, action, resource) when { principal.nothing == 1 };`)); err != nil {
		t.Fatal(err)
	}
	return &p
}

// TestActsAreTheSchemas: an act that is missing on either side would be a page that nobody may open.
func TestActsAreTheSchemas(t *testing.T) {
	t.Parallel()
	p := policies(t)
	file, err := parser.ParseFile(token.NewFileSet(), "acts.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var acts []Act
	var kinds []string
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
			s, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			if v.Type != nil {
				acts = append(acts, Act(s))
			} else {
				kinds = append(kinds, s)
			}
		}
		return true
	})
	slices.Sort(acts)
	if want := slices.Sorted(maps.Keys(p.acts)); !slices.Equal(acts, want) {
		t.Errorf("acts.go has %v,\nthe schema %v", acts, want)
	}
	slices.Sort(kinds)
	if want := slices.Sorted(maps.Keys(p.kinds)); !slices.Equal(kinds, want) {
		t.Errorf("acts.go has the kinds %v,\nthe schema %v", kinds, want)
	}
	for name, a := range p.acts {
		if !slices.ContainsFunc(a.order, func(id cedar.PolicyID) bool { return a.policies[id].Effect() == cedar.Permit }) {
			t.Errorf("nothing permits %s to anybody", name)
		}
	}
	for k, seen := range private {
		if p.kinds[k] == nil || !slices.Contains(p.acts[seen].kinds, p.kinds[k].entity) {
			t.Errorf("%s does not show that a %s exists", seen, k)
		}
	}
}

// TestRulesAreReadable: every policy is a sentence, and shows itself as it was written.
func TestRulesAreReadable(t *testing.T) {
	t.Parallel()
	rules := policies(t).Explain()
	if len(rules) < 40 {
		t.Fatalf("only %d rules", len(rules))
	}
	for _, r := range rules {
		if !strings.HasPrefix(r.Cedar, "@id(\""+r.ID+"\")") || !strings.HasSuffix(r.Cedar, ";") || strings.Contains(r.Cedar[1:], "@id(") {
			t.Errorf("%s is cut out wrongly:\n%s", r.ID, r.Cedar)
		}
		if r.Says != strings.TrimSpace(r.Says) || !strings.HasSuffix(r.Says, ".") {
			t.Errorf("%s is not a sentence: %q", r.ID, r.Says)
		}
		if r.Forbids != strings.HasPrefix(r.Says, "Nobody ") {
			t.Errorf("%s: a rule that forbids, and no other, begins with Nobody: %q", r.ID, r.Says)
		}
	}
}

// TestPoliciesNameNoDiagnosis: a rule that must know what somebody has would tell who has it.
func TestPoliciesNameNoDiagnosis(t *testing.T) {
	t.Parallel()
	words := regexp.MustCompile(`(?i)diagnos|opioid|opiate|methadone|buprenorphine|naltrexone|medicat|overdos|pregnan|\bhiv\b|hepatitis|disorder|addict|abuse|relapse|\bclean\b|\bdirty\b|alcohol|\bdrugs?\b|substance|mental`)
	entries, err := embedded.ReadDir("policies")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := embedded.ReadFile("policies/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		if m := words.Find(text); m != nil {
			t.Errorf("%s says %q", e.Name(), m)
		}
	}
}

// TestMistakesAreFoundAtStart: each of these would be a silent yes or a silent no.
func TestMistakesAreFoundAtStart(t *testing.T) {
	t.Parallel()
	const note = `@id("new") @says("New.") `
	for name, policy := range map[string]string{
		"a misspelt attribute":           note + `permit (principal, action == Action::"record.read", resource) when { resource.peer.contains(principal) };`,
		"an attribute of another kind":   note + `permit (principal, action == Action::"audit.read", resource) when { resource.peers.contains(principal) };`,
		"an act that is not there":       note + `permit (principal, action == Action::"record.sell", resource);`,
		"every act":                      note + `permit (principal, action, resource);`,
		"an unguarded optional":          note + `permit (principal, action == Action::"record.read", resource) when { resource.person == principal.participant };`,
		"no sentence":                    `@id("new") permit (principal, action == Action::"record.read", resource);`,
		"no id":                          `@says("New.") permit (principal, action == Action::"record.read", resource);`,
		"an id twice":                    `@id("records-own") @says("New.") permit (principal, action == Action::"record.read", resource);`,
		"what no list can filter by":     note + `permit (principal, action == Action::"record.read", resource) when { resource.peers.isEmpty() };`,
		"two attributes compared":        note + `permit (principal, action == Action::"record.read", resource) when { resource.peers.containsAll(resource.hosts) };`,
		"a choice that lists cannot ask": note + `permit (principal, action == Action::"record.read", resource) when { if resource in principal.peer then true else resource in principal.host };`,
		"a principal by name":            note + `permit (principal == Actor::"me", action == Action::"record.read", resource);`,
		"a thing by name":                note + `permit (principal, action == Action::"record.read", resource == Record::"r");`,
		"no Cedar at all":                `permit`,
	} {
		if _, err := tryChanged(t, quiet, "records", policy); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
