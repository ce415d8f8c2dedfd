package dataset

import (
	"fmt"

	"csdm/problems"
	"csdm/rng"
)

// redraws holds the abilities of the problem that Settings.Redraw uses; nil
// where it has none.
//
// All four are set once and read by all threads.
type redraws struct {
	seed      uint64 // of the pairs
	problem   problems.Redrawable
	symmetric problems.Symmetric
	averaged  problems.Averaged
}

// redraws returns what the problem of the pairs can redraw.
func (s *Store) redraws(settings Settings) (r redraws, err error) {
	if !settings.Redraw {
		return r, nil
	}
	if settings.Problem == nil {
		return r, fmt.Errorf("dataset: Redraw needs the Problem of the pairs")
	}
	r.seed = s.manifest.Seed
	r.problem, _ = settings.Problem.(problems.Redrawable)
	r.symmetric, _ = settings.Problem.(problems.Symmetric)
	r.averaged, _ = settings.Problem.(problems.Averaged)
	switch {
	case r.problem == nil:
	case len(s.manifest.Imported) > 0 || s.manifest.Noisy:
		return r, fmt.Errorf("dataset: the pairs in %s were not made from a seed, so they cannot "+
			"be drawn again: set redraw to false", s.dir)
	case settings.Neighbors > 1 && r.symmetric == nil:
		return r, fmt.Errorf("dataset: pairs of %s that are drawn again have no neighbors: set "+
			"neighbors to 0, or redraw to false", settings.Problem.Spec().Name)
	}
	return r, nil
}

// redraw replaces pair i, in f.x and f.y, by another one. Like a stored pair,
// the new one is rounded to float32.
//
// The stream (Redraw, step, slot) is reset here and in Stabilize, so that both
// use the same redraw.
func (s *Source) redraw(f *fetch, i int, step, slot uint64) {
	r := &s.redraws
	if r.problem == nil {
		return
	}
	for k, v := range f.x {
		f.field[k] = float64(v)
	}
	for k, v := range f.y {
		f.noisy[k] = float64(v)
	}
	f.stream.Reset(s.seed, rng.Redraw, step, slot)
	r.problem.Redraw(f.field, f.noisy, r.seed, uint64(i), &f.stream)
	for k, v := range f.field {
		f.x[k] = float32(v)
	}
	for k, v := range f.noisy {
		f.y[k] = float32(v)
	}
}
