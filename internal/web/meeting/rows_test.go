package meeting

import (
	"bytes"
	"fmt"
	"html"
	"math/rand/v2"
	"testing"
	"time"

	"hearth/internal/civil"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
	"hearth/internal/web/ui"
)

// A row whose lasting parts are kept says what one drawn for this very question says, whoever asked before,
// when and from where; and what a meeting's people wrote stays text.
func TestKeptRowsAreNotOld(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 9))
	one := func(from ...string) string { return from[rng.IntN(len(from))] }
	zones := []string{"America/New_York", "America/Los_Angeles", "Europe/London", ""}
	hits := make([]meeting.Hit, 300)
	for i := range hits {
		s := &meeting.Summary{
			ID: fmt.Sprint("m", i), Name: one("Open <Door>", `"Q&A"`, "O’Clock's"), Fellowship: one("na", "aa", "x<y"), Day: meeting.Day(rng.IntN(7)),
			Start: civil.Clock(rng.IntN(24 * 60)), End: civil.Clock(rng.IntN(24 * 60)), Zone: one(zones...),
			Attendance: []meeting.Attendance{meeting.InPerson, meeting.Online, meeting.Hybrid, meeting.Inactive}[rng.IntN(4)],
			Location:   one("", "Hall & Sons"), Address: one("", "1 Elm St, Harlow, PA"), City: one("Harlow", "Har", "", "Salem"),
			Approximate: rng.IntN(4) == 0, Flags: meeting.Flags(rng.Uint64()), SeenAt: tuesday.AddDate(0, 0, -rng.IntN(40)),
		}
		for r := range s.Welcome {
			if rng.IntN(2) == 0 {
				s.Welcome[r] = meeting.RightAnswer{Answer: welcome.Answer(rng.IntN(4)), Reports: rng.IntN(6), AsOf: one("", "2026-04"), Basis: one("visits", "statement", "both", "position", "none")}
			}
		}
		hits[i] = meeting.Hit{Summary: s}
		if s.Day = meeting.Day(rng.IntN(8)); s.Day == 7 {
			s.Day = meeting.ByAppointment
		}
	}
	kept := New(Options{})
	for round := range 12 {
		at := tuesday.Add(time.Duration(rng.IntN(20*24*60)) * time.Minute)
		var near *meeting.Near
		if round%3 > 0 {
			near = &meeting.Near{Label: one("Harlow, PA", "Salem", "Harlow")}
		}
		home := location(one(zones[:3]...))
		for i := range hits {
			h := &hits[i]
			h.Next, h.Miles = time.Time{}, rng.Float64()*30-1
			if h.Day != meeting.ByAppointment {
				h.Next = at.Add(time.Duration(rng.IntN(7*24*60)-60) * time.Minute)
			}
			h.Running = !h.Next.IsZero() && !h.Next.After(at)
		}
		for _, code := range append(ui.Languages(), ui.Pseudo) {
			words := ui.Language(code)
			draw := func(v *voice) string {
				d := &drawer{t: words, voice: v, now: at, home: home, near: near, seq: int64(round / 6)}
				var b bytes.Buffer
				if err := (listing{d, hits, round%2 == 0}).Render(t.Context(), &b); err != nil {
					t.Fatal(err)
				}
				return b.String()
			}
			if draw(kept.voice(words)) != draw(newVoice(words)) {
				t.Fatalf("round %d in %s: the kept rows differ", round, code)
			}
		}
		if round == 5 {
			hits[7].Name = "Another name" // the rounds from here on are of the next state of the directory
		}
	}
}

func TestPenEscapesAsHTMLDoes(t *testing.T) {
	for _, s := range []string{"", "plain", `<b a="x" c='y'>&amp;</b>`, "’“é", "a&", "&a", "\x00\xff<"} {
		var p pen
		if p.text(s); string(p.b) != html.EscapeString(s) {
			t.Errorf("%q became %q", s, p.b)
		}
	}
}
