package sheet

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"hearth/internal/civil"
	"hearth/internal/fault"
	"hearth/internal/meeting"
	"hearth/internal/wire"
	"hearth/internal/wire/wiretest"
)

var feed = meeting.FeedContext{Fellowship: "aa", Zone: "America/Chicago"}

func fixture(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/meetings.csv")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decode(t *testing.T, payload []byte) *meeting.Batch {
	t.Helper()
	b, err := Decode(payload, feed)
	if err != nil {
		t.Fatal(err)
	}
	wiretest.Promises(t, b)
	wiretest.NoContacts(t, b)
	return b
}

func reasons(issues []meeting.RowIssue) string {
	var b strings.Builder
	for _, i := range issues {
		b.WriteString(i.Reason + "\n")
	}
	return b.String()
}

func TestTable(t *testing.T) {
	b := decode(t, fixture(t))
	if b.Rows != 6 || len(b.Occurrences) != 6 || len(b.Skipped) != 1 || b.Skipped[0].Row != 5 {
		t.Fatalf("%d rows, %d occurrences, skipped %v", b.Rows, len(b.Occurrences), b.Skipped)
	}
	o := b.Occurrences[0]
	if o.SourceID != "s-1" || o.Day != 1 || o.Start != 7*60 || o.End != 8*60 || o.City != "Springfield" || o.State != "IL" || !o.HasPoint {
		t.Errorf("%+v", o)
	}
	if d := cmp.Diff([]string{"O", "X"}, o.Types); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"Downstate", "Springfield"}, o.Regions); d != "" {
		t.Error(d)
	}
	if o.Notes != "Use the back door\nand ring" {
		t.Errorf("notes %q", o.Notes)
	}
	if strings.Contains(string(o.Raw), "Pat") || strings.Contains(string(o.Raw), "springfield-early") {
		t.Errorf("raw row %s", o.Raw)
	}
	if o := b.Occurrences[1]; o.SourceID != "s-2-5" || o.Day != 5 || o.End != 30 || o.Attendance != meeting.Online {
		t.Errorf("%+v", o)
	}
	if o := b.Occurrences[2]; o.SourceID != "s-2-6" {
		t.Errorf("%+v", o)
	}
	if o := b.Occurrences[3]; !strings.HasPrefix(o.SourceID, "x") || o.End != 11*60 || o.Notes != "Call […]" || o.Types[0] != "JUGGLING" {
		t.Errorf("%+v", o)
	}
	if o := b.Occurrences[4]; o.SourceID != "s-1" || o.Key != "s-1~2-12:00" {
		t.Errorf("%+v", o)
	}
	if o := b.Occurrences[5]; o.Day != meeting.ByAppointment || o.Start != civil.NoClock || o.Zone != "America/Chicago" {
		t.Errorf("%+v", o)
	}
	for _, want := range []string{`id "s-1" is already`, `type "JUGGLING"`, "no id:", `zone "Nowhere/Land" is not known`} {
		if !strings.Contains(reasons(b.Warnings), want) {
			t.Errorf("no warning %q in %s", want, reasons(b.Warnings))
		}
	}
}

func TestTableInOtherClothes(t *testing.T) {
	plain := fixture(t)
	want := decode(t, plain)
	latin, err := charmap.Windows1252.NewEncoder().Bytes([]byte(strings.ReplaceAll(string(plain), "Old Hall", "Café")))
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes(plain)
	if err != nil {
		t.Fatal(err)
	}
	tabs := "Name;Day;Time;Address\nA;Monday;19:00;x\n"
	for name, payload := range map[string][]byte{"mark": append([]byte("\xef\xbb\xbf"), plain...), "latin": latin, "wide": wide} {
		b := decode(t, payload)
		if len(b.Occurrences) != len(want.Occurrences) {
			t.Errorf("%s: %d occurrences", name, len(b.Occurrences))
		}
		if name == "latin" && b.Occurrences[0].Location != "Café" {
			t.Errorf("the accent became %q", b.Occurrences[0].Location)
		}
	}
	if b := decode(t, []byte(tabs)); b.Occurrences[0].Day != 1 {
		t.Errorf("%+v", b.Occurrences[0])
	}
	if b := decode(t, []byte(`{"range":"A1","values":[["Name","Day"],["A","Monday"],["B"]]}`)); len(b.Occurrences) != 2 {
		t.Errorf("%+v", b)
	}
	b := decode(t, []byte("Name,Notes\nA,say \"hi\" twice\nB,x\n"))
	if len(b.Occurrences) != 2 || b.Occurrences[0].Notes != `say "hi" twice` || !strings.Contains(reasons(b.Warnings), "a quote stands inside") {
		t.Errorf("%+v", b)
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", "empty"},
		{"<html>", "web page"},
		{"a,b\n1,2\n", "no column is called Name"},
		{"Name,Notes\nA,\"never closed\nB,x\n", "Line 2: a quote is opened"},
		{"Name\n\x00\n", "NUL"},
		{"Name,ID\n,1\n", "None of the 1 rows"},
		{`{"error":1}`, "not a table"},
		{`[{"name":"A"}]`, "this is JSON"},
		{"N\x00a\x00m\x00e\x00", "UTF-16"},
		{"\x00N\x00a\x00m\x00e", "UTF-16"},
		{"\xff\xfe[\x00{\x00", "UTF-16"},
		{"\xfe\xff\x00{\x00}", "UTF-16"},
	} {
		_, err := Decode([]byte(c.in), feed)
		if e := fault.As(err); e == nil || !strings.Contains(e.Text(), c.want) {
			t.Errorf("%q: %v, want %q", c.in, err, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	wiretest.Seeds(f, "tsml/*.csv")
	f.Add([]byte("Name;Day\nA;Monday\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if b, err := Decode(data, feed); err == nil {
			wiretest.Promises(t, b)
		} else if fault.As(err) == nil {
			t.Fatalf("the error %v may not be shown", err)
		}
	})
}

func TestThereAndBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		item := wiretest.Item().Draw(rt, "item")
		var out bytes.Buffer
		if err := Encode(&out, slices.Values([]wire.Item{item})); err != nil {
			rt.Fatal(err)
		}
		b, err := Decode(out.Bytes(), meeting.FeedContext{Fellowship: "aa", Zone: "America/Chicago"})
		if err != nil {
			rt.Fatalf("%v\n%s", err, out.Bytes())
		}
		if len(b.Occurrences) != 1 || b.Occurrences[0].SourceID != item.ID {
			rt.Fatalf("%+v\n%s", b, out.Bytes())
		}
		if d := cmp.Diff(wiretest.Core(item.Occurrence), wiretest.Core(b.Occurrences[0])); d != "" {
			rt.Fatalf("%s\n%s", d, out.Bytes())
		}
	})
}
