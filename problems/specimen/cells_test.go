package specimen_test

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"csdm/fem"
	"csdm/mesh"
	"csdm/problems"
)

// disc is a specimen with one stiff disc between plates.
const disc = `
name = "disc"
grid = { rows = 28, cols = 28, width = 26.0, height = 34.0, unit = "mm" }
physics = {}
edges = { bottom = 0.39, top = 0.08 }
noise = { std = 0.001 }
[prior]
x = [6, 18]
y = [8, 25]
radius = [3, 7]
ratio = [1.5, 4]
background = 1.0
`

// standIn returns the y of a sharp disc on a mesh that is four times finer,
// with the modulus of each node, at the nodes of the grid.
//
// Its rim is resolved to a quarter of a cell of the grid, so that its own error
// is far below the limits of the test.
func standIn(t *testing.T, theta []float64) []float64 {
	t.Helper()
	const n, finer, width, height = 28, 4, 26.0, 34.0
	m := mesh.Crossed((n-1)*finer+1, (n-1)*finer+1, width, height)
	var bc fem.Dirichlet
	bc.Fix(m.Side(mesh.Bottom), 1, 0.39)
	bc.Fix(m.Side(mesh.Top), 1, 0.08)
	bc = append(bc, fem.Fixed{Point: 0, Component: 0})
	static, err := fem.NewPlaneStress(m, bc)
	if err != nil {
		t.Fatal(err)
	}
	moduli := make([]float64, m.Points())
	for k := range moduli {
		moduli[k] = 1
		if math.Hypot(m.X[k]-theta[0], m.Y[k]-theta[1]) <= theta[2] {
			moduli[k] = theta[3]
		}
	}
	ux, uy := make([]float64, len(moduli)), make([]float64, len(moduli))
	if err := static.NewSolver().SolveTo(ux, uy, moduli); err != nil {
		t.Fatal(err)
	}
	var y []float64
	for k := range n * n {
		y = append(y, uy[k/n*finer*((n-1)*finer+1)+k%n*finer])
	}
	return y
}

// TestSharpDisc fits the variables of a disc to the displacement of a sharp
// one, by a Gauss–Newton step from the true variables. Its length is the error
// that the grid causes. Before the prior was painted on the mesh, the diameter
// was 0.26 mm too small and the ratio 0.06 too large.
//
// The step δ solves min ‖J δ − (y − F(θ))‖² with the Jacobian J by differences
// of 0.05. To first order it is the bias that a posterior with little noise
// would have.
func TestSharpDisc(t *testing.T) {
	p := read(t, disc, problems.Options{})
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	simulator := g.(problems.Simulator)
	for _, theta := range [][]float64{{12.6, 17.7, 5.3, 2.2}, {9.1, 20.2, 3.9, 3.1}} {
		want := standIn(t, theta)
		n, d := len(want), len(theta)
		x := make([]float64, n)
		model := func(theta []float64) []float64 {
			y := make([]float64, n)
			if err := simulator.Simulate(x, y, theta); err != nil {
				t.Fatal(err)
			}
			return y
		}
		at := model(theta)
		jacobian, residual := mat.NewDense(n, d, nil), mat.NewVecDense(n, nil)
		for i, v := range want {
			residual.SetVec(i, v-at[i])
		}
		for k := range d {
			moved := append([]float64(nil), theta...)
			moved[k] += 0.05
			for i, v := range model(moved) {
				jacobian.Set(i, k, (v-at[i])/0.05)
			}
		}
		var step mat.VecDense
		if err := step.SolveVec(jacobian, residual); err != nil {
			t.Fatal(err)
		}
		t.Logf("x %+.3f, y %+.3f, radius %+.3f, ratio %+.3f", step.AtVec(0), step.AtVec(1),
			step.AtVec(2), step.AtVec(3))
		for k, limit := range []float64{0.04, 0.04, 0.05, 0.02} {
			if math.Abs(step.AtVec(k)) > limit {
				t.Errorf("%s is off by %.3f, more than %v", p.Spec().Variables[k].Name,
					step.AtVec(k), limit)
			}
		}
	}
}

// TestForwardIsNear compares Forward of the field of a pair with its y. They
// differ by the error of the grid alone.
//
// A difference of exactly zero would mean that the mesh is not used.
func TestForwardIsNear(t *testing.T) {
	p := read(t, disc, problems.Options{})
	if !problems.IsSubgrid(p) {
		t.Fatal("the prior is not painted on the mesh")
	}
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y, near := make([]float64, 784), make([]float64, 784), make([]float64, 784)
	for i := range uint64(3) {
		if err := g.Pair(x, y, 1, i); err != nil {
			t.Fatal(err)
		}
		if err := g.(problems.Forwarder).Forward(near, x); err != nil {
			t.Fatal(err)
		}
		worst := 0.0
		for k, v := range y {
			worst = max(worst, math.Abs(v-near[k]))
		}
		if worst == 0 || worst > 0.01*0.39 {
			t.Errorf("pair %d: Forward differs by %v", i, worst)
		}
	}
}

// TestQuantitiesOfVariables compares the quantities of variables, which are
// exact, with those measured in their field, which differ by the resolution.
//
// The diameter of a disc is 2·radius and its ratio the variable itself. Four
// times the RMS resolution bounds the measured ones.
func TestQuantitiesOfVariables(t *testing.T) {
	p := read(t, disc, problems.Options{}).(problems.QuantifiedVariables)
	all := p.Quantities()
	told, seen := make([]float64, len(all)), make([]float64, len(all))
	theta, x := make([]float64, 4), make([]float64, 784)
	for i := range uint64(8) {
		p.(problems.Parametric).Latent(theta, 1, i)
		p.(problems.Parametric).Field(x, theta)
		p.QuantifyVariables(told, theta)
		p.Quantify(seen, x)
		if want := []float64{theta[0], theta[1], 2 * theta[2], theta[3]}; fmt.Sprint(told) !=
			fmt.Sprint(want) {
			t.Errorf("the quantities of %v are %v", theta, told)
		}
		for k, v := range told {
			if math.Abs(v-seen[k]) > 4*all[k].Resolution {
				t.Errorf("%s is %v, in the field %v ± %v", all[k].Name, v, seen[k],
					all[k].Resolution)
			}
		}
	}
}
