package accuracy

import (
	"encoding/json"
	"math"
	"testing"

	"csdm/bench"
	"csdm/env"
	"csdm/problems"
	"csdm/problems/mirror"
	"csdm/recipe"
)

// TestModes checks the weights of the modes of a mean and of independent draws,
// whose noise must not count, and that rows of older files have none.
//
// The known weights are 1/4 and 3/4. A posterior with the left mode alone has
// the error (|1 − 1/4| + |0 − 3/4|)/2 = 3/4. A trend across the field changes
// the shares of the mean, and must not change the votes.
func TestModes(t *testing.T) {
	const n, size = 8, 64
	p, err := mirror.NewUneven(problems.Options{Grid: n, NoisePercent: 30})
	if err != nil {
		t.Fatal(err)
	}
	var draws, mean = make([]float64, 4*size), make([]float64, size)
	for i, place := range []float64{0.1, 0.4, 0.6, 0.9} { // one on the left
		x := draws[i*size : (i+1)*size]
		p.Field(x, []float64{place, 0.5})
		for k := range x {
			x[k] += 0.02 * float64(k%n) // a trend that favors the right
			mean[k] += x[k] / 4
		}
	}
	votes := unstated(&Row{})
	votes.judgeModes(p, &answer{Posterior: &bench.Posterior{Mean: mean}, fields: draws,
		independent: true})
	if votes.FirstMode != 0.25 || votes.FirstModeKnown != 0.25 || votes.ModeError != 0 {
		t.Errorf("draws: %+v", votes)
	}
	p.Field(mean, []float64{0.1, 0.5}) // a method that finds the left mode only
	one := unstated(&Row{})
	if one.judgeModes(p, &answer{Posterior: &bench.Posterior{Mean: mean}}); math.Abs(
		float64(one.ModeError)-0.75) > 1e-12 {
		t.Errorf("one mode: %+v", one)
	}
	var old Row
	if err := json.Unmarshal([]byte(`{"case": 3, "rmse_mean": 0.5}`), &old); err != nil ||
		old.Case != 3 || old.RMSEMean != 0.5 || !math.IsNaN(float64(old.ModeError)) {
		t.Errorf("an older row: %+v, %v", old, err)
	}
}

// TestRunModes runs a study with two modes. Adaptive importance sampling finds
// both, and the reference file states their weights.
//
// A share p of n independent draws has the standard error √(p (1 − p)/n); four
// of them are allowed.
func TestRunModes(t *testing.T) {
	p, err := mirror.NewUneven(problems.Options{Grid: 8, NoisePercent: 30})
	if err != nil {
		t.Fatal(err)
	}
	target := &Subject{Name: mirror.UnevenName, Problem: p}
	s := Settings{Cases: 1, Seeds: 1, Seed: Seed, Methods: []string{"adaptive"},
		Budgets: []int{2000}, Reference: recipe.NewReference(""), ReferenceESS: 500}
	r, err := Run(t.Context(), t.TempDir(), []*Subject{target}, s, env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	row := r.Rows[0]
	// Its effective sample size is the number of independent draws.
	limit := 4 * math.Sqrt(0.25*0.75/float64(row.ESS))
	if !(float64(row.ModeError) < limit) || row.FirstModeKnown != 0.25 ||
		r.Figure(row.Key, "mode_error") == nil {
		t.Errorf("weight of the first mode %v, error %v, limit %v", row.FirstMode, row.ModeError,
			limit)
	}
	truth, err := WriteReferences(t.Context(), t.TempDir(), target, s, env.Quiet(2))
	if err != nil || len(truth.ModeWeights) != 2 || truth.ModeWeights[0] != 0.25 {
		t.Errorf("references: %+v, %v", truth, err)
	}
}
