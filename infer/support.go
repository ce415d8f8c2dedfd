package infer

import (
	"context"
	"fmt"
	"math"
	"slices"

	"csdm/internal/cli"
	"csdm/langevin"
	"csdm/nn"
)

// Support reports whether a sampler's draws can be draws of a posterior. It
// tests the accuracy of the sampler on known distributions, and the share of
// the draws outside of the range of the training fields.
//
// A sampler with too few levels, or weights that are zero, still give fields.
// Three numbers expose them without a reference posterior.
type Support struct {
	// Rehearsal holds, for two normal distributions, the std of draws by the
	// same sampler and settings over the exact std.
	Rehearsal [2]float64 `json:"rehearsal"`
	// smallest value of the training fields, in normalized units
	Lowest float64 `json:"lowest"`
	// largest value of the training fields, in normalized units
	Highest float64 `json:"highest"`
	// Margin is the distance from the range within which values do not count as
	// outside.
	Margin  float64 `json:"margin"`
	Outside float64 `json:"outside"`       // share of the pixels of all draws outside
	Limit   float64 `json:"outside_limit"` // largest accepted Outside
	// Narrow is the std of pixels, weighted by their variance, over the last
	// noise level.
	Narrow float64 `json:"std_over_sigma_min"`

	// whether all numbers are within their limits
	In bool `json:"in"`
	// the judgment in one sentence
	Text string `json:"text"`
}

// The limits of Support. DPM-Solver++ gives ratios of 0.94 to 1.02 with twelve
// levels and 0.5 to 0.85 with four. Heun's method gives 13 to 54 with two
// levels, and predictor–corrector 0.74 with twelve. Notes reports ratios beyond
// the inner limits.
const (
	rehearsalLow, rehearsalHigh = 0.72, 1.4
	ratioLow, ratioHigh         = 0.85, 1.15

	// Draws of the embedded networks have no pixel beyond the margin with any
	// sampler. Draws of a network that returns 0 have 40 %.
	outsideLimit = 0.2

	// ownMargin is the margin for an external problem, as a share of the width
	// of the range. The range is known only from the problem's pairs.
	ownMargin = 0.25

	// narrowLimit is the std in units of the last noise level below which the
	// last denoising step reduces the posterior's std by more than 5 %.
	narrowLimit = 3
)

// Rehearse returns the accuracy of a sampler with its settings on two normal
// distributions. Their standard deviations are the model's fields' and a
// quarter of it. It takes milliseconds to a second.
//
// For a normal distribution N(0, s²) the smoothed score is known, −x/(s² + σ²),
// so that any error in the spread of the draws is due to the sampler and its
// noise levels. The two values of s bracket the spread of most posteriors: a
// posterior is narrower than the prior, whose pixels have the standard
// deviation of the training fields. Neither may be below 3 σ_L, where the last
// noise level itself dominates.
func Rehearse(ctx context.Context, m *nn.Model, s langevin.Settings) (Support, error) {
	settings, err := s.ForMeasurement(0, 0, 1)
	if err != nil {
		return Support{}, err
	}
	deviation := 0.2 // std of a pixel if the model does not store one
	if p, ok := m.Parameterization.(*nn.Preconditioned); ok {
		deviation = p.SigmaData
	}
	ratios, err := langevin.Rehearse(ctx, settings,
		[]float64{max(deviation/4, 3*s.SigmaMin), max(deviation, 3*s.SigmaMin)})
	if err != nil {
		return Support{}, err
	}
	u := Support{Rehearsal: [2]float64(ratios), In: true}
	for _, r := range ratios {
		if !(r >= rehearsalLow && r <= rehearsalHigh) {
			u.In = false
		}
	}
	if !u.In {
		u.Text = fmt.Sprintf("%s is not accurate over these noise levels: its draws of two "+
			"normal distributions have %.2g and %.2g times the exact standard deviations, and %g "+
			"to %g is allowed; give more --levels", s, ratios[0], ratios[1], rehearsalLow,
			rehearsalHigh)
	}
	return u, nil
}

// Judge completes the result of Rehearse from the draws of a posterior.
//
// Outside is the share of pixels of all draws beyond [Lowest − Margin, Highest
// + Margin]. Draws of a converged sampler stray from the range of the fields by
// the noise that is left, σ_L, three of which are the margin.
//
// Narrow is the root of the mean of std² with the weights std²,
//
//	√(Σ_k std_k⁴/Σ_k std_k²)/σ_L
//
// so that pixels with a large posterior variance decide, and pixels of a
// constant background, whose std is near zero in any posterior, do not.
func (u *Support) Judge(p *Posterior, m *nn.Metadata, sigmaMin float64) {
	u.Lowest, u.Highest = m.Extremes()
	u.Margin, u.Limit = 3*sigmaMin, outsideLimit
	if m.Own() {
		u.Margin += ownMargin * (u.Highest - u.Lowest)
	}
	beyond := 0
	for _, v := range p.Samples {
		// A NaN counts as outside.
		if !(v >= u.Lowest-u.Margin && v <= u.Highest+u.Margin) {
			beyond++
		}
	}
	u.Outside = float64(beyond) / float64(len(p.Samples))
	var second, fourth float64
	for _, s := range p.Std {
		second, fourth = second+s*s, fourth+s*s*s*s
	}
	u.Narrow = math.Sqrt(fourth/second) / sigmaMin
	share := fmt.Sprintf("%.2g %% of the pixels lie outside of the fields' range in training, "+
		"%.4g to %.4g in normalized units, by more than %.2g", 100*u.Outside, u.Lowest, u.Highest,
		u.Margin)
	if u.Outside > u.Limit {
		u.In = false
		u.Text = fmt.Sprintf("%s; at most %g %% is allowed", share, 100*u.Limit)
		return
	}
	if u.In {
		u.Text = share
	}
}

// JudgeSupport rehearses the sampler that drew a posterior, judges its draws,
// and keeps the result in its Origin.
func (p *Posterior) JudgeSupport(ctx context.Context, m *nn.Model,
	s langevin.Settings) (*Support, error) {
	u, err := Rehearse(ctx, m, s)
	if err != nil {
		return nil, err
	}
	u.Judge(p, &m.Meta, s.SigmaMin)
	p.Origin.Support = &u
	return &u, nil
}

// Warnings returns the text of Err and the notes, for draws that are used in
// any case.
func (u *Support) Warnings() []string {
	if u.In {
		return u.Notes()
	}
	return append([]string{"the draws are not a posterior: " + u.Text}, u.Notes()...)
}

// Err returns an error with exit code 65 unless the draws are within all
// limits.
func (u *Support) Err() error {
	if u.In {
		return nil
	}
	return cli.Data(fmt.Errorf("the draws are not a posterior: %s (--allow-extrapolation accepts "+
		"them)", u.Text))
}

// Notes returns remarks on accepted draws: that the sampler makes them too
// narrow or too wide, or that their spread is close to the last noise level.
//
// The number of the second note follows from a normal pixel with standard
// deviation s. The sampler ends with a denoising step from σ_L: x̃ has the
// variance s² + σ_L², and E[x | x̃] = x̃ s²/(s² + σ_L²) has the standard
// deviation
//
//	s²/√(s² + σ_L²) = s/√(1 + σ_L²/s²)
//
// which is smaller than s by the factor 1/√(1 + 1/Narrow²): 5 % at Narrow = 3.
func (u *Support) Notes() (out []string) {
	if least, most := min(u.Rehearsal[0], u.Rehearsal[1]),
		max(u.Rehearsal[0], u.Rehearsal[1]); least < ratioLow || most > ratioHigh {
		out = append(out,
			fmt.Sprintf("the sampler's draws of two normal distributions have %.2g and %.2g times "+
				"the exact standard deviations, and its draws of the posterior are equally too "+
				"narrow or too wide; more --levels, or dpmpp2m without corrections, bring the "+
				"ratios to 1", u.Rehearsal[0],
				u.Rehearsal[1]))
	}
	if u.Narrow < narrowLimit {
		out = append(out,
			fmt.Sprintf("the posterior std is only %.2g sigma_min, so that draws are too narrow "+
				"by about %.0f %%; give a smaller sampling.sigma_min, or train with one",
				u.Narrow, 100*(1-1/math.Sqrt(1+1/(u.Narrow*u.Narrow)))))
	}
	return out
}

// Untrained reports whether all weights of a network are zero.
//
// A training starts from random weights, so that no training ends in zeros.
func Untrained(m *nn.Model) bool {
	return !slices.ContainsFunc(m.Net.Flat(), func(w float32) bool { return w != 0 })
}
