package accuracy

import (
	"context"
	"errors"
	"io"
	"path/filepath"

	"csdm/bench"
	"csdm/dataset"
	"csdm/env"
	"csdm/infer"
	"csdm/internal/identity"
	"csdm/internal/parallel"
	"csdm/langevin"
	"csdm/nn"
	"csdm/problems"
	"csdm/recipe"
	"csdm/rng"
	"csdm/run"
)

// Subject is a problem whose measurements are inferred.
//
// Two models of one problem share its measurements and references.
type Subject struct {
	Name     string // of the model, or of the problem, as the user gave it
	Problem  problems.Problem
	Model    *nn.Model         // nil: only methods without a network
	Sampling langevin.Settings // of Model
	Foreign  []*Foreign        // posteriors of other programs to judge

	weights  string // short hash; "": no model
	repeated bool   // an earlier target has the same problem
	prior    func() ([]float64, error)
}

// measurement is a fresh measurement with its true field, both in physical
// units.
//
// x and y are functions of the seed and the index, so that a study needs no
// file of them.
type measurement struct {
	*Subject
	index int
	x, y  []float64
}

// newMeasurement makes measurement number k of the settings. Where a simulation
// gives several pairs, it takes the first, because they are correlated.
func newMeasurement(t *Subject, s *Settings, k int) (*measurement, error) {
	spec := t.Problem.Spec()
	pair := uint64(k) * uint64(spec.ImagesPerSimulation)
	x, y, err := problems.MeasuredPair(t.Problem, s.Seed, pair)
	if err == nil && s.Measured > 0 {
		dataset.Hide(y, spec.Rows, spec.Cols, s.Measured, rng.New(s.Seed, rng.Mask, pair, 0))
	}
	return &measurement{t, k, x, y}, err
}

// own returns the values of y on its own grid, as files hold them.
func (m *measurement) own() []float64 {
	spec := m.Problem.Spec()
	values := make([]float64, spec.YChannels*spec.YPlane())
	spec.FromNodes(values, m.y)
	return values
}

// identifyGaps adds Measured to an identity, unless all values are measured.
func (s *Settings) identifyGaps(b *identity.Builder) {
	if s.Measured > 0 {
		b.Add("measured", s.Measured)
	}
}

// reference is the reference posterior of a measurement.
type reference struct {
	*infer.Summary        // nil: none
	what           string // its method, or the reason why there is none
}

// referenceSeed ("exact") distinguishes the draws of a reference from the
// methods', whose errors must be independent of it.
const referenceSeed = 0x6578616374

// reference returns the seed and the effective sample size of the references.
//
// ESS is the effective sample size of an adaptive reference, whose error is the
// posterior's standard deviation over √ESS.
func (s *Settings) reference() infer.Job {
	return infer.Job{Seed: s.Seed ^ referenceSeed, ESS: s.ReferenceESS}
}

// reference returns the reference posterior, from its file in the folder dir if
// an earlier call computed it. A measurement for which no method can state an
// error has none.
//
// A measurement without a reference still has a distance from its true field.
func (m *measurement) reference(ctx context.Context, dir string, s *Settings,
	env env.Env) (*reference, error) {
	if s.Reference.Method == recipe.MethodNone {
		return &reference{what: recipe.MethodNone}, nil
	}
	part := infer.KeptPart{Path: filepath.Join(dir, "reference.npz"), Overwrite: s.Overwrite}
	summary, made, err := part.Reference(ctx, m.Problem, m.y, s.Reference, s.reference(), env)
	if doubt, is := errors.AsType[*bench.DoubtError](err); is {
		return &reference{what: recipe.MethodNone + ": " + doubt.Error()}, nil
	}
	if err != nil {
		return nil, err
	}
	if made {
		env.ReportSaved()
	}
	return &reference{summary, summary.Origin.Method}, nil
}

// Numbers of fields for the prior's mean. Its error is the prior's standard
// deviation over the root of the number. Fields of a prior that is no map from
// variables come with a forward solve each, so that fewer are taken.
//
// 4096 fields give the prior's mean an error of 1/64 of the prior's standard
// deviation, which hardly changes true_ratio.
const (
	priorFields = 4096
	priorPairs  = 256
)

// priorSeed ("prior") distinguishes the fields of the prior's mean from the
// measurements' fields.
const priorSeed = 0x7072696f72

// priorMean returns the mean of the prior's fields, in physical units.
//
// It is the best estimate without a measurement: among constants it has the
// least mean square error.
func priorMean(ctx context.Context, p problems.Problem, seed uint64,
	threads int) ([]float64, error) {
	seed ^= priorSeed
	if parametric, ok := p.(problems.Parametric); ok {
		return run.PriorMean(ctx, parametric, priorFields, seed, threads)
	}
	spec := p.Spec()
	idle := make(chan problems.Generator, threads) // one per thread
	defer closeAll(idle)
	for range threads {
		generator, err := p.NewGenerator()
		if err != nil {
			return nil, err
		}
		idle <- generator
	}
	return parallel.Mean(ctx, threads, priorPairs, spec.XLen(),
		func() func(sum []float64, i int) error {
			x, y := make([]float64, spec.XLen()), make([]float64, spec.YLen())
			return func(sum []float64, i int) error {
				generator := <-idle
				defer func() { idle <- generator }()
				err := generator.Pair(x, y, seed, uint64(i*spec.ImagesPerSimulation))
				for k, v := range x {
					sum[k] += v
				}
				return err
			}
		})
}

// closeAll closes the generators in a channel that have a method Close.
func closeAll(idle chan problems.Generator) {
	close(idle)
	for generator := range idle {
		if closer, ok := generator.(io.Closer); ok {
			closer.Close()
		}
	}
}
