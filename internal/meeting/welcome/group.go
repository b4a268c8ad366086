package welcome

import "math"

// PositionWeight is how many reports a fellowship's written position counts as, in the expectation for
// the whole fellowship: half a report, whatever the number of documents.
const PositionWeight = 0.5

// Group is what is believed about one right in one group (a fellowship in an area), from the reports on
// all of its meetings.
type Group struct {
	fit    Fit
	ln     [points]float64 // ln of weight, but for a constant
	weight [points]float64 // posterior probability of each mean on the grid
	mu     float64         // the fellowship's mean, with its position
	kappa1 float64
	plain  *Group // the same without the fellowship's position, where it has one
	Seen   int    // meetings of the group with reports
}

// Group sums up the meetings of a group, weighed by age. position is the answer of the fellowship's
// written position, or Unknown.
func (f Fit) Group(fellowship string, position Answer, meetings []Tally) Group {
	g := Group{fit: f, mu: f.MeanOf(fellowship), kappa1: f.Kappa1}
	if position != Unknown {
		plain := f.Group(fellowship, Unknown, meetings)
		g.plain = &plain
		g.mu = (g.mu*g.kappa1 + PositionWeight*share(position)) / (g.kappa1 + PositionWeight)
		g.kappa1 += PositionWeight
	}
	for i := range g.ln {
		g.ln[i] = math.Log(legendre.w[i]) + (g.mu*g.kappa1-1)*legendre.lnX[i] + ((1-g.mu)*g.kappa1-1)*legendre.lnY[i]
	}
	for _, t := range meetings {
		g.count(t)
	}
	g.weigh()
	return g
}

// With is the group with one more meeting.
func (g Group) With(meeting Tally) Group {
	if g.plain != nil {
		plain := g.plain.With(meeting)
		g.plain = &plain
	}
	g.count(meeting)
	g.weigh()
	return g
}

func (g *Group) count(t Tally) {
	if t.S+t.F <= 0 {
		return
	}
	g.Seen++
	for i, x := range legendre.x {
		g.ln[i] += evidence(x*g.fit.Kappa, (1-x)*g.fit.Kappa, t.S, t.F)
	}
}

func (g *Group) weigh() {
	total := logSumExp(g.ln[:])
	for i := range g.ln {
		g.weight[i] = math.Exp(g.ln[i] - total)
	}
}

// Mean is the expected mean of the group.
func (g Group) Mean() float64 {
	m := 0.0
	for i, w := range g.weight {
		m += w * legendre.x[i]
	}
	return m
}

// FellowshipMean is the fellowship's mean with its position counted in.
func (g Group) FellowshipMean() float64 { return g.mu }

// Posterior is what is believed about a meeting with these reports. They must be among those that the
// group was made from, or be none.
func (g Group) Posterior(t Tally) Posterior {
	var p Posterior
	sum := 0.0
	for i, w := range g.weight {
		if w < 1e-12 { // less than any digit that is shown
			continue
		}
		x := legendre.x[i]
		p.parts = append(p.parts, beta{w, x*g.fit.Kappa + t.S, (1-x)*g.fit.Kappa + t.F})
		sum += w
	}
	for i := range p.parts {
		p.parts[i].w /= sum
	}
	return p
}
