package meeting

import (
	"context"
	"fmt"

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
		e = welcome.Explanation{
			MeetingID: p.ID, Name: p.Name, Fellowship: p.Fellowship, Area: p.Area,
			Day: c.today.String(), FitVersion: c.fits.version, Intro: welcome.Intro(c.fits.version, c.today.String()),
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
