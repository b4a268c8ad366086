package page

import "testing"

func TestAccepts(t *testing.T) {
	for _, c := range []struct {
		header   string
		br, gzip bool
	}{
		{"", false, false},
		{"gzip, deflate, br, zstd", true, true},
		{"gzip;q=1.0, br;q=0", false, true},
		{"gzip;q=0.000,br; q=0.5", true, false},
		{"GZIP", false, true},
		{"x-gzip, brotli", false, false},
		{"gzip;q=much", false, false},
	} {
		if br, gzip := Accepts(c.header, "br"), Accepts(c.header, "gzip"); br != c.br || gzip != c.gzip {
			t.Errorf("%q: br %v, gzip %v", c.header, br, gzip)
		}
	}
}
