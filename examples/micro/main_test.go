package main

import (
	"bytes"
	"context"
	"go/parser"
	"go/token"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csdm/bench"
	"csdm/problems"
	"csdm/problems/quasistatic"
)

// TestOneFile holds that the method is one file of at most 400 lines that
// imports the standard library only.
func TestOneFile(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || !slices.Equal(files, []string{"main.go", "main_test.go"}) {
		t.Errorf("the files are %v, %v", files, err)
	}
	text, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(text, []byte("\n")); n > 400 {
		t.Errorf("%d lines; at most 400", n)
	}
	file, err := parser.ParseFile(token.NewFileSet(), "main.go", text, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range file.Imports {
		first, _, _ := strings.Cut(strings.Trim(i.Path.Value, `"`), "/")
		if strings.Contains(first, ".") || first == "csdm" {
			t.Errorf("%s is not of the standard library", i.Path.Value)
		}
	}
}

// TestMicroIsTheEngine checks that, on the same grid, the file's forward model
// equals the engine's, and its exact posterior equals the result of quadrature.
func TestMicroIsTheEngine(t *testing.T) {
	problem, err := quasistatic.New(problems.Options{Grid: side, NoisePercent: 5})
	if err != nil {
		t.Fatal(err)
	}
	g, err := problem.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	center := []float64{0.43, 0.6}
	x, y := make([]float64, pixels), make([]float64, pixels)
	if err := g.(problems.Simulator).Simulate(x, y, center); err != nil {
		t.Fatal(err)
	}
	mine := disc(center[0], center[1])
	for k, v := range forward(mine) {
		if math.Abs(v-y[k]) > 1e-12 || math.Abs(soft+(stiff-soft)*mine[k]-x[k]) > 1e-12 {
			t.Fatalf("node %d: field %v and displacement %v, engine %v and %v", k, mine[k], v, x[k],
				y[k])
		}
		y[k] += noise * r.NormFloat64()
	}
	want, err := bench.Quadrature(context.Background(), problem, y,
		bench.QuadratureSettings{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	mean, std := exact(y, 200)
	exactly := want.Scaled(soft, stiff-soft)
	if d := rmse(mean, exactly.Mean); d > 2e-3 {
		t.Errorf("the mean has an error of %v", d)
	}
	if d := rmse(std, exactly.Std); d > 2e-3 {
		t.Errorf("the standard deviation has an error of %v", d)
	}
}

// TestGradient compares the network's backward pass with central differences.
func TestGradient(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	l := newLayer(7, 5, r)
	in, w := make([]float64, 7), make([]float64, 5)
	for i := range in {
		in[i] = r.NormFloat64()
	}
	for o := range w {
		w[o] = r.NormFloat64()
	}
	loss := func() (s float64) {
		for o, v := range l.forward(in, true) {
			s += w[o] * v
		}
		return s
	}
	loss()
	gin := append([]float64(nil), l.backward(in, w, true)...)
	check := func(name string, p *float64, got float64) {
		const step = 1e-6
		old := *p
		*p = old + step
		d := loss()
		*p = old - step
		d = (d - loss()) / (2 * step)
		*p = old
		if math.Abs(d-got) > 1e-8 {
			t.Errorf("%s: gradient %v, difference %v", name, got, d)
		}
	}
	for i := range in {
		check("input", &in[i], gin[i])
	}
	for i := range l.w {
		check("weight", &l.w[i], l.gw[i])
	}
	for i := range l.b {
		check("bias", &l.b[i], l.gb[i])
	}
}

// TestTraining checks that after some steps the draws' mean is far closer to
// the exact one than the prior's mean is.
func TestTraining(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var xs, ys [][]float64
	for range 1000 {
		x := disc(lo+(hi-lo)*r.Float64(), lo+(hi-lo)*r.Float64())
		xs, ys = append(xs, x), append(ys, forward(x))
	}
	n := newNetwork(r, ys)
	n.train(xs, ys, 300, 32, r)
	y := forward(disc(0.3, 0.57))
	draws := make([][]float64, 64)
	for i := range draws {
		draws[i] = n.sample(y, 10, r)
	}
	mean, _ := moments(draws)
	want, _ := exact(y, 100)
	prior, _ := moments(xs)
	if a, b := rmse(mean, want), rmse(prior, want); a > 0.6*b {
		t.Errorf("the mean has an error of %v, the prior's mean of %v", a, b)
	}
}
