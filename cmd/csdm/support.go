package main

import (
	"context"
	"errors"

	"csdm/internal/cli"
	"csdm/langevin"
	"csdm/nn"
	"csdm/run"
)

// rehearse refuses a sampler that is not accurate with its settings, and a
// network without weights, unless anyway.
func (a *app) rehearse(ctx context.Context, m *nn.Model, s langevin.Settings,
	anyway bool) (run.Support, error) {
	if run.Untrained(m) && !anyway {
		return run.Support{},
			cli.Data(errors.New(
				"all weights of the network are zero: it was never trained " +
					"(--allow-extrapolation draws from it all the same)"))
	}
	u, err := run.Rehearse(ctx, m, s)
	if err != nil || anyway {
		return u, err
	}
	return u, u.Err()
}

// support judges the draws of a posterior and refuses those that leave the
// range of fields, unless anyway.
func (a *app) support(u *run.Support, p *run.Posterior, m *nn.Model, s langevin.Settings,
	anyway bool) error {
	u.Judge(p, &m.Meta, s.SigmaMin)
	p.Origin.Support = u
	return a.accept(u, anyway)
}

// accept says what there is to say of draws, and refuses them outside of the
// limits unless anyway.
func (a *app) accept(u *run.Support, anyway bool) error {
	if err := u.Err(); err != nil && !anyway {
		return err
	}
	a.console.note(u.Text)
	for _, note := range u.Notes() {
		a.console.note(note)
	}
	return nil
}
