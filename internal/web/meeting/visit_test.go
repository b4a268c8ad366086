package meeting

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"hearth/internal/fault"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
	"hearth/internal/web/page"
)

func TestVisitForm(t *testing.T) {
	h := inSmallHouse(t)
	path := "/m/" + h.ids["open-door"] + "/visit"
	d := h.get(path)
	d.has("How was your visit?", "May", "April", "March", "Earlier", "Could you speak about yourself, medication and all?", "Did your time count?",
		"Somebody told me to take less, or to stop", "Leading, serving, sponsors", "Please leave out names.")
	form := d.all("form", "visit")
	if len(form) != 1 || attr(form[0], "data-challenge") == "" || attr(form[0], "data-bits") != "15" || attr(form[0], "method") != "post" {
		t.Fatalf("the form: %v", form)
	}
	sent := d.fields(path)
	if sent.Get("challenge") != attr(form[0], "data-challenge") || sent.Get("nonce") != "" || sent.Has("speak") {
		t.Errorf("a fresh form would send %v", sent)
	}
}

func TestVisitReport(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		path := "/m/" + h.ids["open-door"] + "/visit"
		fill := func() url.Values {
			v := h.get(path).fields(path)
			v.Set("month", "2026-04")
			v.Set("speak", "yes")
			v.Set("count", "unknown")
			v.Set("lead", "depends")
			v["what"] = []string{"welcomed", "negative_remark"}
			v.Set("note", "Ring twice.\r\nThe coffee is good.")
			return v
		}

		// A plain form waits for a person, and says so.
		plain := fill()
		d := h.post(path, plain)
		if d.Status != http.StatusOK {
			t.Fatalf("status %d: %s", d.Status, d.said())
		}
		d.has("Thank you. The next person will know.", "A person here reads it first.", "It came by the plain form", "We kept what you ticked, your words and the month.")
		d.hasNot("the same network", "much like another report")
		if !strings.HasPrefix(d.Asked, "GET "+path+"/thanks?") {
			t.Errorf("the thanks answer %s: a reload would send the report again", d.Asked)
		}
		again := h.post(path, plain)
		again.has("We had this report already")
		again.hasNot("It counts from now on")
		queued, err := h.service.QueuedVisits(t.Context())
		if err != nil || len(queued) != 1 {
			t.Fatalf("%d reports wait, %v", len(queued), err)
		}
		got := queued[0]
		if got.Month != "2026-04" || got.Answers[welcome.Speak] != welcome.Yes || got.Answers[welcome.Lead] != welcome.Depends ||
			got.Answers[welcome.TimeCounts] != welcome.Unknown || got.Answers[welcome.Attend] != welcome.Yes || got.Answers[welcome.Serve] != welcome.Unknown ||
			got.Happened != welcome.Welcomed|welcome.NegativeRemark || !strings.Contains(got.Note, "coffee") {
			t.Errorf("the report: %+v", got)
		}

		// With its proof it counts, and the same form sent twice counts once.
		h.network = "192.0.2.77"
		v := fill()
		v.Set("speak", "no")
		v["what"] = []string{turnedAway}
		v.Set("note", "Something quite different was said at the door.")
		v.Set("nonce", meeting.Solve(v.Get("challenge")))
		h.post(path, v).has("It counts from now on.")
		h.post(path, v).has("We had this report already")

		// The reason that is said is the one for which it waits.
		v = fill()
		v.Set("note", "")
		v.Set("month", "2026-03")
		v.Set("lead", "yes")
		v.Set("nonce", meeting.Solve(v.Get("challenge")))
		d = h.post(path, v)
		d.has("A person here reads it first.", "Another report came from the same network today.", "We kept what you ticked and the month.")
		d.hasNot("plain form", "much like", "your words")
		w, err := h.service.Welcome(t.Context(), h.ids["open-door"])
		if err != nil || w.Visits != 1 {
			t.Errorf("%d visits count, %v", w.Visits, err)
		}
	})
}

// Nothing typed is lost on an error, and each message stands at its field.
func TestVisitReportWrong(t *testing.T) {
	h := inSmallHouse(t)
	path := "/m/" + h.ids["open-door"] + "/visit"
	v := h.get(path).fields(path)
	v.Set("month", "2031-01")
	v.Set("serve", "no")
	v.Set("tone", "warm")
	v["what"] = []string{"others_spoke"}
	v.Set("note", strings.Repeat("x", meeting.NoteLimit+1))
	d := h.post(path, v)
	if d.Status != http.StatusUnprocessableEntity {
		t.Errorf("status %d", d.Status)
	}
	d.has("Something here needs another look.", "Choose the month of your visit.")
	back := d.fields(path)
	for _, name := range []string{"serve", "tone", "what", "note"} {
		if back.Get(name) != v.Get(name) {
			t.Errorf("%s came back as %q", name, back.Get(name))
		}
	}
	v.Set("month", "2026-05")
	h.post(path, v).has("Please use at most 1,000 letters. There are 1,001 now.")
	open := false
	for _, n := range d.all("details", "") {
		if _, ok := lookup(n, "open"); ok {
			open = true
		}
	}
	if !open {
		t.Error("the folded answers that were given are hidden")
	}
	for _, n := range d.all("a", "") {
		if href := attr(n, "href"); strings.HasPrefix(href, "#f-") {
			if !strings.Contains(d.Body, `id="`+href[1:]+`"`) {
				t.Errorf("the summary leads to %s, which is not there", href)
			}
		}
	}
	h.post(path, url.Values{"month": {"2026-05"}}).has("Answer at least one question.")
	for _, hostile := range []url.Values{
		{"month": {"2026-05"}, "speak": {"<script>"}},
		{"month": {"2026-05"}, "speak": {"yes"}, "what": {"x' OR 1=1"}},
		{"month": {"2026-05"}, "speak": {"yes"}, "tone": {"grim"}},
		{"month": {"2026-05"}, "speak": {"yes"}, "challenge": {"made up"}},
	} {
		if d := h.post(path, hostile); d.Status != http.StatusUnprocessableEntity {
			t.Errorf("%v: status %d", hostile, d.Status)
		}
	}
}

// Whoever went longer ago says about when: a month that nobody said would weigh like the truth.
func TestVisitLongAgo(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		path := "/m/" + h.ids["open-door"] + "/visit"
		fill := func(month, earlier, note string) url.Values {
			v := h.get(path).fields(path)
			v.Set("month", month)
			v.Set("earlier", earlier)
			v.Set("speak", "yes")
			v.Set("note", note)
			return v
		}
		d := h.post(path, fill("earlier", "", ""))
		d.has("Choose about which month it was.")
		if d.Status != http.StatusUnprocessableEntity || d.fields(path).Get("month") != "earlier" {
			t.Errorf("status %d, the form has %v", d.Status, d.fields(path))
		}
		for _, beyond := range []string{"2024-05", "2026-05", "x"} {
			h.post(path, fill("earlier", beyond, "")).has("Choose about which month it was.")
		}
		h.post(path, fill("earlier", "2024-06", "It was two years ago.")).has("Thank you.")
		h.post(path, fill("", "2025-11", "Half a year ago, the door was open.")).has("Thank you.")
		h.post(path, fill("2026-05", "2024-06", "Last week all of it was different.")).has("Thank you.")
		queued, err := h.service.QueuedVisits(t.Context())
		if err != nil || len(queued) != 3 {
			t.Fatalf("%d reports wait, %v", len(queued), err)
		}
		months := map[string]string{}
		for _, v := range queued {
			months[v.Note[:4]] = v.Month
		}
		if months["It w"] != "2024-06" || months["Half"] != "2025-11" || months["Last"] != "2026-05" {
			t.Errorf("the months are %v", months)
		}
	})
}

// A browser counts a line's end as one letter and sends two: a note that fits the field is taken.
func TestNoteAsLongAsTheField(t *testing.T) {
	h := inSmallHouse(t)
	path := "/m/" + h.ids["open-door"] + "/visit"
	v := h.get(path).fields(path)
	v.Set("month", "2026-05")
	v.Set("speak", "yes")
	v.Set("note", strings.Repeat("x\r\n", meeting.NoteLimit/2-1)+"xx")
	h.post(path, v).has("The next person will know.")
}

// While the database does not answer, the form comes back with everything in it, and the challenge that it
// had: whether the report was taken or not, it will be once.
func TestVisitFormOutlivesTheDatabase(t *testing.T) {
	h := inSmallHouse(t)
	id := h.ids["open-door"]
	path := "/m/" + id + "/visit"
	v := h.get(path).fields(path)
	v.Set("month", "2026-05")
	v.Set("speak", "depends")
	v.Set("note", "Ring twice.")
	h.db.Close()
	post := func(path string, v url.Values) (form func(*fault.Error) templ.Component) {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(v.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetPathValue("id", id)
		answer := h.pages.Visit
		if strings.HasSuffix(path, "/problem") {
			answer = h.pages.Problem
		}
		err := answer(httptest.NewRecorder(), r)
		if form = page.FormOf(err); form == nil || fault.As(err) != nil {
			t.Fatalf("%s without a database: %v", path, err)
		}
		return form
	}
	show := func(c templ.Component) *doc {
		var b strings.Builder
		if err := c.Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		root, err := html.Parse(strings.NewReader(b.String()))
		if err != nil {
			t.Fatal(err)
		}
		return &doc{t, path, 0, b.String(), root}
	}
	d := show(post(path, v)(fault.New(fault.Unavailable, "Later.")))
	d.has("Later.", "Tuesday Open Door")
	if diff := cmp.Diff(v, d.fields(path)); diff != "" {
		t.Errorf("the form came back changed:\n%s", diff)
	}
	path = "/m/" + id + "/problem"
	d = show(post(path, url.Values{"what": {problemOther}, "note": {"The door is locked."}, "step": {"send"}})(fault.New(fault.Unavailable, "Later.")))
	if got := d.fields(path); got.Get("note") != "The door is locked." || got.Get("what") != problemOther {
		t.Errorf("the form came back as %v", got)
	}
}

func TestProblem(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		path := "/m/" + h.ids["open-door"] + "/problem"
		d := h.get(path)
		v := d.fields(path)
		if v.Get("name") != "Tuesday Open Door" || v.Get("start") != "19:00" || v.Get("location_notes") != "Blue side door, ring once." || v.Get("what") != problemDetails {
			t.Fatalf("the form begins as %v", v)
		}

		// Nothing changed: say so, keep it.
		v.Set("step", "look")
		if d := h.post(path, v); d.Status != http.StatusUnprocessableEntity {
			t.Errorf("an unchanged form: status %d", d.Status)
		}

		// What is wrong stays on the form.
		v.Set("start", "half past seven")
		v.Set("location", "New Hall")
		d = h.post(path, v)
		if d.Status != http.StatusUnprocessableEntity || d.fields(path).Get("start") != "half past seven" || d.fields(path).Get("location") != "New Hall" {
			t.Errorf("status %d, %v", d.Status, d.fields(path))
		}

		// The look: before and after, nothing stored yet.
		v.Set("start", "19:30")
		v.Set("day", dayValue(4))
		v.Set("note", "I was there on Thursday.")
		d = h.post(path, v)
		d.has("Is this right?", "Starts 19:00 19:30", "Day Tuesday Thursday", "Name of the place St Brigid’s Hall New Hall", "I was there on Thursday.")
		d.hasNot("Ends")
		if open, err := h.service.Suggestions(t.Context()); err != nil || len(open) != 0 {
			t.Fatalf("%d suggestions before it was sent, %v", len(open), err)
		}

		// Back to the form with everything, then sent.
		again := d.fields(path)
		again.Set("step", "back")
		if back := h.post(path, again).fields(path); back.Get("location") != "New Hall" || back.Get("note") != "I was there on Thursday." {
			t.Errorf("the way back lost something: %v", back)
		}
		again.Set("step", "send")
		sent := h.post(path, again)
		sent.has("Thank you. A person looks at it.")
		if sent.Asked != "GET "+path+"/thanks" {
			t.Errorf("the thanks answer %s: a reload would send it again", sent.Asked)
		}
		open, err := h.service.Suggestions(t.Context())
		if err != nil || len(open) != 1 || len(open[0].Changes) != 3 {
			t.Fatalf("%+v, %v", open, err)
		}

		// Closed, without a word more.
		h.post(path, url.Values{"what": {problemClosed}, "step": {"send"}}).has("Thank you. A person looks at it.")
		if d := h.post(path, url.Values{"what": {problemOther}, "step": {"send"}}); d.Status != http.StatusUnprocessableEntity {
			t.Errorf("something else without a note: status %d", d.Status)
		}
	})
}
