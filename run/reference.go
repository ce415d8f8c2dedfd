package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"csdm/bench"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/nn"
	"csdm/problems"
)

// The ways to a reference posterior.
const (
	MethodQuadrature = "quadrature"
	MethodImportance = "importance"
	MethodNone       = "none"
)

// Truth is the posterior of a measurement as had without a network, in physical units.
type Truth struct {
	bench.Posterior
	Rows, Cols int
	Range      problems.Range // of the prior: what normalized units refer to
	Note       string         // a sentence on how it was made and how exact it is
	ErrorMean  float64        // RMS error of mean and std as the method itself states them, normalized units
	ErrorStd   float64
	Origin     Origin
}

// TruthOptions say how a reference posterior is computed.
type TruthOptions struct {
	Method  string
	Draws   int    // of the prior, for importance sampling
	Seed    uint64 // of these
	Partial string // file that keeps the state of importance sampling between calls; empty: none
}

// ReferencePosterior computes the posterior of a measurement y, in physical units, that a problem's prior and likelihood make.
func ReferencePosterior(ctx context.Context, problem problems.Problem, y []float64, o TruthOptions, env Env) (*Truth, error) {
	spec := problem.Spec()
	parametric, ok := problem.(problems.Parametric)
	if !ok {
		return nil, cli.Usage(fmt.Errorf("the prior of %s has too many variables for a reference posterior", spec.Name))
	}
	if len(y) != spec.YLen() {
		return nil, &MeasurementError{fmt.Sprintf("the measurement has %d values; %s has %d channels of %d×%d", len(y), spec.Name, spec.YChannels, spec.Rows, spec.Cols)}
	}
	t := &Truth{Rows: spec.Rows, Cols: spec.Cols, Range: spec.XRange}
	start := time.Now()
	solves := 0
	switch o.Method {
	case MethodQuadrature:
		r, err := bench.Quadrature(ctx, parametric, y, bench.QuadratureSettings{Threads: env.Threads})
		if err != nil {
			return nil, err
		}
		t.Posterior, solves = r.Posterior, r.Solves
		t.ErrorMean, t.ErrorStd = r.ErrorMean/spec.XRange.Width(), r.ErrorStd/spec.XRange.Width()
		t.Note = fmt.Sprintf("quadrature over %d variables of the prior, %d forward solves in %.1f s; the last halving of its cells changed mean and standard deviation by %.2g and %.2g (RMS, normalized)",
			len(spec.Variables), r.Solves, r.Elapsed.Seconds(), t.ErrorMean, t.ErrorStd)
	case MethodImportance:
		r, err := importance(ctx, parametric, y, o, env)
		if err != nil {
			return nil, err
		}
		t.Posterior, solves = r.Posterior, o.Draws
		t.ErrorMean, t.ErrorStd = rms(r.MeanError)/spec.XRange.Width(), rms(r.StdError)/spec.XRange.Width()
		t.Note = fmt.Sprintf("self-normalized importance sampling with %d prior draws, effective sample size %.0f", o.Draws, r.ESS)
	default:
		return nil, cli.Usage(fmt.Errorf("method %q: quadrature or importance is expected", o.Method))
	}
	hash := measurementHash(y)
	t.Origin = Origin{
		Program: "csdm " + env.Version, Command: env.Command, Problem: spec.Name, Measurement: fmt.Sprintf("%x", hash), Seed: o.Seed,
		Method: o.Method, Seconds: time.Since(start).Seconds(), Solves: solves, Machine: env.Machine, Error: &t.ErrorMean,
	}
	return t, nil
}

func rms(v []float64) float64 { return bench.RMSE(v, make([]float64, len(v))) }

// Normalized returns the posterior in units of the prior's range.
func (t *Truth) Normalized() *bench.Posterior { return t.Scaled(t.Range.Min, t.Range.Width()) }

// WriteFile writes mean and std with their errors, in normalized and in physical units, and ess, as .npz.
func (t *Truth) WriteFile(path string, overwrite bool) error {
	n := nn.Normalization{XMin: t.Range.Min, XMax: t.Range.Max}
	return writeResult(path, overwrite, summaryArrays(t.Normalized(), t.Rows, t.Cols, n), t.Origin)
}

// Score is the distance of a posterior from a reference, normalized units.
type Score struct {
	Method        string  `json:"method"`
	Reference     string  `json:"reference"`
	Mean          float64 `json:"rmse_mean"`
	Std           float64 `json:"rmse_std"`
	FloorMean     float64 `json:"floor_mean"` // what the finite number of draws alone would make: RMS of std/√n, and of its like for std
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

// ReadMeasurement reads a measurement of a problem's size from an array file (see format.ReadArrayFile): (C,H,W), or (H,W) where
// C = 1; of an array with one more dimension in front, entry number k.
func ReadMeasurement(path string, channels, rows, cols, k int) ([]float64, error) {
	return readPlanes(path, channels, rows, cols, k, "measurement")
}

func readPlanes(path string, channels, rows, cols, k int, what string) ([]float64, error) {
	a, err := format.ReadArrayFile(path)
	if err != nil {
		return nil, err
	}
	if err := a.CheckFinite(); err != nil {
		var bad *format.Error
		if errors.As(err, &bad) && bad.Path == "" {
			bad.Path = path
		}
		return nil, err
	}
	size := channels * rows * cols
	shape := a.Shape
	matches := func(s []int) bool {
		return len(s) == 3 && s[0] == channels && s[1] == rows && s[2] == cols || channels == 1 && len(s) == 2 && s[0] == rows && s[1] == cols
	}
	values := a.Float64()
	switch {
	case matches(shape) && k == 0:
		return values, nil
	case len(shape) > 2 && matches(shape[1:]):
		if k < 0 || k >= shape[0] {
			return nil, &format.Error{Path: path, Offset: -1, What: fmt.Sprintf("there are %d of them; number %d was asked for", shape[0], k)}
		}
		return values[k*size : (k+1)*size], nil
	}
	return nil, &format.Error{Path: path, Offset: -1, What: fmt.Sprintf("a %s of %d×%d×%d is expected, not %v", what, channels, rows, cols, shape)}
}

// ReadField reads a field of rows×cols, physical units, as ReadMeasurement reads measurements.
func ReadField(path string, rows, cols, k int) ([]float64, error) {
	return readPlanes(path, 1, rows, cols, k, "field")
}

// Forward computes the noise-free measurement of a field, both in physical units.
func Forward(problem problems.Problem, x []float64) ([]float64, error) {
	generator, err := problem.NewGenerator()
	if err != nil {
		return nil, err
	}
	if c, ok := generator.(io.Closer); ok {
		defer c.Close()
	}
	forwarder, ok := generator.(problems.Forwarder)
	if !ok {
		return nil, fmt.Errorf("the measurement of %s is not a function of its field alone", problem.Spec().Name)
	}
	y := make([]float64, problem.Spec().YLen())
	return y, forwarder.Forward(y, x)
}
