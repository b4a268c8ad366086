package meeting

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"hearth/internal/fault"
	"hearth/internal/meeting/welcome"
)

// MovedAnswer is an answer on a card that changes with other parameters.
type MovedAnswer struct {
	MeetingID string
	Name      string
	Right     welcome.Right
	From, To  welcome.Answer
}

// FitComparison is what a version of the parameters would change today, for the person who decides on it.
type FitComparison struct {
	Now   [welcome.NumRights]welcome.Fit // in force
	Moved []MovedAnswer                  // by the name of the meeting
}

// CompareFit says which answers would change today if a version came into force, and what is in force now.
// It makes all cards twice. Error: NotFound.
func (s *Service) CompareFit(ctx context.Context, version int64) (FitComparison, error) {
	var c FitComparison
	fitted, err := s.Fits(ctx)
	if err != nil {
		return c, fmt.Errorf("compare a fit: %w", err)
	}
	i := slices.IndexFunc(fitted, func(f Fit) bool { return f.Version == version })
	if i < 0 {
		return c, fault.New(fault.NotFound, "There is no such version.")
	}
	all, err := s.loadEvidence(ctx)
	if err != nil {
		return c, fmt.Errorf("compare a fit: %w", err)
	}
	before, err := all.cards(ctx, all.fits)
	if err != nil {
		return c, fmt.Errorf("compare a fit: %w", err)
	}
	after, err := all.cards(ctx, fits{right: fitted[i].Rights})
	if err != nil {
		return c, fmt.Errorf("compare a fit: %w", err)
	}
	c.Now = all.fits.right
	for id, b := range before {
		for _, r := range welcome.Rights {
			if from, to := b.Card[r].Answer, after[id].Card[r].Answer; from != to {
				c.Moved = append(c.Moved, MovedAnswer{MeetingID: id, Name: all.places[id].Name, Right: r, From: from, To: to})
			}
		}
	}
	slices.SortFunc(c.Moved, func(a, b MovedAnswer) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.MeetingID, b.MeetingID), cmp.Compare(a.Right, b.Right))
	})
	return c, nil
}
