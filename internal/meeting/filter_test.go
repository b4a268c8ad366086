package meeting

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hearth/internal/civil"
	"hearth/internal/fault"
	"hearth/internal/geo"
	"hearth/internal/meeting/welcome"
)

type towns map[string]geo.Place

func (t towns) Lookup(query string) []geo.Place {
	if p, ok := t[query]; ok {
		return []geo.Place{p}
	}
	return nil
}

func (t towns) Similar(string) []geo.Place { return nil }

var someTowns = towns{
	"Salem, OR": {Name: "Salem", State: "OR", Country: "US", Lat: 44.94, Lng: -123.03},
	"19104":     {Name: "Philadelphia", State: "PA", Country: "US", PostalCode: "19104", Lat: 39.96, Lng: -75.2},
	"Kraków":    {Name: "Kraków", State: "12", Country: "PL", Lat: 50.06, Lng: 19.94},
}

func TestParseFilter(t *testing.T) {
	salem := &Near{Lat: 44.94, Lng: -123.03, Label: "Salem, OR", Query: "Salem, OR", Place: someTowns["Salem, OR"]}
	with := func(change func(*Filter)) Filter {
		f := Any()
		change(&f)
		return f
	}
	for _, c := range []struct {
		query string
		want  Filter
	}{
		{"", Any()},
		{"q=&place=&within=&day=any&when=&attendance=any", Any()},
		{"q=Salem, OR", with(func(f *Filter) { f.Near, f.WithinMiles = salem, 25 })},
		{"q=step+one", with(func(f *Filter) { f.Text = "step one" })},
		{"place=Salem, OR&q=step one&text=big", with(func(f *Filter) { f.Near, f.WithinMiles, f.Text = salem, 25, "big step one" })},
		{"place=Kraków&within=any", with(func(f *Filter) {
			f.Near = &Near{Lat: 50.06, Lng: 19.94, Label: "Kraków, Poland", Query: "Kraków", Place: someTowns["Kraków"]}
		})},
		{"place=19104&within=5", with(func(f *Filter) {
			f.Near, f.WithinMiles = &Near{Lat: 39.96, Lng: -75.2, Label: "Philadelphia, PA 19104", Query: "19104", Place: someTowns["19104"]}, 5
		})},
		{"near=40.5, -74&within=16.09344 km", with(func(f *Filter) {
			f.Near, f.WithinMiles = &Near{Lat: 40.5, Lng: -74}, 10
		})},
		{"day=mon,tuesday&day=0&from=5:30 PM&until=21:00", with(func(f *Filter) {
			f.Days, f.From, f.Until = []Day{0, 1, 2}, 17*60+30, 21*60
		})},
		{"day=7", with(func(f *Filter) { f.Days = []Day{0} })},
		{"may=lead,speak&answer=unknown,depends&unplaced=yes", with(func(f *Filter) {
			f.May, f.Answers, f.Unplaced = []welcome.Right{welcome.Speak, welcome.Lead}, []welcome.Answer{welcome.Unknown, welcome.Depends}, true
		})},
		{"day=appointment&when=tonight", with(func(f *Filter) { f.Days, f.Tonight = []Day{ByAppointment}, true })},
		{"when=now&attendance=online,in-person", with(func(f *Filter) { f.Now, f.Attendance = true, []Attendance{InPerson, Online} })},
		{"fellowship=NA,aa,na&kind=twelve-step&type=beg&language=ES", with(func(f *Filter) {
			f.Fellowships, f.Kinds, f.Types, f.Languages = []string{"aa", "na"}, []Kind{KindTwelveStep}, []string{"BEG"}, []string{"es"}
		})},
		{"need=women,wheelchair&may=count,speak&limit=20&offset=40", with(func(f *Filter) {
			f.Needs, f.May, f.Limit, f.Offset = Women|Wheelchair, []welcome.Right{welcome.Speak, welcome.TimeCounts}, 20, 40
		})},
	} {
		v, err := url.ParseQuery(strings.ReplaceAll(c.query, " ", "+"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseFilter(v, someTowns)
		if err != nil {
			t.Errorf("%s: %v", c.query, err)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: (-want +got)\n%s", c.query, d)
		}
		again, err := ParseFilter(got.Values(), someTowns)
		if d := cmp.Diff(got, again); d != "" || err != nil {
			t.Errorf("%s as %s: %v (-first +again)\n%s", c.query, got.Values().Encode(), err, d)
		}
	}
}

func TestParseFilterSaysWhatIsWrong(t *testing.T) {
	for query, fields := range map[string]string{
		"near=abc":                            "near",
		"near=NaN,NaN":                        "near",
		"near=91,0":                           "near",
		"place=Nowhereville":                  "place",
		"near=1,1&within=-3mi":                "within",
		"near=1,1&within=NaN":                 "within",
		"near=1,1&within=ten":                 "within",
		"day=someday":                         "day",
		"day=m":                               "day",
		"from=25:00&until=9":                  "from until",
		"when=later":                          "when",
		"attendance=inactive":                 "attendance",
		"fellowship=a%20b":                    "fellowship",
		"kind=cult":                           "kind",
		"language=english-please":             "language",
		"need=beer":                           "need",
		"may=shout":                           "may",
		"may=speak&answer=perhaps":            "answer",
		"answer=yes":                          "answer",
		"unplaced=1":                          "unplaced",
		"within=10mi":                         "within",
		"q=step&within=10mi":                  "within",
		"text=%ff%fe":                         "text",
		"q='":                                 "q",
		"day=8":                               "day",
		"offset=10001":                        "offset",
		"limit=0":                             "limit",
		"limit=abc&offset=-1":                 "limit offset",
		"text=" + strings.Repeat("x", 1<<20):  "text",
		"type=" + strings.Repeat("x", 1<<20):  "type",
		"place=" + strings.Repeat("x", 1<<20): "place",
	} {
		v, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		_, err = ParseFilter(v, someTowns)
		f := fault.As(err)
		if f == nil || f.Kind != fault.Invalid {
			t.Errorf("%.40s: %v", query, err)
			continue
		}
		var names []string
		for _, field := range f.Fields {
			names = append(names, field.Name)
			if len(field.Text()) > 400 || strings.Contains(field.Text(), "%!") {
				t.Errorf("%.40s: message %.300q", query, field.Text())
			}
		}
		if got := strings.Join(names, " "); got != fields {
			t.Errorf("%.40s: faults in %q, want %q", query, got, fields)
		}
	}
}

// Whatever somebody types, a filter that is accepted can be linked to.
func TestFilterValuesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := url.Values{}
		for _, name := range []string{"q", "place", "near", "within", "text", "day", "from", "until", "when", "attendance", "fellowship", "kind", "type", "language", "need", "may", "answer", "unplaced", "limit", "offset"} {
			if rapid.Bool().Draw(t, "has "+name) {
				v.Set(name, rapid.OneOf(
					rapid.SampledFrom([]string{"Salem, OR", "19104", "1,2", "10km", "0.1", "mon,fri", "17:00", "now", "online", "na", "secular", "O", "es", "women", "lead", "7", "yes", "unknown"}),
					rapid.String(),
				).Draw(t, name))
			}
		}
		f, err := ParseFilter(v, someTowns)
		if err != nil {
			return
		}
		if f.From != civil.NoClock && !f.From.Valid() {
			t.Fatalf("from %d", f.From)
		}
		again, err := ParseFilter(f.Values(), someTowns)
		if d := cmp.Diff(f, again); d != "" || err != nil {
			t.Fatalf("%v as %v: %v\n%s", v, f.Values(), err, d)
		}
	})
}

// A country's code would read as a state: DE is Delaware.
func TestPlaceLabel(t *testing.T) {
	for _, c := range []struct {
		place  geo.Place
		en, es string
	}{
		{geo.Place{Name: "Berlin", State: "16", Country: "DE"}, "Berlin, Germany", "Berlin, Alemania"},
		{geo.Place{Name: "Edmonton", State: "QLD", Country: "AU"}, "Edmonton, Australia", "Edmonton, Australia"},
		{geo.Place{Name: "Edmonton", State: "AB", Country: "CA"}, "Edmonton, AB", "Edmonton, AB"},
		{geo.Place{Name: "Salem", State: "OR", Country: "US", PostalCode: "97301"}, "Salem, OR 97301", "Salem, OR 97301"},
		{geo.Place{Name: "Nowhere"}, "Nowhere", "Nowhere"},
	} {
		if en, es := PlaceLabel(c.place, "en"), PlaceLabel(c.place, "es"); en != c.en || es != c.es {
			t.Errorf("%+v is %q and %q, want %q and %q", c.place, en, es, c.en, c.es)
		}
	}
	near := Near{Label: "Berlin, Germany", Place: geo.Place{Name: "Berlin", Country: "DE"}}
	if got := near.LabelIn("es"); got != "Berlin, Alemania" {
		t.Errorf("in Spanish it is %q", got)
	}
}
