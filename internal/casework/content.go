package casework

import (
	"context"
	"fmt"
	"slices"

	"hearth/internal/consent"
	"hearth/internal/db"
)

// Content is what a participant's record holds of the categories that may leave, in plain values: whoever
// builds a page or a file gives them their words. A category that nothing is known of is empty.
type Content struct {
	Called  string
	Since   string // the day the record was opened, in the community's zone
	Program string
	Points  []Point
	Notes   []Note
}

// ContentOf reads what the categories name, in the transaction of the gate, and nothing else.
func (s *Service) ContentOf(ctx context.Context, tx *db.Tx, id string, what []consent.Category) (Content, error) {
	p, err := s.participant(ctx, tx, id, "")
	if err != nil {
		return Content{}, fmt.Errorf("read what leaves: %w", err)
	}
	r, err := s.whole(ctx, tx, p)
	if err != nil {
		return Content{}, fmt.Errorf("read what leaves: %w", err)
	}
	has := func(c consent.Category) bool { return slices.Contains(what, c) }
	c := Content{Called: r.Called}
	if r.LegalName != "" {
		c.Called = r.LegalName
	}
	if has(consent.TakingPart) {
		c.Since, c.Program = p.OpenedAt.Format("2006-01-02"), p.Program
	}
	if has(consent.Contact) {
		c.Points = r.Points
	}
	if has(consent.Notes) {
		c.Notes = r.Notes
	}
	return c, nil
}
