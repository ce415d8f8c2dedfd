package main

import (
	"strings"
	"testing"

	"csdm/problems"
)

// TestPercent is a table of spellings of a percentage.
func TestPercent(t *testing.T) {
	for text, want := range map[string]percent{"5": 5, "5%": 5, "2.5 %": 2.5, "0.5": 0.5,
		"0.05%": 0.05, "1e1": 10} {
		var p percent
		if err := p.Set(text); err != nil || p != want {
			t.Errorf("%q: %v, %v", text, p, err)
		}
	}
	for text, says := range map[string]string{
		"": "finite", "%": "finite", "five": "finite", "nan": "finite", "inf": "finite",
		"5%%": "finite",
		"0":   "positive", "-5": "positive", "0%": "positive", "0.05": "0.05 % or 5 %",
		"0.49": "0.49 % or 49 %", "0.07": "0.07 % or 7 %?",
	} {
		var p percent
		if err := p.Set(text); err == nil || !strings.Contains(err.Error(), says) || p != 0 {
			t.Errorf("%q: %v, %v; want %q", text, p, err, says)
		}
	}
}

// TestDescribe checks that a setting that was not given is named a default, and
// whose.
func TestDescribe(t *testing.T) {
	s := &problems.Spec{Name: "lump", Rows: 4, Cols: 5, Options: problems.Options{NoisePercent: 5}}
	for want, p := range map[string]problemFlags{
		"lump on 4×5 nodes (the problem's), noise 5 % (the problem's; --noise changes it)": {
			problem: "lump"},
		"lump on 4×5 nodes (the model's), noise 5 %": {
			model: "m", noise: 5},
		"lump on 4×5 nodes, noise 5 % (the problem's; --noise changes it)": {
			problem: "lump", grid: 4},
	} {
		if got := p.describe(s); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
