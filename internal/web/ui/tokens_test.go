package ui

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// scheme is the value of every custom property of the token file in light or dark.
type scheme map[string]string

var declaration = regexp.MustCompile(`--([a-z0-9-]+):\s*([^;]+);`)

// readTokens reads the token file: everything outside a dark media query is light; dark overrides it.
func readTokens(t *testing.T) (light, dark scheme) {
	t.Helper()
	b, err := os.ReadFile("assets/css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark = scheme{}, scheme{}
	text := string(b)
	inDark := ""
	for {
		i := strings.Index(text, "@media (prefers-color-scheme: dark) {")
		if i < 0 {
			break
		}
		end := strings.Index(text[i:], "\n}")
		if end < 0 {
			t.Fatal("a media query does not end")
		}
		inDark += text[i : i+end]
		text = text[:i] + text[i+end+2:]
	}
	if i := strings.Index(text, "@media"); i >= 0 {
		text = text[:i] // wishes for motion and contrast come last
	}
	for _, m := range declaration.FindAllStringSubmatch(text, -1) {
		light[m[1]], dark[m[1]] = strings.TrimSpace(m[2]), strings.TrimSpace(m[2])
	}
	for _, m := range declaration.FindAllStringSubmatch(inDark, -1) {
		dark[m[1]] = strings.TrimSpace(m[2])
	}
	return light, dark
}

// colour resolves a token to its luminance.
func (s scheme) luminance(t *testing.T, name string) float64 {
	t.Helper()
	value, ok := s[name]
	for range 5 {
		inner, isVar := strings.CutPrefix(value, "var(--")
		if !isVar {
			break
		}
		value, ok = s[strings.TrimSuffix(inner, ")")]
	}
	if !ok || !strings.HasPrefix(value, "#") || len(value) != 7 {
		t.Fatalf("token %s is %q, not a colour", name, value)
	}
	n, err := strconv.ParseUint(value[1:], 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	channel := func(v uint64) float64 {
		c := float64(v&255) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(n>>16) + 0.7152*channel(n>>8) + 0.0722*channel(n)
}

func (s scheme) contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := s.luminance(t, a), s.luminance(t, b)
	if x < y {
		x, y = y, x
	}
	return (x + 0.05) / (y + 0.05)
}

func TestTextCanBeRead(t *testing.T) {
	light, dark := readTokens(t)
	type pair struct {
		front, back string
		least       float64
	}
	var pairs []pair
	for _, back := range []string{"page", "surface", "selected", "sunken"} {
		for _, front := range []string{"text", "text-quiet", "link", "link-hover", "action", "yes", "depends", "no", "unknown", "danger", "due", "done"} {
			pairs = append(pairs, pair{front, back, 4.5})
		}
		for _, front := range []string{"edge", "focus"} { // borders of controls and the ring around them
			pairs = append(pairs, pair{front, back, 3})
		}
	}
	pairs = append(pairs,
		pair{"on-action", "action", 4.5}, pair{"on-action", "action-hover", 4.5},
		pair{"on-text", "text", 4.5}, pair{"on-text", "danger", 4.5},
		pair{"text", "map-land", 4.5}, pair{"text", "map-park", 4.5}, pair{"text", "map-water", 4.5}, pair{"text-quiet", "map-land", 4.5},
	)
	for name, s := range map[string]scheme{"light": light, "dark": dark} {
		for _, p := range pairs {
			if c := s.contrast(t, p.front, p.back); c < p.least {
				t.Errorf("%s: %s on %s is %.2f : 1, less than %.1f", name, p.front, p.back, c, p.least)
			}
		}
	}
}

// Components name intents; only the token file knows the palette.
func TestComponentsNameIntentsOnly(t *testing.T) {
	palette := regexp.MustCompile(`var\(--(paper|card|ink|ink-soft|line|ember|ember-deep|ember-wash|moss|ochre|brick|slate|sand|meadow|stream|lane)\)`)
	hex := regexp.MustCompile(`:[^;{]*#[0-9A-Fa-f]{3,8}\b`)
	files, err := os.ReadDir("assets/css")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Name() == "tokens.css" || f.Name() == "print.css" {
			continue
		}
		b, err := os.ReadFile("assets/css/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(b), "\n") {
			if m := palette.FindString(line) + hex.FindString(line); m != "" {
				t.Errorf("%s:%d names a colour: %s", f.Name(), i+1, fmt.Sprint(m))
			}
		}
	}
}

// The head tells the browser the colour of the page for its own bars.
func TestThemeColourIsThePage(t *testing.T) {
	light, dark := readTokens(t)
	b, err := os.ReadFile("layout.templ")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []string{light["paper"], dark["paper"]} {
		if !strings.Contains(string(b), c) {
			t.Errorf("layout.templ does not name %s as a theme colour", c)
		}
	}
}
