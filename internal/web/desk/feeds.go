package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"hearth/internal/fault"
	"hearth/internal/meeting"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// feedForm is what the form for a new feed holds; nothing that was typed is lost on an error.
type feedForm struct {
	Name, Format, Fellowship, Zone, URL, Every string
	File, Version                              string // of a feed that is edited
	Err                                        *fault.Error
}

// readFeedForm takes what was typed, and the feed that it means. A problem is in the form.
func readFeedForm(w http.ResponseWriter, r *http.Request) (feedForm, meeting.Feed, error) {
	if err := page.Form(w, r); err != nil {
		return feedForm{}, meeting.Feed{}, err
	}
	field := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	form := feedForm{
		Name: field("name"), Format: field("format"), Fellowship: strings.ToLower(field("fellowship")), Zone: field("zone"), URL: field("url"),
		Every: field("every"), Version: field("version"),
	}
	feed := meeting.Feed{Name: form.Name, Format: meeting.Format(form.Format), Fellowship: form.Fellowship, Zone: form.Zone, URL: form.URL}
	if form.Every != "" {
		var err error
		if feed.Every, err = time.ParseDuration(form.Every); err != nil {
			form.Err = fault.As(fault.New(fault.Invalid, "Something here needs another look.").With("every", "Please choose how often."))
		}
	}
	return form, feed, nil
}

// Feeds lists the feeds.
func (p Pages) Feeds(w http.ResponseWriter, r *http.Request) error {
	feeds, err := p.Meetings.Feeds(r.Context())
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, feedsPage(shell(r, "feeds"), p.Now(), feeds, feedForm{Format: string(meeting.FormatMeetingGuide), Every: "12h"}))
}

// AddFeed adds a feed. A file on the server can only be named in a terminal there.
func (p Pages) AddFeed(w http.ResponseWriter, r *http.Request) error {
	form, feed, err := readFeedForm(w, r)
	if err != nil {
		return err
	}
	if err = asError(form.Err); err == nil {
		feed, err = p.Meetings.AddFeed(r.Context(), actor(r), feed)
	}
	if err != nil {
		if form.Err = fault.As(err); form.Err == nil {
			return err
		}
		feeds, err := p.Meetings.Feeds(r.Context())
		if err != nil {
			return err
		}
		return page.Render(w, r, http.StatusUnprocessableEntity, feedsPage(shell(r, "feeds"), p.Now(), feeds, form))
	}
	return page.Redirect(w, r, feedPath(feed.Name))
}

// asError keeps a nil pointer from becoming an error.
func asError(f *fault.Error) error {
	if f == nil {
		return nil
	}
	return f
}

// EditFeed shows the settings of a feed for changing.
func (p Pages) EditFeed(w http.ResponseWriter, r *http.Request) error {
	f, err := p.Meetings.FeedByName(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	form := feedForm{Name: f.Name, Format: string(f.Format), Fellowship: f.Fellowship, Zone: f.Zone, URL: f.URL, File: f.File, Version: f.Version()}
	if f.Every > 0 {
		form.Every = everyValue(f.Every)
	}
	return page.Render(w, r, http.StatusOK, feedEditPage(shell(r, "feeds"), form))
}

// SetFeed changes the settings of a feed. One that is read from a file on the server goes on to be unless an
// address is given.
func (p Pages) SetFeed(w http.ResponseWriter, r *http.Request) error {
	form, feed, err := readFeedForm(w, r)
	if err != nil {
		return err
	}
	was, err := p.Meetings.FeedByName(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	form.Name, form.File, feed.Name = was.Name, was.File, was.Name
	if feed.URL == "" {
		feed.File = was.File
	}
	if err = asError(form.Err); err == nil {
		_, err = p.Meetings.SetFeed(r.Context(), actor(r), form.Version, feed)
	}
	if err == nil {
		return page.Redirect(w, r, feedPath(was.Name))
	}
	if form.Err = fault.As(err); form.Err == nil {
		return err
	}
	status := http.StatusUnprocessableEntity
	if form.Err.Kind == fault.Conflict {
		status = http.StatusConflict
	}
	return page.Render(w, r, status, feedEditPage(shell(r, "feeds"), form))
}

// RefuseFeed drops what was kept back.
func (p Pages) RefuseFeed(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	return p.done(w, r, name, p.Meetings.RefuseHeld(r.Context(), actor(r), name))
}

// Feed shows one feed with its last syncs.
func (p Pages) Feed(w http.ResponseWriter, r *http.Request) error {
	return p.feed(w, r, http.StatusOK, nil)
}

func (p Pages) feed(w http.ResponseWriter, r *http.Request, status int, problem *fault.Error) error {
	feed, err := p.Meetings.FeedByName(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	syncs, err := p.Meetings.Syncs(r.Context(), feed.ID, 20)
	if err != nil {
		return err
	}
	reading, err := p.Meetings.Reading(r.Context(), feed.Name)
	if err != nil {
		return err
	}
	if reading.Under && r.Method == http.MethodGet {
		w.Header().Set("Refresh", "3") // the page shows how it goes on, without scripts too
	}
	return page.Render(w, r, status, feedPage(shell(r, "feeds"), p.Now(), feed, syncs, reading, problem))
}

// SyncFeed has the feed read soon: a large one takes longer than a request may.
func (p Pages) SyncFeed(w http.ResponseWriter, r *http.Request) error { return p.request(w, r, false) }

// AcceptFeed has what was kept back applied.
func (p Pages) AcceptFeed(w http.ResponseWriter, r *http.Request) error { return p.request(w, r, true) }

func (p Pages) request(w http.ResponseWriter, r *http.Request, accept bool) error {
	name := r.PathValue("name")
	return p.done(w, r, name, p.Meetings.RequestSync(r.Context(), actor(r), name, accept))
}

// done goes back to the feed's page; a problem that may be shown is shown there.
func (p Pages) done(w http.ResponseWriter, r *http.Request, name string, err error) error {
	if f := fault.As(err); f != nil && f.Kind != fault.NotFound {
		return p.feed(w, r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return page.Redirect(w, r, feedPath(name))
}

// RemoveFeed asks for the feed's name before it removes it.
func (p Pages) RemoveFeed(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	name := r.PathValue("name")
	if strings.TrimSpace(r.PostFormValue("name")) != name {
		return p.feed(w, r, http.StatusUnprocessableEntity, fault.New(fault.Invalid, "Nothing was removed.").With("name", "To remove this feed, write its name just as it stands above."))
	}
	if err := p.Meetings.RemoveFeed(r.Context(), actor(r), name); err != nil {
		return err
	}
	return page.Redirect(w, r, "/desk/feeds")
}

func feedPath(name string) string { return "/desk/feeds/" + url.PathEscape(name) }

// stateWord says how a sync ended.
func stateWord(t ui.T, s meeting.SyncState) string {
	switch s {
	case meeting.SyncApplied:
		return t.S("Brought in")
	case meeting.SyncSame:
		return t.S("Nothing new")
	case meeting.SyncHeld:
		return t.S("Kept back for you")
	default:
		return t.S("Failed; nothing was changed")
	}
}

// ago says how long since, in days and weeks.
func ago(t ui.T, now, then time.Time) string {
	if then.IsZero() {
		return t.S("never")
	}
	return t.Ago(int(now.Sub(then) / (24 * time.Hour)))
}

// everyOptions are how often a feed may be read.
func everyOptions(t ui.T) []ui.Option {
	return []ui.Option{{Value: "6h", Label: t.S("every 6 hours")}, {Value: "12h", Label: t.S("every 12 hours")}, {Value: "24h", Label: t.S("every day")}, {Value: "168h", Label: t.S("every week")}, {Value: "", Label: t.S("only when asked")}}
}

// everyValue is the value of the option for so long; a time that is no option, set in a terminal, is its own.
func everyValue(every time.Duration) string {
	if every%time.Hour == 0 {
		return strconv.Itoa(int(every/time.Hour)) + "h"
	}
	return every.String()
}

// everyOptionsWith are everyOptions and, where it is none of them, the one that is set.
func everyOptionsWith(t ui.T, set string) []ui.Option {
	options := everyOptions(t)
	if !slices.ContainsFunc(options, func(o ui.Option) bool { return o.Value == set }) {
		options = append(options, ui.Option{Value: set, Label: t.S("every %s", set)})
	}
	return options
}

func formatOptions(t ui.T) []ui.Option {
	return []ui.Option{
		{Value: string(meeting.FormatMeetingGuide), Label: t.S("Meeting Guide (JSON)")},
		{Value: string(meeting.FormatTSML), Label: t.S("TSML, the WordPress plugin (CSV or JSON)")},
		{Value: string(meeting.FormatBMLT), Label: t.S("BMLT (JSON)")},
		{Value: string(meeting.FormatCSV), Label: t.S("A table (CSV)")},
		{Value: string(meeting.FormatHSDS), Label: t.S("HSDS 3.0 (JSON)")},
	}
}

// formatWord names a format as the form does.
func formatWord(t ui.T, f meeting.Format) string {
	for _, o := range formatOptions(t) {
		if o.Value == string(f) {
			return o.Label
		}
	}
	return string(f)
}

// fellowshipOptions are the fellowships by name, with the one that is set, which may be none of them.
func fellowshipOptions(t ui.T, set string) []ui.Option {
	options := []ui.Option{{Value: "", Label: t.S("Please choose")}}
	for _, f := range meeting.Fellowships() {
		options = append(options, ui.Option{Value: f.Code, Label: fellowshipName(t, f)})
	}
	if !slices.ContainsFunc(options, func(o ui.Option) bool { return o.Value == set }) {
		options = append(options, ui.Option{Value: set, Label: fellowshipName(t, meeting.FellowshipByCode(set))})
	}
	return options
}

// fellowshipName is the name by which a fellowship calls itself in the reader's language.
func fellowshipName(t ui.T, f meeting.Fellowship) string {
	if t.Lang() == "es" {
		return f.NameES
	}
	return t.S(f.Name)
}

// mostShown is how many lines of a report a page shows; the terminal has them all.
const mostShown = 100

// feedFacts says what a feed is.
func feedFacts(t ui.T, now time.Time, f meeting.Feed) []ui.Fact {
	from, how := f.URL, t.S("only when asked")
	if from == "" {
		from = f.File
	}
	for _, o := range everyOptions(t) {
		if d, err := time.ParseDuration(o.Value); err == nil && d == f.Every {
			how = o.Label
		}
	}
	zone := f.Zone
	if zone == "" {
		zone = "–"
	}
	return []ui.Fact{
		{Icon: "rss", Term: from, More: formatWord(t, f.Format), Own: true},
		{Icon: "users", Term: meeting.FellowshipByCode(f.Fellowship).Name, More: zone, Own: true},
		{Icon: "clock", Term: how, More: t.S("Last brought in: %s", ago(t, now, f.LastGoodAt))},
		{Icon: "list", Term: t.S("%d meetings", f.Active)},
	}
}
