package meeting

import (
	"strings"
	"testing"

	"hearth/internal/meeting/welcome"
)

// pattern reads a card from seven letters: attend, speak, lead, serve, sponsor, be sponsor, count; each
// y, d, n or a full stop for not known.
func pattern(t testing.TB, s string) answers {
	t.Helper()
	var a answers
	if len(s) != len(a) {
		t.Fatalf("pattern %q has %d letters, not %d", s, len(s), len(a))
	}
	for i := range a {
		a[i] = map[byte]welcome.Answer{'y': welcome.Yes, 'd': welcome.Depends, 'n': welcome.No, '.': welcome.Unknown}[s[i]]
	}
	return a
}

func TestSentence(t *testing.T) {
	for _, c := range []struct {
		card   string
		sure   bool
		en, es string
	}{
		{
			"yyd.yny", false,
			"People on medication usually speak and have sponsors here, and their time counts. Leading depends; they do not sponsor others; serving is not known.",
			"Aquí las personas que toman medicación suelen hablar y tener padrino o madrina, y su tiempo cuenta. Coordinar depende; no apadrinan; no se sabe si prestan servicio.",
		},
		{
			"yyyy..y", true,
			"People on medication speak, lead and serve here, and their time counts. Having a sponsor and sponsoring are not known.",
			"Aquí las personas que toman medicación hablan, coordinan y prestan servicio, y su tiempo cuenta. No se sabe si tienen padrino o madrina ni si apadrinan.",
		},
		{
			"yyyyyyy", false,
			"Every part of this meeting is usually open to people on medication, and their time counts.",
			"Por lo general, todo en esta reunión está abierto a las personas que toman medicación, y su tiempo cuenta.",
		},
		{
			"yy.....", false,
			"People on medication usually speak here. The rest is not known.",
			"Aquí las personas que toman medicación suelen hablar. Lo demás no se sabe.",
		},
		{
			".dn....", false,
			"Whether people on medication speak here depends on the day; they do not lead; the rest is not known.",
			"Que las personas que toman medicación hablen aquí depende del día; no coordinan; lo demás no se sabe.",
		},
		{
			"ynnyyyn", false,
			"People on medication usually serve, have sponsors and sponsor others here. They do not speak or lead, and their time does not count.",
			"Aquí las personas que toman medicación suelen prestar servicio, tener padrino o madrina y apadrinar. No hablan ni coordinan, y su tiempo no cuenta.",
		},
		{
			"n.....n", false,
			"People on medication are turned away here, and their time does not count; the rest is not known.",
			"Aquí no se deja entrar a las personas que toman medicación, y su tiempo no cuenta; lo demás no se sabe.",
		},
		{
			"y......", false,
			"People on medication can usually come here. The rest is not known.",
			"Aquí, por lo general, las personas que toman medicación pueden venir. Lo demás no se sabe.",
		},
		{
			"......n", false,
			"People on medication do not have their time counted here; the rest is not known.",
			"Aquí no se cuenta el tiempo de las personas que toman medicación; lo demás no se sabe.",
		},
		{
			"ydddddd", false,
			"People on medication can usually come here. Everything else depends.",
			"Aquí, por lo general, las personas que toman medicación pueden venir. Todo lo demás depende.",
		},
		{
			"ddddddd", false,
			"What people on medication may do here depends on the day.",
			"Lo que pueden hacer aquí las personas que toman medicación depende del día.",
		},
		{
			"yyyyyyd", true,
			"Every part of this meeting is open to people on medication. Having their time counted depends.",
			"Todo en esta reunión está abierto a las personas que toman medicación. Que su tiempo cuente depende.",
		},
	} {
		a := pattern(t, c.card)
		if got := card(english(a, c.sure, false)); got != c.en {
			t.Errorf("%s in English:\n got %s\nwant %s", c.card, got, c.en)
		}
		if got := card(spanish(a, c.sure, false)); got != c.es {
			t.Errorf("%s in Spanish:\n got %s\nwant %s", c.card, got, c.es)
		}
	}
}

// Every one of the 4^7 patterns must come out as a sentence in which nothing is contradicted, no "no" is
// left out and the order is yes, depends, no, not known.
func TestSentenceEveryPattern(t *testing.T) {
	noWords := map[welcome.Right][2]string{
		welcome.Attend: {"turned away", "deja entrar"}, welcome.Speak: {"speak", "hablan"}, welcome.Lead: {"lead", "coordinan"},
		welcome.Serve: {"serve", "prestan servicio"}, welcome.HaveSponsor: {"have sponsors", "tienen padrino"},
		welcome.BeSponsor: {"sponsor others", "apadrinan"}, welcome.TimeCounts: {"time", "tiempo"},
	}
	for n := 1; n < 1<<(2*welcome.NumRights); n++ {
		var a answers
		for i := range a {
			a[i] = welcome.Answer(n >> (2 * i) & 3)
		}
		for lang, write := range []grammar{english, spanish} {
			for _, short := range []bool{false, true} {
				cs := write(a, n%2 == 0, short)
				if len(cs) == 0 {
					t.Fatalf("%v: nothing to say in language %d", a, lang)
				}
				no := ""
				for i, c := range cs {
					if c.text == "" || strings.Contains(c.text, "  ") || strings.HasSuffix(c.text, " ") {
						t.Fatalf("%v: clause %q", a, c.text)
					}
					rank := map[welcome.Answer]int{welcome.Yes: 0, welcome.Depends: 1, welcome.No: 2, welcome.Unknown: 3}
					if i > 0 && rank[cs[i-1].answer] >= rank[c.answer] {
						t.Fatalf("%v: order of %v", a, cs)
					}
					if c.answer == welcome.No {
						no = c.text
					}
				}
				for _, r := range a.pick(welcome.No, welcome.Rights[:]...) {
					if !strings.Contains(no, noWords[r][lang]) {
						t.Fatalf("%v: %q leaves out that %v is a no", a, no, r)
					}
				}
			}
		}
	}
}

func TestRowSentence(t *testing.T) {
	s := &sentences{grammar: english, wrap: func(s string) string { return s }}
	got := s.of(pattern(t, "yyd.yny"), false)
	want := `<span class="says-part"><span class="says-join">` + shapeMarks[welcome.Yes] + `People</span> on medication usually speak and have sponsors here, and their time counts;</span> ` +
		`<span class="says-part"><span class="says-join">` + shapeMarks[welcome.Depends] + `leading</span> depends;</span> ` +
		`<span class="says-part"><span class="says-join">` + shapeMarks[welcome.No] + `they</span> do not sponsor others;</span> ` +
		`<span class="says-part"><span class="says-join">` + shapeMarks[welcome.Unknown] + `serving</span> is not known.</span>`
	if got.row != want {
		t.Errorf("row:\n got %s\nwant %s", got.row, want)
	}
	if s.of(pattern(t, "yyd.yny"), false) != got {
		t.Error("the sentence was made twice")
	}
}
