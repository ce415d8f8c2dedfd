package nn

import "fmt"

// Scorer is a worker with a fixed measurement. It computes the score of the
// posterior at any noise level. It belongs to one goroutine. States are
// float64, in normalized units. The network sees them rounded to float32; the
// rest of the computation, such as the part of the score that is linear in the
// state, is float64. The methods allocate nothing.
type Scorer struct{ w *Worker[float32] }

// Condition fixes a measurement and returns a function that makes a Scorer for
// it; call the function once per goroutine. y holds normalized planes (C, H, W)
// of the model's rows and cols, with NaN for missing values. Condition panics
// if y has the wrong length or the metadata has no size.
func (m *Model) Condition(y []float64) func() *Scorer {
	rows, cols := m.Meta.Rows, m.Meta.Cols
	if len(y) != m.Net.arch.YChannels*rows*cols {
		panic(fmt.Sprintf("nn: y of %d elements for %d channels of %d×%d pixels", len(y),
			m.Net.arch.YChannels, rows, cols))
	}
	y = append([]float64(nil), y...)
	return func() *Scorer {
		s := &Scorer{m.Net.NewEvaluator(m.Parameterization, rows, cols)}
		setMeasurement(s.w, y)
		return s
	}
}

// threadWork is the number of multiply-adds of a score that justifies a thread:
// about 0.7 ms of one core. With less work the threads synchronize too often.
const threadWork = 1 << 26

// SetThreads lets the scorer use up to n ≥ 1 goroutines for each score, with
// bit-identical results. It serves calls with fewer chains than cores. The
// scorer uses fewer goroutines if a score has too little work for n. The
// package comment gives the speedup. Do not call SetThreads during a Score.
func (s *Scorer) SetThreads(n int) { s.w.SetThreads(n) }

// Score sets dst to the score s(x, y, sigma) of the posterior smoothed with
// noise of standard deviation sigma > 0, at the state x of rows·cols values per
// field. It returns a *NonFiniteError that names the layer if a result is not
// finite. dst may be x.
func (s *Scorer) Score(dst, x []float64, sigma float64) error {
	k := s.w.par.At(sigma)
	return s.w.combine(dst, x, sigma, part{k.ScoreX, k.ScoreF, 0, -1})
}

// Denoise sets dst to D(x, y, sigma) = x + σ²·s(x, y, sigma), the mean of the
// noise-free field given a noisy one. Aliasing and errors are as for Score.
func (s *Scorer) Denoise(dst, x []float64, sigma float64) error {
	k := s.w.par.At(sigma)
	return s.w.combine(dst, x, sigma, part{k.Skip, k.Out, 1, -sigma * sigma})
}

// part holds the factors of a result that is linear in the state x̃, the output
// F of the network and, with a linear estimate, H(x̃ − x̂) (Linear).
type part struct {
	x, f        float64 // x·x̃ + f·F, without an estimate
	state, base float64 // state·x̃ + base·H(x̃ − x̂) + f·F, with one
}

// combine runs the network at the state x and sets dst to the result with the
// factors of by.
func (w *Worker[F]) combine(dst, x []float64, sigma float64, by part) error {
	if n := len(w.target); len(dst) != n || len(x) != n {
		panic(fmt.Sprintf("nn: state of %d and result of %d elements for %d fields of %d×%d pixels",
			len(x), len(dst), w.out.C, w.out.H, w.out.W))
	}
	k, hw, c := w.par.At(sigma), len(w.plane), w.out.C
	for field := range c {
		for p, v := range x[field*hw:][:hw] {
			w.in.x.set(p, field, k.In*v)
		}
	}
	if l := w.linear; l != nil {
		for i, v := range x {
			l.r[i] = v - l.x[i]
		}
		l.shrink(l.base, l.r, sigma)
		for i, v := range x {
			dst[i] = by.state*v + by.base*l.base[i]
		}
	} else {
		for i, v := range x {
			dst[i] = by.x * v
		}
	}
	w.setLevel(k, sigma)
	w.forward()
	bad := 0.0 // stays zero while all values are finite
	for field := range c {
		to, f := dst[field*hw:][:hw], w.out.Data[field:]
		for p, linear := range to {
			v := linear + by.f*float64(f[p*c])
			to[p] = v
			bad += v - v
		}
	}
	if bad == 0 {
		return nil
	}
	if err := w.Diagnose(); err != nil {
		return err
	}
	return &NonFiniteError{"score", "score", false, sigma}
}
