package nn

import (
	"bytes"
	"encoding/json"
	"fmt"

	"csdm/langevin"
)

// BandLevels holds the levels of intervals around a model's draws that hold the
// true values with the stated coverage, on average over the prior. The levels
// come from held-out pairs (package calibrate); package bench defines
// intervals, levels and regions.
type BandLevels struct {
	Coverage float64 `json:"coverage"` // share of true values that the intervals hold
	Count    int     `json:"count"`    // held-out measurements behind the levels
	// Sampling is how the draws of each measurement were made, with their
	// number. Bands belong to draws that are made in the same way.
	Sampling langevin.Settings `json:"sampling"`
	// seed of measurements and draws
	Seed uint64 `json:"seed"`
	// Grain widens intervals beyond the draws: the sampler's last noise level.
	Grain float64 `json:"grain"`
	// levels of each region of a field, the most uncertain region first
	Levels []float64 `json:"levels"`
	// Quantities holds the levels of physical quantities.
	Quantities []QuantityBand `json:"quantities,omitempty"`
}

// QuantityBand is the level of the intervals of one physical quantity.
type QuantityBand struct {
	// name of the quantity
	Name string `json:"name"`
	// Level is nil if too many fields had the quantity and too few draws of
	// their posteriors had it, so that no finite interval has the coverage.
	Level *float64 `json:"level"`
	// widens the interval beyond the draws, in the unit of the quantity
	Grain float64 `json:"grain"`
	// Count is the number of measurements whose true field has the quantity.
	Count int `json:"count"`
}

// Fits reports whether draws that are made with settings s begin with the draws
// that the bands belong to. Draw j does not depend on the number of draws.
func (b *BandLevels) Fits(s langevin.Settings) bool {
	if s.Draws < b.Sampling.Draws {
		return false
	}
	s.Draws = b.Sampling.Draws
	asked, err := json.Marshal(s)
	if err != nil {
		return false
	}
	there, err := json.Marshal(b.Sampling)
	return err == nil && bytes.Equal(asked, there)
}

// Validate returns an error if a coverage, count, level or grain is out of
// range. Nil bands are valid.
func (b *BandLevels) Validate() error {
	if b == nil {
		return nil
	}
	if !(b.Coverage > 0 && b.Coverage < 1) || b.Count < 1 || b.Sampling.Draws < 2 ||
		!positive(b.Grain) || len(b.Levels) == 0 {
		return fmt.Errorf("nn: bands of coverage %v from %d measurements with %d draws, grain %v "+
			"and %d levels are not valid", b.Coverage, b.Count, b.Sampling.Draws, b.Grain,
			len(b.Levels))
	}
	for _, v := range b.Levels {
		if !(v >= 0) || v-v != 0 {
			return fmt.Errorf("nn: a band of level %v is not valid", v)
		}
	}
	for _, q := range b.Quantities {
		if !positive(q.Grain) || q.Count < 0 || q.Level != nil &&
			(!(*q.Level >= 0) || *q.Level-*q.Level != 0) {
			return fmt.Errorf("nn: the band of %q is not valid: %+v", q.Name, q)
		}
	}
	return nil
}

func positive(v float64) bool { return v > 0 && v-v == 0 }
