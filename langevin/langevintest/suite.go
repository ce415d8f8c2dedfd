package langevintest

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"csdm/langevin"
)

// Bias is the error from finite steps that a sampler may have in addition to
// five standard errors.
type Bias struct {
	Mean       float64 // in standard deviations
	Covariance float64 // over √(Σ_ii Σ_jj)
	Weight     float64 // weight of a mode of a mixture
}

// Tilted returns the Gaussian of the suite: four correlated components with
// deviations from 0.1 to 1. One mean is far from zero, as the norm of a field
// of many pixels is: a sampler that forgets the mean in its start shows it.
func Tilted() *Gaussian {
	// Σ = B Bᵀ for an arbitrary lower triangle B.
	b := mat.NewDense(4, 4, []float64{
		0.7, 0, 0, 0,
		-0.3, 0.5, 0, 0,
		0.2, 0.1, 0.15, 0,
		0.4, -0.6, 0.05, 0.1,
	})
	var sigma mat.SymDense
	sigma.SymOuterK(1, b)
	return NewGaussian([]float64{8, -0.2, 1, 0.1}, &sigma)
}

// Modes returns the mixture of the suite: three modes of weights 0.6, 0.3 and
// 0.1 in three dimensions. The modes are far apart compared with their widths,
// and one of them is elongated.
func Modes() *Mixture {
	round := func(deviation float64) mat.Symmetric {
		v := deviation * deviation
		return mat.NewSymDense(3, []float64{v, 0, 0, 0, v, 0, 0, 0, v})
	}
	long := mat.NewSymDense(3, []float64{0.04, 0.03, 0, 0.03, 0.04, 0, 0, 0, 0.01})
	return &Mixture{
		Weights: []float64{0.6, 0.3, 0.1},
		Parts: []*Gaussian{
			NewGaussian([]float64{0.8, 0, 0.3}, round(0.1)),
			NewGaussian([]float64{-0.6, 0.5, 0}, long),
			NewGaussian([]float64{0, -0.9, 0.8}, round(0.15)),
		},
	}
}

const draws = 4000

// Run checks that the sampler of settings reproduces the mean and covariance of
// a Gaussian and the weights and means of the modes of a mixture; that a draw
// depends on seed and index alone; that it takes langevin.Evaluations score
// evaluations; that steps do not allocate; and that a NaN ends the sampler with
// an error that names the draw and the level. Run sets Draws, First, Skip and
// Threads of settings itself. settings.Sigmas must reach from at least 20 down
// to 0.01.
func Run(t *testing.T, settings langevin.Settings, bias Bias) {
	settings.First, settings.Skip, settings.Threads = 0, nil, 2
	t.Run("gaussian", func(t *testing.T) { checkGaussian(t, settings, bias) })
	t.Run("mixture", func(t *testing.T) { checkMixture(t, settings, bias) })
	t.Run("determinism", func(t *testing.T) { checkDeterminism(t, settings) })
	t.Run("cost", func(t *testing.T) { checkCost(t, settings) })
	t.Run("nan", func(t *testing.T) { checkNaN(t, settings) })
}

// sample returns the draws as rows.
func sample(t *testing.T, newScorer func() langevin.Scorer, dim int,
	s langevin.Settings) ([][]float64, langevin.Cost) {
	t.Helper()
	var rows [][]float64
	cost, err := langevin.Sample(context.Background(), newScorer, dim, s,
		func(_ int, x []float64) error {
			rows = append(rows, slices.Clone(x))
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	return rows, cost
}

func checkGaussian(t *testing.T, s langevin.Settings, bias Bias) {
	g := Tilted()
	s.Draws = draws
	rows, _ := sample(t, g.Scorer, len(g.Mean), s)
	CheckMoments(t, rows, g.Mean, g.Covariance(), bias)
}

// CheckMoments compares the mean and covariance of rows with the given ones,
// within five standard errors and bias. The rows are independent draws of a
// distribution whose tails are like a Gaussian's.
func CheckMoments(t *testing.T, rows [][]float64, mean []float64, covariance *mat.SymDense,
	bias Bias) {
	t.Helper()
	n, dim := float64(len(rows)), len(mean)
	for i := range dim {
		sum, vi := 0.0, covariance.At(i, i)
		for _, x := range rows {
			sum += x[i] / n
		}
		if tolerance := 5*math.Sqrt(vi/n) +
			bias.Mean*math.Sqrt(vi); math.Abs(sum-mean[i]) > tolerance {
			t.Errorf("mean of component %d is %.5f, want %.5f ± %.5f", i, sum, mean[i], tolerance)
		}
		for j := range i + 1 {
			vj, vij := covariance.At(j, j), covariance.At(i, j)
			sum := 0.0
			for _, x := range rows {
				sum += (x[i] - mean[i]) * (x[j] - mean[j]) / n
			}
			// Var[(x_i − m_i)(x_j − m_j)] = Σ_ii Σ_jj + Σ_ij² for a Gaussian
			// (Isserlis).
			tolerance := 5*math.Sqrt((vi*vj+vij*vij)/n) + bias.Covariance*math.Sqrt(vi*vj)
			if math.Abs(sum-vij) > tolerance {
				t.Errorf("covariance %d,%d is %.5f, want %.5f ± %.5f", i, j, sum, vij, tolerance)
			}
		}
	}
}

func checkMixture(t *testing.T, s langevin.Settings, bias Bias) {
	m := Modes()
	s.Draws = draws
	rows, _ := sample(t, m.Scorer, m.Dim(), s)
	byMode := make([][][]float64, len(m.Parts))
	r := make([]float64, len(m.Parts))
	for _, x := range rows {
		m.Responsibilities(r, x, 0)
		best := 0
		for k := range r {
			if r[k] > r[best] {
				best = k
			}
		}
		byMode[best] = append(byMode[best], x)
	}
	for k, part := range m.Parts {
		w := m.Weights[k]
		got := float64(len(byMode[k])) / draws
		if tolerance := 5*math.Sqrt(w*(1-w)/draws) + bias.Weight; math.Abs(got-w) > tolerance {
			t.Errorf("weight of mode %d is %.4f, want %.4f ± %.4f", k, got, w, tolerance)
		}
		CheckMoments(t, byMode[k], part.Mean, part.Covariance(), bias)
	}
}

func checkDeterminism(t *testing.T, s langevin.Settings) {
	m := Modes()
	s.Draws, s.Threads = 12, 1
	want, _ := sample(t, m.Scorer, m.Dim(), s)
	for _, threads := range []int{2, 3, 16} {
		s.Threads = threads
		if got, _ := sample(t, m.Scorer, m.Dim(), s); !slices.EqualFunc(got, want,
			slices.Equal[[]float64]) {
			t.Errorf("draws of %d threads differ from the draws of one", threads)
		}
	}
	s.First, s.Draws, s.Threads = 7, 10, 2
	if got, _ := sample(t, m.Scorer, m.Dim(), s); !slices.EqualFunc(got, want[7:10],
		slices.Equal[[]float64]) {
		t.Error("draws 7 to 9 made alone differ from the same made with others")
	}
	s.First, s.Draws = 0, 12
	s.Skip = func(draw int) bool { return draw != 5 }
	if got, _ := sample(t, m.Scorer, m.Dim(), s); len(got) != 1 || !slices.Equal(got[0], want[5]) {
		t.Error("draw 5 with the others skipped differs from the same made with them")
	}
	s.Skip = nil
	for name, change := range map[string]func(*langevin.Settings){
		"seed":        func(s *langevin.Settings) { s.Seed++ },
		"measurement": func(s *langevin.Settings) { s.Measurement++ },
	} {
		other := s
		change(&other)
		if got, _ := sample(t, m.Scorer, m.Dim(), other); slices.Equal(got[0], want[0]) {
			t.Errorf("another %s gives the same draw", name)
		}
	}
}

type countingScorer struct {
	langevin.Scorer
	calls *int
}

// Score counts the call.
func (c countingScorer) Score(dst, x []float64, sigma float64) error {
	*c.calls++
	return c.Scorer.Score(dst, x, sigma)
}

func checkCost(t *testing.T, s langevin.Settings) {
	g := Tilted()
	calls := 0
	s.Draws, s.Threads = 3, 1
	newScorer := func() langevin.Scorer { return countingScorer{g.Scorer(), &calls} }
	_, cost := sample(t, newScorer, len(g.Mean), s)
	want := 3 * s.Evaluations()
	if calls != want || cost.Evaluations != want || cost.Draws != 3 {
		t.Errorf("3 draws took %d evaluations, reported %d in %d draws; want %d", calls,
			cost.Evaluations, cost.Draws, want)
	}
	allocations := func(n int) float64 {
		s.Draws = n
		return testing.AllocsPerRun(3, func() {
			if _, err := langevin.Sample(context.Background(), g.Scorer, len(g.Mean), s,
				func(int, []float64) error {
					return nil
				}); err != nil {
				t.Fatal(err)
			}
		})
	}
	if few, many := allocations(2), allocations(20); many > few {
		t.Errorf("20 draws allocate %v times, 2 draws %v times: the walk allocates", many, few)
	}
}

// nanScorer returns NaN at one level of one draw of its chain, selected by a
// count of calls.
type nanScorer struct {
	langevin.Scorer
	left int
}

// Score returns NaN in the last component once left calls were answered.
func (n *nanScorer) Score(dst, x []float64, sigma float64) error {
	if n.left--; n.left < 0 {
		dst[len(dst)-1] = math.NaN()
		return nil
	}
	return n.Scorer.Score(dst, x, sigma)
}

func checkNaN(t *testing.T, s langevin.Settings) {
	g := Tilted()
	s.Draws, s.Threads = 5, 1
	perDraw := s.Evaluations()
	delivered := 0
	_, err := langevin.Sample(context.Background(), func() langevin.Scorer {
		return &nanScorer{g.Scorer(), 2*perDraw + 3} // in the fourth evaluation of the third draw
	}, len(g.Mean), s, func(int, []float64) error { delivered++; return nil })
	var inDraw *langevin.DrawError
	var inLevel *langevin.LevelError
	if !errors.As(err, &inDraw) || !errors.As(err, &inLevel) ||
		!errors.Is(err, langevin.ErrNonFinite) {
		t.Fatalf("a NaN score gave the error %v", err)
	}
	if inDraw.Draw != 2 || inLevel.Evaluation != 3 || inLevel.Sigma != s.Sigmas[inLevel.Level-1] ||
		delivered != 2 {
		t.Errorf("error %v after %d draws", err, delivered)
	}
}
