package infer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"csdm/bench"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/internal/identity"
	"csdm/measured"
	"csdm/nn"
	"csdm/recipe"
)

// Origin is the origin of a result file. The file stores it as JSON.
//
// It answers, long after the run, which program made the numbers from which
// inputs, and at which cost. Times, machine and threads are for the record
// only: they are no part of Identity, because they do not change a draw.
type Origin struct {
	// name and version of the program
	Program string `json:"program"`
	// command line
	Command string `json:"command"`
	Model   string `json:"model,omitempty"` // name or path
	// name of the problem
	Problem     string `json:"problem"`
	Measurement string `json:"measurement,omitempty"` // SHA-256 of y, physical, float64
	// seed of the draws
	Seed uint64 `json:"seed"`
	// sampler, or method of the reference
	Method string `json:"method"`
	// wall time in seconds
	Seconds float64 `json:"seconds"`
	// evaluations of the network
	Evaluations int `json:"evaluations,omitempty"`
	// solves of the forward model
	Solves int `json:"solves,omitempty"`
	// processor and number of cores
	Machine string `json:"machine,omitempty"`
	// Threads is the number of threads of the call; 0: not recorded.
	Threads int `json:"threads,omitempty"`
	// Kernel is the implementation of the numerical kernels.
	Kernel string `json:"kernel,omitempty"`
	// posterior of physical quantities of the field
	Quantities []Quantity `json:"quantities,omitempty"`
	// whether the measurement is like the training measurements
	Verdict *measured.Likeness `json:"verdict,omitempty"`

	// Identity covers all inputs of the result except the number of draws. It
	// is zero in a file of an earlier version.
	Identity identity.Identity `json:"identity,omitzero"`
	Regions  *RegionSummary    `json:"regions,omitempty"` // regions of the quantities
	// how far the draws leave the prior's range
	Support *Support `json:"support,omitempty"`
	Keep    *Keep    `json:"keep,omitempty"` // nil: the file has everything
	// Exact describes draws that the exact score made; nil: a network made
	// them, or they are none.
	Exact *ExactDraws `json:"exact_score,omitempty"`

	// Fields describes several fields, which are the axis before rows and
	// columns of all arrays of the field; empty: there is one field.
	Fields []nn.Field `json:"fields,omitempty"`

	// error of the mean, root mean square over pixels, normalized; absent: not
	// stated
	Error *float64 `json:"error,omitempty"`
}

// SummaryArrays returns the entries of a result file for the moments of a
// posterior in normalized units. Entries in physical units have _physical at
// the end of their name.
//
// A slice that is nil, such as the errors of a posterior that states none,
// gives no entry. x_min and x_max let a reader convert between the units.
func SummaryArrays(p *bench.Posterior, rows, cols int, n nn.Normalization) (out []format.Named) {
	add := func(p *bench.Posterior, suffix string) {
		for _, f := range []struct {
			name   string
			values []float64
		}{{"mean", p.Mean}, {"std", p.Std}, {"mean_error", p.MeanError}, {"std_error", p.StdError},
			{"q05", p.Q05}, {"q50", p.Q50}, {"q95", p.Q95}} {
			if f.values != nil {
				out = append(out, format.Named{Name: f.name + suffix,
					Array: format.Array64(f.values, n.XShape(rows, cols)...)})
			}
		}
	}
	add(p, "")
	add(physicalUnits(p, n), "_physical")
	return append(out,
		format.Named{Name: "ess", Array: format.Scalar(p.ESS)},
		format.Named{Name: "draws", Array: format.Scalar(float64(p.Draws))},
		format.Named{Name: "x_min", Array: format.Scalar(n.XMin)},
		format.Named{Name: "x_max", Array: format.Scalar(n.XMax)})
}

// physicalUnits returns p, whose fields are normalized by n, in physical units.
//
// Values become min + (max − min) v, widths (max − min) v: a standard deviation
// has no offset. With several fields each has a range of its own.
func physicalUnits(p *bench.Posterior, n nn.Normalization) *bench.Posterior {
	if len(n.Fields) == 0 {
		// Scaled(zero, unit) maps v to (v − zero)/unit. Zero −XMin/width and
		// unit 1/width give XMin + width v.
		width := n.XMax - n.XMin
		return p.Scaled(-n.XMin/width, 1/width)
	}
	q := *p
	for _, v := range []*[]float64{&q.Mean, &q.Q05, &q.Q50, &q.Q95} {
		*v = slices.Clone(*v)
		n.PhysicalX(*v, *v, len(*v))
	}
	for _, v := range []*[]float64{&q.Std, &q.MeanError, &q.StdError} {
		*v = slices.Clone(*v)
		n.WidthsX(*v, *v)
	}
	return &q
}

// OriginEntry is the name of the entry of a result file that holds Origin as
// JSON bytes.
const OriginEntry = "origin_json"

// WriteResult writes a result file: the arrays, and origin as the entry
// OriginEntry. An existing file is an error unless overwrite is set.
func WriteResult(path string, overwrite bool, arrays []format.Named, origin Origin) error {
	text, err := json.Marshal(origin)
	if err != nil {
		return err
	}
	arrays = append(arrays, format.Named{Name: OriginEntry,
		Array: &format.Array{Shape: []int{len(text)}, DType: format.Uint8, U8: text}})
	return atomicfile.Write(path, overwrite, func(w io.Writer) error {
		return format.WriteNPZ(w, arrays...)
	})
}

// IsReference returns an error if the file's posterior was computed from
// weights that do not support its errors. Earlier versions accepted quadrature
// with 50 cells.
//
// Weights whose effective sample size is below bench.MinESS, or whose Pareto k̂
// exceeds bench.MaxKHat, understate their own error. Results of other methods
// pass: draws of a sampler have no weights, and a file of another program
// states nothing.
func (s *Summary) IsReference(path string) error {
	if s.Origin == nil || s.Origin.Method != recipe.MethodQuadrature &&
		s.Origin.Method != recipe.MethodImportance && s.Origin.Method != recipe.MethodAdaptive {
		return nil
	}
	ess := s.ESS
	if s.Origin.Method == recipe.MethodQuadrature && math.IsNaN(s.KHat) && ess >= 50 {
		ess = bench.MinESS
	}
	if doubt := bench.Weights(ess, s.KHat, s.Origin.Method); doubt != nil {
		return cli.Data(fmt.Errorf("%s is not a reference: %w; csdm reference finds a method "+
			"that works", path, doubt))
	}
	return nil
}

// Summary holds mean and std of a result file, of csdm or of another program,
// with their errors and units if these are known.
//
// It is the common ground of results of csdm and of other programs, such as
// reference posteriors from Python: only mean and std are required.
type Summary struct {
	bench.Posterior // in physical units if Physical, else normalized
	Rows, Cols      int
	Physical        bool
	Ranged          bool     // the normalization is known
	XMin, XMax      float64  // of the normalization; 0, 1 if unknown
	Arrays          []string // entries read for mean, std and their errors
	KHat            float64  // of the weights behind it; NaN: unknown
	LogEvidence     float64  // ln p(y); NaN: unknown
	Origin          *Origin  // nil: written by another program

	Plane  *bench.Plane   // density of the first two variables; nil: not in the file
	Points bench.Weighted // weighted fields of a reference; empty: not in the file
}

// ReadSummary reads mean and std of a result file: .npz with mean and std (H,W)
// in normalized units, and optional mean_physical, std_physical, mean_error,
// std_error and draws. If mean is (N,H,W), the text of the flag, such as
// --case-a, picks one case (see measured.PickCase).
//
// Physical entries are preferred where both units are present: they need no
// range to be compared. Each array must be finite and, except for means, not
// negative; an error is about the first entry that fails. An array of errors
// with a NaN counts as not stated.
func ReadSummary(path, flag, text string) (*Summary, error) {
	z, err := format.OpenNPZ(path)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	s := &Summary{XMax: 1, KHat: math.NaN(), LogEvidence: math.NaN()}
	bad := func(entry, what string) error {
		return &format.Error{Path: path, Entry: entry, Offset: -1, What: what}
	}
	if z.Has(OriginEntry) {
		a, err := z.Read(OriginEntry)
		if err != nil {
			return nil, err
		}
		s.Origin = &Origin{}
		if a.DType != format.Uint8 || json.Unmarshal(a.U8, s.Origin) != nil {
			return nil, bad(OriginEntry, "it is not JSON written by csdm")
		}
	}
	// scalar reads one optional number into dst, which keeps its value if there
	// is no such entry.
	scalar := func(name string, dst *float64) error {
		if !z.Has(name) {
			return nil
		}
		a, err := z.Read(name)
		if err != nil {
			return err
		}
		if a.Len() != 1 {
			return bad(name, "it must be one number")
		}
		*dst = a.Float64()[0]
		return nil
	}
	// field reads an array of the shape of the field into dst and checks it
	// against the shape of the arrays before it. maybe allows NaN.
	field := func(name string, dst *[]float64, maybe bool) error {
		a, err := z.Read(name)
		if err == nil && !maybe {
			if err = a.CheckFinite(); err != nil {
				err = fmt.Errorf("array %s: %w", name, err)
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		values, shape, count := a.Float64(), a.Shape, 1
		fields := s.fields()
		// One axis more than a field has: the first counts posteriors.
		if len(shape) == 3+min(1, len(fields)) {
			count, shape = shape[0], shape[1:]
		}
		k, err := measured.PickCase(flag, text, count, "posterior")
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if len(fields) > 0 && len(shape) == 3 && shape[0] == len(fields) {
			shape = shape[1:]
		}
		n := len(values) / max(1, count)
		values = values[k*n : (k+1)*n]
		if len(shape) != 2 || len(values) == 0 || s.Rows != 0 &&
			(shape[0] != s.Rows || shape[1] != s.Cols) {
			return bad(name, fmt.Sprintf("its shape is %v; it must be (H,W), or (K,H,W) with K "+
				"fields, the same for all arrays", a.Shape))
		}
		s.Rows, s.Cols = shape[0], shape[1]
		if slices.ContainsFunc(values, math.IsNaN) { // an error that is not stated
			return nil
		}
		if i := slices.IndexFunc(values, func(v float64) bool {
			return v < 0 || math.IsInf(v, 0)
		}); i >= 0 && !strings.HasPrefix(name, "mean_physical") && name != "mean" {
			return bad(name,
				fmt.Sprintf("value %d is %g; it must be finite and at least 0", i,
					values[i]))
		}
		*dst, s.Arrays = values, append(s.Arrays, name)
		return nil
	}
	s.Physical = z.Has("mean_physical") && z.Has("std_physical")
	suffix := ""
	if s.Physical {
		suffix = "_physical"
	}
	var draws float64
	s.Ranged = z.Has("x_min") && z.Has("x_max")
	// A fault that std shares with mean is reported once.
	if err := field("mean"+suffix, &s.Mean, false); err != nil {
		return nil, err
	}
	err = errors.Join(field("std"+suffix, &s.Std, false), scalar("x_min", &s.XMin),
		scalar("x_max", &s.XMax),
		scalar("draws", &draws), scalar("ess", &s.ESS), scalar("khat", &s.KHat),
		scalar("log_evidence", &s.LogEvidence))
	for _, e := range []struct {
		name string
		dst  *[]float64
	}{{"mean_error", &s.MeanError}, {"std_error", &s.StdError}} {
		// The errors are in the unit of mean and std, as their names show.
		if name := e.name + suffix; err == nil && z.Has(name) {
			err = field(name, e.dst, true)
		}
	}
	if err != nil {
		return nil, err
	}
	if !(s.XMax > s.XMin) || math.IsInf(s.XMax-s.XMin, 0) {
		return nil, bad("x_max", fmt.Sprintf("the range of normalization, %g to %g, is none",
			s.XMin, s.XMax))
	}
	if draws >= 0 && draws < 1e15 {
		s.Draws = int(draws)
	}
	if s.Plane, err = readPlane(z); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if s.Points, err = readPoints(z); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// fields returns the description of several fields; nil: there is one.
func (s *Summary) fields() []nn.Field {
	if s.Origin == nil {
		return nil
	}
	return s.Origin.Fields
}

// Normalized returns the posterior in normalized units.
func (s *Summary) Normalized() *bench.Posterior {
	if !s.Physical {
		return &s.Posterior
	}
	return normalizedUnits(&s.Posterior, nn.Normalization{XMin: s.XMin, XMax: s.XMax,
		Fields: s.fields()})
}

// In returns the posterior in the units of a normalization, which may differ
// from its own.
//
// Composed of two affine maps, from the file's range to physical units and from
// there to n.
func (s *Summary) In(n nn.Normalization) *bench.Posterior {
	if len(n.Fields) == 0 {
		width := s.XMax - s.XMin
		return s.Normalized().Scaled(-s.XMin/width, 1/width).Scaled(n.XMin, n.XMax-n.XMin)
	}
	if s.Physical {
		return normalizedUnits(&s.Posterior, n)
	}
	return normalizedUnits(physicalUnits(&s.Posterior, nn.Normalization{Fields: s.fields()}), n)
}

// normalizedUnits is the inverse of physicalUnits.
//
// From v = min + w z follows z = −min/w + v/w, which is an affine map of the
// same form with the range [−min/w, (1 − min)/w].
func normalizedUnits(p *bench.Posterior, n nn.Normalization) *bench.Posterior {
	if len(n.Fields) == 0 {
		return p.Scaled(n.XMin, n.XMax-n.XMin)
	}
	back := n
	back.Fields = nil
	for _, f := range n.Fields { // the inverse of an affine map
		width := f.Max - f.Min
		back.Fields = append(back.Fields, nn.Field{Min: -f.Min / width, Max: (1 - f.Min) / width})
	}
	return physicalUnits(p, back)
}
