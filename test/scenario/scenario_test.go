// Package scenario owns whole stories: the real app on a fresh database of each engine, a clock that the
// story moves, and people who use it by HTTP as they would.
//
// It must never look inside: what a story knows, it has read on a page or in an answer.
package scenario

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"hearth/internal/app/apptest"
	"hearth/internal/meeting"
)

// a list of four meetings, as a neighbour would publish it. The clock stands at Monday 18:35 in New York.
const list = `[
 {"name":"Monday Steps","slug":"monday-steps","day":1,"time":"19:00","end_time":"20:00","timezone":"America/New_York","types":["O","X"],"location":"St Brigid’s Hall","formatted_address":"3400 Spruce Street, Philadelphia, PA 19104, USA","latitude":39.9497,"longitude":-75.1932},
 {"name":"Late Lights","slug":"late","day":1,"time":"23:30","end_time":"00:30","timezone":"America/New_York","types":["C"],"location":"Old Fire Station","formatted_address":"4000 Market Street, Philadelphia, PA 19104, USA","latitude":39.9575,"longitude":-75.2025},
 {"name":"Wednesday Lunch","slug":"lunch","day":3,"time":"12:00","timezone":"America/New_York","types":["O","W"],"location":"Library","formatted_address":"1901 Vine Street, Philadelphia, PA 19103, USA","latitude":39.9596,"longitude":-75.1710},
 {"name":"From Everywhere","slug":"online","day":1,"time":"19:30","timezone":"America/New_York","types":["O","ONL"],"formatted_address":"Philadelphia, PA, USA","conference_url":"https://zoom.us/j/000000001"}
]`

// neighbour adds the list as a feed and reads it.
func neighbour(t *testing.T, s *apptest.Site, payload string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "list.json")
	if err := os.WriteFile(file, []byte(payload), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.House.Meetings.AddFeed(t.Context(), "test", meeting.Feed{Name: "Neighbours", Format: meeting.FormatMeetingGuide, Fellowship: "na", File: file}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.House.Meetings.SyncFeed(t.Context(), "Neighbours", meeting.SyncOptions{}); err != nil {
		t.Fatal(err)
	}
	seen(t, s)
	return file
}

// read presses a button of the feed's page and waits until the page says that the reading is over.
func read(t *testing.T, s *apptest.Site, p *apptest.Person, button string) *apptest.Page {
	t.Helper()
	const feed = "/desk/feeds/Neighbours"
	got := p.Post(feed+button, nil)
	if got.Status != http.StatusOK || got.URL.Path != feed {
		t.Fatalf("%s leads to %d at %s\n%s", button, got.Status, got.URL, got.Text())
	}
	if _, err := s.House.Jobs.RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	look := time.NewTicker(20 * time.Millisecond) // the house's own queue may have taken the work
	defer look.Stop()
	for range 1500 {
		if got = p.Get(feed); got.Header.Get("Refresh") == "" {
			seen(t, s)
			return got
		}
		if !strings.Contains(got.Text(), "It is being read now") {
			t.Fatalf("a page that refreshes itself does not say why:\n%s", got.Text())
		}
		<-look.C
	}
	t.Fatal("the reading does not end")
	return nil
}

// seen waits until the finder shows what the database holds.
func seen(t *testing.T, s *apptest.Site) {
	t.Helper()
	if err := s.House.Meetings.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// api asks the API.
func api(t *testing.T, p *apptest.Person, query string) (found struct {
	Count    int
	Meetings []struct {
		ID, Name string
		Source   string
		SourceID string `json:"source_id"`
		Welcome  map[string]struct {
			Answer  string
			Reports int
		}
	}
},
) {
	t.Helper()
	page := p.Get("/api/v1/meetings?" + query)
	if page.Status != http.StatusOK {
		t.Fatalf("API %s: %d %s", query, page.Status, page.Body)
	}
	if err := json.Unmarshal([]byte(page.Body), &found); err != nil {
		t.Fatal(err)
	}
	return found
}

func names(t *testing.T, p *apptest.Person, query string) string {
	t.Helper()
	var out []string
	for _, m := range api(t, p, query).Meetings {
		out = append(out, m.Name)
	}
	return strings.Join(out, ", ")
}

// TestSomebodyFindsARoomTonight is the main story: no account, no script, a ZIP code.
func TestSomebodyFindsARoomTonight(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		neighbour(t, s, list)
		p := s.Person(t)
		finder := p.Get("/?q=19104&within=10&when=tonight")
		if finder.Status != http.StatusOK {
			t.Fatalf("finder: %d", finder.Status)
		}
		text := finder.Text()
		for _, want := range []string{"Monday Steps", "Late Lights", "Starts in 25 min", "19104"} {
			if !strings.Contains(text, want) {
				t.Errorf("the finder does not say %q:\n%s", want, text)
			}
		}
		if strings.Contains(text, "Wednesday Lunch") || strings.Contains(text, "From Everywhere") {
			t.Errorf("within ten miles tonight one cannot walk into these:\n%s", text)
		}
		id := api(t, p, "q=19104&within=10&when=tonight").Meetings[0].ID
		card := p.Get("/m/" + id)
		if card.Status != http.StatusOK || !strings.Contains(card.Text(), "Not known") {
			t.Errorf("the card of a meeting that nobody has told about: %d\n%s", card.Status, card.Text())
		}
		if title := card.All("title", "", ""); len(title) != 1 || strings.Contains(strings.ToLower(title[0].FirstChild.Data), "medic") {
			t.Error("a title says why somebody looks")
		}
		for name, query := range map[string]string{
			"Monday Steps, Late Lights": "near=39.95,-75.19&within=10mi&day=mon",
			"Late Lights":               "near=39.95,-75.19&within=10mi&day=mon&from=23:00&until=02:00",
			"From Everywhere":           "attendance=online",
			"Wednesday Lunch":           "need=women",
			"":                          "may=speak",
		} {
			if got := names(t, p, query); got != name {
				t.Errorf("%s: %q, want %q", query, got, name)
			}
		}
	})
}

// answers is a report in which everything is one answer.
func answers(answer, month string) url.Values {
	return url.Values{"month": {month}, "speak": {answer}, "count": {answer}}
}

// TestThreePeopleTell: one or two reports say nothing; three in three weeks do; a plain form waits for an
// editor, who lets it count.
func TestThreePeopleTell(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		neighbour(t, s, list)
		p := s.Person(t)
		id := api(t, p, "text=monday").Meetings[0].ID
		editor := signIn(t, s)
		for week := range 4 {
			month := s.Clock.Now().Format("2006-01")
			sent := p.Post("/m/"+id+"/visit", answers("no", month))
			if sent.Status != http.StatusOK {
				t.Fatalf("report %d: %d\n%s", week+1, sent.Status, sent.Text())
			}
			queue := editor.Get("/desk")
			forms := queue.All("form", "", "")
			decided := false
			for _, f := range forms {
				if action := apptest.Attr(f, "action"); strings.HasPrefix(action, "/desk/visits/") {
					if got := editor.Post(action, url.Values{"decide": {"yes"}}); got.Status != http.StatusOK {
						t.Fatalf("decide: %d", got.Status)
					}
					decided = true
				}
			}
			if !decided {
				t.Fatalf("the plain report does not wait at the desk:\n%s", queue.Text())
			}
			seen(t, s)
			speak := api(t, p, "text=monday").Meetings[0].Welcome["speak"]
			if week < 2 && speak.Answer != "unknown" {
				t.Errorf("after %d reports the answer is %s", week+1, speak.Answer)
			}
			if week == 3 && speak.Answer != "no" {
				t.Errorf("after four reports of no in four weeks the answer is %s", speak.Answer)
			}
			s.Clock.Add(7 * 24 * time.Hour)
		}
		record := editor.Get("/desk/record?lang=es")
		if text := record.Text(); !strings.Contains(text, "Sam Dejó que contara un relato Monday Steps") || strings.Contains(text, "visit.accept") {
			t.Errorf("the record speaks to machines:\n%s", text)
		}
		if len(record.All("a", "href", "/desk/m/"+id)) != 4 {
			t.Error("the record does not lead to the meeting")
		}
		if text := editor.Get("/desk/m/" + id + "?lang=en").Text(); !strings.Contains(text, "4 visit reports") {
			t.Errorf("the desk does not show the reports:\n%s", text)
		}
	})
}

const password = "a lamp in the window"

// signIn makes an administrator and signs in by the page.
func signIn(t *testing.T, s *apptest.Site) *apptest.Person {
	t.Helper()
	if err := s.House.Accounts.CreateAdministrator(t.Context(), "Sam", password); err != nil {
		t.Fatal(err)
	}
	p := s.Person(t)
	if got := p.Get("/desk"); got.URL.Path != "/signin" {
		t.Fatalf("the desk is open to strangers: %s", got.URL)
	}
	if got := p.Post("/signin", url.Values{"name": {"Sam"}, "password": {"not it"}}); got.Status != http.StatusUnprocessableEntity && got.Status != http.StatusForbidden {
		t.Errorf("a wrong password: %d", got.Status)
	}
	if got := p.Post("/signin", url.Values{"name": {"Sam"}, "password": {password}}); got.Status != http.StatusOK || got.URL.Path != "/desk" {
		t.Fatalf("signing in: %d at %s\n%s", got.Status, got.URL, got.Text())
	}
	return p
}

// TestAFeedShrinksAndComesBack: what vanishes is marked, not forgotten; a sudden loss waits for a person;
// people's corrections survive every sync.
func TestAFeedShrinksAndComesBack(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		rows := make([]string, 12)
		for i := range rows {
			rows[i] = fmt.Sprintf(`{"name":"Group %02d","slug":"g%d","day":%d,"time":"19:00","timezone":"America/New_York","formatted_address":"%d Spruce Street, Philadelphia, PA 19104, USA","latitude":39.95,"longitude":-75.19}`, i, i, i%7, 100+i)
		}
		file := neighbour(t, s, "["+strings.Join(rows, ",")+"]")
		editor := signIn(t, s)
		id := api(t, editor, "text=group+00").Meetings[0].ID
		if got := editor.Post("/desk/m/"+id, url.Values{"name": {"The Zeroth Group"}}); got.Status != http.StatusOK {
			t.Fatalf("correct a name: %d\n%s", got.Status, got.Text())
		}
		write := func(payload string) {
			t.Helper()
			if err := os.WriteFile(file, []byte(payload), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write("[" + strings.Join(rows[:3], ",") + "]")
		read(t, s, editor, "/sync")
		if got := api(t, editor, "").Count; got != 12 {
			t.Fatalf("a feed that lost nine of twelve was believed: %d meetings", got)
		}
		if text := editor.Get("/desk").Text(); !strings.Contains(text, "Neighbours") {
			t.Errorf("the desk does not say that a list was kept back:\n%s", text)
		}
		read(t, s, editor, "/accept")
		if got := api(t, editor, "").Count; got != 3 {
			t.Errorf("after a person accepted it: %d meetings", got)
		}
		write("[" + strings.Join(rows, ",") + "]")
		read(t, s, editor, "/sync")
		all := api(t, editor, "")
		if all.Count != 12 {
			t.Errorf("after the list was whole again: %d meetings", all.Count)
		}
		if again := api(t, editor, "text=zeroth"); again.Count != 1 || again.Meetings[0].ID != id {
			t.Errorf("the correction or the id did not survive: %+v", again)
		}
		write(`[{"name":"Cut sho`)
		if got := read(t, s, editor, "/sync"); !strings.Contains(got.Text(), "Line 1") {
			t.Errorf("a truncated list is not explained:\n%s", got.Text())
		}
		if got := editor.Post("/desk/feeds/Neighbours/accept", nil); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Text(), "Nothing of this feed is waiting") {
			t.Errorf("accepting what does not wait: %d\n%s", got.Status, got.Text())
		}
		if got := api(t, editor, "").Count; got != 12 {
			t.Errorf("a truncated list changed something: %d meetings", got)
		}
		version := regexp.MustCompile(`name="version" value="([0-9a-f]+)"`).FindStringSubmatch(editor.Get("/desk/feeds/Neighbours/edit").Body)
		if version == nil {
			t.Fatal("the form does not say which settings it shows")
		}
		// Its file stays where no address is given.
		settings := url.Values{"version": {version[1]}, "format": {"meetingguide"}, "fellowship": {"aa"}, "zone": {"America/Chicago"}, "every": {"24h"}}
		if got := editor.Post("/desk/feeds/Neighbours/edit", settings); got.Status != http.StatusOK || !strings.Contains(got.Text(), "America/Chicago") {
			t.Errorf("changing the feed: %d at %s\n%s", got.Status, got.URL, got.Text())
		}
		if got := editor.Post("/desk/feeds/Neighbours/edit", settings); got.Status != http.StatusConflict || !strings.Contains(got.Text(), "Somebody else changed this feed") {
			t.Errorf("changing it by settings that are no more: %d\n%s", got.Status, got.Text())
		}
	})
}

// TestAWordThatIsNotTakenIsSeen: the folded form stands open with what was typed, and says what is missing.
func TestAWordThatIsNotTakenIsSeen(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, s *apptest.Site) {
		neighbour(t, s, list)
		editor := signIn(t, s)
		id := api(t, editor, "text=monday").Meetings[0].ID
		got := editor.Post("/desk/m/"+id+"/word", url.Values{"voice": {"secretary"}, "speaker": {""}, "on": {"2026-05-01"}, "answer_speak": {"yes"}, "words": {"Come as you are."}})
		if got.Status != http.StatusUnprocessableEntity {
			t.Fatalf("a word without a speaker: %d", got.Status)
		}
		for _, fold := range got.All("details", "", "") {
			for form := range fold.Descendants() {
				if form.Data == "form" && apptest.Attr(form, "action") == "/desk/m/"+id+"/word" {
					if !slices.ContainsFunc(fold.Attr, func(a html.Attribute) bool { return a.Key == "open" }) {
						t.Error("the form, with its messages and words, is folded away")
					}
				}
			}
		}
		if len(got.All("textarea", "name", "words")) != 1 || !strings.Contains(got.Body, "Come as you are.") {
			t.Error("what was typed is gone")
		}
	})
}
