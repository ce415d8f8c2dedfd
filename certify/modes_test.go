package certify

import (
	"errors"
	"math"
	"reflect"
	"testing"

	"csdm/bench"
	"csdm/explain"
	"csdm/priors"
	"csdm/problems"
)

// twin is a smooth problem whose posterior has two narrow modes: y is (θ₀², θ₁,
// 0, 0, …) and x is θ.
type twin struct{}

const (
	twinStd = 0.002
	twinY   = 0.36
	twinLen = 16
)

func (twin) Spec() *problems.Spec {
	return &problems.Spec{Name: "twin", Rows: 4, Cols: 4, YChannels: 1,
		XRange: problems.Range{Min: -1, Max: 1}, Variables: make([]problems.Variable, 2)}
}
func (twin) Measurement() priors.Measurement { return priors.Gaussian{Std: twinStd} }
func (twin) Box() (lo, hi []float64)         { return []float64{-1, 0}, []float64{1, 1} }
func (twin) Smooth()                         {}

func (twin) Latent([]float64, uint64, uint64) { panic("not used") }
func (twin) Field(x, theta []float64)         { copy(x, theta) }

func (p twin) NewGenerator() (problems.Generator, error) { return p, nil }
func (twin) Pair(_, _ []float64, _, _ uint64) error      { panic("not used") }
func (twin) Simulate(x, y, theta []float64) error {
	copy(x, theta)
	return twin{}.Forward(y, x)
}

func (twin) Forward(y, x []float64) error {
	clear(y)
	y[0], y[1] = x[0]*x[0], x[1]
	return nil
}

func measuredTwin() []float64 {
	y := make([]float64, twinLen)
	y[0], y[1] = twinY, 0.5
	return y
}

// TestBothModes certifies the posterior of twin. Near has rows at both modes.
// Both have half of the mass, and the evidence is that of two normal
// distributions: each mode is 1/(2·0.6) wide for a unit of y, at a density of
// 1/2, and the two add up. The rest of y has the density of the noise at 0.
func TestBothModes(t *testing.T) {
	y := measuredTwin()
	rows, _, err := Near(t.Context(), twin{}, y, explain.Search{Seed: 1, Threads: 1})
	if err != nil || len(rows) != 2*2*nearRows {
		t.Fatalf("Near has %d values, want two modes; %v", len(rows), err)
	}
	r, err := Certify(t.Context(), twin{}, y, nil, Settings{Seed: 1, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	if r.Certificate.ESS < LeastESS || r.Certificate.KHat >= MaxKHat {
		t.Errorf("the certificate is %+v", r.Certificate)
	}
	left, total, top := 0.0, 0.0, math.Inf(-1)
	for _, w := range r.LogWeights {
		top = max(top, w)
	}
	for i, logW := range r.LogWeights {
		w := math.Exp(logW - top)
		total += w
		if r.Theta[2*i] < 0 {
			left += w
		}
	}
	if share := left / total; math.Abs(share-0.5) > 0.06 {
		t.Errorf("the left mode has %.3f of the mass, want 0.5", share)
	}
	want := -math.Log(2*math.Sqrt(twinY)) - (twinLen-2)*math.Log(2*math.Pi*twinStd*twinStd)/2
	if got := r.Certificate.LogEvidence; math.Abs(got-want) > 5*r.Certificate.LogEvidenceError {
		t.Errorf("ln p(y) is %.4f ± %.4f, want %.4f", got, r.Certificate.LogEvidenceError, want)
	}
}

// TestResume stops a search at each of its saved states and goes on from a copy
// of it. The result is the same bit for bit, and a finished search makes no
// more solves. A state of other inputs is refused by the name of the input.
func TestResume(t *testing.T) {
	y := measuredTwin()
	s := Settings{Seed: 3, Threads: 1}
	whole, err := Certify(t.Context(), twin{}, y, nil, s)
	if err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stopped")
	var last State
	for n := 0; ; n++ {
		saved := 0
		first := s
		first.Save = func(now *State) error {
			last = copyOf(now)
			if saved++; saved > n {
				return stop
			}
			return nil
		}
		_, err := Certify(t.Context(), twin{}, y, nil, first)
		if err != nil && !errors.Is(err, stop) {
			t.Fatal(err)
		}
		second := s
		second.Resume = &last
		r, err2 := Certify(t.Context(), twin{}, y, nil, second)
		if err2 != nil {
			t.Fatal(err2)
		}
		r.Certificate.Seconds, r.Certificate.CPUSeconds = whole.Certificate.Seconds,
			whole.Certificate.CPUSeconds
		if !reflect.DeepEqual(r, whole) {
			t.Fatalf("resumed from state %d, the result differs", n)
		}
		if err == nil {
			break
		}
	}
	if last.Solves() < 500 || len(last.Ends.U) != last.Ends.Of {
		t.Errorf("the last state has %d solves and %d of %d descents", last.Solves(),
			len(last.Ends.U), last.Ends.Of)
	}
	s.Resume, s.Seed = &last, 4
	var other *bench.StateError
	if _, err := Certify(t.Context(), twin{}, y, nil, s); !errors.As(err, &other) ||
		other.Reason != "is of another search (seed: 3 in the file, 4 in this call)" {
		t.Errorf("a state of another seed: %v", err)
	}
}

// copyOf returns a copy that the search does not change.
func copyOf(s *State) State {
	c := *s
	c.Ends.U = append([][]float64(nil), s.Ends.U...)
	c.Ends.Objective = append([]float64(nil), s.Ends.Objective...)
	c.Rounds = nil
	for _, r := range s.Rounds {
		r.Theta = append([]float64(nil), r.Theta...)
		r.LogL = append([]float64(nil), r.LogL...)
		c.Rounds = append(c.Rounds, r)
	}
	return c
}
