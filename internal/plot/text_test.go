package plot

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestWrap checks that wrapped lines fit the width, unless they are a single
// word, that their words are the words of the text in order, and that a
// no-break space breaks no line.
func TestWrap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "mean", "*σ*_{x}", "10^{−3}",
			"modulus\u00a0(kPa)", "displacement"}), 1, 9).Draw(t, "words")
		width := rapid.Float64Range(10, 150).Draw(t, "width")
		lines := wrap(strings.Join(words, " "), tickSize, width)
		var got []string
		for _, line := range lines {
			in := strings.Split(line, " ")
			if len(in) > 1 && textWidth(line, tickSize) > width {
				t.Fatalf("%q is wider than %g", line, width)
			}
			got = append(got, in...)
		}
		if strings.Join(got, " ") != strings.Join(words, " ") {
			t.Fatalf("%q became %q", words, lines)
		}
	})
	if got := wrap("one\ntwo", titleSize, 1e9); len(got) != 2 || got[1] != "two" {
		t.Errorf("a newline gives %q", got)
	}
	if wrap("", titleSize, 10) != nil {
		t.Error("an empty text has lines")
	}
}

// TestPlace checks that scripts are smaller than the line, raised or lowered,
// and that the runs follow each other without a gap.
func TestPlace(t *testing.T) {
	runs, width := place("*u*_{y} 10^{−3}", 10, false)
	if len(runs) != 4 {
		t.Fatalf("%d runs", len(runs))
	}
	if u, y, minus3 := runs[0], runs[1], runs[3]; u.raise != 0 || y.raise >= 0 ||
		minus3.raise <= 0 || y.size >= 8 || minus3.size != y.size || !u.Italic || y.Italic {
		t.Errorf("runs %+v", runs)
	}
	for i := 2; i < len(runs); i++ { // the first run is italic
		w := textWidth(runs[i-1].Text, runs[i-1].size)
		if gap := runs[i].x - runs[i-1].x - w; math.Abs(gap) > 0.1 {
			t.Errorf("a gap of %g before %q", gap, runs[i].Text)
		}
	}
	if plain := textWidth("u", 10); width <= plain || textWidth("uu", 10) != 2*plain {
		t.Errorf("widths %g and %g", width, plain)
	}
}

// TestPlainNumber checks that short tick labels show a number's six digits and
// not the error of its last bit: 0.1 + 0.2 must be 0.3.
func TestPlainNumber(t *testing.T) {
	for v, want := range map[float64]string{5e-6 * (1 - 1e-15): "5·10^{−6}", 0.1 + 0.2: "0.3",
		-2.5e7: "−2.5·10^{7}", 0: "0", 123456: "123456", 1e-4: "0.0001"} {
		if got := plainNumber(v); got != want {
			t.Errorf("plainNumber(%g) = %q, want %q", v, got, want)
		}
	}
}

// TestSVGNumbersAndPaths checks that numbers of an SVG have two decimals at
// most and no negative zero, and that path data use the short commands for
// horizontal and vertical lines.
func TestSVGNumbersAndPaths(t *testing.T) {
	for v, want := range map[float64]string{0: "0", -0.001: "0", 1.006: "1.01", -2.5: "-2.5",
		100: "100"} {
		if got := num(v); got != want {
			t.Errorf("num(%g) = %q, want %q", v, got, want)
		}
	}
	path := pathData([]point{{1, 2}, {5, 2}, {5, 7}, {6, 8}})
	if path != "M1 2H5V7L6 8" {
		t.Errorf("path data %q", path)
	}
	v := newVector(10, 10, "")
	v.lines(stroke{color: ink, width: 1}, [][]point{{{0, 0}, {1, 1}}, {{4, 4}}, {{2, 2}, {3, 3}}})
	if got := v.body.String(); !strings.Contains(got, `d="M0 0L1 1M2 2L3 3"`) {
		t.Errorf("separate lines are %q", got)
	}
	before := v.body.Len()
	v.lines(stroke{color: ink, width: 1}, [][]point{{{4, 4}}})
	if v.body.Len() != before {
		t.Error("a line of one point is drawn")
	}
}

// TestCoarse checks that the few colors of a coarse map are spread evenly,
// include both ends, and keep the grays of missing cells.
func TestCoarse(t *testing.T) {
	for _, n := range []int{2, 5, 40} {
		seen := map[uint8]bool{}
		last := uint8(0)
		for i := range levels {
			c := coarse(uint8(i), n)
			if c < last {
				t.Fatalf("%d colors: level %d goes back", n, i)
			}
			last = c
			seen[c] = true
		}
		if len(seen) != n || !seen[0] || !seen[levels-1] {
			t.Errorf("%d colors: %d are used", n, len(seen))
		}
	}
	if coarse(missing, 5) != missing || coarse(hatch, 5) != hatch || coarse(77, 0) != 77 {
		t.Error("a missing cell or a full map is changed")
	}
}

// TestCatmullRom checks that the spline goes through its points, and that
// straight points give a straight line of even speed.
func TestCatmullRom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float64Range(-5, 5)
		a, b, c, d := v.Draw(t, "a"), v.Draw(t, "b"), v.Draw(t, "c"), v.Draw(t, "d")
		if got := catmullRom(a, b, c, d, 0); got != b {
			t.Fatalf("at 0 it is %g, not %g", got, b)
		}
		if got := catmullRom(a, b, c, d, 1); math.Abs(got-c) > 1e-12 {
			t.Fatalf("at 1 it is %g, not %g", got, c)
		}
		step := rapid.Float64Range(0, 1).Draw(t, "t")
		if got := catmullRom(a, a+b, a+2*b, a+3*b, step); math.Abs(got-(a+b+step*b)) > 1e-12 {
			t.Fatalf("a straight line bends by %g", got-(a+b+step*b))
		}
	})
}
