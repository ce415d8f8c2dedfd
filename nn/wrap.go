package nn

import (
	"strings"

	"csdm/internal/format"
)

// Wrap returns a model with other weights, which another program has trained:
// tensors under the names of Tensors, as in a PyTorch state dict. Everything
// else is m's, except what depends on the weights: the calibration of
// residuals, the levels of bands, and the origin, of which only the pairs stay.
// It returns a *format.Error, as SetTensors does, if a tensor is missing or
// does not fit.
func (m *Model) Wrap(weights *format.Tensors) (*Model, error) {
	w := *m
	w.Half, w.Sealed = false, false
	w.Meta.Calibration, w.Meta.Bands = nil, nil
	w.Meta.Training = Training{Seed: m.Meta.Training.Seed, Pairs: m.Meta.Training.Pairs}
	w.Net = NewNet[float32](m.Net.arch)
	arrays := map[string]*format.Array{}
	for name, a := range weights.Arrays {
		// The others belong to a model file of csdm.
		if !strings.HasPrefix(name, keyNovelty+".") && !strings.HasPrefix(name, keyLinear+".") {
			arrays[name] = a
		}
	}
	return &w, w.Net.SetTensors(arrays)
}
