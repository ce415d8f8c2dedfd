package fem

import (
	"math"
	"testing"

	"csdm/internal/format"
	"csdm/mesh"
)

// reference opens a file of reference values, made with FEniCS and PyTorch in float64.
func reference(t testing.TB, name string) func(string) []float64 {
	t.Helper()
	arrays, err := format.ReadNPZFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return func(key string) []float64 {
		a := arrays[key]
		if a == nil {
			t.Fatalf("%s has no %s", name, key)
		}
		return a.Float64()
	}
}

// distance returns the largest difference between a and b, relative to the largest |b|.
func distance(a, b []float64) float64 {
	worst, scale := 0.0, 0.0
	for i := range b {
		worst, scale = max(worst, math.Abs(a[i]-b[i])), max(scale, math.Abs(b[i]))
	}
	return worst / scale
}

// TestPlaneStressReference compares with FEniCS on the same mesh: only rounding differs, amplified by a condition
// number of some 1e5.
func TestPlaneStressReference(t *testing.T) {
	for name, size := range map[string]int{"plane_stress_28.npz": 28, "plane_stress_56.npz": 56, "phantom_56.npz": 56} {
		get := reference(t, name)
		m := mesh.Triangles(size, size, get("width")[0], get("height")[0])
		analysis, err := NewPlaneStress(m, Compression(m, get("bottom")[0], get("top")[0]))
		if err != nil {
			t.Fatal(err)
		}
		ux, uy := make([]float64, m.Points()), make([]float64, m.Points())
		if err := analysis.NewSolver().SolveTo(ux, uy, get("mu")); err != nil {
			t.Fatal(err)
		}
		for key, got := range map[string][]float64{"ux": ux, "uy": uy} {
			if d := distance(got, get(key)); !(d < 1e-9) {
				t.Errorf("%s: %s differs by %.3g", name, key, d)
			} else {
				t.Logf("%s: %s differs by %.3g", name, key, d)
			}
		}
	}
}

func BenchmarkPlaneStress(b *testing.B) {
	for _, size := range []int{28, 56, 256} {
		m := mesh.Triangles(size, size, 1, 1)
		analysis, err := NewPlaneStress(m, Compression(m, 0, -0.01))
		if err != nil {
			b.Fatal(err)
		}
		mu := make([]float64, m.Points())
		for p := range mu {
			mu[p] = 0.1
			if math.Hypot(m.X[p]-0.4, m.Y[p]-0.6) < 0.12 {
				mu[p] = 1.5
			}
		}
		ux, uy := make([]float64, len(mu)), make([]float64, len(mu))
		s := analysis.NewSolver()
		name := map[int]string{28: "size=28", 56: "size=56", 256: "size=256"}[size]
		b.Run("part=assemble/"+name, func(b *testing.B) {
			for b.Loop() {
				if err := s.Assemble(mu); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("part=all/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := s.SolveTo(ux, uy, mu); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
