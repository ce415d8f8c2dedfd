package nn

import (
	"math"
	"slices"
	"testing"
)

// TestCoefficients compares each parameterization with its definition in the
// paper that introduced it.
func TestCoefficients(t *testing.T) {
	const eps = 1e-14 // a few rounding errors
	near := func(a, b float64) bool { return math.Abs(a-b) <= eps*(math.Abs(a)+math.Abs(b)) }
	pre := preconditioned(1)
	d := pre.SigmaData
	for _, sigma := range []float64{0.01, 0.2, 1, 50, 120} {
		for _, par := range []Parameterization{Paper{}, pre} {
			k := par.At(sigma)
			// The score belongs to the denoiser: s = (D - x̃)/σ². At small σ,
			// Skip - 1 cancels.
			if e := math.Abs((k.Skip-1)/(sigma*sigma) - k.ScoreX); e > 4*0x1p-53/(sigma*sigma) {
				t.Errorf("%s, σ = %g: score of x̃ off by %g", par.Name(), sigma, e)
			}
			if !near(k.Out/(sigma*sigma), k.ScoreF) {
				t.Errorf("%s, σ = %g: score of F is %g", par.Name(), sigma, k.ScoreF)
			}
			// The target makes ‖D - x‖² = Out²·‖F - target‖², for D = Skip·(x +
			// σz) + Out·F, any F.
			for _, v := range [][3]float64{{0.3, -1.2, 0.7}, {1, 0.4, -2}} {
				x, z, f := v[0], v[1], v[2]
				left := k.Skip*(x+sigma*z) + k.Out*f - x
				right := k.Out * (f - k.TargetX*x - k.TargetZ*z)
				if math.Abs(left-right) > 8*0x1p-53*(math.Abs(x)+sigma*math.Abs(z)+
					math.Abs(k.Out*f)) {
					t.Errorf("%s, σ = %g: D - x is %g, Out·(F - target) %g", par.Name(), sigma,
						left, right)
				}
			}
		}
		// Eq. 15: ½‖σs + z‖² = ½‖F + z‖².
		if k := (Paper{}).At(sigma); k.TargetX != 0 || k.TargetZ != -1 || k.ScoreX != 0 ||
			k.In != 1 {
			t.Errorf("paper, σ = %g: %+v", sigma, k)
		}
		// Karras et al. 2022, table 1; input and target have unit variance when
		// x has σ_d and z one.
		k := pre.At(sigma)
		if s2 := sigma*sigma + d*d; !near(k.In*k.In*s2, 1) ||
			!near(k.TargetX*k.TargetX*d*d+k.TargetZ*k.TargetZ, 1) ||
			!near(k.Skip, d*d/s2) || !near(k.Out, sigma*d/math.Sqrt(s2)) ||
			!near(k.LogSigmaQuarter, math.Log(sigma)/4) {
			t.Errorf("preconditioned, σ = %g: %+v", sigma, k)
		}
	}
}

func TestPreconditionedValidate(t *testing.T) {
	if err := preconditioned(3).Validate(3, 7); err != nil {
		t.Error(err)
	}
	for name, p := range map[string]*Preconditioned{
		"no deviation of x":      {SigmaData: 0, YMean: []float64{0}, YStd: []float64{1}},
		"infinite deviation":     {SigmaData: math.Inf(1), YMean: []float64{0}, YStd: []float64{1}},
		"channels":               {SigmaData: 1, YMean: []float64{0, 0}, YStd: []float64{1, 1}},
		"deviation of a channel": {SigmaData: 1, YMean: []float64{0}, YStd: []float64{0}},
		"mean of a channel":      {SigmaData: 1, YMean: []float64{math.NaN()}, YStd: []float64{1}},
		"means of other pixels":  {SigmaData: 1, YMean: make([]float64, 6), YStd: []float64{1}},
		"period": {SigmaData: 1, YMean: []float64{0}, YStd: []float64{1},
			YPeriod: -1},
	} {
		if p.Validate(1, 7) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestCenterByPixel checks that with one mean per value, each value's own mean
// is subtracted.
func TestCenterByPixel(t *testing.T) {
	a := Arch{2, 2, 1, MaxPool, Base, false, 0, false}
	par := &Preconditioned{SigmaData: 0.3, YStd: []float64{0.5, 4}}
	for i := range 12 {
		par.YMean = append(par.YMean, float64(i*i)/10)
	}
	w := NewNet[float64](a).NewWorker(par, 3, 2)
	x, y, z := sample[float64](a, 3, 2, 1)
	w.Loss(x, y, z, 0.7)
	for p := range x {
		for c := range 2 {
			want := (y[6*c+p] - par.YMean[6*c+p]) / par.YStd[c]
			if got := w.in.x.image.Data[p*4+1+c]; math.Abs(got-want) > 1e-15*(1+math.Abs(want)) {
				t.Errorf("pixel %d, channel %d: %v, want %v", p, c, got, want)
			}
		}
	}
}

// TestPhasesAreUnwrapped checks that with a period the network's input is the
// same for a phase and for the folded phase.
func TestPhasesAreUnwrapped(t *testing.T) {
	const rows, cols, period = 5, 4, 0.9
	par := &Preconditioned{SigmaData: 0.3, YMean: []float64{0.1}, YStd: []float64{0.5},
		YPeriod: period}
	w := NewNet[float64](Arch{2, 1, 1, MaxPool, Base, false, 0, false}).NewWorker(par, rows, cols)
	x, y, z := sample[float64](Arch{2, 1, 1, MaxPool, Base, false, 0, false}, rows, cols, 1)
	mean := 0.0
	for p := range y {
		y[p] = 0.3*float64(p/cols) - 0.2*float64(p%cols)
		mean += y[p] / float64(len(y))
	}
	folded := slices.Clone(y)
	for p := range folded {
		folded[p] = math.Mod(folded[p]+10*period, period)
	}
	w.Loss(x, folded, z, 0.7)
	for p := range y {
		if got, want := w.in.x.image.Data[3*p+1], (y[p]-mean-0.1)/0.5; math.Abs(got-want) > 1e-12 {
			t.Errorf("pixel %d: %v, want %v", p, got, want)
		}
	}
}

// TestInput fixes the order of the channels: In·x̃, standardized y, level.
func TestInput(t *testing.T) {
	a := Arch{2, 2, 1, MaxPool, Base, false, 0, false}
	par := preconditioned(2)
	w := NewNet[float64](a).NewWorker(par, 3, 2)
	x, y, z := sample[float64](a, 3, 2, 1)
	const sigma = 0.7
	w.Loss(x, y, z, sigma)
	k := par.At(sigma)
	for p := range x {
		want := []float64{k.In * (x[p] + sigma*z[p]), (y[p] - par.YMean[0]) / par.YStd[0],
			(y[6+p] - par.YMean[1]) / par.YStd[1], math.Log(sigma) / 4}
		for c, v := range want {
			if got := w.in.x.image.Data[p*4+c]; math.Abs(got-v) > 1e-15*(1+math.Abs(v)) {
				t.Errorf("pixel %d, channel %d: %v, want %v", p, c, got, v)
			}
		}
	}
}
