package welcome

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// sharedDir finds the evaluation data, which lies beside the repository on a developer's machine and is
// never copied into it: some of it may be checked against but not handed on.
func sharedDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("HEARTH_SHARED")
	if dir == "" {
		root, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
				break
			}
			if root == filepath.Dir(root) {
				t.Fatal("no go.mod above the test")
			}
			root = filepath.Dir(root)
		}
		dir = filepath.Join(root, "..", "shared")
	}
	dir = filepath.Join(dir, "data", "evaluation", "welcome")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("HEARTH_SHARED is absent: the published numbers are not checked here (looked for %s)", dir)
	}
	return dir
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}

func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s: got %.9f, want %.9f ± %g", what, got, want, tol)
	}
}

func TestPublishedWorkedExample(t *testing.T) {
	var doc struct {
		Example struct {
			Prior     [2]float64
			Reports   [][2]float64 `json:"reports_open_age"`
			Weights   []float64
			S, F      float64
			SumW      float64 `json:"sum_w"`
			NEff      float64 `json:"n_eff"`
			Mean      float64
			Quantiles []float64
			Order     []float64 `json:"quantile_order"`
			Tol       float64
		} `json:"worked_example"`
	}
	readJSON(t, filepath.Join(sharedDir(t), "welcome_expected.json"), &doc)
	e := doc.Example
	var reports []Report
	for i, r := range e.Reports {
		near(t, "weight", Weight(r[1]), e.Weights[i], e.Tol)
		reports = append(reports, Report{Age: r[1], Answer: open(r[0])})
	}
	tally := Count(Keep(reports))
	near(t, "S", tally.S, e.S, e.Tol)
	near(t, "F", tally.F, e.F, e.Tol)
	near(t, "sum of weights", tally.SumW, e.SumW, e.Tol)
	near(t, "n_eff", tally.NEff, e.NEff, e.Tol)
	p := Single{A: e.Prior[0], B: e.Prior[1]}.Posterior(tally)
	near(t, "mean", p.Mean(), e.Mean, e.Tol)
	for i, q := range e.Order {
		near(t, "quantile", p.Quantile(q), e.Quantiles[i], e.Tol)
	}
}

func open(v float64) Answer {
	if v == 1 {
		return Yes
	}
	return No
}

func TestPublishedLitters(t *testing.T) {
	dir := sharedDir(t)
	var doc struct {
		Lirat struct {
			A, B, Mu, Rho, Kappa, Tol float64
			LogLik                    float64      `json:"loglik_without_binomial_coefficient"`
			Means                     []float64    `json:"posterior_mean_first5"`
			Quantiles                 [][2]float64 `json:"q10_q90_first3"`
		}
	}
	readJSON(t, filepath.Join(dir, "welcome_expected.json"), &doc)
	e := doc.Lirat
	var counts []Counts
	for _, row := range readCSV(t, filepath.Join(dir, "lirat.csv")) {
		n, r := number(t, row[0]), number(t, row[1])
		counts = append(counts, Counts{Yes: r, No: n - r})
	}
	if len(counts) < max(len(e.Means), len(e.Quantiles)) {
		t.Fatalf("only %d litters were read", len(counts))
	}
	fit := FitSingle(counts, FitOptions{})
	near(t, "a", fit.A, e.A, e.Tol)
	near(t, "b", fit.B, e.B, e.Tol)
	near(t, "mu", fit.Mu(), e.Mu, e.Tol)
	near(t, "kappa", fit.Kappa(), e.Kappa, e.Tol)
	near(t, "rho", 1/(1+fit.Kappa()), e.Rho, e.Tol)
	near(t, "log-likelihood", fit.LogLik, e.LogLik, e.Tol)
	for i, want := range e.Means {
		near(t, "posterior mean", fit.Posterior(Tally{S: counts[i].Yes, F: counts[i].No}).Mean(), want, e.Tol)
	}
	for i, want := range e.Quantiles {
		p := fit.Posterior(Tally{S: counts[i].Yes, F: counts[i].No})
		near(t, "10 % quantile", p.Quantile(0.1), want[0], e.Tol)
		near(t, "90 % quantile", p.Quantile(0.9), want[1], e.Tol)
	}
}

func TestPublishedPipeline(t *testing.T) {
	dir := sharedDir(t)
	var doc struct {
		Rows   int
		Kept   int `json:"rows_kept"`
		Single struct {
			A, B, Mu, Kappa, LogLik float64
			Tol                     float64 `json:"tol_relative"`
		} `json:"single_level"`
		Two struct {
			MuF           float64 `json:"mu_f"`
			Kappa1, Kappa float64
			LogLik        float64
			Tol           float64   `json:"tol_relative"`
			Groups        []float64 `json:"group_mean"`
		} `json:"two_level"`
		Meetings struct {
			Tol  float64
			Rows []struct {
				Meeting, Group, Reporters int
				Kept                      int `json:"reports_kept"`
				Yes, No, S, F             float64
				SumW                      float64 `json:"sum_w"`
				NEff                      float64 `json:"n_eff"`
				Mean, Q10, Q90            float64
				Mean2                     float64
				Q10Two                    float64 `json:"q10_2"`
				Q90Two                    float64 `json:"q90_2"`
			}
		}
	}
	readJSON(t, filepath.Join(dir, "welcome_sim_expected.json"), &doc)
	reports := map[string][]Report{}
	rows := readCSV(t, filepath.Join(dir, "welcome_sim.csv"))
	if len(rows) != doc.Rows {
		t.Fatalf("%d rows, want %d", len(rows), doc.Rows)
	}
	for _, r := range rows {
		reports[r[0]] = append(reports[r[0]], Report{Reporter: r[2], Age: number(t, r[3]), Answer: open(number(t, r[4]))})
	}
	kept := 0
	var tallies []Tally
	var counts []Counts
	byGroup := map[string][]Tally{}
	for _, m := range doc.Meetings.Rows {
		tally := Count(Keep(reports[strconv.Itoa(m.Meeting)]))
		kept += tally.Reports
		group := strconv.Itoa(m.Group)
		tallies = append(tallies, tally)
		counts = append(counts, Counts{Fellowship: "f", Area: group, Yes: tally.Yes, No: tally.No})
		byGroup[group] = append(byGroup[group], tally)
		if tally.Reports != m.Kept || tally.Reporters != m.Reporters || tally.Yes != m.Yes || tally.No != m.No {
			t.Errorf("meeting %d: %+v, want %+v", m.Meeting, tally, m)
		}
		near(t, "S", tally.S, m.S, doc.Meetings.Tol)
		near(t, "F", tally.F, m.F, doc.Meetings.Tol)
		near(t, "sum of weights", tally.SumW, m.SumW, doc.Meetings.Tol)
		near(t, "n_eff", tally.NEff, m.NEff, doc.Meetings.Tol)
	}
	if kept != doc.Kept {
		t.Errorf("%d reports kept, want %d", kept, doc.Kept)
	}

	single := FitSingle(counts, FitOptions{})
	rel := doc.Single.Tol
	near(t, "a", single.A, doc.Single.A, rel*doc.Single.A)
	near(t, "b", single.B, doc.Single.B, rel*doc.Single.B)
	near(t, "mu", single.Mu(), doc.Single.Mu, rel*doc.Single.Mu)
	near(t, "kappa", single.Kappa(), doc.Single.Kappa, rel*doc.Single.Kappa)
	near(t, "log-likelihood", single.LogLik, doc.Single.LogLik, 1e-5)

	two := FitRight(Speak, counts, FitOptions{})
	rel = doc.Two.Tol
	near(t, "mu_f", two.MeanOf("f"), doc.Two.MuF, rel*doc.Two.MuF)
	near(t, "kappa1", two.Kappa1, doc.Two.Kappa1, rel*doc.Two.Kappa1)
	near(t, "kappa", two.Kappa, doc.Two.Kappa, rel*doc.Two.Kappa)
	near(t, "log-likelihood, two levels", two.LogLik, doc.Two.LogLik, 1e-5)

	groups := map[string]Group{}
	for name, ts := range byGroup {
		groups[name] = two.Group("f", Unknown, ts)
	}
	for i, want := range doc.Two.Groups {
		near(t, "group mean", groups[strconv.Itoa(i+1)].Mean(), want, rel*want)
	}
	tol := doc.Meetings.Tol
	for i, m := range doc.Meetings.Rows {
		p := single.Posterior(tallies[i])
		near(t, "mean", p.Mean(), m.Mean, tol)
		near(t, "q10", p.Quantile(0.1), m.Q10, tol)
		near(t, "q90", p.Quantile(0.9), m.Q90, tol)
		p = groups[strconv.Itoa(m.Group)].Posterior(tallies[i])
		near(t, "mean, two levels", p.Mean(), m.Mean2, tol)
		near(t, "q10, two levels", p.Quantile(0.1), m.Q10Two, tol)
		near(t, "q90, two levels", p.Quantile(0.9), m.Q90Two, tol)
	}
}
