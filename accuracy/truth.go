package accuracy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"path/filepath"
	"slices"

	"csdm/bench"
	"csdm/env"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/internal/identity"
	"csdm/problems"
)

// truthFile is the name of the file that WriteReferences writes in the folder
// of a problem.
const truthFile = "truth.npz"

// metaEntry is the name of the entry that holds References as JSON bytes.
const metaEntry = "meta_json"

// References describes a file of measurements with their reference posteriors.
type References struct {
	// file of the measurements and references, .npz
	File string `json:"file"`
	// name of the problem
	Problem string `json:"problem"`
	// number of measurements
	Cases int `json:"cases"`
	// seed of the measurements
	Seed      uint64   `json:"seed"`
	Reference string   `json:"reference"`  // method of the first reference
	ErrorMean float64  `json:"error_mean"` // largest stated error of a mean, normalized
	Missing   []string `json:"missing"`    // measurements without a reference
	// ModeWeights are the known weights of the modes of each posterior; empty:
	// not known.
	ModeWeights []float64 `json:"mode_weights,omitempty"`
	// call that wrote the file
	Call env.Call `json:"call"`

	Identity identity.Identity `json:"identity"` // all inputs of the file
	// AlreadyThere reports whether an earlier call wrote the file, so that this
	// call did nothing.
	AlreadyThere bool `json:"already_there,omitempty"`
}

// WriteReferences writes the measurements of a study with their true fields and
// reference posteriors to a file in the problem's folder in dir, for other
// programs and ReadForeign. All fields are in physical units. x is (M, H, W), y
// (M, C, H, W) or has the rows and columns of its own grid, mean, std,
// mean_error and std_error are (M, H, W), log_evidence is (M). Values that were
// not measured and values that no method can state are NaN. meta_json holds
// References.
// References are shared with Run in the same dir, and a stopped call resumes. A
// file of other measurements or references is an error unless Overwrite is set.
//
// The measurement is noisy, as a user has it; x is for the judge and must not
// be read by the other program.
func WriteReferences(ctx context.Context, dir string, target *Subject, s Settings,
	env env.Env) (*References, error) {
	t := &study{dir: dir, s: s, env: env, Result: &Result{Folder: dir, Call: env.Call}}
	if err := errors.Join(s.validate(), oneField(target)); err != nil {
		return nil, cli.Usage(err)
	}
	var err error
	if s.Reference, err = t.referenceFor(target); err != nil {
		return nil, cli.Usage(err)
	}
	spec := target.Problem.Spec()
	folder := filepath.Join(dir, target.folder())
	r := &References{File: filepath.Join(folder, truthFile), Problem: spec.Name, Cases: s.Cases,
		Seed: s.Seed, Call: env.Call}
	if modal, ok := target.Problem.(problems.Modal); ok {
		r.ModeWeights = modal.ModeWeights()
	}
	b := problems.Identify("measurements with references", 1, target.Problem).
		Add("cases", s.Cases).Add("seed", s.Seed).Add("reference", s.Reference).
		Add("reference ESS", s.ReferenceESS)
	s.identifyGaps(b)
	r.Identity = b.Identity()
	if there, err := readReferences(r.File); err == nil && there.Identity == r.Identity &&
		!s.Overwrite {
		there.AlreadyThere = true
		return there, nil
	} else if !s.Overwrite && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(&fs.PathError{Op: "write", Path: r.File, Err: fs.ErrExist}, err)
	}
	v := map[string][]float64{}
	quiet := env
	quiet.Progress, quiet.Note = func(string, int, int, string) {}, func(string) {}
	for k := range s.Cases {
		env.Progress("references", k, s.Cases, "")
		m, err := newMeasurement(target, &s, k)
		if err != nil {
			return nil, err
		}
		exact, err := m.reference(ctx, filepath.Join(folder, fmt.Sprintf("case-%04d", k)), &s,
			quiet)
		if err != nil {
			return nil, fmt.Errorf("measurement %d: %w", k, err)
		}
		v["x"], v["y"] = append(v["x"], m.x...), append(v["y"], m.own()...)
		r.add(v, spec, exact, k)
	}
	env.Progress("references", s.Cases, s.Cases, "")
	return r, r.write(v, spec)
}

// readReferences reads the description in a file of WriteReferences.
func readReferences(path string) (*References, error) {
	a, err := format.ReadArrayFile(path + ":" + metaEntry)
	if err != nil {
		return nil, err
	}
	r := new(References)
	return r, json.Unmarshal(a.U8, r)
}

// add appends a reference in physical units to the values of each array.
//
// mean, std and their errors are in physical units again; ErrorMean is
// normalized.
func (r *References) add(v map[string][]float64, spec *problems.Spec, exact *reference, k int) {
	p, evidence, width := &bench.Posterior{}, math.NaN(), spec.XRange.Width()
	if exact.Summary == nil {
		r.Missing = append(r.Missing, fmt.Sprintf("%d: %s", k, exact.what))
	} else {
		n := exact.Normalized()
		p, evidence = n.Scaled(-spec.XRange.Min/width, 1/width), exact.LogEvidence
		r.Reference = exact.what
		r.ErrorMean = max(r.ErrorMean, bench.RMSE(n.MeanError, make([]float64, len(n.MeanError))))
	}
	for name, values := range map[string][]float64{"mean": p.Mean, "std": p.Std,
		"mean_error": p.MeanError, "std_error": p.StdError} {
		if values == nil {
			values = slices.Repeat([]float64{math.NaN()}, spec.XLen())
		}
		v[name] = append(v[name], values...)
	}
	v["log_evidence"] = append(v["log_evidence"], evidence)
}

// write writes the file.
func (r *References) write(v map[string][]float64, spec *problems.Spec) error {
	meta, err := json.Marshal(r)
	if err != nil {
		return err
	}
	var arrays []format.Named
	for _, name := range slices.Sorted(maps.Keys(v)) {
		shape := []int{r.Cases, spec.Rows, spec.Cols}
		switch name {
		case "y":
			shape = spec.YShape(r.Cases)
		case "log_evidence":
			shape = shape[:1]
		}
		arrays = append(arrays, format.Named{Name: name, Array: format.Array64(v[name], shape...)})
	}
	arrays = append(arrays, format.Named{Name: metaEntry, Array: &format.Array{
		DType: format.Uint8, Shape: []int{len(meta)}, U8: meta}})
	var file bytes.Buffer
	if err := format.WriteNPZ(&file, arrays...); err != nil {
		return err
	}
	return atomicfile.WriteFile(r.File, true, file.Bytes())
}
