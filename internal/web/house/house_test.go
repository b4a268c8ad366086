package house_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"hearth/internal/web/house"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
	"hearth/internal/web/ui/uitest"
)

var options = house.Options{
	Local: func() []house.Line {
		return []house.Line{{Name: "Millbrook warm line", More: "Peers, 17:00 to 23:00", Call: "+15550100199", Text: "5550100199"}}
	},
	Contact:  func() string { return "hello@example.org" },
	LeaveURL: "https://example.org/weather",
}

func get(t *testing.T, h page.Handler, lang string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("GET", "/x?lang="+lang, nil)
	s := ui.Shell{T: ui.Language(lang), Community: "Millbrook Commons", Path: "/x"}
	r = r.WithContext(page.With(r.Context(), &page.Visit{Shell: s}))
	w := httptest.NewRecorder()
	if err := h(w, r); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestHousePages(t *testing.T) {
	p := house.New(options)
	title := regexp.MustCompile(`(?i)<title>[^<]*(recovery|medication|overdose|opioid)`)
	dose := regexp.MustCompile(`(?i)\b\d+ ?(mg|milligram)`)
	for name, h := range map[string]page.Handler{"help": p.Help, "privacy": p.Privacy, "about": p.About} {
		for _, w := range uitest.Unwrapped(get(t, h, ui.Pseudo).Body.String()) {
			t.Errorf("%s: %s", name, w)
		}
		for _, lang := range ui.Languages() {
			body := get(t, h, lang).Body.String()
			if n := strings.Count(body, "<h1"); n != 1 {
				t.Errorf("%s in %s has %d h1", name, lang, n)
			}
			if m := title.FindString(body) + dose.FindString(body); m != "" {
				t.Errorf("%s in %s says %q", name, lang, m)
			}
		}
	}
}

func TestHelpCanBePressed(t *testing.T) {
	for _, lang := range ui.Languages() {
		body := get(t, house.New(options).Help, lang).Body.String()
		for _, link := range []string{"tel:911", "tel:988", "sms:988", "tel:+15550100199", "sms:5550100199"} {
			if !strings.Contains(body, `href="`+link+`"`) {
				t.Errorf("%s: no link %s", lang, link)
			}
		}
		if !strings.Contains(body, "(555) 010-0199") {
			t.Errorf("%s: the local number is not written as it is said", lang)
		}
	}
}

func TestLeaveGoesAway(t *testing.T) {
	w := get(t, house.New(options).Leave, "en")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "https://example.org/weather" || w.Header().Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}
