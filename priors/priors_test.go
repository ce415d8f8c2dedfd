package priors_test

import (
	"math"
	"testing"

	"csdm/priors"
	"csdm/priors/priorstest"
	"csdm/rng"
)

func TestMeasurements(t *testing.T) {
	y := []float64{0.25, -1, 0, 3, 1e-3}
	mean := func(i int) float64 { return y[i] }
	constant := func(v float64) func(int) float64 { return func(int) float64 { return v } }

	// Variance of a standard normal truncated at ±k: 1 − 2kφ(k)/(2Φ(k)−1).
	truncated := func(k float64) float64 {
		phi := math.Exp(-k*k/2) / math.Sqrt(2*math.Pi)
		return math.Sqrt(1 - 2*k*phi/math.Erf(k/math.Sqrt2))
	}
	for name, c := range map[string]priorstest.MeasurementCase{
		"gaussian": {Measurement: priors.Gaussian{Std: 0.3}, Std: constant(0.3), Shift: 0.15},
		// Truncation at 3 lowers E p(y|b)/p(y|a) by at most the mass of the
		// normal around b beyond ±3 around a, shifted by half a deviation:
		// Φ(−2.5) + Φ(−3.5) = 0.0064. The division by the remaining mass 0.9973
		// partly compensates this.
		"truncated at 3": {Measurement: priors.TruncatedGaussian{Std: 0.3, Limit: 3},
			Std: constant(0.3 * truncated(3)), Shift: 0.15, Bias: 0.0064},
		"truncated at 1": {Measurement: priors.TruncatedGaussian{Std: 2, Limit: 1},
			Std: constant(2 * truncated(1))},
		"recorded": {Measurement: priors.Recorded{}, Std: constant(0)},
		"sequence": {Measurement: priors.Sequence{priors.Gaussian{Std: 3}, priors.Gaussian{Std: 4}},
			Std: constant(5)},
	} {
		t.Run(name, func(t *testing.T) {
			c.Prediction, c.Mean = y, mean
			priorstest.Measurement(t, c)
		})
	}
}

func TestTruncationHolds(t *testing.T) {
	noise := priors.TruncatedGaussian{Std: 0.1, Limit: 1.5}
	y, dst := make([]float64, 10_000), make([]float64, 10_000)
	noise.Sample(dst, y, rng.New(1, rng.Test, 0, 0))
	most := 0.0
	for _, v := range dst {
		most = max(most, math.Abs(v))
	}
	if most > 0.15 || most < 0.149 {
		t.Errorf("largest noise %v, want just below 0.15", most)
	}
}

// table8 has four variables; table3 two.
func table8(n int) *priors.CircularInclusion {
	return &priors.CircularInclusion{
		Grid: priors.Grid{Rows: n, Cols: n + 3, Width: 26.297, Height: 34.608},
		X:    priors.Uniform{Lo: 7.1, Hi: 19.2}, Y: priors.Uniform{Lo: 7.1, Hi: 27.5},
		Radius: priors.Uniform{Lo: 3.5, Hi: 7}, Ratio: priors.Uniform{Lo: 1, Hi: 8},
		Background: 4.7,
	}
}

func TestCircularInclusion(t *testing.T) {
	p := table8(30)
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	priorstest.Field(t, p, p.Grid.Nodes(), 4.7, 4.7*8)

	fixed := *p
	fixed.Y, fixed.Radius, fixed.Ratio = priors.Constant(10), priors.Constant(5), priors.Constant(2)
	if fixed.Dim() != 1 {
		t.Errorf("%d variables, want 1", fixed.Dim())
	}
	if d, want := fixed.Disc([]float64{8}),
		(priors.Disc{X: 8, Y: 10, Radius: 5, Inside: 9.4, Outside: 4.7}); d != want {
		t.Errorf("disc %+v, want %+v", d, want)
	}
}

// TestInclusionMarginals recovers each variable from fields alone and tests its
// distribution: the area gives the radius, the centroid the center, the maximum
// the ratio. On nodes with spacing h, the error of the area is at most the band
// 2πr·h/√2 of the perimeter, and usually far smaller. On this fine grid it is a
// few parts in a thousand, well below the resolution of Kolmogorov's test with
// 2,000 draws.
func TestInclusionMarginals(t *testing.T) {
	p := table8(200)
	lo, hi := p.Box()
	const draws = 2000
	var recovered [4][]float64
	x, theta := make([]float64, p.Grid.Nodes()), make([]float64, 4)
	cell := p.Grid.X(1) * p.Grid.Y(1)
	for i := range draws {
		priors.Draw(theta, lo, hi, rng.New(5, rng.Prior, uint64(i), 0))
		p.Field(x, theta)
		var n, sx, sy, top float64
		for row := range p.Grid.Rows {
			for col := range p.Grid.Cols {
				if v := x[row*p.Grid.Cols+col]; v > p.Background {
					n++
					sx += p.Grid.X(col)
					sy += p.Grid.Y(row)
					top = v
				}
			}
		}
		for k, v := range []float64{sx / n, sy / n, math.Sqrt(n * cell / math.Pi),
			top / p.Background} {
			recovered[k] = append(recovered[k], v)
		}
	}
	for k, name := range []string{"X", "Y", "radius", "ratio"} {
		if d := priorstest.KolmogorovUniform(recovered[k], lo[k], hi[k]); d > 2.3 {
			t.Errorf("%s: Kolmogorov's statistic against U(%v, %v) is %v", name, lo[k], hi[k], d)
		}
	}
}

func TestValidateRejects(t *testing.T) {
	for name, spoil := range map[string]func(*priors.CircularInclusion){
		"grid":     func(p *priors.CircularInclusion) { p.Grid.Rows = 1 },
		"order":    func(p *priors.CircularInclusion) { p.X = priors.Uniform{Lo: 2, Hi: 1} },
		"NaN":      func(p *priors.CircularInclusion) { p.Ratio.Hi = math.NaN() },
		"radius":   func(p *priors.CircularInclusion) { p.Radius.Lo = 0 },
		"negative": func(p *priors.CircularInclusion) { p.Background = -1 },
	} {
		p := table8(10)
		spoil(p)
		if p.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
