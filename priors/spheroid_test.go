package priors_test

import (
	"math"
	"testing"

	"csdm/priors"
	"csdm/priors/priorstest"
	"csdm/rng"
)

// TestEllipseClearance moves from the boundary inwards and outwards along the
// normal. Up to the center of curvature, at least b²/a away, the length of the
// path is the distance. On the axes inside the evolute the distance also has a
// closed form.
func TestEllipseClearance(t *testing.T) {
	s := rng.New(1, rng.Test, 0, 0)
	for range 300 {
		e := priors.Ellipse{X: s.Uniform(-5, 5), Y: s.Uniform(-5, 5), A: s.Uniform(1, 3),
			B: s.Uniform(1, 3)}
		least := min(e.A, e.B)
		sin, cos := math.Sincos(s.Uniform(0, 2*math.Pi))
		nx, ny := cos/e.A, sin/e.B // outward normal of the point (A cos, B sin)
		norm := math.Hypot(nx, ny)
		d := s.Uniform(-1, 0.99*least*least/max(e.A, e.B))
		x, y := e.X+e.A*cos-d*nx/norm, e.Y+e.B*sin-d*ny/norm
		if got := e.Clearance(x, y); math.Abs(got-d) > 1e-8 {
			t.Errorf("%+v: clearance of (%v, %v) is %v, want %v", e, x, y, got, d)
		}
		if got := e.Contains(x, y); got != (d >= 0) {
			t.Errorf("%+v: contains (%v, %v): %v, at clearance %v", e, x, y, got, d)
		}
		if got := e.Clearance(e.X, e.Y); math.Abs(got-least) > 1e-8 {
			t.Errorf("%+v: clearance of the center is %v", e, got)
		}
		if focal2 := e.A*e.A - e.B*e.B; focal2 > 0 {
			p := s.Uniform(0, focal2/e.A)
			if got, want := e.Clearance(e.X-p, e.Y),
				e.B*math.Sqrt(1-p*p/focal2); math.Abs(got-want) > 1e-8 {
				t.Errorf("%+v: clearance on the long axis at %v is %v, want %v", e, p, got, want)
			}
		}
	}
}

// table11 returns the paper's prior, with nuclei on a raster of the given
// spacing.
func table11(raster float64) *priors.SpheroidPrior {
	return &priors.SpheroidPrior{
		Width:   priors.TruncatedNormal{Mean: 105, Std: 8.33, Lo: 80, Hi: 130},
		Ratio:   priors.TruncatedNormal{Mean: 0.9, Std: 0.0167, Lo: 0.85, Hi: 0.95},
		X:       priors.TruncatedNormal{Std: 13.33, Lo: -40, Hi: 40},
		Y:       priors.TruncatedNormal{Std: 13.33, Lo: -40, Hi: 40},
		Density: priors.TruncatedNormal{Mean: 4750e-6, Std: 250e-6, Lo: 4000e-6, Hi: 5500e-6},
		Nuclei: priors.NucleiPacking{
			Radius: priors.TruncatedNormal{Mean: 7.5, Std: 0.5, Lo: 6, Hi: 9},
			Gap:    2, Raster: raster},
		Nucleus:   priors.TruncatedNormal{Mean: 32.5, Std: 5.833, Lo: 15, Hi: 50},
		Cytoplasm: priors.TruncatedNormal{Mean: 10, Std: 1.67, Lo: 5, Hi: 15},
		Gel:       priors.TruncatedNormal{Mean: 7.5, Std: 0.833, Lo: 5, Hi: 10},
	}
}

func drawSpheroid(p *priors.SpheroidPrior, i int) priors.Spheroid {
	return p.Draw(rng.New(3, rng.Test, uint64(i), 0))
}

// cdf is the distribution function of a truncated normal distribution.
func cdf(l priors.TruncatedNormal, v float64) float64 {
	phi := func(x float64) float64 { return 0.5 * math.Erfc(-(x-l.Mean)/l.Std/math.Sqrt2) }
	return (phi(v) - phi(l.Lo)) / (phi(l.Hi) - phi(l.Lo))
}

// TestSpheroidMarginals tests the distribution of each number of Table 11 by
// Kolmogorov's statistic. The requested density is rounded to whole nuclei,
// which shifts the distribution by less than 0.01. Of the radii only the first
// of each spheroid has the distribution of the table, because large ones fail
// more often later.
func TestSpheroidMarginals(t *testing.T) {
	p := table11(4)
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	laws := []struct {
		name         string
		distribution priors.TruncatedNormal
		of           func(s *priors.Spheroid) float64
	}{
		{"width", p.Width, func(s *priors.Spheroid) float64 { return 2 * s.A }},
		{"ratio", p.Ratio, func(s *priors.Spheroid) float64 { return s.B / s.A }},
		{"x", p.X, func(s *priors.Spheroid) float64 { return s.X }},
		{"y", p.Y, func(s *priors.Spheroid) float64 { return s.Y }},
		{"density", p.Density, func(s *priors.Spheroid) float64 {
			return float64(s.Wanted) / s.Area()
		}},
		{"radius", p.Nuclei.Radius, func(s *priors.Spheroid) float64 { return s.Nuclei[0].Radius }},
		{"nucleus", p.Nucleus, func(s *priors.Spheroid) float64 { return s.Nuclei[0].Modulus }},
		{"cytoplasm", p.Cytoplasm, func(s *priors.Spheroid) float64 {
			return s.Nuclei[0].Cytoplasm
		}},
		{"gel", p.Gel, func(s *priors.Spheroid) float64 { return s.Gel }},
	}
	const draws = 600
	values := make([][]float64, len(laws))
	for i := range draws {
		s := drawSpheroid(p, i)
		for k, l := range laws {
			values[k] = append(values[k], cdf(l.distribution, l.of(&s)))
		}
	}
	for k, l := range laws {
		if d := priorstest.KolmogorovUniform(values[k], 0, 1); d > 2.3 {
			t.Errorf("%s: Kolmogorov's statistic is %v", l.name, d)
		}
	}
}

// TestModulus sums over a fine raster: the areas of nuclei and spheroid equal
// the areas of their discs and of the ellipse, up to the points on their rims,
// and no other moduli occur.
func TestModulus(t *testing.T) {
	p := table11(2)
	s := drawSpheroid(p, 0)
	const h = 0.5
	count := make(map[float64]float64)
	for x := -128.0; x < 128; x += h {
		for y := -128.0; y < 128; y += h {
			count[s.Modulus(x, y)] += h * h
		}
	}
	discs := 0.0
	for _, n := range s.Nuclei {
		discs += math.Pi * n.Radius * n.Radius
	}
	nucleus := s.Nuclei[0].Modulus
	if len(count) != 3 || math.Abs(count[nucleus]-discs) > 0.01*discs ||
		math.Abs(count[nucleus]+count[s.Cytoplasm]-s.Area()) > 0.005*s.Area() {
		t.Errorf("areas by modulus %v, want discs of %v in an ellipse of %v", count, discs,
			s.Area())
	}

	p.PerCell = true
	s = drawSpheroid(p, 0)
	clear(count)
	for _, n := range s.Nuclei {
		count[n.Modulus]++
		count[n.Cytoplasm]++
		if got := s.Modulus(n.X, n.Y); got != n.Modulus {
			t.Errorf("modulus %v in the middle of a nucleus of %v", got, n.Modulus)
		}
	}
	if len(count) != 2*len(s.Nuclei) {
		t.Errorf("%d moduli in %d cells", len(count), len(s.Nuclei))
	}
	s.Nuclei = nil
	if got := s.Modulus(s.X, s.Y); got != s.Cytoplasm {
		t.Errorf("without nuclei the modulus is %v", got)
	}
}

func TestSpheroidValidateRejects(t *testing.T) {
	for name, spoil := range map[string]func(*priors.SpheroidPrior){
		"order":    func(p *priors.SpheroidPrior) { p.X.Lo, p.X.Hi = 1, -1 },
		"far":      func(p *priors.SpheroidPrior) { p.Y.Lo, p.Y.Hi = 100, 200 },
		"narrow":   func(p *priors.SpheroidPrior) { p.Gel.Lo, p.Gel.Hi = 7.5, 7.5+1e-9 },
		"NaN":      func(p *priors.SpheroidPrior) { p.Nucleus.Std = math.NaN() },
		"negative": func(p *priors.SpheroidPrior) { p.Width.Lo = -1 },
		"gap":      func(p *priors.SpheroidPrior) { p.Nuclei.Gap = -1 },
		"raster":   func(p *priors.SpheroidPrior) { p.Nuclei.Raster = 0 },
	} {
		p := table11(1)
		spoil(p)
		if p.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
