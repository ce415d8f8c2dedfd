package langevin

import (
	"context"
	"math"
)

// rehearsed is how many components of each deviation Rehearse draws: the ratios
// have a standard error of 2 %.
const rehearsed = 1024

// rehearsalMean is the mean of the components, that of a field on [0, 1].
const rehearsalMean = 0.5

// Rehearse makes one draw of independent normal components by the settings and
// the exact score, and returns, for each of the deviations, the root mean
// square distance of the components from their mean over that deviation: 1 if
// the sampler is accurate. It needs no network, and shows what too few or too
// coarse steps do: draws too narrow, too wide, or diverged. The settings'
// draws, streams and threads do not count. Errors are those of Sample.
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

// independent is the score of normal components around rehearsalMean, whose
// deviations take turns.
type independent []float64

func (v independent) Score(dst, x []float64, sigma float64) error {
	for k, value := range x {
		d := v[k%len(v)]
		dst[k] = (rehearsalMean - value) / (d*d + sigma*sigma)
	}
	return nil
}
