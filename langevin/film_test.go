package langevin_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"csdm/langevin"
	"csdm/langevin/langevintest"
)

// TestFilm holds, for each sampler, that a film has the levels of the schedule,
// that its last frame is the draw of Sample, and that its denoised states are
// the moments of the distribution.
func TestFilm(t *testing.T) {
	g := langevintest.Tilted()
	const draw = 3
	for _, sampler := range langevin.Samplers() {
		s := langevin.Default()
		s.Sampler, s.Levels, s.SigmaMax, s.SigmaMin, s.Seed = sampler, 7, 10, 0.01, 5
		s.Draws = draw + 1
		dim := len(g.Covariance().RawSymmetric().Data)
		dim = int(math.Sqrt(float64(dim)))
		film, err := langevin.Film(context.Background(), g.Scorer, dim, s, draw)
		if err != nil {
			t.Fatal(err)
		}
		var want []float64
		if _, err := langevin.Sample(context.Background(), g.Scorer, dim, s,
			func(i int, x []float64) error {
				if i == draw {
					want = append(want, x...)
				}
				return nil
			}); err != nil {
			t.Fatal(err)
		}
		sigmas, _ := langevin.Geometric(s.SigmaMax, s.SigmaMin, s.Levels)
		if len(film) != s.Levels+1 {
			t.Fatalf("%s: %d frames, want %d", sampler, len(film), s.Levels+1)
		}
		if end := film[s.Levels]; end.Sigma != 0 || !slices.Equal(end.State, want) {
			t.Errorf("%s: the film ends at %v, the draw is %v", sampler, end, want)
		}
		for i, sigma := range sigmas {
			d := make([]float64, dim)
			g.Denoise(d, film[i].State, sigma)
			for k := range d {
				if film[i].Sigma != sigma || math.Abs(d[k]-film[i].Denoised[k]) > 1e-10 {
					t.Fatalf("%s: frame %d is %+v, want the denoised state %v at %v", sampler, i,
						film[i], d, sigma)
				}
			}
		}
	}
}
