package infer

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"

	"csdm/bench"
	"csdm/env"
	"csdm/explain"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/internal/identity"
	"csdm/internal/recordfile"
	"csdm/internal/report"
	"csdm/langevin"
	"csdm/measured"
	"csdm/nn"
	"csdm/priors"
	"csdm/recipe"
)

// Posterior is a network's posterior of one measurement: draws and their
// summary at each pixel, in normalized units.
//
// The moments come from the draws, for pixel k and N draws x_1 … x_N:
//
//	mean_k = Σ_i x_ik/N,   std_k² = Σ_i (x_ik − mean_k)²/(N − 1)
//
// with the standard errors of bench.FromDraws. A certified posterior has them
// from weighted draws instead, whose errors are smaller.
type Posterior struct {
	bench.Posterior
	Samples       []float64 // draws row after row, N × (fields · Rows · Cols)
	Rows, Cols    int
	Normalization nn.Normalization // to physical units
	Cost          langevin.Cost    // of the call that drew it
	Origin        Origin
	Explained     *explain.Verdict // nil: not judged
	Certificate   *Certificate     // nil: the posterior is the network's own

	Bands *Bands       // nil: the model has none
	Keep  Keep         // what WriteFile keeps
	Film  *report.Film // walk of draw 0, not in the file; nil: none

	NetworkMean, NetworkStd []float64 // the network's own, of a certified posterior
	// QuantityDraws holds the values of Origin.Quantities for each draw, N × Q;
	// nil: none.
	QuantityDraws []float64
	theta         []float64 // variables of the draws of Search; nil: not known
}

// size returns the number of values of a draw.
func (p *Posterior) size() int { return max(1, len(p.Normalization.Fields)) * p.Rows * p.Cols }

// shape returns the shape of an array of draws or moments, after the axes lead.
func (p *Posterior) shape(lead ...int) []int {
	return p.Normalization.XShape(p.Rows, p.Cols, lead...)
}

// Job describes a call of Sample or ReferencePosterior: the inputs that are not
// settings, and the files from which it resumes.
//
// The settings of a call decide its result. The files of a Job decide only how
// much of the work is left, with the exceptions of Seed and ESS.
type Job struct {
	Seed uint64
	// Partial is the file of unfinished work. The caller removes it when the
	// result is safe. "": no file is kept.
	Partial string
	// Earlier is a result of Sample with fewer draws. Its draws are reused if
	// the identity is the same. "": none.
	Earlier string

	// ESS is the effective sample size at which adaptive importance sampling
	// ends; 0: the default of bench.Adaptive.
	ESS float64

	Overwrite bool // replace unfinished work of another identity

	// KeepSolves makes ReferencePosterior write all its forward solves to
	// Partial before it returns, for a caller whose work has not ended.
	KeepSolves bool

	Film bool // SampleExact also returns the walk of draw 0
}

// MeasurementKey returns the part of a measurement's hash that chooses random
// streams, so that two measurements with one seed use different ones.
//
// Without it, two measurements sampled with one seed would share the noise of
// their draws, and averages over measurements would keep this noise.
func MeasurementKey(y []float64) uint64 {
	hash := hashOf(y)
	return binary.LittleEndian.Uint64(hash[:8])
}

// hashOf hashes the bits of the values, little-endian. Two measurements that
// differ in one last digit are two measurements; 0 and −0 are too.
func hashOf(y []float64) (sum [sha256.Size]byte) {
	h := sha256.New()
	var word [8]byte
	for _, v := range y {
		binary.LittleEndian.PutUint64(word[:], math.Float64bits(v))
		h.Write(word[:])
	}
	h.Sum(sum[:0])
	return sum
}

// MeasurementHash returns the SHA-256 of a measurement's values as text.
func MeasurementHash(y []float64) string {
	hash := hashOf(y)
	return hex.EncodeToString(hash[:])
}

// Sample draws from the posterior of a measurement y, given in physical units
// (C, H, W), with a trained model: Step 3 of the paper's Section 3.5. It keeps
// finished draws in job.Partial, from which a later call for as many or more
// draws resumes. Errors: *measured.Error if the size of y is not the model's,
// errors of package langevin and of the disk.
//
// With the score s(x̃, y, σ) of the network, the sampler starts from noise of
// level σ₁ and follows the noise levels down to σ_L; langevin has the samplers.
// Draw j is a function of the model, y, the settings, the seed and j alone. For
// this reason draws can be divided between threads, shards and calls.
func Sample(ctx context.Context, model *nn.Model, y []float64, sampling langevin.Settings, job Job,
	env env.Env) (*Posterior, error) {
	d, settings, err := conditioned(model, y, sampling, job.Seed, env.Threads)
	if err != nil {
		return nil, err
	}
	p, err := d.Make(ctx, settings, job, env)
	if err != nil {
		return nil, err
	}
	p.Origin.Measurement, p.Origin.Method = MeasurementHash(y), sampling.String()
	return p, nil
}

// conditioned returns the draws of a model given the measurement y, and the
// settings that make them.
//
// Everything that can be wrong with the call is found here, before the first
// draw.
func conditioned(model *nn.Model, y []float64, sampling langevin.Settings, seed uint64,
	threads int) (DrawRequest, langevin.Settings, error) {
	m := &model.Meta
	if err := measured.FitsMeasurement(model, y); err != nil {
		return DrawRequest{}, sampling, err
	}
	// A network that never saw a gap would read a filled value as measured.
	if n := priors.Present(y); n < len(y) && !model.Net.Arch().Masked {
		return DrawRequest{}, sampling, &measured.Error{
			Reason: fmt.Sprintf("%d of %d values are missing, and the model was trained on whole "+
				"measurements: train one with --set data.masks=0.01, or compute the posterior "+
				"without a network (csdm reference)", len(y)-n, len(y))}
	}
	if l := model.Parameterization.Estimate(); l != nil {
		if n := l.Missing(y); n > 0 {
			return DrawRequest{}, sampling, &measured.Error{
				Reason: fmt.Sprintf("%d of the %d values that the model was trained for are "+
					"missing: train one for other gaps with --set data.masks=0.1", n,
					len(l.Places))}
		}
	}
	settings, err := sampling.ForMeasurement(seed, MeasurementKey(y), threads)
	if err != nil {
		return DrawRequest{}, sampling, err
	}
	normalized := make([]float64, len(y))
	m.Normalization.NormalizeY(normalized, y)
	// Each worker gets its own scorer, which holds the activations; all share
	// the weights and the normalized measurement.
	newScorer := model.Condition(normalized)
	return DrawRequest{m, func() langevin.Scorer { return newScorer() },
		DrawsIdentity(model, y, sampling, seed)}, settings, nil
}

// DrawRequest describes posterior draws that any score can make.
//
// It has no measurement: NewScorer is already conditioned on one. SampleExact
// passes another score through the same code, so that both ways of drawing have
// one file format and one way to resume.
type DrawRequest struct {
	Meta *nn.Metadata // problem, size and normalization
	// called once per worker
	NewScorer func() langevin.Scorer
	// all inputs except the number of draws
	Identity identity.Identity
}

// fit returns an error if draws of a model's fields do not fit in memory.
func fit(draws int, m *nn.Metadata) error {
	if most := recipe.MostDraws(m.XLen()); draws > most {
		return cli.Usage(fmt.Errorf("%d draws of %d×%d do not fit in memory; make at most %d per "+
			"call, and more with another seed", draws, m.Rows, m.Cols, most))
	}
	return nil
}

// Make makes the draws, and resumes from job. It sets all of the result's
// Origin except the measurement and the method.
//
// The draws in job.Partial come first, else the draws of job.Earlier, which are
// copied into job.Partial, so that a stop loses neither. langevin.Sample
// delivers the rest in order; each is appended to the file before the next is
// delivered.
func (d DrawRequest) Make(ctx context.Context, s langevin.Settings, job Job,
	env env.Env) (*Posterior, error) {
	m, dim := d.Meta, d.Meta.XLen()
	if err := fit(s.Draws, m); err != nil {
		return nil, err
	}
	p := &Posterior{Samples: make([]float64, s.Draws*dim), Rows: m.Rows, Cols: m.Cols,
		Normalization: m.Normalization}
	store, err := recordfile.Open(job.Partial, p.Samples, dim, d.Identity, job.Overwrite, env.Note)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	found := store.Len()
	if job.Earlier != "" && found == 0 {
		if found, err = takeOver(job.Earlier, p, d.Identity); err != nil {
			return nil, err
		}
		for i := range found {
			if err := store.Append(p.Samples[i*dim : (i+1)*dim]); err != nil {
				return nil, err
			}
		}
	}
	// Draws before First are neither computed nor delivered.
	s.First = found

	env.Progress("sampling", found, s.Draws, "")
	p.Cost, err = langevin.Sample(ctx, d.NewScorer, dim, s, func(draw int, x []float64) error {
		copy(p.Samples[draw*dim:], x)
		env.Progress("sampling", draw+1, s.Draws, "")
		if err := store.Append(x); err != nil || !store.Keeps() {
			return err
		}
		env.ReportSaved()
		return nil
	})
	if err != nil {
		return nil, err
	}
	p.Posterior = *bench.FromDraws(p.Samples, s.Draws, dim, env.Threads)
	p.Origin = Origin{
		Program: env.Program(), Command: env.Command, Problem: m.Problem, Seed: job.Seed,
		Seconds: p.Cost.Wall.Seconds(), Evaluations: p.Cost.Evaluations, Machine: env.Machine(),
		Threads: env.Threads, Kernel: env.Kernel, Identity: d.Identity,
	}
	return p, nil
}

// takeOver reads the draws of a result of WriteFile into p.Samples and returns
// their number. It returns 0 if the file has another identity. It also returns
// 0 if the file fills Samples, whose draws are then to be computed again, and
// if it does not have all digits.
//
// A file with float32 draws or without draws (Origin.Keep) is not used: its
// numbers would differ from computed ones in their last digits, and one result
// must not mix the two.
func takeOver(path string, p *Posterior, id identity.Identity) (int, error) {
	samples, dim := p.Samples, p.size()
	s, err := ReadSummary(path, "", "")
	if err != nil || s.Origin == nil || s.Origin.Identity != id || s.Origin.Keep != nil ||
		s.Draws*dim >= len(samples) {
		return 0, nil // the file is replaced; it need not be a result
	}
	a, err := format.ReadArrayFile(path + ":samples")
	if err != nil {
		return 0, err
	}
	if err := errors.Join(a.CheckShape(p.shape(s.Draws)...), a.CheckFinite()); err != nil {
		return 0, err
	}
	return copy(samples, a.Float64()) / dim, nil
}

// WriteFile writes samples, mean, std and quantiles as .npz, in normalized and
// in physical units. For physical quantities it writes mean, std, q05, q50 and
// q95 (Q, 5) and the values of each draw (N, Q), in the order of their names in
// origin_json.
//
// The file is written whole under another name and then renamed, so that a
// reader never sees a part of it.
func (p *Posterior) WriteFile(path string, overwrite bool) error {
	n := p.Draws
	physical := make([]float64, len(p.Samples))
	p.Normalization.PhysicalX(physical, p.Samples, p.size())
	arrays := []format.Named{{Name: "samples", Array: format.Array64(p.Samples, p.shape(n)...)}}
	arrays = append(arrays, SummaryArrays(&p.Posterior, p.Rows, p.Cols, p.Normalization)...)
	arrays = append(arrays, format.Named{Name: "samples_physical",
		Array: format.Array64(physical, p.shape(n)...)})
	if q := p.Origin.Quantities; p.QuantityDraws != nil {
		summary := make([]float64, 0, 5*len(q))
		for _, v := range q {
			summary = append(summary, v.Mean, v.Std, v.Q05, v.Q50, v.Q95)
		}
		arrays = append(arrays,
			format.Named{Name: "quantities", Array: format.Array64(summary, len(q), 5)},
			format.Named{Name: "quantity_draws", Array: format.Array64(p.QuantityDraws, n, len(q))})
	}
	explained, err := explainedArrays(p.Explained)
	if err != nil {
		return err
	}
	certificate, err := p.certificateArrays()
	if err != nil {
		return err
	}
	bands, err := p.bandArrays()
	if err != nil {
		return err
	}
	p.Origin.Fields = p.Normalization.Fields
	if !p.Keep.Default() {
		kept := p.Keep.resolved()
		p.Origin.Keep = &kept
	}
	return WriteResult(path, overwrite, p.Keep.of(slices.Concat(arrays, bands, explained,
		certificate), p.Rows, p.Cols), p.Origin)
}

// ReadPosterior reads a result of WriteFile. Without draws in the file, Samples
// is nil.
//
// Moments are computed again from the draws, unless the file has only the
// moments. The draws are kept in normalized units in every file; the physical
// copies are for other programs.
func ReadPosterior(path string) (*Posterior, error) {
	s, err := ReadSummary(path, "", "")
	if err != nil {
		return nil, err
	}
	p := &Posterior{Rows: s.Rows, Cols: s.Cols,
		Normalization: nn.Normalization{XMin: s.XMin, XMax: s.XMax, Fields: s.fields()}}
	if s.Origin != nil {
		p.Origin = *s.Origin
	}
	if k := p.Origin.Keep; k != nil {
		p.Keep = *k
	}
	if p.Keep.What == KeepSummary {
		p.Posterior = *s.Normalized()
	} else if err := p.readDraws(path); err != nil {
		return nil, err
	}
	if p.Explained, err = ReadExplained(path); err != nil {
		return nil, err
	}
	if p.Certificate, err = ReadCertificate(path); err != nil {
		return nil, err
	}
	if p.Bands, err = ReadBands(path, p.shape()...); err != nil {
		return nil, err
	}
	if p.Certificate != nil {
		err = p.readCertified(path, s)
	}
	return p, err
}

// readDraws reads the draws of a result, and computes their moments.
//
// One draw has no standard deviation, so that two are needed.
func (p *Posterior) readDraws(path string) error {
	a, err := format.ReadArrayFile(path + ":samples")
	if err != nil {
		return err
	}
	if err := errors.Join(a.CheckShape(p.shape(-1)...), a.CheckFinite()); err != nil {
		return cli.Data(fmt.Errorf("%s: samples: %w", path, err))
	}
	if a.Shape[0] < 2 {
		return &format.Error{Path: path, Entry: "samples", Offset: -1,
			What: "it must have at least two draws"}
	}
	p.Samples = a.Float64()
	p.Posterior = *bench.FromDraws(p.Samples, a.Shape[0], p.size(), 1)
	return nil
}
