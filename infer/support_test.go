package infer

import (
	"bytes"
	"context"
	"math"
	"strings"
	"testing"

	"csdm/env"
	"csdm/internal/format"
	"csdm/langevin"
	"csdm/models"
	"csdm/nn"
	"csdm/recipe"
)

// drawn returns a posterior by a model, of the second embedded measurement.
func drawn(t *testing.T, m *nn.Model, s langevin.Settings) *Posterior {
	t.Helper()
	y, _ := embeddedPair(t, 1)
	p, err := Sample(context.Background(), m, y, s, Job{Seed: 1}, env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestFewStepsAreAccurateOrRefused runs each sampler with one to four levels.
// An accepted posterior has the same standard deviation as with many levels.
//
// No combination may be accepted and wrong by more than 30 %. Combinations that
// settings refuse are not counted. Conversely each sampler with the usual
// number of levels must be accepted, so that the test cannot pass by refusing
// everything.
func TestFewStepsAreAccurateOrRefused(t *testing.T) {
	m, err := BuiltinModel("quasistatic-28-n5")
	if err != nil {
		t.Fatal(err)
	}
	rms := func(v []float64) (sum float64) {
		for _, s := range v {
			sum += s * s
		}
		return math.Sqrt(sum / float64(len(v)))
	}
	full := recipe.Sampling(m, 24)
	want := rms(drawn(t, m, full).Std)
	accepted := 0
	for _, sampler := range langevin.Samplers() {
		for steps := 1; steps <= 4; steps++ {
			s := langevin.Settings{Draws: 24, Sampler: sampler, Levels: steps, Threads: 1,
				SigmaMax: full.SigmaMax, SigmaMin: full.SigmaMin}
			if s.Validate() != nil {
				continue // refused before
			}
			u, err := Rehearse(context.Background(), m, s)
			if err != nil {
				t.Fatal(err)
			}
			if !u.In {
				continue
			}
			p := drawn(t, m, s)
			if u.Judge(p, &m.Meta, s.SigmaMin); !u.In {
				continue
			}
			accepted++
			if got := rms(p.Std); math.Abs(got/want-1) > 0.3 {
				t.Errorf("%s, %d levels: accepted with a std of %.4f, which is %.4f", sampler,
					steps, got, want)
			}
		}
	}
	t.Logf("%d of 16 accepted", accepted)
	for _, sampler := range langevin.Samplers() {
		s := full
		if s.Sampler = sampler; sampler == langevin.SamplerAnnealed {
			s.Levels = 60
		}
		if sampler != langevin.SamplerDPMSolverPP2M {
			s.Corrections, s.CorrectAt, s.CorrectKeep = 0, 0, 0
		}
		if u, err := Rehearse(context.Background(), m, s); err != nil || !u.In {
			t.Errorf("%s with its defaults is refused: %v %s", sampler, err, u.Text)
		}
	}
}

// TestDrawsOutsideAreRefused checks a network that returns 0, and weights of
// zero. Both draw from a normal distribution around 0.
//
// More than the accepted share of such a distribution lies outside of the range
// [0, 1] of the fields. Draws of the embedded network have less than a
// thousandth of their pixels outside.
func TestDrawsOutsideAreRefused(t *testing.T) {
	m, err := BuiltinModel("quasistatic-28-n5")
	if err != nil {
		t.Fatal(err)
	}
	s := recipe.Sampling(m, 8)
	judge := func() *Support {
		u, err := Rehearse(context.Background(), m, s)
		if err != nil {
			t.Fatal(err)
		}
		u.Judge(drawn(t, m, s), &m.Meta, s.SigmaMin)
		return &u
	}
	if Untrained(m) {
		t.Error("the embedded network is taken for untrained")
	}
	if u := judge(); u.Err() != nil || u.Outside > 0.001 || u.Notes() != nil {
		t.Errorf("the embedded network: %v, %.2g outside, %q", u.Err(), u.Outside, u.Notes())
	}
	clear(m.Net.Flat())
	m.Net.Repack()
	if !Untrained(m) {
		t.Error("weights of zero are not seen")
	}
	if u := judge(); u.Err() == nil || !strings.Contains(u.Err().Error(),
		"outside of the fields' range") {
		t.Errorf("weights of zero: %.2g outside, %v", u.Outside, u.Err())
	}
}

// TestSupportOfOnesOwn checks that the range of an external problem is the
// range of its pairs with a margin, and that a posterior about as narrow as the
// last noise level has a note.
//
// With the normalization [−2, 2] the extremes −4 and 6 are −0.5 and 2; a
// quarter of the width 2.5 plus 3 σ_L is the margin. A std of 1.7 σ_L narrows a
// normal pixel by 1 − 1/√(1 + 1/1.7²) = 14 %.
func TestSupportOfOnesOwn(t *testing.T) {
	m := &nn.Metadata{Normalization: nn.Normalization{XMin: -2, XMax: 2},
		XExtremes: nn.Extremes{Min: -4, Max: 6}}
	p := &Posterior{Samples: make([]float64, 200)}
	p.Std = make([]float64, 100)
	for k := range p.Std {
		p.Std[k] = 0.017
	}
	for k := range p.Samples {
		p.Samples[k] = []float64{-1.1, 2.6}[k%2] // within a quarter of the width of −0.5 to 2
	}
	u := Support{In: true, Rehearsal: [2]float64{1, 1}}
	if u.Judge(p, m, 0.01); u.Err() != nil || u.Outside != 0 || u.Lowest != -0.5 || u.Highest != 2 {
		t.Errorf("%+v", u)
	}
	if n := strings.Join(u.Notes(), "\n"); !strings.Contains(n, "only 1.7 sigma_min") ||
		!strings.Contains(n, "14 %") {
		t.Errorf("a posterior of 1.7 sigma_min: %q", n)
	}
	if u.Rehearsal[1] = 0.8; len(u.Notes()) != 2 {
		t.Errorf("a sampler that is too narrow: %q", u.Notes())
	}
	p.Samples[0], p.Samples[1] = 3, math.NaN()
	if u.Judge(p, m, 0.01); u.Outside != 0.01 || u.Err() != nil {
		t.Errorf("two values of 200 outside: %+v", u)
	}
	for k := range 60 {
		p.Samples[k] = -9
	}
	if u.Judge(p, m, 0.01); u.Err() == nil {
		t.Errorf("nearly a third of the values outside: %+v", u)
	}
}

// embeddedPair returns measurement k of the embedded ones at 28×28 and its true
// field, both in physical units.
func embeddedPair(t *testing.T, k int) (y, truth []float64) {
	t.Helper()
	data, err := models.Measurements("quasistatic-28-n5")
	if err != nil {
		t.Fatal(err)
	}
	arrays, err := format.ReadNPZ(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	const n = 28 * 28
	return arrays["y"].Float64()[k*n : (k+1)*n], arrays["x"].Float64()[k*n : (k+1)*n]
}
