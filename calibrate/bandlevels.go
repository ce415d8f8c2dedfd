package calibrate

import (
	"fmt"
	"io"
	"math"

	"csdm/bench"
	"csdm/internal/cli"
	"csdm/nn"
)

// FreshCoverage is the share of true values that bands hold, over measurements
// that did not set their levels.
type FreshCoverage struct {
	// number of fresh measurements
	Measurements int `json:"measurements"`
	// coverage of all pixels
	Pixels HeldShare `json:"pixels"`
	// coverage of the pixels of each region
	Regions []HeldShare `json:"regions"`
	// coverage of each physical quantity
	Quantities []HeldShare `json:"quantities,omitempty"`
}

// HeldShare is a share of true values that lie within their intervals, with its
// standard error over measurements.
type HeldShare struct {
	// name of the physical quantity; absent: pixels
	Name string `json:"name,omitempty"`
	// share of the true values within their intervals
	Share float64 `json:"share"`
	// standard error of the share over measurements
	Error float64 `json:"error"`
	// Count is the number of measurements: those whose true field has the
	// quantity.
	Count int `json:"count"`
}

// newHeldShare returns the mean of shares with its standard error; both are 0
// without shares.
//
// The error is √(Σ (v − mean)²/(n (n − 1))).
func newHeldShare(name string, shares []float64) HeldShare {
	h := HeldShare{Name: name, Count: len(shares)}
	n := float64(len(shares))
	for _, v := range shares {
		h.Share += v
	}
	h.Share /= max(1, n)
	if n > 1 {
		for _, v := range shares {
			h.Error += (v - h.Share) * (v - h.Share) / (n - 1)
		}
		h.Error = math.Sqrt(h.Error / n)
	}
	return h
}

// misses returns the shares of missed pixels of measurement i in a region, by
// level.
//
// They decrease with the level.
func (c *bander) misses(i, region int) []float64 {
	n := len(bench.BandLevels())
	return c.records[i*c.recordLen+region*n:][:n]
}

// needed returns the level that quantity k of measurement i needs.
//
// NaN: the true field lacks the quantity; +Inf: no interval holds it.
func (c *bander) needed(i, k int) float64 {
	return c.records[(i+1)*c.recordLen-len(c.grains)+k]
}

// result computes the levels from the records, and the coverage on fresh
// measurements.
//
// With n measurements, region r gets the first level λ_j at which (Σ_i miss_ij
// + 1)/(n + 1) ≤ 1 − coverage, and a quantity the ⌈(n + 1) coverage⌉-th
// smallest of the levels that the measurements need.
func (c *bander) result() (*BandResult, error) {
	s := c.settings
	levels, shares := bench.BandLevels(), bench.BandRegions(c.pairs.spec.XLen())
	b := &nn.BandLevels{Coverage: s.Coverage, Count: s.Measurements, Sampling: s.Sampling,
		Seed: s.Seed, Grain: s.Sampling.SigmaMin}
	b.Sampling.Threads = 0         // no file has it
	at := make([]int, len(shares)) // level of each region
	for r := range shares {
		losses := make([][]float64, s.Measurements)
		for i := range losses {
			losses[i] = c.misses(i, r)
		}
		if at[r] = bench.RiskLevel(losses, s.Coverage); at[r] < 0 {
			return nil, cli.Data(fmt.Errorf("the network misses more than %.3g %% of the pixels "+
				"even with bands that reach %g times the range of its draws beyond them; train "+
				"it longer", 100*(1-s.Coverage), levels[len(levels)-1]-1))
		}
		b.Levels = append(b.Levels, levels[at[r]])
	}
	for k := range c.grains {
		var need []float64
		for i := range s.Measurements {
			if v := c.needed(i, k); !math.IsNaN(v) {
				need = append(need, v)
			}
		}
		q := nn.QuantityBand{Name: c.quantified.Quantities()[k].Name, Grain: c.grains[k],
			Count: len(need)}
		if v := bench.QuantileLevel(need, s.Coverage); !math.IsInf(v, 1) {
			q.Level = &v
		}
		b.Quantities = append(b.Quantities, q)
	}
	r := &BandResult{Model: c.Name, Problem: c.pairs.spec.Name, Out: c.path(bandModel), Bands: b,
		Regions: shares, Call: c.env.Call, Identity: c.resultIdentity()}
	if s.Fresh > 0 {
		r.Fresh = c.fresh(b, at, shares)
	}
	return r, nil
}

// fresh counts the coverage on the measurements after those that set the
// levels. at holds the index of each region's level.
//
// For all pixels the regions are averaged with their shares of the field.
func (c *bander) fresh(b *nn.BandLevels, at []int, shares []float64) *FreshCoverage {
	from, to := c.settings.Measurements, c.settings.Measurements+c.settings.Fresh
	f := &FreshCoverage{Measurements: to - from}
	all := make([]float64, to-from)
	for r, share := range shares {
		held := make([]float64, to-from)
		for i := range held {
			held[i] = 1 - c.misses(from+i, r)[at[r]]
			all[i] += share * held[i]
		}
		f.Regions = append(f.Regions, newHeldShare("", held))
	}
	f.Pixels = newHeldShare("", all)
	for k, q := range b.Quantities {
		var held []float64
		for i := from; i < to; i++ {
			switch v := c.needed(i, k); {
			case math.IsNaN(v):
			case q.Level != nil && v <= *q.Level:
				held = append(held, 1)
			default:
				held = append(held, 0)
			}
		}
		f.Quantities = append(f.Quantities, newHeldShare(q.Name, held))
	}
	return f
}

// jsonOf returns a function that writes a result as JSON.
func jsonOf(r *BandResult) func(io.Writer) error {
	return func(w io.Writer) error { return cli.WriteJSON(w, r) }
}
