package langevin

import (
	"context"
	"math"
)

// rehearsed is the number of components per deviation that Rehearse draws. It
// gives the ratios a standard error of 2 %.
const rehearsed = 1024

// rehearsalMean is the mean of the components: the middle of the range [0, 1]
// of a field.
const rehearsalMean = 0.5

// Rehearse makes one draw of independent normal components with the given
// settings and the exact score. For each deviation it returns the root mean
// square distance of the components from their mean, divided by the deviation:
// 1 if the sampler is accurate. Rehearse needs no network. It shows the effect
// of too few or too coarse steps: draws that are too narrow, too wide, or
// diverged. It ignores the draws, streams and threads of the settings. It
// returns the errors of Sample.
func Rehearse(ctx context.Context, s Settings, deviations []float64) ([]float64, error) {
	s.Seed, s.Measurement, s.First, s.Draws, s.Skip, s.Threads = 0, 0, 0, 1, nil, 1
	ratios := make([]float64, len(deviations))
	_, err := Sample(ctx, func() Scorer {
		return independent(deviations)
	}, rehearsed*len(deviations), s, func(_ int, x []float64) error {
		for k, v := range x {
			d := (v - rehearsalMean) / deviations[k%len(deviations)]
			ratios[k%len(deviations)] += d * d / rehearsed
		}
		return nil
	})
	for k, v := range ratios {
		ratios[k] = math.Sqrt(v)
	}
	return ratios, err
}

// independent is the score of independent normal components around
// rehearsalMean. The deviations repeat cyclically over the components.
type independent []float64

// Score is the exact score of independent normal components of mean m and
// standard deviation d_k, smoothed by σ: (m − x_k)/(d_k² + σ²). The components
// repeat the deviations v in turn.
func (v independent) Score(dst, x []float64, sigma float64) error {
	for k, value := range x {
		d := v[k%len(v)]
		dst[k] = (rehearsalMean - value) / (d*d + sigma*sigma)
	}
	return nil
}
