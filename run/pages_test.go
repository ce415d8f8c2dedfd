package run

import (
	"os"
	"strings"
	"testing"

	"csdm/internal/cli"
	"csdm/internal/format"
)

// writeNPZ writes arrays to the file path.
func writeNPZ(t *testing.T, path string, arrays []format.Named) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := format.WriteNPZ(f, arrays...); err != nil {
		t.Fatal(err)
	}
}

// TestMetrics reads a training's metrics: losses per pixel, and a band of two
// standard errors about the last held-out loss by noise level.
func TestMetrics(t *testing.T) {
	const text = `{"step":10,"loss":40}
{"step":20,"loss":20,"held_out":{"Sigma":[0.1,1],"Loss":[8,16],"Error":[1,2],"Mean":12}}
{"step":30}
{"step":40,"loss":10,"held_out":{"Sigma":[0.1,1],"Loss":[4,8],"Error":[1,2],"Mean":6}}
`
	m, err := readMetrics(strings.NewReader(text), 4)
	if err != nil {
		t.Fatal(err)
	}
	equal := func(what string, got []float64, want ...float64) {
		t.Helper()
		if len(got) != len(want) {
			t.Errorf("%s: %v, want %v", what, got, want)
			return
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
		}
	}
	equal("steps", m.Step, 10, 20, 40)
	equal("losses", m.Loss, 10, 5, 2.5)
	equal("steps of held-out losses", m.HeldOutStep, 20, 40)
	equal("held-out losses", m.HeldOut, 3, 1.5)
	equal("loss by level", m.SigmaLoss, 1, 2)
	equal("lower", m.SigmaLo, 0.5, 1)
	equal("upper", m.SigmaHi, 1.5, 3)
	_, err = readMetrics(strings.NewReader("{\"step\":1}\nnot JSON\n"), 4)
	if cli.Code(err) != cli.ExitData || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a damaged line: code %d, %v", cli.Code(err), err)
	}
}

// TestFieldsOfComparison checks the names that scripts read.
func TestFieldsOfComparison(t *testing.T) {
	c := &FileComparison{Comparison: Comparison{Method: "a", Reference: "b", Mean: 1, Std: 2}}
	fields := c.Fields()
	for name, want := range map[string]any{"method": "a", "reference": "b", "rmse_mean": 1.0,
		"rmse_std": 2.0} {
		if fields[name] != want {
			t.Errorf("%s is %v, want %v", name, fields[name], want)
		}
	}
	if len(fields) != 14 {
		t.Errorf("%d fields", len(fields))
	}
}
