package ui_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"hearth/internal/fault"
	"hearth/internal/web/ui"
	"hearth/internal/web/ui/uitest"
)

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// everything renders a page with every component in it.
func everything(t *testing.T, lang string) string {
	t.Helper()
	w := ui.Language(lang)
	s := ui.Shell{T: w, Community: "Millbrook <Commons>", Path: "/m/1", Query: "day=mon&lang=es", Flash: w.S("Yes"), Account: &ui.Signed{Name: "Jo"}, Places: []ui.Place{{Key: "x", Label: w.S("Desk"), Href: "/desk", Icon: "inbox"}}}
	err := fault.New(fault.Invalid, "Something here needs another look.").With("q", "No")
	parts := templ.Join(
		ui.Back(w.S("Find"), "/"),
		ui.Chip(ui.ChipData{Label: w.S("Yes"), Href: "/?a=b", On: true, Count: 3}),
		ui.ErrorSummary(w, err),
		ui.Field(ui.FieldData{T: w, Name: "q", Label: w.S("Find"), Hint: w.S("No"), Value: "people's own", Error: ui.FieldError(w, err, "q"), Optional: true, Required: true, MaxLength: 9}),
		ui.Field(ui.FieldData{T: w, Name: "note", Label: w.S("Find"), Value: "own words", Rows: 3}),
		ui.Choices(ui.ChoicesData{T: w, Name: "speak", Legend: w.S("Yes"), Hint: w.S("No"), Error: w.S("No"), Choices: []ui.Choice{{Value: "yes", Label: w.S("Yes"), Answer: "yes"}}}),
		ui.Welcome(ui.WelcomeData{T: w, AsOf: w.S("today"), Sentence: w.S("Yes"), Rights: []ui.RightData{{Icon: "coffee", Name: w.S("Find"), Answer: "no", How: w.S("today"), Bar: ui.BarData{Answer: "no", Low: 0.1, Mean: 0.2, High: 0.4, Known: true, Label: w.S("No")}, Got: 1, Need: 3}}}),
		ui.Facts([]ui.Fact{{Icon: "phone", Term: "St Brigid’s", More: "12 Mill Street", Own: true, Href: "https://example.org/"}}),
		ui.Empty(ui.EmptyData{Title: w.S("No"), More: w.S("Yes"), Action: ui.ButtonData{Label: w.S("Find"), Href: "/"}}),
		ui.Pager(ui.PagerData{T: w, Prev: "/?offset=0", Next: "/?offset=100", From: 51, To: 100, Total: 1234}),
	)
	var page strings.Builder
	ctx := templ.WithChildren(context.Background(), parts)
	if err := ui.Layout(ui.Page{Shell: s, Title: w.S("Find a meeting"), Scripts: []string{"pow.js"}}).Render(ctx, &page); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

func TestNoWordBypassesTheCatalogue(t *testing.T) {
	for _, w := range uitest.Unwrapped(everything(t, ui.Pseudo)) {
		t.Error(w)
	}
	if found := uitest.Unwrapped(`<p title="Left out">⟦said⟧ and not</p><p data-own>Own</p><b>12:30 · 4</b>`); len(found) != 2 {
		t.Errorf("the look-out itself found %q", found)
	}
}

func TestPagesKeepTheContentSecurityPolicy(t *testing.T) {
	page := everything(t, "en")
	for _, bad := range []string{`\sstyle=`, `\son[a-z]+=`, `<style`, `javascript:`, `<script(?: [^>]*)?>[^<]`, `src="https?:`} {
		if m := regexp.MustCompile(bad).FindString(page); m != "" {
			t.Errorf("the page has %q", m)
		}
	}
	if strings.Contains(page, "<Commons>") {
		t.Error("a name was not escaped")
	}
	if n := strings.Count(page, "/assets/missing/"); n > 0 {
		t.Errorf("%d assets are missing", n)
	}
}

func TestIDsAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(`\sid="([^"]+)"`).FindAllStringSubmatch(render(t, ui.Choices(ui.ChoicesData{Name: "a", Choices: make([]ui.Choice, 3)})), -1) {
		if seen[m[1]] {
			t.Errorf("two elements are called %s", m[1])
		}
		seen[m[1]] = true
	}
}

func TestTheLanguageLinkKeepsThePage(t *testing.T) {
	page := everything(t, "es")
	if !strings.Contains(page, `href="/m/1?day=mon&amp;lang=en"`) {
		t.Error("the link to English forgets the page")
	}
	if !strings.Contains(page, `<html lang="es">`) {
		t.Error("the page does not say that it is Spanish")
	}
	if !strings.Contains(page, "Encuentra una reunión · Millbrook &lt;Commons&gt;") {
		t.Error("the title is not what it should be")
	}
}

func TestBarsStayInside(t *testing.T) {
	s := render(t, ui.Bar(ui.BarData{Answer: "<odd>", Low: -1, Mean: 0.5, High: 2, Known: true, Label: "x"}))
	for _, want := range []string{`x1="3.0%"`, `x2="97.0%"`, `cx="50.0%"`, `bar-unknown`} {
		if !strings.Contains(s, want) {
			t.Errorf("no %s in %s", want, s)
		}
	}
	if s := render(t, ui.Bar(ui.BarData{Label: "x"})); !strings.Contains(s, "bar-none") {
		t.Error("nothing known, and yet a bar")
	}
}
