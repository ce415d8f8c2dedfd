package explain

import (
	"context"
	"fmt"
	"sync"

	"csdm/nn"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// Rates of false alarms: the shares of right measurements that each family of
// tests may refuse.
//
// The families of one verdict add up: FalseAlarms of a Verdict is the sum of
// the rates of its families.
const (
	PriorRate     = 0.01 // by the prior, if draws are judged too
	DrawsRate     = 0.01 // by a network's draws
	ReferenceRate = 0.01 // by the prior alone
	NoveltyRate   = 0.01 // by training pairs

	CertificateRate = 0.005 // by draws of an exact posterior
)

// noiseFields is the number of simulated noise fields that set the limits for
// an exact posterior; noiseSeed is their seed.
//
// 1000 fields give a tolerance limit of rank 5 at a rate of 0.01 and a
// confidence of 0.95, and of rank 2 at a rate of 0.005.
const (
	noiseFields = 1000
	noiseSeed   = 0xE47
)

// maxMisfit is the χ² per value of the nearest member above which no further
// search starts.
const maxMisfit = 10

// Judge decides whether a problem's prior and a network's posterior explain
// measurements. It is safe for concurrent use.
//
// Its simulations of noise are made at the first use and shared
// (sync.OnceValue); a measurement with gaps needs simulations of its own.
type Judge struct {
	problem problems.Problem
	place   func(k int) string
	// noise returns limits by simulated noise with the gaps of a measurement.
	// If the noise is inferred, χ² is near one by construction. It is smaller
	// if edges and smooth errors are smaller than assumed, which is no fault.
	noise func(y []float64, rate float64) *nn.Calibration
}

// NewJudge returns a judge of the measurements of a problem.
//
// No simulation runs before the first test.
func NewJudge(problem problems.Problem) *Judge {
	spec := problem.Spec()
	shape := ShapeOf(spec)
	j := &Judge{problem: problem, place: func(k int) string {
		return shape.Place(k, spec.Width, spec.Height, spec.LengthUnit)
	}}
	whole := sync.OnceValue(func() [][]float64 {
		return noiseStatistics(problem, make([]float64, shape.Len()))
	})
	j.noise = func(y []float64, rate float64) *nn.Calibration {
		rows := whole
		if priors.Present(y) < len(y) {
			rows = func() [][]float64 { return noiseStatistics(problem, y) }
		}
		c := Calibrate(Names(), rows(), rate)
		if open, ok := problem.Measurement().(priors.RandomStd); ok && open.HasRandomStd() {
			c.Tests[0].Low = nil
		}
		return c
	}
	return j
}

// noiseStatistics returns the statistics of noise alone, one row per simulated
// field of noise with the gaps of y. The residual of a draw of the exact
// posterior has this distribution: a pair (x, y), and a draw of x given y
// together with y, have the same distribution.
//
// A field of noise is a measurement of the zero field with the prediction zero,
// so that standardization gives the noise in its own units, also where it is
// correlated.
func noiseStatistics(problem problems.Problem, y []float64) [][]float64 {
	shape := ShapeOf(problem.Spec())
	zero, r := make([]float64, shape.Len()), make([]float64, shape.Len())
	rows := make([][]float64, noiseFields)
	for i := range rows {
		problem.Measurement().Sample(r, zero, rng.New(noiseSeed, rng.Noise, uint64(i), 0))
		for k, v := range y {
			if priors.Missing(v) {
				r[k] = v
			}
		}
		priors.Standardize(problem.Measurement(), r, r, zero)
		rows[i], _ = Statistics(r, shape)
	}
	return rows
}

// Start returns a verdict on the measurement alone. It tests for repeated
// values, which noise would make differ, and for values that the model imposes.
//
// It costs no forward solve.
func (j *Judge) Start(y []float64) *Verdict {
	v := &Verdict{Explained: true}
	if _, recorded := j.problem.Measurement().(priors.Recorded); recorded {
		v.settle()
		return v // recorded values may be masked
	}
	t := Test{Name: "repeated value", By: ByMeasurement, Expected: 1, Limit: 3, Passed: true,
		beyond: 1}
	if value, times, at := Repeated(y); times > 0 {
		t.Value, t.Passed, t.Place, t.beyond = float64(times), false, j.place(at), 0
		t.Hint = fmt.Sprintf("the value %.6g occurs %d times: does it stand for missing "+
			"values?", value,
			times)
	}
	v.Tests = append(v.Tests, t)
	j.driven(v, y)
	v.settle()
	return v
}

// Prior adds the test whether any member of the prior explains the measurement.
// It reports whether it added the test; the test needs a parametric problem
// with known noise. rate is the share of right measurements that the test may
// refuse.
//
// The search stops early if a member passes all statistics, or if χ² is beyond
// maxMisfit, where more searches would not help.
func (j *Judge) Prior(ctx context.Context, v *Verdict, y []float64, rate float64, by Search) (
	bool, error) {
	p, ok := j.problem.(problems.Parametric)
	if !ok || !hasNoise(j.problem) {
		return false, nil
	}
	c := j.noise(y, rate)
	found, err := Nearest(ctx, p, y, by, func(m *Member) bool {
		if m.Chi2 < noiseFreeMisfit || m.Chi2 > maxMisfit {
			return true
		}
		values, _ := Statistics(m.Values, m.Shape)
		for k := range c.Tests {
			if probability(&c.Tests[k], values[k]) < c.Limit {
				return false
			}
		}
		return true
	})
	if err != nil {
		return false, err
	}
	if found.Chi2 < noiseFreeMisfit {
		v.excuse()
	}
	v.add(ByPrior, fmt.Sprintf("%d simulated fields of noise", c.Count), c, &found.Residual,
		j.place)
	return true, nil
}

// Draws adds the test whether draws of a network's posterior explain the
// measurement. draws holds fields in physical units, one after the other, and c
// is the model's calibration. If c is nil, Draws keeps the residual for its
// picture and adds a remark with the reason why.
//
// Limits must come from the same number of draws by the same sampler, which the
// caller checks.
func (j *Judge) Draws(ctx context.Context, v *Verdict, c *nn.Calibration, why string,
	y, draws []float64, threads int) error {
	r, err := OfDraws(ctx, j.problem, y, draws, threads)
	if err != nil {
		return err
	}
	if c == nil {
		v.residual = r
		chi2, _ := misfit(r.Values, r.Shape)
		v.Remarks = append(v.Remarks, fmt.Sprintf("χ² per value is %.3g by the draws; %s", chi2,
			why))
		v.settle()
		return nil
	}
	v.add(ByDraws, fmt.Sprintf("%d simulated measurements, %d draws of each by the network",
		c.Count, c.Draws), c, r, j.place)
	return nil
}

// Exact adds the test whether draws of an exact posterior explain the
// measurement. r is the residual from these draws (OfVariables). Simulated
// noise sets the limits: the residual from one such draw has the distribution
// of the noise, and the median over draws is hardly smaller if the prior has
// few variables.
func (j *Judge) Exact(v *Verdict, r *Residual) {
	c := j.noise(r.Values, CertificateRate)
	v.add(ByExact, fmt.Sprintf("%d simulated fields of noise", c.Count), c, r, j.place)
}
