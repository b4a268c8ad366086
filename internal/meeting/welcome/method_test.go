package welcome

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The fixture is small and ours: eleven meetings of two fellowships in three areas. What it must come to
// is worked out here by the plainest means there are: sums over a fine grid, no beta function but the
// standard library's gamma, no quadrature, no optimiser.
type fixture struct {
	Meetings []struct {
		Fellowship, Area string
		Yes, No          float64
		S, F             float64
	} `json:"meetings"`
}

func loadFixture(t *testing.T) ([]Counts, []Tally) {
	t.Helper()
	b, err := os.ReadFile("testdata/meetings.json")
	if err != nil {
		t.Fatal(err)
	}
	var fx fixture
	if err := json.Unmarshal(b, &fx); err != nil {
		t.Fatal(err)
	}
	var counts []Counts
	var tallies []Tally
	for _, m := range fx.Meetings {
		counts = append(counts, Counts{m.Fellowship, m.Area, m.Yes, m.No})
		tallies = append(tallies, Tally{S: m.S, F: m.F, SumW: m.S + m.F})
	}
	return counts, tallies
}

// plainEvidence is ln ∫ θ^s (1−θ)^f Beta(θ; a, b) dθ by the product of rising factorials, for whole counts.
func plainEvidence(a, b, s, f float64) float64 {
	sum := 0.0
	for i := range int(s) {
		sum += math.Log(a + float64(i))
	}
	for i := range int(f) {
		sum += math.Log(b + float64(i))
	}
	for i := range int(s + f) {
		sum -= math.Log(a + b + float64(i))
	}
	return sum
}

// plainLogLik is the two-level log-likelihood with each group's mean summed over 4,000 midpoints.
func plainLogLik(counts []Counts, mu map[string]float64, kappa, kappa1 float64) float64 {
	const n = 4000
	groups := map[[2]string][]Counts{}
	for _, c := range counts {
		k := [2]string{c.Fellowship, c.Area}
		groups[k] = append(groups[k], c)
	}
	total := 0.0
	for k, ms := range groups {
		sum, norm := 0.0, 0.0
		for i := range n {
			x := (float64(i) + 0.5) / n
			m := mu[k[0]]
			prior := math.Pow(x, m*kappa1-1) * math.Pow(1-x, (1-m)*kappa1-1)
			l := 0.0
			for _, c := range ms {
				l += plainEvidence(x*kappa, (1-x)*kappa, c.Yes, c.No)
			}
			sum += prior * math.Exp(l)
			norm += prior
		}
		total += math.Log(sum / norm)
	}
	return total
}

func TestFitAgainstPlainSums(t *testing.T) {
	counts, _ := loadFixture(t)
	o := ProductFit
	o.Pull = 0 // means stand alone, so that the optimum is that of one plain function
	fit := FitRight(Speak, counts, o)
	near(t, "log-likelihood", fit.LogLik, plainLogLik(counts, fit.Fellowship, fit.Kappa, fit.Kappa1), 1e-4)

	objective := func(f Fit) float64 {
		return plainLogLik(counts, f.Fellowship, f.Kappa, f.Kappa1) + o.kappaPrior(f.Kappa) + o.kappaPrior(f.Kappa1)
	}
	best := objective(fit)
	for _, step := range []float64{0.98, 1.02} {
		for _, change := range []func(*Fit){
			func(f *Fit) { f.Kappa *= step },
			func(f *Fit) { f.Kappa1 *= step },
			func(f *Fit) { f.Fellowship["na"] *= step },
			func(f *Fit) { f.Fellowship["mara"] *= 2 - step },
		} {
			other := fit
			other.Fellowship = map[string]float64{}
			for k, v := range fit.Fellowship {
				other.Fellowship[k] = v
			}
			change(&other)
			if v := objective(other); v > best {
				t.Errorf("not the optimum: %v gives %.9f, better than %.9f", other, v, best)
			}
		}
	}
}

func TestPosteriorAgainstPlainSums(t *testing.T) {
	counts, tallies := loadFixture(t)
	fit := Fit{Right: Speak, Kappa: 7, Kappa1: 5, Mu: 0.5, Fellowship: map[string]float64{"na": 0.45, "mara": 0.8}}
	for i, c := range counts {
		var group []Tally
		for j, d := range counts {
			if d.Fellowship == c.Fellowship && d.Area == c.Area {
				group = append(group, tallies[j])
			}
		}
		g := fit.Group(c.Fellowship, Unknown, group)
		p := g.Posterior(tallies[i])
		cdf, mean := plainPosterior(fit.MeanOf(c.Fellowship), fit.Kappa, fit.Kappa1, group, tallies[i])
		near(t, fmt.Sprintf("mean of %d", i), p.Mean(), mean, 1e-4)
		for _, q := range []float64{0.1, 0.5, 0.9} {
			near(t, fmt.Sprintf("probability below quantile %v of %d", q, i), cdf(p.Quantile(q)), q, 3e-3) // a cell of the grid is that wide
		}
	}
}

// plainPosterior sums the joint density of the group's mean and the meeting's chance on a square grid.
// The grid is even in the log-odds, because a density may rise without bound at 0 and 1.
func plainPosterior(mu, kappa, kappa1 float64, group []Tally, own Tally) (cdf func(float64) float64, mean float64) {
	const n, reach = 1000, 120.0
	odds := func(i int) float64 { return ((float64(i)+0.5)/n*2 - 1) * reach }
	logs := func(u float64) (x, lnX, lnY float64) {
		lnX, lnY = -math.Log1p(math.Exp(-u)), -math.Log1p(math.Exp(u))
		return math.Exp(lnX), lnX, lnY
	}
	density := make([]float64, n)
	total := 0.0
	for i := range n {
		m, lnM, lnN := logs(odds(i))
		a, b := m*kappa, math.Exp(lnN)*kappa
		l := mu*kappa1*lnM + (1-mu)*kappa1*lnN
		for _, t := range group {
			if t != own { // the meeting's own reports come in below
				l += lgamma(a+t.S) + lgamma(b+t.F) + lgamma(a+b) - lgamma(a) - lgamma(b) - lgamma(a+b+t.S+t.F)
			}
		}
		l += lgamma(a+b) - lgamma(a) - lgamma(b)
		for k := range n {
			_, lnX, lnY := logs(odds(k))
			d := math.Exp(l + (a+own.S)*lnX + (b+own.F)*lnY)
			density[k] += d
			total += d
		}
	}
	for k := range n {
		x, _, _ := logs(odds(k))
		mean += density[k] / total * x
	}
	return func(x float64) float64 {
		sum, u := 0.0, math.Log(x/(1-x))
		for k := range n {
			left := odds(k) - reach/n
			sum += density[k] * min(max((u-left)/(2*reach/n), 0), 1)
		}
		return sum / total
	}, mean
}

func lgamma(x float64) float64 { v, _ := math.Lgamma(x); return v }

func TestQuantileOfBetaWithKnownForm(t *testing.T) {
	for _, q := range []float64{0.01, 0.1, 0.5, 0.9, 0.99} {
		near(t, "Beta(1,1)", Beta(1, 1).Quantile(q), q, 1e-10)
		near(t, "Beta(3,1)", Beta(3, 1).Quantile(q), math.Cbrt(q), 1e-10)
		near(t, "Beta(1,4)", Beta(1, 4).Quantile(q), 1-math.Pow(1-q, 0.25), 1e-10)
		near(t, "Beta(½,½)", Beta(0.5, 0.5).Quantile(q), math.Pow(math.Sin(math.Pi*q/2), 2), 1e-9)
	}
}

func TestMaximumFindsTheHill(t *testing.T) {
	x, v := maximum(-10, 10, func(x float64) float64 { return -math.Cosh(x - 1.25) })
	near(t, "place", x, 1.25, 1e-7)
	near(t, "height", v, -1, 1e-12)
	x, _ = maximum(0, 4, func(x float64) float64 { return x })
	near(t, "edge", x, 4, 1e-7)
}

func TestFitStaysInBoundsAndKnowsNoOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 11))
	for round := range 3 {
		var counts []Counts
		for range 1 + random.IntN(30) {
			n := random.IntN(9)
			yes := float64(random.IntN(2*n+1)) / 2
			counts = append(counts, Counts{string(rune('a' + random.IntN(3))), string(rune('x' + random.IntN(3))), yes, float64(n) - yes})
		}
		fit := FitRight(Speak, counts, ProductFit)
		if fit.Kappa < 2 || fit.Kappa > 200.001 || fit.Kappa1 < 2 || fit.Kappa1 > 200.001 || fit.Mu <= 0.02 || fit.Mu >= 0.98 {
			t.Errorf("round %d: %+v", round, fit)
		}
		random.Shuffle(len(counts), func(i, j int) { counts[i], counts[j] = counts[j], counts[i] })
		again := FitRight(Speak, counts, ProductFit)
		if diff := cmp.Diff(fit, again); diff != "" {
			t.Errorf("round %d: the order of meetings matters:\n%s", round, diff)
		}
	}
	if diff := cmp.Diff(StartingFit(Lead), FitRight(Lead, []Counts{{"na", "x", 0, 0}}, ProductFit)); diff != "" {
		t.Errorf("without reports:\n%s", diff)
	}
}

// With every report a yes, plain maximum likelihood runs away; what the product uses must not.
func TestUnanimousReportsDoNotRunAway(t *testing.T) {
	var counts []Counts
	for range 40 {
		counts = append(counts, Counts{"mara", "x", 5, 0})
	}
	fit := FitRight(Speak, counts, ProductFit)
	if m := fit.MeanOf("mara"); m < 0.8 || m > 0.995 || fit.Kappa < 2 || fit.Kappa > 200 {
		t.Errorf("%+v", fit)
	}
	// A newcomer in that group with three bad reports is heard all the same.
	var tallies []Tally
	for range 40 {
		tallies = append(tallies, Tally{S: 4, F: 0, SumW: 4})
	}
	bad := Tally{S: 0, F: 8, SumW: 8}
	if m := fit.Group("mara", Unknown, append(tallies, bad)).Posterior(bad).Mean(); m > 0.6 {
		t.Errorf("eight bad reports leave a mean of %.3f", m)
	}
}

func TestAGroupGrowsAsIfMadeAtOnce(t *testing.T) {
	_, tallies := loadFixture(t)
	fit := Fit{Right: Speak, Kappa: 7, Kappa1: 5, Mu: 0.5}
	for _, position := range []Answer{Unknown, Yes} {
		whole := fit.Group("na", position, tallies)
		grown := fit.Group("na", position, tallies[1:]).With(tallies[0])
		for _, own := range tallies {
			near(t, "mean", grown.Posterior(own).Mean(), whole.Posterior(own).Mean(), 1e-12)
		}
		if grown.Seen != whole.Seen || math.Abs(grown.Mean()-whole.Mean()) > 1e-12 {
			t.Errorf("grown %d %v, whole %d %v", grown.Seen, grown.Mean(), whole.Seen, whole.Mean())
		}
	}
}
