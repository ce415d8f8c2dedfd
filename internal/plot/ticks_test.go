package plot

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func texts(ts []tick) (out []string) {
	for _, t := range ts {
		if t.text != "" {
			out = append(out, t.text)
		}
	}
	return out
}

// TestTicks checks the labels of linear scales, of a scale with a common
// factor, and of logarithmic scales over one, two and ten decades.
func TestTicks(t *testing.T) {
	for _, c := range []struct {
		s      scale
		n      int
		want   []string
		factor string
	}{
		{scale{0, 1, false}, 5, []string{"0.0", "0.2", "0.4", "0.6", "0.8", "1.0"}, ""},
		{scale{-0.0107, 0.0003, false}, 5, []string{"−10", "−8", "−6", "−4", "−2", "0"},
			"×10^{−3}"},
		{scale{0, 100000, false}, 5, []string{"0", "20", "40", "60", "80", "100"}, "×10^{3}"},
		{scale{0, 4000, false}, 4, []string{"0", "1000", "2000", "3000", "4000"}, ""},
		{scale{0.01, 10, true}, 8, []string{"0.01", "0.1", "1", "10"}, ""},
		{scale{5, 320, true}, 8, []string{"5", "10", "20", "50", "100", "200"}, ""},
		{scale{1e-7, 1e3, true}, 5, []string{"10^{−6}", "10^{−4}", "10^{−2}", "10^{0}", "10^{2}"},
			""},
	} {
		ts, factor := c.s.ticks(c.n)
		if got := texts(ts); !slices.Equal(got, c.want) || factor != c.factor {
			t.Errorf("%+v: ticks %q %q, want %q %q", c.s, got, factor, c.want, c.factor)
		}
	}
}

// TestTicksOnAnyScale checks that ticks of any scale lie on it, ascend, are
// neither missing nor too many, and that their texts differ. Two ticks with one
// text would be a scale without a meaning.
func TestTicksOnAnyScale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log := rapid.Bool().Draw(t, "log")
		lo := math.Pow(10, rapid.Float64Range(-12, 12).Draw(t, "magnitude"))
		s := scale{lo, lo * math.Pow(10, rapid.Float64Range(0.3, 9).Draw(t, "decades")), log}
		if !log {
			s.lo -= rapid.Float64Range(0, 2).Draw(t, "shift") * s.hi
		}
		ts, _ := s.ticks(rapid.IntRange(2, 8).Draw(t, "n"))
		names := texts(ts)
		if len(names) < 1 || len(names) > 16 {
			t.Fatalf("%+v: %d labeled ticks", s, len(names))
		}
		unique := slices.Clone(names)
		slices.Sort(unique)
		if len(slices.Compact(unique)) != len(names) {
			t.Fatalf("%+v: texts repeat: %q", s, names)
		}
		for i, x := range ts {
			if at := s.place(x.value); at < -1e-6 || at > 1+1e-6 {
				t.Fatalf("%+v: tick %g lies off the scale", s, x.value)
			}
			if i > 0 && x.value <= ts[i-1].value {
				t.Fatalf("%+v: ticks do not ascend", s)
			}
		}
	})
}
