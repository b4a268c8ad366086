package meeting

import (
	"reflect"
	"testing"
)

// Whoever adds a field to Occurrence must add it to contentSum, or a change of it goes unseen.
func TestEveryFieldIsInTheHash(t *testing.T) {
	t.Parallel()
	sum := contentSum{}
	plain := sum.of(&Occurrence{})
	typ := reflect.TypeFor[Occurrence]()
	for i := range typ.NumField() {
		var o Occurrence
		f := reflect.ValueOf(&o).Elem().Field(i)
		switch f.Kind() {
		case reflect.String:
			f.SetString("x")
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int64:
			f.SetInt(3)
		case reflect.Float64:
			f.SetFloat(0.5)
		case reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
		default:
			t.Fatalf("field %s has a kind this test does not know", typ.Field(i).Name)
		}
		hidden := typ.Field(i).Tag.Get("json") == "-" // the row, its key and its raw form
		if same := sum.of(&o) == plain; same != hidden {
			t.Errorf("field %s: hash unchanged is %v, want %v", typ.Field(i).Name, same, hidden)
		}
	}
	if a, b := sum.of(&Occurrence{Name: "ab", Zone: "c"}), sum.of(&Occurrence{Name: "a", Zone: "bc"}); a == b {
		t.Error("texts should not run into each other")
	}
	if a, b := sum.of(&Occurrence{Updated: 1}), sum.of(&Occurrence{Updated: 2}); a == b || contentHash(a) != contentHash(b) {
		t.Error("the date should differ apart from the content")
	}
}
