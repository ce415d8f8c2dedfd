package nn

import (
	"math"
	"slices"
	"testing"
)

// TestFields swaps two fields in the input, in the weights that read and write
// them, and in the noise: the loss is the same, and the fields of the score are
// swapped. With wrong places of a field's values, they are not.
func TestFields(t *testing.T) {
	const rows, cols, sigma = 8, 10, 0.4
	for _, v := range []Variant{Base, Light, Light4} {
		rows, cols := rows, cols
		if v == Light4 {
			rows, cols = 32, 32
		}
		a := Arch{8, 1, 1, MaxPool, v, false, 2, false}
		par := preconditioned(1)
		run := func(swapped bool) (loss float64, score []float64) {
			n := NewNet[float64](a)
			n.Init(3)
			n.fillZeros(4)
			x, y, z := sample[float64](a, rows, cols, 1)
			if swapped {
				n.swapFields()
				x, z = swapHalves(x), swapHalves(z)
			}
			w := n.NewWorker(par, rows, cols)
			loss = w.Loss(x, y, z, sigma)
			score = make([]float64, len(x))
			setMeasurement(w, y)
			if err := w.combine(score, x, sigma, part{x: 0.5, f: 2}); err != nil {
				t.Fatal(err)
			}
			return loss, score
		}
		loss, score := run(false)
		swappedLoss, swapped := run(true)
		if math.Abs(loss-swappedLoss) > 1e-12*loss {
			t.Errorf("%s: loss %v, of swapped fields %v", v, loss, swappedLoss)
		}
		for i, s := range swapHalves(swapped) {
			if math.Abs(s-score[i]) > 1e-12 {
				t.Fatalf("%s: value %d of the score is %v, of swapped fields %v", v, i, score[i], s)
			}
		}
		half := len(score) / 2
		if slices.Equal(score[:half], score[half:]) {
			t.Errorf("%s: the two fields have the same score", v)
		}
	}
}

// swapFields swaps the weights of two fields, in the layout (K, K, Cin, Cout).
func (n *Net[F]) swapFields() {
	for _, e := range n.Entries() {
		values, s := n.params.Values(e), e.Shape
		switch e.Name {
		case "begin_conv.weight":
			for tap := range s[0] * s[1] {
				for co := range s[3] {
					at := tap*s[2]*s[3] + co
					values[at], values[at+s[3]] = values[at+s[3]], values[at]
				}
			}
		case "down.0.join.weight": // of light4, whose tiles hold x itself
			if n.arch.Variant != Light4 {
				continue
			}
			for ci := 0; ci < s[2]; ci += 2 {
				for co := range s[3] {
					at := ci*s[3] + co
					values[at], values[at+s[3]] = values[at+s[3]], values[at]
				}
			}
		case "end_conv.weight", "end_conv.bias":
			for at := 0; at < len(values); at += 2 {
				values[at], values[at+1] = values[at+1], values[at]
			}
		}
	}
	n.Repack()
}

func swapHalves(v []float64) []float64 {
	return slices.Concat(v[len(v)/2:], v[:len(v)/2])
}

// TestNormalizationOfFields checks that each field has its own range, both
// ways, also for two draws in a row. A number of values that is not of whole
// draws panics.
func TestNormalizationOfFields(t *testing.T) {
	n := Normalization{XMax: 1, Fields: []Field{{Min: 10, Max: 20}, {Min: -1, Max: 1}}}
	x := []float64{10, 15, 0, 1}
	got := make([]float64, 4)
	n.NormalizeX(got, x, len(got))
	if want := []float64{0, 0.5, 0.5, 1}; !slices.Equal(got, want) {
		t.Errorf("normalized %v, want %v", got, want)
	}
	n.PhysicalX(got, got, len(got))
	if !slices.Equal(got, x) {
		t.Errorf("back %v, want %v", got, x)
	}
	draws := slices.Concat(x, x)
	n.NormalizeX(draws, draws, 4)
	if want := []float64{0, 0.5, 0.5, 1, 0, 0.5, 0.5, 1}; !slices.Equal(draws, want) {
		t.Errorf("two draws: normalized %v, want %v", draws, want)
	}
	n.PhysicalX(draws, draws, 4)
	if !slices.Equal(draws, slices.Concat(x, x)) {
		t.Errorf("two draws: back %v", draws)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("six values are one and a half draws")
			}
		}()
		n.PhysicalX(draws[:6], draws[:6], 4)
	}()
	n.WidthsX(got, []float64{0.1, 0.1, 0.5, 1})
	if want := []float64{1, 1, 1, 2}; !slices.Equal(got, want) {
		t.Errorf("widths %v, want %v", got, want)
	}
}
