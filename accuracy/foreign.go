package accuracy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"slices"

	"csdm/bench"
	"csdm/env"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/problems"
)

// Foreign holds posteriors that another program computed for the measurements
// of a study.
//
// The other program reads the measurements from the file of WriteReferences.
// Its posteriors are judged by the same code as csdm's, so that no difference
// can come from the judge.
type Foreign struct {
	name  string // the method in the tables
	path  string
	hash  string // of the file
	y     *format.Array
	draws *format.Array // nil: only mean and std
	mean  *format.Array
	std   *format.Array
	cpu   *format.Array // CPU seconds of each measurement; nil: not known
	count *format.Array // forward solves of each measurement; nil: not known
}

// The entries of a file of posteriors. The first axis of each is the
// measurement. Fields and measurements are in physical units.
//
// M measurements, N draws each. The order is the order of the measurements of
// the seed.
const (
	entryY      = "y"           // as in the file of WriteReferences, NaN: not measured
	entryDraws  = "draws"       // (M, N, H, W)
	entryMean   = "mean"        // (M, H, W), with std instead of draws
	entryStd    = "std"         // (M, H, W)
	entryCPU    = "cpu_seconds" // (M)
	entrySolves = "solves"      // (M)
)

var foreignName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)

// ReadForeign reads the posteriors of a method from an .npz file. The method
// must have a name of its own, of lower-case letters, digits and hyphens.
//
// Shapes are checked later, against the problem (check).
func ReadForeign(name, path string) (*Foreign, error) {
	if !foreignName.MatchString(name) || slices.Contains(Methods(), name) {
		return nil, cli.Usage(fmt.Errorf("the method of %s is named %q; a name has lower-case "+
			"letters, digits and hyphens, and is none of csdm's own methods", path, name))
	}
	hash, err := hashOf(path)
	if err != nil {
		return nil, err
	}
	arrays, err := format.ReadNPZFile(path)
	if err != nil {
		return nil, err
	}
	f := &Foreign{name: name, path: path, hash: hash, y: arrays[entryY],
		draws: arrays[entryDraws], mean: arrays[entryMean], std: arrays[entryStd],
		cpu: arrays[entryCPU], count: arrays[entrySolves]}
	if f.y == nil || f.draws == nil && (f.mean == nil || f.std == nil) {
		return nil, cli.Data(fmt.Errorf("%s needs the arrays %s, and %s or %s and %s", path, entryY,
			entryDraws, entryMean, entryStd))
	}
	return f, nil
}

// hashOf returns the first 16 hexadecimal digits of a file's SHA-256.
func hashOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

// check returns an error unless the file has the arrays of the first cases
// measurements of a problem.
//
// All numbers must be finite: a missing posterior must be left out of the file,
// not filled.
func (f *Foreign) check(spec *problems.Spec, cases int) error {
	if n := len(f.y.Shape); n == 0 || f.y.Shape[0] < cases {
		return cli.Data(fmt.Errorf("%s has measurements of shape %v; %d measurements are judged",
			f.path, f.y.Shape, cases))
	}
	m := f.y.Shape[0]
	for _, a := range []struct {
		name  string
		array *format.Array
		shape []int
	}{
		{entryY, f.y, spec.YShape(m)},
		{entryDraws, f.draws, []int{m, -1, spec.Rows, spec.Cols}},
		{entryMean, f.mean, []int{m, spec.Rows, spec.Cols}},
		{entryStd, f.std, []int{m, spec.Rows, spec.Cols}},
		{entryCPU, f.cpu, []int{m}},
		{entrySolves, f.count, []int{m}},
	} {
		if a.array == nil {
			continue
		}
		err := a.array.CheckShape(a.shape...)
		if err == nil && a.name == entryY {
			err = a.array.CheckGaps()
		} else if err == nil {
			err = a.array.CheckFinite()
		}
		if err != nil {
			return cli.Data(fmt.Errorf("%s: %s: %w", f.path, a.name, err))
		}
	}
	if f.draws != nil && f.draws.Shape[1] < 2 {
		return cli.Data(fmt.Errorf("%s has %d draws of each posterior; at least 2 are needed",
			f.path, f.draws.Shape[1]))
	}
	return nil
}

// method returns the method whose posteriors the file holds.
//
// It computes nothing: run looks the posterior up.
func (f *Foreign) method() method {
	return method{name: f.name, what: "posteriors of " + f.path, foreign: f,
		run: func(_ context.Context, m *measurement, _ int, _ uint64, _ env.Env) (*answer, error) {
			return f.answer(m)
		}}
}

// budget returns the number of draws of each posterior; 0: not known.
func (f *Foreign) budget() int {
	if f.draws == nil {
		return 0
	}
	return f.draws.Shape[1]
}

// answer returns the posterior of a measurement. The file must hold the
// measurement itself: a posterior of another one would be judged as wrong.
//
// The tolerance of 10⁻⁶ allows for a program that stores float32.
func (f *Foreign) answer(m *measurement) (*answer, error) {
	spec := m.Problem.Spec()
	part := func(a *format.Array, size int) []float64 {
		return a.Float64()[m.index*size : (m.index+1)*size]
	}
	own := m.own()
	if err := same(part(f.y, len(own)), own); err != nil {
		return nil, cli.Data(fmt.Errorf("%s: y of measurement %d is another one: %w; csdm bench "+
			"truth writes the measurements of a seed", f.path, m.index, err))
	}
	var a *answer
	if f.draws != nil {
		n := f.draws.Shape[1]
		fields := slices.Clone(part(f.draws, n*spec.XLen()))
		a = newAnswer(bench.FromDraws(fields, n, spec.XLen(), 1))
		a.fields, a.independent = fields, true
	} else {
		a = newAnswer(&bench.Posterior{Mean: part(f.mean, spec.XLen()),
			Std: part(f.std, spec.XLen()), ESS: math.NaN()})
	}
	if f.count != nil {
		a.solves = int(part(f.count, 1)[0])
	}
	return a, nil
}

// same returns an error unless two measurements are equal up to the rounding of
// float32. Both must miss the same values.
func same(y, want []float64) error {
	squares, scale := 0.0, 0.0
	for k, v := range want {
		switch missing := math.IsNaN(v); {
		case missing != math.IsNaN(y[k]):
			return fmt.Errorf("value %d is %v, not %v", k, y[k], v)
		case !missing:
			squares, scale = squares+(y[k]-v)*(y[k]-v), scale+v*v
		}
	}
	if !(squares <= 1e-12*scale) {
		return fmt.Errorf("its values differ by %.3g of their size (RMS)",
			math.Sqrt(squares/scale))
	}
	return nil
}

// seconds returns the CPU seconds of a measurement, or NaN.
func (f *Foreign) seconds(index int) float64 {
	if f.cpu == nil {
		return math.NaN()
	}
	return f.cpu.Float64()[index]
}
