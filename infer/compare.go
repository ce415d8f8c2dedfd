package infer

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"csdm/bench"
	"csdm/internal/cli"
	"csdm/nn"
)

// Values of ComparedFile.Units.
const (
	UnitsNormalized = "normalized"
	UnitsPhysical   = "physical"
)

// FileComparison is the distance of two result files.
//
// The distances are root mean squares over the n_X pixels,
//
//	√(Σ_k (mean_A,k − mean_B,k)²/n_X)
//
// and likewise for the standard deviations, as in the paper's Tables 4 and 5.
type FileComparison struct {
	Comparison // fields normalized by the range below
	// physical value of 0 in the normalized fields: of B, else of A; nil:
	// unknown
	XMin *float64 `json:"x_min"`
	// physical value of 1 in the normalized fields
	XMax *float64 `json:"x_max"`
	// RMSE of the mean in physical units; nil: unknown
	MeanPhysical *float64 `json:"rmse_mean_physical"`
	// RMSE of the standard deviation in physical units; nil: unknown
	StdPhysical *float64 `json:"rmse_std_physical"`
	// arrays that were read from the first file
	ArraysA []string `json:"arrays_a"`
	// arrays that were read from the second file
	ArraysB []string `json:"arrays_b"`
}

// ComparedFile is a result file with the units of its numbers. Units is
// UnitsNormalized or UnitsPhysical for a file that does not state its units,
// and "" otherwise.
type ComparedFile struct {
	Path string
	*Summary
	Units string
}

// sayUnits applies Units to the summary of the file.
//
// Units are never guessed from the size of the numbers: fields in kPa between
// 0.1 and 1.5 look like normalized ones. A statement that repeats or
// contradicts the file is an error, so that a script cannot carry it to a file
// of other units.
func (f *ComparedFile) sayUnits() error {
	s, path, units := f.Summary, f.Path, f.Units
	switch {
	case units == "" && (s.Physical || s.Ranged):
	case units == "":
		return cli.Data(fmt.Errorf("%s does not state whether mean and std are normalized or "+
			"physical: it has neither mean_physical and std_physical nor x_min and x_max; give "+
			"--units-a or --units-b %s or %s", path, UnitsNormalized, UnitsPhysical))
	case units != UnitsNormalized && units != UnitsPhysical:
		return cli.Usage(fmt.Errorf("units %q must be %s or %s", units, UnitsNormalized,
			UnitsPhysical))
	case s.Physical || s.Ranged:
		return cli.Usage(fmt.Errorf("%s states its own units; leave out units %s", path,
			units))
	}
	s.Physical = s.Physical || units == UnitsPhysical
	return nil
}

// sameField reports whether two fields have one name and unit.
func sameField(a, b nn.Field) bool { return a.Name == b.Name && a.Unit == b.Unit }

// CompareFiles compares two posteriors in any units and normalization. The
// distances are in units of the range of B, or of A if B has no range. It
// returns an error with code 65 if the shapes differ, if units cannot be
// converted, or if the weights of a posterior do not support its errors.
//
// Both posteriors are first brought to physical units and then normalized by
// one range, which is B's if it has one. With width w = x_max − x_min of this
// range, the physical distance is w times the normalized one, for the mean and
// for the standard deviation alike. Two files without any range can still be
// compared if both are normalized or both physical.
//
// A NaN distance is an error: it would be printed beside numbers that have a
// meaning.
func CompareFiles(a, b ComparedFile) (*FileComparison, error) {
	nameA, nameB := a.Path, b.Path
	if a.Rows != b.Rows || a.Cols != b.Cols {
		return nil, cli.Data(fmt.Errorf("%s is %d×%d and %s is %d×%d; the grids must agree",
			nameA, a.Rows, a.Cols, nameB,
			b.Rows, b.Cols))
	}
	if err := errors.Join(a.sayUnits(), b.sayUnits(), a.IsReference(nameA),
		b.IsReference(nameB)); err != nil {
		return nil, err
	}
	c := &FileComparison{ArraysA: a.Arrays, ArraysB: b.Arrays}
	// The range in whose units the distances are stated.
	ranged := b
	if !b.Ranged {
		ranged = a
	}
	if !ranged.Ranged {
		if a.Physical != b.Physical {
			return nil, cli.Data(fmt.Errorf("%s and %s: one is normalized and the other "+
				"physical, and neither has the range of the normalization (x_min, x_max)", nameA,
				nameB))
		}
		c.Comparison = NewComparison(nameA, &a.Posterior, nameB, &b.Posterior, 0)
		if a.Physical {
			c.MeanPhysical, c.StdPhysical = &c.Mean, &c.Std
		}
		return c, nil
	}
	if fields := a.fields(); !slices.EqualFunc(fields, b.fields(), sameField) {
		return nil, cli.Data(fmt.Errorf("%s and %s have other fields: %v and %v; they must be the "+
			"same", nameA, nameB, fields, b.fields()))
	} else if len(fields) > 0 { // in units of the first file
		c.Comparison = NewComparison(nameA, a.Normalized(), nameB,
			b.In(nn.Normalization{Fields: fields}), 0)
		return c, nil
	}
	width := ranged.XMax - ranged.XMin
	c.XMin, c.XMax = &ranged.XMin, &ranged.XMax
	// in returns a posterior in units of ranged. Scaled(zero, unit) maps x to
	// (x − zero)/unit, so that Scaled(−m/w, 1/w) is x ↦ m + w x: from
	// normalized to physical units.
	in := func(s ComparedFile) *bench.Posterior {
		physical := &s.Posterior
		if !s.Physical && s.Ranged {
			w := s.XMax - s.XMin
			physical = s.Scaled(-s.XMin/w, 1/w)
		} else if !s.Physical { // normalized by the range of the other file
			return physical
		}
		return physical.Scaled(ranged.XMin, width)
	}
	c.Comparison = NewComparison(nameA, in(a), nameB, in(b), 0)
	mean, std := c.Mean*width, c.Std*width
	c.MeanPhysical, c.StdPhysical = &mean, &std
	if math.IsNaN(c.Mean) || math.IsInf(c.Mean, 0) {
		return nil, cli.Data(fmt.Errorf("%s and %s: the RMSE of the mean is %g", nameA, nameB,
			c.Mean))
	}
	return c, nil
}
