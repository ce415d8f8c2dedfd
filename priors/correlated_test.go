package priors_test

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"csdm/priors"
	"csdm/priors/priorstest"
	"csdm/rng"
)

// errorsOfAllKinds has every term of priors.Correlated, in two channels.
func errorsOfAllKinds(t testing.TB, smooth ...priors.SmoothError) priors.Correlated {
	t.Helper()
	c := priors.Correlated{Grid: priors.Grid{Rows: 4, Cols: 5, Width: 2, Height: 3}, Channels: 2,
		Std: 0.3, Length: 0.4, Shift: 0.2, Tilt: 0.1, Gain: 0.05, Registration: 0.02,
		Modes: [][]float64{make([]float64, 40)}, Smooth: smooth}
	for i := range c.Modes[0] {
		c.Modes[0][i] = 0.1 * math.Sin(float64(i))
	}
	c, err := priors.NewCorrelated(c)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// covarianceOf returns the covariance of c at a prediction, entry by entry from
// the definition of its terms.
func covarianceOf(c priors.Correlated, s priors.SmoothError, prediction []float64) *mat.SymDense {
	g, plane := c.Grid, c.Grid.Nodes()
	m := mat.NewSymDense(len(prediction), nil)
	for i := range prediction {
		for j := range i + 1 {
			if i/plane != j/plane {
				continue
			}
			p, q := i%plane, j%plane
			dx, dy := g.X(p%g.Cols)-g.X(q%g.Cols), g.Y(p/g.Cols)-g.Y(q/g.Cols)
			v := c.Std * c.Std * math.Exp(-(math.Abs(dx)+math.Abs(dy))/c.Length)
			if s.Std > 0 {
				v += s.Std * s.Std * math.Exp(-(dx*dx+dy*dy)/(2*s.Length*s.Length))
			}
			m.SetSym(i, j, v)
		}
	}
	add := func(e []float64) { m.SymRankOne(m, 1, mat.NewVecDense(len(e), e)) }
	for ch := range c.Channels {
		shift, x, y := make([]float64, len(prediction)), make([]float64, len(prediction)),
			make([]float64, len(prediction))
		for p := range plane {
			i := ch*plane + p
			shift[i] = c.Shift
			x[i] = c.Tilt * (2*g.X(p%g.Cols)/g.Width - 1)
			y[i] = c.Tilt * (2*g.Y(p/g.Cols)/g.Height - 1)
		}
		add(shift)
		add(x)
		add(y)
	}
	add(c.Modes[0])
	gain, dx, dy := make([]float64, len(prediction)), make([]float64, len(prediction)),
		make([]float64, len(prediction))
	for i, v := range prediction {
		row, col := i%plane/g.Cols, i%g.Cols
		gain[i] = c.Gain * v
		left, right := max(0, col-1), min(g.Cols-1, col+1)
		dx[i] = c.Registration * (prediction[i+right-col] - prediction[i+left-col]) /
			(g.X(right) - g.X(left))
		below, above := max(0, row-1), min(g.Rows-1, row+1)
		dy[i] = c.Registration * (prediction[i+(above-row)*g.Cols] -
			prediction[i+(below-row)*g.Cols]) / (g.Y(above) - g.Y(below))
	}
	add(gain)
	add(dx)
	add(dy)
	return m
}

func predictionOf(n int) []float64 {
	y := make([]float64, n)
	for i := range y {
		y[i] = 1 + math.Cos(0.7*float64(i)) + 0.01*float64(i*i)
	}
	return y
}

// TestCorrelatedDensity compares with the density of the dense covariance, for
// one smooth error, for a mixture of two, and without.
func TestCorrelatedDensity(t *testing.T) {
	a, b := priors.SmoothError{Std: 0.5, Length: 0.9}, priors.SmoothError{Std: 0.1, Length: 3}
	for _, smooth := range [][]priors.SmoothError{nil, {a}, {a, b}, {b, a, {Std: 1, Length: 3}}} {
		c := errorsOfAllKinds(t, smooth...)
		if smooth == nil {
			smooth = []priors.SmoothError{{}}
		}
		prediction := predictionOf(40)
		for i := range uint64(5) {
			y := make([]float64, 40)
			c.Sample(y, prediction, rng.New(3, rng.Test, i, 0))
			want := 0.0
			for _, s := range smooth {
				var factor mat.Cholesky
				if !factor.Factorize(covarianceOf(c, s, prediction)) {
					t.Fatal("the dense covariance has no factor")
				}
				r, u := mat.NewVecDense(40, nil), mat.NewVecDense(40, nil)
				for k := range y {
					r.SetVec(k, y[k]-prediction[k])
				}
				if err := factor.SolveVecTo(u, r); err != nil {
					t.Fatal(err)
				}
				want += math.Exp(-0.5*(mat.Dot(r, u)+factor.LogDet()+
					40*math.Log(2*math.Pi))) / float64(len(smooth))
			}
			if got := c.LogLikelihood(y, prediction); math.Abs(got-math.Log(want)) > 1e-9 {
				t.Errorf("smooth errors %v: log-density %v, want %v", smooth, got, math.Log(want))
			}
		}
	}
}

// TestCorrelatedStandardize checks that the standardized residual, which is
// linear in y for one smooth error, has the identity as covariance.
func TestCorrelatedStandardize(t *testing.T) {
	s := priors.SmoothError{Std: 0.5, Length: 0.9}
	c := errorsOfAllKinds(t, s)
	prediction := predictionOf(40)
	w := mat.NewDense(40, 40, nil)
	column := make([]float64, 40)
	for j := range column {
		y := make([]float64, 40)
		copy(y, prediction)
		y[j]++
		priors.Standardize(c, column, y, prediction)
		w.SetCol(j, column)
	}
	var product mat.Dense
	product.Product(w, covarianceOf(c, s, prediction), w.T())
	for i := range 40 {
		for j := range 40 {
			want := 0.0
			if i == j {
				want = 1
			}
			if math.Abs(product.At(i, j)-want) > 1e-10 {
				t.Fatalf("entry (%d, %d) of the covariance of the residual is %v", i, j,
					product.At(i, j))
			}
		}
	}
}

// TestCorrelatedSample compares the covariance of 20,000 draws with the dense
// one. An entry's error is at most √(2/20000) of the larger variance.
func TestCorrelatedSample(t *testing.T) {
	s := priors.SmoothError{Std: 0.5, Length: 0.9}
	c := errorsOfAllKinds(t, s)
	prediction := predictionOf(40)
	want := covarianceOf(c, s, prediction)
	const draws = 20_000
	got, y := mat.NewSymDense(40, nil), make([]float64, 40)
	for i := range uint64(draws) {
		c.Sample(y, prediction, rng.New(4, rng.Test, i, 0))
		for k := range y {
			y[k] -= prediction[k]
		}
		got.SymRankOne(got, 1./draws, mat.NewVecDense(40, y))
	}
	for i := range 40 {
		for j := range i + 1 {
			limit := 5 * math.Sqrt(2./draws*want.At(i, i)*want.At(j, j))
			if math.Abs(got.At(i, j)-want.At(i, j)) > limit {
				t.Fatalf("covariance of values %d and %d is %v, want %v ± %v", i, j, got.At(i, j),
					want.At(i, j), limit)
			}
		}
	}
}

func TestCorrelatedMeasurement(t *testing.T) {
	a, b := priors.SmoothError{Std: 0.5, Length: 0.9}, priors.SmoothError{Std: 0.1, Length: 3}
	c := errorsOfAllKinds(t, a, b)
	prediction := predictionOf(40)
	first, second := covarianceOf(c, a, prediction), covarianceOf(c, b, prediction)
	priorstest.Measurement(t, priorstest.MeasurementCase{Measurement: c, Prediction: prediction,
		Mean: func(i int) float64 { return prediction[i] }})
	// The moments of a value over draws, as the values of one draw depend on
	// each other.
	const draws = 40_000
	y, square := make([]float64, 40), make([]float64, 40)
	for i := range uint64(draws) {
		c.Sample(y, prediction, rng.New(5, rng.Test, i, 0))
		for k := range y {
			square[k] += (y[k] - prediction[k]) * (y[k] - prediction[k]) / draws
		}
	}
	for k := range square {
		want := (first.At(k, k) + second.At(k, k)) / 2
		if math.Abs(square[k]/want-1) > 5*math.Sqrt(8./draws) {
			t.Errorf("variance of value %d is %v, want %v", k, square[k], want)
		}
	}
}

func TestCorrelatedRejects(t *testing.T) {
	for name, spoil := range map[string]func(*priors.Correlated){
		"no noise":  func(c *priors.Correlated) { c.Std = 0 },
		"NaN":       func(c *priors.Correlated) { c.Shift = math.NaN() },
		"mode":      func(c *priors.Correlated) { c.Modes = [][]float64{{1}} },
		"smooth":    func(c *priors.Correlated) { c.Smooth = []priors.SmoothError{{Std: 1}} },
		"length":    func(c *priors.Correlated) { c.Lengths = []float64{1, 0} },
		"grid":      func(c *priors.Correlated) { c.Grid.Rows = 1 },
		"no planes": func(c *priors.Correlated) { c.Channels = 0 },
	} {
		c := errorsOfAllKinds(t)
		spoil(&c)
		if _, err := priors.NewCorrelated(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestExcess checks that the squares of the standardized residual and the
// excess together are −2 ln of the density of the likeliest part, up to a
// constant.
func TestExcess(t *testing.T) {
	parts := []priors.SmoothError{{Std: 0.1, Length: 3}, {Std: 3, Length: 0.9}}
	both := errorsOfAllKinds(t, parts...)
	prediction, y, r := predictionOf(40), make([]float64, 40), make([]float64, 40)
	var constant float64
	seen := map[int]bool{}
	original := slices.Clone(prediction)
	for i := range uint64(12) {
		for k, v := range original { // the gain's error grows with the prediction
			prediction[k] = v * (1 + float64(i)/4)
		}
		both.Sample(y, prediction, rng.New(6, rng.Test, i, 0))
		best := math.Inf(-1)
		likeliest := 0
		for k, s := range parts {
			if l := errorsOfAllKinds(t, s).LogLikelihood(y, prediction); l > best {
				best, likeliest = l, k
			}
		}
		both.Standardize(r, y, prediction)
		excess := both.Excess(y, prediction)
		squares := 0.0
		for _, v := range r {
			squares += v * v
		}
		seen[likeliest] = true
		if i == 0 {
			constant = squares + excess + 2*best
		}
		if d := squares + excess + 2*best - constant; math.Abs(d) > 1e-8 || excess < 0 {
			t.Errorf("draw %d: an excess of %v, off by %v", i, excess, d)
		}
	}
	if len(seen) != len(parts) {
		t.Error("only one part was likeliest")
	}
}
