package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/problems"
	"csdm/problems/quasistatic"
)

// TestExactScore samples by the exact score without a model. The same command
// again changes nothing, and flags that do not go together are usage errors.
func TestExactScore(t *testing.T) {
	dir := t.TempDir()
	problem, err := quasistatic.New(problems.Options{Grid: 12, NoisePercent: 8})
	if err != nil {
		t.Fatal(err)
	}
	g, err := problem.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, problem.Spec().XLen()), make([]float64, problem.Spec().YLen())
	if err := g.Pair(x, y, 5, 2); err != nil {
		t.Fatal(err)
	}
	problems.Measure(problem.Measurement(), y, y, 5, 2)
	var file bytes.Buffer
	if err := format.WriteNPY(&file, format.Array64(y, 12, 12)); err != nil {
		t.Fatal(err)
	}
	measurement, out := filepath.Join(dir, "y.npy"), filepath.Join(dir, "post.npz")
	writeBytes(t, measurement, file.Bytes())
	sample := func(args string) (string, error) {
		printed, _, err := csdm(t, append(strings.Fields("sample -q --json --score exact --y "+
			measurement+" -o "+out), strings.Fields(args)...)...)
		return printed, err
	}
	const exact = "--problem quasistatic --grid 12 --noise 8 --draws 16"
	printed, err := sample(exact)
	if err != nil {
		t.Fatal(err)
	}
	var result struct {
		Exact *infer.ExactDraws `json:"exact_score"`
	}
	if err := json.Unmarshal([]byte(printed), &result); err != nil || result.Exact == nil ||
		result.Exact.PriorFields.Count != 16 || !(result.Exact.Comparison.Mean > 0) {
		t.Errorf("%s: %v", printed, err)
	}
	before, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := sample(exact); err != nil || !strings.Contains(again, "prior_fields") {
		t.Errorf("again: %s, %v", again, err)
	}
	if after, err := os.ReadFile(out); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the same command changed the result (%v)", err)
	}
	for args, code := range map[string]int{
		exact + " --seed 9":                          cli.ExitExists,
		exact + " --certify":                         cli.ExitUsage,
		"--problem opticnerve":                       cli.ExitUsage,
		"--grid 12":                                  cli.ExitUsage,
		"--score network --problem quasistatic":      cli.ExitUsage,
		"--score network --model m --noise 5":        cli.ExitUsage,
		"--score other --model m":                    cli.ExitUsage,
		exact + " --model builtin:quasistatic-28-n5": cli.ExitUsage,
	} {
		if _, err := sample(args); cli.Code(err) != code {
			t.Errorf("%s: code %d (%v), want %d", args, cli.Code(err), err, code)
		}
	}
}
