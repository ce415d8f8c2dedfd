package main

import (
	"path/filepath"
	"testing"

	"csdm/problems"
	"csdm/recipe"
)

// TestBranchTable5 checks the networks for other noise levels. Counted from
// random weights they take as many steps as the first network, and they start
// from one of its kept checkpoints. They use more neighbors where the posterior
// is wider, up to a limit.
func TestBranchTable5(t *testing.T) {
	five, err := recipe.Resolve("quasistatic", "small", problems.Options{NoisePercent: 5},
		trainSeed)
	if err != nil {
		t.Fatal(err)
	}
	for noise, neighbors := range map[float64]int{10: 768, 2.5: 64} {
		c, err := recipe.Resolve("quasistatic", "small",
			problems.Options{Grid: 56, NoisePercent: noise}, trainSeed)
		if err != nil {
			t.Fatal(err)
		}
		first := c.Training
		branchTable5(c, "n5", noise/5)
		want := filepath.Join("n5", "checkpoints", "checkpoint-000008000.safetensors")
		if step := first.Steps - c.Training.Steps; step != 8000 || step%keptSteps != 0 ||
			c.Training.Init != want {
			t.Errorf("%g %%: %d of %d steps from %s, want the steps after 8000 from %s", noise,
				c.Training.Steps, first.Steps, c.Training.Init, want)
		}
		if c.Data.Neighbors != neighbors {
			t.Errorf("%g %%: %d neighbors, want %d", noise, c.Data.Neighbors, neighbors)
		}
		if s := c.Sampling; s.Corrections == 0 || s.CorrectKeep == five.Sampling.CorrectKeep {
			t.Errorf("%g %%: sampled as at 5 %%: %v", noise, s)
		}
		if rate := c.Training.LearningRate; rate <= 0 || rate >= first.LearningRate {
			t.Errorf("%g %%: rate %g, at first %g", noise, rate, first.LearningRate)
		}
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
	}
}
