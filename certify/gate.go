package certify

import (
	"context"
	"errors"
	"fmt"

	"csdm/bench"
	"csdm/explain"
	"csdm/problems"
)

// Requirements of a certificate. The third one is that the model explains the
// measurement.
//
// With 400 effective draws the standard error of a mean is 5 % of the
// posterior's standard deviation.
const (
	LeastESS = 400           // effective sample size of a certified posterior
	MaxKHat  = bench.MaxKHat // shape of the weights' tail
)

// Certificate is the evidence for a posterior.
type Certificate struct {
	// whether the posterior meets all requirements
	Certified bool     `json:"certified"`
	Reasons   []string `json:"reasons,omitempty"` // failed requirements; empty if certified

	// ESS is (Σw)²/Σw² of the weights behind the posterior.
	ESS float64 `json:"ess"`
	// KHat is the Pareto shape of the weights' tail; −1e308 if they have none.
	KHat   float64 `json:"khat"`
	Solves int     `json:"solves"` // forward solves in total
	// wall time in seconds
	Seconds float64 `json:"seconds"`
	// CPU time of the process in seconds; 0: not known
	CPUSeconds       float64 `json:"cpu_seconds"`
	LogEvidence      float64 `json:"log_evidence"`       // ln p(y)
	LogEvidenceError float64 `json:"log_evidence_error"` // one standard error of it
	// Chi2 is χ² per value of the measurement, averaged over draws; 0: not
	// known.
	Chi2 float64 `json:"chi2"`
	// Noise is the standard deviation of the noise; nil: it is known.
	Noise *NoisePosterior `json:"noise,omitempty"`
}

// fail records a requirement that is not met.
func (c *Certificate) fail(format string, args ...any) {
	c.Reasons = append(c.Reasons, fmt.Sprintf(format, args...))
}

// judgeWeights applies the requirements on the weights of a search that ended
// at a temperature.
//
// All failed requirements are named, not the first alone.
func (c *Certificate) judgeWeights(temperature float64) {
	if temperature < 1 {
		c.fail("the draws support the likelihood only to the power %.2g; 1 is required",
			temperature)
	}
	if c.ESS < LeastESS {
		c.fail("the effective sample size is %.0f; at least %d is required", c.ESS, LeastESS)
	}
	if !(c.KHat < MaxKHat) {
		c.fail("the tail of the weights has the shape k̂ = %.2f; less than %.1f is required",
			c.KHat, MaxKHat)
	}
}

// chiDraws is the number of draws whose residual is judged.
const chiDraws = 32

// judgeMisfit applies the requirement that the model explains the measurement,
// and sets χ² and r.Verdict.
//
// It comes after the weights, and also for weights that failed: a user then
// sees both.
func (r *Result) judgeMisfit(ctx context.Context, problem problems.Problem, y []float64,
	s Settings) error {
	judge := s.Judge
	if judge == nil {
		judge = explain.NewJudge(problem)
	}
	if r.Verdict = s.Verdict; r.Verdict == nil {
		r.Verdict = judge.Start(y)
	}
	n := min(chiDraws, s.Draws)
	d := len(r.SampleTheta) / s.Draws
	residual, err := explain.OfVariables(ctx, problem, y, r.SampleTheta[:n*d], n, s.Threads)
	switch {
	case errors.Is(err, explain.ErrNoForward):
		r.Certificate.fail("the noise cannot be standardized, so the misfit is not judged")
	case err != nil:
		return err
	default:
		for _, chi2 := range residual.Misfit {
			r.Certificate.Chi2 += chi2 / float64(n)
		}
		judge.Exact(r.Verdict, residual)
	}
	if !r.Verdict.Explained {
		r.Certificate.fail("%s", r.Verdict.Text)
	}
	return nil
}
