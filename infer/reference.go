package infer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"csdm/bench"
	"csdm/certify"
	"csdm/env"
	"csdm/explain"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/measured"
	"csdm/nn"
	"csdm/problems"
	"csdm/recipe"
)

// ReferenceResult is the posterior of a measurement computed without a network,
// in physical units.
//
// It is the standard against which a network's draws are measured, so that it
// carries its own errors: a distance below them is no evidence against the
// network.
type ReferenceResult struct {
	bench.Posterior
	bench.Diagnostics
	Rows, Cols int
	Range      problems.Range // of the prior, the unit of normalized fields
	Fields     []nn.Field     // the ranges of several fields; Range is then not used
	Method     string         // method that was used
	Note       string         // a sentence on method and accuracy
	// ErrorMean and ErrorStd are the errors of mean and std as the method
	// states them, RMS over pixels, in normalized units.
	ErrorMean float64
	ErrorStd  float64
	Ends      []bench.End   // variables at an end of their prior
	Mixing    *bench.Mixing // of chains; nil: another method
	Origin    Origin
	Explained *explain.Verdict // nil: not judged
	Points    bench.Weighted   // fields by their variables; empty for importance sampling
}

// ReferencePosterior computes the posterior of a measurement y (physical units)
// from a problem's prior and likelihood. Each method keeps its state in
// job.Partial, which one process at a time can open, and resumes from it.
// Method auto takes quadrature for up to two variables. For more variables, or
// if the error of quadrature is in doubt, it takes adaptive importance
// sampling. Errors: *measured.Error if the size of y is not the problem's; an
// error with code 65 that wraps *bench.DoubtError if no error can be stated; an
// error with code 64 if the method does not fit the problem; errors of package
// bench and of the disk.
//
// With θ the variables of the prior, uniform on a box of volume V, every method
// estimates ratios of integrals over the box,
//
//	E[x_k | y] = ∫ Field_k(θ) p(y | θ) dθ / ∫ p(y | θ) dθ
//
// and of x_k² likewise. The denominator over V is p(y) = exp(LogEvidence). The
// methods differ in the points at which they evaluate the integrands:
//
//	closed form   none: the integrals are known
//	quadrature    a grid that is refined where the posterior can have weight
//	importance    draws of the prior, as the paper's Monte Carlo simulation
//	adaptive      draws of mixtures that approach the posterior in stages
//	chains        states of Markov chains, for many variables
//
// A result whose error cannot be stated is not returned at all: a table would
// show its numbers beside sound ones.
func ReferencePosterior(ctx context.Context, problem problems.Problem, y []float64,
	r recipe.Reference, job Job, env env.Env) (_ *ReferenceResult, err error) {
	spec := problem.Spec()
	if err := r.For(problem); err != nil {
		return nil, cli.Usage(err)
	}
	if len(y) != spec.YLen() {
		return nil, &measured.Error{
			Reason: fmt.Sprintf("the measurement has %d values; %s has %d channels of %d×%d",
				len(y), spec.Name, spec.YChannels, spec.Rows, spec.Cols)}
	}
	release, err := HoldPartial(job.Partial, env)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, release()) }()
	c := referenceCall{ctx, problem, nil, y, r, job, env,
		&ReferenceResult{Rows: spec.Rows, Cols: spec.Cols, Range: spec.XRange,
			Fields: PriorNormalization(spec).Fields, Method: r.Method}}
	c.parametric, _ = problem.(problems.Parametric)
	if r.Method == recipe.MethodAuto {
		c.chooseMethod()
	}
	start := time.Now()
	solves, err := c.compute()
	// Quadrature fails where the posterior is much narrower than its finest
	// cells. The draws of the adaptive method find it there.
	if err == nil && c.t.Doubt != nil && r.Method == recipe.MethodAuto &&
		c.t.Method == recipe.MethodQuadrature {
		env.Note(c.t.Doubt.Error() + ": using adaptive importance sampling instead")
		c.t.Method, c.job.Partial = recipe.MethodAdaptive, job.second()
		solves, err = c.compute()
	}
	if err != nil {
		return nil, err
	}
	t := c.t
	if t.Doubt != nil {
		return nil, cli.Data(fmt.Errorf("%w; no reference is written: %s", t.Doubt, c.wayOut()))
	}
	t.ErrorMean, t.ErrorStd = t.relativeRMS(t.MeanError), t.relativeRMS(t.StdError)
	t.Ends = t.Diagnostics.Ends(spec)
	t.Origin = Origin{
		Program: env.Program(), Command: env.Command, Problem: spec.Name,
		Measurement: MeasurementHash(y), Seed: job.Seed,
		Method: t.Method, Seconds: time.Since(start).Seconds(), Solves: solves,
		Machine: env.Machine(), Threads: env.Threads, Kernel: env.Kernel, Error: &t.ErrorMean,
		Identity: job.identity(problem, y, r), Fields: t.Fields,
	}
	return t, nil
}

// relativeRMS returns the root mean square of widths relative to the prior's
// range.
//
// A width is a difference of two values of x, so that the offset of the
// normalization cancels.
func (t *ReferenceResult) relativeRMS(widths []float64) float64 {
	if len(t.Fields) == 0 {
		return rms(widths) / t.Range.Width()
	}
	return rms(normalizedUnits(&bench.Posterior{Std: widths}, t.normalization()).Std)
}

// normalization returns the map of x to [0, 1] by the prior's range.
func (t *ReferenceResult) normalization() nn.Normalization {
	return nn.Normalization{XMin: t.Range.Min, XMax: t.Range.Max, Fields: t.Fields}
}

// referenceCall is the state of a call of ReferencePosterior.
type referenceCall struct {
	ctx     context.Context
	problem problems.Problem
	// parametric is the problem as most methods need it; nil only for chains.
	parametric problems.Parametric
	y          []float64
	r          recipe.Reference
	job        Job
	env        env.Env
	t          *ReferenceResult
}

// chooseMethod chooses the method by the number of variables, and prints the
// reason.
//
// The order is by accuracy: a closed form has rounding errors only, quadrature
// in one or two variables converges quickly and states its error by a
// refinement, weights have statistical errors, and chains need the most solves.
// A grid of m points per axis needs m^d solves for d variables, which ends the
// use of quadrature at two.
func (c *referenceCall) chooseMethod() {
	if _, closed := c.problem.(problems.ClosedForm); closed {
		c.t.Method = recipe.MethodClosedForm
		return
	}
	if c.parametric == nil {
		c.t.Method = recipe.MethodChains
		c.env.Note("method chains: the prior has many variables")
		return
	}
	n := len(c.problem.Spec().Variables)
	c.t.Method = recipe.MethodAdaptive
	if n <= recipe.ExactVariables {
		c.t.Method = recipe.MethodQuadrature
	}
	c.env.Note(fmt.Sprintf("method %s: the prior has %s, and quadrature is used for up to %d",
		c.t.Method, cli.Plural(n, "variable"), recipe.ExactVariables))
}

// wayOut returns advice for a posterior whose error cannot be stated.
//
// A larger limit of solves helps only the methods that have one.
func (c *referenceCall) wayOut() string {
	if c.t.Method != recipe.MethodAdaptive && c.t.Method != recipe.MethodChains {
		return "use method adaptive, which is made for such posteriors"
	}
	way := fmt.Sprintf("check units and noise, then give more than %d forward solves (reference "+
		"--max-solves)",
		c.r.MaxSolves)
	if c.job.Partial != "" {
		way += "; " + c.job.Partial + " keeps the solves so far, and the call resumes from it"
	}
	return way
}

// compute computes the posterior by t.Method and returns the number of forward
// solves. With job.Overwrite it replaces unfinished work of another identity.
func (c *referenceCall) compute() (solves int, err error) {
	solves, err = c.weigh()
	if _, other := errors.AsType[*bench.StateError](err); other && c.job.Overwrite {
		if err := RemovePartial(c.job.Partial); err != nil {
			return 0, err
		}
		return c.weigh()
	}
	return solves, err
}

// weigh runs the method and fills in the moments, the diagnostics, the weighted
// fields where the method has them, and the sentence Note.
func (c *referenceCall) weigh() (solves int, err error) {
	switch t := c.t; t.Method {
	case recipe.MethodClosedForm:
		return 0, c.closedForm()
	case recipe.MethodImportance:
		target, err := bench.MeasuredOf(c.problem, c.y)
		if err != nil {
			return 0, err
		}
		results, err := Importance(c.ctx, c.parametric, []bench.NoisyMeasurement{target},
			c.r.PriorDraws, c.job, c.env)
		if err != nil {
			return 0, err
		}
		i := results[0]
		t.Posterior, t.Diagnostics = i.Posterior, i.Diagnostics
		t.Note = fmt.Sprintf("self-normalized importance sampling with %d prior draws, effective "+
			"sample size %.0f",
			c.r.PriorDraws, i.ESS)
		return c.r.PriorDraws, nil
	case recipe.MethodQuadrature:
		c.env.Note("computing the exact posterior by quadrature")
		keeper, record, err := openSolves(c.ctx, c.job.Partial, c.env)
		if err != nil {
			return 0, err
		}
		q, err := bench.Quadrature(c.ctx, c.parametric, c.y,
			bench.QuadratureSettings{Threads: c.env.Threads, MaxError: c.r.MaxError,
				SolveRecord: record})
		if err := c.endSolves(keeper, err, false); err != nil {
			return 0, err
		}
		t.Posterior, t.Diagnostics, t.Points = q.Posterior, q.Diagnostics, q.Points
		width := c.problem.Spec().XRange.Width()
		t.Note = fmt.Sprintf("quadrature over %s of the prior, %d forward solves in %.1f s; "+
			"halving its cells "+
			"again would change mean and standard deviation by about %.2g and %.2g (RMS, "+
			"normalized)",
			cli.Plural(len(c.problem.Spec().Variables), "variable"), q.Solves, q.Elapsed.Seconds(),
			q.ErrorMean/width, q.ErrorStd/width)
		return q.Solves, nil
	case recipe.MethodChains:
		return c.chains()
	default:
		return c.adaptive()
	}
}

// closedFormError bounds the rounding errors of a closed form, relative to the
// range of x. Its sums have fewer than 10⁶ terms in float64.
const closedFormError = 1e-9

// closedForm evaluates the posterior of a problems.ClosedForm.
//
// bench.Compare needs an error for each pixel, so that the bound on rounding
// stands for both errors.
func (c *referenceCall) closedForm() error {
	mean, std, logEvidence, err := c.problem.(problems.ClosedForm).Posterior(c.y)
	if err != nil {
		return err
	}
	bound := make([]float64, len(mean))
	for k := range bound {
		bound[k] = closedFormError * c.problem.Spec().RangeAt(k).Width()
	}
	c.t.Posterior = bench.Posterior{Mean: mean, Std: std, MeanError: bound, StdError: bound,
		ESS: math.NaN()} // no draws
	c.t.LogEvidence, c.t.KHat = logEvidence, math.NaN()
	c.t.Note = "the posterior in closed form"
	return nil
}

// endSolves ends the record of solves of a method that returned err. It writes
// the record of a successful call if the caller needs it.
//
// A finished method needs no record, unless its result is in doubt and a call
// with more solves may follow.
func (c *referenceCall) endSolves(k *solveKeeper, err error, needed bool) error {
	if err == nil && (needed || c.job.KeepSolves) {
		err = k.flush()
	}
	return k.end(err)
}

// adaptive runs bench.Adaptive. It keeps the state of a result in doubt for a
// call with more solves.
//
// The stages draw from densities proportional to p(y | θ)^β p(θ) with β rising
// to 1. Where solves are slow, certify.Near finds variables near the posterior
// first; its solves count.
func (c *referenceCall) adaptive() (solves int, err error) {
	c.env.Note("computing the posterior by adaptive importance sampling")
	const unknown = -1 // the total number of solves is not known
	c.env.Progress("reference", 0, unknown, "")
	keeper, record, err := openSolves(c.ctx, c.job.Partial, c.env)
	if err != nil {
		return 0, err
	}
	s := bench.AdaptiveSettings{
		ESS: c.job.ESS, MaxSolves: c.r.MaxSolves, Seed: c.job.Seed, Threads: c.env.Threads,
		SolveRecord: record,
		Watch: func(s bench.AdaptiveStage) {
			note := fmt.Sprintf("effective sample size %.0f", s.ESS)
			if s.Temperature < 1 {
				note = fmt.Sprintf("likelihood to the power %.2g", s.Temperature)
			}
			c.env.Progress("reference", s.Draws, unknown, note)
		},
	}
	before := 0
	s.Start, before, err = certify.Near(c.ctx, c.parametric, c.y, explain.Search{Seed: c.job.Seed,
		Threads: c.env.Threads})
	if err != nil {
		return 0, err
	}
	a, err := bench.Adaptive(c.ctx, c.parametric, c.y, s)
	if err := c.endSolves(keeper, err, err == nil && a.Doubt != nil); err != nil {
		return 0, err
	}
	t := c.t
	t.Posterior, t.Diagnostics = a.Posterior, a.Diagnostics
	// Rows with 10⁻⁶ of the weight together are left out of the file.
	t.Points = bench.Weighted{Theta: a.Theta, LogWeights: a.LogWeights}.Heaviest()
	t.Note = fmt.Sprintf("adaptive importance sampling over %s of the prior, %d forward solves "+
		"in %d stages, "+
		"%.1f s; effective sample size %.0f",
		cli.Plural(len(c.problem.Spec().Variables), "variable"), a.Solves+before, len(a.Stages),
		a.Elapsed.Seconds(), a.ESS)
	if !a.Converged {
		t.Note += ", not converged"
		if a.Doubt == nil {
			c.env.Note(fmt.Sprintf("the limit of %d forward solves was reached at an effective "+
				"sample size of %.0f: "+
				"the result holds within the errors that it states, which more solves would "+
				"lessen", c.r.MaxSolves, a.ESS))
		}
	}
	return a.Solves + before, nil
}

// rms returns √(Σ v_k²/n).
func rms(v []float64) float64 { return bench.RMSE(v, make([]float64, len(v))) }

// Normalized returns the posterior in units of the prior's range.
func (t *ReferenceResult) Normalized() *bench.Posterior {
	return normalizedUnits(&t.Posterior, t.normalization())
}

// WriteFile writes a .npz file with mean and std and their errors, in
// normalized and in physical units, and with ess, khat, log_evidence and
// end_mass, or with ess and rhat if the method is chains. A row of end_mass has
// a variable's posterior mass in the lowest and the highest hundredth of its
// prior's range.
func (t *ReferenceResult) WriteFile(path string, overwrite bool) error {
	explained, err := explainedArrays(t.Explained)
	if err != nil {
		return err
	}
	diagnostics := DiagnosticArrays(&t.Diagnostics)
	if t.Mixing != nil {
		diagnostics = []format.Named{{Name: "rhat", Array: format.Scalar(t.Mixing.RHat)}}
	}
	arrays := slices.Concat(SummaryArrays(t.Normalized(), t.Rows, t.Cols,
		t.normalization()), diagnostics,
		pointArrays(t.Points), explained)
	return WriteResult(path, overwrite, arrays, t.Origin)
}

// DiagnosticArrays returns the entries of a result file for diagnostics.
//
// end_mass shows a prior that is too narrow: without a measurement each of its
// entries is 0.01.
func DiagnosticArrays(e *bench.Diagnostics) []format.Named {
	var ends []float64
	for _, m := range e.EndMass {
		ends = append(ends, m[0], m[1])
	}
	arrays := []format.Named{
		{Name: "khat", Array: format.Scalar(e.KHat)},
		{Name: "log_evidence", Array: format.Scalar(e.LogEvidence)},
		{Name: "end_mass", Array: format.Array64(ends, len(e.EndMass), 2)},
	}
	if p := e.Plane; p != nil {
		arrays = append(arrays,
			format.Named{Name: planeEntry, Array: format.Array64(p.Density, p.Rows, p.Cols)},
			format.Named{Name: planeExtentEntry,
				Array: format.Array64([]float64{p.X0, p.X1, p.Y0, p.Y1}, 4)})
	}
	return arrays
}

// Comparison is the distance of a posterior from a reference in normalized
// units.
//
// A distance means little without its two floors: the error that the draws have
// by their number, and the error of the reference. Both are in the units of the
// distance.
type Comparison struct {
	// method of the posterior
	Method string `json:"method"`
	// method of the reference
	Reference string `json:"reference"`
	// root mean square error of the mean over pixels, fields in [0, 1]
	Mean float64 `json:"rmse_mean"`
	// root mean square error of the standard deviation over pixels
	Std float64 `json:"rmse_std"`
	// error of the mean that is due to the finite number of draws
	FloorMean StatedError `json:"floor_mean"`
	// error of the standard deviation that is due to the finite number of draws
	FloorStd StatedError `json:"floor_std"`
	// error of the reference's own mean, root mean square over pixels
	ReferenceMean StatedError `json:"reference_error_mean"`
	// error of the reference's own standard deviation
	ReferenceStd StatedError `json:"reference_error_std"`
}

// StatedError is the error that a posterior states. It is NaN, which is null in
// JSON, if the posterior states none.
type StatedError float64

// NotStated is the error of a posterior that states none.
var NotStated = StatedError(math.NaN())

// MarshalJSON writes a number, or null.
func (s StatedError) MarshalJSON() ([]byte, error) {
	if v := float64(s); !math.IsNaN(v) && !math.IsInf(v, 0) {
		return json.Marshal(v)
	}
	return []byte("null"), nil
}

// JSONForm returns the form of the JSON: a number or null.
func (StatedError) JSONForm() any { return (*float64)(nil) }

// UnmarshalJSON is the inverse of MarshalJSON.
func (s *StatedError) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*s = NotStated
		return nil
	}
	return json.Unmarshal(text, (*float64)(s))
}

// String writes four digits, as tables do, or "not stated".
func (s StatedError) String() string {
	if math.IsNaN(float64(s)) {
		return "not stated"
	}
	return strconv.FormatFloat(float64(s), 'g', 4, 64)
}

// statedRMS returns rms as the stated error of a posterior, or NotStated if the
// posterior has no errors.
//
// A missing error is not an error of zero, which would claim an exact
// posterior.
func statedRMS(errors []float64, rms float64) StatedError {
	if errors == nil {
		return NotStated
	}
	return StatedError(rms)
}

// NewComparison compares two posteriors in normalized units. referenceError, if
// positive, is the error of a reference that does not state one.
//
// Mean and Std are the entries of the paper's Tables 4 and 5 for one specimen.
func NewComparison(method string, p *bench.Posterior, reference string, r *bench.Posterior,
	referenceError float64) Comparison {
	c := bench.Compare(p, r)
	s := Comparison{
		Method: method, Reference: reference, Mean: c.Mean, Std: c.Std,
		FloorMean:     statedRMS(p.MeanError, c.MeanErrorA),
		FloorStd:      statedRMS(p.StdError, c.StdErrorA),
		ReferenceMean: statedRMS(r.MeanError, c.MeanErrorB),
		ReferenceStd:  statedRMS(r.StdError, c.StdErrorB),
	}
	if r.MeanError == nil && referenceError > 0 {
		s.ReferenceMean, s.ReferenceStd = StatedError(referenceError), StatedError(referenceError)
	}
	return s
}

// NewDrawsComparison is NewComparison for a posterior of n independent draws.
// FloorMean is RMS(std)/√n of the reference, the error of n exact draws.
// FloorStd comes from the spread and kurtosis of the draws, because a reference
// has no fourth moment.
//
// The mean of n independent draws of a pixel with standard deviation s has the
// standard error s/√n. The reference's s is used, not the draws': a network
// whose draws are too narrow would otherwise state a floor that is too low.
func NewDrawsComparison(method string, p *bench.Posterior, reference string, r *bench.Posterior,
	referenceError float64) Comparison {
	s := NewComparison(method, p, reference, r, referenceError)
	s.FloorMean = StatedError(rms(r.Std) / math.Sqrt(float64(p.Draws)))
	return s
}

// ReferenceName returns the name of a reference posterior computed by csdm.
//
// Methods without random numbers count as exact.
func ReferenceName(method string) string {
	if method == recipe.MethodQuadrature || method == recipe.MethodClosedForm {
		return "exact (csdm)"
	}
	return "Monte Carlo (csdm)"
}
