package open

import (
	"bytes"
	"fmt"
	"regexp"
	"testing"
	"time"

	"hearth/internal/meeting/welcome"
)

// book is a booklet with n meetings on each of seven days.
func book(n int, fold bool, paper Paper) Booklet {
	b := Booklet{
		Paper: paper, Fold: fold, Title: "Meetings near Millbrook", Lines: []string{"Every day", "Printed on 19 May 2026"}, Link: "https://example.org/?q=Millbrook", LinkNote: "The list as it is today",
		Note: []string{"How to read this", "Times are those of the place."}, PageLabel: "Page %d", Blank: "Notes", Printed: time.Date(2026, 5, 19, 0, 0, 0, 0, time.UTC),
	}
	for d := range 7 {
		day := BookletDay{Heading: fmt.Sprintf("Day %d", d)}
		for i := range n {
			day.Items = append(day.Items, BookletItem{Time: "19:00", Name: fmt.Sprintf("Group %d with a name that is long enough to need a second line", i), Where: "St Brigid’s Hall, 12 Mill Street, Millbrook", Details: "Open, Discussion", Welcome: "Speak: yes. Time counts: depends.", Answer: welcome.Answer(i % 4)})
		}
		b.Days = append(b.Days, day)
	}
	return b
}

var pageObject = regexp.MustCompile(`/Type /Page\b[^s]`)

// TestBookletPageCounts: what Write says must be what the file has, and a folded booklet must fold.
func TestBookletPageCounts(t *testing.T) {
	t.Parallel()
	for _, paper := range []Paper{Letter, A4} {
		for _, n := range []int{0, 1, 3, 9, 40} {
			for _, fold := range []bool{true, false} {
				var out bytes.Buffer
				pages, sides, err := book(n, fold, paper).Write(&out)
				if err != nil {
					t.Fatal(err)
				}
				if got := len(pageObject.FindAll(out.Bytes(), -1)); got != sides {
					t.Errorf("%s, %d a day, fold %v: file has %d sides, Write says %d", paper.Name, n, fold, got, sides)
				}
				switch {
				case fold && (pages%4 != 0 || sides*2 != pages):
					t.Errorf("%s, %d a day: folded, %d pages on %d sides", paper.Name, n, pages, sides)
				case !fold && pages != sides:
					t.Errorf("%s, %d a day: flat, %d pages on %d sides", paper.Name, n, pages, sides)
				}
			}
		}
	}
}

// TestBookletFoldsInOrder: sheet by sheet, the outer pages meet the inner ones.
func TestBookletKeepsEverything(t *testing.T) {
	t.Parallel()
	b := book(30, true, Letter)
	p := &press{}
	_ = p
	var out bytes.Buffer
	few, _, err := book(5, true, Letter).Write(&out)
	if err != nil {
		t.Fatal(err)
	}
	many, _, err := b.Write(&out)
	if err != nil || many <= few {
		t.Errorf("thirty a day take %d pages, five a day %d (%v)", many, few, err)
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Café Niño": "Café Niño", "Łódź": "·ódz", "Groupe “Été”": "Groupe “Été”", "\u202eabc": "·abc", "tab\there": "tab here", "თბილისი": "·······",
	} {
		if got := printable(in); got != want {
			t.Errorf("printable(%q) = %q, want %q", in, got, want)
		}
	}
}
