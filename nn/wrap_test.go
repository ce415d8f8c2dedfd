package nn

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"csdm/internal/format"
)

// TestWrap puts the weights of one model in the place of another's.
func TestWrap(t *testing.T) {
	like, err := ReadModelFile("testdata/light_g8.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	like.Meta.Training = Training{Seed: 3, Pairs: 5, Steps: 7}
	like.Meta.Calibration = &Calibration{Count: 1}
	weights := &format.Tensors{Arrays: like.Net.Tensors(like.Net.Flat())}
	trained := weights.Arrays["end_conv.weight"].F32
	for k := range trained {
		trained[k] = float32(k) + 0.5
	}
	weights.Arrays["novelty.mean"] = format.Array32([]float32{1}, 1) // of a model file
	w, err := like.Wrap(weights)
	if err != nil {
		t.Fatal(err)
	}
	got := w.Net.Tensors(w.Net.Flat())
	if !slices.Equal(got["end_conv.weight"].F32, trained) ||
		slices.Equal(like.Net.Flat(), w.Net.Flat()) {
		t.Error("the weights are not the other program's, or the first model has changed")
	}
	if w.Meta.Training != (Training{Seed: 3, Pairs: 5}) || w.Meta.Calibration != nil ||
		w.Meta.Problem != like.Meta.Problem || w.Parameterization != like.Parameterization {
		t.Errorf("metadata %+v", w.Meta)
	}
	delete(weights.Arrays, "end_conv.bias")
	if _, err := like.Wrap(weights); err == nil || !strings.Contains(err.Error(),
		"end_conv.bias") {
		t.Errorf("a missing tensor: %v", err)
	}
	if err := w.Write(new(bytes.Buffer)); err != nil && !strings.Contains(err.Error(),
		"sampling") { // an old test file has no section of sampling
		t.Error(err)
	}
}
