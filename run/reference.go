package run

import (
	"context"
	"encoding/hex"
	"fmt"
	"math"
	"time"

	"csdm/bench"
	"csdm/internal/cli"
	"csdm/measured"
	"csdm/nn"
	"csdm/priors"
	"csdm/problems"
)

// The ways to a reference posterior.
const (
	MethodQuadrature = "quadrature"
	MethodImportance = "importance"
	MethodAdaptive   = "adaptive"
	MethodNone       = "none"
)

// TruePosterior is the posterior of a measurement as had without a network, in physical units.
type TruePosterior struct {
	bench.Posterior
	Rows, Cols int
	Range      problems.Range // of the prior: what normalized units refer to
	Note       string         // a sentence on how it was made and how exact it is
	ErrorMean  float64        // RMS error of mean and std as the method itself states them, normalized units
	ErrorStd   float64
	Origin     Origin
}

// AdaptiveSolves is how many forward solves adaptive importance sampling may take where nothing else is said.
const AdaptiveSolves = 50_000

// fewDraws is the effective sample size below which not even the errors of importance sampling can be trusted.
const fewDraws = 30

// ReferencePosterior computes the posterior of a measurement y, in physical units, that a problem's prior and likelihood make.
// Importance sampling keeps its state in job.Partial and goes on from there; quadrature and adaptive importance sampling begin anew. Errors: *measured.Error if y has another
// size than the problem's, those of package bench and of the disk; one with code 64 if the problem or the method is not fit.
func ReferencePosterior(ctx context.Context, problem problems.Problem, y []float64, r Reference, job Job, env Env) (*TruePosterior, error) {
	spec := problem.Spec()
	if err := r.Validate(); err != nil {
		return nil, cli.Usage(err)
	}
	if err := r.fits(problem); err != nil {
		return nil, cli.Usage(err)
	}
	if len(y) != spec.YLen() {
		return nil, &measured.Error{Reason: fmt.Sprintf("the measurement has %d values; %s has %d channels of %d×%d", len(y), spec.Name, spec.YChannels, spec.Rows, spec.Cols)}
	}
	parametric := problem.(problems.Parametric)
	t := &TruePosterior{Rows: spec.Rows, Cols: spec.Cols, Range: spec.XRange}
	start := time.Now()
	solves := 0
	switch r.Method {
	case MethodQuadrature:
		env.Note("computing the exact posterior by quadrature")
		q, err := bench.Quadrature(ctx, parametric, y, bench.QuadratureSettings{Threads: env.Threads})
		if err != nil {
			return nil, err
		}
		t.Posterior, solves = q.Posterior, q.Solves
		t.ErrorMean, t.ErrorStd = q.ErrorMean/spec.XRange.Width(), q.ErrorStd/spec.XRange.Width()
		t.Note = fmt.Sprintf("quadrature over %d variables of the prior, %d forward solves in %.1f s; the last halving of its cells changed mean and standard deviation by %.2g and %.2g (RMS, normalized)",
			len(spec.Variables), q.Solves, q.Elapsed.Seconds(), t.ErrorMean, t.ErrorStd)
	case MethodImportance:
		target, err := bench.MeasuredOf(problem, y)
		if err != nil {
			return nil, err
		}
		results, err := importance(ctx, parametric, []bench.Measured{target}, r.Draws, job, env)
		if err != nil {
			return nil, err
		}
		i := results[0]
		t.Posterior, solves = i.Posterior, r.Draws
		if i.ESS < fewDraws {
			env.Note(fmt.Sprintf("the effective sample size is %.3g: hardly any of %d prior draws explains the measurement, so neither the result nor its errors mean much; are units and noise right, or are more draws needed?", i.ESS, r.Draws))
		}
		t.ErrorMean, t.ErrorStd = rms(i.MeanError)/spec.XRange.Width(), rms(i.StdError)/spec.XRange.Width()
		t.Note = fmt.Sprintf("self-normalized importance sampling with %d prior draws, effective sample size %.0f", r.Draws, i.ESS)
	case MethodAdaptive:
		a, err := adaptive(ctx, parametric, y, r.Draws, job, env)
		if err != nil {
			return nil, err
		}
		t.Posterior, solves = a.Posterior, a.Solves
		t.ErrorMean, t.ErrorStd = rms(a.MeanError)/spec.XRange.Width(), rms(a.StdError)/spec.XRange.Width()
		t.Note = fmt.Sprintf("adaptive importance sampling over %d variables of the prior, %d forward solves in %d stages, %.1f s; effective sample size %.0f",
			len(spec.Variables), a.Solves, len(a.Stages), a.Elapsed.Seconds(), a.ESS)
		if !a.Converged {
			t.Note += ", not converged"
		}
	}
	hash := measurementHash(y)
	t.Origin = Origin{
		Program: env.program(), Command: env.Command, Problem: spec.Name, Measurement: hex.EncodeToString(hash[:]), Seed: job.Seed,
		Method: r.Method, Seconds: time.Since(start).Seconds(), Solves: solves, Machine: env.machine(), Threads: env.Threads, Kernel: env.Kernel, Error: &t.ErrorMean,
		Identity: ReferenceIdentity(problem, y, r, job.Seed),
	}
	return t, nil
}

// adaptive runs bench.Adaptive, and says so where its result is not to be trusted. It keeps no state: it is made for posteriors that
// take minutes at most.
func adaptive(ctx context.Context, problem problems.Parametric, y []float64, solves int, job Job, env Env) (*bench.AdaptiveResult, error) {
	env.Note("computing the posterior by adaptive importance sampling")
	const unknown = -1 // how many solves it takes shows on the way
	env.Progress("reference", 0, unknown, "")
	a, err := bench.Adaptive(ctx, problem, y, bench.AdaptiveSettings{
		MaxSolves: solves, Seed: job.Seed, Threads: env.Threads,
		Watch: func(s bench.AdaptiveStage) {
			note := fmt.Sprintf("effective sample size %.0f", s.ESS)
			if s.Temperature < 1 {
				note = fmt.Sprintf("likelihood to the power %.2g", s.Temperature)
			}
			env.Progress("reference", s.Draws, unknown, note)
		},
	})
	switch {
	case err != nil:
		return nil, err
	case a.Temperature < 1 || a.ESS < fewDraws:
		env.Note(fmt.Sprintf("%d forward solves did not reach the posterior: they support the likelihood to the power %.2g, with an effective sample size of %.3g for the likelihood itself, so neither the result nor its errors mean much; are units and noise right, or are more solves needed?",
			a.Solves, a.Temperature, a.ESS))
	case !a.Converged:
		env.Note(fmt.Sprintf("the limit of %d forward solves was met at an effective sample size of %.0f: the result holds within the errors that it states, which more solves would lessen", solves, a.ESS))
	}
	return a, nil
}

// Validate returns an error that says what of the settings makes no sense.
func (r Reference) Validate() error {
	switch {
	case r.Method != MethodQuadrature && r.Method != MethodImportance && r.Method != MethodAdaptive:
		return fmt.Errorf("method %q: %s, %s or %s is expected", r.Method, MethodQuadrature, MethodImportance, MethodAdaptive)
	case r.Method == MethodAdaptive && r.Draws < 2:
		return fmt.Errorf("adaptive importance sampling with at most %d forward solves: at least 2 are needed", r.Draws)
	case r.Method == MethodImportance && r.Draws < 2:
		return fmt.Errorf("importance sampling with %d prior draws: at least 2 are needed", r.Draws)
	}
	return nil
}

// fits returns an error if the method cannot have the problem.
func (r Reference) fits(problem problems.Problem) error {
	spec := problem.Spec()
	if _, ok := problem.(problems.Parametric); !ok {
		return fmt.Errorf("the prior of %s has too many variables for a reference posterior", spec.Name)
	}
	if _, ok := problem.Measurement().(priors.Likelihood); !ok {
		return fmt.Errorf("the density of a measurement of %s (%v) is not known, and no reference posterior without it", spec.Name, problem.Measurement())
	}
	if n := len(spec.Variables); r.Method == MethodQuadrature && n > bench.MaxQuadratureDim {
		return fmt.Errorf("the prior of %s has %d variables, too many for quadrature; %s and %s take any number", spec.Name, n, MethodAdaptive, MethodImportance)
	}
	return nil
}

func rms(v []float64) float64 { return bench.RMSE(v, make([]float64, len(v))) }

// Normalized returns the posterior in units of the prior's range.
func (t *TruePosterior) Normalized() *bench.Posterior { return t.Scaled(t.Range.Min, t.Range.Width()) }

// WriteFile writes mean and std with their errors, in normalized and in physical units, and ess, as .npz.
func (t *TruePosterior) WriteFile(path string, overwrite bool) error {
	n := nn.Normalization{XMin: t.Range.Min, XMax: t.Range.Max}
	return writeResult(path, overwrite, summaryArrays(t.Normalized(), t.Rows, t.Cols, n), t.Origin)
}

// Score is the distance of a posterior from a reference, normalized units.
type Score struct {
	Method        string  `json:"method"`
	Reference     string  `json:"reference"`
	Mean          float64 `json:"rmse_mean"`
	Std           float64 `json:"rmse_std"`
	FloorMean     float64 `json:"floor_mean"` // what the finite number of draws alone would make
	FloorStd      float64 `json:"floor_std"`
	ReferenceMean float64 `json:"reference_error_mean"` // the reference's own error, RMS
	ReferenceStd  float64 `json:"reference_error_std"`
}

// NewScore compares two posteriors in normalized units; referenceError, if positive, stands for that of a
// reference without errors of its own.
func NewScore(method string, p *bench.Posterior, reference string, r *bench.Posterior, referenceError float64) Score {
	c := bench.Compare(p, r)
	s := Score{
		Method: method, Reference: reference, Mean: c.Mean, Std: c.Std,
		FloorMean: c.MeanErrorA, FloorStd: c.StdErrorA, ReferenceMean: c.MeanErrorB, ReferenceStd: c.StdErrorB,
	}
	if r.MeanError == nil {
		s.ReferenceMean, s.ReferenceStd = referenceError, referenceError
	}
	return s
}

// NewDrawsScore compares the posterior of n independent draws in normalized units as NewScore does, but for FloorMean: it is RMS(std)/√n of the
// reference, what n draws of that would show. FloorStd remains that of the draws' own spread and kurtosis, for a reference
// has no fourth moment.
func NewDrawsScore(method string, p *bench.Posterior, reference string, r *bench.Posterior, referenceError float64) Score {
	s := NewScore(method, p, reference, r, referenceError)
	s.FloorMean = rms(r.Std) / math.Sqrt(float64(p.Draws))
	return s
}
