package run

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"

	"csdm/bench"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/langevin"
	"csdm/nn"
)

// Posterior is what a network makes of one measurement: draws and their pixelwise summary, in normalized units.
type Posterior struct {
	bench.Posterior
	Samples       []float64 // draws row after row, N × Rows·Cols
	Rows, Cols    int
	Normalization nn.Normalization // to physical units
	Evidence      langevin.Evidence
	Sampling      Sampling
	Origin        Origin
}

// Origin says where a result file comes from; it is kept in the file as JSON.
type Origin struct {
	Program     string   `json:"program"`
	Command     string   `json:"command"`
	Model       string   `json:"model,omitempty"`       // name or path
	Problem     string   `json:"problem"`               //
	Measurement string   `json:"measurement,omitempty"` // SHA-256 of y, physical, float64
	Seed        uint64   `json:"seed"`
	Method      string   `json:"method"`
	Seconds     float64  `json:"seconds"`
	Evaluations int      `json:"evaluations,omitempty"` // of the network
	Solves      int      `json:"solves,omitempty"`      // of the forward model
	Machine     string   `json:"machine,omitempty"`
	Error       *float64 `json:"error,omitempty"` // of the mean, RMS over pixels, normalized units
}

// MeasurementError says that a measurement cannot belong to the model.
type MeasurementError struct{ Reason string }

func (e *MeasurementError) Error() string { return e.Reason }

// CheckMeasurement returns a *MeasurementError if a measurement, in physical units, has another size than the model's or
// lies so far from the range of the training set that it must be of another unit or another experiment: more than
// the width of that range outside it, unless anyRange allows that.
func CheckMeasurement(model *nn.Model, y []float64, anyRange bool) error {
	m := &model.Meta
	if want := model.Net.Arch().YChannels * m.Rows * m.Cols; len(y) != want {
		return &MeasurementError{fmt.Sprintf("the measurement has %d values; the model wants %d channels of %d×%d", len(y), model.Net.Arch().YChannels, m.Rows, m.Cols)}
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range y {
		lo, hi = min(lo, v), max(hi, v)
	}
	n := m.Normalization
	if width := n.YMax - n.YMin; !anyRange && (lo < n.YMin-width || hi > n.YMax+width) {
		return &MeasurementError{fmt.Sprintf("the measurement runs from %g to %g %s; the model was trained on %g to %g: is its unit right? (--allow-extrapolation accepts it)",
			lo, hi, m.YUnit, n.YMin, n.YMax)}
	}
	return nil
}

// Measurements are told apart by their content: two with one seed get different streams.
func measurementHash(y []float64) (sum [sha256.Size]byte) {
	h := sha256.New()
	var word [8]byte
	for _, v := range y {
		binary.LittleEndian.PutUint64(word[:], math.Float64bits(v))
		h.Write(word[:])
	}
	h.Sum(sum[:0])
	return sum
}

// Sample draws from the posterior of a measurement y, given in physical units (C, H, W), with a trained model: Step 3
// of the paper's Section 3.5. Finished draws are kept in the file partial (unless that is empty), so that a job that was stopped
// and is called again goes on; the caller removes it when the result is safe.
func Sample(ctx context.Context, model *nn.Model, y []float64, sampling Sampling, seed uint64, partial string, anyRange bool, env Env) (*Posterior, error) {
	if err := CheckMeasurement(model, y, anyRange); err != nil {
		return nil, err
	}
	hash := measurementHash(y)
	settings, err := sampling.settings(seed, binary.LittleEndian.Uint64(hash[:8]), env.Threads)
	if err != nil {
		return nil, err
	}
	m := &model.Meta
	dim := m.Rows * m.Cols
	p := &Posterior{Samples: make([]float64, sampling.Draws*dim), Rows: m.Rows, Cols: m.Cols, Normalization: m.Normalization, Sampling: sampling}
	store, found, err := openPartial(partial, p.Samples, dim, identity(model, hash, sampling, seed))
	if err != nil {
		return nil, err
	}
	defer store.close()
	settings.First, settings.Draws = found, sampling.Draws-found

	normalized := make([]float64, len(y))
	m.Normalization.NormalizeY(normalized, y)
	newScorer := model.Condition(normalized)
	env.Progress("sampling", found, sampling.Draws, "")
	p.Evidence, err = langevin.Sample(ctx, func() langevin.Scorer { return newScorer() }, dim, settings, func(draw int, x []float64) error {
		copy(p.Samples[draw*dim:], x)
		env.Progress("sampling", draw+1, sampling.Draws, "")
		return store.append(x)
	})
	if err != nil {
		return nil, err
	}
	p.Posterior = *bench.FromDraws(p.Samples, sampling.Draws, dim, env.Threads)
	p.Origin = Origin{
		Program: "csdm " + env.Version, Command: env.Command, Problem: m.Problem, Measurement: fmt.Sprintf("%x", hash), Seed: seed,
		Method: fmt.Sprintf("%s, %d levels", sampling.Sampler, sampling.Steps), Seconds: p.Evidence.Wall.Seconds(),
		Evaluations: p.Evidence.Evaluations, Machine: env.Machine,
	}
	return p, nil
}

// identity is a hash of all that draws depend on.
func identity(model *nn.Model, y [sha256.Size]byte, sampling Sampling, seed uint64) (sum [sha256.Size]byte) {
	h := sha256.New()
	if err := model.Write(h); err != nil {
		panic("run: " + err.Error()) // a hash does not fail
	}
	sampling.Draws, sampling.Cases = 0, 0 // more draws go on from fewer
	h.Write(y[:])
	fmt.Fprintf(h, "%+v %d", sampling, seed)
	h.Sum(sum[:0])
	return sum
}

// partialStore appends draws to a file: a hash of what they depend on, then draws as little-endian float64.
type partialStore struct {
	file *os.File
	buf  []byte
}

// openPartial opens or creates the file, reads the whole draws in it into samples and returns how many there are.
func openPartial(path string, samples []float64, dim int, id [sha256.Size]byte) (*partialStore, int, error) {
	if path == "" {
		return &partialStore{}, 0, nil
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, 0, err
	}
	s := &partialStore{file: file, buf: make([]byte, 8*dim)}
	fail := func(err error) (*partialStore, int, error) {
		s.close()
		return nil, 0, err
	}
	var there [sha256.Size]byte
	switch _, err := io.ReadFull(file, there[:]); {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF): // new, or cut off at once
		if err := file.Truncate(0); err != nil {
			return fail(err)
		}
		if _, err := file.WriteAt(id[:], 0); err != nil {
			return fail(err)
		}
		there = id
	case err != nil:
		return fail(err)
	}
	if there != id {
		return fail(cli.Exists(fmt.Errorf("%s holds draws of another model, measurement, sampler or seed: remove it, or choose another output", path)))
	}
	found := 0
	for ; (found+1)*dim <= len(samples); found++ {
		if _, err := file.ReadAt(s.buf, int64(sha256.Size+found*len(s.buf))); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return fail(err)
		}
		for k := range dim {
			samples[found*dim+k] = math.Float64frombits(binary.LittleEndian.Uint64(s.buf[8*k:]))
		}
	}
	if _, err := file.Seek(int64(sha256.Size+found*len(s.buf)), io.SeekStart); err != nil {
		return fail(err)
	}
	return s, found, nil
}

func (s *partialStore) append(x []float64) error {
	if s.file == nil {
		return nil
	}
	for k, v := range x {
		binary.LittleEndian.PutUint64(s.buf[8*k:], math.Float64bits(v))
	}
	_, err := s.file.Write(s.buf)
	return err
}

func (s *partialStore) close() {
	if s.file != nil {
		s.file.Close()
	}
}

// WriteFile writes samples, mean, std and quantiles, in normalized and in physical units, as .npz.
func (p *Posterior) WriteFile(path string, overwrite bool) error {
	n := p.Draws
	physical := make([]float64, len(p.Samples))
	p.Normalization.PhysicalX(physical, p.Samples)
	arrays := []format.Named{{Name: "samples", Array: format.Array64(p.Samples, n, p.Rows, p.Cols)}}
	arrays = append(arrays, summaryArrays(&p.Posterior, p.Rows, p.Cols, p.Normalization)...)
	arrays = append(arrays, format.Named{Name: "samples_physical", Array: format.Array64(physical, n, p.Rows, p.Cols)})
	return writeResult(path, overwrite, arrays, p.Origin)
}

// summaryArrays names the pixelwise arrays of a posterior given in normalized units; with _physical behind the name in
// physical units.
func summaryArrays(p *bench.Posterior, rows, cols int, n nn.Normalization) (out []format.Named) {
	add := func(p *bench.Posterior, suffix string) {
		for _, f := range []struct {
			name   string
			values []float64
		}{{"mean", p.Mean}, {"std", p.Std}, {"mean_error", p.MeanError}, {"std_error", p.StdError}, {"q05", p.Q05}, {"q50", p.Q50}, {"q95", p.Q95}} {
			if f.values != nil {
				out = append(out, format.Named{Name: f.name + suffix, Array: format.Array64(f.values, rows, cols)})
			}
		}
	}
	add(p, "")
	width := n.XMax - n.XMin
	add(p.Scaled(-n.XMin/width, 1/width), "_physical")
	return append(out,
		format.Named{Name: "ess", Array: format.Scalar(p.ESS)}, format.Named{Name: "draws", Array: format.Scalar(float64(p.Draws))},
		format.Named{Name: "x_min", Array: format.Scalar(n.XMin)}, format.Named{Name: "x_max", Array: format.Scalar(n.XMax)})
}

// OriginEntry is the name of the JSON, as bytes, in a result file.
const OriginEntry = "origin_json"

func writeResult(path string, overwrite bool, arrays []format.Named, origin Origin) error {
	text, err := json.Marshal(origin)
	if err != nil {
		return err
	}
	arrays = append(arrays, format.Named{Name: OriginEntry, Array: &format.Array{Shape: []int{len(text)}, DType: format.Uint8, U8: text}})
	return atomicfile.Write(path, overwrite, func(w io.Writer) error { return format.WriteNPZ(w, arrays...) })
}

// Summary is what compare needs of a result file, this program's or another's: mean and std, and what is known of their
// errors and units.
type Summary struct {
	bench.Posterior // in physical units if Physical, else normalized
	Rows, Cols      int
	Physical        bool
	XMin, XMax      float64 // of the normalization; 0, 1 if unknown
	Origin          *Origin // nil: not of this program
}

// ReadSummary reads mean and std of a result file: .npz with mean, std (H,W), normalized, and where they are there the
// same with _physical, mean_error, std_error and draws. If mean is (N,H,W), entry number k is taken.
func ReadSummary(path string, k int) (*Summary, error) {
	z, err := format.OpenNPZ(path)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	s := &Summary{XMax: 1}
	scalar := func(name string, dst *float64) error {
		if !z.Has(name) {
			return nil
		}
		a, err := z.Read(name)
		if err != nil {
			return err
		}
		if a.Len() != 1 {
			return &format.Error{Path: path, Entry: name, Offset: -1, What: "one number is expected"}
		}
		*dst = a.Float64()[0]
		return nil
	}
	field := func(name string, dst *[]float64) error {
		a, err := z.Read(name)
		if err != nil {
			return err
		}
		if err := a.CheckFinite(); err != nil {
			return err
		}
		values, shape := a.Float64(), a.Shape
		if len(shape) == 3 {
			if k < 0 || k >= shape[0] {
				return &format.Error{Path: path, Entry: name, Offset: -1, What: fmt.Sprintf("there are %d fields; number %d was asked for", shape[0], k)}
			}
			n := shape[1] * shape[2]
			values, shape = values[k*n:(k+1)*n], shape[1:]
		}
		if len(shape) != 2 || len(values) == 0 || s.Rows != 0 && (shape[0] != s.Rows || shape[1] != s.Cols) {
			return &format.Error{Path: path, Entry: name, Offset: -1, What: fmt.Sprintf("fields of one shape (H,W) are expected, not %v", a.Shape)}
		}
		s.Rows, s.Cols, *dst = shape[0], shape[1], values
		return nil
	}
	s.Physical = z.Has("mean_physical") && z.Has("std_physical")
	suffix := ""
	if s.Physical {
		suffix = "_physical"
	}
	var draws float64
	err = errors.Join(field("mean"+suffix, &s.Mean), field("std"+suffix, &s.Std), scalar("x_min", &s.XMin), scalar("x_max", &s.XMax),
		scalar("draws", &draws), scalar("ess", &s.ESS))
	for name, dst := range map[string]*[]float64{"mean_error": &s.MeanError, "std_error": &s.StdError} {
		if err == nil && z.Has(name+suffix) {
			err = field(name+suffix, dst)
		}
	}
	if err != nil {
		return nil, err
	}
	if draws >= 0 && draws < 1e15 {
		s.Draws = int(draws)
	}
	if z.Has(OriginEntry) {
		a, err := z.Read(OriginEntry)
		if err != nil {
			return nil, err
		}
		s.Origin = &Origin{}
		if a.DType != format.Uint8 || json.Unmarshal(a.U8, s.Origin) != nil {
			s.Origin = nil
		}
	}
	return s, nil
}

// Normalized returns the posterior in normalized units.
func (s *Summary) Normalized() *bench.Posterior {
	if !s.Physical {
		return &s.Posterior
	}
	return s.Scaled(s.XMin, s.XMax-s.XMin)
}

// removePartial removes the file of finished draws once the result is written.
func removePartial(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
