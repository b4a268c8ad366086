package meeting

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
	"hearth/internal/fault"
	"hearth/internal/job"
)

func TestAddFeedSaysWhatIsWrong(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.o.AllowPrivate = false
		w.put("good", []row{})
		good := Feed{Name: "Town list", Format: FormatMeetingGuide, Fellowship: "aa", Zone: "America/New_York", File: w.path("good"), Every: time.Hour}
		for name, c := range map[string]struct {
			change func(*Feed)
			field  string
		}{
			"no name":               {func(f *Feed) { f.Name = "  " }, "name"},
			"a long name":           {func(f *Feed) { f.Name = strings.Repeat("x", 65) }, "name"},
			"a flag for a name":     {func(f *Feed) { f.Name = "--json" }, "name"},
			"a path for a name":     {func(f *Feed) { f.Name = "a/b" }, "name"},
			"the built-in name":     {func(f *Feed) { f.Name = "local" }, "name"},
			"no format":             {func(f *Feed) { f.Format = "" }, "format"},
			"no such codec":         {func(f *Feed) { f.Format = FormatBMLT }, "format"},
			"no fellowship":         {func(f *Feed) { f.Fellowship = "" }, "fellowship"},
			"a name, not a code":    {func(f *Feed) { f.Fellowship = "Narcotics Anonymous" }, "fellowship"},
			"no place, an offset":   {func(f *Feed) { f.Zone = "EST" }, "zone"},
			"neither":               {func(f *Feed) { f.File = "" }, "url"},
			"both":                  {func(f *Feed) { f.URL = "https://example.org/" }, "url"},
			"not the web":           {func(f *Feed) { f.File, f.URL = "", "ftp://example.org/" }, "url"},
			"our own machine":       {func(f *Feed) { f.File, f.URL = "", "http://127.0.0.1/x" }, "url"},
			"our own list":          {func(f *Feed) { f.File, f.URL = "", "https://hearth.example.org/feeds/meetings.json" }, "url"},
			"a password in it":      {func(f *Feed) { f.File, f.URL = "", "https://me:pw@example.org/" }, "url"},
			"no such file":          {func(f *Feed) { f.File = w.path("absent") }, "file"},
			"a folder":              {func(f *Feed) { f.File = w.dir }, "file"},
			"too often":             {func(f *Feed) { f.Every = time.Second }, "every"},
			"once in a blue moon":   {func(f *Feed) { f.Every = 400 * 24 * time.Hour }, "every"},
			"before it was written": {func(f *Feed) { f.Every = -time.Hour }, "every"},
		} {
			f := good
			c.change(&f)
			_, err := w.AddFeed(t.Context(), "ed", f)
			e := fault.As(err)
			if e == nil || e.Kind != fault.Invalid || len(e.Fields) != 1 || e.Fields[0].Name != c.field {
				t.Errorf("%s: got %v, want a message for %s", name, err, c.field)
			}
		}
		f, err := w.AddFeed(t.Context(), "ed", good)
		if err != nil || f.ID == "" || f.Warning() != "" {
			t.Fatalf("%+v %v", f, err)
		}
		if _, err := w.AddFeed(t.Context(), "ed", good); !fault.Is(err, fault.Conflict) {
			t.Errorf("the same name twice: %v", err)
		}
		worldwide := good
		worldwide.Name, worldwide.Zone = "World list", ""
		if f, err := w.AddFeed(t.Context(), "ed", worldwide); err != nil || f.Warning() == "" {
			t.Errorf("without a zone there should be a warning: %v", err)
		}
		fs, err := w.Feeds(t.Context())
		if err != nil || len(fs) != 2 || fs[0].Name != "Town list" || fs[0].Every != time.Hour || fs[0].LastSync != nil {
			t.Errorf("%+v %v", fs, err)
		}
		if want := []string{"ed feed.add World list", "ed feed.add Town list"}; !cmp.Equal(w.deeds(), want) {
			t.Errorf("audit record %q, want %q", w.deeds(), want)
		}
		if _, err := w.FeedByName(t.Context(), "nope"); !fault.Is(err, fault.NotFound) {
			t.Errorf("unknown feed: %v", err)
		}
		if _, err := w.SyncFeed(t.Context(), "nope", SyncOptions{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("unknown feed: %v", err)
		}
	})
}

func TestAnUnchangedFeedIsAskedPolitely(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		var full, conditional atomic.Int32
		s := serve(t, func(rw http.ResponseWriter, r *http.Request) {
			if r.Header.Get("If-None-Match") == `"1"` {
				conditional.Add(1)
				rw.WriteHeader(http.StatusNotModified)
				return
			}
			full.Add(1)
			rw.Header().Set("ETag", `"1"`)
			fmt.Fprint(rw, `[{"ID":"a","Name":"Noon"},{"ID":"b"}]`)
		})
		if _, err := w.AddFeed(t.Context(), "ed", Feed{Name: "town", Format: FormatMeetingGuide, Fellowship: "aa", Zone: "America/New_York", URL: s.URL}); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			"applied rows 2 occurrences 1 added 1 changed 0 unchanged 0 gone 0",
			"same rows 2 occurrences 1 added 0 changed 0 unchanged 1 gone 0",
			"same rows 2 occurrences 1 added 0 changed 0 unchanged 1 gone 0",
		} {
			y, err := w.SyncFeed(t.Context(), "town", SyncOptions{})
			if err != nil {
				t.Fatal(err)
			}
			wantCounts(t, y, want)
			if len(y.Skipped) != 1 {
				t.Errorf("skipped %v", y.Skipped)
			}
		}
		if full.Load() != 1 || conditional.Load() != 2 {
			t.Errorf("%d full answers and %d short ones, want 1 and 2", full.Load(), conditional.Load())
		}
		w.o.Release = "next" // which may read rows better
		if y, err := w.SyncFeed(t.Context(), "town", SyncOptions{}); err != nil || y.State != SyncApplied || full.Load() != 2 {
			t.Errorf("another release reads the payload anew: %v %v", y, err)
		}
	})
}

func TestDueFeedsAreReadAndADeadOneIsLeftAlone(t *testing.T) {
	t.Parallel()
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		o := w.o
		o.Jobs = job.New(d, job.Options{Now: o.Now, Log: o.Log})
		w.Service = New(d, o)
		var asked atomic.Int32
		dead := serve(t, func(rw http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			rw.WriteHeader(http.StatusBadGateway)
		})
		add := func(f Feed) {
			f.Format, f.Fellowship, f.Zone = FormatMeetingGuide, "aa", "America/New_York"
			if _, err := w.AddFeed(t.Context(), "ed", f); err != nil {
				t.Fatal(err)
			}
		}
		w.put("live", many(3))
		w.put("idle", many(3))
		add(Feed{Name: "dead", URL: dead.URL, Every: time.Hour})
		add(Feed{Name: "live", File: w.path("live"), Every: time.Hour})
		add(Feed{Name: "idle", File: w.path("idle")})
		lookAround := func() {
			t.Helper()
			if err := w.enqueueDue(t.Context(), lookForDue{}); err != nil {
				t.Fatal(err)
			}
			if _, err := o.Jobs.RunDue(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		lookAround()
		if f := mustFeed(t, w, "live"); f.Active != 3 {
			t.Errorf("the live feed has %d meetings, want 3", f.Active)
		}
		if f := mustFeed(t, w, "dead"); f.LastSync == nil || f.LastSync.State != SyncFailed {
			t.Errorf("the dead feed's report: %+v", f.LastSync)
		}
		if f := mustFeed(t, w, "idle"); f.LastSync != nil {
			t.Error("a feed without a cadence is read only when asked")
		}
		lookAround()
		if asked.Load() != 1 {
			t.Errorf("the dead feed was asked %d times at once", asked.Load())
		}
		w.later(firstRetry + time.Minute)
		lookAround()
		w.later(firstRetry + time.Minute)
		lookAround()
		if asked.Load() != 2 {
			t.Errorf("the dead feed was asked %d times, want 2: longer pauses each time", asked.Load())
		}
	}, Migrations, audit.Migrations, job.Migrations)
}

// A person asks, and a job does it: what a request may take is too little for a large feed.
func TestASyncOnRequest(t *testing.T) {
	t.Parallel()
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		o := w.o
		o.Jobs = job.New(d, job.Options{Now: o.Now, Log: o.Log})
		w.Service = New(d, o)
		during := Reading{}
		w.o.Decoders = map[Format]Decoder{FormatMeetingGuide: func(b []byte, f FeedContext) (*Batch, error) {
			var err error
			if during, err = w.Reading(t.Context(), "town"); err != nil {
				t.Error(err)
			}
			return decodeRows(b, f)
		}}
		w.feed("town")
		ask := func(accept bool) {
			t.Helper()
			if err := w.RequestSync(t.Context(), "ed", "town", accept); err != nil {
				t.Fatal(err)
			}
		}
		under := func(want bool) {
			t.Helper()
			if r, err := w.Reading(t.Context(), "town"); err != nil || r.Under != want || !r.Under && r.Progress != "" {
				t.Errorf("reading: %+v, %v, want %v", r, err, want)
			}
		}
		run := func(want int) {
			t.Helper()
			if n, err := o.Jobs.RunDue(t.Context()); err != nil || n < want {
				t.Errorf("ran %d jobs, want %d; %v", n, want, err)
			}
			under(false)
		}
		run(0)
		w.put("town", many(20))
		ask(false)
		ask(false) // impatient
		under(true)
		run(1)
		if f := mustFeed(t, w, "town"); f.Active != 20 {
			t.Errorf("%d meetings", f.Active)
		}
		if !during.Under || !strings.Contains(during.Progress, "reading") {
			t.Errorf("while it was read: %+v", during)
		}
		if err := w.RequestSync(t.Context(), "ed", "town", true); !fault.Is(err, fault.Conflict) {
			t.Errorf("nothing is held: %v", err)
		}
		w.put("town", many(5))
		ask(false)
		run(1)
		if f := mustFeed(t, w, "town"); !f.Held {
			t.Error("a loss was believed")
		}
		ask(true)
		under(true)
		run(1)
		if f := mustFeed(t, w, "town"); f.Held || f.Active != 5 {
			t.Errorf("accepted: %+v", f)
		}
		// The same work a second time, as after a crash, does nothing.
		before, err := w.Syncs(t.Context(), mustFeed(t, w, "town").ID, 50)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.syncAsAsked(t.Context(), syncAsked{Feed: "town", Held: "gone"}); err != nil {
			t.Error(err)
		}
		if after, err := w.Syncs(t.Context(), mustFeed(t, w, "town").ID, 50); err != nil || len(after) != len(before) {
			t.Errorf("%d reports, then %d, %v", len(before), len(after), err)
		}
		if got, want := strings.Join(w.deeds(), "; "), "ed feed.accept town; ed feed.sync town; ed feed.sync town; ed feed.sync town; ed feed.add town"; got != want {
			t.Errorf("the record: %s, want %s", got, want)
		}
		for _, name := range []string{"absent", localFeedName} {
			if err := w.RequestSync(t.Context(), "ed", name, false); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}, Migrations, audit.Migrations, job.Migrations)
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		failures           int64
		every, asked, want time.Duration
	}{
		{1, 12 * time.Hour, 0, 10 * time.Minute},
		{2, 12 * time.Hour, 0, 20 * time.Minute},
		{50, 12 * time.Hour, 0, 12 * time.Hour},
		{1, 5 * time.Minute, 0, 5 * time.Minute},
		{1, time.Hour, 3 * time.Hour, 3 * time.Hour},
	} {
		if got := retryAfter(c.failures, c.every, c.asked); got != c.want {
			t.Errorf("%d failures, every %v, asked for %v: %v, want %v", c.failures, c.every, c.asked, got, c.want)
		}
	}
}
