package meeting

import (
	"context"
	"fmt"

	"hearth/internal/civil"
	"hearth/internal/db"
	"hearth/internal/meeting/welcome"
)

// Explain says step by step how the card of a meeting comes about today. It shows what the card leaves out
// and is for editors only.
func (s *Service) Explain(ctx context.Context, meetingID string) (welcome.Explanation, error) {
	var e welcome.Explanation
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		p, err := seePlace(ctx, tx, meetingID)
		if err != nil {
			return err
		}
		c, visits, statements, err := s.loadCircle(ctx, tx, p, neighbours{})
		if err != nil {
			return err
		}
		zone, err := db.One(ctx, tx, db.Column[string], `SELECT zone FROM meeting WHERE id = $1`, p.ID)
		if err != nil {
			return err
		}
		day := c.today
		if loc, err := civil.Zone(zone); err == nil && zone != "" {
			day = civil.DateOf(s.o.Now().In(loc)) // dated by the meeting's own calendar, as its page is
		}
		e = welcome.Explanation{
			MeetingID: p.ID, Name: p.Name, Fellowship: p.Fellowship, Area: p.Area,
			Day: day.String(), FitVersion: c.fits.version, Intro: welcome.Intro(c.fits.version, day.String()),
		}
		for _, r := range welcome.Rights {
			score := c.groups[r].Score(reportsOn(visits, r, c.today))
			word := wordOf(statements, r, c.today)
			v := welcome.Judge(r, score, word, c.wrote[r], c.today)
			e.Rights = append(e.Rights, welcome.RightExplained{Right: r, Verdict: v, Steps: welcome.Explain(score, word, v)})
		}
		return nil
	})
	if err != nil {
		return welcome.Explanation{}, fmt.Errorf("explain a card: %w", err)
	}
	return e, nil
}
