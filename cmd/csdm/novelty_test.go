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
}
