package langevin

import "context"

// Frame is one noise level of the walk of a draw.
type Frame struct {
	Sigma float64 // 0 for the draw
	// State is x̃ before the last score evaluation of the level, and Denoised
	// is D(x̃, σ) = x̃ + σ² s. Both are the draw where Sigma is 0.
	State, Denoised []float64
}

// Film makes one draw as Sample does, and returns its walk: a frame for each
// noise level, and the draw.
func Film(ctx context.Context, newScorer func() Scorer, dim int, settings Settings,
	draw int) ([]Frame, error) {
	settings.First, settings.Draws, settings.Skip, settings.Threads = draw, draw+1, nil, 1
	c := &camera{}
	_, err := Sample(ctx, func() Scorer {
		c.Scorer = newScorer()
		return c
	}, dim, settings, func(_ int, x []float64) error {
		end := append([]float64(nil), x...)
		c.frames = append(c.frames, Frame{State: end, Denoised: end})
		return nil
	})
	return c.frames, err
}

// camera is a Scorer that records the calls of a sampler.
type camera struct {
	Scorer
	// frames so far, one per level; the camera's scorer fills them
	frames []Frame
}

// Score implements Scorer.
func (c *camera) Score(dst, x []float64, sigma float64) error {
	if err := c.Scorer.Score(dst, x, sigma); err != nil {
		return err
	}
	last := len(c.frames) - 1
	if last < 0 || c.frames[last].Sigma != sigma {
		last++
		c.frames = append(c.frames, Frame{Sigma: sigma, State: make([]float64, len(x)),
			Denoised: make([]float64, len(x))})
	}
	f := c.frames[last]
	for k, v := range x {
		f.State[k], f.Denoised[k] = v, v+sigma*sigma*dst[k]
	}
	return nil
}
