package lab

import (
	"context"
	"math"

	"csdm/bench"
	"csdm/problems"
	"csdm/problems/quasistatic"
	"csdm/rng"
)

// trust is the room of calibration: four posteriors of many measurements, one
// of which is spoiled.
type trust struct{ *inverse }

func (s *Server) addTrust() error {
	s.rooms["trust"] = trust{s.inverse}.check
	return nil
}

const (
	trustPosteriors = 4
	trustDraws      = 63 // of each posterior: 64 ranks
	trustBins       = 8
)

// check draws measurements from the prior, one after another, and emits the
// ranks of the true center among the draws of the four posteriors.
//
// If the posterior is exact, the true value and n draws of it are exchangeable,
// so that the rank of the true value among them is uniform (Talts et al. 2018):
// u is in each eighth of [0, 1] with probability 1/8. Over M measurements and
// two coordinates, the count in a bin is nearly binomial with 2·M trials, and
// 95 % of such counts lie in the band. A posterior that is too narrow has too
// many ranks at the ends, one that is shifted at one end.
func (r trust) check(ctx context.Context, input []byte, emit func(any) error) error {
	in := &struct {
		Seed         uint64  `json:"seed"`
		Noise        float64 `json:"noise"`
		Measurements int     `json:"measurements"`
		Spoiling     string  `json:"spoiling"` // name, or "" for any
	}{}
	if err := read(input, in); err != nil {
		return err
	}
	if in.Measurements < 1 || in.Measurements > 400 {
		return refused("measurements is %d; it must be 1 to 400", in.Measurements)
	}
	if err := r.ready(ctx); err != nil {
		return err
	}
	choice := rng.New(in.Seed, rng.Test, 0, 0)
	all := bench.Spoilings()
	spoiled, spoiling := int(choice.Uint64n(trustPosteriors)), all[choice.Uint64n(uint64(len(all)))]
	for _, s := range all {
		if s.Name == in.Spoiling {
			spoiling = s
		}
	}
	lo, hi := bench.CountBand(2*in.Measurements, trustBins, 0.95) // both coordinates
	for i := range uint64(in.Measurements) {
		m := inverseInput{Noise: in.Noise, Seed: in.Seed + 1 + i}
		center := make([]float64, 2)
		draw := rng.New(in.Seed, rng.Prior, i, 0)
		for k := range center {
			center[k] = draw.Uniform(quasistatic.CenterMin, quasistatic.CenterMax)
		}
		m.X, m.Y = center[0], center[1]
		y, err := r.measure(&m)
		if err != nil {
			return err
		}
		t, err := r.table.Posterior(ctx, y.y, in.Noise/100*problemUnit)
		if err != nil {
			return err
		}
		trial := trustTrial{center, t.Points, y.problem, in.Seed, i}
		u := trial.ranks(spoiled, spoiling)
		if err := emit(map[string]any{"u": u, "spoiled": spoiled, "what": spoiling.What,
			"name": spoiling.Name, "band": [2]int{lo, hi}, "bins": trustBins}); err != nil {
			return err
		}
	}
	return nil
}

// trustTrial is measurement i of a seed: its true center, the weighted points
// of its exact posterior, and the problem.
type trustTrial struct {
	center  []float64
	points  bench.Weighted
	problem problems.Parametric
	seed, i uint64
}

// ranks returns the ranks of the true center, as probability integral
// transforms, among the draws of each posterior: first of x, then of y.
// Posterior number spoiled is spoiled.
//
// The exact posterior is piecewise constant on the cells of the table: a draw
// takes a cell by its weight and a uniform place within the cell. Each
// posterior has a stream of its own, so that the three exact ones differ. A
// rank is at most 1 − 10⁻¹², so that it falls into the last bin.
func (r trustTrial) ranks(spoiled int, spoiling bench.Spoiling) (u [2][trustPosteriors]float64) {
	center, w, problem, seed, i := r.center, r.points, r.problem, r.seed, r.i
	draws := func(p uint64, of func(theta []float64, s *rng.Stream)) []float64 {
		s := rng.New(seed, rng.Reference, i, p)
		out := make([]float64, 2*trustDraws)
		for k := range trustDraws {
			of(out[2*k:2*k+2], s)
		}
		return out
	}
	width := (quasistatic.CenterMax - quasistatic.CenterMin) / bench.TableCells
	for p := range trustPosteriors {
		exact := draws(uint64(p), func(theta []float64, s *rng.Stream) {
			row := drawRows(w, 1, s)[0]
			for k := range theta { // even within the cell
				theta[k] = w.Theta[2*row+k] + width*(s.Float64()-0.5)
			}
		})
		trial := &bench.Trial{Quantities: center, DrawQuantities: exact}
		if p == spoiled {
			prior := draws(trustPosteriors, func(theta []float64, s *rng.Stream) {
				lo, hi := problem.Box()
				for k := range theta {
					theta[k] = s.Uniform(lo[k], hi[k])
				}
			})
			bad := &bench.Trial{}
			spoiling.Apply(bad, trial, &bench.Trial{DrawQuantities: prior})
			trial = bad
		}
		ties := rng.New(seed, rng.Test, i, uint64(p)+1)
		column := make([]float64, trustDraws)
		for k := range u {
			for j := range column {
				column[j] = trial.DrawQuantities[2*j+k]
			}
			u[k][p] = math.Min(bench.PIT(center[k], column, ties), 1-1e-12)
		}
	}
	return u
}
