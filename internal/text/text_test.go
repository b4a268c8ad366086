package text_test

import (
	"math"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"hearth/internal/text"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"":                       "",
		"Tuesday Open Door":      "tuesday open door",
		"México, Bogotá":         "mexico, bogota",
		"MÜNCHEN":                "munchen",
		"Straße":                 "strasse",
		"STRAẞE":                 "strasse",
		"Łódź":                   "lodz",
		"København":              "kobenhavn",
		"İstanbul ıssız":         "istanbul issiz",
		"ÆØÅ æøå":                "aeoa aeoa",
		"ABC １２３":                "abc 123",
		"St Brigid’s “Hall”":     `st brigid's "hall"`,
		"a\u200bb\u202ec\u00a0d": "abc d",
		"tab\tnew\nline":         "tab new line",
		"ﬁne – or — not":         "fine - or - not",
		"Ñandú":                  "nandu",
		"Việt Nam":               "viet nam",
		"\xff\xfebad":            "bad",
		"हिन्दी":                 "हिन्दी",
		"Αθήνα":                  "αθηνα",
		"Санкт-Петербург":        "санкт-петербург",
	} {
		if got := text.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

// Every single rune of the planes that have letters, because a table of exceptions is where folding goes
// wrong.
func TestFoldIsIdempotentForEveryRune(t *testing.T) {
	for r := rune(0); r <= 0x1ffff; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		once := text.Fold(string(r))
		if twice := text.Fold(once); once != twice {
			t.Errorf("U+%04X folds to %q, then to %q", r, once, twice)
		}
	}
}

func TestFoldProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		once := text.Fold(s)
		if !utf8.ValidString(once) {
			t.Fatalf("Fold(%q) is not UTF-8", s)
		}
		if twice := text.Fold(once); twice != once {
			t.Fatalf("Fold twice of %q: %q, then %q", s, once, twice)
		}
		for name, form := range map[string]norm.Form{"NFC": norm.NFC, "NFD": norm.NFD} {
			if got := text.Fold(form.String(s)); got != once {
				t.Fatalf("Fold(%s(%q)) = %q, without %q", name, s, got, once)
			}
		}
		if got := string(text.AppendFold([]byte("x"), s)); got != "x"+once {
			t.Fatalf("AppendFold = %q", got)
		}
	})
}

func TestFoldIgnoresCase(t *testing.T) {
	latin := rapid.StringOf(rapid.RuneFrom(nil, unicode.Latin, unicode.Digit, unicode.Zs))
	rapid.Check(t, func(t *rapid.T) {
		s := latin.Draw(t, "s")
		if a, b := text.Fold(strings.ToLower(s)), text.Fold(s); a != b {
			t.Fatalf("lower %q, as it is %q", a, b)
		}
	})
}

func TestTokens(t *testing.T) {
	for in, want := range map[string][]string{
		"":                             nil,
		" - , . ":                      nil,
		"Tuesday Open Door":            {"tuesday", "open", "door"},
		"St. Brigid’s Hall, 12 Mill":   {"st", "brigids", "hall", "12", "mill"},
		"A.A. meeting":                 {"aa", "meeting"},
		"A.A.":                         {"aa"},
		"N.A":                          {"na"},
		"San José/Cd. México":          {"san", "jose", "cd", "mexico"},
		"7:30pm (LGBTQ+)":              {"7", "30pm", "lgbtq"},
		"v1.2 a.b.c d.ef":              {"v1", "2", "abc", "d", "ef"},
		"'quoted' o'clock rock'n'roll": {"quoted", "oclock", "rocknroll"},
		"東京 meeting":                   {"東京", "meeting"},
	} {
		if diff := cmp.Diff(want, text.Tokens(in)); diff != "" {
			t.Errorf("Tokens(%q) (-want +got)\n%s", in, diff)
		}
	}
}

func TestTokensProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		words := text.Tokens(s)
		for _, w := range words {
			if w == "" || strings.ContainsAny(w, " '.\"-,") || text.Fold(w) != w {
				t.Fatalf("token %q of %q", w, s)
			}
		}
		if diff := cmp.Diff(words, text.Tokens(strings.Join(words, " "))); diff != "" {
			t.Fatalf("tokens of tokens of %q\n%s", s, diff)
		}
	})
}

func TestSimilarity(t *testing.T) {
	const a = "The chair said that people on medication may not share until they are off it. I left early."
	for _, c := range []struct {
		b         string
		low, high float64
	}{
		{a, 1, 1},
		{strings.ToUpper(a), 1, 1},
		{strings.ReplaceAll(a, " ", "  "), 1, 1},
		{"The chair said people on medication may not share until they are off it. I left early!", 0.8, 0.99},
		{"A warm room with good coffee; everybody was invited to speak, me too.", 0, 0.1},
		{"", 0, 0},
	} {
		got := text.Similarity(text.Shingles(a, 5), text.Shingles(c.b, 5))
		if got < c.low || got > c.high {
			t.Errorf("similarity with %q is %.2f, want %.2f to %.2f", c.b, got, c.low, c.high)
		}
	}
}

func TestSimilarityProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		n := rapid.IntRange(0, 8).Draw(t, "n")
		x, y := text.Shingles(a, n), text.Shingles(b, n)
		s := text.Similarity(x, y)
		if s != text.Similarity(y, x) || s < 0 || s > 1 || math.IsNaN(s) {
			t.Fatalf("similarity %v", s)
		}
		if len(x) > 0 && text.Similarity(x, x) != 1 {
			t.Fatal("a text is not like itself")
		}
	})
}

func FuzzTokens(f *testing.F) {
	for _, s := range []string{"A.A.", "Brigid’s", "\xff", "ﷺ", "a\u0301", "ᾈ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, w := range text.Tokens(s) {
			if w == "" || !utf8.ValidString(w) {
				t.Fatalf("token %q", w)
			}
		}
	})
}

func BenchmarkFold(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		text.Fold("Nuestra Señora de Guadalupe, Salón 2")
	}
}
