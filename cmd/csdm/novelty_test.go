package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"csdm/explain"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/nn"
	"csdm/rng"
	"csdm/run"
)

// columns makes pair i of a problem that csdm does not know, 16×16: layers of
// compliance and their total compression under a load, without noise.
func columns(i int) (x, y []float64) {
	s := rng.New(5, rng.Reference, uint64(i), 0)
	x, y = make([]float64, 256), make([]float64, 256)
	at, width, more, tilt := s.Uniform(4, 12), s.Uniform(2, 4), s.Uniform(0.5, 3),
		s.Uniform(-0.3, 0.3)
	for k := range x {
		row, col := float64(k/16), float64(k%16)
		x[k] = 1.5 + tilt*(col/7.5-1) + more*math.Exp(-(row-at)*(row-at)/(2*width*width))
		if k >= 16 {
			y[k] = y[k-16] + 0.03/x[k]
		}
	}
	return x, y
}

// TestNovelty trains a model on pairs without a forward model. It accepts
// measurements of the problem and refuses a measurement of another problem.
func TestNovelty(t *testing.T) {
	toml := fibres(t)
	text, _, _ := strings.Cut(string(readBytes(t, toml)), "[program]")
	writeBytes(t, "lab.toml", []byte(strings.Replace(text, `"fibres"`, `"lab"`, 1)))
	const count = 800
	var xs, ys []float64
	for i := range count {
		x, y := columns(i)
		xs, ys = append(xs, x...), append(ys, y...)
	}
	writeArrays(t, "pairs.npz", map[string]*format.Array{"x": format.Array64(xs, count, 16, 16),
		"y": format.Array64(ys, count, 1, 16, 16)})
	must(t, "data import pairs.npz --problem lab.toml -o pairs")
	const small = " --set network.ngf=2 --set training.steps=2 --set training.batch=2 --set " +
		"training.held_out_every=2"
	must(t, "train --problem lab.toml --data pairs --threads 1 -o one"+small)
	must(t, "train --problem lab.toml --data pairs --threads 2 -o two"+small)
	if !bytes.Equal(readBytes(t, "one/model.safetensors"), readBytes(t, "two/model.safetensors")) {
		t.Error("another number of threads makes another model file")
	}

	sample := func(name string, height float64, flags string) (*explain.Verdict, error) {
		_, y := columns(count + 7)
		s := rng.New(6, rng.Noise, 0, 0)
		for k := range y {
			row, col := float64(k/16-9), float64(k%16-5)
			y[k] += 0.01*s.Normal() + height*math.Exp(-(row*row+col*col)/8) // the noise of lab.toml
		}
		writeArrays(t, name+"-y.npz", map[string]*format.Array{"y": format.Array64(y, 1, 16, 16)})
		out := name + ".npz"
		_, _, err := csdm(t, strings.Fields("sample --model one/model.safetensors --y "+name+
			"-y.npz:y --n 2 --steps 40 --json -o "+out+flags)...)
		if _, statErr := os.Stat(out); statErr != nil {
			return nil, err
		}
		v, readErr := infer.ReadExplained(out)
		if readErr != nil {
			t.Fatal(readErr)
		}
		return v, err
	}
	if v, err := sample("right", 0, " --allow-extrapolation"); err != nil || v == nil ||
		!v.Explained || len(v.Tests) != len(explain.Names()) {
		t.Errorf("a right measurement: %v, %+v", err, v)
	}
	_, err := sample("refused", 4*0.01, "")
	if cli.Code(err) != cli.ExitData || !strings.Contains(fmt.Sprint(err),
		"of the residual from the training pairs") {
		t.Errorf("a bump of four standard deviations of the noise: code %d, %v", cli.Code(err), err)
	}
	v, err := sample("marked", 4*0.01, " --allow-extrapolation")
	if err != nil || v == nil || v.Explained || v.FalseAlarms != explain.NoveltyRate {
		t.Fatalf("the same, allowed: %v, %+v", err, v)
	}
	failed := 0
	for _, test := range v.Tests {
		if !test.Passed && test.By == explain.ByTraining && test.Value > test.Limit &&
			test.Share < 0.01 {
			failed++
		}
	}
	if failed == 0 {
		t.Errorf("no test says what is wrong: %+v", v.Tests)
	}

	// A model of an earlier version has no such test and reports none.
	m, err := run.OpenModel("one/model.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	if old, err := run.OpenModel(filepath.Join("two", "model.safetensors")); err != nil ||
		!reflect.DeepEqual(m.Novelty, old.Novelty) {
		t.Errorf("%v", err)
	}
	m.Novelty = nil
	if err := m.WriteFile("one/model.safetensors", true); err != nil {
		t.Fatal(err)
	}
	if v, err := sample("old", 4*0.01, " --allow-extrapolation"); err != nil || v != nil {
		t.Errorf("a model without the test: %v, %+v", err, v)
	}
	limitsFromPairs(t, m, func(name string) (*explain.Verdict, error) {
		return sample(name, 4*0.01, " --allow-extrapolation")
	})
}

// limitsFromPairs gives a model without limits, one/model.safetensors, the
// limits of other pairs. The copy has the identity and the weights of the
// model, refuses what it should, and the same call changes nothing.
func limitsFromPairs(t *testing.T, bare *nn.Model,
	sample func(name string) (*explain.Verdict, error)) {
	t.Helper()
	bare.Meta.Typical.Outlier, bare.Meta.Typical.Edge = nn.Spread{}, nn.Spread{}
	if err := bare.WriteFile("bare.safetensors", false); err != nil {
		t.Fatal(err)
	}
	const count = 400
	var xs, ys []float64
	for i := range count {
		x, y := columns(1000 + i)
		xs, ys = append(xs, x...), append(ys, y...)
	}
	writeArrays(t, "others.npz", map[string]*format.Array{"x": format.Array64(xs, count, 16, 16),
		"y": format.Array64(ys, count, 1, 16, 16)})
	must(t, "data import others.npz --problem lab.toml -o others")
	limits := "bench limits --model bare.safetensors --problem lab.toml --seed 9 --threads 1 -o " +
		"limits.safetensors --measurements 200"
	if _, _, err := csdm(t, strings.Fields(limits)...); cli.Code(err) != cli.ExitUsage {
		t.Errorf("without pairs: %v, want code 64", err)
	}
	must(t, limits+" --data others")
	first := readBytes(t, "limits.safetensors")
	must(t, limits+" --data others")
	if !bytes.Equal(readBytes(t, "limits.safetensors"), first) {
		t.Error("the same call changed the file")
	}
	_, _, err := csdm(t, strings.Fields(limits+" --data others --measurements 201")...)
	if cli.Code(err) != cli.ExitExists {
		t.Errorf("other limits: %v, want code 73", err)
	}
	with, err := run.OpenModel("limits.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	typical := with.Meta.Typical
	if with.Identity() != bare.Identity() || with.Novelty == nil ||
		with.Novelty.Calibration.Count != 200 || with.Novelty.Pairs != 200 ||
		!(typical.Outlier.Max > typical.Outlier.Mean && typical.Edge.Max > typical.Edge.Mean) {
		t.Fatalf("limits %+v, %+v", typical, with.Novelty)
	}
	must(t, "bench limits --model limits.safetensors --problem lab.toml --data others --seed 9 "+
		"--measurements 200 -o one/model.safetensors --overwrite")
	if v, err := sample("again"); err != nil || v == nil || v.Explained {
		t.Errorf("a bump of four standard deviations of the noise: %v, %+v", err, v)
	}
}
