package main

import (
	"context"
	"errors"

	"csdm/infer"
	"csdm/internal/cli"
	"csdm/langevin"
	"csdm/nn"
)

// rehearse returns an error for a sampler that is not accurate with its
// settings and for an untrained network. If anyway is set, it only prints
// remarks.
func (a *app) rehearse(ctx context.Context, m *nn.Model, s langevin.Settings,
	anyway bool) (infer.Support, error) {
	if infer.Untrained(m) && !anyway {
		return infer.Support{},
			cli.Data(errors.New("all weights of the network are zero, so that it was never " +
				"trained (--allow-extrapolation draws from it anyway)"))
	}
	u, err := infer.Rehearse(ctx, m, s)
	if err != nil || anyway {
		return u, err
	}
	return u, u.Err()
}

// support judges the draws of a posterior, and returns an error if they leave
// the range of fields, unless anyway is set.
func (a *app) support(u *infer.Support, p *infer.Posterior, m *nn.Model, s langevin.Settings,
	anyway bool) error {
	u.Judge(p, &m.Meta, s.SigmaMin)
	p.Origin.Support = u
	return a.accept(u, anyway)
}

// accept prints the remarks on draws, and returns an error if they are outside
// of the limits, unless anyway is set.
func (a *app) accept(u *infer.Support, anyway bool) error {
	if err := u.Err(); err != nil && !anyway {
		return err
	}
	a.console.note(u.Text)
	for _, note := range u.Notes() {
		a.console.note(note)
	}
	return nil
}
