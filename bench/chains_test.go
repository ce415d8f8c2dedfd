package bench_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"csdm/bench"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// bent is a Structured problem with all that Chains must handle: a normal and
// two uniform variables with a condition, a measurement that is not linear in
// them, and a mask that ends at a pixel that depends on one of them.
type bent struct{ masked bool }

const bentStd = 0.25

func (bent) Spec() *problems.Spec {
	return &problems.Spec{Name: "bent", Rows: 4, Cols: 4, YChannels: 1, ImagesPerSimulation: 1,
		XRange: problems.Range{Min: -4, Max: 4}}
}
func (bent) Measurement() priors.Measurement { return priors.Gaussian{Std: bentStd} }
func (bent) Variables() []problems.Variable  { return make([]problems.Variable, 3) }
func (p bent) Latent(theta []float64, seed, i uint64) {
	s := rng.New(seed, rng.Prior, i, 0)
	for {
		theta[0], theta[1], theta[2] = s.Normal(), s.Uniform(-1, 1), s.Float64()
		if p.Possible(theta) {
			return
		}
	}
}
func (bent) Possible(theta []float64) bool { return theta[0]+theta[1] > -0.5 }
func (bent) Probabilities(u, theta []float64) {
	u[0], u[1], u[2] = distuv.UnitNormal.CDF(theta[0]), (theta[1]+1)/2, theta[2]
}
func (bent) Quantiles(theta, u []float64) {
	theta[0], theta[1], theta[2] = distuv.UnitNormal.Quantile(u[0]), 2*u[1]-1, u[2]
}
func (bent) Field(x, theta []float64) {
	for k := range x {
		at := float64(k) / 15
		x[k] = math.Tanh(theta[0]*(0.5+at)) + theta[1]*math.Cos(2*at) + 0.5*theta[1]*theta[2]
	}
}
func (p bent) NewGenerator() (problems.Generator, error) {
	if p.masked {
		return bentMask{bentSimulator{p}}, nil
	}
	return bentSimulator{p}, nil
}

type bentSimulator struct{ p bent }

func (s bentSimulator) Pair(x, y []float64, seed, i uint64) error {
	theta := make([]float64, 3)
	s.p.Latent(theta, seed, i)
	return s.Simulate(x, y, theta)
}
func (s bentSimulator) Simulate(x, y, theta []float64) error {
	s.p.Field(x, theta)
	copy(y, x)
	for k := range y {
		if s.p.masked && !bentShown(k, theta) {
			y[k] = 0
		}
	}
	return nil
}

func bentShown(k int, theta []float64) bool { return float64(k) < 4+12*theta[2] }

type bentMask struct{ bentSimulator }

func (s bentMask) SimulateWhole(x, y, theta []float64) error {
	s.p.Field(x, theta)
	copy(y, x)
	return nil
}
func (bentMask) Shown(dst []bool, pixels []int, theta []float64) {
	for i, k := range pixels {
		dst[i] = bentShown(k, theta)
	}
}

// pair returns the variables of a pair and its measurement.
func (p bent) pair(t *testing.T, seed, i uint64) (theta, y []float64) {
	t.Helper()
	g, _ := p.NewGenerator()
	x := make([]float64, 16)
	theta, y = make([]float64, 3), make([]float64, 16)
	if err := g.Pair(x, y, seed, i); err != nil {
		t.Fatal(err)
	}
	p.Latent(theta, seed, i)
	problems.Measure(p.Measurement(), y, y, seed, i)
	return theta, y
}

// exact returns mean and std of the field by a sum over a grid of θ.
func (p bent) exact(t *testing.T, y []float64) (mean, std []float64) {
	t.Helper()
	const n = 84 // the mask changes at twelfths
	g, _ := p.NewGenerator()
	s := g.(problems.Simulator)
	x, model, theta := make([]float64, 16), make([]float64, 16), make([]float64, 3)
	mean, std = make([]float64, 16), make([]float64, 16)
	total := 0.0
	for i := range n * n * n {
		for k, at := range []int{i % n, i / n % n, i / n / n} {
			theta[k] = (float64(at) + 0.5) / n
		}
		p.Quantiles(theta, theta)
		if !p.Possible(theta) {
			continue
		}
		if err := s.Simulate(x, model, theta); err != nil {
			t.Fatal(err)
		}
		w := math.Exp(p.Measurement().(priors.Likelihood).LogLikelihood(y, model))
		total += w
		for k, v := range x {
			mean[k] += w * v
			std[k] += w * v * v
		}
	}
	for k := range mean {
		mean[k] /= total
		std[k] = math.Sqrt(std[k]/total - mean[k]*mean[k])
	}
	return mean, std
}

// TestChains compares with a sum over a grid, with and without a mask. The
// errors are the ones that the chains state.
func TestChains(t *testing.T) {
	for _, p := range []bent{{false}, {true}} {
		_, y := p.pair(t, 3, 1)
		mean, std := p.exact(t, y)
		r, err := bench.Chains(context.Background(), p, y,
			bench.ChainsSettings{Inner: 60, ESS: 1000, Seed: 1, Threads: 2})
		if err != nil {
			t.Fatal(err)
		}
		if !r.Converged || r.ESS < 1000 || r.RHat >= 1.01 || r.Accepted < 0.2 {
			t.Errorf("masked %v: converged %v, ESS %v, R̂ %v, accepted %v", p.masked, r.Converged,
				r.ESS, r.RHat, r.Accepted)
		}
		for k := range mean {
			if math.Abs(r.Mean[k]-mean[k]) > 4*r.MeanError[k] {
				t.Errorf("masked %v, pixel %d: mean %v ± %v, exact %v", p.masked, k, r.Mean[k],
					r.MeanError[k], mean[k])
			}
			if math.Abs(r.Std[k]-std[k]) > 4*r.StdError[k] {
				t.Errorf("masked %v, pixel %d: std %v ± %v, exact %v", p.masked, k, r.Std[k],
					r.StdError[k], std[k])
			}
		}
	}
}

// TestChainsRanks is simulation-based calibration (Talts et al. 2018): over
// many measurements the rank of the true variable among draws of its posterior
// is uniform.
func TestChainsRanks(t *testing.T) {
	const runs, bins, draws = 60, 5, 19
	p := bent{true}
	counts := make([][bins]float64, 3)
	for i := range uint64(runs) {
		theta, y := p.pair(t, 5, i)
		r, err := bench.Chains(context.Background(), p, y,
			bench.ChainsSettings{Chains: 8, Inner: 20, ESS: 100, RHat: 1.05, MaxSolves: 2000,
				Seed: i, Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		n := len(r.Theta) / 3
		for k := range counts {
			rank := 0
			for j := range draws { // far apart
				if r.Theta[j*n/draws*3+k] < theta[k] {
					rank++
				}
			}
			counts[k][rank*bins/(draws+1)]++
		}
	}
	for k := range counts {
		chi2 := 0.0
		for _, c := range counts[k] {
			chi2 += (c - runs/bins) * (c - runs/bins) / (runs / bins)
		}
		if chi2 > 18.5 { // the quantile at 0.999 with 4 degrees of freedom
			t.Errorf("variable %d: ranks %v, χ² %.1f", k, counts[k], chi2)
		}
	}
}

// TestChainsResume checks that a stopped run gives the result of a run that was
// not stopped, with any number of threads, and that another run's state is
// refused.
func TestChainsResume(t *testing.T) {
	p := bent{true}
	_, y := p.pair(t, 3, 2)
	s := bench.ChainsSettings{Inner: 30, ESS: 300, Seed: 2, Threads: 1}
	whole, err := bench.Chains(context.Background(), p, y, s)
	if err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stop")
	path := filepath.Join(t.TempDir(), "state.npz")
	s.Threads = 3
	s.Save = func(c *bench.ChainsState) error {
		if c.Sweeps == 50 {
			f, err := os.Create(path)
			if err != nil {
				return err
			}
			return errors.Join(c.Write(f), f.Close(), stop)
		}
		return nil
	}
	if _, err := bench.Chains(context.Background(), p, y, s); !errors.Is(err, stop) {
		t.Fatalf("the run was not stopped: %v", err)
	}
	if s.Resume, err = bench.ReadChainsState(path); err != nil {
		t.Fatal(err)
	}
	resumed, err := bench.Chains(context.Background(), p, y, s)
	if err != nil {
		t.Fatal(err)
	}
	resumed.Elapsed = whole.Elapsed
	if !reflect.DeepEqual(resumed, whole) {
		t.Error("the resumed run differs")
	}
	s.Seed++
	if _, err := bench.Chains(context.Background(), p, y, s); err == nil {
		t.Error("the state of another seed is accepted")
	} else if _, ok := errors.AsType[*bench.StateError](err); !ok {
		t.Errorf("another seed: %v", err)
	}
}
