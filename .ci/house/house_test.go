package main

import (
	"strings"
	"testing"
)

// TestMeasures measures three small files whose measures are counted by hand.
func TestMeasures(t *testing.T) {
	m := newMeasures()
	for name, source := range map[string]string{
		"a/a.go": "package a\n\n// T is a type.\ntype T int\n\n// F is long.\nfunc F() {\n" +
			strings.Repeat("\t_ = 1\n", 60) + "}\n\nfunc G(a, b, c, d, e, f int) {}\n",
		"b/b.go": "package b\n\ntype T int // as a.T\n\ntype U = T\n\nconst C, d = 1, `" +
			strings.Repeat("x", 90) + "`\n",
		"b/b_test.go": "package b\n\n// TODO\nfunc ExampleT() {}\n",
	} {
		if err := m.file(name, source); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"70 / 70", // of 70 and 7 lines
		"50.0 % (1 of 2)",
		"1",
		"15 / 15",
		"2.6 %",
		"1 of 77",
		"0.05",
		"167 (1)", // of F, G, a.T, b.T, U, C
		"60.0 %",  // G, b.T, U of F, G, a.T, b.T, U
		"50.0 % / 0.0 %",
		"2 of 2",
	}
	for k, r := range m.rows() {
		if r.value != want[k] {
			t.Errorf("%s: %s, want %s", r.name, r.value, want[k])
		}
	}
}
