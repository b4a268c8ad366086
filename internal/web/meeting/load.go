package meeting

import (
	"fmt"
	"net/http"

	"hearth/internal/fault"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
)

// subject is the meeting that a page is about, with everything that is known of it.
type subject struct {
	ID         string
	Fellowship string
	Gone       bool // no longer listed; its page says so and names others
	Meeting    meeting.Occurrence
	Sources    []meeting.Source
	Welcome    meeting.Welcome
	Words      []meeting.Statement
	Positions  []meeting.Position
}

// card is its welcome card.
func (s *subject) card() *welcome.Card { return &s.Welcome.Card }

// subject loads the meeting of the path.
func (p *Pages) subject(r *http.Request) (*subject, error) {
	id := r.PathValue("id")
	if id == "" || len(id) > 64 {
		return nil, fault.New(fault.NotFound, "We do not know this meeting. It may have been taken off the list.")
	}
	ctx := r.Context()
	d, err := p.meetings.Details(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("meeting page: %w", err)
	}
	if d.State == "hidden" {
		return nil, fault.New(fault.NotFound, "We do not know this meeting. It may have been taken off the list.")
	}
	s := &subject{ID: d.ID, Fellowship: d.Fellowship, Gone: d.State != "active", Meeting: d.Meeting, Sources: d.Sources, Positions: meeting.Positions(d.Fellowship)}
	if s.Gone {
		return s, nil
	}
	if s.Welcome, err = p.meetings.Welcome(ctx, d.ID); err != nil {
		return nil, fmt.Errorf("meeting page: %w", err)
	}
	if s.Words, err = p.meetings.Statements(ctx, d.ID); err != nil {
		return nil, fmt.Errorf("meeting page: %w", err)
	}
	return s, nil
}
