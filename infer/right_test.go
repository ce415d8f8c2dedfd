package infer

import (
	"bytes"
	"encoding/json"
	"flag"
	"math"
	"os"
	"strconv"
	"testing"

	"csdm/explain"
	"csdm/internal/atomicfile"
	"csdm/problems"
	"csdm/rng"
)

var update = flag.Bool("update", false, "write run/testdata/right.json")

// Right measurements of an embedded model's problem. Their statistics are
// stored, because 500 searches of the prior and 500 posteriors take minutes.
const (
	rightFile  = "testdata/right.json"
	rightModel = "quasistatic-28-n5"
	rightCount = 500
	rightSeed  = 21
	rightEvery = 31 // every 31st measurement is judged again from the start
)

// rightRows holds the values of the tests of a verdict, a row per measurement.
//
// Values are json.Number with six digits, so that the file is the same for any
// machine.
type rightRows struct {
	Tests []string        `json:"tests"`
	Rows  [][]json.Number `json:"rows"`
}

// judgeRight judges right measurement i.
//
// The pair and its noise are functions of (rightSeed, i).
func judgeRight(t *testing.T, e *Explainer, g problems.Generator, i uint64) *explain.Verdict {
	t.Helper()
	x, y := make([]float64, e.Problem.Spec().XLen()), make([]float64, e.Problem.Spec().YLen())
	if err := g.Pair(x, y, rightSeed, i); err != nil {
		t.Fatal(err)
	}
	e.Problem.Measurement().Sample(y, y, rng.New(rightSeed, rng.Noise, i, 0))
	// The random numbers of draws depend on every bit of y, and the last digits
	// of a solve depend on the vector instructions of the machine.
	for k, value := range y {
		y[k] = float64(float32(value))
	}
	v, _ := explained(t, e, y)
	return v
}

// TestRightMeasurementsAreExplained counts false alarms on 500 measurements, by
// the network's draws, by the prior, and by the values that are known. The
// values of the tests are stored, the limits are not. Every 31st
// measurement is judged from the start and must give the stored values. -update
// resumes the file where it ends; remove the file to compute all again.
//
// With a rate of 2 % at most 10 of 500 may be refused. Since limits are not
// stored, a change of the limits is judged on all 500 measurements. A change of
// the statistics themselves is noticed at the 17 measurements that are judged
// again.
func TestRightMeasurementsAreExplained(t *testing.T) {
	model, problem := embedded(t, rightModel)
	e := NewExplainer(problem, model)
	g, err := problem.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	var stored rightRows
	if text, err := os.ReadFile(rightFile); err == nil {
		if err := json.Unmarshal(text, &stored); err != nil {
			t.Fatal(err)
		}
	}
	first := judgeRight(t, e, g, 0)
	if *update {
		writeRight(t, &stored, e, g)
	}
	if len(stored.Tests) != len(first.Tests) || len(stored.Rows) != rightCount {
		t.Fatalf("%s has %d tests of %d measurements, want %d of %d: run with -update", rightFile,
			len(stored.Tests), len(stored.Rows), len(first.Tests), rightCount)
	}
	refused := 0
	for i, row := range stored.Rows {
		fails := false
		for k, test := range first.Tests {
			if stored.Tests[k] != test.By+": "+test.Name {
				t.Fatalf("test %d is %q in %s, want %s: %s", k, stored.Tests[k], rightFile, test.By,
					test.Name)
			}
			value, err := row[k].Float64()
			if err != nil {
				t.Fatal(err)
			}
			if value > test.Limit || test.Low != nil && value < *test.Low {
				t.Logf("measurement %d: %s is %v", i, stored.Tests[k], value)
				fails = true
			}
		}
		if fails {
			refused++
		}
		if i%rightEvery != 0 || testing.Short() && i > 0 {
			continue
		}
		v := judgeRight(t, e, g, uint64(i))
		if v.Explained == fails {
			t.Errorf("measurement %d: explained is %v, by the stored values %v", i, v.Explained,
				!fails)
		}
		for k, test := range v.Tests {
			// Six digits are stored. Float32 kernels that round differently
			// move a statistic of 784 values by about 1e-5.
			value, _ := row[k].Float64()
			if math.Abs(value-test.Value) > 1e-3*(1+math.Abs(value)) {
				t.Errorf("measurement %d: %s is %v, stored %v: remove %s and run with -update", i,
					stored.Tests[k], test.Value, value, rightFile)
			}
		}
	}
	t.Logf("%d of %d refused", refused, rightCount)
	if refused > rightCount/50 {
		t.Errorf("%d of %d right measurements are refused, more than 2 %%", refused, rightCount)
	}
}

// writeRight adds the missing rows to the file, and writes it every 10 rows.
func writeRight(t *testing.T, stored *rightRows, e *Explainer, g problems.Generator) {
	t.Helper()
	for i := len(stored.Rows); i < rightCount; i++ {
		v := judgeRight(t, e, g, uint64(i))
		stored.Tests = nil
		var row []json.Number
		for _, test := range v.Tests {
			stored.Tests = append(stored.Tests, test.By+": "+test.Name)
			row = append(row, json.Number(strconv.FormatFloat(test.Value, 'g', 6, 64)))
		}
		stored.Rows = append(stored.Rows, row)
		if i%10 != 9 {
			continue
		}
		text, err := json.Marshal(stored)
		if err != nil {
			t.Fatal(err)
		}
		text = bytes.ReplaceAll(text, []byte("],["), []byte("],\n[")) // a row per line
		if err := atomicfile.WriteFile(rightFile, true, text); err != nil {
			t.Fatal(err)
		}
	}
}
