package open_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"hearth/internal/app/apptest"
	"hearth/internal/geo"
	"hearth/internal/meeting"
)

// spec is the description that programs read, as served.
type spec map[string]any

func readSpec(t *testing.T) spec {
	t.Helper()
	b, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var s spec
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// at follows keys, and every reference on the way.
func (s spec) at(v any, keys ...string) any {
	for {
		m, ok := v.(map[string]any)
		if ref, is := m["$ref"].(string); is {
			v = s.at(map[string]any(s), strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
			continue
		}
		if len(keys) == 0 || !ok {
			return v
		}
		v, keys = m[keys[0]], keys[1:]
	}
}

// check holds a value against a schema and returns what is wrong with it. It knows the words of JSON Schema
// that the description uses, and refuses others.
func (s spec) check(schema, v any, where string) []string {
	m, ok := s.at(schema).(map[string]any)
	if !ok {
		return []string{where + ": there is no schema"}
	}
	var wrong []string
	bad := func(format string, args ...any) { wrong = append(wrong, where+": "+fmt.Sprintf(format, args...)) }
	for word, rule := range m {
		switch word {
		case "description", "default", "example":
		case "type":
			kinds, ok := rule.([]any)
			if !ok {
				kinds = []any{rule}
			}
			if !slices.ContainsFunc(kinds, func(k any) bool { return isA(v, k.(string)) }) {
				bad("%v is not %v", v, kinds)
			}
		case "enum":
			if !slices.Contains(rule.([]any), v) {
				bad("%v is none of %v", v, rule)
			}
		case "pattern":
			if text, ok := v.(string); ok && !regexp.MustCompile(rule.(string)).MatchString(text) {
				bad("%q does not look like %v", text, rule)
			}
		case "maxLength":
			if text, ok := v.(string); ok && utf8.RuneCountInString(text) > int(rule.(float64)) {
				bad("%q is too long", text)
			}
		case "minimum":
			if n, ok := v.(float64); ok && n < rule.(float64) {
				bad("%v is below %v", n, rule)
			}
		case "maximum":
			if n, ok := v.(float64); ok && n > rule.(float64) {
				bad("%v is above %v", n, rule)
			}
		case "items":
			list, _ := v.([]any)
			for i, one := range list {
				wrong = append(wrong, s.check(rule, one, where+"["+strconv.Itoa(i)+"]")...)
			}
		case "required":
			if o, ok := v.(map[string]any); ok {
				for _, key := range rule.([]any) {
					if _, there := o[key.(string)]; !there {
						bad("%v is missing", key)
					}
				}
			}
		case "properties":
			o, _ := v.(map[string]any)
			for key, one := range rule.(map[string]any) {
				if value, there := o[key]; there {
					wrong = append(wrong, s.check(one, value, where+"."+key)...)
				}
			}
		case "additionalProperties":
			o, _ := v.(map[string]any)
			named, _ := m["properties"].(map[string]any)
			for key, value := range o {
				switch _, is := named[key]; {
				case is:
				case rule == false:
					bad("%s is not described", key)
				default:
					wrong = append(wrong, s.check(rule, value, where+"."+key)...)
				}
			}
		default:
			bad("the schema says %q, which this test does not know", word)
		}
	}
	return wrong
}

func isA(v any, kind string) bool {
	switch kind {
	case "null":
		return v == nil
	case "string":
		_, ok := v.(string)
		return ok
	case "boolean":
		_, ok := v.(bool)
		return ok
	case "number":
		_, ok := v.(float64)
		return ok
	case "integer":
		n, ok := v.(float64)
		return ok && n == math.Trunc(n)
	case "array":
		_, ok := v.([]any)
		return ok
	case "object":
		_, ok := v.(map[string]any)
		return ok
	}
	return false
}

// filterParameters reads from the parser's own file which parameters it knows.
func filterParameters(t *testing.T) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "../../meeting/filter.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if ok && len(v.Names) == 1 && strings.HasPrefix(v.Names[0].Name, "param") && len(v.Values) == 1 {
			if l, ok := v.Values[0].(*ast.BasicLit); ok {
				name, err := strconv.Unquote(l.Value)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, name)
			}
		}
		return true
	})
	if len(out) < 15 {
		t.Fatalf("found only %v: this test looks for the wrong names", out)
	}
	slices.Sort(out)
	return out
}

// TestParametersAreTheParsersOwn: what the parser reads is described, what is described is read, and each
// example means something.
func TestParametersAreTheParsersOwn(t *testing.T) {
	t.Parallel()
	s := readSpec(t)
	want := filterParameters(t)
	for path, item := range s.at(map[string]any(s), "paths").(map[string]any) {
		parameters, _ := s.at(item, "get", "parameters").([]any)
		var got []string
		for _, p := range parameters {
			name := s.at(p, "name").(string)
			if s.at(p, "in") == "path" || name == "lang" {
				continue
			}
			got = append(got, name)
			if text, _ := s.at(p, "description").(string); text == "" {
				t.Errorf("%s: %s has no description", path, name)
			}
			example := fmt.Sprint(s.at(p, "example"))
			query := url.Values{name: {example}}
			if name == "within" {
				query.Set("near", "40,-74")
			}
			if name == "answer" {
				query.Set("may", "speak")
			}
			f, err := meeting.ParseFilter(query, geo.World())
			if err != nil || len(f.Values()) == 0 {
				t.Errorf("%s: the example %s=%s gives %v, %v", path, name, example, f.Values(), err)
			}
		}
		if strings.HasPrefix(path, "/feeds/") {
			got = append(got, "limit", "offset") // which take a part of a list: a feed is whole
		}
		if slices.Sort(got); len(got) > 0 && !slices.Equal(got, want) {
			t.Errorf("%s describes %v, the parser reads %v", path, got, want)
		}
	}
}

// TestAnswersAreAsDescribed asks every path for every answer it may give, on both engines.
func TestAnswersAreAsDescribed(t *testing.T) {
	t.Parallel()
	s := readSpec(t)
	apptest.Run(t, func(t *testing.T, site *apptest.Site) {
		load(t, site, "town", "aa", town())
		load(t, site, "many", "mara", many(40))
		again(t, site)
		p := site.Person(t)
		served := p.Get("/api/v1/openapi.json")
		if here, err := os.ReadFile("openapi.json"); err != nil || served.Body != string(here) {
			t.Errorf("the description that is served is another one (%v)", err)
		}
		for path, item := range s.at(map[string]any(s), "paths").(map[string]any) {
			responses := s.at(item, "get", "responses").(map[string]any)
			ask := func(address string, status int) {
				t.Helper()
				page := p.Get(address)
				if page.Status != status {
					t.Errorf("%s: %d, want %d: %.300s", address, page.Status, status, page.Body)
					return
				}
				response := s.at(responses[strconv.Itoa(status)])
				if response == nil {
					t.Errorf("%s: %d is not described", address, status)
					return
				}
				content, _ := s.at(response, "content").(map[string]any)
				for kind, body := range content {
					if !strings.HasPrefix(page.Header.Get("Content-Type"), kind) {
						t.Errorf("%s: is %s, described as %s", address, page.Header.Get("Content-Type"), kind)
					}
					var v any = page.Body
					if kind == "application/json" {
						if err := json.Unmarshal([]byte(page.Body), &v); err != nil {
							t.Fatalf("%s: %v", address, err)
						}
					}
					for _, wrong := range s.check(s.at(body, "schema"), v, address) {
						t.Error(wrong)
					}
				}
			}
			if strings.Contains(path, "{id}") {
				for _, slug := range []string{"morning", "hybrid", "online", "telling", "m7"} {
					ask(strings.ReplaceAll(path, "{id}", idOf(t, site, slug)), 200)
				}
				ask(strings.ReplaceAll(path, "{id}", "nobody"), 404)
				continue
			}
			for _, query := range []string{"", "?near=41.78,-73.69&within=any", "?attendance=online", "?text=nothing", "?fellowship=mara&day=mon", "?when=tonight"} {
				ask(path+query, 200)
			}
			ask(path+"?day=never&from=25:99&may=dance", 422)
		}
	})
}

// TestTheCheckFindsMistakes: a check that passes everything would hold nothing.
func TestTheCheckFindsMistakes(t *testing.T) {
	t.Parallel()
	s := readSpec(t)
	schema := s.at(map[string]any(s), "components", "schemas", "Right")
	for value, wrong := range map[string]int{
		`{"answer":"yes","mean":0.9,"low":0.8,"high":0.95,"reports":4,"as_of":"2026-05"}`:   0,
		`{"answer":"perhaps","mean":null,"low":null,"high":null,"reports":0,"as_of":null}`:  1,
		`{"answer":"no","mean":"0.1","low":null,"high":null,"reports":1.5}`:                 3,
		`{"answer":"no","mean":null,"low":null,"high":null,"reports":0,"as_of":null,"x":1}`: 1,
	} {
		var v any
		if err := json.Unmarshal([]byte(value), &v); err != nil {
			t.Fatal(err)
		}
		if got := s.check(schema, v, "value"); len(got) != wrong {
			t.Errorf("%s: found %q, want %d mistakes", value, got, wrong)
		}
	}
}
