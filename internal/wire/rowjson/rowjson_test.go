package rowjson

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"hearth/internal/fault"
)

func TestParseAgreesWithEncodingJSON(t *testing.T) {
	for _, s := range []string{
		`[]`, `{}`, ` [1, -2.5e+3 ,"a\"b\\", true,false,null,{"a":[{}]}]`, `"\ud83d\ude00 \u00e9\/"`, `"\ud83d x"`, `"\ud83d\u0041"`,
		`[`, `[1`, `[1,]`, `{"a"}`, `{"a":}`, `{a:1}`, `01`, `1.`, `-`, `1e`, `tru`, `"`, "\"\n\"", `"\x"`, `"\u12g4"`, `[1] x`, `{"a":1,}`, `[1 2]`,
		`"\\"`, `["\\\"",1]`, `{"k\"":"v"}`, "\"\xff\"", `[""]`, `"\`, `"\u00`,
	} {
		compare(t, []byte(s))
	}
}

func compare(t *testing.T, data []byte) {
	t.Helper()
	v, err := Parse(data)
	if want := json.Valid(data); (err == nil) != want {
		t.Fatalf("Parse(%q) gives %v, and encoding/json finds it valid: %v", data, err, want)
	}
	if err != nil {
		if fault.As(err) == nil {
			t.Errorf("Parse(%q): the error %v may not be shown", data, err)
		}
		return
	}
	if utf8.Valid(data) { // a run of bad bytes is one replacement here and several there
		same(t, v, string(data))
	}
}

// same walks the value beside what encoding/json made of it.
func same(t *testing.T, v Value, doc string) {
	t.Helper()
	var want any
	d := json.NewDecoder(strings.NewReader(string(v.Raw())))
	d.UseNumber()
	if err := d.Decode(&want); err != nil {
		t.Fatalf("%q: raw value %q: %v", doc, v.Raw(), err)
	}
	switch w := want.(type) {
	case string:
		if v.Text() != w {
			t.Fatalf("%q: text %q, want %q", doc, v.Text(), w)
		}
	case json.Number:
		if v.Text() != w.String() {
			t.Fatalf("%q: number %q, want %q", doc, v.Text(), w)
		}
	case []any:
		if v.Len() != len(w) {
			t.Fatalf("%q: %d elements, want %d", doc, v.Len(), len(w))
		}
		for e := range v.Elements() {
			same(t, e, doc)
		}
	case map[string]any:
		keys := map[string]bool{}
		for k, f := range v.Fields() {
			keys[string(k)] = true
			if _, ok := w[string(k)]; !ok {
				t.Fatalf("%q: field %q is not there", doc, k)
			}
			same(t, f, doc)
		}
		if len(keys) != len(w) {
			t.Fatalf("%q: %d fields, want %d", doc, len(keys), len(w))
		}
	}
}

// As encoding/json has it: the last one counts.
func TestOfRepeatedKeysTheLastCounts(t *testing.T) {
	var many strings.Builder
	for i := range 200 {
		fmt.Fprintf(&many, `,"k%d":%d`, i, i)
	}
	for in, want := range map[string]string{
		`{"a":1,"b":2}`: "", `[{"a":1},{"a":2}]`: "", `{"a":{"a":1},"b":{"a":2}}`: "",
		`{"a":1,"b":2,"a":null}`: "a", `{"n\u0061me":1,"name":2}`: "name", `{"x":[{"y":1,"y":2}],"z":1}`: "y",
		`{"a":1` + many.String() + `}`: "", `{"k7":1` + many.String() + `}`: "k7",
	} {
		v, err := Parse([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		same(t, v, in)
		if got := v.Repeated(); got != want {
			t.Errorf("%.60s repeats %q, want %q", in, got, want)
		}
	}
	v, err := Parse([]byte(`{"day":1,"name":"A","day":[2,3]}`))
	if err != nil || v.Get("day").Len() != 2 || v.Get("name").Text() != "A" {
		t.Errorf("day is %s (%v)", v.Get("day").Raw(), err)
	}
	n := 0
	for range v.Fields() {
		n++
	}
	if n != 2 {
		t.Errorf("%d fields", n)
	}
}

func TestErrorsNameTheLine(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"[\n {\"a\":1},\n {\"a\" 2}\n]", "Line 3, character 7: a colon after the name of a field is missing."},
		{"[\n]\n\n  invalid text", "Line 4, character 3: there is text after the end of the list."},
		{"[{\"a\":\"x", "Line 1, character 9: the list breaks off."},
		{"<!doctype html><title>Attention", "Line 1: this is a web page, not a list of meetings."},
		{"\xff\xfe[\x00]\x00", "Line 1: this list is in UTF-16. Save it as UTF-8."},
		{"\xfe\xff\x00[\x00]", "Line 1: this list is in UTF-16. Save it as UTF-8."},
		{"[\x00]\x00", "Line 1: this list is in UTF-16. Save it as UTF-8."},
		{" \n", "The list is empty: not a single character came."},
		{strings.Repeat("[", 100), "Line 1, character 66: lists and objects nest too deep."},
	} {
		_, err := Parse([]byte(c.in))
		if e := fault.As(err); e == nil || e.Text() != c.want {
			t.Errorf("Parse(%q) = %v, want %q", c.in, err, c.want)
		}
	}
}

func TestQuoteReadsBack(t *testing.T) {
	for _, s := range []string{"", "plain", "a\"b\\c\n\t\x00\x7f", "<script>&", "\u2028é😀", "\xff bad"} {
		q := Quote(nil, s)
		var got string
		if err := json.Unmarshal(q, &got); err != nil || got != strings.ToValidUTF8(s, "\uFFFD") {
			t.Errorf("Quote(%q) = %s, which reads as %q (%v)", s, q, got, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`[{"name":"Morning","day":[1,2],"x":null}]`, `{"a":"\ud83d\ude00"}`, `[1.5e3,-0,true]`, "\xef\xbb\xbf[]"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if strings.HasPrefix(string(data), "\xef\xbb\xbf") || strings.Count(string(data), "[")+strings.Count(string(data), "{") > MaxDepth {
			_, _ = Parse(data)
			return
		}
		compare(t, data)
	})
}
