package sparse

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"csdm/rng"
)

// cases lists patterns that cover all paths: fronts of one block and of many,
// more columns than one group, more rows than one chunk, forests, and unknowns
// without couplings.
func cases(r *rng.Stream) map[string]*Pattern {
	c := map[string]*Pattern{
		"one": NewPattern(1, nil, nil), "loose": NewPattern(9, nil, nil), "chain": chain(50),
		"arrow":   arrow(60, 0),
		"dense 7": full(7), "dense 64": full(64), "dense 130": full(130), "dense 600": full(600),
		"joined": joined(100, 540),
	}
	for _, n := range []int{5, 20, 90, 200} {
		c[fmt.Sprintf("scattered %d", n)] = scattered(r, n, n)
		c[fmt.Sprintf("denser %d", n)] = scattered(r, n, 3*n)
	}
	c["grid 12×9"], _, _ = grid(12, 9, 2)
	return c
}

// TestFactorRebuildsTheMatrix computes the product L D Lᵀ. Every entry of a
// product of n terms has an error of at most about 3n eps Σ|l d l|, which for a
// diagonally dominant matrix stays below the largest diagonal entry.
func TestFactorRebuildsTheMatrix(t *testing.T) {
	r := rng.New(5, rng.Test, 0, 0)
	for name, p := range cases(r) {
		if p.N() > 200 {
			continue // the product takes n³; gonum checks these
		}
		s := analyze(p, MinimumDegree(p))
		tolerance := 3 * float64(p.N()) * eps * float64(p.N())
		real := fill(s, p, r, func() float64 {
			return r.Uniform(-1, 1)
		}, func(i int) float64 { return 1 - 2*float64(i%3/2) })
		f := NewFactor[float64](s)
		if err := f.Factorize(real); err != nil {
			t.Fatal(err)
		}
		if d := worst(rebuilt(f), dense(s, p, real)); !(d < tolerance) {
			t.Errorf("%s: L·D·Lᵀ differs by %.3g", name, d)
		}
		complexes := fill(s, p, r, func() complex128 {
			return complex(r.Uniform(-0.7, 0.7), r.Uniform(-0.7, 0.7))
		},
			func(i int) complex128 { return [3]complex128{1, 1i, -1}[i%3] })
		fc := NewFactor[complex128](s)
		if err := fc.Factorize(complexes); err != nil {
			t.Fatal(err)
		}
		if d := worst(rebuilt(fc), dense(s, p, complexes)); !(d < 2*tolerance) {
			t.Errorf("%s: complex L·D·Lᵀ differs by %.3g", name, d)
		}
	}
}

// TestSolveAgainstGonum compares with gonum's dense LU. The condition number of
// the matrices is below n.
func TestSolveAgainstGonum(t *testing.T) {
	r := rng.New(6, rng.Test, 0, 0)
	for name, p := range cases(r) {
		n := p.N()
		s := analyze(p, MinimumDegree(p))
		values := fill(s, p, r, func() float64 {
			return r.Uniform(-1, 1)
		}, func(i int) float64 { return 1 - 2*float64(i%3/2) })
		b, x := make([]float64, n), make([]float64, n)
		for i := range b {
			b[i] = r.Normal()
		}
		f := NewFactor[float64](s)
		if err := f.FactorizeAndSolveTo(x, b, values); err != nil {
			t.Fatal(err)
		}
		var want mat.VecDense
		if err := want.SolveVec(mat.NewDense(n, n, dense(s, p, values)),
			mat.NewVecDense(n, b)); err != nil {
			t.Fatal(err)
		}
		finite(t, name, x)
		if d := worst(x, want.RawVector().Data); !(d < 20*float64(n)*eps) {
			t.Errorf("%s: differs by %.3g", name, d)
		}
		// The same with the existing factorization, in place, and for several
		// right-hand sides.
		again, second := append([]float64(nil), b...), make([]float64, n)
		for i := range second {
			second[i] = -2 * b[i]
		}
		f.SolveManyTo([][]float64{again, second}, [][]float64{again, second})
		for i := range x {
			if again[i] != x[i] || math.Abs(second[i]+2*x[i]) > 8*eps*math.Abs(x[i]) {
				t.Fatalf("%s: solving again gives %v and %v after %v", name, again[i], second[i],
					x[i])
			}
		}
	}
}

// TestComplexSolve checks the residual, because gonum has no complex solver.
func TestComplexSolve(t *testing.T) {
	r := rng.New(7, rng.Test, 0, 0)
	for name, p := range cases(r) {
		s := analyze(p, MinimumDegree(p))
		values := fill(s, p, r, func() complex128 {
			return complex(r.Uniform(-0.7, 0.7), r.Uniform(-0.7, 0.7))
		},
			func(i int) complex128 { return [3]complex128{1, 1i, -1}[i%3] })
		want, b := make([]complex128, p.N()), make([]complex128, p.N())
		for i := range want {
			want[i] = complex(r.Normal(), r.Normal())
		}
		MultiplySubtract(s, b, values, want)
		f := NewFactor[complex128](s)
		if err := f.FactorizeAndSolveTo(b, b, values); err != nil {
			t.Fatal(err)
		}
		for i := range b {
			b[i] = -b[i]
		}
		finite(t, name, b)
		if d := worst(b, want); !(d < 50*float64(p.N())*eps) {
			t.Errorf("%s: differs by %.3g", name, d)
		}
	}
}

// helmholtzGrid returns −Δ − shift on the inner points of a unit grid of m×m
// squares with five-point differences.
func helmholtzGrid(m int, shift float64) (*Symbolic, *Pattern, []float64) {
	n := m - 1
	p, x, y := grid(n, n, 1)
	s := analyze(p, NestedDissection(p, x, y))
	values := make([]float64, s.Entries())
	for i := range n * n {
		values[s.Slot(i, i)] = 4 - shift
		if i%n+1 < n {
			values[s.Slot(i, i+1)] = -1
		}
		if i+n < n*n {
			values[s.Slot(i, i+n)] = -1
		}
	}
	return s, p, values
}

// TestIndefiniteHelmholtz counts the eigenvalues below a shift. The eigenvalues
// of the Laplacian are 4 sin²(iπ/2m) + 4 sin²(jπ/2m).
func TestIndefiniteHelmholtz(t *testing.T) {
	for _, m := range []int{9, 30, 47} {
		for _, shift := range []float64{0.013, 0.31, 1.7, 4.05} {
			s, p, values := helmholtzGrid(m, shift)
			below := 0
			for i := 1; i < m; i++ {
				for j := 1; j < m; j++ {
					a, b := math.Sin(float64(i)*math.Pi/float64(2*m)),
						math.Sin(float64(j)*math.Pi/float64(2*m))
					if 4*a*a+4*b*b < shift {
						below++
					}
				}
			}
			f := NewFactor[float64](s)
			if err := f.Factorize(values); err != nil {
				t.Fatal(err)
			}
			if positive, negative := f.Inertia(); negative != below || positive != p.N()-below {
				t.Errorf("m = %d, shift %v: inertia (%d, %d), %d eigenvalues lie below", m, shift,
					positive, negative, below)
			}
		}
	}
}

// TestRefine reduces a factorization's accuracy by a small leading pivot, and
// recovers the digits.
func TestRefine(t *testing.T) {
	p := full(40)
	s := analyze(p, naturalOrder(40))
	r := rng.New(8, rng.Test, 0, 0)
	values := fill(s, p, r, func() float64 {
		return r.Uniform(-1, 1)
	}, func(i int) float64 { return 1 })
	first := int(s.unknown[0])
	values[s.Slot(first, first)] = 1e-7 // growth of 1e7
	want, b, x, residual := make([]float64, 40), make([]float64, 40), make([]float64, 40),
		make([]float64, 40)
	for i := range want {
		want[i] = r.Normal()
	}
	MultiplySubtract(s, b, values, want)
	for i := range b {
		b[i] = -b[i]
	}
	f := NewFactor[float64](s)
	if err := f.FactorizeAndSolveTo(x, b, values); err != nil {
		t.Fatal(err)
	}
	before := worst(x, want)
	f.Refine(x, b, values, residual)
	after := worst(x, want)
	if !(before > 1e-11) || !(after < 1e-13) {
		t.Errorf("error %.3g before and %.3g after refinement", before, after)
	}
}

// TestSingularAndNotFinite checks that the error names the pivot.
func TestSingularAndNotFinite(t *testing.T) {
	p, x, y := grid(9, 9, 1)
	s := analyze(p, NestedDissection(p, x, y))
	values := make([]float64, s.Entries())
	for i := range p.N() { // a graph Laplacian: constants are in its kernel
		values[s.Slot(i, i)] = float64(len(p.Neighbors(i)))
		for _, j := range p.Neighbors(i) {
			values[s.Slot(i, int(j))] = -1
		}
	}
	f := NewFactor[float64](s)
	var pivot *PivotError
	last := -1
	for _, u := range s.unknown {
		if u >= 0 {
			last = int(u)
		}
	}
	if err := f.Factorize(values); !errors.As(err, &pivot) || pivot.Unknown != last ||
		pivot.Value > 1e-12 {
		t.Errorf("free Laplacian: %v, the last unknown is %d", err, last)
	}
	values[s.Slot(7, 7)]++ // tied down
	if err := f.Factorize(values); err != nil {
		t.Errorf("tied Laplacian: %v", err)
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		old := values[s.Slot(40, 40)]
		values[s.Slot(40, 40)] = bad
		if err := f.Factorize(values); !errors.As(err, &pivot) {
			t.Errorf("%v on the diagonal: %v", bad, err)
		}
		values[s.Slot(40, 40)] = old
	}
	two := analyze(full(2), naturalOrder(2))
	large := make([]float64, 3) // the last pivot, 1 − 1e400, overflows
	large[two.Slot(0, 0)], large[two.Slot(1, 0)], large[two.Slot(1, 1)] = 1, 1e200, 1
	if err := NewFactor[float64](two).Factorize(large); !errors.As(err, &pivot) ||
		pivot.Unknown != 1 || !math.IsInf(pivot.Value, 1) {
		t.Errorf("overflow: %v", err)
	}
	if err := f.Factorize(make([]float64, s.Entries())); !errors.As(err, &pivot) ||
		pivot.Value != 0 {
		t.Errorf("zero matrix: %v", err)
	}
}

func TestNothingAllocates(t *testing.T) {
	s, p, values := helmholtzGrid(20, 0.3)
	f := NewFactor[float64](s)
	x, residual := make([]float64, p.N()), make([]float64, p.N())
	if n := testing.AllocsPerRun(5, func() {
		x[3] = 1
		if err := f.FactorizeAndSolveTo(x, x, values); err != nil {
			t.Fatal(err)
		}
		f.SolveTo(x, x)
		f.Refine(x, x, values, residual)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkFactorize(b *testing.B) {
	for _, size := range []int{28, 56, 256} {
		p, x, y := grid(size, size, 2)
		s := analyze(p, NestedDissection(p, x, y))
		r := rng.New(9, rng.Test, 0, 0)
		values := fill(s, p, r, func() float64 {
			return r.Uniform(-1, 1)
		}, func(int) float64 { return 1 })
		f := NewFactor[float64](s)
		rhs := make([]float64, p.N())
		b.Run(fmt.Sprintf("op=factorize/size=%d", size), func(b *testing.B) {
			for b.Loop() {
				if err := f.Factorize(values); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(s.Stats().Flops/1e9*float64(b.N)/b.Elapsed().Seconds(), "GFLOP/s")
		})
		b.Run(fmt.Sprintf("op=solve/size=%d", size), func(b *testing.B) {
			for b.Loop() {
				f.SolveTo(rhs, rhs)
			}
		})
	}
}
