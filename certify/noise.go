package certify

import (
	"slices"

	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// NoisePosterior describes the posterior of the standard deviation of the
// noise, in the unit of y, where the problem leaves it open.
type NoisePosterior struct {
	// posterior mean of the noise's standard deviation, in the unit of y
	Mean float64 `json:"mean"`
	// 5 % quantile
	Q05 float64 `json:"q05"`
	// 95 % quantile
	Q95 float64 `json:"q95"`
}

const (
	noisePredictions = 32         // draws of θ
	noiseDraws       = 32         // draws of the noise for each
	noiseKey         = 0x6e6f6973 // "nois": distinguishes their streams
)

// inferNoise sets the certificate's Noise if the measurement's is random.
//
// The posterior of the noise's standard deviation s is a mixture over posterior
// draws of θ,
//
//	p(s | y) = ∫ p(s | y, θ) p(θ | y) dθ
//
// of which the inner density is known to the measurement. 32 values of s are
// drawn for each of 32 draws θ.
func (r *Result) inferNoise(problem problems.Problem, y []float64, s Settings) error {
	open, ok := problem.Measurement().(priors.RandomStd)
	if !ok || !open.HasRandomStd() {
		return nil
	}
	g, err := problem.NewGenerator()
	if err != nil {
		return err
	}
	simulator, ok := g.(problems.Simulator)
	if !ok {
		return nil
	}
	n := min(noisePredictions, s.Draws)
	d := len(r.SampleTheta) / s.Draws
	x, prediction := make([]float64, problem.Spec().XLen()), make([]float64, len(y))
	stream := rng.New(s.Seed, rng.Reference, noiseKey, libraryKey)
	var drawn []float64
	var noise NoisePosterior
	for i := range n {
		if err := simulator.Simulate(x, prediction, r.SampleTheta[i*d:(i+1)*d]); err != nil {
			return err
		}
		for range noiseDraws {
			v := open.DrawStd(y, prediction, stream)
			drawn = append(drawn, v)
			noise.Mean += v / float64(n*noiseDraws)
		}
	}
	slices.Sort(drawn)
	noise.Q05, noise.Q95 = drawn[len(drawn)/20], drawn[len(drawn)-1-len(drawn)/20]
	r.Certificate.Noise = &noise
	return nil
}
