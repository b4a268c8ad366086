// Package wiretest finds the shared folder of real feeds for the tests of the codecs, and holds what every
// codec must promise. It is for tests alone and must never be part of the product.
package wiretest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"hearth/internal/meeting"
)

// Root is the shared folder: HEARTH_SHARED, or the folder shared beside the repository.
func Root() string {
	if root := os.Getenv("HEARTH_SHARED"); root != "" {
		return root
	}
	dir, _ := os.Getwd()
	for dir != "/" && dir != "." {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	return filepath.Join(dir, "..", "shared")
}

// Shared reads a file of the shared folder, and skips the test where the folder is absent.
func Shared(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(Root(), name))
	if os.IsNotExist(err) {
		t.Skipf("HEARTH_SHARED is absent: %s is not there, so nothing was compared with the real files", filepath.Join(Root(), name))
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Seeds adds the files that match to a fuzz test: those of testdata, which are invented, and those of the
// shared folder where it is there.
func Seeds(f *testing.F, patterns ...string) {
	f.Helper()
	local, _ := filepath.Glob("testdata/*")
	for _, p := range patterns {
		more, _ := filepath.Glob(filepath.Join(Root(), "data/feeds", p))
		local = append(local, more...)
	}
	for _, name := range local {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // a folder, such as the corpus
		}
		// A part is enough to learn the shape from, and mutates faster than two megabytes.
		f.Add(b[:min(len(b), 2500)])
		f.Add(b[len(b)-min(len(b), 1000):])
		if len(b) < 4000 {
			f.Add(b)
		}
	}
}

// Split counts occurrences by attendance: in person, hybrid, online, inactive.
func Split(b *meeting.Batch) [4]int {
	var n [4]int
	for _, o := range b.Occurrences {
		n[slices.Index([]meeting.Attendance{meeting.InPerson, meeting.Hybrid, meeting.Online, meeting.Inactive}, o.Attendance)]++
	}
	return n
}

var (
	mail  = regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}`)
	phone = regexp.MustCompile(`202-555-01\d\d|\(202\) 555-01\d\d`) // what the scrubbed files have for numbers
)

// Promises checks what holds for every batch, whatever the bytes were.
func Promises(t testing.TB, b *meeting.Batch) {
	t.Helper()
	keys := map[string]bool{}
	for i := range b.Occurrences {
		o := &b.Occurrences[i]
		switch {
		case keys[o.Key]:
			t.Fatalf("row %d: key %q twice", o.Row, o.Key)
		case o.Key == "", o.SourceID == "", o.Name == "":
			t.Fatalf("row %d: no key, id or name: %+v", o.Row, o)
		case o.Row < 1 || o.Row > b.Rows:
			t.Fatalf("row %d of %d", o.Row, b.Rows)
		case !o.Attendance.Valid():
			t.Fatalf("row %d: attendance %q", o.Row, o.Attendance)
		case o.Day < meeting.ByAppointment || o.Day > 6:
			t.Fatalf("row %d: day %d", o.Row, o.Day)
		case o.Start.Valid() != o.End.Valid():
			t.Fatalf("row %d: start %v and end %v", o.Row, o.Start, o.End)
		case o.HasPoint && (o.Approximate || !o.Attendance.WalkIn() || o.Lat == 0 || o.Lng == 0):
			t.Fatalf("row %d: a point that rule N7 refuses: %+v", o.Row, o)
		case !o.HasPoint && (o.Lat != 0 || o.Lng != 0):
			t.Fatalf("row %d: coordinates without a point", o.Row)
		case len(o.Raw) > 0 && !json.Valid(o.Raw):
			t.Fatalf("row %d: raw row is not JSON: %s", o.Row, o.Raw)
		}
		keys[o.Key] = true
		for _, u := range []string{o.ConferenceURL, o.URL, o.Website, o.EntityURL} {
			if u != "" && !strings.HasPrefix(u, "http://") && !strings.HasPrefix(u, "https://") {
				t.Fatalf("row %d: address %q", o.Row, u)
			}
		}
		Texts(o, func(field, s string) {
			if !utf8.ValidString(s) || len(s) > meeting.MaxNotes {
				t.Fatalf("row %d: %s is not fit to be kept: %.80q", o.Row, field, s)
			}
			for _, r := range s {
				if unicode.Is(unicode.Cc, r) && r != '\n' || unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d' {
					t.Fatalf("row %d: %s holds %U", o.Row, field, r)
				}
			}
		})
	}
	for _, w := range append(slices.Clone(b.Warnings), b.Skipped...) {
		if w.Row < 0 || w.Row > b.Rows || w.Reason == "" || !utf8.ValidString(w.Reason) || len(w.Reason) > 600 {
			t.Fatalf("bad issue %+v", w)
		}
	}
}

// NoContacts checks that no personal contact came through. It is for the scrubbed files, whose numbers are
// known; ways to dial into a meeting may stay where they are named so.
func NoContacts(t testing.TB, b *meeting.Batch) {
	t.Helper()
	for i := range b.Occurrences {
		o := &b.Occurrences[i]
		dial := o.ConferencePhone + o.ConferencePhoneNotes + o.ConferenceURLNotes + o.EntityPhone
		check := func(where, s string) {
			if m := mail.FindString(s); m != "" && m != o.EntityEmail {
				t.Errorf("row %d: %s holds the address %s", o.Row, where, m)
			}
			for _, m := range phone.FindAllStringIndex(s, -1) {
				before := strings.ToLower(s[max(0, m[0]-30):m[0]])
				if !strings.Contains(digits(dial), digits(s[m[0]:m[1]])) && !strings.Contains(before, "dial") && !strings.Contains(before, "conference call") {
					t.Errorf("row %d: %s holds the number %s: …%s", o.Row, where, s[m[0]:m[1]], s[max(0, m[0]-40):m[1]])
				}
			}
			if strings.Contains(s, "Alex A") {
				t.Errorf("row %d: %s names a contact: %.120q", o.Row, where, s)
			}
		}
		Texts(o, func(field, s string) {
			if !strings.HasPrefix(field, "conference") && field != "entity_phone" {
				check(field, s)
			}
		})
		check("raw", string(o.Raw))
		for _, key := range []string{`"contact_`, `"email"`, `"phone"`, `"author"`, `"edit_url"`, `"venmo"`, `"paypal"`, `"feedback_emails"`} {
			if strings.Contains(string(o.Raw), key) {
				t.Errorf("row %d: raw row keeps %s", o.Row, key)
			}
		}
	}
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// Texts walks the texts of an occurrence by their names in JSON.
func Texts(o *meeting.Occurrence, each func(field, text string)) {
	b, err := json.Marshal(o)
	if err != nil {
		each("json", "\x00"+err.Error())
		return
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		each("json", "\x00"+err.Error())
		return
	}
	for field, v := range m {
		switch v := v.(type) {
		case string:
			each(field, v)
		case []any:
			for _, e := range v {
				if s, ok := e.(string); ok {
					each(field, s)
				}
			}
		}
	}
}
