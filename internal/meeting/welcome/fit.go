package welcome

import (
	"cmp"
	"math"
	"slices"
)

// Counts are the plain counts of one meeting for one right, as a fit needs them. Weighing them by age
// would make meetings look more alike than they are and shrink all of them to one value.
type Counts struct {
	Fellowship, Area string
	Yes, No          float64
}

// Fit holds the parameters of one right. A meeting's chance of a yes is Beta(μκ, (1−μ)κ) around the mean
// μ of its group (fellowship in an area); the means of a fellowship's groups are Beta(μ_f κ₁, (1−μ_f)κ₁)
// around the fellowship's mean.
type Fit struct {
	Right      Right              `json:"right"`
	Kappa      float64            `json:"kappa"`  // how alike the meetings of a group are
	Kappa1     float64            `json:"kappa1"` // how alike the groups of a fellowship are
	Mu         float64            `json:"mu"`     // all fellowships together; for those without a mean of their own
	Fellowship map[string]float64 `json:"fellowship,omitempty"`
	LogLik     float64            `json:"loglik"` // without binomial coefficients
	Meetings   int                `json:"meetings"`
	Reports    float64            `json:"reports"`
}

// MeanOf is the fellowship's mean.
func (f Fit) MeanOf(fellowship string) float64 {
	if m, ok := f.Fellowship[fellowship]; ok {
		return m
	}
	return f.Mu
}

// FitOptions say what is believed before any report. The zero value believes nothing and bounds nothing
// that matters: it gives plain maximum marginal likelihood, for checks against published numbers.
type FitOptions struct {
	Bounded bool    // κ and κ₁ within [2, 200]
	Shape   float64 // Gamma prior of κ and κ₁; 0: none
	Rate    float64
	Pull    float64 // how many reports one half counts in the mean of all, and that mean in each fellowship's
}

// ProductFit is what Hearth uses: κ and κ₁ in [2, 200] with a Gamma prior whose peak is at 5, and means
// pulled a little to the middle, so that a community with three reports gets a sane answer.
var ProductFit = FitOptions{Bounded: true, Shape: 2, Rate: 0.2, Pull: 4}

// StartingFit is the fit before there is any report: the peak of the priors.
func StartingFit(r Right) Fit { return Fit{Right: r, Kappa: 5, Kappa1: 5, Mu: 0.5} }

// kappaRange is where κ and κ₁ are looked for, on a logarithmic scale.
func (o FitOptions) kappaRange() (lo, hi float64) {
	if o.Bounded {
		return math.Log(2), math.Log(200)
	}
	return math.Log(0.01), math.Log(100_000)
}

func (o FitOptions) groupRange() (lo, hi float64) {
	if o.Bounded {
		return math.Log(2), math.Log(200)
	}
	return math.Log(0.1), math.Log(2000) // beyond it 128 points are too far apart
}

// kappaPrior is the logarithm of the Gamma prior, without its constant.
func (o FitOptions) kappaPrior(kappa float64) float64 {
	if o.Shape == 0 {
		return 0
	}
	return (o.Shape-1)*math.Log(kappa) - o.Rate*kappa
}

// meanPrior is the logarithm of the Beta prior of a mean, centred on c.
func (o FitOptions) meanPrior(mu, c float64) float64 {
	return o.Pull * (c*math.Log(mu) + (1-c)*math.Log1p(-mu))
}

// Single is a fit with one level: every meeting's chance of a yes is Beta(A, B).
type Single struct {
	A, B   float64
	LogLik float64
}

// Mu is the mean of the distribution.
func (s Single) Mu() float64 { return s.A / (s.A + s.B) }

// Kappa is A + B.
func (s Single) Kappa() float64 { return s.A + s.B }

// Posterior is what one meeting's reports make of it.
func (s Single) Posterior(t Tally) Posterior { return Beta(s.A+t.S, s.B+t.F) }

// FitSingle fits the single level by maximum marginal likelihood.
func FitSingle(meetings []Counts, o FitOptions) Single {
	pairs, _ := collect(meetings)
	at := func(mu, kappa float64) float64 {
		a, b, sum := mu*kappa, (1-mu)*kappa, 0.0
		for _, p := range pairs {
			sum += p.n * evidence(a, b, p.yes, p.no)
		}
		return sum
	}
	lo, hi := o.kappaRange()
	muFor := func(kappa float64) (float64, float64) {
		x, v := maximum(-12, 12, func(l float64) float64 {
			mu := logistic(l)
			return at(mu, kappa) + o.meanPrior(mu, 0.5)
		})
		return logistic(x), v
	}
	l, _ := maximum(lo, hi, func(l float64) float64 {
		_, v := muFor(math.Exp(l))
		return v + o.kappaPrior(math.Exp(l))
	})
	kappa := math.Exp(l)
	mu, _ := muFor(kappa)
	return Single{A: mu * kappa, B: (1 - mu) * kappa, LogLik: at(mu, kappa)}
}

// FitRight fits both levels by maximum marginal likelihood on plain counts; κ and κ₁ are shared by all
// fellowships, each has a mean of its own. Meetings without reports say nothing and may be left out.
func FitRight(r Right, meetings []Counts, o FitOptions) Fit {
	out := Fit{Right: r, Fellowship: map[string]float64{}}
	for _, m := range meetings {
		if m.Yes+m.No > 0 {
			out.Meetings++
			out.Reports += m.Yes + m.No
		}
	}
	if out.Meetings == 0 {
		return StartingFit(r)
	}
	data := arrange(meetings)

	kLo, kHi := o.kappaRange()
	gLo, gHi := o.groupRange()
	var groupHill hill
	search := means{hills: make([]hill, len(data.fellowships)), each: make([]float64, len(data.fellowships))}
	within := func(kappa float64) (kappa1, value float64) {
		at := data.levels(kappa) // the costly part
		l, v := groupHill.maximum(gLo, gHi, func(l float64) float64 {
			return at.means(math.Exp(l), o, &search) + o.kappaPrior(math.Exp(l))
		})
		return math.Exp(l), v + o.kappaPrior(kappa)
	}
	l, _ := maximum(kLo, kHi, func(l float64) float64 {
		_, v := within(math.Exp(l))
		return v
	})
	out.Kappa = math.Exp(l)
	out.Kappa1, _ = within(out.Kappa)
	at := data.levels(out.Kappa)
	at.means(out.Kappa1, o, &search)
	out.Mu = search.all
	for i, f := range data.fellowships {
		out.Fellowship[f] = search.each[i]
		prior := meanDensity(search.each[i], out.Kappa1)
		out.LogLik += at.fellowship(i, &prior)
	}
	return out
}

// pair is a distinct pair of counts and how many meetings have it.
type pair struct{ yes, no, n float64 }

// collect joins meetings with equal counts, so that a fit costs as much as there are different pairs.
// index gives each meeting's pair, -1 for those without reports.
func collect(meetings []Counts) (pairs []pair, index []int) {
	seen := map[[2]float64]int{}
	for _, m := range meetings {
		if m.Yes+m.No <= 0 {
			index = append(index, -1)
			continue
		}
		k := [2]float64{m.Yes, m.No}
		i, ok := seen[k]
		if !ok {
			i = len(pairs)
			seen[k] = i
			pairs = append(pairs, pair{yes: m.Yes, no: m.No})
		}
		pairs[i].n++
		index = append(index, i)
	}
	return pairs, index
}

// arranged holds the data by fellowship and group: for each group, which pairs occur how often.
type arranged struct {
	pairs       []pair
	fellowships []string
	groups      [][]map[int]float64 // by fellowship, then group: pair → meetings
}

func arrange(meetings []Counts) arranged {
	var d arranged
	sorted := slices.Clone(meetings)
	slices.SortFunc(sorted, func(a, b Counts) int {
		return cmp.Or(cmp.Compare(a.Fellowship, b.Fellowship), cmp.Compare(a.Area, b.Area),
			cmp.Compare(a.Yes, b.Yes), cmp.Compare(a.No, b.No))
	})
	pairs, index := collect(sorted)
	d.pairs = pairs
	var last *Counts
	for i, m := range sorted {
		if index[i] < 0 {
			continue
		}
		if last == nil || last.Fellowship != m.Fellowship {
			d.fellowships = append(d.fellowships, m.Fellowship)
			d.groups = append(d.groups, nil)
		}
		f := len(d.groups) - 1
		if last == nil || last.Fellowship != m.Fellowship || last.Area != m.Area {
			d.groups[f] = append(d.groups[f], map[int]float64{})
		}
		d.groups[f][len(d.groups[f])-1][index[i]]++
		last = &sorted[i]
	}
	return d
}

// levels is, for one κ, how well each mean on the grid explains each group: exp(value − top).
type levels struct {
	groups [][]groupLevel
	tops   []float64 // per fellowship: the sum of its groups' tops
}

type groupLevel [points]float64

func (d arranged) levels(kappa float64) *levels {
	table := make([][points]float64, len(d.pairs))
	for i, x := range legendre.x {
		a, b := x*kappa, (1-x)*kappa
		base := lnBeta(a, b)
		for p, c := range d.pairs {
			table[p][i] = lnBeta(a+c.yes, b+c.no) - base
		}
	}
	at := &levels{}
	for _, groups := range d.groups {
		var out []groupLevel
		sum := 0.0
		for _, g := range groups {
			var v groupLevel
			for p := range d.pairs { // in order, not the map's: sums must come out the same each time
				if n := g[p]; n > 0 {
					for i := range v {
						v[i] += n * table[p][i]
					}
				}
			}
			top := slices.Max(v[:])
			for i := range v {
				v[i] = math.Exp(v[i] - top)
			}
			sum += top
			out = append(out, v)
		}
		at.groups = append(at.groups, out)
		at.tops = append(at.tops, sum)
	}
	return at
}

// meanDensity is the density of a group's mean on the grid, times the weights of the quadrature.
func meanDensity(mu, kappa1 float64) (d [points]float64) {
	a, b := mu*kappa1, (1-mu)*kappa1
	base := lnBeta(a, b)
	for k := range d {
		d[k] = legendre.w[k] * math.Exp((a-1)*legendre.lnX[k]+(b-1)*legendre.lnY[k]-base)
	}
	return d
}

// fellowship is the log-likelihood of one fellowship's data.
func (at *levels) fellowship(i int, density *[points]float64) float64 {
	sum := at.tops[i]
	for g := range at.groups[i] {
		v, group := 0.0, &at.groups[i][g]
		for k := range density {
			v += density[k] * group[k]
		}
		sum += math.Log(v)
	}
	return sum
}

// means are the mean of all fellowships and of each, and where they were found last.
type means struct {
	all   float64
	each  []float64
	hill  hill
	hills []hill
}

// means finds the best means for a κ₁ and returns their value. With a pull, the mean of all is found
// first and each fellowship's is drawn towards it; without, each stands alone.
func (at *levels) means(kappa1 float64, o FitOptions, m *means) float64 {
	const reach = 12 // in log-odds
	l, _ := m.hill.maximum(-reach, reach, func(l float64) float64 {
		mu := logistic(l)
		density := meanDensity(mu, kappa1)
		sum := o.meanPrior(mu, 0.5)
		for i := range at.groups {
			sum += at.fellowship(i, &density)
		}
		return sum
	})
	m.all = logistic(l)
	total := 0.0
	for i := range at.groups {
		l, v := m.hills[i].maximum(-reach, reach, func(l float64) float64 {
			mu := logistic(l)
			density := meanDensity(mu, kappa1)
			return at.fellowship(i, &density) + o.meanPrior(mu, m.all)
		})
		m.each[i] = logistic(l)
		total += v
	}
	return total
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
