package meeting

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"hearth/internal/civil"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
	"hearth/internal/web/ui"
)

func TestNobodyVisitsHalf(t *testing.T) {
	for yes, want := range map[float64]string{0: "0", 8: "8", 8.5: "8 to 9", 10.5: "10 to 11", 0.5: "0 to 1", 3.999: "4"} {
		if got := yeses(ui.Language("en"), yes); got != want {
			t.Errorf("%v visits: %q", yes, got)
		}
	}
}

func TestMeetingPage(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		for range 4 {
			h.told("open-door", welcome.Answers{welcome.Attend: welcome.Yes, welcome.Speak: welcome.Yes, welcome.BeSponsor: welcome.No}, welcome.NegativeRemark)
		}
		if _, err := h.service.AddStatement(t.Context(), "editor", meeting.Statement{
			MeetingID: h.ids["open-door"], Answers: welcome.Answers{welcome.TimeCounts: welcome.Yes}, Voice: welcome.Conscience, Speaker: "the secretary",
			On: civil.DateOf(h.now()), Link: "https://group.example/minutes", Words: "We count from your own date.",
		}); err != nil {
			t.Fatal(err)
		}
		d := h.get("/m/" + h.ids["open-door"])
		if d.Status != http.StatusOK {
			t.Fatalf("status %d", d.Status)
		}
		d.has("Tuesdays 19:00 to 20:00", "Eastern Time", "St Brigid’s Hall", "Blue side door, ring once.",
			"People on medication usually speak here, and their time counts. They do not sponsor others;",
			"4 of 4 visits", "0 of 4 visits", "The group’s written decision, June 2026", "We count from your own date.", "counts until",
			"What its fellowship has written", "It weighs little", "4 of 4 visitors heard a negative remark about medication",
			"4 visits by people like you", "Wend Valley list", "Report a visit", "Add to my calendar", "Before you go", "@open-door")
		if n := len(d.all("div", "right")); n != welcome.NumRights {
			t.Errorf("the card has %d rights", n)
		}
		for _, href := range []string{"geo:40.00000,-75.00000?q=40.00000,-75.00000", "https://venmo.com/u/open-door", "https://area.example/", "https://group.example/minutes", "/m/" + h.ids["open-door"] + "/calendar.ics?lang=en"} {
			if !slices.Contains(d.hrefs(), href) {
				t.Errorf("no link to %s", href)
			}
		}
		for _, n := range d.all("a", "") {
			if strings.HasPrefix(attr(n, "href"), "http") && !strings.Contains(attr(n, "rel"), "noreferrer") {
				t.Errorf("the link to %s would say where the reader comes from", attr(n, "href"))
			}
		}
		if len(d.all("svg", "qr")) != 1 {
			t.Error("no QR code for the printed page")
		}
		d = h.get("/m/" + h.ids["open-door"] + "?tz=America/Los_Angeles")
		d.has("For you: Tuesdays 16:00 to 17:00, Pacific Time")
		d = h.get("/m/" + h.ids["open-door"] + "?lang=es")
		d.has("Aquí las personas que toman medicación suelen hablar, y su tiempo cuenta. No apadrinan;", "Los martes de 19:00 a 20:00", "hora del Este")
	})
}

// A single bad visit must not be read off a page.
func TestMeetingPageKeepsOneVisitToItself(t *testing.T) {
	h := inSmallHouse(t)
	h.told("riverside", welcome.Answers{welcome.Speak: welcome.No}, welcome.ToldNotToSpeak|welcome.NegativeRemark)
	d := h.get("/m/" + h.ids["riverside"])
	d.has("Not enough reports yet to say.", "1 of the 3 visits we need.")
	d.hasNot("told not to speak", "negative remark", "do not speak")
}

// A no that waits for more weeks reads like any two visits, whatever they say.
func TestMeetingPageKeepsAWaitingNo(t *testing.T) {
	read := func(a welcome.Answer, n int) string {
		h := inSmallHouse(t)
		var visits []meeting.GatheredVisit
		for range n {
			visits = append(visits, meeting.GatheredVisit{VisitReport: meeting.VisitReport{MeetingID: h.ids["riverside"], Month: "2026-05", Answers: welcome.Answers{welcome.Speak: a}}, At: h.now()})
		}
		if err := h.service.ImportVisits(t.Context(), "ed", visits); err != nil {
			t.Fatal(err)
		}
		h.refresh()
		h.open()
		d := h.get("/m/" + h.ids["riverside"])
		d.has("Not enough reports yet to say.", "Visits by people like you", "not enough yet to say")
		return strings.ReplaceAll(d.said()+h.get("/?q=riverside").said(), h.ids["riverside"], "ID")
	}
	if yes, no := read(welcome.Yes, 2), read(welcome.No, 4); yes != no {
		t.Errorf("two who said yes:\n%s\nfour who said no:\n%s", yes, no)
	}
}

func TestMeetingPageFoldsCodesAway(t *testing.T) {
	h := inSmallHouse(t)
	h.write([]byte(`[{"name":"Codes","slug":"codes","day":1,"time":"19:00","formatted_address":"1 Oak St, Harlow, KY 40000, USA","types":["O","QJT","QRF","QSG"]},
		{"name":"Only Codes","slug":"only","day":2,"time":"19:00","formatted_address":"2 Oak St, Harlow, KY 40000, USA","types":["QJT"]}]`))
	h.sync()
	for _, hit := range h.service.Directory().Find(meeting.Any(), h.now()).Hits {
		h.ids[hit.SourceID] = hit.ID
	}
	for slug, want := range map[string]string{"codes": "and 3 codes of its list QJT, QRF, QSG", "only": "1 code of its list QJT"} {
		d := h.get("/m/" + h.ids[slug])
		fold := d.all("details", "meet-codes")
		if len(fold) != 1 || strings.Join(strings.Fields(text(fold[0])), " ") != want || strings.Count(d.Body, "QJT") != 1 {
			t.Errorf("%s: the codes are not folded away, or stand outside too: %s", slug, d.said())
		}
	}
	h.get("/m/" + h.ids["codes"] + "?lang=es").has("y 3 códigos de su lista")
	h.get("/?type=O").has("You asked for: Open.")
	h.get("/?type=QJT").has("You asked for: marked QJT by its list.")
}

func TestMeetingPageWithoutAPlace(t *testing.T) {
	h := inSmallHouse(t)
	for _, slug := range []string{"somewhere", "pacific"} {
		d := h.get("/m/" + h.ids[slug])
		for _, href := range d.hrefs() {
			if strings.HasPrefix(href, "geo:") || strings.Contains(href, "openstreetmap") {
				t.Errorf("%s leads to %s", slug, href)
			}
		}
		d.hasNot(" mi ")
	}
	h.get("/m/" + h.ids["somewhere"]).has("Only the area is known")
	h.get("/m/"+h.ids["pacific"]).has("Opens us02web.zoom.us", "Password: hope", "Pacific Time")
	h.get("/m/" + h.ids["stranger"]).has("Opens evilzoom.us, a page that we do not know")
}

func TestGoneMeeting(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.drop("open-door")
		for _, path := range []string{"", "/before"} {
			d := h.get("/m/" + h.ids["open-door"] + path)
			if d.Status != http.StatusGone {
				t.Errorf("status %d, want 410", d.Status)
			}
			d.has("No longer listed", "Tuesday Open Door", "Close by, and still there", "Riverside Steps")
		}
		if d := h.get("/m/no-such-meeting"); d.Status != http.StatusNotFound {
			t.Errorf("an unknown meeting: status %d", d.Status)
		}
	})
}

// What a feed says is shown, never run, and cannot turn the words around it.
func TestHostileWords(t *testing.T) {
	h := inSmallHouse(t)
	id := "/m/" + h.ids["hostile"]
	for _, path := range []string{"/?day=fri", id, id + "/before", id + "/visit", id + "/problem"} {
		d := h.get(path)
		for _, n := range d.all("script", "") {
			if attr(n, "src") == "" {
				t.Errorf("%s: a script of somebody else's", path)
			}
		}
		for _, n := range d.all("", "") {
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" && a.Val == "x" || a.Key == "href" && strings.HasPrefix(strings.ToLower(a.Val), "javascript:") {
					t.Errorf("%s: <%s %s=%q>", path, n.Data, a.Key, a.Val)
				}
			}
			if n.Data == "a" && strings.Contains(text(n), "alert('name')") && attr(n, "dir") != "auto" && attr(n, "class") != "back no-print" {
				t.Errorf("%s: the name may turn its surroundings: <%s>", path, n.Data)
			}
		}
		if len(d.all("img", "")) > 0 || len(d.all("i", "")) > 0 {
			t.Errorf("%s: an element of somebody else's", path)
		}
	}
}

// Titles stand in histories and on tabs; addresses in logs of proxies.
func TestTitlesAndAddressesSayNothing(t *testing.T) {
	h := inSmallHouse(t)
	id := "/m/" + h.ids["open-door"]
	for _, path := range []string{"/", "/?may=speak", id, id + "/visit", id + "/problem", id + "/before"} {
		for _, lang := range []string{"en", "es"} {
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			d := h.get(path + sep + "lang=" + lang)
			title := strings.ToLower(text(d.all("title", "")[0]))
			for _, n := range d.all("meta", "") {
				title += " " + strings.ToLower(attr(n, "content"))
			}
			for _, word := range []string{"medic", "recover", "recupera", "methadone", "metadona", "overdose", "sobredosis", "narcotics"} {
				if strings.Contains(title, word) {
					t.Errorf("%s: the head says %q: %s", path, word, title)
				}
				for _, href := range d.hrefs() {
					if strings.HasPrefix(href, "/") && strings.Contains(strings.ToLower(strings.ReplaceAll(href, "kind=medication", "")), word) {
						t.Errorf("%s leads to %s", path, href)
					}
				}
			}
		}
	}
}

// A title does not say why somebody looks when the group's name does: it names the place, or just a meeting.
func TestTitlesOfTellingNames(t *testing.T) {
	h := inSmallHouse(t)
	title := func(path string) string { return text(h.get(path).all("title", "")[0]) }
	for _, c := range []struct{ name, place, city, want, es string }{
		{"Recovery on Medication", "St Brigid’s Hall", "Harlow", "St Brigid’s Hall", "St Brigid’s Hall"},
		{"Methadone Anonymous, Tuesday", "Hope Recovery Centre", "Harlow", "Harlow", "Harlow"},
		{"NA at Noon", "", "", "A meeting", "Una reunión"},
		{"Grupo Adicción Cero", "Clínica de metadona", "", "A meeting", "Una reunión"},
		{"Morning Light", "Hope Recovery Centre", "", "Morning Light", "Morning Light"},
	} {
		m := &meeting.Occurrence{Name: c.name, Location: c.place, City: c.city}
		if en, es := titleOf(ui.Language("en"), m), titleOf(ui.Language("es"), m); en != c.want || es != c.es {
			t.Errorf("%s is called %q and %q", c.name, en, es)
		}
	}
	feed, err := os.ReadFile(h.file)
	if err != nil {
		t.Fatal(err)
	}
	h.write([]byte(strings.Replace(string(feed), "Tuesday Open Door", "Tuesday Methadone Recovery", 1)))
	h.sync()
	id := "/m/" + h.ids["open-door"]
	for _, path := range []string{id, id + "/before", id + "/visit", id + "/problem"} {
		if got := strings.ToLower(title(path)); strings.Contains(got, "methadone") || strings.Contains(got, "recovery") {
			t.Errorf("%s: the title says %q", path, got)
		}
	}
	if got := title(id + "/before"); !strings.Contains(got, "Before you go: St Brigid’s Hall") {
		t.Errorf("before: %q", got)
	}
}

func TestBefore(t *testing.T) {
	h := inSmallHouse(t)
	d := h.get("/m/" + h.ids["open-door"] + "/before")
	d.has("What usually happens", "19:00 Welcome, and a minute of quiet", "What you may do", "Not known Speak",
		"That is between me and my prescriber.", "How to get there", "12 Mill Street", "When it is fine to leave", "A seat near the door", "How I get home")
	d = h.get("/m/" + h.ids["pacific"] + "/before")
	d.has("close the window")
	d.hasNot("A seat near the door makes it easy")
}
