package run

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"csdm/bench"
	"csdm/env"
	"csdm/infer"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/langevin"
	"csdm/nn"
	"csdm/problems"
)

// ErrorSplit separates the error of a case's posterior into the parts of
// network and sampler. The exact score, with the same sampler settings and the
// same random numbers, has the sampler's part only.
type ErrorSplit struct {
	// index of the case, such as 000
	Case string `json:"case"`
	// number of weighted fields behind the exact score
	Fields int `json:"fields"`
	// Sampler is the distance of the exact score's draws from the reference;
	// nil: left out, because it would take more than mostSplitWork.
	Sampler *infer.Comparison `json:"sampler,omitempty"`
	// NetworkMean and NetworkStd are the RMSE between the draws by the network
	// and by the exact score. The finite number of draws adds little to it,
	// because the random numbers are the same.
	NetworkMean float64 `json:"network_rmse_mean,omitempty"`
	// RMSE between the standard deviations of the draws by network and by exact
	// score
	NetworkStd float64 `json:"network_rmse_std,omitempty"`

	// draws of the network that are fields of the prior
	NetworkFields infer.PriorFields `json:"network_prior_fields"`
	// draws of the exact score that are fields of the prior
	ExactFields *infer.PriorFields `json:"exact_prior_fields,omitempty"`

	// losses of network and exact score at the same noisy fields
	Losses LevelLosses `json:"losses"`
}

// LevelLosses are losses per pixel of network and exact score at the same noisy
// fields.
type LevelLosses struct {
	Fields int       `json:"fields"` // drawn from the exact posterior, for each level
	Sigma  []float64 `json:"sigma"`  // noise levels, ascending
	// losses of the network per pixel
	Network []float64 `json:"network"`
	// Exact is null where too few weighted fields describe the smoothed
	// posterior.
	Exact []infer.StatedError `json:"exact"`
}

const (
	// mostSplitWork is the largest number of multiply-adds for draws by the
	// exact score that every report makes: half a minute of one core.
	mostSplitWork = 5e10

	// lossFields is the number of fields for the losses of a case.
	lossFields = 16

	// mostSplitValues is the largest number of values of the weighted fields
	// that the exact score is made from: two copies take 0.8 GB.
	mostSplitValues = 50_000_000

	// leastTogether is the effective number of fields that a smoothed posterior
	// must combine if its fields are a sample of a continuous distribution. A
	// drawn field is one of them, which makes the loss too small by about
	// 2/leastTogether.
	leastTogether = 30
)

// splitCall holds the inputs of ErrorSplit that all cases share.
type splitCall struct {
	problem  problems.Problem
	model    *nn.Model
	sampling langevin.Settings
	sigma    []float64 // of the losses
	seed     uint64    // of the network's draws
}

// possible reports whether the error of a case can be split. Its reference must
// have weighted fields, which importance sampling and earlier versions lack,
// and they must fit into memory.
//
// The limit bounds the memory: 5·10⁷ values take 0.4 GB in double precision,
// for each of two copies.
func (s *splitCall) possible(c *Case, env env.Env) bool {
	if len(c.References) == 0 || c.References[0].Points.Len() == 0 {
		return false
	}
	if values := c.References[0].Points.Len() * s.problem.Spec().XLen(); values > mostSplitValues {
		env.Note(fmt.Sprintf("case %s: the fields of the reference have %d values; the errors of "+
			"network and sampler are separated up to %d", c.Name, values, mostSplitValues))
		return false
	}
	return true
}

// split splits the error of a case. The result is nil if that is not possible.
//
// The exact score starts from the same noise and takes the same steps with the
// same random numbers as the network. Most of the scatter from the finite
// number of draws is then common to both, and cancels in NetworkMean and
// NetworkStd.
//
// One evaluation of the exact score takes work proportional to the number of
// weighted fields times the pixels. The product with evaluations per draw and
// draws is known before it starts; above mostSplitWork the draws are left out
// and only counts and losses are stated.
func (s *splitCall) split(ctx context.Context, c *Case, env env.Env) (*ErrorSplit, error) {
	if !s.possible(c, env) {
		return nil, nil
	}
	w := c.References[0].Points
	problem, n := s.problem.(problems.Parametric), s.model.Meta.Normalization
	points, err := bench.ExactScore(ctx, problem, w, problems.Range{Min: n.XMin, Max: n.XMax},
		env.Threads)
	if err != nil {
		return nil, err
	}
	out := &ErrorSplit{Case: c.Name, Fields: w.Len()}
	out.NetworkFields, err = infer.CountFields(ctx, problem, c.Posterior, w, env.Threads)
	if err != nil {
		return nil, err
	}
	if out.Losses, err = s.losses(ctx, c.Y, w, points, env.Threads); err != nil {
		return nil, err
	}
	if work := float64(points.MultiplyAdds()) * float64(s.sampling.Evaluations()) *
		float64(c.Posterior.Draws); work > mostSplitWork {
		env.Note(fmt.Sprintf("case %s: draws by the exact score would take %.2g multiply-adds, "+
			"more than %.2g; csdm sample --score exact makes them", c.Name, work,
			float64(mostSplitWork)))
		return out, nil
	}
	settings, err := s.sampling.ForMeasurement(s.seed, infer.MeasurementKey(c.Y),
		env.Threads)
	if err != nil {
		return nil, err
	}
	settings.Draws = c.Posterior.Draws
	env.Progress = func(string, int, int, string) {} // seconds
	exact, err := infer.DrawRequest{Meta: &s.model.Meta, NewScorer: points.Scorer}.Make(ctx,
		settings,
		infer.Job{Seed: s.seed}, env)
	if err != nil {
		return nil, err
	}
	fields, err := infer.CountFields(ctx, problem, exact, w, env.Threads)
	if err != nil {
		return nil, err
	}
	reference := c.References[0]
	sampler := infer.NewDrawsComparison(infer.ExactMethod, &exact.Posterior, reference.Name,
		reference.Posterior, 0)
	out.ExactFields, out.Sampler = &fields, &sampler
	out.NetworkMean = bench.RMSE(c.Posterior.Mean, exact.Mean)
	out.NetworkStd = bench.RMSE(c.Posterior.Std, exact.Std)
	return out, nil
}

// keepSplit keeps the ErrorSplit of case number k in its folder, if there is
// one.
//
// The file is sealed (format.SealJSON): a checksum within the file shows damage
// that JSON itself would not.
func (f *Folder) keepSplit(ctx context.Context, s *splitCall, c *Case, k int) error {
	if !s.possible(c, f.env) {
		return nil
	}
	name := caseName(k, splitFile)
	if err := f.keep(name, func(path string) error {
		out, err := s.split(ctx, c, f.env)
		if err != nil {
			return err
		}
		text, err := json.MarshalIndent(out, "", "  ")
		if err != nil {
			return err
		}
		return atomicfile.WriteFile(path, false, format.SealJSON(append(text, '\n')))
	}); err != nil {
		return err
	}
	text, err := os.ReadFile(f.path(name))
	if err != nil {
		return err
	}
	c.Split = &ErrorSplit{}
	if text, _, err = format.UnsealJSON(text); err == nil {
		err = json.Unmarshal(text, c.Split)
	}
	if err != nil {
		return cli.Data(fmt.Errorf("%s: %w: move it away, and the same call writes it again",
			f.path(name), err))
	}
	return nil
}
