package sparse

import (
	"math"
	"testing"

	"csdm/internal/rng"
)

// grid returns the pattern and coordinates of a rows×cols grid of points with so many unknowns each, coupled to their
// eight neighbours.
func grid(rows, cols, unknowns int) (p *Pattern, x, y []float64) {
	var start []int
	var members []int32
	start = append(start, 0)
	for r := range rows - 1 {
		for c := range cols - 1 {
			for _, q := range []int{r*cols + c, r*cols + c + 1, (r+1)*cols + c, (r+1)*cols + c + 1} {
				for u := range unknowns {
					members = append(members, int32(q*unknowns+u))
				}
			}
			start = append(start, len(members))
		}
	}
	for q := range rows * cols {
		for range unknowns {
			x, y = append(x, float64(q%cols)), append(y, float64(q/cols))
		}
	}
	return NewPattern(rows*cols*unknowns, start, members), x, y
}

func TestGridQuick(t *testing.T) {
	for _, size := range []int{3, 10, 28, 56, 128, 256} {
		p, x, y := grid(size, size, 2)
		s := Analyze(p, NestedDissection(p, x, y))
		t.Logf("%d: %+v", size, s.Stats())
		values := make([]float64, s.Entries())
		r := rng.New(1, rng.Test, 0, 0)
		for i := range p.N() {
			sum := 1.0
			for _, j := range p.Neighbors(i) {
				if int(j) > i {
					values[s.Slot(i, int(j))] = r.Uniform(-1, 1)
				}
				sum += 1
			}
			values[s.Slot(i, i)] = sum
		}
		f := NewFactor[float64](s)
		if err := f.Factorize(values); err != nil {
			t.Fatal(err)
		}
		b, sol := make([]float64, p.N()), make([]float64, p.N())
		for i := range b {
			b[i] = r.Normal()
		}
		f.SolveTo(sol, b)
		worst := 0.0
		for i := range b {
			res := b[i] - values[s.Slot(i, i)]*sol[i]
			for _, j := range p.Neighbors(i) {
				res -= values[s.Slot(i, int(j))] * sol[j]
			}
			worst = max(worst, math.Abs(res))
		}
		if worst > 1e-12 {
			t.Errorf("%d residual %g", size, worst)
		}
	}
}

func BenchmarkFactorize(b *testing.B) {
	for _, size := range []int{28, 56, 256} {
		p, x, y := grid(size, size, 2)
		s := Analyze(p, NestedDissection(p, x, y))
		values := make([]float64, s.Entries())
		for i := range p.N() {
			values[s.Slot(i, i)] = 20
			for _, j := range p.Neighbors(i) {
				if int(j) > i {
					values[s.Slot(i, int(j))] = -1
				}
			}
		}
		f := NewFactor[float64](s)
		b.Run("factorize", func(b *testing.B) {
			for b.Loop() {
				if err := f.Factorize(values); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(s.Stats().Flops/1e9*float64(b.N)/b.Elapsed().Seconds(), "GFLOP/s")
		})
		rhs := make([]float64, p.N())
		b.Run("solve", func(b *testing.B) {
			for b.Loop() {
				f.SolveTo(rhs, rhs)
			}
		})
	}
}
