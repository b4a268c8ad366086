package open

import (
	"bytes"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"hearth/internal/meeting/welcome"
)

// book is a booklet with n meetings on each of seven days.
func book(n int, fold bool, paper Paper) *Booklet {
	b := &Booklet{
		Paper: paper, Fold: fold, Lang: "en", Community: "Millbrook Commons", Title: "Meetings near Millbrook",
		Lines: []string{"Every day", "As of 19 May 2026"}, Link: "https://example.org/?q=Millbrook",
		Signs: []Sign{{welcome.Yes, "Usually open"}, {welcome.Unknown, "Not known yet"}}, Notes: []Note{{"Times", "Times are those of the place."}},
		Back: []Note{{"Pass it on", "Leave this where somebody may need it."}}, Printed: time.Date(2026, 5, 19, 0, 0, 0, 0, time.UTC),
		Words: BookletWords{Page: "Page %d", Continued: "%s, continued", Own: "Your own notes", HowToRead: "How to read this list", Today: "This list as it is today", Empty: "There is no meeting on this list."},
	}
	for d := range 7 {
		day := BookletDay{Heading: fmt.Sprintf("Day %d", d)}
		for i := range n {
			day.Items = append(day.Items, BookletItem{
				Time: "19:00", Name: fmt.Sprintf("Group %d with a name that is long enough to need a second line", i), Where: "St Brigid’s Hall, 12 Mill Street, Millbrook",
				Details: "Open, Discussion", Signs: []Sign{{welcome.Answer(i % 4), "speak"}, {welcome.Yes, "time counts"}}, How: "14 visits, latest in May 2026",
			})
		}
		if n > 0 {
			b.Days = append(b.Days, day)
		}
	}
	return b
}

var pageObject = regexp.MustCompile(`/Type /Page\b[^s]`)

// write writes a booklet and holds what must be true of every one: what Write says is what the file has, a
// folded one can be folded, and the same list gives the same bytes.
func write(t *testing.T, b *Booklet) (pages int, pdf []byte) {
	t.Helper()
	var out, again bytes.Buffer
	pages, sides, err := b.Write(&out)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.Write(&again); err != nil || !bytes.Equal(out.Bytes(), again.Bytes()) {
		t.Errorf("the same booklet twice is not the same bytes (%v)", err)
	}
	if got := len(pageObject.FindAll(out.Bytes(), -1)); got != sides {
		t.Errorf("the file has %d sides, Write says %d", got, sides)
	}
	switch {
	case b.Fold && (pages%4 != 0 || sides*2 != pages):
		t.Errorf("folded, %d pages on %d sides", pages, sides)
	case !b.Fold && pages != sides:
		t.Errorf("flat, %d pages on %d sides", pages, sides)
	}
	return pages, out.Bytes()
}

// text is what a reader finds in a PDF, page by page.
func text(t *testing.T, pdf []byte) []string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Fatal("pdftotext is needed to read what was printed: install poppler-utils")
	}
	cmd := exec.CommandContext(t.Context(), tool, "-layout", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\f"), "\f")
}

func TestBookletPageCounts(t *testing.T) {
	t.Parallel()
	for _, paper := range []Paper{Letter, A4} {
		for _, fold := range []bool{true, false} {
			last := 0
			for _, n := range []int{0, 1, 3, 9, 58} {
				pages, _ := write(t, book(n, fold, paper))
				if pages < last {
					t.Errorf("%s, fold %v: %d a day take %d pages, fewer took %d", paper.Name, fold, n, pages, last)
				}
				last = pages
				least, most := 1, 1+7*n/8 // a flat page holds eight long ones at the least
				if fold {
					least, most = 4, 4+7*n/4+4
				}
				if pages < least || pages > most {
					t.Errorf("%s, fold %v, %d a day: %d pages, want %d to %d", paper.Name, fold, n, pages, least, most)
				}
			}
		}
	}
}

// TestBookletHasEveryMeetingOnce reads the list back from the paper.
func TestBookletHasEveryMeetingOnce(t *testing.T) {
	t.Parallel()
	for _, fold := range []bool{true, false} {
		b := book(30, fold, Letter)
		want := map[string]int{}
		for d := range b.Days {
			for i := range b.Days[d].Items {
				b.Days[d].Items[i].Name = fmt.Sprintf("Group%dx%d", d, i)
				want[b.Days[d].Items[i].Name]++
			}
		}
		_, pdf := write(t, b)
		got := map[string]int{}
		for _, name := range regexp.MustCompile(`Group\d+x\d+`).FindAllString(strings.Join(text(t, pdf), "\n"), -1) {
			got[name]++
		}
		for name := range want {
			if got[name] != 1 {
				t.Errorf("fold %v: %s stands %d times on paper", fold, name, got[name])
			}
		}
	}
}

// TestBookletFoldsInOrder: on each side stand the pages that meet when the stack is folded.
func TestBookletFoldsInOrder(t *testing.T) {
	t.Parallel()
	pages, pdf := write(t, book(20, true, Letter))
	number := regexp.MustCompile(`Page (\d+)`)
	for side, s := range text(t, pdf) {
		left, right := pages-side, side+1
		if side%2 == 1 {
			left, right = right, left
		}
		var want []string
		for _, n := range []int{left, right} {
			if n != 1 && n != pages { // the cover and the back have no number
				want = append(want, fmt.Sprint(n))
			}
		}
		var got []string
		for _, m := range number.FindAllStringSubmatch(s, -1) {
			got = append(got, m[1])
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("side %d has pages %v, want %v", side+1, got, want)
		}
	}
}

// TestBookletTakesOddWords: names of any length and script, and nothing at all, still make a booklet.
func TestBookletTakesOddWords(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Long", 500)
	for name, item := range map[string]BookletItem{
		"nothing":  {},
		"long":     {Time: "19:00", Name: long, Where: long, Details: long, Signs: []Sign{{welcome.Yes, long}}, How: long},
		"rtl":      {Time: "02:30", Name: "\u202eשלום עולם\u202c שלום", Where: "مرحبا"},
		"scripts":  {Time: "02:30", Name: "თბილისი 東京 Łódź e\u0301", Where: "a\x00b\ufffd\u200b"},
		"not utf8": {Time: "02:30", Name: "\xff\xfe broken"},
		"spaces":   {Time: " ", Name: "\t\n ", Where: strings.Repeat("a ", 3000)},
	} {
		for _, fold := range []bool{true, false} {
			b := book(1, fold, A4)
			b.Title, b.Community, b.Link = item.Name, item.Name, "https://example.org/?text="+strings.Repeat("x", 200)
			b.Days[3].Items = append(b.Days[3].Items, item)
			if pages, _ := write(t, b); pages > 40 {
				t.Errorf("%s, fold %v: %d pages", name, fold, pages)
			}
		}
	}
	b := book(1, true, A4)
	b.Link = "https://example.org/?text=" + strings.Repeat("x", 5000) // too long for a code
	write(t, b)
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Café Niño": "Café Niño", "Łódź": "Lódz", "Groupe “Été”": "Groupe “Été”", "\u202eabc": "abc", "tab\there": "tab here", "თბილისი": "·",
		"Hope თბილისი 東京": "Hope · ·", "e\u0301": "é", "ﬁne": "fine", "½ past": "½ past", "soft\u00adhyphen": "softhyphen",
	} {
		if got := printable(in); got != want {
			t.Errorf("printable(%q) = %q, want %q", in, got, want)
		}
	}
}
