package run

import (
	"testing"

	"csdm/env"
	"csdm/recipe"
)

// TestMemory compares the estimate for one more thread with the memory that a
// worker's arrays have at least, and neighbors with the pairs.
//
// An estimate that forgets the gradient of each team would be too low by 4
// bytes per parameter and thread.
func TestMemory(t *testing.T) {
	memory := func(threads int, change func(*recipe.Recipe)) float64 {
		c := small(t)
		change(c)
		plan, err := DryRun(t.Context(), t.TempDir(), c, env.Quiet(1))
		if err != nil {
			t.Fatal(err)
		}
		bytes, err := plan.Memory(threads)
		if err != nil {
			t.Fatal(err)
		}
		return bytes
	}
	plain := func(*recipe.Recipe) {}
	one := memory(1, plain)
	if one < programBytes || one > 2*programBytes {
		t.Errorf("a small run on one thread: %.0f bytes", one)
	}
	parameters := small(t).Network.Arch(1).ParameterCount()
	if more := (memory(65, plain) - one) / 64; more < 4*float64(parameters) {
		t.Errorf("a thread: %.0f bytes for a gradient of %d parameters", more, parameters)
	}
	pairs := memory(1, func(c *recipe.Recipe) { c.Data.Pairs, c.Data.Neighbors = 1<<16, 4 }) - one
	if want := float64(1<<16) * 4 * (64 + 64); pairs < want || pairs > 3*want {
		t.Errorf("neighbors: %.0f bytes for pairs of %.0f", pairs, want)
	}
}
