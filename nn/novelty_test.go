package nn

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"
)

func withNovelty() *Model {
	// 9×11: 3×4 values of each channel at a stride of 3
	m := model(Arch{3, 2, 1, AvgPool, Base, false, 0, false})
	n := &Novelty{Stride: 3, Pairs: 7, Calibration: &Calibration{Count: 5, Rate: 0.5, Limit: 0.1,
		Tests: []Tails{{Name: "misfit", Median: 1, High: Tail{0.1, 1, 1}}}}}
	for k := range 2 * 3 * 4 {
		n.Mean, n.Scale = append(n.Mean, float32(k)/7), append(n.Scale, float32(k+1)/9)
	}
	n.Components = [][]float32{n.Scale, n.Mean}
	m.Novelty = n
	return m
}

// TestNoveltyRoundTrip checks that a model file stores the test of novelty,
// that the test is not part of the network's identity, and that a model without
// a test is read as before.
func TestNoveltyRoundTrip(t *testing.T) {
	m := withNovelty()
	b := encode(t, m)
	r, err := ReadModel(bytes.NewReader(b), int64(len(b)))
	if err != nil || !r.Sealed || !reflect.DeepEqual(r.Novelty, m.Novelty) {
		t.Fatalf("read back %+v, %v", r, err)
	}
	if !bytes.Equal(b, encode(t, r)) {
		t.Error("other bytes when written again")
	}
	bare := *m
	bare.Novelty = nil
	plain := encode(t, &bare)
	if bytes.Contains(plain, []byte(keyNovelty)) || bare.Identity() != m.Identity() {
		t.Error("a model without a test of novelty has one, or is another network")
	}
	if r, err := ReadModel(bytes.NewReader(plain), int64(len(plain))); err != nil ||
		r.Novelty != nil {
		t.Errorf("%+v, %v", r.Novelty, err)
	}
	b[len(b)-300] ^= 1
	if _, err := ReadModel(bytes.NewReader(b), int64(len(b))); err == nil {
		t.Error("a flipped bit was not seen")
	}
}

// TestNoveltyRefused checks that a test of novelty with invalid values is an
// error that names the value.
func TestNoveltyRefused(t *testing.T) {
	for what, spoil := range map[string]func(n *Novelty){
		"stride":                func(n *Novelty) { n.Stride = 12 },
		"2×2 values":            func(n *Novelty) { n.Stride = 6 },
		"novelty.mean":          func(n *Novelty) { n.Stride = 2 },
		"novelty.scale":         func(n *Novelty) { n.Scale[1] = float32(math.Inf(1)) },
		"scale 3 is 0":          func(n *Novelty) { n.Scale[3] = 0 },
		"no components":         func(n *Novelty) { n.Components = [][]float32{{}} },
		"calibration with 0":    func(n *Novelty) { n.Calibration.Count = 0 },
		"needs a stride, limit": func(n *Novelty) { n.Calibration = nil },
	} {
		m := withNovelty()
		spoil(m.Novelty)
		if what == "no components" {
			m.Novelty.Components = [][]float32{}
		}
		var b bytes.Buffer
		err := m.Write(&b)
		if err == nil {
			_, err = ReadModel(bytes.NewReader(b.Bytes()), int64(b.Len()))
		}
		if what == "no components" {
			what = "and components"
		}
		if err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%v, want %q", err, what)
		}
	}
}
