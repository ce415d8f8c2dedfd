package infer

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/nn"
)

// CheckBands returns an error if a finished posterior lacks the bands that the
// model now gives, or has others.
//
// A result that is finished is not computed again. Without this check a model
// to which bands were added, or whose bands were calibrated again, would leave
// the old intervals in place without a remark.
func (p *Posterior) CheckBands(path string, model *nn.Model) error {
	var there, asked Bands
	if p.Bands != nil {
		there = *p.Bands
	}
	if m := model.Meta.Bands; m != nil {
		asked = Bands{Coverage: m.Coverage, Count: m.Count, Draws: m.Sampling.Draws,
			Levels: m.Levels}
	}
	if there.Coverage == asked.Coverage && there.Count == asked.Count &&
		there.Draws == asked.Draws && slices.Equal(there.Levels, asked.Levels) {
		return nil
	}
	return cli.Exists(fmt.Errorf("%s was made with other bands than the model now has: choose "+
		"another output, or give --overwrite to compute it again", path))
}

// The entries of a result file with bands.
//
// The ends of all pixels are arrays, so that other programs can plot them. The
// rest of Bands is one JSON text, because it has names and reasons.
const (
	bandsEntry         = "bands_json"
	bandLowEntry       = "band_low" // (H, W), normalized; with _physical in physical units
	bandHighEntry      = "band_high"
	quantityBandsEntry = "quantity_bands" // (Q, 2), NaN where there is no interval
)

// bandArrays returns the entries of a result file for bands, or none if Band
// set no bands.
func (p *Posterior) bandArrays() ([]format.Named, error) {
	b := p.Bands
	if b == nil {
		return nil, nil
	}
	text, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	arrays := []format.Named{{Name: bandsEntry, Array: &format.Array{Shape: []int{len(text)},
		DType: format.Uint8, U8: text}}}
	if b.Missing != "" {
		return arrays, nil
	}
	for _, f := range []struct {
		name   string
		values []float64
	}{{bandLowEntry, b.Low}, {bandHighEntry, b.High}} {
		physical := make([]float64, len(f.values))
		p.Normalization.PhysicalX(physical, f.values, len(physical))
		arrays = append(arrays,
			format.Named{Name: f.name, Array: format.Array64(f.values, p.shape()...)},
			format.Named{Name: f.name + "_physical", Array: format.Array64(physical, p.shape()...)})
	}
	if len(b.Quantities) == 0 {
		return arrays, nil
	}
	var ends []float64
	for _, q := range b.Quantities {
		low, high := math.NaN(), math.NaN()
		if q.Low != nil && q.High != nil {
			low, high = *q.Low, *q.High
		}
		ends = append(ends, low, high)
	}
	return append(arrays, format.Named{Name: quantityBandsEntry,
		Array: format.Array64(ends, len(b.Quantities), 2)}), nil
}

// ReadBands reads the bands of a result file for fields of the given shape. It
// returns nil if the file has none.
//
// A file with a reason instead of bands returns only the reason: Low and High
// stay nil.
func ReadBands(path string, shape ...int) (*Bands, error) {
	z, err := format.OpenNPZ(path)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	if !z.Has(bandsEntry) {
		return nil, nil
	}
	a, err := z.Read(bandsEntry)
	if err != nil {
		return nil, err
	}
	b := new(Bands)
	if a.DType != format.Uint8 || json.Unmarshal(a.U8, b) != nil {
		return nil, &format.Error{Path: path, Entry: bandsEntry, Offset: -1,
			What: "it is not JSON written by csdm"}
	}
	if b.Missing != "" {
		return b, nil
	}
	for name, dst := range map[string]*[]float64{bandLowEntry: &b.Low, bandHighEntry: &b.High} {
		a, err := z.Read(name)
		if err != nil {
			return nil, err
		}
		if err := a.CheckShape(shape...); err != nil {
			return nil, cli.Data(fmt.Errorf("%s: %s: %w", path, name, err))
		}
		*dst = a.Float64()
	}
	return b, nil
}
