package fem

import (
	"context"
	"fmt"
	"math"
	"testing"

	"golang.org/x/sync/errgroup"

	"csdm/mesh"
)

// Benchmarks of a new modulus field on an unchanged mesh with one thread: the
// assembly, and the whole solve.
func BenchmarkPlaneStress(b *testing.B) {
	for _, size := range []int{28, 56, 256} {
		m := mesh.Triangles(size, size, 1, 1)
		s := must[*Static](b)(NewPlaneStress(m, Compression(m, 0, -0.01))).NewSolver()
		mu, ux, uy := make([]float64, m.Points()), make([]float64, m.Points()),
			make([]float64, m.Points())
		for p := range mu {
			mu[p] = 0.1
			if math.Hypot(m.X[p]-0.4, m.Y[p]-0.6) < 0.12 {
				mu[p] = 1.5
			}
		}
		b.Run(fmt.Sprintf("part=assemble/size=%d", size), func(b *testing.B) {
			for b.Loop() {
				if err := s.Assemble(mu); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("part=all/size=%d", size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := s.SolveTo(ux, uy, mu); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkWorkers measures solves per second of all workers together, each
// with its own solver on the shared analysis. Two workers on two idle cores
// should reach 1.8 times one.
func BenchmarkThroughput(b *testing.B) {
	m := mesh.Triangles(56, 56, 1, 1)
	analysis := must[*Static](b)(NewPlaneStress(m, Compression(m, 0, -0.01)))
	for _, workers := range []int{1, 2} {
		solvers := make([]*StaticSolver, workers)
		fields := make([][3][]float64, workers) // μ, u_x, u_y
		for w := range workers {
			solvers[w] = analysis.NewSolver()
			for i := range fields[w] {
				fields[w][i] = unit(m.Points())
			}
		}
		b.Run(fmt.Sprintf("size=56/workers=%d", workers), func(b *testing.B) {
			const each = 100
			for b.Loop() {
				var group errgroup.Group
				for w, s := range solvers {
					group.Go(func() error {
						f := &fields[w]
						for k := range each {
							f[0][k%len(f[0])] = 0.1 + float64(k) // a new field for each solve
							if err := s.SolveTo(f[1], f[2], f[0]); err != nil {
								return err
							}
						}
						return nil
					})
				}
				if err := group.Wait(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(each*workers*b.N)/b.Elapsed().Seconds(), "solves/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func BenchmarkHelmholtz(b *testing.B) {
	m := mesh.Triangles(192, 160, 4.416e-3, 5.306e-3)
	s := must[*Helmholtz](b)(NewHelmholtz(m, Wave{2500, 5e-5, 1000},
		drivenRight(m, 2e-5))).NewSolver()
	mu, re, im := make([]float64, m.Points()), make([]float64, m.Points()),
		make([]float64, m.Points())
	for p := range mu {
		mu[p] = 1e4
	}
	b.Run("size=160x192", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := s.SolveTo(re, im, mu); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDynamics(b *testing.B) {
	m := mesh.Quads(65, 65, 5e-3, 4e-3)
	var bc Dirichlet
	bc.Fix(m.Side(mesh.Left), 0, 0)
	bc.Fix(m.Side(mesh.Bottom), 0, 0)
	bc.Fix(m.Side(mesh.Bottom), 1, 0)
	push := func(b []float64, r, z float64) { b[0], b[1] = 0, 5e5*math.Exp(-r*r/8e-8) }
	s := must[*Dynamics](b)(NewDynamics(m, Axisymmetric(0.495), 1000, push, bc,
		Newmark{0.25, 0.5, 5e-6})).NewSolver()
	moduli := make([]float64, m.Cells())
	for c := range moduli {
		moduli[c] = 1e4
	}
	b.Run("size=64x64/steps=220", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			err := s.Run(context.Background(), moduli, 220, pulse(40),
				func(int, []float64, []float64) error {
					return nil
				})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
