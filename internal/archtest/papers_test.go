package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSecurityPapersClaimWhatIsThere: a paper that names a test which is gone promises what nobody checks.
func TestSecurityPapersClaimWhatIsThere(t *testing.T) {
	t.Parallel()
	top := root(t)
	tests := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	for _, f := range files(t) {
		if f.test() {
			for _, m := range declared.FindAllStringSubmatch(f.text, -1) {
				tests[m[1]] = true
			}
		}
	}
	named := regexp.MustCompile("`(Test\\w+|(?:internal|docs)/[\\w/.-]+)`")
	for _, paper := range []string{"threat-model.md", "asvs.md"} {
		text, err := os.ReadFile(filepath.Join(top, "docs", "security", paper))
		if err != nil {
			t.Fatal(err)
		}
		found := named.FindAllStringSubmatch(string(text), -1)
		if len(found) < 20 {
			t.Errorf("%s names %d tests and places: this test looks in the wrong place", paper, len(found))
		}
		for _, m := range found {
			if strings.HasPrefix(m[1], "Test") && !tests[m[1]] {
				t.Errorf("%s names %s, which is not there", paper, m[1])
			} else if !strings.HasPrefix(m[1], "Test") {
				if _, err := os.Stat(filepath.Join(top, m[1])); err != nil {
					t.Errorf("%s names %s: %v", paper, m[1], err)
				}
			}
		}
	}
}
