package cli

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

type result struct {
	RMSE  float64            `json:"rmse"`
	Small float32            `json:"small"`
	Steps []step             `json:"steps,omitempty"`
	By    map[string]float64 `json:"by,omitempty"`
	Next  *result            `json:"next,omitempty"`
	Left  float64            `json:"-"`
	inner float64
}

type step struct{ Loss float64 }

func TestWriteJSON(t *testing.T) {
	var b bytes.Buffer
	r := result{RMSE: 0.1, Small: 0.1, Steps: []step{{1e21}, {1e-7}}, Left: math.NaN(),
		inner: math.NaN()}
	if err := WriteJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	if want := `{"rmse":0.1,"small":0.1,"steps":[{"Loss":1e+21},{"Loss":1e-7}]}` +
		"\n"; b.String() != want {
		t.Errorf("wrote %q, want %q", b.String(), want)
	}
	b.Reset()
	if err := WriteJSON(&b, map[string]any{"command": "a > b & c"}); err != nil ||
		!strings.Contains(b.String(), "a > b & c") {
		t.Errorf("wrote %q, %v", b.String(), err)
	}
}

func TestWriteJSONRefusesNaN(t *testing.T) {
	for says, v := range map[string]any{
		"rmse is NaN":            result{RMSE: math.NaN()},
		"small is -Inf":          &result{Small: float32(math.Inf(-1))},
		"steps[1].Loss is +Inf":  result{Steps: []step{{1}, {math.Inf(1)}}},
		"by.mean is NaN":         result{By: map[string]float64{"std": 1, "mean": math.NaN()}},
		"next.next.rmse is NaN":  result{Next: &result{Next: &result{RMSE: math.NaN()}}},
		"x[0] is NaN":            map[string]any{"x": []any{math.NaN()}},
		"cannot be written as J": map[string]any{"f": func() {}},
	} {
		var b bytes.Buffer
		err := WriteJSON(&b, v)
		if err == nil || !strings.Contains(err.Error(), says) || b.Len() > 0 {
			t.Errorf("%v, wrote %q, want the error to say %q", err, b.String(), says)
		}
	}
}

// TestJSONFloatsRoundTrip checks that every finite float reads back to the same
// bits.
func TestJSONFloatsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := math.Float64frombits(rapid.Uint64().Draw(t, "bits"))
		if math.IsNaN(in) || math.IsInf(in, 0) {
			in = 0
		}
		var b bytes.Buffer
		if err := WriteJSON(&b, step{in}); err != nil {
			t.Fatal(err)
		}
		var out step
		if err := json.Unmarshal(b.Bytes(), &out); err != nil ||
			math.Float64bits(in) != math.Float64bits(out.Loss) {
			t.Fatalf("%v wrote %s and reads back as %v, %v", in, b.Bytes(), out.Loss, err)
		}
	})
}

func TestTable(t *testing.T) {
	var b bytes.Buffer
	table := NewTable(&b, "sampler", "evaluations", "RMSE")
	table.Row("heun", 12, 0.0151234)
	table.Row("dpmpp2m", 321, float32(2))
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	want := "sampler  evaluations  RMSE\nheun     12           0.01512\ndpmpp2m  321          2\n"
	if b.String() != want {
		t.Errorf("wrote\n%s\nwant\n%s", b.String(), want)
	}
}
