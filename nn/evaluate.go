package nn

import (
	"fmt"

	"csdm/internal/format"
	"csdm/internal/kernel"
)

// Batch is a batch of N samples on which a network is evaluated. All arrays are
// in C order.
type Batch struct {
	// samples, channels of the measurement, rows and columns
	N, YChannels, Rows, Cols int

	X, Z  []float64 // (N, 1, Rows, Cols)
	Y     []float64 // (N, YChannels, Rows, Cols)
	Sigma []float64 // (N)
}

// Evaluation holds the results of a network for a Batch: the mean loss, its
// gradient, and the scores.
type Evaluation[F kernel.Float] struct {
	Score []float64 // at x + σz, as X
	Loss  float64   // mean over the samples; Eq. 15 for the parameterization Paper
	Grads []F       // ∂Loss/∂θ, laid out like Net.Flat
}

// ReadCase reads the arrays x, y, z (N,C,H,W) and sigma (N) of a .npz file. It
// returns a *format.Error if their shapes do not match, a value is not finite,
// or a noise level is not positive.
func ReadCase(path string) (*Batch, error) {
	arrays, err := format.ReadNPZFile(path)
	if err != nil {
		return nil, err
	}
	bad := func(entry, what string, err error) error {
		return &format.Error{Path: path, Entry: entry, Offset: -1, What: what, Err: err}
	}
	for _, name := range []string{"x", "y", "z", "sigma"} {
		a, ok := arrays[name]
		if !ok {
			return nil, bad(name, "is missing", nil)
		}
		if err := a.CheckFinite(); err != nil {
			return nil, bad(name, "is unusable", err)
		}
	}
	x, y := arrays["x"], arrays["y"]
	if len(x.Shape) != 4 || x.Shape[1] != 1 || x.Len() == 0 {
		return nil, bad("x", fmt.Sprintf("has shape %v, not (N, 1, H, W)", x.Shape), nil)
	}
	c := &Batch{N: x.Shape[0], Rows: x.Shape[2], Cols: x.Shape[3]}
	for _, a := range []struct {
		name string
		want []int
	}{{"y", []int{c.N, -1, c.Rows, c.Cols}}, {"z", x.Shape}, {"sigma", []int{c.N}}} {
		if err := arrays[a.name].CheckShape(a.want...); err != nil {
			return nil, bad(a.name, "does not match x", err)
		}
	}
	c.YChannels = y.Shape[1]
	c.X, c.Y, c.Z, c.Sigma = x.Float64(), y.Float64(), arrays["z"].Float64(),
		arrays["sigma"].Float64()
	for i, s := range c.Sigma {
		if !(s > 0) {
			return nil, bad("sigma", fmt.Sprintf("element %d is %v; a noise level must be positive",
				i, s), nil)
		}
	}
	return c, nil
}

// Evaluate returns the scores, the loss and the gradient of a network for a
// case. It returns an error if the case does not fit the network, and a
// *NonFiniteError if a result is not finite.
func (n *Net[F]) Evaluate(par Parameterization, c *Batch) (*Evaluation[F], error) {
	if n.arch.Fields() > 1 {
		return nil, fmt.Errorf("nn: the network has %d fields; a case has one", n.arch.Fields())
	}
	if n.arch.Linear {
		return nil, fmt.Errorf("nn: the network reads a linear estimate; a case has none")
	}
	if c.YChannels != n.arch.YChannels {
		return nil, fmt.Errorf("nn: y has %d channels; the network needs %d", c.YChannels,
			n.arch.YChannels)
	}
	if err := n.arch.CheckSize(c.Rows, c.Cols); err != nil {
		return nil, err
	}
	w := n.NewWorker(par, c.Rows, c.Cols)
	e := &Evaluation[F]{Score: make([]float64, len(c.X)), Grads: make([]F, len(n.Flat()))}
	hw := c.Rows * c.Cols
	for i, sigma := range c.Sigma {
		at := func(v []float64, channels int) []F {
			return cast[F](v[i*channels*hw:][:channels*hw])
		}
		loss := w.Loss(at(c.X, 1), at(c.Y, c.YChannels), at(c.Z, 1), sigma)
		if loss-loss != 0 {
			return nil, w.Diagnose()
		}
		e.Loss += loss
		k := par.At(sigma)
		for p, f := range w.out.Data {
			noisy := c.X[i*hw+p] + sigma*c.Z[i*hw+p]
			e.Score[i*hw+p] = k.ScoreX*noisy + k.ScoreF*float64(f)
		}
		w.backward(e.Grads)
	}
	e.Loss /= float64(c.N)
	kernel.Scale(e.Grads, 1/F(c.N))
	return e, nil
}

// cast rounds to the network's type.
func cast[F kernel.Float](v []float64) []F {
	out := make([]F, len(v))
	for i, a := range v {
		out[i] = F(a)
	}
	return out
}
