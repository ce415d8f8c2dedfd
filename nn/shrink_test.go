package nn

import (
	"bytes"
	"math"
	"reflect"
	"slices"
	"testing"
)

// TestShrunk checks that a shrunk model has half the bytes of weights, that it
// is read and written again without change, that it keeps the origin of the
// training, and that each number changes within its bound.
func TestShrunk(t *testing.T) {
	m := model(Arch{8, 2, 1, MaxPool, Light, false, 0, false})
	m.Meta = metadata(10, 12)
	p := m.Parameterization.(*Preconditioned)
	p.YMean = make([]float64, 2*10*12)
	for i := range p.YMean {
		p.YMean[i] = math.Sin(float64(i)) / 3
	}
	p.YStd = []float64{0.37, 5.1e-4}
	m.Meta.Bands = bands(m)
	m.Novelty = withNovelty().Novelty
	m.Novelty.Stride = 2
	m.Novelty.Mean = make([]float32, 2*5*6)
	m.Novelty.Scale = slices.Repeat([]float32{1}, 2*5*6)
	m.Novelty.Components = [][]float32{m.Novelty.Scale}
	s := m.Shrunk()
	if s.Meta.Bands != nil {
		t.Error("the bands of other draws are kept")
	}
	m.Meta.Bands = nil
	full, half := encode(t, m), encode(t, s)
	if saved := len(full) - len(half); saved < 2*len(m.Net.Flat()) {
		t.Errorf("%d of %d bytes are saved for %d weights", saved, len(full), len(m.Net.Flat()))
	}
	back, err := ReadModel(bytes.NewReader(half), int64(len(half)))
	if err != nil {
		t.Fatal(err)
	}
	if !back.Half || !back.Sealed || !bytes.Equal(encode(t, back), half) {
		t.Error("the file changes when it is read and written again")
	}
	if back.Meta.Training != m.Meta.Training {
		t.Errorf("the origin of the training is %+v", back.Meta.Training)
	}
	if !reflect.DeepEqual(back.Parameterization, s.Parameterization) ||
		!reflect.DeepEqual(back.Net.Flat(), s.Net.Flat()) {
		t.Error("the file holds another model than Shrunk returned")
	}
	for i, v := range m.Net.Flat() {
		d := math.Abs(float64(v - s.Net.Flat()[i]))
		if d > max(0x1p-11*math.Abs(float64(v)), 0x1p-25) {
			t.Errorf("weight %v becomes %v", v, s.Net.Flat()[i])
		}
	}
	for i, v := range s.Parameterization.(*Preconditioned).YMean {
		if d := math.Abs(v - p.YMean[i]); d > meanDigits*p.YStd[i/120] {
			t.Errorf("mean %v becomes %v", p.YMean[i], v)
		}
	}
	// The test of novelty sees the same deviations from its mean.
	y := make([]float64, len(p.YMean))
	for i := range y {
		y[i] = p.YMean[i] + p.YStd[i/120]*math.Cos(float64(i))
	}
	a, b := m.Seen(slices.Clone(y), 2), s.Seen(slices.Clone(y), 2)
	for i := range a {
		before, after := a[i]-float64(m.Novelty.Mean[i]), b[i]-float64(s.Novelty.Mean[i])
		if math.Abs(after-before) > 1e-6 || len(a) != len(m.Novelty.Mean) {
			t.Errorf("value %d of %d deviates by %v, and by %v when shrunk", i, len(a), before,
				after)
		}
	}
}

// TestWithoutFolders checks that only absolute paths lose their folders.
func TestWithoutFolders(t *testing.T) {
	for command, want := range map[string]string{
		"csdm train --data ../pairs --set a=1/2":   "csdm train --data ../pairs --set a=1/2",
		"/home/me/csdm train --data /data/x/pairs": "csdm train --data pairs",
		`csdm train --set training.init=/n/q.safetensors --data "/a b/c"`: `csdm train ` +
			`--set training.init=q.safetensors --data "a b/c"`,
	} {
		if got := withoutFolders(command); got != want {
			t.Errorf("%s becomes %s, want %s", command, got, want)
		}
	}
}
