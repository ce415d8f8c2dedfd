package opticnerve_test

import (
	"errors"
	"math"
	"math/cmplx"
	"testing"

	"csdm/internal/format"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/opticnerve"
	"csdm/problems/problemstest"
)

// open returns the problem on a grid, and a generator.
func open(t *testing.T, grid int) (*opticnerve.Problem, *opticnerve.Generator) {
	t.Helper()
	p, err := opticnerve.New(problems.Options{Grid: grid})
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	return p, g.(*opticnerve.Generator)
}

func TestProblem(t *testing.T) {
	problemstest.Problem(t, problemstest.Case{
		New:      func(o problems.Options) (problems.Problem, error) { return opticnerve.New(o) },
		Options:  problems.Options{Grid: 32},
		NoiseStd: func(float64) float64 { return 8e-4 }, // 4 % of 2e-5 m
	})
	_, err := opticnerve.New(problems.Options{Grid: 48})
	if e, ok := errors.AsType[*problems.OptionError](err); !ok || e.Option != "grid" {
		t.Errorf("a grid of 48: %v", err)
	}
}

// TestFEniCS compares with FEniCS on 80×96 nodes of the spacing of Grid 64:
// half the domain of Grid 32. The equation does not change when lengths are
// doubled and moduli multiplied by four, so the solution equals the solution of
// Grid 32 for four times the moduli.
func TestFEniCS(t *testing.T) {
	a, err := format.ReadNPZFile("testdata/helmholtz_80x96.npz")
	if err != nil {
		t.Fatal(err)
	}
	_, g := open(t, 32)
	mu := a["mu"].Float64() // Pa
	for k := range mu {
		mu[k] *= 4e-3
	}
	re, im := make([]float64, len(mu)), make([]float64, len(mu))
	if err := g.Solve(re, im, mu); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][]float64{"u_real": re, "u_imag": im} {
		worst := 0.0
		for k, v := range a[name].Float64() {
			worst = max(worst, math.Abs(got[k]-1000*v)) // mm, m
		}
		if !(worst < 1e-9*opticnerve.UMax) {
			t.Errorf("%s is off by %.2e mm", name, worst)
		}
	}
}

// TestHomogeneous compares with the closed form for one modulus everywhere.
// With y from the bottom, and W, H the sides of the domain, u = Σ_{n odd}
// 4U/(nπ) sin(nπy/H) sinh(κx)/sinh(κW), κ² = (nπ/H)² − k², k² = ω²ρ/(μ(1 +
// iαω)), satisfies the equation and all four conditions. The error of linear
// elements is of the order of the square of the spacing: on Grid 64, (kh)²/24
// of kW for phases, and about the same for amplitudes.
func TestHomogeneous(t *testing.T) {
	const mu = 30.0
	var errs []float64
	for _, grid := range []int{32, 64} {
		p, g := open(t, grid)
		m := p.Mesh()
		moduli, re, im := make([]float64, m.Points()), make([]float64, m.Points()),
			make([]float64, m.Points())
		for k := range moduli {
			moduli[k] = mu
		}
		if err := g.Solve(re, im, moduli); err != nil {
			t.Fatal(err)
		}
		omega := 2 * math.Pi * 2500
		// In 1/m², as 1 kPa over 1000 kg/m³ is 1 m²/s².
		k2 := complex(omega*omega/mu, 0) / complex(1, 5e-5*omega)
		k2 *= 1e-6 // in 1/mm²
		left, bottom := m.Grid.X0, m.Grid.Y0
		width, height := 1.75-left, float64(m.Grid.Rows-1)*m.Grid.DY
		worst := 0.0
		for _, q := range [][2]float64{{0, 1.75}, {0.3, 3.4}, {0.9, 2.6}, {1.2, 1.8}, {1.5, 2.2},
			{1.5, 3.3}} {
			// The nearest node, which is the same on both grids up to the
			// spacing.
			r, c := int(math.Round((q[1]-bottom)/m.Grid.DY)), int(math.Round((q[0]-left)/m.Grid.DX))
			x, y := float64(c)*m.Grid.DX, float64(r)*m.Grid.DY
			var want complex128
			for n := 1; n < 301; n += 2 { // the remainder is e^{−300π·0.2/H}
				kappa := cmplx.Sqrt(complex(math.Pow(float64(n)*math.Pi/height, 2), 0) - k2)
				ratio := cmplx.Exp(-kappa*complex(width-x,
					0)) * (1 - cmplx.Exp(-2*kappa*complex(x,
					0))) / (1 - cmplx.Exp(-2*kappa*complex(width, 0)))
				want += complex(4*0.02/(float64(n)*math.Pi)*math.Sin(float64(n)*math.Pi*y/height),
					0) * ratio
			}
			k := r*m.Grid.Cols + c
			worst = max(worst, cmplx.Abs(complex(re[k], im[k])-want))
		}
		errs = append(errs, worst/0.02)
	}
	if !(errs[1] < 2e-3) || !(errs[0]/errs[1] > 3) || !(errs[0]/errs[1] < 5) {
		t.Errorf("errors of %v on grids 32 and 64, want a quarter each time", errs)
	}
}

// TestRegion checks the position of the region and the values that are set to
// zero in it, by the mesh's own coordinates.
func TestRegion(t *testing.T) {
	for _, grid := range []int{32, 64} {
		p, g := open(t, grid)
		m, s := p.Mesh(), p.Spec()
		n, step := s.XLen(), 64/grid
		h := 1.75 / 63
		x, y := make([]float64, n), make([]float64, 2*n)
		domain := opticnerve.Domain()
		for i := range uint64(2) {
			if err := g.Pair(x, y, 5, i); err != nil {
				t.Fatal(err)
			}
			a := p.Anatomy(5, i)
			section := domain.Section(a)
			for k := range n {
				r, c := k/grid, k%grid
				point := (s.Rows+r)*m.Grid.Cols + m.Grid.Cols - s.Cols + c
				atX, atY := 1.75-float64((grid-1-c)*step)*h, 1.75+float64(r*step)*h
				if math.Abs(m.X[point]-atX) > 1e-12 || math.Abs(m.Y[point]-atY) > 1e-12 {
					t.Fatalf("grid %d: node (%d, %d) lies at (%v, %v)", grid, r, c, m.X[point],
						m.Y[point])
				}
				tissue := section.Tissue(atX, atY)
				if x[k] != a.Moduli[tissue] {
					t.Fatalf("grid %d: x is %v in %v", grid, x[k], tissue)
				}
				if (tissue == priors.Background) != (y[k] == 0 && y[n+k] == 0) {
					t.Fatalf("grid %d: y is (%v, %v) in %v", grid, y[k], y[n+k], tissue)
				}
				if c == grid-1 && tissue != priors.Background && (y[k] != 0.02 || y[n+k] != 0) {
					t.Fatalf("grid %d: u is (%v, %v) on the axis", grid, y[k], y[n+k])
				}
			}
		}
		if d := p.Mesh(); math.Abs(d.X[0]-domain.Left) > float64(step-1)*h+1e-12 ||
			math.Abs(d.Y[0]+h) > 1e-12 {
			t.Errorf("grid %d: the mesh begins at (%v, %v)", grid, d.X[0], d.Y[0])
		}
	}
}

// TestDriven holds the values that the problem calls known against pairs.
func TestDriven(t *testing.T) {
	for _, grid := range []int{32, 64} {
		p, g := open(t, grid)
		places, values := p.Driven()
		if len(places) != 2*grid || len(values) != len(places) {
			t.Fatalf("grid %d: %d values at %d places", grid, len(values), len(places))
		}
		x, y := make([]float64, p.Spec().XLen()), make([]float64, p.Spec().YLen())
		imposed := 0
		for i := range uint64(3) {
			if err := g.Pair(x, y, 8, i); err != nil {
				t.Fatal(err)
			}
			for k, at := range places {
				if y[at] != values[k] && y[at] != 0 {
					t.Fatalf("grid %d: y[%d] is %v, want %v or 0", grid, at, y[at], values[k])
				}
				if y[at] == 0.02 {
					imposed++
				}
			}
		}
		if imposed < 3*grid/2 {
			t.Errorf("grid %d: only %d values are imposed", grid, imposed)
		}
	}
}

// TestQuantify compares the quantities with the anatomies. A modulus is exact
// where the tissue is stiffer than all soft tissue, 2·9.8 kPa. The thickness
// counts the nodes inside, so it has an error of one spacing at either edge,
// averaged over a band. It may also differ from the thickness at the middle of
// the band by the slope, up to 15°, over half the band.
func TestQuantify(t *testing.T) {
	for _, grid := range []int{32, 64} {
		p, _ := open(t, grid)
		domain := opticnerve.Domain()
		h := opticnerve.Spacing * float64(64/grid)
		x, q := make([]float64, grid*grid), make([]float64, len(p.Quantities()))
		tissue := make([]priors.Tissue, grid*grid)
		g := priors.Grid{Rows: grid, Cols: grid, Width: p.Spec().Width, Height: p.Spec().Height}
		checked := 0
		for i := range uint64(100) {
			a := p.Anatomy(6, i)
			section := domain.Section(a)
			section.Rasterize(tissue, g, 1.75-g.Width, 1.75)
			sum := 0.0
			for k, s := range tissue {
				x[k] = a.Moduli[s]
				sum += x[k]
			}
			p.Quantify(q, x)
			if math.Abs(q[3]-sum/float64(len(x))) > 1e-12*q[3] {
				t.Fatalf("mean modulus %v", q[3])
			}
			if v := a.Moduli[priors.Sclera]; v > 20 && a.Moduli[priors.Pia] < v &&
				math.Abs(q[2]-v) > 1e-12*v {
				t.Errorf("grid %d, draw %d: sclera of %v kPa has %v", grid, i, v, q[2])
			}
			v := a.Moduli[priors.Lamina]
			if v < 40 { // nerve and prelaminar tissue may be half as stiff
				continue
			}
			checked++
			if math.Abs(q[0]-v) > 1e-12*v {
				t.Errorf("grid %d, draw %d: lamina of %v kPa has %v", grid, i, v, q[0])
			}
			const fine = 1e-3
			thickness := 0.0
			for y := 1.75; y < 3.5; y += fine {
				if section.Tissue(1.75-1.5*opticnerve.Spacing, y) == priors.Lamina {
					thickness += fine
				}
			}
			if math.Abs(q[1]-thickness) > h {
				t.Errorf("grid %d, draw %d: lamina %v mm thick, quantity %v", grid, i, thickness,
					q[1])
			}
		}
		if checked < 60 {
			t.Errorf("grid %d: only %d draws were checked", grid, checked)
		}
	}
}
