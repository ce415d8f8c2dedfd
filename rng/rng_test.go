package rng

import (
	"math"
	"testing"
)

// TestPhiloxKnownAnswers compares with the answers that the Random123
// distribution publishes for philox4x64-10.
func TestPhiloxKnownAnswers(t *testing.T) {
	all := ^uint64(0)
	for _, c := range []struct {
		counter [4]uint64
		key     [2]uint64
		want    [4]uint64
	}{
		{[4]uint64{}, [2]uint64{}, [4]uint64{0x16554d9eca36314c, 0xdb20fe9d672d0fdc,
			0xd7e772cee186176b, 0x7e68b68aec7ba23b}},
		{[4]uint64{all, all, all, all}, [2]uint64{all, all},
			[4]uint64{0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6,
				0xa09caebf594f0ba0}},
	} {
		if got := philox(c.counter, c.key); got != c.want {
			t.Errorf("philox(%x, %x) = %x, want %x", c.counter, c.key, got, c.want)
		}
	}
}

func TestStreamsAreKeyedAndReproducible(t *testing.T) {
	a := New(7, Prior, 3, 5)
	first := make([]uint64, 9)
	for k := range first {
		first[k] = a.Uint64()
	}
	b := New(7, Prior, 3, 5)
	for k := range first {
		if got := b.Uint64(); got != first[k] {
			t.Fatalf("word %d differs between two streams of one key", k)
		}
	}
	for name, s := range map[string]*Stream{
		"seed": New(8, Prior, 3, 5), "purpose": New(7, Noise, 3, 5), "i": New(7, Prior, 4, 5),
		"j": New(7, Prior, 3, 6),
	} {
		if s.Uint64() == first[0] {
			t.Errorf("changing the %s does not change the stream", name)
		}
	}
}

// TestMoments checks mean, variance and fourth moment of each distribution
// within five standard errors.
func TestMoments(t *testing.T) {
	const n = 200_000
	limit := 1.5
	phi := math.Exp(-limit*limit/2) / math.Sqrt(2*math.Pi)
	mass := math.Erf(limit / math.Sqrt2)
	for _, d := range []struct {
		name          string
		draw          func(*Stream) float64
		mean, m2, m4  float64
		variance2, v4 float64 // variances of x² and x⁴, for the standard errors
	}{
		{"uniform(-1,1)", func(s *Stream) float64 {
			return s.Uniform(-1, 1)
		}, 0, 1. / 3, 1. / 5, 1./5 - 1./9, 1./9 - 1./25},
		{"normal", (*Stream).Normal, 0, 1, 3, 2, 96},
		{"truncated", func(s *Stream) float64 {
			return s.TruncatedNormal(limit)
		}, 0, 1 - 2*limit*phi/mass, 3 - 2*limit*(3+limit*limit)*phi/mass, 1, 5},
	} {
		s := New(1, Test, 0, 0)
		var m1, m2, m4 float64
		for range n {
			x := d.draw(s)
			m1 += x / n
			m2 += x * x / n
			m4 += x * x * x * x / n
		}
		for _, c := range []struct {
			moment          string
			got, want, varx float64
		}{{"mean", m1, d.mean, d.m2}, {"second moment", m2, d.m2, d.variance2},
			{"fourth moment", m4, d.m4, d.v4}} {
			if se := math.Sqrt(c.varx / n); math.Abs(c.got-c.want) > 5*se {
				t.Errorf("%s: %s %v, want %v ± %v", d.name, c.moment, c.got, c.want, se)
			}
		}
	}
}

// TestUint64nIsUniform is a chi-square test for a modulus that would reveal a
// biased reduction.
func TestUint64nIsUniform(t *testing.T) {
	const n, draws = 6, 60_000
	var count [n]float64
	s := New(3, Test, 0, 0)
	for range draws {
		count[s.Uint64n(n)]++
	}
	chi2 := 0.0
	for _, c := range count {
		chi2 += (c - draws/n) * (c - draws/n) / (draws / n)
	}
	if chi2 > 25.7 { // the 99.99 % quantile at 5 degrees of freedom
		t.Errorf("chi-square %v over %v", chi2, count)
	}
}

func BenchmarkNormal(b *testing.B) {
	s := New(1, Test, 0, 0)
	for b.Loop() {
		s.Normal()
	}
}
