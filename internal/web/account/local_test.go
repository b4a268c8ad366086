package account

import "testing"

func TestLocalKeepsARedirectOnThisSite(t *testing.T) {
	for _, next := range []string{"/", "/desk", "/desk/feeds/AA%20here", "/desk?kind=visits&from=2026-05-01", "/?q=caf%C3%A9#list", "/desk/m/café", "/?next=https://example.org//x", "/a//b"} {
		if got := local(next); got != next {
			t.Errorf("local(%q) = %q, want it kept", next, got)
		}
	}
	for _, next := range []string{
		"", "desk", "?q=1", "#top", "//evil.example", "///evil.example", "https://evil.example", "https:/evil.example", "https:evil.example",
		"javascript:alert(1)", "mailto:x@evil.example", "/\t/evil.example", "\t//evil.example", "/\n/evil.example", "/\r/evil.example", "/\x00/evil.example",
		"/\x7f/evil.example", "/\u0085/evil.example", "\\\\evil.example", "/\\evil.example", "/desk\\..\\..", "/%09/evil.example", "/%5Cevil.example", "/%2F/evil.example", "%2F%2Fevil.example",
		" /desk", "/%zz", "/\xff/evil.example", "//user@evil.example/",
	} {
		if got := local(next); got != "" {
			t.Errorf("local(%q) = %q, want none of it", next, got)
		}
	}
}
