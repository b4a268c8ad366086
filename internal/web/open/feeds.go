package open

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"time"

	"hearth/internal/fault"
	"hearth/internal/meeting"
	"hearth/internal/web/ui"
	"hearth/internal/wire"
	"hearth/internal/wire/hsds"
	"hearth/internal/wire/ical"
	"hearth/internal/wire/meetingguide"
	"hearth/internal/wire/sheet"
)

// items are meetings on their way out. A sequence that ended early has left its reason in *err.
type items = iter.Seq[wire.Item]

// MeetingGuide answers GET /feeds/meetings.json: a feed that the Meeting Guide and its kin take, and another
// Hearth with the welcome.
func (p *Pages) MeetingGuide(w http.ResponseWriter, r *http.Request) error {
	return p.feed(w, r, "meetings.json", "application/json; charset=utf-8", meetingguide.Encode)
}

// HSDS answers GET /feeds/hsds.json: services at locations of the Human Services Data Specification.
func (p *Pages) HSDS(w http.ResponseWriter, r *http.Request) error {
	return p.feed(w, r, "hsds.json", "application/json; charset=utf-8", hsds.Encode)
}

// Table answers GET /feeds/meetings.csv.
func (p *Pages) Table(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Disposition", `attachment; filename="meetings.csv"`)
	return p.feed(w, r, "meetings.csv", "text/csv; charset=utf-8", sheet.Encode)
}

// Week answers GET /feeds/meetings.ics: every meeting of a filter, as a calendar to subscribe to.
func (p *Pages) Week(w http.ResponseWriter, r *http.Request) error {
	share(w)
	f, err := p.asked(r.URL.Query(), feedParams())
	if err != nil {
		return err
	}
	patient(w)
	e, err := p.calendar(r.Context(), f, words(r))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `inline; filename="meetings.ics"`)
	return e.send(w, r, "text/calendar; charset=utf-8")
}

// calendar makes a calendar of a filter. It begins with today, and is the same all day for everybody.
func (p *Pages) calendar(ctx context.Context, f meeting.Filter, t ui.T) (*export, error) {
	day := dayOf(p.o.Now())
	return p.export(ctx, "meetings.ics "+t.Lang(), day.Format(time.DateOnly), f, func(w io.Writer, list items) error {
		zones := true // the first walk is for the zones alone, where words do not matter
		return ical.Encode(w, t.S("Meetings"), func(yield func(ical.Event) bool) {
			defer func() { zones = false }()
			for item := range list {
				if !zones {
					item = discreet(item, t)
				}
				if e, ok := ical.Of(item, day); ok && !yield(e) {
					return
				}
			}
		}, day)
	})
}

// dayOf is when the day began.
func dayOf(now time.Time) time.Time { return now.UTC().Truncate(24 * time.Hour) }

// patient gives an answer that is long, or long in making, more time than a page has. A deadline is by the
// machine's clock, whatever time the house is told.
func patient(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(10 * time.Minute)) // a recorder in a test has none
}

// feedParams are those of a filter without what takes a part of a list: each part would be made, and kept, for
// itself.
func feedParams() []string {
	return slices.DeleteFunc(meeting.FilterParams(), func(name string) bool { return name == "limit" || name == "offset" })
}

func (p *Pages) feed(w http.ResponseWriter, r *http.Request, name, kind string, encode func(io.Writer, items) error) error {
	share(w)
	f, err := p.asked(r.URL.Query(), feedParams())
	if err != nil {
		return err
	}
	patient(w)
	e, err := p.export(r.Context(), name, "", f, encode)
	if err != nil {
		return err
	}
	return e.send(w, r, kind)
}

// export returns what a format makes of a filter, from the shelf where the directory has not changed.
// moment is what else it depends on.
func (p *Pages) export(ctx context.Context, format, moment string, f meeting.Filter, encode func(io.Writer, items) error) (*export, error) {
	dir, now := p.o.Meetings.Directory(), p.o.Now()
	if f.Now || f.Tonight {
		moment += now.UTC().Format(" 15:04") // what is on now is another list in a minute
	}
	version := strconv.FormatInt(dir.Seq(), 10) + " " + moment
	return p.shelf.get(ctx, format+"?"+f.Values().Encode(), version, func(ctx context.Context, w io.Writer) error {
		var err error
		if encodeErr := encode(w, p.items(ctx, pick(dir, f, now), &err)); err == nil {
			err = encodeErr
		}
		return err
	})
}

// pick lists the ids of the meetings that a filter lets through; nil for all, which needs no list.
func pick(dir *meeting.Directory, f meeting.Filter, now time.Time) []string {
	if len(f.Values()) == 0 {
		return nil
	}
	ids := []string{}
	dir.FindMany(f, now, func(h *meeting.Hit) bool {
		ids = append(ids, h.ID)
		return true
	})
	return ids
}

var errEnough = errors.New("the reader has enough")

// items reads meetings from the directory, each time it is walked.
func (p *Pages) items(ctx context.Context, ids []string, err *error) items {
	return func(yield func(wire.Item) bool) {
		e := p.o.Meetings.Publish(ctx, ids, func(m *meeting.Published) error {
			if !yield(p.item(m)) {
				return errEnough
			}
			return nil
		})
		if e != nil && !errors.Is(e, errEnough) {
			*err = e
		}
	}
}

func (p *Pages) item(m *meeting.Published) wire.Item {
	i := wire.Item{
		ID: m.ID, Fellowship: m.Fellowship, Page: p.o.BaseURL + "/m/" + m.ID, Origin: p.o.Meetings.Instance(),
		Welcome: m.Welcome, Changed: m.Changed, Occurrence: m.Meeting,
	}
	if i.DataSource == "" {
		i.DataSource = m.Feed // whoever reads us should know whom it comes from
	}
	return i
}

// Calendar answers GET /m/{id}/calendar.ics: one meeting, every week.
func (p *Pages) Calendar(w http.ResponseWriter, r *http.Request) error {
	share(w)
	id := r.PathValue("id")
	if id == "" || len(id) > 64 {
		return fault.New(fault.NotFound, "There is no meeting with this id.")
	}
	d, err := p.o.Meetings.Details(r.Context(), id)
	if err != nil {
		return fmt.Errorf("calendar: %w", err)
	}
	if d.State == "hidden" {
		return fault.New(fault.NotFound, "There is no meeting with this id.")
	}
	if d.Gone() {
		return fault.New(fault.Gone, "This meeting is no longer on any list, so there is nothing to put into a calendar.")
	}
	item := wire.Item{ID: d.ID, Fellowship: d.Fellowship, Page: p.o.BaseURL + "/m/" + d.ID, Changed: d.ChangedAt, Occurrence: d.Meeting}
	day := dayOf(p.o.Now())
	t := words(r)
	event, ok := ical.Of(discreet(item, t), day)
	if !ok {
		return fault.New(fault.NotFound, "This meeting has no fixed time now, so there is nothing to put into a calendar.")
	}
	var b bytes.Buffer
	if err := ical.Encode(&b, "", func(yield func(ical.Event) bool) { yield(event) }, day); err != nil {
		return fmt.Errorf("calendar: %w", err)
	}
	w.Header().Set("Content-Disposition", `attachment; filename="meeting.ics"`)
	return send(w, r, "text/calendar; charset=utf-8", b.Bytes())
}
