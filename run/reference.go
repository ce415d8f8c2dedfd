package run

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"csdm/bench"
	"csdm/env"
	"csdm/explain"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/measured"
	"csdm/nn"
	"csdm/problems"
	"csdm/recipe"
)

// ReferenceResult is the posterior of a measurement as computed without a
// network, in physical units.
type ReferenceResult struct {
	bench.Posterior
	bench.Diagnostics
	Rows, Cols int
	Range      problems.Range // of the prior: what normalized units refer to
	Method     string         // that was used
	Note       string         // a sentence on how it was made and how exact it is
	// RMS error of mean and std as the method itself states them, normalized
	// units
	ErrorMean float64
	ErrorStd  float64
	Ends      []bench.End // variables at an end of their prior
	Origin    Origin
	Explained *explain.Verdict // nil: not asked
}

// ReferencePosterior computes the posterior of a measurement y, in physical
// units, that a problem's prior and likelihood make. Each method keeps its
// state in job.Partial, which one process at a time has, and resumes from
// there. Method auto takes quadrature for up to two variables and adaptive
// importance sampling above, and also where quadrature leaves its error in
// doubt. Errors: *measured.Error if y has
// another size than the problem's; one with code 65 that wraps
// *bench.DoubtError, where no error can be stated; those of package bench and
// of the disk; one with code 64 if the problem or the method is not fit.
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
	c := referenceCall{ctx, problem.(problems.Parametric), y, r, job, env,
		&ReferenceResult{Rows: spec.Rows, Cols: spec.Cols, Range: spec.XRange, Method: r.Method}}
	if r.Method == recipe.MethodAuto {
		c.chooseMethod()
	}
	start := time.Now()
	solves, err := c.compute()
	if err == nil && c.t.Doubt != nil && r.Method == recipe.MethodAuto && c.t.Method == recipe.MethodQuadrature {
		env.Note(c.t.Doubt.Error() + ": adaptive importance sampling takes its place")
		c.t.Method, c.job.Partial = recipe.MethodAdaptive, job.second()
		solves, err = c.compute()
	}
	if err != nil {
		return nil, err
	}
	t := c.t
	if t.Doubt != nil {
		return nil, cli.Data(fmt.Errorf("%w, so no reference is written; %s", t.Doubt, c.wayOut()))
	}
	t.ErrorMean, t.ErrorStd = rms(t.MeanError)/spec.XRange.Width(),
		rms(t.StdError)/spec.XRange.Width()
	t.Ends = t.Diagnostics.Ends(spec)
	hash := measurementHash(y)
	t.Origin = Origin{
		Program: env.Program(), Command: env.Command, Problem: spec.Name,
		Measurement: hex.EncodeToString(hash[:]), Seed: job.Seed,
		Method: t.Method, Seconds: time.Since(start).Seconds(), Solves: solves,
		Machine: env.Machine(), Threads: env.Threads, Kernel: env.Kernel, Error: &t.ErrorMean,
		Identity: ReferenceIdentity(problem, y, r, job.Seed),
	}
	return t, nil
}

// referenceCall is a call of ReferencePosterior under way.
type referenceCall struct {
	ctx     context.Context
	problem problems.Parametric
	y       []float64
	r       recipe.Reference
	job     Job
	env     env.Env
	t       *ReferenceResult
}

// chooseMethod takes the method that fits the number of variables, and says
// why.
func (c *referenceCall) chooseMethod() {
	n := len(c.problem.Spec().Variables)
	c.t.Method = recipe.MethodAdaptive
	if n <= recipe.ExactVariables {
		c.t.Method = recipe.MethodQuadrature
	}
	c.env.Note(fmt.Sprintf("method %s: the prior has %s, and quadrature is taken for up to %d",
		c.t.Method, cli.Plural(n, "variable"), recipe.ExactVariables))
}

// wayOut names what to do where no error can be stated.
func (c *referenceCall) wayOut() string {
	if c.t.Method != recipe.MethodAdaptive {
		return "method adaptive closes in on such posteriors"
	}
	way := fmt.Sprintf(
		"check units and noise, then give more than %d forward solves (reference --max-solves)",
		c.r.MaxSolves)
	if c.job.Partial != "" {
		way += "; what was solved is kept in " + c.job.Partial + ", and the call resumes from it"
	}
	return way
}

// compute fills in the posterior by t.Method, and returns the number of forward
// solves. Unfinished work of another identity is replaced where job says so.
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

func (c *referenceCall) weigh() (solves int, err error) {
	switch t := c.t; t.Method {
	case recipe.MethodImportance:
		target, err := bench.MeasuredOf(c.problem, c.y)
		if err != nil {
			return 0, err
		}
		results, err := Importance(c.ctx, c.problem, []bench.Measured{target}, c.r.PriorDraws, c.job,
			c.env)
		if err != nil {
			return 0, err
		}
		i := results[0]
		t.Posterior, t.Diagnostics = i.Posterior, i.Diagnostics
		t.Note = fmt.Sprintf(
			"self-normalized importance sampling with %d prior draws, effective sample size %.0f",
			c.r.PriorDraws, i.ESS)
		return c.r.PriorDraws, nil
	case recipe.MethodQuadrature:
		c.env.Note("computing the exact posterior by quadrature")
		keeper, record, err := openSolves(c.ctx, c.job.Partial, c.env)
		if err != nil {
			return 0, err
		}
		q, err := bench.Quadrature(c.ctx, c.problem, c.y,
			bench.QuadratureSettings{Threads: c.env.Threads, SolveRecord: record})
		if err := keeper.end(err); err != nil {
			return 0, err
		}
		t.Posterior, t.Diagnostics = q.Posterior, q.Diagnostics
		width := c.problem.Spec().XRange.Width()
		t.Note = fmt.Sprintf(
			"quadrature over %s of the prior, %d forward solves in %.1f s; halving its cells "+
				"again would change mean and standard deviation by about %.2g and %.2g (RMS, "+
				"normalized)",
			cli.Plural(len(c.problem.Spec().Variables), "variable"), q.Solves, q.Elapsed.Seconds(),
			q.ErrorMean/width, q.ErrorStd/width)
		return q.Solves, nil
	default:
		return c.adaptive()
	}
}

// adaptive runs bench.Adaptive. A result in doubt leaves its state for a call
// with more solves.
func (c *referenceCall) adaptive() (solves int, err error) {
	c.env.Note("computing the posterior by adaptive importance sampling")
	const unknown = -1 // how many solves it takes shows on the way
	c.env.Progress("reference", 0, unknown, "")
	keeper, record, err := openSolves(c.ctx, c.job.Partial, c.env)
	if err != nil {
		return 0, err
	}
	a, err := bench.Adaptive(c.ctx, c.problem, c.y, bench.AdaptiveSettings{
		MaxSolves: c.r.MaxSolves, Seed: c.job.Seed, Threads: c.env.Threads, SolveRecord: record,
		Watch: func(s bench.AdaptiveStage) {
			note := fmt.Sprintf("effective sample size %.0f", s.ESS)
			if s.Temperature < 1 {
				note = fmt.Sprintf("likelihood to the power %.2g", s.Temperature)
			}
			c.env.Progress("reference", s.Draws, unknown, note)
		},
	})
	if err == nil && a.Doubt != nil {
		err = keeper.flush()
	}
	if err := keeper.end(err); err != nil {
		return 0, err
	}
	t := c.t
	t.Posterior, t.Diagnostics = a.Posterior, a.Diagnostics
	t.Note = fmt.Sprintf(
		"adaptive importance sampling over %s of the prior, %d forward solves in %d stages, "+
			"%.1f s; effective sample size %.0f",
		cli.Plural(len(c.problem.Spec().Variables), "variable"), a.Solves, len(a.Stages),
		a.Elapsed.Seconds(), a.ESS)
	if !a.Converged {
		t.Note += ", not converged"
		if a.Doubt == nil {
			c.env.Note(fmt.Sprintf(
				"the limit of %d forward solves was met at an effective sample size of %.0f: "+
					"the result holds within the errors that it states, which more solves would "+
					"lessen", c.r.MaxSolves, a.ESS))
		}
	}
	return a.Solves, nil
}

func rms(v []float64) float64 { return bench.RMSE(v, make([]float64, len(v))) }

// Normalized returns the posterior in units of the prior's range.
func (t *ReferenceResult) Normalized() *bench.Posterior {
	return t.Scaled(t.Range.Min, t.Range.Width())
}

// WriteFile writes mean and std with their errors, in normalized and in
// physical units, ess, khat, log_evidence and end_mass (one row a variable:
// posterior mass of the lowest and the highest hundredth of its prior's range),
// as .npz.
func (t *ReferenceResult) WriteFile(path string, overwrite bool) error {
	n := nn.Normalization{XMin: t.Range.Min, XMax: t.Range.Max}
	explained, err := explainedArrays(t.Explained)
	if err != nil {
		return err
	}
	arrays := slices.Concat(SummaryArrays(t.Normalized(), t.Rows, t.Cols, n),
		DiagnosticArrays(&t.Diagnostics), explained)
	return WriteResult(path, overwrite, arrays, t.Origin)
}

// DiagnosticArrays names the diagnostics of a reference for its file.
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

// Comparison is the distance of a posterior from a reference, normalized units.
type Comparison struct {
	Method        string  `json:"method"`
	Reference     string  `json:"reference"`
	Mean          float64 `json:"rmse_mean"`
	Std           float64 `json:"rmse_std"`
	FloorMean     Stated  `json:"floor_mean"` // what the finite number of draws alone would make
	FloorStd      Stated  `json:"floor_std"`
	ReferenceMean Stated  `json:"reference_error_mean"` // the reference's own error, RMS
	ReferenceStd  Stated  `json:"reference_error_std"`
}

// Stated is an error as a posterior states it; NaN, which is null in JSON,
// where it states none.
type Stated float64

// NotStated is the error of a posterior that states none.
var NotStated = Stated(math.NaN())

// MarshalJSON writes a number, or null.
func (s Stated) MarshalJSON() ([]byte, error) {
	if v := float64(s); !math.IsNaN(v) && !math.IsInf(v, 0) {
		return json.Marshal(v)
	}
	return []byte("null"), nil
}

// UnmarshalJSON is the inverse of MarshalJSON.
func (s *Stated) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*s = NotStated
		return nil
	}
	return json.Unmarshal(text, (*float64)(s))
}

// String writes four digits, as tables do, or "not stated".
func (s Stated) String() string {
	if math.IsNaN(float64(s)) {
		return "not stated"
	}
	return strconv.FormatFloat(float64(s), 'g', 4, 64)
}

// statedRMS is the RMS of pixelwise errors, if there are any.
func statedRMS(errors []float64, rms float64) Stated {
	if errors == nil {
		return NotStated
	}
	return Stated(rms)
}

// NewComparison compares two posteriors in normalized units; referenceError, if
// positive, stands for that of a reference without errors of its own.
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
		s.ReferenceMean, s.ReferenceStd = Stated(referenceError), Stated(referenceError)
	}
	return s
}

// NewDrawsComparison compares the posterior of n independent draws in
// normalized units as NewScore does, but for FloorMean: it is RMS(std)/√n of
// the reference, what n draws of that would show. FloorStd remains that of the
// draws' own spread and kurtosis, for a reference has no fourth moment.
func NewDrawsComparison(method string, p *bench.Posterior, reference string, r *bench.Posterior,
	referenceError float64) Comparison {
	s := NewComparison(method, p, reference, r, referenceError)
	s.FloorMean = Stated(rms(r.Std) / math.Sqrt(float64(p.Draws)))
	return s
}
