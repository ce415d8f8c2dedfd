package infer

import (
	"context"
	"csdm/env"
	"csdm/nn"
	"csdm/recipe"
	"path/filepath"
	"reflect"
	"testing"
)

// TestSampleResumes checks that a call for more draws resumes from fewer, from
// unfinished draws and from a result, to the same numbers as a single call.
//
// The seed 6 and a missing file must not reuse anything. A draw that depended
// on its position within the call, rather than on its number j, would differ
// after the resumption.
func TestSampleResumes(t *testing.T) {
	model, err := BuiltinModel("quasistatic-28-n5")
	if err != nil {
		t.Fatal(err)
	}
	y, _ := embeddedPair(t, 0)
	sampling, dir := recipe.Sampling(model, 4), t.TempDir()
	sampling.Levels = 2
	draw := func(n int, job Job, model *nn.Model) *Posterior {
		t.Helper()
		sampling.Draws = n
		p, err := Sample(context.Background(), model, y, sampling, job, env.Quiet(2))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	whole := draw(4, Job{Seed: 5}, model)
	partial, result := filepath.Join(dir, "partial"), filepath.Join(dir, "result.npz")
	draw(2, Job{Seed: 5, Partial: partial}, model)
	p := draw(3, Job{Seed: 5, Partial: partial}, model)
	if p.Cost.Draws != 1 || !reflect.DeepEqual(p.Samples, whole.Samples[:len(p.Samples)]) {
		t.Errorf("from unfinished draws: %d new draws, or other numbers", p.Cost.Draws)
	}
	if err := p.WriteFile(result, false); err != nil {
		t.Fatal(err)
	}
	p = draw(4, Job{Seed: 5, Earlier: result}, model)
	if p.Cost.Draws != 1 || !reflect.DeepEqual(p.Samples, whole.Samples) {
		t.Errorf("from a result: %d new draws, or other numbers", p.Cost.Draws)
	}
	for what, p := range map[string]*Posterior{
		"seed":    draw(4, Job{Seed: 6, Earlier: result}, model),
		"nothing": draw(4, Job{Seed: 5, Earlier: filepath.Join(dir, "none.npz")}, model),
	} {
		if p.Cost.Draws != 4 {
			t.Errorf("draws of another %s were reused", what)
		}
	}
	read, err := ReadPosterior(result)
	if err != nil {
		t.Fatal(err)
	}
	if read.Draws != 3 || !reflect.DeepEqual(read.Mean, draw(3, Job{Seed: 5}, model).Mean) ||
		read.Normalization.XMax != model.Meta.Normalization.XMax {
		t.Errorf("read back %d draws, range %v", read.Draws, read.Normalization)
	}
}
