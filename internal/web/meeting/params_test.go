package meeting

import (
	"net/url"
	"testing"
)

func TestParams(t *testing.T) {
	v, err := url.ParseQuery("when=tonight&place=S%C3%A3o+Paulo+%26+co&need=women,wheelchair&offset=50&limit=50")
	if err != nil {
		t.Fatal(err)
	}
	p := newParams(v)
	const place = "place=S%C3%A3o+Paulo+%26+co"
	check := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", what, got, want)
		}
	}
	check("paging is dropped", p.link("/", "", ""), "/?need=women,wheelchair&"+place+"&when=tonight")
	check("take out", p.link("/", "need", ""), "/?"+place+"&when=tonight")
	check("change", p.link("/map.geojson", "when", "now"), "/map.geojson?need=women,wheelchair&"+place+"&when=now")
	check("without", p.without("when", "need").link("/", "", ""), "/?"+place)
	href, on := p.toggle("/", "need", "women")
	check("toggle off", href, "/?"+place+"&when=tonight&need=wheelchair")
	if !on {
		t.Error("women was on")
	}
	href, on = p.toggle("/", "need", "lgbtq")
	check("toggle on", href, "/?"+place+"&when=tonight&need=women,wheelchair,lgbtq")
	if on {
		t.Error("lgbtq was not on")
	}
	href, _ = p.choose("/", "when", "tonight")
	check("choose off", href, "/?need=women,wheelchair&"+place)
	check("nothing", params{}.link("/", "x", ""), "/")
}
