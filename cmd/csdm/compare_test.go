package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"csdm/internal/cli"
	"csdm/internal/format"
)

// TestCompareUnits writes one posterior in physical units, under two
// normalizations, and without units. Each comparison gives the same RMSE or an
// error.
func TestCompareUnits(t *testing.T) {
	t.Chdir(t.TempDir())
	const n = 4
	field := func(values []float64, scale, zero float64) *format.Array {
		out := make([]float64, n)
		for k, v := range values {
			out[k] = (v - zero) / scale
		}
		return format.Array64(out, 2, 2)
	}
	mean, std := []float64{0.2, 0.9, 1.4, 0.1}, []float64{0.1, 0.2, 0.05, 0.3}
	normalized := func(lo, hi float64) map[string]*format.Array {
		return map[string]*format.Array{
			"mean": field(mean, hi-lo, lo), "std": field(std, hi-lo, 0), "x_min": format.Scalar(lo),
			"x_max":      format.Scalar(hi),
			"mean_error": field(std, 10*(hi-lo), 0), "std_error": field(std, 20*(hi-lo), 0),
		}
	}
	physical := map[string]*format.Array{"mean_physical": field(mean, 1, 0),
		"std_physical": field(std, 1, 0)}
	bare := map[string]*format.Array{"mean": field(mean, 1, 0), "std": field(std, 1, 0)}
	other := normalized(0.1, 1.5)
	other["mean"].F64[0] += 0.25
	negative := normalized(0, 1)
	negative["std"] = field([]float64{0.1, -0.1, 0.2, 0.1}, 1, 0)
	weighed := normalized(0, 1)
	weighed["ess"] = format.Scalar(1)
	origin := []byte(`{"method":"importance"}`)
	weighed["origin_json"] = &format.Array{Shape: []int{len(origin)}, DType: format.Uint8,
		U8: origin}
	for name, arrays := range map[string]map[string]*format.Array{
		"a.npz": normalized(0.1, 1.5), "wide.npz": normalized(-2, 8), "physical.npz": physical,
		"bare.npz": bare, "other.npz": other,
		"negative.npz": negative, "weighed.npz": weighed, "nothing.npz": {"x": field(mean, 1, 0)},
	} {
		writeArrays(t, name, arrays)
	}
	for _, line := range []string{"a.npz", "wide.npz", "physical.npz",
		"bare.npz --units-a physical"} {
		out, _, err := csdm(t, strings.Fields("compare --json "+line+" other.npz")...)
		if err != nil {
			t.Fatal(line, err)
		}
		var got map[string]any
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatal(err)
		}
		if v, ok := got["rmse_mean"].(float64); !ok || math.Abs(v-0.125) > 1e-12 {
			t.Errorf("%s: RMSE of mean %v, want 0.125", line, got["rmse_mean"])
		}
		if v, ok := got["rmse_mean_physical"].(float64); !ok || math.Abs(v-0.125*1.4) > 1e-12 {
			t.Errorf("%s: RMSE of mean %v in physical units, want %v", line,
				got["rmse_mean_physical"], 0.125*1.4)
		}
		if v, ok := got["rmse_std"].(float64); !ok || v > 1e-12 {
			t.Errorf("%s: RMSE of std %v, want 0", line, got["rmse_std"])
		}
		if states := strings.HasPrefix(line, "a") ||
			strings.HasPrefix(line, "wide"); states != (got["floor_mean"] != nil) {
			t.Errorf("%s: error of A %v", line, got["floor_mean"])
		}
	}
	text, _, err := csdm(t, "compare", "physical.npz", "other.npz")
	if err != nil || !strings.Contains(text, "not stated") ||
		!strings.Contains(text, "A: mean_physical, std_physical of physical.npz") {
		t.Errorf("%v: %s", err, text)
	}
	for line, want := range map[string]string{
		"bare.npz other.npz":                         "bare.npz does not state whether",
		"a.npz negative.npz":                         "negative.npz",
		"a.npz nothing.npz":                          "nothing.npz: ",
		"a.npz weighed.npz":                          "weighed.npz is not a reference",
		"bare.npz physical.npz --units-a normalized": "neither has the range",
	} {
		if _, _, err := csdm(t, append([]string{"compare"},
			strings.Fields(line)...)...); cli.Code(err) != cli.ExitData ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("compare %s: %v, want %q", line, err, want)
		}
	}
}
