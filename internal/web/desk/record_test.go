package desk

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// deed is an action of the audit record where an area writes it.
var deed = regexp.MustCompile(`(?:record|change)\([^)\n]*?"([a-z]+(?:\.[a-z_]+)+)"|(?:Action:|action\S* (?::?= )(?:[^\n]*, )?) ?"([a-z]+(?:\.[a-z_]+)+)"`)

// Every deed that an area records has words, so that no code stands on the page.
func TestEveryDeedHasWords(t *testing.T) {
	found := map[string]bool{}
	for _, area := range []string{"account", "app", "audit", "backup", "casework", "community", "consent", "meeting"} {
		files, err := filepath.Glob("../../" + area + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no files, %v", area, err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range deed.FindAllStringSubmatch(string(b), -1) {
				action := m[1] + m[2]
				found[action] = true
				if actions[action] == "" {
					t.Errorf("%s: %s has no words for people", name, action)
				}
			}
		}
	}
	for action := range actions {
		if !found[action] {
			t.Errorf("nothing records %s", action)
		}
	}
}
