package compression_test

import (
	"math"
	"slices"
	"testing"

	"csdm/priors"
	"csdm/problems"
	"csdm/problems/internal/compression"
	"csdm/rng"
)

const n, size = 57, 7.0

// discs has discs of any position, size and modulus; fixed has one of a given
// radius and ratio.
func discs(t *testing.T, fixed bool, ratio priors.Uniform) *compression.Problem {
	t.Helper()
	prior := priors.CircularInclusion{
		Grid: priors.Grid{Rows: n, Cols: n, Width: size, Height: size},
		X:    priors.Uniform{Lo: 2, Hi: 5}, Y: priors.Uniform{Lo: 2, Hi: 5},
		Radius: priors.Uniform{Lo: 0.8, Hi: 1.6}, Ratio: ratio, Background: 3,
	}
	if fixed {
		prior.Radius = priors.Uniform{Lo: 0.84, Hi: 0.84}
	}
	p, err := compression.New(problems.Spec{Name: "test", LengthUnit: "mm", XUnit: "kPa"}, prior, 0,
		-0.1, priors.Gaussian{Std: 1})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestQuantify compares the quantities of discs with the variables that made
// them. A disc on nodes differs from the exact disc by nodes at its rim: its
// area by about √(8 r/h) nodes, its center by less than half the spacing h.
func TestQuantify(t *testing.T) {
	p := discs(t, false, priors.Uniform{Lo: 2, Hi: 8})
	const h = size / (n - 1)
	names := p.Quantities()
	q, x, theta := make([]float64, len(names)), make([]float64, n*n), make([]float64, 4)
	noise := rng.New(1, rng.Test, 0, 0)
	for i := range uint64(50) {
		p.Latent(theta, 1, i)
		p.Field(x, theta)
		for k := range x {
			x[k] += 0.1 * noise.Normal()
		}
		p.Quantify(q, x)
		r := theta[2]
		area := math.Pi * q[2] * q[2] / 4
		if math.Abs(q[0]-theta[0]) > h/2 || math.Abs(q[1]-theta[1]) > h/2 ||
			math.Abs(area-math.Pi*r*r) > 4*math.Sqrt(8*r/h)*h*h || math.Abs(q[3]-3*theta[3]) > 0.1 {
			t.Errorf("θ = %v: quantities %v", theta, q)
		}
		if r := p.Inspect(x); r.First < r.Least || r.Second != 0 || r.Outside != 0 {
			t.Errorf("a disc alone has %+v", r)
		}
	}
}

// TestResolution compares the stated resolution with prior draws of another
// seed, and checks that there is no bias in addition to the scatter.
func TestResolution(t *testing.T) {
	p := discs(t, false, priors.Uniform{Lo: 2, Hi: 8})
	names := p.Quantities()
	q, x, theta := make([]float64, len(names)), make([]float64, n*n), make([]float64, 4)
	bias, scatter := make([]float64, len(names)), make([]float64, len(names))
	const draws = 400
	for i := range uint64(draws) {
		p.Latent(theta, 9, i)
		p.Field(x, theta)
		p.Quantify(q, x)
		for k, want := range []float64{theta[0], theta[1], 2 * theta[2], 3 * theta[3]} {
			bias[k] += (q[k] - want) / draws
			scatter[k] += (q[k] - want) * (q[k] - want) / draws
		}
	}
	for k, v := range names {
		rms := math.Sqrt(scatter[k])
		t.Logf("%s: bias %.5f, RMS %.5f, stated %.5f %s", v.Name, bias[k], rms, v.Resolution,
			v.Unit)
		if math.Abs(rms-v.Resolution) > 0.2*v.Resolution+1e-12 {
			t.Errorf("%s: an RMS distance of %v, %v is said", v.Name, rms, v.Resolution)
		}
		if math.Abs(bias[k]) > 4*rms/math.Sqrt(draws)+1e-12 {
			t.Errorf("%s: a bias of %v beside a scatter of %v", v.Name, bias[k], rms)
		}
	}
	if h := size / (n - 1); !(names[0].Resolution > 0.01*h && names[0].Resolution < 0.3*h) {
		t.Errorf("the stated resolution of the center is %v, with nodes %v apart",
			names[0].Resolution, h)
	}
}

// smear sets the lower left corner of a field to a value: a square of 5 % of
// the nodes.
func smear(x []float64, value float64) []float64 {
	x = slices.Clone(x)
	side := int(math.Round(math.Sqrt(0.05 * n * n)))
	for r := range side {
		for c := range side {
			x[r*n+c] = value
		}
	}
	return x
}

// TestSmearAndSecondDisc checks that bright regions elsewhere move the center
// by less than a pixel, and are reported. The smear covers more nodes than the
// smallest disc.
func TestSmearAndSecondDisc(t *testing.T) {
	const h = size / (n - 1)
	for _, fixed := range []bool{false, true} {
		for _, soft := range []bool{false, true} {
			ratio, inside := priors.Uniform{Lo: 2, Hi: 8}, 12.0
			if soft {
				ratio, inside = priors.Uniform{Lo: 0.1, Hi: 0.5}, 1
			}
			if fixed {
				ratio = priors.Uniform{Lo: inside / 3, Hi: inside / 3}
			}
			p := discs(t, fixed, ratio)
			names := p.Quantities()
			q, spoiled, x := make([]float64, len(names)), make([]float64, len(names)),
				make([]float64, n*n)
			lo, _ := p.Box()
			theta := make([]float64, len(lo))
			for i := range uint64(40) {
				p.Latent(theta, 2, i)
				d := p.Disc(theta)
				d.Inside = inside
				d.Rasterize(x, priors.Grid{Rows: n, Cols: n, Width: size, Height: size})
				p.Quantify(q, x)
				second := slices.Clone(x)
				for k := range second { // a smaller disc, away from the first
					cx, cy := math.Mod(d.X+2, 5)+1, math.Mod(d.Y+2, 5)+1
					if math.Hypot(float64(k%n)*h-cx, float64(k/n)*h-cy) < 0.7*min(d.Radius,
						math.Hypot(cx-d.X, cy-d.Y)-d.Radius-2*h) {
						second[k] = inside
					}
				}
				for what, y := range map[string][]float64{"a smear": smear(x, inside),
					"a second disc": second} {
					if slices.Equal(x, y) {
						continue // no room
					}
					p.Quantify(spoiled, y)
					if math.Hypot(spoiled[0]-q[0], spoiled[1]-q[1]) >= h || len(q) > 2 &&
						math.Abs(spoiled[2]-q[2]) > h {
						t.Errorf("fixed %v, soft %v: %s takes %v to %v", fixed, soft, what, q,
							spoiled)
					}
					if r := p.Inspect(y); r.First < r.Least || r.Outside == 0 ||
						what == "a smear" && (r.Second < r.Least || r.Outside < 0.15) {
						t.Errorf("fixed %v, soft %v: %s is not reported: %+v", fixed, soft, what, r)
					}
				}
			}
		}
	}
}

// TestNoInclusion checks that a uniform field, a noisy one, and one with a few
// bright nodes have no inclusion.
func TestNoInclusion(t *testing.T) {
	s := rng.New(3, rng.Test, 0, 0)
	for _, fixed := range []bool{false, true} {
		ratio := priors.Uniform{Lo: 2, Hi: 8}
		if fixed {
			ratio = priors.Uniform{Lo: 4, Hi: 4}
		}
		p := discs(t, fixed, ratio)
		q := make([]float64, len(p.Quantities()))
		uniform := slices.Repeat([]float64{3}, n*n)
		noisy, speckled := slices.Clone(uniform), slices.Clone(uniform)
		for k := range noisy {
			noisy[k] += 0.3 * s.Normal()
		}
		for range 20 {
			speckled[s.Uint64n(n*n)] = 20
		}
		for what, x := range map[string][]float64{"a uniform field": uniform,
			"a uniform field with noise": noisy, "a few bright nodes": speckled} {
			p.Quantify(q, x)
			if slices.ContainsFunc(q, func(v float64) bool { return !math.IsNaN(v) }) {
				t.Errorf("fixed %v: %s has quantities %v", fixed, what, q)
			}
			if r := p.Inspect(x); r.First >= r.Least || r.Second >= r.Least {
				t.Errorf("fixed %v: %s has %+v", fixed, what, r)
			}
		}
	}
}
