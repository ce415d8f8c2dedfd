package nn

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"

	"csdm/internal/format"
	"csdm/langevin"
)

func bands(m *Model) *BandLevels {
	level, s := 1.25, m.Sampling
	s.Draws = 32
	return &BandLevels{Coverage: 0.9, Count: 100, Sampling: s, Seed: 3, Grain: 0.01,
		Levels: []float64{1, 0.5}, Quantities: []QuantityBand{
			{Name: "size", Level: &level, Grain: 0.1, Count: 90},
			{Name: "place", Grain: 0.1, Count: 3}}}
}

// TestBandsInFile checks that a file keeps bands, and that they change neither
// the weights nor the identity.
func TestBandsInFile(t *testing.T) {
	m := model(Arch{3, 2, 1, AvgPool, Base, false, 0, false})
	plain := encode(t, m)
	before := m.Identity()
	m.Meta.Bands = bands(m)
	data := encode(t, m)
	got, err := ReadModel(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Meta.Bands, m.Meta.Bands) {
		t.Errorf("read %+v, want %+v", got.Meta.Bands, m.Meta.Bands)
	}
	if got.Identity() != before {
		t.Error("bands change the identity")
	}
	a, err := format.ReadTensors(bytes.NewReader(plain), int64(len(plain)))
	if err != nil {
		t.Fatal(err)
	}
	b, err := format.ReadTensors(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a.Arrays, b.Arrays) {
		t.Error("bands change the weights")
	}
	m.Meta.Bands = nil
	if !bytes.Equal(encode(t, m), plain) || bytes.Contains(plain, []byte("bands")) {
		t.Error("a model without bands is written differently")
	}
}

func TestBandsFit(t *testing.T) {
	m := model(Arch{3, 2, 1, AvgPool, Base, false, 0, false})
	b := bands(m)
	for name, c := range map[string]struct {
		change func(*langevin.Settings)
		fits   bool
	}{
		"more draws":  {func(s *langevin.Settings) { s.Draws = 256 }, true},
		"seed":        {func(s *langevin.Settings) { s.Seed, s.Threads = 9, 3 }, true},
		"fewer draws": {func(s *langevin.Settings) { s.Draws = 31 }, false},
		"levels":      {func(s *langevin.Settings) { s.Levels-- }, false},
		"sigma_min":   {func(s *langevin.Settings) { s.SigmaMin *= 2 }, false},
		"corrections": {func(s *langevin.Settings) { s.CorrectKeep = 0.1 }, false},
	} {
		s := b.Sampling
		c.change(&s)
		if got := b.Fits(s); got != c.fits {
			t.Errorf("%s: fits is %v", name, got)
		}
	}
}

func TestBandsRefused(t *testing.T) {
	m := model(Arch{3, 2, 1, AvgPool, Base, false, 0, false})
	for says, change := range map[string]func(*BandLevels){
		"coverage 1":           func(b *BandLevels) { b.Coverage = 1 },
		"0 measurements":       func(b *BandLevels) { b.Count = 0 },
		"with 1 draws":         func(b *BandLevels) { b.Sampling.Draws = 1 },
		"grain 0":              func(b *BandLevels) { b.Grain = 0 },
		"and 0 levels":         func(b *BandLevels) { b.Levels = nil },
		"level NaN":            func(b *BandLevels) { b.Levels[1] = math.NaN() },
		"level +Inf":           func(b *BandLevels) { b.Levels[0] = math.Inf(1) },
		`band of "size" is no`: func(b *BandLevels) { *b.Quantities[0].Level = -1 },
		`band of "place" is n`: func(b *BandLevels) { b.Quantities[1].Grain = 0 },
	} {
		m.Meta.Bands = bands(m)
		change(m.Meta.Bands)
		if err := m.Meta.Validate(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}
