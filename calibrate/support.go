package calibrate

import (
	"context"
	"io"

	"csdm/infer"
	"csdm/problems"
)

// support draws the posterior of the first measurement again and judges whether
// the draws can come from a posterior. Ranks alone do not detect a sampler that
// is too coarse, or draws outside of the fields' range. Notes report such
// faults.
//
// A ratio of draws' and exact spread for normal distributions, and the share of
// pixels outside of the prior's range, are tests of the sampler that need no
// reference (infer.Support).
func (c *checker) support(ctx context.Context) (*infer.Support, error) {
	g, err := c.newGenerator()
	if err != nil {
		return nil, err
	}
	if closer, ok := g.(io.Closer); ok {
		defer closer.Close()
	}
	x, y := make([]float64, c.spec.XLen()), make([]float64, c.spec.YLen())
	if err := g.Pair(x, y, c.seed, c.pair(0)); err != nil {
		return nil, err
	}
	problems.Measure(c.problem.Measurement(), y, y, c.seed, c.pair(0))
	silent := c.env
	silent.Progress = func(string, int, int, string) {}
	s := c.settings.Sampling
	p, err := infer.Sample(ctx, c.model, y, s, infer.Job{Seed: c.settings.Seed}, silent)
	if err != nil {
		return nil, err
	}
	u, err := p.JudgeSupport(ctx, c.model, s)
	if err != nil {
		return nil, err
	}
	for _, warning := range u.Warnings() {
		c.env.Note(warning)
	}
	return u, nil
}
