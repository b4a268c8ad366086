package welcome

import (
	"math"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/mathext"
)

// points is the number of Gauss–Legendre points by which a mean between 0 and 1 is integrated out.
const points = 128

// grid holds the points of the quadrature on (0,1) with their logarithms. It is made once and only read.
type grid struct {
	x, w, lnX, lnY [points]float64 // lnY = ln(1−x)
}

var legendre = newGrid()

func newGrid() *grid {
	var g grid
	quad.Legendre{}.FixedLocations(g.x[:], g.w[:], 0, 1)
	for i, x := range g.x {
		g.lnX[i], g.lnY[i] = math.Log(x), math.Log1p(-x)
	}
	return &g
}

// lnBeta is the logarithm of the beta function.
func lnBeta(a, b float64) float64 {
	x, _ := math.Lgamma(a)
	y, _ := math.Lgamma(b)
	z, _ := math.Lgamma(a + b)
	return x + y - z
}

// evidence is the logarithm of the probability of s yes and f no, without the binomial coefficient,
// when the chance of a yes is distributed as Beta(a, b).
func evidence(a, b, s, f float64) float64 { return lnBeta(a+s, b+f) - lnBeta(a, b) }

// logSumExp is ln Σ exp(v), without overflow.
func logSumExp(v []float64) float64 {
	top := math.Inf(-1)
	for _, x := range v {
		top = max(top, x)
	}
	if math.IsInf(top, -1) {
		return top
	}
	sum := 0.0
	for _, x := range v {
		sum += math.Exp(x - top)
	}
	return top + math.Log(sum)
}

// beta is one component of a mixture: a weight and the two parameters.
type beta struct{ w, a, b float64 }

// Posterior is what is believed about the chance of a yes: a mixture of beta distributions whose weights
// sum to one.
type Posterior struct{ parts []beta }

// Beta is the posterior with a single component.
func Beta(a, b float64) Posterior { return Posterior{[]beta{{1, a, b}}} }

// Mean is the expected value.
func (p Posterior) Mean() float64 {
	m := 0.0
	for _, c := range p.parts {
		m += c.w * c.a / (c.a + c.b)
	}
	return m
}

func (p Posterior) variance() float64 {
	m, second := p.Mean(), 0.0
	for _, c := range p.parts {
		n := c.a + c.b
		second += c.w * c.a * (c.a + 1) / (n * (n + 1))
	}
	return max(second-m*m, 0)
}

// CDF is the probability of a value of at most x.
func (p Posterior) CDF(x float64) float64 {
	if x <= 0 {
		return 0
	}
	if x >= 1 {
		return 1
	}
	sum := 0.0
	for _, c := range p.parts {
		sum += c.w * mathext.RegIncBeta(c.a, c.b, x)
	}
	return sum
}

func (p Posterior) density(x float64) float64 {
	lx, ly, sum := math.Log(x), math.Log1p(-x), 0.0
	for _, c := range p.parts {
		sum += c.w * math.Exp((c.a-1)*lx+(c.b-1)*ly-lnBeta(c.a, c.b))
	}
	return sum
}

// Quantile is the value below which the posterior has probability q. It is found by Newton's steps that
// are kept inside a bracket which every step narrows.
func (p Posterior) Quantile(q float64) float64 {
	if q <= 0 || len(p.parts) == 0 {
		return 0
	}
	if q >= 1 {
		return 1
	}
	lo, hi := 0.0, 1.0
	// A normal guess is a good start in the middle of a mixture and harmless elsewhere.
	x := p.Mean() + math.Sqrt(p.variance())*math.Sqrt2*math.Erfinv(2*q-1)
	for range 200 {
		if !(x > lo && x < hi) {
			x = (lo + hi) / 2
		}
		miss := p.CDF(x) - q
		if miss < 0 {
			lo = x
		} else {
			hi = x
		}
		next := x - miss/p.density(x)
		if math.Abs(next-x) < 1e-12 || hi-lo < 1e-12 {
			return x
		}
		x = next
	}
	return x
}
