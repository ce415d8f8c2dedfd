package nn

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"csdm/internal/format"
	"csdm/rng"
)

// estimateOf returns an estimate of n values from three of 2·hw values, with
// two components.
func estimateOf(n, hw int) *Linear {
	s := rng.New(8, rng.Init, 0, 0)
	l := &Linear{Places: []int{1, hw - 1, hw + 4}, Weights: make([]float32, 3*n),
		Offset: make([]float32, n), Components: make([]float32, 2*n),
		Variances: []float32{0.5, 0.02, 0.01}}
	for _, v := range [][]float32{l.Weights, l.Offset} {
		for i := range v {
			v[i] = float32(s.Normal())
		}
	}
	for i := range n { // orthonormal: one over each half
		l.Components[i/((n+1)/2)*n+i] = float32(1 / math.Sqrt(float64((n+1)/2)))
	}
	return l
}

// linearNet returns a network with a linear estimate, its parameterization, and
// x̂ for a measurement.
func linearNet(v Variant, rows, cols int) (*Net[float32], *Preconditioned,
	func(y []float32) []float64) {
	const fields = 2
	net := NewNet[float32](Arch{8, 2, 1, MaxPool, v, false, fields, true})
	par, hw := preconditioned(2), rows*cols
	par.Linear = estimateOf(fields*hw, hw)
	return net, par, func(y []float32) []float64 {
		x := make([]float64, fields*hw)
		for i := range x {
			x[i] = float64(par.Linear.Offset[i])
			for k, place := range par.Linear.Places {
				v := (float64(y[place]) - par.YMean[place/hw]) / par.YStd[place/hw]
				x[i] += float64(par.Linear.Weights[3*i+k]) * v
			}
		}
		return x
	}
}

// TestLinearDenoiser checks the denoiser of a network whose output is zero
// against x̂ + C(C + σ²)⁻¹(x̃ − x̂) with dense matrices, its score against (D −
// x̃)/σ², and its loss against ½‖x − D‖²/c_out².
func TestLinearDenoiser(t *testing.T) {
	const rows, cols, hw = 8, 10, 80
	net, par, estimate := linearNet(Light, rows, cols)
	l := par.Linear
	x, y, z := sample[float32](net.Arch(), rows, cols, 5)
	n := len(x)
	c := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			v := 0.0
			for k := range 2 {
				v += float64(l.Variances[k]-l.Variances[2]) *
					float64(l.Components[k*n+i]) * float64(l.Components[k*n+j])
			}
			if i == j {
				v += float64(l.Variances[2])
			}
			c.SetSym(i, j, v)
		}
	}
	y64, at := make([]float64, len(y)), estimate(y)
	for i, v := range y {
		y64[i] = float64(v)
	}
	m := &Model{Net: net, Parameterization: par, Meta: metadata(rows, cols)}
	for _, sigma := range []float64{0.01, 0.3, 8} {
		total := mat.NewSymDense(n, nil)
		total.CopySym(c)
		state, r := make([]float64, n), mat.NewVecDense(n, nil)
		for i := range n {
			total.SetSym(i, i, c.At(i, i)+sigma*sigma)
			state[i] = float64(x[i]) + sigma*float64(z[i])
			r.SetVec(i, state[i]-at[i])
		}
		var factor mat.Cholesky
		if !factor.Factorize(total) {
			t.Fatal("C + σ² is not positive definite")
		}
		var h, want mat.VecDense
		if err := factor.SolveVecTo(&h, r); err != nil {
			t.Fatal(err)
		}
		want.MulVec(c, &h)
		var inverse mat.SymDense
		if err := factor.InverseTo(&inverse); err != nil {
			t.Fatal(err)
		}
		var posterior mat.Dense
		posterior.Mul(c, &inverse)
		out := sigma * math.Sqrt(mat.Trace(&posterior)/float64(n))
		if got := par.At(sigma).Out; math.Abs(got-out) > 1e-5*out {
			t.Errorf("σ = %v: c_out %v, want %v", sigma, got, out)
		}
		d, score := make([]float64, n), append([]float64(nil), state...)
		scorer := m.Condition(y64)()
		if err := scorer.Denoise(d, state, sigma); err != nil {
			t.Fatal(err)
		}
		if err := scorer.Score(score, score, sigma); err != nil { // in place
			t.Fatal(err)
		}
		loss := 0.0
		for i, v := range d {
			if w := at[i] + want.AtVec(i); math.Abs(v-w) > 1e-4*(1+math.Abs(w)) {
				t.Fatalf("σ = %v: D%d is %v, want %v", sigma, i, v, w)
			}
			if s := -h.AtVec(i); math.Abs(score[i]-s) > 1e-4*(1+math.Abs(s)) {
				t.Fatalf("σ = %v: score %d is %v, want %v", sigma, i, score[i], s)
			}
			loss += (float64(x[i]) - v) * (float64(x[i]) - v) / (2 * out * out)
		}
		if got := net.NewEvaluator(par, rows, cols).Loss(x, y, z, sigma); math.Abs(got-loss) >
			1e-4*loss {
			t.Errorf("σ = %v: loss %v, want %v", sigma, got, loss)
		}
	}
}

// TestLinearPlanes compares the output of a network that reads a linear
// estimate with one that takes the planes of the estimate as more channels of
// y. The two have the same layers. A worker that takes a standardized y has the
// same loss as one that does not.
func TestLinearPlanes(t *testing.T) {
	const rows, cols, hw, sigma = 8, 10, 80, 0.7
	for _, v := range []Variant{Base, Light} {
		net, par, estimate := linearNet(v, rows, cols)
		plain := NewNet[float32](Arch{8, 4, 1, MaxPool, v, false, 2, false})
		net.Init(3)
		copy(plain.Flat(), net.Flat())
		plain.Repack()
		wide := &Preconditioned{SigmaData: par.SigmaData, YMean: append(par.YMean, 0, 0),
			YStd: append(par.YStd, 1, 1)}
		x, y, z := sample[float32](net.Arch(), rows, cols, 5)
		at, state, y64 := estimate(y), make([]float64, len(x)), make([]float64, len(y))
		standard := make([]float32, len(y))
		for k := range y {
			y64[k] = float64(y[k])
			standard[k] = float32((y64[k] - par.YMean[k/hw]) / par.YStd[k/hw])
		}
		full := append([]float64(nil), y64...)
		for i, v := range at {
			state[i] = float64(x[i]) + sigma*float64(z[i])
			full = append(full, (v-par.Linear.center())/par.SigmaData)
		}
		output := func(net *Net[float32], p *Preconditioned, y []float64) []float64 {
			m := &Model{Net: net, Parameterization: p, Meta: metadata(rows, cols)}
			d := make([]float64, len(state))
			if err := m.Condition(y)().Denoise(d, state, sigma); err != nil {
				t.Fatal(err)
			}
			return d
		}
		with, other := output(net, par, y64), output(plain, wide, full)
		empty := NewNet[float32](net.Arch())
		base := output(empty, par, y64)
		for i := range with {
			k := wide.At(sigma)
			got := (with[i] - base[i]) / par.At(sigma).Out
			want := (other[i] - k.Skip*state[i]) / k.Out
			if math.Abs(got-want) > 1e-4*(1+math.Abs(want)) {
				t.Fatalf("%s: output %d is %v, want %v", v, i, got, want)
			}
		}
		a := net.NewEvaluator(par, rows, cols).Loss(x, y, z, sigma)
		b := net.NewEvaluator(Standardized{par}, rows, cols).Loss(x, standard, z, sigma)
		if math.Abs(a-b) > 1e-5*a {
			t.Errorf("%s: losses of %v and %v", v, a, b)
		}
	}
}

// TestLinearIsKarras checks that an estimate of zero with the covariance σ_d²
// gives the coefficients of Karras et al.: the loss does not change.
func TestLinearIsKarras(t *testing.T) {
	const rows, cols, hw = 8, 10, 80
	net, par, _ := linearNet(Light, rows, cols)
	plain := NewNet[float32](Arch{8, 4, 1, MaxPool, Light, false, 2, false})
	net.Init(3)
	copy(plain.Flat(), net.Flat())
	plain.Repack()
	l := par.Linear
	clear(l.Weights)
	clear(l.Offset)
	l.Components, l.Variances = nil, []float32{float32(par.SigmaData * par.SigmaData)}
	wide := &Preconditioned{SigmaData: par.SigmaData, YMean: append(par.YMean, 0, 0),
		YStd: append(par.YStd, 1, 1)}
	x, y, z := sample[float32](net.Arch(), rows, cols, 5)
	got := net.NewEvaluator(par, rows, cols).Loss(x, y, z, 0.4)
	y = append(y, make([]float32, 2*hw)...)
	want := plain.NewEvaluator(wide, rows, cols).Loss(x, y, z, 0.4)
	if math.Abs(got-want) > 1e-5*want {
		t.Errorf("loss %v, want %v", got, want)
	}
}

// TestFromNormalized checks that an estimate from normalized measurements and
// its copy for standardized ones agree, whatever the units of y are.
func TestFromNormalized(t *testing.T) {
	const rows, cols, hw = 3, 4, 12
	s := rng.New(9, rng.Init, 0, 0)
	p := &Preconditioned{SigmaData: 0.3, YStd: []float64{0.2, 5}, YMean: make([]float64, 2*hw)}
	y := make([]float64, 2*hw)
	for _, v := range [][]float64{p.YMean, y} {
		for i := range v {
			v[i] = s.Normal()
		}
	}
	l := estimateOf(hw, hw)
	want, got := make([]float64, hw), make([]float64, hw)
	at := func() (v []float64) {
		for _, place := range l.Places {
			v = append(v, y[place])
		}
		return v
	}
	l.estimate(want, at())
	for c := range 2 {
		p.Standardize(y[c*hw:][:hw], c, rows, cols)
	}
	l.FromNormalized(p, rows, cols).estimate(got, at())
	for i, v := range got {
		if math.Abs(v-want[i]) > 1e-5*(1+math.Abs(want[i])) {
			t.Errorf("value %d: %v, want %v", i, v, want[i])
		}
	}
}

// TestLinearRejects checks that a file whose estimate does not fit the network
// gives an error that names the fault.
func TestLinearRejects(t *testing.T) {
	m := model(Arch{8, 2, 1, MaxPool, Base, false, 0, true})
	for want, damage := range map[string]func(f *format.Tensors){
		"is missing": func(f *format.Tensors) { delete(f.Arrays, linearWeights) },
		"has shape": func(f *format.Tensors) {
			f.Arrays[linearOffset] = format.Array32(make([]float32, 2), 2)
		},
		"is NaN":     func(f *format.Tensors) { f.Arrays[linearPlaces].F64[0] = math.NaN() },
		"place 1 is": func(f *format.Tensors) { f.Arrays[linearPlaces].F64[1] = 1 },
		"place 2 is": func(f *format.Tensors) { f.Arrays[linearPlaces].F64[2] = 198 },
		"place 0 is": func(f *format.Tensors) { f.Arrays[linearPlaces].F64[0] = -1 },
		"variance 2": func(f *format.Tensors) { f.Arrays[linearVariances].F64[2] = 0 },
		"0 is 1.5":   func(f *format.Tensors) { f.Arrays[linearPlaces].F64[0] = 1.5 },
		"values of 1 components": func(f *format.Tensors) {
			f.Arrays[linearVariances] = format.Array32([]float32{1, 1}, 2)
		},
		"not precondition": nil,
	} {
		b := encode(t, m)
		f, err := format.ReadTensors(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		if damage == nil {
			err = (&Model{Parameterization: Paper{}}).readLinear(f, m.Net.arch)
		} else {
			damage(f)
			_, err = modelOf(f)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// TestLinearShrinks checks that a shrunk model with an estimate is read back as
// it is in memory, and keeps c_out where a variance is below the range of half
// precision.
func TestLinearShrinks(t *testing.T) {
	m := model(Arch{8, 2, 1, MaxPool, Base, false, 0, true})
	m.Parameterization.(*Preconditioned).Linear.Variances[2] = 1e-9
	small := m.Shrunk()
	b := encode(t, small)
	r, err := ReadModel(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.Identity(), small.Identity(); got != want {
		t.Errorf("read back as %v, want %v", got, want)
	}
	const sigma = 1e-5
	got, want := r.Parameterization.At(sigma).Out, m.Parameterization.At(sigma).Out
	if got != want {
		t.Errorf("c_out is %v, want %v", got, want)
	}
	full := m.Identity()
	m.Parameterization.(*Preconditioned).Linear.Weights[3]++
	if m.Identity() == full {
		t.Error("the identity does not depend on the estimate")
	}
}
