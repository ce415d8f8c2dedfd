package fidelity

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"csdm/dataset"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/format"
)

const (
	// MostPairs is the largest number of pairs of both models from which a
	// correction is made. Time grows with its cube.
	MostPairs = 256

	// sameField is the largest difference of two fields that count as equal,
	// over the range of the first.
	sameField = 1e-5

	batch = 64 // measurements that are corrected at once
)

// Result describes corrected pairs.
type Result struct {
	Settings
	// number of pairs in the file
	Pairs int `json:"pairs"`
	// pairs that the dear model solved: they keep its measurement
	Solved int `json:"solved"`
	// errors of the correction for growing numbers of solves
	Errors []Error `json:"errors"`
}

// Models holds the datasets of two models. Pair i of both must have the same
// field.
type Models struct{ Cheap, Dear *dataset.Store }

// Correct writes the pairs of a dataset of the cheap model to an .npz file of
// the form of dataset.Export. A measurement is the dear model's where the
// dataset dear has it, and otherwise the cheap model's with a correction. Pairs
// with different fields are an error of data (cli.Data).
func Correct(ctx context.Context, m Models, path string, seed uint64, overwrite bool) (
	*Result, error) {
	cheap, dear := m.Cheap, m.Dear
	p, err := read(ctx, cheap, dear)
	if err != nil {
		return nil, err
	}
	r := &Result{}
	for i := range cheap.Len() {
		if cheap.Has(i) {
			r.Pairs++
			if i < dear.Len() && dear.Has(i) {
				r.Solved++
			}
		}
	}
	if r.Errors, err = Judge(ctx, p, seed); err != nil {
		return nil, err
	}
	c, err := Fit(ctx, p)
	if err != nil {
		return nil, err
	}
	r.Settings = c.Settings
	write := func(w io.Writer) error { return c.write(ctx, w, cheap, dear) }
	if overwrite {
		return r, atomicfile.Write(path, true, write)
	}
	return r, atomicfile.WriteSame(path, write)
}

// read returns the measurements of the first pairs that both datasets have.
func read(ctx context.Context, cheap, dear *dataset.Store) (Pairs, error) {
	a, b := cheap.Spec(), dear.Spec()
	if a.Sizes() != b.Sizes() || !slices.Equal(a.Sensors, b.Sensors) {
		return Pairs{}, cli.Data(fmt.Errorf("a pair of the cheap model has %v, of the dear model "+
			"%v: the two problems need the same grids, components and sensors", a.Sizes(),
			b.Sizes()))
	}
	x, other := make([]float32, a.XLen()), make([]float32, a.XLen())
	y, better := make([]float32, a.YLen()), make([]float32, a.YLen())
	var rows [2][]float64
	n := 0
	for i := 0; i < min(cheap.Len(), dear.Len()) && n < MostPairs; i++ {
		if !cheap.Has(i) || !dear.Has(i) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return Pairs{}, err
		}
		if err := cheap.Pair(i, x, y); err != nil {
			return Pairs{}, err
		}
		if err := dear.Pair(i, other, better); err != nil {
			return Pairs{}, err
		}
		if !same(x, other) {
			return Pairs{}, cli.Data(fmt.Errorf("the fields of pair %d differ: make both datasets "+
				"with one seed and one prior", i))
		}
		rows[0], rows[1] = widen(rows[0], y), widen(rows[1], better)
		n++
	}
	if n < LeastPairs {
		return Pairs{}, cli.Data(fmt.Errorf("%d pairs of both models; at least %d are needed", n,
			LeastPairs))
	}
	return Pairs{mat.NewDense(n, len(y), rows[0]), mat.NewDense(n, len(y), rows[1])}, nil
}

// same reports whether two fields are equal up to rounding.
func same(a, b []float32) bool {
	least, most, apart := math.Inf(1), math.Inf(-1), 0.0
	for k, v := range a {
		least, most = min(least, float64(v)), max(most, float64(v))
		apart = max(apart, math.Abs(float64(v)-float64(b[k])))
	}
	return apart <= sameField*max(most-least, math.Abs(most))
}

// widen appends the values of src.
func widen(dst []float64, src []float32) []float64 {
	for _, v := range src {
		dst = append(dst, float64(v))
	}
	return dst
}

// write writes the .npz file.
func (c *Correction) write(ctx context.Context, w io.Writer, cheap, dear *dataset.Store) error {
	spec := cheap.Spec()
	var pairs []int
	for i := range cheap.Len() {
		if cheap.Has(i) {
			pairs = append(pairs, i)
		}
	}
	z := format.NewNPZWriter(w, false)
	out, err := z.Create("x", format.Float32, spec.XShape(len(pairs))...)
	if err != nil {
		return err
	}
	x, y := make([]float32, spec.XLen()), make([]float32, spec.YLen())
	for _, i := range pairs {
		if err := cheap.Pair(i, x, nil); err != nil {
			return err
		}
		if err := out.Float32(x); err != nil {
			return err
		}
	}
	if out, err = z.Create("y", format.Float32, spec.YShape(len(pairs))...); err != nil {
		return err
	}
	own := make([]float64, spec.YChannels*spec.YPlane())
	for from := 0; from < len(pairs); from += batch {
		if err := ctx.Err(); err != nil {
			return err
		}
		part := pairs[from:min(from+batch, len(pairs))]
		var values []float64
		for _, i := range part {
			if err := cheap.Pair(i, nil, y); err != nil {
				return err
			}
			values = widen(values, y)
		}
		c.Apply(mat.NewDense(len(part), len(y), values))
		for k, i := range part {
			if i < dear.Len() && dear.Has(i) {
				if err := dear.Pair(i, nil, y); err != nil {
					return err
				}
				widen(values[k*len(y):k*len(y)], y)
			}
			spec.FromNodes(own, values[k*len(y):(k+1)*len(y)])
			if err := out.Float64(own); err != nil {
				return err
			}
		}
	}
	return z.Close()
}
