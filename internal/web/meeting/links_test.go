package meeting

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWebLink(t *testing.T) {
	for in, host := range map[string]string{
		"https://us02web.zoom.us/j/123?pwd=x": "us02web.zoom.us",
		" http://www.example.org/a ":          "example.org",
		"javascript:alert(1)":                 "",
		"data:text/html,x":                    "",
		"//evil.example":                      "",
		"https://zoom.us@evil.example/":       "",
		"https://zооm.us/":                    "", // Cyrillic о
		"https:///x":                          "",
		"mailto:a@b.c":                        "",
		"https://a.example/\"onclick=":        "",
		"https://zoom.us/j/1 https://b.c/":    "",
	} {
		l, ok := webLink(in)
		if ok != (host != "") || l.Host != host {
			t.Errorf("%q: host %q, %v; want %q", in, l.Host, ok, host)
		}
	}
}

func TestCallers(t *testing.T) {
	for host, want := range map[string]bool{
		"zoom.us": true, "us02web.zoom.us": true, "evilzoom.us": false, "zoom.us.evil.example": false,
		"meet.google.com": true, "google.com": false, "example.org": false,
	} {
		if isCaller(host) != want {
			t.Errorf("%s: %v, want %v", host, !want, want)
		}
	}
}

func TestTelLink(t *testing.T) {
	for in, want := range map[string]string{
		"+1 (646) 558-8656,,123#": "tel:+16465588656,,123%23",
		"911":                     "",
		"call me":                 "",
		"646-555-0100*2":          "tel:6465550100*2",
	} {
		if got := telLink(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestContributions(t *testing.T) {
	got := contributions("@open-door", "$OpenDoor", "https://paypal.me/opendoor", "javascript:1")
	want := []way{
		{"Venmo", "@open-door", "https://venmo.com/u/open-door"},
		{"Cash App", "$OpenDoor", "https://cash.app/$OpenDoor"},
		{"PayPal", "opendoor", "https://paypal.me/opendoor"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got := contributions("<b>", "$a b", "x/../y", ""); got != nil {
		t.Errorf("hostile handles became links: %v", got)
	}
}
