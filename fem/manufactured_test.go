package fem

import (
	"context"
	"math"
	"testing"

	"csdm/mesh"
)

// exact is a manufactured solution: value and gradient of each component.
type exact struct {
	value func(u []float64, x, y float64)
	slope func(g []float64, x, y float64) // ∂u₀/∂x, ∂u₀/∂y, ∂u₁/∂x, …
}

// errorsOf returns the L2 norms of the error of a nodal field (component i at
// point p in fields[i][p]) and of its gradient.
func errorsOf(m *mesh.Mesh, fields [][]float64, e exact) (l2, h1 float64) {
	comps := len(fields)
	u, g := make([]float64, comps), make([]float64, 2*comps)
	var p point
	var xy [8]float64
	for c := range m.Cells() {
		var s ShapeFunctions = Q4{}
		if c < len(m.Triangles) {
			s = P1{}
		}
		corners := m.Corners(c)
		for a, q := range corners {
			xy[2*a], xy[2*a+1] = m.X[q], m.Y[q]
		}
		rule := s.Rule(5)
		for q, w := range rule.Weights {
			p.at(s, xy[:], rule.Points[q][0], rule.Points[q][1])
			e.value(u, p.x, p.y)
			e.slope(g, p.x, p.y)
			for i, field := range fields {
				du, dx, dy := -u[i], -g[2*i], -g[2*i+1]
				for a, node := range corners {
					du += p.n[a] * field[node]
					dx += p.grad[a][0] * field[node]
					dy += p.grad[a][1] * field[node]
				}
				l2 += w * p.det * du * du
				h1 += w * p.det * (dx*dx + dy*dy)
			}
		}
	}
	return math.Sqrt(l2), math.Sqrt(h1)
}

// distort maps the unit square smoothly onto itself, edges onto edges, so that
// cells have general shapes.
func distort(m *mesh.Mesh) *mesh.Mesh {
	for p := range m.X {
		x, y := m.X[p], m.Y[p]
		m.X[p] += 0.06 * math.Sin(2*math.Pi*x) * math.Sin(math.Pi*y)
		m.Y[p] -= 0.05 * math.Sin(math.Pi*x) * math.Sin(2*math.Pi*y)
	}
	m.Grid = nil
	return m
}

// onBoundary fixes all components on the four sides to the exact values.
func onBoundary(m *mesh.Mesh, comps int, e exact) Dirichlet {
	var bc Dirichlet
	u := make([]float64, comps)
	for _, side := range []int32{mesh.Bottom, mesh.Right, mesh.Top, mesh.Left} {
		for _, p := range m.Side(side) {
			e.value(u, m.X[p], m.Y[p])
			for i, v := range u {
				bc = append(bc, Fixed{int(p), i, v})
			}
		}
	}
	return bc
}

// rates solves at three sizes and checks the order of convergence between the
// last two: 2 in L2 and 1 in H1, within 0.1.
func rates(t *testing.T, name string, solve func(n int) (l2, h1 float64)) {
	t.Helper()
	coarseL2, coarseH1 := solve(16)
	fineL2, fineH1 := solve(32)
	r2, r1 := math.Log2(coarseL2/fineL2), math.Log2(coarseH1/fineH1)
	if math.Abs(r2-2) > 0.1 || math.Abs(r1-1) > 0.1 {
		t.Errorf("%s: rates %.3f in L2 and %.3f in H1 (errors %.3g, %.3g)", name, r2, r1, fineL2,
			fineH1)
	}
}

// smooth is a displacement without symmetry.
var smooth = exact{
	func(u []float64, x, y float64) {
		u[0], u[1] = math.Sin(2*x+y), math.Cos(x-2*y)
	},
	func(g []float64, x, y float64) {
		g[0], g[1] = 2*math.Cos(2*x+y), math.Cos(2*x+y)
		g[2], g[3] = -math.Sin(x-2*y), 2*math.Sin(x-2*y)
	},
}

// second sets the second derivatives of smooth: u_xx, u_xy, u_yy of both
// components.
func second(x, y float64) (u, v [3]float64) {
	s, c := math.Sin(2*x+y), math.Cos(x-2*y)
	return [3]float64{-4 * s, -2 * s, -s}, [3]float64{-c, 2 * c, -4 * c}
}

// TestPlaneStressRates has a modulus that varies linearly, μ = 1 + x + 2y. With
// s = 2(ε + tr(ε) I) the force is −μ ∇·s − s·∇μ.
func TestPlaneStressRates(t *testing.T) {
	body := func(b []float64, x, y float64) {
		mu := 1 + x + 2*y
		u, v := second(x, y)
		g := make([]float64, 4)
		smooth.slope(g, x, y)
		sxx, syy, sxy := 4*g[0]+2*g[3], 2*g[0]+4*g[3], g[1]+g[2]
		b[0] = -mu*(4*u[0]+2*v[1]+u[2]+v[1]) - sxx - 2*sxy
		b[1] = -mu*(2*u[1]+4*v[2]+u[1]+v[0]) - sxy - 2*syy
	}
	rates(t, "plane stress", func(n int) (float64, float64) {
		m := distort(mesh.Triangles(n+1, n+1, 1, 1))
		s := must[*Static](t)(NewPlaneStress(m, onBoundary(m, 2, smooth))).NewSolver()
		s.SetLoad(body)
		mu, ux, uy := make([]float64, m.Points()), make([]float64, m.Points()),
			make([]float64, m.Points())
		for p := range mu {
			mu[p] = 1 + m.X[p] + 2*m.Y[p]
		}
		if err := s.SolveTo(ux, uy, mu); err != nil {
			t.Fatal(err)
		}
		return errorsOf(m, [][]float64{ux, uy}, smooth)
	})
}

// planeStrainSolve solves −(λ+μ)∇(∇·u) − μ∇²u = b on a distorted mesh with the
// whole boundary fixed.
func planeStrainSolve(t *testing.T, m *mesh.Mesh, physics Elements, nu float64, e exact,
	second func(x, y float64) (u, v [3]float64)) (l2, h1 float64) {
	t.Helper()
	lambda, mu := lame(nu)
	s := must[*Static](t)(NewStatic(m, physics, onBoundary(m, 2, e))).NewSolver()
	s.SetLoad(func(b []float64, x, y float64) {
		u, v := second(x, y)
		b[0] = -(lambda+mu)*(u[0]+v[1]) - mu*(u[0]+u[2])
		b[1] = -(lambda+mu)*(u[1]+v[2]) - mu*(v[0]+v[2])
	})
	ones, ux, uy := make([]float64, m.Cells()), make([]float64, m.Points()),
		make([]float64, m.Points())
	for c := range ones {
		ones[c] = 1
	}
	if err := s.SolveCellsTo(ux, uy, ones); err != nil {
		t.Fatal(err)
	}
	return errorsOf(m, [][]float64{ux, uy}, e)
}

func TestPlaneStrainRates(t *testing.T) {
	rates(t, "quadrilaterals", func(n int) (float64, float64) {
		return planeStrainSolve(t, distort(mesh.Quads(n+1, n+1, 1, 1)), PlaneStrain(0.3), 0.3,
			smooth, second)
	})
	rates(t, "triangles", func(n int) (float64, float64) {
		return planeStrainSolve(t, distort(mesh.Triangles(n+1, n+1, 1, 1)), PlaneStrain(0.3), 0.3,
			smooth, second)
	})
}

// swirl is free of divergence: u = (∂ψ/∂y, −∂ψ/∂x) with ψ = sin²(πx)
// sin²(πy)/π, zero on the boundary.
var swirl = exact{
	func(u []float64, x, y float64) {
		sx, sy := math.Sin(math.Pi*x), math.Sin(math.Pi*y)
		u[0], u[1] = sx*sx*math.Sin(2*math.Pi*y), -math.Sin(2*math.Pi*x)*sy*sy
	},
	func(g []float64, x, y float64) {
		sx, sy := math.Sin(math.Pi*x), math.Sin(math.Pi*y)
		both := math.Pi * math.Sin(2*math.Pi*x) * math.Sin(2*math.Pi*y)
		g[0], g[1] = both, 2*math.Pi*sx*sx*math.Cos(2*math.Pi*y)
		g[2], g[3] = -2*math.Pi*math.Cos(2*math.Pi*x)*sy*sy, -both
	},
}

func swirlSecond(x, y float64) (u, v [3]float64) {
	sx, sy := math.Sin(math.Pi*x), math.Sin(math.Pi*y)
	s2x, c2x := math.Sincos(2 * math.Pi * x)
	s2y, c2y := math.Sincos(2 * math.Pi * y)
	k := 2 * math.Pi * math.Pi
	return [3]float64{k * c2x * s2y, k * s2x * c2y, -2 * k * sx * sx * s2y},
		[3]float64{2 * k * s2x * sy * sy, -k * c2x * s2y, -k * s2x * c2y}
}

// TestNoLocking checks that on a divergence-free field, B-bar at ν = 0.4999 is
// as accurate as at ν = 0.3, and converges as fast. Linear triangles show that
// the test would detect locking.
func TestNoLocking(t *testing.T) {
	errorAt := func(n int, nu float64) float64 {
		l2, _ := planeStrainSolve(t, distort(mesh.Quads(n+1, n+1, 1, 1)), PlaneStrain(nu), nu,
			swirl, swirlSecond)
		return l2
	}
	soft, stiff, stiffFine := errorAt(16, 0.3), errorAt(16, 0.4999), errorAt(32, 0.4999)
	if !(stiff < 2*soft) {
		t.Errorf("error %.3g at ν = 0.4999, %.3g at 0.3", stiff, soft)
	}
	if rate := math.Log2(stiff / stiffFine); math.Abs(rate-2) > 0.1 {
		t.Errorf("rate %.3f at ν = 0.4999", rate)
	}
	locked, _ := planeStrainSolve(t, mesh.Triangles(17, 17, 1, 1), PlaneStrain(0.4999), 0.4999,
		swirl, swirlSecond)
	if locked < 10*stiff {
		t.Errorf("linear triangles have error %.3g, B-bar %.3g: this test cannot detect locking",
			locked, stiff)
	}
}

// TestAxisymmetricRates uses u = (r sin z, r² cos z), on cells that touch the
// axis.
func TestAxisymmetricRates(t *testing.T) {
	e := exact{
		func(u []float64, r, z float64) { u[0], u[1] = r*math.Sin(z), r*r*math.Cos(z) },
		func(g []float64, r, z float64) {
			g[0], g[1] = math.Sin(z), r*math.Cos(z)
			g[2], g[3] = 2*r*math.Cos(z), -r*r*math.Sin(z)
		},
	}
	const nu = 0.3
	lambda, mu := lame(nu)
	rates(t, "axisymmetry", func(n int) (float64, float64) {
		m := distort(mesh.Quads(n+1, n+1, 1, 1))
		s := must[*Static](t)(NewStatic(m, Axisymmetric(nu), onBoundary(m, 2, e))).NewSolver()
		// The force is −(∂σ_rr/∂r + ∂σ_rz/∂z + (σ_rr − σ_θθ)/r), −(∂σ_rz/∂r +
		// ∂σ_zz/∂z + σ_rz/r), with tr ε = (2 − r²) sin z and γ_rz = 3r cos z.
		s.SetLoad(func(b []float64, r, z float64) {
			b[0] = (2*lambda + 3*mu) * r * math.Sin(z)
			b[1] = -(6*mu + lambda*(2-r*r) - 2*mu*r*r) * math.Cos(z)
		})
		ones, ur, uz := make([]float64, m.Cells()), make([]float64, m.Points()),
			make([]float64, m.Points())
		for c := range ones {
			ones[c] = 1
		}
		if err := s.SolveCellsTo(ur, uz, ones); err != nil {
			t.Fatal(err)
		}
		return errorsOf(m, [][]float64{ur, uz}, e)
	})
}

// TestNoLockingInAxisymmetry checks the same for u = (r³ cos z, −4r² sin z),
// which is free of divergence, on cells that touch the axis.
func TestNoLockingInAxisymmetry(t *testing.T) {
	e := exact{
		func(u []float64, r, z float64) { u[0], u[1] = r*r*r*math.Cos(z), -4*r*r*math.Sin(z) },
		func(g []float64, r, z float64) {
			g[0], g[1] = 3*r*r*math.Cos(z), -r*r*r*math.Sin(z)
			g[2], g[3] = -8*r*math.Sin(z), -4*r*r*math.Cos(z)
		},
	}
	errorAt := func(n int, nu float64) (l2, h1 float64) {
		_, mu := lame(nu)
		m := distort(mesh.Quads(n+1, n+1, 1, 1))
		s := must[*Static](t)(NewStatic(m, Axisymmetric(nu), onBoundary(m, 2, e))).NewSolver()
		// −μ∇²u of the vector: (∇²u)_r = ∇²u_r − u_r/r².
		s.SetLoad(func(b []float64, r, z float64) {
			b[0] = -mu * (8*r - r*r*r) * math.Cos(z)
			b[1] = mu * (16 - 4*r*r) * math.Sin(z)
		})
		ur, uz := make([]float64, m.Points()), make([]float64, m.Points())
		if err := s.SolveCellsTo(ur, uz, unit(m.Cells())); err != nil {
			t.Fatal(err)
		}
		return errorsOf(m, [][]float64{ur, uz}, e)
	}
	soft, _ := errorAt(16, 0.3)
	stiff, stiffH1 := errorAt(16, 0.4999)
	fine, fineH1 := errorAt(32, 0.4999)
	if !(stiff < 2*soft) {
		t.Errorf("error %.3g at ν = 0.4999, %.3g at 0.3", stiff, soft)
	}
	if r2, r1 := math.Log2(stiff/fine), math.Log2(stiffH1/fineH1); math.Abs(r2-2) > 0.1 ||
		math.Abs(r1-1) > 0.1 {
		t.Errorf("rates %.3f and %.3f at ν = 0.4999", r2, r1)
	}
}

// TestHelmholtzRates uses u = sin(2x + y) + i·sin(πx) sin(πy) for μ = 1 + x +
// 2y. The imaginary part vanishes on the boundary, because boundary values must
// be real.
func TestHelmholtzRates(t *testing.T) {
	wave := Wave{Frequency: 0.8, Alpha: 0.1, Density: 0.7}
	omega := 2 * math.Pi * wave.Frequency
	re := exact{
		func(u []float64, x, y float64) { u[0] = math.Sin(2*x + y) },
		func(g []float64, x, y float64) { g[0], g[1] = 2*math.Cos(2*x+y), math.Cos(2*x+y) },
	}
	im := exact{
		func(u []float64, x, y float64) { u[0] = math.Sin(math.Pi*x) * math.Sin(math.Pi*y) },
		func(g []float64, x, y float64) {
			g[0] = math.Pi * math.Cos(math.Pi*x) * math.Sin(math.Pi*y)
			g[1] = math.Pi * math.Sin(math.Pi*x) * math.Cos(math.Pi*y)
		},
	}
	source := func(x, y float64) complex128 {
		mu := 1 + x + 2*y
		var u, v [1]float64
		var gu, gv [2]float64
		re.value(u[:], x, y)
		im.value(v[:], x, y)
		re.slope(gu[:], x, y)
		im.slope(gv[:], x, y)
		// ∇·(μ∇u) = μ ∇²u + ∇μ·∇u
		flux := complex(-5*mu*u[0]+gu[0]+2*gu[1], -2*math.Pi*math.Pi*mu*v[0]+gv[0]+2*gv[1])
		return complex(-omega*omega, 0)*complex(u[0], v[0]) - complex(1,
			wave.Alpha*omega)/complex(wave.Density, 0)*flux
	}
	for name, generate := range map[string]func(rows, cols int, w,
		h float64) *mesh.Mesh{"triangles": mesh.Triangles, "quadrilaterals": mesh.Quads} {
		rates(t, "Helmholtz on "+name, func(n int) (float64, float64) {
			m := distort(generate(n+1, n+1, 1, 1))
			s := must[*Helmholtz](t)(NewHelmholtz(m, wave, onBoundary(m, 1, re))).NewSolver()
			s.SetLoad(source)
			mu, ur, ui := make([]float64, m.Points()), make([]float64, m.Points()),
				make([]float64, m.Points())
			for p := range mu {
				mu[p] = 1 + m.X[p] + 2*m.Y[p]
			}
			if err := s.SolveTo(ur, ui, mu); err != nil {
				t.Fatal(err)
			}
			a2, a1 := errorsOf(m, [][]float64{ur}, re)
			b2, b1 := errorsOf(m, [][]float64{ui}, im)
			return math.Hypot(a2, b2), math.Hypot(a1, b1)
		})
	}
}

// column is a column of height 1 that is held at the bottom and moves in z
// only, under a force F sin(kz) that is switched on at rest: u = F/(ρω²)·(1 −
// cos ωt) sin kz, ω² = M k²/ρ, with k = π/2 and the modulus M = λ + 2μ of
// confined compression.
func column(t *testing.T, n int, dt float64) (*mesh.Mesh, *DynamicsSolver, float64, float64) {
	const nu, density = 0.3, 1.3
	lambda, mu := lame(nu)
	omega := math.Pi / 2 * math.Sqrt((lambda+2*mu)/density)
	m := mesh.Quads(n+1, 3, 0.2, 1)
	var bc Dirichlet
	for p := range m.Points() {
		bc = append(bc, Fixed{p, 0, 0})
	}
	bc.Fix(m.Side(mesh.Bottom), 1, 0)
	body := func(b []float64, r, z float64) { b[0], b[1] = 0, math.Sin(math.Pi/2*z) }
	d := must[*Dynamics](t)(NewDynamics(m, Axisymmetric(nu), density, body, bc,
		Newmark{0.25, 0.5, dt}))
	return m, d.NewSolver(), omega, 1 / (density * omega * omega)
}

// TestDynamicsRates refines the mesh with a tiny step, and the step with a fine
// mesh: both errors are of second order.
func TestDynamicsRates(t *testing.T) {
	solve := func(n, steps int) (l2, h1 float64) {
		const end = 1.3
		m, s, omega, amplitude := column(t, n, end/float64(steps))
		var uz []float64
		err := s.Run(context.Background(), unit(m.Cells()), steps, func(int) float64 {
			return 1
		}, func(step int, _, u []float64) error {
			uz = u
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		a := amplitude * (1 - math.Cos(omega*end))
		return errorsOf(m, [][]float64{uz}, exact{
			func(u []float64, r, z float64) { u[0] = a * math.Sin(math.Pi/2*z) },
			func(g []float64, r, z float64) { g[0], g[1] = 0, a*math.Pi/2*math.Cos(math.Pi/2*z) },
		})
	}
	rates(t, "dynamics in space", func(n int) (float64, float64) { return solve(n/4, 2000) })
	coarse, _ := solve(256, 8)
	fine, _ := solve(256, 16)
	if rate := math.Log2(coarse / fine); math.Abs(rate-2) > 0.1 {
		t.Errorf("dynamics in time: rate %.3f", rate)
	}
}

// TestEnergyIsConserved checks that after the force ends, the average
// acceleration method conserves kinetic plus strain energy up to rounding.
func TestEnergyIsConserved(t *testing.T) {
	m := distort(mesh.Quads(9, 9, 1, 1))
	var bc Dirichlet
	bc.Fix(m.Side(mesh.Left), 0, 0)
	bc.Fix(m.Side(mesh.Bottom), 1, 0)
	d := must[*Dynamics](t)(NewDynamics(m, Axisymmetric(0.45), 1, func(b []float64, r, z float64) {
		b[0], b[1] = z, math.Exp(-r)
	}, bc, Newmark{0.25, 0.5, 0.1}))
	s := d.NewSolver()
	first, kineticRange := 0.0, [2]float64{math.Inf(1), 0}
	err := s.Run(context.Background(), unit(m.Cells()), 400, pulse(10),
		func(step int, _, _ []float64) error {
			if step <= 10 {
				return nil
			}
			kinetic, strain := s.Energy()
			kineticRange = [2]float64{min(kineticRange[0], kinetic), max(kineticRange[1], kinetic)}
			if first == 0 && step == 11 {
				first = kinetic + strain
			}
			if d := math.Abs(kinetic+strain-first) / first; d > 1e-11 {
				t.Fatalf("step %d: energy changed by %.3g", step, d)
			}
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	if kineticRange[1] < 2*kineticRange[0] {
		t.Errorf("kinetic energy stays within %v: nothing moves", kineticRange)
	}
}

// unit returns n ones.
func unit(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = 1
	}
	return x
}
