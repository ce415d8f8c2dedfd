package fidelity

import (
	"context"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"csdm/rng"
)

// Error states how far corrected measurements are from the dear model's.
type Error struct {
	Solves int     `json:"solves"` // pairs behind the correction
	Before float64 `json:"before"` // root mean square of the models' difference
	// root mean square of the difference after the correction, by cross-
	// validation
	After float64 `json:"after"`
	// AfterError is the standard error of After, over the fields.
	AfterError float64 `json:"after_error"`
}

// folds is the number of parts of a cross-validation. Each part is predicted by
// a correction that is fitted to the others, so After belongs to a correction
// from fewer pairs than Solves.
const folds = 5

// Judge returns the errors of corrections from growing shares of the pairs:
// about an eighth, a quarter, half, and all of them. Cross-validation repeats
// the choice of hyperparameters, so that this choice makes no error look small.
// Pairs are taken in a random order of the seed.
func Judge(ctx context.Context, p Pairs, seed uint64) (all []Error, err error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	n, _ := p.Cheap.Dims()
	order := make([]int, n)
	stream := rng.New(seed, rng.Order, 0, 0)
	for i := range order {
		j := int(stream.Uint64n(uint64(i + 1)))
		order[i], order[j] = order[j], i
	}
	for _, parts := range []int{8, 4, 2, 1} {
		if m := n / parts; m >= LeastPairs || parts == 1 {
			e, err := crossValidate(ctx, p.part(order[:m]))
			if err != nil {
				return nil, err
			}
			all = append(all, e)
		}
	}
	return all, nil
}

// crossValidate returns the error of a correction from all pairs.
func crossValidate(ctx context.Context, p Pairs) (Error, error) {
	n, size := p.Cheap.Dims()
	e := Error{Solves: n, Before: rms(p.Cheap, p.Dear)}
	var squares []float64 // of each field
	for k := range folds {
		var inside, outside []int
		for i := range n {
			if i%folds == k {
				outside = append(outside, i)
			} else {
				inside = append(inside, i)
			}
		}
		c, err := fit(ctx, p.part(inside))
		if err != nil {
			return e, err
		}
		held := p.part(outside)
		c.Apply(held.Cheap)
		held.Dear.Sub(held.Dear, held.Cheap)
		for i := range outside {
			row := held.Dear.RawRowView(i)
			squares = append(squares, floats.Dot(row, row)/float64(size))
		}
	}
	mean, std := stat.MeanStdDev(squares, nil)
	e.After = math.Sqrt(mean)
	if e.After > 0 { // else the corrected measurements are exact
		e.AfterError = std / math.Sqrt(float64(n)) / (2 * e.After)
	}
	return e, nil
}

// rms returns the root mean square of a − b.
func rms(a, b *mat.Dense) float64 {
	var d mat.Dense
	d.Sub(a, b)
	n, size := d.Dims()
	return mat.Norm(&d, 2) / math.Sqrt(float64(n*size))
}
