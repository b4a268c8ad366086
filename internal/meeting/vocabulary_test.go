package meeting

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shared returns a file of the shared folder, which tests read and never copy.
func shared(t *testing.T, name string) []byte {
	t.Helper()
	root := os.Getenv("HEARTH_SHARED")
	if root == "" {
		dir, err := os.Getwd()
		for err == nil && dir != "/" {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				break
			}
			dir = filepath.Dir(dir)
		}
		root = filepath.Join(dir, "..", "shared")
	}
	b, err := os.ReadFile(filepath.Join(root, name))
	if os.IsNotExist(err) {
		t.Skipf("HEARTH_SHARED is absent: %s is not there, so nothing was compared with the real files", filepath.Join(root, name))
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFlagsAreScopedByFellowship(t *testing.T) {
	for _, c := range []struct {
		fellowship, types string
		want              Flags
	}{
		{"aa", "O,W,X,POA", Open | Women | Wheelchair | ProofOfAttendance},
		{"aa", "A", Secular},
		{"aca", "A", 0},
		{"al-anon", "POA", 0},
		{"al-anon", "Y,C", YoungPeople | Closed},
		{"aca", "Y", Literature},
		{"slaa", "POA", ProofOfAttendance},
		{"sca", "COURT", ProofOfAttendance},
		{"ua", "T", 0},
		{"aa", "T", Transgender | LGBTQ},
		{"na", "WC,CW", Wheelchair | ChildCare},
		{"rd", "WA,CC", Wheelchair | ChildCare},
		{"na", "XYZ", 0},
		{"a new one", "W", Women},
		{"da", "N,P,AR", 0},
	} {
		if got := FlagsOf(c.fellowship, strings.Split(c.types, ",")); got != c.want {
			t.Errorf("FlagsOf(%s, %s) = %v, want %v", c.fellowship, c.types, got.Words(), c.want.Words())
		}
	}
}

func TestLanguagesAreScopedByFellowship(t *testing.T) {
	for _, c := range []struct {
		fellowship, types string
		want              []string
	}{
		{"aa", "S,FR,O", []string{"es", "fr"}},
		{"aa", "ITA,POL", []string{"it", "pl"}},
		{"aca", "S,SP", []string{"es"}},
		{"aa", "SP", nil},
		{"na", "S", nil},
		{"na", "ES,RU", []string{"es", "ru"}},
		{"rd", "IS", nil},
		{"da", "AR", nil},
		{"aa", "AR", []string{"ar"}},
		{"sia", "UA", []string{"uk"}},
		{"mara", "S", []string{"es"}},
	} {
		if d := cmp.Diff(c.want, LanguagesOf(c.fellowship, strings.Split(c.types, ","))); d != "" {
			t.Errorf("LanguagesOf(%s, %s): %s", c.fellowship, c.types, d)
		}
	}
}

func TestLabels(t *testing.T) {
	for _, c := range [][4]string{
		{"aa", "X", "en", "Wheelchair access"},
		{"aa", "X", "es", "Acceso en silla de ruedas"},
		{"al-anon", "C", "en", "Families and friends only"},
		{"da", "B", "en", "Business owners"},
		{"aa", "ASBI", "en", "ASBI"},
		{"na", "S", "es", "S"},
		{"aa", "S", "es", "Español"},
	} {
		if got := TypeLabel(c[0], c[1], c[2]); got != c[3] {
			t.Errorf("TypeLabel(%s, %s, %s) = %q, want %q", c[0], c[1], c[2], got, c[3])
		}
	}
	for _, c := range [][3]string{
		{"aa", "Wheelchair Access", "X"},
		{"aa", "spanish", "S"},
		{"na", "Spanish", "ES"},
		{"aca", "Spanish", "SP"},
		{"aa", "Concurrent with Al-Anon", "AL-AN"},
		{"rd", "Wheelchair Access", "WA"},
		{"na", "Step", "STEP"},
		{"aa", "x", "X"},
	} {
		if got, ok := TypeCode(c[0], c[1]); !ok || got != c[2] {
			t.Errorf("TypeCode(%s, %s) = %q %v, want %q", c[0], c[1], got, ok, c[2])
		}
	}
	if got, ok := TypeCode("aa", "Juggling"); ok {
		t.Errorf("an invented label became %q", got)
	}
}

// Every code of the specification is known, and every own label of the plugin's programmes finds a code.
func TestVocabularyCoversTheReference(t *testing.T) {
	var spec map[string]map[string]string
	if err := json.Unmarshal(shared(t, "data/feeds/reference/spec-types.json"), &spec); err != nil {
		t.Fatal(err)
	}
	if len(spec) != 87 {
		t.Fatalf("the specification has %d codes, not 87", len(spec))
	}
	for code, labels := range spec {
		if w, ok := word("aa", strings.ToUpper(code)); !ok || w.en == "" || w.es == "" {
			t.Errorf("code %s of the specification has no label", code)
		}
		if got, ok := TypeCode("aa", labels["en"]); !ok || got != strings.ToUpper(code) {
			t.Errorf("label %q gives %q, want %s", labels["en"], got, code)
		}
	}
	var plugin struct {
		Programmes map[string]struct {
			Name  string            `json:"name"`
			Types map[string]string `json:"types"`
		} `json:"programmes"`
		Substitutions map[string]map[string]string `json:"language_code_substitutions"`
	}
	if err := json.Unmarshal(shared(t, "data/feeds/reference/tsml-programme-types.json"), &plugin); err != nil {
		t.Fatal(err)
	}
	if len(plugin.Programmes) != 27 {
		t.Errorf("%d programmes, not 27", len(plugin.Programmes))
	}
	for code, p := range plugin.Programmes {
		if !KnownFellowship(code) {
			t.Errorf("fellowship %s of the plugin is not known", code)
		}
		for typ, label := range p.Types {
			if _, ok := word(code, strings.ToUpper(typ)); !ok {
				t.Errorf("%s: type %s (%s) has no label", code, typ, label)
			}
		}
		for iso, own := range plugin.Substitutions[code] {
			if got := LanguagesOf(code, []string{own}); !slices.Equal(got, []string{strings.ToLower(iso)}) {
				t.Errorf("%s: language code %s gives %v, want %s", code, own, got, iso)
			}
		}
	}
}

func TestFellowships(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Fellowships() {
		if !ValidFellowshipCode(f.Code) || f.Name == "" || f.NameES == "" || f.Kind == "" || seen[f.Code] {
			t.Errorf("bad or repeated fellowship %+v", f)
		}
		seen[f.Code] = true
	}
	if f := FellowshipByCode("ma"); f.Name != "Marijuana Anonymous" {
		t.Errorf("ma is %s", f.Name)
	}
	if f := FellowshipByCode("mtha"); f.Kind != KindMedication {
		t.Errorf("mtha is of kind %s", f.Kind)
	}
	want := Fellowship{Code: "xyz-1", Name: "XYZ-1", NameES: "XYZ-1", Kind: KindOther}
	if d := cmp.Diff(want, FellowshipByCode("xyz-1")); d != "" {
		t.Error(d)
	}
}

func TestNeedsReadBack(t *testing.T) {
	for _, n := range Needs() {
		if f, ok := ParseNeed(n.Word); !ok || f != n.Flag {
			t.Errorf("need %s does not read back", n.Word)
		}
		if got := n.Flag.Words(); len(got) != 1 || got[0] != n.Word {
			t.Errorf("flag of %s has words %v", n.Word, got)
		}
	}
	if _, ok := ParseNeed("parking"); ok {
		t.Error("an invented need was taken")
	}
}
