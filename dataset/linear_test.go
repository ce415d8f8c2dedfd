package dataset_test

import (
	"context"
	"math"
	"reflect"
	"testing"

	"csdm/dataset"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/lineargaussian"
	"csdm/rng"
)

// sensed is a problem that is measured at some nodes alone. With gaps, about
// half of the measurements miss one of them.
type sensed struct {
	*lineargaussian.Problem
	places []int
	gaps   bool
}

func (p sensed) Measurement() priors.Measurement {
	noise := priors.NewPartial(priors.Gaussian{Std: 0.1}, p.places)
	if p.gaps {
		return gappy{noise, p.places[0]}
	}
	return noise
}

// gappy is a measurement that misses the value at a place where the noise of
// the next one is positive.
type gappy struct {
	priors.Measurement
	place int
}

func (g gappy) Sample(dst, y []float64, s *rng.Stream) {
	other := y[g.place+1]
	g.Measurement.Sample(dst, y, s)
	if dst[g.place+1] > other {
		dst[g.place] = math.NaN()
	}
}

// TestLinear compares the linear estimate of a problem with normal
// distributions, and the variances of its error, with the closed form of the
// posterior. With N pairs the estimate from n values is off by √(n/N) posterior
// standard deviations, and a standard deviation by 1/√(2N) of itself.
func TestLinear(t *testing.T) {
	const pairs, fresh = 8000, 200
	whole, err := lineargaussian.New(problems.Options{Grid: 8})
	if err != nil {
		t.Fatal(err)
	}
	p := sensed{whole, []int{9, 10, 14, 27, 33, 36, 49, 54}, false}
	dir, s := t.TempDir(), settings()
	s.Pairs, s.BlockPairs, s.Masks = pairs+100, 0, 1
	s.HeldOut = 100
	generate(t, dir, p, s)
	store := open(t, dir)
	source, err := dataset.NewSource(context.Background(), store, p.Measurement(), s)
	if err != nil {
		t.Fatal(err)
	}
	l, err := source.Linear(context.Background(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if l == nil || !reflect.DeepEqual(l.Places, p.places) {
		t.Fatalf("the estimate is %+v", l)
	}
	if again, err := source.Linear(context.Background(), 3); err != nil ||
		!reflect.DeepEqual(l, again) {
		t.Errorf("three threads give another estimate, %v", err)
	}

	n := source.Scaling().Normalization
	plane, k := whole.Spec().XLen(), len(l.Variances)-1
	square := 0.0
	for i := range uint64(fresh) {
		_, y, err := problems.MeasuredPair(p, 77, i)
		if err != nil {
			t.Fatal(err)
		}
		mean, std, _, err := whole.Posterior(y)
		if err != nil {
			t.Fatal(err)
		}
		n.Y.Apply(y, y)
		for v := range plane {
			x := float64(l.Offset[v])
			for j, place := range l.Places {
				x += float64(l.Weights[v*len(l.Places)+j]) * y[place]
			}
			d := (n.X.Min + x*n.X.Width() - mean[v]) / std[v]
			square += d * d / float64(plane*fresh)
			if i > 0 {
				continue
			}
			variance := float64(l.Variances[k])
			for j := range k {
				u := float64(l.Components[j*plane+v])
				variance += u * u * float64(l.Variances[j]-l.Variances[k])
			}
			if r := math.Sqrt(variance) * n.X.Width() / std[v]; math.Abs(r-1) > 0.04 {
				t.Errorf("value %d: %.3f of the posterior's standard deviation", v, r)
			}
		}
	}
	expected := math.Sqrt(float64(len(l.Places)) / pairs)
	if e := math.Sqrt(square); e > 1.5*expected || e < expected/3 {
		t.Errorf("an error of %.4f standard deviations, about %.4f expected", e, expected)
	}

	for what, source := range map[string]func(s dataset.Settings) (problems.Problem,
		dataset.Settings){
		"whole maps of too many values for the pairs": func(s dataset.Settings) (problems.Problem,
			dataset.Settings) {
			s.HeldOut = s.Pairs - 20*63
			return whole, s
		},
		"gaps of all places": func(s dataset.Settings) (problems.Problem, dataset.Settings) {
			s.Masks = 0.5
			return p, s
		},
		"other gaps": func(s dataset.Settings) (problems.Problem, dataset.Settings) {
			return sensed{whole, p.places, true}, s
		},
	} {
		problem, settings := source(s)
		src, err := dataset.NewSource(context.Background(), store, problem.Measurement(), settings)
		if err != nil {
			t.Fatal(err)
		}
		if l, err := src.Linear(context.Background(), 1); l != nil || err != nil {
			t.Errorf("%s: %v, %v", what, l, err)
		}
	}
}
